# Laporan tahap dari SPRI: unggah, pratinjau, terapkan.

import-title = Laporan SPRI
import-intro = Unggah laporan tahap dari SPRI (Wawancara, Alokasi, Pencetakan, atau Penerbitan) untuk menandai banyak paspor sekaligus. Sebelum ada yang berubah, halaman berikut memperlihatkan persis apa yang akan berubah.
import-file = Berkas laporan
import-file-hint = Excel (.xls, .xlsx) atau CSV, paling besar 8 MB. Judul kolom NOMOR PERMOHONAN harus ada dalam 15 baris pertama.
import-stage = Tahap laporan
import-stage-hint = Bila berkas menyebut tahapnya, tidak perlu dipilih.
import-stage-auto = Baca dari berkas
import-read-button = Baca dan perlihatkan
import-back = Kembali ke daftar paspor
import-no-file = Belum ada berkas yang dipilih.
import-no-file-next = Pilih berkas laporan dari SPRI.
# $megabytes (Number) - the limit
import-too-large = Berkas lebih besar dari { $megabytes } MB.
# $rows (Number) - the limit
import-too-many-rows = Berkas berisi lebih dari { $rows } baris.
import-split-next = Ekspor ulang dari SPRI untuk jangka waktu yang lebih pendek.
import-web-page = Berkas ini sebenarnya halaman web, walau namanya berakhiran Excel.
import-unreadable = Berkas ini tidak dapat dibaca: rusak, terkunci kata sandi, atau bukan Excel maupun CSV.
import-save-as-next = Buka di Excel, simpan sebagai .xlsx, lalu unggah lagi.
# $rows (Number) - so many rows from the top
import-no-header = Tidak ada judul kolom NOMOR PERMOHONAN dalam { $rows } baris pertama.
import-no-header-next = Periksa apakah ini laporan tahap dari SPRI. Judul yang dikenal: NOMOR PERMOHONAN, NO PERMOHONAN, NOMOR PEMOHON.
import-no-rows = Tidak ada baris di bawah judul kolom.
import-no-rows-next = Ekspor ulang laporan dari SPRI.
import-stage-unknown = Berkas tidak menyebut tahapnya.
import-stage-unknown-next = Pilih tahap laporan ini, lalu pilih berkasnya lagi.
# $stage (String) - a stage
import-stage-other = Berkas menyebut tahap { $stage }, bukan yang dipilih.
import-stage-other-next = Pilih “Baca dari berkas”, atau periksa apakah berkasnya benar.
import-gone = Laporan ini sudah tidak disimpan untuk pratinjau.
import-gone-next = Unggah lagi. Yang sudah diterapkan tetap tercatat dan tidak dicatat dua kali.
# $stage (String) - a stage
import-preview-title = Laporan { $stage }
import-count-changed = akan berubah
import-count-same = sudah sesuai
import-count-unknown = tidak dikenal di kantor ini
import-count-refused = ditolak
import-apply-title = Yang akan berubah
import-apply-button = Terapkan
import-nothing = Tidak ada yang akan berubah.
import-download = Unduh semua baris (CSV)
import-other = Unggah laporan lain
import-changes = Akan berubah
import-unknown = Tidak dikenal di kantor ini
import-refused = Ditolak
# $changed (Number) - how many
# $same (Number) - how many
import-done = Diterapkan: { $changed } permohonan berubah, { $same } sudah sesuai.
import-column-line = Baris
import-column-number = Nomor permohonan
import-column-name = Nama
import-column-what = Hasil
import-column-next = Tindak lanjut
# $name (String) - a name
import-booked-as = terdaftar: { $name }
# $count (Number) - how many
import-more = dan { $count } baris lagi; semuanya ada di berkas CSV.
# $from (String) - a status
# $to (String) - a status
import-moves = { $from } → { $to }
# $status (String) - a status
import-noted = Dicatat; tetap { $status } sampai yang lain terpenuhi, misalnya pembayaran
# $status (String) - a status
import-same-as = Sudah { $status }
import-unknown-why = Nomor ini tidak dikenal di kantor ini
import-unknown-next = Mungkin diproses kantor lain, atau datanya belum diterima dari pusat. Unggah lagi setelah jalur tersambung.
import-row-no-number = Tanpa nomor permohonan
import-row-rounded = Nomor tersimpan sebagai angka sehingga digit terakhirnya hilang
import-row-rounded-next = Format kolom nomor sebagai teks di SPRI atau Excel, lalu ekspor ulang.
import-row-not-a-number = Bukan nomor permohonan 16 digit
import-row-birth-date = Tanggal lahir tidak terbaca
import-row-by-hand = Periksa barisnya di laporan, atau catat dari halaman permohonannya.
# $line (Number) - a row
import-row-again = Nomor yang sama sudah ada di baris { $line }
