//! Headquarters says that somebody was erased: the office forgets them, whatever happens in the middle.

use std::fs;
use std::path::{Path, PathBuf};

use loket::domain::application::ApplicationKey;
use loket::domain::capture::PortraitCaptured;
use loket::domain::erasure::PersonErased;
use loket::domain::fact::Fact;
use loket::domain::number::ApplicationNumber;
use loket::domain::refusal::Refusal;
use loket::domain::status::Status;
use loket::office::store::check::{CheckReport, check};
use loket::office::store::{ActError, LinkAlarm, What};
use loket_sync::{Record, Subject, open_blob};
use serde_json::json;

use super::durability::open_tree;
use crate::office::{TestOffice, arrive, papers};

const NUMBER: &str = "1179000000000001";

fn number() -> ApplicationNumber {
    ApplicationNumber::parse(NUMBER).unwrap()
}

fn erased(key: ApplicationKey) -> PersonErased {
    serde_json::from_value(json!({
        "application": key.0, "why": "request", "basis": "surat 7/2026", "proposed_by": "Ratna",
        "remains": {
            "number": NUMBER, "office": "karimun",
            "service": {"kind": "new", "product": "ordinary", "validity": "10", "channel": "m-paspor"},
            "ended_as": "handed-over", "closed_on": "2026-11-23", "book": "X0000001",
        },
    }))
    .unwrap()
}

/// Two applicants who arrived, the first with a portrait. Returns both and the file of the portrait.
async fn busy(office: &mut TestOffice) -> (ApplicationKey, ApplicationKey, PathBuf) {
    let (siti, budi) = (office.booked("Siti Zubaidah").await, office.booked("Budi Hartono").await);
    for key in [siti, budi] {
        office.command(key, arrive()).await.unwrap();
    }
    let store = office.store().clone();
    let picture = tokio::task::spawn_blocking(move || store.put_blob(siti, b"a portrait", "image/jpeg"));
    let picture = picture.await.unwrap().unwrap();
    let file = office.file("blobs").join(&picture.hash[..2]).join(&picture.hash);
    let fact = Fact::PortraitCaptured(PortraitCaptured { picture, width_px: 600, height_px: 800 });
    office.act(What::Note { key: siti, fact }, "sari").await.unwrap();
    assert!(file.exists());
    (siti, budi, file)
}

fn records(office: &TestOffice, key: ApplicationKey) -> Vec<Record> {
    let all = office.store().reader().scan(&[]).map(Result::unwrap);
    all.filter(|record| record.header.subject == Subject(key.0)).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn lies_in(folder: &Path, needle: &[u8]) -> bool {
    let holds = |path: PathBuf| fs::read(path).unwrap().windows(needle.len()).any(|window| window == needle);
    files(folder).into_iter().any(holds)
}

/// The journals of an office that is stopped.
fn journals(office: &TestOffice) -> loket_sync::Journals {
    let own = loket_sync::OwnStream {
        stream: "office/karimun".parse().unwrap(),
        node_key: office.identity.node_key.clone(),
        storage_key: office.identity.storage_key.clone(),
        software: "test".into(),
    };
    let registry = office.headquarters.public();
    let ours = office.identity.node_key.public();
    let signers = move |stream: &loket_sync::StreamId, node: &loket_sync::NodeId| {
        let writer = if stream.group() == "hq" { registry } else { ours };
        (writer.id() == *node).then_some(writer)
    };
    loket_sync::Journals::open(&office.file("journal"), own, &signers).unwrap().0
}

fn says(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|window| window == words)
}

/// What a stopped office's tables say of somebody, as far as the node's own key opens it.
fn about(office: &TestOffice, key: ApplicationKey) -> Vec<Vec<u8>> {
    // sled writes as soon as it is opened.
    let copy = office.copy();
    let tree = open_tree(&copy);
    let rows = [b"S", b"T"].into_iter().flat_map(|table| tree.scan_prefix(table)).map(Result::unwrap);
    let of_key = rows.filter(|(row, _)| row.ends_with(&key.0)).map(|(row, sealed)| {
        let context = [b"loket table row ".as_slice(), &row].concat();
        let opened = office.identity.storage_key.open(&context, &sealed).unwrap();
        assert_eq!(opened[0], 1, "sealed with the key of whom it is about");
        opened[1..].to_vec()
    });
    of_key.collect()
}

fn checked(office: &TestOffice) -> CheckReport {
    check(office.path(), &office.identity, false).unwrap()
}

async fn nothing_is_left(office: &TestOffice, siti: ApplicationKey, budi: ApplicationKey) {
    let store = office.store();
    assert_eq!(store.by_number(&number()).unwrap(), Some(siti));
    let view = store.application(siti).unwrap().unwrap().view();
    assert_eq!((view.status, view.booking), (Status::Erased, None));
    let line = store.summary(siti).unwrap().unwrap();
    assert_eq!((line.name.as_str(), line.status), ("", Status::Erased));
    assert!(store.search("Siti", 9).unwrap().is_empty() && !store.search("Budi", 9).unwrap().is_empty());
    assert!(records(office, siti).iter().all(Record::is_erased));
    assert!(store.reader().key(&Subject(siti.0)).is_none());
    assert!(records(office, budi).iter().all(|record| store.reader().open(record).is_ok()));
    assert_eq!(store.link().alarms, []);
    let refused = office.command(siti, arrive()).await;
    assert!(matches!(refused, Err(ActError::Refused(Refusal::AlreadyErased))), "{refused:?}");
}

#[tokio::test]
async fn an_erasure_that_failed_is_tried_again_while_the_office_runs() {
    let mut office = TestOffice::open();
    let (siti, budi, portrait) = busy(&mut office).await;
    // Something that cannot be removed stands where old tables are moved to.
    let in_the_way = office.file("tables.aside");
    fs::write(&in_the_way, b"").unwrap();
    office.headquarters.erase(siti, erased(siti));
    office.sync().await;
    assert!(portrait.exists() && !records(&office, siti).iter().all(Record::is_erased), "it failed");
    fs::remove_file(&in_the_way).unwrap();
    let tried = async {
        while portrait.exists() || !records(&office, siti).iter().all(Record::is_erased) {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), tried).await.expect("tried again");
    nothing_is_left(&office, siti, budi).await;
}

#[tokio::test]
async fn an_erased_person_is_gone_here_and_everybody_else_stays() {
    let mut office = TestOffice::open();
    let (siti, budi, portrait) = busy(&mut office).await;
    for key in [siti, budi] {
        office.command(key, papers()).await.unwrap();
    }
    office.stop().await;
    let (of_siti, of_budi) = (about(&office, siti), about(&office, budi));
    assert_eq!((of_siti.len(), of_budi.len()), (2, 2), "a line and a ticket each");
    office.reopen();
    let budis = office.store().reader().key(&Subject(budi.0)).unwrap();
    assert!(of_budi.iter().any(|row| says(&open_blob(&budis, "table row", row).unwrap(), b"Budi Hartono")));
    let before = records(&office, siti);
    let done = office.store().done_on("2026-11-23".parse().unwrap(), 99).unwrap();
    office.headquarters.erase(siti, erased(siti));
    office.sync().await;
    nothing_is_left(&office, siti, budi).await;
    assert!(!portrait.exists());
    let after = office.store().done_on("2026-11-23".parse().unwrap(), 99).unwrap();
    assert_eq!((after.count, after.erased, after.latest.len()), (done.count, 4, done.count - 4));
    // Sent once more, as after a cut line.
    office.sync().await;
    office.stop().await;
    let report = checked(&office);
    assert!(report.is_good(), "{report:?}");
    assert!(before.iter().all(|record| !lies_in(&office.file("journal"), &record.body)));

    // Whatever sled's files still hold of her is sealed with a key that is gone; so the tables stay as they are, and the
    // next start relies on what was settled as any other does.
    assert!(of_siti.iter().all(|row| open_blob(&budis, "table row", row).is_err() && !says(row, b"Siti")));
    assert!(office.file("journal").join("places").exists() && office.file("tables").join("settled").exists());
    let opened = office.reopen();
    assert_eq!((opened.rebuilt, opened.replayed), (None, 0));
    nothing_is_left(&office, siti, budi).await;
    office.stop().await;
    assert_eq!(office.reopen().rebuilt, None);
    office.stop().await;
    let report = checked(&office);
    assert!(report.is_good(), "{report:?}");
}

#[tokio::test]
async fn an_erasure_that_was_interrupted_is_completed_at_the_next_start() {
    let mut office = TestOffice::open();
    let (siti, budi, portrait) = busy(&mut office).await;
    office.headquarters.erase(siti, erased(siti));
    let (runs, told) = office.headquarters.take();
    office.stop().await;
    // A journal that holds the fact, written by something that does nothing about it.
    {
        let mut journals = journals(&office);
        for (subject, key) in &told {
            journals.add_key(*subject, key).unwrap();
        }
        for (run, signer) in &runs {
            journals.receive(run, signer).unwrap();
        }
        journals.commit().unwrap();
    }
    assert!(portrait.exists());
    office.reopen();
    assert!(!portrait.exists());
    nothing_is_left(&office, siti, budi).await;
    office.stop().await;
    let report = checked(&office);
    assert!(report.is_good(), "{report:?}");
}

#[tokio::test]
async fn an_erasure_that_no_fact_tells_of_any_more_is_found_until_headquarters_erases_again() {
    let mut office = TestOffice::open();
    let (siti, budi, _) = busy(&mut office).await;
    office.stop().await;
    // What is left when damage took the fact, and headquarters was restored to before it.
    journals(&office).forget(Subject(siti.0)).unwrap();
    let drawn_anew = check(office.path(), &office.identity, true).unwrap();
    assert!(drawn_anew.rebuilt);
    let report = checked(&office);
    let is_it = |what: &str| what.contains(&Subject(siti.0).to_string()) && what.contains("no fact says so");
    assert!(report.findings.iter().any(|finding| is_it(&finding.what)), "{report:?}");
    office.reopen();
    office.headquarters.erase(siti, erased(siti));
    office.sync().await;
    nothing_is_left(&office, siti, budi).await;
    office.stop().await;
    let report = checked(&office);
    assert!(report.is_good(), "{report:?}");
}

#[tokio::test]
async fn damage_that_an_erasure_meets_is_set_aside_and_the_office_works_on() {
    let mut office = TestOffice::open();
    let (siti, budi, _) = busy(&mut office).await;
    let theirs = files(&office.file("journal").join("hq_karimun"));
    let mut bytes = fs::read(&theirs[0]).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&theirs[0], &bytes).unwrap();
    office.headquarters.erase(siti, erased(siti));
    office.sync().await;
    let alarms = office.store().link().alarms;
    assert!(matches!(alarms[0], LinkAlarm::JournalDamaged { .. }), "{alarms:?}");
    // An act is taken: the office is not read-only. What was set aside comes again.
    let refused = office.command(siti, arrive()).await;
    assert!(!matches!(refused, Err(ActError::ReadOnly(_))), "{refused:?}");
    office.sync().await;
    assert!(records(&office, siti).iter().all(Record::is_erased));
    assert!(office.store().reader().key(&Subject(siti.0)).is_none());
    assert_eq!(office.store().application(siti).unwrap().unwrap().view().status, Status::Erased);
    assert!(office.store().application(budi).unwrap().unwrap().view().booking.is_some());
    office.stop().await;
    let report = checked(&office);
    assert!(report.is_good(), "{report:?}");
}

#[tokio::test]
async fn the_key_of_an_erasure_may_come_later_and_the_office_of_another_author_erases_nobody() {
    let mut office = TestOffice::open();
    let (siti, budi, _) = busy(&mut office).await;
    // Another author may say so; it changes nothing.
    let said = office.headquarters.elsewhere("batam", budi, Fact::PersonErased(erased(budi)));
    let _refused = office.store().receive(vec![said], Vec::new()).await.unwrap();
    assert!(office.store().application(budi).unwrap().unwrap().view().erased.is_none());
    office.headquarters.erase(siti, erased(siti));
    let runs = office.headquarters.take_without_keys();
    office.store().receive(runs, Vec::new()).await.unwrap();
    assert!(office.store().application(siti).unwrap().unwrap().view().erased.is_none());
    let (_, keys) = office.headquarters.take();
    office.store().receive(Vec::new(), keys).await.unwrap();
    nothing_is_left(&office, siti, budi).await;
    office.stop().await;
    assert!(checked(&office).is_good());
}

#[tokio::test]
async fn an_office_that_never_had_the_bodies_knows_the_number_and_is_not_alarmed() {
    let mut office = TestOffice::open();
    let siti = office.headquarters.book("Siti Zubaidah");
    let budi = office.headquarters.book("Budi Hartono");
    office.headquarters.erase(siti, erased(siti));
    office.headquarters.strip(siti);
    let (runs, mut keys) = office.headquarters.take();
    keys.retain(|(subject, _)| *subject != Subject(siti.0));
    // First the bare records alone, then the rest: in between somebody is told that bodies are missing.
    let taken = office.store().receive(runs, Vec::new()).await.unwrap();
    assert_eq!(taken.refused, []);
    assert_eq!(office.store().link().alarms, [LinkAlarm::BodiesMissing]);
    office.store().receive(Vec::new(), keys).await.unwrap();
    nothing_is_left(&office, siti, budi).await;
    assert!(office.store().wanted_keys().await.unwrap().is_empty());
    office.stop().await;
    let report = checked(&office);
    assert!(report.is_good(), "{report:?}");
}
