//! How long people wait: what each class has waited today, and what somebody who comes now can expect.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::ticket::{QueueClass, Ticket};

/// Calls of so long a time tell how fast a class moves now.
const RECENT_MINUTES: i64 = 60;
/// Fewer calls than this tell nothing about speed.
const CALLS_MIN: usize = 3;
/// What is expected is told in steps of so many minutes: nobody can know it better.
const STEP_MINUTES: i64 = 5;

/// The waits of a class today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassWait {
    /// The class people wait in now.
    pub class: QueueClass,
    /// How many wait.
    pub waiting: usize,
    /// How long the one has waited who waits longest, in minutes; 0 when nobody waits.
    pub longest_min: i64,
    /// How many were called.
    pub called: usize,
    /// What half of those who were called waited at most, in minutes; none before the first call.
    pub usual_min: Option<i64>,
    /// What somebody who comes now can expect, in minutes, rounded up; none while too little is known.
    pub expected_min: Option<i64>,
}

/// The waits of classes, from the tickets of a day. A wait ends with the first call that was not taken back.
pub fn of<'a>(
    tickets: &(impl Iterator<Item = &'a Ticket> + Clone),
    classes: impl Iterator<Item = QueueClass>,
    now: DateTime<Utc>,
) -> Vec<ClassWait> {
    classes
        .map(|class| of_class(tickets.clone().filter(|ticket| ticket.class == class), class, now))
        .collect()
}

fn of_class<'a>(
    tickets: impl Iterator<Item = &'a Ticket> + Clone,
    class: QueueClass,
    now: DateTime<Utc>,
) -> ClassWait {
    let waits = |ticket: &&Ticket| ticket.called_at.is_none() && ticket.state.is_off_the_counters();
    let waiting: Vec<&Ticket> = tickets.clone().filter(waits).collect();
    let longest = waiting.iter().map(|ticket| (now - ticket.drawn_at).num_minutes()).max();
    let calls: Vec<(DateTime<Utc>, i64)> = tickets
        .filter_map(|ticket| {
            let called_at = ticket.called_at?;
            Some((called_at, (called_at - ticket.drawn_at).num_minutes().max(0)))
        })
        .collect();
    let mut waited: Vec<i64> = calls.iter().map(|(_, minutes)| *minutes).collect();
    waited.sort_unstable();
    let usual_min = waited.get(waited.len().saturating_sub(1) / 2).copied();
    ClassWait {
        class,
        waiting: waiting.len(),
        longest_min: longest.unwrap_or(0).max(0),
        called: calls.len(),
        usual_min,
        expected_min: expected(&calls, waiting.len(), usual_min, now),
    }
}

/// Those ahead times the time between two calls in the last hour; what was usual today while calls are few.
fn expected(
    calls: &[(DateTime<Utc>, i64)],
    ahead: usize,
    usual_min: Option<i64>,
    now: DateTime<Utc>,
) -> Option<i64> {
    let from = now - TimeDelta::minutes(RECENT_MINUTES);
    let recent: Vec<DateTime<Utc>> = calls.iter().map(|(at, _)| *at).filter(|at| *at > from).collect();
    let minutes = match recent.iter().min() {
        Some(first) if recent.len() >= CALLS_MIN => {
            let per_call_seconds = (now - *first).num_seconds() / i64::try_from(recent.len()).ok()?;
            i64::try_from(ahead).ok()?.saturating_mul(per_call_seconds) / 60
        }
        _ => usual_min?,
    };
    Some(
        minutes.div_euclid(STEP_MINUTES) * STEP_MINUTES
            + if minutes % STEP_MINUTES > 0 { STEP_MINUTES } else { 0 },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ticket::{Stage, TicketNumber, TicketState};

    fn now() -> DateTime<Utc> {
        "2026-11-23T02:00:00Z".parse().unwrap()
    }

    /// Drawn and called so many minutes ago.
    fn ticket(serial: u16, drawn: i64, called: Option<i64>) -> Ticket {
        let ago = |minutes| now() - TimeDelta::minutes(minutes);
        let class = QueueClass::BOOKED;
        let state = match called {
            Some(minutes) => TicketState::Finished { at: ago(minutes) },
            None => TicketState::Waiting { since: ago(drawn) },
        };
        Ticket {
            number: TicketNumber { day: "2026-11-23".parse().unwrap(), class, serial },
            class,
            stage: Stage::Interview,
            drawn_at: ago(drawn),
            state,
            only_counter: None,
            note: String::new(),
            absences: 0,
            called_at: called.map(ago),
            last: None,
        }
    }

    fn booked(tickets: &[Ticket]) -> ClassWait {
        of(&tickets.iter(), [QueueClass::BOOKED, QueueClass::PRIORITY].into_iter(), now())[0]
    }

    #[test]
    fn a_class_tells_what_was_waited_and_what_is_to_be_expected() {
        // Calls 40, 30, 20 and 10 minutes ago: one in ten minutes. Three wait: half an hour.
        let mut tickets: Vec<Ticket> =
            (1..=4).map(|n| ticket(n, 60 - i64::from(n), Some(50 - 10 * i64::from(n)))).collect();
        tickets.extend([ticket(5, 25, None), ticket(6, 12, None), ticket(7, 3, None)]);
        let wait = booked(&tickets);
        assert_eq!((wait.waiting, wait.longest_min, wait.called), (3, 25, 4));
        assert_eq!((wait.usual_min, wait.expected_min), (Some(28), Some(30)));
    }

    #[test]
    fn with_few_calls_the_usual_wait_is_expected_and_with_none_nothing_is_said() {
        let none = booked(&[ticket(1, 8, None)]);
        assert_eq!((none.usual_min, none.expected_min), (None, None));
        let few = booked(&[ticket(1, 30, Some(18)), ticket(2, 8, None)]);
        assert_eq!((few.usual_min, few.expected_min), (Some(12), Some(15)));
        let nobody = of(&[].into_iter(), [QueueClass::PRIORITY].into_iter(), now())[0];
        assert_eq!((nobody.waiting, nobody.longest_min, nobody.expected_min), (0, 0, None));
    }

    #[test]
    fn who_was_absent_or_put_aside_after_a_call_waits_no_more() {
        let mut absent = ticket(1, 30, Some(20));
        absent.state = TicketState::Absent { since: now() };
        let mut aside = ticket(2, 30, None);
        aside.state = TicketState::Held { since: now(), until: None };
        assert_eq!(booked(&[absent, aside]).waiting, 1);
    }
}
