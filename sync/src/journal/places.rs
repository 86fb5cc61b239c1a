//! A file that remembers where everything lies, so that a start need not read journals that have not changed.
//!
//! It is a cache of what reading the segments has shown, sealed with the node's storage key: nobody else can make one,
//! and a changed one does not open. A session is taken from it when its files are there with the very lengths that are
//! noted and its last signature still holds; every other session is read. Should the file be missing, damaged, of
//! another version, or from before somebody was erased, all sessions are read. Bytes that changed in place are not seen
//! by this: whoever opens so reads the journals again in the background ([`super::JournalReader::reread`]).

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::frame::Check;
use super::index::{self, HeadAt, SegmentIndex, SessionIndex};
use super::scan::{self, End, Scanned};
use super::seen::{Subjects, forgotten};
use super::{Journals, Signers, reader};
use crate::disk::Disk;
use crate::head::{HEAD_LEN, Have, Head};
use crate::ids::{SessionId, StreamId, Subject};
use crate::record::SessionOpened;
use crate::seal::StorageKey;
use crate::subject_keys::KeyTable;

/// Name of the file in the journal's folder.
pub(crate) const PLACES_FILE: &str = "places";
/// Another version is another context: it does not open.
const CONTEXT: &[u8] = b"loket journal places 1";

/// What is remembered of all journals.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Places {
    /// Every subject that a record here is about, and perhaps others.
    subjects: Vec<Subject>,
    /// Subjects that were erased here; no record of theirs has a body.
    forgotten: Vec<Subject>,
    /// Other subjects of which a record has none.
    bodiless: Vec<Subject>,
    /// Own sessions: when each was opened, and after which.
    openings: Vec<(SessionId, i64, Option<Have>)>,
    sessions: Vec<Place>,
}

/// What is remembered of a session.
#[derive(Serialize, Deserialize)]
struct Place {
    have: Have,
    /// Check of its last frame.
    check: Check,
    /// The bytes of its last head.
    head: Vec<u8>,
    segments: Vec<PlaceInSegment>,
}

/// What is remembered of a segment; offsets as distances, which are short.
#[derive(Serialize, Deserialize)]
struct PlaceInSegment {
    len_bytes: u32,
    records: Vec<u32>,
    /// How many records of the session each head covers more than the one before it, and where it lies.
    heads: Vec<(u64, u32)>,
}

impl Places {
    /// Reads the file; nothing that could be wrong is believed.
    pub(crate) fn read(disk: &Disk, journal: &Path, key: &StorageKey, keys: &KeyTable) -> Option<Self> {
        let sealed = disk.read(&journal.join(PLACES_FILE)).ok()?;
        let plain = key.open(CONTEXT, &sealed).ok()?;
        let places: Self = postcard::from_bytes(&plain).ok()?;
        // Somebody was erased since: bodies may be left that must be found.
        let is_of_now = places.forgotten.iter().copied().eq(forgotten(keys));
        is_of_now.then_some(places)
    }

    /// Adds what is remembered to what was met in the sessions that were read.
    pub(crate) fn add_to(&self, met: &mut Subjects, is_here: impl Fn(&SessionId) -> bool) {
        met.all.extend(&self.subjects);
        met.bodiless.extend(&self.bodiless);
        for (session, at_ms, before) in &self.openings {
            if is_here(session) {
                met.openings.entry(*session).or_insert((*at_ms, *before));
            }
        }
    }

    /// The sessions by their names.
    pub(crate) fn by_session(&self) -> BTreeMap<(StreamId, SessionId), Kept> {
        let kept = self.sessions.iter().filter_map(|place| {
            let have = place.have;
            Some(((have.stream, have.session), Kept::of(place)?))
        });
        kept.collect()
    }
}

/// A session as it is remembered.
pub(crate) struct Kept {
    index: SessionIndex,
    end: End,
    head: Head,
}

impl Kept {
    fn of(place: &Place) -> Option<Self> {
        let bytes: &[u8; HEAD_LEN] = place.head.as_slice().try_into().ok()?;
        let head = Head::from_bytes(bytes).filter(|head| head.have() == place.have)?;
        let mut index = SessionIndex::new(place.have.stream, place.have.session);
        let (mut seq, mut covered) = (0, 0);
        for (number, part) in (1..).zip(&place.segments) {
            let offsets = added_up(&part.records)?;
            for ((records, _), offset) in part.heads.iter().zip(added_up_heads(&part.heads)?) {
                covered += records;
                index.heads.push(HeadAt { len: covered, segment: number, offset });
            }
            let first_seq = seq;
            seq += offsets.len() as u64;
            index.segments.push(SegmentIndex { number, first_seq, offsets, len_bytes: part.len_bytes });
        }
        let last = index.segments.last()?;
        let end = End { segment: last.number, len_bytes: u64::from(last.len_bytes), check: place.check };
        index.have = place.have;
        (seq == place.have.len && covered == seq).then_some(Self { index, end, head })
    }

    /// The session, if its files are what they were and its signature holds.
    pub(crate) fn session(
        &self,
        disk: &Disk,
        journal: &Path,
        signers: &dyn Signers,
    ) -> io::Result<Option<Scanned>> {
        let Have { stream, session, .. } = self.index.have;
        let mut notes = Vec::new();
        let numbers =
            scan::segment_numbers(disk, &index::session_folder(journal, &stream, &session), &mut notes)?;
        let is_same = numbers.iter().eq(self.index.segments.iter().map(|segment| &segment.number));
        let is_signed = || {
            let signer = signers.signer(&self.head.have(), &self.head.signer);
            signer.is_some_and(|node| self.head.is_signed_by(&node))
        };
        if !is_same || !notes.is_empty() || !is_signed() {
            return Ok(None);
        }
        for segment in &self.index.segments {
            let path = index::segment_path(journal, &stream, &session, segment.number);
            if disk.len(&path)? != u64::from(segment.len_bytes) {
                return Ok(None);
            }
        }
        Ok(Some(Scanned { index: self.index.clone(), end: self.end, problem: None, notes }))
    }
}

fn added_up(steps: &[u32]) -> Option<Vec<u32>> {
    let mut at = 0_u32;
    steps.iter().map(|step| at.checked_add(*step).inspect(|sum| at = *sum)).collect()
}

fn added_up_heads(heads: &[(u64, u32)]) -> Option<Vec<u32>> {
    added_up(&heads.iter().map(|(_, step)| *step).collect::<Vec<_>>())
}

fn steps(offsets: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut before = 0;
    offsets.map(|at| at - std::mem::replace(&mut before, at)).collect()
}

impl Journals {
    /// Notes where everything lies, so that the next start is quick. For a moment in which nothing is gathered. What
    /// cannot be noted costs the next start its time and nothing else.
    pub fn note_places(&mut self) -> io::Result<()> {
        if self.failed.is_some() || self.is_erasing {
            return self.forget_places();
        }
        let places = self.places()?;
        let failed = |_| io::Error::from(io::ErrorKind::InvalidData);
        let plain = postcard::to_stdvec(&places).map_err(failed)?;
        let sealed = self.own.storage_key.seal(CONTEXT, &plain);
        self.disk.replace(&self.shared.folder.join(PLACES_FILE), &sealed)
    }

    /// Has the next start read everything.
    pub fn forget_places(&self) -> io::Result<()> {
        self.disk.remove(&self.shared.folder.join(PLACES_FILE))?;
        self.disk.sync_folder(&self.shared.folder)
    }

    fn places(&self) -> io::Result<Places> {
        let openings = self.own_openings();
        let index = reader::read(&self.shared.index);
        let mut sessions = Vec::with_capacity(index.len());
        for (id, session) in index.iter() {
            let Some(writer) = self.writers.get(id) else { continue };
            let head = self.reader().last_head(session).map_err(io::Error::other)?;
            sessions.push(place(session, writer.end().check, &head));
        }
        drop(index);
        let keys = reader::read(&self.shared.keys);
        let subjects: BTreeSet<Subject> = keys.keys().chain(&self.wanted).copied().collect();
        Ok(Places {
            subjects: subjects.into_iter().collect(),
            forgotten: forgotten(&keys).into_iter().collect(),
            bodiless: self.bodiless.iter().copied().collect(),
            openings,
            sessions,
        })
    }

    /// When each own session was opened, and after which: this process's, and those that the other side has handed back
    /// since the journals were opened, as well.
    fn own_openings(&self) -> Vec<(SessionId, i64, Option<Have>)> {
        let own = self.reader().vector().into_iter().filter(|have| have.stream == self.own.stream);
        let opening = |session: SessionId| match self.openings.get(&session) {
            Some((at_ms, before)) => Some((session, *at_ms, *before)),
            None => self.opening_of(session),
        };
        own.filter_map(|have| opening(have.session)).collect()
    }

    fn opening_of(&self, session: SessionId) -> Option<(SessionId, i64, Option<Have>)> {
        let pos = crate::ids::Pos { stream: self.own.stream, session, seq: 0 };
        let record = self.reader().record(&pos).ok().flatten()?;
        let opened = SessionOpened::read_parts(&record.header, &record.body).ok()?;
        Some((session, record.header.at_ms, opened.before))
    }
}

fn place(session: &SessionIndex, check: Check, head: &Head) -> Place {
    let mut covered = 0;
    let segments = session.segments.iter().map(|segment| {
        let heads = session.heads.iter().filter(|head| head.segment == segment.number);
        let (lens, offsets): (Vec<u64>, Vec<u32>) = heads.map(|head| (head.len, head.offset)).unzip();
        let more = lens.into_iter().map(|len| len - std::mem::replace(&mut covered, len));
        let heads = more.zip(steps(offsets.into_iter())).collect();
        let records = steps(segment.offsets.iter().copied());
        PlaceInSegment { len_bytes: segment.len_bytes, records, heads }
    });
    Place { have: session.have, check, head: head.to_bytes().to_vec(), segments: segments.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Hash;
    use crate::keys::NodeKey;

    #[test]
    fn a_session_is_remembered_as_it_is() {
        let stream: StreamId = "office/karimun".parse().unwrap();
        let have = Have { stream, session: SessionId([4; 16]), len: 5, hash: Hash::of(b"last") };
        let segment = |number, first_seq, offsets: &[u32], len_bytes| SegmentIndex {
            number,
            first_seq,
            offsets: offsets.to_vec(),
            len_bytes,
        };
        let head = |len, segment, offset| HeadAt { len, segment, offset };
        let index = SessionIndex {
            have,
            segments: vec![segment(1, 0, &[101, 300, 400], 600), segment(2, 3, &[101, 205], 410)],
            heads: vec![head(1, 1, 200), head(3, 1, 500), head(5, 2, 305)],
        };
        let signed = Head::sign(&have, &NodeKey::from_seed([1; 32]));
        let check = [7; 8];
        let bytes = postcard::to_stdvec(&place(&index, check, &signed)).unwrap();
        let kept = Kept::of(&postcard::from_bytes(&bytes).unwrap()).unwrap();
        assert_eq!(format!("{:?}", kept.index), format!("{index:?}"));
        assert_eq!((kept.end.segment, kept.end.len_bytes, kept.end.check), (2, 410, check));
        assert_eq!(kept.head, signed);
        let mut short = place(&index, check, &signed);
        short.segments[0].records.pop();
        assert!(Kept::of(&short).is_none(), "places that do not add up are not believed");
    }
}
