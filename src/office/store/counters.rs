//! Acts at counters: opening, pausing and closing them, and who may call or take a step back at one.

use super::act::Acted;
use super::group::{Gathered, Group, Who};
use super::queries;
use super::queue::{Counter, Queue};
use crate::domain::actor::Role;
use crate::domain::desk::{CounterClosed, CounterOpened, CounterPaused};
use crate::domain::fact::Fact;
use crate::domain::refusal::Refusal;
use crate::domain::ticket::TicketNumber;

/// Who may open a counter.
const AT_COUNTERS: [Role; 4] = [Role::FrontDesk, Role::Interviewer, Role::Supervisor, Role::Custody];

impl Group<'_, '_> {
    /// The queue of today as this group knows it.
    pub(super) fn queue(&self) -> Gathered<Queue> {
        let today = self.shared.office.zone.day(self.clock.now());
        Ok(queries::queue(&self.changes, today)?)
    }

    pub(super) fn open_counter(&mut self, opened: CounterOpened, who: &Who) -> Gathered<Acted> {
        if !AT_COUNTERS.iter().any(|role| who.roles.contains(role)) {
            return Err(Refusal::NotAllowed.into());
        }
        let queue = self.queue()?;
        let held = queue.counter(opened.counter).filter(|counter| counter.login != who.login());
        if let Some(held) = held {
            return Err(Refusal::CounterNotYours { held_by: Some(held.officer.clone()) }.into());
        }
        self.write_own(&[Fact::CounterOpened(opened)], who)
    }

    /// Pauses a counter that serves nobody at the moment.
    pub(super) fn pause_counter(&mut self, paused: CounterPaused, who: &Who) -> Gathered<Acted> {
        let queue = self.queue()?;
        let open = held(&queue, paused.counter, who)?;
        if let Some(number) = open.ticket {
            return Err(Refusal::CounterBusy(number).into());
        }
        self.write_own(&[Fact::CounterPaused(paused)], who)
    }

    /// Goes on for the classes the counter was opened for.
    pub(super) fn resume_counter(&mut self, counter: u16, who: &Who) -> Gathered<Acted> {
        let queue = self.queue()?;
        let classes = held(&queue, counter, who)?.classes.clone();
        self.write_own(&[Fact::CounterOpened(CounterOpened { counter, classes })], who)
    }

    pub(super) fn close_counter(&mut self, counter: u16, who: &Who) -> Gathered<Acted> {
        let queue = self.queue()?;
        let Some(open) = queue.counter(counter) else {
            return Err(Refusal::CounterNotYours { held_by: None }.into());
        };
        // A supervisor closes a counter whose officer went home.
        if open.login != who.login() && !who.roles.contains(&Role::Supervisor) {
            return Err(Refusal::CounterNotYours { held_by: Some(open.officer.clone()) }.into());
        }
        if let Some(number) = open.ticket {
            return Err(Refusal::CounterBusy(number).into());
        }
        self.write_own(&[Fact::CounterClosed(CounterClosed { counter })], who)
    }
}

/// The open counter, which the officer must hold.
fn held<'q>(queue: &'q Queue, counter: u16, who: &Who) -> Result<&'q Counter, Refusal> {
    let open = queue.counter(counter).ok_or(Refusal::CounterNotYours { held_by: None })?;
    if open.login == who.login() {
        Ok(open)
    } else {
        Err(Refusal::CounterNotYours { held_by: Some(open.officer.clone()) })
    }
}

/// The officer must hold the counter, and it must be free and not pause.
pub(super) fn may_call(queue: &Queue, counter: u16, who: &Who) -> Result<(), Refusal> {
    let open = held(queue, counter, who)?;
    match open.ticket {
        Some(number) => Err(Refusal::CounterBusy(number)),
        None if open.paused.is_some() => Err(Refusal::CounterPaused),
        None => Ok(()),
    }
}

/// A counter the officer names must be theirs; and a counter that gets its ticket back must be open and free.
pub(super) fn may_undo(
    queue: &Queue,
    number: TicketNumber,
    counter: Option<u16>,
    who: &Who,
) -> Result<(), Refusal> {
    if let Some(counter) = counter {
        held(queue, counter, who)?;
    }
    let found = queue.tickets.iter().find(|found| found.ticket.number == number);
    let step = found.ok_or(Refusal::NoSuchTicket)?.ticket.last.as_deref();
    let Some(back_at) = step.and_then(|step| step.before.state.counter()) else { return Ok(()) };
    let open = queue.counter(back_at).ok_or(Refusal::CounterNotYours { held_by: None })?;
    match open.ticket.filter(|at_counter| *at_counter != number) {
        Some(other) => Err(Refusal::CounterBusy(other)),
        None => Ok(()),
    }
}
