//! Sealed pictures on their way from and to offices, and opened for whoever decides.

use loket_sync::blob::{Progress, Swept};
use loket_sync::{BlobError, Hash, open_blob};

use super::exchange::Peer;
use super::{ActionError, Registry};
use crate::domain::application::ApplicationKey;
use crate::domain::document::{BLOB_CLASS, BlobRef};
use crate::domain::refusal::Refusal;

/// How much of a picture is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// So many bytes.
    Part(u64),
    /// All of it, of this length.
    Whole(u64),
}

/// How much of a picture is here; `None` when it is none of this office's.
pub async fn held(registry: &Registry, peer: &Peer, hash: &Hash) -> Result<Option<Held>, ActionError> {
    if !registry.store.blob_belongs_to(hash, peer.office.as_str()).await? {
        return Ok(None);
    }
    let (blobs, hash) = (registry.blobs.clone(), *hash);
    let held = blocking(move || {
        // Whoever hears that it is whole does not send it again.
        let whole = if blobs.is_kept(&hash)? { blobs.len(&hash) } else { None };
        Ok::<_, BlobError>(whole.map_or_else(|| Held::Part(blobs.offset(&hash)), Held::Whole))
    });
    Ok(Some(held.await??))
}

/// A piece of a picture and the length of the whole; `None` when it is not here or none of this office's.
pub async fn read(
    registry: &Registry,
    peer: &Peer,
    hash: &Hash,
    offset: u64,
    len_max: usize,
) -> Result<Option<(Vec<u8>, u64)>, ActionError> {
    if !registry.store.blob_belongs_to(hash, peer.office.as_str()).await? {
        return Ok(None);
    }
    let Some(len) = registry.blobs.len(hash) else { return Ok(None) };
    if offset == 0 && whole(registry, hash).await?.is_none() {
        return Ok(None);
    }
    let (blobs, hash) = (registry.blobs.clone(), *hash);
    let chunk = blocking(move || blobs.chunk(&hash, offset, len_max)).await??;
    Ok(chunk.map(|bytes| (bytes, len)))
}

/// Keeps the next piece of a picture; synced when it returns. `None` when no record of this office names it.
pub async fn write(
    registry: &Registry,
    peer: &Peer,
    hash: &Hash,
    offset: u64,
    bytes: Vec<u8>,
    len: u64,
) -> Result<Option<Held>, ActionError> {
    if !registry.store.blob_belongs_to(hash, peer.office.as_str()).await? {
        return Ok(None);
    }
    let (blobs, wanted) = (registry.blobs.clone(), *hash);
    let progress = blocking(move || blobs.append_chunk(&wanted, offset, &bytes, len)).await??;
    if progress == Progress::Whole {
        registry.store.blob_stored(hash).await?;
    }
    Ok(Some(match progress {
        Progress::Part(offset) => Held::Part(offset),
        Progress::Whole => Held::Whole(len),
    }))
}

/// A picture of an application, opened; `None` while it has not arrived.
pub async fn open(
    registry: &Registry,
    key: ApplicationKey,
    picture: &BlobRef,
) -> Result<Option<Vec<u8>>, ActionError> {
    let hash: Hash = picture.hash.parse().map_err(|_| Refusal::UnknownApplication)?;
    let subject_key = registry.store.application_key(key).await?;
    let subject_key = subject_key.ok_or(ActionError::Refused(Refusal::UnknownApplication))?;
    let sealed = whole(registry, &hash).await?;
    let opened = sealed.map(|sealed| open_blob(&subject_key, BLOB_CLASS, &sealed)).transpose();
    opened.map_err(|error| ActionError::Internal(error.to_string()))
}

/// The sealed bytes of a picture. One that is damaged or gone is wanted again: the office that has it brings it.
async fn whole(registry: &Registry, hash: &Hash) -> Result<Option<Vec<u8>>, ActionError> {
    let (blobs, wanted) = (registry.blobs.clone(), *hash);
    let read = blocking(move || match blobs.get(&wanted) {
        Err(BlobError::Damaged(hash)) => blobs.set_aside(&hash).map(|()| None),
        read => read,
    });
    let sealed = read.await??;
    if sealed.is_none() {
        tracing::error!(%hash, "A picture is damaged or gone; it is asked for again");
        registry.store.blob_lost(hash).await?;
    }
    Ok(sealed)
}

/// Sets aside pictures that no booking and no fact of an office names: left by bookings that were refused, or by a
/// process that ended half-way.
pub async fn sweep(registry: &Registry) -> Result<Swept, ActionError> {
    let (registry, here) = (registry.clone(), tokio::runtime::Handle::current());
    let swept = blocking(move || {
        // What cannot be asked is named.
        let is_named = |hash: &Hash| here.block_on(registry.store.is_blob_named(hash)).unwrap_or(true);
        registry.blobs.sweep(registry.now().timestamp_millis(), is_named)
    });
    Ok(swept.await??)
}

/// Reading and syncing files may take a while; other requests go on meanwhile.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ActionError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| ActionError::Internal(error.to_string()))
}
