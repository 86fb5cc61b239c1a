//! Erasing a subject: bodies go, records, chains and offsets stay, whatever happens in the middle.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use loket_sync::disk::virtual_disk::VirtualDisk;
use loket_sync::journal::{EraseError, OnDamage, Opening, What};
use loket_sync::{BodyError, Disk, Faults, Have, Journals, Pos, Record, StorageKey, Subject, verify_run};

use crate::folder::{
    all_runs, append, office, open, open_with, own, registry, segments, signers, small, subject, try_append,
};

/// Records about two people in turn, over several segments.
fn write_both(journals: &mut Journals) -> Vec<Pos> {
    let mut theirs = Vec::new();
    for round in 0..12 {
        theirs.push(append(journals, 1, &format!("erased, round {round}, and some more words")));
        append(journals, 2, &format!("kept, round {round}"));
        journals.commit().unwrap();
    }
    theirs
}

fn erase_first(journals: &mut Journals, at: &[Pos]) -> Result<(), EraseError> {
    journals
        .erase(&BTreeSet::from([subject(1)]), &at.iter().copied().collect())
        .map(|found| assert_eq!(found, []))
}

fn records(journals: &Journals, of: Subject) -> Vec<Record> {
    let all = journals.reader().scan(&[]).map(Result::unwrap);
    all.filter(|record| record.header.subject == of).collect()
}

fn chains_verify(journals: &Journals) {
    for run in all_runs(journals) {
        let writer = if run.head.stream.group() == "hq" { registry() } else { office() };
        verify_run(None, &run, &writer.public()).unwrap();
    }
}

fn check(folder: &Path) -> loket_sync::journal::VerifyReport {
    let storage_key = StorageKey::from_bytes([3; 32]);
    Journals::verify(folder, &"office/karimun".parse().unwrap(), Some(&storage_key), &signers).unwrap()
}

#[test]
fn bodies_go_and_the_chain_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journals, _) = open(folder.path());
    let theirs = write_both(&mut journals);
    let before = records(&journals, subject(1));
    let keys_before = fs::read(folder.path().join("keys.seg")).unwrap();
    let key_frame = keys_before[17..].chunks(97).next().unwrap()[..72].to_vec();
    let lengths: Vec<u64> =
        segments(folder.path()).iter().map(|path| fs::metadata(path).unwrap().len()).collect();
    assert!(lengths.len() > 3, "several segments");
    let reader = journals.reader();
    let mut begun = reader.scan(&[]);
    let first = begun.next().unwrap().unwrap();

    erase_first(&mut journals, &theirs).unwrap();

    // Whoever was reading goes on; what is found has its body or none.
    assert_eq!(begun.map(Result::unwrap).count(), 24);
    assert_eq!(first.header.seq, 0);
    for _ in 0..2 {
        let after = records(&journals, subject(1));
        assert_eq!(after.len(), before.len());
        for (after, before) in after.iter().zip(&before) {
            assert!(after.is_erased() && after.header == before.header);
            assert_eq!(journals.reader().record(&after.pos()).unwrap().as_ref(), Some(after));
            assert_eq!(journals.reader().open(after), Err(BodyError::Forgotten));
        }
        let kept = records(&journals, subject(2));
        assert!(kept.iter().all(|record| journals.reader().open(record).unwrap().starts_with(b"kept")));
        chains_verify(&journals);
        assert_eq!(journals.bodies_missing(), 0);
        // The tail is written on.
        append(&mut journals, 2, "kept, after it");
        journals.commit().unwrap();
        drop(journals);
        let report = check(folder.path());
        assert!(report.is_good() && report.notes.is_empty(), "{report:?}");
        let (again, report) = open(folder.path());
        assert!(report.damaged.is_empty() && report.notes.is_empty() && report.erased == 0, "{report:?}");
        journals = again;
    }
    let files: Vec<Vec<u8>> = segments(folder.path())
        .iter()
        .chain(&[folder.path().join("keys.seg")])
        .map(|path| fs::read(path).unwrap())
        .collect();
    let lies =
        |needle: &[u8]| files.iter().any(|file| file.windows(needle.len()).any(|window| window == needle));
    assert!(before.iter().all(|record| !lies(&record.body)), "a body is still there");
    assert!(!lies(&key_frame), "the sealed key is still there");
    assert!(lies(&records(&journals, subject(2))[0].body));
}

#[test]
fn damage_that_an_erasure_meets_stops_nothing_and_what_is_behind_it_goes_when_it_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journals, _) = open(folder.path());
    let theirs = write_both(&mut journals);
    drop(journals);
    // A new process writes into a session of its own; the one before is damaged under its hands.
    let (mut journals, _) = open(folder.path());
    append(&mut journals, 2, "kept, of this process");
    journals.commit().unwrap();
    let (damaged, number) = {
        let session = theirs[0].session.to_string();
        let of_before = segments(folder.path()).into_iter();
        let mut of_before: Vec<_> =
            of_before.filter(|path| path.to_string_lossy().contains(&session)).collect();
        (of_before.swap_remove(1), of_before.len() + 1)
    };
    assert!(number > 3, "several segments");
    let mut bytes = fs::read(&damaged).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&damaged, &bytes).unwrap();

    let found = journals.erase(&BTreeSet::from([subject(1)]), &theirs.iter().copied().collect()).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].session, &found[0].finding.file), (theirs[0].session, &damaged));
    assert!(journals.failed().is_none() && journals.is_forgotten(&subject(1)));
    append(&mut journals, 2, "kept, after it");
    journals.commit().unwrap();
    let set_aside = journals.set_aside(&found, &signers).unwrap();
    assert_eq!(set_aside.len(), 1);
    let left = records(&journals, subject(1));
    assert!(!left.is_empty() && left.len() < theirs.len() && left.iter().all(Record::is_erased), "{left:?}");
    drop(journals);
    let (journals, report) = open(folder.path());
    assert!(report.damaged.is_empty() && report.erased == 0, "{report:?}");
    assert!(records(&journals, subject(1)).iter().all(Record::is_erased));

    // A segment that is gone is no reason to stop either.
    let session = theirs[0].session.to_string();
    let mut of_theirs = segments(folder.path()).into_iter();
    let gone = of_theirs.find(|path| path.to_string_lossy().contains(&session)).unwrap();
    let mut journals = journals;
    fs::remove_file(&gone).unwrap();
    let all: BTreeSet<Pos> = theirs.into_iter().collect();
    let found = journals.erase(&BTreeSet::from([subject(2)]), &all).unwrap();
    assert!(found.iter().any(|found| found.finding.what == What::SegmentMissing), "{found:?}");
    assert!(journals.failed().is_none());
}

#[test]
fn a_key_that_was_destroyed_alone_takes_the_bodies_at_the_next_opening() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journals, _) = open(folder.path());
    let theirs = write_both(&mut journals);
    journals.forget(subject(1)).unwrap();
    drop(journals);
    let report = check(folder.path());
    assert!(report.is_good());
    assert!(report.notes.iter().any(|note| note.what == What::ErasureUnfinished(theirs.len())), "{report:?}");
    let (journals, report) = open(folder.path());
    assert_eq!(report.erased, theirs.len());
    assert!(records(&journals, subject(1)).iter().all(Record::is_erased));
    drop(journals);
    let report = check(folder.path());
    assert!(report.is_good() && report.notes.is_empty(), "{report:?}");
}

#[test]
fn what_comes_late_leaves_no_body_and_a_body_is_never_given_up_for_an_erased_copy() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut journals, _) = open(here.path());
    let (mut hq, _) =
        Journals::open_with(there.path(), own("hq/karimun", registry()), &signers, small()).unwrap();
    let theirs = write_both(&mut hq);
    let whole = all_runs(&hq);
    erase_first(&mut hq, &theirs).unwrap();
    let bare = all_runs(&hq);
    let signer = registry().public();
    // First the bare copy: it is taken, and that bodies are missing is seen until the erasure comes.
    journals.receive(&bare[0], &signer).unwrap();
    journals.commit().unwrap();
    assert_eq!(journals.bodies_missing(), 1);
    let folder = here.path().to_owned();
    drop(journals);
    assert!(check(&folder).findings.iter().any(|finding| finding.what == What::BodiesMissing(1)));
    let (mut journals, report) = open(&folder);
    assert_eq!(report.bodies_missing, 1);
    erase_first(&mut journals, &[]).unwrap();
    assert_eq!(journals.bodies_missing(), 0);
    assert!(journals.is_forgotten(&subject(1)));

    // A node that has the bodies keeps them, whatever copy comes.
    let other = tempfile::tempdir().unwrap();
    let (mut keeper, _) = open(other.path());
    keeper.receive(&whole[0], &signer).unwrap();
    keeper.commit().unwrap();
    assert_eq!(keeper.receive(&bare[0], &signer).unwrap().new_records, 0);
    assert!(records(&keeper, subject(1)).iter().all(|record| !record.is_erased()));
    // One that has heard of the erasure takes none, though they come with the run.
    let third = tempfile::tempdir().unwrap();
    let (mut late, _) = open(third.path());
    erase_first(&mut late, &[]).unwrap();
    late.receive(&whole[0], &signer).unwrap();
    late.commit().unwrap();
    assert!(records(&late, subject(1)).iter().all(Record::is_erased));
    assert!(matches!(try_append(&mut late, 1, "again"), Err(loket_sync::journal::AppendError::Forgotten)));
    chains_verify(&late);
    let vector = |journals: &Journals| -> Vec<Have> { journals.reader().vector() };
    assert_eq!(vector(&late), vector(&keeper));
}

/// From a certain act on nothing is done any more: the process is dead.
struct DeadFrom(AtomicU64);

impl DeadFrom {
    fn act(&self) -> io::Result<()> {
        let left =
            self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| Some(left.saturating_sub(1)));
        if left.unwrap_or(0) <= 1 { Err(io::Error::other("no power")) } else { Ok(()) }
    }
}

impl Faults for DeadFrom {
    fn write(&self, _path: &Path, len: usize) -> usize {
        if self.act().is_ok() { len } else { len / 2 }
    }

    fn sync(&self, _path: &Path) -> io::Result<()> {
        self.act()
    }

    fn change(&self, _path: &Path) -> io::Result<()> {
        self.act()
    }
}

#[test]
fn whenever_the_power_goes_the_erasure_has_not_begun_or_is_completed() {
    let opening = |disk: Disk| Opening { disk, on_damage: OnDamage::SetAside, ..small() };
    let (mut not_begun, mut completed, mut done) = (0, 0, 0);
    'acts: for due_at in 1.. {
        for seed in 0..6 {
            let memory = VirtualDisk::new();
            let folder = Path::new("/journal");
            let (mut journals, _) = open_with(folder, opening(Disk::in_memory(memory.clone()))).unwrap();
            let theirs = write_both(&mut journals);
            drop(journals);
            let dead = Arc::new(DeadFrom(AtomicU64::new(u64::MAX)));
            let disk = Disk::in_memory(memory.clone()).failing(Arc::<DeadFrom>::clone(&dead));
            let (mut journals, _) = open_with(folder, opening(disk)).unwrap();
            dead.0.store(due_at, Ordering::SeqCst);
            let erased = erase_first(&mut journals, &theirs);
            drop(journals);
            memory.power_cut(seed);
            let (journals, report) = open_with(folder, opening(Disk::in_memory(memory.clone()))).unwrap();
            assert!(report.damaged.is_empty() && report.missing.is_empty(), "act {due_at}: {report:?}");
            assert!(report.notes.is_empty(), "act {due_at}: {report:?}");
            let all = records(&journals, subject(1));
            assert_eq!(all.len(), theirs.len());
            if journals.is_forgotten(&subject(1)) {
                assert!(all.iter().all(Record::is_erased), "act {due_at}, seed {seed}");
                completed += 1;
            } else {
                assert!(erased.is_err(), "it was said to be done");
                assert!(all.iter().all(|record| journals.reader().open(record).is_ok()), "act {due_at}");
                not_begun += 1;
            }
            let kept = records(&journals, subject(2));
            assert!(kept.len() == 12 && kept.iter().all(|record| journals.reader().open(record).is_ok()));
            chains_verify(&journals);
            if erased.is_ok() {
                done += 1;
                if done == 6 {
                    break 'acts;
                }
            }
        }
    }
    assert!(not_begun > 6 && completed > 30, "{not_begun} not begun, {completed} completed");
}

/// A disk with next to no room.
struct Full;
impl Faults for Full {
    fn free_bytes(&self) -> Option<u64> {
        Some(10)
    }
}

#[test]
fn a_full_disk_puts_an_erasure_off() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journals, _) = open(folder.path());
    let theirs = write_both(&mut journals);
    drop(journals);
    let opening = Opening { disk: Disk::with_faults(Arc::new(Full)), floor_bytes: 1000, ..small() };
    let (mut journals, _) = open_with(folder.path(), opening).unwrap();
    assert!(matches!(erase_first(&mut journals, &theirs), Err(EraseError::StorageLow { .. })));
    assert!(!journals.is_forgotten(&subject(1)) && journals.failed().is_none());
}
