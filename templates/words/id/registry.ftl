# Kata-kata kantor pusat: halaman petugas, status untuk pemohon, surat elektronik.

staff-nav-decisions = Ajudikasi
staff-nav-bookings = Permohonan
staff-nav-payments = Pembayaran
staff-nav-offices = Kantor

staff-login-title = Masuk ke kantor pusat
staff-login-name = Nama pengguna
staff-login-password = Kata sandi
staff-login-submit = Masuk
staff-login-wrong = Nama pengguna atau kata sandi salah, atau akun sedang dikunci.
staff-login-wrong-next = Periksa kembali. Setelah lima kali salah, akun dikunci sebentar.

staff-decisions-title = Menunggu ajudikasi
staff-decisions-none = Tidak ada permohonan yang menunggu keputusan.
staff-decisions-number = Nomor permohonan
staff-decisions-name = Nama
staff-decisions-office = Kantor
staff-decisions-service = Permohonan
staff-decisions-slot = Jadwal
staff-decisions-status = Status

staff-application-applicant = Pemohon
staff-application-born = Lahir
staff-application-nik = NIK
staff-application-sex = Jenis kelamin
staff-application-civil = Status sipil
staff-application-portrait = Foto wajah
staff-application-capture = Foto, sidik jari, dan tanda tangan
staff-application-fingers = Sidik jari
staff-application-signature = Tanda tangan
staff-application-not-here = Gambar belum sampai dari kantor.
staff-application-none = Belum ada.
staff-application-unsigned = Tidak dapat menandatangani
# $quality (Number) - NFIQ 2 score
staff-application-quality = mutu { $quality }
# $round (Number) - which capture
staff-application-round = Perekaman biometrik ke-{ $round }
staff-application-interview = Wawancara
staff-application-passed = Lulus
# $day (String) - last day
staff-application-held = Ditunda sampai { $day }
staff-application-refused-at-counter = Ditolak di loket
staff-application-documents = Dokumen
staff-application-payment = Pembayaran
staff-application-proof = Bukti bayar bertanda tangan
staff-application-proof-hint = Kode QR ini dapat diperiksa kantor tanpa jaringan.
staff-application-history = Riwayat
staff-application-decide = Keputusan
staff-application-approve = Setujui
staff-application-refuse = Tolak
staff-application-note = Catatan (boleh kosong)
staff-application-reason = Alasan penolakan, akan dibaca pemohon
staff-application-decided-approved = Permohonan ini sudah disetujui.
# $reason (String) - why
staff-application-decided-refused = Permohonan ini sudah ditolak: { $reason }
staff-application-cannot-decide = Belum dapat diputuskan: perekaman biometrik, wawancara, dan pembayaran harus lengkap.

staff-bookings-title = Permohonan
staff-bookings-office = Kantor
staff-bookings-day = Tanggal
staff-bookings-search = Tampilkan
staff-bookings-find = Nomor permohonan atau NIK
staff-bookings-none = Tidak ada permohonan.
staff-bookings-not-found = Tidak ditemukan.
# $count (Number) - how many
staff-bookings-count = { $count } permohonan

staff-payments-title = Pembayaran
staff-payments-list = Perlu diselesaikan
staff-payments-list-none = Tidak ada pembayaran yang perlu diselesaikan.
staff-payments-latest = Terbaru
staff-payments-none = Belum ada pembayaran.
staff-payments-ntpn = NTPN
staff-payments-code = Kode billing
staff-payments-amount = Jumlah
staff-payments-received = Diterima
staff-payments-state = Keadaan
staff-payments-act = Tindakan
staff-payments-settle = Tandai selesai
staff-payments-settle-reason = Cara penyelesaian
staff-payments-refund = Kembalikan
staff-payments-reason = Alasan pengembalian
staff-payments-open = Buka permohonan
staff-payment-settled = Diselesaikan oleh { $by }: { $reason }
staff-payment-given-back = Dikembalikan oleh { $by }: { $reason }
staff-payment-counted = Tercatat
staff-payment-reinstated = Terlambat, jadwal tetap berlaku
staff-payment-late-no-room = Terlambat, jadwal penuh: perlu tanggal baru atau pengembalian
staff-payment-again = Dibayar dua kali
staff-payment-after-cancel = Dibayar setelah dibatalkan
staff-payment-ntpn-reused = NTPN sudah dipakai untuk tagihan lain
staff-payment-amount-differs = Jumlah tidak sesuai tagihan
staff-payment-unknown-bill = Kode billing tidak dikenal

staff-offices-title = Kantor
staff-offices-name = Nama
staff-offices-code = Kode
staff-offices-zone = Zona waktu
staff-offices-contact = Kontak terakhir
staff-offices-never = Belum pernah
staff-offices-software = Perangkat lunak
staff-offices-state = Keadaan
staff-offices-enrolled = Terdaftar
staff-offices-not-enrolled = Belum terdaftar
# $seconds (Number) - how far
staff-offices-clock-ahead = Jamnya berbeda { $seconds } detik
staff-offices-open-code = Buat kode pendaftaran
staff-offices-code-title = Kode pendaftaran
staff-offices-code-once = Kode ini hanya ditampilkan sekali. Ketik di kantor itu; berlaku sampai
staff-offices-code-command = Di komputer kantor:
staff-offices-code-open = Kode terbuka sampai
staff-offices-add = Tambah kantor
staff-offices-add-submit = Tambah
staff-offices-add-wrong = Kode hanya huruf kecil, angka, dan tanda hubung; nama tidak boleh kosong.
staff-offices-add-wrong-next = Perbaiki isian lalu kirim lagi.
staff-offices-none = Belum ada kantor.

applicant-title = Status permohonan paspor
applicant-number = Nomor permohonan (16 digit)
applicant-born = Tanggal lahir
applicant-show = Lihat status
applicant-not-found = Tidak ada permohonan dengan nomor dan tanggal lahir itu.
applicant-not-found-next = Periksa kembali kedua isian.
applicant-status = Status
applicant-office = Kantor
applicant-slot = Jadwal
applicant-pay-until = Bayar sebelum
applicant-code = Kode billing
applicant-staff = Masuk petugas

mail-greeting = Yth. Pemohon Paspor,
mail-number = Nomor permohonan
mail-ready-subject = Paspor Anda siap diambil
# $office (String) - where
# $days (Number) - how long a book is kept
mail-ready-text = Paspor Anda sudah siap diambil di { $office }. Bawa bukti pembayaran dan kartu identitas. Paspor yang tidak diambil dalam { $days } hari dapat dibatalkan.
mail-approved-subject = Permohonan paspor Anda disetujui
# $office (String) - where
mail-approved-text = Permohonan Anda disetujui. { $office } akan mencetak paspor Anda; kami memberi tahu bila sudah siap diambil.
mail-refused-subject = Permohonan paspor Anda ditolak
# $reason (String) - why
mail-refused-text = Permohonan Anda ditolak dengan alasan: { $reason }
mail-closing = Pesan ini dikirim otomatis; mohon tidak dibalas.

staff-application-move = Pindahkan jadwal
staff-application-move-to = Jadwal baru
staff-application-move-reason = Alasan
staff-application-move-submit = Pindahkan
staff-application-move-none = Tidak ada jadwal yang masih kosong.
staff-application-cancel = Batalkan permohonan
staff-no-room = Jadwal itu sudah penuh.
staff-no-room-next = Pilih jadwal lain.
staff-done-decided = Keputusan tercatat dan akan sampai di kantor.
staff-done-moved = Jadwal dipindahkan.
staff-done-cancelled = Permohonan dibatalkan.
staff-done-settled = Pembayaran ditandai selesai.
staff-done-refunded = Pengembalian tercatat.

staff-nav-conflicts = Perselisihan data
staff-nav-officers = Petugas

# $count (Number) - how many
# $oldest (String) - since when the oldest waits
staff-decisions-waiting = { $count } permohonan, yang tertua sejak { $oldest }

# $count (Number) - payments
staff-conflicts-payments = { $count } pembayaran perlu diselesaikan.
staff-conflicts-payments-open = Buka daftar pembayaran
staff-conflicts-settle = Putuskan

staff-choose-title = Kunjungan mana yang berlaku?
staff-choose-lead = Pemohon dilayani di dua kantor. Pilih kunjungan yang berlaku; yang lain ditangguhkan.
staff-choose-offices = Kunjungan yang berlaku
staff-choose-holds = berlaku sementara
staff-choose-booked = kantor tujuan permohonan
# $when (String) - when
staff-choose-arrived = hadir { $when }
# $when (String) - when
staff-choose-captured = foto dan sidik jari lengkap { $when }
# $when (String) - when
staff-choose-interviewed = diwawancarai { $when }
staff-choose-book = buku paspor sudah dialokasikan
staff-choose-reason = Alasan
staff-choose-submit = Tetapkan
staff-choose-missing = Pilih salah satu kunjungan
staff-done-chosen = Kunjungan yang berlaku sudah ditetapkan.

staff-officers-you = Anda
staff-officers-taken = Nama pengguna itu sudah dipakai
staff-officers-oneself = Anda tidak dapat menonaktifkan diri sendiri
staff-officers-changes = Perubahan terakhir
