//! Journals on files: the truth of a node that has no database.
//!
//! Layout: `<stream with / as _>/<session>/<number>.seg`, and `keys.seg` for the keys of subjects. One process at a
//! time, one thread that writes; any number of threads read what is committed.
//!
//! - Records and keys are gathered in memory; [`Journals::commit`] makes all of them durable with one write and one
//!   sync per touched file, keys before records. Nothing that is not durable can be read or sent.
//! - After a failed write or sync nothing more is written by this process: nobody knows what is on the disk.
//! - Own records go to the session of this process only; other sessions are continued only by what their writer signed.

mod aside;
mod beyond;
mod commit;
mod copy;
mod erase;
mod error;
mod finding;
mod frame;
mod index;
mod mark;
mod open;
mod own;
mod places;
mod reader;
mod receive;
mod reread;
mod running;
mod runs;
mod scan;
mod seen;
mod space;
mod subjects;
mod sweep;
mod verify;
mod writer;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

pub use aside::sweep_aside;
pub use copy::{COPIED_BYTES_MAX, Copied, CopyCheck, CopyError, Take};
pub use erase::EraseError;
pub use error::{AppendError, JournalFailed, KeyError, ReceiveError};
pub use finding::{Finding, What};
pub use open::{OnDamage, OpenError, OpenReport, Opening};
pub use reader::{JournalReader, ReadError, Scan, Unsent};
pub use reread::{Damaged, Reread};
pub use space::{FLOOR_BYTES, RESERVE_BYTES};
pub use verify::{Inspected, VerifyReport};

use writer::SessionWriter;

use crate::disk::{Disk, DiskLock};
use crate::head::{Have, Vector};
use crate::ids::{Hash, NodeId, Pos, SessionId, StreamId, Subject};
use crate::keys::{NodeKey, NodePublic};
use crate::seal::{StorageKey, SubjectKey};
use crate::subject_keys::SubjectKeys;

/// What a node's signature is worth at a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may sign there.
    Writer(NodePublic),
    /// It might have signed this session up to `good` records; its key was taken back.
    Revoked {
        /// Whose signature it is all the same.
        public: NodePublic,
        /// The last good position.
        good: u64,
    },
    /// Nobody let it write this stream.
    Stranger,
}

/// Knows the nodes that may sign, and up to where. A signature is judged by its position, never by a time: whoever
/// holds a stolen key can set the clock.
pub trait Signers: Sync {
    /// What the signature of this node over a session up to there is worth.
    fn standing(&self, up_to: &Have, node: &NodeId) -> Standing;

    /// The public keys of this node, if it may sign this session up to there.
    fn signer(&self, up_to: &Have, node: &NodeId) -> Option<NodePublic> {
        match self.standing(up_to, node) {
            Standing::Writer(public) => Some(public),
            Standing::Revoked { .. } | Standing::Stranger => None,
        }
    }
}

impl<F: Fn(&StreamId, &NodeId) -> Option<NodePublic> + Sync> Signers for F {
    fn standing(&self, up_to: &Have, node: &NodeId) -> Standing {
        self(&up_to.stream, node).map_or(Standing::Stranger, Standing::Writer)
    }
}

/// The stream that this node writes.
#[derive(Clone, Debug)]
pub struct OwnStream {
    /// Its name.
    pub stream: StreamId,
    /// Signs its heads.
    pub node_key: NodeKey,
    /// Seals the keys of subjects on this node's disk.
    pub storage_key: StorageKey,
    /// Name and version of the program, for the opening record.
    pub software: String,
}

/// What a received run added, once committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// The session with it.
    pub have: Have,
    /// Records that were not here before.
    pub new_records: u64,
}

/// What is durable now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// The sessions that grew, as they are now.
    pub grown: Vector,
    /// Positions of this process's own records that became durable, session opening included: from, to.
    pub own: Option<(Pos, Pos)>,
    /// Number of subject keys written.
    pub keys: usize,
}

/// The journals of a node, open for writing.
#[derive(Debug)]
pub struct Journals {
    disk: Disk,
    own: OwnStream,
    session: SessionId,
    before: Option<Have>,
    segment_bytes_max: u64,
    writers: BTreeMap<(StreamId, SessionId), SessionWriter>,
    dirty: BTreeSet<(StreamId, SessionId)>,
    key_file: SubjectKeys,
    new_keys: BTreeMap<Subject, SubjectKey>,
    /// Subjects of records whose keys are not here.
    wanted: BTreeSet<Subject>,
    new_wanted: BTreeSet<Subject>,
    /// Subjects of committed records without a body, which nobody erased here.
    bodiless: BTreeSet<Subject>,
    /// Own sessions of before: when each was opened, and after which.
    openings: BTreeMap<SessionId, (i64, Option<Have>)>,
    /// An erasure has begun and is not through: the next start looks at every body.
    is_erasing: bool,
    /// Subjects that this process's session knows.
    opened: BTreeSet<Subject>,
    new_opened: Vec<Subject>,
    space: space::Space,
    failed: Option<JournalFailed>,
    /// How far the own session is durable, for the next start.
    mark: mark::Mark,
    shared: Arc<reader::Shared>,
    /// Gone again once this process ends in order: what it wrote is synced.
    running: running::Running,
    /// Holding it keeps a second process away.
    _lock: DiskLock,
}

impl Journals {
    /// The session that this process writes.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// The folder.
    pub fn folder(&self) -> PathBuf {
        self.shared.folder.clone()
    }

    /// A handle for reading what is committed.
    pub fn reader(&self) -> JournalReader {
        JournalReader { shared: Arc::clone(&self.shared) }
    }

    /// Whether there is room for new records. Asks the file system.
    pub fn has_room(&self) -> bool {
        self.reader().has_room()
    }

    /// Why nothing is written any more, if so.
    pub fn failed(&self) -> Option<&JournalFailed> {
        self.failed.as_ref()
    }

    fn writer(&mut self, stream: StreamId, session: SessionId) -> &mut SessionWriter {
        self.writers.entry((stream, session)).or_insert_with(|| {
            let nothing = Have { stream, session, len: 0, hash: Hash::ZERO };
            SessionWriter::new(nothing, scan::End { segment: 0, len_bytes: 0, check: frame::CHECK_START })
        })
    }

    fn refuse_if_failed(&self) -> Result<(), JournalFailed> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    fn fail(&mut self, error: &std::io::Error) -> JournalFailed {
        let failed = JournalFailed::new(error);
        tracing::error!(%error, "The journal could not be written; nothing more is written until the program restarts");
        self.failed = Some(failed.clone());
        self.running.stay();
        failed
    }
}
