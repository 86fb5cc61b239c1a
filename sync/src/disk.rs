//! The few things done to files that must survive a power cut, in one place, so that each can be made to fail.
//!
//! Nothing here retries: after a failed write or sync nobody knows what is on the disk, so the caller stops writing.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

/// Decides which acts fail. For tests; in service there are none.
pub trait Faults: Send + Sync {
    /// How many of `len` bytes still reach the file before the write fails; `len` or more for no fault.
    fn write(&self, _path: &Path, len: usize) -> usize {
        len
    }

    /// Fails a sync of a file or folder.
    fn sync(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    /// Says how much room is left, instead of the file system.
    fn free_bytes(&self) -> Option<u64> {
        None
    }
}

/// The file system, perhaps with faults.
#[derive(Clone, Default)]
pub struct Disk {
    faults: Option<Arc<dyn Faults>>,
}

impl Disk {
    /// A disk on which acts fail as `faults` says.
    pub fn with_faults(faults: Arc<dyn Faults>) -> Self {
        Self { faults: Some(faults) }
    }

    /// Appends bytes to an open file.
    pub(crate) fn write(&self, file: &mut File, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let allowed = self.faults.as_ref().map_or(bytes.len(), |faults| faults.write(path, bytes.len()));
        if allowed >= bytes.len() {
            return file.write_all(bytes);
        }
        file.write_all(&bytes[..allowed])?;
        Err(io::ErrorKind::StorageFull.into())
    }

    /// Makes a file's bytes and length durable.
    pub(crate) fn sync(&self, file: &File, path: &Path) -> io::Result<()> {
        if let Some(faults) = &self.faults {
            faults.sync(path)?;
        }
        file.sync_data()
    }

    /// Makes the entries of a folder durable.
    pub(crate) fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        if let Some(faults) = &self.faults {
            faults.sync(folder)?;
        }
        // Only Unix lets a folder be opened and synced; elsewhere the file system does it with the file.
        if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
    }

    /// Makes a folder and every missing one above it, durably.
    pub(crate) fn create_folder(&self, folder: &Path) -> io::Result<()> {
        if folder.is_dir() {
            return Ok(());
        }
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
        if let Some(parent) = parent {
            self.create_folder(parent)?;
        }
        match fs::create_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => other?,
        }
        parent.map_or(Ok(()), |parent| self.sync_folder(parent))
    }

    /// Puts a file in place whole or not at all: temporary name, sync, rename, sync of the folder.
    pub(crate) fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.replace_with(path, bytes, OpenOptions::new().write(true).create(true).truncate(true))
    }

    /// Puts a file in place whole or not at all, also after a power cut, readable by its owner only.
    pub fn replace_private(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        self.replace_with(path, bytes, &options)
    }

    fn replace_with(&self, path: &Path, bytes: &[u8], options: &OpenOptions) -> io::Result<()> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".tmp");
        let temporary = path.with_file_name(name);
        match fs::remove_file(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = options.open(&temporary)?;
        self.write(&mut file, &temporary, bytes)?;
        self.sync(&file, &temporary)?;
        fs::rename(&temporary, path)?;
        self.sync_folder(path.parent().unwrap_or(Path::new(".")))
    }

    /// Cuts a file to a length, durably.
    pub(crate) fn cut(&self, path: &Path, len_bytes: u64) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(path)?;
        file.set_len(len_bytes)?;
        self.sync(&file, path)
    }

    /// Room left for this user on the file system of `folder`, where that can be asked.
    pub(crate) fn free_bytes(&self, folder: &Path) -> Option<u64> {
        if let Some(free) = self.faults.as_ref().and_then(|faults| faults.free_bytes()) {
            return Some(free);
        }
        free_bytes(folder)
    }
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(folder).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_folder: &Path) -> Option<u64> {
    None
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.faults.is_some() { "Disk(with faults)" } else { "Disk" })
    }
}
