# Signing in and out.

login-title = Sign in
login-name = User name
login-password = Password
login-submit = Sign in
login-wrong = The user name or the password is wrong
login-wrong-next = Check capitals. If it is forgotten, ask the office's administrator for a new one.
login-wait = Too many tries. Try again after { $until }
login-wait-next = Until then no password is looked at. If it is urgent, ask the office's administrator.
login-out = You have signed out.
