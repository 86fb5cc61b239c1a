//! How many acts an embedded database has committed, written down in a small file beside it after each commit.
//!
//! SQLite takes a log that was cut, or is gone, for a database on which less was done, and an older file in its place for
//! the right one. A mark that is ahead of the database says that acknowledged acts are missing. The mark is written
//! after the commit is durable and never synced itself: it may lag behind after a power cut, and is never ahead.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use sqlx::{Any, AnyConnection, Row, Transaction};

use super::error::StoreError;
use super::{Store, rows, schema};

/// Length of a mark in bytes: the count, and a check over it.
const LEN: usize = 16;

/// The mark beside a database.
#[derive(Debug)]
pub struct Mark {
    database: PathBuf,
    file: PathBuf,
}

/// What a mark says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// There is none.
    Missing,
    /// It is damaged.
    Unreadable,
    /// So many acts were committed, or more.
    Acts(u64),
}

impl Mark {
    /// The mark of the database at `url`; a server keeps checksums over its own log.
    pub fn of(url: &str) -> Option<Self> {
        let database = schema::embedded_file(url)?;
        let mut file = database.clone().into_os_string();
        file.push(".mark");
        Some(Self { database, file: file.into() })
    }

    /// The file of the database.
    pub fn database(&self) -> &Path {
        &self.database
    }

    /// Where it lies.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Reads it.
    pub fn said(&self) -> io::Result<Said> {
        match fs::read(&self.file) {
            Ok(bytes) => Ok(read(&bytes).map_or(Said::Unreadable, Said::Acts)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Said::Missing),
            Err(error) => Err(error),
        }
    }

    /// Makes one that says nothing yet, unless there is one.
    pub fn make(&self) -> io::Result<()> {
        match File::create_new(&self.file) {
            Ok(file) => {
                file.write_all_at(&bytes(0), 0)?;
                file.sync_all()
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Says that so many acts were committed, unless it says more already. A mark that was removed stays removed: that
    /// is for a check to find.
    pub(super) fn raise(&self, acts: u64) -> io::Result<()> {
        match self.said()? {
            Said::Acts(said) if said < acts => {
                File::options().write(true).open(&self.file)?.write_all_at(&bytes(acts), 0)
            }
            _ => Ok(()),
        }
    }

    /// Compares it with the database; refuses one that lacks acts.
    pub(super) fn compare(&self, held: u64) -> Result<(), StoreError> {
        match self.said().map_err(sqlx::Error::Io)? {
            Said::Acts(marked) if marked > held => {
                let mut log = self.database.clone().into_os_string();
                log.push("-wal");
                Err(StoreError::ActsMissing { log: log.into(), marked, held })
            }
            Said::Unreadable => Err(StoreError::MarkUnreadable(self.file.clone())),
            Said::Acts(_) | Said::Missing => Ok(self.raise(held).map_err(sqlx::Error::Io)?),
        }
    }
}

fn bytes(acts: u64) -> [u8; LEN] {
    let mut bytes = [0; LEN];
    bytes[..8].copy_from_slice(&acts.to_le_bytes());
    bytes[8..].copy_from_slice(&blake3::hash(&acts.to_le_bytes()).as_bytes()[..8]);
    bytes
}

fn read(found: &[u8]) -> Option<u64> {
    let acts = u64::from_le_bytes(*found.first_chunk()?);
    (found == bytes(acts)).then_some(acts)
}

impl Store {
    /// Makes an act durable, and counts it.
    pub(super) async fn commit(&self, mut tx: Transaction<'static, Any>) -> Result<(), StoreError> {
        let Some(mark) = &self.inner.mark else { return Ok(tx.commit().await?) };
        let acts = count(&mut tx).await?;
        tx.commit().await?;
        if let Err(error) = mark.raise(acts) {
            tracing::warn!(%error, "The mark beside the database could not be written; a check will find less");
        }
        Ok(())
    }
}

/// How many acts the database holds.
pub(super) async fn held(db: &mut AnyConnection) -> Result<u64, StoreError> {
    let row =
        sqlx::query("SELECT value FROM facts_of_the_store WHERE name = 'acts'").fetch_optional(db).await?;
    let Some(row) = row else { return Ok(0) };
    let value: Vec<u8> = row.try_get("value")?;
    Ok(u64::from_le_bytes(rows::fixed("facts_of_the_store", &value)?))
}

/// Counts the act that is being written; returns how many there are with it.
async fn count(db: &mut AnyConnection) -> Result<u64, StoreError> {
    let acts = held(db).await? + 1;
    sqlx::query(
        "INSERT INTO facts_of_the_store (name, value) VALUES ('acts', $1) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(acts.to_le_bytes().to_vec())
    .execute(db)
    .await?;
    Ok(acts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_only_rises_and_is_read_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let mark = Mark::of(&format!("sqlite://{}?mode=rwc", folder.path().join("a.db").display())).unwrap();
        assert_eq!(mark.file(), folder.path().join("a.db.mark"));
        assert_eq!(mark.said().unwrap(), Said::Missing);
        mark.raise(3).unwrap();
        assert_eq!(mark.said().unwrap(), Said::Missing, "it is not made by the way");
        mark.make().unwrap();
        mark.raise(5).unwrap();
        mark.raise(4).unwrap();
        mark.make().unwrap();
        assert_eq!(mark.said().unwrap(), Said::Acts(5));
        assert!(mark.compare(5).is_ok() && mark.compare(7).is_ok());
        assert!(matches!(mark.compare(6), Err(StoreError::ActsMissing { marked: 7, held: 6, .. })));
        let whole = fs::read(mark.file()).unwrap();
        for at in 0..LEN {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            fs::write(mark.file(), flipped).unwrap();
            assert_eq!(mark.said().unwrap(), Said::Unreadable);
            fs::write(mark.file(), &whole[..at]).unwrap();
            assert!(matches!(mark.compare(9), Err(StoreError::MarkUnreadable(_))));
        }
        assert!(Mark::of("postgres://loket@localhost/loket").is_none());
    }
}
