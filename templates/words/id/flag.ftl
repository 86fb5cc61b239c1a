# Hal yang perlu diperhatikan petugas; tidak satu pun berarti penolakan.

flag-nik-birth-differs = Tanggal lahir berbeda dari angka NIK. Boleh terjadi; cocokkan dengan akta lahir.
flag-nik-sex-differs = Jenis kelamin berbeda dari angka NIK. Cocokkan dengan e-KTP.
flag-nik-region-old = NIK memakai kode wilayah lama. NIK tetap sah.
flag-nik-region-unknown = Kode wilayah pada NIK tidak dikenal program ini. Cocokkan dengan e-KTP.
flag-name-truncated = Nama terlalu panjang untuk zona baca mesin dan akan dipotong di sana.
flag-guardian-missing = Pemohon anak tanpa orang tua atau wali pada permohonan.
flag-one-parent = Hanya satu orang tua tercatat; yang lain lewat panggilan video atau surat kuasa.
# $age (Number) - years
flag-too-young-for-ten-years = Masa berlaku 10 tahun hanya untuk usia { $age } tahun ke atas atau sudah kawin.
flag-priority-ground-unclear = Antrean prioritas tanpa alasan yang jelas. Tanyakan alasannya.
flag-came-early = Datang sebelum jam janji.
flag-came-late = Datang setelah jam janji.
flag-same-day-too-late = Percepatan: datang setelah batas jam, mungkin tidak selesai hari ini.
# $papers (String) - names of papers
flag-documents-differ = Dokumen asli berbeda dari unggahan: { $papers }
# $fingers (String) - names of fingers
flag-fingers-poor = Sidik jari bermutu rendah: { $fingers }
# $by (String) - a moment
flag-provisional = Dilayani dengan bukti bayar; pembayaran harus dipastikan sebelum { $by }
# $by (String) - a moment
flag-provisional-overdue = Pembayaran belum dipastikan, batasnya { $by } sudah lewat
# $until (String) - a day
flag-hold-overdue = Batas melengkapi dokumen { $until } sudah lewat
# $by (String) - a day
flag-issue-overdue = Paspor seharusnya sudah siap pada { $by }
# $until (String) - a day
flag-not-collected = Paspor belum diambil sampai batas { $until }
flag-facts-parked = Sebagian catatan menunggu versi program yang lebih baru.
# $order (String) - the order, as it is cited
flag-on-prevention-list = Ada di daftar pencegahan ({ $order }). Jangan diteruskan; hubungi supervisor dan pusat.
flag-passport-held-before = Memilih paspor baru padahal menyebut paspor lama. Pastikan jenis permohonannya.
flag-work-abroad = Akan bekerja di luar negeri. Periksa rekomendasi dan kontrak kerjanya.
