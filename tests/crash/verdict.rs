//! The verdict: what lies in a node's folder against what was answered. Read with the node's own store, after the
//! program itself has started again on the folder and has been checked with `loket check`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use loket::clock::SystemClock;
use loket::config::{OfficeOverrides, RegistryConfig, RegistryOverrides};
use loket::domain::application::{Application, Author, Order};
use loket::domain::capture::Finger;
use loket::domain::fact::Fact;
use loket::domain::number::ApplicationNumber;
use loket::office::node;
use loket::office::store::Store;
use loket::registry::{self, actions::Registry};
use loket_sync::Pos;
use reqwest::StatusCode;

use super::Blow;
use super::ledger::{Ledger, Sent, Tally, facts_of};
use crate::harness::files;
use crate::harness::nodes::loket;
use crate::harness::officer::Answer;

/// Fingers that are asked of adults.
const FINGERS: usize = 10;

/// The own facts of an office by where they stand, each with whom it is about.
type Known = BTreeMap<Order, (ApplicationNumber, Fact)>;

/// Facts of an office about an application, by where they stand.
pub type Facts = BTreeMap<ApplicationNumber, BTreeSet<Order>>;

/// Whether `loket check` finds nothing.
pub fn is_sound(dir: &Path) -> bool {
    loket().args(["check", "--dir"]).arg(dir).output().unwrap().status.success()
}

/// Whether every picture that an office has taken lies in its registry's folder too.
pub async fn pictures_are_at(registry: &Path, office: &Path, numbers: &[ApplicationNumber]) -> bool {
    let there: BTreeSet<String> = files(&registry.join("blobs"))
        .into_iter()
        .filter_map(|file| Some(file.file_name()?.to_str()?.to_owned()))
        .collect();
    let store = open(office);
    let known = known_facts(&store, numbers);
    store.stop().await;
    let mut taken = known.values().filter_map(|(_, fact)| match fact {
        Fact::PortraitCaptured(portrait) => Some(&portrait.picture),
        Fact::SignatureCaptured(signature) => signature.picture.as_ref(),
        Fact::FingerCaptured(captured) => match &captured.finger {
            Finger::Taken { picture, .. } => Some(picture),
            Finger::Excepted { .. } => None,
        },
        _ => None,
    });
    taken.all(|picture| there.contains(&picture.hash))
}

/// `loket check` finds nothing.
pub fn check(dir: &Path) {
    let checked = loket().args(["check", "--json", "--dir"]).arg(dir).output().unwrap();
    let said = String::from_utf8_lossy(&checked.stdout);
    assert!(checked.status.success(), "FINDING: loket check {}: {said}", dir.display());
}

/// Every acknowledged act is in the office's folder, whole and once; nothing is there that nobody sent.
pub async fn on_office(dir: &Path, ledger: &Ledger, numbers: &[ApplicationNumber], blow: Blow) -> Tally {
    let store = open(dir);
    let mut tally = Tally::default();
    let mut explained: BTreeSet<(Order, &'static str)> = BTreeSet::new();
    let all = ledger.all();
    let known = known_facts(&store, numbers);
    for sent in &all {
        let written = written_by(&store, sent, &known);
        let names: Vec<&str> = written.iter().map(|(_, name)| *name).collect();
        let is_there = !names.is_empty();
        if sent.step == "fingers" {
            let number = sent.number.as_ref().unwrap();
            assert!(
                !is_there || fingers(&known, number) == FINGERS,
                "FINDING: half an act, only {names:?}: {sent:?}"
            );
        }
        if let Some(expected) = facts_of(sent.step).filter(|_| is_there) {
            let is_whole = names == expected || is_looked_at_again(&written, &known);
            assert!(is_whole, "FINDING: half an act, only {names:?}: {sent:?}");
        }
        match &sent.answer {
            Answer::Done => {
                // Where another window was quicker, no finger is left and nothing is written.
                let none_left = || fingers(&known, sent.number.as_ref().unwrap()) == FINGERS;
                let is_kept = is_there || (sent.step == "fingers" && none_left());
                assert!(is_kept, "FINDING: lost although it was acknowledged: {sent:?}");
                tally.found += 1;
            }
            // On a disk without power everything fails; otherwise nothing does.
            Answer::Refused(StatusCode::INTERNAL_SERVER_ERROR) if blow == Blow::Kill => {
                panic!("FINDING: the program failed: {sent:?}")
            }
            Answer::Refused(status) if status.is_client_error() => {
                assert!(!is_there, "FINDING: refused and done all the same: {sent:?}");
            }
            // Sent again once the node was back, this was refused as well; or nobody sent it again.
            Answer::Refused(_) | Answer::Lost => {}
        }
        for (order, name) in written {
            assert!(explained.insert((order, name)), "FINDING: {name} stands for two forms: {sent:?}");
        }
    }
    no_more_than(&explained, &known);
    no_ticket_twice(&known);
    store.stop().await;
    tally
}

/// What was acknowledged of these and is not in the office's folder, and how much was acknowledged in all.
pub async fn missing(dir: &Path, sent: &[Sent], numbers: &[ApplicationNumber]) -> (Vec<Sent>, usize) {
    let store = open(dir);
    let known = known_facts(&store, numbers);
    let done: Vec<&Sent> = sent.iter().filter(|sent| sent.answer == Answer::Done).collect();
    let is_missing = |sent: &&&Sent| {
        let none_left =
            || sent.step == "fingers" && fingers(&known, sent.number.as_ref().unwrap()) == FINGERS;
        written_by(&store, sent, &known).is_empty() && !none_left()
    };
    let missing = done.iter().filter(is_missing).map(|sent| (*sent).clone()).collect();
    store.stop().await;
    (missing, done.len())
}

/// What the office knows its registry to have, and what it has itself.
pub async fn at_headquarters(dir: &Path, numbers: &[ApplicationNumber]) -> (Facts, Facts) {
    let store = open(dir);
    let (mut has, mut all) = (Facts::new(), Facts::new());
    for (number, application) in known(&store, numbers) {
        for entry in application.entries().filter(|entry| entry.author != Author::Registry) {
            all.entry(number.clone()).or_default().insert(entry.order);
            if store.is_at_headquarters(entry) {
                has.entry(number.clone()).or_default().insert(entry.order);
            }
        }
    }
    store.stop().await;
    (has, all)
}

/// Opens a registry's folder.
pub async fn registry(dir: &Path) -> Registry {
    let config = RegistryConfig::load(dir, &RegistryOverrides::default()).unwrap();
    registry::open(&config, Arc::new(SystemClock)).await.unwrap()
}

/// What the registry holds of offices' facts.
pub async fn held_of_offices(registry: &Registry, numbers: &[ApplicationNumber]) -> Facts {
    let mut held = Facts::new();
    for number in numbers {
        let key = registry.store.by_number(number).await.unwrap().expect("it was booked there");
        let application = registry.store.application(key).await.unwrap();
        let of_offices = application.entries().filter(|entry| entry.author != Author::Registry);
        held.entry(number.clone()).or_default().extend(of_offices.map(|entry| entry.order));
    }
    held
}

/// Nothing that the office was told is at headquarters is missing there.
pub fn keeps_what_it_took(told: &Facts, held: &Facts) {
    for (number, told) in told {
        let missing: Vec<_> = told.difference(&held[number]).collect();
        assert!(missing.is_empty(), "FINDING: {number}: acknowledged to the office and gone: {missing:?}");
    }
}

/// Every decision that was acknowledged stands there once.
pub async fn decisions(registry: &Registry, ledger: &Ledger) -> Tally {
    let mut tally = Tally::default();
    for sent in ledger.all() {
        let number = sent.number.as_ref().unwrap();
        let key = registry.store.by_number(number).await.unwrap().unwrap();
        let application = registry.store.application(key).await.unwrap();
        let approved = application.entries().filter(|entry| matches!(entry.fact, Fact::Approved(_))).count();
        assert!(approved <= 1, "FINDING: decided twice: {sent:?}");
        if sent.answer == Answer::Done {
            assert_eq!(approved, 1, "FINDING: an acknowledged decision is lost: {sent:?}");
            tally.found += 1;
        }
    }
    tally
}

fn open(dir: &Path) -> Store {
    let (_, who) = node::load(dir, &OfficeOverrides::default()).unwrap();
    let opened = Store::open(dir, who, Arc::new(SystemClock));
    opened.unwrap_or_else(|error| panic!("FINDING: {} does not open: {error}", dir.display())).0
}

fn known(
    store: &Store,
    numbers: &[ApplicationNumber],
) -> impl Iterator<Item = (ApplicationNumber, Application)> {
    numbers.iter().filter_map(|number| {
        let key = store.by_number(number).unwrap()?;
        Some((number.clone(), store.application(key).unwrap()?))
    })
}

/// The office's own facts about applications, by where they stand.
fn known_facts(store: &Store, numbers: &[ApplicationNumber]) -> Known {
    let facts = known(store, numbers).flat_map(|(number, application)| {
        let own = application.entries().filter(|entry| entry.author != Author::Registry);
        own.map(|entry| (entry.order, (number.clone(), entry.fact.clone()))).collect::<Vec<_>>()
    });
    facts.collect()
}

/// Whoever looks at the papers of somebody who has a ticket already draws no second one: two windows of one officer.
fn is_looked_at_again(written: &[(Order, &str)], known: &Known) -> bool {
    let [(order, "DocumentsChecked")] = written else { return false };
    let (number, _) = &known[order];
    let has_ticket = |(at, (whose, fact)): (&Order, &(ApplicationNumber, Fact))| {
        whose == number && at.rev < order.rev && matches!(fact, Fact::TicketIssued(_))
    };
    known.iter().any(has_ticket)
}

/// What a form came to.
fn written_by(store: &Store, sent: &Sent, known: &Known) -> Vec<(Order, &'static str)> {
    let answer = store.first_answer(&sent.actor(), sent.once()).unwrap();
    let mut written = Vec::new();
    for pos in answer.into_iter().flat_map(|acted| acted.positions) {
        let is_there =
            |order: &&Order| Pos { seq: order.seq, ..pos } == pos && order.session == pos.session.0;
        match known.keys().find(is_there) {
            Some(order) => written.push((*order, known[order].1.name())),
            // About the office itself.
            None if sent.step == "open" => {
                let order = Order { rev: 0, session: pos.session.0, seq: pos.seq };
                written.push((order, "CounterOpened"));
            }
            None => panic!("FINDING: {pos} stands in the answer and nowhere else: {sent:?}"),
        }
    }
    written
}

/// How many fingers of somebody are taken or excepted.
fn fingers(known: &Known, number: &ApplicationNumber) -> usize {
    let of = known.values().filter(|(whose, _)| whose == number);
    let positions = of.filter_map(|(_, fact)| match fact {
        Fact::FingerCaptured(captured) => Some(captured.position),
        _ => None,
    });
    positions.collect::<BTreeSet<_>>().len()
}

/// Nothing is there that no form explains, but for who looked at what.
fn no_more_than(explained: &BTreeSet<(Order, &'static str)>, known: &Known) {
    for (order, (number, fact)) in known.iter().filter(|(_, (_, fact))| !matches!(fact, Fact::Viewed(_))) {
        let is_explained = explained.contains(&(*order, fact.name()));
        assert!(is_explained, "FINDING: {number}: nobody sent {order:?}: {fact:?}");
    }
}

fn no_ticket_twice(known: &Known) {
    let mut tickets = BTreeSet::new();
    for (_, fact) in known.values() {
        if let Fact::TicketIssued(issued) = fact {
            assert!(tickets.insert(issued.number.to_string()), "FINDING: given twice: {}", issued.number);
        }
    }
}
