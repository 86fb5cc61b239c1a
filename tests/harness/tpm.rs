//! A TPM 2.0 in software (swtpm) and systemd's own program that seals credentials with it.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::process::Process;
use super::{free_port, installed, wait_for};

/// A machine's TPM and the secret systemd keeps on its disk; gone with the value.
pub struct Tpm {
    _process: Process,
    folder: tempfile::TempDir,
    port: u16,
}

impl Tpm {
    /// A new one: what it seals nothing else opens.
    pub fn start() -> Self {
        let program = installed("swtpm", &["/usr/bin/swtpm"]);
        let folder = tempfile::tempdir().unwrap();
        let port = port_with_the_next();
        let at = |port: u16| format!("type=tcp,port={port},bindaddr=127.0.0.1");
        let mut command = Command::new(program);
        command.args(["socket", "--tpm2", "--flags", "startup-clear,not-need-init"]);
        command.args(["--server", &at(port), "--ctrl", &at(port + 1)]);
        command.arg("--tpmstate").arg(format!("dir={}", folder.path().display()));
        let process = Process::start(&mut command, folder.path().join("log"));
        wait_for("the TPM to answer", || TcpStream::connect(("127.0.0.1", port + 1)).ok());
        Self { _process: process, folder, port }
    }

    /// `systemd-creds encrypt` for this machine.
    pub fn seal(&self, key: &Path, sealed: &Path) {
        let output = self.creds("encrypt", &["--with-key=host+tpm2"]).arg(key).arg(sealed).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// What the service manager does before it starts a service: unseals into a folder that only this start sees.
    pub fn unseal(&self, sealed: &Path, opened: &Path) -> Output {
        self.creds("decrypt", &[]).arg(sealed).arg(opened).output().unwrap()
    }

    fn creds(&self, what: &str, flags: &[&str]) -> Command {
        let program = installed("systemd-creds", &["/usr/bin/systemd-creds"]);
        let mut command = Command::new(program);
        command.args([what, "--name=node.key"]).args(flags);
        command.arg(format!("--tpm2-device=swtpm:host=127.0.0.1,port={}", self.port));
        // The machine that runs the tests keeps its own.
        command.env("SYSTEMD_CREDENTIAL_SECRET", self.folder.path().join("host.secret"));
        command
    }

    /// Takes the secret another machine has on its disk: what a thief has who took the disk and not the machine.
    pub fn with_disk_of(self, other: &Self) -> Self {
        let secret = |it: &Self| -> PathBuf { it.folder.path().join("host.secret") };
        std::fs::copy(secret(other), secret(&self)).unwrap();
        self
    }
}

/// The control channel of a TPM stands at the port after its own.
fn port_with_the_next() -> u16 {
    wait_for("two ports in a row", || {
        let port = free_port();
        TcpListener::bind(("127.0.0.1", port.checked_add(1)?)).ok().map(|_| port)
    })
}
