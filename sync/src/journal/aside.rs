//! What was kept aside of journals: damaged parts, and groups that were being written when the power went.
//!
//! It is kept for whoever looks into the damage, and not for ever: it may hold bodies of somebody who was erased since.

use std::io;
use std::path::Path;

use super::open::ASIDE_FOLDER;
use crate::blob::{DESTROYED_AFTER_MS, changed_ms};
use crate::disk::Disk;

/// Destroys what was kept aside in a folder of journals for longer than [`DESTROYED_AFTER_MS`]; how many files that were.
/// `now_ms` is the wall clock's.
pub fn sweep_aside(folder: &Path, now_ms: i64) -> io::Result<usize> {
    let (disk, aside) = (Disk::default(), folder.join(ASIDE_FOLDER));
    if !disk.is_folder(&aside) {
        return Ok(0);
    }
    let mut destroyed = 0;
    for file in disk.list(&aside)? {
        if changed_ms(&file).is_some_and(|at_ms| now_ms.saturating_sub(at_ms) > DESTROYED_AFTER_MS) {
            disk.remove(&file)?;
            destroyed += 1;
        }
    }
    disk.sync_folder(&aside)?;
    Ok(destroyed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_aside_is_destroyed_after_a_month() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(sweep_aside(folder.path(), 0).unwrap(), 0, "nothing was ever kept aside");
        let aside = folder.path().join(ASIDE_FOLDER);
        std::fs::create_dir(&aside).unwrap();
        let part = aside.join("office_karimun-1-000001-0");
        std::fs::write(&part, b"sealed").unwrap();
        let written_ms = changed_ms(&part).unwrap();
        assert_eq!(sweep_aside(folder.path(), written_ms + DESTROYED_AFTER_MS - 1000).unwrap(), 0);
        assert!(part.exists());
        assert_eq!(sweep_aside(folder.path(), written_ms + DESTROYED_AFTER_MS + 1000).unwrap(), 1);
        assert!(!part.exists());
    }
}
