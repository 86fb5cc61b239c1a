//! Torn writes, flipped bits and missing ends: noticed, cut or set aside, and never taken for data.

use std::fs;

use loket_sync::Journals;
use loket_sync::journal::{OnDamage, OpenError, Opening, What};

use crate::folder::{all_runs, append, office, open, open_with, segments, signers, small, words};

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
    let (journals, report) = open(folder.path());
    assert!(matches!(report.missing[0].what, What::TailMissing { held: 2, named: 3, .. }));
    assert_eq!(report.missing[0].file, file.with_file_name("000002.seg"));
    drop(journals);
    fs::remove_file(&file).unwrap();
    let (_journals, report) = open(folder.path());
    assert_eq!(report.missing[0].file, file);
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
