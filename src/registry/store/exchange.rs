//! What the exchange needs of the store: how far every journal goes, records to send, and records that came.
//!
//! Only committed records are read here, so nothing is offered that could still be lost.

use std::collections::BTreeSet;

use loket_sync::exchange::Accepted;
use loket_sync::{
    BodyError, Hash, Have, Pos, Record, Run, SessionId, StreamId, Subject, SubjectKey, head, open_body,
};
use sqlx::{AnyConnection, Row};

use super::applications::ABOUT_APPLICATIONS;
use super::erasures::KIND_PERSON_ERASED;
use super::error::StoreError;
use super::slots::Room;
use super::writing::Writing;
use super::{Store, journal, rows};
use crate::domain::application::ApplicationKey;
use crate::domain::fact::{self, Matter};

/// What a received run brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brought {
    /// How many records were new.
    pub records: usize,
    /// What they are about: applications whose rows must be refreshed.
    pub applications: BTreeSet<ApplicationKey>,
    /// Applications that offices have registered themselves: headquarters bills them.
    pub registered: BTreeSet<ApplicationKey>,
    /// Subjects under which the registry itself once said that somebody was erased; see [`Writing::obey_erasure`].
    pub erasures: BTreeSet<Subject>,
}

impl Store {
    /// How far the journals of these streams go, sorted.
    pub async fn vector(&self, streams: &BTreeSet<StreamId>) -> Result<Vec<Have>, StoreError> {
        let mut db = self.inner.pool.acquire().await?;
        vector(&mut db, streams).await
    }

    /// The sessions of each of these streams that were opened last.
    pub async fn recent_sessions(
        &self,
        streams: &BTreeSet<StreamId>,
        limit: u32,
    ) -> Result<BTreeSet<(StreamId, SessionId)>, StoreError> {
        let mut db = self.inner.pool.acquire().await?;
        let mut recent = BTreeSet::new();
        for stream in streams {
            let sessions = latest_sessions(&mut db, *stream, limit).await?;
            recent.extend(sessions.into_iter().map(|session| (*stream, session)));
        }
        Ok(recent)
    }

    /// Records of a session from `from` up to at most `to`, ending at a signed head, of about `max_bytes`. At least one
    /// signed group is given, however large, so that an exchange always moves.
    pub async fn run(
        &self,
        stream: StreamId,
        session: SessionId,
        from: u64,
        to: u64,
        max_bytes: usize,
    ) -> Result<Option<Run>, StoreError> {
        let mut db = self.inner.pool.acquire().await?;
        let Some(first) = journal::head_after(&mut db, stream, session, from).await? else { return Ok(None) };
        let upper = to.max(first.len).min(from + RECORDS_MAX.max(first.len - from));
        let mut records = journal::records(&mut db, stream, session, from, upper).await?;
        let mut bytes = 0;
        let fitting = records.iter().take_while(|record| {
            bytes += record.len_bytes();
            bytes <= max_bytes
        });
        let end = (from + fitting.count() as u64).max(first.len);
        let head = journal::head_within(&mut db, stream, session, from, end).await?.unwrap_or(first);
        records.truncate(usize::try_from(head.len - from).unwrap_or(usize::MAX));
        Ok(Some(Run { records, head }))
    }

    /// The hash of a record, if it is here.
    pub async fn hash_at(&self, pos: &Pos) -> Result<Option<Hash>, StoreError> {
        let mut db = self.inner.pool.acquire().await?;
        let Pos { stream, session, seq } = *pos;
        let Some(after) = seq.checked_add(1) else { return Ok(None) };
        match journal::records(&mut db, stream, session, seq, after).await {
            Ok(records) => Ok(records.first().map(Record::hash)),
            // What cannot be read here says nothing about what goes on from it.
            Err(StoreError::Damaged { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The key of a subject that these streams speak of, if it is here.
    pub async fn key_for(
        &self,
        streams: &BTreeSet<StreamId>,
        subject: Subject,
    ) -> Result<Option<SubjectKey>, StoreError> {
        let mut db = self.inner.pool.acquire().await?;
        if !speaks_of(&mut db, streams, subject).await? {
            return Ok(None);
        }
        journal::subject_key(&mut db, &self.inner.storage_key, subject).await
    }

    /// The key of an application, if it is here.
    pub async fn application_key(&self, key: ApplicationKey) -> Result<Option<SubjectKey>, StoreError> {
        let mut db = self.inner.pool.acquire().await?;
        journal::subject_key(&mut db, &self.inner.storage_key, journal::subject_of(key)).await
    }
}

/// The kind of the fact by which an office registers a walk-in.
const KIND_REGISTERED_HERE: u16 = 106;
/// The most records read for one run.
const RECORDS_MAX: u64 = 2_000;
/// The most records a key is tried on.
const TRIED_MAX: i64 = 64;

impl Writing {
    /// How far the journals of these streams go as this act sees them, sorted.
    pub async fn vector(&mut self, streams: &BTreeSet<StreamId>) -> Result<Vec<Have>, StoreError> {
        vector(self.db(), streams).await
    }

    /// Keeps what is new of a run that was judged against this act's vector.
    pub async fn keep(&mut self, accepted: &Accepted) -> Result<Brought, StoreError> {
        let Accepted { run, known, .. } = accepted;
        let mut brought = Brought::default();
        let mut subjects = BTreeSet::new();
        for record in run.records.iter().skip(*known) {
            journal::put_record(self.db(), record).await?;
            brought.records += 1;
            if record.header.kind > 0 {
                subjects.insert(record.header.subject);
            }
            if record.header.kind == KIND_PERSON_ERASED {
                brought.erasures.insert(record.header.subject);
            } else if record.header.kind > 0 && fact::matter(record.header.kind) == Matter::Application {
                brought.applications.insert(ApplicationKey(record.header.subject.0));
                if record.header.kind == KIND_REGISTERED_HERE {
                    brought.registered.insert(ApplicationKey(record.header.subject.0));
                }
            }
        }
        if brought.records > 0 {
            let at_ms = run.records.first().map_or(0, |record| record.header.at_ms);
            journal::put_head(self.db(), &run.head, at_ms).await?;
            self.has_grown(run.head.stream);
            self.forget_refusals(&run.head.have()).await?;
        }
        for subject in subjects {
            journal::note_keyless(self.db(), run.head.stream, subject).await?;
        }
        Ok(brought)
    }

    /// Brings up to date whomever records were taken about; of those whom records were kept `aside` about, takes away what
    /// is left if they were erased. In one order, for each application is locked until the end.
    pub async fn refresh_received(
        &mut self,
        taken: &BTreeSet<ApplicationKey>,
        aside: &BTreeSet<ApplicationKey>,
    ) -> Result<(), StoreError> {
        for key in taken.union(aside) {
            if taken.contains(key) {
                // What happened at the office is counted in any case.
                let _: Room = self.refresh(*key, false).await?;
            } else {
                self.strip_aside(*key).await?;
            }
        }
        Ok(())
    }

    /// Whether a key opens what is here about a subject, in the journals or aside: a key is believed once it did. What no
    /// key known today could open, because a newer version wrote it, says nothing against one.
    pub async fn opens(&mut self, subject: Subject, key: &SubjectKey) -> Result<bool, StoreError> {
        let rows = sqlx::query(
            "SELECT record FROM records WHERE subject = $1 UNION ALL \
             SELECT record FROM aside_records WHERE subject = $1 LIMIT $2",
        )
        .bind(subject.as_bytes().to_vec())
        .bind(TRIED_MAX)
        .fetch_all(self.db())
        .await?;
        for row in rows {
            let bytes: Vec<u8> = row.try_get("record")?;
            let record = Record::from_bytes(&bytes).map_err(|error| StoreError::damaged("records", error))?;
            if !matches!(open_body(&record, key), Err(BodyError::Sealed | BodyError::Erased)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Keeps a subject's key that came from elsewhere and opens what it should. Returns whether it was new.
    pub async fn learn_key(&mut self, subject: Subject, key: &SubjectKey) -> Result<bool, StoreError> {
        let storage = self.store.inner.storage_key.clone();
        journal::put_subject_key(self.db(), &storage, subject, key).await
    }

    /// Whether a subject is an application: an office's own affairs have a subject too.
    pub async fn is_application(&mut self, key: ApplicationKey) -> Result<bool, StoreError> {
        let sql = format!("SELECT 1 FROM records WHERE subject = $1 AND {ABOUT_APPLICATIONS} LIMIT 1");
        let row =
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(key.0.to_vec()).fetch_optional(self.db()).await?;
        Ok(row.is_some())
    }

    /// Whether a record of these streams is about a subject.
    pub async fn speaks_of(
        &mut self,
        streams: &BTreeSet<StreamId>,
        subject: Subject,
    ) -> Result<bool, StoreError> {
        speaks_of(self.db(), streams, subject).await
    }
}

/// The sessions of a stream that were opened last.
async fn latest_sessions(
    db: &mut AnyConnection,
    stream: StreamId,
    limit: u32,
) -> Result<Vec<SessionId>, StoreError> {
    let rows =
        sqlx::query("SELECT session FROM sessions WHERE stream = $1 ORDER BY opened_at_ms DESC LIMIT $2")
            .bind(stream.as_str().to_owned())
            .bind(i64::from(limit))
            .fetch_all(db)
            .await?;
    rows.iter()
        .map(|row| {
            Ok(SessionId::from_bytes(rows::fixed("sessions", &row.try_get::<Vec<u8>, _>("session")?)?))
        })
        .collect()
}

async fn vector(db: &mut AnyConnection, streams: &BTreeSet<StreamId>) -> Result<Vec<Have>, StoreError> {
    let mut vector = Vec::new();
    for stream in streams {
        vector.extend(journal::haves(db, *stream).await?);
    }
    head::sort(&mut vector);
    Ok(vector)
}

async fn speaks_of(
    db: &mut AnyConnection,
    streams: &BTreeSet<StreamId>,
    subject: Subject,
) -> Result<bool, StoreError> {
    let rows = sqlx::query("SELECT DISTINCT stream FROM records WHERE subject = $1")
        .bind(subject.as_bytes().to_vec())
        .fetch_all(db)
        .await?;
    for row in rows {
        let stream: String = row.try_get("stream")?;
        if streams.iter().any(|shared| shared.as_str() == stream) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Subjects that journals of these streams speak of and whose key is not here, at most `limit`.
pub(super) async fn keyless_subjects(
    db: &mut AnyConnection,
    stream: StreamId,
    limit: i64,
) -> Result<Vec<Subject>, StoreError> {
    let rows = sqlx::query("SELECT subject FROM keyless WHERE stream = $1 LIMIT $2")
        .bind(stream.as_str().to_owned())
        .bind(limit)
        .fetch_all(db)
        .await?;
    rows.iter()
        .map(|row| {
            let bytes: Vec<u8> = row.try_get("subject")?;
            Ok(Subject::from_bytes(rows::fixed("keyless", &bytes)?))
        })
        .collect()
}

/// Finds anew whose keys are missing, for a rebuild.
pub(super) async fn draw_keyless(db: &mut AnyConnection) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM keyless").execute(&mut *db).await?;
    sqlx::query(
        "INSERT INTO keyless (stream, subject) SELECT DISTINCT r.stream, r.subject FROM records r \
         LEFT JOIN subject_keys k ON k.subject = r.subject LEFT JOIN erased e ON e.subject = r.subject \
         WHERE r.kind > 0 AND k.subject IS NULL AND e.subject IS NULL",
    )
    .execute(db)
    .await?;
    Ok(())
}

impl Store {
    /// Subjects of a stream's records whose key is missing here, to be asked for.
    pub async fn missing_keys(
        &self,
        streams: &BTreeSet<StreamId>,
        limit: u32,
    ) -> Result<Vec<Subject>, StoreError> {
        let mut db = self.inner.pool.acquire().await?;
        let mut missing = Vec::new();
        for stream in streams {
            missing.extend(keyless_subjects(&mut db, *stream, i64::from(limit)).await?);
        }
        missing.truncate(limit as usize);
        Ok(missing)
    }
}
