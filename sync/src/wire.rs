//! Messages as bytes: one version byte, then zstd over postcard.
//!
//! What the receiver can compute is left out: of a run only the first `prev` travels, and no hash at all; the
//! receiver recomputes the chain, and the writer's signature over the last hash says whether it came out right.
//! Of a record whose body was erased, length and hash of the body travel instead: the chain needs them.
//! Fields that were added later follow as extensions, which an older program passes over (`wire/extend.rs`).
//! Lengths are limited before anything is allocated for them.

mod extend;

use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::chain::Run;
use crate::exchange::{BLOBS_MAX, KEYS_MAX, KeyGrant, Message, SESSIONS_MAX};
use crate::head::{self, Have, Head, Vector};
use crate::ids::{Hash, NodeId, SessionId, StoreId, StreamId, Subject};
use crate::packing;
use crate::record::{BODY_BYTES_MAX, Header, Record};

/// Version of the protocol that this program speaks.
pub const WIRE_VERSION: u8 = 1;
/// The most bytes a message may have once unpacked.
pub const MESSAGE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Bytes that are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Another version.
    #[error("version {0} of the protocol is not spoken here")]
    Version(u8),
    /// Damaged, or larger than allowed once unpacked.
    #[error("the message is damaged or too large")]
    Packing,
    /// Unpacked, but not a message.
    #[error("the message is not well formed")]
    Form,
    /// A list or body is longer than allowed.
    #[error("a part of the message is too long")]
    TooLong,
}

/// Writes a message.
pub fn encode(message: &Message) -> Result<Vec<u8>, WireError> {
    let mut plain = postcard::to_stdvec(&WireMessage::from(message)).map_err(|_| WireError::Form)?;
    extend::write(message, &mut plain).map_err(|_| WireError::Form)?;
    if plain.len() > MESSAGE_BYTES_MAX {
        return Err(WireError::TooLong);
    }
    let mut bytes = packing::pack(&plain).ok_or(WireError::Packing)?;
    bytes.insert(0, WIRE_VERSION);
    Ok(bytes)
}

/// Reads a message. Its runs are chained as they will be hashed; they are verified by whoever takes them.
pub fn decode(bytes: &[u8]) -> Result<Message, WireError> {
    let (version, packed) = bytes.split_first().ok_or(WireError::Form)?;
    if *version != WIRE_VERSION {
        return Err(WireError::Version(*version));
    }
    let plain = packing::unpack(packed, MESSAGE_BYTES_MAX).ok_or(WireError::Packing)?;
    let (wire, rest): (WireMessage<'_>, _) =
        postcard::take_from_bytes(&plain).map_err(|_| WireError::Form)?;
    let mut message = wire.into_message()?;
    extend::read(rest, &mut message)?;
    Ok(message)
}

/// A stream's sessions: how many records of each, and the hash of the last.
type WireStream = (StreamId, Vec<(SessionId, u64, Hash)>);

#[derive(Serialize, Deserialize)]
struct WireMessage<'a> {
    store: StoreId,
    now_ms: i64,
    /// By stream, so that a stream's name travels once.
    vector: Vec<WireStream>,
    #[serde(borrow)]
    runs: Vec<WireRun<'a>>,
    keys: Vec<WireGrant<'a>>,
    wanted_keys: Vec<Subject>,
    offered_blobs: Vec<Hash>,
    wanted_blobs: Vec<Hash>,
    more: bool,
    pause_ms: u32,
}

#[derive(Serialize, Deserialize)]
struct WireRun<'a> {
    stream: StreamId,
    session: SessionId,
    first: u64,
    prev: Hash,
    #[serde(borrow)]
    records: Vec<WireRecord<'a>>,
    /// Length and hash of the body of each record that has none, in their order.
    erased: Vec<(u32, Hash)>,
    signer: NodeId,
    signature: ([u8; 32], [u8; 32]),
}

#[derive(Serialize, Deserialize)]
struct WireRecord<'a> {
    /// Since the record before.
    later_ms: i64,
    kind: u16,
    flags: u8,
    subject: Subject,
    #[serde(borrow)]
    body: Bytes<'a>,
}

#[derive(Serialize, Deserialize)]
struct WireGrant<'a> {
    subject: Subject,
    #[serde(borrow)]
    sealed: Bytes<'a>,
}

/// Bytes that are written in one piece and read without copying.
struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Bytes<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowed;
        impl<'de> Visitor<'de> for Borrowed {
            type Value = &'de [u8];

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }

            fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<&'de [u8], E> {
                Ok(bytes)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<&'de [u8], A::Error> {
                Err(A::Error::custom("bytes are read in one piece"))
            }
        }
        deserializer.deserialize_bytes(Borrowed).map(Bytes)
    }
}

impl<'a> From<&'a Message> for WireMessage<'a> {
    fn from(message: &'a Message) -> Self {
        let grant = |grant: &'a KeyGrant| WireGrant { subject: grant.subject, sealed: Bytes(&grant.sealed) };
        Self {
            store: message.store,
            now_ms: message.now_ms,
            vector: group(&message.vector),
            runs: message.runs.iter().filter(|run| !run.records.is_empty()).map(WireRun::from).collect(),
            keys: message.keys.iter().map(grant).collect(),
            wanted_keys: message.wanted_keys.clone(),
            offered_blobs: message.offered_blobs.clone(),
            wanted_blobs: message.wanted_blobs.clone(),
            more: message.more,
            pause_ms: message.pause_ms,
        }
    }
}

impl WireMessage<'_> {
    fn into_message(self) -> Result<Message, WireError> {
        let sessions: usize = self.vector.iter().map(|(_, sessions)| sessions.len()).sum();
        let keys = self.keys.len().max(self.wanted_keys.len());
        let blobs = self.offered_blobs.len().max(self.wanted_blobs.len());
        if sessions > SESSIONS_MAX || keys > KEYS_MAX || blobs > BLOBS_MAX {
            return Err(WireError::TooLong);
        }
        let grant =
            |grant: WireGrant<'_>| KeyGrant { subject: grant.subject, sealed: grant.sealed.0.to_vec() };
        Ok(Message {
            store: self.store,
            now_ms: self.now_ms,
            vector: ungroup(self.vector),
            runs: self.runs.into_iter().map(WireRun::into_run).collect::<Result<_, _>>()?,
            keys: self.keys.into_iter().map(grant).collect(),
            wanted_keys: self.wanted_keys,
            offered_blobs: self.offered_blobs,
            wanted_blobs: self.wanted_blobs,
            more: self.more,
            pause_ms: self.pause_ms,
            process: None,
            refused: Vec::new(),
            twins_since_ms: None,
        })
    }
}

fn group(vector: &[Have]) -> Vec<WireStream> {
    let by_stream = vector.chunk_by(|one, other| one.stream == other.stream);
    let session = |have: &Have| (have.session, have.len, have.hash);
    by_stream.filter_map(|haves| Some((haves.first()?.stream, haves.iter().map(session).collect()))).collect()
}

fn ungroup(grouped: Vec<WireStream>) -> Vector {
    let sessions = grouped.into_iter().flat_map(|(stream, sessions)| {
        sessions.into_iter().map(move |(session, len, hash)| Have { stream, session, len, hash })
    });
    let mut vector = sessions.collect();
    head::sort(&mut vector);
    vector
}

impl<'a> From<&'a Run> for WireRun<'a> {
    fn from(run: &'a Run) -> Self {
        let Head { stream, session, signer, signature, .. } = run.head;
        let (mut left, mut right) = ([0; 32], [0; 32]);
        left.copy_from_slice(&signature[..32]);
        right.copy_from_slice(&signature[32..]);
        let mut at_ms = 0;
        let record = |record: &'a Record| {
            let Header { kind, flags, subject, .. } = record.header;
            let later_ms = record.header.at_ms.wrapping_sub(at_ms);
            at_ms = record.header.at_ms;
            WireRecord { later_ms, kind, flags, subject, body: Bytes(&record.body) }
        };
        Self {
            stream,
            session,
            first: run.first(),
            prev: run.records.first().map_or(Hash::ZERO, |record| record.header.prev),
            records: run.records.iter().map(record).collect(),
            erased: run
                .records
                .iter()
                .filter(|record| record.body.is_empty())
                .map(|record| (record.header.body_len, record.header.body_hash))
                .collect(),
            signer,
            signature: (left, right),
        }
    }
}

impl WireRun<'_> {
    fn into_run(self) -> Result<Run, WireError> {
        let (stream, session) = (self.stream, self.session);
        let (mut seq, mut prev, mut at_ms) = (self.first, self.prev, 0_i64);
        let mut records = Vec::with_capacity(self.records.len());
        let mut erased = self.erased.into_iter();
        for wire in self.records {
            let body = wire.body.0.to_vec();
            let (body_len, body_hash) = if body.is_empty() {
                erased.next().ok_or(WireError::Form)?
            } else {
                (u32::try_from(body.len()).map_err(|_| WireError::TooLong)?, Hash::of(&body))
            };
            if body_len as usize > BODY_BYTES_MAX {
                return Err(WireError::TooLong);
            }
            at_ms = at_ms.wrapping_add(wire.later_ms);
            let header = Header {
                stream,
                session,
                seq,
                at_ms,
                kind: wire.kind,
                flags: wire.flags,
                subject: wire.subject,
                prev,
                body_len,
                body_hash,
            };
            prev = header.hash();
            seq = seq.checked_add(1).ok_or(WireError::Form)?;
            records.push(Record { header, body });
        }
        if records.is_empty() || erased.next().is_some() {
            return Err(WireError::Form);
        }
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&self.signature.0);
        signature[32..].copy_from_slice(&self.signature.1);
        let head = Head { stream, session, len: seq, hash: prev, signer: self.signer, signature };
        Ok(Run { records, head })
    }
}
