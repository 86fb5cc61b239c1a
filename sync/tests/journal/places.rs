//! Opening from the file of places: what has not changed is not read, what has changed is, and nothing that could be
//! wrong is believed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use loket_sync::Journals;
use loket_sync::journal::{OpenReport, Opening, Reread, What};

use crate::folder::{append, copy, open_with, segments, signers, small, subject, words};

fn quickly(folder: &Path) -> (Journals, OpenReport) {
    open_with(folder, Opening { from_places: true, ..small() }).unwrap()
}

/// Three sessions over several segments, noted; returns what they say.
fn noted(folder: &Path) -> Vec<String> {
    for session in 0..3 {
        let (mut journals, _) = quickly(folder);
        for round in 0..12 {
            append(&mut journals, session, &format!("session {session}, round {round}, and some more words"));
            journals.commit().unwrap();
        }
        journals.note_places().unwrap();
        assert!(journals.reader().reread(&signers, &mut || true).unwrap() == Reread::default());
    }
    let (journals, _) = crate::folder::open(folder);
    words(&journals)
}

#[test]
fn what_has_not_changed_is_not_read_and_comes_out_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let told = noted(folder.path());
    let (mut journals, report) = quickly(folder.path());
    assert_eq!((report.sessions, report.sessions_read, report.records), (3, 0, 39));
    assert_eq!(words(&journals), told);
    // The chain goes on where it stood.
    append(&mut journals, 1, "after it");
    journals.commit().unwrap();
    drop(journals);
    let (journals, report) = quickly(folder.path());
    assert_eq!((report.sessions, report.sessions_read), (4, 1), "only what nobody has noted is read");
    let quick = (journals.reader().vector(), words(&journals));
    drop(journals);
    let (journals, whole) = crate::folder::open(folder.path());
    assert_eq!((journals.reader().vector(), words(&journals)), quick);
    assert_eq!((whole.sessions_read, whole.missing, whole.keys_missing), (4, Vec::new(), 0));
    assert_eq!((report.missing, report.keys_missing), (Vec::new(), 0));
}

#[test]
fn a_file_of_places_that_is_gone_or_changed_costs_time_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let told = noted(folder.path());
    let file = folder.path().join("places");
    let bytes = fs::read(&file).unwrap();
    let damages: Vec<Option<Vec<u8>>> = [0, bytes.len() / 2, bytes.len() - 1]
        .into_iter()
        .map(|at| {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            Some(changed)
        })
        .chain([Some(bytes[..bytes.len() / 2].to_vec()), Some(Vec::new()), None])
        .collect();
    for damage in damages {
        match damage {
            Some(changed) => fs::write(&file, changed).unwrap(),
            None => fs::remove_file(&file).unwrap(),
        }
        let (journals, report) = quickly(folder.path());
        assert_eq!((report.sessions_read, words(&journals)), (3, told.clone()));
    }
}

#[test]
fn a_session_whose_files_are_not_what_they_were_is_read() {
    let folder = tempfile::tempdir().unwrap();
    noted(folder.path());
    let files = segments(folder.path());
    assert!(files.len() > 6, "several segments each");
    let strikes: [&dyn Fn(&Path); 3] = [
        &|file| fs::remove_file(file).unwrap(),
        &|file| {
            let bytes = fs::read(file).unwrap();
            fs::write(file, &bytes[..bytes.len() - 7]).unwrap();
        },
        &|file| fs::write(file.with_file_name("000009.seg"), b"what is this").unwrap(),
    ];
    for strike in strikes {
        let other = tempfile::tempdir().unwrap();
        copy(folder.path(), other.path());
        strike(&segments(other.path())[1]);
        let of_whole = open_with(other.path(), small()).map(|(_, report)| report.missing);
        let of_quick = open_with(other.path(), Opening { from_places: true, ..small() });
        assert_eq!(format!("{:?}", of_quick.map(|(_, report)| report.missing)), format!("{of_whole:?}"));
    }
}

#[test]
fn a_bit_that_flipped_is_found_by_reading_again_and_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    noted(folder.path());
    let file = segments(folder.path())[1].clone();
    let mut bytes = fs::read(&file).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 4;
    fs::write(&file, bytes).unwrap();
    let (mut journals, report) = quickly(folder.path());
    assert_eq!((report.sessions_read, report.damaged), (0, Vec::new()), "nobody has looked yet");
    let before = journals.reader().vector();
    let mut asked = 0;
    let stopped = journals.reader().reread(&signers, &mut || {
        asked += 1;
        asked < 2
    });
    assert_eq!(stopped.unwrap(), Reread::default(), "it stops when it is told");
    let damaged = journals.reader().reread(&signers, &mut || true).unwrap().damaged;
    assert_eq!(damaged.len(), 1, "{damaged:?}");
    assert_eq!((&damaged[0].finding.file, &damaged[0].finding.what), (&file, &What::Frame));
    let set_aside = journals.set_aside(&damaged, &signers).unwrap();
    assert_eq!(set_aside, [damaged[0].finding.clone()]);
    let after = journals.reader().vector();
    assert_eq!(after.len(), 3);
    assert_eq!(before.iter().zip(&after).filter(|(before, after)| before.len > after.len).count(), 1);
    assert!(journals.reader().reread(&signers, &mut || true).unwrap() == Reread::default());
    // It goes on, and is as it says at the next start.
    append(&mut journals, 2, "after it");
    journals.commit().unwrap();
    journals.note_places().unwrap();
    let now = words(&journals);
    drop(journals);
    let (journals, report) = quickly(folder.path());
    assert_eq!((report.sessions_read, words(&journals)), (0, now));
}

#[test]
fn after_an_erasure_nothing_more_is_read_than_before_it_and_what_it_left_is_found() {
    let folder = tempfile::tempdir().unwrap();
    noted(folder.path());
    let (mut journals, _) = quickly(folder.path());
    let before = tempfile::tempdir().unwrap();
    copy(folder.path(), before.path());
    // Only the key is taken now: the bodies are left.
    journals.erase(&BTreeSet::from([subject(1)]), &BTreeSet::new()).unwrap();
    assert!(!folder.path().join("places").exists(), "a process that dies now leaves it to the next start");
    drop(journals);
    // Places from before are not believed: everything is read, and they are found at once.
    let cut_short = tempfile::tempdir().unwrap();
    copy(folder.path(), cut_short.path());
    fs::copy(before.path().join("places"), cut_short.path().join("places")).unwrap();
    let (_, report) = quickly(cut_short.path());
    assert_eq!((report.sessions_read, report.erased), (3, 12));

    // One that goes on notes them anew, and finds what was left when it reads everything again.
    let folder = before;
    let (mut journals, _) = quickly(folder.path());
    journals.erase(&BTreeSet::from([subject(1)]), &BTreeSet::new()).unwrap();
    journals.note_places().unwrap();
    drop(journals);
    let (mut journals, report) = quickly(folder.path());
    assert_eq!((report.sessions_read, report.erased), (0, 0));
    let found = journals.reader().reread(&signers, &mut || true).unwrap();
    assert_eq!((found.damaged.len(), found.left.len(), &found.of), (0, 12, &BTreeSet::from([subject(1)])));
    journals.erase(&found.of, &found.left).unwrap();
    assert_eq!(journals.reader().reread(&signers, &mut || true).unwrap(), Reread::default());
    journals.note_places().unwrap();
    drop(journals);
    let (_, report) = quickly(folder.path());
    assert_eq!((report.sessions_read, report.erased, report.bodies_missing), (0, 0, 0));
}

#[test]
fn what_is_missing_of_a_session_that_was_handed_back_is_named_by_a_quick_start_too() {
    // Two sessions; the second one says how far the first one went.
    let whole = tempfile::tempdir().unwrap();
    for session in 0..2 {
        let (mut journals, _) = open_with(whole.path(), small()).unwrap();
        append(&mut journals, session, "words");
        journals.commit().unwrap();
    }
    let (journals, _) = open_with(whole.path(), small()).unwrap();
    let runs = crate::folder::all_runs(&journals);
    let mut named = 0;
    for handed_back in &runs {
        // All was lost, and one of them comes back.
        let folder = tempfile::tempdir().unwrap();
        let (mut journals, _) = quickly(folder.path());
        journals.receive(handed_back, &crate::folder::office().public()).unwrap();
        journals.commit().unwrap();
        journals.note_places().unwrap();
        drop(journals);
        let (journals, quick) = quickly(folder.path());
        assert_eq!(quick.sessions_read, 0);
        drop(journals);
        let (_, read) = open_with(folder.path(), small()).unwrap();
        assert_eq!(quick.missing, read.missing);
        named += read.missing.len();
    }
    assert_eq!(named, 1, "of the first, by the second");
}
