//! Computing every derived row anew from the journals: after a restore, after an upgrade, or because somebody asks.
//!
//! What is no fact about an application stays: offices, quotas, staff, reported payments, mails, blobs.

use chrono::{DateTime, Utc};

use super::error::StoreError;
use super::writing::Writing;
use super::{Store, applications, exchange};

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
