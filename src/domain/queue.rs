//! Who is called next, and why: so that the hall can be told and no class is starved.
//!
//! Knows nothing of names. The order the applicants booked in plays no part (DOMAIN.md §2.2): what counts is the turn
//! a ticket was drawn in, the window it was booked for, and the share a class is owed.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::booking::Slot;
use super::office::Zone;
use super::setting::Settings;
use super::ticket::{QueueClass, Ticket, TicketNumber, TicketState};

pub mod waits;

/// A ticket of today, as far as the policy looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingTicket<'a> {
    /// The ticket; one that is not to be called is passed over.
    pub ticket: &'a Ticket,
    /// The window it was booked for; none for a walk-in.
    pub slot: Option<Slot>,
    /// How many other tickets of its class were called since it last changed.
    pub calls_since: usize,
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

/// Now, on both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The instant.
    pub at: DateTime<Utc>,
    /// The same on the office's wall clock.
    pub wall: NaiveDateTime,
}

impl Now {
    /// An instant at an office.
    pub fn of(at: DateTime<Utc>, zone: Zone) -> Self {
        Self { at, wall: zone.local(at).naive_local() }
    }
}

/// Why a ticket is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PickReason {
    /// A transfer asked for this very counter.
    ForThisCounter,
    /// Its class is owed its share of the calls: at least every n-th.
    Share {
        /// The n.
        every: u16,
    },
    /// It was put aside, and its time has come.
    BackFromHold,
    /// Its holder did not come when called and gets another turn.
    BackFromAbsence,
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

/// Picks the next ticket for a counter; `None` when nobody waits in its classes.
pub fn pick(
    waiting: &[WaitingTicket<'_>],
    caller: Caller<'_>,
    settings: &Settings,
    now: Now,
) -> Option<Pick> {
    let open = callable(waiting, caller, settings, now);
    pick_of(&open, caller.recent, settings, now)
}

/// The order in which a counter would call those who wait, if nothing changed and no other counter called: at most
/// `limit` of them. So every ticket of a list can say why it stands where it does.
pub fn order(
    waiting: &[WaitingTicket<'_>],
    caller: Caller<'_>,
    settings: &Settings,
    now: Now,
    limit: usize,
) -> Vec<Pick> {
    let mut open = callable(waiting, caller, settings, now);
    let mut recent = caller.recent.to_vec();
    let mut order = Vec::new();
    while order.len() < limit
        && let Some(pick) = pick_of(&open, &recent, settings, now)
    {
        if let Some(at) = open.iter().position(|waiting| waiting.ticket.number == pick.number) {
            recent.push(open.remove(at).ticket.class);
        }
        order.push(pick);
    }
    order
}

fn callable<'w, 'a>(
    waiting: &'w [WaitingTicket<'a>],
    caller: Caller<'_>,
    settings: &Settings,
    now: Now,
) -> Vec<&'w WaitingTicket<'a>> {
    let is_theirs = |ticket: &Ticket| match ticket.only_counter {
        Some(only) => only == caller.counter,
        None => caller.classes.contains(&ticket.class),
    };
    waiting.iter().filter(|it| is_theirs(it.ticket) && is_to_be_called(it, settings, now)).collect()
}

/// Whether a ticket is to be called by itself: it waits, its time aside is over, or it has been absent long enough.
pub fn is_to_be_called(waiting: &WaitingTicket<'_>, settings: &Settings, now: Now) -> bool {
    match waiting.ticket.state {
        TicketState::Waiting { .. } => true,
        TicketState::Held { until, .. } => until.is_some_and(|until| until <= now.at),
        TicketState::Absent { since } => {
            let (calls, minutes) = (settings.absent_return_calls, settings.absent_return_minutes);
            let called = calls > 0 && waiting.calls_since >= usize::from(calls);
            let waited = minutes > 0 && now.at - since >= TimeDelta::minutes(minutes.into());
            waiting.ticket.absences <= settings.absent_returns_max && (called || waited)
        }
        TicketState::Called { .. } | TicketState::Serving { .. } | TicketState::Finished { .. } => false,
    }
}

fn pick_of(
    open: &[&WaitingTicket<'_>],
    recent: &[QueueClass],
    settings: &Settings,
    now: Now,
) -> Option<Pick> {
    let oldest = |reason, fits: &dyn Fn(&WaitingTicket<'_>) -> bool| {
        let fitting = open.iter().filter(|waiting| fits(waiting));
        let first = fitting.min_by_key(|waiting| (waiting.ticket.drawn_at, waiting.ticket.number))?;
        // Whoever comes back keeps the turn they drew, and the sentence says why they stand so far ahead.
        let reason = match (&first.ticket.state, reason) {
            (TicketState::Held { .. }, PickReason::OldestDue | PickReason::OldestEarly) => {
                PickReason::BackFromHold
            }
            (TicketState::Absent { .. }, PickReason::OldestDue | PickReason::OldestEarly) => {
                PickReason::BackFromAbsence
            }
            (_, reason) => reason,
        };
        Some(Pick { number: first.ticket.number, reason })
    };
    let owed = owed(open, recent, settings);
    oldest(PickReason::ForThisCounter, &|waiting| waiting.ticket.only_counter.is_some())
        .or_else(|| {
            let (class, every) = owed?;
            oldest(PickReason::Share { every }, &|waiting| waiting.ticket.class == class)
        })
        .or_else(|| oldest(PickReason::OldestDue, &|waiting| is_due(waiting.slot, now)))
        .or_else(|| oldest(PickReason::OldestEarly, &|_| true))
}

/// Whether a window has begun; whoever has none need not wait for it.
pub fn is_due(slot: Option<Slot>, now: Now) -> bool {
    slot.is_none_or(|slot| slot.day.and_time(slot.from) <= now.wall)
}

/// The waiting class that is owed its share, and that share. Of several the one that has waited longest for it,
/// measured by its share, then the first letter.
fn owed(
    open: &[&WaitingTicket<'_>],
    recent: &[QueueClass],
    settings: &Settings,
) -> Option<(QueueClass, u16)> {
    let mut classes: Vec<QueueClass> = open.iter().map(|waiting| waiting.ticket.class).collect();
    classes.sort();
    classes.dedup();
    let owed = classes.into_iter().rev().filter_map(|class| {
        let every = settings.share_of(class)?;
        let others = recent.iter().rev().take_while(|called| **called != class).count();
        let is_owed = others >= usize::from(every.saturating_sub(1));
        is_owed.then(|| (others * 1000 / usize::from(every.max(1)), class, every))
    });
    owed.max_by_key(|(urgency, _, _)| *urgency).map(|(_, class, every)| (class, every))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ticket::Stage;
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
            absences: 0,
            called_at: None,
            last: None,
        }
    }

    fn waits(ticket: &Ticket, slot: Option<Slot>) -> WaitingTicket<'_> {
        WaitingTicket { ticket, slot, calls_since: 0 }
    }

    /// Nine o'clock on the office's wall.
    fn nine() -> Now {
        Now::of("2026-11-23T02:00:00Z".parse().unwrap(), Zone::Wib)
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
        let caller = Caller { counter: 3, classes, recent };
        pick(waiting, caller, &Settings::default(), nine()).map(|pick| (pick.number.to_string(), pick.reason))
    }

    #[test]
    fn the_oldest_ticket_whose_window_has_begun_comes_first() {
        let (early, due, later) = (
            ticket(QueueClass::BOOKED, 1, 0),
            ticket(QueueClass::BOOKED, 2, 5),
            ticket(QueueClass::BOOKED, 3, 6),
        );
        let waiting = [
            waits(&early, Some(slot("13:00:00"))),
            waits(&later, Some(slot("08:00:00"))),
            waits(&due, Some(slot("09:00:00"))),
        ];
        assert_eq!(picked(&waiting, &BOTH, &[]), Some(("A002".into(), PickReason::OldestDue)));
        assert_eq!(picked(&waiting[..1], &BOTH, &[]), Some(("A001".into(), PickReason::OldestEarly)));
    }

    #[test]
    fn every_third_call_is_for_a_priority_class_while_somebody_of_it_waits() {
        let (booked, priority) = (ticket(QueueClass::BOOKED, 1, 0), ticket(QueueClass::PRIORITY, 1, 9));
        let waiting = [waits(&booked, None), waits(&priority, None)];
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
        let waiting = [&elsewhere, &oldest, &sent].map(|ticket| waits(ticket, None));
        assert_eq!(picked(&waiting, &BOTH, &[]), Some(("E007".into(), PickReason::ForThisCounter)));
        assert_eq!(picked(&waiting[..1], &BOTH, &[]), None);
    }

    #[test]
    fn a_ticket_that_does_not_wait_or_is_of_another_class_is_passed_over() {
        let mut called = ticket(QueueClass::BOOKED, 1, 0);
        called.state = TicketState::Called { counter: 1, at: called.drawn_at, times: 1 };
        let other = ticket(QueueClass::SAME_DAY, 1, 0);
        let waiting = [&called, &other].map(|ticket| waits(ticket, None));
        assert_eq!(picked(&waiting, &BOTH, &[]), None);
    }
    #[test]
    fn every_class_with_a_share_gets_it_however_many_others_wait() {
        let settings = Settings::default();
        let (a, b, c, e) =
            (QueueClass::BOOKED, QueueClass::PRIORITY, QueueClass::SAME_DAY, QueueClass::EXAMINATION);
        let mut tickets: Vec<Ticket> = (1..=40).map(|serial| ticket(a, serial, 0)).collect();
        for class in [b, c, e] {
            tickets.extend((1..=10).map(|serial| ticket(class, serial, 30)));
        }
        let waiting: Vec<_> = tickets.iter().map(|ticket| waits(ticket, None)).collect();
        let caller = Caller { counter: 3, classes: &[a, b, c, e], recent: &[] };
        let picks = order(&waiting, caller, &settings, nine(), 24);
        let classes: String = picks.iter().map(|pick| pick.number.class.letter()).collect();
        for (class, every) in [('B', 3), ('C', 4), ('E', 6)] {
            let longest = classes.split(class).map(str::len).max().unwrap();
            assert!(longest < every + 2, "{class} waits for {longest} others: {classes}");
        }
        assert!(classes.matches('A').count() >= 4, "and nobody is starved by the shares: {classes}");
        assert!(picks.iter().any(|pick| pick.reason == PickReason::Share { every: 4 }));
        assert_eq!(picks[0], pick(&waiting, caller, &settings, nine()).unwrap());
        assert_eq!(order(&waiting, caller, &settings, nine(), 500).len(), tickets.len());
    }

    #[test]
    fn who_was_absent_comes_back_after_so_many_calls_or_minutes_and_not_for_ever() {
        let settings = Settings::default();
        let now = nine();
        let absent = |minutes: i64, absences| {
            let mut absent = ticket(QueueClass::BOOKED, 1, 0);
            absent.state = TicketState::Absent { since: now.at - TimeDelta::minutes(minutes) };
            Ticket { absences, ..absent }
        };
        for (minutes, absences, calls_since, expected) in
            [(14, 1, 4, false), (14, 1, 5, true), (15, 1, 0, true), (60, 2, 9, true), (60, 3, 9, false)]
        {
            let ticket = absent(minutes, absences);
            let waiting = WaitingTicket { ticket: &ticket, slot: None, calls_since };
            assert_eq!(
                is_to_be_called(&waiting, &settings, now),
                expected,
                "{minutes} {absences} {calls_since}"
            );
        }
        let never = Settings { absent_return_calls: 0, absent_return_minutes: 0, ..Settings::default() };
        let ticket = absent(600, 1);
        assert!(!is_to_be_called(
            &WaitingTicket { ticket: &ticket, slot: None, calls_since: 99 },
            &never,
            now
        ));
        let back = absent(20, 1);
        assert_eq!(
            picked(&[waits(&back, None)], &BOTH, &[]),
            Some(("A001".into(), PickReason::BackFromAbsence))
        );
    }

    #[test]
    fn what_was_put_aside_comes_back_when_its_clock_has_run_out() {
        let now = nine();
        let mut aside = ticket(QueueClass::BOOKED, 1, 0);
        let other = ticket(QueueClass::BOOKED, 2, 1);
        for (until, expected) in [
            (None, ("A002", PickReason::OldestDue)),
            (Some(now.at + TimeDelta::minutes(1)), ("A002", PickReason::OldestDue)),
            (Some(now.at), ("A001", PickReason::BackFromHold)),
        ] {
            aside.state = TicketState::Held { since: aside.drawn_at, until };
            let waiting = [waits(&aside, None), waits(&other, None)];
            let (number, reason) = picked(&waiting, &BOTH, &[]).unwrap();
            assert_eq!((number.as_str(), reason), expected);
        }
    }
}
