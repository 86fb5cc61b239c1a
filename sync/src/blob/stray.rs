//! Blobs that nobody names: left by a form that was refused, or by a process that ended between a picture and its fact.
//! And parts that nobody went on with.
//!
//! They are set aside first and destroyed only after a month, because a fact that names one may still be on its way: a
//! blob that turns out to be wanted is brought back.

use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use super::{ASIDE_FOLDER, BlobError, Blobs, failed, is_unfinished};
use crate::ids::Hash;

/// A blob is left alone for so long after it was written: its fact may be under way.
pub const STRAY_AFTER_MS: i64 = 24 * 60 * 60 * 1000;
/// What was set aside is destroyed after so long, and a part that nothing was added to.
pub const DESTROYED_AFTER_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Blobs set aside.
    pub aside: usize,
    /// Blobs destroyed that were set aside long ago, and parts that stayed parts.
    pub destroyed: usize,
}

impl Blobs {
    /// Sets aside every blob that is old enough and not named, and destroys what was set aside long ago and parts that
    /// nothing was added to for as long. `now_ms` is the wall clock's; `is_named` may be asked of thousands.
    pub fn sweep(&self, now_ms: i64, mut is_named: impl FnMut(&Hash) -> bool) -> Result<Swept, BlobError> {
        let mut swept = Swept::default();
        for hash in self.list()?.0 {
            let is_old = |at_ms: i64| now_ms.saturating_sub(at_ms) > STRAY_AFTER_MS;
            if changed_ms(&self.path(&hash)).is_some_and(is_old) && !is_named(&hash) {
                self.set_aside(&hash)?;
                swept.aside += 1;
            }
        }
        let aside = self.folder.join(ASIDE_FOLDER);
        let mut left = self.unfinished()?;
        if self.disk.is_folder(&aside) {
            left.extend(self.disk.list(&aside).map_err(failed(&aside))?);
        }
        // Nobody adds to a part while it is looked at.
        let _alone = self.appending.lock().unwrap_or_else(PoisonError::into_inner);
        for file in left {
            if changed_ms(&file).is_some_and(|at_ms| now_ms.saturating_sub(at_ms) > DESTROYED_AFTER_MS) {
                self.disk.remove(&file).map_err(failed(&file))?;
                swept.destroyed += 1;
            }
        }
        Ok(swept)
    }

    fn unfinished(&self) -> Result<Vec<PathBuf>, BlobError> {
        let mut files = Vec::new();
        for folder in self.blob_folders()? {
            let within = self.disk.list(&folder).map_err(failed(&folder))?;
            files.extend(within.into_iter().filter(|file| is_unfinished(file)));
        }
        Ok(files)
    }

    /// Puts a blob back that was set aside and is whole after all; whether there was one.
    pub fn bring_back(&self, hash: &Hash) -> Result<bool, BlobError> {
        let aside = self.folder.join(ASIDE_FOLDER).join(hash.to_string());
        if self.has(hash) || !self.disk.is_file(&aside) {
            return Ok(false);
        }
        let bytes = self.disk.read(&aside).map_err(failed(&aside))?;
        if Hash::of(&bytes) != *hash {
            return Ok(false);
        }
        let path = self.path(hash);
        self.in_folder_of(&path).and_then(|()| self.disk.rename(&aside, &path)).map_err(failed(&path))?;
        self.disk.sync_folder(path.parent().unwrap_or(&self.folder)).map_err(failed(&path))?;
        Ok(true)
    }
}

/// When a file was last written or moved, by the clock of its file system; nothing where that cannot be asked.
#[cfg(unix)]
pub(crate) fn changed_ms(file: &Path) -> Option<i64> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(file).ok()?;
    Some(metadata.ctime().saturating_mul(1000) + metadata.ctime_nsec() / 1_000_000)
}

#[cfg(not(unix))]
pub(crate) fn changed_ms(file: &Path) -> Option<i64> {
    let modified = std::fs::metadata(file).ok()?.modified().ok()?;
    let since = modified.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_old_and_named_by_nobody_is_swept_and_it_can_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let (named, stray) = (blobs.put(b"named").unwrap(), blobs.put(b"stray").unwrap());
        let written_ms = changed_ms(&blobs.path(&stray)).unwrap();
        let sweep = |at_ms| blobs.sweep(at_ms, |hash| *hash == named).unwrap();
        assert_eq!(sweep(written_ms + STRAY_AFTER_MS - 1000), Swept::default());
        assert_eq!(sweep(written_ms + STRAY_AFTER_MS + 60_000), Swept { aside: 1, destroyed: 0 });
        assert!(blobs.has(&named) && !blobs.has(&stray));
        assert!(blobs.bring_back(&stray).unwrap() && blobs.has(&stray));
        assert!(!blobs.bring_back(&stray).unwrap());
        sweep(written_ms + STRAY_AFTER_MS + 60_000);
        assert_eq!(sweep(written_ms + DESTROYED_AFTER_MS + 60_000), Swept { aside: 0, destroyed: 1 });
        assert!(!blobs.bring_back(&stray).unwrap());
    }

    #[test]
    fn a_part_that_nobody_goes_on_with_is_destroyed() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let hash = Hash::of(b"a picture");
        blobs.append_chunk(&hash, 0, b"a pic", 9).unwrap();
        let written_ms = changed_ms(&blobs.part(&hash)).unwrap();
        assert_eq!(blobs.sweep(written_ms + DESTROYED_AFTER_MS - 1000, |_| true).unwrap(), Swept::default());
        assert_eq!(blobs.offset(&hash), 5);
        let swept = blobs.sweep(written_ms + DESTROYED_AFTER_MS + 1000, |_| false).unwrap();
        assert_eq!((swept.destroyed, blobs.offset(&hash)), (1, 0));
    }

    #[test]
    fn what_is_damaged_does_not_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let hash = blobs.put(b"a picture").unwrap();
        std::fs::write(blobs.path(&hash), b"another one").unwrap();
        blobs.set_aside(&hash).unwrap();
        assert!(!blobs.bring_back(&hash).unwrap() && !blobs.has(&hash));
    }
}
