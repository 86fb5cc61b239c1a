//! Computing every derived row anew from the journals: after a restore, after an upgrade, or because somebody asks.
//!
//! What is no fact about an application stays: offices, quotas, staff, reported payments, mails, blobs.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::Row;

use super::error::StoreError;
use super::writing::Writing;
use super::{Store, applications, exchange};
use crate::domain::fact::{self, Matter};

/// What a rebuild did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rebuilt {
    /// Applications whose rows were computed.
    pub applications: usize,
}

impl Store {
    /// Computes all derived rows anew, in one transaction: readers see the old rows until it is done.
    pub async fn rebuild(&self, now: DateTime<Utc>) -> Result<Rebuilt, StoreError> {
        let mut writing = self.begin(now).await?;
        let applications = writing.derive_all().await?;
        writing.commit().await?;
        Ok(Rebuilt { applications })
    }
}

impl Store {
    /// Applies facts of kinds that this program knows and the one before did not: they were kept and parked. Returns of
    /// how many applications rows were drawn anew.
    pub async fn apply_newly_known(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let known = self.inner.vocabulary.kinds();
        let mut writing = self.begin(now).await?;
        let row = sqlx::query("SELECT value FROM facts_of_the_store WHERE name = 'kinds'")
            .fetch_optional(writing.db())
            .await?;
        let before: Option<Vec<u8>> = row.map(|row| row.try_get("value")).transpose()?;
        let before: Option<Vec<u16>> = before.map(|bytes| serde_json::from_slice(&bytes)).transpose()?;
        if before.as_ref() == Some(&known) {
            return Ok(0);
        }
        let mut applications = BTreeSet::new();
        let newly = known.iter().filter(|kind| before.as_ref().is_none_or(|before| !before.contains(kind)));
        for kind in newly.filter(|kind| fact::matter(**kind) == Matter::Application) {
            let rows = sqlx::query("SELECT DISTINCT subject FROM records WHERE kind = $1")
                .bind(i64::from(*kind))
                .fetch_all(writing.db())
                .await?;
            for row in &rows {
                applications.insert(applications::key_in(row, "subject", "records")?);
            }
        }
        for key in &applications {
            // What happened is counted, even above a quota that was lowered since.
            let _: super::Room = writing.refresh(*key, false).await?;
        }
        sqlx::query(
            "INSERT INTO facts_of_the_store (name, value) VALUES ('kinds', $1) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )
        .bind(serde_json::to_vec(&known)?)
        .execute(writing.db())
        .await?;
        writing.commit().await?;
        Ok(applications.len())
    }
}

impl Writing {
    /// Computes all derived rows anew. Returns of how many applications.
    pub(super) async fn derive_all(&mut self) -> Result<usize, StoreError> {
        for statement in ["UPDATE slots SET taken = 0", "DELETE FROM bills", "DELETE FROM applications"] {
            sqlx::query(statement).execute(self.db()).await?;
        }
        exchange::draw_keyless(self.db()).await?;
        let keys = applications::all_keys(self.db()).await?;
        for key in &keys {
            // Not strict: what happened is counted, even above a quota that was lowered since.
            let _ = self.refresh(*key, false).await?;
        }
        Ok(keys.len())
    }
}
