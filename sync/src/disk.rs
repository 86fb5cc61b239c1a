//! The few things done to files that must survive a power cut, in one place, so that each can be made to fail.
//!
//! A [`Disk`] is the file system, or a [`virtual_disk::VirtualDisk`] in memory that loses at a power cut what real ones lose.
//! Nothing here retries: after a failed write or sync nobody knows what is on the disk, so the caller stops writing.

mod image;
mod unsynced;
pub mod virtual_disk;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use virtual_disk::{VirtualDisk, VirtualFile, VirtualLock};

/// Decides which acts fail. For tests; in service there are none.
pub trait Faults: Send + Sync {
    /// How many of `len` bytes still reach the file before the write fails; `len` or more for no fault.
    fn write(&self, _path: &Path, len: usize) -> usize {
        len
    }

    /// Fails a sync of a file or folder. `Interrupted` says that the process died before it asked; after any other
    /// error a virtual disk takes the bytes for clean and never brings them to the platter, as drives do.
    fn sync(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    /// Fails the making, cutting, renaming or removing of a file or folder.
    fn change(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    /// Says how much room is left, instead of the file system.
    fn free_bytes(&self) -> Option<u64> {
        None
    }
}

/// The file system or a virtual one, perhaps with faults.
#[derive(Clone, Default)]
pub struct Disk {
    faults: Option<Arc<dyn Faults>>,
    memory: Option<VirtualDisk>,
}

/// A file that is open.
#[derive(Debug)]
pub struct DiskFile(Opened);

#[derive(Debug)]
enum Opened {
    Real(File),
    Virtual(VirtualFile),
}

/// Keeps other processes away until it is dropped.
#[derive(Debug)]
pub struct DiskLock {
    _held: Held,
}

#[derive(Debug)]
enum Held {
    Real { _file: File },
    Virtual { _lock: VirtualLock },
}

impl Disk {
    /// The file system, on which acts fail as `faults` says.
    pub fn with_faults(faults: Arc<dyn Faults>) -> Self {
        Self { faults: Some(faults), memory: None }
    }

    /// A disk in memory.
    pub fn in_memory(disk: VirtualDisk) -> Self {
        Self { faults: None, memory: Some(disk) }
    }

    /// The same disk, on which acts fail as `faults` says.
    #[must_use]
    pub fn failing(self, faults: Arc<dyn Faults>) -> Self {
        Self { faults: Some(faults), ..self }
    }

    fn refuse_change(&self, path: &Path) -> io::Result<()> {
        self.faults.as_ref().map_or(Ok(()), |faults| faults.change(path))
    }

    /// Opens a file that exists for appending.
    pub fn append_to(&self, path: &Path) -> io::Result<DiskFile> {
        match &self.memory {
            None => OpenOptions::new().append(true).open(path).map(DiskFile::real),
            Some(disk) => disk.open(path).map(DiskFile::memory),
        }
    }

    /// Makes a file for appending; refuses if there is one. Its entry is durable after [`Disk::sync_folder`].
    pub fn create_new(&self, path: &Path) -> io::Result<DiskFile> {
        self.refuse_change(path)?;
        match &self.memory {
            None => OpenOptions::new().append(true).create_new(true).open(path).map(DiskFile::real),
            Some(disk) => disk.create_new(path).map(DiskFile::memory),
        }
    }

    /// Opens a file for appending, and makes it if it is not there.
    pub fn append_or_create(&self, path: &Path) -> io::Result<DiskFile> {
        if self.is_file(path) { self.append_to(path) } else { self.create_new(path) }
    }

    /// Opens a file for reading.
    pub fn open(&self, path: &Path) -> io::Result<DiskFile> {
        match &self.memory {
            None => File::open(path).map(DiskFile::real),
            Some(disk) => disk.open(path).map(DiskFile::memory),
        }
    }

    /// Reads a whole file.
    pub fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match &self.memory {
            None => fs::read(path),
            Some(disk) => disk.read(path),
        }
    }

    /// Length of a file in bytes.
    pub fn len(&self, path: &Path) -> io::Result<u64> {
        match &self.memory {
            None => fs::metadata(path).map(|metadata| metadata.len()),
            Some(disk) => disk.open(path)?.len(),
        }
    }

    /// Whether a file is there.
    pub fn is_file(&self, path: &Path) -> bool {
        self.memory.as_ref().map_or_else(|| path.is_file(), |disk| disk.is_file(path))
    }

    /// Whether a folder is there.
    pub fn is_folder(&self, path: &Path) -> bool {
        self.memory.as_ref().map_or_else(|| path.is_dir(), |disk| disk.is_folder(path))
    }

    /// What lies in a folder, sorted.
    pub fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        if let Some(disk) = &self.memory {
            return disk.list(folder);
        }
        let entries: io::Result<Vec<PathBuf>> =
            fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect();
        entries.map(|mut entries| {
            entries.sort_unstable();
            entries
        })
    }

    /// Appends bytes to an open file.
    pub fn write(&self, file: &mut DiskFile, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let allowed = self.faults.as_ref().map_or(bytes.len(), |faults| faults.write(path, bytes.len()));
        if allowed >= bytes.len() {
            return file.append(bytes);
        }
        file.append(&bytes[..allowed])?;
        Err(io::ErrorKind::StorageFull.into())
    }

    /// Makes a file's bytes and length durable.
    pub fn sync(&self, file: &DiskFile, path: &Path) -> io::Result<()> {
        if let Some(faults) = &self.faults
            && let Err(error) = faults.sync(path)
        {
            if let Opened::Virtual(file) = &file.0
                && error.kind() != io::ErrorKind::Interrupted
            {
                file.fail_sync();
            }
            return Err(error);
        }
        match &file.0 {
            Opened::Real(file) => file.sync_data(),
            Opened::Virtual(file) => file.sync(path),
        }
    }

    /// Makes the entries of a folder durable.
    pub fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        if let Some(faults) = &self.faults {
            faults.sync(folder)?;
        }
        match &self.memory {
            // Only Unix lets a folder be opened and synced; elsewhere the file system does it with the file.
            None if cfg!(unix) => File::open(folder)?.sync_all(),
            None => Ok(()),
            Some(disk) => disk.sync_folder(folder),
        }
    }

    /// Makes every file and folder below a folder durable, whichever process wrote it.
    pub fn sync_below(&self, folder: &Path) -> io::Result<()> {
        for path in self.list(folder)? {
            if self.is_folder(&path) {
                self.sync_below(&path)?;
            } else {
                self.sync(&self.append_to(&path)?, &path)?;
            }
        }
        self.sync_folder(folder)
    }

    /// Makes a folder and every missing one above it, durably.
    pub fn create_folder(&self, folder: &Path) -> io::Result<()> {
        if self.is_folder(folder) {
            return Ok(());
        }
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
        if let Some(parent) = parent {
            self.create_folder(parent)?;
        }
        self.refuse_change(folder)?;
        let made = match &self.memory {
            None => fs::create_dir(folder),
            Some(disk) => disk.create_folder(folder),
        };
        match made {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => other?,
        }
        parent.map_or(Ok(()), |parent| self.sync_folder(parent))
    }

    /// Puts a file in place whole or not at all: temporary name, sync, rename, sync of the folder.
    pub fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.replace_with(path, bytes, OpenOptions::new().append(true).create_new(true))
    }

    /// As [`Disk::replace`], and overwrites what stood there before, so that it does not stay in free blocks. Drives
    /// that write elsewhere each time (flash) and file systems that copy on write may keep it all the same.
    pub fn replace_and_blank(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let old = match &self.memory {
            None => OpenOptions::new().write(true).open(path).ok(),
            Some(_) => None,
        };
        self.replace(path, bytes)?;
        let Some(mut old) = old else { return Ok(()) };
        let len = usize::try_from(old.metadata()?.len()).map_err(io::Error::other)?;
        io::Write::write_all(&mut old, &vec![0; len])?;
        old.sync_data()
    }

    /// Puts a file in place whole or not at all, also after a power cut, readable by its owner only.
    pub fn replace_private(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.append(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        self.replace_with(path, bytes, &options)
    }

    fn replace_with(&self, path: &Path, bytes: &[u8], options: &OpenOptions) -> io::Result<()> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".tmp");
        let temporary = path.with_file_name(name);
        self.remove(&temporary)?;
        self.refuse_change(&temporary)?;
        let mut file = match &self.memory {
            None => DiskFile::real(options.open(&temporary)?),
            Some(disk) => DiskFile::memory(disk.create_new(&temporary)?),
        };
        self.write(&mut file, &temporary, bytes)?;
        self.sync(&file, &temporary)?;
        self.rename(&temporary, path)?;
        self.sync_folder(path.parent().unwrap_or(Path::new(".")))
    }

    /// Gives a file another name, over what stands there; durable after [`Disk::sync_folder`].
    pub fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.refuse_change(to)?;
        match &self.memory {
            None => fs::rename(from, to),
            Some(disk) => disk.rename(from, to),
        }
    }

    /// Removes a file; one that is not there is success. Durable after [`Disk::sync_folder`].
    pub fn remove(&self, path: &Path) -> io::Result<()> {
        self.refuse_change(path)?;
        let removed = match &self.memory {
            None => fs::remove_file(path),
            Some(disk) => disk.remove(path),
        };
        match removed {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// Cuts a file to a length, durably.
    pub fn cut(&self, path: &Path, len_bytes: u64) -> io::Result<()> {
        let file = self.append_to(path)?;
        self.set_len(&file, path, len_bytes)?;
        self.sync(&file, path)
    }

    /// Sets a file's length; durable after [`Disk::sync`].
    pub fn set_len(&self, file: &DiskFile, path: &Path, len_bytes: u64) -> io::Result<()> {
        self.refuse_change(path)?;
        match &file.0 {
            Opened::Real(file) => file.set_len(len_bytes),
            Opened::Virtual(file) => file.set_len(len_bytes),
        }
    }

    /// Takes the lock of a file, which is made if needed; nothing if another process has it.
    pub fn lock(&self, path: &Path) -> io::Result<Option<DiskLock>> {
        if let Some(disk) = &self.memory {
            return Ok(disk.lock(path).map(|lock| DiskLock { _held: Held::Virtual { _lock: lock } }));
        }
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(DiskLock { _held: Held::Real { _file: file } })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Room left for this user on the file system of `folder`, where that can be asked.
    pub fn free_bytes(&self, folder: &Path) -> Option<u64> {
        if let Some(free) = self.faults.as_ref().and_then(|faults| faults.free_bytes()) {
            return Some(free);
        }
        self.memory.as_ref().map_or_else(|| free_bytes(folder), VirtualDisk::room)
    }
}

impl DiskFile {
    fn real(file: File) -> Self {
        Self(Opened::Real(file))
    }

    fn memory(file: VirtualFile) -> Self {
        Self(Opened::Virtual(file))
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.0 {
            Opened::Real(file) => io::Write::write_all(file, bytes),
            Opened::Virtual(file) => file.append(bytes),
        }
    }

    /// Length in bytes.
    #[expect(clippy::len_without_is_empty, reason = "a file may not answer")]
    pub fn len(&self) -> io::Result<u64> {
        match &self.0 {
            Opened::Real(file) => file.metadata().map(|metadata| metadata.len()),
            Opened::Virtual(file) => file.len(),
        }
    }

    /// Fills a buffer from a place in the file; `UnexpectedEof` if the file ends before.
    pub fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        match &self.0 {
            Opened::Real(file) => read_exact_at(file, buffer, offset),
            Opened::Virtual(file) => file.read_exact_at(buffer, offset),
        }
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(not(unix))]
fn read_exact_at(mut file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    io::Seek::seek(&mut file, io::SeekFrom::Start(offset))?;
    io::Read::read_exact(&mut file, buffer)
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
        let base = if self.memory.is_some() { "Disk(in memory" } else { "Disk(files" };
        let end = if self.faults.is_some() { ", with faults)" } else { ")" };
        f.write_str(base).and_then(|()| f.write_str(end))
    }
}
