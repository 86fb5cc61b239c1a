//! Torn writes, flipped bits and missing ends: noticed, cut or set aside, and never taken for data.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use loket_sync::journal::{OnDamage, OpenError, Opening, What};
use loket_sync::{Disk, Faults, Journals};

use crate::folder::{
    all_runs, append, crashed, office, open, open_with, segments, signers, small, smallest_runs, words,
};

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
            // Its last bytes may happen to be what it is filled with: then nothing was torn.
            if torn == whole {
                continue;
            }
            fs::write(&file, torn).unwrap();
            crashed(folder.path());
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
        crashed(folder.path());
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
    for (at_file, file) in files.iter().enumerate() {
        let bytes = fs::read(file).unwrap();
        for at in (0..bytes.len()).step_by(7) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            fs::write(file, changed).unwrap();
            let report =
                Journals::verify(original.path(), &"office/karimun".parse().unwrap(), None, &signers)
                    .unwrap();
            assert_eq!((report.findings.len(), report.notes.len()), (1, 0), "byte {at} of file {at_file}");
            assert_eq!(&report.findings[0].file, file);
            assert!(report.findings[0].offset <= at as u64);
            assert!(
                matches!(open_with(original.path(), small()), Err(OpenError::Damaged(found)) if found.file == *file)
            );
        }
        fs::write(file, bytes).unwrap();
    }
    assert!(
        Journals::verify(original.path(), &"office/karimun".parse().unwrap(), None, &signers)
            .unwrap()
            .is_good()
    );
}

/// Three groups of two records in one segment; where each begins, and the bytes.
fn three_groups(folder: &Path) -> (PathBuf, [usize; 3], Vec<u8>) {
    let (mut journals, _) = open_with(folder, one_segment()).unwrap();
    let mut starts = [0; 3];
    for (number, start) in (1..).zip(&mut starts) {
        *start = segments(folder).first().map_or(0, |file| fs::metadata(file).unwrap().len());
        append(&mut journals, number, "one half");
        append(&mut journals, number, "the other half");
        journals.commit().unwrap();
    }
    drop(journals);
    let file = segments(folder).remove(0);
    let bytes = fs::read(&file).unwrap();
    (file, starts.map(|start| usize::try_from(start).unwrap()), bytes)
}

fn one_segment() -> Opening {
    Opening { segment_bytes_max: 1 << 20, ..small() }
}

#[test]
fn a_torn_last_group_is_cut_off_and_told_and_one_before_it_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let (file, [_, second, third], whole) = three_groups(folder.path());
    for at in (second..whole.len()).step_by(5) {
        let mut torn = whole.clone();
        torn[at] ^= 0x10;
        fs::write(&file, &torn).unwrap();
        crashed(folder.path());
        let opened = open_with(folder.path(), one_segment());
        if at < third {
            // A group follows: this one was on the disk before that one was begun.
            assert!(matches!(opened, Err(OpenError::Damaged(_))), "byte {at}");
            continue;
        }
        let (journals, report) = opened.unwrap();
        assert_eq!(words(&journals).len(), 4, "byte {at}: whole groups only");
        assert_eq!((report.torn.len() + report.cut.len(), report.damaged.len()), (1, 0), "byte {at}");
        if let Some(torn) = report.torn.first() {
            assert!(matches!(torn.what, What::Torn { from: 5, to: 7 }), "{torn}");
        }
        let aside: Vec<_> = folder.path().join("aside").read_dir().unwrap().map(Result::unwrap).collect();
        assert_eq!(fs::read(aside[0].path()).unwrap(), torn[third..], "what was cut off is kept");
    }
}

#[test]
fn a_last_group_that_was_synced_for_certain_is_damage_when_it_is_torn() {
    let folder = tempfile::tempdir().unwrap();
    let (file, [.., third], mut bytes) = three_groups(folder.path());
    bytes[third + 20] ^= 1;
    fs::write(&file, &bytes).unwrap();
    for _ in 0..2 {
        let opened = open_with(folder.path(), one_segment());
        assert!(matches!(opened, Err(OpenError::Damaged(_))), "the process had ended in order");
    }
    let report = Journals::verify(folder.path(), &"office/karimun".parse().unwrap(), None, &signers).unwrap();
    assert_eq!((report.findings.len(), report.notes.len()), (1, 0));
    crashed(folder.path());
    let report = Journals::verify(folder.path(), &"office/karimun".parse().unwrap(), None, &signers).unwrap();
    assert_eq!((report.findings.len(), report.notes.len()), (0, 1));
}

#[test]
fn an_opening_that_fails_half_way_leaves_the_next_one_to_decide() {
    struct NoChanges;
    impl Faults for NoChanges {
        fn change(&self, _path: &Path) -> io::Result<()> {
            Err(io::ErrorKind::StorageFull.into())
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let (file, _, mut bytes) = three_groups(folder.path());
    bytes.truncate(bytes.len() - 10);
    fs::write(&file, &bytes).unwrap();
    crashed(folder.path());
    let opening = Opening { disk: Disk::with_faults(Arc::new(NoChanges)), ..one_segment() };
    assert!(matches!(open_with(folder.path(), opening), Err(OpenError::Io { .. })));
    let (_journals, report) = open_with(folder.path(), one_segment()).unwrap();
    assert_eq!((report.cut.len(), report.damaged.len()), (1, 0), "it is still no damage");
}

#[test]
fn a_torn_group_that_a_later_session_names_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    let (file, [.., third], mut bytes) = three_groups(folder.path());
    let (mut journals, _) = open_with(folder.path(), one_segment()).unwrap();
    append(&mut journals, 9, "the next session");
    journals.commit().unwrap();
    drop(journals);
    bytes[third + 20] ^= 1;
    fs::write(&file, &bytes).unwrap();
    crashed(folder.path());
    let (_journals, report) = open_with(folder.path(), one_segment()).unwrap();
    assert_eq!(report.torn.len(), 1);
    assert!(matches!(report.missing[0].what, What::TailMissing { held: 5, named: 7, .. }), "{report:?}");
}

#[test]
fn a_group_with_several_heads_is_there_as_a_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journals, _) = open_with(folder.path(), one_segment()).unwrap();
    append(&mut journals, 1, "saved");
    journals.commit().unwrap();
    let file = segments(folder.path()).remove(0);
    let saved = usize::try_from(fs::metadata(&file).unwrap().len()).unwrap();
    // Words that do not get shorter by packing.
    let word = |number: u32| loket_sync::Hash::of(&number.to_le_bytes()).to_string();
    for part in 0..12 {
        let words: String = (0..700).map(|number| word(part * 700 + number)).collect();
        append(&mut journals, 1, &words);
    }
    journals.commit().unwrap();
    assert!(smallest_runs(&journals) > 2, "it can be sent in parts");
    drop(journals);
    let whole = fs::read(&file).unwrap();
    for len in (saved..whole.len()).step_by(1_711) {
        fs::write(&file, &whole[..len]).unwrap();
        crashed(folder.path());
        let (journals, report) = open_with(folder.path(), one_segment()).unwrap();
        assert_eq!(words(&journals), ["saved"], "cut at {len}");
        assert_eq!(
            (report.damaged.len(), report.cut.len() + report.torn.len()),
            (0, usize::from(len > saved))
        );
    }
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
