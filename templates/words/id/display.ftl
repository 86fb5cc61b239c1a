# Layar ruang tunggu.

display-title = Panggilan antrean
display-counter = Loket
display-calls = Panggilan terakhir
display-none = Belum ada panggilan
display-missed = Tidak hadir, hubungi petugas
# $count (Number) - people waiting
display-waiting = { $count } menunggu
display-order = Nomor tidak selalu dipanggil berurutan
display-lost = Layar tidak tersambung
display-lost-what = Nomor di layar ini mungkin sudah lama. Tanyakan kepada petugas.
