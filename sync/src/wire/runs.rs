//! Runs of records in columns: what changes little from record to record lies side by side and packs to almost nothing.
//!
//! A subject's name travels once. Of a record whose body was erased, length and hash of the body travel: the chain needs
//! them. The first byte of a body, its format, lies in a column; the sealed rest lies behind the head of the message.
//!
//! Where both sides have the subject's key, the words travel instead of the sealed body, all of a message in one
//! envelope for the receiver, which seals them again: the header says with which nonce, and the chain and the writer's
//! signature, whether the same bytes came out.
//!
//! For a receiver that joins runs, one that goes on from what it is known to have leaves out the hash of the record before,
//! but for its first bytes, and one that the sender signed does not name the signer. Who does not have just that record any
//! more leaves the run out and asks for it whole.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::recent::Recent;
use super::{AtHand, JOINED_MAX, KeyMap, Lacking, RECORDS_MAX, WireError, take_list};
use crate::chain::Run;
use crate::exchange::Joining;
use crate::head::{self, Head};
use crate::ids::{Hash, NodeId, Pos, SessionId, StreamId, Subject};
use crate::record::{self, BODY_BYTES_MAX, Header, Record, SEALED_MORE};

/// A run without its records: with all it has to say, or joined to what the receiver knows.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct WireRun<B = Hash, S = NodeId> {
    stream: StreamId,
    session: SessionId,
    first: u64,
    prev: B,
    count: u64,
    signer: S,
    signature: ([u8; 32], [u8; 32]),
}

/// The record before a joined run.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Before {
    Whole(Hash),
    /// The receiver has it: the first bytes of its hash.
    There([u8; 4]),
}

/// Who signed a joined run.
#[derive(Clone, Copy, Serialize, Deserialize)]
enum Signer {
    Named(NodeId),
    /// Who sends it.
    Sender,
}

type JoinedRun = WireRun<Before, Signer>;

impl Before {
    fn there(hash: &Hash) -> Self {
        let [a, b, c, d, ..] = hash.0;
        Self::There([a, b, c, d])
    }
}

impl<B, S> WireRun<B, S> {
    fn with<C, T>(self, prev: C, signer: T) -> WireRun<C, T> {
        let Self { stream, session, first, count, signature, .. } = self;
        WireRun { stream, session, first, prev, count, signer, signature }
    }
}

impl JoinedRun {
    /// The record before it, if that is to be found here.
    fn joint(&self) -> Option<Result<Pos, WireError>> {
        let Self { stream, session, first, .. } = *self;
        let pos = || Ok(Pos { stream, session, seq: first.checked_sub(1).ok_or(WireError::Form)? });
        matches!(self.prev, Before::There(_)).then(pos)
    }
}

/// All runs, and their records in columns, each as long as there are records.
#[derive(Default, Serialize)]
struct WireRuns {
    /// Travel before the columns, in one of two forms.
    #[serde(skip)]
    runs: Vec<JoinedRun>,
    /// Milliseconds since the record before.
    later_ms: Vec<i64>,
    kinds: Vec<u16>,
    flags: Vec<u8>,
    /// Which subject: 0 for the next that is new, else how many others were spoken of since, and 1.
    abouts: Vec<u32>,
    /// In the order of their first record.
    subjects: Vec<Subject>,
    formats: Vec<u8>,
    /// Of each body, its format included.
    lens: Vec<u32>,
    /// Number of each record without a body, and the hash of what it had.
    erased: Vec<(u32, Hash)>,
}

impl WireRuns {
    /// Reads the columns one by one: none makes room for more than a message may carry, however small it was packed.
    fn read(mut bytes: &[u8], is_joined: bool) -> Result<Self, WireError> {
        let rest = &mut bytes;
        let runs: Vec<JoinedRun> = if is_joined {
            take_list(rest, RECORDS_MAX)?
        } else {
            let whole: Vec<WireRun> = take_list(rest, RECORDS_MAX)?;
            let joined = |run: WireRun| run.with(Before::Whole(run.prev), Signer::Named(run.signer));
            whole.into_iter().map(joined).collect()
        };
        if runs.iter().filter(|run| run.joint().is_some()).count() > JOINED_MAX {
            return Err(WireError::TooLong);
        }
        let wire = Self {
            runs,
            later_ms: take_list(rest, RECORDS_MAX)?,
            kinds: take_list(rest, RECORDS_MAX)?,
            flags: take_list(rest, RECORDS_MAX)?,
            abouts: take_list(rest, RECORDS_MAX)?,
            subjects: take_list(rest, RECORDS_MAX)?,
            formats: take_list(rest, RECORDS_MAX)?,
            lens: take_list(rest, RECORDS_MAX)?,
            erased: take_list(rest, RECORDS_MAX)?,
        };
        // What a newer program writes behind it is passed over.
        Ok(wire)
    }
}

/// In the place of a format: the words lie among the letters, and the receiver seals them again.
const FORMAT_LETTER: u8 = 0xfe;

/// Runs as they are written.
#[derive(Default)]
pub(super) struct Written {
    /// Everything but the bodies.
    pub columns: Vec<u8>,
    /// Words of the records that the receiver seals again, in their order.
    pub letters: Vec<u8>,
    /// The other bodies without their formats, in one row.
    pub bodies: Vec<u8>,
}

/// Writes runs, joined or whole; bodies whose keys are given become letters.
pub(super) fn write(runs: &[Run], joining: Option<&Joining>, keys: &KeyMap) -> Result<Written, WireError> {
    let mut whole: Vec<WireRun> = Vec::new();
    let mut wire = WireRuns::default();
    let mut written = Written::default();
    let mut recent = Recent::default();
    let mut at_ms = 0;
    for run in runs.iter().filter(|run| !run.records.is_empty()) {
        let Head { stream, session, signer, signature, .. } = run.head;
        let (mut left, mut right) = ([0; 32], [0; 32]);
        left.copy_from_slice(&signature[..32]);
        right.copy_from_slice(&signature[32..]);
        let prev = run.records.first().map_or(Hash::ZERO, |record| record.header.prev);
        let (first, count) = (run.first(), run.records.len() as u64);
        whole.push(WireRun { stream, session, first, prev, count, signer, signature: (left, right) });
        for record in &run.records {
            let header = &record.header;
            if record.is_erased() {
                let number = u32::try_from(wire.kinds.len()).map_err(|_| WireError::TooLong)?;
                wire.erased.push((number, header.body_hash));
            }
            wire.later_ms.push(header.at_ms.wrapping_sub(at_ms));
            at_ms = header.at_ms;
            wire.kinds.push(header.kind);
            wire.flags.push(header.flags);
            wire.abouts.push(recent.number_of(header.subject, &mut wire.subjects));
            wire.lens.push(header.body_len);
            if let Some(words) = keys.get(&header.subject).and_then(|key| record::words(record, key)) {
                wire.formats.push(FORMAT_LETTER);
                written.letters.extend(words);
            } else {
                let (format, sealed) = record.body.split_first().unwrap_or((&0, &[]));
                wire.formats.push(*format);
                written.bodies.extend(sealed);
            }
        }
    }
    if wire.kinds.len() > RECORDS_MAX {
        return Err(WireError::TooLong);
    }
    written.columns = match joining {
        None => postcard::to_stdvec(&whole)?,
        Some(joining) => postcard::to_stdvec(&joined(&whole, joining))?,
    };
    written.columns.extend(postcard::to_stdvec(&wire)?);
    Ok(written)
}

/// The runs without what the receiver knows.
fn joined(runs: &[WireRun], Joining { by, to }: &Joining) -> Vec<JoinedRun> {
    let mut left = JOINED_MAX;
    let mut before = |run: &WireRun| {
        let there = head::find(to, &run.stream, &run.session).filter(|have| have.len == run.first);
        if run.first == 0 || left == 0 || there.is_none_or(|have| have.hash != run.prev) {
            return Before::Whole(run.prev);
        }
        left -= 1;
        Before::there(&run.prev)
    };
    let signer = |run: &WireRun| if run.signer == *by { Signer::Sender } else { Signer::Named(run.signer) };
    runs.iter().map(|run| run.with(before(run), signer(run))).collect()
}

/// Records that these runs go on from, whose hashes are needed to read them.
pub(super) fn before(columns: &[u8]) -> Result<Vec<Pos>, WireError> {
    WireRuns::read(columns, true)?.runs.iter().filter_map(WireRun::joint).collect()
}

/// Subjects whose keys are needed to read these columns.
pub(super) fn subjects(columns: &[u8], is_joined: bool) -> Result<BTreeSet<Subject>, WireError> {
    let wire = WireRuns::read(columns, is_joined)?;
    let has_letters = wire.formats.contains(&FORMAT_LETTER);
    Ok(if has_letters { wire.subjects.into_iter().collect() } else { BTreeSet::new() })
}

/// Reads what [`write`] wrote. A run for which something is lacking is left out; what that was.
pub(super) fn read(
    columns: &[u8],
    is_joined: bool,
    letters: &[u8],
    bodies: &[u8],
    at_hand: AtHand<'_>,
) -> Result<(Vec<Run>, Lacking), WireError> {
    let mut wire = WireRuns::read(columns, is_joined)?;
    let len = wire.kinds.len();
    let columns =
        [wire.later_ms.len(), wire.flags.len(), wire.abouts.len(), wire.formats.len(), wire.lens.len()];
    if columns.iter().any(|column| *column != len) {
        return Err(WireError::Form);
    }
    let heads = std::mem::take(&mut wire.runs);
    let subjects = std::mem::take(&mut wire.subjects).into_iter();
    let erased = std::mem::take(&mut wire.erased).into_iter();
    let mut reading = Reading {
        wire,
        letters,
        bodies,
        at_hand,
        lacking: Lacking::default(),
        recent: Recent::default(),
        subjects,
        erased: erased.peekable(),
        at: 0,
        at_ms: 0,
    };
    let mut runs = Vec::new();
    for head in heads {
        runs.extend(reading.run(&head)?);
    }
    if reading.is_used_up() { Ok((runs, reading.lacking)) } else { Err(WireError::Form) }
}

/// What is left to be read.
struct Reading<'a> {
    wire: WireRuns,
    letters: &'a [u8],
    bodies: &'a [u8],
    at_hand: AtHand<'a>,
    lacking: Lacking,
    recent: Recent,
    subjects: std::vec::IntoIter<Subject>,
    erased: std::iter::Peekable<std::vec::IntoIter<(u32, Hash)>>,
    at: usize,
    at_ms: i64,
}

/// Takes the first `len` bytes away.
fn take<'a>(bytes: &mut &'a [u8], len: usize) -> Result<&'a [u8], WireError> {
    let (taken, after) = bytes.split_at_checked(len).ok_or(WireError::Form)?;
    *bytes = after;
    Ok(taken)
}

impl Reading<'_> {
    fn is_used_up(&mut self) -> bool {
        self.at == self.wire.kinds.len()
            && self.letters.is_empty()
            && self.bodies.is_empty()
            && self.erased.next().is_none()
            && self.subjects.next().is_none()
    }

    /// The hash of the record before a run, if it is known.
    fn before(&self, wire: &JoinedRun) -> Result<Option<Hash>, WireError> {
        let joint = wire.joint().transpose()?;
        Ok(match (wire.prev, joint) {
            (Before::Whole(hash), _) => Some(hash),
            (before, joint) => {
                let hash = joint.and_then(|pos| self.at_hand.before.get(&pos));
                hash.filter(|hash| Before::there(hash) == before).copied()
            }
        })
    }

    fn run(&mut self, wire: &JoinedRun) -> Result<Option<Run>, WireError> {
        let WireRun { stream, session, first, count, signer, signature, .. } = *wire;
        let signer = match signer {
            Signer::Named(node) => node,
            Signer::Sender => self.at_hand.sender.ok_or(WireError::Form)?,
        };
        let before = self.before(wire)?;
        self.lacking.before |= before.is_none();
        let (mut prev, mut is_short) = (before.unwrap_or(Hash::ZERO), before.is_none());
        let (mut seq, mut records) = (first, Vec::new());
        for _ in 0..count {
            let mut header = self.header(stream, session, seq, prev)?;
            match self.body(&mut header)? {
                Some(body) => {
                    prev = header.hash();
                    records.push(Record { header, body });
                }
                None => is_short = true,
            }
            seq = seq.checked_add(1).ok_or(WireError::Form)?;
        }
        if count == 0 {
            return Err(WireError::Form);
        }
        if is_short {
            return Ok(None);
        }
        let mut joined = [0; 64];
        joined[..32].copy_from_slice(&signature.0);
        joined[32..].copy_from_slice(&signature.1);
        let head = Head { stream, session, len: seq, hash: prev, signer, signature: joined };
        Ok(Some(Run { records, head }))
    }

    /// The next record's header as far as it is known before the body.
    fn header(
        &mut self,
        stream: StreamId,
        session: SessionId,
        seq: u64,
        prev: Hash,
    ) -> Result<Header, WireError> {
        let at = self.at;
        let kind = *self.wire.kinds.get(at).ok_or(WireError::Form)?;
        self.at += 1;
        self.at_ms = self.at_ms.wrapping_add(self.wire.later_ms[at]);
        let (flags, body_len) = (self.wire.flags[at], self.wire.lens[at]);
        if body_len as usize > BODY_BYTES_MAX {
            return Err(WireError::TooLong);
        }
        let about = self.wire.abouts[at];
        let subject = self.recent.subject_of(about, &mut self.subjects).ok_or(WireError::Form)?;
        let at_ms = self.at_ms;
        Ok(Header {
            stream,
            session,
            seq,
            at_ms,
            kind,
            flags,
            subject,
            prev,
            body_len,
            body_hash: Hash::ZERO,
        })
    }

    /// The body of the record whose header was just read, and its hash in that header; nothing if a key is missing.
    fn body(&mut self, header: &mut Header) -> Result<Option<Vec<u8>>, WireError> {
        let (at, len) = (self.at - 1, header.body_len as usize);
        if let Some((_, hash)) = self.erased.next_if(|(erased, _)| *erased as usize == at) {
            header.body_hash = hash;
            return Ok(Some(Vec::new()));
        }
        let format = self.wire.formats[at];
        let body = if format == FORMAT_LETTER {
            let words = take(&mut self.letters, len.checked_sub(SEALED_MORE).ok_or(WireError::Form)?)?;
            let Some(key) = self.at_hand.keys.get(&header.subject) else {
                self.lacking.keys = true;
                return Ok(None);
            };
            record::seal_again(header, key, words)
        } else {
            match len.checked_sub(1) {
                Some(len) => [&[format], take(&mut self.bodies, len)?].concat(),
                None => Vec::new(),
            }
        };
        header.body_hash = Hash::of(&body);
        Ok(Some(body))
    }
}
