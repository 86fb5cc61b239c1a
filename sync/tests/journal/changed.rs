//! What changed on the disk after it was committed: read and sent as it was, or called damage, and never another history.

use std::fs;

use loket_sync::journal::{Opening, ReadError, ReceiveError};
use loket_sync::{ChainError, Hash, Have, Journals, Range, Record};

use crate::folder::{all_runs, append, open, own, registry, segments, signers, small};

#[test]
fn what_changed_since_it_was_committed_is_read_as_it_was_or_called_damage() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journals, _) = open(folder.path());
    for number in 1..5 {
        append(&mut journals, number, "words that matter");
        journals.commit().unwrap();
    }
    let reader = journals.reader();
    let was: Vec<Record> = reader.scan(&[]).map(Result::unwrap).collect();
    let Have { stream, session, len, .. } = reader.vector()[0];
    for file in segments(folder.path()) {
        let bytes = fs::read(&file).unwrap();
        let mut noticed = 0;
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            fs::write(&file, changed).unwrap();
            for from in [0, len - 1] {
                let applied = [Have { stream, session, len: from, hash: Hash::ZERO }];
                let from = usize::try_from(from).unwrap();
                let found: Vec<_> = reader.scan(&applied).collect();
                assert_eq!(found.len(), was.len() - from, "byte {at}");
                for (found, was) in found.into_iter().zip(&was[from..]) {
                    match found {
                        Ok(record) => assert_eq!(&record, was, "byte {at}"),
                        Err(error) => {
                            assert!(matches!(error, ReadError::Damaged { .. }), "{error}");
                            noticed += 1;
                        }
                    }
                }
            }
        }
        assert!(noticed > 0, "{}", file.display());
        fs::write(&file, bytes).unwrap();
    }
}

#[test]
fn what_changed_since_it_was_committed_is_sent_as_it_was_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journals, _) = open(folder.path());
    for number in 1..5 {
        append(&mut journals, number, "words that matter");
        journals.commit().unwrap();
    }
    let (reader, sent) = (journals.reader(), all_runs(&journals));
    let Have { stream, session, len, .. } = reader.vector()[0];
    // Smaller messages end at the heads within.
    let ranges = (0..len).map(|from| Range { stream, session, from, to: len });
    let small: Vec<_> = ranges.map(|range| reader.runs(&[range], 1).unwrap()).collect();
    for file in segments(folder.path()) {
        let bytes = fs::read(&file).unwrap();
        let mut refused = 0;
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            fs::write(&file, changed).unwrap();
            for (from, was) in (0..).zip(&small) {
                match reader.runs(&[Range { stream, session, from, to: len }], 1) {
                    Ok(runs) => assert_eq!(&runs, was, "byte {at}"),
                    Err(error) => {
                        assert!(matches!(error, ReadError::Damaged { .. }), "{error}");
                        refused += 1;
                    }
                }
            }
            let (sound, damaged) =
                reader.sound_runs(&[Range { stream, session, from: 0, to: len }], 1).unwrap();
            assert!(damaged.is_some() || sound == small[0]);
        }
        assert!(refused > bytes.len() / 2);
        fs::write(file, bytes).unwrap();
    }
    assert_eq!(all_runs(&journals), sent);
}

#[test]
fn a_record_that_changed_here_is_no_other_history_when_it_comes_again() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let own = own("hq/karimun", registry());
    let (mut headquarters, _) =
        Journals::open_with(folders[0].path(), own.clone(), &signers, small()).unwrap();
    for number in 1..5 {
        append(&mut headquarters, number, "words that matter");
        headquarters.commit().unwrap();
    }
    let (reader, whole) = (headquarters.reader(), all_runs(&headquarters));
    let Have { stream, session, len, .. } = reader.vector()[0];
    let (mut office, _) = open(folders[1].path());
    office.receive(&whole[0], &registry().public()).unwrap();
    office.commit().unwrap();
    let ranges = (0..len).map(|from| Range { stream, session, from, to: len });
    let late: Vec<_> = ranges.flat_map(|range| reader.runs(&[range], 1).unwrap()).collect();
    let mut damaged = 0;
    for file in segments(folders[1].path()) {
        let bytes = fs::read(&file).unwrap();
        for at in (0..bytes.len()).step_by(3) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            fs::write(&file, changed).unwrap();
            for run in &late {
                match office.receive(run, &registry().public()) {
                    Ok(received) => assert_eq!(received.new_records, 0),
                    Err(error) => {
                        assert!(matches!(error, ReceiveError::Read(_)), "byte {at}: {error}");
                        damaged += 1;
                    }
                }
            }
        }
        fs::write(file, bytes).unwrap();
    }
    assert!(damaged > 0);
    // What truly is another record is another history, as before.
    let folder = tempfile::tempdir().unwrap();
    let again = Opening { session: Some(session), ..small() };
    let (mut thief, _) = Journals::open_with(folder.path(), own, &signers, again).unwrap();
    append(&mut thief, 1, "other words");
    thief.commit().unwrap();
    let error = office.receive(&all_runs(&thief)[0], &registry().public()).unwrap_err();
    assert!(matches!(error, ReceiveError::Chain(ChainError::Fork(1))), "{error}");
}
