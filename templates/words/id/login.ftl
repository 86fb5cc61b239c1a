# Masuk dan keluar.

login-title = Masuk
login-name = Nama pengguna
login-password = Kata sandi
login-submit = Masuk
login-wrong = Nama pengguna atau kata sandi salah
login-wrong-next = Periksa huruf besar dan kecil. Bila lupa, minta administrator kantor memberi kata sandi baru.
# $until (String) - a time
login-wait = Terlalu banyak percobaan. Coba lagi setelah pukul { $until }
login-wait-next = Selama itu tidak ada kata sandi yang diperiksa. Bila mendesak, hubungi administrator kantor.
login-out = Anda sudah keluar.
