//! Numbers that are set aside for an office's walk-ins: read from the journals alone (docs/decisions/0027).

use std::collections::BTreeSet;

use loket_sync::{NodePublic, StorageKey, Subject, SubjectKey, open_body};
use sqlx::{AnyConnection, Row};

use super::error::StoreError;
use super::writing::Writing;
use super::{Store, applications, journal, stream_for};
use crate::domain::actor::Actor;
use crate::domain::application::ApplicationKey;
use crate::domain::fact::{self, Fact};
use crate::domain::number::ApplicationNumber;
use crate::domain::office::OfficeCode;
use crate::domain::walk_in::{self, NumbersReserved};
use crate::reserved::{numbers_subject, own_subject};

/// The kind of the fact by which an office leaves a block behind.
const KIND_TICKETS_SKIPPED: i64 = 244;

/// The key of what is said of an office's numbers: derived, so that a registry restored from a copy older than the first
/// block draws no other one.
fn numbers_key(storage: &StorageKey, office: &OfficeCode) -> SubjectKey {
    SubjectKey::from_bytes(storage.hash("key of an office's reserved numbers", office.as_str().as_bytes()))
}

/// All blocks of an office, the oldest first, whichever of its machines they are for.
async fn blocks(
    store: &Store,
    db: &mut AnyConnection,
    office: &OfficeCode,
) -> Result<Vec<NumbersReserved>, StoreError> {
    let subject = numbers_subject(&store.inner.node_key.public(), office);
    let key = numbers_key(&store.inner.storage_key, office);
    let mut found = Vec::new();
    for record in journal::records_about(db, stream_for(office)?, subject).await? {
        let Ok(body) = open_body(&record, &key) else { continue };
        let written = fact::decode(record.header.kind, &body).ok().flatten();
        if let Some(written) = written
            && let Fact::NumbersReserved(block) = written.fact
        {
            found.push((written.rev, block));
        }
    }
    found.sort_by_key(|(rev, _)| *rev);
    Ok(found.into_iter().map(|(_, block)| block).collect())
}

/// Blocks that a machine has left behind: the first number of each.
async fn left_behind(
    store: &Store,
    db: &mut AnyConnection,
    node: &NodePublic,
) -> Result<BTreeSet<ApplicationNumber>, StoreError> {
    let subject = own_subject(node);
    let mut left = BTreeSet::new();
    let Some(key) = journal::subject_key(db, &store.inner.storage_key, subject).await? else {
        return Ok(left);
    };
    let rows = sqlx::query("SELECT record FROM records WHERE subject = $1 AND kind = $2")
        .bind(subject.as_bytes().to_vec())
        .bind(KIND_TICKETS_SKIPPED)
        .fetch_all(db)
        .await?;
    for row in &rows {
        let bytes: Vec<u8> = row.try_get("record")?;
        let record = loket_sync::Record::from_bytes(&bytes);
        let record = record.map_err(|error| StoreError::damaged("records", error))?;
        let Ok(body) = open_body(&record, &key) else { continue };
        if let Ok(Some(written)) = fact::decode(record.header.kind, &body)
            && let Fact::TicketsSkipped(skipped) = written.fact
        {
            left.extend(skipped.blocks_left);
        }
    }
    Ok(left)
}

/// How many blocks a machine has of which no number is known to be given out. An office draws a block's numbers in their
/// order, so that the first one tells.
async fn ahead(
    store: &Store,
    db: &mut AnyConnection,
    office: &OfficeCode,
    node: &NodePublic,
) -> Result<usize, StoreError> {
    let (id, left) = (node.id().to_string(), left_behind(store, db, node).await?);
    let mut count = 0;
    for block in blocks(store, db, office).await? {
        if block.node == id && !left.contains(&block.first) {
            count += usize::from(applications::bearer(store, db, &block.first).await?.is_none());
        }
    }
    Ok(count)
}

impl Store {
    /// How many blocks of numbers a machine of an office has not begun yet.
    pub async fn blocks_ahead(&self, office: &OfficeCode, node: &NodePublic) -> Result<usize, StoreError> {
        let mut db = self.inner.pool.acquire().await?;
        ahead(self, &mut db, office, node).await
    }
}

impl Writing {
    /// The same as this act sees it.
    pub async fn blocks_ahead(
        &mut self,
        office: &OfficeCode,
        node: &NodePublic,
    ) -> Result<usize, StoreError> {
        let store = self.store.clone();
        ahead(&store, self.db(), office, node).await
    }

    /// Sets a block aside for an office.
    pub async fn reserve_numbers(
        &mut self,
        office: &OfficeCode,
        block: NumbersReserved,
    ) -> Result<(), StoreError> {
        let (stream, storage) = (stream_for(office)?, self.store.inner.storage_key.clone());
        let subject: Subject = numbers_subject(&self.store.inner.node_key.public(), office);
        let key = numbers_key(&storage, office);
        journal::put_subject_key(self.db(), &storage, subject, &key).await?;
        let written = journal::records_about(self.db(), stream, subject).await?.len();
        let first_rev = u32::try_from(written).unwrap_or(u32::MAX).saturating_add(1);
        let facts = vec![Fact::NumbersReserved(block)];
        self.append_written(stream, subject, &key, (&Actor::Node, None), facts, first_rev).await
    }

    /// Whether a walk-in of an office may be found under the number it was given there: it must be one of the office's own,
    /// and nobody else's.
    pub(super) async fn may_bear(
        &mut self,
        key: ApplicationKey,
        office: &OfficeCode,
        number: &ApplicationNumber,
    ) -> Result<bool, StoreError> {
        let store = self.store.clone();
        let block = walk_in::block_of(number);
        let is_reserved =
            blocks(&store, self.db(), office).await?.into_iter().any(|it| Some(it.first) == block);
        let bearer = applications::bearer(&store, self.db(), number).await?;
        Ok(is_reserved && bearer.is_none_or(|bearer| bearer == key))
    }
}
