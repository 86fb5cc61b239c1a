//! What offices said in their last bundles, and what goes with the next one to them.

use loket_sync::{Hash, NodePublic, Subject};
use sqlx::Row;

use super::error::StoreError;
use super::{Store, nodes, rows};
use crate::domain::office::OfficeCode;

impl Store {
    /// What an office said in its last bundle, as it was noted.
    pub async fn carried(&self, office: &OfficeCode) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query("SELECT said FROM carried WHERE office = $1")
            .bind(office.as_str().to_owned())
            .fetch_optional(&self.inner.pool)
            .await?;
        Ok(row.map(|row| row.try_get("said")).transpose()?)
    }

    /// Notes what an office said in a bundle.
    pub async fn note_carried(&self, office: &OfficeCode, said: &[u8]) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO carried (office, said) VALUES ($1, $2) \
             ON CONFLICT (office) DO UPDATE SET said = excluded.said",
        )
        .bind(office.as_str().to_owned())
        .bind(said.to_vec())
        .execute(&self.inner.pool)
        .await?;
        Ok(())
    }

    /// The keys of an office's present node.
    pub async fn active_node(&self, office: &OfficeCode) -> Result<Option<NodePublic>, StoreError> {
        let nodes = self.nodes().await?;
        let active = nodes.of(office).into_iter().find(|(_, node)| node.is_active());
        Ok(active.and_then(|(id, _)| nodes::public_of(&nodes, id)))
    }

    /// Pictures of one application that are here and that an office may have.
    pub async fn blobs_of(&self, subject: Subject, office: &str) -> Result<Vec<Hash>, StoreError> {
        let rows =
            sqlx::query("SELECT hash FROM blobs WHERE application = $1 AND office = $2 AND stored = 1")
                .bind(subject.as_bytes().to_vec())
                .bind(office.to_owned())
                .fetch_all(&self.inner.pool)
                .await?;
        let hash = |row: &sqlx::any::AnyRow| {
            let bytes: Vec<u8> = row.try_get("hash")?;
            Ok(Hash::from_bytes(rows::fixed("blobs", &bytes)?))
        };
        rows.iter().map(hash).collect()
    }
}
