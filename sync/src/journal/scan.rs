//! Reading one session's segments from the start, and believing only what verifies.
//!
//! What stands after the last whole group is never trusted: a group that was being written when the power went (nobody
//! was told it was saved), or damage; see [`super::beyond`].

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::Signers;
use super::beyond::Problem;
use super::finding::{Finding, What};
use super::frame::{self, CHECK_START, Check, FrameKind, SEGMENT_HEADER_LEN, SegmentHeader};
use super::index::{self, HeadAt, SegmentIndex, SessionIndex};
use crate::disk::Disk;
use crate::head::{Have, Head};
use crate::ids::{Hash, SessionId, StreamId};
use crate::keys::NodePublic;
use crate::record::{self, Header, KIND_SESSION_OPENED};

/// Sees every accepted record: header and sealed body, which is empty if it was erased.
pub(crate) type Visit<'a> = &'a mut dyn FnMut(&Header, &[u8]);

/// How closely to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closeness {
    /// The last signature vouches for all before it, through the chain.
    LastSignature,
    /// Every signature.
    EverySignature,
}

/// How to look at a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub closeness: Closeness,
    /// The process that wrote last ended in order: everything was synced.
    pub ended_in_order: bool,
}

/// A session as it was found.
pub(crate) struct Scanned {
    /// What is good.
    pub index: SessionIndex,
    /// Where the good part ends.
    pub end: End,
    /// Why it ends there, if not because the file does.
    pub problem: Option<Problem>,
    /// Other things to say.
    pub notes: Vec<Finding>,
}

/// Where the next group goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    /// Number of the last good segment; 0 if there is none.
    pub segment: u32,
    /// Its good length in bytes.
    pub len_bytes: u64,
    /// Check of the last good frame.
    pub check: Check,
}

/// Reads a session's folder.
pub(crate) fn session(
    disk: &Disk,
    journal: &Path,
    (stream, session): (StreamId, SessionId),
    signers: &dyn Signers,
    look: Look,
    visit: Visit<'_>,
) -> io::Result<Scanned> {
    let mut scan = Scan::new(stream, session, signers, look.closeness);
    let mut problem = None;
    let numbers = segment_numbers(disk, &index::session_folder(journal, &stream, &session), &mut scan.notes)?;
    for (expected, number) in (1..).zip(&numbers) {
        let path = index::segment_path(journal, &stream, &session, expected);
        let found = if *number == expected {
            let bytes = disk.read(&path)?;
            scan.segment(&path, expected, &bytes, visit)
        } else {
            Some((0, What::SegmentMissing))
        };
        if let Some((offset, what)) = found {
            problem = Some(Finding { file: path, offset: offset as u64, what });
            break;
        }
    }
    if problem.is_none() {
        problem = scan.verify_last_signature();
    }
    let problem = match problem {
        Some(finding) => Some(scan.judge(disk, journal, finding, &numbers, look.ended_in_order)?),
        None => None,
    };
    Ok(Scanned { index: scan.accepted, end: scan.end, problem, notes: scan.notes })
}

/// Numbers of the segment files in a folder, ascending.
pub(crate) fn segment_numbers(disk: &Disk, folder: &Path, notes: &mut Vec<Finding>) -> io::Result<Vec<u32>> {
    let mut numbers = Vec::new();
    for path in disk.list(folder)?.into_iter().filter(|path| !is_unfinished(path)) {
        let number =
            path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".seg"));
        match number.and_then(|number| number.parse().ok()) {
            Some(number) => numbers.push(number),
            None => notes.push(Finding { file: path, offset: 0, what: What::Stranger }),
        }
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// A segment that was being written anew when the process or the machine stopped: the one beside it holds.
pub(crate) fn is_unfinished(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with(".seg.tmp"))
}

/// A record whose group has no end yet.
struct Pending {
    offset: u32,
    header: Header,
    body: Range<usize>,
}

/// The reading of one session.
pub(crate) struct Scan<'a> {
    signers: &'a dyn Signers,
    closeness: Closeness,
    accepted: SessionIndex,
    end: End,
    /// As far as read, accepted or not.
    have: Have,
    check: Check,
    pending: Vec<Pending>,
    /// Heads within that group.
    pending_heads: Vec<HeadAt>,
    last_head: Option<(Head, PathBuf, u64)>,
    notes: Vec<Finding>,
}

impl<'a> Scan<'a> {
    pub(crate) fn new(
        stream: StreamId,
        session: SessionId,
        signers: &'a dyn Signers,
        closeness: Closeness,
    ) -> Self {
        let accepted = SessionIndex::new(stream, session);
        let end = End { segment: 0, len_bytes: 0, check: CHECK_START };
        let have = accepted.have;
        Self {
            signers,
            closeness,
            accepted,
            end,
            have,
            check: CHECK_START,
            pending: Vec::new(),
            pending_heads: Vec::new(),
            last_head: None,
            notes: Vec::new(),
        }
    }

    /// Reads one segment; says where and why it stopped, unless at the clean end.
    pub(crate) fn segment(
        &mut self,
        path: &Path,
        number: u32,
        bytes: &[u8],
        visit: Visit<'_>,
    ) -> Option<(usize, What)> {
        let expected = SegmentHeader {
            stream: self.have.stream,
            session: self.have.session,
            number,
            first_seq: self.have.len,
            check_before: self.check,
        };
        if SegmentHeader::from_bytes(bytes) != Some(expected) {
            return Some((0, What::SegmentHeader));
        }
        self.accepted.segments.push(SegmentIndex {
            number,
            first_seq: self.have.len,
            offsets: Vec::new(),
            len_bytes: 0,
        });
        let mut at = SEGMENT_HEADER_LEN;
        while at < bytes.len() {
            let Some(frame) = frame::read(&bytes[at..]).filter(|frame| frame.follows(self.check)) else {
                return Some(self.stop(at, What::Frame));
            };
            let next = at + frame.len;
            let (Ok(at_u32), Ok(next_u32)) = (u32::try_from(at), u32::try_from(next)) else {
                return Some(self.stop(at, What::Frame));
            };
            let result = match frame.kind {
                FrameKind::Record | FrameKind::Erased => {
                    self.record(frame.record(), at_u32, next - frame.payload.len())
                }
                FrameKind::HeadWithin => self.head(frame.payload, path, at_u32).map(drop),
                FrameKind::Head => self.head(frame.payload, path, at_u32).map(|head| {
                    self.end_group((head, path, at_u32), next_u32, frame.check, bytes, visit);
                }),
            };
            if let Err(what) = result {
                return Some(self.stop(at, what));
            }
            self.check = frame.check_after();
            at = next;
        }
        if let Some(first) = self.pending.first() {
            return Some(self.stop(first.offset as usize, What::Unfinished));
        }
        let is_bare = self.accepted.segments.last().is_some_and(|segment| segment.offsets.is_empty());
        is_bare.then(|| self.stop(SEGMENT_HEADER_LEN, What::Unfinished))
    }

    /// Ends the scan: what was read since the last whole group is not believed.
    fn stop(&mut self, at: usize, what: What) -> (usize, What) {
        self.pending.clear();
        self.pending_heads.clear();
        (at, what)
    }

    fn record(&mut self, payload: Option<&[u8]>, offset: u32, payload_at: usize) -> Result<(), What> {
        let wrong = What::Record(self.have.len);
        let payload = payload.ok_or_else(|| wrong.clone())?;
        let (header, body) = record::split(payload).map_err(|_| wrong.clone())?;
        let place = (header.stream, header.session, header.seq, header.prev);
        let opens = (header.kind == KIND_SESSION_OPENED) == (header.seq == 0);
        if place != (self.have.stream, self.have.session, self.have.len, self.have.hash) || !opens {
            return Err(wrong);
        }
        if !record::body_matches(&header, body) {
            return Err(wrong);
        }
        // The hash runs over the header as it lies there.
        self.have.hash = Hash::of(&payload[..payload.len() - body.len()]);
        self.have.len += 1;
        let body = payload_at + record::HEADER_LEN..payload_at + payload.len();
        self.pending.push(Pending { offset, header, body });
        Ok(())
    }

    fn head(&mut self, payload: &[u8], path: &Path, at: u32) -> Result<Head, What> {
        let (head, group_start) = frame::head(payload).ok_or(What::Head(self.have.len))?;
        let covered = self.pending_heads.last().map_or(self.accepted.have.len, |head| head.len);
        let is_of_group = group_start == self.accepted.have.len && head.len > covered;
        if head.have() != self.have || !is_of_group {
            return Err(What::Head(head.len));
        }
        if self.closeness == Closeness::EverySignature {
            self.verify_signature(&head, path, u64::from(at))?;
        }
        let segment = self.accepted.segments.last().map_or(0, |segment| segment.number);
        self.pending_heads.push(HeadAt { len: head.len, segment, offset: at });
        Ok(head)
    }

    /// The group is whole: what was read of it counts.
    fn end_group(
        &mut self,
        (head, path, at): (Head, &Path, u32),
        next: u32,
        check: Check,
        bytes: &[u8],
        visit: Visit<'_>,
    ) {
        self.last_head = Some((head, path.to_owned(), u64::from(at)));
        let Some(segment) = self.accepted.segments.last_mut() else { return };
        for pending in self.pending.drain(..) {
            segment.offsets.push(pending.offset);
            visit(&pending.header, &bytes[pending.body]);
        }
        segment.len_bytes = next;
        self.end = End { segment: segment.number, len_bytes: u64::from(next), check };
        self.accepted.have = self.have;
        self.accepted.heads.append(&mut self.pending_heads);
    }

    fn verify_signature(&mut self, head: &Head, file: &Path, offset: u64) -> Result<(), What> {
        match self.signer_of(head) {
            Some(node) if head.is_signed_by(&node) => Ok(()),
            Some(_) => Err(What::Signature(head.len)),
            None => {
                let what = What::SignerUnknown { len: head.len, signer: head.signer };
                self.notes.push(Finding { file: file.to_owned(), offset, what });
                Ok(())
            }
        }
    }

    /// One signature vouches for the whole session. With a wrong one nothing of it is believed.
    pub(crate) fn verify_last_signature(&mut self) -> Option<Finding> {
        let (head, file, offset) =
            self.last_head.take().filter(|_| self.closeness == Closeness::LastSignature)?;
        let what = self.verify_signature(&head, &file, offset).err()?;
        self.accepted = SessionIndex::new(self.have.stream, self.have.session);
        self.end = End { segment: 0, len_bytes: 0, check: CHECK_START };
        Some(Finding { file, offset, what })
    }

    /// Where the good part ends so far.
    pub(crate) fn end(&self) -> End {
        self.end
    }

    /// What is good so far.
    pub(crate) fn have(&self) -> Have {
        self.accepted.have
    }

    pub(super) fn signer_of(&self, head: &Head) -> Option<NodePublic> {
        self.signers.signer(&head.have(), &head.signer)
    }

    /// A segment of which nothing is good does not count.
    pub(super) fn forget_bare_segment(&mut self) {
        if self.accepted.segments.last().is_some_and(|segment| segment.offsets.is_empty()) {
            self.accepted.segments.pop();
        }
    }
}
