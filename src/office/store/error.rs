//! What can go wrong with the office's memory.

use loket_sync::Pos;

/// The store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The journals do not open.
    #[error("the journals do not open")]
    Journals(#[from] loket_sync::journal::OpenError),
    /// The tables know of facts that the journals do not hold: acknowledged facts are gone. A person must look.
    #[error(
        "the tables are ahead of the journals: {0}. Acknowledged facts are missing; restore the journal folder from a \
         backup, or enrol this node anew so that headquarters hands them back"
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

/// The store could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// sled said so.
    #[error("the tables cannot be used")]
    Tables(#[source] sled::Error),
    /// sled does not open even an empty folder.
    #[error("the tables cannot be opened: {0}")]
    Unusable(String),
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
    Journal(#[from] loket_sync::journal::ReadError),
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
