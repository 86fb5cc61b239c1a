//! `/display/{board}`: a board of the hall and its stream of events. Numbers and counters only: never a name, never an
//! application's number.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::acts::Answer;
use super::app::OfficeApp;
use crate::domain::board::{self, BoardSet, Direction, NoticeShown, Sound, Theme};
use crate::domain::office::Zone;
use crate::domain::ticket::TicketState;
use crate::domain::voice;
use crate::office::store::{LastCall, Queue, QueueTicket};
use crate::web::assets;
use crate::web::errors::Problem;
use crate::web::live::{self, Event};
use crate::web::page::{Shell, show};
use crate::web::serve::Stopping;
use crate::web::words::{L10n, L10nLanguage};

/// How often a quiet stream says that it is there: a display that hears nothing for twice as long says so.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// How many calls a display is told of: it shows each for a while even when many come at once.
const CALLS_MAX: usize = 12;
/// How many who did not come stand in the foot, the latest first: more would take the room of the calls.
const MISSED_MAX: usize = 8;
/// The files a board is made of: a newer program has others, and a board that hangs asks for its page again.
const FILES: [&str; 5] = ["display.css", "display.js", "display-sound.js", "hall.ogg", "hall.json"];

/// The page.
#[derive(Template)]
#[template(path = "office/displays/display.html")]
pub struct DisplayPage {
    words: &'static L10nLanguage,
    language: L10n,
    title: String,
    board: String,
    day: String,
    clock: String,
    separator: &'static str,
    wall_ms: i64,
    columns: u16,
    rows_max: u16,
    look: &'static str,
    sound: &'static str,
    page: String,
    calls: Vec<Call>,
    missed: Vec<String>,
    waits: Vec<WaitShown>,
    notices: Vec<Notice>,
    icon: String,
    style: String,
    script: String,
    sounds: String,
    table: String,
}

/// A class of the foot, with its longest wait in minutes.
pub struct WaitShown {
    letter: char,
    count: usize,
    longest: i64,
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
    /// When, on the office's wall clock, as if it were UTC.
    pub at: i64,
    /// The sounds that say it.
    pub say: Vec<String>,
}

/// Those who wait in a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wait {
    /// The class.
    pub letter: char,
    /// How many.
    pub count: usize,
    /// Since when the one has waited who waits longest, as [`Call::at`].
    pub since: i64,
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// What it says.
    pub text: String,
    /// Until when, as [`Call::at`].
    pub until: Option<i64>,
}

/// What a display shows, as its script reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Board {
    /// Which page this belongs to.
    page: String,
    calls: Vec<Call>,
    missed: Vec<String>,
    waits: Vec<Wait>,
    notices: Vec<Notice>,
}

/// An instant on the office's wall clock, in milliseconds as if it were UTC: the machine behind a display may stand in
/// another zone.
fn wall_ms(zone: Zone, at: DateTime<Utc>) -> i64 {
    zone.local(at).naive_local().and_utc().timestamp_millis()
}

impl Board {
    /// Reads a board off a queue. A ticket that went back into the queue, or whose holder did not come, is no call.
    pub fn of(queue: &Queue, set: &BoardSet, zone: Zone) -> Self {
        let shown = || queue.tickets.iter().filter(|found| set.shows(&found.ticket));
        let mut called: Vec<(LastCall, &QueueTicket)> = shown()
            .filter(|found| !found.ticket.state.is_off_the_counters())
            .filter_map(|found| Some((found.last_call?, found)))
            .collect();
        called.sort_by_key(|(call, found)| std::cmp::Reverse((call.at, found.ticket.number)));
        let calls = called.into_iter().take(CALLS_MAX).map(|(call, found)| Call {
            id: format!("{}-{}-{}", queue.day, found.ticket.number, call.times),
            number: found.ticket.number.to_string(),
            counter: call.counter,
            at: wall_ms(zone, call.at),
            say: voice::call(&found.ticket.number, call.counter),
        });
        let absent = shown().filter_map(|found| match found.ticket.state {
            TicketState::Absent { since } => Some((since, found.ticket.number)),
            _ => None,
        });
        let mut absent: Vec<_> = absent.collect();
        absent.sort_by(|a, b| b.cmp(a));
        let mut waits: Vec<Wait> = Vec::new();
        for found in shown().filter(|found| matches!(found.ticket.state, TicketState::Waiting { .. })) {
            let (letter, since) = (found.ticket.class.letter(), wall_ms(zone, found.ticket.drawn_at));
            match waits.iter_mut().find(|wait| wait.letter == letter) {
                Some(wait) => (wait.count, wait.since) = (wait.count + 1, wait.since.min(since)),
                None => waits.push(Wait { letter, count: 1, since }),
            }
        }
        waits.sort_by_key(|wait| wait.letter);
        Self {
            page: version(set),
            calls: calls.collect(),
            missed: absent.iter().take(MISSED_MAX).map(|(_, number)| number.to_string()).collect(),
            waits,
            notices: Vec::new(),
        }
    }

    /// With the notices that are not over.
    fn with_notices(self, notices: Vec<NoticeShown>, zone: Zone, now: DateTime<Utc>) -> Self {
        let open = notices.into_iter().filter(|notice| notice.until.is_none_or(|until| until > now));
        let told = |notice: NoticeShown| Notice {
            text: notice.text,
            until: notice.until.map(|until| wall_ms(zone, until)),
        };
        Self { notices: open.map(told).collect(), ..self }
    }

    /// As the display's script reads it.
    pub fn told(&self) -> String {
        // Texts and numbers always become JSON; an empty object only makes the display wait for the next event.
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }
}

/// Tells one page of a board from another: of other settings, or of another program.
fn version(set: &BoardSet) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(serde_json::to_string(set).unwrap_or_default().as_bytes());
    for name in FILES {
        hasher.update(assets::address(name).as_bytes());
    }
    hasher.finalize().to_hex().as_str()[..12].to_owned()
}

impl DisplayPage {
    /// Draws the wall as it is now.
    pub fn of(shell: &Shell, set: &BoardSet, mut wall: Board) -> Self {
        let now = shell.dates.zone.local(shell.now);
        let (layout, wall_ms) = (set.layout(), wall_ms(shell.dates.zone, shell.now));
        wall.calls.truncate(layout.calls().into());
        let waits = wall.waits.iter().map(|wait| WaitShown {
            letter: wait.letter,
            count: wait.count,
            longest: (wall_ms - wait.since).max(0) / 60_000,
        });
        Self {
            words: shell.words,
            language: shell.language,
            title: if set.title.is_empty() { shell.place.clone() } else { set.title.clone() },
            board: set.name.clone(),
            day: shell.dates.long_day(now.date_naive()),
            clock: shell.dates.clock(shell.now),
            separator: if shell.language == L10n::Id { "." } else { ":" },
            wall_ms,
            columns: layout.columns,
            rows_max: layout.calls(),
            look: look(set),
            sound: match set.sound {
                Sound::Voice => "voice",
                Sound::Chime => "chime",
                Sound::Silent => "silent",
            },
            page: wall.page,
            calls: wall.calls,
            missed: wall.missed,
            waits: waits.collect(),
            notices: wall.notices,
            icon: shell.asset("icon.svg"),
            style: shell.asset("display.css"),
            script: shell.asset("display.js"),
            sounds: shell.asset("hall.ogg"),
            table: shell.asset("hall.json"),
        }
    }
}

fn look(set: &BoardSet) -> &'static str {
    match (set.theme, set.direction) {
        (Theme::Dark, Direction::Landscape) => "dark landscape",
        (Theme::Dark, Direction::Portrait) => "dark portrait",
        (Theme::Light, Direction::Landscape) => "light landscape",
        (Theme::Light, Direction::Portrait) => "light portrait",
    }
}

/// `GET /display/{board}`.
pub async fn read(app: Data<OfficeApp>, shell: Shell, name: Path<String>) -> Answer {
    let set = set_up(&app, &name)?;
    let wall = wall(&app, &set)?;
    show(&DisplayPage::of(&shell, &set, wall))
}

/// `GET /display/{board}/layout.css`: how high its letters are. A style of its own, because no page holds one inline.
pub async fn layout(app: Data<OfficeApp>, name: Path<String>) -> Answer {
    let layout = set_up(&app, &name)?.layout();
    let (columns, rows, font) = (layout.columns, layout.rows, layout.font_percent);
    let style = format!(":root {{ --columns: {columns}; --rows: {rows}; --font: {font:.2}; }}\n");
    Ok(HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(style))
}

/// `GET /display/{board}/events`: the wall at once, and again with every change.
pub async fn events(
    app: Data<OfficeApp>,
    stopping: Data<Stopping>,
    name: Path<String>,
) -> Result<HttpResponse, Problem> {
    set_up(&app, &name)?;
    let changes = app.store.changes();
    let read = move |id| {
        // A queue that cannot be read is not shown as an empty one: the display hears that it is out of date.
        match set_up(&app, &name).and_then(|set| wall(&app, &set)) {
            Ok(wall) => Event { id, name: "board", data: wall.told() },
            Err(_) => Event { id, name: "trouble", data: String::new() },
        }
    };
    Ok(live::stream(changes, stopping.0.clone(), HEARTBEAT, read))
}

/// The board as it is set up; one that nobody has set up shows everything.
fn set_up(app: &OfficeApp, name: &str) -> Result<BoardSet, Problem> {
    if !board::is_name(name) {
        return Err(Problem::NoPage);
    }
    Ok(app.store.board(name)?.unwrap_or_else(|| BoardSet::unset(name)))
}

fn wall(app: &OfficeApp, set: &BoardSet) -> Result<Board, Problem> {
    let zone = app.store.office().zone;
    let mut notices = app.store.notices()?;
    notices.retain(|notice| notice.board.is_empty() || notice.board == set.name);
    Ok(Board::of(&app.store.queue(app.today())?, set, zone).with_notices(notices, zone, app.now()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ticket::{QueueClass, Stage};
    use crate::office::web::preview;
    use crate::web::page::sample;

    fn queue() -> Queue {
        preview::queue(TicketState::Called { counter: 2, at: sample::now(), times: 2 })
    }

    fn wall(queue: &Queue, set: &BoardSet) -> Board {
        Board { page: "page".to_owned(), ..Board::of(queue, set, Zone::Wib) }
    }

    #[test]
    fn the_wall_shows_numbers_and_counters_and_no_names() {
        let set = BoardSet::unset("utama");
        let page = DisplayPage::of(&preview::shell("/display/utama"), &set, wall(&queue(), &set));
        let whole = sample::whole(&page);
        assert!(!whole.contains("Nurhaliza") && !whole.contains("1179"));
        insta::assert_snapshot!(whole);
    }

    #[test]
    fn the_latest_call_comes_first_and_a_repeated_call_is_a_new_one() {
        let told = wall(&queue(), &BoardSet::unset("utama"));
        let ids: Vec<&str> = told.calls.iter().map(|call| call.id.as_str()).collect();
        let expected = ["A004-2", "D001-1", "B001-1", "A002-1", "A001-1"];
        assert_eq!(ids, expected.map(|id| format!("2026-11-23-{id}")));
        assert_eq!(told.calls[0].say.join(" "), "nomor-antrean a nol nol empat silakan-ke loket dua");
        assert_eq!(told.missed, ["A003"]);
        let waits: Vec<(char, usize)> = told.waits.iter().map(|wait| (wait.letter, wait.count)).collect();
        assert_eq!(waits, [('A', 4), ('B', 1), ('D', 1)]);
    }

    #[test]
    fn a_board_shows_the_classes_and_stages_it_was_set_up_for() {
        let collection = BoardSet { stages: [Stage::Collection].into(), ..BoardSet::unset("ambil") };
        let priority = BoardSet { classes: [QueueClass::PRIORITY].into(), ..BoardSet::unset("prioritas") };
        let numbers = |set: &BoardSet| {
            let told = wall(&queue(), set);
            let calls: Vec<String> = told.calls.into_iter().map(|call| call.number).collect();
            (calls.join(" "), told.missed.len(), told.waits.len())
        };
        assert_eq!(numbers(&collection), ("D001".to_owned(), 0, 1));
        assert_eq!(numbers(&priority), ("B001".to_owned(), 0, 1));
    }

    #[test]
    fn a_ticket_that_went_back_into_the_queue_leaves_the_wall() {
        let mut queue = queue();
        let since = sample::now();
        for state in [TicketState::Waiting { since }, TicketState::Held { since, until: None }] {
            queue.tickets[3].ticket.state = state;
            assert!(wall(&queue, &BoardSet::unset("utama")).calls.iter().all(|call| call.number != "A004"));
        }
    }

    #[test]
    fn a_notice_that_is_over_is_not_told_and_a_board_set_up_anew_is_another_page() {
        let now = sample::now();
        let notice = |text: &str, until| NoticeShown { board: String::new(), text: text.into(), until };
        let minute = chrono::TimeDelta::minutes(1);
        let notices = vec![
            notice("lama", Some(now - minute)),
            notice("masih", Some(now + minute)),
            notice("tetap", None),
        ];
        let set = BoardSet::unset("utama");
        let told = Board::of(&queue(), &set, Zone::Wib).with_notices(notices, Zone::Wib, now);
        let texts: Vec<&str> = told.notices.iter().map(|notice| notice.text.as_str()).collect();
        assert_eq!(texts, ["masih", "tetap"]);
        let light = BoardSet { theme: Theme::Light, ..set.clone() };
        assert_ne!(version(&light), version(&set));
    }

    #[test]
    fn everything_that_can_be_said_has_a_sound() {
        let table: serde_json::Value =
            serde_json::from_str(include_str!("../../../static/sounds/hall.json")).unwrap();
        let letters = ('A'..='Z').filter_map(QueueClass::parse);
        let day = "2026-11-23".parse().unwrap();
        for class in letters {
            for serial in 0..=1_010 {
                let number = crate::domain::ticket::TicketNumber { day, class, serial };
                for sound in voice::call(&number, serial) {
                    assert!(table[&sound][1].as_f64().unwrap() > 0.0, "{sound}");
                }
            }
        }
        assert!(table["chime"][1].as_f64().unwrap() > 0.0);
    }
}
