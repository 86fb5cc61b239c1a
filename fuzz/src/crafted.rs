//! Archives with any content behind a true header: what a node could make that is let in and means harm. Written after
//! the description of the layout in `sync/src/archive`, and not with its writer, which writes no nonsense.

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use loket_sync::archive::{ArchiveReader, ArchiveWriter, Purpose};
use loket_sync::{NodeKey, NodePublic};

/// Plain bytes of a chunk.
const CHUNK_LEN: usize = 64 * 1024;
/// Where the first receiver's sealed key lies, and how long it is.
const SEALED_KEY: std::ops::Range<usize> = 115..195;
/// Length of a header for one receiver.
const HEADER_LEN: usize = 99 + 96 + 32 + 64;

/// How a crafted archive ends.
pub enum Tail {
    /// With nothing.
    None,
    /// As the format says, so many entries.
    Honest(u64),
}

/// An archive from one node to another with these frames in it.
pub fn crafted(purpose: Purpose, from: &NodeKey, to: &NodeKey, frames: &[u8], tail: &Tail) -> Vec<u8> {
    let receivers: [NodePublic; 1] = [to.public()];
    let made = ArchiveWriter::begin(Vec::new(), purpose, 1, from, Some(to.id()), &receivers).unwrap();
    let mut bytes = made.finish().unwrap().0;
    let hash = *ArchiveReader::open(bytes.as_slice(), to).unwrap().header().hash();
    bytes.truncate(HEADER_LEN);
    let content_key = to.open(&bytes[SEALED_KEY]).expect("the layout is as described");
    let key = blake3::derive_key(
        "loket 2026 archive chunk key",
        &[&content_key, hash.as_bytes().as_slice()].concat(),
    );
    let mut plain = frames.to_vec();
    if let Tail::Honest(entries) = tail {
        let content = blake3::hash(frames);
        let numbers = entries.to_le_bytes();
        let signed =
            [b"loket archive end 2026\0".as_slice(), hash.as_bytes(), &numbers, content.as_bytes()].concat();
        plain.push(4);
        plain.extend([numbers.as_slice(), content.as_bytes(), &from.sign(&signed)].concat());
    }
    let cipher = XChaCha20Poly1305::new(&Key::from(key));
    let chunks: Vec<&[u8]> = if plain.is_empty() { vec![&[]] } else { plain.chunks(CHUNK_LEN).collect() };
    for (number, chunk) in chunks.iter().enumerate() {
        let mut nonce = [0; 24];
        nonce[..8].copy_from_slice(&(number as u64).to_le_bytes());
        nonce[8] = u8::from(number + 1 == chunks.len());
        let mut sealed = chunk.to_vec();
        let tag =
            cipher.encrypt_inout_detached(&XNonce::from(nonce), &[], sealed.as_mut_slice().into()).unwrap();
        bytes.extend([sealed.as_slice(), &tag].concat());
    }
    bytes
}
