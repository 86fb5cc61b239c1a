# Jejak: siapa melakukan apa.

audit-title = Jejak
audit-lead = Semua yang dilakukan di kantor ini pada hari itu, termasuk siapa membuka permohonan siapa.
audit-when = Jam
audit-who = Siapa
audit-what = Apa
audit-application = Permohonan
audit-headquarters = Di pusat
audit-none = Tidak ada catatan pada hari ini.
# $count (Number) - acts
audit-count = { $count } catatan
# $count (Number) - acts
audit-cut = Hanya { $count } catatan terakhir yang ditampilkan.
# $count (Number) - acts
audit-erased = { $count } catatan lain menyangkut pemohon yang datanya sudah dihapus
