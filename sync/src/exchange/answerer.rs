//! The server's side of an exchange: what to take from a message, what to give back.
//!
//! The server goes: [`Answerer::judge`] with its vector; store what was accepted in one transaction; after it is
//! durable read the vector again, read what [`Answerer::due`] names, and answer. What was sent twice is success.

use std::collections::{BTreeMap, BTreeSet};

use super::message::{NotTaken, WhyNot};
use super::plan::{Plan, plan};
use crate::chain::{ChainError, Run, verify_run};
use crate::head::{self, Have, Vector};
use crate::ids::{NodeId, SessionId, StreamId};
use crate::journal::{Signers, Standing};
use crate::keys::NodePublic;

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
    /// The key of the node that signed was taken back at an earlier position.
    #[error("the key of node {node} was taken back after {good} records of this session")]
    Revoked {
        /// Who signed.
        node: NodeId,
        /// The last good position.
        good: u64,
    },
    /// It does not verify.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

/// A run that is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What its head covers.
    pub covered: Have,
    /// Number of its first record.
    pub first: u64,
    /// Why.
    pub reason: RefusalReason,
}

/// A run that its writer signed and that is not taken all the same: it is kept aside until a person has decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// The run.
    pub run: Run,
    /// How many at its front were kept aside before.
    pub known: usize,
    /// Why.
    pub reason: RefusalReason,
}

impl Refusal {
    /// Whether a person should look: a gap is not, it only means that the peer knew an older or newer vector.
    pub fn is_alarming(&self) -> bool {
        !matches!(self.reason, RefusalReason::Chain(ChainError::Gap { .. }))
    }

    /// What the peer is told. Of a session that is good up to a position the rest is not seen yet: it is sent again,
    /// cut there. Of what is not kept nothing is to be sent until the refusal is forgotten.
    pub fn not_taken(&self) -> NotTaken {
        let Have { stream, session, len, .. } = self.covered;
        let not = |from, len, why| NotTaken { stream, session, from, len, why };
        match self.reason {
            RefusalReason::NotShared => not(0, u64::MAX, WhyNot::NotShared),
            RefusalReason::Signer(_) => not(self.first, u64::MAX, WhyNot::SignerUnknown),
            RefusalReason::Revoked { good, .. } if good > self.first => {
                not(good, good, WhyNot::SignerRevoked)
            }
            RefusalReason::Revoked { .. } => not(self.first, len, WhyNot::SignerRevoked),
            RefusalReason::Chain(ChainError::Fork(_)) => not(self.first, len, WhyNot::Fork),
            RefusalReason::Chain(_) => not(self.first, u64::MAX, WhyNot::Unverified),
        }
    }
}

/// A message's runs, judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// To be stored, in this order.
    pub accepted: Vec<Accepted>,
    /// To be kept aside for a person.
    pub aside: Vec<Aside>,
    /// Not to be stored.
    pub refused: Vec<Refusal>,
}

/// Answers one peer.
pub struct Answerer<'a> {
    shared: &'a BTreeSet<StreamId>,
    signers: &'a dyn Signers,
    /// How far sessions are kept aside already.
    aside: &'a [Have],
}

/// What becomes of one run.
enum Verdict {
    Accepted(usize, Have),
    Aside(usize, Have, RefusalReason),
}

impl<'a> Answerer<'a> {
    /// `shared` are the streams that both sides keep, in both directions: each hands the other its own records back.
    pub fn new(shared: &'a BTreeSet<StreamId>, signers: &'a dyn Signers) -> Self {
        Self { shared, signers, aside: &[] }
    }

    /// With what is kept aside already, sorted: what follows it is kept aside too.
    #[must_use]
    pub fn with_aside(self, aside: &'a [Have]) -> Self {
        Self { aside, ..self }
    }

    /// Verifies a message's runs against what is here.
    pub fn judge(&self, runs: Vec<Run>, mine: &[Have]) -> Judged {
        let mut judged = Judged::default();
        let mut grown: BTreeMap<(StreamId, SessionId), Have> = BTreeMap::new();
        let mut grown_aside: BTreeMap<(StreamId, SessionId), Have> = BTreeMap::new();
        for run in runs {
            let covered = run.head.have();
            let id = (covered.stream, covered.session);
            let from = grown.get(&id).or_else(|| head::find(mine, &id.0, &id.1));
            let aside = grown_aside.get(&id).or_else(|| head::find(self.aside, &id.0, &id.1));
            match self.judge_run(&run, from, aside) {
                Ok(Verdict::Accepted(known, have)) => {
                    grown.insert(id, have);
                    judged.accepted.push(Accepted { run, known, have });
                }
                Ok(Verdict::Aside(known, have, reason)) => {
                    grown_aside.insert(id, have);
                    judged.aside.push(Aside { run, known, reason });
                }
                Err(reason) => judged.refused.push(Refusal { covered, first: run.first(), reason }),
            }
        }
        judged
    }

    fn judge_run(
        &self,
        run: &Run,
        from: Option<&Have>,
        aside: Option<&Have>,
    ) -> Result<Verdict, RefusalReason> {
        if !self.shared.contains(&run.head.stream) {
            return Err(RefusalReason::NotShared);
        }
        let node = run.head.signer;
        match self.signers.standing(&run.head.have(), &node) {
            Standing::Stranger => Err(RefusalReason::Signer(node)),
            Standing::Revoked { public, good } => {
                let reason = RefusalReason::Revoked { node, good };
                // What is good of it is taken first, cut there.
                if good > run.first() {
                    return Err(reason);
                }
                let verified = verify_run(aside.or(from), run, &public)?;
                Ok(Verdict::Aside(verified.known, verified.have, reason))
            }
            Standing::Writer(public) => match verify_run(from, run, &public) {
                Ok(verified) => Ok(Verdict::Accepted(verified.known, verified.have)),
                Err(error) => {
                    // What stands aside since its key was taken back goes on from what is good: it is no other history,
                    // and what is lacking here before it must not be taken for one.
                    let is_other = |aside: &&Have| {
                        !matches!(self.signers.standing(aside, &node), Standing::Revoked { .. })
                    };
                    other_history(run, from, aside.filter(is_other), &public, error)
                }
            },
        }
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

/// A run that does not follow what is here and is true in itself is another history under the same name.
fn other_history(
    run: &Run,
    from: Option<&Have>,
    aside: Option<&Have>,
    public: &NodePublic,
    error: ChainError,
) -> Result<Verdict, RefusalReason> {
    let first = run.first();
    let Some(record) = run.records.first() else { return Err(error.into()) };
    let before = Have { len: first, hash: record.header.prev, ..run.head.have() };
    let goes_on = aside.filter(|aside| aside.len >= first);
    let base = match error {
        ChainError::Fork(_) => goes_on.copied().unwrap_or(before),
        ChainError::Broken(at) if at == first => before,
        // What follows another history belongs to it.
        ChainError::Gap { .. } => *goes_on.ok_or(error)?,
        _ => return Err(error.into()),
    };
    // What is not true in itself is nobody's history: it was changed on its way or on a disk.
    let verified = verify_run(Some(&base), run, public)?;
    let at = from.map_or(first, |have| have.len.saturating_sub(1).max(first));
    Ok(Verdict::Aside(verified.known, verified.have, ChainError::Fork(at).into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::{Chain, opening};
    use crate::exchange::WhyNot;
    use crate::ids::Subject;
    use crate::keys::NodeKey;
    use crate::record::{NewRecord, Record};
    use crate::seal::SubjectKey;

    const STREAM: &str = "office/karimun";

    /// A session with `len` records, signed after every second one.
    struct Written {
        node: NodeKey,
        records: Vec<Record>,
    }

    impl Written {
        fn new(len: u8, word: &[u8]) -> Self {
            let node = NodeKey::from_seed([1; 32]);
            let opened = opening(None, node.id(), "");
            let (mut chain, first) = Chain::open(STREAM.parse().unwrap(), SessionId([9; 16]), 1, &opened);
            let key = SubjectKey::from_bytes([2; 32]);
            let mut records = vec![first];
            for number in 1..len {
                let body = [&[number], word].concat();
                let new = NewRecord { at_ms: 1, kind: 7, flags: 0, subject: Subject([3; 16]), body: &body };
                records.push(chain.next(&new, &key).unwrap());
            }
            Self { node, records }
        }

        fn have(&self, len: usize) -> Have {
            let Record { header, .. } = &self.records[len - 1];
            Have { stream: header.stream, session: header.session, len: len as u64, hash: header.hash() }
        }

        fn run(&self, from: usize, to: usize) -> Run {
            let head = crate::head::Head::sign(&self.have(to), &self.node);
            Run { records: self.records[from..to].to_vec(), head }
        }

        /// Judges runs by a registry that took the key back at `good`.
        fn judged(&self, good: Option<u64>, mine: &[Have], aside: &[Have], runs: Vec<Run>) -> Judged {
            let signers = Keys { public: self.node.public(), good };
            let shared = [STREAM.parse().unwrap()].into();
            Answerer::new(&shared, &signers).with_aside(aside).judge(runs, mine)
        }
    }

    struct Keys {
        public: NodePublic,
        good: Option<u64>,
    }

    impl Signers for Keys {
        fn standing(&self, up_to: &Have, node: &NodeId) -> Standing {
            let public = self.public;
            match self.good {
                _ if *node != public.id() => Standing::Stranger,
                Some(good) if up_to.len > good => Standing::Revoked { public, good },
                _ => Standing::Writer(public),
            }
        }
    }

    #[test]
    fn what_was_signed_after_a_key_was_taken_back_is_kept_aside() {
        let it = Written::new(9, b"");
        let mine = [it.have(4)];
        let judged = it.judged(Some(4), &mine, &[], vec![it.run(4, 6), it.run(6, 7)]);
        assert!(judged.accepted.is_empty() && judged.refused.is_empty());
        assert_eq!(judged.aside.iter().map(|aside| aside.known).collect::<Vec<_>>(), [0, 0]);
        let next = it.judged(Some(4), &mine, &[it.have(7)], vec![it.run(6, 9)]);
        assert_eq!(next.aside[0].known, 1, "what was kept aside before is known");
        let mut forged = it.run(4, 6);
        forged.records[0].body[0] ^= 1;
        let judged = it.judged(Some(4), &mine, &[], vec![forged]);
        assert_eq!(judged.refused[0].not_taken().why, WhyNot::Unverified);
    }

    #[test]
    fn what_was_signed_before_is_taken_even_when_it_comes_later() {
        let it = Written::new(9, b"");
        let judged = it.judged(Some(4), &[it.have(2)], &[], vec![it.run(2, 9)]);
        let not = judged.refused[0].not_taken();
        assert_eq!((not.from, not.len, not.why), (4, 4, WhyNot::SignerRevoked), "to be cut there");
        let judged = it.judged(Some(4), &[it.have(2)], &[], vec![it.run(2, 4), it.run(4, 9)]);
        assert_eq!((judged.accepted.len(), judged.aside.len()), (1, 1));
    }

    #[test]
    fn what_was_lost_here_comes_again_although_what_follows_it_is_aside() {
        // Of a session that was good up to 6 records the rest is aside, and a damaged disk took all but 3 of them here.
        let it = Written::new(9, b"");
        let (mine, aside) = ([it.have(3)], [it.have(9)]);
        let judged = it.judged(Some(6), &mine, &aside, vec![it.run(5, 6)]);
        assert!(judged.aside.is_empty(), "a message from before the damage is not another history");
        assert!(matches!(
            judged.refused[0].reason,
            RefusalReason::Chain(ChainError::Gap { first: 5, len: 3 })
        ));
        let judged = it.judged(Some(6), &mine, &aside, vec![it.run(3, 6)]);
        assert_eq!(judged.accepted[0].have, it.have(6));
    }

    #[test]
    fn another_history_under_the_same_name_is_kept_with_all_that_follows_it() {
        let (it, other) = (Written::new(9, b"here"), Written::new(9, b"there"));
        let mine = [it.have(4)];
        for run in [other.run(0, 6), other.run(3, 6), other.run(4, 6)] {
            let judged = other.judged(None, &mine, &[], vec![run.clone()]);
            assert!(matches!(judged.aside[0].reason, RefusalReason::Chain(ChainError::Fork(_))));
            let judged = other.judged(None, &mine, &[other.have(6)], vec![other.run(6, 8)]);
            assert_eq!((judged.aside.len(), judged.aside[0].known), (1, 0));
        }
        let judged = it.judged(None, &mine, &[], vec![it.run(6, 8)]);
        assert!(!judged.refused[0].is_alarming(), "a gap is no other history");
    }

    #[test]
    fn a_record_that_was_changed_on_the_senders_disk_is_no_other_history() {
        let it = Written::new(9, b"");
        let mut run = it.run(3, 6);
        run.records[1].header.at_ms += 1;
        for mine in [it.have(5), it.have(6), it.have(4)] {
            let judged = it.judged(None, &[mine], &[], vec![run.clone()]);
            assert!(judged.aside.is_empty());
            assert_eq!(judged.refused[0].not_taken().why, WhyNot::Unverified, "{:?}", judged.refused);
        }
    }

    #[test]
    fn a_stranger_and_a_stream_of_others_are_refused() {
        let it = Written::new(3, b"");
        let mut run = it.run(0, 3);
        run.head = crate::head::Head::sign(&it.have(3), &NodeKey::from_seed([8; 32]));
        assert_eq!(it.judged(None, &[], &[], vec![run]).refused[0].not_taken().why, WhyNot::SignerUnknown);
        let signers = Keys { public: it.node.public(), good: None };
        let judged = Answerer::new(&BTreeSet::new(), &signers).judge(vec![it.run(0, 3)], &[]);
        assert_eq!(judged.refused[0].not_taken().why, WhyNot::NotShared);
    }
}
