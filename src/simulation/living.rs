//! Starting and ending: what a node must hold and show after its start, and what is gone with a disk.

use loket_sync::SessionId;

use super::broken::{Broken, Invariant, Step, hold};
use super::chance::derived_16;
use super::fault::Fault;
use super::fold::difference;
use super::mutation::Mutation;
use super::node::{Lengths, NoStart, Role, Started};
use super::places::fits;
use super::world::{Event, World};

impl World {
    /// Starts a node; it dies after so many acts on its disk, if any are given.
    pub(super) fn start(&mut self, at: usize, dies_after: Option<u64>) -> Step {
        if self.nodes[at].process.is_some() || self.nodes[at].is_retired {
            return Ok(());
        }
        let (keys, seed, mutation) = (self.keys_for(at), self.seed, self.mutation);
        let reading = self.reading(at, self.wall_ms(at));
        let is_quick = self.chance.percent(60) && !std::mem::take(&mut self.nodes[at].is_doubted);
        let is_compared = is_quick && dies_after.is_none() && self.chance.percent(20);
        let node = &mut self.nodes[at];
        if is_quick && mutation == Some(Mutation::PlacesBelieved) {
            node.believe_places();
        }
        let image = (is_compared && !node.disk_failed).then(|| node.disk.snapshot());
        let is_counted = mutation == Some(Mutation::SessionsCounted);
        let code = node.code.as_ref().map(ToString::to_string);
        let name = code.filter(|_| is_counted).unwrap_or_else(|| node.name.clone());
        let sessions =
            |place: usize, number: u64| SessionId(derived_16(seed, &format!("{name} {place}"), number));
        self.tally.starts += 1;
        match node.start((dies_after, is_quick), &sessions, &keys, reading) {
            Ok(started) => {
                if let Some(image) = image {
                    let read = self.nodes[at].shown_by_reading(&image, &sessions, &keys);
                    let shown = self.process(at)?.shown(&started.reports);
                    hold(read.as_ref().is_ok_and(|read| fits(&shown, read)), Invariant::PlacesFit, || {
                        let name = self.name(at);
                        format!(
                            "{name} shows {shown:?} after a quick start, and {read:?} when it reads everything"
                        )
                    })?;
                }
                self.started(at, &started)
            }
            Err(NoStart::Died) => {
                let seed = self.chance.next();
                if self.chance.percent(50) {
                    self.nodes[at].disk.power_cut(seed);
                }
                self.tally.fault(Fault::CrashOpening, []);
                self.say(|world| format!("{} dies while it starts", world.name(at)));
                self.schedule(5_000, Event::Restart { node: at });
                Ok(())
            }
            Err(NoStart::Full) => {
                self.say(|world| format!("{} does not start on its full disk", world.name(at)));
                self.nodes[at].disk.set_room(None);
                self.schedule(60_000, Event::Restart { node: at });
                Ok(())
            }
            Err(NoStart::Other(error)) => {
                Err(Broken::new(Invariant::Starts, format!("{} does not start: {error}", self.name(at))))
            }
        }
    }

    fn started(&mut self, at: usize, started: &Started) -> Step {
        let now = self.nodes[at].lengths();
        let before = std::mem::replace(&mut self.nodes[at].durable, now.clone());
        let shorter = before.iter().find(|(id, len)| now.get(id).is_none_or(|now| now < len));
        if let Some((id, len)) = shorter {
            let held = now.get(id).copied().unwrap_or(0);
            hold(self.nodes[at].disk_failed, Invariant::Durable, || {
                format!(
                    "{} held {len} records of {}/{}, and {held} after its start",
                    self.name(at),
                    id.0,
                    id.1
                )
            })?;
            self.account_for_loss(at, &before);
        }
        self.say(|world| {
            let damaged = if started.is_damaged { ", part of its journals set aside" } else { "" };
            format!("{} starts{damaged}", world.name(at))
        });
        self.tally.torn += started.torn;
        if self.nodes[at].process.as_ref().is_some_and(|process| process.is_relying) {
            self.tally.fault(Fault::QuickStart, []);
            self.read_again_later(at);
        }
        if started.is_stale {
            self.tally.fault(Fault::PlacesStale, []);
        }
        let learned = std::mem::take(&mut self.nodes[at].learned_at_start);
        self.nodes[at].spoken.clear();
        self.learn(at, &learned)?;
        if self.has_erasure_left(at) && !self.obey(at)? {
            return Ok(());
        }
        if !self.tell_of_erasures(at)? {
            return Ok(());
        }
        let node = &mut self.nodes[at];
        if let (Some((vector, before)), Some(process)) = (node.before.take(), &node.process)
            && vector == process.vector()
        {
            let differs = difference(&before, &process.fold.states(), &self.ledger.damaged());
            hold(differs.is_none(), Invariant::StateIsDerived, || {
                let name = &node.name;
                format!("{name} shows something else of {differs:?} after its start, from the same journals")
            })?;
        }
        for link in 0..self.links.len() {
            if self.links[link].client == at {
                self.begin_line(link)?;
            }
        }
        Ok(())
    }

    /// Notes what a node has come to hold.
    pub(super) fn learn(&mut self, at: usize, learned: &[super::fold::Learned]) -> Step {
        let node = &self.nodes[at];
        let own: Vec<&str> = node.shards().into_iter().map(|(_, stream)| stream).collect();
        self.ledger.learn(learned, |pos| own.contains(&pos.stream.as_str()), &node.name)?;
        if node.role == Role::Registry {
            let said = learned.iter().filter(|it| it.kind > 0 && it.kind < 200);
            let spoken: Vec<_> = said.map(|it| (node.shard_of(&it.pos.stream), it.subject)).collect();
            self.nodes[at].spoken.extend(spoken);
        }
        let node = &self.nodes[at];
        for it in learned.iter().filter(|it| it.kind == super::fold::NEWER_KIND) {
            if !node.is_newer {
                self.tally.fault(Fault::NewerKind, [it.kind]);
            }
        }
        Ok(())
    }

    /// What a node held and does not hold any more is gone, unless another disk holds it.
    pub(super) fn account_for_loss(&mut self, at: usize, before: &Lengths) {
        let now = self.nodes[at].lengths();
        let others: Vec<Lengths> = (0..self.nodes.len())
            .filter(|other| *other != at)
            .map(|other| self.nodes[other].lengths())
            .collect();
        for (id, len) in before {
            for seq in now.get(id).copied().unwrap_or(0)..*len {
                if others.iter().all(|held| held.get(id).is_none_or(|len| *len <= seq)) {
                    let pos = loket_sync::Pos { stream: id.0, session: id.1, seq };
                    if self.ledger.gone.insert(pos) && self.ledger.acknowledged.contains_key(&pos) {
                        self.tally.lost_with_disk += 1;
                    }
                }
            }
        }
    }

    /// How a node reads, broken or not. Two ways to be broken show only when the others are not.
    pub(super) fn reading(&self, at: usize, wall_ms: i64) -> super::fold::Reading {
        let mutation = self.mutation.filter(|mutation| match mutation {
            Mutation::UnknownKindsForgotten | Mutation::ClockDecides => at == 1,
            _ => true,
        });
        super::fold::Reading { is_newer: self.nodes[at].is_newer, mutation, wall_ms }
    }

    /// Ends a node's process: with the power cut, killed, or in order.
    pub(super) fn down(&mut self, at: usize, mut is_cut: bool, for_ms: u64) {
        let is_running = self.nodes[at].process.as_ref().is_some_and(|process| !process.has_ended());
        let stops = is_running && !is_cut && self.chance.percent(50);
        let is_orderly = stops && self.note_places(at);
        if stops && !is_orderly {
            is_cut = self.chance.percent(50);
        }
        let wall_ms = self.wall_ms(at);
        let reading = self.reading(at, wall_ms);
        let node = &mut self.nodes[at];
        let Some(mut process) = node.process.take() else { return };
        // One folder of the registry may have been committed when the next one failed.
        let caught_up = process.fold.catch_up(&process.readers(), reading);
        node.before = caught_up.ok().map(|_| (process.vector(), process.fold.states()));
        node.durable = super::node::lengths(&process.vector());
        node.left_out = std::mem::take(&mut process.fold.left_out);
        if !is_orderly {
            process.acts.kill();
        }
        drop(process);
        let seed = self.chance.next();
        if is_cut {
            self.nodes[at].disk.power_cut(seed);
        }
        for link in self.links.iter_mut().filter(|link| link.client == at) {
            link.line = None;
            link.epoch += 1;
        }
        self.say(|world| {
            let how = if is_orderly { "stops in order" } else { "is killed" };
            format!("{} {}", world.name(at), if is_cut { "loses its power" } else { how })
        });
        self.schedule(for_ms, Event::Restart { node: at });
    }
}
