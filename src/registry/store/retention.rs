//! Who may be erased next, and who must not be: proposals that wait for a second person, legal holds, and for how many
//! months cases are kept. Reasons and names lie sealed.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::applications::key_in;
use super::error::StoreError;
use super::writing::Writing;
use super::{Store, Summary, rows};
use crate::domain::actor::Actor;
use crate::domain::application::ApplicationKey;
use crate::domain::erasure::{RetentionRule, Why};

/// Somebody proposed to erase a person; somebody else has to confirm it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposed {
    /// Why.
    pub why: Why,
    /// The legal basis.
    pub basis: String,
    /// Who proposed it.
    pub by: Actor,
    /// When.
    pub at: DateTime<Utc>,
}

/// The law wants a case kept, whatever the retention says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Why: the order or the case it is for.
    pub reason: String,
    /// Who put it on record.
    pub by: Actor,
    /// When.
    pub at: DateTime<Utc>,
}

impl Writing {
    /// Whether a payment of an application still waits for somebody.
    pub async fn owes(&mut self, key: ApplicationKey) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT 1 FROM payments WHERE application = $1 AND state NOT IN ('counted', 'reinstated') \
             AND settled_at_ms IS NULL LIMIT 1",
        )
        .bind(key.0.to_vec())
        .fetch_optional(self.db())
        .await?;
        Ok(row.is_some())
    }

    /// Whether a legal hold stands on an application.
    pub async fn is_held(&mut self, key: ApplicationKey) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT 1 FROM legal_holds WHERE application = $1")
            .bind(key.0.to_vec())
            .fetch_optional(self.db())
            .await?;
        Ok(row.is_some())
    }

    /// Puts a legal hold on an application; one that stands stays as it is.
    pub async fn hold(&mut self, key: ApplicationKey, hold: &Hold) -> Result<(), StoreError> {
        let sealed = self.store.seal_about(key, "hold", hold)?;
        sqlx::query(
            "INSERT INTO legal_holds (application, at_ms, sealed) VALUES ($1, $2, $3) \
             ON CONFLICT (application) DO NOTHING",
        )
        .bind(key.0.to_vec())
        .bind(hold.at.timestamp_millis())
        .bind(sealed)
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Lifts a legal hold. Returns whether one stood.
    pub async fn lift_hold(&mut self, key: ApplicationKey) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM legal_holds WHERE application = $1")
            .bind(key.0.to_vec())
            .execute(self.db())
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Puts a proposal on the list; an earlier one of the same application gives way.
    pub async fn propose_erasure(
        &mut self,
        key: ApplicationKey,
        proposed: &Proposed,
    ) -> Result<(), StoreError> {
        let sealed = self.store.seal_about(key, "proposal", proposed)?;
        sqlx::query(
            "INSERT INTO erasure_proposals (application, at_ms, sealed) VALUES ($1, $2, $3) \
             ON CONFLICT (application) DO UPDATE SET at_ms = excluded.at_ms, sealed = excluded.sealed",
        )
        .bind(key.0.to_vec())
        .bind(proposed.at.timestamp_millis())
        .bind(sealed)
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// The proposal to erase an application's person.
    pub async fn proposed_erasure(&mut self, key: ApplicationKey) -> Result<Option<Proposed>, StoreError> {
        let row = sqlx::query("SELECT application, sealed FROM erasure_proposals WHERE application = $1")
            .bind(key.0.to_vec())
            .fetch_optional(self.db())
            .await?;
        row.map(|row| self.store.open_about(&row, "proposal").map(|(_, proposed)| proposed)).transpose()
    }

    /// Takes a proposal off the list. Returns whether it stood there.
    pub async fn withdraw_proposal(&mut self, key: ApplicationKey) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM erasure_proposals WHERE application = $1")
            .bind(key.0.to_vec())
            .execute(self.db())
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Sets how long data are kept from a day on.
    pub async fn set_retention(&mut self, rule: RetentionRule, by: &Actor) -> Result<(), StoreError> {
        let at_ms = self.now().timestamp_millis();
        let context = format!("retention rule {}", rule.valid_from);
        let by = rows::sealed(&self.store.inner.storage_key, context.as_bytes(), by)?;
        sqlx::query(
            "INSERT INTO retention_rules (valid_from, months, set_by, at_ms) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (valid_from) DO UPDATE SET months = excluded.months, set_by = excluded.set_by, \
             at_ms = excluded.at_ms",
        )
        .bind(rule.valid_from.to_string())
        .bind(i64::from(rule.months))
        .bind(by)
        .bind(at_ms)
        .execute(self.db())
        .await?;
        Ok(())
    }
}

impl Store {
    fn seal_about<T: Serialize>(
        &self,
        key: ApplicationKey,
        what: &str,
        value: &T,
    ) -> Result<Vec<u8>, StoreError> {
        rows::sealed(&self.inner.storage_key, &context(key, what), value)
    }

    fn open_about<T: for<'de> Deserialize<'de>>(
        &self,
        row: &AnyRow,
        what: &str,
    ) -> Result<(ApplicationKey, T), StoreError> {
        let key = key_in(row, "application", "erasures")?;
        let sealed: Vec<u8> = row.try_get("sealed")?;
        Ok((key, rows::opened("erasures", &self.inner.storage_key, &context(key, what), &sealed)?))
    }

    /// Applications that were closed on this day or before, the oldest first; neither proposed nor held.
    pub async fn closed_until(
        &self,
        day: NaiveDate,
        limit: u32,
    ) -> Result<Vec<(NaiveDate, Summary)>, StoreError> {
        let rows = sqlx::query(
            "SELECT key, summary, closed_on FROM applications a WHERE closed_on <= $1 \
             AND NOT EXISTS (SELECT 1 FROM erasure_proposals p WHERE p.application = a.key) \
             AND NOT EXISTS (SELECT 1 FROM legal_holds h WHERE h.application = a.key) \
             ORDER BY closed_on, key LIMIT $2",
        )
        .bind(day.to_string())
        .bind(i64::from(limit))
        .fetch_all(&self.inner.pool)
        .await?;
        let line = |row: &AnyRow| {
            let closed_on: String = row.try_get("closed_on")?;
            Ok((rows::parsed("applications", &closed_on)?, self.summary(row)?))
        };
        rows.iter().map(line).collect()
    }

    /// What waits for a second person, the oldest first.
    pub async fn proposals(&self) -> Result<Vec<(ApplicationKey, Proposed)>, StoreError> {
        let rows =
            sqlx::query("SELECT application, sealed FROM erasure_proposals ORDER BY at_ms, application")
                .fetch_all(&self.inner.pool)
                .await?;
        rows.iter().map(|row| self.open_about(row, "proposal")).collect()
    }

    /// The legal holds that stand, the oldest first.
    pub async fn holds(&self) -> Result<Vec<(ApplicationKey, Hold)>, StoreError> {
        let rows = sqlx::query("SELECT application, sealed FROM legal_holds ORDER BY at_ms, application")
            .fetch_all(&self.inner.pool)
            .await?;
        rows.iter().map(|row| self.open_about(row, "hold")).collect()
    }

    /// How long data are kept, from which days on, the earliest first.
    pub async fn retention_rules(&self) -> Result<Vec<RetentionRule>, StoreError> {
        let rows = sqlx::query("SELECT valid_from, months FROM retention_rules ORDER BY valid_from")
            .fetch_all(&self.inner.pool)
            .await?;
        let rule = |row: &AnyRow| {
            let (from, months): (String, i64) = (row.try_get("valid_from")?, row.try_get("months")?);
            let valid_from = rows::parsed("retention_rules", &from)?;
            Ok(RetentionRule { valid_from, months: u32::try_from(months).unwrap_or(u32::MAX) })
        };
        rows.iter().map(rule).collect()
    }
}

fn context(key: ApplicationKey, what: &str) -> Vec<u8> {
    [what.as_bytes(), b" ".as_slice(), &key.0].concat()
}
