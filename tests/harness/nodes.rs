//! The program itself, as people run it: the demo, an office, a registry.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use loket::demo::record::{Login, Record};
use loket::domain::actor::Role;
use loket::domain::number::ApplicationNumber;

use super::officer::Officer;
use super::process::Process;

/// The program that was built for the tests, or the copy of it that a long campaign has put aside.
pub fn loket() -> Command {
    let copy = std::env::var_os("LOKET_TEST_PROGRAM");
    let mut command = Command::new(copy.unwrap_or_else(|| env!("CARGO_BIN_EXE_loket").into()));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("LOKET_")) {
        command.env_remove(name);
    }
    command
}

/// A made demo, as every story finds it: made once, copied for each.
static MADE: OnceLock<tempfile::TempDir> = OnceLock::new();

/// A made demo whose nodes can be started and stopped one by one.
pub struct Town {
    folder: tempfile::TempDir,
    record: Record,
    environment: Vec<(String, String)>,
}

impl Town {
    /// A town of its own on the morning of the day.
    pub fn new() -> Self {
        let made = MADE.get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            assert!(start_demo(folder.path()).stop().success());
            folder
        });
        Self::copy_of(made.path())
    }

    /// A town of its own, as another one lies there. Nothing runs in the other one.
    pub fn copy_of(made: &Path) -> Self {
        let folder = tempfile::Builder::new().prefix("loket-town-").tempdir().unwrap();
        let everything = format!("{}/.", made.display());
        let copied = Command::new("cp").args(["-a", &everything]).arg(folder.path()).status().unwrap();
        assert!(copied.success());
        let record = Record::load(folder.path()).unwrap().unwrap();
        Self { folder, record, environment: Vec::new() }
    }

    /// Where everything of the town lies.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves the folder there when the town is gone, for a person to look at.
    pub fn keep(&mut self) {
        self.folder.disable_cleanup(true);
    }

    /// Gives programs that are started from now on something in their environment.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// What the demo wrote down.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The folder of a node: `office` or `registry`.
    pub fn dir(&self, node: &str) -> PathBuf {
        self.folder.path().join(node)
    }

    /// The first booking of a case.
    pub fn case(&self, case: &str) -> ApplicationNumber {
        self.cases(case)[0].clone()
    }

    /// All bookings of a case.
    pub fn cases(&self, case: &str) -> Vec<ApplicationNumber> {
        let cases = self.record.cases.iter().filter(|found| found.case == case);
        cases.map(|found| found.number.clone()).collect()
    }

    /// Starts the registry; port 0 takes a free one. Mails go to this server.
    pub fn start_registry(&self, port: u16, smtp: Option<&str>) -> Node {
        self.begin_registry(port, smtp).serving("Registry at ")
    }

    /// Starts the registry and does not wait until it serves.
    pub fn begin_registry(&self, port: u16, smtp: Option<&str>) -> Process {
        let mut command = loket();
        command
            .args(["registry", "--listen", &format!("127.0.0.1:{port}"), "--dir"])
            .arg(self.dir("registry"));
        command.args(smtp.map(|smtp| ["--smtp", smtp]).into_iter().flatten());
        self.begin(command)
    }

    /// Starts the demo's office, which looks for its registry at this address.
    pub fn start_office(&self, registry_url: &str) -> Node {
        self.start("office", registry_url)
    }

    /// Starts the office in this folder.
    pub fn start(&self, folder: &str, registry_url: &str) -> Node {
        self.start_at(0, folder, registry_url)
    }

    /// Starts the office in this folder at a port it had before.
    pub fn start_at(&self, port: u16, folder: &str, registry_url: &str) -> Node {
        self.begin_office(port, folder, registry_url).serving("Office at ")
    }

    /// Starts the office in this folder and does not wait until it serves.
    pub fn begin_office(&self, port: u16, folder: &str, registry_url: &str) -> Process {
        let listen = format!("127.0.0.1:{port}");
        let mut command = loket();
        command.args(["office", "--listen", listen.as_str(), "--registry-url", registry_url, "--dir"]);
        command.arg(self.dir(folder));
        self.begin(command)
    }

    fn begin(&self, mut command: Command) -> Process {
        command.envs(self.environment.iter().cloned());
        let log = tempfile::Builder::new().prefix("node-").suffix(".log").tempfile_in(self.path()).unwrap();
        Process::start(&mut command, log.into_temp_path().keep().unwrap())
    }

    /// Somebody of the office who has logged in.
    pub async fn officer(&self, office: &Node, role: Role) -> Officer {
        let Login { name, password, .. } = self.record.login(role).unwrap();
        Officer::signed_in(&office.url, "/login", name, password).await
    }

    /// Somebody of headquarters who has logged in.
    pub async fn staff(&self, registry: &Node) -> Officer {
        let Login { name, password, .. } = self.record.login(Role::Headquarters).unwrap();
        Officer::signed_in(&registry.url, "/staff/login", name, password).await
    }
}

/// Starts the demo in a folder and waits until it runs.
pub fn start_demo(folder: &Path) -> Process {
    start_demo_with(folder, &[])
}

/// Starts the demo with more arguments.
pub fn start_demo_with(folder: &Path, arguments: &[&str]) -> Process {
    let mut command = loket();
    command.args(["demo", "--office-port", "0", "--registry-port", "0"]).args(arguments);
    command.arg("--dir").arg(folder);
    let mut demo = Process::start(&mut command, folder.join("demo.log"));
    demo.wait_until_it_says("Ctrl-C stops");
    demo
}

/// A node that runs.
pub struct Node {
    /// Where it serves.
    pub url: String,
    /// The program.
    pub process: Process,
}

impl Node {
    /// Its port.
    pub fn port(&self) -> u16 {
        self.url.rsplit(':').next().unwrap().parse().unwrap()
    }
}

impl Process {
    /// Waits until it says where it serves.
    fn serving(mut self, says: &str) -> Node {
        let line = self.wait_until_it_says(says);
        let url = line.split_once(says).unwrap().1.trim().to_owned();
        Node { url, process: self }
    }
}
