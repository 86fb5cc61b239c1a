# Mengapa suatu tindakan ditolak: apa masalahnya, lalu apa yang perlu dilakukan.

refused-unknown-application = Permohonan ini tidak dikenal di kantor ini
refused-unknown-application-next = Periksa nomornya. Bila benar, mungkin terdaftar di kantor lain atau belum diterima dari pusat.
refused-no-booking = Data permohonan belum diterima dari pusat
refused-no-booking-next = Tunggu sampai jalur ke pusat tersambung, lalu buka lagi.
refused-not-allowed = Peran Anda tidak boleh melakukan ini
refused-not-allowed-next = Minta petugas yang berwenang atau penyelia.
refused-no-room-on-disk = Diska server penuh sehingga ini tidak tersimpan
refused-no-room-on-disk-next = Tidak ada yang diubah dan isian Anda tetap ada. Hubungi petugas TIK untuk menyediakan ruang, lalu kirim lagi. Sementara itu semua data tetap dapat dibaca.
refused-storage-failed = Penyimpanan server rusak: tindakan ini TIDAK tersimpan
refused-storage-failed-next = Tidak ada yang diubah dan isian Anda tetap ada. Segera panggil petugas TIK. Data yang sudah tersimpan masih dapat dibaca. Sementara itu pakai formulir kertas, lalu masukkan setelah server pulih.
refused-storage-failed-meanwhile = Penyimpanan server rusak ketika tindakan ini disimpan: anggap TIDAK tersimpan
refused-storage-failed-meanwhile-next = Isian Anda tetap ada. Segera panggil petugas TIK. Data yang sudah tersimpan masih dapat dibaca. Sementara itu pakai formulir kertas; setelah server pulih, lihat dahulu apakah tindakan ini sudah tercatat, baru ulangi bila belum.
refused-stale-page = Permohonan ini baru saja diubah oleh petugas lain
refused-stale-page-next = Di bawah ini keadaan terbaru. Isian Anda tetap ada; periksa lagi lalu kirim bila masih perlu.
# $office (String) - an office
refused-other-office = Permohonan ini terdaftar di kantor { $office }
refused-other-office-next = Arahkan pemohon ke kantor itu, atau minta pusat memindahkan jadwalnya.
# $day (String) - a date
# $interval (String) - an interval
refused-other-day = Jadwalnya { $day } pukul { $interval }, bukan hari ini
refused-other-day-next = Minta pemohon datang sesuai jadwal. Bila tetap dilayani hari ini, isi alasannya.
# $interval (String) - an interval
# $from (String) - a time
refused-came-early = Jadwalnya pukul { $interval }; diterima mulai pukul { $from }
# $from (String) - a time
refused-came-early-next = Minta menunggu sampai pukul { $from }. Bila tetap dilayani sekarang, isi alasannya.
# $interval (String) - an interval
refused-came-late = Jadwalnya pukul { $interval } dan sudah lewat terlalu lama
refused-came-late-next = Isi alasannya bila tetap dilayani hari ini.
refused-walk-in-channel = Jalur ini tidak menerima pemohon tanpa janji temu
refused-walk-in-channel-next = Pilih jalur lain, atau minta pemohon mendaftar lewat M-Paspor.
refused-walk-in-today = Jalur ini tidak dibuka hari ini
refused-walk-in-today-next = Lihat harinya di samping, lalu pilih jalur lain atau minta datang pada harinya.
# $from (String) - a time
# $until (String) - a time
refused-walk-in-hours = Jalur ini hanya menerima pukul { $from } sampai { $until }
refused-walk-in-hours-next = Minta pemohon datang pada jamnya. Jam diatur di Pengaturan.
# $quota (Number) - how many
refused-walk-in-full = Kuota jalur ini hari ini sudah habis ({ $quota } pemohon)
refused-walk-in-full-next = Minta pemohon datang di hari lain. Kuota diatur di Pengaturan.
refused-walk-in-kind = Jalur ini tidak melayani jenis permohonan itu
refused-walk-in-kind-next = Pilih jalur BAP untuk paspor hilang atau rusak, atau jalur lain yang sesuai.
refused-walk-in-examination = Nomor BAP belum diisi
refused-walk-in-examination-next = Paspor hilang atau rusak diperiksa dahulu (BAP). Salin nomornya dari berita acara.
refused-walk-in-ground = Alasan prioritas belum dipilih atau tidak sesuai dengan usianya
# $from (Number) - an age
# $to (Number) - an age
refused-walk-in-ground-next = Lansia mulai { $from } tahun, balita sampai { $to } tahun. Pilih alasan lain bila ada.
refused-walk-in-guardian = Pemohon anak perlu orang tua atau wali
refused-walk-in-guardian-next = Isi nama dan NIK orang tua atau wali yang datang.
refused-walk-in-born = Tanggal lahirnya belum terjadi
refused-walk-in-born-next = Periksa tanggal lahir pada e-KTP atau akta.
refused-walk-in-line = Jalur ke pusat terputus, dan jalur ini perlu kode billing hari ini juga
refused-walk-in-line-next = Tunggu sampai jalur tersambung, atau daftarkan di jalur lain. Aturan ini ada di Pengaturan.
refused-walk-in-numbers = Nomor permohonan cadangan kantor ini habis
refused-walk-in-numbers-next = Nomor baru datang sendiri dari pusat begitu jalur tersambung. Sampai saat itu pendaftaran tanpa janji temu belum bisa.
refused-booking-cancelled = Permohonan ini sudah dibatalkan
refused-booking-cancelled-next = Pemohon perlu mendaftar lagi. Bila pembatalan keliru, hubungi pusat.
# $at (String) - a time
refused-already-arrived = Kedatangan sudah dicatat pukul { $at }
# $at (String) - a time
# $ticket (String) - a ticket number
refused-already-arrived-ticket = Kedatangan sudah dicatat pukul { $at }, nomor antrean { $ticket }
refused-already-arrived-next = Tidak perlu dicatat lagi. Cetak ulang nomor antrean bila hilang.
refused-not-arrived = Kedatangan pemohon belum dicatat
refused-not-arrived-next = Catat kedatangannya lebih dahulu.
refused-unpaid = Belum dibayar
# $due (String) - a time
refused-unpaid-due = Belum dibayar; kode billing berlaku sampai { $due }
refused-unpaid-next = Minta pemohon membayar, atau terima dengan bukti bayar: NTPN pada struk atau QR bukti pembayaran.
refused-payment-expired = Kode billing sudah kedaluwarsa sebelum dibayar
refused-payment-expired-next = Bila pemohon memegang bukti bayar, terima dengan bukti itu. Bila tidak, pemohon perlu mendaftar lagi.
refused-already-paid = Pembayaran sudah tercatat
refused-already-paid-next = Tidak perlu bukti; catat kedatangan seperti biasa.
refused-proof-invalid = Bukti bayar tidak sah atau milik permohonan lain
refused-proof-invalid-next = Pindai ulang QR-nya, atau ketik NTPN dari struk bank.
# $documents (String) - a list of papers
refused-documents-missing = Dokumen belum lengkap: { $documents }
refused-documents-missing-next = Minta pemohon melengkapinya, atau tunda permohonannya.
refused-documents-not-checked = Dokumen asli belum diperiksa
refused-documents-not-checked-next = Periksa dokumen asli lebih dahulu.
# $ticket (String) - a ticket number
refused-already-has-ticket = Sudah punya nomor antrean { $ticket }
refused-already-has-ticket-next = Gunakan nomor itu; cetak ulang bila hilang.
refused-no-such-ticket = Nomor antrean itu tidak ada hari ini
refused-no-such-ticket-next = Periksa huruf dan angkanya.
# $ticket (String) - a ticket number
# $state (String) - where it is
refused-ticket-is-elsewhere = Nomor { $ticket } { $state }
refused-ticket-is-elsewhere-next = Muat ulang halaman antrean untuk melihat keadaan terbaru.
refused-nobody-waiting = Tidak ada yang menunggu untuk loket ini
refused-nobody-waiting-next = Tunggu, atau buka loket dengan kelas antrean lain.
refused-counter-not-yours = Loket ini belum Anda buka
# $officer (String) - a name
refused-counter-held = Loket ini sedang dipakai { $officer }
refused-counter-not-yours-next = Buka loket lain, atau minta petugas itu menutupnya.
refused-no-such-counter = Itu bukan nomor loket
# $max (Number) - the highest number
refused-no-such-counter-next = Ketik angka dari 1 sampai { $max }.
# $ticket (String) - a ticket number
refused-counter-busy = Loket masih melayani nomor { $ticket }
refused-counter-busy-next = Selesaikan, alihkan, atau tandai tidak hadir lebih dahulu.
refused-counter-paused = Loket ini sedang jeda
refused-counter-paused-next = Lanjutkan loket dahulu, lalu panggil.
refused-no-priority-class = Tidak ada antrean prioritas untuk layanan ini
refused-no-priority-class-next = Panggil nomor itu langsung dari daftar.
refused-nothing-to-undo = Tidak ada tindakan yang dapat dibatalkan
refused-nothing-to-undo-next = Muat ulang halaman antrean untuk melihat keadaan terbaru.
# $minutes (Number) - how long an act can be undone
refused-undo-too-late = Tindakan itu sudah lebih dari { $minutes } menit yang lalu
refused-undo-too-late-next = Panggil, kembalikan, atau alihkan tiketnya sebagai gantinya.
refused-undo-not-yours = Tindakan itu dilakukan petugas lain di loket lain
refused-undo-not-yours-next = Minta petugas itu atau pengawas membatalkannya.
refused-portrait-missing = Foto wajah belum diambil
refused-portrait-missing-next = Ambil fotonya lebih dahulu.
# $fingers (String) - a list of fingers
refused-fingers-missing = Sidik jari belum lengkap: { $fingers }
refused-fingers-missing-next = Ambil sidik jarinya, atau catat alasan bila tidak bisa diambil.
refused-signature-missing = Tanda tangan belum diambil
refused-signature-missing-next = Ambil tanda tangan, atau catat alasan bila pemohon tidak bisa.
refused-capture-complete = Perekaman biometrik sudah dinyatakan lengkap
refused-capture-complete-next = Buka kembali perekaman dengan alasan bila ada yang perlu diulang.
refused-capture-incomplete = Perekaman biometrik belum lengkap
refused-capture-incomplete-next = Lengkapi foto, sidik jari, dan tanda tangan lebih dahulu.
refused-reason-needed = Alasan perlu diisi
refused-reason-needed-next = Tulis singkat saja.
# $from (String) - a date
# $until (String) - a date
refused-date-out-of-range = Tanggal harus antara { $from } dan { $until }
refused-date-out-of-range-next = Pilih tanggal lain.
refused-not-interviewed = Wawancara belum dinyatakan lulus
refused-not-interviewed-next = Selesaikan wawancara lebih dahulu.
refused-application-refused = Permohonan ini sudah ditolak
refused-application-refused-next = Tidak ada tindakan lanjutan. Pemohon dapat mendaftar lagi.
refused-not-approved = Pusat belum menyetujui permohonan ini
refused-not-approved-next = Tunggu keputusan pusat (ajudikasi).
refused-already-decided = Pusat sudah memutuskan perekaman biometrik ini
refused-already-decided-next = Lihat keputusannya di riwayat.
refused-four-eyes = Yang merekam tidak boleh menyetujui
refused-four-eyes-next = Minta petugas lain.
refused-payment-not-confirmed = Pembayaran belum terkonfirmasi dari pusat
refused-payment-not-confirmed-next = Tunggu konfirmasi, atau minta bendahara memeriksanya.
refused-book-not-at-this-step = Paspor tidak sedang pada tahap ini
refused-book-not-at-this-step-next = Muat ulang halaman untuk melihat tahapnya.
# $expected (String) - a book number
refused-other-book = Buku yang dipindai bukan { $expected }
refused-other-book-next = Ambil buku yang benar, lalu pindai lagi.
refused-book-taken = Nomor buku ini sudah dipakai permohonan lain
refused-book-taken-next = Periksa nomornya, atau ambil buku lain dan laporkan ke penyelia.
refused-already-handed-over = Paspor sudah diserahkan
refused-already-handed-over-next = Lihat penyerahannya di riwayat.
refused-book-was-cancelled = Buku untuk permohonan ini sudah dibatalkan
refused-book-was-cancelled-next = Teruskan dari halaman bukunya: alokasikan blangko baru bila memang dicetak ulang.
refused-birth-date-differs = Tanggal lahir di laporan berbeda dari yang didaftarkan
refused-birth-date-differs-next = Periksa apakah nomor permohonannya milik orang ini, lalu catat tahapnya di halaman bukunya.
refused-blank-not-in-stock = Blangko ini tidak tercatat diterima di kantor ini
refused-blank-not-in-stock-next = Periksa nomornya. Bila benar, catat dahulu penerimaannya di halaman Persediaan blangko.
# $kind (String) - a kind of book
refused-blank-of-other-kind = Blangko ini { $kind }, bukan jenis yang dimohon
refused-blank-of-other-kind-next = Ambil blangko jenis yang dimohon, lalu pindai lagi.
refused-blanks-already-received = Sebagian nomor ini sudah tercatat diterima
refused-blanks-already-received-next = Periksa kedua nomor; yang sudah dicatat ada di daftar penerimaan.
refused-collector-incomplete = Data pengambil belum lengkap
refused-collector-incomplete-next = Isi nama, nomor identitas, dan untuk kuasa juga surat kuasanya.
refused-conflict-open = Ada perselisihan data yang harus diselesaikan dahulu
refused-conflict-open-next = Minta penyelia melepas kunjungan di kantor ini, atau pusat memilih kantor yang melanjutkan.
refused-too-late = Sudah ada langkah lanjutan, jadi tidak bisa ditarik lagi
refused-too-late-next = Hubungi penyelia bila ada yang keliru.
refused-case-open = Permohonan belum selesai, jadi datanya belum boleh dihapus
refused-case-open-next = Tunggu sampai paspor diserahkan, permohonan dibatalkan atau ditolak, atau hari kedatangannya lewat.
refused-money-open = Masih ada pembayaran yang harus diurus
refused-money-open-next = Selesaikan atau kembalikan uangnya di halaman Pembayaran, lalu coba lagi.
refused-legal-hold = Data ini ditahan karena perintah hukum
refused-legal-hold-next = Lepas penahanannya di bawah bila sudah tidak berlaku.
refused-already-erased = Data pemohon ini sudah dihapus
refused-already-erased-next = Yang tersisa hanya nomor, uang, dan hitungan.

ticket-state-waiting = masih menunggu
# $counter (Number) - a counter
ticket-state-called = sedang dipanggil ke loket { $counter }
# $counter (Number) - a counter
ticket-state-serving = sedang dilayani di loket { $counter }
ticket-state-absent = tercatat tidak hadir
ticket-state-held = sedang ditahan
ticket-state-finished = sudah selesai
refused-nothing-to-review = Tidak ada wawancara yang menunggu supervisor
refused-nothing-to-review-next = Muat ulang halaman; hasilnya mungkin sudah diputuskan.
# $order (String) - the order, as it is cited
refused-on-prevention-list = Pemohon ada di daftar pencegahan ({ $order })
refused-on-prevention-list-next = Pilih Ditolak dengan alasan daftar pencegahan, atau tunda sampai pusat mencabut catatannya.
refused-not-on-prevention-list = Pemohon tidak ada di daftar pencegahan
refused-not-on-prevention-list-next = Muat ulang halaman; catatannya mungkin sudah dicabut.
