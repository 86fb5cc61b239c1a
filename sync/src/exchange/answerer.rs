//! The server's side of an exchange: what to take from a message, what to give back.
//!
//! The server goes: [`Answerer::judge`] with its vector; store what was accepted in one transaction; after it is
//! durable read the vector again, read what [`Answerer::due`] names, and answer. What was sent twice is success.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{Plan, plan};
use crate::chain::{ChainError, Run, verify_run};
use crate::head::{self, Have, Vector};
use crate::ids::{NodeId, SessionId, StreamId};
use crate::journal::Signers;

/// A run that verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The run, with the records that were here before.
    pub run: Run,
    /// How many at its front were here before.
    pub known: usize,
    /// The session with it.
    pub have: Have,
}

/// Why a run is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefusalReason {
    /// The stream is not shared with this peer.
    #[error("the stream is not shared with this node")]
    NotShared,
    /// The node that signed is no writer of the stream.
    #[error("node {0} is no writer of the stream")]
    Signer(NodeId),
    /// It does not verify.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

/// A run that is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What its head covers.
    pub covered: Have,
    /// Why.
    pub reason: RefusalReason,
}

impl Refusal {
    /// Whether a person should look: a gap is not, it only means that the peer knew an older or newer vector.
    pub fn is_alarming(&self) -> bool {
        !matches!(self.reason, RefusalReason::Chain(ChainError::Gap { .. }))
    }
}

/// A message's runs, judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// To be stored, in this order.
    pub accepted: Vec<Accepted>,
    /// Not to be stored.
    pub refused: Vec<Refusal>,
}

/// Answers one peer.
pub struct Answerer<'a> {
    shared: &'a BTreeSet<StreamId>,
    signers: &'a dyn Signers,
}

impl<'a> Answerer<'a> {
    /// `shared` are the streams that both sides keep, in both directions: each hands the other its own records back.
    pub fn new(shared: &'a BTreeSet<StreamId>, signers: &'a dyn Signers) -> Self {
        Self { shared, signers }
    }

    /// Verifies a message's runs against what is here.
    pub fn judge(&self, runs: Vec<Run>, mine: &[Have]) -> Judged {
        let mut judged = Judged::default();
        let mut grown: BTreeMap<(StreamId, SessionId), Have> = BTreeMap::new();
        for run in runs {
            let covered = run.head.have();
            let id = (covered.stream, covered.session);
            let from = grown.get(&id).or_else(|| head::find(mine, &id.0, &id.1));
            match self.judge_run(&run, from) {
                Ok(accepted) => {
                    grown.insert(id, accepted.1);
                    judged.accepted.push(Accepted { run, known: accepted.0, have: accepted.1 });
                }
                Err(reason) => judged.refused.push(Refusal { covered, reason }),
            }
        }
        judged
    }

    fn judge_run(&self, run: &Run, from: Option<&Have>) -> Result<(usize, Have), RefusalReason> {
        let stream = run.head.stream;
        if !self.shared.contains(&stream) {
            return Err(RefusalReason::NotShared);
        }
        let signer =
            self.signers.signer(&stream, &run.head.signer).ok_or(RefusalReason::Signer(run.head.signer))?;
        let verified = verify_run(from, run, &signer)?;
        Ok((verified.known, verified.have))
    }

    /// What this peer lacks of what is here.
    pub fn due(&self, mine: &[Have], theirs: &[Have]) -> Plan {
        plan(mine, theirs, &|stream| self.shared.contains(stream))
    }

    /// What this peer may know of what is here: the vector of the answer, and of its news.
    pub fn visible(&self, mine: &[Have]) -> Vector {
        mine.iter().filter(|have| self.shared.contains(&have.stream)).copied().collect()
    }
}
