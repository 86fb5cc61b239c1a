//! One sealed, signed file of named entries: what backups and courier bundles are made of.
//!
//! It is written and read as a stream, so its size is bounded by the disk and not by memory. Whoever finds it learns
//! its length, the node that made it and for whom, and nothing of what is inside. Layout, numbers little-endian:
//!
//! - Header: magic `loketarc`, format 1, purpose (1), made at (8, milliseconds since 1970), the writer's public keys
//!   (64), the node it is addressed to (16, zeros if none), number of receivers (1), per receiver its node id (16) and
//!   the content key sealed for it (80); then a hash of the content key (32) and the writer's signature over all of it.
//! - Chunks of 64 KiB, each sealed with XChaCha20-Poly1305 under a key drawn from content key and header. The nonce is
//!   the chunk's number and whether it is the last: chunks cannot be left out, moved, repeated or cut off unnoticed.
//! - In the chunks, frames: an entry begins (1, length 2, name); a piece of it (2, length 4, bytes); it ends (3, length
//!   8, BLAKE3 32); the end (4, number of entries 8, BLAKE3 of all frames before it, the writer's signature over it).
//!
//! The signature in front tells a forgery before anything is read; the one at the end binds the whole content to the
//! writer, against receivers too.

mod header;
mod read;
mod stream;
mod write;

use std::io;

pub use header::{Header, Purpose, RECEIVERS_MAX};
pub use read::ArchiveReader;
pub use write::ArchiveWriter;

/// The longest name of an entry in bytes.
pub const NAME_BYTES_MAX: usize = 200;
/// The longest piece of an entry in bytes.
pub const PIECE_BYTES_MAX: usize = 64 * 1024;

const TAG_ENTRY: u8 = 1;
const TAG_PIECE: u8 = 2;
const TAG_CLOSE: u8 = 3;
const TAG_END: u8 = 4;

const SIGNED_FOR_END: &[u8] = b"loket archive end 2026\0";

/// Why an archive cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Some other file.
    #[error("this is no backup and no bundle of this program")]
    NotAnArchive,
    /// Made by a newer program.
    #[error("format {0} is not known to this program; a newer one made the file")]
    Format(u8),
    /// The header is damaged, or somebody else than the named writer made it.
    #[error("the file's header is damaged or forged")]
    Forged,
    /// The key at hand is none of those it was sealed for.
    #[error("the file is not sealed for this key")]
    NotForThisKey,
    /// Bytes were changed, moved, left out or added.
    #[error("the file is damaged or cut short at about byte {0}")]
    Damaged(u64),
    /// The file ends too early.
    #[error("the file is cut short after byte {0}")]
    CutShort(u64),
    /// It opens, but is not written as the format says.
    #[error("the file is not well formed: {0}")]
    Form(&'static str),
    /// An entry is larger than its reader takes.
    #[error("the entry {0} is too large")]
    TooLarge(String),
    /// The file system refused.
    #[error("the file cannot be read or written")]
    Io(#[from] io::Error),
}

/// Names go into file systems: plain relative paths only.
fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let is_part = |part: &str| !part.is_empty() && part != "." && part != ".." && part.bytes().all(is_plain);
    name.len() <= NAME_BYTES_MAX && name.split('/').all(is_part)
}

/// What the signature at the end covers.
fn end_bytes(header_hash: &crate::ids::Hash, entries: u64, content: &blake3::Hash) -> Vec<u8> {
    [SIGNED_FOR_END, header_hash.as_bytes(), &entries.to_le_bytes(), content.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::NodeKey;

    fn keys() -> (NodeKey, NodeKey, NodeKey) {
        (NodeKey::from_seed([1; 32]), NodeKey::from_seed([2; 32]), NodeKey::from_seed([3; 32]))
    }

    /// An archive of two entries by the first key, for the first two.
    fn sample(large: &[u8]) -> Vec<u8> {
        let (writer, other, _) = keys();
        let receivers = [writer.public(), other.public()];
        let purpose = Purpose::OfficeBackup;
        let mut archive = ArchiveWriter::begin(Vec::new(), purpose, 77, &writer, None, &receivers).unwrap();
        archive.whole("a/small.seg", b"words").unwrap();
        archive.entry("large").unwrap();
        for part in large.chunks(100_000) {
            archive.bytes(part).unwrap();
        }
        archive.whole("empty", b"").unwrap();
        let (bytes, len) = archive.finish().unwrap();
        assert_eq!(bytes.len() as u64, len);
        bytes
    }

    fn read(bytes: &[u8], key: &NodeKey) -> Result<Vec<(String, Vec<u8>)>, ArchiveError> {
        let mut archive = ArchiveReader::open(bytes, key)?;
        let mut entries = Vec::new();
        while let Some(name) = archive.next_entry()? {
            entries.push((name, archive.rest(1 << 20)?));
        }
        Ok(entries)
    }

    #[test]
    fn every_receiver_reads_back_what_was_written_and_nobody_else_does() {
        let (writer, other, stranger) = keys();
        // Around the ends of chunks, where a reader goes wrong if it does.
        for len in [0, 1, 64 * 1024 - 300, 64 * 1024, 128 * 1024 - 57, 300_000] {
            let large: Vec<u8> = (0..len).map(|at| u8::try_from(at % 251).unwrap()).collect();
            let bytes = sample(&large);
            let expected = [
                ("a/small.seg".to_owned(), b"words".to_vec()),
                ("large".to_owned(), large),
                ("empty".to_owned(), vec![]),
            ];
            assert_eq!(read(&bytes, &writer).unwrap(), expected);
            assert_eq!(read(&bytes, &other).unwrap(), expected);
            assert!(matches!(read(&bytes, &stranger), Err(ArchiveError::NotForThisKey)));
        }
    }

    #[test]
    fn an_entry_may_be_passed_over_and_one_that_is_too_large_is_refused() {
        let bytes = sample(&vec![7; 200_000]);
        let mut archive = ArchiveReader::open(bytes.as_slice(), &keys().0).unwrap();
        assert_eq!(archive.next_entry().unwrap().as_deref(), Some("a/small.seg"));
        assert_eq!(archive.next_entry().unwrap().as_deref(), Some("large"));
        assert!(matches!(archive.rest(199_999), Err(ArchiveError::TooLarge(name)) if name == "large"));
        assert_eq!(archive.verify_rest().unwrap(), 3);
        assert_eq!(archive.read_bytes(), bytes.len() as u64);
    }

    #[test]
    fn no_changed_byte_goes_unnoticed() {
        let (writer, ..) = keys();
        let bytes = sample(b"a few words more");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(read(&changed, &writer).is_err(), "byte {at}");
            assert!(read(&bytes[..at], &writer).is_err(), "cut at {at}");
        }
        assert!(read(&[bytes.as_slice(), b"x"].concat(), &writer).is_err(), "something added");
    }

    #[test]
    fn chunks_cannot_be_moved_repeated_or_left_out() {
        let (writer, ..) = keys();
        let bytes = sample(&vec![9; 300_000]);
        let chunk = 64 * 1024 + 16;
        let start = usize::try_from(Header::read(&mut bytes.as_slice()).unwrap().len_bytes()).unwrap();
        let (head, chunks) = bytes.split_at(start);
        let chunks: Vec<&[u8]> = chunks.chunks(chunk).collect();
        assert!(chunks.len() > 3);
        let put = |order: &[usize]| {
            let body: Vec<u8> = order.iter().flat_map(|at| chunks[*at].iter().copied()).collect();
            read(&[head, &body].concat(), &writer)
        };
        let whole: Vec<usize> = (0..chunks.len()).collect();
        assert!(put(&whole).is_ok());
        let last = chunks.len() - 1;
        assert!(matches!(put(&[1, 0, 2, 3, last]), Err(ArchiveError::Damaged(_))));
        assert!(matches!(put(&[0, 0, 1, 2, 3, last]), Err(ArchiveError::Damaged(_))));
        assert!(matches!(put(&[0, 2, 3, last]), Err(ArchiveError::Damaged(_))));
        assert!(matches!(put(&whole[..last]), Err(ArchiveError::CutShort(_))));
        assert!(matches!(put(&[]), Err(ArchiveError::CutShort(_))));
    }

    #[test]
    fn a_receiver_cannot_rewrite_an_archive_under_its_writers_name() {
        let (writer, receiver, _) = keys();
        let receivers = [receiver.public()];
        // The receiver opens an archive, keeps its header, and seals another content under the same key.
        let bytes = sample(b"");
        let header = Header::read(&mut bytes.as_slice()).unwrap();
        let key = header.open_key(&receiver).unwrap();
        let len = usize::try_from(header.len_bytes()).unwrap();
        let mut sealer = stream::Sealer::new(bytes[..len].to_vec(), key, 0);
        let content = blake3::Hasher::new().finalize();
        let forged = receiver.sign(&end_bytes(header.hash(), 0, &content));
        for part in [&[TAG_END][..], &0_u64.to_le_bytes(), content.as_bytes(), &forged] {
            sealer.write(part).unwrap();
        }
        let (rewritten, _) = sealer.finish().unwrap();
        assert!(matches!(read(&rewritten, &receiver), Err(ArchiveError::Forged)));
        // One made honestly under its own name says so.
        let own =
            ArchiveWriter::begin(Vec::new(), Purpose::Bundle, 1, &receiver, Some(writer.id()), &receivers);
        let (own, _) = own.unwrap().finish().unwrap();
        let header = Header::read(&mut own.as_slice()).unwrap();
        assert_eq!((header.writer, header.to), (receiver.public(), Some(writer.id())));
    }

    #[test]
    fn lengths_are_not_believed() {
        let (writer, ..) = keys();
        let craft = |frames: &[&[u8]]| {
            let archive =
                ArchiveWriter::begin(Vec::new(), Purpose::Bundle, 1, &writer, None, &[writer.public()]);
            let mut archive = archive.unwrap();
            archive.frame(frames).unwrap();
            let (bytes, _) = archive.finish().unwrap();
            read(&bytes, &writer)
        };
        let name: &[u8] = &[1, 1, 0, b'a'];
        assert!(matches!(craft(&[name, &[2], &u32::MAX.to_le_bytes()]), Err(ArchiveError::Form(_))));
        assert!(matches!(craft(&[&[1], &u16::MAX.to_le_bytes()]), Err(ArchiveError::Form(_))));
        assert!(matches!(craft(&[&[9]]), Err(ArchiveError::Form(_))));
        for bad in ["../x", "/x", "a//b", "a/./b", "", "a\\b", "a b"] {
            let len = u16::try_from(bad.len()).unwrap().to_le_bytes();
            assert!(matches!(craft(&[&[1], &len, bad.as_bytes()]), Err(ArchiveError::Form(_))), "{bad}");
        }
    }

    #[test]
    fn another_file_or_a_newer_format_is_named_as_such() {
        let (writer, ..) = keys();
        assert!(matches!(read(b"", &writer), Err(ArchiveError::NotAnArchive)));
        assert!(matches!(read(&[0; 500], &writer), Err(ArchiveError::NotAnArchive)));
        let mut newer = sample(b"");
        newer[8] = 2;
        assert!(matches!(read(&newer, &writer), Err(ArchiveError::Format(2))));
    }
}
