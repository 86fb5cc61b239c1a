//! The courier: what one node would tell another over the line, in a file that somebody carries.
//!
//! A bundle is an [`archive`](crate::archive) of messages of the exchange, then lists of blobs, then blobs. It is sealed
//! for its receiver alone and signed by its sender. Nothing in it depends on the order in which bundles arrive, or on how
//! often: what is here already is success, and what does not follow yet is left until the bundle before it has come.
//!
//! No I/O of its own and no clock: whoever has a file, or a disk in memory, hands in a reader or a writer.

use std::io::{Read, Write};

use crate::archive::{ArchiveError, ArchiveReader, ArchiveWriter, Header, Purpose};
use crate::blob::BLOB_BYTES_MAX;
use crate::chain::Run;
use crate::exchange::Message;
use crate::head::{self, Have, Vector};
use crate::ids::{Hash, NodeId};
use crate::keys::{NodeKey, NodePublic};
use crate::wire::{self, WireError};

/// The most blobs that a list in a bundle names.
pub const LISTED_MAX: usize = 100_000;
/// The most bytes a message in a bundle may have.
const MESSAGE_BYTES_MAX: usize = 8 * 1024 * 1024;

const MESSAGE: &str = "message";
const BLOB: &str = "blob/";
const OFFERED: &str = "offered";
const WANTED: &str = "wanted";
const ARRIVED: &str = "arrived";

/// Why a bundle cannot be made or taken.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The file itself.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A backup.
    #[error("this file is a backup, not a bundle")]
    NoBundle,
    /// It is for another node.
    #[error("the bundle is for another node ({0})")]
    NotForThisNode(NodeId),
    /// It comes from a node that this one exchanges nothing with, or no longer.
    #[error("the bundle comes from a node that is not let in here ({0})")]
    Stranger(NodeId),
    /// A message in it is not one.
    #[error("a message in the bundle cannot be read")]
    Message(#[from] WireError),
    /// A list or a blob in it is not one.
    #[error("the bundle is not well formed: {0}")]
    Form(&'static str),
}

/// Which blobs a list names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// The sender could give them: all that it does not know to be at the receiver's.
    Offered,
    /// The sender lacks them.
    Wanted,
    /// They came to the sender from the receiver.
    Arrived,
}

impl Listed {
    fn name(self) -> &'static str {
        match self {
            Self::Offered => OFFERED,
            Self::Wanted => WANTED,
            Self::Arrived => ARRIVED,
        }
    }
}

/// Writes a bundle.
pub struct BundleWriter<W> {
    archive: ArchiveWriter<W>,
}

impl<W: Write> BundleWriter<W> {
    /// Begins a bundle from one node to another.
    pub fn begin(out: W, from: &NodeKey, to: &NodePublic, made_at_ms: i64) -> Result<Self, BundleError> {
        let archive = ArchiveWriter::begin(out, Purpose::Bundle, made_at_ms, from, Some(to.id()), &[*to])?;
        Ok(Self { archive })
    }

    /// Adds a message.
    pub fn message(&mut self, message: &Message) -> Result<(), BundleError> {
        Ok(self.archive.whole(MESSAGE, &wire::encode(message)?)?)
    }

    /// Adds a list of blobs; what is beyond [`LISTED_MAX`] waits for another bundle.
    pub fn list(&mut self, listed: Listed, hashes: &[Hash]) -> Result<(), BundleError> {
        let hashes = hashes.iter().take(LISTED_MAX);
        let bytes: Vec<u8> = hashes.flat_map(|hash| hash.as_bytes().iter().copied()).collect();
        Ok(self.archive.whole(listed.name(), &bytes)?)
    }

    /// Adds a blob.
    pub fn blob(&mut self, hash: &Hash, bytes: &[u8]) -> Result<(), BundleError> {
        Ok(self.archive.whole(&format!("{BLOB}{hash}"), bytes)?)
    }

    /// Bytes written so far, about.
    pub fn written_bytes(&self) -> u64 {
        self.archive.written_bytes()
    }

    /// Ends it; gives back what was written to, and how many bytes there are. Nothing is synced.
    pub fn finish(self) -> Result<(W, u64), BundleError> {
        Ok(self.archive.finish()?)
    }
}

/// What comes out of a bundle, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// What the sender would have said over the line.
    Message(Box<Message>),
    /// Blobs that it names.
    List(Listed, Vec<Hash>),
    /// A blob; its bytes have this hash.
    Blob(Hash, Vec<u8>),
}

/// Reads a bundle.
pub struct BundleReader<R> {
    archive: ArchiveReader<R>,
}

impl<R: Read> BundleReader<R> {
    /// Opens a bundle that is for `me` and comes from a node that `known` lets in.
    ///
    /// What it gives is proven whole only at the end: read it through once ([`BundleReader::verify`]) before acting on it.
    pub fn open(
        source: R,
        me: &NodeKey,
        known: impl FnOnce(&NodeId) -> Option<NodePublic>,
    ) -> Result<Self, BundleError> {
        let archive = match ArchiveReader::open_by(source, me, |header| allowed(header, me, known)) {
            Ok(archive) => archive?,
            Err(error) => return Err(error.into()),
        };
        Ok(Self { archive })
    }

    /// What everybody can read of it.
    pub fn header(&self) -> &Header {
        self.archive.header()
    }

    /// The next part; nothing at the end, which was then verified. What a newer version added is passed over.
    pub fn part(&mut self) -> Result<Option<Part>, BundleError> {
        while let Some(name) = self.archive.next_entry()? {
            let listed = [Listed::Offered, Listed::Wanted, Listed::Arrived];
            if name == MESSAGE {
                let message = wire::decode(&self.archive.rest(MESSAGE_BYTES_MAX)?)?;
                return Ok(Some(Part::Message(Box::new(message))));
            } else if let Some(listed) = listed.into_iter().find(|listed| listed.name() == name) {
                let bytes = self.archive.rest(LISTED_MAX * Hash::LEN)?;
                let (hashes, []) = bytes.as_chunks::<{ Hash::LEN }>() else {
                    return Err(BundleError::Form("a list is cut short"));
                };
                return Ok(Some(Part::List(listed, hashes.iter().copied().map(Hash::from_bytes).collect())));
            } else if let Some(hash) = name.strip_prefix(BLOB) {
                let hash = hash.parse().map_err(|_| BundleError::Form("a blob is named by no hash"))?;
                let bytes = self.archive.rest(usize::try_from(BLOB_BYTES_MAX).unwrap_or(usize::MAX))?;
                if Hash::of(&bytes) != hash {
                    return Err(BundleError::Form("a blob is not what it is named by"));
                }
                return Ok(Some(Part::Blob(hash, bytes)));
            }
        }
        Ok(None)
    }

    /// Reads all of it and acts on nothing: whether it is whole, authentic and well formed.
    pub fn verify(mut self) -> Result<Header, BundleError> {
        while self.part()?.is_some() {}
        Ok(self.archive.header().clone())
    }
}

fn allowed(
    header: &Header,
    me: &NodeKey,
    known: impl FnOnce(&NodeId) -> Option<NodePublic>,
) -> Result<(), BundleError> {
    if header.purpose != Purpose::Bundle {
        return Err(BundleError::NoBundle);
    }
    match header.to {
        Some(to) if to == me.id() => {}
        to => return Err(BundleError::NotForThisNode(to.unwrap_or(NodeId([0; NodeId::LEN])))),
    }
    let from = header.writer.id();
    if known(&from) == Some(header.writer) { Ok(()) } else { Err(BundleError::Stranger(from)) }
}

/// What a receiver has once it took these runs: where the next message of a bundle starts.
pub fn advance(theirs: &mut Vector, runs: &[Run]) {
    theirs.extend(runs.iter().map(|run| run.head.have()));
    head::sort(theirs);
}

/// Sessions of which this node lacks what came: records before them have not come yet, or they were not taken.
pub fn not_taken(came: &[Have], mine: &[Have]) -> Vec<Have> {
    let lacks =
        |have: &&Have| head::find(mine, &have.stream, &have.session).is_none_or(|mine| mine.len < have.len);
    came.iter().filter(lacks).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{SessionId, StoreId, StreamId};

    fn keys() -> (NodeKey, NodeKey, NodeKey) {
        (NodeKey::from_seed([1; 32]), NodeKey::from_seed([2; 32]), NodeKey::from_seed([3; 32]))
    }

    fn have(session: u8, len: u64) -> Have {
        let stream: StreamId = "office/karimun".parse().unwrap();
        Have { stream, session: SessionId([session; 16]), len, hash: Hash([9; 32]) }
    }

    fn parts() -> Vec<Part> {
        let message = Message::new(StoreId([5; 16]), 7, vec![have(1, 3)]);
        let blob = b"sealed bytes".to_vec();
        vec![
            Part::Message(Box::new(message)),
            Part::List(Listed::Offered, vec![Hash([1; 32]), Hash([2; 32])]),
            Part::List(Listed::Arrived, Vec::new()),
            Part::Blob(Hash::of(&blob), blob),
        ]
    }

    fn made(from: &NodeKey, to: &NodeKey) -> Vec<u8> {
        let mut bundle = BundleWriter::begin(Vec::new(), from, &to.public(), 7).unwrap();
        for part in parts() {
            match part {
                Part::Message(message) => bundle.message(&message).unwrap(),
                Part::List(listed, hashes) => bundle.list(listed, &hashes).unwrap(),
                Part::Blob(hash, bytes) => bundle.blob(&hash, &bytes).unwrap(),
            }
        }
        bundle.finish().unwrap().0
    }

    fn read(bytes: &[u8], me: &NodeKey, known: &NodeKey) -> Result<Vec<Part>, BundleError> {
        let known = |node: &NodeId| Some(known.public()).filter(|known| known.id() == *node);
        let mut bundle = BundleReader::open(bytes, me, known)?;
        let mut found = Vec::new();
        while let Some(part) = bundle.part()? {
            found.push(part);
        }
        Ok(found)
    }

    #[test]
    fn its_receiver_reads_what_the_sender_put_in_and_nobody_else_does() {
        let (from, to, other) = keys();
        let bytes = made(&from, &to);
        assert_eq!(read(&bytes, &to, &from).unwrap(), parts());
        assert!(
            matches!(read(&bytes, &other, &from), Err(BundleError::NotForThisNode(node)) if node == to.id())
        );
        assert!(matches!(read(&bytes, &from, &from), Err(BundleError::NotForThisNode(_))));
        assert!(matches!(read(&bytes, &to, &other), Err(BundleError::Stranger(node)) if node == from.id()));
    }

    #[test]
    fn a_changed_or_shortened_bundle_is_refused() {
        let (from, to, _) = keys();
        let bytes = made(&from, &to);
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(read(&changed, &to, &from).is_err(), "byte {at}");
        }
        for at in [0, 10, bytes.len() / 2, bytes.len() - 1] {
            assert!(read(&bytes[..at], &to, &from).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_backup_is_no_bundle_and_a_strange_list_or_blob_is_refused() {
        let (from, to, _) = keys();
        let archive = |purpose, name: &str, bytes: &[u8]| {
            let (me, receivers) = (Some(to.id()), [to.public()]);
            let mut archive = ArchiveWriter::begin(Vec::new(), purpose, 1, &from, me, &receivers).unwrap();
            archive.whole(name, bytes).unwrap();
            read(&archive.finish().unwrap().0, &to, &from)
        };
        assert!(matches!(archive(Purpose::OfficeBackup, MESSAGE, b""), Err(BundleError::NoBundle)));
        assert!(matches!(archive(Purpose::Bundle, WANTED, &[0; 33]), Err(BundleError::Form(_))));
        assert!(matches!(archive(Purpose::Bundle, "blob/00", b""), Err(BundleError::Form(_))));
        let name = format!("{BLOB}{}", Hash([7; 32]));
        assert!(matches!(archive(Purpose::Bundle, &name, b"other"), Err(BundleError::Form(_))));
        assert!(matches!(archive(Purpose::Bundle, MESSAGE, b"none"), Err(BundleError::Message(_))));
        assert_eq!(archive(Purpose::Bundle, "of-a-newer-version", b"x").unwrap(), Vec::new());
    }

    #[test]
    fn what_came_and_is_not_here_is_named() {
        let mine = [have(1, 3), have(2, 5)];
        assert_eq!(not_taken(&[have(1, 3), have(2, 4)], &mine), Vec::new());
        assert_eq!(not_taken(&[have(1, 4), have(3, 1)], &mine), [have(1, 4), have(3, 1)]);
    }
}
