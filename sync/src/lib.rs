//! Journals that carry signed, chained records between nodes, and the exchange that levels them.
//!
//! The crate knows streams, journals, records, blobs, nodes and subject keys. It knows nothing of what the records
//! say, and no database: whoever keeps records elsewhere than in files uses the pure parts ([`chain`], [`exchange`]).
//!
//! - [`ids`], [`keys`], [`seal`]: names, node keys, sealing.
//! - [`record`], [`head`], [`chain`]: the format, and how it is built and verified.
//! - [`journal`], [`subject_keys`], [`identity`]: journals, keys and the node's own key on files.
//! - [`recovery`]: the key on paper that opens a backup when the machine is gone.
//! - [`archive`]: one sealed, signed file of entries: backups and bundles.
//! - [`bundle`]: the exchange in a file that somebody carries.
//! - [`blob`]: photos and scans, by the hash of their sealed bytes.
//! - [`exchange`], [`wire`]: what two nodes send each other, and how it is written.
//! - [`disk`]: what is done to files, and a disk in memory that loses what was not synced.
//! - [`chance`]: what looks like chance and follows from a seed.
//! - [`http`], [`enrol`], [`drive`]: the exchange over HTTP, how a node becomes known, and what runs it.

pub mod archive;
pub mod blob;
pub mod bundle;
pub mod chain;
pub mod chance;
pub mod disk;
#[cfg(feature = "client")]
pub mod drive;
pub mod enrol;
pub mod exchange;
pub mod head;
pub mod http;
pub mod identity;
pub mod ids;
pub mod journal;
pub mod keys;
pub mod packing;
mod random;
pub mod record;
pub mod recovery;
pub mod seal;
pub mod subject_keys;
pub mod wire;

pub use archive::{ArchiveError, ArchiveReader, ArchiveWriter};
pub use blob::{BlobError, Blobs};
pub use chain::{Chain, ChainError, Run, Verified, verify_run};
pub use disk::{Disk, Faults};
pub use exchange::{
    Answerer, KeyGrant, Line, LineError, LineState, Message, NotTaken, Range, WhyNot, plan, plan_past,
};
pub use head::{Have, Head, Vector};
pub use identity::{Identity, IdentityError, Keep, Passphrase, Protection, Unlock};
pub use ids::{Hash, NodeId, Pos, SessionId, StoreId, StreamId, Subject};
pub use journal::{JournalReader, Journals, OpenReport, OwnStream, Signers, Standing};
pub use keys::{NodeKey, NodePublic};
pub use record::{BodyError, NewRecord, Record, SessionOpened, open_body};
pub use recovery::{NoRecoveryKey, RecoveryKey};
pub use seal::{StorageKey, SubjectKey, open_blob, seal_blob};
