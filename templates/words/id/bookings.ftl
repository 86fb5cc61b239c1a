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
bookings-received = diterima. Pindai pemohon berikutnya.
bookings-received-open = Buka permohonannya
bookings-number-unknown = Nomor ini tidak dikenal di kantor ini
# $number (String) - an application number
# $office (String) - an office
# $day (String) - a date
bookings-proof-valid = QR-nya sah: permohonan { $number } sudah dibayar dan dijadwalkan di kantor { $office }, { $day }.
# $since (String) - since when
bookings-line-down = Jalur ke pusat terputus sejak { $since }: pendaftaran setelah itu belum sampai di sini.
bookings-try-name = Cari dengan nama atau NIK pada kotak di atas.
bookings-try-office = Lihat nama kantor pada surat pengantarnya; bila kantor lain, arahkan ke sana.
bookings-try-walk-in = Daftarkan tanpa janji temu bila berhak.
