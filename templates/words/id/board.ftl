# Layar ruang tunggu: pengaturan dan pengumuman.

board-title = Layar ruang tunggu
board-hint = Buka alamat layar di televisi ruang tunggu. Ukuran huruf dihitung dari diagonal layar dan jarak kursi terjauh.
board-none = Belum ada layar yang diatur. Alamat /display/nama-apa-saja menayangkan semua antrean.
board-name = Nama
board-name-hint = Huruf, angka, dan tanda hubung: menjadi alamatnya
board-heading = Judul di atas layar
board-heading-hint = Kosong: nama kantor
board-shows = Menayangkan
board-shows-hint = Tanpa pilihan: semua antrean
board-shows-all = semua antrean
board-size = Ukuran
# $inches (Number) - diagonal
# $direction (String) - how it hangs
# $metres (String) - the last chair
board-screen = { $inches } inci, { $direction }, kursi terjauh { $metres } m
# $calls (Number) - how many calls fit
# $capital (String) - height of a capital in millimetres
# $needed (String) - the height it must have
board-layout = { $calls } panggilan, huruf { $capital } mm (perlu { $needed } mm)
# $metres (String) - the last chair
board-unreadable = Tidak terbaca dari { $metres } m: pakai layar lebih besar
# $calls (Number) - how many calls fit
board-few = Hanya { $calls } panggilan muat pada jarak ini
board-act = Tindakan
board-change = Ubah
board-remove = Hapus
board-add = Tambah layar
# $name (String) - a board
board-edit = Ubah layar { $name }
board-direction = Posisi
board-landscape = Mendatar
board-portrait = Tegak
board-theme = Latar
board-dark = Gelap
board-light = Terang
board-sound = Suara
board-voice = Gong dan suara
board-chime = Gong saja
board-silent = Tanpa suara
board-diagonal = Diagonal (inci)
board-farthest = Kursi terjauh (meter)
board-save = Simpan
board-notices = Pengumuman
board-notices-none = Tidak ada pengumuman yang tayang.
board-notice-text = Isi pengumuman
board-notice-where = Di layar
board-notice-all = Semua layar
board-notice-minutes = Selama
board-notice-open = Sampai diturunkan
# $at (String) - when it ends
board-notice-until = sampai { $at }
board-notice-show = Tayangkan
board-notice-down = Turunkan
board-wrong-name = Nama itu tidak dapat menjadi alamat
board-wrong-name-next = Pakai huruf, angka, dan tanda hubung, paling banyak 32.
board-wrong-sizes = Ukuran itu tidak mungkin
board-wrong-sizes-next = Diagonal 10 sampai 120 inci, kursi terjauh 1 sampai 40 meter, judul paling banyak 160 huruf.
board-wrong-notice = Pengumuman terlalu panjang
board-wrong-notice-next = Paling banyak 160 huruf dalam satu baris.
board-wrong-unknown = Layar itu tidak ada
board-wrong-unknown-next = Pilih layar dari daftar.
