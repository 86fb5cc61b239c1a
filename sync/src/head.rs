//! Heads: a writer's signature over how far a session goes; and what a node has, as a vector.
//!
//! Records are not signed singly. A run of records always ends at a signed head, so whoever holds a session to a
//! head can show who wrote every record of it, and whoever relays it cuts only where the writer signed.

use serde::{Deserialize, Serialize};

use crate::ids::{Hash, NodeId, STREAM_BYTES_MAX, SessionId, StreamId};
use crate::keys::{NodeKey, NodePublic};

/// Length of a head as it is kept, in bytes.
pub const HEAD_LEN: usize = STREAM_BYTES_MAX + 16 + 8 + 32 + 16 + 64;

const SIGNED_FOR: &[u8; 16] = b"loket head 2026\0";

/// How much of a session a node has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Have {
    /// The stream.
    pub stream: StreamId,
    /// The session in it.
    pub session: SessionId,
    /// Number of records, all from 0.
    pub len: u64,
    /// Hash of the last record; zeros if there is none.
    pub hash: Hash,
}

/// All that a node has: sorted by stream and session.
pub type Vector = Vec<Have>;

/// Finds a session in a sorted vector.
pub fn find<'a>(vector: &'a [Have], stream: &StreamId, session: &SessionId) -> Option<&'a Have> {
    let at = vector.binary_search_by(|have| (have.stream, have.session).cmp(&(*stream, *session))).ok()?;
    vector.get(at)
}

/// Sorts a vector, and keeps the longer of two entries for one session.
pub fn sort(vector: &mut Vector) {
    vector.sort_by_key(|have| (have.stream, have.session, std::cmp::Reverse(have.len)));
    vector.dedup_by_key(|have| (have.stream, have.session));
}

/// A short fingerprint of a sorted vector: equal exactly if the vectors are.
pub fn digest(vector: &[Have]) -> Hash {
    let mut hasher = blake3::Hasher::new();
    for have in vector {
        hasher.update(have.stream.padded());
        hasher.update(&have.session.0);
        hasher.update(&have.len.to_le_bytes());
        hasher.update(&have.hash.0);
    }
    Hash(*hasher.finalize().as_bytes())
}

/// A writer's signature over the length and last hash of a session.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The stream.
    pub stream: StreamId,
    /// The session in it.
    pub session: SessionId,
    /// Number of records it covers.
    pub len: u64,
    /// Hash of the last of them.
    pub hash: Hash,
    /// Who signed.
    pub signer: NodeId,
    /// Ed25519 over the four fields above the signer.
    pub signature: [u8; 64],
}

impl Head {
    /// Signs what a session has become.
    pub fn sign(have: &Have, key: &NodeKey) -> Self {
        let Have { stream, session, len, hash } = *have;
        Self { stream, session, len, hash, signer: key.id(), signature: key.sign(&signed_bytes(have)) }
    }

    /// What it covers.
    pub fn have(&self) -> Have {
        Have { stream: self.stream, session: self.session, len: self.len, hash: self.hash }
    }

    /// Whether this node signed it.
    pub fn is_signed_by(&self, node: &NodePublic) -> bool {
        self.signer == node.id() && node.verify(&signed_bytes(&self.have()), &self.signature)
    }

    /// The head as it is kept: the fields in their order, numbers little-endian.
    pub fn to_bytes(&self) -> [u8; HEAD_LEN] {
        let mut bytes = [0; HEAD_LEN];
        bytes[..48].copy_from_slice(self.stream.padded());
        bytes[48..64].copy_from_slice(&self.session.0);
        bytes[64..72].copy_from_slice(&self.len.to_le_bytes());
        bytes[72..104].copy_from_slice(&self.hash.0);
        bytes[104..120].copy_from_slice(&self.signer.0);
        bytes[120..184].copy_from_slice(&self.signature);
        bytes
    }

    /// Reads what [`Head::to_bytes`] wrote; nothing if it names no proper stream.
    pub fn from_bytes(bytes: &[u8; HEAD_LEN]) -> Option<Self> {
        fn part<const N: usize>(bytes: &[u8; HEAD_LEN], at: usize) -> [u8; N] {
            let mut part = [0; N];
            part.copy_from_slice(&bytes[at..at + N]);
            part
        }
        Some(Self {
            stream: StreamId::from_padded(&part(bytes, 0)).ok()?,
            session: SessionId(part(bytes, 48)),
            len: u64::from_le_bytes(part(bytes, 64)),
            hash: Hash(part(bytes, 72)),
            signer: NodeId(part(bytes, 104)),
            signature: part(bytes, 120),
        })
    }
}

impl std::fmt::Debug for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Head({}/{:?} {} {:?} by {:?})",
            self.stream, self.session, self.len, self.hash, self.signer
        )
    }
}

fn signed_bytes(have: &Have) -> [u8; 120] {
    let mut bytes = [0; 120];
    bytes[..16].copy_from_slice(SIGNED_FOR);
    bytes[16..64].copy_from_slice(have.stream.padded());
    bytes[64..80].copy_from_slice(&have.session.0);
    bytes[80..88].copy_from_slice(&have.len.to_le_bytes());
    bytes[88..].copy_from_slice(&have.hash.0);
    bytes
}
