//! What the writer and all readers share.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use loket_sync::exchange::NotTaken;
use loket_sync::{Blobs, Have, JournalReader, NodePublic, SessionId, StorageKey, StreamId, Subject};
use tokio::sync::{mpsc, watch};

use super::index::Index;
use super::link::{LineOrder, LinkAlarm, LinkState};
use super::project::Here;
use super::tree::Tree;
use crate::clock::Clock;
use crate::domain::node::Nodes;
use crate::domain::office::Office;

/// What the writer and all readers share.
pub(super) struct Shared {
    /// The data folder.
    pub(super) dir: PathBuf,
    pub(super) office: Office,
    pub(super) registry: Option<NodePublic>,
    pub(super) key: StorageKey,
    pub(super) own_stream: StreamId,
    /// The session that this process writes.
    pub(super) process: SessionId,
    pub(super) own_subject: Subject,
    /// This node's own keys.
    pub(super) own_public: NodePublic,
    pub(super) tree: Tree,
    pub(super) reader: JournalReader,
    pub(super) blobs: Arc<Blobs>,
    pub(super) index: RwLock<Index>,
    pub(super) peer: RwLock<Vec<Have>>,
    /// Who may sign what, as headquarters' facts say.
    pub(super) nodes: RwLock<Arc<Nodes>>,
    /// What came and was not taken.
    pub(super) refused: RwLock<Vec<NotTaken>>,
    pub(super) link: RwLock<LinkState>,
    pub(super) line_orders: RwLock<Option<mpsc::Sender<LineOrder>>>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) read_only: RwLock<Option<Arc<str>>>,
    /// The writer has ended: nothing is written any more.
    pub(super) has_ended: AtomicBool,
    /// The journals are being read again.
    pub(super) is_doubted: AtomicBool,
    pub(super) changes: watch::Sender<u64>,
}

impl Shared {
    /// Where projections stand.
    pub(super) fn here(&self) -> Here<'_> {
        Here { office: &self.office, key: &self.key }
    }

    /// Says on every screen that a person must look at something, once.
    pub(super) fn alarm(&self, what: LinkAlarm) {
        let mut link = write(&self.link);
        if !link.alarms.contains(&what) {
            tracing::error!(?what, "A person must look at what headquarters sent or this office keeps");
            link.alarms.push(what);
            drop(link);
            self.changed();
        }
    }

    /// Says that records lack their bodies although nobody is known to be erased; takes it back when that is over: while
    /// an erasure is on its way, its records may come before it.
    pub(super) fn note_bodies_missing(&self, subjects: usize) {
        if subjects > 0 {
            return self.alarm(LinkAlarm::BodiesMissing);
        }
        let mut link = write(&self.link);
        let before = link.alarms.len();
        link.alarms.retain(|alarm| *alarm != LinkAlarm::BodiesMissing);
        let is_over = link.alarms.len() < before;
        drop(link);
        if is_over {
            self.changed();
        }
    }

    /// Wakes live pages.
    pub(super) fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }
}

/// Reads; a writer that panicked has left whole values behind, because each change is one assignment.
pub(super) fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

/// Writes; see [`read`].
pub(super) fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
