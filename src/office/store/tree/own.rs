//! How rows are sealed. sled never overwrites: a value that was taken away lies in its files until it uses the space again
//! in its own time. So a row that says something of a person is sealed with the person's own key first, and then with the
//! node's: when that key is destroyed, no file of sled holds anything of the person that anybody can read.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use loket_sync::{JournalReader, Subject, SubjectKey, open_blob, seal_blob};

use super::super::StoreError;
use super::super::shared::{read, write};
use super::{ROW_BYTES_MAX, Tree};

/// Tables whose values speak of a person: list lines and tickets. Their keys end with the subject.
const ABOUT_PEOPLE: &[u8] = b"ST";
/// What a value begins with: nobody's own, or somebody's.
const PLAIN: u8 = 0;
const OWN: u8 = 1;
/// What the inner seal is for.
const CLASS: &str = "table row";

/// Looks up a person's key; nothing while it is not here, or not any more.
pub(in super::super) type KeyOf = Arc<dyn Fn(&Subject) -> Option<SubjectKey> + Send + Sync>;

/// The keys that these journals hold.
pub(in super::super) fn keys_of(reader: &JournalReader) -> KeyOf {
    let reader = reader.clone();
    Arc::new(move |subject| reader.key(subject))
}

impl Tree {
    /// Has no row sealed with these people's keys from now on. What sled holds of them is as it was until it is written
    /// anew.
    pub(in super::super) fn disown(&self, subjects: &BTreeSet<Subject>) {
        write(&self.inner.disowned).extend(subjects);
    }

    /// Whether a row was met that is sealed with a key which is gone.
    pub(in super::super) fn has_met_unreadable(&self) -> bool {
        self.inner.has_met_unreadable.load(Ordering::Relaxed)
    }

    /// Whether there is a row, be it readable or not.
    pub(in super::super) fn is_there(&self, key: &[u8]) -> Result<bool, StoreError> {
        self.guarded(|open| match read(&open.pending).get(key) {
            Some(changed) => Ok(changed.is_some()),
            None => open.db.contains_key(key).map_err(StoreError::Tables),
        })
    }

    pub(super) fn seal(&self, key: &[u8], value: &[u8]) -> Result<Vec<u8>, StoreError> {
        let inner = match self.owner_key(key) {
            Some(own) => [&[OWN], seal_blob(&own, CLASS, value).as_slice()].concat(),
            None => [&[PLAIN], value].concat(),
        };
        let sealed = self.inner.key.seal(&context(key), &inner);
        if sealed.len() + key.len() < ROW_BYTES_MAX {
            Ok(sealed)
        } else {
            Err(StoreError::RowTooLong { table: table_letter(key), bytes: sealed.len() })
        }
    }

    /// Opens a row; nothing if it is somebody's own and their key is gone: it is as if it were not there.
    pub(super) fn unseal(&self, key: &[u8], sealed: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let damaged = || StoreError::Sealed { table: table_letter(key) };
        let inner = self.inner.key.open(&context(key), sealed).map_err(|_| damaged())?;
        match inner.split_first() {
            Some((&PLAIN, value)) => Ok(Some(value.to_vec())),
            Some((&OWN, value)) => {
                let own = subject_in(key).and_then(|subject| (self.inner.key_of)(&subject));
                if own.is_none() {
                    self.inner.has_met_unreadable.store(true, Ordering::Relaxed);
                }
                own.map(|own| open_blob(&own, CLASS, value).map_err(|_| damaged())).transpose()
            }
            _ => Err(damaged()),
        }
    }

    fn owner_key(&self, key: &[u8]) -> Option<SubjectKey> {
        let subject = subject_in(key).filter(|subject| !read(&self.inner.disowned).contains(subject))?;
        (self.inner.key_of)(&subject)
    }
}

/// Whom a row speaks of, if it speaks of somebody.
fn subject_in(key: &[u8]) -> Option<Subject> {
    let is_about = key.first().is_some_and(|letter| ABOUT_PEOPLE.contains(letter));
    key.last_chunk::<16>().filter(|_| is_about).map(|subject| Subject(*subject))
}

pub(super) fn table_letter(key: &[u8]) -> char {
    key.first().map_or('?', |letter| char::from(*letter))
}

/// A value is bound to its table and key, so that sealed values cannot be swapped.
fn context(key: &[u8]) -> Vec<u8> {
    [b"loket table row ".as_slice(), key].concat()
}
