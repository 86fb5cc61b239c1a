# Petugas kantor.

officer-title = Petugas
officer-list = Daftar petugas
officer-login = Nama pengguna
officer-name = Nama
officer-roles = Peran
officer-state = Keadaan
officer-active = aktif
officer-disabled = dinonaktifkan
officer-change = Ubah
officer-act = Tindakan
officer-add = Tambah petugas
# $name (String) - a name
officer-edit = Ubah { $name }
officer-login-hint = 2 sampai 32 huruf kecil, angka, titik, atau tanda hubung
officer-password = Kata sandi
officer-password-hint-new = Paling sedikit 8 karakter, tanpa nama pengguna di dalamnya
officer-password-hint-keep = Kosongkan bila tidak diganti. Bila diganti, petugas harus masuk lagi.
officer-save = Simpan petugas
officer-disable = Nonaktifkan
officer-disable-hint = Petugas langsung keluar dan tidak dapat masuk. Riwayat pekerjaannya tetap ada.
# $name (String) - a name
officer-saved = { $name } tersimpan.
# $name (String) - a name
officer-gone = { $name } dinonaktifkan.
officer-wrong-login = Nama pengguna harus 2 sampai 32 huruf kecil, angka, titik, atau tanda hubung
officer-wrong-name = Nama harus diisi, paling panjang 100 huruf
officer-wrong-roles = Pilih paling sedikit satu peran
officer-wrong-role-elsewhere = Peran itu hanya ada di pusat
officer-wrong-no-password = Petugas baru memerlukan kata sandi
officer-wrong-unknown = Petugas itu tidak ada
officer-wrong-last = Administrator terakhir tidak dapat dilepas
officer-wrong-short = Kata sandi terlalu pendek: paling sedikit 8 karakter
officer-wrong-long = Kata sandi terlalu panjang
officer-wrong-easy = Kata sandi terlalu mudah ditebak
officer-wrong-next = Perbaiki lalu simpan lagi. Kata sandi perlu diketik ulang.
officer-wrong-last-next = Tunjuk administrator lain lebih dahulu.
