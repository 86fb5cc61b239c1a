//! Journals on files: the truth of a node that has no database.
//!
//! Layout: `<stream with / as _>/<session>/<number>.seg`, and `keys.seg` for the keys of subjects. One process at a
//! time, one thread that writes; any number of threads read what is committed.
//!
//! - Records and keys are gathered in memory; [`Journals::commit`] makes all of them durable with one write and one
//!   sync per touched file, keys before records. Nothing that is not durable can be read or sent.
//! - After a failed write or sync nothing more is written by this process: nobody knows what is on the disk.
//! - Own records go to the session of this process only; other sessions are continued only by what their writer signed.

mod error;
mod finding;
mod frame;
mod index;
mod open;
mod reader;
mod scan;
mod space;
mod verify;
mod writer;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

pub use error::{AppendError, JournalFailed, KeyError, ReceiveError};
pub use finding::{Finding, What};
pub use open::{OnDamage, OpenError, OpenReport, Opening};
pub use reader::{JournalReader, ReadError, Scan, Unsent};
pub use space::{FLOOR_BYTES, RESERVE_BYTES};
pub use verify::VerifyReport;

use writer::SessionWriter;

use crate::chain::{Chain, ChainError, Run, opening, verify_run};
use crate::disk::Disk;
use crate::head::{Have, Head, Vector};
use crate::ids::{Hash, NodeId, Pos, SessionId, StreamId, Subject};
use crate::keys::{NodeKey, NodePublic};
use crate::record::{FLAG_OPENS_SUBJECT, NewRecord, Record};
use crate::seal::{StorageKey, SubjectKey};
use crate::subject_keys::{KeyState, SubjectKeys};

/// A head is signed at least every so many bytes of a group, so that relays can cut it into messages.
const HEAD_EVERY_BYTES: usize = 96 * 1024;

/// Knows the nodes that may sign a stream.
pub trait Signers {
    /// The public keys of this node, if it is or was a writer of the stream.
    fn signer(&self, stream: &StreamId, node: &NodeId) -> Option<NodePublic>;
}

impl<F: Fn(&StreamId, &NodeId) -> Option<NodePublic>> Signers for F {
    fn signer(&self, stream: &StreamId, node: &NodeId) -> Option<NodePublic> {
        self(stream, node)
    }
}

/// The stream that this node writes.
#[derive(Clone, Debug)]
pub struct OwnStream {
    /// Its name.
    pub stream: StreamId,
    /// Signs its heads.
    pub node_key: NodeKey,
    /// Seals the keys of subjects on this node's disk.
    pub storage_key: StorageKey,
    /// Name and version of the program, for the opening record.
    pub software: String,
}

/// What a received run added, once committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// The session with it.
    pub have: Have,
    /// Records that were not here before.
    pub new_records: u64,
}

/// What is durable now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// The sessions that grew, as they are now.
    pub grown: Vector,
    /// Positions of this process's own records that became durable, session opening included: from, to.
    pub own: Option<(Pos, Pos)>,
    /// Number of subject keys written.
    pub keys: usize,
}

/// The journals of a node, open for writing.
#[derive(Debug)]
pub struct Journals {
    disk: Disk,
    own: OwnStream,
    session: SessionId,
    before: Option<Have>,
    segment_bytes_max: u64,
    writers: BTreeMap<(StreamId, SessionId), SessionWriter>,
    dirty: BTreeSet<(StreamId, SessionId)>,
    key_file: SubjectKeys,
    new_keys: BTreeMap<Subject, SubjectKey>,
    /// Subjects of records whose keys are not here.
    wanted: BTreeSet<Subject>,
    new_wanted: BTreeSet<Subject>,
    /// Subjects that this process's session knows.
    opened: BTreeSet<Subject>,
    new_opened: Vec<Subject>,
    space: space::Space,
    failed: Option<JournalFailed>,
    shared: Arc<reader::Shared>,
    /// Holding it keeps a second process away.
    _lock: File,
}

impl Journals {
    /// The session that this process writes.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// The folder.
    pub fn folder(&self) -> PathBuf {
        self.shared.folder.clone()
    }

    /// A handle for reading what is committed.
    pub fn reader(&self) -> JournalReader {
        JournalReader { shared: Arc::clone(&self.shared) }
    }

    /// Why nothing is written any more, if so.
    pub fn failed(&self) -> Option<&JournalFailed> {
        self.failed.as_ref()
    }

    /// Gathers an own record. A subject that is new here gets a key; the flag that opens it is set as needed.
    pub fn append(&mut self, new: &NewRecord<'_>) -> Result<Pos, AppendError> {
        self.refuse_if_failed()?;
        self.space
            .admit(&self.disk, &self.shared.folder)
            .map_err(|free_bytes| AppendError::StorageLow { free_bytes })?;
        let (key, is_new) = self.key_for(&new.subject)?;
        let opens = !self.opened.contains(&new.subject) && new.subject != Subject::NONE;
        let new = NewRecord { flags: if opens { FLAG_OPENS_SUBJECT } else { 0 }, ..*new };
        let pos = self.push_own(&new, &key)?;
        if is_new {
            self.new_keys.insert(new.subject, key);
        }
        if opens {
            self.opened.insert(new.subject);
            self.new_opened.push(new.subject);
        }
        Ok(pos)
    }

    /// As [`Journals::append`], for a subject whose key the caller has drawn or been given.
    pub fn append_with_key(&mut self, new: &NewRecord<'_>, key: &SubjectKey) -> Result<Pos, AppendError> {
        self.add_key(new.subject, key).map_err(|error| match error {
            KeyError::Failed(failed) => AppendError::Failed(failed),
            KeyError::Forgotten => AppendError::Forgotten,
            KeyError::Clash => AppendError::KeyMissing,
        })?;
        self.append(new)
    }

    /// Gathers the key of a subject that came from the other side. A key that is here already is success.
    pub fn add_key(&mut self, subject: Subject, key: &SubjectKey) -> Result<(), KeyError> {
        self.refuse_if_failed()?;
        let known = match reader::read(&self.shared.keys).get(&subject) {
            Some(KeyState::Forgotten) => return Err(KeyError::Forgotten),
            Some(KeyState::Known(known)) => Some(known.clone()),
            None => self.new_keys.get(&subject).cloned(),
        };
        match known {
            Some(known) if known == *key => Ok(()),
            Some(_) => Err(KeyError::Clash),
            None => {
                self.new_keys.insert(subject, key.clone());
                Ok(())
            }
        }
    }

    /// A subject's key, gathered ones included.
    pub fn key(&self, subject: &Subject) -> Option<SubjectKey> {
        self.new_keys.get(subject).cloned().or_else(|| self.reader().key(subject))
    }

    /// Subjects of committed records whose keys are not here; the other side is asked for them.
    pub fn wanted_keys(&self) -> impl Iterator<Item = Subject> + '_ {
        self.wanted.iter().copied()
    }

    /// Erases a subject here, durably: its key is destroyed, and it never gets another one.
    ///
    /// What was gathered must be committed or abandoned first.
    pub fn forget(&mut self, subject: Subject) -> Result<(), JournalFailed> {
        self.refuse_if_failed()?;
        let mut table = reader::read(&self.shared.keys).clone();
        table.insert(subject, KeyState::Forgotten);
        if let Err(error) = self.key_file.rewrite(&table) {
            return Err(self.fail(&error));
        }
        self.new_keys.remove(&subject);
        self.wanted.remove(&subject);
        *self.shared.keys.write().unwrap_or_else(PoisonError::into_inner) = table;
        Ok(())
    }

    /// Gathers a run that came from the other side. Records that are here already are success.
    pub fn receive(&mut self, run: &Run, signer: &NodePublic) -> Result<Received, ReceiveError> {
        self.refuse_if_failed()?;
        self.space
            .admit(&self.disk, &self.shared.folder)
            .map_err(|free_bytes| ReceiveError::StorageLow { free_bytes })?;
        let covered = run.head.have();
        let id = (covered.stream, covered.session);
        let have = self.writers.get(&id).map(SessionWriter::have);
        let verified = verify_run(have.as_ref(), run, signer)?;
        let fresh = run.records.get(verified.known..).unwrap_or_default();
        if fresh.is_empty() {
            self.compare(&covered)?;
            return Ok(Received { have: verified.have, new_records: 0 });
        }
        if id == (self.own.stream, self.session) {
            return Err(ReceiveError::OwnSession);
        }
        self.gather(fresh, run);
        Ok(Received { have: verified.have, new_records: fresh.len() as u64 })
    }

    /// What we hold at this position must be the same record.
    fn compare(&self, covered: &Have) -> Result<(), ReceiveError> {
        let Some(seq) = covered.len.checked_sub(1) else { return Ok(()) };
        let pos = Pos { stream: covered.stream, session: covered.session, seq };
        match self.reader().hash_at(&pos)? {
            Some(hash) if hash != covered.hash => Err(ChainError::Fork(seq).into()),
            _ => Ok(()),
        }
    }

    fn gather(&mut self, fresh: &[Record], run: &Run) {
        let covered = run.head.have();
        let writer = self.writer(covered.stream, covered.session);
        for record in fresh {
            let have = Have { len: record.header.seq + 1, hash: record.hash(), ..covered };
            writer.push(record, have);
        }
        writer.push_head(&run.head);
        self.dirty.insert((covered.stream, covered.session));
        for record in fresh {
            self.note_subject(&record.header.subject);
        }
    }

    fn note_subject(&mut self, subject: &Subject) {
        if *subject == Subject::NONE {
            return;
        }
        if !self.new_keys.contains_key(subject) && !reader::read(&self.shared.keys).contains_key(subject) {
            self.new_wanted.insert(*subject);
        }
    }

    /// Makes all that was gathered durable, and only then readable.
    pub fn commit(&mut self) -> Result<Committed, JournalFailed> {
        self.refuse_if_failed()?;
        let own_from =
            self.writers.get(&(self.own.stream, self.session)).map_or(0, |own| own.committed().len);
        self.sign_own();
        let written = self.write_all().map_err(|error| self.fail(&error))?;
        let committed = self.publish(written, own_from);
        self.space.refresh(&self.disk, &self.shared.folder);
        Ok(committed)
    }

    fn write_all(&mut self) -> std::io::Result<Vec<writer::Written>> {
        if !self.new_keys.is_empty() {
            let keys: Vec<_> = self.new_keys.iter().map(|(subject, key)| (*subject, key.clone())).collect();
            self.key_file.append(&keys)?;
        }
        let folder = &self.shared.folder;
        for id in &self.dirty {
            if let Some(writer) = self.writers.get_mut(id) {
                writer.write(&self.disk, folder, self.segment_bytes_max)?;
            }
        }
        let mut written = Vec::with_capacity(self.dirty.len());
        for id in &self.dirty {
            if let Some(writer) = self.writers.get_mut(id) {
                written.push(writer.sync(&self.disk, folder)?);
                if *id != (self.own.stream, self.session) {
                    writer.close();
                }
            }
        }
        Ok(written)
    }

    fn publish(&mut self, written: Vec<writer::Written>, own_from: u64) -> Committed {
        let mut committed = Committed { keys: self.new_keys.len(), ..Committed::default() };
        let mut keys = self.shared.keys.write().unwrap_or_else(PoisonError::into_inner);
        for (subject, key) in std::mem::take(&mut self.new_keys) {
            self.wanted.remove(&subject);
            self.new_wanted.remove(&subject);
            keys.insert(subject, KeyState::Known(key));
        }
        drop(keys);
        let mut index = self.shared.index.write().unwrap_or_else(PoisonError::into_inner);
        for group in written {
            let Have { stream, session, len, .. } = group.have;
            committed.grown.push(group.have);
            if (stream, session) == (self.own.stream, self.session) {
                let at = |seq| Pos { stream, session, seq };
                committed.own = Some((at(own_from), at(len)));
            }
            let entry =
                index.entry((stream, session)).or_insert_with(|| index::SessionIndex::new(stream, session));
            group.publish(entry);
        }
        drop(index);
        self.wanted.append(&mut self.new_wanted);
        self.new_opened.clear();
        self.dirty.clear();
        committed
    }

    /// Forgets what was gathered since the last commit; nothing of it was written.
    pub fn abandon(&mut self) {
        if self.failed.is_some() {
            return;
        }
        for id in std::mem::take(&mut self.dirty) {
            if let Some(writer) = self.writers.get_mut(&id) {
                writer.abandon();
            }
        }
        self.new_keys.clear();
        self.new_wanted.clear();
        for subject in self.new_opened.drain(..) {
            self.opened.remove(&subject);
        }
    }

    /// The key to seal with, and whether it was drawn just now.
    fn key_for(&self, subject: &Subject) -> Result<(SubjectKey, bool), AppendError> {
        if let Some(key) = self.new_keys.get(subject) {
            return Ok((key.clone(), false));
        }
        match reader::read(&self.shared.keys).get(subject) {
            Some(KeyState::Known(key)) => Ok((key.clone(), false)),
            Some(KeyState::Forgotten) => Err(AppendError::Forgotten),
            None if self.wanted.contains(subject) || self.new_wanted.contains(subject) => {
                Err(AppendError::KeyMissing)
            }
            None => Ok((SubjectKey::draw(), true)),
        }
    }

    fn push_own(&mut self, new: &NewRecord<'_>, key: &SubjectKey) -> Result<Pos, AppendError> {
        let (stream, session) = (self.own.stream, self.session);
        let mut have = self.writer(stream, session).have();
        let mut first = None;
        let mut chain = if have.len == 0 {
            let opened = opening(self.before, self.own.node_key.id(), &self.own.software);
            let (chain, record) = Chain::open(stream, session, new.at_ms, &opened);
            have = chain.have();
            first = Some(record);
            chain
        } else {
            Chain::resume(have)
        };
        let record = chain.next(new, key)?;
        let writer = self.writer(stream, session);
        if let Some(first) = first {
            writer.push(&first, have);
        }
        writer.push(&record, chain.have());
        self.dirty.insert((stream, session));
        if self.writer(stream, session).bytes_after_head() > HEAD_EVERY_BYTES {
            self.sign_own();
        }
        Ok(record.pos())
    }

    fn sign_own(&mut self) {
        let Some(writer) = self.writers.get_mut(&(self.own.stream, self.session)) else { return };
        if writer.is_dirty() && writer.bytes_after_head() > 0 {
            writer.push_head(&Head::sign(&writer.have(), &self.own.node_key));
        }
    }

    fn writer(&mut self, stream: StreamId, session: SessionId) -> &mut SessionWriter {
        self.writers.entry((stream, session)).or_insert_with(|| {
            let nothing = Have { stream, session, len: 0, hash: Hash::ZERO };
            SessionWriter::new(nothing, scan::End { segment: 0, len_bytes: 0, check: frame::CHECK_START })
        })
    }

    fn refuse_if_failed(&self) -> Result<(), JournalFailed> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    fn fail(&mut self, error: &std::io::Error) -> JournalFailed {
        let failed = JournalFailed::new(error);
        tracing::error!(%error, "The journal could not be written; nothing more is written until the program restarts");
        self.failed = Some(failed.clone());
        failed
    }
}
