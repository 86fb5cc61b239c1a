//! Records that were not taken: kept beside the journals, whole, until a person has decided about them.
//!
//! They count for nothing meanwhile. What does not verify is only noted, for there is nothing to take in.

mod taking_in;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use loket_sync::exchange::{
    Aside, NotTaken, REFUSED_MAX, Refusal, RefusalReason, SESSIONS_MAX, WhyNot, is_crowded,
};
use loket_sync::{Have, NodeId, SessionId, StreamId, Subject};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::error::StoreError;
use super::writing::Writing;
use super::{Store, rows};
use crate::domain::application::ApplicationKey;
use crate::domain::fact::{self, Matter};
use crate::domain::office::OfficeCode;

/// The most sessions noted for one office: what an office can make us keep is bounded. All of them fit into a message.
const ROWS_MAX: u32 = 1_000;
const _: () = assert!((ROWS_MAX as usize) < REFUSED_MAX, "an office is told of every session that is noted");
/// What does not verify is not sent again for so long.
const TRIED_AGAIN_MINUTES: i64 = 60;

/// How near an office is to what an exchange can speak of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Crowding {
    /// Sessions of the streams that it and this registry share.
    pub sessions: usize,
    /// Sessions of which something was not taken.
    pub refused: usize,
}

impl Crowding {
    /// How many sessions there are, if that is worth a warning, and how many there may be.
    pub fn sessions_told(&self) -> Option<(usize, usize)> {
        is_crowded(self.sessions, SESSIONS_MAX).then_some((self.sessions, SESSIONS_MAX))
    }

    /// The same for what was not taken.
    pub fn refused_told(&self) -> Option<(usize, usize)> {
        let most = ROWS_MAX as usize;
        is_crowded(self.refused, most).then_some((self.refused, most))
    }
}

/// A session of which records were not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsideRow {
    /// What the office is told: which, from where, how far, why.
    pub not: NotTaken,
    /// Who sent them.
    pub office: OfficeCode,
    /// Who signed.
    pub node: NodeId,
    /// Whether the records are kept here.
    pub kept: bool,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When they came last.
    pub last: DateTime<Utc>,
    /// What they are about, of those that are kept.
    pub applications: Vec<ApplicationKey>,
    /// The last hash, for going on from there.
    hash: loket_sync::Hash,
}

impl AsideRow {
    /// Whether staff may take the records in: another history cannot stand beside the one that is here.
    pub fn can_be_taken_in(&self) -> bool {
        self.kept && self.not.why == WhyNot::SignerRevoked
    }

    /// How many records.
    pub fn records(&self) -> u64 {
        self.not.len.saturating_sub(self.not.from)
    }

    fn have(&self) -> Have {
        let NotTaken { stream, session, len, .. } = self.not;
        Have { stream, session, len, hash: self.hash }
    }
}

const COLUMNS: &str = "SELECT stream, session, office, node, why, from_seq, len, hash, kept, since_ms, last_ms, \
                       left_aside FROM aside";

fn aside(row: &AnyRow) -> Result<AsideRow, StoreError> {
    const TABLE: &str = "aside";
    let (stream, office): (String, String) = (row.try_get("stream")?, row.try_get("office")?);
    let bytes = |column: &str| -> Result<Vec<u8>, StoreError> { Ok(row.try_get(column)?) };
    let number = |column: &str| -> Result<i64, StoreError> { Ok(row.try_get(column)?) };
    let why = WhyNot::from_code(u8::try_from(number("why")?).unwrap_or(u8::MAX));
    let why = if number("left_aside")? == 1 { WhyNot::LeftAside } else { why };
    let not = NotTaken {
        stream: StreamId::parse(&stream).map_err(|error| StoreError::damaged(TABLE, error))?,
        session: SessionId::from_bytes(rows::fixed(TABLE, &bytes("session")?)?),
        from: rows::unsigned(TABLE, number("from_seq")?)?,
        len: rows::unsigned(TABLE, number("len")?)?,
        why,
    };
    Ok(AsideRow {
        not,
        office: rows::parsed(TABLE, &office)?,
        node: NodeId::from_bytes(rows::fixed(TABLE, &bytes("node")?)?),
        kept: number("kept")? == 1,
        since: rows::instant(TABLE, number("since_ms")?)?,
        last: rows::instant(TABLE, number("last_ms")?)?,
        applications: Vec::new(),
        hash: loket_sync::Hash::from_bytes(rows::fixed(TABLE, &bytes("hash")?)?),
    })
}

async fn of_office(db: &mut AnyConnection, office: &OfficeCode) -> Result<Vec<AsideRow>, StoreError> {
    let sql = format!("{COLUMNS} WHERE office = $1 ORDER BY last_ms DESC");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(office.as_str().to_owned()).fetch_all(db).await?;
    rows.iter().map(aside).collect()
}

async fn one(
    db: &mut AnyConnection,
    stream: StreamId,
    session: SessionId,
) -> Result<Option<AsideRow>, StoreError> {
    let sql = format!("{COLUMNS} WHERE stream = $1 AND session = $2");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(stream.as_str().to_owned())
        .bind(session.as_bytes().to_vec())
        .fetch_optional(db)
        .await?;
    row.as_ref().map(aside).transpose()
}

impl Store {
    /// How near an office is to what an exchange can speak of; `shared` are the streams that it shares with this registry.
    pub async fn crowding(
        &self,
        office: &OfficeCode,
        shared: &BTreeSet<StreamId>,
    ) -> Result<Crowding, StoreError> {
        let sessions = self.vector(shared).await?.len();
        let row = sqlx::query("SELECT COUNT(*) AS held FROM aside WHERE office = $1")
            .bind(office.as_str().to_owned())
            .fetch_one(&self.inner.pool)
            .await?;
        let held: i64 = row.try_get("held")?;
        Ok(Crowding { sessions, refused: usize::try_from(held).unwrap_or_default() })
    }

    /// What an office is told it need not send again. What is not kept here may be tried again after a while.
    pub async fn not_taken(
        &self,
        office: &OfficeCode,
        now: DateTime<Utc>,
    ) -> Result<Vec<NotTaken>, StoreError> {
        let mut db = self.inner.pool.acquire().await?;
        let rows = of_office(&mut db, office).await?.into_iter();
        let rows = rows.filter(|row| row.kept || now - row.last < TimeDelta::minutes(TRIED_AGAIN_MINUTES));
        let told = |row: AsideRow| if row.kept { row.not } else { NotTaken { len: u64::MAX, ..row.not } };
        Ok(rows.map(told).take(REFUSED_MAX).collect())
    }

    /// Everything that was not taken and nobody has decided about, the oldest first.
    pub async fn aside(&self, limit: u32) -> Result<Vec<AsideRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE left_aside = 0 ORDER BY since_ms LIMIT $1");
        let rows =
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(i64::from(limit)).fetch_all(&self.inner.pool).await?;
        let mut found = rows.iter().map(aside).collect::<Result<Vec<_>, _>>()?;
        for row in &mut found {
            row.applications = self.applications_aside(&row.not).await?;
        }
        Ok(found)
    }

    /// What was not taken of one session.
    pub async fn aside_of(
        &self,
        stream: StreamId,
        session: SessionId,
    ) -> Result<Option<AsideRow>, StoreError> {
        let mut db = self.inner.pool.acquire().await?;
        one(&mut db, stream, session).await
    }

    async fn applications_aside(&self, not: &NotTaken) -> Result<Vec<ApplicationKey>, StoreError> {
        let rows = sqlx::query(
            "SELECT DISTINCT subject, kind FROM aside_records WHERE stream = $1 AND session = $2 AND kind > 0",
        )
        .bind(not.stream.as_str().to_owned())
        .bind(not.session.as_bytes().to_vec())
        .fetch_all(&self.inner.pool)
        .await?;
        let mut keys = BTreeSet::new();
        for row in rows {
            let (subject, kind): (Vec<u8>, i64) = (row.try_get("subject")?, row.try_get("kind")?);
            if fact::matter(u16::try_from(kind).unwrap_or(u16::MAX)) == Matter::Application {
                keys.insert(ApplicationKey(rows::fixed("aside_records", &subject)?));
            }
        }
        Ok(keys.into_iter().collect())
    }
}

impl Writing {
    /// How far sessions of an office are kept aside, sorted.
    pub async fn aside_haves(&mut self, office: &OfficeCode) -> Result<Vec<Have>, StoreError> {
        let rows = of_office(self.db(), office).await?;
        let mut haves: Vec<Have> = rows.iter().filter(|row| row.kept).map(AsideRow::have).collect();
        loket_sync::head::sort(&mut haves);
        Ok(haves)
    }

    /// Keeps a run aside, whole. Returns whom it is about.
    pub async fn keep_aside(
        &mut self,
        office: &OfficeCode,
        aside: &Aside,
    ) -> Result<BTreeSet<ApplicationKey>, StoreError> {
        let mut about = BTreeSet::new();
        let Aside { run, known, reason } = aside;
        let have = run.head.have();
        let refusal = Refusal { covered: have, first: run.first(), reason: *reason };
        if !self.note(office, &refusal, run.head.signer, true).await? {
            return Ok(about);
        }
        for record in run.records.iter().skip(*known) {
            let header = &record.header;
            if header.kind > 0 && fact::matter(header.kind) == Matter::Application {
                about.insert(ApplicationKey(header.subject.0));
            }
            sqlx::query(
                "INSERT INTO aside_records (stream, session, seq, subject, kind, record) \
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (stream, session, seq) DO NOTHING",
            )
            .bind(header.stream.as_str().to_owned())
            .bind(header.session.as_bytes().to_vec())
            .bind(rows::signed(header.seq))
            .bind(header.subject.as_bytes().to_vec())
            .bind(i64::from(header.kind))
            .bind(record.to_bytes())
            .execute(self.db())
            .await?;
        }
        sqlx::query(
            "INSERT INTO aside_heads (stream, session, len, head) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (stream, session, len) DO NOTHING",
        )
        .bind(have.stream.as_str().to_owned())
        .bind(have.session.as_bytes().to_vec())
        .bind(rows::signed(have.len))
        .bind(run.head.to_bytes().to_vec())
        .execute(self.db())
        .await?;
        Ok(about)
    }

    /// Notes that a run was not taken, for a person to see.
    pub async fn note_refusal(&mut self, office: &OfficeCode, refusal: &Refusal) -> Result<(), StoreError> {
        let node = match refusal.reason {
            RefusalReason::Signer(node) | RefusalReason::Revoked { node, .. } => node,
            RefusalReason::NotShared | RefusalReason::Chain(_) => NodeId::from_bytes([0; NodeId::LEN]),
        };
        self.note(office, refusal, node, false).await?;
        Ok(())
    }

    /// Returns whether there was room for it.
    async fn note(
        &mut self,
        office: &OfficeCode,
        refusal: &Refusal,
        node: NodeId,
        kept: bool,
    ) -> Result<bool, StoreError> {
        let not = NotTaken { len: refusal.covered.len, ..refusal.not_taken() };
        let now_ms = self.now().timestamp_millis();
        let before = one(self.db(), not.stream, not.session).await?;
        let row = sqlx::query("SELECT COUNT(*) AS number FROM aside WHERE office = $1")
            .bind(office.as_str().to_owned())
            .fetch_one(self.db())
            .await?;
        let held: i64 = row.try_get("number")?;
        if before.is_none() && held >= i64::from(ROWS_MAX) {
            tracing::error!(%office, "Too many sessions were refused; one more is not noted");
            return Ok(false);
        }
        // What was left aside stays so, unless something new has come. What is kept from now on says itself what it is;
        // what is kept already is not changed by what is not.
        let left = before
            .as_ref()
            .is_some_and(|before| before.not.why == WhyNot::LeftAside && before.not.len >= not.len);
        sqlx::query(
            "INSERT INTO aside (stream, session, office, node, why, from_seq, len, hash, kept, since_ms, last_ms, \
             left_aside) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, 0) \
             ON CONFLICT (stream, session) DO UPDATE SET last_ms = excluded.last_ms, len = excluded.len, \
             hash = excluded.hash, why = excluded.why, left_aside = $11, kept = excluded.kept, \
             node = CASE WHEN aside.kept = 0 THEN excluded.node ELSE aside.node END, \
             from_seq = CASE WHEN aside.kept = 0 THEN excluded.from_seq ELSE aside.from_seq END \
             WHERE aside.kept = 0 OR (excluded.kept = 1 AND aside.len < excluded.len)",
        )
        .bind(not.stream.as_str().to_owned())
        .bind(not.session.as_bytes().to_vec())
        .bind(office.as_str().to_owned())
        .bind(node.as_bytes().to_vec())
        .bind(i64::from(not.why.code()))
        .bind(rows::signed(not.from))
        .bind(rows::signed(not.len))
        .bind(refusal.covered.hash.as_bytes().to_vec())
        .bind(i64::from(kept))
        .bind(now_ms)
        .bind(i64::from(left))
        .execute(self.db())
        .await?;
        Ok(true)
    }

    async fn forget_aside(&mut self, stream: StreamId, session: SessionId) -> Result<(), StoreError> {
        for statement in [
            "DELETE FROM aside WHERE stream = $1 AND session = $2",
            "DELETE FROM aside_records WHERE stream = $1 AND session = $2",
            "DELETE FROM aside_heads WHERE stream = $1 AND session = $2",
        ] {
            sqlx::query(statement)
                .bind(stream.as_str().to_owned())
                .bind(session.as_bytes().to_vec())
                .execute(self.db())
                .await?;
        }
        Ok(())
    }

    /// What was refused and has come whole since needs nobody any more.
    pub(super) async fn forget_refusals(&mut self, have: &Have) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM aside WHERE stream = $1 AND session = $2 AND kept = 0 AND len <= $3")
            .bind(have.stream.as_str().to_owned())
            .bind(have.session.as_bytes().to_vec())
            .bind(rows::signed(have.len))
            .execute(self.db())
            .await?;
        Ok(())
    }

    /// Notes that staff leave a session's records where they are.
    pub async fn leave_aside(&mut self, stream: StreamId, session: SessionId) -> Result<(), StoreError> {
        sqlx::query("UPDATE aside SET left_aside = 1 WHERE stream = $1 AND session = $2")
            .bind(stream.as_str().to_owned())
            .bind(session.as_bytes().to_vec())
            .execute(self.db())
            .await?;
        Ok(())
    }

    /// Once more is known of nodes, what unknown ones signed is asked for again.
    pub async fn ask_again_for_unknown_signers(&mut self) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM aside WHERE kept = 0 AND why = $1")
            .bind(i64::from(WhyNot::SignerUnknown.code()))
            .execute(self.db())
            .await?;
        Ok(())
    }

    /// Whether a record that is kept aside for an office is about a subject: its key is kept as well.
    pub async fn aside_speaks_of(
        &mut self,
        streams: &BTreeSet<StreamId>,
        subject: Subject,
    ) -> Result<bool, StoreError> {
        let rows = sqlx::query("SELECT DISTINCT stream FROM aside_records WHERE subject = $1")
            .bind(subject.as_bytes().to_vec())
            .fetch_all(self.db())
            .await?;
        for row in rows {
            let stream: String = row.try_get("stream")?;
            if streams.iter().any(|shared| shared.as_str() == stream) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
