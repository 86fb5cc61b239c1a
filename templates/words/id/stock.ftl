# Persediaan blangko paspor.

stock-title = Persediaan blangko
stock-none = Penerimaan blangko belum dicatat di sini. Setelah yang pertama dicatat, hanya blangko dari persediaan yang dapat dialokasikan.
stock-levels = Sisa menurut jenis
stock-product = Jenis
stock-left = Sisa
stock-received = Diterima
stock-used = Terpakai
stock-spoilt = Di antaranya rusak
stock-counted = Hitungan terakhir
stock-low = menipis
stock-never-counted = Belum pernah dihitung
# $count (Number) - how many
# $who (String) - a name
# $when (String) - a time
stock-counted-by = { $count } oleh { $who }, { $when }
# $difference (String) - with its sign
stock-differs = selisih { $difference }
stock-receive = Catat penerimaan
stock-first = Nomor pertama
stock-last = Nomor terakhir
stock-note = Catatan
stock-note-hint = Misalnya nomor surat pengiriman
stock-receive-button = Catat
stock-count = Hitung fisik
stock-count-hint = Hitung blangko kosong yang ada. Selisih dengan catatan disimpan dan diperlihatkan.
stock-count-number = Jumlah yang dihitung
stock-count-button = Simpan hitungan
stock-count-wrong = Isi jumlah dengan angka.
stock-count-wrong-next = Ketik misalnya 250, lalu simpan.
stock-deliveries = Penerimaan
stock-numbers = Nomor
stock-when = Dicatat
stock-choose-product = Pilih jenis buku.
stock-choose-product-next = Pilih satu, lalu simpan.
stock-other-series = Nomor pertama dan terakhir berbeda seri.
stock-other-series-next = Periksa kedua nomor pada kotak blangko.
stock-backwards = Nomor terakhir lebih kecil daripada nomor pertama.
# $most (Number) - the limit
stock-too-many = Lebih dari { $most } blangko dalam satu penerimaan.
stock-too-many-next = Periksa kedua nomor, atau catat per kotak.
