//! The judgement at rest: what was acknowledged is there and counts once, everybody shows the same, and nobody holds what is
//! not theirs.

use std::collections::BTreeSet;

use loket_sync::{Pos, Record, StreamId, Subject};

use super::broken::{Broken, Invariant, Step, hold};
use super::fold::{NEWER_KIND, States, difference, states_of};
use super::node::{Node, Process, Role};
use super::roster::REGISTRY;
use super::world::World;
use crate::domain::application::Application;

impl World {
    /// Everything that must hold once all are level.
    pub(super) fn judge(&mut self) -> Step {
        self.find_what_came_late();
        self.tally.persons += self.homes.len() as u64;
        let unreadable = self.unreadable();
        self.tally.left_out +=
            self.homes.keys().filter(|subject| unreadable.contains(subject)).count() as u64;
        self.judge_damage()?;
        self.judge_kept()?;
        self.judge_readable()?;
        self.judge_newer_kinds()?;
        self.judge_erased()?;
        self.judge_audience()?;
        self.judge_states()?;
        self.judge_revoked()?;
        self.judge_pictures()?;
        self.judge_effects()?;
        self.judge_idle()?;
        self.judge_again_after_power_cuts()
    }

    /// What was lost with a disk while a message or a bundle that carried it was still on its way is not lost.
    fn find_what_came_late(&mut self) {
        let held: Vec<_> = self.nodes.iter().map(Node::lengths).collect();
        let is_held = |pos: &Pos| {
            let id = (pos.stream, pos.session);
            held.iter().any(|held| held.get(&id).is_some_and(|len| *len > pos.seq))
        };
        self.ledger.gone.retain(|pos| !is_held(pos));
    }

    pub(super) fn process(&self, at: usize) -> Step<&Process> {
        self.nodes[at]
            .process
            .as_ref()
            .ok_or_else(|| Broken::simulation(format!("{} is down", self.name(at))))
    }

    fn record(&self, at: usize, pos: &Pos) -> Step<Option<Record>> {
        Self::record_of(&self.nodes[at], self.process(at)?, pos)
    }

    fn record_of(node: &Node, process: &Process, pos: &Pos) -> Step<Option<Record>> {
        process.shards[node.shard_of(&pos.stream)].reader().record(pos).map_err(Broken::simulation)
    }

    /// Whether the registry keeps this record aside, because its key was taken back before it.
    pub(super) fn is_kept_aside(&self, pos: &Pos) -> bool {
        let Some((_, good)) = &self.keys.revoked else { return false };
        let Some(own) = self.nodes[3].shards().first().map(|(_, stream)| *stream) else { return false };
        pos.stream.as_str() == own && good.get(&(pos.stream, pos.session)).is_none_or(|good| pos.seq >= *good)
    }

    /// Of whom there is nothing to read in the end, at some node or at all: a key that was damaged on every disk that had it
    /// does not come back; and where somebody was erased and the only disks that said so were lost, keys and bodies are
    /// gone and nobody else hears why.
    pub(super) fn unreadable(&self) -> BTreeSet<Subject> {
        let processes = || self.nodes.iter().filter_map(|node| node.process.as_ref());
        let has_key = |subject: &Subject| {
            processes().flat_map(Process::readers).any(|reader| reader.key(subject).is_some())
        };
        let is_forgotten = |subject: &Subject| {
            processes().flat_map(|process| &process.shards).any(|shard| shard.is_forgotten(subject))
        };
        // What was erased may have reached others without its body before the fact that says so was lost.
        let is_bare = |subject: &Subject| {
            let mut records =
                processes().flat_map(Process::readers).flat_map(|reader| reader.scan(&[]).flatten());
            records.any(|record| record.is_erased() && record.header.subject == *subject)
        };
        let lost_keys =
            self.ledger.damaged_keys.iter().filter(|subject| !has_key(subject)).copied().collect();
        let mut unreadable = self.ledger.closed_without(&lost_keys);
        let is_traced = |subject: &Subject| is_forgotten(subject) || is_bare(subject);
        unreadable.extend(self.ledger.lost_erasures().filter(is_traced));
        unreadable
    }

    fn judge_kept(&self) -> Step {
        for (pos, it) in self.ledger.standing() {
            let lost = |who: &str| {
                let kind = super::tally::name(it.kind);
                format!("{who} does not hold {kind} at {pos}, which was acknowledged")
            };
            let mut holders = 0;
            for (at, node) in self.nodes.iter().enumerate() {
                let is_writer = node.shards().iter().any(|(_, own)| *own == pos.stream.as_str());
                if node.is_retired || (!is_writer && at != REGISTRY) {
                    continue;
                }
                let hash = self.record(at, pos)?.as_ref().map(Record::hash);
                holders += u32::from(hash.is_some());
                // What a revoked key signed goes no further, so a restored disk does not get it back.
                let is_needed = !self.is_kept_aside(pos);
                hold(hash.is_some() || !is_needed, Invariant::NothingLost, || lost(&node.name))?;
                let is_it = hash.is_none() || hash.as_ref() == self.ledger.history.get(pos);
                hold(is_it, Invariant::NeverRewritten, || {
                    format!("{} holds another record at {pos}", node.name)
                })?;
            }
            hold(holders > 0, Invariant::NothingLost, || lost("nobody at all"))?;
        }
        Ok(())
    }

    fn judge_readable(&self) -> Step {
        let unreadable = self.unreadable();
        for node in &self.nodes {
            let Some(process) = &node.process else { continue };
            let fold = &process.fold;
            // A key that was damaged wherever it was kept does not come back; one that a neighbour has does, which was
            // waited for.
            for pos in fold.waiting.iter().chain(&fold.unreadable).filter(|pos| !self.is_kept_aside(pos)) {
                let subject = Self::record_of(node, process, pos)?.map(|record| record.header.subject);
                hold(subject.is_some_and(|it| unreadable.contains(&it)), Invariant::Readable, || {
                    format!("{} cannot read {pos} about {subject:?}", node.name)
                })?;
            }
            let parked = fold.apps.values().flat_map(Application::parked).next();
            hold(parked.is_none(), Invariant::Readable, || {
                format!("{} still has kind {parked:?} parked after its upgrade", node.name)
            })?;
        }
        Ok(())
    }

    /// Facts of a kind that a node did not know when they came are among what it shows now.
    fn judge_newer_kinds(&self) -> Step {
        let unreadable = self.unreadable();
        for node in &self.nodes {
            let Some(process) = &node.process else { continue };
            let is_closed =
                |subject: &Subject| process.fold.erased.contains(subject) || unreadable.contains(subject);
            let kept = self.ledger.standing().filter(|(_, it)| it.kind == NEWER_KIND);
            for (pos, it) in kept.filter(|(_, it)| !is_closed(&it.subject)) {
                let reader = process.shards[node.shard_of(&pos.stream)].reader();
                if reader.have(&pos.stream, &pos.session).is_none_or(|have| have.len <= pos.seq) {
                    continue;
                }
                let application = process.fold.apps.get(&it.subject);
                let is_shown = application.is_some_and(|application| {
                    application
                        .entries()
                        .any(|entry| (entry.order.session, entry.order.seq) == (pos.session.0, pos.seq))
                });
                hold(is_shown, Invariant::Readable, || {
                    format!("{} does not show {pos}, which it did not know when it came", node.name)
                })?;
            }
        }
        Ok(())
    }

    /// An office holds its own streams and those of its kits, and nobody else's applicants.
    fn judge_audience(&self) -> Step {
        for link in &self.links {
            let node = &self.nodes[link.client];
            if node.role == Role::Registry {
                continue;
            }
            let place = self.nodes.iter().position(|other| other.code == node.code).unwrap_or(link.client);
            let mut allowed = super::roster::shared(place)?;
            allowed.insert(link.own);
            for have in self.process(link.client)?.vector() {
                hold(allowed.contains(&have.stream), Invariant::OwnApplicants, || {
                    format!("{} holds {}", node.name, have.stream)
                })?;
            }
        }
        Ok(())
    }

    /// Same facts, same state: each client and its server, from the streams that both keep, in any order.
    fn judge_states(&mut self) -> Step {
        for link in 0..self.links.len() {
            let it = &self.links[link];
            let (client, server, shared) = (it.client, it.server, it.shared.clone());
            let left_aside = |record: &Record| !self.is_kept_aside(&record.pos());
            let mut here = records(self.process(client)?, &shared)?;
            let mut there = records(self.process(server)?, &shared)?;
            here.retain(|(_, record)| left_aside(record));
            there.retain(|(_, record)| left_aside(record));
            let mut chance = self.chance.clone();
            chance.shuffle(&mut there);
            let [one, other] = [&here, &there]
                .map(|side| states_of(side.iter().map(|(reader, record)| (reader, record)), true));
            let kept: Option<States> = (self.nodes[client].code != self.nodes[3].code
                || self.keys.revoked.is_none())
            .then(|| self.process(client).map(|process| process.fold.states()))
            .transpose()?;
            let own_only = kept.filter(|_| self.nodes[client].role != Role::Registry);
            let [client, server] = [client, server].map(|at| self.nodes[at].name.clone());
            let differs = difference(&one, &other, &self.unreadable());
            hold(differs.is_none(), Invariant::SameState, || {
                format!("{client} and {server} show something else of {differs:?} from the same facts")
            })?;
            hold(own_only.is_none_or(|kept| kept == one), Invariant::StateIsDerived, || {
                format!("{client} shows something else than its journals say")
            })?;
            self.chance = chance;
        }
        Ok(())
    }

    /// What was signed after a key was taken back is not at the registry.
    fn judge_revoked(&self) -> Step {
        for have in self.process(REGISTRY)?.vector() {
            if let Some(seq) = have.len.checked_sub(1) {
                let pos = Pos { stream: have.stream, session: have.session, seq };
                hold(!self.is_kept_aside(&pos), Invariant::RevokedAside, || {
                    format!("the registry took {pos} from a node whose key was taken back")
                })?;
            }
        }
        Ok(())
    }

    /// At rest all power goes at once; afterwards everything is as before.
    fn judge_again_after_power_cuts(&mut self) -> Step {
        for at in 0..self.nodes.len() {
            self.down(at, true, 1_000);
        }
        for at in 0..self.nodes.len() {
            self.start(at, None)?;
        }
        self.judge_kept()
    }
}

/// A node's records of some streams, with the journals to read them by.
fn records(process: &Process, shared: &BTreeSet<StreamId>) -> Step<Vec<(loket_sync::JournalReader, Record)>> {
    let mut all = Vec::new();
    for reader in process.readers() {
        for record in reader.scan(&[]) {
            let record = record.map_err(Broken::simulation)?;
            if shared.contains(&record.header.stream)
                && (record.header.kind < 200 || record.header.kind == NEWER_KIND)
            {
                all.push((reader.clone(), record));
            }
        }
    }
    Ok(all)
}
