//! The offices this registry knows, their one-time enrolment codes, and the keys their nodes sign with.

use chrono::{DateTime, Utc};
use loket_sync::enrol::EnrolKey;
use loket_sync::{NodeId, NodePublic};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::error::StoreError;
use super::writing::Writing;
use super::{Store, rows};
use crate::domain::office::{Office, OfficeCode};

/// An office and what is known of its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeRow {
    /// Who.
    pub office: Office,
    /// Until when a one-time code is open, if one is.
    pub enrolment_until: Option<DateTime<Utc>>,
    /// Whether a node is enrolled.
    pub enrolled: bool,
    /// What the node runs.
    pub software: Option<String>,
    /// When it last asked for anything.
    pub last_contact_at: Option<DateTime<Utc>>,
    /// How far its clock is ahead of ours, in milliseconds.
    pub clock_ahead_ms: Option<i64>,
}

/// A node that may exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolled {
    /// Whose.
    pub office: OfficeCode,
    /// Its keys.
    pub public: NodePublic,
    /// Whether it is the office's present node. An earlier one only vouches for journals it signed then.
    pub active: bool,
}

const OFFICES: &str = "SELECT o.code, o.name, o.zone, o.enrolment_until_ms, o.last_contact_ms, o.clock_ahead_ms, \
                       n.software FROM offices o LEFT JOIN nodes n ON n.office = o.code AND n.active = 1 ";

fn office_row(row: &AnyRow) -> Result<OfficeRow, StoreError> {
    let instant = |column: &str| -> Result<Option<DateTime<Utc>>, StoreError> {
        let ms: Option<i64> = row.try_get(column)?;
        ms.map(|ms| rows::instant("offices", ms)).transpose()
    };
    let (code, zone): (String, String) = (row.try_get("code")?, row.try_get("zone")?);
    let software: Option<String> = row.try_get("software")?;
    Ok(OfficeRow {
        office: Office {
            code: rows::parsed("offices", &code)?,
            name: row.try_get("name")?,
            zone: rows::parsed("offices", &zone)?,
        },
        enrolment_until: instant("enrolment_until_ms")?,
        enrolled: software.is_some(),
        software,
        last_contact_at: instant("last_contact_ms")?,
        clock_ahead_ms: row.try_get("clock_ahead_ms")?,
    })
}

fn enrolled(row: &AnyRow) -> Result<Enrolled, StoreError> {
    let (office, keys): (String, Vec<u8>) = (row.try_get("office")?, row.try_get("keys")?);
    let active: i64 = row.try_get("active")?;
    Ok(Enrolled {
        office: rows::parsed("nodes", &office)?,
        public: NodePublic::from_bytes(&rows::fixed("nodes", &keys)?),
        active: active == 1,
    })
}

/// The node of an identity.
pub(super) async fn node(db: &mut AnyConnection, id: NodeId) -> Result<Option<Enrolled>, StoreError> {
    let row = sqlx::query("SELECT office, keys, active FROM nodes WHERE id = $1")
        .bind(id.as_bytes().to_vec())
        .fetch_optional(db)
        .await?;
    row.as_ref().map(enrolled).transpose()
}

impl Store {
    /// All offices by name.
    pub async fn offices(&self) -> Result<Vec<OfficeRow>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{OFFICES} ORDER BY o.name"));
        let rows = sqlx::query(sql).fetch_all(&self.inner.pool).await?;
        rows.iter().map(office_row).collect()
    }

    /// One office.
    pub async fn office(&self, code: &OfficeCode) -> Result<Option<OfficeRow>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{OFFICES} WHERE o.code = $1"));
        let row = sqlx::query(sql).bind(code.as_str().to_owned()).fetch_optional(&self.inner.pool).await?;
        row.as_ref().map(office_row).transpose()
    }

    /// The node of an identity.
    pub async fn node(&self, id: NodeId) -> Result<Option<Enrolled>, StoreError> {
        let mut db = self.inner.pool.acquire().await?;
        node(&mut db, id).await
    }

    /// What the one-time codes that are open at `now` stand for, with their offices.
    pub async fn open_enrolments(
        &self,
        now: DateTime<Utc>,
    ) -> Result<Vec<(OfficeCode, EnrolKey)>, StoreError> {
        let rows = sqlx::query(
            "SELECT code, enrolment_code FROM offices WHERE enrolment_code IS NOT NULL AND enrolment_until_ms > $1",
        )
        .bind(now.timestamp_millis())
        .fetch_all(&self.inner.pool)
        .await?;
        let mut open = Vec::with_capacity(rows.len());
        for row in rows {
            let (code, sealed): (String, Vec<u8>) = (row.try_get("code")?, row.try_get("enrolment_code")?);
            let plain = self.inner.storage_key.open(&code_context(&code), &sealed);
            let plain = plain.map_err(|error| StoreError::damaged("offices", error))?;
            let key = EnrolKey::from_bytes(rows::fixed("offices", &plain)?);
            open.push((rows::parsed("offices", &code)?, key));
        }
        Ok(open)
    }

    /// Every key that ever wrote for an office: its older ones vouch for its older journals.
    pub async fn nodes_of(&self, office: &OfficeCode) -> Result<Vec<NodePublic>, StoreError> {
        let rows = sqlx::query("SELECT office, keys, active FROM nodes WHERE office = $1")
            .bind(office.as_str().to_owned())
            .fetch_all(&self.inner.pool)
            .await?;
        rows.iter().map(|row| Ok(enrolled(row)?.public)).collect()
    }

    /// Notes that an office was heard of, and how its clock goes.
    pub async fn heard_of(
        &self,
        office: &OfficeCode,
        now: DateTime<Utc>,
        clock_ahead_ms: Option<i64>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE offices SET last_contact_ms = $1, clock_ahead_ms = COALESCE($2, clock_ahead_ms) WHERE code = $3",
        )
        .bind(now.timestamp_millis())
        .bind(clock_ahead_ms)
        .bind(office.as_str().to_owned())
        .execute(&self.inner.pool)
        .await?;
        Ok(())
    }
}

fn code_context(office: &str) -> Vec<u8> {
    format!("enrolment code {office}").into_bytes()
}

impl Writing {
    /// Adds an office or changes its name.
    pub async fn put_office(&mut self, office: &Office) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO offices (code, name, zone) VALUES ($1, $2, $3) \
             ON CONFLICT (code) DO UPDATE SET name = excluded.name, zone = excluded.zone",
        )
        .bind(office.code.as_str().to_owned())
        .bind(office.name.clone())
        .bind(rows::text_of(&office.zone)?)
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Opens a one-time code for an office; an older one is void. Returns whether there is such an office.
    pub async fn open_enrolment(
        &mut self,
        office: &OfficeCode,
        key: &EnrolKey,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let sealed = self.store.inner.storage_key.seal(&code_context(office.as_str()), key.as_bytes());
        let done =
            sqlx::query("UPDATE offices SET enrolment_code = $1, enrolment_until_ms = $2 WHERE code = $3")
                .bind(sealed)
                .bind(until.timestamp_millis())
                .bind(office.as_str().to_owned())
                .execute(self.db())
                .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Uses up an office's one-time code for this node. Returns whether a code was open: of two nodes that come with the
    /// same code only one is let in.
    pub async fn enrol(
        &mut self,
        office: &OfficeCode,
        public: &NodePublic,
        software: &str,
    ) -> Result<bool, StoreError> {
        let now_ms = self.now().timestamp_millis();
        let used = sqlx::query(
            "UPDATE offices SET enrolment_code = NULL, enrolment_until_ms = NULL, last_contact_ms = $1 \
             WHERE code = $2 AND enrolment_code IS NOT NULL AND enrolment_until_ms > $1",
        )
        .bind(now_ms)
        .bind(office.as_str().to_owned())
        .execute(self.db())
        .await?;
        if used.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("UPDATE nodes SET active = 0 WHERE office = $1")
            .bind(office.as_str().to_owned())
            .execute(self.db())
            .await?;
        sqlx::query(
            "INSERT INTO nodes (id, office, keys, software, enrolled_at_ms, active) VALUES ($1, $2, $3, $4, $5, 1) \
             ON CONFLICT (id) DO UPDATE SET active = 1, software = excluded.software, office = excluded.office",
        )
        .bind(public.id().as_bytes().to_vec())
        .bind(office.as_str().to_owned())
        .bind(public.to_bytes().to_vec())
        .bind(software.to_owned())
        .bind(now_ms)
        .execute(self.db())
        .await?;
        Ok(true)
    }
}
