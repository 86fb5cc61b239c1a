//! Reading what is committed. Readers never wait for the writer's disk, and never see a record that is not durable.

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use super::frame::{self, Check, FRAME_HEADER_LEN, Frame, SEGMENT_HEADER_LEN, SegmentHeader};
use super::index::{self, HeadAt, Index, SegmentIndex, SessionIndex};
use super::seen;
use crate::disk::{Disk, DiskFile};
use crate::head::{Have, Head, Vector};
use crate::ids::{Hash, Pos, SessionId, StreamId, Subject};
use crate::record::{BodyError, Record, open_body};
use crate::seal::SubjectKey;
use crate::subject_keys::{KeyState, KeyTable};

/// Why committed records cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file system refused.
    #[error("{file} cannot be read")]
    Io {
        /// The file.
        file: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// What is there now is not what was committed.
    #[error("{file} is damaged at byte {offset}")]
    Damaged {
        /// The file.
        file: PathBuf,
        /// Offset of the damaged frame.
        offset: u64,
    },
}

/// What the writer shares with all readers.
#[derive(Debug)]
pub(crate) struct Shared {
    pub disk: Disk,
    pub folder: PathBuf,
    /// Nothing new is taken when less room is left.
    pub floor_bytes: u64,
    pub own_stream: StreamId,
    pub index: RwLock<Index>,
    pub keys: RwLock<KeyTable>,
}

/// A lock whose holder panicked still holds whole values: each change is one assignment.
pub(crate) fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

/// What the other side does not have yet of this node's own records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unsent {
    /// Number of records, session openings included.
    pub count: u64,
    /// Bytes on this node's disk, about.
    pub bytes: u64,
    /// When the oldest was written, by this node's clock.
    pub oldest_at_ms: Option<i64>,
}

/// A handle for reading; cheap to clone.
#[derive(Clone, Debug)]
pub struct JournalReader {
    pub(crate) shared: Arc<Shared>,
}

impl JournalReader {
    /// Whether there is room for new records. Asks the file system.
    pub fn has_room(&self) -> bool {
        let free = self.shared.disk.free_bytes(&self.shared.folder);
        free.is_none_or(|free| free >= self.shared.floor_bytes)
    }

    /// What is here, sorted.
    pub fn vector(&self) -> Vector {
        index::vector(&read(&self.shared.index))
    }

    /// How much of one session is here.
    pub fn have(&self, stream: &StreamId, session: &SessionId) -> Option<Have> {
        read(&self.shared.index)
            .get(&(*stream, *session))
            .map(|session| session.have)
            .filter(|have| have.len > 0)
    }

    /// The file where a session would go on after what is here: the one to name when more was here once.
    pub fn next_segment(&self, stream: &StreamId, session: &SessionId) -> PathBuf {
        index::next_segment(&self.shared.folder, &read(&self.shared.index), (stream, session))
    }

    /// One record; nothing if it is not here.
    pub fn record(&self, pos: &Pos) -> Result<Option<Record>, ReadError> {
        let located = read(&self.shared.index)
            .get(&(pos.stream, pos.session))
            .filter(|session| pos.seq < session.have.len)
            .and_then(|session| session.locate(pos.seq));
        let Some((number, offset)) = located else { return Ok(None) };
        let path = index::segment_path(&self.shared.folder, &pos.stream, &pos.session, number);
        let (record, _) = read_record(&self.shared.open(&path)?, &path, u64::from(offset))?;
        if record.pos() == *pos { Ok(Some(record)) } else { Err(damaged(&path, u64::from(offset))) }
    }

    /// A subject's key: nothing if it never came here or was forgotten.
    pub fn key(&self, subject: &Subject) -> Option<SubjectKey> {
        match read(&self.shared.keys).get(subject) {
            Some(KeyState::Known(key)) => Some(key.clone()),
            _ => None,
        }
    }

    /// How many sessions there are.
    pub fn sessions(&self) -> usize {
        read(&self.shared.index).len()
    }

    /// Subjects that were erased here.
    pub fn forgotten(&self) -> BTreeSet<Subject> {
        seen::forgotten(&read(&self.shared.keys))
    }

    /// Opens a record's body.
    pub fn open(&self, record: &Record) -> Result<Vec<u8>, BodyError> {
        let key = match read(&self.shared.keys).get(&record.header.subject) {
            Some(KeyState::Known(key)) => key.clone(),
            Some(KeyState::Forgotten) => return Err(BodyError::Forgotten),
            None => return Err(BodyError::KeyMissing),
        };
        open_body(record, &key)
    }

    /// All committed records beyond `applied`, by stream, session and number. An empty vector gives everything.
    ///
    /// The scan sees what was committed when it began.
    pub fn scan(&self, applied: &[Have]) -> Scan {
        let index = read(&self.shared.index);
        let sessions = index
            .values()
            .filter_map(|session| {
                let Have { stream, session: id, len, .. } = session.have;
                let from = crate::head::find(applied, &stream, &id).map_or(0, |have| have.len);
                (from < len).then_some((stream, id, from, len))
            })
            .collect();
        Scan { reader: self.clone(), sessions, places: VecDeque::new(), open: None }
    }

    /// What a peer with this vector still lacks of this node's own records.
    pub fn own_unsent(&self, peer: &[Have]) -> Unsent {
        let mut unsent = Unsent::default();
        let mut oldest = Vec::new();
        for ((stream, id), session) in read(&self.shared.index).iter() {
            let from = crate::head::find(peer, stream, id).map_or(0, |have| have.len);
            if *stream != self.shared.own_stream || from >= session.have.len {
                continue;
            }
            unsent.count += session.have.len - from;
            unsent.bytes += session.bytes_from(from);
            oldest.push(Pos { stream: *stream, session: *id, seq: from });
        }
        for pos in oldest {
            // How many there are is known without the disk; one that cannot be read has no age.
            let at_ms = self.record(&pos).ok().flatten().map(|record| record.header.at_ms);
            unsent.oldest_at_ms = unsent.oldest_at_ms.into_iter().chain(at_ms).min();
        }
        unsent
    }

    /// The head at the end of a session.
    pub(crate) fn last_head(&self, session: &SessionIndex) -> Result<Head, ReadError> {
        let Have { stream, session: id, .. } = session.have;
        let at = session.heads.last().copied().unwrap_or(HeadAt { len: 0, segment: 1, offset: 0 });
        let path = index::segment_path(&self.shared.folder, &stream, &id, at.segment);
        let last = at.len.checked_sub(1).and_then(|seq| session.locate(seq));
        let Some((_, offset)) = last.filter(|(number, _)| *number == at.segment) else {
            return Err(damaged(&path, u64::from(at.offset)));
        };
        let file = self.shared.open(&path)?;
        let (_, before) = read_record(&file, &path, u64::from(offset))?;
        read_head(&file, &path, u64::from(at.offset), before)
    }

    /// Hash of the record that was committed at a position, if one was. What lies there may have changed since: then it
    /// is damaged, and says nothing about what anybody else holds.
    pub fn hash_at(&self, pos: &Pos) -> Result<Option<Hash>, ReadError> {
        let Some(have) = self.have(&pos.stream, &pos.session) else { return Ok(None) };
        if pos.seq + 1 == have.len {
            return Ok(Some(have.hash));
        }
        let Some(hash) = self.record(pos)?.map(|record| record.hash()) else { return Ok(None) };
        let next = self.record(&Pos { seq: pos.seq + 1, ..*pos })?;
        if next.is_some_and(|next| next.header.prev == hash) {
            return Ok(Some(hash));
        }
        let located = read(&self.shared.index)
            .get(&(pos.stream, pos.session))
            .and_then(|session| session.locate(pos.seq));
        let (number, offset) = located.unwrap_or_default();
        Err(damaged(
            &index::segment_path(&self.shared.folder, &pos.stream, &pos.session, number),
            offset.into(),
        ))
    }
}

/// Iterates over committed records; see [`JournalReader::scan`].
#[derive(Debug)]
pub struct Scan {
    reader: JournalReader,
    sessions: VecDeque<(StreamId, SessionId, u64, u64)>,
    /// Segments of the session that is being read: file, bytes are read when their turn comes.
    places: VecDeque<(PathBuf, Vec<u32>)>,
    open: Option<OpenSegment>,
}

#[derive(Debug)]
struct OpenSegment {
    path: PathBuf,
    bytes: Vec<u8>,
    offsets: std::vec::IntoIter<u32>,
    /// Where the walk from frame to frame has come, and the check that the frame there follows.
    walked: Option<(usize, Check)>,
}

impl OpenSegment {
    fn new(path: PathBuf, bytes: Vec<u8>, offsets: Vec<u32>) -> Self {
        let walked = SegmentHeader::from_bytes(&bytes).map(|it| (SEGMENT_HEADER_LEN, it.check_before));
        Self { path, bytes, offsets: offsets.into_iter(), walked }
    }

    /// The record at an offset, as it was committed: its frame is held against the one before it, header and all.
    fn record_at(&mut self, offset: u32) -> Result<Record, ReadError> {
        let to = offset as usize;
        while let Some((at, _)) = self.walked.filter(|(at, _)| *at < to) {
            let frame = self.bytes.get(at..).and_then(frame::read);
            self.walked = frame.map(|frame| (at + frame.len, frame.check_after()));
        }
        let before = self.walked.and_then(|(at, before)| (at == to).then_some(before));
        let frame = self.bytes.get(to..).and_then(frame::read);
        let whole = frame.filter(|frame| before.is_some_and(|before| frame.follows(before)));
        let record = whole.and_then(|frame| Record::from_bytes(frame.record()?).ok());
        record.filter(Record::body_matches).ok_or_else(|| damaged(&self.path, u64::from(offset)))
    }
}

impl Iterator for Scan {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(open) = &mut self.open {
                if let Some(offset) = open.offsets.next() {
                    return Some(open.record_at(offset));
                }
                self.open = None;
            }
            if let Some((path, offsets)) = self.places.pop_front() {
                match self.reader.shared.disk.read(&path) {
                    Ok(bytes) => self.open = Some(OpenSegment::new(path, bytes, offsets)),
                    Err(source) => return Some(Err(ReadError::Io { file: path, source })),
                }
                continue;
            }
            let (stream, session, from, to) = self.sessions.pop_front()?;
            let index = read(&self.reader.shared.index);
            let folder = &self.reader.shared.folder;
            if let Some(found) = index.get(&(stream, session)) {
                self.places = places_between(folder, found, from, to);
            }
        }
    }
}

/// Files and offsets of the records `from..to` of a session.
fn places_between(
    folder: &Path,
    session: &SessionIndex,
    from: u64,
    to: u64,
) -> VecDeque<(PathBuf, Vec<u32>)> {
    let Have { stream, session: id, .. } = session.have;
    let offsets_of = |segment: &SegmentIndex| {
        let numbered = segment.offsets.iter().zip(segment.first_seq..);
        numbered.filter(|(_, seq)| (from..to).contains(seq)).map(|(offset, _)| *offset).collect::<Vec<_>>()
    };
    let segments = session
        .segments
        .iter()
        .map(|segment| (index::segment_path(folder, &stream, &id, segment.number), offsets_of(segment)));
    segments.filter(|(_, offsets)| !offsets.is_empty()).collect()
}

/// A record, and the check that the frame after it follows.
pub(super) fn read_record(file: &DiskFile, path: &Path, offset: u64) -> Result<(Record, Check), ReadError> {
    let bytes = read_frame(file, path, offset)?;
    let frame = frame::read(&bytes).ok_or_else(|| damaged(path, offset))?;
    let record = frame.record().and_then(|bytes| Record::from_bytes(bytes).ok());
    let record = record.filter(Record::body_matches).ok_or_else(|| damaged(path, offset))?;
    Ok((record, frame.check_after()))
}

/// A head that follows the frame with this check: its signature is as it was written, though it is not verified here.
pub(super) fn read_head(file: &DiskFile, path: &Path, offset: u64, before: Check) -> Result<Head, ReadError> {
    let bytes = read_frame(file, path, offset)?;
    let is_whole = |frame: &Frame<'_>| frame.kind.is_head() && frame.follows(before);
    let head = frame::read(&bytes).filter(is_whole).and_then(|frame| frame::head(frame.payload));
    head.map(|(head, _)| head).ok_or_else(|| damaged(path, offset))
}

fn read_frame(file: &DiskFile, path: &Path, offset: u64) -> Result<Vec<u8>, ReadError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::UnexpectedEof => damaged(path, offset),
        _ => ReadError::Io { file: path.to_owned(), source },
    };
    let mut head = [0; FRAME_HEADER_LEN];
    file.read_exact_at(&mut head, offset).map_err(failed)?;
    let len = frame::payload_len(&head).ok_or_else(|| damaged(path, offset))?;
    let mut bytes = head.to_vec();
    bytes.resize(FRAME_HEADER_LEN + len, 0);
    file.read_exact_at(&mut bytes[FRAME_HEADER_LEN..], offset + FRAME_HEADER_LEN as u64).map_err(failed)?;
    Ok(bytes)
}

impl Shared {
    pub(super) fn open(&self, path: &Path) -> Result<DiskFile, ReadError> {
        self.disk.open(path).map_err(|source| ReadError::Io { file: path.to_owned(), source })
    }
}

pub(super) fn damaged(path: &Path, offset: u64) -> ReadError {
    ReadError::Damaged { file: path.to_owned(), offset }
}
