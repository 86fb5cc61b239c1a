//! What stands in front of an archive, for everybody to read: who made it, when, what for, and for whom.

use std::io::{self, Read};

use zeroize::Zeroizing;

use super::ArchiveError;
use crate::ids::{Hash, NodeId};
use crate::keys::{NodeKey, NodePublic};
use crate::random;

const MAGIC: &[u8; 8] = b"loketarc";
const FORMAT: u8 = 1;
/// The most keys an archive is sealed for.
pub const RECEIVERS_MAX: usize = 8;

const FIXED_LEN: usize = 8 + 1 + 1 + 8 + 64 + NodeId::LEN + 1;
const SEALED_KEY_LEN: usize = 32 + 32 + 16;
const RECEIVER_LEN: usize = NodeId::LEN + SEALED_KEY_LEN;
const SIGNATURE_LEN: usize = 64;

const SIGNED_FOR: &[u8] = b"loket archive 2026\0";
const COMMITMENT_CONTEXT: &str = "loket 2026 archive key commitment";
const CHUNK_CONTEXT: &str = "loket 2026 archive chunk key";

/// What an archive is for. One made for one purpose is never taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A backup of an office.
    OfficeBackup = 1,
    /// A backup of a registry.
    RegistryBackup = 2,
    /// What one node carries to another.
    Bundle = 3,
}

impl Purpose {
    fn from_byte(byte: u8) -> Option<Self> {
        [Self::OfficeBackup, Self::RegistryBackup, Self::Bundle]
            .into_iter()
            .find(|purpose| *purpose as u8 == byte)
    }
}

/// The content key sealed for one receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Receiver {
    node: NodeId,
    sealed: [u8; SEALED_KEY_LEN],
}

/// What everybody can read of an archive. Whoever holds one knows that its writer signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// What it is for.
    pub purpose: Purpose,
    /// When it was made, by its writer's clock.
    pub made_at_ms: i64,
    /// Who made it.
    pub writer: NodePublic,
    /// Whom it is addressed to; nothing for a backup.
    pub to: Option<NodeId>,
    receivers: Vec<Receiver>,
    commitment: [u8; 32],
    /// Hash of the header as it lies there.
    hash: Hash,
}

/// The key of an archive's chunks.
pub(super) type ChunkKey = Zeroizing<[u8; 32]>;

impl Header {
    /// Draws a content key, seals it for the receivers and signs the header: the bytes, the header, the chunks' key.
    pub(super) fn make(
        purpose: Purpose,
        made_at_ms: i64,
        writer: &NodeKey,
        to: Option<NodeId>,
        receivers: &[NodePublic],
    ) -> (Vec<u8>, Self, ChunkKey) {
        let content_key: Zeroizing<[u8; 32]> = Zeroizing::new(random::draw());
        let receivers: Vec<Receiver> = receivers
            .iter()
            .take(RECEIVERS_MAX)
            .map(|public| {
                let envelope = NodeKey::seal_for(public, &*content_key);
                let mut sealed = [0; SEALED_KEY_LEN];
                sealed.copy_from_slice(&envelope);
                Receiver { node: public.id(), sealed }
            })
            .collect();
        let commitment = blake3::derive_key(COMMITMENT_CONTEXT, &*content_key);
        let hash = Hash::ZERO;
        let writer_public = writer.public();
        let mut header = Self { purpose, made_at_ms, writer: writer_public, to, receivers, commitment, hash };
        let mut bytes = header.unsigned_bytes();
        bytes.extend_from_slice(&writer.sign(&signed(&bytes)));
        header.hash = Hash::of(&bytes);
        let key = header.chunk_key(&content_key);
        (bytes, header, key)
    }

    fn unsigned_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(FIXED_LEN + self.receivers.len() * RECEIVER_LEN + 96);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&[FORMAT, self.purpose as u8]);
        bytes.extend_from_slice(&self.made_at_ms.to_le_bytes());
        bytes.extend_from_slice(&self.writer.to_bytes());
        bytes.extend_from_slice(&self.to.map_or([0; NodeId::LEN], |to| to.0));
        // At most RECEIVERS_MAX.
        bytes.push(u8::try_from(self.receivers.len()).unwrap_or(u8::MAX));
        for receiver in &self.receivers {
            bytes.extend_from_slice(&receiver.node.0);
            bytes.extend_from_slice(&receiver.sealed);
        }
        bytes.extend_from_slice(&self.commitment);
        bytes
    }

    /// Reads and verifies the header at the start of a file; the source stands behind it afterwards.
    pub fn read(source: &mut impl Read) -> Result<Self, ArchiveError> {
        let mut bytes = vec![0; FIXED_LEN];
        read_exact(source, &mut bytes[..10])?;
        if bytes[..8] != *MAGIC {
            return Err(ArchiveError::NotAnArchive);
        }
        if bytes[8] != FORMAT {
            return Err(ArchiveError::Format(bytes[8]));
        }
        let purpose = Purpose::from_byte(bytes[9]).ok_or(ArchiveError::Forged)?;
        read_exact(source, &mut bytes[10..])?;
        let count = usize::from(bytes[FIXED_LEN - 1]);
        if count == 0 || count > RECEIVERS_MAX {
            return Err(ArchiveError::Forged);
        }
        let unsigned_len = FIXED_LEN + count * RECEIVER_LEN + 32;
        bytes.resize(unsigned_len + SIGNATURE_LEN, 0);
        read_exact(source, &mut bytes[FIXED_LEN..])?;
        let receivers = bytes[FIXED_LEN..unsigned_len - 32].chunks_exact(RECEIVER_LEN).map(|receiver| {
            let (node, sealed) = receiver.split_at(NodeId::LEN);
            Receiver { node: NodeId(array(node)), sealed: array(sealed) }
        });
        let to = NodeId(array(&bytes[82..98]));
        let header = Self {
            purpose,
            made_at_ms: i64::from_le_bytes(array(&bytes[10..18])),
            writer: NodePublic::from_bytes(&array(&bytes[18..82])),
            to: (to.0 != [0; NodeId::LEN]).then_some(to),
            receivers: receivers.collect(),
            commitment: array(&bytes[unsigned_len - 32..unsigned_len]),
            hash: Hash::of(&bytes),
        };
        let (unsigned, signature) = bytes.split_at(unsigned_len);
        if !header.writer.verify(&signed(unsigned), &array(signature)) {
            return Err(ArchiveError::Forged);
        }
        Ok(header)
    }

    /// Whether the archive was sealed for a key.
    pub fn is_for(&self, node: &NodeId) -> bool {
        self.receivers.iter().any(|receiver| receiver.node == *node)
    }

    /// The chunks' key, for whoever holds a receiver's key.
    pub(super) fn open_key(&self, receiver: &NodeKey) -> Result<ChunkKey, ArchiveError> {
        let mine = self.receivers.iter().find(|known| known.node == receiver.id());
        let sealed = &mine.ok_or(ArchiveError::NotForThisKey)?.sealed;
        let plain = Zeroizing::new(receiver.open(sealed).map_err(|_| ArchiveError::Forged)?);
        let content_key: Zeroizing<[u8; 32]> =
            Zeroizing::new(plain.as_slice().try_into().map_err(|_| ArchiveError::Forged)?);
        // One content key for all receivers: a writer cannot show each of them another content.
        if blake3::derive_key(COMMITMENT_CONTEXT, &*content_key) != self.commitment {
            return Err(ArchiveError::Forged);
        }
        Ok(self.chunk_key(&content_key))
    }

    fn chunk_key(&self, content_key: &[u8; 32]) -> ChunkKey {
        let mut material = Zeroizing::new([0; 64]);
        material[..32].copy_from_slice(content_key);
        material[32..].copy_from_slice(self.hash.as_bytes());
        Zeroizing::new(blake3::derive_key(CHUNK_CONTEXT, &*material))
    }

    /// Hash of the header as it lies in the file: names the archive.
    pub fn hash(&self) -> &Hash {
        &self.hash
    }

    /// Length of the header in the file, in bytes.
    pub(super) fn len_bytes(&self) -> u64 {
        (FIXED_LEN + self.receivers.len() * RECEIVER_LEN + 32 + SIGNATURE_LEN) as u64
    }
}

fn signed(unsigned: &[u8]) -> Vec<u8> {
    [SIGNED_FOR, unsigned].concat()
}

/// The slices are cut to the length before.
fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(bytes);
    array
}

fn read_exact(source: &mut impl Read, bytes: &mut [u8]) -> Result<(), ArchiveError> {
    source.read_exact(bytes).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => ArchiveError::NotAnArchive,
        _ => error.into(),
    })
}
