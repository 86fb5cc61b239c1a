# The server's certificate, before anybody can log in.

certificate-title = Install this server's certificate
certificate-lead = With this certificate your browser knows that what it opens is this server ({ $hosts }) and that nobody else on the network reads along. It is installed once on each computer.
certificate-compare = Install it only if the following fingerprint is exactly the one an administrator reads to you from the server's screen.
certificate-thumbprint = SHA-1 (Windows calls it the thumbprint)
certificate-download = Download the certificate
certificate-until = good until { $until }
certificate-windows = Open the downloaded file, choose Install Certificate, Current User or Local Machine, then Place all certificates in the following store and choose Trusted Root Certification Authorities. Compare the thumbprint in the warning that appears before you press Yes.
certificate-android = Settings → Security & privacy → Encryption & credentials → Install a certificate → CA certificate, then choose the downloaded file.
certificate-chrome = Settings → Privacy and security → Security → Manage certificates → Authorities (or Installed by you) → Import, choose the downloaded file, and tick that it is trusted to identify websites.
certificate-firefox = Settings → Privacy & Security → View Certificates → Authorities → Import, choose the downloaded file, and tick Trust this CA to identify websites. The button View there shows its fingerprint.
certificate-then = Then close the browser, open it again, and log in at
certificate-only-https = This address only takes https. Nothing was saved.
