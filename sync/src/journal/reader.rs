//! Reading what is committed. Readers never wait for the writer's disk, and never see a record that is not durable.

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use super::frame::{self, CHECK_START, Check, FRAME_HEADER_LEN, Frame};
use super::index::{self, HeadAt, Index, SegmentIndex, SessionIndex};
use super::seen;
use crate::chain::Run;
use crate::disk::{Disk, DiskFile};
use crate::exchange::Range;
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

    /// Runs for these ranges, in their order, of about `bytes_max` in all; at least one run if anything is asked.
    ///
    /// Every run ends at a head that its writer signed.
    pub fn runs(&self, ranges: &[Range], bytes_max: usize) -> Result<Vec<Run>, ReadError> {
        let (runs, damaged) = self.sound_runs(ranges, bytes_max)?;
        damaged.map_or(Ok(runs), Err)
    }

    /// As [`JournalReader::runs`], past what is damaged: also says what was left out for that, if anything.
    pub fn sound_runs(
        &self,
        ranges: &[Range],
        bytes_max: usize,
    ) -> Result<(Vec<Run>, Option<ReadError>), ReadError> {
        let (mut runs, mut bytes_left, mut damaged) = (Vec::new(), bytes_max as u64, None);
        for range in ranges {
            let Some(cut) = self.cut(range, bytes_left, runs.is_empty()) else { continue };
            match self.read_run(range.from, &cut) {
                Ok(run) => runs.push(run),
                Err(error @ ReadError::Damaged { .. }) => {
                    damaged = Some(error);
                    continue;
                }
                Err(error) => return Err(error),
            }
            bytes_left = bytes_left.saturating_sub(cut.bytes);
            if bytes_left == 0 {
                break;
            }
        }
        Ok((runs, damaged))
    }

    /// Chooses the furthest head that fits; the nearest one if it is the first and none fits.
    fn cut(&self, range: &Range, bytes_max: u64, is_first: bool) -> Option<Cut> {
        let index = read(&self.shared.index);
        let session =
            index.get(&(range.stream, range.session)).filter(|session| range.from < session.have.len)?;
        let nearest = session.heads.partition_point(|head| head.len <= range.from);
        let within = session.heads[nearest..].partition_point(|head| {
            head.len <= range.to && session.bytes_between(range.from, head) <= bytes_max
        });
        let head = match within.checked_sub(1) {
            Some(last) => session.heads[nearest + last],
            None if is_first => *session.heads.get(nearest)?,
            None => return None,
        };
        let bytes = session.bytes_between(range.from, &head);
        let places = (range.from..head.len).filter_map(|seq| session.locate(seq)).collect();
        Some(Cut { stream: range.stream, session: range.session, places, head, bytes })
    }

    fn read_run(&self, first: u64, cut: &Cut) -> Result<Run, ReadError> {
        let mut records = Vec::with_capacity(cut.places.len());
        let mut open: Option<(u32, PathBuf, DiskFile)> = None;
        let mut before = CHECK_START;
        for ((number, offset), seq) in cut.places.iter().zip(first..) {
            if open.as_ref().is_none_or(|(opened, _, _)| opened != number) {
                let path = index::segment_path(&self.shared.folder, &cut.stream, &cut.session, *number);
                let file = self.shared.open(&path)?;
                open = Some((*number, path, file));
            }
            let Some((_, path, file)) = &open else { continue };
            let (record, after) = read_record(file, path, u64::from(*offset))?;
            before = after;
            if record.header.seq != seq {
                return Err(damaged(path, u64::from(*offset)));
            }
            records.push(record);
        }
        let path = index::segment_path(&self.shared.folder, &cut.stream, &cut.session, cut.head.segment);
        let head = read_head(&self.shared.open(&path)?, &path, u64::from(cut.head.offset), before)?;
        // What has changed on the disk since it was opened is not sent: the other side could only refuse it.
        let followed = records.iter().skip(1).map(|next| next.header.prev).chain([head.hash]);
        let changed = records.iter().zip(followed).position(|(record, hash)| record.hash() != hash);
        if let Some((number, offset)) = changed.and_then(|at| cut.places.get(at)) {
            let path = index::segment_path(&self.shared.folder, &cut.stream, &cut.session, *number);
            return Err(damaged(&path, u64::from(*offset)));
        }
        Ok(Run { records, head })
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
    pub(crate) fn hash_at(&self, pos: &Pos) -> Result<Option<Hash>, ReadError> {
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

/// What to read for one run.
struct Cut {
    stream: StreamId,
    session: SessionId,
    places: Vec<(u32, u32)>,
    head: HeadAt,
    bytes: u64,
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
}

impl Iterator for Scan {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(open) = &mut self.open {
                if let Some(offset) = open.offsets.next() {
                    return Some(record_in(&open.path, &open.bytes, offset));
                }
                self.open = None;
            }
            if let Some((path, offsets)) = self.places.pop_front() {
                match self.reader.shared.disk.read(&path) {
                    Ok(bytes) => self.open = Some(OpenSegment { path, bytes, offsets: offsets.into_iter() }),
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

fn record_in(path: &Path, bytes: &[u8], offset: u32) -> Result<Record, ReadError> {
    let frame = bytes.get(offset as usize..).and_then(frame::read);
    let record = frame.and_then(|frame| Record::from_bytes(frame.record()?).ok());
    record.filter(Record::body_matches).ok_or_else(|| damaged(path, u64::from(offset)))
}

/// A record, and the check that the frame after it follows.
fn read_record(file: &DiskFile, path: &Path, offset: u64) -> Result<(Record, Check), ReadError> {
    let bytes = read_frame(file, path, offset)?;
    let frame = frame::read(&bytes).ok_or_else(|| damaged(path, offset))?;
    let record = frame.record().and_then(|bytes| Record::from_bytes(bytes).ok());
    let record = record.filter(Record::body_matches).ok_or_else(|| damaged(path, offset))?;
    Ok((record, frame.check_after()))
}

/// A head that follows the frame with this check: its signature is as it was written, though it is not verified here.
fn read_head(file: &DiskFile, path: &Path, offset: u64, before: Check) -> Result<Head, ReadError> {
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
    fn open(&self, path: &Path) -> Result<DiskFile, ReadError> {
        self.disk.open(path).map_err(|source| ReadError::Io { file: path.to_owned(), source })
    }
}

fn damaged(path: &Path, offset: u64) -> ReadError {
    ReadError::Damaged { file: path.to_owned(), offset }
}
