# Riwayat permohonan: satu kalimat untuk setiap hal yang terjadi.

# $when (String) - an appointment
history-booked = Mendaftar untuk { $when }
# $when (String) - an appointment
history-rescheduled = Jadwal dipindah ke { $when }
# $when (String) - an appointment
history-reinstated = Dibayar terlambat; jadwal { $when } berlaku lagi
history-booking-cancelled = Permohonan dibatalkan
# $amount (String) - money
# $code (String) - a billing code
history-billed = Tagihan { $amount }, kode billing { $code }
# $amount (String) - money
# $ntpn (String) - NTPN
history-paid = Dibayar { $amount }, NTPN { $ntpn }
history-bill-expired = Tagihan kedaluwarsa
# $amount (String) - money
history-refunded = Dikembalikan { $amount }
history-approved = Disetujui pusat
history-refused = Ditolak pusat
# $about (String) - what about
history-told = Pemohon diberi tahu: { $about }
history-told-ready = paspor siap diambil
history-told-approved = permohonan disetujui
history-told-refused = permohonan ditolak
# $office (String) - an office
history-visit-chosen = Pusat menetapkan kunjungan di { $office } yang berlaku
# $proposer (String) - somebody's name
history-erased-retention = Data pemohon dihapus karena masa simpannya habis; diusulkan oleh { $proposer }
# $proposer (String) - somebody's name
history-erased-request = Data pemohon dihapus atas permintaannya; diusulkan oleh { $proposer }
# $punctuality (String) - early, on time, late
history-arrived = Datang, { $punctuality }
# $ntpn (String) - NTPN
history-admitted-ntpn = Diterima dengan bukti NTPN { $ntpn }
# $ntpn (String) - NTPN
history-admitted-proof = Diterima dengan bukti bertanda tangan, NTPN { $ntpn }
history-documents-agree = Dokumen diperiksa, semua sesuai
# $documents (String) - papers with remarks
history-documents-differ = Dokumen diperiksa: { $documents }
history-arrival-withdrawn = Kedatangan ditarik kembali
history-viewed = Dibuka
history-visit-yielded = Kunjungan di kantor ini dilepas
# $ticket (String) - a ticket number
# $stage (String) - what for
history-ticket-issued = Nomor antrean { $ticket } untuk { $stage }
# $ticket (String) - a ticket number
# $counter (Number) - a counter
history-ticket-called = { $ticket } dipanggil ke loket { $counter }
# $ticket (String) - a ticket number
history-ticket-recalled = { $ticket } dipanggil ulang
# $ticket (String) - a ticket number
history-ticket-started = { $ticket } mulai dilayani
# $ticket (String) - a ticket number
history-ticket-absent = { $ticket } tidak hadir saat dipanggil
# $ticket (String) - a ticket number
history-ticket-returned = { $ticket } kembali ke antrean
# $ticket (String) - a ticket number
# $class (String) - a class
history-ticket-transferred = { $ticket } dialihkan ke kelas { $class }
# $ticket (String) - a ticket number
history-ticket-finished = { $ticket } selesai
# $ticket (String) - a ticket number
history-ticket-held = { $ticket } ditahan
# $ticket (String) - a ticket number
# $at (String) - a time
history-ticket-held-until = { $ticket } ditahan sampai pukul { $at }
# $ticket (String) - a ticket number
# $act (String) - what was done
history-ticket-undone = { $ticket }: { $act } dibatalkan
history-portrait = Foto wajah diambil
# $finger (String) - a finger
# $quality (Number) - NFIQ 2
history-finger-taken = Sidik jari { $finger }, mutu { $quality }
# $finger (String) - a finger
# $reason (String) - why not
history-finger-excepted = Sidik jari { $finger } tidak diambil: { $reason }
history-signature = Tanda tangan diambil
history-signature-excepted = Tanpa tanda tangan
# $round (Number) - capture round
history-capture-completed = Perekaman biometrik ke-{ $round } lengkap
history-capture-reopened = Perekaman biometrik dibuka kembali
history-interview-passed = Wawancara lulus
# $until (String) - a date
# $documents (String) - papers
history-interview-held = Ditunda sampai { $until }, menunggu { $documents }
# $ground (String) - why
history-interview-refused = Ditolak saat wawancara: { $ground }
# $book (String) - a book number
history-book-allocated = Alokasi buku { $book }
# $book (String) - a book number
history-book-printed = Buku { $book } dicetak
# $book (String) - a book number
history-book-passed = Buku { $book } lulus uji kualitas
# $book (String) - a book number
# $defect (String) - what is wrong
history-book-defective = Buku { $book } tidak lulus: { $defect }
# $book (String) - a book number
history-book-ready = Paspor { $book } siap diambil
# $book (String) - a book number
history-handed-applicant = Paspor { $book } diserahkan kepada pemohon
# $book (String) - a book number
# $name (String) - who
history-handed-family = Paspor { $book } diserahkan kepada keluarga: { $name }
# $book (String) - a book number
# $name (String) - who
history-handed-proxy = Paspor { $book } diserahkan kepada kuasa: { $name }
# $book (String) - a book number
history-book-cancelled = Buku { $book } dibatalkan
# $stage (String) - a stage of SPRI
history-stage-imported = Laporan SPRI: { $stage }
# $count (Number) - how many
# $kind (String) - a kind of book
# $first (String) - a book number
# $last (String) - a book number
history-stock-received = Terima { $count } blangko { $kind }, { $first }–{ $last }
# $counted (Number) - how many
# $expected (Number) - how many
# $kind (String) - a kind of book
history-stock-counted = Hitung blangko { $kind }: { $counted }, menurut catatan { $expected }
# $name (String) - a name
# $login (String) - a login
# $roles (String) - what they may do
history-officer-set = Petugas { $name } ({ $login }) diatur: { $roles }
# $login (String) - a login
history-officer-disabled = Petugas { $login } dinonaktifkan
# $counter (Number) - a counter
# $classes (String) - letters of queue classes
history-counter-opened = Loket { $counter } dibuka untuk kelas { $classes }
# $counter (Number) - a counter
history-counter-closed = Loket { $counter } ditutup
# $counter (Number) - a counter
history-counter-paused = Loket { $counter } jeda
# $setting (String) - a setting
# $day (String) - its first day
history-setting-set = Pengaturan “{ $setting }” diubah, berlaku mulai { $day }
# $name (String) - a device
# $kind (String) - what it is for
history-device-set = Perangkat “{ $name }” diberi kunci: { $kind }
# $name (String) - a device
history-device-revoked = Kunci perangkat “{ $name }” dicabut
# $records (Number) - records in it
# $pictures (Number) - pictures in it
# $size (String) - its size
history-backup-made = Cadangan dibuat dan diperiksa: { $records } catatan, { $pictures } gambar, { $size }
# $made (String) - when the backup was made
history-node-restored = Server ini dipulihkan dari cadangan { $made }
# $made (String) - when the backup was made
history-node-recovered = Server ini dipulihkan dari cadangan { $made } dengan kunci pemulihan pusat
history-node-granted = Komputer kantor didaftarkan
history-node-revoked = Kunci komputer kantor dicabut
history-records-accepted = Catatan yang disisihkan diterima
history-records-left-aside = Catatan tetap disisihkan
# $now (String) - a protection
# $before (String) - a protection
history-key-protected = Kunci server kini dilindungi dengan: { $now }. Sebelumnya: { $before }
# $now (String) - a protection
# $before (String) - a protection
history-key-weakened = PERLINDUNGAN KUNCI DITURUNKAN dengan sengaja menjadi: { $now }. Sebelumnya: { $before }
# $day (String) - the business day
# $from (Number) - the first number that may be given out
history-tickets-skipped = Nomor antrean { $day } dilanjutkan dari { $from }
# $board (String) - a board of the hall
history-board-set = Layar { $board } diatur
# $board (String) - a board of the hall
history-board-removed = Layar { $board } dihapus
history-notice-shown = Pengumuman ditayangkan di layar
history-notice-taken-down = Pengumuman di layar diturunkan
history-damage-journals = Catatan yang rusak disisihkan
history-damage-keys = Kunci yang rusak disisihkan
history-damage-tables = Tabel yang rusak disusun ulang
history-damage-pictures = Gambar yang rusak disisihkan
history-damage-other = Kerusakan di folder komputer ini dibetulkan
history-second-look-agreed = Supervisor menyetujui hasil wawancara
history-second-look-sent-back = Supervisor mengembalikan wawancara
# $order (String) - the order, as it is cited
history-prevention-hit = Ada di daftar pencegahan: { $order }
history-prevention-cleared = Tidak lagi di daftar pencegahan
# $first (String) - a number
# $count (Number) - how many
history-numbers-reserved = Pusat menyediakan { $count } nomor permohonan mulai { $first }
# $number (String) - an application number
# $channel (String) - a channel
history-registered-here = Didaftarkan di kantor tanpa janji temu, jalur { $channel }, nomor { $number }
