//! `/display/{board}`: the hall display and its stream of events. Numbers and counters only: never a name, never an
//! application's number.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Serialize;

use super::acts::Answer;
use super::app::OfficeApp;
use crate::domain::ticket::TicketState;
use crate::office::store::{LastCall, Queue, QueueTicket};
use crate::web::errors::Problem;
use crate::web::live::{self, Event};
use crate::web::page::{Shell, show};
use crate::web::serve::Stopping;
use crate::web::words::{L10n, L10nLanguage};

/// How often a quiet stream says that it is there: a display that hears nothing for twice as long says so.
const HEARTBEAT: Duration = Duration::from_secs(2);
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
    icon: String,
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
            icon: shell.asset("icon.svg"),
            style: shell.asset("display.css"),
            script: shell.asset("display.js"),
        }
    }
}

/// `GET /display/{board}`.
pub async fn read(app: Data<OfficeApp>, shell: Shell, board: Path<String>) -> Answer {
    let wall = wall(&app, &board)?;
    show(&DisplayPage::of(&shell, &board, wall))
}

/// `GET /display/{board}/events`: the wall at once, and again with every change.
pub async fn events(
    app: Data<OfficeApp>,
    shell: Shell,
    stopping: Data<Stopping>,
    board: Path<String>,
) -> Result<HttpResponse, Problem> {
    wall(&app, &board)?;
    let changes = app.store.changes();
    let read = move |id| {
        // A queue that cannot be read is not shown as an empty one: the display hears that it is out of date.
        match wall(&app, &board) {
            Ok(wall) => Event { id, name: "board", data: wall.told(shell.words) },
            Err(_) => Event { id, name: "trouble", data: String::new() },
        }
    };
    Ok(live::stream(changes, stopping.0.clone(), HEARTBEAT, read))
}

fn wall(app: &OfficeApp, board: &str) -> Result<Board, Problem> {
    if !is_board(board) {
        return Err(Problem::NoPage);
    }
    Ok(Board::of(&app.store.queue(app.today())?))
}

/// Whether a text can name a board: letters, digits and hyphens.
pub fn is_board(name: &str) -> bool {
    !name.is_empty() && name.len() <= 32 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::office::web::preview;
    use crate::web::page::sample;

    fn queue() -> Queue {
        preview::queue(TicketState::Called { counter: 2, at: sample::now(), times: 2 })
    }

    #[test]
    fn the_wall_shows_numbers_and_counters_and_no_names() {
        let page = DisplayPage::of(&preview::shell("/display/utama"), "utama", Board::of(&queue()));
        let whole = sample::whole(&page);
        assert!(!whole.contains("Nurhaliza") && !whole.contains("1179"));
        insta::assert_snapshot!(whole);
    }

    #[test]
    fn the_latest_call_comes_first_and_a_repeated_call_is_a_new_one() {
        let board = Board::of(&queue());
        insta::assert_snapshot!(board.told(preview::shell("/").words), @r#"{"calls":[{"id":"2026-11-23-A004-2","number":"A004","counter":2},{"id":"2026-11-23-D001-1","number":"D001","counter":5},{"id":"2026-11-23-B001-1","number":"B001","counter":1},{"id":"2026-11-23-A002-1","number":"A002","counter":2},{"id":"2026-11-23-A001-1","number":"A001","counter":2}],"missed":["A003"],"waiting":"6 menunggu"}"#);
    }

    #[test]
    fn a_ticket_that_went_back_into_the_queue_leaves_the_wall() {
        let mut queue = queue();
        queue.tickets[3].ticket.state = TicketState::Waiting { since: sample::now() };
        assert!(Board::of(&queue).calls.iter().all(|call| call.number != "A004"));
    }

    #[test]
    fn a_board_has_a_plain_name() {
        assert!(is_board("lantai-2") && !is_board("") && !is_board("a/b") && !is_board("<b>"));
    }
}
