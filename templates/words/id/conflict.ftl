# Bila dua keterangan tidak sejalan.

conflict-page-title = Perselisihan data
conflict-lead = Keterangan kantor dan pusat tidak sejalan pada permohonan di bawah ini. Keduanya disimpan; yang berlaku sementara tertulis di sampingnya.
conflict-none = Semua keterangan sejalan.
conflict-none-hint = Halaman ini terisi sendiri bila keterangan dari pusat dan kantor berbeda.
conflict-column-application = Permohonan
conflict-column-what = Yang tidak sejalan
conflict-column-holds = Yang berlaku sementara
# $count (Number) - applications
conflict-count = { $count } permohonan
conflict-arrived-after-change = Jadwal diubah atau dibatalkan di pusat, tetapi pemohon sudah hadir di kantor
conflict-arrived-after-change-holds = Kehadiran berlaku dan slot lama dibebaskan; kantor menjelaskan kepada pemohon
conflict-served-twice = Dilayani di dua kantor
# $office (String) - an office
conflict-served-twice-holds = Kunjungan di { $office } berlaku; paspor tidak dapat siap sebelum satu kunjungan dilepas penyelia kantor itu, atau pusat memilih
conflict-provisional = Dilayani dengan bukti bayar, pembayaran belum dipastikan pusat
conflict-provisional-holds = Pelayanan jalan terus; keputusan menunggu pembayaran
conflict-evidence-differs = NTPN yang ditunjukkan berbeda dari pembayaran yang tercatat
conflict-evidence-differs-holds = Pembayaran yang tercatat berlaku; periksa bukti yang ditunjukkan
conflict-paid-late = Dibayar setelah batas waktu tagihan
conflict-paid-late-holds = Berlaku kembali bila slot masih ada; bila tidak, jadwal baru atau pengembalian
conflict-paid-twice = Dibayar lebih dari sekali
conflict-paid-twice-holds = Pembayaran pertama berlaku; sisanya di daftar rekonsiliasi
conflict-decision-on-old-capture = Keputusan pusat dibuat atas perekaman biometrik yang sudah diulang
conflict-decision-on-old-capture-holds = Perekaman yang baru berlaku; keputusan diminta lagi
conflict-handed-over-and-cancelled = Paspor sudah diserahkan, tetapi dibatalkan pusat
conflict-handed-over-and-cancelled-holds = Keduanya berlaku; segera hubungi penyelia dan pusat
conflict-issued-and-refused = Permohonan ditolak, tetapi laporan SPRI menyebut bukunya
conflict-issued-and-refused-holds = Penolakan berlaku; tahan bukunya dan segera hubungi pusat
conflict-urgent = Segera
conflict-settle = Selesaikan
