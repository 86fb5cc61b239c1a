//! A file that gets its name only when it is whole, and the folder of a node's own.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use loket_sync::Disk;

use super::{BackupError, READ_BUFFER_BYTES, io_at};

/// A file under a temporary name, readable by its owner only. Dropped without [`NewFile::finish`], it is gone.
pub struct NewFile {
    temporary: PathBuf,
    to: PathBuf,
    is_done: bool,
}

impl NewFile {
    /// Begins a file; refuses if there is one under its name, unless that may be replaced.
    pub fn begin(to: &Path, overwrite: bool) -> Result<(Self, BufWriter<File>), BackupError> {
        if !overwrite && to.exists() {
            return Err(BackupError::Exists(to.to_owned()));
        }
        let mut name = to.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let temporary = to.with_file_name(name);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&temporary).map_err(io_at(&temporary))?;
        let new = Self { temporary, to: to.to_owned(), is_done: false };
        Ok((new, BufWriter::with_capacity(READ_BUFFER_BYTES, file)))
    }

    /// Where it lies until it is finished.
    pub fn path(&self) -> &Path {
        &self.temporary
    }

    /// Makes what was written durable; it can be read back then.
    pub fn sync(&self, out: BufWriter<File>) -> Result<(), BackupError> {
        let file = out.into_inner().map_err(|error| io_at(&self.temporary)(error.into_error()))?;
        file.sync_all().map_err(io_at(&self.temporary))
    }

    /// Gives it its name, durably.
    pub fn finish(mut self) -> Result<(), BackupError> {
        fs::rename(&self.temporary, &self.to).map_err(io_at(&self.to))?;
        self.is_done = true;
        let parent = self.to.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        Disk::default().sync_folder(parent).map_err(io_at(parent))
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.is_done {
            // Half a backup is none; if even this fails it is recognised by its name.
            drop(fs::remove_file(&self.temporary));
        }
    }
}

/// Makes a folder that only its owner may enter, and what is missing above it.
pub(super) fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Lets its owner alone enter a folder that was there before. On a disk whose folder is somebody else's it stays as it
/// is: what lies in it is readable by its owner only, or sealed.
pub(super) fn only_for_owner(folder: &Path) {
    #[cfg(unix)]
    {
        let mode = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o700);
        if let Err(error) = fs::set_permissions(folder, mode) {
            tracing::warn!(%error, "Others may enter the restored folder");
        }
    }
    #[cfg(not(unix))]
    let _ = folder;
}
