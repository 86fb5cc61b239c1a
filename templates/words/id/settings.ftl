# Pengaturan kantor dan perangkat.

settings-title = Pengaturan
settings-in-force = Yang berlaku hari ini
settings-name = Pengaturan
settings-value = Nilai
settings-devices = Perangkat
settings-devices-hint = Setiap komputer petugas yang menerima pemberitahuan memakai kunci sendiri.
settings-device-name = Nama perangkat
settings-device-kind = Jenis
settings-device-since = Sejak
settings-device-active = berlaku
settings-device-revoked = dicabut
settings-device-revoke = Cabut kunci
settings-device-add = Beri kunci perangkat
settings-device-name-hint = Misalnya: komputer loket 3
settings-device-create = Buat kunci
settings-device-none = Belum ada perangkat.
settings-key-once = Salin kunci ini sekarang
settings-key-once-hint = Kunci hanya ditampilkan sekali dan tidak disimpan. Bila hilang, buat yang baru.
settings-name-wrong = Nama perangkat harus 1 sampai 60 huruf
settings-name-wrong-next = Beri nama yang membedakannya dari perangkat lain.

setting-queue-classes = Kelas antrean
setting-priority-every-calls = Prioritas dipanggil paling lambat tiap … panggilan
setting-absent-return-calls = Tidak hadir: dipanggil lagi setelah … panggilan lain (0 = tidak)
setting-absent-return-minutes = Tidak hadir: dipanggil lagi setelah … menit (0 = tidak)
setting-absent-returns-max = Tidak hadir: paling banyak dipanggil lagi
setting-undo-minutes = Tindakan antrean dapat dibatalkan dalam (menit)
setting-wait-long-minutes = Tandai yang menunggu sejak (menit)
setting-arrival-early-minutes = Boleh datang lebih awal (menit)
setting-arrival-late-minutes = Masih tepat waktu setelah jamnya (menit)
setting-arrival-early-minutes-max = Datang lebih awal dari ini perlu alasan (menit)
setting-arrival-late-minutes-max = Datang lebih lambat dari ini perlu alasan (menit)
setting-evidence-confirm-days = Bukti bayar harus terkonfirmasi dalam (hari)
setting-hold-days = Batas melengkapi dokumen (hari)
setting-priority-from-age-years = Lansia mulai usia (tahun)
setting-priority-to-age-years = Balita sampai usia (tahun)
setting-issue-working-days = Paspor selesai dalam (hari kerja)
setting-collection-days = Batas pengambilan (hari)
setting-payment-minutes = Batas pembayaran (menit)
setting-adult-age-years = Dewasa mulai usia (tahun)
setting-ten-years-from-age-years = Paspor 10 tahun mulai usia (tahun)
setting-full-papers-before-year = Paspor lama sebelum tahun ini perlu dokumen lengkap
setting-reschedules-max = Penjadwalan ulang paling banyak
setting-reschedule-days-before = Penjadwalan ulang paling lambat (hari sebelumnya)
setting-same-day-arrive-by = Percepatan: datang paling lambat
setting-walk-in-channels = Pendaftaran tanpa janji temu
setting-walk-in-payment-days = Tagihan tanpa janji temu berlaku (hari)
setting-walk-in-needs-line = ; hanya bila jalur ke pusat tersambung
# $channel (String) - a channel
# $days (String) - days of the week
# $from (String) - a time
# $until (String) - a time
# $quota (Number) - how many
# $kinds (String) - kinds of applications
setting-walk-in-told = { $channel }: { $days }, { $from }–{ $until }, { $quota } per hari; { $kinds }
setting-fingers = Jari yang direkam menurut usia
setting-finger-quality-min = Mutu sidik jari paling rendah
setting-tickets-skipped = Lompatan nomor antrean setelah server dipulihkan
setting-backup-days-max = Ingatkan pencadangan setelah (hari)
setting-calendar = Hari kerja dan hari libur
setting-blank-stock-min = Blangko dianggap menipis bila kurang dari
setting-collection-remind-days = Ingatkan paspor yang belum diambil setelah (hari)
setting-tariffs = Tarif
settings-key-shown = Kunci perangkat ini sudah ditampilkan
settings-key-shown-next = Kunci tidak disimpan. Bila belum disalin, buat kunci baru dengan nama yang sama.
# $years (Number) - an age
setting-fingers-none = Mulai { $years } tahun: tidak direkam
# $years (Number) - an age
setting-fingers-all = Mulai { $years } tahun: sepuluh jari
# $years (Number) - an age
# $fingers (String) - which
setting-fingers-some = Mulai { $years } tahun: { $fingers }
setting-class-priority = didahulukan
# $every (Number) - every n-th call
setting-class-every = paling lambat tiap { $every } panggilan
# $days (String) - days of the week
setting-calendar-weekdays = Hari kerja: { $days }
# $days (String) - dates
setting-calendar-holidays = Libur: { $days }
setting-calendar-no-holidays = Hari libur belum diisi
# $days (String) - dates
setting-calendar-extra-days = Tetap bekerja: { $days }
# $day (String) - first day
# $regulation (String) - the regulation
setting-tariff-from = Mulai { $day } ({ $regulation })
setting-tariff-ordinary-five = biasa 5 tahun
setting-tariff-ordinary-ten = biasa 10 tahun
setting-tariff-electronic-five = elektronik 5 tahun
setting-tariff-electronic-ten = elektronik 10 tahun
setting-tariff-same-day = percepatan
setting-tariff-lost = hilang
setting-tariff-damaged = rusak
settings-coming = Berlaku nanti
# $setting (String) - a setting
# $day (String) - its first day
settings-coming-from = { $setting } mulai { $day }
# $who (String) - an officer
# $when (String) - a moment
settings-given = Diatur oleh { $who }, { $when }
settings-kept-as = Bentuk untuk formulir:
settings-set = Ubah pengaturan
settings-from = Berlaku mulai
settings-value-hint = Angka, jam seperti 10.30, atau daftar dalam bentuk yang ditampilkan di tabel.
settings-set-button = Simpan pengaturan
settings-day-wrong = Tanggal mulai tidak terbaca
settings-day-wrong-next = Pilih hari pertama nilai ini berlaku.
# $setting (String) - a setting
settings-value-wrong = Nilai untuk “{ $setting }” tidak dapat dipakai
settings-value-wrong-next = Pakai bentuk yang sama dengan nilai sekarang. Nilai yang lama tetap berlaku.

machine-title = Perlindungan server ini
machine-look = perlu diperiksa
machine-pages = Halaman
# $hosts (String) - names and addresses
# $until (String) - a date
machine-certificate = https untuk { $hosts }; sertifikat server berlaku sampai { $until }
machine-authority-title = Sertifikat yang dipasang di peramban
# $sha256 (String) - a fingerprint
# $until (String) - a date
machine-authority = berlaku sampai { $until }; sidik jari SHA-256 { $sha256 }
machine-behind-proxy = https dilayani oleh perantara (proxy) di depan server ini
machine-here-only = tanpa https, hanya untuk komputer ini sendiri
machine-in-the-open = TANPA https: siapa pun di jaringan kantor dapat membaca kata sandi, nama, dan gambar
machine-key = Kunci server dilindungi dengan
machine-key-changed = Terakhir diubah
setting-interview-questions = Pertanyaan wawancara
setting-second-look = Wawancara yang harus diperiksa supervisor
setting-second-look-none = Tidak ada
