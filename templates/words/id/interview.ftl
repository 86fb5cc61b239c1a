# Wawancara.

interview-page-title = Wawancara
interview-flags = Yang perlu diperhatikan
interview-flags-none = Tidak ada catatan khusus.
interview-applicant = Pemohon
interview-nik = NIK
interview-born = Lahir
interview-occupation = Pekerjaan
interview-address = Alamat
interview-purpose = Tujuan
interview-destination = Negara tujuan
interview-old-passport = Paspor lama
interview-guardians = Orang tua atau wali
interview-documents = Dokumen
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
