//! Who is called next, and why: so that the hall can be told and no class is starved.
//!
//! Knows nothing of names. The order the applicants booked in plays no part (DOMAIN.md §2.2): what counts is the turn
//! a ticket was drawn in, the window it was booked for, and the share a priority class is owed.

use chrono::NaiveDateTime;

use super::booking::Slot;
use super::setting::Settings;
use super::ticket::{QueueClass, Ticket, TicketNumber, TicketState};

/// A ticket that waits, as far as the policy looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingTicket<'a> {
    /// The ticket; one that does not wait is passed over.
    pub ticket: &'a Ticket,
    /// The window it was booked for; none for a walk-in.
    pub slot: Option<Slot>,
}

/// The counter that calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller<'a> {
    /// Its number.
    pub counter: u16,
    /// The classes it serves.
    pub classes: &'a [QueueClass],
    /// The classes of its calls today, the latest last.
    pub recent: &'a [QueueClass],
}

/// Why a ticket is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PickReason {
    /// A transfer asked for this very counter.
    ForThisCounter,
    /// A priority class is owed its share of the calls.
    PriorityShare,
    /// Its window has begun (or it has none), and it was drawn first.
    OldestDue,
    /// Nobody's window has begun, and it was drawn first.
    OldestEarly,
}

/// The ticket to call next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pick {
    /// Which.
    pub number: TicketNumber,
    /// Why.
    pub reason: PickReason,
}

/// Picks the next ticket for a counter; `None` when nobody waits in its classes. `now` is on the office's wall clock.
pub fn pick(
    waiting: &[WaitingTicket<'_>],
    caller: Caller<'_>,
    settings: &Settings,
    now: NaiveDateTime,
) -> Option<Pick> {
    let open: Vec<&WaitingTicket<'_>> =
        waiting.iter().filter(|waiting| may_be_called(waiting.ticket, caller)).collect();
    let oldest = |reason, fits: &dyn Fn(&WaitingTicket<'_>) -> bool| {
        let fitting = open.iter().filter(|waiting| fits(waiting));
        let first = fitting.min_by_key(|waiting| (waiting.ticket.drawn_at, waiting.ticket.number))?;
        Some(Pick { number: first.ticket.number, reason })
    };
    let is_due =
        |waiting: &WaitingTicket<'_>| waiting.slot.is_none_or(|slot| slot.day.and_time(slot.from) <= now);
    let is_priority = |class| settings.class(class).is_some_and(|rule| rule.priority);
    let owed = is_priority_owed(caller.recent, settings.priority_every_calls, &is_priority);

    oldest(PickReason::ForThisCounter, &|waiting| waiting.ticket.only_counter.is_some())
        .or_else(|| oldest(PickReason::PriorityShare, &|waiting| owed && is_priority(waiting.ticket.class)))
        .or_else(|| oldest(PickReason::OldestDue, &is_due))
        .or_else(|| oldest(PickReason::OldestEarly, &|_| true))
}

fn may_be_called(ticket: &Ticket, caller: Caller<'_>) -> bool {
    let waits = matches!(ticket.state, TicketState::Waiting { .. });
    waits
        && ticket
            .only_counter
            .map_or_else(|| caller.classes.contains(&ticket.class), |only| only == caller.counter)
}

/// Whether none of the counter's latest calls, one fewer than the share, was of a priority class.
fn is_priority_owed(recent: &[QueueClass], every: u16, is_priority: &dyn Fn(QueueClass) -> bool) -> bool {
    let others = usize::from(every.saturating_sub(1));
    recent.len() >= others && recent.iter().rev().take(others).all(|class| !is_priority(*class))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ticket::Stage;
    use chrono::{DateTime, Utc};

    const BOTH: [QueueClass; 2] = [QueueClass::BOOKED, QueueClass::PRIORITY];

    fn ticket(class: QueueClass, serial: u16, drawn_minute: u32) -> Ticket {
        let drawn_at: DateTime<Utc> = format!("2026-11-23T01:{drawn_minute:02}:00Z").parse().unwrap();
        Ticket {
            number: TicketNumber { day: "2026-11-23".parse().unwrap(), class, serial },
            class,
            stage: Stage::Interview,
            drawn_at,
            state: TicketState::Waiting { since: drawn_at },
            only_counter: None,
            note: String::new(),
        }
    }

    fn slot(from: &str) -> Slot {
        let day = "2026-11-23".parse().unwrap();
        Slot { day, from: from.parse().unwrap(), until: "16:00:00".parse().unwrap() }
    }

    fn picked(
        waiting: &[WaitingTicket<'_>],
        classes: &[QueueClass],
        recent: &[QueueClass],
    ) -> Option<(String, PickReason)> {
        let now = "2026-11-23T09:00:00".parse().unwrap();
        let caller = Caller { counter: 3, classes, recent };
        pick(waiting, caller, &Settings::default(), now).map(|pick| (pick.number.to_string(), pick.reason))
    }

    #[test]
    fn the_oldest_ticket_whose_window_has_begun_comes_first() {
        let (early, due, later) = (
            ticket(QueueClass::BOOKED, 1, 0),
            ticket(QueueClass::BOOKED, 2, 5),
            ticket(QueueClass::BOOKED, 3, 6),
        );
        let waiting = [
            WaitingTicket { ticket: &early, slot: Some(slot("13:00:00")) },
            WaitingTicket { ticket: &later, slot: Some(slot("08:00:00")) },
            WaitingTicket { ticket: &due, slot: Some(slot("09:00:00")) },
        ];
        assert_eq!(picked(&waiting, &BOTH, &[]), Some(("A002".into(), PickReason::OldestDue)));
        assert_eq!(picked(&waiting[..1], &BOTH, &[]), Some(("A001".into(), PickReason::OldestEarly)));
    }

    #[test]
    fn every_third_call_is_for_a_priority_class_while_somebody_of_it_waits() {
        let (booked, priority) = (ticket(QueueClass::BOOKED, 1, 0), ticket(QueueClass::PRIORITY, 1, 9));
        let waiting =
            [WaitingTicket { ticket: &booked, slot: None }, WaitingTicket { ticket: &priority, slot: None }];
        let (a, b) = (QueueClass::BOOKED, QueueClass::PRIORITY);
        let cases: [(&[QueueClass], &str); 5] =
            [(&[], "A001"), (&[a], "A001"), (&[a, a], "B001"), (&[a, b], "A001"), (&[b, a, a], "B001")];
        for (recent, expected) in cases {
            assert_eq!(picked(&waiting, &BOTH, recent).unwrap().0, expected, "{recent:?}");
        }
    }

    #[test]
    fn a_ticket_sent_to_a_counter_is_called_there_and_nowhere_else() {
        let mut sent = ticket(QueueClass::EXAMINATION, 7, 30);
        sent.only_counter = Some(3);
        let mut elsewhere = ticket(QueueClass::BOOKED, 1, 0);
        elsewhere.only_counter = Some(4);
        let oldest = ticket(QueueClass::BOOKED, 2, 1);
        let waiting = [&elsewhere, &oldest, &sent].map(|ticket| WaitingTicket { ticket, slot: None });
        assert_eq!(picked(&waiting, &BOTH, &[]), Some(("E007".into(), PickReason::ForThisCounter)));
        assert_eq!(picked(&waiting[..1], &BOTH, &[]), None);
    }

    #[test]
    fn a_ticket_that_does_not_wait_or_is_of_another_class_is_passed_over() {
        let mut called = ticket(QueueClass::BOOKED, 1, 0);
        called.state = TicketState::Called { counter: 1, at: called.drawn_at, times: 1 };
        let other = ticket(QueueClass::SAME_DAY, 1, 0);
        let waiting = [&called, &other].map(|ticket| WaitingTicket { ticket, slot: None });
        assert_eq!(picked(&waiting, &BOTH, &[]), None);
    }
}
