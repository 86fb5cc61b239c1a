# Komputer kantor, kuncinya, dan catatan yang tidak diterima.

node-title = Komputer kantor
node-lead = Satu kantor menulis dengan satu komputer. Bila komputer hilang, rusak, atau disalin, cabut kuncinya di sini lalu buat kode pendaftaran untuk komputer pengganti.
node-none = Belum ada komputer yang terdaftar.
node-machine = Komputer
node-granted = Terdaftar
node-state = Keadaan
node-active = Boleh menulis
node-software-unknown = belum diketahui
# $by (String) - who did it
node-by = oleh { $by }
# $why (String) - why the key was taken back
node-revoked = Kunci dicabut: { $why }
node-why-replaced = diganti komputer atau kunci lain
node-why-lost = hilang atau dicuri
node-why-copied = salinannya berjalan di tempat lain
node-why-other = alasan lain
node-revoke = Cabut kunci
node-revoke-lead = Catatan yang sudah ada di sini tetap berlaku. Yang ditulis sesudahnya disisihkan sampai pusat memutuskan. Halaman kantor tetap jalan tanpa jalur.
node-revoke-why = Sebab
node-revoke-reason = Keterangan
node-revoke-done = Kunci dicabut. Buat kode pendaftaran untuk komputer pengganti, lalu jalankan “loket enroll” di sana.
node-reason-wrong = Keterangan harus diisi, paling banyak 300 huruf.
node-reason-wrong-next = Isi keterangan lalu kirim lagi.
node-gone = Tidak ada lagi yang perlu diputuskan di sini; mungkin rekan lain sudah melakukannya.
node-gone-next = Lihat keadaan sekarang di bawah ini.
node-does-not-follow = Catatan ini tidak dapat disambungkan dengan yang sudah ada di sini.
node-does-not-follow-next = Biarkan disisihkan, dan minta kantor mencatat ulang yang belum ada.
node-twins-tag = Ada salinan
node-two-active-tag = Dua komputer aktif
# $since (String) - a time
node-twins = Dua salinan komputer ini berjalan bergantian sejak { $since }. Tidak ada catatan yang hilang, tetapi nomor antrean dapat terpakai dua kali. Minta kantor mematikan salinannya.
node-twins-settle = Salinan sudah dimatikan
node-two-active = Dua komputer kantor ini boleh menulis sekaligus. Cabut kunci yang tidak dipakai lagi.

aside-title = Catatan yang tidak diterima
aside-lead = Catatan ini disisihkan dan tidak dihitung sampai ada keputusan. Yang lain tetap mengalir.
aside-office = Kantor
aside-what = Yang terjadi
aside-next = Jalan keluar
aside-since = Sejak
aside-about = Permohonan
aside-act = Keputusan
# $count (Number) - records
aside-count = { $count } catatan
aside-kept = disimpan utuh di sini
aside-take-in = Terima
aside-leave = Tetap disisihkan
aside-reason = Keterangan
aside-revoked = Ditulis setelah kunci komputernya dicabut
aside-revoked-next = Terima bila ini pekerjaan petugas yang sah; tetap disisihkan bila komputernya dicuri.
aside-fork = Dua riwayat memakai satu nama; keduanya disimpan
aside-fork-next = Salinan komputer yang hidup menulis dua kali. Mulai ulang program kantor, biarkan disisihkan, dan catat ulang yang belum ada.
aside-unknown = Ditandatangani komputer yang tidak dikenal
aside-unknown-next = Daftarkan komputer itu dengan kode, atau tunggu kantor lain membawa pendaftarannya kembali.
aside-not-shared = Bukan catatan kantor itu
aside-not-shared-next = Kantor hanya boleh mengirim catatannya sendiri. Periksa pemasangan komputernya.
aside-unverified = Rusak di jalan atau diubah
aside-unverified-next = Periksa kantor itu dengan “loket check”; yang utuh dikirim lagi dengan sendirinya.

restored-title = Pusat ini dipulihkan dari salinan lama
# $count (Number) - records
# $offices (Number) - offices
# $since (String) - a time
restored-lead = Sejak { $since }, { $offices } kantor menyerahkan kembali { $count } catatan pusat yang tidak ada di sini. Yang hanya ada di pusat tidak kembali: cocokkan pembayaran dengan bank, dan periksa pemesanan yang belum sempat terkirim ke kantor.
restored-settle = Sudah dicocokkan

refused-title = Yang tidak diterima
refused-lead = Catatan di bawah ini belum dihitung. Yang lain tetap mengalir, dan pelayanan berjalan terus.
refused-what = Yang terjadi
refused-next = Jalan keluar
# $count (Number) - records
refused-count-there = { $count } catatan kantor ini tidak diterima pusat
# $count (Number) - records
refused-count-here = { $count } catatan dari pusat tidak diterima di sini
refused-revoked = ditulis setelah kunci komputernya dicabut
refused-left-aside = pusat memutuskan tetap disisihkan
refused-left-aside-next = Catatan tetap tersimpan di sini. Bila masih diperlukan, catat ulang.
refused-fork = dua riwayat memakai satu nama
refused-fork-next = Hentikan salinan komputer ini, lalu mulai ulang program kantor. Catatan baru mengalir lagi.
refused-unknown = komputer yang menandatangani tidak dikenal pusat
refused-wait-next = Pusat memutuskan; hubungi pusat bila mendesak. Catatan aman di sini.
refused-unverified = rusak atau tidak dapat diperiksa
refused-unverified-next = Jalankan “loket check” setelah jam pelayanan, lalu hubungi petugas TIK pusat.
refused-here-signer = komputer yang menandatangani tidak berhak
refused-here-fork = dua riwayat memakai satu nama
refused-here-unverified = rusak atau diubah di jalan
refused-here-not-shared = milik kantor lain, bukan untuk kantor ini
refused-here-next = Beri tahu pusat. Tidak ada yang perlu dilakukan di kantor.
# $at (String) - a time
refused-key = Kunci komputer ini dicabut pada { $at }
# $at (String) - a time
# $by (String) - a name
refused-key-by = Kunci komputer ini dicabut pada { $at } oleh { $by }
refused-key-next = Hubungi pusat untuk kode pendaftaran, lalu jalankan “loket enroll” di komputer server. Pelayanan berjalan terus tanpa jalur.
# $since (String) - a time
refused-twins = Salinan komputer ini berjalan di tempat lain sejak { $since }
refused-twins-next = Matikan salah satunya sekarang, lalu beri tahu pusat. Tidak ada catatan yang hilang; periksa nomor antrean yang terpakai dua kali.
refused-parked = Sebagian keterangan permohonan ini menunggu
refused-parked-next = Perbarui program, atau tunggu kuncinya datang dari pusat. Keterangan itu tersimpan dan dipakai sesudahnya.

waiting-title = Menunggu versi baru atau kunci
waiting-lead = Sebagian keterangan permohonan ini tersimpan tetapi belum dapat dibaca: ditulis program yang lebih baru, atau kuncinya belum datang dari kantor. Perbarui program pusat; keterangan itu lalu dipakai dengan sendirinya.
waiting-unknown = permohonan yang belum dikenal
# $held (Number) - how many there are
# $most (Number) - how many there may be
node-sessions-crowded = Program di kantor ini dan di pusat sudah { $held } kali dijalankan ulang. Pada { $most } kali, pertukaran dengan kantor ini berhenti. Cari apa yang menjalankan ulang program terus-menerus (di sana atau di sini) dan hentikan, lalu pasang versi program yang lebih baru sebelum batas itu.
# $held (Number) - how many there are
# $most (Number) - how many there may be
node-refused-crowded = { $held } bagian catatan kantor ini belum diterima. Di atas { $most }, kantor tidak lagi diberi tahu mengenai sisanya dan mengirimkannya berulang kali. Putuskan bagian itu di Perselisihan data.
