//! Erasing a person: the registry says so, and whoever hears it destroys pictures, key and bodies, in this order. What a
//! crash or a full disk leaves is done at the next start.

use std::collections::BTreeSet;

use loket_sync::journal::{Damaged, EraseError, Finding, What};
use loket_sync::{Hash, Journals, Pos, Record, StorageKey, StreamId, Subject};

use super::broken::{Broken, Invariant, Step, hold};
use super::counter;
use super::fault::Fault;
use super::fold::Fold;
use super::headquarters;
use super::mutation::Mutation;
use super::node::{Process, Role, STORAGE_KEY};
use super::roster::CODES;
use super::world::World;
use crate::domain::actor::Actor;
use crate::domain::application::Application;
use crate::domain::fact::Fact;
use crate::domain::office::OfficeCode;

/// A body shorter than this holds no sealed word and may stay.
const BODY_BYTES_MIN: usize = 8;

impl World {
    /// Headquarters erases somebody who is known at one office only. Where several must hear of it, the product tells all
    /// of them in one transaction of its database; here each has a folder of its own.
    pub(super) fn erase_someone(&mut self, at: usize) -> Step {
        let alone: Vec<(Subject, usize)> = self
            .homes
            .iter()
            .filter_map(|(subject, homes)| if let [home] = homes[..] { Some((*subject, home)) } else { None })
            .collect();
        if alone.is_empty() {
            return Ok(());
        }
        let (subject, home) = alone[self.chance.place(alone.len())];
        let (now, office) = (self.wall(at), OfficeCode::parse(CODES[home - 1]));
        let Some(process) = &self.nodes[at].process else { return Ok(()) };
        let view = process.fold.apps.get(&subject).map(Application::view);
        let fact = view.zip(office).and_then(|(view, office)| headquarters::erased(&view, &office, now));
        let Some(fact) = fact else { return Ok(()) };
        let kinds: Vec<u16> = self.nodes[at].recent.iter().copied().collect();
        if self.write(at, home, subject.erasure(), &counter::officer("hana"), vec![Some(fact)])? {
            self.tally.fault(Fault::PersonErased, kinds);
        }
        Ok(())
    }

    /// Whether a node knows of an erasure that it has not carried out.
    pub(super) fn has_erasure_left(&self, at: usize) -> bool {
        self.nodes[at].process.as_ref().is_some_and(|Process { shards, fold, .. }| {
            fold.erased.iter().any(|subject| shards.iter().any(|shard| !shard.is_forgotten(subject)))
        })
    }

    /// Takes away what is left here of those whom the registry says to be erased; whether the node still runs.
    pub(super) fn obey(&mut self, at: usize) -> Step<bool> {
        let reading = self.reading(at, self.wall_ms(at));
        let Some(Process { shards, fold, blobs, acts, .. }) = &mut self.nodes[at].process else {
            return Ok(false);
        };
        if self.mutation == Some(Mutation::ErasedPicturesKept) {
            fold.doomed.clear();
        }
        fold.doomed.retain(|hash| hash.parse::<Hash>().is_ok_and(|hash| blobs.remove(&hash).is_err()));
        let mut has_failed = !fold.doomed.is_empty() && acts.is_dead();
        if !fold.doomed.is_empty() && !has_failed {
            // The key stays as long as a picture does: the next start tries again.
            return Ok(true);
        }
        let mut damaged = Vec::new();
        for (place, shard) in shards.iter_mut().enumerate() {
            let left: BTreeSet<Subject> =
                fold.erased.iter().filter(|subject| !shard.is_forgotten(subject)).copied().collect();
            if left.is_empty() || has_failed {
                continue;
            }
            match shard.erase(&left, &places(shard, &left)) {
                Ok(found) => damaged.extend(found.into_iter().map(|found| (place, found))),
                Err(error) => has_failed = matches!(error, EraseError::Failed(_)),
            }
        }
        let readers: Vec<_> = self.nodes[at].process.iter().flat_map(Process::readers).collect();
        let process = self.nodes[at].process.as_mut().filter(|_| !has_failed);
        let is_read = process.is_some_and(|process| process.fold.open_waiting(&readers, reading).is_ok());
        if !is_read {
            self.failed(at);
            return Ok(false);
        }
        if damaged.is_empty() { Ok(true) } else { self.set_aside(at, &damaged) }
    }

    /// The registry tells of erasures every office whose folder speaks of the person and says nothing of it: another registry
    /// under its name, or it itself before a restore, spoke to that office without knowing. Whether it still runs.
    pub(super) fn tell_of_erasures(&mut self, at: usize) -> Step<bool> {
        let node = &self.nodes[at];
        let Some(process) = node.process.as_ref().filter(|_| node.role == Role::Registry) else {
            return Ok(node.process.is_some());
        };
        let is_told = |place: usize, subject: &Subject| node.spoken.contains(&(place, subject.erasure()));
        let to_tell: Vec<_> = (node.spoken.iter())
            .filter(|(place, subject)| process.fold.erased.contains(subject) && !is_told(*place, subject))
            .filter_map(|(place, subject)| {
                Some((*place, *subject, process.fold.erasures.get(subject)?.clone()))
            })
            .collect();
        for (place, subject, erased) in to_tell {
            self.nodes[at].spoken.insert((place, subject.erasure()));
            let fact = Some(Fact::PersonErased(erased));
            if !self.write(at, place, subject.erasure(), &Actor::Node, vec![fact])? {
                return Ok(self.nodes[at].process.is_some());
            }
        }
        Ok(true)
    }

    /// What an erasure has found damaged is set aside while the node runs, and comes back from the other side; whether it
    /// still runs.
    pub(super) fn set_aside(&mut self, at: usize, damaged: &[(usize, Damaged)]) -> Step<bool> {
        self.say(|world| format!("{} sets aside what is damaged: {damaged:?}", world.name(at)));
        hold(self.nodes[at].disk_failed, Invariant::Durable, || format!("{} finds damage", self.name(at)))?;
        let (keys, before) = (self.keys_for(at), self.nodes[at].lengths());
        let reading = self.reading(at, self.wall_ms(at));
        let Some(process) = &mut self.nodes[at].process else { return Ok(false) };
        if process.set_aside(damaged, &keys).is_err() {
            self.failed(at);
            return Ok(false);
        }
        process.fold = Fold::leaving_out(std::mem::take(&mut process.fold.left_out));
        match process.fold.catch_up(&process.readers(), reading) {
            Ok(learned) => {
                self.nodes[at].durable = super::node::lengths(&process.vector());
                self.account_for_loss(at, &before);
                self.learn(at, &learned)?;
            }
            Err(error) => {
                self.damaged(at, &error)?;
                return Ok(false);
            }
        }
        if self.has_erasure_left(at) { self.obey(at) } else { Ok(true) }
    }

    /// Of whoever was erased nobody who heard of it has a key, a body or a picture, and the journals verify without them.
    pub(super) fn judge_erased(&self) -> Step {
        let told: Vec<(Pos, Subject)> = self
            .ledger
            .standing()
            .filter_map(|(pos, it)| match &it.fact {
                Some(Fact::PersonErased(erased)) => Some((*pos, Subject(erased.application.0))),
                _ => None,
            })
            .collect();
        if told.is_empty() {
            return Ok(());
        }
        let (damaged, unreadable) = (self.ledger.damaged(), self.unreadable());
        for (at, node) in self.nodes.iter().enumerate() {
            let Some(process) = &node.process else { continue };
            let heard = |(pos, subject): &(Pos, Subject)| {
                let shard = &process.shards[node.shard_of(&pos.stream)];
                shard
                    .reader()
                    .have(&pos.stream, &pos.session)
                    .is_some_and(|have| have.len > pos.seq)
                    .then_some(*subject)
            };
            // Where the key of the fact that says so is lost everywhere, nobody can read whom it is about.
            let erased = told.iter().filter_map(heard).filter(|subject| !unreadable.contains(subject));
            let erased: BTreeSet<Subject> = erased.collect();
            for reader in process.readers() {
                for subject in &erased {
                    hold(reader.key(subject).is_none(), Invariant::Erased, || {
                        format!("{} still has the key of {subject}, who was erased", node.name)
                    })?;
                }
                for record in reader.scan(&[]) {
                    let record = record.map_err(Broken::simulation)?;
                    let is_bare = record.is_erased() || record.body.len() < BODY_BYTES_MIN;
                    hold(is_bare || !erased.contains(&record.header.subject), Invariant::Erased, || {
                        format!(
                            "{} still has the body of {}, whose subject was erased",
                            node.name,
                            record.pos()
                        )
                    })?;
                }
            }
            let kept = self.ledger.pictures.iter().find(|(hash, subject)| {
                let is_known = erased.contains(subject) && !damaged.contains(subject);
                is_known && hash.parse::<Hash>().is_ok_and(|hash| process.blobs.has(&hash))
            });
            // Where damage or half a restore took the key or the record, nobody knows whose picture it is; the product has tables that know,
            // and a sweep of what nobody names.
            let has_lost = node.disk_failed || node.is_half_restored;
            hold(kept.is_none() || has_lost, Invariant::Erased, || {
                format!("{} still has picture {:?} of somebody who was erased", node.name, kept)
            })?;
            self.verify(at)?;
        }
        Ok(())
    }

    /// Every frame, chain and signature of a node's journals, and every body that is left.
    fn verify(&self, at: usize) -> Step {
        let node = &self.nodes[at];
        let Some(process) = node.process.as_ref().filter(|_| !node.disk_failed) else { return Ok(()) };
        let (keys, disk) = (self.keys_for(at), loket_sync::Disk::in_memory(node.disk.clone()));
        let unreadable = self.unreadable();
        for ((folder, stream), shard) in node.shards().into_iter().zip(&process.shards) {
            let stream = StreamId::parse(stream).map_err(Broken::simulation)?;
            let storage_key = StorageKey::from_bytes(STORAGE_KEY);
            let report = Journals::verify_on(&disk, &folder, &stream, Some(&storage_key), &keys);
            let report = report.map_err(Broken::simulation)?;
            let is_known = |subject: &Subject| unreadable.contains(subject);
            // That the end of a session went with a disk is known, and judged elsewhere; so is whom nobody can read.
            let is_right = |finding: &&Finding| match finding.what {
                What::TailMissing { .. } => true,
                What::KeysMissing(_) => report.keys_missing.iter().all(is_known),
                What::BodiesMissing(_) => bodiless(shard).iter().all(is_known),
                _ => false,
            };
            let wrong = report.findings.iter().find(|finding| !is_right(finding));
            hold(wrong.is_none(), Invariant::Erased, || {
                format!("the journals of {} do not verify: {wrong:?}", node.name)
            })?;
        }
        Ok(())
    }
}

/// Whose records have lost their bodies though nobody was erased here.
fn bodiless(shard: &Journals) -> BTreeSet<Subject> {
    let records = shard.reader().scan(&[]).filter_map(Result::ok);
    let subjects = records.filter(Record::is_erased).map(|record| record.header.subject);
    subjects.filter(|subject| !shard.is_forgotten(subject)).collect()
}

/// Where records of these subjects lie. What cannot be read now is found at the next opening.
fn places(shard: &Journals, subjects: &BTreeSet<Subject>) -> BTreeSet<Pos> {
    let records = shard.reader().scan(&[]).filter_map(Result::ok);
    records
        .filter(|record| subjects.contains(&record.header.subject))
        .map(|record: Record| record.pos())
        .collect()
}
