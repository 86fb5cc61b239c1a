# Kalender kantor dan tenggat terbit paspor.

calendar-title = Kalender kantor
calendar-intro = Tenggat dihitung menurut hari kerja di bawah ini.
# $days (Number) - working days
# $day (String) - a date
calendar-example = Paspor yang diwawancara hari ini harus terbit paling lambat { $day } ({ $days } hari kerja).
calendar-days = Hari yang berbeda dari biasanya
calendar-none = Belum ada hari libur nasional atau cuti bersama yang diisi. Tanpa itu tenggat dihitung terlalu cepat.
calendar-day = Tanggal
calendar-what = Keterangan
calendar-holiday = Libur
calendar-extra = Tetap bekerja
calendar-past = sudah lewat
calendar-take-back = Hapus
calendar-week = Hari kerja dalam sepekan
calendar-week-change = Ubah
calendar-week-empty = Kalender ini tidak dapat disimpan.
calendar-week-empty-next = Pilih sedikitnya satu hari kerja; bila tanggalnya sangat banyak, hapus yang tidak perlu.
calendar-add = Tambah hari
calendar-save = Simpan
calendar-choose = Pilih libur atau tetap bekerja.
calendar-choose-next = Pilih satu, lalu simpan.

due-title = Tenggat terbit
# $days (Number) - working days
due-rule = Paspor terbit paling lambat { $days } hari kerja setelah wawancara; tidak berlaku untuk paspor hilang atau rusak.
due-overdue = Lewat tenggat
due-today = Hari terakhir: hari ini
due-coming = Berikutnya
# $days (Number) - days
due-late = lewat { $days } hari
due-column-day = Paling lambat
due-column-interview = Wawancara
# $count (Number) - how many
due-more = dan { $count } lagi.
