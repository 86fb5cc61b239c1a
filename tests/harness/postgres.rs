//! A PostgreSQL server for this test run: made in a temporary folder, started once; when the test binary ends, however
//! it ends, the kernel tells the server's keeper, which stops it and removes the folder. Every test gets an empty
//! database of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::certified::Certified;
use super::{free_port, not_installed, wait_for};

static SERVER: OnceLock<Server> = OnceLock::new();
static DATABASES: AtomicUsize = AtomicUsize::new(0);

/// Runs the server ($1, folder $2, port $3) until it is told to end, and leaves nothing behind. Nothing is flushed to
/// the disk: the data lives as long as the tests.
const KEEPER: &str = r#"
"$1" -D "$2/data" -p "$3" -h 127.0.0.1 -k "$2" -F -c max_connections=100 -c ssl=on &
server=$!
trap 'kill -INT $server; wait $server; rm -rf "$2"' TERM
wait $server
"#;

struct Server {
    programs: PathBuf,
    port: u16,
    authority: PathBuf,
}

/// The authority that vouches for the server as `localhost`, a PEM file.
pub fn authority() -> PathBuf {
    SERVER.get_or_init(start).authority.clone()
}

/// Gives the server a certificate.
fn certify(folder: &Path) -> PathBuf {
    let made = Certified::make();
    let file = folder.join("authority.pem");
    std::fs::write(&file, made.authority).unwrap();
    for (name, text) in [("server.crt", made.certificate), ("server.key", made.key)] {
        let path = folder.join("data").join(name);
        std::fs::write(&path, text).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&path, mode).unwrap();
        let owned = Command::new("chown").arg("--reference").arg(folder.join("data")).arg(&path).status();
        assert!(owned.unwrap().success());
    }
    file
}

/// The address of a new, empty database.
pub fn database_url() -> String {
    let server = SERVER.get_or_init(start);
    let name = format!("loket_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let made = psql(server, "postgres", &format!("CREATE DATABASE {name}"));
    assert!(made, "the database {name} cannot be made");
    format!("postgres://postgres@127.0.0.1:{}/{name}", server.port)
}

fn start() -> Server {
    let programs = programs();
    let folder = tempfile::Builder::new().prefix("loket-postgres-").tempdir().unwrap().keep();
    let port = free_port();
    let data = folder.join("data");
    let mut initdb = as_owner(&folder, &programs.join("initdb"));
    initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "-D"]).arg(&data);
    let output = initdb.output().unwrap();
    assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
    let authority = certify(&folder);
    let server = Server { programs, port, authority };
    // The kernel's death signal goes with the thread that starts a process, so this thread lives as long as the tests.
    let mut keeper = as_owner(&folder, Path::new("sh"));
    keeper.args(["-c", KEEPER, "keeper"]).arg(server.programs.join("postgres")).arg(&folder);
    keeper.arg(port.to_string()).stdout(Stdio::null()).stderr(Stdio::null());
    std::thread::spawn(move || keeper.spawn().unwrap().wait().unwrap());
    wait_for("PostgreSQL to answer", || psql(&server, "postgres", "SELECT 1").then_some(()));
    server
}

/// A command that runs as somebody PostgreSQL accepts (never root), and is told when this process ends.
pub fn as_owner(folder: &Path, program: &Path) -> Command {
    let is_root =
        std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
    let mut command = Command::new("setpriv");
    if is_root {
        let owned = Command::new("chown").arg("postgres").arg(folder).status().unwrap();
        assert!(owned.success(), "the user postgres is missing");
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]);
    }
    command.arg("--pdeathsig=TERM").arg(program).current_dir("/");
    command
}

fn psql(server: &Server, database: &str, sql: &str) -> bool {
    let mut psql = Command::new(server.programs.join("psql"));
    psql.args(["-h", "127.0.0.1", "-U", "postgres", "-qc", sql, "-d", database]);
    psql.args(["-p", &server.port.to_string()]);
    psql.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
}

/// Where PostgreSQL's programs lie.
pub fn programs() -> PathBuf {
    let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") else { not_installed("PostgreSQL") };
    let folders = versions.map(|version| version.unwrap().path().join("bin"));
    folders.filter(|bin| bin.join("initdb").exists()).max().unwrap_or_else(|| not_installed("PostgreSQL"))
}

#[test]
fn every_test_gets_an_empty_database() {
    let (one, two) = (database_url(), database_url());
    assert_ne!(one, two);
    let server = SERVER.get().unwrap();
    let name = one.rsplit('/').next().unwrap();
    assert!(psql(server, name, "CREATE TABLE only_once (a int)"));
    assert!(!psql(server, name, "CREATE TABLE only_once (a int)"));
}
