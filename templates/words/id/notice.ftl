# Pemberitahuan di komputer petugas. Hanya nomor, tidak pernah nama.

notice-ready = Paspor siap diambil
# $number (String) - the application's number
notice-ready-body = Permohonan { $number }
# $number (String) - the application's number
# $book (String) - the book's number
notice-ready-book-body = Permohonan { $number }, paspor { $book }
notice-line-down = Tanpa sambungan ke pusat
notice-line-down-body = Pelayanan berjalan terus. Semua tersimpan di kantor ini dan dikirim bila tersambung.
notice-line-up = Tersambung lagi ke pusat
notice-line-up-body = Yang belum terkirim sedang dikirim.
notice-conflict = Perlu diperiksa penyelia
# $number (String) - the application's number
notice-conflict-body = Catatan kantor dan pusat tidak sama: permohonan { $number }
