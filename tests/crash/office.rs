//! Campaigns against an office: struck while officers work, while it starts, while it draws its tables anew, while it
//! exchanges with its registry.

use std::path::Path;
use std::time::Duration;

use reqwest::Client;
use serde_json::Value;

use super::chance::Chance;
use super::disk::Disk;
use super::hands::{self, Day};
use super::ledger::{Ledger, Tally};
use super::{Blow, crew, progress, say, verdict};
use crate::harness::nodes::{Node, Town};
use crate::harness::officer::Answer;
use crate::harness::process::Process;
use crate::story::steps::application;

/// Blows that one day's applicants last for.
const BLOWS_OF_A_DAY: usize = 5;
/// The longest the crew works before it is struck, in milliseconds.
const WORK_MS_MAX: u64 = 1_800;
/// The longest the office starts before it is struck, in milliseconds.
const START_MS_MAX: u64 = 450;
/// Nobody listens there.
const NOBODY: &str = "http://127.0.0.1:9";

/// What a campaign against an office does.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// With what it is struck.
    pub blow: Blow,
    /// A library that is loaded before the program's own: how a test makes a disk lie.
    pub preload: Option<&'a Path>,
}

/// Strikes an office this many times and holds it to its promises after each.
pub async fn campaign(plan: Plan<'_>, blows: usize, chance: &mut Chance) -> Tally {
    let mut tally = Tally::default();
    let mut struck = 0;
    while struck < blows {
        let mut scene = Scene::new(plan, chance);
        for _ in 0..(blows - struck).min(BLOWS_OF_A_DAY) {
            tally += scene.strike_once(chance).await;
            struck += 1;
        }
        tally += scene.everything_arrives().await;
        progress(struck, blows, tally);
    }
    tally
}

/// An office on its disk, its registry, its day.
struct Scene {
    // Dropped in this order: nobody holds the disk when it is taken away, and the folder goes last.
    registry: Option<Node>,
    disk: Option<Disk>,
    town: Town,
    blow: Blow,
    day: std::sync::Arc<Day>,
    ledger: Ledger,
    decisions: Ledger,
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
    fn new(plan: Plan<'_>, chance: &mut Chance) -> Self {
        let mut town = crew::town();
        let disk = (plan.blow == Blow::PowerCut).then(|| Disk::under(town.path(), "office", chance));
        let registry = chance.once_in(2).then(|| town.start_registry(0, None));
        if let Some(library) = plan.preload {
            town.set("LD_PRELOAD", library.to_str().unwrap());
        }
        let day = Day::of(town.cases("paid"));
        let (ledger, decisions) = (Ledger::default(), Ledger::default());
        Self { registry, disk, town, blow: plan.blow, day, ledger, decisions }
    }

    fn registry_url(&self) -> &str {
        self.registry.as_ref().map_or(NOBODY, |registry| registry.url.as_str())
    }

    async fn strike_once(&mut self, chance: &mut Chance) -> Tally {
        if chance.once_in(4) {
            self.forget_the_tables(chance);
        }
        let office = if chance.once_in(4) {
            let begun = self.town.begin_office(0, "office", self.registry_url());
            tokio::time::sleep(Duration::from_millis(chance.below(START_MS_MAX))).await;
            self.strike(begun);
            None
        } else {
            Some(self.town.start_office(self.registry_url()))
        };
        if let Some(office) = office {
            self.work(office, chance).await;
        }
        let tally = self.hold_to_its_promises(chance).await;
        let (kills, cuts) = if self.blow == Blow::Kill { (1, 0) } else { (0, 1) };
        Tally { kills: tally.kills + kills, cuts, ..tally }
    }

    /// The crew works until the office is struck.
    async fn work(&mut self, office: Node, chance: &mut Chance) {
        self.day.begin();
        let mut crew = hands::begin(&office, &self.day, &self.ledger, chance).await;
        if let Some(registry) = &self.registry {
            let staff = self.town.staff(registry).await;
            let login = self.town.record().login(loket::domain::actor::Role::Headquarters).unwrap();
            let by = (login.name.clone(), login.full_name.clone());
            let (day, decisions) = (self.day.clone(), self.decisions.clone());
            crew.spawn(hands::approve(staff, by, day, decisions, chance.another()));
        }
        tokio::time::sleep(Duration::from_millis(chance.below(WORK_MS_MAX))).await;
        self.strike(office.process);
        self.day.end();
        while let Some(ended) = crew.join_next().await {
            ended.unwrap();
        }
    }

    fn strike(&mut self, office: Process) {
        match &mut self.disk {
            None => office.kill(),
            Some(disk) => {
                self.day.power_goes();
                disk.cut();
                office.kill();
                disk.power_returns();
            }
        }
    }

    /// Tables that are gone, or damaged, are drawn anew at the next start: that is struck as well.
    fn forget_the_tables(&self, chance: &mut Chance) {
        let tables = self.town.dir("office").join("tables");
        if !tables.exists() {
            return;
        }
        if chance.once_in(2) {
            std::fs::remove_dir_all(tables).unwrap();
        } else {
            // With its note they would be relied on, and drawn anew while people work (`tests/office/store/restart.rs`).
            std::fs::remove_file(tables.join("settled")).unwrap_or_default();
            let db = tables.join("db");
            let mut bytes = std::fs::read(&db).unwrap();
            bytes.iter_mut().skip(300).step_by(89).for_each(|byte| *byte ^= 0x55);
            std::fs::write(db, bytes).unwrap();
        }
    }

    /// The program starts again; forms without an answer are sent again; then the folder is looked through.
    async fn hold_to_its_promises(&mut self, chance: &mut Chance) -> Tally {
        let office = self.town.start_office(self.registry_url());
        let unanswered = hands::send_again(&office, &self.ledger, chance).await;
        self.pages_say_so(&office, chance).await;
        let mut kills = 0;
        if chance.once_in(2) {
            office.process.kill();
            kills = 1;
        } else {
            assert!(office.process.stop().success());
        }
        let dir = self.town.dir("office");
        verdict::check(&dir);
        let tally = verdict::on_office(&dir, &self.ledger, &self.day.numbers, self.blow).await;
        Tally { kills, unanswered, ..tally }
    }

    async fn pages_say_so(&self, office: &Node, chance: &mut Chance) {
        let arrived: Vec<_> = self.ledger.all().into_iter().filter(|sent| sent.step == "arrive").collect();
        let Some(sent) = chance.pick(&arrived).filter(|sent| sent.answer == Answer::Done) else { return };
        let mut officer = crew::signed_in(office, crew::CREW[0].0).await;
        let number = sent.number.as_ref().unwrap();
        let page = officer.open(&application(number)).await;
        let stands = page.is(200).body().contains("Datang");
        assert!(stands, "FINDING: the acknowledged arrival of {number} does not stand on its page");
    }

    /// In the end the registry has what the office has, and the decisions that were acknowledged.
    async fn everything_arrives(mut self) -> Tally {
        let Some(registry) = self.registry.take() else { return Tally::default() };
        let office = self.town.start_office(&registry.url);
        level(&office).await;
        assert!(office.process.stop().success());
        assert!(registry.process.stop().success());
        let dir = self.town.dir("registry");
        verdict::check(&dir);
        let (told, all) = verdict::at_headquarters(&self.town.dir("office"), &self.day.numbers).await;
        let registry = verdict::registry(&dir).await;
        let held = verdict::held_of_offices(&registry, &self.day.numbers).await;
        verdict::keeps_what_it_took(&told, &held);
        for (number, all) in &all {
            assert_eq!(all, &held[number], "FINDING: office and registry differ on {number}");
        }
        let tally = verdict::decisions(&registry, &self.decisions).await;
        registry.store.close().await;
        tally
    }
}

/// Waits until the office has sent everything.
pub async fn level(office: &Node) {
    let (client, url) = (Client::new(), format!("{}/healthz", office.url));
    for _ in 0..600 {
        let health: Value = client.get(&url).send().await.unwrap().json().await.unwrap();
        if health["unsynced"] == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("FINDING: the office and its registry do not become level");
}
