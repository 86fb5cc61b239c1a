//! Runs between nodes: given out at heads, taken in once and in their turn, forks refused.

use std::fs;

use loket_sync::journal::{AppendError, ReceiveError};
use loket_sync::{BodyError, ChainError, Head, Journals, Pos, Range, Record};

use crate::folder::{
    all_runs, append, copy, office, open, own, registry, segments, signers, small, subject, try_append,
};

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

    let record = to.reader().record(&Pos { stream: have.stream, session: have.session, seq: 3 });
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
    double.head = Head::sign(&double.head.have(), &office());
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
fn what_changed_on_the_disk_since_it_was_opened_is_not_sent() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journals, _) = open(folder.path());
    for number in 1..4 {
        append(&mut journals, number, "words");
        journals.commit().unwrap();
    }
    let have = journals.reader().vector()[0];
    let range = [Range { stream: have.stream, session: have.session, from: 0, to: have.len }];
    let file = segments(folder.path()).remove(0);
    let whole = fs::read(&file).unwrap();
    let is_read = |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        journals.reader().runs(&range, usize::MAX).is_ok()
    };
    assert!(is_read(&whole));
    let first_record = 101 + 13;
    let mut damaged = 0;
    for at in first_record..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&file, &changed).unwrap();
        match journals.reader().runs(&range, usize::MAX) {
            Err(_) => damaged += 1,
            // A signature or a frame's own bytes: the receiver looks at the one, nobody sends the other.
            Ok(runs) => assert!(
                runs.iter()
                    .all(|run| run.records.windows(2).all(|pair| { pair[1].header.prev == pair[0].hash() }))
            ),
        }
    }
    assert!(damaged > 3 * 200, "{damaged}");
    assert!(is_read(&whole));
}
