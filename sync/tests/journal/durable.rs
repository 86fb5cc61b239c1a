//! What is committed is there afterwards, and what is not is not.

use loket_sync::journal::{OpenError, OpenReport};

use crate::folder::{append, open, open_with, small, words};

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
    let unsent = journals.reader().own_unsent(&vector[..1]);
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
