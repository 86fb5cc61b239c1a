# Kata-kata yang dipakai di semua halaman.

language-name = Indonesia
app-name = Loket
skip-to-content = Lewati ke isi halaman
switch-language = English
sign-out = Keluar
navigation-label = Menu utama
choose = Pilih …
save = Simpan
cancel = Batal
back = Kembali
yes = Ya
no = Tidak
none = –
optional = tidak wajib
fault-title = Belum bisa dilanjutkan


age-moment = kurang dari semenit
# $count (Number) - minutes
age-minutes = { $count } menit
# $count (Number) - hours
age-hours = { $count } jam
# $count (Number) - days
age-days = { $count } hari

# $since (String) - a time
line-up = Tersambung ke pusat sejak { $since }
# $since (String) - a time
line-down = Jalur ke pusat terputus sejak { $since }. Pelayanan tetap berjalan.
line-paused = Pengiriman ke pusat sedang dijeda
line-starting = Menghubungi pusat …
line-not-enrolled = Kantor ini belum terdaftar di pusat
# $count (Number) - acts
# $age (String) - how old the oldest is
line-unsent = { $count } catatan menunggu dikirim, tertua { $age }
line-all-sent = Semua catatan sudah sampai di pusat
alarm-title = Tidak dapat menyimpan
alarm-full = Diska server ini penuh sehingga tidak ada yang dapat disimpan. Semua data tetap dapat dibaca. Hubungi petugas TIK untuk menyediakan ruang; setelah itu berjalan lagi dengan sendirinya.
tables-wait-title = Mohon tunggu sebentar
tables-wait-opening = Tabel kantor sedang dibuka.
# $done (Number) - records that are done
# $of (Number) - records in all
tables-wait-drawing = Tabel kantor sedang disusun ulang dari catatannya: { $done } dari { $of }. Tidak ada yang hilang.
tables-wait-no-room = Diska server ini penuh dan tabel kantor memerlukan ruang untuk dibuka. Tidak ada yang hilang. Hubungi petugas TIK untuk menyediakan ruang.
tables-wait-failed = Tabel kantor tidak dapat dibuka. Hubungi petugas TIK: “loket check” di server menunjukkan penyebabnya.
tables-wait-next = Halaman ini berlanjut dengan sendirinya.
alarm-read-only = Penyimpanan server ini rusak sehingga tidak ada lagi yang tersimpan. Data yang sudah tersimpan masih dapat dibaca. Segera panggil petugas TIK; sementara itu pakai formulir kertas.

nav-today = Hari ini
nav-bookings = Permohonan
nav-tickets = Antrean
nav-books = Paspor
nav-conflicts = Perselisihan data
nav-sync = Sinkronisasi
nav-audit = Jejak
nav-officers = Petugas
nav-boards = Layar
nav-settings = Pengaturan

problem-sign-in = Sesi Anda sudah berakhir
problem-sign-in-next = Yang baru saja dikirim belum disimpan. Silakan masuk lagi, lalu ulangi.
problem-not-allowed = Halaman ini bukan untuk peran Anda
problem-not-allowed-next = Minta bantuan penyelia, atau masuk dengan akun lain.
problem-no-page = Halaman tidak ditemukan
problem-no-page-next = Periksa alamatnya, atau kembali ke halaman depan.
# $what (String) - what was looked for
problem-not-found = { $what } tidak ditemukan di kantor ini
problem-not-found-next = Periksa nomornya. Bila nomornya benar, mungkin permohonan terdaftar di kantor lain atau belum diterima dari pusat: lihat halaman Sinkronisasi.
problem-wrong-method = Alamat ini tidak dapat dibuka langsung
problem-wrong-method-next = Kembali ke halaman sebelumnya dan gunakan tombol yang tersedia.
problem-foreign-form = Formulir ini tidak berlaku lagi
problem-foreign-form-next = Formulir dibuka sebelum Anda masuk, atau dikirim dari situs lain. Tidak ada yang diubah. Buka kembali halamannya, lalu ulangi.
problem-unreadable-form = Formulir tidak dapat dibaca
problem-unreadable-form-next = Tidak ada yang diubah. Buka kembali halamannya, lalu ulangi.
problem-too-large = Kiriman terlalu besar
# $megabytes (Number) - the largest picture
# $letters (Number) - the longest text
problem-too-large-next = Tidak ada yang disimpan. Foto paling besar { $megabytes } MB; catatan paling panjang { $letters } huruf.
problem-read-only = Saat ini tidak ada yang dapat disimpan
problem-read-only-next = Tidak ada yang diubah. Hubungi petugas TIK dan sebutkan nomor di bawah ini.
problem-no-room-next = Tidak ada yang diubah. Hubungi petugas TIK untuk menyediakan ruang, lalu kembali ke halaman sebelumnya dan kirim lagi. Sementara itu data tetap dapat dibaca.
problem-storage-failed-next = Segera panggil petugas TIK. Setelah server pulih, lihat dahulu apakah tindakan ini sudah tercatat; kembali ke halaman sebelumnya dan kirim lagi hanya bila belum.
alarm-unreadable = Penyimpanan server ini rusak: data tidak dapat dibaca dan tidak ada yang tersimpan. Masuk lagi tidak menolong. Segera panggil petugas TIK.
problem-unreadable = Saat ini halaman ini tidak dapat dibaca
problem-unreadable-next = Penyimpanan server rusak. Tidak ada yang diubah. Segera panggil petugas TIK dan sebutkan nomor di bawah ini; halaman lain mungkin masih dapat dibuka.
problem-internal = Maaf, terjadi kesalahan pada sistem
problem-internal-next = Tidak ada yang diubah. Silakan coba lagi. Bila terulang, hubungi petugas TIK dan sebutkan nomor di bawah ini.
problem-request = Nomor kejadian
problem-home = Ke halaman depan
problem-login = Masuk
line-label = Jalur ke pusat
