//! Photos and scans on their way, one piece at a time and only while the line is level. A piece is small enough that
//! a record beside it never waits long, and is lost at most once when the line is cut.

use std::collections::{BTreeMap, VecDeque};

use super::{BlobThere, Drive, Replica, Uplink};
use crate::exchange::{Alarm, LineError, Now};
use crate::ids::Hash;

/// Smallest and largest piece of a blob that is sent at once.
const CHUNK_BYTES: (usize, usize) = (8 * 1024, crate::blob::CHUNK_BYTES_MAX);
/// Size of the first piece, before anything is known about the line.
const CHUNK_BYTES_FIRST: usize = 16 * 1024;
/// A piece should take about so long: what is on the line already goes before a record.
const CHUNK_MS: (u64, u64) = (900, 2_600);

/// A blob that did not get through is left alone for so long at first, and at most.
const TROUBLE_MS: (u64, u64) = (60_000, 3_600_000);
/// Blobs that did not get through and are kept in mind at most, and for how long once they are due and nobody names them.
const TROUBLED_MAX: usize = 4_096;
const TROUBLED_KEPT_MS: u64 = 3_600_000;
/// Blobs that are kept in mind as moved, so that nothing is moved for ever.
const MOVED_MAX: usize = 512;

/// A blob to be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// There. Before its first piece the other side is asked where it stands, and the blob is verified.
    Put {
        /// Which.
        hash: Hash,
        /// Where the other side stands, and how long the whole is.
        at: Option<(u64, u64)>,
    },
    /// Here.
    Get(Hash),
}

impl Work {
    fn hash(&self) -> Hash {
        match self {
            Self::Put { hash, .. } | Self::Get(hash) => *hash,
        }
    }
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

/// A piece that was moved, or not.
pub(super) struct Piece {
    work: Work,
    result: Result<Moved, LineError>,
    /// How long it took, if it was a full piece.
    took_ms: Option<u64>,
}

/// Blobs that wait for a level line.
pub(super) struct BlobLane {
    queue: VecDeque<Work>,
    chunk_bytes: usize,
    /// Whether a blob got through since the lane was filled, or turned out not to be here: then there may be more than
    /// were named.
    has_more: bool,
    troubled: BTreeMap<Hash, Trouble>,
    /// Moved a while ago, the latest last; whether it went there. What turned out to be there may yet be lacking here.
    moved: VecDeque<(bool, Hash)>,
}

impl Default for BlobLane {
    fn default() -> Self {
        let (queue, troubled, moved) = (VecDeque::new(), BTreeMap::new(), VecDeque::new());
        Self { queue, chunk_bytes: CHUNK_BYTES_FIRST, has_more: false, troubled, moved }
    }
}

impl BlobLane {
    /// Takes what is to be moved, without what failed a short while ago. What was under way goes first, from where it
    /// stood. `missed` are those that the other side says it lacks, whatever was sent before: it may have lost them.
    pub(super) fn fill(&mut self, now_ms: u64, missed: Vec<Hash>, waiting: Vec<Hash>, to_get: Vec<Hash>) {
        self.moved.retain(|(was_put, hash)| !(*was_put && missed.contains(hash)));
        let to_put = [missed, waiting].concat();
        // Of a long list only some are named each time, so none is forgotten as soon as it is not.
        self.troubled.retain(|_, trouble| now_ms < trouble.not_before_ms.saturating_add(TROUBLED_KEPT_MS));
        let (troubled, moved) = (&self.troubled, &self.moved);
        let is_due = |is_put: bool, hash: &Hash| {
            !moved.contains(&(is_put, *hash))
                && troubled.get(hash).is_none_or(|trouble| trouble.not_before_ms <= now_ms)
        };
        let under_way = self.queue.front().copied();
        let is_other = |work: &Work| under_way.is_none_or(|front| front.hash() != work.hash());
        let to_put = to_put.into_iter().filter(|hash| is_due(true, hash));
        let to_put = to_put.map(|hash| Work::Put { hash, at: None });
        let to_get = to_get.into_iter().filter(|hash| is_due(false, hash)).map(Work::Get);
        let mut queue: VecDeque<Work> = under_way.into_iter().collect();
        for work in to_put.chain(to_get).filter(is_other) {
            if !queue.iter().any(|known| known.hash() == work.hash()) {
                queue.push_back(work);
            }
        }
        self.queue = queue;
        self.has_more = false;
    }

    pub(super) fn clear(&mut self) {
        self.queue.clear();
        self.has_more = false;
    }

    /// The blob to move now, and how many bytes of it.
    pub(super) fn next(&mut self, now_ms: u64) -> Option<(Work, usize)> {
        let is_due = |hash: &Hash| self.troubled.get(hash).is_none_or(|known| known.not_before_ms <= now_ms);
        while self.queue.front().is_some_and(|work| !is_due(&work.hash())) {
            self.queue.pop_front();
        }
        self.queue.front().map(|work| (*work, self.chunk_bytes))
    }

    /// Notes what became of a piece; the error, if the line is to blame.
    pub(super) fn moved(&mut self, now_ms: u64, piece: Piece) -> Option<LineError> {
        let Piece { work, result, took_ms } = piece;
        let hash = work.hash();
        if self.queue.front().is_some_and(|front| front.hash() == hash) {
            self.queue.pop_front();
        }
        match result {
            Ok(Moved::Part) => {
                self.queue.push_front(work);
                if let Some(took_ms) = took_ms {
                    self.adapt(took_ms);
                }
            }
            Ok(Moved::Whole) => {
                self.has_more = true;
                self.troubled.remove(&hash);
                self.moved.push_back((matches!(work, Work::Put { .. }), hash));
                if self.moved.len() > MOVED_MAX {
                    self.moved.pop_front();
                }
            }
            Ok(Moved::NotHere) => {
                // What is gone keeps nothing else waiting: the next few are asked for, until all were.
                self.has_more |= self.troubled.len() < TROUBLED_MAX;
                self.trouble(hash, now_ms);
            }
            Err(error) if error.is_line_down() => {
                self.chunk_bytes = (self.chunk_bytes / 2).max(CHUNK_BYTES.0);
                return Some(error);
            }
            Err(error) => {
                tracing::warn!(%error, "A blob did not get through; it is tried again after a while");
                self.trouble(hash, now_ms);
            }
        }
        None
    }

    /// Whether all that was named is through, and there may be more.
    pub(super) fn take_through(&mut self) -> bool {
        self.queue.is_empty() && std::mem::take(&mut self.has_more)
    }

    /// How many are left alone for now, so that so many more must be named to find others.
    pub(super) fn resting(&self) -> usize {
        self.troubled.len()
    }

    /// A blob waits longer each time.
    fn trouble(&mut self, hash: Hash, now_ms: u64) {
        if self.troubled.len() >= TROUBLED_MAX && !self.troubled.contains_key(&hash) {
            let soonest = self.troubled.iter().min_by_key(|(_, known)| known.not_before_ms);
            if let Some(soonest) = soonest.map(|(hash, _)| *hash) {
                self.troubled.remove(&soonest);
            }
        }
        let trouble = self.troubled.entry(hash).or_default();
        let wait_ms = TROUBLE_MS.0.saturating_mul(1 << trouble.failures.min(20)).min(TROUBLE_MS.1);
        *trouble = Trouble { failures: trouble.failures + 1, not_before_ms: now_ms + wait_ms };
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
    /// Moves one piece of a blob.
    pub(super) async fn move_piece(&self, mut work: Work, chunk_bytes: usize) -> Piece {
        let is_first = matches!(work, Work::Put { at: None, .. });
        let began_ms = (self.clock)().steady_ms;
        let result = match &mut work {
            Work::Put { hash, at } => self.put_chunk(*hash, at, chunk_bytes).await,
            Work::Get(hash) => self.get_chunk(hash, chunk_bytes).await,
        };
        if let (Work::Put { hash, .. }, Ok(Moved::Whole)) = (&work, &result) {
            self.replica.blob_arrived_there(hash).await;
        }
        let took_ms = (self.clock)().steady_ms.saturating_sub(began_ms);
        // The first piece waited for an answer more.
        Piece { work, result, took_ms: (!is_first).then_some(took_ms) }
    }

    /// Sends one chunk.
    async fn put_chunk(
        &self,
        hash: Hash,
        at: &mut Option<(u64, u64)>,
        chunk_bytes: usize,
    ) -> Result<Moved, LineError> {
        let (offset, len) = match *at {
            Some(at) => at,
            None => match self.uplink.blob_there(&hash).await? {
                BlobThere::Whole => return Ok(Moved::Whole),
                BlobThere::Part(offset) => match self.sound_len(&hash).await? {
                    Some(len) => (offset, len),
                    None => return Ok(Moved::NotHere),
                },
            },
        };
        let bytes = self.replica.read_chunk(&hash, offset, chunk_bytes).await?;
        match self.uplink.put_chunk(&hash, offset, bytes, len).await? {
            BlobThere::Whole => Ok(Moved::Whole),
            BlobThere::Part(offset) => {
                *at = Some((offset, len));
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
        // A part that turned out to be longer than the whole was thrown away and begins anew.
        let is_whole = end >= len && self.replica.blob_len(hash).await?.is_some();
        Ok(if is_whole { Moved::Whole } else { Moved::Part })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(lane: &mut BlobLane) -> Option<Hash> {
        let (work, _) = lane.next(0)?;
        lane.moved(0, Piece { work, result: Ok(Moved::Whole), took_ms: None });
        Some(work.hash())
    }

    #[test]
    fn what_was_moved_is_moved_again_only_when_the_other_side_says_that_it_lacks_it() {
        let mut lane = BlobLane::default();
        let picture = Hash([1; 32]);
        lane.fill(0, Vec::new(), vec![picture], Vec::new());
        assert_eq!(put(&mut lane), Some(picture));
        assert!(lane.take_through());
        // It could not be noted as sent: it still waits here, and is not moved for ever.
        lane.fill(0, Vec::new(), vec![picture], Vec::new());
        assert_eq!(put(&mut lane), None);
        // A registry that was restored lacks it again.
        lane.fill(0, vec![picture], Vec::new(), Vec::new());
        assert_eq!(put(&mut lane), Some(picture));
        // It was there all along, and is not here: it is fetched.
        lane.fill(0, Vec::new(), Vec::new(), vec![picture]);
        assert!(matches!(lane.next(0), Some((Work::Get(hash), _)) if hash == picture));
    }

    #[test]
    fn what_is_gone_makes_room_for_what_is_here() {
        let gone: Vec<Hash> = (0..40).map(|at| Hash([at; 32])).collect();
        let mut lane = BlobLane::default();
        // The other side names a few at a time, in turn, as long as it is asked.
        let mut asked = 0;
        for named in gone.chunks(4).cycle() {
            lane.fill(0, named.to_vec(), Vec::new(), Vec::new());
            while let Some((work, _)) = lane.next(0) {
                lane.moved(0, Piece { work, result: Ok(Moved::NotHere), took_ms: None });
            }
            asked += 1;
            if !lane.take_through() {
                break;
            }
        }
        assert_eq!(asked, 11, "all were named once, and then it is enough");
        assert_eq!(lane.resting(), gone.len());
        lane.fill(TROUBLE_MS.0, gone[..4].to_vec(), Vec::new(), Vec::new());
        assert!(lane.next(TROUBLE_MS.0).is_some(), "after a while they are looked for again");
    }

    #[test]
    fn a_piece_that_the_line_lost_halves_the_next_and_stops_the_lane() {
        let mut lane = BlobLane::default();
        lane.fill(0, Vec::new(), vec![Hash([1; 32])], Vec::new());
        let (work, bytes) = lane.next(0).unwrap();
        assert_eq!(bytes, CHUNK_BYTES_FIRST);
        let lost = Piece { work, result: Err(LineError::TimedOut(6)), took_ms: None };
        assert!(lane.moved(0, lost).is_some());
        lane.fill(0, Vec::new(), vec![Hash([1; 32])], Vec::new());
        assert_eq!(lane.next(0).unwrap().1, CHUNK_BYTES_FIRST / 2);
    }
}
