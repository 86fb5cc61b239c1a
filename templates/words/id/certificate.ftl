# Sertifikat server, sebelum ada yang dapat masuk.

certificate-title = Pasang sertifikat server ini
# $hosts (String) - names and addresses
certificate-lead = Dengan sertifikat ini peramban Anda yakin bahwa yang dibukanya memang server ini ({ $hosts }), dan tidak ada orang lain di jaringan yang dapat ikut membaca. Dipasang sekali saja di tiap komputer.
certificate-compare = Pasang hanya bila sidik jari berikut sama persis dengan yang dibacakan administrator dari layar server.
certificate-thumbprint = SHA-1 (di Windows: cap jempol, thumbprint)
certificate-download = Unduh sertifikat
# $until (String) - a date
certificate-until = berlaku sampai { $until }
certificate-windows = Buka berkas yang diunduh, pilih Install Certificate (Instal Sertifikat), Current User atau Local Machine, lalu Place all certificates in the following store (Tempatkan semua sertifikat di penyimpanan berikut) dan pilih Trusted Root Certification Authorities. Bandingkan cap jempol pada peringatan yang muncul sebelum menekan Yes.
certificate-android = Settings (Setelan) → Security & privacy (Keamanan & privasi) → Encryption & credentials (Enkripsi & kredensial) → Install a certificate (Instal sertifikat) → CA certificate (Sertifikat CA), lalu pilih berkas yang diunduh.
certificate-chrome = Settings (Setelan) → Privacy and security (Privasi dan keamanan) → Security (Keamanan) → Manage certificates (Kelola sertifikat) → Authorities (Otoritas) atau Installed by you → Import (Impor), pilih berkas yang diunduh, dan centang kepercayaan untuk mengenali situs web.
certificate-firefox = Settings (Pengaturan) → Privacy & Security (Privasi & Keamanan) → View Certificates (Lihat Sertifikat) → Authorities (Otoritas) → Import (Impor), pilih berkas yang diunduh, dan centang Trust this CA to identify websites. Tombol View (Lihat) di sana menunjukkan sidik jarinya.
certificate-then = Setelah itu tutup peramban, buka lagi, dan masuk di
certificate-only-https = Alamat ini hanya menerima https. Tidak ada yang disimpan.
