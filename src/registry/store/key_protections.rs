//! How the registry's key rested, start by start: part of the staff's trail.

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::error::StoreError;
use super::{Store, rows};
use crate::domain::key_protection::KeyProtectionChanged;

fn changed(row: &AnyRow) -> Result<(KeyProtectionChanged, DateTime<Utc>), StoreError> {
    let (now, before): (String, String) = (row.try_get("protection")?, row.try_get("before")?);
    let (now, before) = (rows::parsed("key_protections", &now)?, rows::parsed("key_protections", &before)?);
    let at = rows::instant("key_protections", row.try_get("at_ms")?)?;
    Ok((KeyProtectionChanged { now, before }, at))
}

impl Store {
    /// The latest changes, latest first.
    pub async fn key_protections(
        &self,
        limit: u32,
    ) -> Result<Vec<(KeyProtectionChanged, DateTime<Utc>)>, StoreError> {
        let rows =
            sqlx::query("SELECT protection, before, at_ms FROM key_protections ORDER BY at_ms DESC LIMIT $1")
                .bind(i64::from(limit))
                .fetch_all(&self.inner.pool)
                .await?;
        rows.iter().map(changed).collect()
    }

    /// Puts a change on record.
    pub async fn put_key_protection(
        &self,
        changed: &KeyProtectionChanged,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO key_protections (protection, before, at_ms) VALUES ($1, $2, $3)")
            .bind(rows::text_of(&changed.now)?)
            .bind(rows::text_of(&changed.before)?)
            .bind(at.timestamp_millis())
            .execute(&self.inner.pool)
            .await?;
        Ok(())
    }
}
