//! Records, heads and subject keys as they lie in the database, and an application read back from them.

use chrono::DateTime;
use loket_sync::{Have, Head, Record, SessionId, StorageKey, StreamId, Subject, SubjectKey, open_body};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::erasures::{self, KIND_PERSON_ERASED};
use super::error::StoreError;
use super::rows;
use crate::domain::application::{Application, ApplicationKey, Author, Entry, Order};
use crate::domain::erasure::PersonErased;
use crate::domain::fact::{self, Fact, Vocabulary};
use crate::domain::office::OfficeCode;

/// Who writes a stream. `None` for a stream no known kind of author writes.
pub(super) fn author_of(stream: StreamId) -> Option<Author> {
    match stream.group() {
        "hq" => Some(Author::Registry),
        "office" => OfficeCode::parse(stream.name()).map(Author::Office),
        _ => None,
    }
}

/// The subject of records about an application.
pub(super) fn subject_of(key: ApplicationKey) -> Subject {
    Subject::from_bytes(key.0)
}

fn bytes(row: &AnyRow, column: &str) -> Result<Vec<u8>, StoreError> {
    Ok(row.try_get(column)?)
}

/// How far the sessions of one stream go.
pub(super) async fn haves(db: &mut AnyConnection, stream: StreamId) -> Result<Vec<Have>, StoreError> {
    let rows = sqlx::query("SELECT session, len, hash FROM sessions WHERE stream = $1 ORDER BY session")
        .bind(stream.as_str().to_owned())
        .fetch_all(db)
        .await?;
    rows.iter().map(|row| have(row, stream)).collect()
}

/// The session of a stream that was opened last.
pub(super) async fn latest(db: &mut AnyConnection, stream: StreamId) -> Result<Option<Have>, StoreError> {
    let row = sqlx::query(
        "SELECT session, len, hash FROM sessions WHERE stream = $1 ORDER BY opened_at_ms DESC LIMIT 1",
    )
    .bind(stream.as_str().to_owned())
    .fetch_optional(db)
    .await?;
    row.map(|row| have(&row, stream)).transpose()
}

fn have(row: &AnyRow, stream: StreamId) -> Result<Have, StoreError> {
    Ok(Have {
        stream,
        session: SessionId::from_bytes(rows::fixed("sessions", &bytes(row, "session")?)?),
        len: rows::unsigned("sessions", row.try_get("len")?)?,
        hash: loket_sync::Hash::from_bytes(rows::fixed("sessions", &bytes(row, "hash")?)?),
    })
}

/// Writes how far a session goes, with the head that proves it.
pub(super) async fn put_head(
    db: &mut AnyConnection,
    head: &Head,
    opened_at_ms: i64,
) -> Result<(), StoreError> {
    let have = head.have();
    sqlx::query(
        "INSERT INTO sessions (stream, session, len, hash, opened_at_ms) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (stream, session) DO UPDATE SET len = excluded.len, hash = excluded.hash",
    )
    .bind(have.stream.as_str().to_owned())
    .bind(have.session.as_bytes().to_vec())
    .bind(rows::signed(have.len))
    .bind(have.hash.as_bytes().to_vec())
    .bind(opened_at_ms)
    .execute(&mut *db)
    .await?;
    sqlx::query(
        "INSERT INTO heads (stream, session, len, head) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (stream, session, len) DO NOTHING",
    )
    .bind(have.stream.as_str().to_owned())
    .bind(have.session.as_bytes().to_vec())
    .bind(rows::signed(have.len))
    .bind(head.to_bytes().to_vec())
    .execute(db)
    .await?;
    Ok(())
}

/// Writes a record.
pub(super) async fn put_record(db: &mut AnyConnection, record: &Record) -> Result<(), StoreError> {
    let header = &record.header;
    sqlx::query(
        "INSERT INTO records (stream, session, seq, subject, kind, record) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(header.stream.as_str().to_owned())
    .bind(header.session.as_bytes().to_vec())
    .bind(rows::signed(header.seq))
    .bind(header.subject.as_bytes().to_vec())
    .bind(i64::from(header.kind))
    .bind(record.to_bytes())
    .execute(db)
    .await?;
    Ok(())
}

/// Records `from..to` of a session, in their order.
pub(super) async fn records(
    db: &mut AnyConnection,
    stream: StreamId,
    session: SessionId,
    from: u64,
    to: u64,
) -> Result<Vec<Record>, StoreError> {
    let rows = sqlx::query(
        "SELECT seq, subject, kind, record FROM records \
         WHERE stream = $1 AND session = $2 AND seq >= $3 AND seq < $4 ORDER BY seq",
    )
    .bind(stream.as_str().to_owned())
    .bind(session.as_bytes().to_vec())
    .bind(rows::signed(from))
    .bind(rows::signed(to))
    .fetch_all(db)
    .await?;
    rows.iter().map(filed_record).collect()
}

/// A record that stands where its header says.
fn filed_record(row: &AnyRow) -> Result<Record, StoreError> {
    let record = record(row)?;
    let header = &record.header;
    let stands =
        (rows::unsigned("records", row.try_get("seq")?)?, bytes(row, "subject")?, row.try_get("kind")?);
    if stands != (header.seq, header.subject.as_bytes().to_vec(), i64::from(header.kind)) {
        return Err(StoreError::damaged("records", format!("record {} is filed wrongly", header.pos())));
    }
    Ok(record)
}

/// All records of a stream about a subject.
pub(super) async fn records_about(
    db: &mut AnyConnection,
    stream: StreamId,
    subject: Subject,
) -> Result<Vec<Record>, StoreError> {
    let rows = sqlx::query("SELECT record FROM records WHERE subject = $1 AND stream = $2")
        .bind(subject.as_bytes().to_vec())
        .bind(stream.as_str().to_owned())
        .fetch_all(db)
        .await?;
    rows.iter().map(record).collect()
}

/// The last head of a session that covers more than `after` and at most `up_to` records.
pub(super) async fn head_within(
    db: &mut AnyConnection,
    stream: StreamId,
    session: SessionId,
    after: u64,
    up_to: u64,
) -> Result<Option<Head>, StoreError> {
    let row = sqlx::query(
        "SELECT head FROM heads WHERE stream = $1 AND session = $2 AND len > $3 AND len <= $4 \
         ORDER BY len DESC LIMIT 1",
    )
    .bind(stream.as_str().to_owned())
    .bind(session.as_bytes().to_vec())
    .bind(rows::signed(after))
    .bind(rows::signed(up_to))
    .fetch_optional(db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let head = Head::from_bytes(&rows::fixed("heads", &bytes(&row, "head")?)?);
    head.map(Some).ok_or_else(|| StoreError::damaged("heads", "no stream name"))
}

/// The first head of a session that covers more than `after` records.
pub(super) async fn head_after(
    db: &mut AnyConnection,
    stream: StreamId,
    session: SessionId,
    after: u64,
) -> Result<Option<Head>, StoreError> {
    let row = sqlx::query(
        "SELECT head FROM heads WHERE stream = $1 AND session = $2 AND len > $3 ORDER BY len LIMIT 1",
    )
    .bind(stream.as_str().to_owned())
    .bind(session.as_bytes().to_vec())
    .bind(rows::signed(after))
    .fetch_optional(db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let head = Head::from_bytes(&rows::fixed("heads", &bytes(&row, "head")?)?);
    head.map(Some).ok_or_else(|| StoreError::damaged("heads", "no stream name"))
}

fn record(row: &AnyRow) -> Result<Record, StoreError> {
    Record::from_bytes(&bytes(row, "record")?).map_err(|error| StoreError::damaged("records", error))
}

/// Whether a session already has a record about a subject.
pub(super) async fn mentions(
    db: &mut AnyConnection,
    stream: StreamId,
    session: SessionId,
    subject: Subject,
) -> Result<bool, StoreError> {
    let row =
        sqlx::query("SELECT seq FROM records WHERE subject = $1 AND stream = $2 AND session = $3 LIMIT 1")
            .bind(subject.as_bytes().to_vec())
            .bind(stream.as_str().to_owned())
            .bind(session.as_bytes().to_vec())
            .fetch_optional(db)
            .await?;
    Ok(row.is_some())
}

/// The key of a subject, if it is here.
pub(super) async fn subject_key(
    db: &mut AnyConnection,
    storage: &StorageKey,
    subject: Subject,
) -> Result<Option<SubjectKey>, StoreError> {
    let row = sqlx::query("SELECT sealed FROM subject_keys WHERE subject = $1")
        .bind(subject.as_bytes().to_vec())
        .fetch_optional(db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let opened = storage.open(&key_context(subject), &bytes(&row, "sealed")?);
    let opened = opened.map_err(|error| StoreError::damaged("subject_keys", error))?;
    Ok(Some(SubjectKey::from_bytes(rows::fixed("subject_keys", &opened)?)))
}

/// Keeps the key of a subject; one that is here already stays, and an erased subject gets none. Returns whether it was
/// new.
pub(super) async fn put_subject_key(
    db: &mut AnyConnection,
    storage: &StorageKey,
    subject: Subject,
    key: &SubjectKey,
) -> Result<bool, StoreError> {
    // An office that has not heard of the erasure yet still has the key and hands it out.
    if erasures::is_erased(db, subject).await? {
        return Ok(false);
    }
    let done = sqlx::query(
        "INSERT INTO subject_keys (subject, sealed) VALUES ($1, $2) ON CONFLICT (subject) DO NOTHING",
    )
    .bind(subject.as_bytes().to_vec())
    .bind(storage.seal(&key_context(subject), key.as_bytes()))
    .execute(&mut *db)
    .await?;
    // Even of a key that was here: another process may have taken records of the subject at the same moment.
    sqlx::query("DELETE FROM keyless WHERE subject = $1")
        .bind(subject.as_bytes().to_vec())
        .execute(db)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Notes that a stream speaks of a subject, if its key is not here.
pub(super) async fn note_keyless(
    db: &mut AnyConnection,
    stream: StreamId,
    subject: Subject,
) -> Result<(), StoreError> {
    let known = sqlx::query("SELECT 1 FROM subject_keys WHERE subject = $1")
        .bind(subject.as_bytes().to_vec())
        .fetch_optional(&mut *db)
        .await?;
    if known.is_none() && !erasures::is_erased(db, subject).await? {
        sqlx::query("INSERT INTO keyless (stream, subject) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(stream.as_str().to_owned())
            .bind(subject.as_bytes().to_vec())
            .execute(db)
            .await?;
    }
    Ok(())
}

fn key_context(subject: Subject) -> Vec<u8> {
    [b"subject key ".as_slice(), subject.as_bytes()].concat()
}

/// What bodies are read with: the key that seals subjects' keys, and the kinds of facts that this program knows.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) storage: &'a StorageKey,
    pub(super) vocabulary: Vocabulary,
}

/// An application with all its facts; empty when nothing is known under this key.
///
/// A record whose key is not here yet counts as parked: it joins when the key comes. So does one whose body this
/// version cannot read, until a version comes that can: an authentic record is kept whatever is inside.
pub(super) async fn application(
    db: &mut AnyConnection,
    reading: Reading<'_>,
    key: ApplicationKey,
) -> Result<Application, StoreError> {
    let subject = subject_of(key);
    let subject_key = subject_key(db, reading.storage, subject).await?;
    // What is said of its erasure stands under a subject of its own.
    let told = subject.erasure();
    let rows = sqlx::query("SELECT record FROM records WHERE subject = $1 OR subject = $2")
        .bind(subject.as_bytes().to_vec())
        .bind(told.as_bytes().to_vec())
        .fetch_all(&mut *db)
        .await?;
    let mut application = Application::new(key);
    let mut told_key = None;
    for row in &rows {
        let record = record(row)?;
        if record.header.subject == told {
            if told_key.is_none() {
                told_key = self::subject_key(db, reading.storage, told).await?;
            }
            join(&mut application, &record, told_key.as_ref(), reading.vocabulary);
        } else {
            join(&mut application, &record, subject_key.as_ref(), reading.vocabulary);
        }
    }
    Ok(application)
}

/// What the registry said of an erasure under this subject, if it can be read.
pub(super) async fn erasure(
    db: &mut AnyConnection,
    storage: &StorageKey,
    told: Subject,
) -> Result<Option<PersonErased>, StoreError> {
    let Some(key) = subject_key(db, storage, told).await? else { return Ok(None) };
    let rows = sqlx::query("SELECT record FROM records WHERE subject = $1 AND kind = $2")
        .bind(told.as_bytes().to_vec())
        .bind(i64::from(KIND_PERSON_ERASED))
        .fetch_all(db)
        .await?;
    for row in &rows {
        let record = record(row)?;
        let is_ours = author_of(record.header.stream) == Some(Author::Registry);
        let body = open_body(&record, &key).ok().filter(|_| is_ours);
        let written = body.and_then(|body| fact::decode(record.header.kind, &body).ok().flatten());
        if let Some(Fact::PersonErased(erased)) = written.map(|written| written.fact)
            && subject_of(erased.application).erasure() == told
        {
            return Ok(Some(erased));
        }
    }
    Ok(None)
}

fn join(application: &mut Application, record: &Record, key: Option<&SubjectKey>, vocabulary: Vocabulary) {
    let header = &record.header;
    // What was erased waits for nothing.
    if record.is_erased() {
        return;
    }
    let opened = key.map(|key| open_body(record, key));
    let (Some(author), Some(Ok(body))) = (author_of(header.stream), opened) else {
        application.park(header.kind);
        return;
    };
    let Ok(Some(written)) = vocabulary.decode(header.kind, &body) else {
        application.park(header.kind);
        return;
    };
    let order = Order { rev: written.rev, session: header.session.0, seq: header.seq };
    let at = DateTime::from_timestamp_millis(header.at_ms).unwrap_or_default();
    application.join(Entry { author, order, at, by: written.by, fact: written.fact });
}

/// Locks an application's row until the transaction ends, making a blank one when there is none. Both databases
/// serialize on it, so whatever is read after it holds until the commit.
pub(super) async fn lock(db: &mut AnyConnection, key: ApplicationKey) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO applications (key, version, status, awaits_decision, conflict, waiting, changed_at_ms, summary) \
         VALUES ($1, 0, 'unknown', 0, 0, 0, 0, $2) \
         ON CONFLICT (key) DO UPDATE SET version = applications.version + 1",
    )
    .bind(key.0.to_vec())
    .bind(Vec::<u8>::new())
    .execute(db)
    .await?;
    Ok(())
}
