//! Finding damage in the database, and taking out what is damaged so that the other side can hand it back.
//!
//! What was taken out is written down until it has come back: a registry never pretends to be whole.

use std::path::Path;

use loket_sync::{Have, SessionId, StreamId, Subject};
use sqlx::Row;

use super::error::StoreError;
use super::schema::Dialect;
use super::writing::Writing;
use super::{Mark, Store, journal, rows};
use crate::domain::damage::MissingRecords;

/// Names of notes about records that were taken out.
const MISSING: &str = "missing ";
/// More faults than this nobody reads.
const FAULTS_MAX: usize = 20;

impl Store {
    /// The file that everything lies in, if it is one.
    pub fn file(&self) -> Option<&Path> {
        self.inner.mark.as_ref().map(Mark::database)
    }

    /// What the database itself finds wrong with its pages and indexes: also rows that differ from their second copy
    /// (`migrations/`). PostgreSQL keeps checksums of its own, if it was told to.
    pub async fn page_faults(&self) -> Result<Vec<String>, StoreError> {
        if self.inner.dialect != Dialect::Sqlite {
            return Ok(Vec::new());
        }
        let found = sqlx::query("PRAGMA integrity_check").fetch_all(&self.inner.pool).await?;
        let texts = found.iter().map(|row| row.try_get::<String, _>(0)).collect::<Result<Vec<_>, _>>()?;
        Ok(texts.into_iter().filter(|text| text != "ok").take(FAULTS_MAX).collect())
    }

    /// Subjects whose keys do not open.
    pub async fn damaged_keys(&self) -> Result<Vec<Subject>, StoreError> {
        let mut db = self.inner.pool.acquire().await?;
        let found =
            sqlx::query("SELECT subject FROM subject_keys ORDER BY subject").fetch_all(&mut *db).await?;
        let mut damaged = Vec::new();
        for row in &found {
            let bytes: Vec<u8> = row.try_get("subject")?;
            let subject = Subject::from_bytes(rows::fixed("subject_keys", &bytes)?);
            if let Err(error) = journal::subject_key(&mut db, &self.inner.storage_key, subject).await {
                if !error.is_damage() {
                    return Err(error);
                }
                damaged.push(subject);
            }
        }
        Ok(damaged)
    }

    /// Records that were taken out and have not come back.
    pub async fn missing_records(&self) -> Result<Vec<MissingRecords>, StoreError> {
        let found = sqlx::query("SELECT name, value FROM facts_of_the_store ORDER BY name")
            .fetch_all(&self.inner.pool)
            .await?;
        let mut missing = Vec::new();
        for row in &found {
            let (name, value): (String, Vec<u8>) = (row.try_get("name")?, row.try_get("value")?);
            let Some((stream, session)) = name.strip_prefix(MISSING).and_then(|it| it.split_once(' ')) else {
                continue;
            };
            let wrong = || StoreError::damaged("facts_of_the_store", "a note that makes no sense");
            let to = u64::from_le_bytes(rows::fixed("facts_of_the_store", &value)?);
            let id: StreamId = stream.parse().map_err(|_| wrong())?;
            let key: SessionId = session.parse().map_err(|_| wrong())?;
            let mut db = self.inner.pool.acquire().await?;
            let haves = journal::haves(&mut db, id).await?;
            let from = haves.iter().find(|have| have.session == key).map_or(0, |have| have.len);
            if from < to {
                let (stream, session) = (stream.to_owned(), session.to_owned());
                missing.push(MissingRecords { stream, session, from, to });
            }
        }
        Ok(missing)
    }

    /// Notes that the bytes of a picture are not here any more: they are wanted again.
    pub async fn blob_lost(&self, hash: &loket_sync::Hash) -> Result<(), StoreError> {
        sqlx::query("UPDATE blobs SET stored = 0 WHERE hash = $1")
            .bind(hash.as_bytes().to_vec())
            .execute(&self.inner.pool)
            .await?;
        Ok(())
    }
}

impl Writing {
    /// Takes out what stands behind the last head of a session that covers at most `good` records, and notes how many
    /// there were. Gives back how many stay.
    pub async fn cut_session(&mut self, had: &Have, good: u64) -> Result<u64, StoreError> {
        let Have { stream, session, len, .. } = *had;
        let head = journal::head_within(self.db(), stream, session, 0, good).await?;
        let keep = head.as_ref().map_or(0, |head| head.len);
        for statement in [
            "DELETE FROM records WHERE stream = $1 AND session = $2 AND seq >= $3",
            "DELETE FROM heads WHERE stream = $1 AND session = $2 AND len > $3",
        ] {
            sqlx::query(statement)
                .bind(stream.as_str().to_owned())
                .bind(session.as_bytes().to_vec())
                .bind(rows::signed(keep))
                .execute(self.db())
                .await?;
        }
        match head {
            Some(head) => journal::put_head(self.db(), &head, 0).await?,
            None => {
                sqlx::query("DELETE FROM sessions WHERE stream = $1 AND session = $2")
                    .bind(stream.as_str().to_owned())
                    .bind(session.as_bytes().to_vec())
                    .execute(self.db())
                    .await?;
            }
        }
        sqlx::query(
            "INSERT INTO facts_of_the_store (name, value) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )
        .bind(format!("{MISSING}{stream} {session}"))
        .bind(len.to_le_bytes().to_vec())
        .execute(self.db())
        .await?;
        Ok(keep)
    }

    /// Takes out a key that does not open: it is asked for again.
    pub async fn drop_key(&mut self, subject: Subject) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM subject_keys WHERE subject = $1")
            .bind(subject.as_bytes().to_vec())
            .execute(self.db())
            .await?;
        Ok(())
    }
}
