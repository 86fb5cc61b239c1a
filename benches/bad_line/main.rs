//! How an office and its registry do on a bad line: `cargo bench --bench bad_line`. A real registry and a real office of
//! one demo, and a line in user space between them (64 kbit/s and a round trip of 600 ms unless it says otherwise; no TLS).
//! It prints what it measured and judges nothing.
//!
//! `-- --pictures-mb N` chooses how many megabytes of pictures wait (2048), `--rounds N` how often each cut is made.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement prints, and stops at the first surprise"
)]

mod proxy;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use loket::clock::SystemClock;
use loket::config::{OfficeOverrides, RegistryConfig, RegistryOverrides};
use loket::demo::{Demo, DemoOptions};
use loket::domain::actor::{Actor, Role};
use loket::domain::application::ApplicationKey;
use loket::domain::capture::PortraitCaptured;
use loket::domain::command::Command;
use loket::domain::desk::CounterOpened;
use loket::domain::document::{CheckedDocument, DocumentKind, Seen};
use loket::domain::number::ApplicationNumber;
use loket::domain::ticket::QueueClass;
use loket::office::node;
use loket::office::store::{Act, LineOrder, Store, What};
use loket::registry;
use loket::registry::actions::bookings::{self, Wish};
use loket_sync::{NodeKey, StreamId};
use proxy::{Proxy, Quality, State};

const BAD: Quality = Quality { round_trip: Duration::from_millis(600), bytes_per_s: 8_000 };
const GOOD: Quality = Quality { round_trip: Duration::from_millis(20), bytes_per_s: 2_000_000 };
const PICTURE_BYTES: usize = 1024 * 1024;

fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or("VmRSS: 0 kB");
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

fn option(name: &str, default: usize) -> usize {
    let mut words = std::env::args().skip_while(|word| word != name).skip(1);
    words.next().and_then(|word| word.parse().ok()).unwrap_or(default)
}

fn act(what: What, once: String) -> Act {
    let roles = vec![Role::FrontDesk, Role::Interviewer, Role::Supervisor, Role::Administrator];
    let by = Actor::Officer { login: "sari".to_owned(), name: "Sari Melati".to_owned() };
    Act { what, by, roles, once, seen: None }
}

/// A registry and an office that were made once, with the line between them.
struct Town {
    registry: registry::Running,
    office: node::Running,
    proxy: Proxy,
    acts: usize,
}

impl Town {
    async fn open(dir: &Path, quality: Quality) -> Self {
        let listen = Some("127.0.0.1:0".parse().unwrap());
        let over = RegistryOverrides { listen, ..RegistryOverrides::default() };
        let config = RegistryConfig::load(&dir.join("registry"), &over).unwrap();
        let registry = registry::serve(&config, Arc::new(SystemClock)).await.unwrap();
        let to = registry.url().strip_prefix("http://").unwrap().parse().unwrap();
        let proxy = Proxy::start(to, quality, true);
        let over = OfficeOverrides { listen, registry_url: Some(proxy.url()), ..OfficeOverrides::default() };
        let office = node::Running::start(&dir.join("office"), &over, Arc::new(SystemClock)).unwrap();
        Self { registry, office, proxy, acts: 0 }
    }

    fn store(&self) -> &Store {
        self.office.store()
    }

    async fn act(&mut self, what: What) {
        self.acts += 1;
        let once = format!("{:?}-{}", self.store().own_stream(), NodeKey::draw().id());
        self.store().act(act(what, once)).await.unwrap();
    }

    /// A small fact; returns when it is durable here.
    async fn small_fact(&mut self) {
        let counter = 9;
        let is_open = self.acts % 2 == 1;
        let opened = CounterOpened { counter, classes: vec![QueueClass::BOOKED] };
        let what = if is_open { What::CloseCounter { counter } } else { What::OpenCounter(opened) };
        self.act(what).await;
    }

    /// How many records of the office are durable at the registry.
    async fn there(&self) -> u64 {
        let own: StreamId = self.store().own_stream();
        let vector = self.registry.registry.store.vector(&[own].into()).await.unwrap();
        vector.iter().map(|have| have.len).sum()
    }

    /// Waits until the registry has everything; how long that took.
    async fn level(&self) -> Duration {
        let began = Instant::now();
        let wanted = self.store().journal_seq();
        while self.there().await < wanted {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        began.elapsed()
    }

    /// Bytes of pictures that are durable at the registry.
    fn pictures_there(dir: &Path) -> u64 {
        let folders = std::fs::read_dir(dir.join("registry").join("blobs")).unwrap().flatten();
        let files =
            folders.flat_map(|folder| std::fs::read_dir(folder.path()).into_iter().flatten().flatten());
        files.filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum()
    }

    async fn close(self) {
        self.office.stop().await;
        self.registry.stop().await;
    }
}

/// Somebody is called to a counter, so that portraits can be taken.
async fn serve(town: &mut Town, number: &ApplicationNumber) -> ApplicationKey {
    let key = town.store().by_number(number).unwrap().unwrap();
    let command = |command| What::Application { key, command: Box::new(command) };
    let other_day_reason = Some("uji jalur".to_owned());
    town.act(command(Command::Arrive { note: String::new(), other_day_reason })).await;
    let documents = [
        DocumentKind::IdentityCard,
        DocumentKind::FamilyCard,
        DocumentKind::BirthProof,
        DocumentKind::OldPassport,
        DocumentKind::ParentsIdentityCards,
        DocumentKind::ParentsMarriage,
        DocumentKind::ParentsStatement,
        DocumentKind::PoliceReport,
        DocumentKind::DisasterStatement,
        DocumentKind::Recommendation,
    ];
    let documents = documents.map(|kind| CheckedDocument { kind, seen: Seen::Agrees, note: String::new() });
    town.act(command(Command::CheckDocuments { documents: documents.to_vec(), ticket: true })).await;
    let classes = ('A'..='Z').filter_map(QueueClass::parse).collect();
    town.act(What::OpenCounter(CounterOpened { counter: 1, classes })).await;
    let once = NodeKey::draw().id().to_string();
    let called = town.store().act(act(What::CallNext { counter: 1 }, once)).await.unwrap();
    town.act(command(Command::StartTicket(called.ticket.unwrap()))).await;
    key
}

/// Pictures that headquarters lacks, so many megabytes; each as large as a good portrait.
async fn take_pictures(town: &mut Town, key: ApplicationKey, megabytes: usize) {
    for number in 0..megabytes {
        let mut bytes = vec![0; PICTURE_BYTES];
        let mut noise = blake3::Hasher::new();
        noise.update(&number.to_le_bytes());
        noise.update(&NodeKey::draw().id().0);
        noise.finalize_xof().fill(&mut bytes);
        let picture = town.store().put_blob(key, &bytes, "image/jpeg").unwrap();
        let portrait = PortraitCaptured { picture, width_px: 900, height_px: 1200 };
        let what = What::Application { key, command: Box::new(Command::CapturePortrait(portrait)) };
        town.act(what).await;
    }
}

/// Lengths of each message on a connection: headers and body.
fn messages(bytes: &[u8]) -> Vec<(String, usize)> {
    let (mut at, mut found) = (0, Vec::new());
    while let Some(end) = bytes[at..].windows(4).position(|window| window == b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&bytes[at..at + end]).into_owned();
        let lower = head.to_lowercase();
        let len = lower
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .map_or(0, |len| len.trim().parse().unwrap());
        found.push((head.lines().next().unwrap_or_default().to_owned(), end + 4 + len));
        at = (at + end + 4 + len).min(bytes.len());
    }
    found
}

async fn idle_exchange(dir: &Path) {
    let town = Town::open(dir, GOOD).await;
    town.level().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    town.proxy
        .connections
        .lock()
        .unwrap()
        .iter()
        .for_each(|passed| *passed.lock().unwrap() = Default::default());
    for _ in 0..3 {
        town.store().order_line(LineOrder::SyncNow);
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    let connections = town.proxy.connections.lock().unwrap().clone();
    for passed in connections {
        let (asked, answered) = passed.lock().unwrap().clone();
        for ((line, up), (_, down)) in messages(&asked).into_iter().zip(messages(&answered)) {
            if line.starts_with("POST") {
                println!(
                    "idle exchange: {up} bytes there, {down} bytes back (HTTP with its headers, no TLS; {line})"
                );
            }
        }
    }
    town.close().await;
}

async fn news(dir: &Path, record: &loket::demo::record::Record) {
    let town = Town::open(dir, GOOD).await;
    town.level().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut took = Vec::new();
    for number in record.bookings.iter().rev().take(5) {
        let key = town.store().by_number(number).unwrap().unwrap();
        let facts =
            |store: &Store| store.application(key).unwrap().map_or(0, |known| known.entries().count());
        let before = facts(town.store());
        let wish = Wish { by: Actor::Applicant, reason: "uji".to_owned(), once: None };
        if bookings::cancel(&town.registry.registry, number, wish).await.is_err() {
            continue;
        }
        let began = Instant::now();
        while facts(town.store()) == before {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        took.push(began.elapsed());
    }
    println!(
        "news by long poll on a good line (20 ms): {took:.0?} from commit at the registry to commit at the office"
    );
    let mut town = town;
    let mut took = Vec::new();
    for _ in 0..5 {
        town.small_fact().await;
        took.push(town.level().await);
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    println!("a fact of the office while a long poll is open: {took:.0?} to commit at the registry");
    town.close().await;
}

async fn returns(town: &mut Town, rounds: usize) {
    for state in [State::Reset, State::Hold, State::Forget] {
        let mut took = Vec::new();
        for round in 0..rounds {
            town.proxy.set(state);
            tokio::time::sleep(Duration::from_millis(3_000 + 2_300 * round as u64)).await;
            town.small_fact().await;
            tokio::time::sleep(Duration::from_secs(4)).await;
            town.proxy.set(State::Up);
            took.push(town.level().await);
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
        println!("a fact after the line's return ({state:?}): {took:.1?}");
    }
}

async fn cuts(town: &mut Town, dir: &Path, cuts: usize) {
    let (bytes, pictures) = (town.proxy.bytes_up(), Town::pictures_there(dir));
    let began = Instant::now();
    for _ in 0..cuts {
        tokio::time::sleep(Duration::from_secs(20)).await;
        town.proxy.set(State::Reset);
        tokio::time::sleep(Duration::from_secs(3)).await;
        town.proxy.set(State::Up);
    }
    tokio::time::sleep(Duration::from_secs(20)).await;
    let (sent, arrived) = (town.proxy.bytes_up() - bytes, Town::pictures_there(dir) - pictures);
    println!(
        "cut every 20 s for 3 s, {cuts} times: {arrived} bytes of pictures arrived, {sent} bytes sent, so {} more per \
         cut (lost pieces, headers and exchanges); {:.1} kbit/s of 64 used for pictures",
        (sent - arrived.min(sent)) / cuts as u64,
        arrived as f64 * 8.0 / 1000.0 / began.elapsed().as_secs_f64(),
    );
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().to_owned();
    let options =
        DemoOptions { dir: dir.clone(), office_port: 0, registry_port: 0, smtp: None, database_url: None };
    let demo = Demo::start(&options, &|said| println!("({said})")).await.unwrap();
    let record = demo.record().clone();
    demo.stop().await;
    idle_exchange(&dir).await;
    news(&dir, &record).await;

    let (megabytes, rounds) = (option("--pictures-mb", 2048), option("--rounds", 3));
    let mut town = Town::open(&dir, BAD).await;
    town.level().await;
    let before_mb = resident_mb();
    let paid = record.cases.iter().find(|case| case.case == "paid").unwrap().number.clone();
    let key = serve(&mut town, &paid).await;
    take_pictures(&mut town, key, megabytes).await;
    println!(
        "{megabytes} MB of pictures wait; {} records level after {:.0?}",
        town.store().journal_seq(),
        town.level().await
    );
    returns(&mut town, rounds).await;
    cuts(&mut town, &dir, rounds * 2).await;
    println!("memory of office and registry together: {:.0} MB more than before", resident_mb() - before_mb);
    town.close().await;
}
