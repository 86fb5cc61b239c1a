//! A real mail server (aiosmtpd) that keeps what it receives in a mailbox folder.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;

use super::certified::Certified;
use super::process::Process;
use super::{free_port, installed, wait_for};

/// How a mail server speaks TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secured {
    /// From the first byte (`smtps://`).
    AtOnce,
    /// After STARTTLS, before which it takes no mail.
    AfterHello,
}

/// A mail server that is gone with the value.
pub struct MailServer {
    _process: Process,
    folder: tempfile::TempDir,
    url: String,
}

impl MailServer {
    /// Starts one in the open on a free port.
    pub fn start() -> Self {
        Self::start_with(|port| format!("smtp://127.0.0.1:{port}"), &[], tempfile::tempdir().unwrap())
    }

    /// Starts one that shows this certificate, under the name in it.
    pub fn start_secured(certified: &Certified, secured: Secured) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.into_os_string().into_string().unwrap()
        };
        let (certificate, key) = (file("cert.pem", &certified.certificate), file("key.pem", &certified.key));
        match secured {
            Secured::AtOnce => {
                let flags = ["--smtpscert", &certificate, "--smtpskey", &key];
                Self::start_with(|port| format!("smtps://localhost:{port}"), &flags, folder)
            }
            Secured::AfterHello => {
                let flags = ["--tlscert", &certificate, "--tlskey", &key];
                Self::start_with(|port| format!("smtp://localhost:{port}?tls=required"), &flags, folder)
            }
        }
    }

    fn start_with(url: impl Fn(u16) -> String, flags: &[&str], folder: tempfile::TempDir) -> Self {
        installed("aiosmtpd", &["/usr/lib/python3/dist-packages/aiosmtpd/__init__.py"]);
        let port = free_port();
        let mut command = Command::new("/usr/bin/python3");
        command.args(["-m", "aiosmtpd", "-n", "-l", &format!("127.0.0.1:{port}")]).args(flags);
        command.args(["-c", "aiosmtpd.handlers.Mailbox"]).arg(folder.path().join("box"));
        let process = Process::start(&mut command, folder.path().join("log"));
        wait_for("the mail server to answer", || TcpStream::connect(("127.0.0.1", port)).ok());
        Self { _process: process, folder, url: url(port) }
    }

    /// Its address, as it stands in a registry's settings.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Everything received so far, as it came over the wire.
    pub fn received(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.folder.path().join("box/new")) else { return Vec::new() };
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect()
    }

    /// Waits for a mail to somebody.
    pub fn wait_for_mail_to(&self, address: &str) -> String {
        wait_for(&format!("a mail to {address}"), || {
            self.received().into_iter().find(|mail| mail.contains(address))
        })
    }
}

#[test]
fn the_mail_server_keeps_what_it_receives() {
    use std::io::{BufRead, BufReader, Write};
    let server = MailServer::start();
    let mut line = TcpStream::connect(server.url().trim_start_matches("smtp://")).unwrap();
    let mut answers = BufReader::new(line.try_clone().unwrap()).lines();
    answers.next().unwrap().unwrap();
    let body = "Subject: one\r\n\r\ntwo\r\n.";
    for said in
        ["HELO here", "MAIL FROM:<a@contoh.example>", "RCPT TO:<b@contoh.example>", "DATA", body, "QUIT"]
    {
        line.write_all(format!("{said}\r\n").as_bytes()).unwrap();
        answers.next().unwrap().unwrap();
    }
    assert!(server.wait_for_mail_to("b@contoh.example").contains("Subject: one"));
}
