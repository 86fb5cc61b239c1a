//! Keys of subjects: erased for ever, sealed on the disk, never replaced by another.

use std::fs;

use loket_sync::journal::AppendError;
use loket_sync::{BodyError, Hash, SubjectKey};

use crate::folder::{append, open, subject, try_append};

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
