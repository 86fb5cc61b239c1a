//! Towns for campaigns: a made demo with a few more officers, each of whom may do everything at a counter.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::sync::OnceLock;

use crate::harness::nodes::{Node, Town, loket};
use crate::harness::officer::Officer;

/// Logins and names of the crew.
pub const CREW: [(&str, &str); 3] =
    [("ayu", "Ayu Anjani"), ("bagus", "Bagus Wibowo"), ("citra", "Citra Dewi")];

const PASSWORD: &str = "pintu-besi-di-pelabuhan";

static MADE: OnceLock<tempfile::TempDir> = OnceLock::new();

/// A town of its own with the crew in it.
pub fn town() -> Town {
    let made = MADE.get_or_init(|| {
        let town = Town::new();
        hire(&town.dir("office"));
        let folder = tempfile::tempdir().unwrap();
        std::fs::remove_dir(folder.path()).unwrap();
        std::fs::rename(town.path(), folder.path()).unwrap();
        folder
    });
    Town::copy_of(made.path())
}

/// Gives the crew their logins at an office that is not running.
pub fn hire(office: &Path) {
    for (login, name) in CREW {
        let mut add = loket();
        add.args(["officer", "add", "--login", login, "--name", name, "--password-stdin", "--dir"])
            .arg(office);
        add.args(["--role", "front-desk", "--role", "interviewer", "--role", "custody"]);
        let mut add = add.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        writeln!(add.stdin.take().unwrap(), "{PASSWORD}").unwrap();
        assert!(add.wait().unwrap().success());
    }
}

/// One of the crew who has logged in.
pub async fn signed_in(office: &Node, login: &str) -> Officer {
    Officer::signed_in(&office.url, "/login", login, PASSWORD).await
}
