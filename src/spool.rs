//! Notes left in a node's folder for the process that serves it: a command has done something that belongs on record, or
//! asks for something that only that process can do.
//!
//! The folder is the node's own, a note is sealed with the node's key, and it is taken away only when what it says is
//! durable; so a note left while nobody runs is read at the next start. What is asked for is answered beside it.

use std::io;
use std::path::{Path, PathBuf};

use loket_sync::{Disk, StorageKey};
use serde::{Deserialize, Serialize};

use crate::courier::{Exported, Exporting, Imported};
use crate::domain::backup::{BackupMade, NodeRestored};
use crate::domain::book::stage::SpriStage;
use crate::ids;
use crate::office::actions::stage_reports::ReportTold;

/// Name of the folder in a node's folder.
const FOLDER: &str = "spool";
const NOTE: &str = "note";
const ANSWER: &str = "answer";
const BUNDLE: &str = "bundle";
const CONTEXT: &[u8] = b"loket note 1";
const REPORT_CONTEXT: &[u8] = b"loket report beside a note 1";
const ANSWER_CONTEXT: &[u8] = b"loket answer to a note 1";

/// What a command tells the node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    /// A backup was made and verified.
    BackupMade(BackupMade),
    /// This folder was made from a backup.
    NodeRestored(NodeRestored),
    /// Make a bundle beside this note.
    ExportBundle {
        /// How.
        how: Exporting,
        /// Nobody waits for it after that.
        until_ms: i64,
    },
    /// Take the bundle beside this note.
    ImportBundle {
        /// Nobody waits for it after that.
        until_ms: i64,
    },
    /// Take over the stage report beside this note; see [`seal_report`].
    ImportReport {
        /// The stage, where the file does not say it.
        chosen: Option<SpriStage>,
        /// Only say what would change.
        dry_run: bool,
        /// Nobody waits for it after that.
        until_ms: i64,
    },
}

/// What came of what was asked for; a sentence if it did not work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// The bundle lies beside the note.
    Exported(Exported),
    /// The bundle was taken.
    Imported(Imported),
    /// What the report changes, or has changed.
    Reported(Box<ReportTold>),
    /// It did not work, because.
    Failed(String),
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

/// A stage report as it lies beside its note.
pub fn seal_report(key: &StorageKey, bytes: &[u8]) -> Vec<u8> {
    key.seal(REPORT_CONTEXT, bytes)
}

/// Leaves a note, durably.
pub fn leave(dir: &Path, key: &StorageKey, note: &Note) -> io::Result<()> {
    let name = ids::token().map_err(io::Error::other)?;
    leave_as(dir, key, &name, note)
}

/// Makes the folder, and names a place in it for a bundle and the note that goes with it.
pub fn place(dir: &Path) -> io::Result<(String, PathBuf)> {
    let name = ids::token().map_err(io::Error::other)?;
    let folder = dir.join(FOLDER);
    Disk::default().create_folder(&folder)?;
    let bundle = folder.join(format!("{name}.{BUNDLE}"));
    Ok((name, bundle))
}

/// Leaves a note under a name from [`place`].
pub fn leave_as(dir: &Path, key: &StorageKey, name: &str, note: &Note) -> io::Result<()> {
    let sealed = key.seal(CONTEXT, &serde_json::to_vec(note)?);
    let (disk, folder) = (Disk::default(), dir.join(FOLDER));
    disk.create_folder(&folder)?;
    disk.replace_private(&folder.join(format!("{name}.{NOTE}")), &sealed)
}

/// The answer to the note of this name, once there is one.
pub fn answer(dir: &Path, key: &StorageKey, name: &str) -> io::Result<Option<Answer>> {
    let file = dir.join(FOLDER).join(format!("{name}.{ANSWER}"));
    let sealed = match Disk::default().read(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let opened = key.open(ANSWER_CONTEXT, &sealed).map_err(io::Error::other)?;
    Ok(Some(serde_json::from_slice(&opened)?))
}

/// Takes away what belongs to a note: bundle, answer and the note itself.
pub fn clear(dir: &Path, name: &str) {
    for end in [NOTE, ANSWER, BUNDLE] {
        let removed = Disk::default().remove(&dir.join(FOLDER).join(format!("{name}.{end}")));
        if let Err(error) = removed {
            tracing::warn!(%error, "Something is left in the spool");
        }
    }
}

/// Takes away bundles and answers that nobody came back for.
pub fn sweep(dir: &Path) -> io::Result<()> {
    let (disk, folder) = (Disk::default(), dir.join(FOLDER));
    if !disk.is_folder(&folder) {
        return Ok(());
    }
    for file in disk.list(&folder)? {
        if file.extension().is_some_and(|end| end != NOTE) {
            disk.remove(&file)?;
        }
    }
    Ok(())
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
    /// Where the bundle lies that goes with it, or is to lie.
    pub fn bundle(&self) -> PathBuf {
        self.file.with_extension(BUNDLE)
    }

    /// The stage report that lies beside it.
    pub fn report(&self, key: &StorageKey) -> io::Result<Vec<u8>> {
        key.open(REPORT_CONTEXT, &Disk::default().read(&self.bundle())?).map_err(io::Error::other)
    }

    /// Answers what was asked for.
    pub fn answer(self, key: &StorageKey, answer: &Answer) -> io::Result<()> {
        let sealed = key.seal(ANSWER_CONTEXT, &serde_json::to_vec(answer)?);
        let disk = Disk::default();
        disk.replace_private(&self.file.with_extension(ANSWER), &sealed)?;
        self.done()
    }

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
