//! The queue of a day: tickets and counters, without names, so that it can be shown in a hall.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::application::ApplicationKey;
use crate::domain::booking::Slot;
use crate::domain::number::ApplicationNumber;
use crate::domain::queue::waits::{self, ClassWait};
use crate::domain::queue::{self, Caller, Now, Pick, WaitingTicket};
use crate::domain::setting::Settings;
use crate::domain::ticket::{QueueClass, Ticket, TicketNumber, TicketState};

/// The queue of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// The day.
    pub day: NaiveDate,
    /// Every ticket drawn on it, in the order of class and serial.
    pub tickets: Vec<QueueTicket>,
    /// The counters that are open, by number.
    pub counters: Vec<Counter>,
}

/// A ticket in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueTicket {
    /// The ticket.
    pub ticket: Ticket,
    /// Whose it is.
    pub key: ApplicationKey,
    /// The application's number, for links of officers; never shown in the hall.
    pub number: Option<ApplicationNumber>,
    /// The slot it was booked for, which the order of calls looks at.
    pub slot: Option<Slot>,
    /// Its latest call; the hall display shows it even after the ticket is finished.
    pub last_call: Option<LastCall>,
}

/// A call of a ticket to a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastCall {
    /// The counter.
    pub counter: u16,
    /// When: of `TicketCalled` or the latest `TicketRecalled`.
    pub at: DateTime<Utc>,
    /// How often the ticket has been called in all, so that a repeated call is a new one on the display.
    pub times: u16,
}

/// An open counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// Its number, as on the sign above it.
    pub number: u16,
    /// The classes it serves.
    pub classes: Vec<QueueClass>,
    /// Login of the officer who holds it; `None` when the node opened it.
    pub login: Option<String>,
    /// Their name.
    pub officer: String,
    /// Since when.
    pub opened_at: DateTime<Utc>,
    /// The ticket that is called to it or served at it.
    pub ticket: Option<TicketNumber>,
    /// Since when it pauses and why, if it does.
    pub paused: Option<Pause>,
}

/// A counter that calls nobody for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Since when.
    pub since: DateTime<Utc>,
    /// Why; may be empty.
    pub reason: String,
}

impl Queue {
    /// An open counter.
    pub fn counter(&self, number: u16) -> Option<&Counter> {
        self.counters.iter().find(|counter| counter.number == number)
    }

    /// The ticket an open counter calls next by the rules' policy, and why.
    pub fn next_for(&self, number: u16, settings: &Settings, now: Now) -> Option<(&QueueTicket, Pick)> {
        let picked = self.order_for(number, settings, now, 1).into_iter().next()?;
        let ticket = self.tickets.iter().find(|ticket| ticket.ticket.number == picked.number)?;
        Some((ticket, picked))
    }

    /// The order in which an open counter would call those who wait, and why each stands there; `limit` of them.
    pub fn order_for(&self, number: u16, settings: &Settings, now: Now, limit: usize) -> Vec<Pick> {
        let Some(counter) = self.counter(number) else { return Vec::new() };
        let waiting = self.waiting();
        let recent = self.recent_classes(number);
        let caller = Caller { counter: number, classes: &counter.classes, recent: &recent };
        queue::order(&waiting, caller, settings, now, limit)
    }

    /// How many of the same class wait and were drawn earlier.
    pub fn ahead_of(&self, ticket: &Ticket) -> usize {
        let waits = |other: &&Ticket| matches!(other.state, TicketState::Waiting { .. });
        let before = |other: &&Ticket| (other.drawn_at, other.number) < (ticket.drawn_at, ticket.number);
        let tickets = self.tickets.iter().map(|found| &found.ticket);
        tickets.filter(waits).filter(|other| other.class == ticket.class).filter(before).count()
    }

    /// What each class has waited today.
    pub fn waits(&self, settings: &Settings, now: DateTime<Utc>) -> Vec<ClassWait> {
        let tickets = self.tickets.iter().map(|found| &found.ticket);
        waits::of(&tickets, settings.queue_classes.iter().map(|rule| rule.letter), now)
    }

    /// The tickets as the policy looks at them.
    fn waiting(&self) -> Vec<WaitingTicket<'_>> {
        let calls_since = |found: &QueueTicket| {
            let TicketState::Absent { since } = found.ticket.state else { return 0 };
            let is_later = |other: &&QueueTicket| {
                other.ticket.class == found.ticket.class && other.last_call.is_some_and(|it| it.at > since)
            };
            self.tickets.iter().filter(is_later).count()
        };
        let tickets = self.tickets.iter();
        tickets
            .map(|it| WaitingTicket { ticket: &it.ticket, slot: it.slot, calls_since: calls_since(it) })
            .collect()
    }

    /// The classes a counter has called today, the latest last.
    fn recent_classes(&self, counter: u16) -> Vec<QueueClass> {
        let calls = self.tickets.iter().filter_map(|t| Some((t.last_call?, t.ticket.class)));
        let mut here: Vec<_> = calls.filter(|(call, _)| call.counter == counter).collect();
        here.sort_by_key(|(call, _)| call.at);
        here.into_iter().map(|(_, class)| class).collect()
    }
}
