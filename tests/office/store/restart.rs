//! A quick start relies on what a stop or a settling has left, verifies it afterwards, and mends what does not hold.

use std::fs;
use std::time::Duration;

use loket::domain::status::Status;
use loket::office::store::check::check;
use loket::office::store::{LinkAlarm, OpenReport, Store};
use loket::office::worker::OfficeReplica;
use loket_sync::drive::Replica;
use loket_sync::{Have, Range};

use super::durability::open_tree;
use crate::office::{TestOffice, arrive};

/// Opens as a running office does.
fn start(office: &TestOffice) -> (Store, OpenReport) {
    Store::start(office.path(), office.identity.clone(), office.clock.clone()).unwrap()
}

/// Waits until this is so.
async fn until(what: impl Fn() -> bool) {
    for _ in 0..400 {
        if what() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it does not come");
}

fn redrawn(store: &Store) -> bool {
    let alarms = store.link().alarms;
    alarms.iter().any(|alarm| matches!(alarm, LinkAlarm::TablesRedrawn { .. })) && store.waiting().is_none()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quick_start_shows_what_was_there() {
    let mut office = TestOffice::open();
    let key = office.waiting("Siti Aminah").await;
    let other = office.booked("Budi").await;
    office.stop().await;
    for end in ["in order", "in order", "just so"] {
        let (store, report) = start(&office);
        assert_eq!((report.replayed, report.rebuilt), (0, None));
        assert_eq!(store.summary(key).unwrap().unwrap().status, Status::Waiting);
        assert_eq!(store.open_applications().len(), 2);
        if end == "in order" {
            store.stop().await;
        }
    }
    office.reopen();
    office.command(other, arrive()).await.unwrap();
    office.stop().await;
    assert!(check(office.path(), &office.identity, false).unwrap().is_good());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_sled_has_lost_are_noticed_while_the_office_works() {
    let mut office = TestOffice::open();
    let key = office.waiting("Siti Aminah").await;
    office.stop().await;
    let tree = open_tree(&office);
    let (row, _) = tree.scan_prefix(b"N").next().unwrap().unwrap();
    tree.remove(row).unwrap();
    drop(tree);
    let (store, report) = start(&office);
    assert_eq!(report.rebuilt, None, "it serves first");
    until(|| redrawn(&store)).await;
    let number = store.summary(key).unwrap().unwrap().number.unwrap();
    assert_eq!(store.by_number(&number).unwrap(), Some(key));
    store.stop().await;
    drop(store);
    assert!(check(office.path(), &office.identity, false).unwrap().is_good());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_were_not_settled_are_compared_first() {
    let mut office = TestOffice::open();
    let key = office.waiting("Siti Aminah").await;
    office.stop().await;
    let tree = open_tree(&office);
    let (row, _) = tree.scan_prefix(b"S").next().unwrap().unwrap();
    tree.remove(row).unwrap();
    drop(tree);
    fs::remove_file(office.file("tables").join("settled")).unwrap();
    let (store, report) = start(&office);
    assert!(report.rebuilt.unwrap().contains("digest"));
    until(|| store.waiting().is_none()).await;
    assert!(store.summary(key).unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_another_batch_than_the_last_are_compared_first() {
    let mut office = TestOffice::open();
    office.waiting("Siti Aminah").await;
    office.stop().await;
    let note = office.file("tables").join("settled");
    let before = fs::read(&note).unwrap();
    office.reopen();
    let key = office.booked("Budi").await;
    office.stop().await;
    assert_ne!(fs::read(&note).unwrap(), before);
    // As if sled had left out the end of its log.
    fs::write(&note, before).unwrap();
    let tree = open_tree(&office);
    let (row, _) = tree.scan_prefix(b"S").next().unwrap().unwrap();
    tree.remove(row).unwrap();
    drop(tree);
    let (store, report) = start(&office);
    assert!(report.rebuilt.unwrap().contains("digest"));
    until(|| store.waiting().is_none()).await;
    assert!(store.summary(key).unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_journal_is_set_aside_while_the_office_works() {
    let mut office = TestOffice::open();
    let key = office.waiting("Siti Aminah").await;
    office.stop().await;
    let folder = office.file("journal").join("hq_karimun");
    let session = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let file = session.join("000001.seg");
    let mut bytes = fs::read(&file).unwrap();
    let at = bytes.len() - 5;
    bytes[at] ^= 1;
    fs::write(&file, bytes).unwrap();
    let (store, report) = start(&office);
    assert_eq!((report.rebuilt, report.notes), (None, Vec::new()), "it serves first");
    let said = |store: &Store| {
        let alarms = store.link().alarms;
        let damaged = alarms.iter().any(|alarm| matches!(alarm, LinkAlarm::JournalDamaged { .. }));
        damaged && alarms.iter().any(|alarm| matches!(alarm, LinkAlarm::RecordsMissing { .. }))
    };
    until(|| said(&store) && store.waiting().is_none()).await;
    // What headquarters hands back is taken.
    let runs = office.headquarters.take_without_keys();
    store.receive(runs, Vec::new()).await.unwrap();
    assert_eq!(store.summary(key).unwrap().unwrap().status, Status::Waiting);
    let missing = |alarm: &LinkAlarm| matches!(alarm, LinkAlarm::RecordsMissing { .. });
    assert!(!store.link().alarms.iter().any(missing));
    store.stop().await;
    drop(store);
    let report = check(office.path(), &office.identity, false).unwrap();
    assert!(report.is_good(), "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_line_last_worked_is_known_after_a_stop_a_kill_and_new_tables() {
    let mut office = TestOffice::open();
    office.waiting("Siti Aminah").await;
    assert_eq!(office.store().link().last_ok_at, None);
    let at = crate::office::morning();
    office.store().note_exchanged(at).await.unwrap();
    office.stop().await;
    office.reopen();
    assert_eq!(office.store().link().last_ok_at, Some(at), "after a stop");
    let later = at + chrono::TimeDelta::minutes(5);
    office.store().note_exchanged(later).await.unwrap();
    office.kill();
    office.reopen();
    assert_eq!(office.store().link().last_ok_at, Some(later), "after a kill");
    office.stop().await;
    // Rows that do not come to their digest are drawn anew; this one no journal holds.
    let tree = open_tree(&office);
    let (row, _) = tree.scan_prefix(b"S").next().unwrap().unwrap();
    tree.remove(row).unwrap();
    drop(tree);
    assert!(office.reopen().rebuilt.is_some());
    assert_eq!(office.store().link().last_ok_at, Some(later), "after the tables were drawn anew");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damage_that_sending_meets_holds_up_nothing_else_and_is_set_aside() {
    let mut office = TestOffice::open();
    let key = office.waiting("Siti Aminah").await;
    let store = office.store().clone();
    let folder = office.file("journal").join("hq_karimun");
    let session = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let file = session.join("000001.seg");
    let mut bytes = fs::read(&file).unwrap();
    // In a signature: what it signs could be read all the same.
    let at = bytes.len() - 5;
    bytes[at] ^= 1;
    fs::write(&file, bytes).unwrap();
    let vector = store.reader().vector();
    let range = |have: &Have| Range { stream: have.stream, session: have.session, from: 0, to: have.len };
    let replica =
        OfficeReplica::new(store.clone(), office.identity.node_key.clone(), office.headquarters.public());
    let runs = replica.runs(vector.iter().map(range).collect(), usize::MAX).await.unwrap();
    assert!(vector.iter().any(|have| have.stream != store.own_stream()));
    let sent: Vec<_> = runs.iter().map(|run| run.head.have()).collect();
    let own: Vec<_> = vector.iter().copied().filter(|have| have.stream == store.own_stream()).collect();
    assert_eq!(sent, own, "what is damaged is not sent, the rest is");
    let is_lacking = || store.reader().vector().len() < vector.len();
    until(|| is_lacking() && store.waiting().is_none()).await;
    let damaged = |alarm: &LinkAlarm| matches!(alarm, LinkAlarm::JournalDamaged { .. });
    assert!(store.link().alarms.iter().any(damaged));
    // What headquarters hands back is taken, and sent again.
    store.receive(office.headquarters.take_without_keys(), Vec::new()).await.unwrap();
    assert_eq!(store.summary(key).unwrap().unwrap().status, Status::Waiting);
    let runs = replica.runs(vector.iter().map(range).collect(), usize::MAX).await.unwrap();
    assert_eq!(runs.len(), vector.len());
}
