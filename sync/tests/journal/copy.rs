//! A copy taken while the journals are being written is whole, and a damaged one is never taken.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use loket_sync::journal::{Copied, CopyCheck, CopyError, What};
use loket_sync::{Disk, Journals, StorageKey, Vector};

use crate::folder::{append, open, segments, signers};

fn key() -> StorageKey {
    StorageKey::from_bytes([3; 32])
}

type Files = Vec<(String, Vec<u8>)>;

fn take(folder: &Path) -> Result<(Copied, Files), CopyError> {
    let mut files = Files::new();
    let copied =
        Journals::copy::<CopyError>(&Disk::default(), folder, &key(), &signers, &mut |name, bytes| {
            files.push((name.to_owned(), bytes.to_vec()));
            Ok(())
        })?;
    Ok((copied, files))
}

fn read_back(files: &Files) -> Result<Vector, CopyError> {
    let mut check = CopyCheck::new(&signers);
    for (name, bytes) in files {
        check.file(name, bytes)?;
    }
    check.finish()
}

fn unpack(files: &Files) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
    folder
}

#[test]
fn copies_taken_while_records_are_written_and_sessions_begin_are_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let done = AtomicBool::new(false);
    drop(open(&path));
    let mut committed_before = 0;
    std::thread::scope(|threads| {
        threads.spawn(|| {
            // Five runs of a process, with segments of a few records each.
            for run in 0..5_u8 {
                let (mut journals, _) = open(&path);
                for number in 0..60_u8 {
                    append(&mut journals, number % 20, &format!("{run}/{number} ").repeat(9));
                    append(&mut journals, run * 20 + number % 20, "and more");
                    journals.commit().unwrap();
                }
            }
            done.store(true, Ordering::Release);
        });
        let (mut is_last, mut copies) = (false, 0);
        while !is_last {
            is_last = done.load(Ordering::Acquire);
            let (copied, files) = take(&path).unwrap();
            assert_eq!(read_back(&files).unwrap(), copied.vector);
            assert!(copied.records() >= committed_before, "what was there once is in every later copy");
            committed_before = copied.records();
            let unpacked = unpack(&files);
            let own = "office/karimun".parse().unwrap();
            let report = Journals::verify(unpacked.path(), &own, Some(&key()), &signers).unwrap();
            assert!(report.is_good(), "{:?}", report.findings);
            assert!(report.notes.is_empty(), "every key that a record needs is there: {:?}", report.notes);
            assert_eq!((report.vector, report.keys), (copied.vector, copied.keys));
            copies += 1;
        }
        assert!(copies > 1);
    });
    assert_eq!(committed_before, 5 * (60 * 2 + 1));
}

#[test]
fn an_unfinished_group_is_left_behind_and_damage_before_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journals, _) = open(folder.path());
    for number in 0..40 {
        append(&mut journals, 1, &format!("word {number} ").repeat(8));
        journals.commit().unwrap();
    }
    drop(journals);
    let whole = take(folder.path()).unwrap();
    let found = segments(folder.path());
    let (first, last) = (&found[0], found.last().unwrap());
    assert!(found.len() > 3);
    let good = fs::read(last).unwrap();
    fs::write(last, [good.as_slice(), &[7; 50]].concat()).unwrap();
    assert_eq!(take(folder.path()).unwrap(), whole, "what stands behind the last head is not taken");
    // Cut into the last group, the groups before it remain.
    fs::write(last, &good[..good.len() - 3]).unwrap();
    let (cut, files) = take(folder.path()).unwrap();
    assert_eq!(cut.records(), whole.0.records() - 1);
    assert_eq!(read_back(&files).unwrap(), cut.vector);
    fs::write(last, &good).unwrap();

    let bytes = fs::read(first).unwrap();
    for at in (0..bytes.len()).step_by(97) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        fs::write(first, changed).unwrap();
        assert!(matches!(take(folder.path()), Err(CopyError::Damaged(finding)) if finding.file == *first));
    }
    fs::remove_file(first).unwrap();
    let missing = take(folder.path());
    assert!(matches!(missing, Err(CopyError::Damaged(found)) if found.what == What::SegmentMissing));
}

#[test]
fn a_copy_that_lost_or_mixed_files_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journals, _) = open(folder.path());
    for number in 0..40 {
        append(&mut journals, 1, &format!("word {number} ").repeat(8));
        journals.commit().unwrap();
    }
    let (copied, files) = take(folder.path()).unwrap();
    assert_eq!(read_back(&files).unwrap(), copied.vector);
    assert!(files.len() > 4);
    let without = |at: usize| -> Files {
        files.iter().enumerate().filter(|(index, _)| *index != at).map(|(_, file)| file.clone()).collect()
    };
    assert!(read_back(&without(1)).is_err());
    let mut swapped = files.clone();
    swapped.swap(0, 1);
    assert!(read_back(&swapped).is_err());
    // A lost last segment is a shorter journal; whoever reads it back compares how far it goes.
    let last = files.len() - 2;
    assert_ne!(read_back(&without(last)).unwrap(), copied.vector);
    let mut strange = files.clone();
    strange.push(("somewhere/else".to_owned(), Vec::new()));
    assert!(matches!(read_back(&strange), Err(CopyError::Stranger(_))));
    let names: BTreeMap<&str, usize> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.len())).collect();
    assert_eq!(names.len(), files.len());
}
