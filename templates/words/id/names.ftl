# Nama keadaan, peran, dokumen, dan hal lain yang dikenal aturan loket.

name-status-awaiting-payment = Menunggu pembayaran
name-status-expired = Permohonan kedaluwarsa
name-status-cancelled = Dibatalkan
name-status-expected = Sudah terbayar
name-status-arrived = Hadir
name-status-waiting = Menunggu dipanggil
name-status-serving = Sedang dilayani
name-status-held = Ditunda
name-status-captured = Perekaman biometrik selesai
name-status-awaiting-review = Menunggu supervisor
name-status-awaiting-decision = Menunggu ajudikasi
name-status-approved = Disetujui
name-status-refused = Ditolak
name-status-book-allocated = Alokasi
name-status-book-printed = Paspor dicetak
name-status-book-passed = Lulus uji kualitas
name-status-ready = Paspor siap diambil
name-status-handed-over = Sudah diserahkan
name-status-erased = Data dihapus

name-role-front-desk = Penerimaan
name-role-interviewer = Pewawancara
name-role-supervisor = Penyelia
name-role-custody = Penyerahan paspor
name-role-administrator = Administrator
name-role-auditor = Pengawas (hanya membaca)
name-role-headquarters = Pusat

name-document-identity-card = e-KTP
name-document-family-card = Kartu Keluarga
name-document-birth-proof = Akta lahir / nikah / ijazah
name-document-old-passport = Paspor lama
name-document-parents-identity-cards = e-KTP kedua orang tua
name-document-parents-marriage = Akta nikah orang tua
name-document-parents-statement = Surat pernyataan orang tua
name-document-police-report = Surat lapor kehilangan polisi
name-document-disaster-statement = Surat keterangan kahar
name-document-power-of-attorney = Surat kuasa
name-document-name-or-citizenship-ruling = Penetapan ganti nama / kewarganegaraan
name-document-recommendation = Surat rekomendasi

name-seen-agrees = Sesuai
name-seen-differs = Berbeda
name-seen-missing = Tidak dibawa

name-channel-mpaspor = M-Paspor
name-channel-priority = Prioritas
name-channel-same-day = Percepatan
name-channel-simpatik = Simpatik
name-channel-eazy = Eazy Passport
name-channel-examination = BAP

name-product-ordinary = Paspor biasa
name-product-electronic = Paspor elektronik
name-product-polycarbonate = Paspor elektronik polikarbonat
name-product-ordinary-short = biasa
name-product-electronic-short = elektronik
name-product-polycarbonate-short = polikarbonat

name-validity-five-years = 5 tahun
name-validity-ten-years = 10 tahun

name-priority-elderly = Lansia
name-priority-toddler = Balita
name-priority-disability = Penyandang disabilitas
name-priority-pregnant = Hamil / menyusui
name-priority-sick = Sakit

name-sex-f = Perempuan
name-sex-m = Laki-laki
name-sex-x = Tidak disebutkan

name-civil-single = Belum kawin
name-civil-married = Kawin
name-civil-divorced = Cerai hidup
name-civil-widowed = Cerai mati

name-relation-mother = Ibu
name-relation-father = Ayah
name-relation-guardian = Wali

name-replacement-expired = habis masa berlaku
name-replacement-full = halaman penuh
name-replacement-lost = hilang
name-replacement-damaged = rusak
name-replacement-lost-by-disaster = hilang karena kahar
name-replacement-damaged-by-disaster = rusak karena kahar

name-punctuality-early = lebih awal
name-punctuality-on-time = tepat waktu
name-punctuality-late = terlambat

name-ground-prevention-list = Masuk daftar pencegahan
name-ground-irregular-work = Diduga PMI nonprosedural
name-ground-untrue-statement = Data atau keterangan tidak benar
name-ground-wrong-type = Jenis permohonan keliru
name-ground-papers-not-completed = Dokumen tidak dilengkapi
name-ground-unlawful-purpose = Tujuan melanggar hukum

name-defect-print = cetakan cacat
name-defect-data = data keliru
name-defect-chip = cip tidak terbaca
name-defect-book = buku rusak
name-spri-interview = Wawancara
name-spri-allocation = Alokasi
name-spri-printing = Pencetakan
name-spri-issue = Penerbitan

name-exception-missing = Tidak ada
name-exception-bandaged = Terluka / diperban
name-exception-unreadable = Tidak terbaca
name-exception-not-required = Tidak diwajibkan

name-device-notifier = Pemberitahuan di komputer petugas
name-device-display = Layar antrean
name-device-kiosk = Kios mandiri

name-stage-interview = Foto dan wawancara
name-stage-collection = Pengambilan paspor

name-finger-1 = Ibu jari kanan
name-finger-2 = Telunjuk kanan
name-finger-3 = Jari tengah kanan
name-finger-4 = Jari manis kanan
name-finger-5 = Kelingking kanan
name-finger-6 = Ibu jari kiri
name-finger-7 = Telunjuk kiri
name-finger-8 = Jari tengah kiri
name-finger-9 = Jari manis kiri
name-finger-10 = Kelingking kiri
name-kind-new = Baru
name-kind-replacement-short = Penggantian
# $reason (String) - why
name-kind-replacement = Penggantian: { $reason }
name-payment-none = Belum ada tagihan
name-payment-due = Belum dibayar
name-payment-expired = Tagihan kedaluwarsa
name-payment-paid = Lunas
name-payment-refunded = Dikembalikan
name-payment-provisional = Dengan bukti, menunggu konfirmasi
name-actor-applicant = Pemohon
name-actor-bank = Bank
name-actor-node = Sistem
name-author-registry = Pusat

key-protection-file = berkas node.key (siapa yang memegang diska dapat membaca semuanya)
key-protection-passphrase = kata sandi panjang yang diketik saat server dinyalakan
key-protection-credential = kredensial dari systemd (TPM atau kunci mesin)
name-review-every = Setiap wawancara
name-review-refused = Ditolak di loket
name-review-nik-differs = Lulus padahal NIK berbeda dari tanggal lahir atau jenis kelamin
name-review-documents-differ = Lulus padahal dokumen asli berbeda dari unggahan
name-review-passport-held-before = Lulus sebagai paspor baru padahal pernah punya paspor
name-review-provisional = Lulus padahal pembayaran belum dipastikan
name-review-parents-incomplete = Anak dengan satu orang tua atau tanpa orang tua
name-review-work-abroad = Bekerja di luar negeri

# Tindakan pada tiket
ticket-act-call = panggilan
ticket-act-recall = panggilan ulang
ticket-act-start = mulai layani
ticket-act-absent = tidak hadir
ticket-act-return = pengembalian ke antrean
ticket-act-transfer = pengalihan
ticket-act-hold = penahanan
ticket-act-finish = selesai
