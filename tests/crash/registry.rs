//! Campaigns against a registry: struck while applicants book, the bank reports, staff decide and an office exchanges.

use std::sync::Arc;
use std::time::Duration;

use loket::domain::actor::Role;

use super::bank::Bank;
use super::chance::Chance;
use super::disk::Disk;
use super::hands::{self, Day};
use super::ledger::{Ledger, Tally};
use super::{Blow, crew, office, postgres, progress, say, verdict};
use crate::harness::free_port;
use crate::harness::nodes::{Node, Town};
use crate::harness::officer::Answer;

/// Blows that one town lasts for.
const BLOWS_OF_A_TOWN: usize = 5;
/// The longest the registry works before it is struck, in milliseconds.
const WORK_MS_MAX: u64 = 2_000;
/// The longest it starts before it is struck, in milliseconds.
const START_MS_MAX: u64 = 300;
/// Applicants who ask at the same time.
const APPLICANTS: usize = 6;

/// In what a registry keeps everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// A file in its folder.
    Sqlite,
    /// A server, which is struck as often as the registry itself.
    Postgres,
}

/// Strikes a registry this many times and holds it to its promises after each.
pub async fn campaign(blow: Blow, database: Database, blows: usize, chance: &mut Chance) -> Tally {
    let mut tally = Tally::default();
    let mut struck = 0;
    while struck < blows {
        let mut scene = Scene::new(blow, database, chance);
        for _ in 0..(blows - struck).min(BLOWS_OF_A_TOWN) {
            tally += scene.strike_once(chance).await;
            struck += 1;
        }
        tally += scene.everything_arrives().await;
        progress(struck, blows, tally);
    }
    tally
}

/// Whom a kill strikes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Victim {
    Registry,
    Server,
}

struct Scene {
    // Dropped in this order: nobody holds the disk when it is taken away, and the folder goes last.
    office: Option<Node>,
    server: Option<postgres::Server>,
    disk: Option<Disk>,
    town: Town,
    port: u16,
    blow: Blow,
    day: Arc<Day>,
    ledger: Ledger,
    decisions: Ledger,
    bank: Bank,
}

impl Drop for Scene {
    /// What failed is kept for a person to look at.
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.town.keep();
            say(&format!("the folder of the failure is {}", self.town.path().display()));
        }
    }
}

impl Scene {
    fn new(blow: Blow, database: Database, chance: &mut Chance) -> Self {
        let (town, server) = match database {
            Database::Sqlite => (crew::town(), None),
            Database::Postgres => {
                let (town, server) = postgres::town();
                (town, Some(server))
            }
        };
        let folder = if database == Database::Sqlite { "registry" } else { postgres::FOLDER };
        let disk = (blow == Blow::PowerCut).then(|| Disk::under(town.path(), folder, chance));
        let day = Day::of(town.cases("paid"));
        let (ledger, decisions) = (Ledger::default(), Ledger::default());
        let bank = Bank::new(&town.record().channel_key, town.record().day.unwrap());
        let mut scene =
            Self { office: None, server, disk, town, port: free_port(), blow, day, ledger, decisions, bank };
        scene.server.iter_mut().for_each(postgres::Server::start);
        scene
    }

    async fn strike_once(&mut self, chance: &mut Chance) -> Tally {
        if chance.once_in(4) {
            let begun = self.town.begin_registry(self.port, None);
            tokio::time::sleep(Duration::from_millis(chance.below(START_MS_MAX))).await;
            self.strike(begun, Victim::Registry);
        } else {
            self.work(chance).await;
        }
        // What the office was told before, and nothing that it is told from now on.
        if let Some(office) = self.office.take() {
            assert!(office.process.stop().success());
        }
        let (told, _) = verdict::at_headquarters(&self.town.dir("office"), &self.day.numbers).await;
        let mut tally = self.hold_to_its_promises(&told, chance).await;
        if self.blow == Blow::Kill {
            tally.kills += 1;
        } else {
            tally.cuts += 1;
        }
        tally
    }

    /// Everybody works until the registry, or its database, is struck.
    async fn work(&mut self, chance: &mut Chance) {
        let registry = self.town.start_registry(self.port, None);
        let office = self.town.start_office(&registry.url);
        self.day.begin();
        self.bank.offer_a_day(&registry.url).await;
        let mut busy = hands::begin(&office, &self.day, &self.ledger, chance).await;
        let login = self.town.record().login(Role::Headquarters).unwrap();
        let by = (login.name.clone(), login.full_name.clone());
        let staff = self.town.staff(&registry).await;
        let (day, decisions) = (self.day.clone(), self.decisions.clone());
        busy.spawn(hands::approve(staff, by, day, decisions, chance.another()));
        for _ in 0..APPLICANTS {
            let bank = self.bank.clone();
            busy.spawn(bank.keep_busy(registry.url.clone(), self.day.clone(), chance.another()));
        }
        tokio::time::sleep(Duration::from_millis(chance.below(WORK_MS_MAX))).await;
        let victim =
            if self.server.is_some() && chance.once_in(2) { Victim::Server } else { Victim::Registry };
        self.office = Some(office);
        self.strike(registry.process, victim);
        self.day.end();
        while let Some(ended) = busy.join_next().await {
            ended.unwrap();
        }
    }

    /// Strikes; afterwards nothing of the registry runs, and its database server runs again.
    fn strike(&mut self, registry: crate::harness::process::Process, victim: Victim) {
        let office = self.office.take_if(|_| self.disk.is_some());
        if let Some(disk) = &mut self.disk {
            // The office, another machine, hears nothing after the cut either; see `Day::power_goes`.
            if let Some(office) = &office {
                office.process.freeze();
            }
            self.day.power_goes();
            disk.cut();
        }
        match (&mut self.server, victim) {
            (Some(server), Victim::Server) => {
                server.kill();
                registry.kill();
            }
            (server, _) => {
                registry.kill();
                if self.disk.is_some() {
                    server.iter_mut().for_each(postgres::Server::kill);
                }
            }
        }
        if let Some(office) = office {
            office.process.kill();
        }
        if let Some(disk) = &mut self.disk {
            disk.power_returns();
        }
        if let Some(server) = self.server.as_mut().filter(|server| !server.runs()) {
            server.start();
        }
    }

    async fn hold_to_its_promises(&mut self, told: &verdict::Facts, chance: &mut Chance) -> Tally {
        let registry = self.town.start_registry(self.port, None);
        let without = self.bank.ask_again(&registry.url, chance).await + self.decide_again(&registry).await;
        let mut kills = 0;
        if chance.once_in(2) {
            registry.process.kill();
            kills = 1;
        } else {
            assert!(registry.process.stop().success());
        }
        let dir = self.town.dir("registry");
        verdict::check(&dir);
        let registry = verdict::registry(&dir).await;
        let held = verdict::held_of_offices(&registry, &self.day.numbers).await;
        verdict::keeps_what_it_took(told, &held);
        let mut tally = self.bank.verdict(&registry).await;
        tally += verdict::decisions(&registry, &self.decisions).await;
        tally.found += told.values().map(std::collections::BTreeSet::len).sum::<usize>();
        registry.store.close().await;
        Tally { kills, unanswered: without, ..tally }
    }

    /// Staff send the decisions again that got no answer.
    async fn decide_again(&self, registry: &Node) -> usize {
        let staff = self.town.staff(registry).await;
        let csrf = staff.try_to_open("/staff/decisions").await.unwrap().form("/language");
        let csrf = csrf.value("csrf").unwrap();
        let mut without = 0;
        for (at, sent) in self.decisions.all().into_iter().enumerate() {
            let failed = matches!(sent.answer, Answer::Refused(status) if status.is_server_error());
            if sent.answer == Answer::Lost || failed {
                self.decisions.answered_again(at, sent.send(&staff, csrf).await);
                without += 1;
            }
        }
        without
    }

    /// In the end both have everything.
    async fn everything_arrives(mut self) -> Tally {
        let registry = self.town.start_registry(self.port, None);
        let running = self.town.start_office(&registry.url);
        office::level(&running).await;
        assert!(running.process.stop().success());
        assert!(registry.process.stop().success());
        let dir = self.town.dir("registry");
        verdict::check(&dir);
        verdict::check(&self.town.dir("office"));
        let (_, all) = verdict::at_headquarters(&self.town.dir("office"), &self.day.numbers).await;
        let registry = verdict::registry(&dir).await;
        let held = verdict::held_of_offices(&registry, &self.day.numbers).await;
        for (number, all) in &all {
            assert_eq!(all, &held[number], "FINDING: office and registry differ on {number}");
        }
        registry.store.close().await;
        let dir = self.town.dir("office");
        let tally = verdict::on_office(&dir, &self.ledger, &self.day.numbers, self.blow).await;
        if let Some(server) = self.server.take() {
            server.stop();
        }
        tally
    }
}
