//! A record: a fixed header, which is hashed and chained, and a sealed body, which is only named by its hash.
//!
//! The header holds no personal data, so a body can be erased and the chain still verifies. Bytes never change once
//! a record is made: they are kept, hashed and relayed as they were received. A record whose body was erased rests and
//! travels as its header alone ([`Record::is_erased`]).
//!
//! Header, 168 bytes, numbers little-endian:
//!
//! | Offset | Length | Field |
//! |---|---|---|
//! | 0 | 1 | version, 1 |
//! | 1 | 48 | stream, padded with zeros |
//! | 49 | 16 | session |
//! | 65 | 8 | seq |
//! | 73 | 8 | `at_ms`, milliseconds since 1970, for people only |
//! | 81 | 2 | kind |
//! | 83 | 1 | flags |
//! | 84 | 16 | subject |
//! | 100 | 32 | prev: hash of the record before in the session, zeros at 0 |
//! | 132 | 4 | length of the body |
//! | 136 | 32 | BLAKE3 of the body |
//!
//! Body: one format byte, then the text sealed with XChaCha20-Poly1305 under the subject's key. The nonce is
//! session (16) and seq (8); the associated data are the first 132 bytes of the header and the format byte.

use serde::{Deserialize, Serialize};

use crate::head::Have;
use crate::ids::{Hash, NodeId, Pos, STREAM_BYTES_MAX, SessionId, StreamId, Subject};
use crate::packing;
use crate::seal::{self, NONCE_LEN, SubjectKey};

/// Version of the header.
pub const RECORD_VERSION: u8 = 1;
/// Length of a header in bytes.
pub const HEADER_LEN: usize = 168;
/// The most bytes a sealed body may have.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// The kind of the record that opens a session. Kinds above it belong to the users of this crate.
pub const KIND_SESSION_OPENED: u16 = 0;
/// Flag: the first record about its subject in its session, so the subject's key travels along.
///
/// In its session, not in its stream: a receiver that holds a record holds those before it in the session, and so
/// was given the key, whatever it has lost otherwise.
pub const FLAG_OPENS_SUBJECT: u8 = 1;

/// Length of the part of the header that is known before the body is sealed.
const AAD_LEN: usize = 132;
const FORMAT_PLAIN: u8 = 0;
const FORMAT_ZSTD: u8 = 1;
/// By how much a body is longer than its words, if it was sealed as it was: format and tag.
pub(crate) const SEALED_MORE: usize = 1 + seal::TAG_LEN;
/// A body that anyone may read: session openings only.
const FORMAT_OPEN: u8 = 0xff;

/// What is known of a record without its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Stream of the record.
    pub stream: StreamId,
    /// Session of the record.
    pub session: SessionId,
    /// Its number in the session.
    pub seq: u64,
    /// When it was written, milliseconds since 1970, by the writer's clock. For people only.
    pub at_ms: i64,
    /// What it says; 0 opens a session.
    pub kind: u16,
    /// [`FLAG_OPENS_SUBJECT`] or nothing.
    pub flags: u8,
    /// What it is about.
    pub subject: Subject,
    /// Hash of the record before.
    pub prev: Hash,
    /// Length of the sealed body in bytes.
    pub body_len: u32,
    /// Hash of the sealed body.
    pub body_hash: Hash,
}

/// Bytes that are no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Too short, or of a length that does not fit the header.
    #[error("the record is cut short or too long")]
    Length,
    /// A version that this program does not know.
    #[error("a record of version {0} is not known here")]
    Version(u8),
    /// No stream name where one should stand.
    #[error("the record names no proper stream")]
    Stream,
    /// The body is larger than allowed.
    #[error("the body has more than {BODY_BYTES_MAX} bytes")]
    BodyTooLong,
}

impl Header {
    /// The header as it is hashed and kept.
    pub fn to_bytes(&self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        bytes[0] = RECORD_VERSION;
        bytes[1..49].copy_from_slice(self.stream.padded());
        bytes[49..65].copy_from_slice(&self.session.0);
        bytes[65..73].copy_from_slice(&self.seq.to_le_bytes());
        bytes[73..81].copy_from_slice(&self.at_ms.to_le_bytes());
        bytes[81..83].copy_from_slice(&self.kind.to_le_bytes());
        bytes[83] = self.flags;
        bytes[84..100].copy_from_slice(&self.subject.0);
        bytes[100..132].copy_from_slice(&self.prev.0);
        bytes[132..136].copy_from_slice(&self.body_len.to_le_bytes());
        bytes[136..168].copy_from_slice(&self.body_hash.0);
        bytes
    }

    /// Reads a header.
    pub fn from_bytes(bytes: &[u8; HEADER_LEN]) -> Result<Self, RecordError> {
        if bytes[0] != RECORD_VERSION {
            return Err(RecordError::Version(bytes[0]));
        }
        let body_len = u32::from_le_bytes(part(bytes, 132));
        if body_len as usize > BODY_BYTES_MAX {
            return Err(RecordError::BodyTooLong);
        }
        Ok(Self {
            stream: StreamId::from_padded(&part::<STREAM_BYTES_MAX>(bytes, 1))
                .map_err(|_| RecordError::Stream)?,
            session: SessionId(part(bytes, 49)),
            seq: u64::from_le_bytes(part(bytes, 65)),
            at_ms: i64::from_le_bytes(part(bytes, 73)),
            kind: u16::from_le_bytes(part(bytes, 81)),
            flags: bytes[83],
            subject: Subject(part(bytes, 84)),
            prev: Hash(part(bytes, 100)),
            body_len,
            body_hash: Hash(part(bytes, 136)),
        })
    }

    /// Where the record stands.
    pub fn pos(&self) -> Pos {
        Pos { stream: self.stream, session: self.session, seq: self.seq }
    }

    /// Whether it is the first about its subject in its session.
    pub fn opens_subject(&self) -> bool {
        self.flags & FLAG_OPENS_SUBJECT != 0
    }

    /// The record's hash.
    pub fn hash(&self) -> Hash {
        Hash::of(&self.to_bytes())
    }

    /// What the sealing of the body depends on.
    fn associated(&self, format: u8) -> [u8; AAD_LEN + 1] {
        let mut associated = [0; AAD_LEN + 1];
        associated[..AAD_LEN].copy_from_slice(&self.to_bytes()[..AAD_LEN]);
        associated[AAD_LEN] = format;
        associated
    }

    fn nonce(&self) -> [u8; NONCE_LEN] {
        let mut nonce = [0; NONCE_LEN];
        nonce[..16].copy_from_slice(&self.session.0);
        nonce[16..].copy_from_slice(&self.seq.to_le_bytes());
        nonce
    }
}

fn part<const N: usize>(bytes: &[u8; HEADER_LEN], at: usize) -> [u8; N] {
    let mut part = [0; N];
    part.copy_from_slice(&bytes[at..at + N]);
    part
}

/// A header and its sealed body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What is known without the key.
    pub header: Header,
    /// The sealed body; empty when it was erased.
    pub body: Vec<u8>,
}

impl Record {
    /// Where the record stands.
    pub fn pos(&self) -> Pos {
        self.header.pos()
    }

    /// The record's hash.
    pub fn hash(&self) -> Hash {
        self.header.hash()
    }

    /// Bytes of header and body together.
    pub fn len_bytes(&self) -> usize {
        HEADER_LEN + self.body.len()
    }

    /// Whether the body was taken away, so that only the header is left. Session openings keep theirs: what they say
    /// is about no person, and the writer's sessions are found through it.
    pub fn is_erased(&self) -> bool {
        is_erased(&self.header, &self.body)
    }

    /// The record without its body; session openings as they are.
    #[must_use]
    pub fn erased(&self) -> Self {
        let keeps = self.header.kind == KIND_SESSION_OPENED;
        Self { header: self.header, body: if keeps { self.body.clone() } else { Vec::new() } }
    }

    /// Header and body in one row; of an erased record the header alone.
    pub fn to_bytes(&self) -> Vec<u8> {
        [self.header.to_bytes().as_slice(), &self.body].concat()
    }

    /// Reads header and body. The body's hash is not checked here; verifying the chain does it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        let (header, body) = split(bytes)?;
        Ok(Self { header, body: body.to_vec() })
    }

    /// Whether the body is the one that the header names, or was erased.
    pub fn body_matches(&self) -> bool {
        body_matches(&self.header, &self.body)
    }
}

/// As [`Record::is_erased`], of a record in parts.
pub(crate) fn is_erased(header: &Header, body: &[u8]) -> bool {
    body.is_empty() && header.body_len > 0 && header.kind != KIND_SESSION_OPENED
}

/// As [`Record::body_matches`], of a record in parts.
pub(crate) fn body_matches(header: &Header, body: &[u8]) -> bool {
    is_erased(header, body) || (header.body_len as usize == body.len() && Hash::of(body) == header.body_hash)
}

/// Reads header and body without copying the body. Only the header may be there; see [`Record::is_erased`].
pub(crate) fn split(bytes: &[u8]) -> Result<(Header, &[u8]), RecordError> {
    let (header, body) = bytes.split_first_chunk::<HEADER_LEN>().ok_or(RecordError::Length)?;
    let header = Header::from_bytes(header)?;
    let fits = header.body_len as usize == body.len() || is_erased(&header, body);
    if fits { Ok((header, body)) } else { Err(RecordError::Length) }
}

/// What somebody wants to put on record.
#[derive(Clone, Copy, Debug)]
pub struct NewRecord<'a> {
    /// Milliseconds since 1970, for people only.
    pub at_ms: i64,
    /// What it says; never 0.
    pub kind: u16,
    /// [`FLAG_OPENS_SUBJECT`] or nothing. Journals on files set it themselves.
    pub flags: u8,
    /// What it is about.
    pub subject: Subject,
    /// The words, not yet sealed.
    pub body: &'a [u8],
}

/// A body that does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Nobody gave us the subject's key yet.
    #[error("the key of this subject is not here yet")]
    KeyMissing,
    /// The subject was erased here.
    #[error("this subject was erased")]
    Forgotten,
    /// The record's body was taken away; only its header is left.
    #[error("the body of this record was erased")]
    Erased,
    /// Another key, or changed bytes.
    #[error("the body does not open with its subject's key")]
    Sealed,
    /// A format that this program does not know.
    #[error("a body of format {0} is not known here")]
    Format(u8),
    /// It opened, but what is inside cannot be unpacked.
    #[error("the body cannot be unpacked")]
    Packing,
}

/// Longer bodies are packed before they are sealed. Shorter ones are not: sealed as they are they can be sealed anew, to
/// the byte, by whoever has the words and the key, and so travel together and packed far better than each alone.
const PLAIN_BYTES_MAX: usize = 16 * 1024;

/// Seals a body for a header whose fields before `body_len` are final.
pub(crate) fn seal_body(header: &Header, key: &SubjectKey, plain: &[u8]) -> Vec<u8> {
    let packed = if plain.len() > PLAIN_BYTES_MAX { packing::pack_body(plain) } else { None };
    match packed {
        Some(packed) => seal_as(FORMAT_ZSTD, header, key, &packed),
        None => seal_as(FORMAT_PLAIN, header, key, plain),
    }
}

fn seal_as(format: u8, header: &Header, key: &SubjectKey, text: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(1 + text.len() + seal::TAG_LEN);
    body.push(format);
    body.extend_from_slice(text);
    seal::seal_in_place(key.as_bytes(), &header.nonce(), &header.associated(format), &mut body, 1);
    body
}

/// The words of a record whose body can be made again from them, its header and the key alone.
pub(crate) fn words(record: &Record, key: &SubjectKey) -> Option<Vec<u8>> {
    if record.body.first() == Some(&FORMAT_PLAIN) { open_body(record, key).ok() } else { None }
}

/// Makes the body of a header again from the words that [`words`] gave.
pub(crate) fn seal_again(header: &Header, key: &SubjectKey, words: &[u8]) -> Vec<u8> {
    seal_as(FORMAT_PLAIN, header, key, words)
}

/// Opens a record's body with its subject's key.
pub fn open_body(record: &Record, key: &SubjectKey) -> Result<Vec<u8>, BodyError> {
    if record.is_erased() {
        return Err(BodyError::Erased);
    }
    let (format, sealed) = record.body.split_first().ok_or(BodyError::Packing)?;
    if !matches!(*format, FORMAT_PLAIN | FORMAT_ZSTD) {
        return Err(BodyError::Format(*format));
    }
    let header = &record.header;
    let text = seal::open(key.as_bytes(), &header.nonce(), &header.associated(*format), sealed)
        .map_err(|_| BodyError::Sealed)?;
    if *format == FORMAT_PLAIN { Ok(text) } else { packing::unpack_body(&text).ok_or(BodyError::Packing) }
}

/// What the first record of a session says. Anyone may read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionOpened {
    /// The writer's session before this one, as far as the writer knew.
    pub before: Option<Have>,
    /// The node that writes the session.
    pub node: NodeId,
    /// Name and version of its program.
    pub software: String,
}

impl SessionOpened {
    /// The body of record 0.
    pub(crate) fn to_body(&self) -> Vec<u8> {
        // Writing to a vector fails only for types whose length is unknown, which this is not.
        postcard::to_extend(self, vec![FORMAT_OPEN]).unwrap_or_default()
    }

    /// Reads record 0 of a session.
    pub fn read(record: &Record) -> Result<Self, BodyError> {
        Self::read_parts(&record.header, &record.body)
    }

    pub(crate) fn read_parts(header: &Header, body: &[u8]) -> Result<Self, BodyError> {
        let (format, text) = body.split_first().ok_or(BodyError::Packing)?;
        if header.kind != KIND_SESSION_OPENED || *format != FORMAT_OPEN {
            return Err(BodyError::Format(*format));
        }
        postcard::from_bytes(text).map_err(|_| BodyError::Packing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SessionId;

    #[test]
    fn a_packed_body_that_is_huge_is_not_unpacked() {
        let header = Header {
            stream: "office/karimun".parse().unwrap(),
            session: SessionId([1; 16]),
            seq: 1,
            at_ms: 1,
            kind: 100,
            flags: 0,
            subject: Subject([1; 16]),
            prev: Hash::ZERO,
            body_len: 0,
            body_hash: Hash::ZERO,
        };
        let key = SubjectKey::from_bytes([3; 32]);
        let opened = |frame: &[u8]| {
            let record = Record { header, body: seal_as(FORMAT_ZSTD, &header, &key, frame) };
            assert!(record.body.len() < BODY_BYTES_MAX);
            open_body(&record, &key)
        };
        let frame = |bytes: usize| packing::pack(&vec![0; bytes]).unwrap();
        let most = 1024 * 1024;
        assert_eq!(opened(&frame(most)).unwrap().len(), most);
        assert_eq!(opened(&frame(most + 1)), Err(BodyError::Packing));
        assert_eq!(opened(&frame(64 * most)), Err(BodyError::Packing));
        // A frame that is small, and behind it one that is not: a decoder would go on with it.
        assert_eq!(opened(&[frame(100), frame(most)].concat()), Err(BodyError::Packing));
    }
}
