# Halaman satu permohonan.

application-next = Langkah berikutnya
application-appointment = Jadwal
application-channel = Jalur
application-ticket = Nomor antrean
application-print = Cetak nomor
# $ticket (String) - a ticket number
application-print-number = Cetak nomor { $ticket }
application-to-queue = Selesaikan di Antrean
application-documents-again = Ubah pemeriksaan dokumen
application-find = Pemohon berikutnya
application-person = Pemohon
application-guardians = Pendamping
application-journey = Perjalanan
application-contact = Kontak
application-money = Pembayaran
application-nik = NIK
application-born = Lahir
application-age = Usia
# $years (Number) - age
application-years = { $years } tahun
application-sex = Jenis kelamin
application-civil = Status sipil
application-occupation = Pekerjaan
application-address = Alamat
application-purpose = Tujuan
application-destination = Negara tujuan
application-old-passport = Paspor lama
application-email = E-mail
application-phone = Telepon
application-amount = Jumlah
application-code = Kode billing
application-due = Berlaku sampai
application-ntpn = NTPN
application-paid-at = Dibayar
application-arrive = Catat kedatangan
application-arrive-hint = Sudah terbayar. Cocokkan wajah dengan e-KTP, lalu catat.
application-note = Catatan
application-other-day-reason = Alasan dilayani hari ini
application-other-day-act = Catat kedatangan di luar jadwal
application-admit = Terima dengan bukti bayar
application-admit-hint = Untuk pemohon yang sudah membayar tetapi belum tercatat. Dilayani sementara sampai pusat mengonfirmasi.
application-admit-evidence = NTPN pada struk bank (BPN), atau pindai QR bukti pembayaran
application-admit-evidence-hint = NTPN: 16 huruf dan angka
application-admit-act = Terima pemohon
application-documents = Periksa dokumen asli
application-documents-hint = Bandingkan aslinya dengan unggahan.
application-documents-note = Catatan
application-documents-required = wajib
application-documents-extra = tambahan
application-documents-open = Lihat
application-documents-all = Semua sesuai, beri nomor antrean
application-documents-some = Simpan pemeriksaan
application-documents-ticket = beri nomor antrean bila lengkap
application-issue = Beri nomor antrean
application-issue-collection = Beri nomor antrean pengambilan
application-capture = Perekaman biometrik
application-interview = Wawancara
application-book = Buku paspor
application-withdraw = Tarik kembali kedatangan
application-withdraw-hint = Hanya bila tercatat karena keliru.
application-withdraw-reason = Alasan
application-waits-decision = Menunggu keputusan pusat (ajudikasi). Tidak ada yang perlu dikerjakan di sini.
application-waits-done = Paspor sudah diserahkan. Permohonan selesai.
application-waits-closed = Permohonan ini sudah ditutup.
application-waits-call = Menunggu dipanggil dari halaman Antrean.
application-waits-others = Tidak ada langkah untuk peran Anda saat ini.
application-history = Riwayat
application-history-has = di pusat
application-history-has-not = belum terkirim
# $count (Number) - how often
application-history-views = Dibuka petugas ({ $count } kali)
application-done-arrived = Kedatangan tercatat.
application-done-documents = Pemeriksaan dokumen tersimpan.
# $ticket (String) - a ticket number
application-done-ticket = Nomor antrean { $ticket }. Cetak dan berikan kepada pemohon.
# $ticket (String) - a ticket number
application-done-ticket-printing = Nomor antrean { $ticket }. Tiketnya dicetak di printer tiket.
# $ticket (String) - a ticket number
application-done-ticket-number = Nomor antrean { $ticket }.
application-done-withdrawn = Kedatangan ditarik kembali.
application-done-yielded = Kunjungan di kantor ini dilepas; kantor lain yang melanjutkan.
application-yield = Lepas kunjungan di kantor ini
application-yield-hint = Bila kantor lain yang melanjutkan. Yang sudah dicatat di sini tetap tersimpan.
application-yield-reason = Alasan
application-not-checked = Dokumen wajib belum semua diperiksa
application-not-checked-next = Tandai setiap dokumen wajib: sesuai, berbeda, atau tidak dibawa.
application-flags = Perhatikan
application-arrive-only = Catat kedatangan saja, tanpa nomor antrean
application-receive = Terima dan beri nomor antrean
application-receive-scan = Enter untuk memberi nomor. Pindai surat lain untuk membuka pemohon lain.
application-receive-papers = Dokumen asli yang dibawa
application-receive-papers-hint = Hapus centang yang tidak dibawa; nomor antrean baru diberikan bila yang wajib lengkap.
application-documents-scan = Enter bila semua sesuai. Pindai surat lain untuk membuka pemohon lain.
application-done-incomplete = Kedatangan tercatat, tetapi dokumen belum lengkap: belum ada nomor antrean.
# $interval (String) - an interval
application-early = Datang lebih awal dari jadwal { $interval }. Boleh diterima; dipanggil setelah yang jadwalnya sudah tiba.
# $interval (String) - an interval
application-late = Datang lewat dari jadwal { $interval }. Boleh diterima; dipanggil menurut urutan nomornya.
# $until (String) - a date
# $documents (String) - a list of papers
application-held = Ditunda sampai { $until }, menunggu: { $documents }. Bila sudah dibawa, periksa lalu beri nomor antrean.
application-waits-review = Menunggu supervisor memeriksa hasil wawancara.
application-review = Periksa hasil wawancara
application-done-registered = Pemohon terdaftar dan sudah tercatat hadir. Periksa dokumennya.
application-bill-awaited = Kode billing belum datang dari pusat. Pelayanan jalan terus; keputusan menunggu pembayaran.
