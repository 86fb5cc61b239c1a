//! A PostgreSQL server that syncs as in service, can be killed, and lies in a town's folder.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::crew;
use crate::harness::nodes::{Town, start_demo_with};
use crate::harness::postgres::{as_owner, programs};
use crate::harness::process::Process;
use crate::harness::{free_port, wait_for};

/// The server's folder in a town.
pub const FOLDER: &str = "postgres";

static MADE: OnceLock<tempfile::TempDir> = OnceLock::new();

/// A server over a folder.
pub struct Server {
    folder: PathBuf,
    log: PathBuf,
    port: u16,
    process: Option<Process>,
}

/// A town whose registry keeps its database in a server of its own, which is not started.
pub fn town() -> (Town, Server) {
    let made = MADE.get_or_init(|| {
        let made = tempfile::tempdir().unwrap();
        std::fs::set_permissions(made.path(), PermissionsExt::from_mode(0o711)).unwrap();
        let folder = made.path().join(FOLDER);
        std::fs::create_dir(&folder).unwrap();
        let mut initdb = as_owner(&folder, &programs().join("initdb"));
        initdb
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "-D"])
            .arg(folder.join("data"));
        let output = initdb.output().unwrap();
        assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
        let mut server = Server::over(made.path());
        server.start();
        assert!(server.psql("postgres", "CREATE DATABASE loket"));
        let demo = start_demo_with(made.path(), &["--database-url", &server.url()]);
        assert!(demo.stop().success());
        crew::hire(&made.path().join("office"));
        server.stop();
        made
    });
    let town = Town::copy_of(made.path());
    std::fs::set_permissions(town.path(), PermissionsExt::from_mode(0o711)).unwrap();
    let server = Server::over(town.path());
    let settings = town.dir("registry").join("loket.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    let url = format!("database_url = \"{}\"", server.url());
    let text: Vec<_> =
        text.lines().map(|line| if line.starts_with("database_url") { url.as_str() } else { line }).collect();
    std::fs::write(settings, text.join("\n")).unwrap();
    (town, server)
}

impl Server {
    fn over(town: &Path) -> Self {
        let (folder, log) = (town.join(FOLDER), town.join("postgres.log"));
        Self { folder, log, port: free_port(), process: None }
    }

    /// The address of the registry's database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/loket", self.port)
    }

    /// Starts it and waits until it has recovered and answers.
    pub fn start(&mut self) {
        let mut running = self.begin();
        wait_for("PostgreSQL to answer", || {
            // After a kill its shared memory may be held a moment longer.
            if running.has_ended() {
                running = self.begin();
            }
            self.psql("postgres", "SELECT 1").then_some(())
        });
        self.process = Some(running);
    }

    fn begin(&self) -> Process {
        let mut command = as_owner(&self.folder, &programs().join("postgres"));
        command.arg("-D").arg(self.folder.join("data")).args(["-h", "127.0.0.1", "-k", ""]);
        command.args(["-p", &self.port.to_string(), "-c", "max_connections=40"]);
        Process::start(&mut command, self.log.clone())
    }

    /// Kills the server and everything it has started (SIGKILL).
    pub fn kill(&mut self) {
        let Some(process) = self.process.take() else { return };
        let children = format!("/proc/{0}/task/{0}/children", process.id());
        let children = std::fs::read_to_string(children).unwrap_or_default();
        process.kill();
        for child in children.split_whitespace() {
            // It may have ended with its parent.
            let _ = Command::new("kill").args(["-KILL", child]).stderr(std::process::Stdio::null()).status();
        }
        for child in children.split_whitespace() {
            wait_for("PostgreSQL to be gone", || (!Path::new("/proc").join(child).exists()).then_some(()));
        }
    }

    /// Whether it was started and not killed since.
    pub fn runs(&self) -> bool {
        self.process.is_some()
    }

    /// Stops it properly; nobody may be connected.
    pub fn stop(mut self) {
        assert!(self.process.take().unwrap().stop().success());
    }

    /// Runs a statement; whether it succeeded.
    pub fn psql(&self, database: &str, sql: &str) -> bool {
        let mut psql = Command::new(programs().join("psql"));
        psql.args(["-h", "127.0.0.1", "-U", "postgres", "-qc", sql, "-d", database]);
        psql.args(["-p", &self.port.to_string()]);
        psql.output().unwrap().status.success()
    }
}
