# Mendaftarkan pemohon tanpa janji temu.

walk-in-title = Daftar tanpa janji temu
# $count (Number) - how many
walk-in-numbers-left = Sisa nomor permohonan cadangan: { $count }
walk-in-kind = Jenis permohonan
walk-in-product = Paspor
walk-in-validity = Masa berlaku
walk-in-ground = Alasan prioritas
walk-in-examination = Nomor BAP (paspor hilang atau rusak)
walk-in-nik-hint = 16 angka pada e-KTP; untuk anak, NIK anak pada Kartu Keluarga
walk-in-name = Nama lengkap
walk-in-name-hint = Seperti pada e-KTP atau akta
walk-in-born-on = Tanggal lahir
walk-in-birthplace = Tempat lahir
walk-in-guardian = Orang tua atau wali
walk-in-guardian-hint = Wajib untuk anak; selain itu kosongkan.
walk-in-relation = Hubungan
walk-in-register = Daftarkan
walk-in-open = Jalur hari ini
# $count (Number) - how many
walk-in-left = Sisa { $count }.
walk-in-money = Kode billing dibuat pusat dan muncul di halaman permohonan. Bila jalur terputus, pelayanan jalan terus dan keputusan menunggu pembayaran.
# $count (Number) - how many
walk-in-known = NIK ini sudah punya { $count } permohonan yang belum selesai
walk-in-known-next = Buka permohonan itu lebih dahulu. Centang di bawah bila tetap perlu didaftarkan.
walk-in-despite = Tetap daftarkan sebagai permohonan baru
walk-in-wrong-nik = NIK tidak terbaca
walk-in-wrong-nik-next = Ketik 16 angka tanpa huruf.
walk-in-wrong-name = Nama belum diisi atau terlalu panjang
walk-in-wrong-name-next = Ketik nama lengkap seperti pada e-KTP.
walk-in-wrong-born = Tanggal lahir belum diisi
walk-in-wrong-born-next = Isi tanggal lahir seperti pada e-KTP atau akta.
walk-in-wrong-birthplace = Tempat lahir belum diisi
walk-in-wrong-birthplace-next = Isi kota atau kabupatennya.
walk-in-wrong-guardian = Data orang tua atau wali belum lengkap
walk-in-wrong-guardian-next = Isi nama dan NIK-nya, atau kosongkan keduanya.
# $what (String) - what is to be chosen
walk-in-wrong-choice = { $what } belum dipilih
walk-in-wrong-choice-next = Pilih dari daftar yang ada.
