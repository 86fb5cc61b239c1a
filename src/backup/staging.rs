//! The folder that a backup is unpacked into, and how it becomes the node's. It lies inside the node's folder: that may be
//! a disk's own, where nothing beside it lies on the same disk and nothing can take its name.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use loket_sync::Disk;

use super::{BackupError, folder, io_at, put_file};
use crate::config::SETTINGS_FILE;

/// Name of the folder that a backup is unpacked into, and in it of the list of what is moved up from there.
const FOLDER: &str = ".restoring";
const MOVING: &str = "moving";
/// What a fresh file system of the ext family has in its own folder.
const LOST: &str = "lost+found";

/// A folder that is being filled. Dropped before [`Staging::unveil`], nothing of it is left.
pub(super) struct Staging {
    dir: PathBuf,
    staged: PathBuf,
    /// Whether the node's folder was not there before.
    is_made: bool,
    is_moving: bool,
}

impl Staging {
    /// Begins to fill `dir`, which must be empty or not there yet.
    pub(super) fn begin(dir: &Path) -> Result<Self, BackupError> {
        let (disk, staged) = (Disk::default(), dir.join(FOLDER));
        let is_made = !disk.is_folder(dir);
        if is_made {
            folder::private_folder(dir).map_err(io_at(dir))?;
            let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
            let parent = parent.unwrap_or(Path::new("."));
            disk.sync_folder(parent).map_err(io_at(parent))?;
        }
        if !dir.join(SETTINGS_FILE).exists() {
            clear_half_unveiled(dir, &staged)?;
        }
        let is_ours =
            |entry: &PathBuf| *entry == staged || entry.file_name().is_some_and(|name| name == LOST);
        if !disk.list(dir).map_err(io_at(dir))?.iter().all(is_ours) {
            return Err(BackupError::NotEmpty(dir.to_owned()));
        }
        // What an earlier try left behind.
        remove(&staged)?;
        folder::private_folder(&staged).map_err(io_at(&staged))?;
        Ok(Self { dir: dir.to_owned(), staged, is_made, is_moving: false })
    }

    /// Where to unpack.
    pub(super) fn path(&self) -> &Path {
        &self.staged
    }

    /// Moves what was unpacked to its place, the settings last: from then on a node lies there.
    pub(super) fn unveil(mut self) -> Result<(), BackupError> {
        let (disk, dir, staged) = (Disk::default(), &self.dir, &self.staged);
        disk.sync_below(staged).map_err(io_at(staged))?;
        let name_of = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
        let mut names: Vec<String> =
            disk.list(staged).map_err(io_at(staged))?.iter().filter_map(name_of).collect();
        names.sort_by_key(|name| name == SETTINGS_FILE);
        put_file(&disk, &staged.join(MOVING), names.join("\n").as_bytes())?;
        self.is_moving = true;
        for name in &names {
            if name == SETTINGS_FILE {
                disk.sync_folder(dir).map_err(io_at(dir))?;
            }
            let to = dir.join(name);
            disk.rename(&staged.join(name), &to).map_err(io_at(&to))?;
        }
        disk.sync_folder(dir).map_err(io_at(dir))?;
        folder::only_for_owner(dir);
        remove(staged)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if self.is_moving {
            return;
        }
        // Half a node is none, and its key must not lie about.
        if let Err(error) = remove(&self.staged) {
            tracing::warn!(%error, "What was unpacked could not be taken away again");
        } else if self.is_made {
            // Somebody may have put something there meanwhile: then it stays.
            drop(fs::remove_dir(&self.dir));
        }
    }
}

/// Takes away what a try that was cut short had already moved up, and nothing else.
fn clear_half_unveiled(dir: &Path, staged: &Path) -> Result<(), BackupError> {
    let Ok(names) = fs::read_to_string(staged.join(MOVING)) else { return Ok(()) };
    names.lines().filter(|name| !name.contains('/')).try_for_each(|name| remove(&dir.join(name)))
}

fn remove(path: &Path) -> Result<(), BackupError> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(source) if source.kind() != ErrorKind::NotFound => Err(io_at(path)(source)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(staged: &Path) {
        for name in ["node.key", "journal/one", SETTINGS_FILE] {
            put_file(&Disk::default(), &staged.join(name), b"x").unwrap();
        }
    }

    fn names(dir: &Path) -> Vec<String> {
        let name = |path: PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        let mut names: Vec<_> = Disk::default().list(dir).unwrap().into_iter().map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn a_try_that_was_cut_short_is_begun_again_and_touches_nothing_of_others() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("a/b");
        let cut = Staging::begin(&dir).unwrap();
        fill(cut.path());
        // The power goes when two things are moved.
        put_file(&Disk::default(), &cut.path().join(MOVING), b"journal\nnode.key\nloket.toml").unwrap();
        for name in ["node.key", "journal"] {
            fs::rename(cut.path().join(name), dir.join(name)).unwrap();
        }
        std::mem::forget(cut);
        fs::write(dir.join("other"), "somebody's").unwrap();
        assert!(matches!(Staging::begin(&dir), Err(BackupError::NotEmpty(_))));
        assert!(dir.join("other").exists());
        fs::remove_file(dir.join("other")).unwrap();
        let again = Staging::begin(&dir).unwrap();
        assert_eq!((names(&dir), names(again.path())), (vec![FOLDER.to_owned()], Vec::new()));
        fill(again.path());
        again.unveil().unwrap();
        assert_eq!(names(&dir), ["journal", "loket.toml", "node.key"]);
        assert!(matches!(Staging::begin(&dir), Err(BackupError::NotEmpty(_))), "a node lies there");
    }

    #[test]
    fn what_was_given_up_leaves_nothing_and_a_disks_own_folder_counts_as_empty() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("new");
        fill(Staging::begin(&dir).unwrap().path());
        assert!(!dir.exists());
        fs::create_dir_all(dir.join(LOST)).unwrap();
        fill(Staging::begin(&dir).unwrap().path());
        assert_eq!(names(&dir), [LOST]);
    }
}
