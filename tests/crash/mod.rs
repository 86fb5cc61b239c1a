//! Crash campaigns: nodes are killed and their power is cut at random moments under load, and afterwards every act that
//! was answered as done is found, whole and once. The real program, real disks, real databases.
//!
//! A few blows of each kind run with all tests. `tests/crash/campaign` runs as many as one likes; what was run and what
//! came of it stands in `docs/reliability.md`.

mod backup;
mod bank;
pub mod chance;
mod crew;
pub mod disk;
mod hands;
mod ledger;
mod office;
mod postgres;
mod registry;
mod verdict;

use std::path::Path;
use std::process::Command;

use chance::Chance;
use ledger::Tally;
use registry::Database;

/// With what a node is struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// SIGKILL.
    Kill,
    /// The power of its disk.
    PowerCut,
}

/// How many blows a short round has, and the seed when nobody names one.
const BLOWS: usize = 4;
const SEED: u64 = 20_240_620;

/// Blows and seed of this run: `LOKET_CRASH_BLOWS` and `LOKET_CRASH_SEED`, set by `tests/crash/campaign`.
fn asked() -> (usize, u64) {
    let number = |name| std::env::var(name).ok().map(|value| value.parse::<u64>().unwrap());
    let blows = number("LOKET_CRASH_BLOWS").map_or(BLOWS, |blows| usize::try_from(blows).unwrap());
    (blows, number("LOKET_CRASH_SEED").unwrap_or(SEED))
}

/// Says something about a campaign where the script sees it (`--nocapture`).
#[expect(clippy::print_stdout, reason = "a campaign takes an hour; what it has done so far is worth a line")]
fn say(what: &str) {
    println!("crash: {what}");
}

/// Says how far a campaign is.
fn progress(struck: usize, blows: usize, tally: Tally) {
    say(&format!("{struck} of {blows} blows so far: {tally}"));
}

/// Says what a campaign came to; the script collects these lines.
fn report(name: &str, seed: u64, tally: Tally) {
    say(&format!("{name}, seed {seed}: {tally}, no finding"));
    assert!(tally.found > 0, "nothing was acknowledged: this has tried nothing");
}

async fn against_office(name: &str, blow: Blow) {
    let (blows, seed) = asked();
    let plan = office::Plan { blow, preload: None };
    say(&format!("{name} begins with seed {seed}"));
    let tally = office::campaign(plan, blows, &mut Chance::new(seed)).await;
    report(name, seed, tally);
}

#[tokio::test(flavor = "multi_thread")]
async fn office_kill() {
    against_office("office_kill", Blow::Kill).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn office_power_cut() {
    against_office("office_power_cut", Blow::PowerCut).await;
}

async fn against_registry(name: &str, blow: Blow, database: Database) {
    let (blows, seed) = asked();
    say(&format!("{name} begins with seed {seed}"));
    let tally = registry::campaign(blow, database, blows, &mut Chance::new(seed)).await;
    report(name, seed, tally);
}

#[tokio::test(flavor = "multi_thread")]
async fn registry_kill_on_sqlite() {
    against_registry("registry_kill_on_sqlite", Blow::Kill, Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn registry_power_cut_on_sqlite() {
    against_registry("registry_power_cut_on_sqlite", Blow::PowerCut, Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn registry_kill_on_postgres() {
    against_registry("registry_kill_on_postgres", Blow::Kill, Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn registry_power_cut_on_postgres() {
    against_registry("registry_power_cut_on_postgres", Blow::PowerCut, Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn backup_under_load_on_sqlite() {
    let (_, seed) = asked();
    let tally = backup::made_under_load(Database::Sqlite, &mut Chance::new(seed)).await;
    report("backup_under_load_on_sqlite", seed, tally);
}

#[tokio::test(flavor = "multi_thread")]
async fn backup_under_load_on_postgres() {
    let (_, seed) = asked();
    let tally = backup::made_under_load(Database::Postgres, &mut Chance::new(seed)).await;
    report("backup_under_load_on_postgres", seed, tally);
}

/// The verdict can fail: an office whose disk lies about syncing loses acknowledged acts, and that is found.
#[tokio::test(flavor = "multi_thread")]
async fn office_power_cut_is_noticed_on_a_disk_that_lies() {
    let folder = tempfile::tempdir().unwrap();
    let library = lying_library(folder.path());
    let tried = tokio::spawn(async move {
        let plan = office::Plan { blow: Blow::PowerCut, preload: Some(&library) };
        office::campaign(plan, 4 * BLOWS, &mut Chance::new(SEED)).await
    });
    let panic = tried.await.expect_err("a disk that lies goes unnoticed").into_panic();
    let said = panic.downcast_ref::<String>().cloned().unwrap_or_default();
    // An act, or the bytes of a picture that an act names.
    let is_loss = said.contains("acknowledged") || said.contains("the picture is not here");
    assert!(is_loss, "it failed for another reason: {said}");
}

/// A library that is loaded before the C library and swallows every sync.
fn lying_library(folder: &Path) -> std::path::PathBuf {
    const SOURCE: &str = "int fsync(int fd) { return 0; } int fdatasync(int fd) { return 0; }\n";
    let (source, library) = (folder.join("lies.c"), folder.join("lies.so"));
    std::fs::write(&source, SOURCE).unwrap();
    let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).status();
    assert!(built.unwrap().success(), "cc cannot build {SOURCE}");
    library
}
