//! What the registry remembers of its backups: the recovery key they are sealed for, and the last one that was verified.

use chrono::{DateTime, Utc};
use loket_sync::{Have, NodePublic};
use serde::{Deserialize, Serialize};
use sqlx::Row;

use super::error::StoreError;
use super::{Store, rows};

const RECOVERY: &str = "recovery key";
const VERIFIED: &str = "verified backup";

/// The last backup that was read back whole. Whatever lies below its vector survives the loss of the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedBackup {
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Its size in bytes.
    pub bytes: u64,
    /// How far the journals go in it.
    pub vector: Vec<Have>,
}

impl Store {
    /// The public half of the recovery key, if one was drawn.
    pub async fn recovery_key(&self) -> Result<Option<NodePublic>, StoreError> {
        let value = self.own_fact(RECOVERY).await?;
        let fixed = |value: Vec<u8>| rows::fixed("facts_of_the_store", &value);
        Ok(value.map(fixed).transpose()?.map(|bytes| NodePublic::from_bytes(&bytes)))
    }

    /// Names the recovery key that backups are sealed for from now on.
    pub async fn set_recovery_key(&self, public: &NodePublic) -> Result<(), StoreError> {
        self.set_own_fact(RECOVERY, public.to_bytes().to_vec()).await
    }

    /// The last verified backup.
    pub async fn verified_backup(&self) -> Result<Option<VerifiedBackup>, StoreError> {
        let value = self.own_fact(VERIFIED).await?;
        value.map(|value| Ok(serde_json::from_slice(&value)?)).transpose()
    }

    /// Notes a backup that was read back whole.
    pub async fn note_verified_backup(
        &self,
        made_at_ms: i64,
        bytes: u64,
        vector: &[Have],
    ) -> Result<(), StoreError> {
        let made_at = rows::instant("facts_of_the_store", made_at_ms)?;
        let noted = VerifiedBackup { made_at, bytes, vector: vector.to_vec() };
        self.set_own_fact(VERIFIED, serde_json::to_vec(&noted)?).await
    }

    async fn own_fact(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query("SELECT value FROM facts_of_the_store WHERE name = $1")
            .bind(name.to_owned())
            .fetch_optional(&self.inner.pool)
            .await?;
        Ok(row.map(|row| row.try_get("value")).transpose()?)
    }

    async fn set_own_fact(&self, name: &str, value: Vec<u8>) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO facts_of_the_store (name, value) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )
        .bind(name.to_owned())
        .bind(value)
        .execute(&self.inner.pool)
        .await?;
        Ok(())
    }
}
