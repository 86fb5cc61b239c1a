//! The queue of a day: tickets and counters, without names, so that it can be shown in a hall.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::application::ApplicationKey;
use crate::domain::booking::Slot;
use crate::domain::number::ApplicationNumber;
use crate::domain::queue::{self, Caller, Pick, WaitingTicket};
use crate::domain::setting::Settings;
use crate::domain::ticket::{QueueClass, Ticket, TicketNumber};

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
}

impl Queue {
    /// An open counter.
    pub fn counter(&self, number: u16) -> Option<&Counter> {
        self.counters.iter().find(|counter| counter.number == number)
    }

    /// The ticket an open counter calls next by the rules' policy, and why; `now` is on the office's wall clock.
    pub fn next_for(
        &self,
        number: u16,
        settings: &Settings,
        now: NaiveDateTime,
    ) -> Option<(&QueueTicket, Pick)> {
        let counter = self.counter(number)?;
        let waiting: Vec<WaitingTicket<'_>> =
            self.tickets.iter().map(|t| WaitingTicket { ticket: &t.ticket, slot: t.slot }).collect();
        let recent = self.recent_classes(number);
        let caller = Caller { counter: number, classes: &counter.classes, recent: &recent };
        let picked = queue::pick(&waiting, caller, settings, now)?;
        let ticket = self.tickets.iter().find(|ticket| ticket.ticket.number == picked.number)?;
        Some((ticket, picked))
    }

    /// The classes a counter has called today, the latest last.
    fn recent_classes(&self, counter: u16) -> Vec<QueueClass> {
        let calls = self.tickets.iter().filter_map(|t| Some((t.last_call?, t.ticket.class)));
        let mut here: Vec<_> = calls.filter(|(call, _)| call.counter == counter).collect();
        here.sort_by_key(|(call, _)| call.at);
        here.into_iter().map(|(_, class)| class).collect()
    }
}
