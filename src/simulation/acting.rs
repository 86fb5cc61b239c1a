//! People and rules at work: a registry that books and decides, officers at counters. What they are told is saved goes into
//! the ledger.

use loket_sync::journal::{AppendError, ReadError};
use loket_sync::{NewRecord, Subject};

use super::broken::{Broken, Invariant, Step, hold};
use super::chance::derived_16;
use super::counter::{self, Moment};
use super::fault::Fault;
use super::fold::{self, NEWER_KIND};
use super::headquarters;
use super::ledger::Acknowledged;
use super::mutation::Mutation;
use super::node::Role;
use super::roster::{CODES, REGISTRY};
use super::world::{Event, World};
use crate::domain::actor::Actor;
use crate::domain::application::Author;
use crate::domain::desk::CounterOpened;
use crate::domain::fact::{self, Fact, Written};
use crate::domain::office::OfficeCode;
use crate::domain::ticket::QueueClass;

/// So many things are done at most for an applicant who is served on and on.
const SERVED_ON: usize = 16;

/// A fact to be written, or one that only the next version knows.
type ToWrite = Option<Fact>;

impl World {
    /// Somebody does something somewhere.
    pub(super) fn act(&mut self) -> Step {
        let at = if self.chance.percent(35) { REGISTRY } else { 1 + self.chance.place(self.nodes.len() - 1) };
        if self.nodes[at].process.is_none() {
            return Ok(());
        }
        if self.nodes[at].role == Role::Registry { self.registry_acts(at) } else { self.office_acts(at) }
    }

    fn registry_acts(&mut self, at: usize) -> Step {
        if self.homes.len() < 3 || (self.homes.len() < 14 && self.chance.percent(30)) {
            return self.book(at);
        }
        let subjects: Vec<Subject> = self.homes.keys().copied().collect();
        let subject = subjects[self.chance.place(subjects.len())];
        let home = self.homes.get(&subject).map_or(1, |homes| homes[self.chance.place(homes.len())]);
        if self.chance.percent(2) {
            return self.erase_someone(at);
        }
        if self.chance.percent(6) {
            return self.write(at, home, subject, &Actor::Node, vec![None]).map(drop);
        }
        if self.chance.percent(4) {
            return self.move_to_another_office(at, subject, home);
        }
        let mut chance = self.chance.clone();
        let now = self.wall(at);
        let Some(process) = &self.nodes[at].process else { return Ok(()) };
        let Some(view) = process.fold.apps.get(&subject).map(crate::domain::application::Application::view)
        else {
            return Ok(());
        };
        let moment = Moment { office: None, now, settings: &self.settings, fold: &process.fold };
        let acts = headquarters::acts(&view, &moment, &mut chance);
        self.chance = chance;
        if acts.as_ref().is_some_and(|(facts, _)| matches!(facts[..], [Fact::Rescheduled(_)])) {
            self.note_move(home);
        }
        let Some((facts, by)) = acts else {
            self.tally.refused += 1;
            return Ok(());
        };
        self.write(at, home, subject, &by, facts.into_iter().map(Some).collect()).map(drop)
    }

    fn book(&mut self, at: usize) -> Step {
        let number = self.homes.len() as u64 + 1;
        let subject = Subject(derived_16(self.seed, "applicant", number));
        let home = 1 + self.chance.place(CODES.len());
        let Some(office) = OfficeCode::parse(CODES[home - 1]) else { return Ok(()) };
        let now = self.wall(at);
        let slot = headquarters::slot(now, self.chance.skewed(2));
        let booked = slot.and_then(|slot| headquarters::booked(number, &office, slot));
        let billed = if self.chance.percent(80) { headquarters::billed(number, now) } else { None };
        let facts: Vec<ToWrite> = booked.into_iter().chain(billed).map(Some).collect();
        hold(!facts.is_empty(), Invariant::Simulation, || "no booking could be made".to_owned())?;
        self.homes.insert(subject, vec![home]);
        self.write(at, home, subject, &Actor::Applicant, facts).map(drop)
    }

    /// The applicant is booked at another office as well, and only sometimes cancelled at the first one: what makes
    /// two offices serve one applicant.
    fn move_to_another_office(&mut self, at: usize, subject: Subject, home: usize) -> Step {
        let other = 1 + self.chance.place(3);
        let Some(office) = OfficeCode::parse(CODES[other - 1]).filter(|_| other != home) else {
            return Ok(());
        };
        let now = self.wall(at);
        let number = self.homes.keys().position(|known| *known == subject).unwrap_or(0) as u64 + 500;
        let Some(booked) =
            headquarters::slot(now, 0).and_then(|slot| headquarters::booked(number, &office, slot))
        else {
            return Ok(());
        };
        if let Some(homes) = self.homes.get_mut(&subject)
            && !homes.contains(&other)
        {
            homes.push(other);
        }
        let mut facts = vec![Some(booked)];
        facts.extend(headquarters::billed(number, now).map(Some));
        self.note_move(home);
        self.write(at, other, subject, &Actor::Node, facts).map(drop)
    }

    fn office_acts(&mut self, at: usize) -> Step {
        if self.chance.percent(4) {
            let own = Subject(derived_16(self.seed, &self.nodes[at].name, 0));
            let opened = CounterOpened { counter: 2, classes: vec![QueueClass::BOOKED] };
            return self
                .write(at, 0, own, &counter::officer("budi"), vec![Some(Fact::CounterOpened(opened))])
                .map(drop);
        }
        let Some(process) = &self.nodes[at].process else { return Ok(()) };
        let subjects: Vec<Subject> = process.fold.apps.keys().copied().collect();
        if subjects.is_empty() {
            return Ok(());
        }
        // The first applicants are served more often, so that some stories come to their end; and some are served on and
        // on, as far as it goes without the others.
        let place = usize::try_from(self.chance.skewed(subjects.len() as u64)).unwrap_or(0);
        let acts = if self.chance.percent(12) { SERVED_ON } else { 1 };
        for _ in 0..acts {
            self.serve(at, subjects[place])?;
        }
        Ok(())
    }

    /// Does the next thing about an applicant at an office.
    fn serve(&mut self, at: usize, subject: Subject) -> Step {
        let Some(code) = self.nodes[at].code.clone() else { return Ok(()) };
        let Some(process) = &self.nodes[at].process else { return Ok(()) };
        let Some(view) = process.fold.apps.get(&subject).map(crate::domain::application::Application::view)
        else {
            return Ok(());
        };
        let is_capturing =
            view.visit(&code).is_some_and(|visit| visit.documents.is_some() && !visit.capture.complete);
        let picture = if is_capturing { self.take_picture(at) } else { None };
        let picture = picture.unwrap_or_else(|| crate::domain::document::BlobRef {
            hash: String::new(),
            len: 0,
            media_type: String::new(),
        });
        let now = self.wall(at);
        let by = counter::officer(["sari", "budi"][self.chance.place(2)]);
        let mut chance = self.chance.clone();
        let Some(process) = &self.nodes[at].process else { return Ok(()) };
        let moment = Moment { office: Some(&code), now, settings: &self.settings, fold: &process.fold };
        let command = counter::command(&view, &moment, &picture, &mut chance);
        let facts = command.and_then(|command| moment.decide(&view, &command, &by));
        self.chance = chance;
        let facts = facts.filter(|facts| !names_no_picture(facts));
        let Some(facts) = facts else {
            self.tally.refused += 1;
            return Ok(());
        };
        self.write(at, 0, subject, &by, facts.into_iter().map(Some).collect()).map(drop)
    }

    /// Writes facts about one application as one group; whether they were acknowledged.
    pub(super) fn write(
        &mut self,
        at: usize,
        shard: usize,
        subject: Subject,
        by: &Actor,
        facts: Vec<ToWrite>,
    ) -> Step<bool> {
        let key = self.subject_key(subject);
        let at_ms = self.wall_ms(at);
        let author = match &self.nodes[at].code {
            Some(code) => Author::Office(code.clone()),
            None => Author::Registry,
        };
        let node = &mut self.nodes[at];
        let Some(process) = &mut node.process else { return Ok(false) };
        let application = process.fold.apps.get(&subject);
        let first = application.map_or(1, |application| application.next_rev(&author));
        let mut written = Vec::new();
        for (rev, fact) in (first..).zip(facts) {
            let (kind, body) = match &fact {
                Some(fact) => {
                    let body = Written { rev, by: by.clone(), once: None, fact: fact.clone() };
                    (fact.kind(), fact::encode(&body).map_err(Broken::simulation)?)
                }
                None => (NEWER_KIND, fold::newer_body(rev).unwrap_or_default()),
            };
            let new = NewRecord { at_ms, kind, flags: 0, subject, body: &body };
            match process.shards[shard].append_with_key(&new, &key) {
                Ok(pos) => {
                    self.ledger.note_erasure(pos, fact.as_ref());
                    written.push((pos, kind, fact));
                }
                Err(AppendError::Failed(_)) => {
                    self.failed(at);
                    return Ok(false);
                }
                Err(_) => {
                    process.shards[shard].abandon();
                    self.tally.refused += 1;
                    return Ok(false);
                }
            }
        }
        node.recent = written.iter().map(|(_, kind, _)| *kind).collect();
        let is_early = self.mutation == Some(Mutation::AcknowledgedEarly) && at != REGISTRY;
        if is_early {
            self.acknowledge(subject, &written);
            if self.chance.percent(50) {
                return Ok(true);
            }
        }
        let committed = self.nodes[at].process.as_mut().map(|process| process.shards[shard].commit());
        if !matches!(committed, Some(Ok(_))) {
            self.failed(at);
            return Ok(false);
        }
        self.say(|world| {
            let kinds: Vec<&str> = written.iter().map(|(_, kind, _)| super::tally::name(*kind)).collect();
            let pos = written.last().map(|(pos, _, _)| *pos);
            format!("{} writes {} about {subject:?} at {pos:?}", world.name(at), kinds.join(", "))
        });
        if self.committed(at)?.is_none() {
            return Ok(false);
        }
        if !is_early {
            self.acknowledge(subject, &written);
        }
        self.news(at, None)?;
        Ok(true)
    }

    fn acknowledge(&mut self, subject: Subject, written: &[(loket_sync::Pos, u16, ToWrite)]) {
        for (pos, kind, fact) in written {
            *self.tally.facts.entry(*kind).or_default() += 1;
            if let Some(Fact::PortraitCaptured(it)) = fact {
                self.ledger.pictures.insert(it.picture.hash.clone(), subject);
            }
            let acknowledged = Acknowledged { subject, kind: *kind, fact: fact.clone() };
            self.ledger.acknowledged.insert(*pos, acknowledged);
        }
    }

    /// After a commit: state, history and lengths follow. Number of new records; nothing if the node went down.
    pub(super) fn committed(&mut self, at: usize) -> Step<Option<u64>> {
        let reading = self.reading(at, self.wall_ms(at));
        let node = &mut self.nodes[at];
        let Some(process) = &mut node.process else { return Ok(None) };
        let readers = process.readers();
        match process.fold.catch_up(&readers, reading) {
            Ok(learned) => {
                node.durable = super::node::lengths(&process.vector());
                self.learn(at, &learned)?;
                let goes_on = !self.has_erasure_left(at) || self.obey(at)?;
                let goes_on = goes_on && self.tell_of_erasures(at)?;
                Ok(goes_on.then_some(learned.len() as u64))
            }
            Err(error) => {
                self.damaged(at, &error)?;
                Ok(None)
            }
        }
    }

    /// A node's journals take nothing more: it is dead, its disk is full or does not sync.
    pub(super) fn failed(&mut self, at: usize) {
        let for_ms = 1_000 + self.chance.below(3_600_000);
        let node = &self.nodes[at];
        let Some(process) = &node.process else { return };
        let kinds: Vec<u16> = node.recent.iter().copied().collect();
        let is_full = process
            .shards
            .iter()
            .any(|shard| shard.failed().is_some_and(loket_sync::journal::JournalFailed::is_storage_full));
        if process.acts.is_dead() {
            let is_cut = node.dies_by_cut;
            self.tally.fault(if is_cut { Fault::PowerCutWriting } else { Fault::KilledWriting }, kinds);
            self.down(at, is_cut, for_ms);
        } else if is_full {
            self.tally.fault(Fault::DiskFull, kinds);
            self.say(|world| format!("the disk of {} is full", world.name(at)));
            self.down(at, false, for_ms);
        } else {
            self.tally.fault(Fault::SyncFailed, kinds);
            self.nodes[at].disk_failed = true;
            self.say(|world| format!("a sync fails at {}", world.name(at)));
            self.down(at, true, for_ms);
        }
    }

    /// What was committed cannot be read: only on a disk that has failed. The node is started anew and heals.
    pub(super) fn damaged(&mut self, at: usize, error: &ReadError) -> Step {
        if self.nodes[at].process.as_ref().is_some_and(|process| process.acts.is_dead()) {
            self.failed(at);
            return Ok(());
        }
        hold(self.nodes[at].disk_failed, Invariant::Durable, || {
            format!("{} cannot read: {error}", self.name(at))
        })?;
        self.say(|world| format!("{} finds damage: {error}", world.name(at)));
        self.nodes[at].is_doubted = true;
        self.down(at, false, 1_000);
        Ok(())
    }

    /// Everybody who waits for news of this node hears of it, except over the link that they came by.
    pub(super) fn news(&mut self, at: usize, by: Option<usize>) -> Step {
        for link in 0..self.links.len() {
            if by == Some(link) {
                continue;
            }
            if self.links[link].client == at {
                self.feed(link, loket_sync::exchange::Input::LocalNews)?;
            } else if self.links[link].server == at {
                let epoch = self.links[link].epoch;
                let in_ms = 300 + self.chance.below(700);
                self.schedule(in_ms, Event::News { link, epoch });
            }
        }
        Ok(())
    }
}

/// Whether a fact names a picture that could not be kept.
fn names_no_picture(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| match fact {
        Fact::PortraitCaptured(it) => it.picture.hash.is_empty(),
        Fact::FingerCaptured(it) => {
            matches!(&it.finger, crate::domain::capture::Finger::Taken { picture, .. } if picture.hash.is_empty())
        }
        _ => false,
    })
}
