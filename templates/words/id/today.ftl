# Halaman depan kantor.

today-title = Hari ini
today-expected = Belum datang
today-arrived = Sudah datang
today-waiting = Menunggu dipanggil
today-serving = Sedang dilayani
today-done = Selesai dilayani
today-held = Ditunda
today-unpaid = Belum lunas
today-search-label = Pindai kode atau ketik nomor permohonan, nama, atau NIK
today-search = Cari
today-slots = Menurut jadwal
today-slot = Jam
today-booked = Terdaftar
today-came = Datang
today-missing = Belum datang
today-now = sekarang
today-nobody = Tidak ada yang terdaftar hari ini. Bila seharusnya ada, lihat halaman Sinkronisasi.
today-ready = Paspor siap diambil
today-overdue = Lewat tenggat terbit
today-due = Tenggat terbit hari ini
today-low-stock = Blangko menipis
today-attention = Perlu perhatian
# $last (String) - when the last one was made
today-backup-due = Waktunya membuat cadangan; terakhir: { $last }
today-conflicts = Perselisihan data
today-nothing = Tidak ada.
today-review = Menunggu supervisor
