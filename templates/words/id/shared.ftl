# Kata-kata yang dipakai di semua halaman.

language-name = Indonesia
app-name = Loket

# $count (Number) - how many people
waiting-count = { $count } menunggu
