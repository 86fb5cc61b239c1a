//! What was cut exactly at the end of a group is missed all the same, and nothing is missed that was never there.

use std::fs;
use std::path::Path;

use loket_sync::Journals;
use loket_sync::journal::{Finding, OnDamage, OpenError, Opening, What};

use crate::folder::{append, open, open_with, segments, signers, small, words};

/// Writes these words, each in a group of its own; how long the file was after each.
fn written(folder: &Path, all: &[&str]) -> Vec<u64> {
    let (mut journals, _) = open(folder);
    let lengths = all.iter().map(|said| {
        append(&mut journals, 1, said);
        journals.commit().unwrap();
        fs::metadata(segments(folder).pop().unwrap()).unwrap().len()
    });
    lengths.collect()
}

fn cut(folder: &Path, len: u64) {
    let file = segments(folder).pop().unwrap();
    fs::File::options().write(true).open(file).unwrap().set_len(len).unwrap();
}

fn missing(finding: &Finding) -> Option<(u64, u64)> {
    match finding.what {
        What::MarkAhead { held, named, .. } => Some((held, named)),
        _ => None,
    }
}

fn found(folder: &Path) -> Vec<Finding> {
    let stream = "office/karimun".parse().unwrap();
    Journals::verify(folder, &stream, None, &signers).unwrap().findings
}

#[test]
fn groups_that_are_gone_without_a_trace_are_missed_until_something_new_is_written() {
    for end in ["stopped", "killed"] {
        let folder = tempfile::tempdir().unwrap();
        let lengths = written(folder.path(), &["one", "two", "three"]);
        if end == "killed" {
            fs::write(folder.path().join("running"), []).unwrap();
        }
        assert_eq!(found(folder.path()), []);
        cut(folder.path(), lengths[1]);
        let named: Vec<_> = found(folder.path()).iter().map(missing).collect();
        assert_eq!(named, [Some((3, 4))], "{end}");
        let (journals, report) = open(folder.path());
        assert_eq!(report.marked.as_ref().and_then(missing), Some((3, 4)));
        assert_eq!(words(&journals), ["one", "two"]);
        drop(journals);
        assert_eq!(found(folder.path()).len(), 1, "to open is not to write");
        let (mut journals, report) = open(folder.path());
        assert!(report.marked.is_some());
        append(&mut journals, 2, "it is known");
        journals.commit().unwrap();
        drop(journals);
        assert_eq!((found(folder.path()), open(folder.path()).1.marked), (vec![], None));
    }
}

#[test]
fn a_whole_session_that_is_gone_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), &["one", "two"]);
    fs::remove_dir_all(segments(folder.path()).pop().unwrap().parent().unwrap()).unwrap();
    assert_eq!(found(folder.path()).iter().map(missing).collect::<Vec<_>>(), [Some((0, 3))]);
}

#[test]
fn a_group_that_was_synced_and_has_lost_its_end_since_is_damaged_and_not_unfinished() {
    let folder = tempfile::tempdir().unwrap();
    let lengths = written(folder.path(), &["one", "two", "three"]);
    fs::write(folder.path().join("running"), []).unwrap();
    cut(folder.path(), lengths[2] - 5);
    assert!(found(folder.path()).iter().any(|finding| missing(finding).is_none()), "the frame");
    assert!(matches!(open_with(folder.path(), small()), Err(OpenError::Damaged(_))));
    let opening = Opening { on_damage: OnDamage::SetAside, ..small() };
    let (_, report) = open_with(folder.path(), opening).unwrap();
    assert_eq!((report.damaged.len(), report.cut.len(), report.torn.len()), (1, 0, 0));
    assert_eq!(report.marked.as_ref().and_then(missing), Some((3, 4)));
}

#[test]
fn a_mark_that_lags_is_torn_or_gone_misses_less_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let lengths = written(folder.path(), &["one", "two", "three"]);
    let mark = folder.path().join("mark");
    let whole = fs::read(&mark).unwrap();
    for len in 0..whole.len() {
        fs::write(&mark, &whole[..len]).unwrap();
        assert_eq!(found(folder.path()), [], "cut at {len}");
        let mut torn = whole.clone();
        torn[len] ^= 1;
        fs::write(&mark, torn).unwrap();
        assert_eq!(found(folder.path()), [], "flipped at {len}");
    }
    // What it still says holds.
    cut(folder.path(), lengths[0]);
    fs::write(&mark, &whole[..whole.len() - 1]).unwrap();
    assert_eq!(found(folder.path()).iter().map(missing).collect::<Vec<_>>(), [Some((2, 3))]);
    let stream = "office/karimun".parse().unwrap();
    let report = Journals::verify(folder.path(), &stream, None, &signers).unwrap();
    assert_eq!(report.notes.iter().filter(|note| note.what == What::Mark).count(), 1);
    fs::remove_file(&mark).unwrap();
    assert_eq!(found(folder.path()), []);
}

#[test]
fn the_file_stays_small() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journals, _) = open_with(folder.path(), Opening::default()).unwrap();
    for _ in 0..4_100 {
        append(&mut journals, 1, "x");
        journals.commit().unwrap();
    }
    assert!(fs::metadata(folder.path().join("mark")).unwrap().len() < 300 * 1024);
    drop(journals);
    assert_eq!(found(folder.path()), []);
}
