//! Notes left in a node's folder for the process that serves it: a command has done something that belongs on record.
//!
//! The folder is the node's own, a note is sealed with the node's key, and it is taken away only when what it says is
//! durable; so a note left while nobody runs is read at the next start.

use std::io;
use std::path::{Path, PathBuf};

use loket_sync::{Disk, StorageKey};
use serde::{Deserialize, Serialize};

use crate::domain::backup::{BackupMade, NodeRestored};
use crate::ids;

/// Name of the folder in a node's folder.
const FOLDER: &str = "spool";
const NOTE: &str = "note";
const CONTEXT: &[u8] = b"loket note 1";

/// What a command tells the node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    /// A backup was made and verified.
    BackupMade(BackupMade),
    /// This folder was made from a backup.
    NodeRestored(NodeRestored),
}

/// A note as it was found. It lies there until it is dropped by [`Found::done`].
#[derive(Debug)]
pub struct Found {
    file: PathBuf,
    /// What it says.
    pub note: Note,
    /// Tells it from others: the same note that is found twice is put on record once.
    pub name: String,
}

/// Leaves a note, durably.
pub fn leave(dir: &Path, key: &StorageKey, note: &Note) -> io::Result<()> {
    let name = ids::token().map_err(io::Error::other)?;
    let sealed = key.seal(CONTEXT, &serde_json::to_vec(note)?);
    let (disk, folder) = (Disk::default(), dir.join(FOLDER));
    disk.create_folder(&folder)?;
    disk.replace_private(&folder.join(format!("{name}.{NOTE}")), &sealed)
}

/// The notes that lie there. What does not open is none of ours and is left alone.
pub fn look(dir: &Path, key: &StorageKey) -> io::Result<Vec<Found>> {
    let (disk, folder) = (Disk::default(), dir.join(FOLDER));
    if !disk.is_folder(&folder) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for file in disk.list(&folder)? {
        if file.extension().is_none_or(|end| end != NOTE) {
            continue;
        }
        let opened = key.open(CONTEXT, &disk.read(&file)?).ok();
        let Some(note) = opened.and_then(|note| serde_json::from_slice(&note).ok()) else {
            tracing::warn!(file = %file.display(), "A note in the spool cannot be read");
            continue;
        };
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        found.push(Found { file, note, name });
    }
    Ok(found)
}

impl Found {
    /// What it says is on record.
    pub fn done(self) -> io::Result<()> {
        Disk::default().remove(&self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_by_its_node_alone_until_it_is_done() {
        let dir = tempfile::tempdir().unwrap();
        let (key, other) = (StorageKey::from_bytes([1; 32]), StorageKey::from_bytes([2; 32]));
        assert!(look(dir.path(), &key).unwrap().is_empty());
        let note = Note::BackupMade(BackupMade {
            at: "2026-11-23T01:05:00Z".parse().unwrap(),
            bytes: 5,
            records: 3,
            pictures: 1,
            recoverable: true,
        });
        leave(dir.path(), &key, &note).unwrap();
        assert!(look(dir.path(), &other).unwrap().is_empty());
        let found = look(dir.path(), &key).unwrap().pop().unwrap();
        assert_eq!(found.note, note);
        found.done().unwrap();
        assert!(look(dir.path(), &key).unwrap().is_empty());
    }
}
