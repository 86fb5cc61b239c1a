# Wawancara.

interview-page-title = Wawancara
interview-flags = Yang perlu diperhatikan
interview-flags-none = Tidak ada catatan khusus.
interview-documents-none = Belum diperiksa
interview-outcome = Hasil wawancara
interview-passed = Lulus
interview-passed-hint = Diteruskan ke pusat untuk ajudikasi.
interview-held = Ditunda, dokumen belum lengkap
interview-held-hint = Permohonan menunggu sampai tanggal yang ditentukan.
interview-held-until = Ditunggu sampai tanggal
interview-held-documents = Dokumen yang kurang
interview-refused = Ditolak
interview-refused-hint = Biaya yang sudah dibayar tidak dikembalikan.
interview-refused-ground = Alasan penolakan
interview-notes = Catatan pewawancara
interview-notes-hint = Tampil di riwayat dan di pusat. Pada hasil lulus boleh kosong.
interview-save = Simpan hasil wawancara
interview-previous = Hasil sebelumnya
# $until (String) - date
interview-held-shown = Ditunda sampai { $until }
interview-choose = Pilih hasil wawancara.
interview-choose-ground = Pilih alasan penolakan.
interview-choose-date = Isi tanggal dengan benar.
interview-capture-open = Perekaman biometrik belum selesai.
interview-to-capture = Buka perekaman biometrik
interview-choose-next = Pilih lulus, ditunda, atau ditolak.
interview-choose-ground-next = Pilih satu alasan di bawah pilihan Ditolak.
interview-choose-date-next = Tulis hari, bulan, dan tahun.
interview-choose-documents = Tandai dokumen yang kurang.
interview-choose-documents-next = Sampaikan sendiri kepada pemohon apa yang harus dibawa; tidak ada pesan yang dikirim.
# $ground (String) - why first
interview-flag-priority = Antrean prioritas: { $ground }
interview-declared = Keterangan pemohon
interview-uploads = Unggahan dan dokumen asli
interview-upload-none = tidak diunggah
interview-upload-waits = gambar belum tiba dari pusat
# $paper (String) - which paper
interview-upload-open = Perbesar { $paper }
interview-original = Dokumen asli
interview-viewer-close = Tutup
interview-viewer-turn = Putar
interview-viewer-larger = Perbesar
interview-viewer-smaller = Perkecil
interview-viewer-full = Buka di tab baru
interview-questions = Pertanyaan dan jawaban
interview-questions-hint = Boleh dikosongkan. Jawaban tersimpan bersama pertanyaannya.
interview-others = Permohonan lain dengan NIK ini di kantor ini
# $number (String) - an application's number
# $status (String) - where it stands
interview-others-line = { $number }: { $status }
# $days (Number) - days until the last day
interview-days-left = { $days ->
    [0] hari terakhir
   *[other] { $days } hari lagi
}
interview-days-over = batas sudah lewat
interview-waits-review = Hasil ini menunggu supervisor:
interview-sent-back = Dikembalikan supervisor
interview-agreed = Disetujui supervisor
interview-review-title = Pemeriksaan supervisor
interview-review-hint = Yang merekam atau mewawancarai tidak boleh memutuskan sendiri.
interview-review-agree = Setujui hasil wawancara
interview-review-note = Catatan
interview-review-send-back = Kembalikan ke pewawancara
interview-review-reason = Alasan dikembalikan
