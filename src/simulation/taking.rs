//! Taking what came: keys first, then what verifies, made durable before anybody is told.

use std::collections::BTreeSet;

use loket_sync::exchange::{NotTaken, RefusalReason, WhyNot};
use loket_sync::journal::ReceiveError;
use loket_sync::{Answerer, ChainError, Have, KeyGrant, Run, StreamId};

use super::broken::{Broken, Invariant, Step, hold};
use super::mutation::Mutation;
use super::node::Role;
use super::world::World;

/// What became of records that came.
pub(super) enum Taken {
    Done(u64, Vec<NotTaken>),
    /// The disk is nearly full.
    Low,
    /// The node went down over it.
    Down,
}

impl World {
    /// Keeps what came: keys first, then records that verify; durable when it returns.
    pub(super) fn take(&mut self, at: usize, link: usize, runs: Vec<Run>, keys: &[KeyGrant]) -> Step<Taken> {
        self.note_late(at, &runs);
        let signers = self.keys_for(at);
        let shared = self.links[link].shared.clone();
        let known_aside = self.nodes[at].aside.clone();
        let node = &mut self.nodes[at];
        let is_registry = node.role == Role::Registry;
        let shards: BTreeSet<usize> = shared.iter().map(|stream| node.shard_of(stream)).collect();
        let opened: Vec<_> =
            keys.iter().filter_map(|grant| Some((grant.subject, grant.open(&node.key).ok()?))).collect();
        let Some(process) = &mut node.process else { return Ok(Taken::Down) };
        for (subject, key) in &opened {
            for shard in &shards {
                // A key that is here already is success; another one for the same subject there never is.
                let kept = process.shards[*shard].add_key(*subject, key);
                hold(
                    !matches!(kept, Err(loket_sync::journal::KeyError::Clash)),
                    Invariant::Readable,
                    || format!("two keys for subject {subject}"),
                )?;
            }
        }
        let mine = process.visible(&shared);
        let aside: &[Have] = if is_registry { &known_aside } else { &[] };
        let gaps: Vec<Have> = if self.mutation == Some(Mutation::GapAcknowledged) && is_registry {
            runs.iter().map(|run| run.head.have()).collect()
        } else {
            Vec::new()
        };
        let judged = Answerer::new(&shared, &signers).with_aside(aside).judge(runs, &mine);
        let mut refused: Vec<NotTaken> =
            judged.refused.iter().map(loket_sync::exchange::Refusal::not_taken).collect();
        refused.retain(|not| not.why != WhyNot::Unverified);
        for refusal in &judged.refused {
            let is_unsound = refusal.is_alarming() && refusal.not_taken().why == WhyNot::Unverified;
            let is_forged = self.ledger.forged.contains(&refusal.covered.session);
            hold(!is_unsound || is_forged, Invariant::SentIsSound, || {
                format!("{} was sent what does not verify: {refusal:?}", node.name)
            })?;
            let is_fork = matches!(refusal.reason, RefusalReason::Chain(ChainError::Fork(_)));
            hold(!is_fork, Invariant::NeverRewritten, || format!("another history: {refusal:?}"))?;
        }
        let mut kept_aside = Vec::new();
        for aside in &judged.aside {
            let is_revoked = matches!(aside.reason, RefusalReason::Revoked { .. });
            hold(is_revoked, Invariant::NeverRewritten, || format!("another history: {:?}", aside.reason))?;
            kept_aside.push(aside.run.head.have());
        }
        for accepted in &judged.accepted {
            let shard = node_shard(node.role, &accepted.run.head.stream);
            let Some(public) =
                loket_sync::Signers::signer(&signers, &accepted.run.head.have(), &accepted.run.head.signer)
            else {
                continue;
            };
            match process.shards[shard].receive(&accepted.run, &public) {
                Ok(_) => {}
                Err(ReceiveError::StorageLow { .. }) => {
                    process.shards.iter_mut().for_each(loket_sync::Journals::abandon);
                    return Ok(Taken::Low);
                }
                Err(ReceiveError::Failed(_)) => {
                    self.failed(at);
                    return Ok(Taken::Down);
                }
                Err(ReceiveError::Read(error)) => {
                    self.damaged(at, &error)?;
                    return Ok(Taken::Down);
                }
                Err(error) => {
                    return Err(Broken::new(Invariant::NeverRewritten, format!("{}: {error}", node.name)));
                }
            }
        }
        let twice: Vec<(Run, usize)> = if self.mutation == Some(Mutation::AppliedTwice) {
            judged.accepted.iter().map(|accepted| (accepted.run.clone(), accepted.known)).collect()
        } else {
            Vec::new()
        };
        for shard in shards {
            let process = self.nodes[at].process.as_mut();
            if process.is_some_and(|process| process.shards[shard].commit().is_err()) {
                self.failed(at);
                return Ok(Taken::Down);
            }
        }
        self.nodes[at].aside.extend(kept_aside);
        loket_sync::head::sort(&mut self.nodes[at].aside);
        let Some(received) = self.committed(at)? else { return Ok(Taken::Down) };
        self.apply_twice(at, &twice);
        self.nodes[at].acknowledged_gaps.extend(gaps);
        if received > 0 {
            self.news(at, Some(link))?;
        }
        // What was just refused before what was refused earlier.
        refused.extend(self.not_taken(at));
        let mut said = BTreeSet::new();
        refused.retain(|not| said.insert((not.stream, not.session)));
        Ok(Taken::Done(received, refused))
    }

    fn apply_twice(&mut self, at: usize, twice: &[(Run, usize)]) {
        let Some(process) = &mut self.nodes[at].process else { return };
        let readers = process.readers();
        for (run, known) in twice {
            for record in run.records.iter().take(*known) {
                for reader in &readers {
                    process.fold.join_again(reader, record);
                }
            }
        }
    }
}

/// The place of the registry's journals for a stream; other nodes have one folder.
fn node_shard(role: Role, stream: &StreamId) -> usize {
    if role != Role::Registry {
        return 0;
    }
    let own = super::roster::own_streams(Role::Registry, "");
    own.iter().position(|own| own.split_once('/').is_some_and(|(_, name)| name == stream.name())).unwrap_or(0)
}
