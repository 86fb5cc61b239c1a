//! Building one session record by record, and verifying runs of records that came from elsewhere.
//!
//! Pure: what is built here is durable only when its holder made it so. A chain continues only a session that was
//! opened in the same process.

use crate::head::{Have, Head};
use crate::ids::{Hash, NodeId, SessionId, StreamId, Subject};
use crate::keys::{NodeKey, NodePublic};
use crate::record::{self, BODY_BYTES_MAX, Header, KIND_SESSION_OPENED, NewRecord, Record, SessionOpened};
use crate::seal::SubjectKey;

/// Records of one session that follow each other, up to a signed head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// At least one record; all of one session, without gaps.
    pub records: Vec<Record>,
    /// The writer's signature over the session up to the last of them.
    pub head: Head,
}

impl Run {
    /// Number of the first record.
    pub fn first(&self) -> u64 {
        self.records.first().map_or(self.head.len, |record| record.header.seq)
    }

    /// Bytes of all records.
    pub fn len_bytes(&self) -> usize {
        self.records.iter().map(Record::len_bytes).sum()
    }
}

/// Why a record cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainNextError {
    /// The sealed body would be larger than allowed.
    #[error("the sealed body would have {0} bytes, more than {BODY_BYTES_MAX}")]
    BodyTooLong(usize),
    /// Kind 0 opens sessions and is written by the chain itself.
    #[error("kind {KIND_SESSION_OPENED} is written by the chain itself")]
    KindReserved,
}

/// A session that is being written.
#[derive(Clone, Debug)]
pub struct Chain {
    have: Have,
}

impl Chain {
    /// Opens a new session; returns the chain and its record 0. `before` is the writer's session before this one.
    pub fn open(stream: StreamId, session: SessionId, at_ms: i64, opened: &SessionOpened) -> (Self, Record) {
        let mut chain = Self { have: Have { stream, session, len: 0, hash: Hash::ZERO } };
        let new = NewRecord { at_ms, kind: KIND_SESSION_OPENED, flags: 0, subject: Subject::NONE, body: &[] };
        let record = chain.link(chain.header(&new), opened.to_body());
        (chain, record)
    }

    /// Goes on with a session of this process whose records up to `have` are kept elsewhere.
    pub fn resume(have: Have) -> Self {
        Self { have }
    }

    /// How far the session goes.
    pub fn have(&self) -> Have {
        self.have
    }

    /// Seals and chains the next record.
    pub fn next(&mut self, new: &NewRecord<'_>, key: &SubjectKey) -> Result<Record, ChainNextError> {
        if new.kind == KIND_SESSION_OPENED {
            return Err(ChainNextError::KindReserved);
        }
        let header = self.header(new);
        let body = record::seal_body(&header, key, new.body);
        if body.len() > BODY_BYTES_MAX {
            return Err(ChainNextError::BodyTooLong(body.len()));
        }
        Ok(self.link(header, body))
    }

    /// Signs the session as far as it goes.
    pub fn head(&self, key: &NodeKey) -> Head {
        Head::sign(&self.have, key)
    }

    fn header(&self, new: &NewRecord<'_>) -> Header {
        let Have { stream, session, len: seq, hash: prev } = self.have;
        let NewRecord { at_ms, kind, flags, subject, .. } = *new;
        Header { stream, session, seq, at_ms, kind, flags, subject, prev, body_len: 0, body_hash: Hash::ZERO }
    }

    fn link(&mut self, mut header: Header, body: Vec<u8>) -> Record {
        // Bodies are bounded far below 4 GiB before they come here.
        header.body_len = u32::try_from(body.len()).unwrap_or(u32::MAX);
        header.body_hash = Hash::of(&body);
        self.have.len += 1;
        self.have.hash = header.hash();
        Record { header, body }
    }
}

/// Why a run is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// The run starts after what we have.
    #[error("the run starts at {first}, but only {len} records are here")]
    Gap {
        /// Where the run starts.
        first: u64,
        /// What is here.
        len: u64,
    },
    /// It has no records.
    #[error("the run is empty")]
    Empty,
    /// A record of another session, or out of its turn.
    #[error("record {0} is out of its turn")]
    OutOfTurn(u64),
    /// A record does not name the one before it.
    #[error("record {0} does not follow the one before it")]
    Broken(u64),
    /// A body is not the one that its header names.
    #[error("the body of record {0} is not the one its header names")]
    Body(u64),
    /// We hold another record at this position: somebody has the writer's key, or its memory was cloned.
    #[error("record {0} is not the one that is already here")]
    Fork(u64),
    /// The head does not cover exactly these records.
    #[error("the head does not belong to the last record")]
    HeadElsewhere,
    /// The head is not signed by the stream's writer.
    #[error("the head is not signed by the writer of the stream")]
    HeadUnsigned,
}

/// What a verified run adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// What we have with it.
    pub have: Have,
    /// How many records at the front of the run we had before.
    pub known: usize,
}

/// Verifies a run against what we have of its session: contiguous, chained, whole, and signed by `signer`.
///
/// Records that we already have are success. The last of them must be the one we know; of those before it the chain
/// leaves no choice. A run that ends before what we have is compared by [`verify_run`]'s callers where they can.
///
/// A record whose body was erased verifies like any other: the chain runs over headers. Whether its subject really was
/// erased is for the callers to find out; a body that is here already is never given up for it.
pub fn verify_run(from: Option<&Have>, run: &Run, signer: &NodePublic) -> Result<Verified, ChainError> {
    let covered = run.head.have();
    let (len, hash) = from.map_or((0, Hash::ZERO), |have| (have.len, have.hash));
    let first = run.records.first().ok_or(ChainError::Empty)?.header.seq;
    if first > len {
        return Err(ChainError::Gap { first, len });
    }
    let mut before = (first == len).then_some(hash);
    for (record, seq) in run.records.iter().zip(first..) {
        verify_link(record, &covered, seq, before)?;
        let own = record.hash();
        if seq + 1 == len && own != hash {
            return Err(ChainError::Fork(seq));
        }
        before = Some(own);
    }
    let end = first + run.records.len() as u64;
    if covered.len != end || before != Some(covered.hash) {
        return Err(ChainError::HeadElsewhere);
    }
    if !run.head.is_signed_by(signer) {
        return Err(ChainError::HeadUnsigned);
    }
    let known = usize::try_from(len.min(end) - first).unwrap_or(run.records.len());
    let have = if end > len { covered } else { Have { len, hash, ..covered } };
    Ok(Verified { have, known })
}

/// Verifies that one record stands in its place; `before` is the hash of the one before it, if that is known.
fn verify_link(record: &Record, covered: &Have, seq: u64, before: Option<Hash>) -> Result<(), ChainError> {
    let header = &record.header;
    if header.seq != seq || header.stream != covered.stream || header.session != covered.session {
        return Err(ChainError::OutOfTurn(seq));
    }
    if (header.kind == KIND_SESSION_OPENED) != (seq == 0) || (seq == 0 && header.prev != Hash::ZERO) {
        return Err(ChainError::OutOfTurn(seq));
    }
    if before.is_some_and(|before| header.prev != before) {
        return Err(ChainError::Broken(seq));
    }
    if record.body_matches() { Ok(()) } else { Err(ChainError::Body(seq)) }
}

/// What record 0 says of a session whose records are being built by `node`.
pub fn opening(before: Option<Have>, node: NodeId, software: &str) -> SessionOpened {
    SessionOpened { before, node, software: software.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{BodyError, FLAG_OPENS_SUBJECT, open_body};

    fn new(body: &[u8]) -> NewRecord<'_> {
        NewRecord { at_ms: 1, kind: 7, flags: FLAG_OPENS_SUBJECT, subject: Subject([3; 16]), body }
    }

    fn sample(bodies: &[&[u8]]) -> (NodeKey, SubjectKey, Run) {
        let (node, key) = (NodeKey::from_seed([1; 32]), SubjectKey::from_bytes([2; 32]));
        let opened = opening(None, node.id(), "loket 0.1.0");
        let (mut chain, first) =
            Chain::open("office/karimun".parse().unwrap(), SessionId([9; 16]), 1, &opened);
        let mut records = vec![first];
        records.extend(bodies.iter().map(|body| chain.next(&new(body), &key).unwrap()));
        let head = chain.head(&node);
        (node, key, Run { records, head })
    }

    #[test]
    fn a_run_verifies_and_its_bodies_open() {
        let long = b"halaman ".repeat(5_000);
        let (node, key, run) = sample(&[b"one", &long]);
        let verified = verify_run(None, &run, &node.public()).unwrap();
        assert_eq!((verified.have, verified.known), (run.head.have(), 0));
        assert_eq!(open_body(&run.records[1], &key).unwrap(), b"one");
        assert_eq!(open_body(&run.records[2], &key).unwrap(), long);
        assert!(run.records[2].body.len() < long.len());
        assert_eq!(open_body(&run.records[1], &SubjectKey::draw()), Err(BodyError::Sealed));
        assert_eq!(SessionOpened::read(&run.records[0]).unwrap().node, node.id());
        assert_eq!(Record::from_bytes(&run.records[2].to_bytes()).unwrap(), run.records[2]);
        assert_eq!(Head::from_bytes(&run.head.to_bytes()), Some(run.head));
    }

    #[test]
    fn what_is_known_already_is_success() {
        let (node, _, run) = sample(&[b"one", b"two"]);
        let held =
            |len: usize| Have { len: len as u64, hash: run.records[len - 1].hash(), ..run.head.have() };
        for len in 1..=3 {
            let verified = verify_run(Some(&held(len)), &run, &node.public()).unwrap();
            assert_eq!((verified.have, verified.known), (run.head.have(), len));
        }
        let fork = Have { hash: Hash([1; 32]), ..held(2) };
        assert_eq!(verify_run(Some(&fork), &run, &node.public()), Err(ChainError::Fork(1)));
    }

    #[test]
    fn every_changed_run_is_refused() {
        let (node, _, run) = sample(&[b"one", b"two"]);
        let refused = |change: &dyn Fn(&mut Run)| {
            let mut changed = run.clone();
            change(&mut changed);
            verify_run(None, &changed, &node.public()).unwrap_err()
        };
        assert_eq!(refused(&|run| run.records.clear()), ChainError::Empty);
        assert_eq!(refused(&|run| drop(run.records.remove(0))), ChainError::Gap { first: 1, len: 0 });
        assert_eq!(refused(&|run| drop(run.records.remove(1))), ChainError::OutOfTurn(1));
        assert_eq!(refused(&|run| drop(run.records.pop())), ChainError::HeadElsewhere);
        assert_eq!(refused(&|run| run.records[1].body[3] ^= 1), ChainError::Body(1));
        assert_eq!(refused(&|run| run.records[1].header.at_ms = 5), ChainError::Broken(2));
        assert_eq!(refused(&|run| run.records[2].header.at_ms = 5), ChainError::HeadElsewhere);
        assert_eq!(refused(&|run| run.head.signature[0] ^= 1), ChainError::HeadUnsigned);
        let stranger = NodeKey::from_seed([8; 32]);
        assert_eq!(
            refused(&|run| run.head = Head::sign(&run.head.have(), &stranger)),
            ChainError::HeadUnsigned
        );
    }

    #[test]
    fn a_run_verifies_without_the_bodies_of_an_erased_subject() {
        let (node, key, whole) = sample(&[b"one", b"two"]);
        let mut run = whole.clone();
        run.records[1] = run.records[1].erased();
        assert!(run.records[1].is_erased() && !whole.records[1].is_erased());
        assert_eq!(verify_run(None, &run, &node.public()), verify_run(None, &whole, &node.public()));
        assert_eq!(run.records[1].hash(), whole.records[1].hash());
        assert_eq!(open_body(&run.records[1], &key), Err(BodyError::Erased));
        assert_eq!(Record::from_bytes(&run.records[1].to_bytes()).unwrap(), run.records[1]);
        // A header that was changed is found, body or none; half a body is no erased body.
        let mut changed = run.clone();
        changed.records[1].header.body_hash = Hash([7; 32]);
        assert_eq!(verify_run(None, &changed, &node.public()), Err(ChainError::Broken(2)));
        let mut cut = whole.clone();
        cut.records[2].body.truncate(1);
        assert_eq!(verify_run(None, &cut, &node.public()), Err(ChainError::Body(2)));
        // What opens a session is about no person and stays.
        assert_eq!(whole.records[0].erased(), whole.records[0]);
        let mut bare = whole.clone();
        bare.records[0].body.clear();
        assert_eq!(verify_run(None, &bare, &node.public()), Err(ChainError::Body(0)));
    }

    #[test]
    fn a_body_that_is_too_long_is_refused_and_leaves_the_chain_as_it_was() {
        let (node, key, _) = sample(&[]);
        let (mut chain, _) =
            Chain::open("kit/3".parse().unwrap(), SessionId::draw(), 1, &opening(None, node.id(), ""));
        let before = chain.have();
        let noise: Vec<u8> = blake3::Hasher::new().finalize_xof().take_bytes(BODY_BYTES_MAX);
        assert!(matches!(chain.next(&new(&noise), &key), Err(ChainNextError::BodyTooLong(_))));
        assert_eq!(chain.have(), before);
    }

    trait TakeBytes {
        fn take_bytes(self, len: usize) -> Vec<u8>;
    }

    impl TakeBytes for blake3::OutputReader {
        fn take_bytes(mut self, len: usize) -> Vec<u8> {
            let mut bytes = vec![0; len];
            self.fill(&mut bytes);
            bytes
        }
    }
}
