# Daftar dan pencarian permohonan.

bookings-title = Permohonan
bookings-all = Semua
bookings-day = Tanggal
bookings-show-day = Tampilkan
bookings-parts = Bagian daftar
# $text (String) - what was looked for
bookings-found = Hasil pencarian “{ $text }”
bookings-none-found = Tidak ditemukan
bookings-none-found-hint = Periksa ejaan atau nomornya. Nama boleh sebagian, NIK harus 16 angka. Permohonan yang baru didaftarkan muncul setelah jalur ke pusat tersambung.
bookings-none = Tidak ada permohonan dalam daftar ini.
bookings-back = Kembali ke daftar hari ini
bookings-column-slot = Jam
bookings-column-name = Nama
bookings-column-number = Nomor permohonan
bookings-column-service = Permohonan
bookings-column-status = Keadaan
bookings-column-ticket = Antrean
bookings-not-here-yet = Data permohonan belum diterima
bookings-conflict = perselisihan data
