//! Photos and scans: files named by the hash of their sealed bytes.
//!
//! A blob is in place whole and synced, or not at all. A part that is still arriving lies beside it as `.part` and
//! counts only what is synced. Nothing here can open a blob.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::disk::Disk;
use crate::ids::Hash;

/// The most bytes one chunk may have.
pub const CHUNK_BYTES_MAX: usize = 256 * 1024;
/// The most bytes one blob may have.
pub const BLOB_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Why a blob cannot be kept or given.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The chunk does not start where the part ends; go on from `offset`.
    #[error("the next chunk starts at {offset}")]
    Offset {
        /// Where the part ends.
        offset: u64,
    },
    /// The bytes do not have the hash they were announced under; the part is thrown away.
    #[error("the bytes are not those of blob {0}")]
    Hash(Hash),
    /// What lies under this name has changed.
    #[error("blob {0} is damaged")]
    Damaged(Hash),
    /// Larger than any blob may be.
    #[error("a blob has at most {BLOB_BYTES_MAX} bytes, a chunk at most {CHUNK_BYTES_MAX}")]
    TooLong,
    /// The file system refused.
    #[error("{file} cannot be read or written")]
    Io {
        /// The file.
        file: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

/// Something wrong in the folder of blobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobFinding {
    /// The file.
    pub file: PathBuf,
    /// What is wrong, for people.
    pub what: &'static str,
}

/// What became of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many bytes are synced.
    Part(u64),
    /// The blob is in place.
    Whole,
}

/// A folder of blobs.
#[derive(Debug)]
pub struct Blobs {
    folder: PathBuf,
    disk: Disk,
    /// Two uploads of one blob must not both append.
    appending: Mutex<()>,
}

impl Blobs {
    /// Opens a folder of blobs; it is made if needed.
    pub fn open(folder: &Path) -> Result<Self, BlobError> {
        Self::open_on(folder, Disk::default())
    }

    /// As [`Blobs::open`], on a disk that may have faults.
    pub fn open_on(folder: &Path, disk: Disk) -> Result<Self, BlobError> {
        disk.create_folder(folder).map_err(|source| BlobError::Io { file: folder.to_owned(), source })?;
        Ok(Self { folder: folder.to_owned(), disk, appending: Mutex::new(()) })
    }

    /// Keeps sealed bytes; durable when it returns. A blob that is here already is success.
    pub fn put(&self, sealed: &[u8]) -> Result<Hash, BlobError> {
        if sealed.len() as u64 > BLOB_BYTES_MAX {
            return Err(BlobError::TooLong);
        }
        let hash = Hash::of(sealed);
        let path = self.path(&hash);
        if self.disk.is_file(&path) {
            return Ok(hash);
        }
        self.in_folder_of(&path).and_then(|()| self.disk.replace(&path, sealed)).map_err(failed(&path))?;
        Ok(hash)
    }

    /// The sealed bytes, if they are here and unchanged.
    pub fn get(&self, hash: &Hash) -> Result<Option<Vec<u8>>, BlobError> {
        let path = self.path(hash);
        match self.disk.read(&path) {
            Ok(bytes) if Hash::of(&bytes) == *hash => Ok(Some(bytes)),
            Ok(_) => Err(BlobError::Damaged(*hash)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(BlobError::Io { file: path, source }),
        }
    }

    /// Whether the blob is here, whole.
    pub fn has(&self, hash: &Hash) -> bool {
        self.disk.is_file(&self.path(hash))
    }

    /// Length of a whole blob in bytes.
    pub fn len(&self, hash: &Hash) -> Option<u64> {
        self.disk.len(&self.path(hash)).ok()
    }

    /// A piece of a whole blob, for sending; shorter at its end. The receiver verifies the whole.
    pub fn chunk(&self, hash: &Hash, offset: u64, len_max: usize) -> Result<Option<Vec<u8>>, BlobError> {
        let path = self.path(hash);
        let file = match self.disk.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(failed(&path))?,
        };
        let left = file.len().map_err(failed(&path))?.saturating_sub(offset);
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(len_max).min(CHUNK_BYTES_MAX);
        let mut bytes = vec![0; len];
        file.read_exact_at(&mut bytes, offset).map_err(failed(&path))?;
        Ok(Some(bytes))
    }

    /// How many bytes of an arriving blob are synced.
    pub fn offset(&self, hash: &Hash) -> u64 {
        self.disk.len(&self.part(hash)).unwrap_or(0)
    }

    /// Adds a chunk to an arriving blob; synced when it returns. With the last byte the hash is verified and the
    /// blob put in place. A chunk of a blob that is here already is success.
    pub fn append_chunk(
        &self,
        hash: &Hash,
        offset: u64,
        bytes: &[u8],
        len: u64,
    ) -> Result<Progress, BlobError> {
        if bytes.len() > CHUNK_BYTES_MAX
            || len > BLOB_BYTES_MAX
            || offset.saturating_add(bytes.len() as u64) > len
        {
            return Err(BlobError::TooLong);
        }
        let _alone = self.appending.lock().unwrap_or_else(PoisonError::into_inner);
        if self.has(hash) {
            return Ok(Progress::Whole);
        }
        let held = self.offset(hash);
        if held != offset {
            return Err(BlobError::Offset { offset: held });
        }
        let part = self.part(hash);
        self.append(&part, held, bytes).map_err(failed(&part))?;
        let held = held + bytes.len() as u64;
        if held < len { Ok(Progress::Part(held)) } else { self.finish(hash).map(|()| Progress::Whole) }
    }

    fn append(&self, part: &Path, held: u64, bytes: &[u8]) -> io::Result<()> {
        self.in_folder_of(part)?;
        let mut file = self.disk.append_or_create(part)?;
        let result = self.disk.write(&mut file, part, bytes).and_then(|()| self.disk.sync(&file, part));
        if result.is_err() {
            // What may not be on the disk must not count; if even this fails, the hash of the whole will tell.
            self.disk.set_len(&file, part, held)?;
        }
        result
    }

    fn finish(&self, hash: &Hash) -> Result<(), BlobError> {
        let (part, path) = (self.part(hash), self.path(hash));
        let bytes = self.disk.read(&part).map_err(failed(&part))?;
        if Hash::of(&bytes) != *hash {
            self.disk.remove(&part).map_err(failed(&part))?;
            return Err(BlobError::Hash(*hash));
        }
        self.disk.rename(&part, &path).map_err(failed(&path))?;
        self.disk.sync_folder(path.parent().unwrap_or(&self.folder)).map_err(failed(&path))
    }

    /// Destroys a blob and what has arrived of it.
    pub fn remove(&self, hash: &Hash) -> Result<(), BlobError> {
        for path in [self.path(hash), self.part(hash)] {
            self.disk.remove(&path).map_err(failed(&path))?;
        }
        Ok(())
    }

    /// Every whole blob, and everything that does not belong here.
    pub fn list(&self) -> Result<(Vec<Hash>, Vec<BlobFinding>), BlobError> {
        let (mut hashes, mut findings) = (Vec::new(), Vec::new());
        let entries = |path: &Path| self.disk.list(path).map_err(failed(path));
        for folder in entries(&self.folder)?.into_iter().filter(|path| self.disk.is_folder(path)) {
            for file in entries(&folder)? {
                let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                match name.parse::<Hash>() {
                    Ok(hash) if self.path(&hash) == file => hashes.push(hash),
                    _ if file.extension().is_some_and(|end| end == "part" || end == "tmp") => {}
                    _ => findings.push(BlobFinding { file, what: "this does not belong among the blobs" }),
                }
            }
        }
        hashes.sort_unstable();
        Ok((hashes, findings))
    }

    /// Reads every blob and names those that changed.
    pub fn verify_all(&self) -> Result<Vec<BlobFinding>, BlobError> {
        let (hashes, mut findings) = self.list()?;
        for hash in hashes {
            match self.get(&hash) {
                Ok(_) => {}
                Err(BlobError::Damaged(_)) => {
                    findings.push(BlobFinding {
                        file: self.path(&hash),
                        what: "the bytes are not those it is named by",
                    });
                }
                Err(error) => return Err(error),
            }
        }
        Ok(findings)
    }

    fn in_folder_of(&self, path: &Path) -> io::Result<()> {
        self.disk.create_folder(path.parent().unwrap_or(&self.folder))
    }

    fn path(&self, hash: &Hash) -> PathBuf {
        let name = hash.to_string();
        self.folder.join(&name[..2]).join(name)
    }

    fn part(&self, hash: &Hash) -> PathBuf {
        self.path(hash).with_extension("part")
    }
}

fn failed(path: &Path) -> impl Fn(io::Error) -> BlobError + '_ {
    |source| BlobError::Io { file: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn sample() -> (Vec<u8>, Hash) {
        let bytes: Vec<u8> = (0..1000_u32).flat_map(u32::to_le_bytes).collect();
        let hash = Hash::of(&bytes);
        (bytes, hash)
    }

    #[test]
    fn a_blob_is_kept_under_its_hash_and_checked_when_read() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let (bytes, hash) = sample();
        assert_eq!(blobs.get(&hash).unwrap(), None);
        assert_eq!(blobs.put(&bytes).unwrap(), hash);
        assert_eq!(blobs.put(&bytes).unwrap(), hash);
        assert_eq!(blobs.get(&hash).unwrap(), Some(bytes.clone()));
        assert_eq!(blobs.len(&hash), Some(bytes.len() as u64));
        assert_eq!(blobs.chunk(&hash, 3990, 100).unwrap().unwrap(), bytes[3990..]);
        assert!(blobs.verify_all().unwrap().is_empty());
        fs::write(blobs.path(&hash), b"something else").unwrap();
        assert!(matches!(blobs.get(&hash), Err(BlobError::Damaged(_))));
        assert_eq!(blobs.verify_all().unwrap().len(), 1);
        blobs.remove(&hash).unwrap();
        assert!(!blobs.has(&hash));
    }

    #[test]
    fn an_upload_goes_on_where_it_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let (bytes, hash) = sample();
        let len = bytes.len() as u64;
        for (offset, end) in [(0, 1500), (1500, 1600), (1600, 4000)] {
            let blobs = Blobs::open(folder.path()).unwrap();
            assert_eq!(blobs.offset(&hash), offset as u64);
            let wrong = blobs.append_chunk(&hash, offset as u64 + 1, b"x", len);
            assert!(matches!(wrong, Err(BlobError::Offset { offset: held }) if held == offset as u64));
            let progress = blobs.append_chunk(&hash, offset as u64, &bytes[offset..end], len).unwrap();
            let expected = if end == bytes.len() { Progress::Whole } else { Progress::Part(end as u64) };
            assert_eq!(progress, expected);
        }
        let blobs = Blobs::open(folder.path()).unwrap();
        assert_eq!(blobs.get(&hash).unwrap(), Some(bytes.clone()));
        assert_eq!(blobs.append_chunk(&hash, 0, &bytes[..10], len).unwrap(), Progress::Whole);
    }

    #[test]
    fn wrong_bytes_never_become_a_blob() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let (mut bytes, hash) = sample();
        bytes[77] ^= 1;
        assert!(matches!(blobs.append_chunk(&hash, 0, &bytes, bytes.len() as u64), Err(BlobError::Hash(_))));
        assert_eq!((blobs.has(&hash), blobs.offset(&hash)), (false, 0));
        assert!(matches!(blobs.append_chunk(&hash, 0, &bytes, 10), Err(BlobError::TooLong)));
    }
}
