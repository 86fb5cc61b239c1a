//! The judgement at rest: what was acknowledged is there and counts once, everybody shows the same, and nobody holds what is
//! not theirs.

use std::collections::{BTreeMap, BTreeSet};

use loket_sync::{Pos, Record, StreamId, Subject};

use super::broken::{Broken, Invariant, Step, hold};
use super::fold::{NEWER_KIND, States, difference, states_of};
use super::node::{Node, Process, Role};
use super::roster::REGISTRY;
use super::world::World;
use crate::domain::application::{Application, Author, Entry, Order};
use crate::domain::conflict::Conflict;
use crate::domain::fact::Fact;
use crate::domain::office::OfficeCode;
use crate::domain::payment::Payment;
use crate::domain::view::{View, Visit};

impl World {
    /// Everything that must hold once all are level.
    pub(super) fn judge(&mut self) -> Step {
        self.find_what_came_late();
        self.tally.persons += self.homes.len() as u64;
        let unreadable = self.unreadable();
        self.tally.left_out +=
            self.homes.keys().filter(|subject| unreadable.contains(subject)).count() as u64;
        self.judge_kept()?;
        self.judge_readable()?;
        self.judge_newer_kinds()?;
        self.judge_erased()?;
        self.judge_audience()?;
        self.judge_states()?;
        self.judge_revoked()?;
        self.judge_pictures()?;
        self.judge_effects()?;
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

    fn process(&self, at: usize) -> Step<&Process> {
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
    fn is_kept_aside(&self, pos: &Pos) -> bool {
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
        let lost_keys =
            self.ledger.damaged_keys.iter().filter(|subject| !has_key(subject)).copied().collect();
        let mut unreadable = self.ledger.closed_without(&lost_keys);
        unreadable.extend(self.ledger.lost_erasures().filter(is_forgotten));
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
                if !is_writer && at != REGISTRY {
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

    /// Payments, arrivals and tickets count once, and every conflict that was provoked is shown, at the registry.
    fn judge_effects(&mut self) -> Step {
        let mut shown = BTreeMap::new();
        let (process, unreadable) = (self.process(REGISTRY)?, self.ledger.unreadable());
        for (subject, application) in &process.fold.apps {
            let view = application.view();
            if !unreadable.contains(subject) {
                self.judge_payments(*subject, &view)?;
                self.judge_visits(*subject, application, &view)?;
            }
            for name in judge_conflicts(*subject, application, &view)? {
                *shown.entry(name).or_default() += 1;
            }
        }
        self.tally.conflicts = shown;
        self.tally.tickets_twice += self.tickets_twice();
        Ok(())
    }

    fn judge_payments(&self, subject: Subject, view: &View) -> Step {
        let counted: Vec<_> = match &view.payment {
            Payment::Paid { paid, again, .. } => {
                std::iter::once(paid).chain(again).map(|it| it.ntpn.clone()).collect()
            }
            _ => Vec::new(),
        };
        let distinct: BTreeSet<_> = counted.iter().cloned().collect();
        hold(distinct.len() == counted.len(), Invariant::ExactlyOnce, || {
            format!("a payment of {subject} counts twice: {counted:?}")
        })?;
        for (_, pos, fact) in self.ledger.about(subject) {
            if let Fact::Paid(paid) = fact {
                hold(distinct.contains(&paid.ntpn), Invariant::ExactlyOnce, || {
                    format!("the payment {} of {subject} at {pos} does not count", paid.ntpn)
                })?;
            }
        }
        Ok(())
    }

    /// Every arrival that was acknowledged is among the facts, each ticket counts once, and whoever came last is here unless
    /// the office withdrew the arrival. A withdrawal counts whether or not the officer still heard that it is saved.
    fn judge_visits(&self, subject: Subject, application: &Application, view: &View) -> Step {
        for (is_registry, pos, fact) in self.ledger.about(subject) {
            if is_registry || self.is_kept_aside(pos) {
                continue;
            }
            match fact {
                Fact::Arrived(_) => {
                    let order = (pos.session.0, pos.seq);
                    let mut entries = application.entries();
                    let is_among = entries.any(|entry| (entry.order.session, entry.order.seq) == order);
                    hold(is_among, Invariant::ExactlyOnce, || {
                        format!("the arrival of {subject} at {pos} does not count")
                    })?;
                }
                Fact::TicketIssued(it) => {
                    let visit =
                        OfficeCode::parse(pos.stream.name()).and_then(|code| view.visit(&code).cloned());
                    let tickets = visit.map(|visit| visit.tickets).unwrap_or_default();
                    let same = tickets.iter().filter(|ticket| ticket.number == it.number).count();
                    hold(same == 1, Invariant::ExactlyOnce, || {
                        format!("ticket {} of {subject} counts {same} times", it.number)
                    })?;
                }
                _ => {}
            }
        }
        let mut last: BTreeMap<&OfficeCode, (Order, bool)> = BTreeMap::new();
        for Entry { author, order, fact, .. } in application.entries() {
            let is_arrival = match fact {
                Fact::Arrived(_) => true,
                Fact::ArrivalWithdrawn(_) => false,
                _ => continue,
            };
            let Author::Office(office) = author else { continue };
            let known = last.entry(office).or_insert((*order, is_arrival));
            if *order >= known.0 {
                *known = (*order, is_arrival);
            }
        }
        for (office, (_, is_arrival)) in last {
            let visit = view.visit(office);
            let is_here = visit.is_some_and(|visit| visit.arrived.is_some());
            // Two copies of one machine may withdraw an arrival and serve whoever arrived: then the arrival holds.
            let holds = is_arrival || (is_here && visit.is_some_and(Visit::has_progress));
            hold(is_here == holds, Invariant::ExactlyOnce, || {
                format!("whether {subject} arrived at {office} is shown wrongly: {is_here}")
            })?;
        }
        Ok(())
    }

    /// Numbers of tickets that an office gave to two applicants: possible after a restore and at copied machines, and
    /// counted so that it is known.
    fn tickets_twice(&self) -> u64 {
        let mut given: BTreeMap<_, BTreeSet<Subject>> = BTreeMap::new();
        for (pos, it) in self.ledger.standing() {
            if let Some(Fact::TicketIssued(issued)) = &it.fact {
                given.entry((pos.stream, issued.number)).or_default().insert(it.subject);
            }
        }
        given.values().filter(|subjects| subjects.len() > 1).count() as u64
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

/// Conflicts that the facts provoke, found another way than `domain::conflict` finds them.
fn judge_conflicts(subject: Subject, application: &Application, view: &View) -> Step<Vec<&'static str>> {
    let (mut paid, mut is_chosen, mut expired) = (BTreeSet::new(), false, false);
    let (mut cancelled_books, mut handed_over) = (BTreeSet::new(), BTreeSet::new());
    let mut arrived: BTreeMap<&Author, bool> = BTreeMap::new();
    for Entry { author, fact, .. } in application.entries() {
        match fact {
            Fact::Paid(it) => {
                paid.insert(it.ntpn.clone());
            }
            Fact::BillExpired(_) => expired = true,
            Fact::BookCancelled(it) if *author == Author::Registry => {
                cancelled_books.insert(it.book.clone());
            }
            Fact::HandedOver(it) => {
                handed_over.insert(it.book.clone());
            }
            Fact::Arrived(_) => {
                arrived.entry(author).or_insert(true);
            }
            Fact::ArrivalWithdrawn(_) | Fact::VisitYielded(_) => {
                arrived.insert(author, false);
            }
            Fact::VisitChosen(_) => is_chosen = true,
            _ => {}
        }
    }
    let mut provoked = Vec::new();
    let shows = |is: &dyn Fn(&Conflict) -> bool| view.conflicts.iter().any(is);
    let mut provoke = |name: &'static str, is_provoked: bool, is_shown: bool| -> Step {
        if !is_provoked {
            return Ok(());
        }
        provoked.push(name);
        hold(is_shown, Invariant::ConflictShown, || {
            format!("{name} was provoked for {subject} and is not shown: {:?}", view.conflicts)
        })
    };
    provoke("paid-twice", paid.len() > 1, shows(&|it| *it == Conflict::PaidTwice))?;
    let standing = arrived.values().filter(|stands| **stands).count();
    let is_twice = standing > 1 && !is_chosen;
    provoke("served-twice", is_twice, shows(&|it| matches!(it, Conflict::ServedTwice { .. })))?;
    let is_cancelled = cancelled_books.intersection(&handed_over).next().is_some();
    let both = shows(&|it| *it == Conflict::HandedOverAndCancelled);
    provoke("handed-over-and-cancelled", is_cancelled || both, both)?;
    let admitted = view.visits.values().any(|visit| visit.admitted.is_some());
    provoke("provisional", admitted && paid.is_empty(), shows(&|it| *it == Conflict::Provisional))?;
    let is_changed = view.cancelled.is_some() && standing > 0;
    let after_change = shows(&|it| matches!(it, Conflict::ArrivedAfterChange { .. }));
    provoke("arrived-after-change", is_changed, after_change)?;
    // Whether these hold depends on the order of bills and captures, so they are only counted.
    let is_late = expired && shows(&|it| *it == Conflict::PaidLate);
    provoke("paid-late", is_late, is_late)?;
    let is_old = shows(&|it| *it == Conflict::DecisionOnOldCapture);
    provoke("decision-on-old-capture", is_old, is_old)?;
    let differs = shows(&|it| *it == Conflict::EvidenceDiffers);
    provoke("evidence-differs", differs, differs)?;
    Ok(provoked)
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
