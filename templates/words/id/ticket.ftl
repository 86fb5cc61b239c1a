# Halaman antrean petugas, loket, dan tiket cetak.

ticket-page-title = Antrean

# Loket petugas
ticket-open-title = Buka loket
ticket-open-hint = Pilih nomor loket Anda dan antrean yang dilayani. Layar ruang tunggu langsung mengenal loket ini.
ticket-counter-number = Nomor loket
ticket-counter-number-hint = Seperti yang tertulis di atas meja Anda
ticket-classes = Antrean yang dilayani
ticket-open-button = Buka loket
ticket-close-button = Tutup loket
# $counter (Number) - counter number
ticket-counter = Loket { $counter }
ticket-counters-title = Loket yang buka
ticket-counters-none = Belum ada loket yang buka.
ticket-counter-free = siap memanggil
# $number (String) - ticket number
ticket-counter-called = memanggil { $number }
# $number (String) - ticket number
ticket-counter-serving = melayani { $number }


# Keadaan loket
ticket-idle-title = Siap memanggil
# $count (Number) - people waiting
# $minutes (Number) - longest wait in minutes
ticket-idle-summary = { $count } menunggu, paling lama { $minutes } menit
ticket-idle-nobody = Tidak ada yang menunggu untuk loket ini.
ticket-called-title = Dipanggil
# $times (Number) - how often it was called
ticket-called-times = { $times } kali dipanggil
ticket-serving-title = Sedang dilayani
ticket-called-ago = menit sejak dipanggil
ticket-serving-ago = menit dilayani
ticket-note-from = Catatan petugas sebelumnya

# Tombol
ticket-call-next = Panggil berikutnya
ticket-recall = Panggil ulang
ticket-start = Mulai layani
ticket-absent = Tidak hadir
ticket-finish-next = Selesai, panggil berikutnya
ticket-finish = Selesai
ticket-return = Kembalikan ke antrean
ticket-return-note = Alasan
ticket-transfer = Alihkan
ticket-transfer-title = Alihkan ke antrean lain
ticket-transfer-class = Ke antrean
ticket-transfer-counter = Hanya untuk loket
ticket-transfer-any = Loket mana pun
ticket-transfer-note = Catatan untuk petugas berikutnya
ticket-transfer-keeps = Nomor tiket tidak berubah.
ticket-call-this = Panggil
ticket-call-back = Panggil kembali
ticket-more = Tindakan lain

# Daftar
ticket-waiting-title = Menunggu
ticket-waiting-nobody = Tidak ada yang menunggu.
ticket-absent-title = Tidak hadir
ticket-absent-hint = Dipanggil kembali bila pemohon datang.
ticket-column-number = Nomor
ticket-column-applicant = Pemohon
ticket-column-why = Keterangan
ticket-column-wait = Menunggu
ticket-column-act = Tindakan
ticket-minutes = mnt
# $at (String) - slot start
ticket-why-slot = janji { $at }
# $at (String) - slot start
ticket-why-late = janji { $at }, terlambat
ticket-why-collection = mengambil paspor
# $counter (Number) - counter number
ticket-why-only-counter = hanya loket { $counter }
ticket-keys-switch = Pintasan papan ketik

# Tiket cetak
ticket-print-title = Tiket antrean
ticket-print-number = Nomor antrean
# $count (Number) - people ahead in the same class
ticket-print-ahead = { $count ->
    [0] Anda berikutnya
   *[other] { $count } orang sebelum Anda
}
ticket-print-where = Tunggu di ruang tunggu. Nomor dan loket Anda tampil di layar.
ticket-print-order = Nomor tidak selalu dipanggil berurutan.
ticket-print-ready = Siapkan dokumen asli dan tiket ini.
ticket-print-drawn = Diambil
ticket-print-button = Cetak tiket
ticket-print-back = Kembali ke permohonan

# Mengapa nomor ini berikutnya
ticket-next = Berikutnya

# $letter (String) - queue class letter
ticket-class-other = Antrean { $letter }
# $at (String) - when
ticket-skipped-restored = Server kantor ini dipulihkan dari cadangan ({ $at }).
# $at (String) - when
ticket-skipped-damaged = Sebagian catatan kantor ini rusak ({ $at }).
# $at (String) - when
ticket-skipped-handed-back = Catatan kantor ini yang hilang dari server dikembalikan oleh pusat ({ $at }).
# $from (Number) - the first number that may be given out
ticket-skipped-advice = Nomor antrean hari ini dilanjutkan dari { $from } agar tidak ada nomor yang keluar dua kali. Bila pemegang nomor yang lebih kecil tidak ada dalam daftar, catat lagi kedatangannya dan ambilkan nomor baru, berurutan menurut nomor di kertas mereka.

# Jeda, tahan, batalkan, dahulukan
ticket-pause = Jeda
ticket-pause-title = Jeda loket
ticket-pause-reason = Alasan (boleh kosong)
ticket-resume = Lanjutkan
ticket-counter-paused = jeda
ticket-paused-title = Loket sedang jeda
# $minutes (Number) - minutes
ticket-paused-since = sejak { $minutes } menit
ticket-hold = Tahan
ticket-hold-title = Tahan dahulu
ticket-hold-hint = Nomor keluar dari panggilan tanpa kehilangan gilirannya.
ticket-hold-reason = Alasan
ticket-hold-minutes = Panggil lagi setelah
ticket-hold-by-hand = Bila petugas memanggil
# $minutes (Number) - minutes
ticket-hold-for = { $minutes } menit
ticket-held-title = Ditahan
# $at (String) - a time
ticket-held-until = sampai { $at }
# $ticket (String) - ticket number
# $act (String) - what was done
ticket-undo = Batalkan { $act } { $ticket }
ticket-first = Dahulukan
ticket-first-title = Dahulukan
ticket-first-hint = Pindah ke antrean prioritas. Nomor tiket tidak berubah.
ticket-first-note = Alasan, misalnya lansia atau ibu hamil
# $minutes (Number) - minutes
# $calls (Number) - other calls
ticket-absent-returns = Kembali sendiri setelah { $calls } panggilan lain atau { $minutes } menit.
# $minutes (Number) - minutes
ticket-absent-returns-minutes = Kembali sendiri setelah { $minutes } menit.
# $calls (Number) - other calls
ticket-absent-returns-calls = Kembali sendiri setelah { $calls } panggilan lain.

# Waktu tunggu
ticket-waits-title = Waktu tunggu hari ini
ticket-waits-class = Antrean
ticket-waits-now = Menunggu
ticket-waits-usual = Biasanya
ticket-waits-expected = Baru datang
ticket-waits-unknown = belum ada
# $minutes (Number) - minutes
ticket-waits-about = ± { $minutes } mnt

# Mengapa nomor ini di sini
ticket-column-turn = Giliran
# $name (String) - queue class
# $every (Number) - every n-th call
ticket-turn-share = jatah { $name }: paling lambat tiap { $every } panggilan
ticket-turn-for-this-counter = dialihkan khusus ke loket ini
ticket-turn-back-from-hold = selesai ditahan, gilirannya tetap
ticket-turn-back-from-absence = tadi tidak hadir, dipanggil lagi
# $at (String) - drawn at
ticket-turn-due = jamnya sudah tiba, mengambil nomor pukul { $at }
# $at (String) - drawn at
ticket-turn-no-slot = tanpa janji, mengambil nomor pukul { $at }
# $from (String) - window start
ticket-turn-early = janji pukul { $from } belum tiba, dipanggil setelah yang lain
ticket-turn-elsewhere = bukan antrean loket ini
ticket-turn-later = giliran berikutnya

# Printer tiket
ticket-printer-again = Cetak ulang di printer tiket
# $since (String) - since when
ticket-printer-silent = Printer tiket tidak menjawab sejak { $since }.
# $since (String) - since when
ticket-printer-paper = Kertas printer tiket habis sejak { $since }.
ticket-printer-meanwhile = Tunjukkan nomor ini kepada pemohon; tiketnya dicetak sendiri begitu printer kembali.
