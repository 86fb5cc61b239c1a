//! Which sealed pictures belong to which application, and whether their bytes are here yet. The bytes themselves lie in
//! files named by their hash.

use loket_sync::Hash;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::error::StoreError;
use super::writing::Writing;
use super::{Store, rows};
use crate::domain::application::{Application, ApplicationKey};
use crate::domain::capture::Finger;
use crate::domain::document::BlobRef;
use crate::domain::fact::Fact;
use crate::domain::office::OfficeCode;

/// The pictures a fact names.
pub fn pictures(fact: &Fact) -> Vec<&BlobRef> {
    match fact {
        Fact::Booked(booked) => {
            booked.documents.iter().filter_map(|document| document.picture.as_ref()).collect()
        }
        Fact::PortraitCaptured(portrait) => vec![&portrait.picture],
        Fact::FingerCaptured(finger) => match &finger.finger {
            Finger::Taken { picture, .. } => vec![picture],
            Finger::Excepted { .. } => Vec::new(),
        },
        Fact::SignatureCaptured(signature) => signature.picture.iter().collect(),
        _ => Vec::new(),
    }
}

/// Notes which pictures an application has, and the office they go to or come from.
pub(super) async fn derive(db: &mut AnyConnection, application: &Application) -> Result<(), StoreError> {
    let view = application.view();
    let office = view.booking.as_ref().map(|booking| booking.office.to_string());
    let mut named: Vec<(&BlobRef, String)> = Vec::new();
    for entry in application.entries() {
        let author = match &entry.author {
            crate::domain::application::Author::Office(code) => Some(code.to_string()),
            crate::domain::application::Author::Registry => office.clone(),
        };
        let Some(author) = author else { continue };
        named.extend(pictures(&entry.fact).into_iter().map(|picture| (picture, author.clone())));
    }
    for (picture, office) in named {
        // A reference that is no hash cannot be fetched by anybody; the fact stands, the picture stays missing.
        let Ok(hash) = picture.hash.parse::<Hash>() else { continue };
        sqlx::query(
            "INSERT INTO blobs (hash, application, office, stored) VALUES ($1, $2, $3, 0) \
             ON CONFLICT (hash) DO NOTHING",
        )
        .bind(hash.as_bytes().to_vec())
        .bind(application.key().0.to_vec())
        .bind(office)
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

impl Writing {
    /// Notes a picture whose bytes came with a booking: they are here already.
    pub async fn put_stored_blob(
        &mut self,
        hash: &Hash,
        key: ApplicationKey,
        office: &OfficeCode,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO blobs (hash, application, office, stored) VALUES ($1, $2, $3, 1) \
             ON CONFLICT (hash) DO UPDATE SET stored = 1",
        )
        .bind(hash.as_bytes().to_vec())
        .bind(key.0.to_vec())
        .bind(office.as_str().to_owned())
        .execute(self.db())
        .await?;
        Ok(())
    }
}

impl Store {
    /// Pictures whose bytes must be here.
    pub async fn stored_blobs(&self) -> Result<Vec<Hash>, StoreError> {
        let rows = sqlx::query("SELECT hash FROM blobs WHERE stored = 1 ORDER BY hash")
            .fetch_all(&self.inner.pool)
            .await?;
        rows.iter().map(hash).collect()
    }

    /// Whether an office may fetch or bring this picture: one of its applications names it.
    pub async fn blob_belongs_to(&self, hash: &Hash, office: &str) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT office FROM blobs WHERE hash = $1")
            .bind(hash.as_bytes().to_vec())
            .fetch_optional(&self.inner.pool)
            .await?;
        let owner: Option<String> = row.map(|row| row.try_get("office")).transpose()?;
        Ok(owner.is_some_and(|owner| owner == office))
    }

    /// Whether an application names this picture.
    pub async fn is_blob_named(&self, hash: &Hash) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT 1 FROM blobs WHERE hash = $1")
            .bind(hash.as_bytes().to_vec())
            .fetch_optional(&self.inner.pool)
            .await?;
        Ok(row.is_some())
    }

    /// Notes that the bytes of a picture are here.
    pub async fn blob_stored(&self, hash: &Hash) -> Result<(), StoreError> {
        sqlx::query("UPDATE blobs SET stored = 1 WHERE hash = $1")
            .bind(hash.as_bytes().to_vec())
            .execute(&self.inner.pool)
            .await?;
        Ok(())
    }

    /// Pictures an office's applications name whose bytes are not here yet, in the order of their hashes, from behind
    /// `after` on.
    pub async fn missing_blobs(
        &self,
        office: &str,
        after: Option<&Hash>,
        limit: u32,
    ) -> Result<Vec<Hash>, StoreError> {
        let rows = sqlx::query(
            "SELECT hash FROM blobs WHERE office = $1 AND stored = 0 AND hash > $2 ORDER BY hash LIMIT $3",
        )
        .bind(office.to_owned())
        .bind(after.map(|hash| hash.as_bytes().to_vec()).unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(&self.inner.pool)
        .await?;
        rows.iter().map(hash).collect()
    }
}

fn hash(row: &AnyRow) -> Result<Hash, StoreError> {
    let bytes: Vec<u8> = row.try_get("hash")?;
    Ok(Hash::from_bytes(rows::fixed("blobs", &bytes)?))
}
