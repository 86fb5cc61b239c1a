//! What stories and browser tests stand on: real programs on free ports, in folders that vanish. A test that needs a
//! program which is not installed fails and says what to do; it never passes by not looking.

pub mod certified;
pub mod desktop;
pub mod html;
pub mod mail;
pub mod nodes;
pub mod officer;
pub mod postgres;
pub mod process;
pub mod tpm;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Longest wait for a program on a busy machine.
const PATIENCE: Duration = Duration::from_mins(4);

/// The first of these files that exists.
pub fn installed(name: &str, places: &[&str]) -> PathBuf {
    let found = places.iter().map(Path::new).find(|path| path.exists());
    found.unwrap_or_else(|| not_installed(name)).to_owned()
}

/// Fails the test with what to do about it.
pub fn not_installed(name: &str) -> ! {
    panic!("{name} is not installed. Run ./tests/run once: it installs what the tests need.")
}

/// Every file in a folder and in the folders below it.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Waits for something that another process does, asking again and again, until there is an answer.
pub fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < until, "waited {PATIENCE:?} for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits for a page that says what it should, opening it again and again.
pub async fn eventually(
    officer: &mut officer::Officer,
    path: &str,
    what: &str,
    is_so: impl Fn(&officer::Page) -> bool,
) -> officer::Page {
    let until = Instant::now() + PATIENCE;
    loop {
        let page = officer.open(path).await;
        if is_so(&page) {
            return page;
        }
        assert!(Instant::now() < until, "waited {PATIENCE:?} for {what} on {path}:\n{}", page.body());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A port nobody listens on at this moment.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
