//! Opening sled's folder, and moving it out of the way.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use loket_sync::StorageKey;

use super::super::shared::write;
use super::note::Note;
use super::{FOLDER, KeyOf, Open, Slot, Tree};

/// Where tables that cannot be trusted are moved.
const ASIDE_FOLDER: &str = "tables.aside";
const CACHE_BYTES: u64 = 64 << 20;
const FLUSH_EVERY_MS: u64 = 500;
const LOCK_TRIES: u32 = 200;
const LOCK_PAUSE: Duration = Duration::from_millis(50);
const OPEN_TIMEOUT: Duration = Duration::from_mins(2);

/// sled could not open its folder; the tables are drawn anew.
#[derive(Debug, thiserror::Error)]
pub(in super::super) enum TreeUnusable {
    /// It said so.
    #[error("sled cannot open it: {0}")]
    Error(#[from] sled::Error),
    /// It panicked.
    #[error("sled panicked while opening it")]
    Panicked,
    /// It did not come back.
    #[error("sled did not open it within {} seconds", OPEN_TIMEOUT.as_secs())]
    Hung,
    /// The folder cannot be changed, for example to remove a snapshot that was cut short.
    #[error("their folder cannot be changed")]
    Folder(#[source] std::io::Error),
}

impl TreeUnusable {
    /// Whether there is only no room: what lies there may be sound.
    pub(in super::super) fn is_storage_full(&self) -> bool {
        match self {
            Self::Error(error) => is_full(error),
            Self::Folder(error) => error.kind() == std::io::ErrorKind::StorageFull,
            Self::Panicked | Self::Hung => false,
        }
    }
}

/// Whether sled had no room.
pub(in super::super) fn is_full(error: &sled::Error) -> bool {
    matches!(error, sled::Error::Io(error) if error.kind() == std::io::ErrorKind::StorageFull)
}

impl Tree {
    /// Opens the tree in a data folder; a panic or a hang inside sled is an answer like any other.
    pub(in super::super) fn open(dir: &Path, key: StorageKey, key_of: KeyOf) -> Result<Self, TreeUnusable> {
        Self::open_in(&dir.join(FOLDER), key, key_of)
    }

    /// Opens a tree in a folder of its own.
    pub(in super::super) fn open_in(
        folder: &Path,
        key: StorageKey,
        key_of: KeyOf,
    ) -> Result<Self, TreeUnusable> {
        let note = Note::take(folder).map_err(TreeUnusable::Folder)?;
        let folder = folder.to_owned();
        remove_unfinished_snapshots(&folder).map_err(TreeUnusable::Folder)?;
        let (answer, answered) = sync_channel(1);
        let opener = std::thread::Builder::new().name("open-tables".into()).spawn(move || {
            let open = || open_when_free(&folder).and_then(|db| Open::of(db, note));
            let opened = catch_unwind(AssertUnwindSafe(open));
            // Nobody waits any more when the time ran out: the tree is dropped with the answer.
            drop(answer.send(opened));
        });
        opener.map_err(TreeUnusable::Folder)?;
        match answered.recv_timeout(OPEN_TIMEOUT) {
            Ok(Ok(opened)) => {
                let tree = Self::away(key, key_of);
                *write(&tree.inner.slot) = Slot::Open(opened?);
                Ok(tree)
            }
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Err(TreeUnusable::Panicked),
            Err(RecvTimeoutError::Timeout) => Err(TreeUnusable::Hung),
        }
    }
}

/// Waits until sled's own threads have let go of a folder that was just closed; whether they have.
pub(in super::super) fn is_quiet(dir: &Path) -> bool {
    let Ok(file) = std::fs::File::open(dir.join(FOLDER).join("db")) else { return false };
    (0..LOCK_TRIES).any(|attempt| {
        if attempt > 0 {
            std::thread::park_timeout(LOCK_PAUSE);
        }
        file.try_lock().is_ok()
    })
}

/// Opens the folder. A tree that this very process has just closed holds its lock a moment longer: sled's own threads
/// end in their own time. Nobody else can hold it, because the journals have a lock of their own.
fn open_when_free(folder: &Path) -> Result<sled::Db, sled::Error> {
    let config = sled::Config::new()
        .path(folder)
        .cache_capacity(CACHE_BYTES)
        .flush_every_ms(Some(FLUSH_EVERY_MS))
        .use_compression(false);
    for _ in 0..LOCK_TRIES {
        match config.open() {
            Err(sled::Error::Io(error)) if error.to_string().contains("could not acquire lock") => {
                std::thread::park_timeout(LOCK_PAUSE);
            }
            opened => return opened,
        }
    }
    config.open()
}

/// sled never opens a folder that holds a snapshot which was being written when the process died.
fn remove_unfinished_snapshots(folder: &Path) -> std::io::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "generating") {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Removes tables that were moved out of the way.
pub(in super::super) fn remove_aside(dir: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(dir.join(ASIDE_FOLDER)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Moves tables that cannot be trusted out of the way; only the latest such folder is kept. Returns where they went.
pub(in super::super) fn move_aside(dir: &Path) -> std::io::Result<Option<PathBuf>> {
    let (folder, aside) = (dir.join(FOLDER), dir.join(ASIDE_FOLDER));
    if !folder.exists() {
        return Ok(None);
    }
    if aside.exists() {
        std::fs::remove_dir_all(&aside)?;
    }
    std::fs::rename(&folder, &aside)?;
    Ok(Some(aside))
}
