//! Photos and scans on their way, one piece at a time and only while the line is level: a record never waits long
//! behind a long scan.

use std::collections::VecDeque;

use super::{BlobThere, Drive, Replica, Uplink};
use crate::exchange::{LineError, Now};
use crate::ids::Hash;

/// Smallest and largest piece of a blob that is sent at once.
const CHUNK_BYTES: (usize, usize) = (16 * 1024, crate::blob::CHUNK_BYTES_MAX);
/// Size of the first piece, before anything is known about the line.
const CHUNK_BYTES_FIRST: usize = 64 * 1024;
/// A chunk should take about so long, so that a record never waits long behind it.
const CHUNK_MS: (u64, u64) = (1_000, 4_000);

/// A blob on its way there; without an offset the other side is asked first.
struct Put {
    hash: Hash,
    offset: Option<u64>,
}

/// Blobs that wait for a level line.
pub(super) struct BlobLane {
    to_put: VecDeque<Put>,
    to_get: VecDeque<Hash>,
    chunk_bytes: usize,
    /// Whether a blob got through since the lane was filled: then there may be more than were named.
    has_moved: bool,
}

impl Default for BlobLane {
    fn default() -> Self {
        let (to_put, to_get) = (VecDeque::new(), VecDeque::new());
        Self { to_put, to_get, chunk_bytes: CHUNK_BYTES_FIRST, has_moved: false }
    }
}

impl BlobLane {
    pub(super) fn fill(&mut self, to_put: Vec<Hash>, to_get: Vec<Hash>) {
        self.to_put = to_put.into_iter().map(|hash| Put { hash, offset: None }).collect();
        self.to_get = to_get.into();
        self.has_moved = false;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.to_put.is_empty() && self.to_get.is_empty()
    }

    /// Moves one piece of the first blob; whether that blob is whole where it goes.
    pub(super) async fn move_piece<R, U, C>(&mut self, drive: &Drive<R, U, C>) -> Result<bool, LineError>
    where
        R: Replica,
        U: Uplink,
        C: Fn() -> Now + Send + Sync,
    {
        let began_ms = (drive.clock)().steady_ms;
        let is_whole = match (self.to_put.front_mut(), self.to_get.front()) {
            (Some(put), _) => drive.put_chunk(put, self.chunk_bytes).await?,
            (None, Some(hash)) => drive.get_chunk(hash, self.chunk_bytes).await?,
            (None, None) => return Ok(false),
        };
        if is_whole {
            // A blob that was whole there already has moved nothing: asking again would go on for ever.
            let asked_only = self.to_put.front().is_some_and(|put| put.offset.is_none());
            self.has_moved |= !asked_only;
            if let Some(put) = self.to_put.front() {
                drive.replica.blob_arrived_there(&put.hash).await;
            }
        } else {
            self.adapt((drive.clock)().steady_ms.saturating_sub(began_ms));
        }
        Ok(is_whole)
    }

    /// Leaves the first blob; whether the lane is through and the other side may have more to name.
    pub(super) fn next(&mut self) -> bool {
        if self.to_put.pop_front().is_none() {
            self.to_get.pop_front();
        }
        self.is_empty() && std::mem::take(&mut self.has_moved)
    }

    /// Smaller pieces on a slow line, larger ones on a fast one.
    fn adapt(&mut self, took_ms: u64) {
        if took_ms < CHUNK_MS.0 {
            self.chunk_bytes = (self.chunk_bytes * 2).min(CHUNK_BYTES.1);
        } else if took_ms > CHUNK_MS.1 {
            self.chunk_bytes = (self.chunk_bytes / 2).max(CHUNK_BYTES.0);
        }
    }
}

impl<R: Replica, U: Uplink, C: Fn() -> Now + Send + Sync> Drive<R, U, C> {
    /// Sends one chunk; whether the blob is whole there.
    async fn put_chunk(&self, put: &mut Put, chunk_bytes: usize) -> Result<bool, LineError> {
        let Some(len) = self.replica.blob_len(&put.hash).await? else { return Ok(true) };
        let offset = match put.offset {
            Some(offset) => offset,
            None => match self.uplink.blob_there(&put.hash).await? {
                BlobThere::Whole => return Ok(true),
                BlobThere::Part(offset) => offset,
            },
        };
        put.offset = Some(offset);
        let bytes = self.replica.read_chunk(&put.hash, offset, chunk_bytes).await?;
        match self.uplink.put_chunk(&put.hash, offset, bytes, len).await? {
            BlobThere::Whole => Ok(true),
            BlobThere::Part(offset) => {
                put.offset = Some(offset);
                Ok(false)
            }
        }
    }

    /// Fetches one chunk; whether the blob is whole here.
    async fn get_chunk(&self, hash: &Hash, chunk_bytes: usize) -> Result<bool, LineError> {
        if self.replica.blob_len(hash).await?.is_some() {
            return Ok(true);
        }
        let offset = self.replica.part_len(hash).await?;
        let (bytes, len) = self.uplink.get_chunk(hash, offset, chunk_bytes).await?;
        let end = offset.saturating_add(bytes.len() as u64);
        if bytes.is_empty() && end < len {
            return Err(LineError::BadAnswer("an empty piece of a blob".into()));
        }
        self.replica.write_chunk(hash, offset, bytes, len).await?;
        Ok(end >= len)
    }
}
