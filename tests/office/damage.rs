//! Every file of a data folder is damaged in turn: a check names it, what the other side has comes back, and afterwards
//! all is as it was.

use std::fs;
use std::path::{Path, PathBuf};

use loket::domain::damage::Finding;
use loket::office::store::check::{check, heal};
use loket::office::store::{LinkAlarm, OpenError, PaymentState, Summary};
use loket::registry::actions::check as registry_check;
use loket::registry::actions::payments;
use loket_sync::drive::Signal;
use loket_sync::{Faults, Hash};
use tokio::sync::mpsc;

use super::line::{Cabled, Tied, connect, portrait, serve, tie, until};
use super::{TestOffice, arrive, papers};
use crate::registry::{Fixture, paid, request_json};

/// Files whose damage is no damage, and why.
const EXEMPT: &[(&str, &str)] = &[
    ("journal/lock", "empty; made at the start if it is missing"),
    ("journal/reserve", "holds room and no data; made at the start if it is missing or short"),
    ("journal/places", "says what the journals say too; one that does not open is not used"),
    ("journal/mark", "how far the journal went, at least; damaged or gone it says less"),
];

/// Where bits flip: spread over the file, the same in every run.
fn offsets(len: u64, seed: u64) -> [u64; 3] {
    let draw = |n: u64| {
        let mixed = (seed + n).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        (mixed ^ (mixed >> 31)) % len.max(1)
    };
    [draw(1), draw(2), draw(3)]
}

#[derive(Debug, Clone, Copy)]
enum Damage {
    Flip(u64),
    Truncate,
    Remove,
}

impl Damage {
    fn all(len: u64, seed: u64) -> Vec<Self> {
        let flips = offsets(len, seed).into_iter().map(Self::Flip);
        flips.chain([Self::Truncate, Self::Remove]).collect()
    }

    fn strike(self, file: &Path) {
        match self {
            Self::Flip(at) => {
                let mut bytes = fs::read(file).unwrap();
                bytes[usize::try_from(at).unwrap()] ^= 1 << (at % 8);
                fs::write(file, bytes).unwrap();
            }
            Self::Truncate => {
                let bytes = fs::read(file).unwrap();
                fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
            }
            Self::Remove => fs::remove_file(file).unwrap(),
        }
    }
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    loket::sums::files_under(folder).unwrap().into_iter().map(PathBuf::from).collect()
}

/// Whether a finding names this file, or the folder that it is missing from.
fn names(finding: &Finding, file: &Path) -> bool {
    finding.file.as_ref().is_some_and(|named| file.starts_with(named))
}

/// What an office shows: its applications, all facts of each, and the bytes of their pictures.
fn shown(office: &TestOffice) -> Vec<String> {
    let store = office.store();
    let mut lines = store.open_applications();
    lines.sort_by_key(|line| line.key);
    let facts = lines.iter().flat_map(|line| {
        // One whose key is not here has a line and nothing that can be read.
        let Some(application) = store.application(line.key).unwrap() else { return Vec::new() };
        let entries: Vec<_> = application.entries().map(|entry| format!("{entry:?}")).collect();
        entries
    });
    let lines = lines.iter().map(|line| format!("{line:?}"));
    lines.chain(facts).collect()
}

/// An enrolled office after a morning's work, level with its registry, closed; and what it showed.
async fn worked(headquarters: &Fixture) -> (TestOffice, Vec<String>) {
    headquarters.offer(9).await;
    let Tied { mut office, cable, signals, driven, .. } = tie(&headquarters.registry).await;
    let jpeg = [&[0xff, 0xd8, 0xff, 0xe0][..], b"picture of a card"].concat();
    let mut with_picture = request_json("Siti Aminah");
    with_picture["documents"][0]["picture"] = data_encoding::BASE64.encode(&jpeg).into();
    let request = serde_json::from_value(with_picture).unwrap();
    let first = loket::registry::actions::bookings::book(&headquarters.registry, request).await.unwrap();
    let second = headquarters.book("Budi").await;
    for (made, ntpn) in [(&first, "0123456789ABCDEF"), (&second, "0123456789ABCDE0")] {
        payments::pay(&headquarters.registry, paid(made, ntpn, headquarters.now())).await.unwrap();
        let is_paid = |line: &Summary| line.slot.is_some() && line.payment == PaymentState::Paid;
        until(&office, || office.store().summary(made.key).unwrap().filter(is_paid)).await;
    }
    serve(&office, first.key, portrait()).await;
    office.command(second.key, arrive()).await.unwrap();
    office.command(second.key, papers()).await.unwrap();
    level(&office, headquarters, &signals).await;
    let before = shown(&office);
    cable.send(false).unwrap();
    driven.abort();
    assert!(driven.await.is_err());
    office.stop().await;
    (office, before)
}

/// Waits until both sides have the same records and pictures.
async fn level(office: &TestOffice, headquarters: &Fixture, line: &mpsc::Sender<Signal>) {
    let store = office.store();
    for _ in 0..400 {
        // A full channel means that the line has something to hear anyway.
        line.try_send(Signal::LocalNews).unwrap_or_default();
        let there = headquarters_has(headquarters, office).await;
        let noted = headquarters.registry.store.stored_blobs().await.unwrap().len();
        if there == store.reader().vector()
            && noted == headquarters.registry.blobs.list().unwrap().0.len()
            && store.pictures_unsent(9).iter().all(|picture| headquarters.registry.blobs.has(&picture.hash))
            && store.pictures_wanted(1).is_empty()
        {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!(
        "not level: {:?} there, {:?} here, unsent {:?}, wanted {:?}, {:?}",
        headquarters_has(headquarters, office).await,
        store.reader().vector(),
        store.pictures_unsent(9),
        store.pictures_wanted(9),
        store.link()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_damaged_file_of_an_office_is_named_and_comes_back() {
    let headquarters = Fixture::sqlite().await;
    let (office, before) = worked(&headquarters).await;
    let good = check(office.path(), &office.identity, false).unwrap();
    assert!(good.is_good() && good.pictures == 2, "{good:?}");
    let (mut struck, mut passed_by) = (0, 0);
    for (seed, name) in (0..).zip(files_under(office.path())) {
        if EXEMPT.iter().any(|(exempt, _)| name == Path::new(exempt)) {
            passed_by += 1;
            continue;
        }
        let len = fs::metadata(office.path().join(&name)).unwrap().len();
        // An empty file has nothing to flip or to cut.
        let damages = if len == 0 { Vec::new() } else { Damage::all(len, seed) };
        for damage in damages {
            if name == Path::new("tables.sums") && matches!(damage, Damage::Remove) {
                // The same as after an unclean stop: all rows are compared instead.
                continue;
            }
            let mut copy = office.copy();
            let file = copy.path().join(&name);
            damage.strike(&file);
            let told = format!("{} {damage:?}", name.display());
            let found = check(copy.path(), &copy.identity, false).unwrap();
            assert!(found.findings.iter().any(|finding| names(finding, &file)), "{told}: {found:?}");
            heal(copy.path(), &copy.identity, copy.clock.clone()).await.unwrap();
            copy.reopen();
            let Cabled { cable, driven, signals, .. } = connect(&copy, &headquarters.registry).await;
            // What was lost is handed back, and the file is as good as before.
            until(&copy, || (shown(&copy) == before).then_some(())).await;
            level(&copy, &headquarters, &signals).await;
            cable.send(false).unwrap();
            driven.abort();
            assert!(driven.await.is_err());
            copy.stop().await;
            let after = check(copy.path(), &copy.identity, false).unwrap();
            assert!(after.is_good(), "{told}: {after:?}");
            struck += 1;
        }
    }
    assert!(struck > 30 && passed_by == EXEMPT.len(), "{struck} damages, {passed_by} files passed by");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_that_exist_nowhere_else_stay_named_and_the_office_goes_on() {
    let headquarters = Fixture::sqlite().await;
    let (mut office, _) = worked(&headquarters).await;
    // A day without a line: what is written now is nowhere else.
    office.reopen();
    let key = office.store().open_applications()[0].key;
    let alone = office.store().reader().vector();
    office.open_counter(2, "sari").await;
    office.open_counter(3, "budi").await;
    let session = office.store().reader().vector().into_iter().find(|have| !alone.contains(have)).unwrap();
    office.stop().await;
    let folder = office.file("journal").join("office_karimun").join(session.session.to_string());
    fs::remove_file(folder.join("000001.seg")).unwrap();
    assert!(matches!(office.try_open(), Err(OpenError::Ahead(_))), "nothing is opened by itself");
    let healed = heal(office.path(), &office.identity, office.clock.clone()).await.unwrap();
    assert!(!healed.is_good(), "it does not pretend: {healed:?}");
    office.reopen();
    let missing = |office: &TestOffice| {
        let alarms = office.store().link().alarms;
        alarms.into_iter().find_map(|alarm| match alarm {
            LinkAlarm::RecordsMissing { which, nowhere_else } => Some((which.to, nowhere_else)),
            _ => None,
        })
    };
    assert_eq!(missing(&office).map(|(to, _)| to), Some(session.len));
    assert!(office.store().application(key).unwrap().is_some());
    office.open_counter(4, "sari").await;
    let Cabled { cable, driven, signals, .. } = connect(&office, &headquarters.registry).await;
    level(&office, &headquarters, &signals).await;
    office.store().peer_has(headquarters_has(&headquarters, &office).await).await.unwrap();
    assert_eq!(missing(&office), Some((session.len, true)), "headquarters does not have them either");
    cable.send(false).unwrap();
    driven.abort();
    assert!(driven.await.is_err());
    office.reopen();
    assert!(missing(&office).is_some(), "it is said after every start");
}

async fn headquarters_has(headquarters: &Fixture, office: &TestOffice) -> Vec<loket_sync::Have> {
    let streams = office.store().shared_streams().unwrap().into_iter().collect();
    headquarters.registry.store.vector(&streams).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_damaged_at_a_registry_comes_back_from_the_office() {
    let headquarters = Fixture::sqlite().await;
    let (mut office, before) = worked(&headquarters).await;
    let registry = &headquarters.registry;
    assert!(registry_check::check(registry).await.unwrap().is_good());
    let pool = sqlx::AnyPool::connect(&headquarters.config.database_url).await.unwrap();
    let pictures: Vec<Hash> = registry.blobs.list().unwrap().0;
    assert_eq!(pictures.len(), 2);
    // A record in the middle of each kind of journal, a key, a picture that changed and one that vanished.
    for tampering in [
        "UPDATE records SET record = substr(record, 1, 40) WHERE stream = 'office/karimun' AND seq = 3",
        "UPDATE records SET record = zeroblob(200) WHERE stream = 'hq/karimun' AND seq = 2",
        "UPDATE subject_keys SET sealed = zeroblob(72) WHERE subject = (SELECT MIN(subject) FROM subject_keys)",
    ] {
        assert!(sqlx::query(tampering).execute(&pool).await.unwrap().rows_affected() > 0, "{tampering}");
    }
    fs::write(registry.blobs.file(&pictures[0]), b"another picture").unwrap();
    fs::remove_file(registry.blobs.file(&pictures[1])).unwrap();
    let found = registry_check::check(registry).await.unwrap();
    assert_eq!(found.findings.len(), 5, "{found:?}");
    let healed = registry_check::heal(registry).await.unwrap();
    assert!(!healed.is_good() && healed.healed.len() == 5, "what is still to come stays named: {healed:?}");
    office.reopen();
    let Cabled { cable, signals, .. } = connect(&office, registry).await;
    let streams = office.store().shared_streams().unwrap().into_iter().collect();
    let whole = office.store().reader().vector();
    for _ in 0..200 {
        signals.try_send(Signal::LocalNews).unwrap_or_default();
        let there = registry.store.vector(&streams).await.unwrap();
        let has_pictures = pictures.iter().all(|hash| registry.blobs.has(hash));
        if there == whole
            && has_pictures
            && registry_check::check(registry).await.unwrap().findings.is_empty()
        {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    registry.store.rebuild(headquarters.now()).await.unwrap();
    let after = registry_check::check(registry).await.unwrap();
    assert!(after.is_good(), "{after:?}");
    assert_eq!(shown(&office), before);
    cable.send(false).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_that_sled_cannot_open_or_read_come_out_right() {
    let mut office = TestOffice::open();
    for name in ["Siti Aminah", "Budi", "Putu Ayu Lestari"] {
        office.waiting(name).await;
    }
    let before = shown(&office);
    office.kill();
    let made = office.copy();
    for seed in 0..40_u64 {
        let mut copy = made.copy();
        let tables = copy.file("tables");
        let names = files_under(&tables);
        let name = &names[usize::try_from(seed).unwrap() % names.len()];
        let file = tables.join(name);
        let len = fs::metadata(&file).unwrap().len();
        match seed % 5 {
            _ if len == 0 => {}
            0 => Damage::Truncate.strike(&file),
            1 => fs::write(tables.join("snap.0000000000004242.generating"), b"half").unwrap(),
            2 => Damage::Remove.strike(&file),
            // Many bits at once.
            _ => {
                for round in 0..50 {
                    Damage::Flip(offsets(len, seed * 100 + round)[0]).strike(&file);
                }
            }
        }
        copy.reopen();
        assert_eq!(shown(&copy), before, "seed {seed}, {}", name.display());
        copy.stop().await;
        let report = check(copy.path(), &copy.identity, false).unwrap();
        assert!(report.is_good(), "seed {seed}: {report:?}");
    }
}

/// Lets nothing be written any more once it is told to.
#[derive(Default)]
struct Switch {
    is_full: std::sync::atomic::AtomicBool,
    is_broken: std::sync::atomic::AtomicBool,
}

impl Faults for Switch {
    fn sync(&self, path: &Path) -> std::io::Result<()> {
        let is_journal = path.extension().is_some_and(|end| end == "seg");
        if is_journal && self.is_broken.load(std::sync::atomic::Ordering::SeqCst) {
            return Err(std::io::Error::other("the drive is gone"));
        }
        Ok(())
    }

    fn free_bytes(&self) -> Option<u64> {
        let is_full = self.is_full.load(std::sync::atomic::Ordering::SeqCst);
        Some(if is_full { 1024 } else { u64::MAX / 2 })
    }
}

#[tokio::test]
async fn a_full_disk_refuses_acts_until_there_is_room_and_a_failed_sync_ends_them() {
    use loket::office::store::{ActError, OpenOptions, Store};
    use std::sync::atomic::Ordering;
    let mut office = TestOffice::open();
    let key = office.booked("Siti Aminah").await;
    office.stop().await;
    let switch = std::sync::Arc::new(Switch::default());
    let disk = loket_sync::Disk::with_faults(switch.clone());
    let options = OpenOptions { disk, ..OpenOptions::default() };
    let (store, _) =
        Store::open_with(office.path(), office.identity.clone(), office.clock.clone(), options).unwrap();
    let open = |store: &Store, form: &str| {
        let opened = loket::domain::desk::CounterOpened { counter: 1, classes: Vec::new() };
        let what = loket::office::store::What::OpenCounter(opened);
        let (store, act) = (store.clone(), super::act(what, "sari", form.to_owned()));
        async move { store.act(act).await }
    };
    switch.is_full.store(true, Ordering::SeqCst);
    assert!(matches!(open(&store, "a").await, Err(ActError::StorageLow)));
    assert!(store.is_full() && store.read_only().is_none());
    assert!(store.summary(key).unwrap().is_some(), "everything is read");
    switch.is_full.store(false, Ordering::SeqCst);
    open(&store, "a").await.unwrap();
    assert!(!store.is_full());
    switch.is_broken.store(true, Ordering::SeqCst);
    assert!(matches!(open(&store, "b").await, Err(ActError::Failed(_))), "whether it is there is not known");
    switch.is_broken.store(false, Ordering::SeqCst);
    assert!(matches!(open(&store, "c").await, Err(ActError::ReadOnly(_))), "a sync is never tried again");
    assert!(store.read_only().is_some() && store.summary(key).unwrap().is_some());
}
