//! Verifying the journals of a stopped node without changing anything: every frame, chain, signature and body.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::{Arc, RwLock};

use super::beyond::Kind;
use super::finding::{Finding, What};
use super::index::{self, Index};
use super::mark::{MARK_FILE, Marked};
use super::open::{self, OpenError};
use super::reader::{JournalReader, Shared};
use super::running::ended_in_order;
use super::scan::{self, Closeness, Look};
use super::seen::{self, Subjects};
use super::space::FLOOR_BYTES;
use super::{Journals, Signers};
use crate::disk::{Disk, DiskLock};
use crate::head::Vector;
use crate::ids::{StreamId, Subject};
use crate::record::{self, Header, KIND_SESSION_OPENED, Record, open_body};
use crate::seal::StorageKey;
use crate::subject_keys::{KeyState, KeyTable, SubjectKeys};

/// What the journals hold, and everything wrong with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// What verifies.
    pub vector: Vector,
    /// Records that verify.
    pub records: u64,
    /// Bytes of all segment files.
    pub bytes: u64,
    /// Subject keys.
    pub keys: usize,
    /// Acknowledged records may be gone or changed.
    pub findings: Vec<Finding>,
    /// What needs no one's help: unfinished and torn last groups, keys that will still come, strange files.
    pub notes: Vec<Finding>,
    /// Subjects of records whose keys are not here.
    pub keys_missing: Vec<Subject>,
}

/// Journals that were verified and not changed, and kept from everybody else until this is dropped.
#[derive(Debug)]
pub struct Inspected {
    /// What they hold, and everything wrong with them.
    pub report: VerifyReport,
    /// Reads what verifies.
    pub reader: JournalReader,
    _lock: DiskLock,
}

impl VerifyReport {
    /// Whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.findings.is_empty()
    }
}

impl Journals {
    /// Verifies the journals in a folder as [`Journals::verify`] does, and gives a reader over what verifies. Nothing
    /// is changed; a node that runs is kept away and keeps this away.
    pub fn inspect(
        folder: &Path,
        own_stream: &StreamId,
        storage_key: &StorageKey,
        signers: &dyn Signers,
    ) -> Result<Inspected, OpenError> {
        let failed = |source| OpenError::Io { folder: folder.to_owned(), source };
        let disk = Disk::default();
        let lock = open::lock(&disk, folder)?;
        let (report, index, keys) =
            Self::look_at(&disk, folder, own_stream, Some(storage_key), signers).map_err(failed)?;
        let shared = Shared {
            disk,
            folder: folder.to_owned(),
            floor_bytes: FLOOR_BYTES,
            own_stream: *own_stream,
            index: RwLock::new(index),
            keys: RwLock::new(keys.unwrap_or_default()),
        };
        Ok(Inspected { report, reader: JournalReader { shared: Arc::new(shared) }, _lock: lock })
    }

    /// Verifies the journals in a folder; with the storage key, also that every body opens.
    pub fn verify(
        folder: &Path,
        own_stream: &StreamId,
        storage_key: Option<&StorageKey>,
        signers: &dyn Signers,
    ) -> io::Result<VerifyReport> {
        Self::verify_on(&Disk::default(), folder, own_stream, storage_key, signers)
    }

    /// As [`Journals::verify`], on a disk of its own.
    pub fn verify_on(
        disk: &Disk,
        folder: &Path,
        own_stream: &StreamId,
        storage_key: Option<&StorageKey>,
        signers: &dyn Signers,
    ) -> io::Result<VerifyReport> {
        Ok(Self::look_at(disk, folder, own_stream, storage_key, signers)?.0)
    }

    fn look_at(
        disk: &Disk,
        folder: &Path,
        own_stream: &StreamId,
        storage_key: Option<&StorageKey>,
        signers: &dyn Signers,
    ) -> io::Result<(VerifyReport, Index, Option<KeyTable>)> {
        let mut report = VerifyReport::default();
        let keys = match storage_key {
            Some(key) => {
                let (keys, findings) = SubjectKeys::inspect(disk.clone(), folder, key.clone())?;
                report.findings.extend(findings);
                Some(keys)
            }
            None => None,
        };
        let forgotten = keys.as_ref().map(seen::forgotten).unwrap_or_default();
        let (mut subjects, mut index) = (Subjects::new(*own_stream, forgotten), Index::new());
        let ended_in_order = ended_in_order(disk, folder);
        let look = Look { closeness: Closeness::EverySignature, ended_in_order };
        let mut damaged = BTreeSet::new();
        let marked = Marked::read(disk, folder, own_stream)?;
        if let Some(offset) = marked.unreadable_at {
            report.notes.push(Finding { file: folder.join(MARK_FILE), offset, what: What::Mark });
        }
        for id in open::sessions(disk, folder, &mut report.notes)? {
            let mut unreadable = None;
            let scanned = scan::session(disk, folder, id, signers, look, &mut |header, body| {
                subjects.visit(header, body);
                if unreadable.is_none() && keys.as_ref().is_some_and(|keys| !opens(keys, header, body)) {
                    unreadable = Some(header.seq);
                }
            })?;
            let session_folder = index::session_folder(folder, &id.0, &id.1);
            report.bytes += bytes_of(disk, &session_folder)?;
            report.notes.extend(scanned.notes);
            if let Some(seq) = unreadable {
                let (number, offset) = scanned.index.locate(seq).unwrap_or_default();
                let file = index::segment_path(folder, &id.0, &id.1, number);
                report.findings.push(Finding { file, offset: u64::from(offset), what: What::Body(seq) });
            }
            let here = scanned.index.have;
            if let Some(problem) = scanned.problem.map(|problem| problem.known_by(&marked, &here)) {
                let is_damage = problem.kind == Kind::Damage;
                if is_damage {
                    damaged.insert(id.1);
                }
                let list = if is_damage { &mut report.findings } else { &mut report.notes };
                list.push(problem.finding);
            }
            index.insert(id, scanned.index);
        }
        report.findings.extend(open::missing_tails(folder, own_stream, &index, &subjects.openings));
        // What is damaged is named with its place; what is gone without a trace is named by the mark.
        let lost = open::lost_since_marked(folder, &index, &marked);
        report.findings.extend(lost.filter(|_| !marked.have.is_some_and(|it| damaged.contains(&it.session))));
        if let Some(keys) = &keys {
            report.keys = keys.len();
            let is_missing = |subject: &&Subject| !keys.contains_key(subject);
            report.keys_missing = subjects.all.iter().filter(is_missing).copied().collect();
            // This node had the key of whatever it wrote about; another node's may still come.
            let own = report.keys_missing.iter().filter(|subject| subjects.own.contains(subject)).count();
            let file = folder.join(crate::subject_keys::SUBJECT_KEY_FILE);
            let finding = |count| Finding { file, offset: 0, what: What::KeysMissing(count) };
            match (own, report.keys_missing.len()) {
                (0, 0) => {}
                (0, others) => report.notes.push(finding(others)),
                (own, _) => report.findings.push(finding(own)),
            }
            let file = || folder.to_owned();
            if !subjects.bodiless.is_empty() {
                let what = What::BodiesMissing(subjects.bodiless.len());
                report.findings.push(Finding { file: file(), offset: 0, what });
            }
            if !subjects.unfinished.is_empty() {
                let what = What::ErasureUnfinished(subjects.unfinished.len());
                report.notes.push(Finding { file: file(), offset: 0, what });
            }
        }
        report.vector = index::vector(&index);
        report.records = report.vector.iter().map(|have| have.len).sum();
        Ok((report, index, keys))
    }
}

/// Whether a body opens, as far as its key is here.
fn opens(keys: &KeyTable, header: &Header, body: &[u8]) -> bool {
    match keys.get(&header.subject) {
        Some(KeyState::Known(key))
            if header.kind != KIND_SESSION_OPENED && !record::is_erased(header, body) =>
        {
            open_body(&Record { header: *header, body: body.to_vec() }, key).is_ok()
        }
        _ => true,
    }
}

fn bytes_of(disk: &Disk, folder: &Path) -> io::Result<u64> {
    disk.list(folder)?.iter().map(|file| disk.len(file)).sum()
}
