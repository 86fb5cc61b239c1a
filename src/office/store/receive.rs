//! What arrives from the other side: records and keys, all of a message or nothing of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use loket_sync::enrol::nodes_subject;
use loket_sync::exchange::NotTaken;
use loket_sync::journal::{KeyError, ReceiveError};
use loket_sync::{NodePublic, Run, Subject, SubjectKey};

use super::act::ActError;
use super::link::LinkAlarm;
use super::rows::Changes;
use super::writer::{Answer, Writer};
use super::{load, nodes, recheck, trail};
use crate::domain::ticket::SkipReason;

/// What arrived from the other side: verified runs and opened keys, each with whoever signed.
pub(super) struct Inbound {
    /// Records.
    pub(super) runs: Vec<(Run, NodePublic)>,
    /// Keys of subjects.
    pub(super) keys: Vec<(Subject, SubjectKey)>,
}

/// What was taken of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// Records that were not here before.
    pub new_records: u64,
    /// Those among them that this office wrote itself and did not hold any more.
    pub new_own_records: u64,
    /// What was not taken, and why: a person must look.
    pub refused: Vec<LinkAlarm>,
    /// The records among it, as the other side is told.
    pub not_taken: Vec<NotTaken>,
    /// Subjects whose keys are missing now.
    pub wanted_keys: Vec<Subject>,
}

impl Writer {
    /// Takes records and keys from the other side; refuses single runs, never silently.
    pub(super) fn receive(&mut self, inbound: &Inbound, answer: Answer<Taken>) {
        let taken = match self.closed() {
            Some(error) => Err(error),
            None => self.take(inbound),
        };
        // The line may have been given up meanwhile; what was taken is taken.
        drop(answer.send(taken));
    }

    /// Takes all of it or nothing: what was gathered before an error is abandoned, and an error after the commit leaves
    /// the tables behind the journals, so nothing more is taken until they are drawn again.
    fn take(&mut self, inbound: &Inbound) -> Result<Taken, ActError> {
        let shared = Arc::clone(&self.shared);
        let mut changes = Changes::over(&shared.tree);
        let gathered = self.gather(inbound, &mut changes);
        let (mut taken, touched) = gathered.inspect_err(|_| self.journals.abandon())?;
        self.commit(&mut changes)?;
        let (mut summaries, mut erased) = (Vec::new(), BTreeSet::new());
        let about_nodes = shared.registry.as_ref().map(nodes_subject).filter(|it| touched.contains(it));
        for subject in touched {
            match load::redraw(&mut changes, &shared.reader, subject, shared.here()) {
                Ok(redrawn) => {
                    summaries.extend(redrawn.summary);
                    erased.extend(redrawn.erased);
                    for detail in redrawn.unreadable {
                        shared.alarm(LinkAlarm::RecordUnreadable { detail });
                    }
                }
                // What came is durable; the tables are put right and then show it.
                Err(error) if error.is_fault_of_tables() => return Ok(taken),
                Err(error) => return Err(self.behind(&error)),
            }
        }
        self.apply(&mut changes, summaries.into_iter(), true)?;
        if about_nodes.is_some() && self.refuses().is_none() {
            nodes::redraw(&shared)?;
        }
        self.obey_erasures(&erased)?;
        if taken.new_own_records > 0 {
            self.skip_tickets(SkipReason::HandedBack);
        }
        taken.wanted_keys = self.journals.wanted_keys().collect();
        Ok(taken)
    }

    /// Gathers records and keys; returns whose rows must be drawn again.
    fn gather(
        &mut self,
        inbound: &Inbound,
        changes: &mut Changes<'_>,
    ) -> Result<(Taken, BTreeSet<Subject>), ActError> {
        let mut taken = Taken::default();
        let mut touched: BTreeSet<Subject> = BTreeSet::new();
        for (subject, key) in &inbound.keys {
            match self.journals.add_key(*subject, key) {
                Ok(()) => drop(touched.insert(*subject)),
                Err(KeyError::Failed(failed)) => return Err(self.failed(&failed)),
                // An erased subject's key comes again until the other side has erased it too.
                Err(KeyError::Forgotten) => {}
                Err(error @ KeyError::Clash) => {
                    let detail = format!("{subject}: {error}");
                    taken.refused.push(LinkAlarm::KeyUnusable { detail });
                }
            }
        }
        for (run, signer) in &inbound.runs {
            match self.journals.receive(run, signer) {
                Ok(received) => {
                    taken.new_records += received.new_records;
                    if run.head.stream == self.shared.own_stream {
                        taken.new_own_records += received.new_records;
                    }
                    for record in run.records.iter().filter(|record| record.header.subject != Subject::NONE) {
                        trail::put_record(changes, record, self.shared.here())?;
                        touched.insert(record.header.subject);
                    }
                }
                Err(ReceiveError::Failed(failed)) => return Err(self.failed(&failed)),
                Err(ReceiveError::StorageLow { .. }) => return Err(ActError::StorageLow),
                // It is here already, and damaged here: nothing is wrong with what came.
                Err(ReceiveError::Read(_)) => recheck::doubt(&self.shared, &self.jobs),
                Err(error) => {
                    taken.not_taken.push(nodes::not_taken(
                        &run.head.have(),
                        run.first(),
                        nodes::why_not(&error, run.first()),
                    ));
                    let detail = format!("{}: {error}", run.head.stream);
                    taken.refused.push(LinkAlarm::RecordsRefused { detail });
                }
            }
        }
        Ok((taken, touched))
    }
}
