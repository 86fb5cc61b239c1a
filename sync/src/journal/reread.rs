//! Reading the journals again while the node runs: what a start took from the file of places is verified after it, and
//! what is damaged is set aside as at an opening.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use super::finding::{Finding, What};
use super::index::{self, SessionIndex};
use super::reader::{self, JournalReader, ReadError};
use super::scan::{Closeness, Look, Scan};
use super::writer::SessionWriter;
use super::{JournalFailed, Journals, Signers, open, scan};
use crate::head::Have;
use crate::ids::{Pos, SessionId, StreamId, Subject};
use crate::record;

/// A session of which a part is not what was committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// Its stream.
    pub stream: StreamId,
    /// The session.
    pub session: SessionId,
    /// What is wrong, and where.
    pub finding: Finding,
}

/// What reading again has shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reread {
    /// Sessions of which a part is not what was committed.
    pub damaged: Vec<Damaged>,
    /// Where bodies stand that an erasure has left, to be taken away ([`Journals::erase`]).
    pub left: BTreeSet<Pos>,
    /// Whose they are.
    pub of: BTreeSet<Subject>,
}

impl JournalReader {
    /// Reads every committed record again from the disk and verifies chains, bodies' hashes and last signatures; gives
    /// what is wrong. One segment is in memory at a time. `go_on` is asked before each segment: after a no, what was
    /// found so far is returned.
    pub fn reread(
        &self,
        signers: &dyn Signers,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Reread, ReadError> {
        let forgotten = self.forgotten();
        let ids: Vec<_> = reader::read(&self.shared.index).keys().copied().collect();
        let mut reread = Reread::default();
        for (stream, session) in ids {
            // As far as it goes now: what is written meanwhile was verified when it came.
            let Some(known) = reader::read(&self.shared.index).get(&(stream, session)).cloned() else {
                continue;
            };
            let visit: scan::Visit<'_> = &mut |header, body| {
                if forgotten.contains(&header.subject) && !record::is_erased(header, body) {
                    reread.left.insert(Pos { stream, session, seq: header.seq });
                    reread.of.insert(header.subject);
                }
            };
            let found = self.reread_session(&known, signers, go_on, visit)?;
            let Some(found) = found else { break };
            let damaged = found.into_iter().map(|finding| Damaged { stream, session, finding });
            reread.damaged.extend(damaged);
        }
        Ok(reread)
    }

    /// What is wrong with a session; nothing when it was not read to its end.
    fn reread_session(
        &self,
        known: &SessionIndex,
        signers: &dyn Signers,
        go_on: &mut dyn FnMut() -> bool,
        visit: scan::Visit<'_>,
    ) -> Result<Option<Vec<Finding>>, ReadError> {
        let Have { stream, session, len, .. } = known.have;
        let mut scan = Scan::new(stream, session, signers, Closeness::LastSignature);
        let mut path = index::session_folder(&self.shared.folder, &stream, &session);
        for segment in &known.segments {
            if !go_on() {
                return Ok(None);
            }
            path = index::segment_path(&self.shared.folder, &stream, &session, segment.number);
            let mut bytes = match self.shared.disk.read(&path) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    return Ok(Some(vec![Finding { file: path, offset: 0, what: What::SegmentMissing }]));
                }
                Err(source) => return Err(ReadError::Io { file: path, source }),
            };
            bytes.truncate(segment.len_bytes as usize);
            if let Some((offset, what)) = scan.segment(&path, segment.number, &bytes, visit) {
                return Ok(Some(vec![Finding { file: path, offset: offset as u64, what }]));
            }
        }
        let is_same = scan.have() == known.have;
        let changed = Finding { file: path, offset: 0, what: What::Record(len.saturating_sub(1)) };
        Ok(Some(scan.verify_last_signature().or((!is_same).then_some(changed)).into_iter().collect()))
    }
}

impl Journals {
    /// Sets aside what is damaged of these sessions, and keeps what is good before it: from then on the other side is
    /// asked for the rest. Gives what was set aside. This process's own session stays as it is.
    ///
    /// What was gathered must be committed or abandoned first.
    pub fn set_aside(
        &mut self,
        damaged: &[Damaged],
        signers: &dyn Signers,
    ) -> Result<Vec<Finding>, JournalFailed> {
        self.refuse_if_failed()?;
        let mut set_aside = Vec::new();
        for Damaged { stream, session, .. } in damaged {
            let id = (*stream, *session);
            if id == (self.own.stream, self.session) {
                continue;
            }
            let found = self.set_aside_session(id, signers).map_err(|error| self.fail(&error))?;
            set_aside.extend(found);
        }
        Ok(set_aside)
    }

    fn set_aside_session(
        &mut self,
        id: (StreamId, SessionId),
        signers: &dyn Signers,
    ) -> std::io::Result<Option<Finding>> {
        let folder = self.shared.folder.clone();
        let visit: scan::Visit<'_> = &mut |_, _| {};
        // What is committed was synced: whatever is wrong now is damage.
        let look = Look { closeness: Closeness::LastSignature, ended_in_order: true };
        let scanned = scan::session(&self.disk, &folder, id, signers, look, visit)?;
        let Some(problem) = scanned.problem else { return Ok(None) };
        let have = scanned.index.have;
        open::cut_off(&self.disk, &folder, &have, scanned.end)?;
        let mut index = self.shared.index.write().unwrap_or_else(PoisonError::into_inner);
        if have.len > 0 {
            self.writers.insert(id, SessionWriter::new(have, scanned.end));
            index.insert(id, scanned.index);
        } else {
            self.writers.remove(&id);
            index.remove(&id);
        }
        Ok(Some(problem.finding))
    }
}
