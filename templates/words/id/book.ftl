# Buku paspor: alokasi sampai penyerahan.

book-page-title = Buku paspor
book-steps = Tahap buku
book-step-allocate = Alokasi
book-step-print = Cetak
book-step-check = Uji kualitas
book-step-ready = Siap diambil
book-step-hand-over = Diserahkan
book-number = Nomor buku
book-number-hint = Pindai atau ketik nomor blangko, misalnya X1234567
book-allocate-title = Alokasikan blangko
book-allocate-button = Alokasikan
book-print-title = Cetak paspor
book-print-hint = Pindai buku yang keluar dari pencetak.
book-print-button = Sudah dicetak
book-check-title = Uji kualitas
book-check-hint = Periksa cetakan, data, dan chip.
book-check-good = Baik
book-defect = Cacat
book-check-button = Simpan hasil uji
book-defective-title = Buku cacat, perlu blangko baru
book-ready-title = Simpan dan kabari pemohon
book-ready-hint = Pemohon dikabari lewat surel begitu pusat menerima catatan ini.
book-shelf = Tempat simpan
book-shelf-hint = Rak dan laci, misalnya B-12
book-ready-button = Paspor siap diambil
book-hand-title = Serahkan paspor
# $shelf (String) - where it lies
book-hand-where = Ambil dari { $shelf }.
book-hand-scan = Pindai paspor yang diserahkan
book-collector = Siapa yang mengambil
book-collector-self = Pemohon sendiri
book-collector-self-papers = Bukti bayar dan kartu identitas
book-collector-family = Keluarga dalam satu KK
book-collector-family-papers = Bukti bayar, salinan KK, dan kartu identitas
book-collector-proxy = Orang lain dengan surat kuasa
book-collector-proxy-papers = Bukti bayar, surat kuasa bermeterai, dan kartu identitas
book-collector-name = Nama pengambil
book-collector-identity = Nomor identitas
book-collector-authority = Nomor atau tanggal surat kuasa
book-papers-seen = Surat-surat di atas sudah saya lihat
book-papers-needed = Tandai bahwa surat-surat sudah dilihat.
book-hand-button = Serahkan
book-handed-title = Paspor sudah diserahkan
book-cancelled-title = Buku dibatalkan
book-cancel = Batalkan buku ini
book-cancel-hint = Misalnya salah cetak, atau tidak diambil sampai batas waktu. Tidak dapat ditarik kembali.
book-cancel-reason = Alasan pembatalan
book-waits-decision = Menunggu keputusan pusat. Blangko dialokasikan setelah disetujui.
book-refused-decision = Permohonan ditolak; tidak ada buku.
book-number-wrong = Nomor buku terdiri atas satu atau dua huruf dan enam atau tujuh angka.
book-choose-check = Pilih hasil uji kualitas.
book-choose-collector = Pilih siapa yang mengambil.
# $days (Number) - days since it became ready
book-ready-days = { $days } hari di penyimpanan
# $book (String) - book number
# $defect (String) - what is wrong
book-defective-what = { $book }: { $defect }

# Daftar buku
book-list-title = Paspor
book-list-find = Pindai paspor atau ketik nomornya
book-list-find-button = Cari
book-list-allocate = Disetujui, menunggu blangko
book-list-work = Dalam pengerjaan
book-list-ready = Siap diambil
book-list-nothing = Tidak ada.
book-list-unknown = Buku ini tidak dikenal di kantor ini.
book-list-unknown-next = Periksa nomornya, atau cari nama pemohon di halaman Permohonan.
book-list-column-book = Buku
book-list-column-applicant = Pemohon
book-list-column-status = Tahap
book-list-column-since = Siap sejak
book-choose-check-next = Pilih Baik atau salah satu cacat, lalu simpan.
book-choose-collector-next = Pilih satu, lalu serahkan.
book-papers-needed-next = Paspor hanya diserahkan setelah surat-surat dilihat.
book-number-wrong-next = Pindai ulang atau ketik seperti yang tercetak, misalnya X1234567.

# Baris terbaca mesin
book-zone = Baris terbaca mesin
book-zone-hint = Cocokkan kedua baris ini, huruf demi huruf, dengan halaman data yang tercetak.
book-zone-none = Nama ini tidak dapat ditulis dengan huruf A–Z; susun baris terbaca mesin bersama pusat.
