//! The keys of subjects, in a file of their own beside the journal.
//!
//! A key is on the disk before the first record that needs it. Forgetting a key erases its subject here: the file is
//! written anew without it, and the subject is never given another key. The file has frames of one length:
//! kind (1: key, 2: forgotten), subject (16), sealed key (72, zeros if forgotten), check (8).

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::disk::{Disk, DiskFile};
use crate::ids::{Hash, Subject};
use crate::journal::{Finding, What};
use crate::seal::{StorageKey, SubjectKey};

/// Name of the key file in the journal's folder.
pub const SUBJECT_KEY_FILE: &str = "keys.seg";

const KIND_KEY: u8 = 1;
const KIND_FORGOTTEN: u8 = 2;
const SEALED_LEN: usize = 24 + 32 + 16;
const CHECKED_LEN: usize = 1 + Subject::LEN + SEALED_LEN;
const FRAME_LEN: usize = CHECKED_LEN + 8;

/// What is known of a subject's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// The key.
    Known(SubjectKey),
    /// The subject was erased here.
    Forgotten,
}

/// The keys in memory.
pub(crate) type KeyTable = BTreeMap<Subject, KeyState>;

/// The key file, open for appending.
pub struct SubjectKeys {
    disk: Disk,
    path: PathBuf,
    storage_key: StorageKey,
    /// Opened at the first write.
    file: Option<DiskFile>,
}

impl SubjectKeys {
    /// Reads the key file of a journal's folder; cuts a torn tail and names damaged frames.
    pub(crate) fn open(
        disk: Disk,
        journal: &Path,
        storage_key: StorageKey,
    ) -> io::Result<(Self, KeyTable, Vec<Finding>)> {
        let mut keys = Self { disk, path: journal.join(SUBJECT_KEY_FILE), storage_key, file: None };
        let (table, findings, good_bytes, len_bytes) = keys.read()?;
        if !findings.is_empty() {
            // Damaged keys are wanted again from the other side. Nothing is kept of the old file: a key that is erased
            // later must not lie there.
            keys.rewrite(&table)?;
        } else if good_bytes < len_bytes {
            keys.disk.cut(&keys.path, good_bytes)?;
        }
        Ok((keys, table, findings))
    }

    /// Reads the key file without changing anything.
    pub(crate) fn inspect(
        disk: Disk,
        journal: &Path,
        storage_key: StorageKey,
    ) -> io::Result<(KeyTable, Vec<Finding>)> {
        let path = journal.join(SUBJECT_KEY_FILE);
        let keys = Self { disk, path, storage_key, file: None };
        let (table, findings, _, _) = keys.read()?;
        Ok((table, findings))
    }

    /// The bytes of the key file up to its last good frame, how many keys they hold, and what is wrong with them.
    pub(crate) fn copy(
        disk: Disk,
        journal: &Path,
        storage_key: StorageKey,
    ) -> io::Result<(Vec<u8>, usize, Vec<Finding>)> {
        let keys = Self { disk, path: journal.join(SUBJECT_KEY_FILE), storage_key, file: None };
        let mut bytes = match keys.disk.read(&keys.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            other => other?,
        };
        let (table, findings, good_bytes) = keys.judge(&bytes);
        bytes.truncate(usize::try_from(good_bytes).unwrap_or(usize::MAX));
        Ok((bytes, table.len(), findings))
    }

    /// Seals the keys of a journal's folder anew, for a node that takes them over under another storage key.
    pub fn reseal(disk: Disk, journal: &Path, before: StorageKey, now: StorageKey) -> io::Result<()> {
        let path = journal.join(SUBJECT_KEY_FILE);
        let (table, ..) =
            Self { disk: disk.clone(), path: path.clone(), storage_key: before, file: None }.read()?;
        Self { disk, path, storage_key: now, file: None }.rewrite(&table)
    }

    /// Table, findings, length up to the last good frame, length of the file.
    fn read(&self) -> io::Result<(KeyTable, Vec<Finding>, u64, u64)> {
        let bytes = match self.disk.read(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            other => other?,
        };
        let (table, damaged, good_bytes) = self.judge(&bytes);
        Ok((table, damaged, good_bytes, bytes.len() as u64))
    }

    /// Table, findings, length up to the last good frame.
    fn judge(&self, bytes: &[u8]) -> (KeyTable, Vec<Finding>, u64) {
        let (mut table, mut damaged, mut good_bytes) = (KeyTable::new(), Vec::new(), 0);
        for (at, frame) in bytes.chunks(FRAME_LEN).enumerate() {
            let offset = (at * FRAME_LEN) as u64;
            match self.read_frame(frame) {
                Ok((subject, state)) => {
                    table.insert(subject, state);
                    good_bytes = offset + FRAME_LEN as u64;
                }
                Err(subject) => {
                    damaged.push(Finding {
                        file: self.path.clone(),
                        offset,
                        what: What::SubjectKey(subject),
                    });
                }
            }
        }
        // Frames behind the last good one were being written when the process stopped; no record needs them yet.
        damaged.retain(|finding| finding.offset < good_bytes);
        (table, damaged, good_bytes)
    }

    fn read_frame(&self, frame: &[u8]) -> Result<(Subject, KeyState), Subject> {
        let subject = frame.get(1..17).and_then(|bytes| bytes.try_into().ok()).map_or(Subject::NONE, Subject);
        let (checked, check) = frame.split_at_checked(CHECKED_LEN).ok_or(subject)?;
        if Hash::of(checked).0[..8] != *check {
            return Err(subject);
        }
        if checked[0] == KIND_FORGOTTEN {
            return Ok((subject, KeyState::Forgotten));
        }
        let key = self.storage_key.open(&context(&subject), &checked[17..]).map_err(|_| subject)?;
        let key = <[u8; 32]>::try_from(key.as_slice()).map_err(|_| subject)?;
        Ok((subject, KeyState::Known(SubjectKey::from_bytes(key))))
    }

    fn push_frame(&self, out: &mut Vec<u8>, subject: &Subject, state: &KeyState) {
        let start = out.len();
        match state {
            KeyState::Known(key) => {
                out.push(KIND_KEY);
                out.extend_from_slice(&subject.0);
                out.extend_from_slice(&self.storage_key.seal(&context(subject), key.as_bytes()));
            }
            KeyState::Forgotten => {
                out.push(KIND_FORGOTTEN);
                out.extend_from_slice(&subject.0);
                out.resize(start + CHECKED_LEN, 0);
            }
        }
        let check = Hash::of(&out[start..]);
        out.extend_from_slice(&check.0[..8]);
    }

    /// Makes these keys durable.
    pub(crate) fn append(&mut self, keys: &[(Subject, SubjectKey)]) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(keys.len() * FRAME_LEN);
        for (subject, key) in keys {
            self.push_frame(&mut bytes, subject, &KeyState::Known(key.clone()));
        }
        let is_new = !self.disk.is_file(&self.path);
        let mut file = match self.file.take() {
            Some(file) => file,
            None => self.disk.append_or_create(&self.path)?,
        };
        self.disk.write(&mut file, &self.path, &bytes)?;
        self.disk.sync(&file, &self.path)?;
        if is_new {
            self.disk.sync_folder(self.path.parent().unwrap_or(Path::new(".")))?;
        }
        self.file = Some(file);
        Ok(())
    }

    /// Writes the file anew from a table; keys that are not in it are gone, and what held them is overwritten.
    pub(crate) fn rewrite(&mut self, table: &KeyTable) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(table.len() * FRAME_LEN);
        for (subject, state) in table {
            self.push_frame(&mut bytes, subject, state);
        }
        self.file = None;
        self.disk.replace_and_blank(&self.path, &bytes)
    }
}

fn context(subject: &Subject) -> Vec<u8> {
    [b"loket subject key 1:", subject.0.as_slice()].concat()
}

impl std::fmt::Debug for SubjectKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SubjectKeys({})", self.path.display())
    }
}
