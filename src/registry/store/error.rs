//! What can go wrong between the registry and its database.

use std::path::{Path, PathBuf};

use crate::domain::fact::UnreadableFact;

/// A read or write that did not come about. Nothing of the write was kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or did not answer. After a failed commit the outcome is unknown.
    #[error("the database did not do what it was asked")]
    Database(#[from] sqlx::Error),
    /// A row that this program cannot have written.
    #[error("table {table} holds a row that cannot be read: {what}")]
    Damaged {
        /// The table.
        table: &'static str,
        /// What is wrong with the row.
        what: String,
    },
    /// A fact that cannot be read as the kind it claims to be.
    #[error("a fact cannot be read")]
    Fact(#[from] UnreadableFact),
    /// A fact or summary that cannot be written down.
    #[error("a value cannot be encoded")]
    Encoding(#[from] serde_json::Error),
    /// A record that cannot be added to its journal.
    #[error("the record does not fit into the journal: {0}")]
    Record(String),
    /// Something was to be written about a person who was erased.
    #[error("the person was erased, and nothing more is written about them")]
    Erased,
    /// The database was made by a newer version.
    #[error("the database has schema {found}, this program knows {known}: use the newer program")]
    TooNew {
        /// What it has.
        found: i64,
        /// What we know.
        known: i64,
    },
    /// The database lacks acts that were acknowledged: its log was cut or removed, or an older file lies in its place.
    #[error(
        "{}: acknowledged acts are missing. The mark beside the database says that there were {marked}, the database \
         holds {held}: its log was cut, changed or removed, or an older database was put in its place",
        log.display()
    )]
    ActsMissing {
        /// The log, which they stood in last.
        log: PathBuf,
        /// What the mark says.
        marked: u64,
        /// What the database holds.
        held: u64,
    },
    /// The mark beside the database says nothing that can be understood.
    #[error("{0} is damaged: it says how many acts the database holds, and cannot be read")]
    MarkUnreadable(PathBuf),
    /// A backup is restored into a new database only.
    #[error("the database holds a registry already; a backup is restored into an empty one")]
    NotEmpty,
}

impl StoreError {
    /// Whether the database had no room; nothing was written, and it goes on by itself when there is some.
    pub fn is_storage_full(&self) -> bool {
        match self {
            // SQLite's SQLITE_FULL and SQLITE_IOERR_SHMSIZE (no room for the log's index), PostgreSQL's disk_full.
            Self::Database(sqlx::Error::Database(error)) => {
                error.code().is_some_and(|code| ["13", "4874", "53100"].contains(&&*code))
            }
            Self::Database(sqlx::Error::Io(error)) => error.kind() == std::io::ErrorKind::StorageFull,
            _ => false,
        }
    }

    /// Whether the database's storage failed, for another reason than room. Whether a write came about is unknown then; it
    /// is never taken for done.
    pub fn is_storage_failed(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        let code = error.code().unwrap_or_default();
        // PostgreSQL's io_error, read_only_sql_transaction, data_corrupted and index_corrupted.
        let is_postgres = ["58030", "25006", "XX001", "XX002"].contains(&&*code);
        // SQLite's SQLITE_READONLY, SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_CANTOPEN and SQLITE_NOTADB; the rest of the number
        // says at which call. A drive that fails under a database that is open may show itself by any of them.
        let is_sqlite = code.parse::<u32>().is_ok_and(|code| [8, 10, 11, 14, 26].contains(&(code & 0xff)));
        (is_postgres || (code.len() < 5 && is_sqlite)) && !self.is_storage_full()
    }

    /// Whether what was read is damaged, and not the way to it.
    pub fn is_damage(&self) -> bool {
        match self {
            // SQLite's SQLITE_CORRUPT and SQLITE_NOTADB; PostgreSQL's data_corrupted and index_corrupted.
            Self::Database(sqlx::Error::Database(error)) => {
                let code = error.code().unwrap_or_default();
                ["11", "26", "XX001", "XX002"].contains(&&*code) || code.ends_with("267")
            }
            Self::Database(error) => matches!(
                error,
                sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::RowNotFound
            ),
            Self::Damaged { .. }
            | Self::Fact(_)
            | Self::Encoding(_)
            | Self::ActsMissing { .. }
            | Self::MarkUnreadable(_) => true,
            Self::Record(_) | Self::TooNew { .. } | Self::NotEmpty | Self::Erased => false,
        }
    }

    /// The file to name.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::ActsMissing { log: file, .. } | Self::MarkUnreadable(file) => Some(file),
            _ => None,
        }
    }

    /// A row of `table` that makes no sense.
    pub fn damaged(table: &'static str, what: impl std::fmt::Display) -> Self {
        Self::Damaged { table, what: what.to_string() }
    }
}
