//! The note in sled's folder that its files are as they were synced.
//!
//! sled's own flush neither flushes the drive's cache nor the metadata of its files, so after a power cut rows may be
//! gone without a word. The note stands only while nothing is being written, and it names the last batch that sled was
//! given: a log whose end sled could not read, and left out, ends with another one.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use loket_sync::Disk;

/// Its name in the folder.
const NOTE_FILE: &str = "settled";

/// The note of one folder.
pub(super) struct Note {
    folder: PathBuf,
    stands: AtomicBool,
    found: Option<Vec<u8>>,
}

impl Note {
    /// Takes the note away, durably, before sled opens the folder: opening writes as well. The folder is made if needed.
    pub(super) fn take(folder: &Path) -> io::Result<Self> {
        let disk = Disk::default();
        disk.create_folder(folder)?;
        let found = match disk.read(&folder.join(NOTE_FILE)) {
            Ok(found) => Some(found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let note = Self { folder: folder.to_owned(), stands: AtomicBool::new(found.is_some()), found };
        note.fall()?;
        Ok(note)
    }

    /// Whether it was there when the folder was opened, and named this batch.
    pub(super) fn named(&self, batch: &[u8]) -> bool {
        self.found.as_deref() == Some(batch)
    }

    /// Sees to it that it does not stand, durably.
    pub(super) fn fall(&self) -> io::Result<()> {
        if self.stands.load(Ordering::Acquire) {
            let disk = Disk::default();
            disk.remove(&self.folder.join(NOTE_FILE))?;
            disk.sync_folder(&self.folder)?;
            self.stands.store(false, Ordering::Release);
        }
        Ok(())
    }

    /// Syncs all files of the folder, and then notes that they are as this batch has left them.
    pub(super) fn rise(&self, batch: &[u8]) -> io::Result<()> {
        if !self.stands.load(Ordering::Acquire) {
            let disk = Disk::default();
            disk.sync_below(&self.folder)?;
            // Even one that cannot be made durable may be there.
            self.stands.store(true, Ordering::Release);
            disk.replace(&self.folder.join(NOTE_FILE), batch)?;
        }
        Ok(())
    }
}
