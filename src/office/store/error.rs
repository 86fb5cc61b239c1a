//! What can go wrong with the office's memory.

use loket_sync::Pos;
use loket_sync::journal::ReadError;

use super::tree;
use super::waiting::Waiting;

/// The store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The journals do not open.
    #[error("the journals do not open")]
    Journals(#[from] loket_sync::journal::OpenError),
    /// The tables know of facts that the journals do not hold: acknowledged facts are gone. A person must look.
    #[error(
        "the tables are ahead of the journals: {0} are missing. They were acknowledged. If you have a backup of the \
         folder, look there first; `loket check --heal` lets this node go on without them, and headquarters hands back \
         what it has of them"
    )]
    Ahead(String),
    /// The writer's thread could not be started.
    #[error("the writer cannot be started")]
    Thread(#[source] std::io::Error),
    /// The folder of pictures cannot be used.
    #[error("the folder of pictures cannot be used")]
    Pictures(#[from] loket_sync::blob::BlobError),
    /// Something else.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OpenError {
    /// Whether there was only no room: it is tried again.
    pub(super) fn is_storage_full(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_storage_full())
    }
}

/// The store could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// sled said so.
    #[error("the tables cannot be used")]
    Tables(#[source] sled::Error),
    /// sled panicked.
    #[error("the tables cannot be used: sled panicked")]
    TablesPanicked,
    /// The tables are not there at the moment.
    #[error("the tables are not there: {0}")]
    Waiting(Waiting),
    /// sled does not open even an empty folder.
    #[error("the tables cannot be opened: {0}")]
    Unusable(String),
    /// There is no room to open or draw the tables.
    #[error("there is no room for the tables")]
    NoRoom,
    /// The folder of the tables could not be moved.
    #[error("the folder of the tables cannot be changed")]
    Folder(#[source] std::io::Error),
    /// A value that cannot be read or written.
    #[error("a row of table {table} cannot be read")]
    Row {
        /// Which table.
        table: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// A value does not open: it was changed, or belongs to another key.
    #[error("a row of table {table} does not open")]
    Sealed {
        /// The table's letter.
        table: char,
    },
    /// A key that is not of its table.
    #[error("a key of table {table} is malformed")]
    Key {
        /// Which table.
        table: &'static str,
    },
    /// A row larger than sled keeps safely.
    #[error("a row of table {table} would have {bytes} bytes")]
    RowTooLong {
        /// The table's letter.
        table: char,
        /// How many.
        bytes: usize,
    },
    /// A record that the tables know is not in the journal.
    #[error("record {0} is missing from the journal")]
    Missing(Pos),
    /// The journal could not be read.
    #[error("the journal cannot be read")]
    Journal(#[from] ReadError),
    /// A fact could not be put into bytes.
    #[error("a fact cannot be written")]
    Fact(#[source] serde_json::Error),
    /// A fact larger than a record may be.
    #[error("a fact would have {bytes} bytes")]
    FactTooLong {
        /// How many.
        bytes: usize,
    },
    /// A record was not taken.
    #[error("a record cannot be chained")]
    Append(#[source] loket_sync::chain::ChainNextError),
    /// The office's code does not fit into the name of a stream.
    #[error("the office's code cannot name a stream")]
    Stream(#[source] loket_sync::ids::IdError),
    /// A folder or file could not be read.
    #[error("the data folder cannot be read")]
    Io(#[from] std::io::Error),
}

impl StoreError {
    /// Whether the tables must be drawn anew, because sled cannot give or take rows any more.
    pub(super) fn is_fault_of_tables(&self) -> bool {
        matches!(self, Self::Tables(_) | Self::TablesPanicked | Self::Sealed { .. })
    }

    /// Whether there was no room for the tables.
    pub(super) fn is_storage_full(&self) -> bool {
        match self {
            Self::Tables(error) => tree::is_full(error),
            Self::Folder(error) | Self::Io(error) => error.kind() == std::io::ErrorKind::StorageFull,
            Self::NoRoom | Self::Waiting(Waiting::NoRoom) => true,
            _ => false,
        }
    }

    /// Whether the storage cannot be read or written, for another reason than that it is full.
    pub fn is_storage_failed(&self) -> bool {
        match self {
            Self::Tables(sled::Error::Io(_)) | Self::Folder(_) | Self::Io(_) => !self.is_storage_full(),
            Self::Journal(ReadError::Io { .. }) => true,
            _ => false,
        }
    }

    /// The error with what it comes from.
    pub(super) fn told(&self) -> String {
        let mut told = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            told = format!("{told}: {cause}");
            source = cause.source();
        }
        told
    }
}
