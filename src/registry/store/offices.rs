//! The offices this registry knows, their one-time enrolment codes, and their machines.

use chrono::{DateTime, Utc};
use loket_sync::enrol::EnrolKey;
use loket_sync::{NodeId, NodePublic};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::error::StoreError;
use super::writing::Writing;
use super::{Store, public_of, rows};
use crate::domain::actor::Actor;
use crate::domain::node::Revocation;
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
    /// When it was last alive, as far as that is proven.
    pub last_contact_at: Option<DateTime<Utc>>,
    /// How far its clock is ahead of ours, in milliseconds.
    pub clock_ahead_ms: Option<i64>,
    /// The machines that were ever let in, the latest first. Two that may write at once are a fault somebody must see.
    pub nodes: Vec<NodeRow>,
}

/// A machine of an office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeRow {
    /// Its identity.
    pub id: NodeId,
    /// What it runs, as far as it is known.
    pub software: Option<String>,
    /// When it was let in, and by whom.
    pub granted: (DateTime<Utc>, Actor),
    /// How its key was taken back, if it was.
    pub revoked: Option<Revocation>,
    /// Since when two copies of it are at work, if so.
    pub twins_since: Option<DateTime<Utc>>,
}

/// What a message tells of the office that wrote it.
#[derive(Debug, Clone, Copy)]
pub struct Heard {
    /// When it came.
    pub now: DateTime<Utc>,
    /// The office's clock when it was written.
    pub said_ms: i64,
    /// The second of this registry's clock in the answer it follows.
    pub answered_s: Option<u32>,
}

/// A node that may exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolled {
    /// Whose.
    pub office: OfficeCode,
    /// Its keys.
    pub public: NodePublic,
    /// How its key was taken back, if it was: it vouches only for what it signed before.
    pub revoked: Option<Revocation>,
}

const OFFICES: &str =
    "SELECT code, name, zone, enrolment_until_ms, last_contact_ms, clock_ahead_ms FROM offices ";

fn office_row(row: &AnyRow, nodes: Vec<NodeRow>) -> Result<OfficeRow, StoreError> {
    let instant = |column: &str| -> Result<Option<DateTime<Utc>>, StoreError> {
        let ms: Option<i64> = row.try_get(column)?;
        ms.map(|ms| rows::instant("offices", ms)).transpose()
    };
    let (code, zone): (String, String) = (row.try_get("code")?, row.try_get("zone")?);
    let active = nodes.iter().find(|node| node.revoked.is_none());
    Ok(OfficeRow {
        office: Office {
            code: rows::parsed("offices", &code)?,
            name: row.try_get("name")?,
            zone: rows::parsed("offices", &zone)?,
        },
        enrolment_until: instant("enrolment_until_ms")?,
        enrolled: active.is_some(),
        software: active.and_then(|node| node.software.clone()).filter(|software| !software.is_empty()),
        last_contact_at: instant("last_contact_ms")?,
        clock_ahead_ms: row.try_get("clock_ahead_ms")?,
        nodes,
    })
}

impl Store {
    /// All offices by name.
    pub async fn offices(&self) -> Result<Vec<OfficeRow>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{OFFICES} ORDER BY name"));
        let found = sqlx::query(sql).fetch_all(&self.inner.pool).await?;
        let mut offices = Vec::with_capacity(found.len());
        for row in &found {
            offices.push(self.with_nodes(row).await?);
        }
        Ok(offices)
    }

    /// One office.
    pub async fn office(&self, code: &OfficeCode) -> Result<Option<OfficeRow>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{OFFICES} WHERE code = $1"));
        let row = sqlx::query(sql).bind(code.as_str().to_owned()).fetch_optional(&self.inner.pool).await?;
        match row {
            Some(row) => Ok(Some(self.with_nodes(&row).await?)),
            None => Ok(None),
        }
    }

    async fn with_nodes(&self, row: &AnyRow) -> Result<OfficeRow, StoreError> {
        let code: String = row.try_get("code")?;
        let known = self.nodes().await?;
        let mut nodes = Vec::new();
        for (id, node) in known.of(&rows::parsed("offices", &code)?) {
            let (Ok(id), Some((_, at, by))) = (id.parse::<NodeId>(), &node.granted) else { continue };
            let (software, twins_since) = self.seen_of(id).await?;
            let granted = (*at, by.clone());
            nodes.push(NodeRow { id, software, granted, revoked: node.revoked.clone(), twins_since });
        }
        office_row(row, nodes)
    }

    /// The node of an identity.
    pub async fn node(&self, id: NodeId) -> Result<Option<Enrolled>, StoreError> {
        let nodes = self.nodes().await?;
        let name = id.to_string();
        let public = public_of(&nodes, &name);
        Ok(nodes.get(&name).zip(public).and_then(|(node, public)| {
            let (granted, _, _) = node.granted.as_ref()?;
            let revoked = node.revoked.clone();
            Some(Enrolled { office: granted.office.clone(), public, revoked })
        }))
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

    /// Notes when an office was alive, and how its clock goes. Its signature says who wrote a message and not when: one
    /// that was caught on the way can be delivered again for years. So what counts is the answer it follows, or else,
    /// from an office that does not say that, a later time of its clock than any before.
    pub async fn heard_of(&self, office: &OfficeCode, heard: &Heard) -> Result<(), StoreError> {
        let Heard { now, said_ms, answered_s } = *heard;
        let now_ms = now.timestamp_millis();
        let proven_ms = answered_s.map(|second| i64::from(second) * 1000);
        let later = if proven_ms.is_some() {
            // What lies ahead was noted by a clock that was wrong.
            "(last_contact_ms IS NULL OR last_contact_ms < $1 OR last_contact_ms > $5)"
        } else {
            "(said_ms IS NULL OR said_ms < $3)"
        };
        if proven_ms.is_some_and(|proven_ms| proven_ms > now_ms) {
            return Ok(());
        }
        let sql = sqlx::AssertSqlSafe(format!(
            "UPDATE offices SET last_contact_ms = $1, clock_ahead_ms = $2, \
             said_ms = CASE WHEN said_ms > $3 THEN said_ms ELSE $3 END WHERE code = $4 AND $5 >= $1 AND {later}"
        ));
        sqlx::query(sql)
            .bind(proven_ms.unwrap_or(now_ms))
            .bind(said_ms - now_ms)
            .bind(said_ms)
            .bind(office.as_str().to_owned())
            .bind(now_ms)
            .execute(&self.inner.pool)
            .await?;
        Ok(())
    }
}

fn opener_context(office: &OfficeCode) -> Vec<u8> {
    format!("enrolment opened {office}").into_bytes()
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
        by: &Actor,
    ) -> Result<bool, StoreError> {
        let storage = &self.store.inner.storage_key;
        let sealed = storage.seal(&code_context(office.as_str()), key.as_bytes());
        let by = rows::sealed(storage, &opener_context(office), by)?;
        let done = sqlx::query(
            "UPDATE offices SET enrolment_code = $1, enrolment_until_ms = $2, enrolment_by = $3 WHERE code = $4",
        )
        .bind(sealed)
        .bind(until.timestamp_millis())
        .bind(by)
        .bind(office.as_str().to_owned())
        .execute(self.db())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Uses up an office's one-time code. Returns who opened it, if one was open: of two nodes that come with the same
    /// code only one is let in.
    pub async fn use_code(&mut self, office: &OfficeCode) -> Result<Option<Actor>, StoreError> {
        let now_ms = self.now().timestamp_millis();
        let row = sqlx::query(
            "UPDATE offices SET enrolment_code = NULL, enrolment_until_ms = NULL, last_contact_ms = $1, \
             said_ms = NULL WHERE code = $2 AND enrolment_code IS NOT NULL AND enrolment_until_ms > $1 RETURNING enrolment_by",
        )
        .bind(now_ms)
        .bind(office.as_str().to_owned())
        .fetch_optional(self.db())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let by: Option<Vec<u8>> = row.try_get("enrolment_by")?;
        let storage = &self.store.inner.storage_key;
        let by = by.map(|by| rows::opened("offices", storage, &opener_context(office), &by)).transpose()?;
        Ok(Some(by.unwrap_or(Actor::Node)))
    }
}
