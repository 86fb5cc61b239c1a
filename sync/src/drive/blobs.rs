//! Photos and scans on their way, one piece at a time and only while the line is level: a record never waits long
//! behind a long scan.

use std::collections::{BTreeMap, VecDeque};

use super::{BlobThere, Drive, Replica, Uplink};
use crate::exchange::{Alarm, LineError, Now};
use crate::ids::Hash;

/// Smallest and largest piece of a blob that is sent at once.
const CHUNK_BYTES: (usize, usize) = (16 * 1024, crate::blob::CHUNK_BYTES_MAX);
/// Size of the first piece, before anything is known about the line.
const CHUNK_BYTES_FIRST: usize = 64 * 1024;
/// A chunk should take about so long, so that a record never waits long behind it.
const CHUNK_MS: (u64, u64) = (1_000, 4_000);

/// A blob that did not get through is left alone for so long at first, and at most.
const TROUBLE_MS: (u64, u64) = (60_000, 3_600_000);

/// A blob on its way there; before its first piece the other side is asked, and the blob is verified.
struct Put {
    hash: Hash,
    /// Where the other side stands, and how long the whole is.
    at: Option<(u64, u64)>,
}

/// A blob that did not get through.
#[derive(Default)]
struct Trouble {
    failures: u32,
    not_before_ms: u64,
}

/// What became of a piece.
enum Moved {
    /// There is more to move.
    Part,
    /// The blob is where it was to go.
    Whole,
    /// There is nothing to send: the blob is not here, or not what it was. A person was told.
    NotHere,
}

/// Blobs that wait for a level line.
pub(super) struct BlobLane {
    to_put: VecDeque<Put>,
    to_get: VecDeque<Hash>,
    chunk_bytes: usize,
    /// Whether a blob got through since the lane was filled: then there may be more than were named.
    has_moved: bool,
    troubled: BTreeMap<Hash, Trouble>,
}

impl Default for BlobLane {
    fn default() -> Self {
        let (to_put, to_get) = (VecDeque::new(), VecDeque::new());
        Self { to_put, to_get, chunk_bytes: CHUNK_BYTES_FIRST, has_moved: false, troubled: BTreeMap::new() }
    }
}

impl BlobLane {
    /// Takes what is to be moved, without what failed a short while ago.
    pub(super) fn fill(&mut self, now_ms: u64, to_put: Vec<Hash>, to_get: Vec<Hash>) {
        self.troubled.retain(|hash, _| to_put.contains(hash) || to_get.contains(hash));
        let troubled = &self.troubled;
        let is_due = |hash: &Hash| troubled.get(hash).is_none_or(|trouble| trouble.not_before_ms <= now_ms);
        self.to_put = to_put.into_iter().filter(is_due).map(|hash| Put { hash, at: None }).collect();
        self.to_get = to_get.into_iter().filter(is_due).collect();
        self.has_moved = false;
    }

    pub(super) fn clear(&mut self) {
        self.to_put.clear();
        self.to_get.clear();
        self.has_moved = false;
    }

    /// The blob that is moved now.
    fn front(&self) -> Option<Hash> {
        self.to_put.front().map(|put| put.hash).or_else(|| self.to_get.front().copied())
    }

    /// The blob that is moved now did not get through: it waits longer each time.
    pub(super) fn trouble(&mut self, now_ms: u64) {
        let Some(hash) = self.front() else { return };
        let trouble = self.troubled.entry(hash).or_default();
        let wait_ms = TROUBLE_MS.0.saturating_mul(1 << trouble.failures.min(20)).min(TROUBLE_MS.1);
        *trouble = Trouble { failures: trouble.failures + 1, not_before_ms: now_ms + wait_ms };
    }

    pub(super) fn is_empty(&self) -> bool {
        self.to_put.is_empty() && self.to_get.is_empty()
    }

    /// Moves one piece of the first blob; whether there is nothing more to move of it.
    pub(super) async fn move_piece<R, U, C>(&mut self, drive: &Drive<R, U, C>) -> Result<bool, LineError>
    where
        R: Replica,
        U: Uplink,
        C: Fn() -> Now + Send + Sync,
    {
        let began_ms = (drive.clock)().steady_ms;
        let moved = match (self.to_put.front_mut(), self.to_get.front()) {
            (Some(put), _) => drive.put_chunk(put, self.chunk_bytes).await?,
            (None, Some(hash)) => drive.get_chunk(hash, self.chunk_bytes).await?,
            (None, None) => return Ok(false),
        };
        let now_ms = (drive.clock)().steady_ms;
        match moved {
            Moved::Whole => {
                // A blob that was whole there already has moved nothing: asking again would go on for ever.
                let asked_only = self.to_put.front().is_some_and(|put| put.at.is_none());
                self.has_moved |= !asked_only;
                if let Some(put) = self.to_put.front() {
                    drive.replica.blob_arrived_there(&put.hash).await;
                }
            }
            Moved::Part => self.adapt(now_ms.saturating_sub(began_ms)),
            Moved::NotHere => self.trouble(now_ms),
        }
        Ok(!matches!(moved, Moved::Part))
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
    /// Sends one chunk.
    async fn put_chunk(&self, put: &mut Put, chunk_bytes: usize) -> Result<Moved, LineError> {
        let (offset, len) = match put.at {
            Some(at) => at,
            None => match self.uplink.blob_there(&put.hash).await? {
                BlobThere::Whole => return Ok(Moved::Whole),
                BlobThere::Part(offset) => match self.sound_len(&put.hash).await? {
                    Some(len) => (offset, len),
                    None => return Ok(Moved::NotHere),
                },
            },
        };
        put.at = Some((offset, len));
        let bytes = self.replica.read_chunk(&put.hash, offset, chunk_bytes).await?;
        match self.uplink.put_chunk(&put.hash, offset, bytes, len).await? {
            BlobThere::Whole => Ok(Moved::Whole),
            BlobThere::Part(offset) => {
                put.at = Some((offset, len));
                Ok(Moved::Part)
            }
        }
    }

    /// Length of a blob that is here and unchanged; otherwise a person is told.
    async fn sound_len(&self, hash: &Hash) -> Result<Option<u64>, LineError> {
        let Some(len) = self.replica.blob_len(hash).await? else {
            self.replica.alarm(Alarm::BlobGone(*hash)).await;
            return Ok(None);
        };
        if !self.replica.is_blob_sound(hash).await? {
            self.replica.alarm(Alarm::BlobDamaged(*hash)).await;
            return Ok(None);
        }
        Ok(Some(len))
    }

    /// Fetches one chunk.
    async fn get_chunk(&self, hash: &Hash, chunk_bytes: usize) -> Result<Moved, LineError> {
        if self.replica.blob_len(hash).await?.is_some() {
            return Ok(Moved::Whole);
        }
        let offset = self.replica.part_len(hash).await?;
        let (bytes, len) = self.uplink.get_chunk(hash, offset, chunk_bytes).await?;
        let end = offset.saturating_add(bytes.len() as u64);
        if bytes.is_empty() && end < len {
            return Err(LineError::BadAnswer("an empty piece of a blob".into()));
        }
        self.replica.write_chunk(hash, offset, bytes, len).await?;
        Ok(if end >= len { Moved::Whole } else { Moved::Part })
    }
}
