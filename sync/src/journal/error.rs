//! Why a journal does not take something.

use std::sync::Arc;

use super::reader::ReadError;
use crate::chain::{ChainError, ChainNextError};

/// Nothing more is written until the process is started anew.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the journal could not be written ({reason}); it is read-only until the program is started again")]
pub struct JournalFailed {
    reason: Arc<str>,
    is_storage_full: bool,
}

impl JournalFailed {
    pub(super) fn new(error: &std::io::Error) -> Self {
        let is_storage_full = error.kind() == std::io::ErrorKind::StorageFull;
        Self { reason: error.to_string().into(), is_storage_full }
    }

    /// Whether the disk was full.
    pub fn is_storage_full(&self) -> bool {
        self.is_storage_full
    }
}

/// Why a record is not taken.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AppendError {
    /// It does not fit into the chain.
    #[error(transparent)]
    Chain(#[from] ChainNextError),
    /// The subject came from the other side, and its key has not come yet.
    #[error("the key of this subject has not come yet")]
    KeyMissing,
    /// The subject was erased.
    #[error("this subject was erased")]
    Forgotten,
    /// The disk is nearly full; nothing new is begun.
    #[error("the disk is nearly full ({free_bytes} bytes left)")]
    StorageLow {
        /// What is left.
        free_bytes: u64,
    },
    /// An earlier write failed.
    #[error(transparent)]
    Failed(#[from] JournalFailed),
}

/// Why a run is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// It does not verify.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// It continues the session that this very process writes: somebody else has this node's key.
    #[error("somebody else writes under this node's key, in its present session")]
    OwnSession,
    /// What is here could not be read for comparing.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The disk is nearly full.
    #[error("the disk is nearly full ({free_bytes} bytes left)")]
    StorageLow {
        /// What is left.
        free_bytes: u64,
    },
    /// An earlier write failed.
    #[error(transparent)]
    Failed(#[from] JournalFailed),
}

/// Why a key is not taken.
#[derive(Clone, Debug, thiserror::Error)]
pub enum KeyError {
    /// The subject was erased here.
    #[error("this subject was erased")]
    Forgotten,
    /// Another key is here already.
    #[error("another key is here for this subject")]
    Clash,
    /// An earlier write failed.
    #[error(transparent)]
    Failed(#[from] JournalFailed),
}
