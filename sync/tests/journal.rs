//! Journals in a temporary folder: what is acknowledged is there after anything that can happen to a disk.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use loket_sync::journal::{
    AppendError, JournalFailed, OnDamage, OpenError, OpenReport, Opening, ReceiveError, What,
};
use loket_sync::{
    BodyError, ChainError, Disk, Faults, Hash, Have, Journals, NewRecord, NodeId, NodeKey, NodePublic,
    OwnStream, Range, Record, Run, StorageKey, StreamId, Subject, SubjectKey,
};

const KIND: u16 = 40;

fn office() -> NodeKey {
    NodeKey::from_seed([1; 32])
}

fn registry() -> NodeKey {
    NodeKey::from_seed([2; 32])
}

fn signers(_stream: &StreamId, node: &NodeId) -> Option<NodePublic> {
    [office(), registry()].iter().map(NodeKey::public).find(|public| public.id() == *node)
}

fn own(stream: &str, node_key: NodeKey) -> OwnStream {
    let storage_key = StorageKey::from_bytes([3; 32]);
    OwnStream { stream: stream.parse().unwrap(), node_key, storage_key, software: "loket test".into() }
}

fn small() -> Opening {
    Opening { segment_bytes_max: 2000, floor_bytes: 0, reserve_bytes: 0, ..Opening::default() }
}

fn open_with(folder: &Path, opening: Opening) -> Result<(Journals, OpenReport), OpenError> {
    Journals::open_with(folder, own("office/karimun", office()), &signers, opening)
}

fn open(folder: &Path) -> (Journals, OpenReport) {
    open_with(folder, small()).unwrap()
}

fn subject(number: u8) -> Subject {
    Subject([number; 16])
}

fn append(journals: &mut Journals, number: u8, body: &str) -> loket_sync::Pos {
    try_append(journals, number, body).unwrap()
}

fn try_append(journals: &mut Journals, number: u8, body: &str) -> Result<loket_sync::Pos, AppendError> {
    let new = NewRecord { at_ms: 5, kind: KIND, flags: 0, subject: subject(number), body: body.as_bytes() };
    journals.append(&new)
}

/// All words that can be read, in the order of the scan.
fn words(journals: &Journals) -> Vec<String> {
    let reader = journals.reader();
    let records = reader.scan(&[]).map(Result::unwrap).filter(|record| record.header.kind == KIND);
    records.map(|record| String::from_utf8(reader.open(&record).unwrap()).unwrap()).collect()
}

fn segments(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for stream in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let is_stream = stream.file_name().unwrap().to_str().unwrap().contains('_');
        for session in fs::read_dir(&stream).into_iter().flatten().filter(|_| is_stream) {
            found.extend(fs::read_dir(session.unwrap().path()).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Everything one node has, as runs.
fn all_runs(journals: &Journals) -> Vec<Run> {
    let reader = journals.reader();
    let ranges: Vec<Range> = reader
        .vector()
        .into_iter()
        .map(|Have { stream, session, len, .. }| Range { stream, session, from: 0, to: len })
        .collect();
    reader.runs(&ranges, usize::MAX).unwrap()
}

#[test]
fn what_is_committed_is_there_after_a_restart_and_what_is_not_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journals, report) = open(folder.path());
    assert_eq!(report, OpenReport::default());
    let pos = append(&mut journals, 1, "arrived");
    assert_eq!(pos.seq, 1, "record 0 opens the session");
    assert!(words(&journals).is_empty(), "what is not durable cannot be read");
    assert!(journals.reader().record(&pos).unwrap().is_none());
    let committed = journals.commit().unwrap();
    assert_eq!(committed.own.map(|(from, to)| (from.seq, to.seq)), Some((0, 2)));
    append(&mut journals, 1, "captured");
    append(&mut journals, 2, "arrived too");
    journals.commit().unwrap();
    append(&mut journals, 3, "never saved");
    let before = journals.session();
    drop(journals);

    let (mut journals, report) = open(folder.path());
    assert_eq!((report.sessions, report.records, report.cut.len(), report.keys_missing), (1, 4, 0, 0));
    assert_eq!(words(&journals), ["arrived", "captured", "arrived too"]);
    assert_ne!(journals.session(), before);
    let opens: Vec<bool> =
        journals.reader().scan(&[]).map(|record| record.unwrap().header.opens_subject()).collect();
    assert_eq!(opens, [false, true, false, true]);
    append(&mut journals, 1, "interviewed");
    journals.commit().unwrap();
    let vector = journals.reader().vector();
    assert_eq!(vector.iter().map(|have| have.len).sum::<u64>(), 6);
    assert_eq!(journals.reader().scan(&vector).count(), 0);
    let unsent = journals.reader().own_unsent(&vector[..1]).unwrap();
    assert_eq!((unsent.count, unsent.oldest_at_ms), (vector[1].len, Some(5)));
}

#[test]
fn what_is_abandoned_was_never_there() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journals, _) = open(folder.path());
    append(&mut journals, 1, "no");
    journals.abandon();
    append(&mut journals, 1, "yes");
    journals.commit().unwrap();
    append(&mut journals, 2, "no");
    journals.abandon();
    append(&mut journals, 2, "yes too");
    journals.commit().unwrap();
    drop(journals);
    let (journals, report) = open(folder.path());
    assert_eq!(words(&journals), ["yes", "yes too"]);
    assert!(report.notes.is_empty() && report.cut.is_empty());
    let opened = journals.reader().scan(&[]).filter(|record| record.as_ref().unwrap().header.opens_subject());
    assert_eq!(opened.count(), 2);
}

#[test]
fn a_second_process_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (journals, _) = open(folder.path());
    assert!(matches!(open_with(folder.path(), small()), Err(OpenError::Locked(_))));
    drop(journals);
    open(folder.path());
}

#[test]
fn a_group_torn_at_any_byte_leaves_all_groups_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journals, _) = open(folder.path());
    append(&mut journals, 1, "saved");
    journals.commit().unwrap();
    let file = segments(folder.path()).remove(0);
    let saved = fs::metadata(&file).unwrap().len();
    append(&mut journals, 1, "in flight");
    append(&mut journals, 2, "in flight too");
    journals.commit().unwrap();
    drop(journals);
    let whole = fs::read(&file).unwrap();
    for len in usize::try_from(saved).unwrap()..whole.len() {
        for fill in [None, Some(0), Some(0xa5)] {
            let mut torn = whole[..len].to_vec();
            if let Some(byte) = fill {
                torn.resize(whole.len(), byte);
            }
            fs::write(&file, torn).unwrap();
            let (journals, report) = open(folder.path());
            assert_eq!(words(&journals), ["saved"], "cut at {len}, filled with {fill:?}");
            let is_clean = len as u64 == saved && fill.is_none();
            assert_eq!(report.cut.len(), usize::from(!is_clean));
            assert_eq!(fs::metadata(&file).unwrap().len(), saved);
        }
    }
}

#[test]
fn a_session_torn_in_its_first_group_is_gone_and_the_next_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journals, _) = open(folder.path());
    append(&mut journals, 1, "in flight");
    journals.commit().unwrap();
    drop(journals);
    let file = segments(folder.path()).remove(0);
    let whole = fs::read(&file).unwrap();
    for len in 0..whole.len() {
        fs::write(&file, &whole[..len]).unwrap();
        let (mut journals, report) = open(folder.path());
        assert_eq!((report.records, report.cut.len()), (0, 1), "cut at {len}");
        append(&mut journals, 2, "next");
        journals.abandon();
    }
}

#[test]
fn no_changed_byte_goes_unnoticed() {
    let original = tempfile::tempdir().unwrap();
    let (mut journals, _) = open(original.path());
    for number in 1..5 {
        append(&mut journals, number, "words that matter");
        append(&mut journals, number, "and more of them");
        journals.commit().unwrap();
    }
    drop(journals);
    let files = segments(original.path());
    assert!(files.len() > 1, "the test wants a full segment and a last one");
    let last_group = 3 * 2;
    for (at_file, file) in files.iter().enumerate() {
        let bytes = fs::read(file).unwrap();
        for at in (0..bytes.len()).step_by(7) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            fs::write(file, changed).unwrap();
            let report =
                Journals::verify(original.path(), &"office/karimun".parse().unwrap(), None, &signers)
                    .unwrap();
            assert_eq!(report.findings.len() + report.notes.len(), 1, "byte {at} of file {at_file}");
            if let Some(finding) = report.findings.first() {
                assert_eq!(&finding.file, file);
                assert!(finding.offset <= at as u64);
                assert!(
                    matches!(open_with(original.path(), small()), Err(OpenError::Damaged(found)) if found.file == *file)
                );
            } else {
                // The head of the last group itself: not to be told from a group that was never finished.
                assert_eq!(at_file, files.len() - 1);
                assert!(report.records > last_group);
            }
        }
        fs::write(file, bytes).unwrap();
    }
    assert!(
        Journals::verify(original.path(), &"office/karimun".parse().unwrap(), None, &signers)
            .unwrap()
            .is_good()
    );
}

#[test]
fn damage_is_set_aside_and_healed_by_the_other_side() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut journals, _) = open(here.path());
    for number in 1..9 {
        append(&mut journals, number, &format!("record {number}"));
        journals.commit().unwrap();
    }
    let copies = all_runs(&journals);
    let all = words(&journals);
    drop(journals);
    let file = segments(here.path()).remove(0);
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();

    let opening = Opening { on_damage: OnDamage::SetAside, ..small() };
    let (mut journals, report) = open_with(here.path(), opening).unwrap();
    assert_eq!(report.damaged.len(), 1);
    assert!(words(&journals).len() < all.len());
    assert!(here.path().join("aside").read_dir().unwrap().count() > 0);
    for run in &copies {
        let received = journals.receive(run, &office().public()).unwrap();
        assert!(received.new_records > 0);
    }
    journals.commit().unwrap();
    assert_eq!(words(&journals), all);
    drop(journals);
    assert_eq!(words(&open(here.path()).0), all);
    drop(there);
}

#[test]
fn a_tail_that_a_later_session_knows_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journals, _) = open(folder.path());
    append(&mut journals, 1, "one");
    journals.commit().unwrap();
    let file = segments(folder.path()).remove(0);
    let shorter = fs::read(&file).unwrap();
    append(&mut journals, 1, "two");
    journals.commit().unwrap();
    drop(journals);
    let (mut journals, _) = open(folder.path());
    append(&mut journals, 1, "three");
    journals.commit().unwrap();
    drop(journals);
    fs::write(&file, shorter).unwrap();
    let (_journals, report) = open(folder.path());
    assert!(matches!(report.missing[0].what, What::TailMissing { held: 2, named: 3, .. }));
}

/// Fails the n-th act, and keeps the order of all syncs.
#[derive(Default)]
struct FailAt {
    acts: AtomicUsize,
    due_at: usize,
    write_bytes: usize,
    free_bytes: Mutex<Option<u64>>,
    synced: Mutex<Vec<PathBuf>>,
}

impl FailAt {
    fn is_due(&self) -> bool {
        self.acts.fetch_add(1, Ordering::SeqCst) + 1 == self.due_at
    }
}

impl Faults for FailAt {
    fn write(&self, _path: &Path, len: usize) -> usize {
        if self.is_due() { self.write_bytes } else { len }
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.synced.lock().unwrap().push(path.to_owned());
        if self.is_due() { Err(io::Error::other("the disk is gone")) } else { Ok(()) }
    }

    fn free_bytes(&self) -> Option<u64> {
        *self.free_bytes.lock().unwrap()
    }
}

fn with_faults(faults: FailAt) -> (Arc<FailAt>, Opening) {
    let faults = Arc::new(faults);
    (Arc::clone(&faults), Opening { disk: Disk::with_faults(faults), ..small() })
}

#[test]
fn after_any_failed_act_nothing_more_is_written_and_nothing_acknowledged_is_lost() {
    for due_at in 1.. {
        let folder = tempfile::tempdir().unwrap();
        let (faults, opening) = with_faults(FailAt { due_at, write_bytes: 40, ..FailAt::default() });
        let mut acknowledged = Vec::new();
        let mut failed: Option<JournalFailed> = None;
        if let Ok((mut journals, _)) = open_with(folder.path(), opening) {
            for number in 1..6 {
                let Ok(_) = try_append(&mut journals, number, &format!("record {number}")) else { break };
                match journals.commit() {
                    Ok(_) => acknowledged.push(format!("record {number}")),
                    Err(error) => failed = Some(error),
                }
            }
            if failed.is_some() {
                assert!(matches!(try_append(&mut journals, 9, "late"), Err(AppendError::Failed(_))));
                assert!(journals.commit().is_err());
                assert_eq!(words(&journals), acknowledged, "only what is durable is read");
            }
        }
        let is_over = faults.acts.load(Ordering::SeqCst) < due_at;
        let (journals, _) = open(folder.path());
        let found = words(&journals);
        assert!(
            found.starts_with(&acknowledged),
            "failed act {due_at}: {found:?}, acknowledged {acknowledged:?}"
        );
        assert!(found.len() <= acknowledged.len() + 1, "at most the group of unknown outcome");
        if is_over {
            assert_eq!(acknowledged.len(), 5);
            break;
        }
    }
}

#[test]
fn a_key_is_on_the_disk_before_the_record_that_needs_it() {
    let folder = tempfile::tempdir().unwrap();
    let (faults, opening) = with_faults(FailAt::default());
    let (mut journals, _) = open_with(folder.path(), opening).unwrap();
    append(&mut journals, 1, "first");
    faults.synced.lock().unwrap().clear();
    journals.commit().unwrap();
    let synced = faults.synced.lock().unwrap().clone();
    let place = |end: &str| synced.iter().position(|path| path.to_string_lossy().ends_with(end)).unwrap();
    assert!(place("keys.seg") < place("000001.seg"));
    append(&mut journals, 1, "second");
    faults.synced.lock().unwrap().clear();
    journals.commit().unwrap();
    assert_eq!(faults.synced.lock().unwrap().len(), 1, "one sync for a group without news");
}

#[test]
fn a_nearly_full_disk_refuses_new_acts_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let (faults, opening) = with_faults(FailAt::default());
    *faults.free_bytes.lock().unwrap() = Some(2000);
    let (mut journals, _) = open_with(folder.path(), Opening { floor_bytes: 1000, ..opening }).unwrap();
    append(&mut journals, 1, "fits");
    journals.commit().unwrap();
    *faults.free_bytes.lock().unwrap() = Some(999);
    append(&mut journals, 1, "was admitted before anybody asked");
    journals.commit().unwrap();
    assert!(matches!(try_append(&mut journals, 1, "no"), Err(AppendError::StorageLow { free_bytes: 999 })));
    *faults.free_bytes.lock().unwrap() = Some(1001);
    append(&mut journals, 1, "fits again");
    journals.commit().unwrap();
    assert_eq!(words(&journals).len(), 3);
}

#[test]
fn runs_are_received_once_whole_and_in_their_turn() {
    let (office_folder, registry_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut from, _) =
        Journals::open_with(registry_folder.path(), own("hq/karimun", registry()), &signers, small())
            .unwrap();
    let (mut to, _) = open(office_folder.path());
    for number in 1..7 {
        append(&mut from, number, &format!("booking {number}"));
        from.commit().unwrap();
    }
    let have = from.reader().vector()[0];
    let range = |start, end| Range { stream: have.stream, session: have.session, from: start, to: end };
    let run = |start, end| from.reader().runs(&[range(start, end)], usize::MAX).unwrap().remove(0);

    let gap = to.receive(&run(3, 5), &registry().public()).unwrap_err();
    assert!(matches!(gap, ReceiveError::Chain(ChainError::Gap { first: 3, len: 0 })));
    assert_eq!(to.receive(&run(0, 3), &registry().public()).unwrap().new_records, 3);
    assert_eq!(
        to.receive(&run(2, 5), &registry().public()).unwrap().new_records,
        2,
        "in one group, overlapping"
    );
    assert!(to.reader().vector().is_empty());
    to.commit().unwrap();
    assert_eq!(to.receive(&run(0, 4), &registry().public()).unwrap().new_records, 0);
    assert_eq!(to.receive(&run(0, 7), &registry().public()).unwrap().new_records, 2);
    assert!(to.receive(&run(0, 7), &office().public()).is_err(), "signed by somebody else");
    to.commit().unwrap();
    assert_eq!(to.reader().vector(), from.reader().vector());

    let record = to.reader().record(&loket_sync::Pos { stream: have.stream, session: have.session, seq: 3 });
    let record = record.unwrap().unwrap();
    assert_eq!(to.reader().open(&record), Err(BodyError::KeyMissing));
    assert_eq!(to.wanted_keys().count(), 6);
    assert!(matches!(try_append(&mut to, 3, "too early"), Err(AppendError::KeyMissing)));
    to.add_key(subject(3), &from.key(&subject(3)).unwrap()).unwrap();
    append(&mut to, 3, "arrived");
    to.commit().unwrap();
    assert_eq!(to.reader().open(&record).unwrap(), b"booking 3");
    drop(to);
    let (to, report) = open(office_folder.path());
    assert_eq!((to.wanted_keys().count(), report.keys_missing), (5, 5));
}

#[test]
fn runs_of_any_size_end_at_heads_and_give_everything() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journals, _) = open(folder.path());
    for number in 0..40 {
        append(&mut journals, number, &"x".repeat(usize::from(number)));
        if number % 3 == 0 {
            journals.commit().unwrap();
        }
    }
    journals.commit().unwrap();
    let have = journals.reader().vector()[0];
    for bytes_max in [0, 1, 300, 1000, 5000, 1 << 20] {
        let (mut from, mut records): (u64, Vec<Record>) = (0, Vec::new());
        while from < have.len {
            let range = Range { stream: have.stream, session: have.session, from, to: have.len };
            let runs = journals.reader().runs(&[range], bytes_max).unwrap();
            assert_eq!(runs.len(), 1);
            assert_eq!(runs[0].first(), from);
            from = runs[0].head.len;
            records.extend(runs.into_iter().next().unwrap().records);
        }
        assert_eq!(records.len() as u64, have.len);
        assert_eq!(records.last().map(Record::hash), Some(have.hash));
    }
    assert!(journals.reader().runs(&[], 100).unwrap().is_empty());
}

#[test]
fn a_fork_and_a_double_of_this_process_are_refused() {
    let (folder, clone) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut journals, _) = open(folder.path());
    append(&mut journals, 1, "mine");
    journals.commit().unwrap();
    copy(folder.path(), clone.path());
    let mut double = all_runs(&journals).remove(0);
    append(&mut journals, 1, "more");
    journals.commit().unwrap();
    double.records.last_mut().unwrap().header.at_ms += 1;
    double.head.hash = double.records.last().unwrap().hash();
    double.head = loket_sync::Head::sign(&double.head.have(), &office());
    let refused = journals.receive(&double, &office().public()).unwrap_err();
    assert!(matches!(refused, ReceiveError::Chain(ChainError::Fork(1))));

    let (mut restored, _) = open(clone.path());
    let longer = all_runs(&journals).remove(0);
    assert_eq!(
        restored.receive(&longer, &office().public()).unwrap().new_records,
        1,
        "a restored node gets its tail"
    );
    append(&mut restored, 2, "goes on in a session of its own");
    restored.commit().unwrap();
    for run in all_runs(&restored) {
        journals.receive(&run, &office().public()).unwrap();
    }
    journals.commit().unwrap();
    assert_eq!(journals.reader().vector(), restored.reader().vector());
}

#[test]
fn an_erased_subject_cannot_be_read_or_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journals, _) = open(folder.path());
    let pos = append(&mut journals, 1, "a name");
    append(&mut journals, 2, "another");
    journals.commit().unwrap();
    let key = journals.key(&subject(1)).unwrap();
    journals.forget(subject(1)).unwrap();
    for _ in 0..2 {
        let record = journals.reader().record(&pos).unwrap().unwrap();
        assert_eq!(journals.reader().open(&record), Err(BodyError::Forgotten));
        assert!(matches!(try_append(&mut journals, 1, "again"), Err(AppendError::Forgotten)));
        assert!(journals.add_key(subject(1), &key).is_err());
        drop(journals);
        journals = open(folder.path()).0;
    }
    let bytes = fs::read(folder.path().join("keys.seg")).unwrap();
    assert!(!bytes.windows(32).any(|window| window == key.as_bytes()), "keys are sealed");
    append(&mut journals, 2, "goes on");
}

#[test]
fn a_torn_key_file_loses_no_key_that_a_record_needs() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journals, _) = open(folder.path());
    append(&mut journals, 1, "a name");
    journals.commit().unwrap();
    drop(journals);
    let file = folder.path().join("keys.seg");
    let mut bytes = fs::read(&file).unwrap();
    let whole = bytes.len() as u64;
    bytes.extend_from_slice(&[1; 50]);
    fs::write(&file, bytes).unwrap();
    let (journals, report) = open(folder.path());
    assert!(report.notes.is_empty());
    assert_eq!(words(&journals), ["a name"]);
    assert_eq!(fs::metadata(&file).unwrap().len(), whole);
}

#[test]
fn another_key_for_a_subject_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journals, _) = open(folder.path());
    append(&mut journals, 1, "a name");
    journals.commit().unwrap();
    let right = journals.key(&subject(1)).unwrap();
    assert!(journals.add_key(subject(1), &right).is_ok());
    assert!(journals.add_key(subject(1), &SubjectKey::from_bytes([9; 32])).is_err());
    assert_eq!(
        journals.reader().vector()[0].hash,
        journals.reader().scan(&[]).last().unwrap().unwrap().hash()
    );
    assert_ne!(journals.reader().vector()[0].hash, Hash::ZERO);
}
