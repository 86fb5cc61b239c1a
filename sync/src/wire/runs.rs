//! Runs of records in columns: what changes little from record to record lies side by side and packs to almost nothing.
//!
//! A subject's name travels once. Of a record whose body was erased, length and hash of the body travel: the chain needs
//! them. The first byte of a body, its format, lies in a column; the sealed rest lies behind the head of the message.
//!
//! Where both sides have the subject's key, the words travel instead of the sealed body, all of a message in one
//! envelope for the receiver, which seals them again: the header says with which nonce, and the chain and the writer's
//! signature, whether the same bytes came out.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{KeyMap, RECORDS_MAX, WireError, take_list};
use crate::chain::Run;
use crate::head::Head;
use crate::ids::{Hash, NodeId, SessionId, StreamId, Subject};
use crate::record::{self, BODY_BYTES_MAX, Header, Record, SEALED_MORE};

/// A run without its records.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct WireRun {
    stream: StreamId,
    session: SessionId,
    first: u64,
    prev: Hash,
    count: u64,
    signer: NodeId,
    signature: ([u8; 32], [u8; 32]),
}

/// All runs, and their records in columns, each as long as there are records.
#[derive(Default, Serialize)]
struct WireRuns {
    runs: Vec<WireRun>,
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
    fn read(mut bytes: &[u8]) -> Result<Self, WireError> {
        let rest = &mut bytes;
        let wire = Self {
            runs: take_list(rest, RECORDS_MAX)?,
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

/// Writes runs; bodies whose keys are given become letters.
pub(super) fn write(runs: &[Run], keys: &KeyMap) -> Result<Written, WireError> {
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
        wire.runs.push(WireRun { stream, session, first, prev, count, signer, signature: (left, right) });
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
    written.columns = postcard::to_stdvec(&wire)?;
    Ok(written)
}

/// Subjects whose keys are needed to read these columns.
pub(super) fn subjects(columns: &[u8]) -> Result<BTreeSet<Subject>, WireError> {
    let wire = WireRuns::read(columns)?;
    let has_letters = wire.formats.contains(&FORMAT_LETTER);
    Ok(if has_letters { wire.subjects.into_iter().collect() } else { BTreeSet::new() })
}

/// Reads what [`write`] wrote. A run with a letter whose key is not given is left out; whether there was one.
pub(super) fn read(
    columns: &[u8],
    letters: &[u8],
    bodies: &[u8],
    keys: &KeyMap,
) -> Result<(Vec<Run>, bool), WireError> {
    let mut wire = WireRuns::read(columns)?;
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
        keys,
        recent: Recent::default(),
        subjects,
        erased: erased.peekable(),
        at: 0,
        at_ms: 0,
    };
    let (mut runs, mut is_short) = (Vec::new(), false);
    for head in heads {
        match reading.run(&head)? {
            Some(run) => runs.push(run),
            None => is_short = true,
        }
    }
    if reading.is_used_up() { Ok((runs, is_short)) } else { Err(WireError::Form) }
}

/// What is left to be read.
struct Reading<'a> {
    wire: WireRuns,
    letters: &'a [u8],
    bodies: &'a [u8],
    keys: &'a KeyMap,
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

    fn run(&mut self, wire: &WireRun) -> Result<Option<Run>, WireError> {
        let WireRun { stream, session, first, mut prev, count, signer, signature } = *wire;
        let (mut seq, mut records, mut is_short) = (first, Vec::new(), false);
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
            let Some(key) = self.keys.get(&header.subject) else { return Ok(None) };
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

/// How many subjects back one can be pointed to; one that was spoken of earlier travels once more.
const RECENT_MAX: usize = 256;

/// Subjects by when they were spoken of last, the latest at the end.
#[derive(Default)]
struct Recent(Vec<Subject>);

impl Recent {
    fn number_of(&mut self, subject: Subject, subjects: &mut Vec<Subject>) -> u32 {
        let found = self.0.iter().rposition(|recent| *recent == subject);
        let Some(at) = found else {
            subjects.push(subject);
            self.push(subject);
            return 0;
        };
        let back = self.0.len() - at;
        self.0.remove(at);
        self.0.push(subject);
        u32::try_from(back).unwrap_or(u32::MAX)
    }

    fn subject_of(&mut self, number: u32, subjects: &mut impl Iterator<Item = Subject>) -> Option<Subject> {
        let subject = match number {
            0 => {
                let subject = subjects.next()?;
                self.push(subject);
                return Some(subject);
            }
            back => self.0.remove(self.0.len().checked_sub(back as usize)?),
        };
        self.0.push(subject);
        Some(subject)
    }

    fn push(&mut self, subject: Subject) {
        if self.0.len() == RECENT_MAX {
            self.0.remove(0);
        }
        self.0.push(subject);
    }
}
