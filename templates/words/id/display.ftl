# Layar ruang tunggu.

display-title = Panggilan antrean
display-counter = Loket
display-calls = Panggilan terakhir
display-none = Belum ada panggilan
display-missed = Tidak hadir, hubungi petugas
display-number = Nomor
display-notices = Pengumuman
display-waits = Antrean yang menunggu
display-waiting = menunggu, paling lama
display-minutes = mnt
display-sound-off = Suara mati – sentuh untuk menyalakan
display-order = Nomor tidak selalu dipanggil berurutan
display-lost = Layar tidak tersambung
display-lost-what = Nomor di layar ini mungkin sudah lama. Tanyakan kepada petugas.
