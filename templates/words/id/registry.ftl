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
# $by (String) - how far, in words
staff-offices-clock-differs = Jamnya berbeda { $by }
staff-offices-open-code = Buat kode pendaftaran
staff-offices-code-title = Kode pendaftaran
staff-offices-code-once = Kode ini hanya ditampilkan sekali. Ketik di kantor itu; berlaku sampai
staff-offices-code-command = Di komputer kantor, dengan folder dan alamat pusat yang sebenarnya:
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

## Penghapusan data pribadi
staff-nav-erasures = Penghapusan data
staff-erasures-title = Penghapusan data pribadi
staff-erasures-lead = Data pemohon dihapus setelah masa simpannya habis atau atas permintaannya (UU 27/2022 pasal 42–44): satu orang mengusulkan, orang lain menghapus. Yang tersisa hanya nomor, uang, dan hitungan.
# $at (String) - since when that backup exists, in words
staff-erasures-backups = Cadangan dan bundel yang dibuat sebelum penghapusan masih memuat data orang itu. Cadangan terakhir server pusat: { $at }. Cadangan terakhir kantor ada di halaman Sinkronisasi kantor itu. Setelah menghapus, buat cadangan baru, dan musnahkan semua yang lama paling lambat 35 hari kemudian.
staff-erasures-backups-none = Cadangan dan bundel yang dibuat sebelum penghapusan masih memuat data orang itu. Server pusat ini belum mencatat cadangan. Cadangan terakhir kantor ada di halaman Sinkronisasi kantor itu. Setelah menghapus, musnahkan semua yang lama paling lambat 35 hari kemudian.
staff-erasures-proposed = Menunggu orang kedua
staff-erasures-proposed-none = Tidak ada usulan.
staff-erasures-choose = Pilih
staff-erasures-number = Nomor permohonan
staff-erasures-name = Nama
staff-erasures-office = Kantor
staff-erasures-basis = Dasar hukum
staff-erasures-basis-hint = Misalnya nomor surat pemohon.
staff-erasures-basis-retention = Jadwal retensi arsip
staff-erasures-by = Diusulkan oleh
staff-erasures-own = Usulan Anda: orang lain yang menghapus
staff-erasures-why-retention = Masa simpan habis
staff-erasures-why-request = Permintaan pemohon
staff-erasures-sure = Saya sudah memeriksa: data yang dihapus tidak bisa dikembalikan
staff-erasures-not-sure = Centang dahulu bahwa Anda sudah memeriksa
staff-erasures-not-sure-next = Data yang dihapus tidak bisa dikembalikan, di sini maupun di kantor.
staff-erasures-erase = Hapus untuk selamanya
staff-erasures-withdraw = Batalkan usulan
staff-erasures-due = Masa simpan habis
# $months (String) - a number of months in words
# $until (String) - a day
staff-erasures-due-lead = Masa simpan { $months } sejak permohonan selesai: yang selesai sampai { $until }.
staff-erasures-due-none = Tidak ada yang masa simpannya habis.
staff-erasures-closed = Selesai
staff-erasures-propose = Usulkan penghapusan
staff-erasures-request = Permintaan pemohon
staff-erasures-request-lead = Pemohon meminta datanya dihapus.
staff-erasures-held = Ditahan karena hukum
staff-erasures-held-lead = Selama ditahan, data tidak bisa dihapus.
staff-erasures-hold-reason = Perintah atau perkara
staff-erasures-hold = Tahan
staff-erasures-lift = Lepas
staff-erasures-retention = Masa simpan
staff-erasures-retention-lead = Tanpa aturan lain berlaku 36 bulan (jadwal retensi arsip).
staff-erasures-from = Berlaku sejak
staff-erasures-months-label = Bulan sejak permohonan selesai
# $count (Number) - months
staff-erasures-months = { $count } bulan
staff-erasures-set = Tetapkan
staff-erasures-wrong-rule = Aturan masa simpan tidak bisa dibaca
staff-erasures-wrong-rule-next = Isi tanggal mulai dan jumlah bulan antara 1 dan 1200.
staff-erasures-no-number = Belum ada permohonan yang dipilih, atau nomornya tidak dikenal
staff-erasures-no-number-next = Centang di daftar atau ketik nomor 16 angka.
# $count (Number) - applications
staff-erasures-done-proposed = { $count } permohonan diusulkan; orang lain yang menghapus.
# $count (Number) - applications
staff-erasures-done-erased = Data { $count } permohonan dihapus. Kantor menghapusnya pada kontak berikutnya.
staff-erasures-done-withdrawn = Usulan dibatalkan.
staff-erasures-done-held = Data ditahan.
staff-erasures-done-lifted = Penahanan dilepas.
staff-erasures-done-retention = Masa simpan ditetapkan.
staff-erased-title = Data pemohon sudah dihapus
staff-erased-left = Yang tersisa
staff-erased-ended = Keadaan terakhir
staff-erased-closed = Selesai
staff-erased-book = Buku
staff-officers-key = Perlindungan kunci server
staff-done-prevention = Catatan daftar pencegahan tersimpan dan akan sampai di kantor.
staff-prevention-title = Daftar pencegahan
staff-prevention-none = Pemohon tidak tercatat pada daftar pencegahan.
staff-prevention-hint = Kantor tidak dapat meluluskan, dan paspor tidak dapat diserahkan, selama catatan ini berlaku.
staff-prevention-report = Catat pada daftar pencegahan
staff-prevention-order = Nomor keputusan
staff-prevention-note = Keterangan untuk loket
staff-prevention-clear = Cabut catatan
staff-prevention-why = Alasan dicabut
