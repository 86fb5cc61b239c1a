//! How records and heads lie in a segment file.
//!
//! A segment starts with a header of 101 bytes: magic (8), format 1, stream (48), session (16), number (4), seq of
//! its first record (8), checksum of the frame before it (8), checksum of this header (8).
//! Then frames: length of the payload (4), checksum (8), type (1), payload. A checksum is BLAKE3 over the checksum of
//! the frame before, the length, the type and the payload, cut to 8 bytes; so frames cannot be lost, moved or
//! repeated unnoticed, across segments too. Numbers are little-endian.
//!
//! What is written with one sync is a group. It ends with a head; a long one has heads within it too, which are of
//! another type. Before each head stands the seq of the group's first record (8): a head that is whole tells where its
//! group began even if what stands before it is torn.
//!
//! A record whose body was erased later keeps its place and its length: its frame is of another type and holds the
//! record's header, the checksum that the frame had before, and zeros. The frame after it follows that checksum, so
//! nothing else in this or a later segment changes, and no offset moves.

use crate::head::{HEAD_LEN, Head};
use crate::ids::{STREAM_BYTES_MAX, SessionId, StreamId};
use crate::record::HEADER_LEN;

/// Length of a segment's header in bytes.
pub(crate) const SEGMENT_HEADER_LEN: usize = 101;
/// Length of what stands before a payload, in bytes.
pub(crate) const FRAME_HEADER_LEN: usize = 13;
/// A longer payload is no payload of ours.
const PAYLOAD_BYTES_MAX: usize = 128 * 1024;

const MAGIC: &[u8; 8] = b"loketseg";
const FORMAT: u8 = 1;

/// Length of a check in bytes.
const CHECK_LEN: usize = 8;

/// Links a frame to the one before it.
pub(crate) type Check = [u8; CHECK_LEN];

/// The check before the first frame of a session.
pub(crate) const CHECK_START: Check = [0; 8];

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameKind {
    /// A record: header and body.
    Record = 1,
    /// A head at the end of a group; everything before it is whole.
    Head = 2,
    /// A record whose body was taken away: its header, the checksum of the frame it was, zeros.
    Erased = 3,
    /// A head within a group: nothing counts before the group's end does.
    HeadWithin = 4,
}

impl FrameKind {
    fn of(byte: u8) -> Option<Self> {
        let all = [Self::Record, Self::Head, Self::Erased, Self::HeadWithin];
        all.into_iter().find(|kind| *kind as u8 == byte)
    }

    /// Whether it holds a head.
    pub(crate) fn is_head(self) -> bool {
        matches!(self, Self::Head | Self::HeadWithin)
    }
}

/// What a segment says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub stream: StreamId,
    pub session: SessionId,
    pub number: u32,
    pub first_seq: u64,
    pub check_before: Check,
}

impl SegmentHeader {
    pub(crate) fn to_bytes(self) -> [u8; SEGMENT_HEADER_LEN] {
        let mut bytes = [0; SEGMENT_HEADER_LEN];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8] = FORMAT;
        bytes[9..57].copy_from_slice(self.stream.padded());
        bytes[57..73].copy_from_slice(&self.session.0);
        bytes[73..77].copy_from_slice(&self.number.to_le_bytes());
        bytes[77..85].copy_from_slice(&self.first_seq.to_le_bytes());
        bytes[85..93].copy_from_slice(&self.check_before);
        let check = cut(&blake3::hash(&bytes[..93]));
        bytes[93..].copy_from_slice(&check);
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.first_chunk::<SEGMENT_HEADER_LEN>()?;
        if bytes[..8] != *MAGIC || bytes[8] != FORMAT || bytes[93..] != cut(&blake3::hash(&bytes[..93])) {
            return None;
        }
        Some(Self {
            stream: StreamId::from_padded(&part::<STREAM_BYTES_MAX>(bytes, 9)?).ok()?,
            session: SessionId(part(bytes, 57)?),
            number: u32::from_le_bytes(part(bytes, 73)?),
            first_seq: u64::from_le_bytes(part(bytes, 77)?),
            check_before: part(bytes, 85)?,
        })
    }
}

/// Appends a frame whose payload is the given parts in a row; returns its check.
pub(crate) fn push(out: &mut Vec<u8>, before: Check, kind: FrameKind, parts: &[&[u8]]) -> Check {
    let len: usize = parts.iter().map(|part| part.len()).sum();
    // Records and heads are bounded far below 4 GiB.
    let len = u32::try_from(len).unwrap_or(u32::MAX);
    let check = check_of(before, len, kind as u8, parts);
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(&check);
    out.push(kind as u8);
    for part in parts {
        out.extend_from_slice(part);
    }
    check
}

/// One frame as it was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'a> {
    pub kind: FrameKind,
    pub payload: &'a [u8],
    /// The checksum it carries; not yet compared.
    pub check: Check,
    /// Bytes of the whole frame.
    pub len: usize,
}

impl Frame<'_> {
    /// Whether the frame is whole and follows the one with this check.
    pub(crate) fn follows(&self, before: Check) -> bool {
        // A payload came out of a length of four bytes.
        let len = u32::try_from(self.payload.len()).unwrap_or(u32::MAX);
        check_of(before, len, self.kind as u8, &[self.payload]) == self.check
    }

    /// What the frame after this one follows.
    pub(crate) fn check_after(&self) -> Check {
        let was = if self.kind == FrameKind::Erased { part(self.payload, HEADER_LEN) } else { None };
        was.unwrap_or(self.check)
    }

    /// The bytes of its record, header alone if it was erased; nothing if it holds none, or more than it should.
    pub(crate) fn record(&self) -> Option<&[u8]> {
        record_bytes(self.kind, self.payload)
    }
}

/// As [`Frame::record`], of a payload that was read alone.
pub(crate) fn record_bytes(kind: FrameKind, payload: &[u8]) -> Option<&[u8]> {
    match kind {
        FrameKind::Record => Some(payload),
        FrameKind::Erased => {
            let (header, rest) = payload.split_at_checked(HEADER_LEN)?;
            rest.get(CHECK_LEN..)?.iter().all(|byte| *byte == 0).then_some(header)
        }
        FrameKind::Head | FrameKind::HeadWithin => None,
    }
}

/// Length of what stands before a head in its frame: the seq of the group's first record.
const GROUP_START_LEN: usize = 8;

/// Appends the frame of a head whose group began with this record; returns its check.
pub(crate) fn push_head(
    out: &mut Vec<u8>,
    before: Check,
    kind: FrameKind,
    head: &Head,
    group_start: u64,
) -> Check {
    push(out, before, kind, &[&group_start.to_le_bytes(), &head.to_bytes()])
}

/// The head in such a frame's payload, and where its group began.
pub(crate) fn head(payload: &[u8]) -> Option<(Head, u64)> {
    let (start, head) = payload.split_first_chunk::<GROUP_START_LEN>()?;
    Some((Head::from_bytes(head.try_into().ok()?)?, u64::from_le_bytes(*start)))
}

/// Every head whose name begins with these bytes and whose frame may stand in `bytes`, where frames cannot be followed
/// any more: the head, where its group began, and whether it ended the group.
pub(crate) fn heads_in<'b>(bytes: &'b [u8], name: &'b [u8]) -> impl Iterator<Item = (Head, u64, bool)> + 'b {
    const BEFORE: usize = FRAME_HEADER_LEN + GROUP_START_LEN;
    let starts = BEFORE..bytes.len().saturating_sub(HEAD_LEN - 1);
    starts.filter(move |at| bytes[*at..].starts_with(name)).filter_map(|at| {
        let kind = FrameKind::of(bytes[at - GROUP_START_LEN - 1]).filter(|kind| kind.is_head())?;
        let (head, group_start) = head(&bytes[at - GROUP_START_LEN..at + HEAD_LEN])?;
        Some((head, group_start, kind == FrameKind::Head))
    })
}

/// Whether a body is long enough to be erased in its place. A shorter one holds no sealed word.
pub(crate) fn is_erasable(body: &[u8]) -> bool {
    body.len() >= CHECK_LEN
}

/// Takes the body out of the record frame at the start of `bytes`, in its place. `before` is what it follows.
///
/// The frame must be a whole record frame whose body [`is_erasable`].
pub(crate) fn erase(bytes: &mut [u8], before: Check) {
    let Some(frame) = read(bytes).filter(|frame| frame.kind == FrameKind::Record) else { return };
    let (was, end) = (frame.check, frame.len);
    let (Some(head), Ok(len)) = (bytes.get_mut(..end), u32::try_from(end - FRAME_HEADER_LEN)) else { return };
    let (head, payload) = head.split_at_mut(FRAME_HEADER_LEN);
    let Some(body) = payload.get_mut(HEADER_LEN..).filter(|body| is_erasable(body)) else { return };
    body.fill(0);
    body[..CHECK_LEN].copy_from_slice(&was);
    let check = check_of(before, len, FrameKind::Erased as u8, &[payload]);
    head[4..12].copy_from_slice(&check);
    head[12] = FrameKind::Erased as u8;
}

/// Reads the frame at the start of `bytes`; nothing if no whole frame stands there. Its check is not compared.
pub(crate) fn read(bytes: &[u8]) -> Option<Frame<'_>> {
    let (head, rest) = bytes.split_first_chunk::<FRAME_HEADER_LEN>()?;
    let kind = kind(head)?;
    let payload = rest.get(..payload_len(head)?)?;
    Some(Frame { kind, payload, check: part(head, 4)?, len: FRAME_HEADER_LEN + payload.len() })
}

/// What the frame after this frame header is, unless it is unknown.
fn kind(head: &[u8; FRAME_HEADER_LEN]) -> Option<FrameKind> {
    FrameKind::of(head[12])
}

/// The length of the payload after this frame header, unless it is impossible.
pub(crate) fn payload_len(head: &[u8; FRAME_HEADER_LEN]) -> Option<usize> {
    let len = u32::from_le_bytes(part(head, 0)?) as usize;
    (len <= PAYLOAD_BYTES_MAX).then_some(len)
}

fn check_of(before: Check, len: u32, kind: u8, parts: &[&[u8]]) -> Check {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&before);
    hasher.update(&len.to_le_bytes());
    hasher.update(&[kind]);
    for part in parts {
        hasher.update(part);
    }
    cut(&hasher.finalize())
}

fn cut(hash: &blake3::Hash) -> Check {
    let mut check = [0; 8];
    check.copy_from_slice(&hash.as_bytes()[..8]);
    check
}

fn part<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_whole_or_no_frame() {
        let mut bytes = Vec::new();
        let first = push(&mut bytes, CHECK_START, FrameKind::Record, &[b"head", b"er"]);
        let len = bytes.len();
        push(&mut bytes, first, FrameKind::Head, &[b"x"]);
        let frame = read(&bytes).unwrap();
        assert_eq!((frame.payload, frame.len, frame.check), (&b"header"[..], len, first));
        assert!(frame.follows(CHECK_START) && !frame.follows(first));
        assert!(read(&bytes[len..]).unwrap().follows(first));
        for at in 0..len {
            assert!(read(&bytes[..at]).is_none());
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(read(&changed).is_none_or(|frame| !frame.follows(CHECK_START)), "byte {at}");
        }
    }

    #[test]
    fn an_erased_frame_keeps_its_place_and_the_one_after_it_follows() {
        let mut bytes = Vec::new();
        let first = push(&mut bytes, CHECK_START, FrameKind::Head, &[b"before"]);
        let at = bytes.len();
        let header = [9; HEADER_LEN];
        let second = push(&mut bytes, first, FrameKind::Record, &[&header, b"the words of somebody"]);
        let after = bytes.len();
        push(&mut bytes, second, FrameKind::Head, &[b"after"]);
        let whole = bytes.clone();
        erase(&mut bytes[at..], first);
        let frame = read(&bytes[at..]).unwrap();
        assert_eq!((frame.kind, frame.len, bytes.len()), (FrameKind::Erased, after - at, whole.len()));
        assert!(frame.follows(first) && frame.check_after() == second);
        assert_eq!(frame.record(), Some(header.as_slice()));
        assert!(read(&bytes[after..]).unwrap().follows(frame.check_after()));
        assert_eq!((&bytes[..at], &bytes[after..]), (&whole[..at], &whole[after..]));
        assert!(!bytes.windows(5).any(|window| window == b"words"));
        for byte in at..after {
            let mut changed = bytes.clone();
            changed[byte] ^= 1;
            let found = read(&changed[at..]);
            assert!(found.is_none_or(|frame| !frame.follows(first)), "byte {byte}");
        }
        // Something hidden where zeros belong is no erased record, whatever its check says.
        let mut hidden = [&header[..], &[0; 8], b"hidden"].concat();
        assert_eq!(record_bytes(FrameKind::Erased, &hidden), None);
        hidden.truncate(HEADER_LEN + 3);
        assert_eq!(record_bytes(FrameKind::Erased, &hidden), None);
    }

    #[test]
    fn a_segment_header_is_read_only_unchanged() {
        let header = SegmentHeader {
            stream: "office/karimun".parse().unwrap(),
            session: SessionId([4; 16]),
            number: 2,
            first_seq: 77,
            check_before: [5; 8],
        };
        let bytes = header.to_bytes();
        assert_eq!(SegmentHeader::from_bytes(&bytes), Some(header));
        for at in 0..bytes.len() {
            let mut changed = bytes;
            changed[at] ^= 1;
            assert_eq!(SegmentHeader::from_bytes(&changed), None);
        }
    }
}
