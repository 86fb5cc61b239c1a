//! A file that gets its name only when it is whole: backups and bundles.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use loket_sync::Disk;

const BUFFER_BYTES: usize = 256 * 1024;

/// Why a file is not there.
#[derive(Debug, thiserror::Error)]
pub enum NewFileError {
    /// A file is not overwritten unless asked.
    #[error("{0} exists already; --overwrite replaces it")]
    Exists(PathBuf),
    /// The file system refused.
    #[error("{file} cannot be written")]
    Io {
        /// The file.
        file: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

fn io_at(file: &Path) -> impl FnOnce(io::Error) -> NewFileError + '_ {
    |source| NewFileError::Io { file: file.to_owned(), source }
}

/// A file under a temporary name, readable by its owner only. Dropped without [`NewFile::finish`], it is gone.
pub struct NewFile {
    temporary: PathBuf,
    to: PathBuf,
    is_done: bool,
}

impl NewFile {
    /// Begins a file; refuses if there is one under its name, unless that may be replaced.
    pub fn begin(to: &Path, overwrite: bool) -> Result<(Self, BufWriter<File>), NewFileError> {
        if !overwrite && to.exists() {
            return Err(NewFileError::Exists(to.to_owned()));
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
        Ok((new, BufWriter::with_capacity(BUFFER_BYTES, file)))
    }

    /// Where it lies until it is finished.
    pub fn path(&self) -> &Path {
        &self.temporary
    }

    /// Makes what was written durable; it can be read back then.
    pub fn sync(&self, out: BufWriter<File>) -> Result<(), NewFileError> {
        let file = out.into_inner().map_err(|error| io_at(&self.temporary)(error.into_error()))?;
        file.sync_all().map_err(io_at(&self.temporary))
    }

    /// Gives it its name, durably.
    pub fn finish(mut self) -> Result<(), NewFileError> {
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
            // Half a file is none; if even this fails it is recognised by its name.
            drop(fs::remove_file(&self.temporary));
        }
    }
}
