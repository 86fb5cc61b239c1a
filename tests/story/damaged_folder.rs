//! Every kind of file in a node's folder, as the real program leaves it after a stop and after a kill: flipped, cut
//! short, removed. `loket check` names each, changes nothing, and mends what this machine can mend alone. What the other
//! side hands back is tried in `tests/office/damage.rs`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::harness::nodes::{Town, loket};
use crate::harness::{files, wait_for};

/// What `loket check` says of a damaged file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    /// Something is wrong, with this file's name.
    Wrong,
    /// The same; at least what was removed or cut. A flipped bit may lie where nothing is written.
    WrongIfCut,
    /// The same, unless no row was lost: all of them are compared.
    WrongIfLost,
    /// A note with its name: it may be as somebody wants it.
    Noted,
    /// As [`Told::Wrong`] when it cannot be read at all, else as [`Told::Noted`].
    WrongOrNoted,
    /// Something is wrong, with the name of the file that is missed because of this one.
    Beside,
    /// Nothing, for it holds nothing.
    NoData,
}

use Told::{Beside, NoData, Noted, Wrong, WrongIfCut, WrongIfLost, WrongOrNoted};

/// Who makes it good again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mended {
    /// `loket check --heal`, alone.
    Here,
    /// The other side at the next exchange.
    Exchange,
    /// A person with a backup.
    Backup,
}

use Mended::{Backup, Exchange, Here};

/// A kind of file: how its name begins, what is told after a stop and after a kill, and who mends it.
struct Kind(&'static str, Told, Told, Mended);

/// Every file of an office belongs to the first of these that it begins with.
const OFFICE: &[Kind] = &[
    // That a picture has come is noted after it is here, and settled every 30 seconds: until then it is awaited again.
    Kind("blobs/", WrongOrNoted, WrongOrNoted, Exchange),
    Kind("journal/hq_", Wrong, Wrong, Exchange),
    Kind("journal/office_", Wrong, Wrong, Exchange),
    Kind("journal/keys.seg", Wrong, Wrong, Exchange),
    // Empty: taken by whoever opens the journals.
    Kind("journal/lock", NoData, NoData, Here),
    // How far the journal went, at least. Damaged or gone it says less, and a check misses less.
    Kind("journal/mark", NoData, NoData, Here),
    // A cache of where records lie; not used when it does not open.
    Kind("journal/places", NoData, NoData, Here),
    // Holds room and no data.
    Kind("journal/reserve", NoData, NoData, Here),
    // Empty: says that a process has the journals open, or was killed.
    Kind("journal/running", NoData, NoData, Here),
    // A setting that is still one cannot be told from what a person wrote.
    Kind("loket.toml.sums", Noted, Noted, Here),
    Kind("loket.toml", WrongOrNoted, WrongOrNoted, Backup),
    Kind("node.key", Wrong, Wrong, Backup),
    Kind("tables.sums", Wrong, Wrong, Here),
    // After a kill all rows are compared, and sled's files hold more than rows.
    Kind("tables/", Wrong, WrongIfLost, Here),
    // Without the authority nothing can be signed anew.
    Kind("tls/authority.sealed", Wrong, Wrong, Backup),
    Kind("tls/", Wrong, Wrong, Here),
];

const REGISTRY: &[Kind] = &[
    Kind("blobs/", Wrong, Wrong, Exchange),
    Kind("loket.toml.sums", Noted, Noted, Here),
    Kind("loket.toml", WrongOrNoted, WrongOrNoted, Backup),
    Kind("node.key", Wrong, Wrong, Backup),
    Kind("registry.db.mark", Wrong, Wrong, Here),
    Kind("registry.db.sums", Wrong, Wrong, Here),
    // Empty: says that somebody has the database open, or was killed. Without it its sums are missed.
    Kind("registry.db.open", NoData, Beside, Here),
    Kind("registry.db-wal", Wrong, Wrong, Backup),
    // An index over the log that whoever opens it first makes anew.
    Kind("registry.db-shm", NoData, NoData, Here),
    // SQLite's pages have no checksums: after a kill what the journals say is verified, and the rest lies there twice
    // (`tests/registry/twice.rs`).
    Kind("registry.db", Wrong, WrongIfCut, Backup),
    Kind("tls/authority.sealed", Wrong, Wrong, Backup),
    Kind("tls/", Wrong, Wrong, Here),
];

/// Damages that a table says nothing of although the file holds data, and why.
const PASSED_BY: &[(&str, Damage, &str)] = &[
    ("tables.sums", Damage::Removed, "as after a kill: all rows are compared instead"),
    ("loket.toml.sums", Damage::Removed, "as before the first start: settings are compared with nothing"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Damage {
    Flipped(u64),
    Halved,
    Removed,
}

impl Damage {
    fn all(len: u64) -> Vec<Self> {
        match len {
            0 => vec![Self::Removed],
            _ => vec![Self::Flipped(len / 3), Self::Flipped(len - 1 - len / 7), Self::Halved, Self::Removed],
        }
    }

    fn strike(self, file: &Path) {
        if self == Self::Removed {
            return fs::remove_file(file).unwrap();
        }
        let mut bytes = fs::read(file).unwrap();
        match self {
            Self::Flipped(at) => bytes[usize::try_from(at).unwrap()] ^= 4,
            _ => bytes.truncate(bytes.len() / 2),
        }
        fs::write(file, bytes).unwrap();
    }
}

/// One file of each kind in a folder, with its kind. A file that no kind knows is a failure: it must be thought of.
fn one_of_each<'a>(folder: &Path, kinds: &'a [Kind]) -> Vec<(String, &'a Kind)> {
    let mut found: Vec<(String, &Kind)> = Vec::new();
    for name in loket::sums::files_under(folder).unwrap() {
        let kind = kinds.iter().find(|kind| name.starts_with(kind.0));
        let kind = kind.unwrap_or_else(|| panic!("{name}: what does a check say when it is damaged?"));
        let is_many = kind.0 == "blobs/";
        if !is_many || found.iter().all(|(_, known)| known.0 != kind.0) {
            found.push((name, kind));
        }
    }
    found
}

fn copied(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    let everything = format!("{}/.", from.display());
    let done = Command::new("cp").args(["-a", &everything]).arg(to.path()).status().unwrap();
    assert!(done.success());
    to
}

/// What a check reports: whether all is well, what is wrong, what is noted.
struct Checked {
    is_good: bool,
    findings: Vec<Value>,
    notes: Vec<Value>,
}

fn check(dir: &Path, arguments: &[&str]) -> Checked {
    let said = loket().args(["check", "--json", "--dir"]).arg(dir).args(arguments).output().unwrap();
    let report: Value = serde_json::from_slice(&said.stdout).unwrap_or_else(|error| {
        let said = [said.stdout.as_slice(), b"\n", &said.stderr].concat();
        panic!("{error}: {}", String::from_utf8_lossy(&said))
    });
    let list = |name: &str| report[name].as_array().unwrap().clone();
    Checked { is_good: said.status.success(), findings: list("findings"), notes: list("notes") }
}

/// Whether one of these names the file, or the folder that it is missing from.
fn name(findings: &[Value], file: &Path) -> bool {
    findings.iter().any(|finding| finding["file"].as_str().is_some_and(|named| file.starts_with(named)))
}

fn damage_everything(folder: &Path, kinds: &[Kind], was_killed: bool) {
    let good = check(copied(folder).path(), &[]);
    assert!(good.is_good, "{:?}", good.findings);
    for (file, kind) in one_of_each(folder, kinds) {
        let len = fs::metadata(folder.join(&file)).unwrap().len();
        for damage in Damage::all(len) {
            let told = if was_killed { kind.2 } else { kind.1 };
            let what = format!("{file} {damage:?}, killed: {was_killed}");
            let copy = copied(folder);
            let struck = copy.path().join(&file);
            damage.strike(&struck);
            let found = check(copy.path(), &[]);
            let (is_wrong, is_noted) = (name(&found.findings, &struck), name(&found.notes, &struck));
            let is_passed_by =
                PASSED_BY.iter().any(|(name, which, _)| file.starts_with(name) && *which == damage);
            let is_as_told = match told {
                _ if is_passed_by && !is_wrong && !is_noted => found.is_good,
                Wrong => is_wrong && !found.is_good,
                WrongIfCut if matches!(damage, Damage::Flipped(_)) => is_wrong != found.is_good,
                WrongIfCut => is_wrong,
                WrongIfLost => is_wrong != found.is_good,
                Noted => is_noted && found.is_good,
                WrongOrNoted => is_wrong != is_noted,
                Beside => !found.is_good,
                NoData => found.is_good,
            };
            assert!(is_as_told, "{what}: {:?} {:?}", found.findings, found.notes);
            let again = check(copy.path(), &[]);
            // sled writes into its folder as soon as it is opened, so the second look finds another file of it.
            if file.starts_with("tables/") {
                assert_eq!(again.is_good, found.is_good, "{what}: {:?}", again.findings);
            } else {
                assert_eq!(again.findings, found.findings, "{what}: the check has changed something");
            }
            if kind.3 == Here {
                check(copy.path(), &["--heal"]);
                let healed = check(copy.path(), &[]);
                assert!(healed.is_good, "{what}: {:?}", healed.findings);
            }
        }
    }
}

/// Adds somebody to headquarters' staff while the registry runs.
fn hire(registry: &Path) {
    let mut add = loket();
    add.args(["officer", "add", "--login", "wulan", "--name", "Wulan", "--role", "headquarters"]);
    add.args(["--password-stdin", "--dir"]).arg(registry);
    let mut add = add.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    writeln!(add.stdin.take().unwrap(), "pusat-yang-tenang").unwrap();
    assert!(add.wait().unwrap().success());
}

/// The folders of an office and its registry that have run and now stand, after a stop or after a kill.
fn folders(are_killed: bool) -> (Town, [PathBuf; 2]) {
    let town = Town::new();
    let dirs = [town.dir("office"), town.dir("registry")];
    let registry = town.start_registry(0, None);
    let office = town.start_office(&registry.url);
    wait_for("the scans of the bookings to arrive", || {
        let count = |dir: &PathBuf| files(&dir.join("blobs")).len();
        (count(&dirs[0]) >= count(&dirs[1]) && count(&dirs[1]) > 0).then_some(())
    });
    // An act that stands in the log alone when the registry is killed.
    hire(&dirs[1]);
    for node in [office, registry] {
        if are_killed {
            node.process.kill();
        } else {
            assert!(node.process.stop().success());
        }
    }
    // Made now: with one they would not reach each other, for the office was not told of it.
    for dir in &dirs {
        let made = loket()
            .args(["certificate", "new", "--name", "loket.kantor.example", "--dir"])
            .arg(dir)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
    (town, dirs)
}

#[test]
fn every_damaged_file_after_a_stop_is_named() {
    let (_town, [office, registry]) = folders(false);
    damage_everything(&office, OFFICE, false);
    damage_everything(&registry, REGISTRY, false);
}

#[test]
fn every_damaged_file_after_a_kill_is_named() {
    let (_town, [office, registry]) = folders(true);
    damage_everything(&office, OFFICE, true);
    damage_everything(&registry, REGISTRY, true);
}
