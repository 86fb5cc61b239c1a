//! Where each committed record lies: four bytes of memory per record.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::head::{Have, Vector};
use crate::ids::{Hash, SessionId, StreamId};

/// All sessions, in the order of the vector.
pub(crate) type Index = BTreeMap<(StreamId, SessionId), SessionIndex>;

/// One session's committed records.
#[derive(Clone, Debug)]
pub(crate) struct SessionIndex {
    pub have: Have,
    pub segments: Vec<SegmentIndex>,
    /// Ascending by `len`.
    pub heads: Vec<HeadAt>,
}

/// One segment file's records.
#[derive(Clone, Debug)]
pub(crate) struct SegmentIndex {
    pub number: u32,
    pub first_seq: u64,
    /// Offset of each record's frame.
    pub offsets: Vec<u32>,
    /// Bytes of the file that are committed.
    pub len_bytes: u32,
}

/// Where a head lies, and how many records it covers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeadAt {
    pub len: u64,
    pub segment: u32,
    pub offset: u32,
}

impl SessionIndex {
    pub(crate) fn new(stream: StreamId, session: SessionId) -> Self {
        let have = Have { stream, session, len: 0, hash: Hash::ZERO };
        Self { have, segments: Vec::new(), heads: Vec::new() }
    }

    /// The segment that holds a record.
    pub(crate) fn segment_of(&self, seq: u64) -> Option<&SegmentIndex> {
        let after = self.segments.partition_point(|segment| segment.first_seq <= seq);
        self.segments.get(after.checked_sub(1)?)
    }

    /// Number of a record's segment and offset of its frame.
    pub(crate) fn locate(&self, seq: u64) -> Option<(u32, u32)> {
        let segment = self.segment_of(seq)?;
        let at = usize::try_from(seq - segment.first_seq).ok()?;
        Some((segment.number, *segment.offsets.get(at)?))
    }

    /// Bytes on disk between a record and the end of what is committed, about.
    pub(crate) fn bytes_from(&self, seq: u64) -> u64 {
        let Some((number, offset)) = self.locate(seq) else { return 0 };
        let all = self.segments.iter().filter(|segment| segment.number >= number);
        all.map(|segment| u64::from(segment.len_bytes)).sum::<u64>() - u64::from(offset)
    }

    /// Bytes on disk between a record and a head after it, about.
    pub(crate) fn bytes_between(&self, seq: u64, head: &HeadAt) -> u64 {
        let Some((number, offset)) = self.locate(seq) else { return 0 };
        let before = self.segments.iter().filter(|segment| (number..head.segment).contains(&segment.number));
        before.map(|segment| u64::from(segment.len_bytes)).sum::<u64>() + u64::from(head.offset)
            - u64::from(offset)
    }
}

/// What a node has according to its index.
pub(crate) fn vector(index: &Index) -> Vector {
    index.values().filter(|session| session.have.len > 0).map(|session| session.have).collect()
}

/// Folder of a stream's sessions.
pub(crate) fn stream_folder(journal: &Path, stream: &StreamId) -> PathBuf {
    journal.join(stream.as_str().replace('/', "_"))
}

/// Folder of a session's segments.
pub(crate) fn session_folder(journal: &Path, stream: &StreamId, session: &SessionId) -> PathBuf {
    stream_folder(journal, stream).join(session.to_string())
}

/// The file that would follow the last good one of a session; its first if there is none.
pub(crate) fn next_segment(
    journal: &Path,
    index: &Index,
    (stream, session): (&StreamId, &SessionId),
) -> PathBuf {
    let known = index.get(&(*stream, *session));
    let last = known.and_then(|known| known.segments.last()).map_or(0, |segment| segment.number);
    segment_path(journal, stream, session, last + 1)
}

/// A session's segment file.
pub(crate) fn segment_path(journal: &Path, stream: &StreamId, session: &SessionId, number: u32) -> PathBuf {
    session_folder(journal, stream, session).join(format!("{number:06}.seg"))
}
