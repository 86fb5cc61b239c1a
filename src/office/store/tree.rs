//! The one file that names sled: a tree of sealed rows. It is a table of the journals and never the truth, so nothing
//! here waits for its disk (docs/decisions: the journal is the truth).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use loket_sync::StorageKey;

use super::StoreError;
use super::rows::{Changes, Row, Rows};

/// Name of the folder in the data folder.
pub(super) const FOLDER: &str = "tables";
/// Where tables go that are not trusted.
const ASIDE: &str = "tables.aside";
/// A row must stay below this; larger rows are what sled loses at a power cut.
pub(super) const ROW_BYTES_MAX: usize = 4096;
const CACHE_BYTES: u64 = 64 << 20;
const FLUSH_EVERY_MS: u64 = 500;
const LOCK_TRIES: u32 = 200;
const LOCK_PAUSE: Duration = Duration::from_millis(50);
const OPEN_TIMEOUT: Duration = Duration::from_mins(2);

/// Sealed rows in sled.
#[derive(Clone)]
pub(super) struct Tree {
    tree: sled::Db,
    key: StorageKey,
}

/// sled could not open its folder; the tables are drawn anew.
#[derive(Debug, thiserror::Error)]
pub(super) enum TreeUnusable {
    /// It said so.
    #[error("sled cannot open it: {0}")]
    Error(#[from] sled::Error),
    /// It panicked.
    #[error("sled panicked while opening it")]
    Panicked,
    /// It did not come back.
    #[error("sled did not open it within {} seconds", OPEN_TIMEOUT.as_secs())]
    Hung,
    /// A snapshot that was cut short could not be removed.
    #[error("an unfinished snapshot cannot be removed")]
    Snapshot(#[source] std::io::Error),
}

impl Tree {
    /// Opens the tree in a data folder; a panic or a hang inside sled is an answer like any other.
    pub(super) fn open(dir: &Path, key: StorageKey) -> Result<Self, TreeUnusable> {
        let folder = dir.join(FOLDER);
        remove_unfinished_snapshots(&folder).map_err(TreeUnusable::Snapshot)?;
        let (answer, answered) = sync_channel(1);
        let opener = std::thread::Builder::new().name("open-tables".into()).spawn(move || {
            let opened = catch_unwind(AssertUnwindSafe(|| open_when_free(&folder)));
            // Nobody waits any more when the time ran out: the tree is dropped with the answer.
            drop(answer.send(opened));
        });
        opener.map_err(TreeUnusable::Snapshot)?;
        match answered.recv_timeout(OPEN_TIMEOUT) {
            Ok(Ok(opened)) => Ok(Self { tree: opened?, key }),
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Err(TreeUnusable::Panicked),
            Err(RecvTimeoutError::Timeout) => Err(TreeUnusable::Hung),
        }
    }

    /// Applies changes and other rows as one batch: all or nothing.
    pub(super) fn apply(&self, changes: &Changes<'_>) -> Result<(), StoreError> {
        let mut batch = sled::Batch::default();
        for (key, value) in changes.iter() {
            match value {
                Some(value) => batch.insert(key.as_slice(), self.seal(key, value)?),
                None => batch.remove(key.as_slice()),
            }
        }
        self.tree.apply_batch(batch).map_err(StoreError::Tables)
    }

    /// Waits until everything is on the disk; only at a clean stop.
    pub(super) fn flush(&self) -> Result<(), StoreError> {
        self.tree.flush().map(drop).map_err(StoreError::Tables)
    }

    /// Whether there is no row at all.
    pub(super) fn is_empty(&self) -> bool {
        self.tree.is_empty()
    }

    /// Every row, opened, one after the other.
    pub(super) fn all(&self) -> impl Iterator<Item = Result<Row, StoreError>> + '_ {
        self.tree.iter().map(|row| {
            let (key, sealed) = row.map_err(StoreError::Tables)?;
            let value = self.unseal(&key, &sealed)?;
            Ok((key.to_vec(), value))
        })
    }

    fn seal(&self, key: &[u8], value: &[u8]) -> Result<Vec<u8>, StoreError> {
        let sealed = self.key.seal(&context(key), value);
        if sealed.len() + key.len() < ROW_BYTES_MAX {
            Ok(sealed)
        } else {
            Err(StoreError::RowTooLong { table: table_letter(key), bytes: sealed.len() })
        }
    }

    fn unseal(&self, key: &[u8], sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.key.open(&context(key), sealed).map_err(|_| StoreError::Sealed { table: table_letter(key) })
    }
}

impl Rows for Tree {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let sealed = self.tree.get(key).map_err(StoreError::Tables)?;
        sealed.map(|sealed| self.unseal(key, &sealed)).transpose()
    }

    fn scan(&self, prefix: &[u8]) -> Result<Vec<Row>, StoreError> {
        let rows = self.tree.scan_prefix(prefix).map(|row| {
            let (key, sealed) = row.map_err(StoreError::Tables)?;
            let value = self.unseal(&key, &sealed)?;
            Ok((key.to_vec(), value))
        });
        rows.collect()
    }

    fn last(&self, prefix: &[u8]) -> Result<Option<Row>, StoreError> {
        let Some(row) = self.tree.scan_prefix(prefix).next_back() else { return Ok(None) };
        let (key, sealed) = row.map_err(StoreError::Tables)?;
        let value = self.unseal(&key, &sealed)?;
        Ok(Some((key.to_vec(), value)))
    }
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

fn table_letter(key: &[u8]) -> char {
    key.first().map_or('?', |letter| char::from(*letter))
}

/// A value is bound to its table and key, so that sealed values cannot be swapped.
fn context(key: &[u8]) -> Vec<u8> {
    [b"loket table row ".as_slice(), key].concat()
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
pub(super) fn remove_aside(dir: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(dir.join(ASIDE)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Moves tables that cannot be trusted out of the way; only the latest such folder is kept. Returns where they went.
pub(super) fn move_aside(dir: &Path) -> std::io::Result<Option<PathBuf>> {
    let (folder, aside) = (dir.join(FOLDER), dir.join(ASIDE));
    if !folder.exists() {
        return Ok(None);
    }
    if aside.exists() {
        std::fs::remove_dir_all(&aside)?;
    }
    std::fs::rename(&folder, &aside)?;
    Ok(Some(aside))
}
