//! The one file that names sled: a tree of sealed rows. It is a table of the journals and never the truth, so nothing
//! here waits for its disk (docs/decisions: the journal is the truth).
//!
//! A panic inside sled is an answer like any other. Rows that sled cannot give any more make the tree faulty: whoever
//! watches it is told once, and draws the rows anew while readers are told to wait.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use loket_sync::StorageKey;

use super::StoreError;
use super::rows::{Changes, Row, Rows};
use super::shared::{read, write};
use super::waiting::Waiting;

/// Name of the folder in the data folder.
pub(super) const FOLDER: &str = "tables";
/// Where tables that cannot be trusted are moved.
pub(super) const ASIDE_FOLDER: &str = "tables.aside";
/// A row must stay below this; larger rows are what sled loses at a power cut.
pub(super) const ROW_BYTES_MAX: usize = 4096;
const CACHE_BYTES: u64 = 64 << 20;
const FLUSH_EVERY_MS: u64 = 500;
const LOCK_TRIES: u32 = 200;
const LOCK_PAUSE: Duration = Duration::from_millis(50);
const OPEN_TIMEOUT: Duration = Duration::from_mins(2);

/// Sealed rows in sled; cloning gives another handle to the same.
#[derive(Clone)]
pub(super) struct Tree {
    inner: Arc<Inner>,
}

struct Inner {
    slot: RwLock<Slot>,
    key: StorageKey,
    /// What is wrong with the rows, once something is.
    fault: Mutex<Option<Fault>>,
    watcher: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

/// Why the rows cannot be used any more.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    /// In words.
    pub(super) why: String,
    /// There was only no room: what is there can be read, and nothing can be written until sled is opened anew.
    pub(super) is_full: bool,
}

/// Where the rows are.
enum Slot {
    /// Here.
    Open(sled::Db),
    /// Not here at the moment, or not any more.
    Away(Waiting),
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

impl TreeUnusable {
    /// Whether there is only no room: what lies there may be sound.
    pub(super) fn is_storage_full(&self) -> bool {
        match self {
            Self::Error(error) => is_full(error),
            Self::Snapshot(error) => error.kind() == std::io::ErrorKind::StorageFull,
            Self::Panicked | Self::Hung => false,
        }
    }
}

/// Whether sled had no room.
pub(super) fn is_full(error: &sled::Error) -> bool {
    matches!(error, sled::Error::Io(error) if error.kind() == std::io::ErrorKind::StorageFull)
}

impl Tree {
    /// A tree whose rows are not there yet.
    pub(super) fn away(key: StorageKey) -> Self {
        let slot = RwLock::new(Slot::Away(Waiting::Opening));
        Self { inner: Arc::new(Inner { slot, key, fault: Mutex::default(), watcher: OnceLock::new() }) }
    }

    /// Opens the tree in a data folder; a panic or a hang inside sled is an answer like any other.
    pub(super) fn open(dir: &Path, key: StorageKey) -> Result<Self, TreeUnusable> {
        Self::open_in(&dir.join(FOLDER), key)
    }

    /// Opens a tree in a folder of its own.
    pub(super) fn open_in(folder: &Path, key: StorageKey) -> Result<Self, TreeUnusable> {
        let folder = folder.to_owned();
        remove_unfinished_snapshots(&folder).map_err(TreeUnusable::Snapshot)?;
        let (answer, answered) = sync_channel(1);
        let opener = std::thread::Builder::new().name("open-tables".into()).spawn(move || {
            let opened = catch_unwind(AssertUnwindSafe(|| open_when_free(&folder)));
            // Nobody waits any more when the time ran out: the tree is dropped with the answer.
            drop(answer.send(opened));
        });
        opener.map_err(TreeUnusable::Snapshot)?;
        match answered.recv_timeout(OPEN_TIMEOUT) {
            Ok(Ok(opened)) => {
                let tree = Self::away(key);
                *write(&tree.inner.slot) = Slot::Open(opened?);
                Ok(tree)
            }
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Err(TreeUnusable::Panicked),
            Err(RecvTimeoutError::Timeout) => Err(TreeUnusable::Hung),
        }
    }

    /// Says who is told, once, when sled cannot give rows any more.
    pub(super) fn watch(&self, told: impl Fn() + Send + Sync + 'static) {
        // Only the first watcher counts; there is one.
        self.inner.watcher.set(Box::new(told)).unwrap_or_default();
    }

    /// What is wrong with the rows, if something is.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.inner.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the rows of another tree, which is empty afterwards; what was wrong before is over.
    pub(super) fn take_over(&self, other: &Self) {
        let taken = std::mem::replace(&mut *write(&other.inner.slot), Slot::Away(Waiting::Opening));
        *self.inner.fault.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *write(&self.inner.slot) = taken;
    }

    /// Lets go of the rows: readers are told what they wait for.
    pub(super) fn put_away(&self, waiting: Waiting) {
        *write(&self.inner.slot) = Slot::Away(waiting);
    }

    /// What readers wait for, if they have to.
    pub(super) fn waiting(&self) -> Option<Waiting> {
        match &*read(&self.inner.slot) {
            Slot::Open(_) => None,
            Slot::Away(waiting) => Some(waiting.clone()),
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
        self.guarded(|db| db.apply_batch(batch).map_err(StoreError::Tables))
    }

    /// Waits until everything is on the disk; only at a clean stop.
    pub(super) fn flush(&self) -> Result<(), StoreError> {
        self.guarded(|db| db.flush().map(drop).map_err(StoreError::Tables))
    }

    /// Whether there is no row at all.
    pub(super) fn is_empty(&self) -> Result<bool, StoreError> {
        self.guarded(|db| Ok(db.is_empty()))
    }

    /// Shows every row whose key starts so, opened, one after the other.
    pub(super) fn each(&self, prefix: &[u8], mut see: impl FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        self.guarded(|db| {
            for row in db.scan_prefix(prefix) {
                let (key, sealed) = row.map_err(StoreError::Tables)?;
                see(&key, &self.unseal(&key, &sealed)?);
            }
            Ok(())
        })
    }

    /// Asks sled, which may panic; what makes the rows useless is noted.
    fn guarded<T>(&self, ask: impl FnOnce(&sled::Db) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let db = match &*read(&self.inner.slot) {
            Slot::Open(db) => db.clone(),
            Slot::Away(waiting) => return Err(StoreError::Waiting(waiting.clone())),
        };
        let asked = catch_unwind(AssertUnwindSafe(|| ask(&db)));
        let answer = asked.unwrap_or(Err(StoreError::TablesPanicked));
        if let Err(error) = &answer
            && error.is_fault_of_tables()
        {
            self.note_fault(error);
        }
        answer
    }

    fn note_fault(&self, error: &StoreError) {
        let noted = Fault { why: error.told(), is_full: error.is_storage_full() };
        let mut fault = self.inner.fault.lock().unwrap_or_else(PoisonError::into_inner);
        // That they cannot be read is worse than that there is no room.
        if fault.as_ref().is_none_or(|before| before.is_full && !noted.is_full) {
            tracing::error!(why = noted.why, "The tables cannot be read or written");
            *fault = Some(noted);
            drop(fault);
            if let Some(told) = self.inner.watcher.get() {
                told();
            }
        }
    }

    fn seal(&self, key: &[u8], value: &[u8]) -> Result<Vec<u8>, StoreError> {
        let sealed = self.inner.key.seal(&context(key), value);
        if sealed.len() + key.len() < ROW_BYTES_MAX {
            Ok(sealed)
        } else {
            Err(StoreError::RowTooLong { table: table_letter(key), bytes: sealed.len() })
        }
    }

    fn unseal(&self, key: &[u8], sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let opened = self.inner.key.open(&context(key), sealed);
        opened.map_err(|_| StoreError::Sealed { table: table_letter(key) })
    }
}

impl Rows for Tree {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.guarded(|db| {
            let sealed = db.get(key).map_err(StoreError::Tables)?;
            sealed.map(|sealed| self.unseal(key, &sealed)).transpose()
        })
    }

    fn scan(&self, prefix: &[u8]) -> Result<Vec<Row>, StoreError> {
        self.guarded(|db| {
            let rows = db.scan_prefix(prefix).map(|row| {
                let (key, sealed) = row.map_err(StoreError::Tables)?;
                let value = self.unseal(&key, &sealed)?;
                Ok((key.to_vec(), value))
            });
            rows.collect()
        })
    }

    fn last(&self, prefix: &[u8]) -> Result<Option<Row>, StoreError> {
        self.guarded(|db| {
            let Some(row) = db.scan_prefix(prefix).next_back() else { return Ok(None) };
            let (key, sealed) = row.map_err(StoreError::Tables)?;
            let value = self.unseal(&key, &sealed)?;
            Ok(Some((key.to_vec(), value)))
        })
    }
}

/// Waits until sled's own threads have let go of a folder that was just closed; whether they have.
pub(super) fn is_quiet(dir: &Path) -> bool {
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
    match std::fs::remove_dir_all(dir.join(ASIDE_FOLDER)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Moves tables that cannot be trusted out of the way; only the latest such folder is kept. Returns where they went.
pub(super) fn move_aside(dir: &Path) -> std::io::Result<Option<PathBuf>> {
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
