# Banyak buku sekaligus, buku penyerahan, dan paspor yang belum diambil.

batch-title = Pindai beruntun
batch-step = Tahap
batch-print = Sudah dicetak
batch-check = Lulus uji kualitas
batch-ready = Disimpan, siap diambil
batch-shelf-hint = Hanya untuk buku yang disimpan: rak dan laci, berlaku untuk semua yang dipindai
batch-scans = Nomor buku
batch-scans-hint = Pindai satu per satu; setiap nomor menjadi satu baris. Bila bukunya hanya dikenal dari laporan SPRI, pindai dahulu nomor permohonannya, lalu bukunya. Buku cacat dicatat di halaman bukunya.
batch-scan = Pindaian
batch-button = Catat semua
# $count (Number) - how many
batch-done = { $count } buku dicatat.
# $count (Number) - how many
batch-refused = { $count } buku tidak dicatat; yang lain sudah.
batch-refused-next = Alasannya ada di bawah ini. Perbaiki, lalu kirim lagi.
batch-refused-title = Tidak dicatat
# $line (String) - what was scanned
batch-not-a-book = “{ $line }” bukan nomor buku, atau nomor permohonan tanpa bukunya.
batch-not-a-book-next = Belum ada yang dicatat. Hapus atau pindai ulang baris itu.
batch-empty = Belum ada yang dipindai.
batch-empty-next = Pindai sedikitnya satu buku.
# $most (Number) - the limit
batch-too-many = Lebih dari { $most } buku sekaligus.
batch-too-many-next = Kirim sebagian dahulu.
batch-choose = Pilih tahapnya.
batch-choose-next = Pilih satu, lalu kirim lagi.

register-title = Buku penyerahan
register-show = Tampilkan
register-print = Cetak
register-download = Unduh (CSV)
register-none = Tidak ada paspor yang diserahkan pada hari ini.
# $count (Number) - how many
register-count = { $count } penyerahan
register-time = Jam
register-collector = Pengambil
register-papers = Keterangan
register-officer = Petugas
register-signature = Tanda tangan

uncollected-title = Belum diambil
# $days (Number) - days
uncollected-rule = Paspor dapat dibatalkan bila tidak diambil dalam { $days } hari sejak terbit.
uncollected-over = Lewat batas pengambilan
uncollected-waiting = Masih menunggu
uncollected-until = Batas pengambilan
uncollected-remind = ingatkan
uncollected-tick = Pilih
uncollected-cancel = Batalkan buku terpilih
uncollected-reason-hint = Berlaku untuk semua yang dipilih. Tidak dapat ditarik kembali.
uncollected-choose = Belum ada buku yang dipilih.
uncollected-choose-next = Tandai buku yang dibatalkan, lalu kirim lagi.
