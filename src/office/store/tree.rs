//! The one place that names sled: a tree of sealed rows. It is a table of the journals and never the truth, so no act
//! waits for its disk (docs/decisions: the journal is the truth).
//!
//! What changes is kept in memory first and given to sled now and then, as one batch ([`Tree::spill`]), which is then
//! synced ([`Tree::settle`]). In between sled's files do not change: whatever happens to the process or the machine,
//! they hold the rows of the last settling, and the journals hold what came since. A note in the folder says so; rows that
//! are found without it are compared with their digest before anybody relies on them (docs/decisions/0023).
//!
//! A panic inside sled is an answer like any other. Rows that sled cannot give any more make the tree faulty: whoever
//! watches it is told once, and draws the rows anew while readers are told to wait.

mod note;
mod opening;
mod own;
mod pending;
mod walk;

use std::collections::BTreeSet;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use loket_sync::{StorageKey, Subject};

use super::StoreError;
use super::rows::{Changes, Row, Rows};
use super::shared::{read, write};
use super::waiting::Waiting;
use note::Note;
pub(super) use opening::{TreeUnusable, is_full, is_quiet, move_aside, remove_aside};
use own::table_letter;
pub(super) use own::{KeyOf, keys_of};
use pending::Pending;
use walk::Walk;
pub(super) use walk::Walked;

/// Name of the folder in the data folder.
pub(super) const FOLDER: &str = "tables";
/// The key of the one row about the whole.
const META_LETTER: u8 = b'm';
/// What sealing adds to a row, twice.
const SEALED_BYTES: usize = 81;
/// A row must stay below this; larger rows are what sled loses at a power cut.
pub(super) const ROW_BYTES_MAX: usize = 4096;

/// Sealed rows in sled; cloning gives another handle to the same.
#[derive(Clone)]
pub(super) struct Tree {
    inner: Arc<Inner>,
}

struct Inner {
    slot: RwLock<Slot>,
    key: StorageKey,
    /// Keys of the people rows are about.
    key_of: KeyOf,
    /// People whose keys are about to be destroyed: nothing is sealed with them any more.
    disowned: RwLock<BTreeSet<Subject>>,
    /// A row was met whose key is gone.
    has_met_unreadable: AtomicBool,
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
    Open(Open),
    /// Not here at the moment, or not any more.
    Away(Waiting),
}

/// An open folder.
#[derive(Clone)]
struct Open {
    db: sled::Db,
    /// What sled has not been given yet.
    pending: Arc<RwLock<Pending>>,
    /// How far the rows in sled were compared with their digest.
    walk: Arc<Mutex<Option<Walk>>>,
    note: Arc<Note>,
    was_settled: bool,
}

impl Open {
    fn of(db: sled::Db, note: Note) -> Result<Self, sled::Error> {
        let was_settled = note.named(&last_batch(&db)?);
        Ok(Self { db, pending: Arc::default(), walk: Arc::default(), note: Arc::new(note), was_settled })
    }

    /// Nobody changes what sled holds while this is held.
    fn walk(&self) -> MutexGuard<'_, Option<Walk>> {
        self.walk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tree {
    /// A tree whose rows are not there yet.
    pub(super) fn away(key: StorageKey, key_of: KeyOf) -> Self {
        let slot = RwLock::new(Slot::Away(Waiting::Opening));
        let (disowned, fault, watcher) = (RwLock::default(), Mutex::default(), OnceLock::new());
        let has_met_unreadable = AtomicBool::new(false);
        Self { inner: Arc::new(Inner { slot, key, key_of, disowned, has_met_unreadable, fault, watcher }) }
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

    /// Whether sled's files were as they were settled when they were opened.
    pub(super) fn was_settled(&self) -> bool {
        matches!(&*read(&self.inner.slot), Slot::Open(open) if open.was_settled)
    }

    /// Applies changes: readers see all of them from now on.
    pub(super) fn apply(&self, changes: &Changes<'_>) -> Result<(), StoreError> {
        for (key, value) in changes.iter() {
            let bytes = key.len() + value.map_or(0, |value| value.len() + SEALED_BYTES);
            if bytes >= ROW_BYTES_MAX {
                return Err(StoreError::RowTooLong { table: table_letter(key), bytes });
            }
        }
        self.guarded(|open| {
            write(&open.pending).take(changes);
            Ok(())
        })
    }

    /// Rows that sled has not been given yet.
    pub(super) fn pending(&self) -> usize {
        self.guarded(|open| Ok(read(&open.pending).len())).unwrap_or_default()
    }

    /// Gives sled what has changed, as one batch: all or nothing. Only the writer calls this.
    pub(super) fn spill(&self) -> Result<(), StoreError> {
        self.guarded(|open| {
            // Only the writer adds to it, so it does not change before it is cleared.
            let changed = read(&open.pending).all();
            if changed.is_empty() {
                return Ok(());
            }
            open.note.fall().map_err(StoreError::Folder)?;
            let mut batch = sled::Batch::default();
            let mut walk = open.walk();
            for (key, value) in &changed {
                if let Some(walk) = walk.as_mut().filter(|walk| walk.has_seen(key)) {
                    let before = open.db.get(key).map_err(StoreError::Tables)?;
                    let before = before.map(|sealed| self.unseal(key, &sealed)).transpose()?.flatten();
                    walk.changed(key, before.as_deref(), value.as_deref());
                }
                match value {
                    Some(value) => batch.insert(key.as_slice(), self.seal(key, value)?),
                    None => batch.remove(key.as_slice()),
                }
            }
            open.db.apply_batch(batch).map_err(StoreError::Tables)?;
            drop(walk);
            write(&open.pending).clear();
            Ok(())
        })
    }

    /// Waits until what sled was given is on the platter, and says so in its folder.
    pub(super) fn settle(&self) -> Result<(), StoreError> {
        self.guarded(|open| {
            open.db.flush().map_err(StoreError::Tables)?;
            let batch = last_batch(&open.db).map_err(StoreError::Tables)?;
            open.note.rise(&batch).map_err(StoreError::Folder)
        })
    }

    /// Gives sled everything and syncs it; for the end.
    pub(super) fn close(&self) -> Result<(), StoreError> {
        self.spill()?;
        self.settle()
    }

    /// Whether there is no row at all.
    pub(super) fn is_empty(&self) -> Result<bool, StoreError> {
        self.guarded(|open| Ok(open.db.is_empty() && read(&open.pending).len() == 0))
    }

    /// Shows every row whose key starts so, opened, one after the other; those that sled was not given yet at the end.
    pub(super) fn each(&self, prefix: &[u8], mut see: impl FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        self.guarded(|open| {
            let changed = read(&open.pending).under(prefix);
            for row in open.db.scan_prefix(prefix) {
                let (key, sealed) = row.map_err(StoreError::Tables)?;
                if !changed.contains_key(&*key)
                    && let Some(value) = self.unseal(&key, &sealed)?
                {
                    see(&key, &value);
                }
            }
            for (key, value) in &changed {
                if let Some(value) = value {
                    see(key, value);
                }
            }
            Ok(())
        })
    }

    /// The next rows whose keys start so and come after `after`, at most about so many; none at the end.
    pub(super) fn page(&self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Vec<Row>, StoreError> {
        self.guarded(|open| {
            let changed = read(&open.pending).under(prefix);
            let from = (Bound::Excluded(after.to_vec()), Bound::Unbounded);
            let (mut rows, mut seen, mut last) = (Vec::with_capacity(limit), 0, None);
            for row in open.db.range::<Vec<u8>, _>(from.clone()).take(limit) {
                let (key, sealed) = row.map_err(StoreError::Tables)?;
                if !key.starts_with(prefix) {
                    break;
                }
                rows.extend(self.unseal(&key, &sealed)?.map(|value| (key.to_vec(), value)));
                (seen, last) = (seen + 1, Some(key.to_vec()));
            }
            let upto = last.filter(|_| seen == limit);
            let in_page =
                changed.range(from).filter(|(key, _)| upto.as_ref().is_none_or(|upto| *key <= upto));
            Ok(pending::merged(rows, in_page.map(|(key, value)| (key.clone(), value.clone()))))
        })
    }

    /// Begins to compare the rows in sled with their digest, from the first.
    pub(super) fn begin_walk(&self) -> Result<(), StoreError> {
        self.guarded(|open| {
            *open.walk() = Some(Walk::default());
            Ok(())
        })
    }

    /// Goes on with it for so many rows; tells what they come to when all were seen. What the writer changes meanwhile
    /// is counted as it changes.
    pub(super) fn walk_on(&self, rows: usize) -> Result<Option<Walked>, StoreError> {
        self.guarded(|open| {
            let mut standing = open.walk();
            let Some(walk) = standing.as_mut() else { return Ok(None) };
            let mut seen = 0;
            for row in open.db.range::<Vec<u8>, _>(walk.rest()).take(rows) {
                let (key, sealed) = row.map_err(StoreError::Tables)?;
                walk.see(&key, self.unseal(&key, &sealed)?.as_deref());
                seen += 1;
            }
            if seen == rows {
                return Ok(None);
            }
            let meta = open.db.get([META_LETTER]).map_err(StoreError::Tables)?;
            let meta = meta.map(|sealed| self.unseal(&[META_LETTER], &sealed)).transpose()?.flatten();
            Ok(standing.take().map(|walk| Walked { digest: walk.digest(), meta }))
        })
    }

    /// Somebody has found that rows are not what they should be.
    pub(super) fn rows_were_lost(&self, why: String) {
        self.note(Fault { why, is_full: false });
    }

    /// Asks sled, which may panic; what makes the rows useless is noted.
    fn guarded<T>(&self, ask: impl FnOnce(&Open) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let open = match &*read(&self.inner.slot) {
            Slot::Open(open) => open.clone(),
            Slot::Away(waiting) => return Err(StoreError::Waiting(waiting.clone())),
        };
        let asked = catch_unwind(AssertUnwindSafe(|| ask(&open)));
        let answer = asked.unwrap_or(Err(StoreError::TablesPanicked));
        if let Err(error) = &answer
            && error.is_fault_of_tables()
        {
            self.note(Fault { why: error.told(), is_full: error.is_storage_full() });
        }
        answer
    }

    fn note(&self, noted: Fault) {
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
}

impl Rows for Tree {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.guarded(|open| {
            if let Some(changed) = read(&open.pending).get(key) {
                return Ok(changed.clone());
            }
            let sealed = open.db.get(key).map_err(StoreError::Tables)?;
            Ok(sealed.map(|sealed| self.unseal(key, &sealed)).transpose()?.flatten())
        })
    }

    fn scan(&self, prefix: &[u8]) -> Result<Vec<Row>, StoreError> {
        self.guarded(|open| {
            let changed = read(&open.pending).under(prefix);
            let rows = open.db.scan_prefix(prefix).filter_map(|row| {
                let opened = row.map_err(StoreError::Tables).and_then(|(key, sealed)| {
                    Ok(self.unseal(&key, &sealed)?.map(|value| (key.to_vec(), value)))
                });
                opened.transpose()
            });
            Ok(pending::merged(rows.collect::<Result<_, StoreError>>()?, changed))
        })
    }

    fn last(&self, prefix: &[u8]) -> Result<Option<Row>, StoreError> {
        let of_sled = self.guarded(|open| {
            let changed = read(&open.pending).under(prefix);
            if changed.values().any(Option::is_none) {
                return Ok(Err(()));
            }
            let changed = changed.into_iter().next_back().and_then(|(key, value)| Some((key, value?)));
            let row = open.db.scan_prefix(prefix).next_back();
            let row = row.transpose().map_err(StoreError::Tables)?;
            // A row that was changed since counts as it is now.
            let row = row.filter(|(key, _)| changed.as_ref().is_none_or(|(changed, _)| **changed < **key));
            let Some((key, sealed)) = row else { return Ok(Ok(changed)) };
            // One that nobody can read any more is none.
            Ok(self.unseal(&key, &sealed)?.map(|value| Some((key.to_vec(), value))).ok_or(()))
        })?;
        match of_sled {
            Ok(last) => Ok(last),
            // Rows were taken away: which is the last of the others?
            Err(()) => Ok(self.scan(prefix)?.pop()),
        }
    }
}

/// What tells the last batch that sled was given from all others: every batch writes the row about the whole anew, which
/// is sealed differently each time.
fn last_batch(db: &sled::Db) -> Result<Vec<u8>, sled::Error> {
    let meta = db.get([META_LETTER])?;
    Ok(blake3::hash(meta.as_deref().unwrap_or_default()).to_hex().as_bytes().to_vec())
}
