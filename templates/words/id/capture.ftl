# Perekaman biometrik: foto, sidik jari, dan tanda tangan.

capture-page-title = Perekaman biometrik
capture-portrait = Foto
capture-fingers = Sidik jari
capture-signature = Tanda tangan
capture-done = sudah ada
capture-todo = belum ada
# $round (Number) - which capture
capture-round = Perekaman biometrik ke-{ $round }
capture-complete-title = Perekaman biometrik selesai
capture-complete-hint = Foto, sidik jari, dan tanda tangan menunggu di antrean kirim ke pusat bila jaringan terputus.
capture-complete-button = Selesaikan perekaman
capture-complete-needs = Setelah selesai, lanjut ke wawancara. Foto, jari yang diminta, dan tanda tangan harus ada atau diberi alasan.
capture-reopen = Rekam ulang
capture-reopen-reason = Alasan merekam ulang
capture-to-interview = Lanjut ke wawancara
capture-at-once = Setiap bagian langsung tersimpan.

# Foto
capture-portrait-rules = Latar putih, wajah lurus ke kamera, mata terbuka, tanpa kacamata. Baju berkerah, bukan putih.
capture-camera-start = Nyalakan kamera
capture-camera-take = Ambil foto
capture-camera-again = Ulangi
capture-camera-use = Simpan foto ini
capture-camera-choice = Kamera
capture-camera-view = Gambar kamera dengan garis bantu wajah
capture-camera-guide = Mata pada garis mendatar, wajah di dalam bingkai oval
capture-camera-denied = Kamera ditolak oleh peramban. Izinkan kamera untuk alamat ini, lalu nyalakan lagi.
capture-camera-none = Tidak ada kamera. Sambungkan kamera, atau unggah berkas foto.
capture-camera-busy = Kamera sedang dipakai program lain. Tutup program itu, lalu nyalakan lagi.
capture-camera-insecure = Kamera hanya bekerja pada alamat https atau localhost. Unggah berkas foto sementara ini.
capture-camera-failed = Kamera tidak dapat dinyalakan. Unggah berkas foto, atau coba lagi.
capture-file-portrait = Unggah berkas foto
capture-file-instead = Atau pakai berkas
# $megabytes (Number) - the largest picture
capture-file-hint = JPEG atau PNG, paling besar { $megabytes } MB
capture-save = Simpan
capture-fill = Isi
capture-replace = Ganti
capture-picture-portrait = Foto pemohon
# $finger (String) - name of the finger
capture-picture-finger = Sidik { $finger }
capture-picture-signature = Tanda tangan pemohon
# $width (Number)
# $height (Number)
capture-size = { $width } × { $height } piksel

# Jari
capture-hand-right = Tangan kanan
capture-hand-left = Tangan kiri
capture-quality = Mutu (0–100)
# $quality (Number)
capture-quality-is = mutu { $quality }
capture-quality-low = rendah, sebaiknya ulangi
capture-finger-picture = Gambar sidik jari
capture-exception = Tidak dapat diambil karena
capture-exception-none = Gambar diunggah
capture-fingers-hint = Unggah satu gambar per jari, atau pilih alasan bila tidak dapat diambil.
capture-fingers-rest = Jari yang belum diisi
capture-fingers-rest-button = Terapkan pada semua jari yang belum diisi

# Tanda tangan
capture-signature-pad = Bidang tanda tangan
capture-signature-pad-hint = Tanda tangan dengan pena, jari, atau tetikus.
capture-signature-undo = Urungkan goresan
capture-signature-clear = Hapus
capture-signature-save = Simpan tanda tangan
capture-signature-file = Unggah gambar tanda tangan
capture-signature-cannot = Tidak dapat menandatangani
capture-signature-reason = Alasan
capture-signature-excepted = Tanpa tanda tangan

# Penolakan
# $max (Number) - megabytes
capture-refused-large = Berkas lebih besar dari { $max } MB.
capture-refused-large-next = Kecilkan gambarnya atau ambil ulang, lalu simpan lagi.
capture-refused-type = Berkas ini bukan gambar JPEG atau PNG.
capture-refused-type-next = Simpan gambarnya sebagai JPEG atau PNG, lalu unggah lagi. Mengganti nama berkas saja tidak cukup.
capture-refused-broken = Gambar ini rusak atau terpotong dan tidak dapat dibuka.
capture-refused-broken-next = Ambil ulang gambarnya, atau pilih berkas lain.
# $width (Number)
# $height (Number)
capture-refused-small = Gambar terlalu kecil: { $width } × { $height } piksel.
# $width (Number) - at least
# $height (Number) - at least
capture-refused-small-next = Ambil ulang lebih besar: paling sedikit { $width } × { $height } piksel.
# $width (Number)
# $height (Number)
capture-refused-pixels = Gambar terlalu besar untuk dibuka: { $width } × { $height } piksel.
capture-refused-pixels-next = Kecilkan gambarnya atau ambil ulang, simpan sebagai JPEG biasa, lalu unggah lagi.
capture-refused-empty = Belum ada gambar: berkas belum dipilih, atau berkasnya kosong.
capture-refused-empty-next = Pilih berkas gambar, lalu simpan lagi.
capture-refused-quality = Mutu ditulis sebagai angka 0 sampai 100.
capture-refused-crowded = Terlalu banyak gambar sedang dikirim ke server ini, jadi gambar ini belum diterima.
capture-refused-crowded-next = Tidak ada yang tersimpan; isian lain masih ada. Tunggu sebentar, pilih lagi berkasnya, lalu simpan.
capture-refused-kept = Gambar ini tidak tersimpan; yang sudah tersimpan tidak berubah.
# $asked (Number) - fingers asked
# $done (Number) - fingers taken or excepted
capture-fingers-done = { $done } dari { $asked }
