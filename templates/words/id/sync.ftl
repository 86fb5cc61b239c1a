# Jalur ke pusat.

sync-title = Sinkronisasi
sync-lead = Catatan kantor dikirim ke pusat dengan sendirinya begitu jalur tersambung. Pelayanan tidak menunggu jalur ini.
sync-unsent = Menunggu dikirim
sync-oldest = Catatan tertua
sync-sent = Terkirim sejak program dijalankan
sync-received = Diterima sejak program dijalankan
sync-pictures-unsent = Gambar belum terkirim
sync-pictures-wanted = Gambar belum diterima
sync-last-ok = Terakhir berhasil
sync-never = belum pernah
sync-last-error = Gangguan terakhir
# $at (String) - a time
sync-error-at = pada { $at }
sync-error-unreachable = Pusat tidak dapat dihubungi. Periksa kabel atau koneksi internet kantor.
sync-error-timed-out = Pusat mulai menjawab lalu berhenti. Biasanya jaringan sedang lambat; dicoba lagi dengan sendirinya.
sync-error-certificate-expired = Sertifikat pusat sudah berakhir menurut jam komputer ini, jadi tidak ada yang dikirim. Periksa dulu tanggal dan jam server kantor; bila sudah benar, beri tahu pusat agar sertifikatnya diperbarui.
sync-error-certificate-clock = Sertifikat pusat baru berlaku setelah waktu yang ditunjukkan jam komputer ini. Hampir selalu jam server kantor tertinggal: setel tanggal dan jamnya.
sync-error-certificate-unknown = Yang menjawab memakai sertifikat yang tidak dikenal. Mungkin pusat mengganti sertifikatnya, mungkin ada yang menyamar. Jangan lanjutkan sebelum administrator memastikannya ke pusat, lalu pasang sertifikat yang baru (registry certificate di loket.toml).
sync-error-certificate-name = Yang menjawab memakai sertifikat untuk nama lain. Periksa alamat pusat di loket.toml, dan tanyakan ke pusat bila alamatnya benar.
sync-error-certificate-unusable = Sertifikat pusat tidak dapat dipakai: dicabut, rusak, atau dibuat dengan cara yang tidak diterima. Beri tahu pusat.
sync-error-not-ours = Yang menjawab bukan pusat, mungkin halaman masuk Wi-Fi. Buka peramban dan periksa koneksinya.
sync-error-refused = Pusat menolak kantor ini. Hubungi pusat: kunci kantor mungkin sudah dicabut.
sync-error-troubled = Pusat menjawab, tetapi sedang tidak dapat menyimpan atau membaca: mungkin diskanya penuh atau rusak. Catatan aman di sini dan terkirim sendiri begitu pusat pulih; beri tahu petugas TIK pusat.
sync-error-key-taken-back = Kunci komputer ini sudah dicabut pusat. Pelayanan berjalan terus; hubungi pusat untuk kode pendaftaran baru.
sync-error-bad-answer = Jawaban pusat tidak dapat dipahami. Hubungi petugas TIK.
sync-error-storage = Kiriman pusat tidak dapat disimpan di sini. Hubungi petugas TIK.
sync-now = Sinkronkan sekarang
sync-pause = Jeda pengiriman
sync-resume = Lanjutkan pengiriman
sync-paused-note = Pengiriman sedang dijeda oleh petugas. Catatan tetap aman di komputer ini.
sync-alarms = Perlu diperiksa petugas TIK
# $here (Number) - records here
# $there (Number) - records at headquarters
sync-alarm-two-histories = Catatan yang sama berbeda isinya: { $here } di sini, { $there } di pusat. Mungkin salinan kantor ini dijalankan di komputer lain; hentikan salinan itu.
# $span (String) - how far, in words
sync-alarm-clock-behind = Jam server ini { $span } di belakang jam pusat. Setel tanggal dan jamnya: jadwal hari ini, nomor antrean, dan waktu pada catatan mengikuti jam ini.
# $span (String) - how far, in words
sync-alarm-clock-ahead = Jam server ini { $span } di depan jam pusat. Setel tanggal dan jamnya: jadwal hari ini, nomor antrean, dan waktu pada catatan mengikuti jam ini.
sync-alarm-stuck = Catatan di sini dan di pusat berbeda, tetapi tidak ada yang bergerak.
sync-alarm-registry-replaced = Penyimpanan pusat diganti dengan yang lain. Tanyakan kepada pusat apakah ini benar.
sync-alarm-registry-went-back = Pusat memiliki catatan lebih sedikit daripada sebelumnya: mungkin dipulihkan dari cadangan lama. Kantor ini menyerahkan kembali semua yang dipegangnya; tidak perlu tindakan di sini.
sync-alarm-two-registries = Dua komputer menjawab atas nama pusat secara bergantian. Hubungi pusat sekarang: hanya satu yang boleh berjalan. Pelayanan di sini berjalan terus.
sync-alarm-key-unusable = Kunci dari pusat untuk satu permohonan tidak dapat dipakai.
sync-alarm-records-refused = Sebagian catatan dari pusat tidak dapat diterima.
sync-alarm-record-unreadable = Satu catatan tidak dapat dibaca. Yang lain tetap berjalan tanpa catatan itu.
sync-alarm-bodies-missing = Isi sebagian catatan hilang, padahal pusat tidak menyatakan ada data yang dihapus. Jalankan loket check dan beri tahu pusat.
sync-alarm-picture-gone = Satu gambar yang ditunggu pusat hilang di sini. Pulihkan dari cadangan atau ambil ulang.
sync-alarm-picture-damaged = Satu gambar yang ditunggu pusat rusak di sini. Pulihkan dari cadangan atau ambil ulang.
sync-alarm-journal-torn = Mesin mati mendadak saat catatan sedang ditulis. Bagian yang baru setengah tertulis dipisahkan. Tidak ada yang sudah dikonfirmasi tersimpan yang hilang, kecuali diska rusak: periksa isian terakhir.
sync-alarm-journal-damaged = Sebagian catatan kantor ini rusak atau hilang. Pulihkan dari cadangan atau tunggu kiriman dari pusat.
sync-alarm-records-missing = Catatan yang sudah tersimpan tidak ada lagi di komputer ini. Bila pusat memilikinya, catatan itu kembali sendiri. Jangan mengisi ulang sebelum itu; periksa bersama petugas TIK.
sync-alarm-records-lost = Catatan yang sudah tersimpan hilang dari komputer ini dan pusat juga tidak memilikinya. Cari cadangannya. Isinya harus dimasukkan lagi dari berkas kertas.
sync-alarm-tables-redrawn = Tabel kantor ini rusak dan telah disusun ulang dari catatannya. Tidak ada yang hilang; semua orang harus masuk lagi. Periksakan diska komputer ini.
sync-alarm-tables-full = Diska penuh. Tidak ada yang dapat disimpan atau diterima sampai ada ruang; setelah itu berjalan lagi dengan sendirinya.
# $here (Number) - how many there are
# $most (Number) - how many there may be
sync-alarm-sessions-crowded = Program di kantor ini dan di pusat sudah { $here } kali dijalankan ulang. Pada { $most } kali, pertukaran dengan pusat berhenti; pelayanan di sini tetap berjalan. Cari apa yang menjalankan ulang program terus-menerus dan hentikan, lalu minta versi program yang lebih baru kepada pusat.
# $here (Number) - how many there are
# $most (Number) - how many there may be
sync-alarm-refused-crowded = { $here } bagian catatan tidak diterima, di sini atau di pusat. Di atas { $most }, sisanya tidak lagi dapat diberitahukan. Buka Perselisihan data, lalu hubungi pusat agar bagian itu diputuskan sekarang.
sync-asked = Permintaan diteruskan. Halaman ini berubah sendiri begitu ada hasilnya.
sync-backup = Cadangan terakhir
# $when (String) - when
# $size (String) - its size
sync-backup-made = { $when } ({ $size })
sync-backup-never = belum pernah
sync-backup-due = Sudah waktunya membuat cadangan. Minta petugas TIK menjalankan “loket backup”; pelayanan tetap berjalan.
sync-no-line = Kantor ini belum terdaftar di pusat
sync-no-line-next = Minta kode pendaftaran dari pusat, lalu jalankan “loket enroll” di komputer server.
