//! Gathers what another node wrote and signed. What is here already is success; what contradicts it is a fork.

use std::collections::BTreeSet;

use super::writer::SessionWriter;
use super::{Journals, ReceiveError, Received};
use crate::chain::{ChainError, Run, verify_run};
use crate::head::Have;
use crate::ids::{Pos, Subject};
use crate::keys::NodePublic;
use crate::record::Record;

impl Journals {
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
        let forgotten: BTreeSet<Subject> =
            fresh.iter().map(|record| record.header.subject).filter(|it| self.is_forgotten(it)).collect();
        let is_forgotten = |record: &Record| forgotten.contains(&record.header.subject);
        let writer = self.writer(covered.stream, covered.session);
        for record in fresh {
            let have = Have { len: record.header.seq + 1, hash: record.hash(), ..covered };
            // What comes late about somebody who was erased here leaves no body.
            if is_forgotten(record) { writer.push(&record.erased(), have) } else { writer.push(record, have) }
        }
        writer.push_head(&run.head);
        self.dirty.insert((covered.stream, covered.session));
        for record in fresh {
            self.note_subject(&record.header.subject);
            if record.is_erased() && !is_forgotten(record) {
                self.bodiless.insert(record.header.subject);
            }
        }
    }
}
