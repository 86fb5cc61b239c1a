//! Erased persons: bodies, key, pictures and rows are taken away in one transaction, and what is left is derived from
//! the fact that says so.
//!
//! The fact lies under a subject of its own (`Subject::erasure`), so that it stays readable when the key of the erased
//! one is gone. It is written into the registry's stream of every office that has records about the person, and comes
//! back from there to a registry that was restored from an older copy, which then erases again.

use std::collections::BTreeSet;

use loket_sync::record::HEADER_LEN;
use loket_sync::{Hash, StreamId, Subject};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::error::StoreError;
use super::schema::Dialect;
use super::writing::{Writing, stream_for};
use super::{Store, journal, payments, rows};
use crate::domain::actor::Actor;
use crate::domain::application::ApplicationKey;
use crate::domain::erasure::PersonErased;
use crate::domain::fact::{self, Fact, Written};
use crate::domain::office::OfficeCode;

/// The kind of the fact that says that a person was erased.
pub(super) const KIND_PERSON_ERASED: u16 = 12;

/// Set while bytes that were taken away may still lie in the database's files.
const SCRUB: &str = "scrub";

/// Whether a person was erased here.
pub(super) async fn is_erased(db: &mut AnyConnection, subject: Subject) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT 1 FROM erased WHERE subject = $1")
        .bind(subject.as_bytes().to_vec())
        .fetch_optional(db)
        .await?;
    Ok(row.is_some())
}

/// Takes away what came late about a person who was erased: bodies, and the key should it have come again.
pub(super) async fn strip_late(db: &mut AnyConnection, subject: Subject) -> Result<(), StoreError> {
    if is_erased(db, subject).await? { strip(db, subject).await } else { Ok(()) }
}

async fn strip(db: &mut AnyConnection, subject: Subject) -> Result<(), StoreError> {
    let header = i64::try_from(HEADER_LEN).unwrap_or(i64::MAX);
    for table in ["records", "aside_records"] {
        let sql = format!(
            "UPDATE {table} SET record = substr(record, 1, {header}) WHERE subject = $1 AND length(record) > {header}"
        );
        let strip = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(subject.as_bytes().to_vec());
        strip.execute(&mut *db).await?;
    }
    for statement in ["DELETE FROM subject_keys WHERE subject = $1", "DELETE FROM keyless WHERE subject = $1"]
    {
        sqlx::query(statement).bind(subject.as_bytes().to_vec()).execute(&mut *db).await?;
    }
    Ok(())
}

impl Writing {
    /// Erases the person of a locked application: writes the fact into every stream that needs it, and takes away all
    /// else. The derived rows follow with `Writing::refresh`.
    pub async fn erase(&mut self, by: &Actor, erased: &PersonErased) -> Result<(), StoreError> {
        let subject = journal::subject_of(erased.application);
        let told = subject.erasure();
        let offices = self.offices_with(subject).await?;
        let key = self.subject_key(told).await?;
        for office in offices {
            let fact = Fact::PersonErased(erased.clone());
            let body = fact::encode(&Written { rev: 1, by: by.clone(), once: None, fact })?;
            self.append_record(stream_for(&office)?, told, &key, KIND_PERSON_ERASED, &body).await?;
        }
        self.wipe(erased).await
    }

    /// Takes away what was kept aside about somebody who was erased, before it came or while it did: nothing else about
    /// the application has changed.
    pub(super) async fn strip_aside(&mut self, key: ApplicationKey) -> Result<(), StoreError> {
        // Locks as `journal::lock` does, but makes no row for somebody who may never be known here.
        sqlx::query("UPDATE applications SET version = version + 1 WHERE key = $1")
            .bind(key.0.to_vec())
            .execute(self.db())
            .await?;
        strip_late(self.db(), journal::subject_of(key)).await
    }

    /// Offices whose streams, theirs or the registry's for them, have records about a subject, taken or kept aside.
    async fn offices_with(&mut self, subject: Subject) -> Result<BTreeSet<OfficeCode>, StoreError> {
        let rows = sqlx::query(
            "SELECT stream FROM records WHERE subject = $1 UNION SELECT stream FROM aside_records WHERE subject = $1",
        )
        .bind(subject.as_bytes().to_vec())
        .fetch_all(self.db())
        .await?;
        let mut offices = BTreeSet::new();
        for row in rows {
            let name: String = row.try_get("stream")?;
            let stream = StreamId::parse(&name).map_err(|error| StoreError::damaged("records", error))?;
            offices.extend(OfficeCode::parse(stream.name()));
        }
        Ok(offices)
    }

    /// Erases what a fact says was erased, if it was not yet: it came back from an office, or its key came late.
    /// Returns whose rows must be refreshed.
    pub async fn obey_erasure(&mut self, told: Subject) -> Result<Option<ApplicationKey>, StoreError> {
        let Some(erased) = journal::erasure(&mut self.tx, &self.store.inner.storage_key, told).await? else {
            return Ok(None);
        };
        if !is_erased(self.db(), journal::subject_of(erased.application)).await? {
            self.wipe(&erased).await?;
        }
        Ok(Some(erased.application))
    }

    /// Tells of an erasure every office that has records about the person and was not told: a registry that was restored
    /// from an older copy, or another one under its name, may have spoken to it without knowing of the erasure.
    pub(super) async fn tell_of_erasure(&mut self, subject: Subject) -> Result<(), StoreError> {
        let told = subject.erasure();
        if !is_erased(self.db(), subject).await? {
            return Ok(());
        }
        let storage = self.store.inner.storage_key.clone();
        let Some(erased) = journal::erasure(&mut self.tx, &storage, told).await? else { return Ok(()) };
        for office in self.offices_with(subject).await? {
            let stream = stream_for(&office)?;
            let known = sqlx::query("SELECT 1 FROM records WHERE stream = $1 AND subject = $2 AND kind = $3")
                .bind(stream.as_str().to_owned())
                .bind(told.as_bytes().to_vec())
                .bind(i64::from(KIND_PERSON_ERASED))
                .fetch_optional(self.db())
                .await?;
            if known.is_some() {
                continue;
            }
            tracing::info!(%office, "An office that was not told of an erasure is told now");
            let key = self.subject_key(told).await?;
            let fact = Fact::PersonErased(erased.clone());
            let body = fact::encode(&Written { rev: 1, by: Actor::Node, once: None, fact })?;
            self.append_record(stream, told, &key, KIND_PERSON_ERASED, &body).await?;
        }
        Ok(())
    }

    /// Takes away everything about a person: bodies, key, mails, pictures, reasons of settlements, proposals and holds.
    async fn wipe(&mut self, erased: &PersonErased) -> Result<(), StoreError> {
        let subject = journal::subject_of(erased.application);
        let at_ms = self.now().timestamp_millis();
        sqlx::query("INSERT INTO erased (subject, at_ms) VALUES ($1, $2) ON CONFLICT (subject) DO NOTHING")
            .bind(subject.as_bytes().to_vec())
            .bind(at_ms)
            .execute(self.db())
            .await?;
        strip(self.db(), subject).await?;
        let storage = self.store.inner.storage_key.clone();
        payments::forget_reasons(self.db(), &storage, erased.application).await?;
        let statements = [
            "INSERT INTO doomed_blobs (hash) SELECT hash FROM blobs WHERE application = $1 ON CONFLICT (hash) DO NOTHING",
            "DELETE FROM blobs WHERE application = $1",
            "DELETE FROM mails WHERE application = $1",
            "DELETE FROM erasure_proposals WHERE application = $1",
            "DELETE FROM legal_holds WHERE application = $1",
        ];
        for statement in statements {
            sqlx::query(statement).bind(erased.application.0.to_vec()).execute(self.db()).await?;
        }
        sqlx::query(
            "INSERT INTO facts_of_the_store (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
        )
        .bind(SCRUB)
        .bind(Vec::<u8>::new())
        .execute(self.db())
        .await?;
        Ok(())
    }
}

impl Store {
    /// Pictures of erased persons whose files must go.
    pub async fn doomed_blobs(&self) -> Result<Vec<Hash>, StoreError> {
        let rows =
            sqlx::query("SELECT hash FROM doomed_blobs ORDER BY hash").fetch_all(&self.inner.pool).await?;
        let hash = |row: &AnyRow| {
            let bytes: Vec<u8> = row.try_get("hash")?;
            Ok(Hash::from_bytes(rows::fixed("doomed_blobs", &bytes)?))
        };
        rows.iter().map(hash).collect()
    }

    /// Notes that the file of such a picture is gone.
    pub async fn blob_gone(&self, hash: &Hash) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM doomed_blobs WHERE hash = $1")
            .bind(hash.as_bytes().to_vec())
            .execute(&self.inner.pool)
            .await?;
        Ok(())
    }

    /// Whether bytes that were taken away may still lie in the database's files.
    pub async fn needs_scrub(&self) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT 1 FROM facts_of_the_store WHERE name = $1")
            .bind(SCRUB)
            .fetch_optional(&self.inner.pool)
            .await?;
        Ok(row.is_some())
    }

    /// Takes bytes that were deleted out of the database's files. SQLite overwrites what it deletes (`secure_delete`),
    /// and its log is emptied here; PostgreSQL writes the tables that held names and keys anew. Returns whether it is
    /// done: a reader may stand in the way for a while.
    pub async fn scrub(&self) -> Result<bool, StoreError> {
        match self.inner.dialect {
            Dialect::Sqlite => {
                let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&self.inner.pool).await?;
                let busy: i64 = row.try_get(0)?;
                if busy != 0 {
                    return Ok(false);
                }
            }
            Dialect::Postgres => {
                for statement in [
                    "VACUUM FULL subject_keys",
                    "VACUUM FULL applications",
                    "VACUUM FULL payments",
                    "VACUUM FULL erasure_proposals",
                    "VACUUM FULL legal_holds",
                    "VACUUM records",
                    "VACUUM aside_records",
                ] {
                    sqlx::raw_sql(statement).execute(&self.inner.pool).await?;
                }
            }
        }
        sqlx::query("DELETE FROM facts_of_the_store WHERE name = $1")
            .bind(SCRUB)
            .execute(&self.inner.pool)
            .await?;
        Ok(true)
    }

    /// What is wrong about erasures: bodies that are missing although nobody was erased, and bodies or keys that are
    /// still here although somebody was. In words for a check.
    pub async fn erasure_faults(&self) -> Result<Vec<String>, StoreError> {
        let header = HEADER_LEN;
        let faults = [
            (
                format!(
                    "SELECT stream, COUNT(*) AS number FROM records WHERE length(record) = {header} \
                     AND NOT EXISTS (SELECT 1 FROM erased WHERE erased.subject = records.subject) GROUP BY stream"
                ),
                "bodies are missing, and no erasure is on record",
            ),
            (
                format!(
                    "SELECT stream, COUNT(*) AS number FROM records WHERE length(record) > {header} \
                     AND EXISTS (SELECT 1 FROM erased WHERE erased.subject = records.subject) GROUP BY stream"
                ),
                "bodies of erased persons are still here",
            ),
            (
                format!(
                    "SELECT stream, COUNT(*) AS number FROM aside_records WHERE length(record) > {header} \
                     AND EXISTS (SELECT 1 FROM erased WHERE erased.subject = aside_records.subject) GROUP BY stream"
                ),
                "bodies of erased persons are still kept aside",
            ),
            (
                "SELECT 'subject_keys' AS stream, COUNT(*) AS number FROM subject_keys JOIN erased \
                 ON erased.subject = subject_keys.subject HAVING COUNT(*) > 0"
                    .to_owned(),
                "keys of erased persons are still here",
            ),
        ];
        let mut found = Vec::new();
        for (sql, what) in faults {
            for row in sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&self.inner.pool).await? {
                let (place, number): (String, i64) = (row.try_get("stream")?, row.try_get("number")?);
                found.push(format!("{place}: {number} {what}"));
            }
        }
        for row in sqlx::query("SELECT subject FROM erased").fetch_all(&self.inner.pool).await? {
            let bytes: Vec<u8> = row.try_get("subject")?;
            let subject = Subject::from_bytes(rows::fixed("erased", &bytes)?);
            let mut db = self.inner.pool.acquire().await?;
            if journal::erasure(&mut db, &self.inner.storage_key, subject.erasure()).await?.is_none() {
                found.push(format!("subject {subject}: it was erased, and no fact says so"));
            }
        }
        Ok(found)
    }
}
