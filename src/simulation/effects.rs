//! Effects at rest, judged at the registry: payments, arrivals and tickets count once, and every conflict that was provoked
//! is shown.

use std::collections::{BTreeMap, BTreeSet};

use loket_sync::Subject;

use super::broken::{Invariant, Step, hold};
use super::roster::REGISTRY;
use super::world::World;
use crate::domain::application::{Application, Author, Entry, Order};
use crate::domain::conflict::Conflict;
use crate::domain::fact::Fact;
use crate::domain::office::OfficeCode;
use crate::domain::payment::Payment;
use crate::domain::view::{View, Visit};

impl World {
    /// Payments, arrivals and tickets count once, and every conflict that was provoked is shown, at the registry.
    pub(super) fn judge_effects(&mut self) -> Step {
        let mut shown = BTreeMap::new();
        let process = self.process(REGISTRY)?;
        // Whoever was erased and is known again, because a restored registry forgot that, may lack bodies everywhere.
        let mut unreadable = self.unreadable();
        unreadable.extend(self.ledger.lost_erasures());
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
