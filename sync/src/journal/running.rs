//! How the process before this one ended: in order, so that all it wrote is synced, or not.

use std::io;
use std::path::{Path, PathBuf};

use super::index;
use crate::disk::Disk;
use crate::ids::{SessionId, StreamId};
use crate::subject_keys::SUBJECT_KEY_FILE;

/// Name of the file in the journal's folder.
pub(crate) const RUNNING_FILE: &str = "running";

/// A file that stands while a process has the journals open, so that the next one knows how it ended.
#[derive(Debug)]
pub(crate) struct Running {
    disk: Disk,
    file: PathBuf,
    /// Whether the process before this one ended in order: all it wrote is synced.
    pub(crate) found_none: bool,
    stays: bool,
}

/// Whether the last process that had the journals open ended in order, so that all it wrote is synced.
pub(crate) fn ended_in_order(disk: &Disk, folder: &Path) -> bool {
    !disk.is_file(&folder.join(RUNNING_FILE))
}

impl Running {
    pub(super) fn begin(disk: &Disk, folder: &Path) -> Self {
        let found_none = ended_in_order(disk, folder);
        // An opening that fails leaves everything as it was, for the next one to judge in the same way.
        Self { disk: disk.clone(), file: folder.join(RUNNING_FILE), found_none, stays: !found_none }
    }

    /// A process that was killed between writing and syncing leaves bytes that were read here, and that the next power
    /// cut would take: they are made durable before anybody hears of them. Sessions that were remembered and not read
    /// are: nothing is noted before it is synced.
    pub(super) fn settle_before(&self, folder: &Path, read: &[(StreamId, SessionId)]) -> io::Result<()> {
        if self.found_none {
            return Ok(());
        }
        for (stream, session) in read {
            self.disk.sync_below(&index::session_folder(folder, stream, session))?;
            self.disk.sync_folder(&index::stream_folder(folder, stream))?;
        }
        let keys = folder.join(SUBJECT_KEY_FILE);
        if self.disk.is_file(&keys) {
            self.disk.sync(&self.disk.append_to(&keys)?, &keys)?;
        }
        self.disk.sync_folder(folder)
    }

    /// Everything is in order: records may be written. The file is durable before the first one is, so that where it is
    /// missing, what is broken was whole once.
    pub(super) fn opened(&mut self) -> io::Result<()> {
        if self.found_none {
            self.disk.create_new(&self.file)?;
            self.disk.sync_folder(self.file.parent().unwrap_or(Path::new("")))?;
        }
        self.stays = false;
        Ok(())
    }

    /// Something was written and perhaps not synced: if the process ends now, the next one shall see to it.
    pub(crate) fn stay(&mut self) {
        self.stays = true;
    }

    /// All that was written is synced.
    pub(crate) fn may_go(&mut self) {
        self.stays = false;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.stays {
            // A file that stays costs the next start some syncs and nothing else.
            self.disk.remove(&self.file).unwrap_or_default();
        }
    }
}
