//! Backups made while everybody writes: restored into empty folders they hold whatever was acknowledged before they were
//! begun, `loket check` finds nothing, and what came afterwards comes back from the other side.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use loket::domain::actor::Role;

use super::bank::Bank;
use super::chance::Chance;
use super::hands::{self, Day};
use super::ledger::{Ledger, Tally};
use super::registry::Database;
use super::{crew, office, postgres, verdict};
use crate::harness::free_port;
use crate::harness::nodes::{Node, Town, loket};

/// Applicants who begin to ask with each backup, each for a day of its own.
const APPLICANTS: usize = 4;
/// Backups of each node, one after the other, while they work; at least so many.
const ROUNDS: usize = 3;
/// So often it is looked whether everybody has done what is waited for.
const TIMES_MAX: usize = 40;
/// An empty database beside the one that was lost.
const SECOND: &str = "loket_second";

/// A backup, and what had been answered before it was begun.
struct Made<T> {
    file: PathBuf,
    told: T,
}

/// Lets a registry and an office be written by many, makes backups of both meanwhile, loses both one after the other, and
/// restores them.
pub async fn made_under_load(database: Database, chance: &mut Chance) -> Tally {
    let (town, mut server) = match database {
        Database::Sqlite => (crew::town(), None),
        Database::Postgres => {
            let (town, server) = postgres::town();
            (town, Some(server))
        }
    };
    server.iter_mut().for_each(postgres::Server::start);
    let day = Day::of(town.cases("paid"));
    let (ledger, decisions) = (Ledger::default(), Ledger::default());
    let mut bank = Bank::new(&town.record().channel_key, town.record().day.unwrap());
    let port = free_port();
    let registry = town.start_registry(port, None);
    let running = town.start_office(&registry.url);
    let mut busy = hands::begin(&running, &day, &ledger, chance).await;
    let login = town.record().login(Role::Headquarters).unwrap();
    let by = (login.name.clone(), login.full_name.clone());
    let staff = town.staff(&registry).await;
    busy.spawn(hands::approve(staff, by, day.clone(), decisions.clone(), chance.another()));
    let (mut of_registry, mut of_office) = (Vec::new(), Vec::new());
    for round in 0..TIMES_MAX {
        if of_registry.len() >= ROUNDS && of_office.len() >= ROUNDS {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200 + chance.below(800))).await;
        // New places each time, more than are taken at once: without any nobody is booked.
        for _ in 0..APPLICANTS {
            bank.offer_a_day(&registry.url).await;
            busy.spawn(bank.clone().keep_busy(registry.url.clone(), day.clone(), chance.another()));
        }
        let told = bank.told();
        let file = back_up(&town, "registry", round).await;
        // Where nobody has written meanwhile it has tried nothing.
        if bank.told().len() > told.len() {
            of_registry.push(Made { file, told });
        }
        let told = ledger.all();
        let file = back_up(&town, "office", round).await;
        if ledger.all().len() > told.len() {
            of_office.push(Made { file, told });
        }
    }
    assert!(
        of_registry.len() >= ROUNDS && of_office.len() >= ROUNDS,
        "nobody worked while backups were made"
    );
    day.end();
    while let Some(ended) = busy.join_next().await {
        ended.unwrap();
    }
    office::level(&running).await;

    // The registry is lost; one of its backups comes into an empty folder and an empty database.
    registry.process.kill();
    let made = chance.pick(&of_registry).unwrap();
    let dir = town.dir("registry");
    std::fs::remove_dir_all(&dir).unwrap();
    let url = server.as_ref().map(|server| {
        assert!(server.psql("postgres", &format!("CREATE DATABASE {SECOND}")));
        server.url().replace("/loket", &format!("/{SECOND}"))
    });
    restore(&town, &made.file, &dir, url.as_deref());
    verdict::check(&dir);
    let restored = verdict::registry(&dir).await;
    Bank::keeps(&restored, &made.told).await;
    restored.store.close().await;
    // What it has lost since, the office brings back.
    let registry = town.start_registry(port, None);
    office::level(&running).await;
    let before = written(&running).await;
    // Pictures go after records.
    let (at_office, at_registry) = (town.dir("office"), town.dir("registry"));
    let are_there = async || verdict::pictures_are_at(&at_registry, &at_office, &day.numbers).await;
    settled(running, || town.start_office(&registry.url), are_there).await;
    let (_, all) = verdict::at_headquarters(&town.dir("office"), &day.numbers).await;

    // The office is lost too.
    let made_of_office = of_office.first().unwrap();
    let dir = town.dir("office");
    std::fs::remove_dir_all(&dir).unwrap();
    restore(&town, &made_of_office.file, &dir, None);
    verdict::check(&dir);
    let (missing, acts) = verdict::missing(&dir, &made_of_office.told, &day.numbers).await;
    assert!(missing.is_empty(), "FINDING: acknowledged before the backup and not in it: {missing:?}");
    // That can fail: not everything that came after the first backup is in it.
    let (missing, _) = verdict::missing(&dir, &ledger.all(), &day.numbers).await;
    assert!(!missing.is_empty(), "what came after a backup is in it, or the search finds nothing");
    let running = town.start_office(&registry.url);
    has_written(&running, before).await;
    office::level(&running).await;
    settled(running, || town.start_office(&registry.url), async || verdict::is_sound(&dir)).await;
    let (_, back) = verdict::at_headquarters(&dir, &day.numbers).await;
    for (number, all) in &all {
        assert!(all.is_subset(&back[number]), "FINDING: not everything about {number} came back");
    }
    assert!(registry.process.stop().success());
    for node in ["office", "registry"] {
        verdict::check(&town.dir(node));
    }
    if let Some(server) = server {
        server.stop();
    }
    let facts = all.values().map(BTreeSet::len).sum::<usize>();
    Tally { found: made.told.len() + acts + facts, ..Tally::default() }
}

/// Stops an office that has done its work; as long as it has not, it works on for a while.
async fn settled(mut office: Node, start: impl Fn() -> Node, is_done: impl AsyncFn() -> bool) {
    for _ in 0..TIMES_MAX {
        assert!(office.process.stop().success());
        if is_done().await {
            return;
        }
        office = start();
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
    panic!("FINDING: pictures do not come to where they are missing");
}

/// Waits until the office has so many records of its own again.
async fn has_written(office: &Node, records: u64) {
    for _ in 0..600 {
        if written(office).await >= records {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Records that the office has of its own.
async fn written(office: &Node) -> u64 {
    let answer = reqwest::get(format!("{}/healthz", office.url)).await.unwrap();
    let health: serde_json::Value = answer.json().await.unwrap();
    health["journal_seq"].as_u64().unwrap()
}

/// `loket backup`, beside everybody who works.
async fn back_up(town: &Town, node: &str, round: usize) -> PathBuf {
    let (dir, file) = (town.dir(node), town.dir(&format!("{node}-{round}.backup")));
    let mut command = loket();
    command.args(["backup", "--dir"]).arg(dir).arg("--to").arg(&file);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "FINDING: no backup: {}", String::from_utf8_lossy(&output.stderr));
    file
}

/// `loket restore` with the recovery key out of the safe.
fn restore(town: &Town, file: &Path, dir: &Path, database_url: Option<&str>) {
    let mut command = loket();
    command.args(["restore", "--from"]).arg(file).arg("--dir").arg(dir);
    command.arg("--recovery-key").arg(town.dir("recovery.key"));
    command.args(database_url.map(|url| ["--database-url", url]).into_iter().flatten());
    let output = command.output().unwrap();
    assert!(output.status.success(), "FINDING: not restored: {}", String::from_utf8_lossy(&output.stderr));
}
