//! `/display/{board}`: the hall display and its stream of events. Numbers and counters only: never a name, never an
//! application's number.

use askama::Template;
use serde::Serialize;

use crate::domain::ticket::TicketState;
use crate::office::store::{LastCall, Queue, QueueTicket};
use crate::web::page::Shell;
use crate::web::words::{L10n, L10nLanguage};

/// How many calls hang on the wall.
const ROWS_MAX: usize = 6;
/// How many calls a display is told of: it shows each for a while even when many come at once.
const CALLS_MAX: usize = 12;

/// The page.
#[derive(Template)]
#[template(path = "office/displays/display.html")]
pub struct DisplayPage {
    words: &'static L10nLanguage,
    language: L10n,
    office: String,
    board: String,
    day: String,
    clock: String,
    separator: &'static str,
    wall_ms: i64,
    rows_max: usize,
    calls: Vec<Call>,
    missed: Vec<String>,
    waiting: usize,
    style: String,
    script: String,
}

/// A call on the wall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// Differs for every call, a repeated one included.
    pub id: String,
    /// The ticket.
    pub number: String,
    /// The counter.
    pub counter: u16,
}

/// What a display shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Board {
    /// The latest calls, newest first.
    pub calls: Vec<Call>,
    /// Tickets whose holders did not come.
    pub missed: Vec<String>,
    /// How many wait.
    pub waiting: usize,
}

#[derive(Serialize)]
struct Told<'a> {
    calls: &'a [Call],
    missed: &'a [String],
    waiting: String,
}

impl Board {
    /// Reads the wall off a queue. A ticket that went back into the queue, or whose holder did not come, is no call.
    pub fn of(queue: &Queue) -> Self {
        let mut called: Vec<(LastCall, &QueueTicket)> = queue
            .tickets
            .iter()
            .filter(|found| {
                !matches!(found.ticket.state, TicketState::Waiting { .. } | TicketState::Absent { .. })
            })
            .filter_map(|found| Some((found.last_call?, found)))
            .collect();
        called.sort_by_key(|(call, found)| std::cmp::Reverse((call.at, found.ticket.number)));
        let calls = called.into_iter().take(CALLS_MAX).map(|(call, found)| Call {
            id: format!("{}-{}-{}", queue.day, found.ticket.number, call.times),
            number: found.ticket.number.to_string(),
            counter: call.counter,
        });
        let count = |test: fn(&TicketState) -> bool| {
            queue.tickets.iter().filter(move |found| test(&found.ticket.state))
        };
        let absent = count(|state| matches!(state, TicketState::Absent { .. }));
        Self {
            calls: calls.collect(),
            missed: absent.map(|found| found.ticket.number.to_string()).collect(),
            waiting: count(|state| matches!(state, TicketState::Waiting { .. })).count(),
        }
    }

    /// As the display's script reads it.
    pub fn told(&self, words: &L10nLanguage) -> String {
        let waiting = words.display_waiting(self.waiting);
        let told = Told { calls: &self.calls, missed: &self.missed, waiting };
        // Texts and numbers always become JSON; an empty object only makes the display wait for the next event.
        serde_json::to_string(&told).unwrap_or_else(|_| "{}".to_owned())
    }
}

impl DisplayPage {
    /// Draws the wall as it is now.
    pub fn of(shell: &Shell, board: &str, mut wall: Board) -> Self {
        let now = shell.dates.zone.local(shell.now);
        wall.calls.truncate(ROWS_MAX);
        Self {
            words: shell.words,
            language: shell.language,
            office: shell.place.clone(),
            board: board.to_owned(),
            day: shell.dates.long_day(now.date_naive()),
            clock: shell.dates.clock(shell.now),
            separator: if shell.language == L10n::Id { "." } else { ":" },
            wall_ms: now.naive_local().and_utc().timestamp_millis(),
            rows_max: ROWS_MAX,
            calls: wall.calls,
            missed: wall.missed,
            waiting: wall.waiting,
            style: shell.asset("display.css"),
            script: shell.asset("display.js"),
        }
    }
}

/// Whether a text can name a board: letters, digits and hyphens.
pub fn is_board(name: &str) -> bool {
    !name.is_empty() && name.len() <= 32 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}
