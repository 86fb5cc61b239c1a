//! A real mail server (aiosmtpd) that keeps what it receives in a mailbox folder.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;

use super::process::Process;
use super::{free_port, installed, wait_for};

/// A mail server that is gone with the value.
pub struct MailServer {
    _process: Process,
    folder: tempfile::TempDir,
    port: u16,
}

impl MailServer {
    /// Starts one on a free port.
    pub fn start() -> Self {
        installed("aiosmtpd", &["/usr/lib/python3/dist-packages/aiosmtpd/__init__.py"]);
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let mut command = Command::new("/usr/bin/python3");
        command.args(["-m", "aiosmtpd", "-n", "-l", &format!("127.0.0.1:{port}")]);
        command.args(["-c", "aiosmtpd.handlers.Mailbox"]).arg(folder.path().join("box"));
        let process = Process::start(&mut command, folder.path().join("log"));
        wait_for("the mail server to answer", || TcpStream::connect(("127.0.0.1", port)).ok());
        Self { _process: process, folder, port }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
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
    let mut line = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
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
