//! Photos and scans: files named by the hash of their sealed bytes.
//!
//! A blob is in place whole and synced, or not at all. A part that is still arriving lies beside it as `.part` and
//! counts only what is synced. A name alone proves nothing: whoever wrote it may have ended, or failed, before its folder
//! was synced. So a blob that is here already counts only after that. Nothing here can open a blob.

mod stray;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) use stray::changed_ms;
pub use stray::{DESTROYED_AFTER_MS, STRAY_AFTER_MS, Swept};

use crate::disk::Disk;
use crate::ids::Hash;
use crate::journal::FLOOR_BYTES;

/// The most bytes one chunk may have.
pub const CHUNK_BYTES_MAX: usize = 256 * 1024;
/// The most bytes one blob may have.
pub const BLOB_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Room that blobs leave to records, above the floor that records themselves respect.
const BLOB_FLOOR_BYTES: u64 = 64 * 1024 * 1024;

/// Where damaged blobs are kept, in the folder of blobs.
const ASIDE_FOLDER: &str = "aside";

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
    /// Too little room is left: what is left is for records.
    #[error("only {free_bytes} bytes are left on the disk")]
    StorageLow {
        /// How much is left.
        free_bytes: u64,
    },
    /// The file system refused.
    #[error("{file} cannot be read or written")]
    Io {
        /// The file.
        file: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

impl BlobError {
    /// Whether there was no room.
    pub fn is_storage_full(&self) -> bool {
        match self {
            Self::StorageLow { .. } => true,
            Self::Io { source, .. } => source.kind() == io::ErrorKind::StorageFull,
            _ => false,
        }
    }
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
    /// Folders that are durable themselves, as this process has seen to.
    folders: Mutex<BTreeSet<PathBuf>>,
}

impl Blobs {
    /// Opens a folder of blobs; it is made if needed.
    pub fn open(folder: &Path) -> Result<Self, BlobError> {
        Self::open_on(folder, Disk::default())
    }

    /// As [`Blobs::open`], on a disk that may have faults.
    pub fn open_on(folder: &Path, disk: Disk) -> Result<Self, BlobError> {
        disk.create_folder(folder).map_err(failed(folder))?;
        let (folder, appending, folders) = (folder.to_owned(), Mutex::default(), Mutex::default());
        Ok(Self { folder, disk, appending, folders })
    }

    /// Keeps sealed bytes; durable when it returns. A blob that is here already is success.
    pub fn put(&self, sealed: &[u8]) -> Result<Hash, BlobError> {
        if sealed.len() as u64 > BLOB_BYTES_MAX {
            return Err(BlobError::TooLong);
        }
        let hash = Hash::of(sealed);
        let path = self.path(&hash);
        if self.is_kept(&hash)? {
            return Ok(hash);
        }
        self.admit(sealed.len())?;
        self.in_folder_of(&path).and_then(|()| self.disk.replace(&path, sealed)).map_err(failed(&path))?;
        Ok(hash)
    }

    /// Whether the blob is here, whole, and a power cut would not take it: to be asked before others are told that it
    /// is here. Syncs its folder.
    pub fn is_kept(&self, hash: &Hash) -> Result<bool, BlobError> {
        Ok(!self.kept([*hash])?.is_empty())
    }

    /// Which of these blobs are here, as [`Blobs::is_kept`] says, in the same order; each folder is synced once.
    pub fn kept(&self, hashes: impl IntoIterator<Item = Hash>) -> Result<Vec<Hash>, BlobError> {
        let kept: Vec<Hash> = hashes.into_iter().filter(|hash| self.has(hash)).collect();
        let folders: BTreeSet<PathBuf> =
            kept.iter().filter_map(|hash| self.path(hash).parent().map(Path::to_owned)).collect();
        // After all were looked for: a name that came meanwhile is not counted.
        for folder in folders {
            self.make(&folder).and_then(|()| self.disk.sync_folder(&folder)).map_err(failed(&folder))?;
        }
        Ok(kept)
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

    /// Whether a blob is here and unchanged, for whoever is about to give it away. One that has changed is set aside:
    /// while it lay in its place, nobody who holds it still would bring it again.
    pub fn is_sound(&self, hash: &Hash) -> Result<bool, BlobError> {
        match self.get(hash) {
            Ok(found) => Ok(found.is_some()),
            Err(BlobError::Damaged(_)) => self.set_aside(hash).map(|()| false),
            Err(error) => Err(error),
        }
    }

    /// Whether a blob lies aside: it was damaged, or nobody named it.
    pub fn is_aside(&self, hash: &Hash) -> bool {
        self.disk.is_file(&self.folder.join(ASIDE_FOLDER).join(hash.to_string()))
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
    /// blob put in place. A chunk of a blob that is here already is success. A part that is longer than the whole is
    /// thrown away: it would never be one.
    pub fn append_chunk(
        &self,
        hash: &Hash,
        offset: u64,
        bytes: &[u8],
        len: u64,
    ) -> Result<Progress, BlobError> {
        if bytes.len() > CHUNK_BYTES_MAX || len > BLOB_BYTES_MAX {
            return Err(BlobError::TooLong);
        }
        let _alone = self.appending.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_kept(hash)? {
            return Ok(Progress::Whole);
        }
        let held = self.offset(hash);
        if held > len {
            let part = self.part(hash);
            self.disk.remove(&part).map_err(failed(&part))?;
            return Err(BlobError::Offset { offset: 0 });
        }
        if offset.saturating_add(bytes.len() as u64) > len {
            return Err(BlobError::TooLong);
        }
        if held != offset {
            return Err(BlobError::Offset { offset: held });
        }
        self.admit(bytes.len())?;
        let part = self.part(hash);
        self.append(&part, held, bytes).map_err(failed(&part))?;
        let held = held + bytes.len() as u64;
        if held < len { Ok(Progress::Part(held)) } else { self.finish(hash).map(|()| Progress::Whole) }
    }

    /// Refuses what would take the room that records keep for themselves.
    fn admit(&self, len_bytes: usize) -> Result<(), BlobError> {
        match self.disk.free_bytes(&self.folder) {
            Some(free_bytes) if free_bytes < FLOOR_BYTES + BLOB_FLOOR_BYTES + len_bytes as u64 => {
                Err(BlobError::StorageLow { free_bytes })
            }
            _ => Ok(()),
        }
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

    /// Destroys a blob and what has arrived of it. It is gone for good when this returns: whoever is erased next loses
    /// the key too, and nobody would look for a picture that a power cut brought back.
    pub fn remove(&self, hash: &Hash) -> Result<(), BlobError> {
        let aside = self.folder.join(ASIDE_FOLDER).join(hash.to_string());
        for path in [self.path(hash), self.part(hash), aside] {
            if self.disk.is_file(&path) {
                self.disk.remove(&path).map_err(failed(&path))?;
                self.disk.sync_folder(path.parent().unwrap_or(&self.folder)).map_err(failed(&path))?;
            }
        }
        Ok(())
    }

    /// Takes a damaged blob out of its place, so that it is fetched again; what it was is kept aside.
    pub fn set_aside(&self, hash: &Hash) -> Result<(), BlobError> {
        let (path, aside) = (self.path(hash), self.folder.join(ASIDE_FOLDER));
        self.disk.create_folder(&aside).map_err(failed(&aside))?;
        match self.disk.rename(&path, &aside.join(hash.to_string())) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            renamed => renamed.map_err(failed(&path))?,
        }
        self.disk.sync_folder(path.parent().unwrap_or(&self.folder)).map_err(failed(&path))
    }

    /// Where a blob lies or would lie.
    pub fn file(&self, hash: &Hash) -> PathBuf {
        self.path(hash)
    }

    /// Every whole blob, and everything that does not belong here.
    pub fn list(&self) -> Result<(Vec<Hash>, Vec<BlobFinding>), BlobError> {
        let (mut hashes, mut findings) = (Vec::new(), Vec::new());
        for folder in self.blob_folders()? {
            for file in self.disk.list(&folder).map_err(failed(&folder))? {
                let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                match name.parse::<Hash>() {
                    Ok(hash) if self.path(&hash) == file => hashes.push(hash),
                    _ if is_unfinished(&file) => {}
                    _ => findings.push(BlobFinding { file, what: "this does not belong among the blobs" }),
                }
            }
        }
        hashes.sort_unstable();
        Ok((hashes, findings))
    }

    fn blob_folders(&self) -> Result<Vec<PathBuf>, BlobError> {
        let is_aside = |path: &PathBuf| path.file_name().is_some_and(|name| name == ASIDE_FOLDER);
        let mut folders = self.disk.list(&self.folder).map_err(failed(&self.folder))?;
        folders.retain(|path| self.disk.is_folder(path) && !is_aside(path));
        Ok(folders)
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
        self.make(path.parent().unwrap_or(&self.folder))
    }

    /// Makes a folder of blobs, durably: one that is there may have been made by a process that ended before it was.
    fn make(&self, folder: &Path) -> io::Result<()> {
        if self.folders().contains(folder) {
            return Ok(());
        }
        self.disk.create_folder(folder)?;
        self.disk.sync_folder(&self.folder)?;
        self.folders().insert(folder.to_owned());
        Ok(())
    }

    fn folders(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, hash: &Hash) -> PathBuf {
        let name = hash.to_string();
        self.folder.join(&name[..2]).join(name)
    }

    fn part(&self, hash: &Hash) -> PathBuf {
        self.path(hash).with_extension("part")
    }
}

/// A part, or a file that a process was writing when it ended.
fn is_unfinished(file: &Path) -> bool {
    file.extension().is_some_and(|end| end == "part" || end == "tmp")
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
    fn the_room_that_records_keep_is_not_taken() {
        struct Left(u64);
        impl crate::disk::Faults for Left {
            fn free_bytes(&self) -> Option<u64> {
                Some(self.0)
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let (bytes, hash) = sample();
        let keep = |left| {
            let disk = Disk::with_faults(std::sync::Arc::new(Left(left)));
            let blobs = Blobs::open_on(folder.path(), disk).unwrap();
            (blobs.append_chunk(&hash, 0, &bytes[..10], bytes.len() as u64), blobs.put(&bytes))
        };
        let enough = FLOOR_BYTES + BLOB_FLOOR_BYTES + bytes.len() as u64;
        let (appended, put) = keep(FLOOR_BYTES + BLOB_FLOOR_BYTES);
        assert!(appended.unwrap_err().is_storage_full() && put.unwrap_err().is_storage_full());
        let blobs = Blobs::open(folder.path()).unwrap();
        assert_eq!((blobs.has(&hash), blobs.offset(&hash)), (false, 0));
        let (appended, put) = keep(enough);
        assert!(appended.is_ok() && put.is_ok());
    }

    #[test]
    fn a_damaged_blob_is_set_aside_and_can_come_again() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let (bytes, hash) = sample();
        blobs.put(&bytes).unwrap();
        fs::write(blobs.file(&hash), b"something else").unwrap();
        blobs.set_aside(&hash).unwrap();
        assert!(!blobs.has(&hash) && blobs.list().unwrap().0.is_empty());
        assert!(blobs.list().unwrap().1.is_empty(), "what was set aside is no stranger");
        blobs.set_aside(&hash).unwrap();
        blobs.put(&bytes).unwrap();
        assert_eq!(blobs.get(&hash).unwrap(), Some(bytes));
        blobs.remove(&hash).unwrap();
        assert_eq!(fs::read_dir(folder.path().join(ASIDE_FOLDER)).unwrap().count(), 0);
    }

    /// Fails the syncs of folders while it stands.
    #[derive(Clone, Default)]
    struct NoFolders(std::sync::Arc<std::sync::atomic::AtomicBool>);

    impl crate::disk::Faults for NoFolders {
        fn sync(&self, path: &Path) -> io::Result<()> {
            let is_folder = path.as_os_str().len() < 20;
            if is_folder && self.0.load(std::sync::atomic::Ordering::SeqCst) {
                return Err(io::Error::other("the drive does not answer"));
            }
            Ok(())
        }
    }

    /// What a retry says to be here is here after every power cut, though syncs of folders failed before.
    fn a_retry_is_durable(keep: impl Fn(&Blobs, &[u8]) -> bool) {
        let (bytes, hash) = sample();
        for seed in 0..40 {
            let (memory, faults) = (crate::disk::virtual_disk::VirtualDisk::new(), NoFolders::default());
            let disk = Disk::in_memory(memory.clone()).failing(std::sync::Arc::new(faults.clone()));
            let open = || Blobs::open_on(Path::new("/blobs"), disk.clone()).unwrap();
            let blobs = open();
            if seed % 4 < 2 {
                blobs.append_chunk(&hash, 0, &bytes[..100], bytes.len() as u64).unwrap();
            }
            faults.0.store(true, std::sync::atomic::Ordering::SeqCst);
            for _ in 0..3 {
                assert!(!keep(&blobs, &bytes), "nothing is said to be here while folders cannot be synced");
            }
            faults.0.store(false, std::sync::atomic::Ordering::SeqCst);
            let blobs = if seed % 2 == 0 { open() } else { blobs };
            assert!(keep(&blobs, &bytes));
            memory.power_cut(seed);
            assert!(open().get(&hash).unwrap().as_ref() == Some(&bytes), "gone with seed {seed}");
        }
    }

    #[test]
    fn a_blob_whose_name_may_not_be_durable_is_not_said_to_be_here() {
        a_retry_is_durable(|blobs, bytes| blobs.put(bytes).is_ok());
        a_retry_is_durable(|blobs, bytes| {
            blobs.put(bytes).is_ok() || blobs.is_kept(&Hash::of(bytes)).unwrap_or(false)
        });
        a_retry_is_durable(|blobs, bytes| {
            let (hash, len) = (Hash::of(bytes), bytes.len() as u64);
            let at = blobs.offset(&hash);
            let rest = &bytes[usize::try_from(at).unwrap()..];
            matches!(blobs.append_chunk(&hash, at, rest, len), Ok(Progress::Whole))
        });
    }

    #[test]
    fn a_part_that_is_longer_than_the_whole_is_thrown_away() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let (bytes, hash) = sample();
        let len = bytes.len() as u64;
        blobs.append_chunk(&hash, 0, &[7; 5000], 9000).unwrap();
        let refused = blobs.append_chunk(&hash, blobs.offset(&hash), b"", len);
        assert!(matches!(refused, Err(BlobError::Offset { offset: 0 })), "{refused:?}");
        assert_eq!(blobs.append_chunk(&hash, 0, &bytes, len).unwrap(), Progress::Whole);
    }

    #[test]
    fn a_blob_that_has_changed_is_not_given_away_and_makes_room_for_a_good_copy() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let (bytes, hash) = sample();
        assert!(!blobs.is_sound(&hash).unwrap(), "it is not here");
        blobs.put(&bytes).unwrap();
        assert!(blobs.is_sound(&hash).unwrap());
        fs::write(blobs.file(&hash), b"something else").unwrap();
        assert!(!blobs.is_sound(&hash).unwrap());
        assert!(!blobs.has(&hash) && blobs.is_aside(&hash), "whoever holds it can bring it again");
        let len = bytes.len() as u64;
        assert_eq!(blobs.append_chunk(&hash, 0, &bytes, len).unwrap(), Progress::Whole);
        assert!(blobs.is_sound(&hash).unwrap());
    }

    #[test]
    fn what_was_destroyed_does_not_come_back_after_a_power_cut() {
        for seed in 0..16 {
            let memory = crate::disk::virtual_disk::VirtualDisk::new();
            let open = || Blobs::open_on(Path::new("/blobs"), Disk::in_memory(memory.clone())).unwrap();
            let hash = open().put(b"a face").unwrap();
            open().remove(&hash).unwrap();
            memory.power_cut(seed);
            assert!(!open().has(&hash), "seed {seed}");
        }
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
