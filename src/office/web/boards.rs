//! `/boards`: the boards of the hall, what each shows and how large, and the notices on them.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use askama::Template;
use chrono::TimeDelta;

use super::app::{OfficeApp, refusal_in};
use super::tickets::page::class_name;
use crate::domain::actor::Role;
use crate::domain::board::{BoardSet, CALLS_WANTED, Direction, NOTICE_CHARS_MAX, NoticeShown, Sound, Theme};
use crate::domain::setting::Settings;
use crate::domain::ticket::{QueueClass, Stage};
use crate::office::actions::boards::BoardFault;
use crate::office::actions::{ActionError, boards};
use crate::web::errors::{Problem, refusal_status};
use crate::web::forms::Fields;
use crate::web::page::{self, Fault, Shell};
use crate::web::session::SignedIn;
use crate::web::words::names;

/// Who sees how the hall is set up.
pub const SEES: &[Role] = &[Role::Administrator, Role::Supervisor, Role::Auditor];
/// Who sets it up.
pub const SETS: &[Role] = &[Role::Administrator, Role::Supervisor];

const STAGES: [Stage; 2] = [Stage::Interview, Stage::Collection];

/// A board in the list.
pub struct BoardLine {
    name: String,
    shows: String,
    screen: String,
    layout: String,
    /// It holds fewer calls than it should, or cannot be read from the last chair.
    wrong: String,
    act: String,
}

/// A notice that is shown.
pub struct NoticeLine {
    board: String,
    text: String,
    until: String,
    act: String,
}

/// Something to choose.
pub struct Choice {
    key: String,
    name: String,
    chosen: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "office/boards/boards.html")]
pub struct BoardsPage {
    boards: Vec<BoardLine>,
    notices: Vec<NoticeLine>,
    /// The board the form changes; a new one when empty.
    changed: String,
    classes: Vec<Choice>,
    stages: Vec<Choice>,
    directions: Vec<Choice>,
    themes: Vec<Choice>,
    sounds: Vec<Choice>,
    notice_chars_max: usize,
    sets: bool,
    shell: Shell,
}

/// Which board is to be changed.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Wanted {
    #[serde(default)]
    board: String,
}

impl BoardsPage {
    /// Draws the boards and the form for one of them, or for a new one. What was typed goes before what stands.
    pub fn of(
        mut shell: Shell,
        boards: &[BoardSet],
        notices: &[NoticeShown],
        settings: &Settings,
        wanted: &str,
    ) -> Self {
        let known = boards.iter().find(|set| set.name == wanted);
        let standing = known.cloned().unwrap_or_else(|| BoardSet::unset(""));
        if shell.typed == Fields::default() {
            shell.typed = typed_of(&standing);
        }
        let lines = boards.iter().enumerate().map(|(at, set)| line(&shell, settings, at, set)).collect();
        let open = notices.iter().enumerate();
        let open = open.filter(|(_, notice)| notice.until.is_none_or(|until| until > shell.now));
        let notices = open.map(|(at, notice)| notice_line(&shell, at, notice)).collect();
        let words = shell.words;
        let choice = |field: &'static str, key: String, name: String| {
            let chosen = shell.typed.all(field).any(|typed| typed == key);
            Choice { key, name, chosen }
        };
        let class = |letter: QueueClass| {
            let name = class_name(words, shell.language, settings, letter);
            choice("class", letter.letter().to_string(), name)
        };
        let stage = |stage: Stage| choice("stage", stage_key(stage).to_owned(), names::stage(words, stage));
        let each = |field: &'static str, choices: &[(&str, String)]| {
            let choices = choices.iter();
            choices.map(|(key, name)| choice(field, (*key).to_owned(), name.clone())).collect::<Vec<_>>()
        };
        Self {
            boards: lines,
            notices,
            changed: known.map(|set| set.name.clone()).unwrap_or_default(),
            classes: settings.queue_classes.iter().map(|rule| class(rule.letter)).collect(),
            stages: STAGES.into_iter().map(stage).collect(),
            directions: each(
                "direction",
                &[("landscape", words.board_landscape()), ("portrait", words.board_portrait())],
            ),
            themes: each("theme", &[("dark", words.board_dark()), ("light", words.board_light())]),
            sounds: each(
                "sound",
                &[
                    ("voice", words.board_voice()),
                    ("chime", words.board_chime()),
                    ("silent", words.board_silent()),
                ],
            ),
            notice_chars_max: NOTICE_CHARS_MAX,
            sets: shell.may(SETS),
            shell,
        }
    }
}

fn line(shell: &Shell, settings: &Settings, at: usize, set: &BoardSet) -> BoardLine {
    let (words, layout) = (shell.words, set.layout());
    let mut shows: Vec<String> =
        set.classes.iter().map(|class| class_name(words, shell.language, settings, *class)).collect();
    shows.extend(set.stages.iter().map(|stage| names::stage(words, *stage)));
    let direction = match set.direction {
        Direction::Landscape => words.board_landscape(),
        Direction::Portrait => words.board_portrait(),
    };
    let metres = metres(shell, set.farthest_dm);
    let wrong = if !layout.is_readable() {
        words.board_unreadable(metres.as_str())
    } else if layout.calls() < CALLS_WANTED {
        words.board_few(layout.calls())
    } else {
        String::new()
    };
    BoardLine {
        name: set.name.clone(),
        shows: if shows.is_empty() { words.board_shows_all() } else { shows.join(", ") },
        screen: words.board_screen(set.diagonal_inches, direction.to_lowercase(), metres),
        layout: words.board_layout(layout.calls(), whole(layout.capital_mm), whole(layout.needed_mm)),
        wrong,
        act: format!("remove{at}"),
    }
}

fn notice_line(shell: &Shell, at: usize, notice: &NoticeShown) -> NoticeLine {
    let until = notice.until.map(|until| shell.words.board_notice_until(shell.dates.moment(until)));
    NoticeLine {
        board: notice.board.clone(),
        text: notice.text.clone(),
        until: until.unwrap_or_default(),
        act: format!("down{at}"),
    }
}

/// Whole millimetres; what is drawn is never larger than what is said.
fn whole(mm: f64) -> String {
    format!("{:.0}", mm.floor())
}

/// Decimetres as people say them: `8,5` in Indonesian.
fn metres(shell: &Shell, decimetres: u16) -> String {
    let (whole, tenth) = (decimetres / 10, decimetres % 10);
    match tenth {
        0 => whole.to_string(),
        _ if shell.is_indonesian() => format!("{whole},{tenth}"),
        _ => format!("{whole}.{tenth}"),
    }
}

fn stage_key(stage: Stage) -> &'static str {
    match stage {
        Stage::Interview => "interview",
        Stage::Collection => "collection",
    }
}

fn typed_of(set: &BoardSet) -> Fields {
    let field = |name: &str, value: String| (name.to_owned(), value);
    let mut fields = vec![
        field("name", set.name.clone()),
        field("title", set.title.clone()),
        field("diagonal", set.diagonal_inches.to_string()),
        field("farthest", format!("{},{}", set.farthest_dm / 10, set.farthest_dm % 10)),
        field(
            "direction",
            if set.direction == Direction::Portrait { "portrait" } else { "landscape" }.into(),
        ),
        field("theme", if set.theme == Theme::Light { "light" } else { "dark" }.into()),
    ];
    let sound = match set.sound {
        Sound::Voice => "voice",
        Sound::Chime => "chime",
        Sound::Silent => "silent",
    };
    fields.push(field("sound", sound.into()));
    fields.extend(set.classes.iter().map(|class| field("class", class.letter().to_string())));
    fields.extend(set.stages.iter().map(|stage| field("stage", stage_key(*stage).to_owned())));
    Fields::new(fields)
}

/// What the form says. A size that is no number becomes one that no board has, and is refused by name.
fn typed_board(form: &Fields) -> BoardSet {
    let classes = form.all("class").filter_map(|text| QueueClass::parse(text.chars().next()?));
    let stages: BTreeSet<Stage> =
        STAGES.into_iter().filter(|stage| form.all("stage").any(|key| key == stage_key(*stage))).collect();
    BoardSet {
        name: form.text("name").to_lowercase(),
        title: form.owned("title"),
        classes: classes.collect(),
        stages,
        direction: if form.text("direction") == "portrait" {
            Direction::Portrait
        } else {
            Direction::Landscape
        },
        theme: if form.text("theme") == "light" { Theme::Light } else { Theme::Dark },
        sound: match form.text("sound") {
            "chime" => Sound::Chime,
            "silent" => Sound::Silent,
            _ => Sound::Voice,
        },
        diagonal_inches: form.text("diagonal").parse().unwrap_or(0),
        farthest_dm: decimetres(form.text("farthest")).unwrap_or(0),
        removed: false,
    }
}

/// `8`, `8,5` and `8.5` metres in decimetres.
fn decimetres(text: &str) -> Option<u16> {
    let (whole, tenth) = text.split_once([',', '.']).unwrap_or((text, "0"));
    let tenth: u16 = tenth.parse().ok().filter(|_| tenth.len() == 1)?;
    whole.parse::<u16>().ok()?.checked_mul(10)?.checked_add(tenth)
}

fn draw(app: &OfficeApp, shell: Shell, wanted: &str) -> Result<BoardsPage, Problem> {
    let (boards, notices) = (app.store.boards()?, app.store.notices()?);
    Ok(BoardsPage::of(shell, &boards, &notices, &app.settings()?, wanted))
}

/// `GET /boards`.
pub async fn list(
    app: Data<OfficeApp>,
    shell: Shell,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    page::show(&draw(&app, shell, &wanted.board)?)
}

/// `POST /boards`: sets a board up, or changes it.
pub async fn set(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    match boards::set(&app.store, app.asker(&officer, &form)?, typed_board(&form)).await {
        Ok(_) => Ok(page::see_other("/boards")),
        Err(error) => refused(&app, shell, form, error),
    }
}

/// `POST /boards/remove`.
pub async fn remove(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    match boards::remove(&app.store, app.asker(&officer, &form)?, form.text("name")).await {
        Ok(_) => Ok(page::see_other("/boards")),
        Err(error) => refused(&app, shell, Fields::default(), error),
    }
}

/// `POST /boards/notice`: shows a notice, or takes it down when the text is empty.
pub async fn notice(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let minutes: Option<i64> =
        form.text("minutes").parse().ok().filter(|minutes| (1..=1440).contains(minutes));
    let until = minutes.map(|minutes| shell.now + TimeDelta::minutes(minutes));
    let (board, text) = (form.text("board"), form.text("text"));
    match boards::notify(&app.store, app.asker(&officer, &form)?, board, text, until).await {
        Ok(_) => Ok(page::see_other("/boards")),
        Err(error) => refused(&app, shell, form, error),
    }
}

/// The page again: what is wrong, and what was typed.
fn refused(app: &OfficeApp, shell: Shell, form: Fields, error: ActionError) -> Result<HttpResponse, Problem> {
    let wanted = form.owned("known");
    let (status, shell) = if let ActionError::Board(fault) = error {
        (StatusCode::UNPROCESSABLE_ENTITY, told(shell, fault, form))
    } else {
        let refusal = refusal_in(error)?;
        (refusal_status(&refusal), shell.refused(&refusal, form))
    };
    page::show_as(status, &draw(app, shell, &wanted)?)
}

fn told(shell: Shell, fault: BoardFault, form: Fields) -> Shell {
    let words = shell.words;
    let (field, what, next) = match fault {
        BoardFault::Name => ("name", words.board_wrong_name(), words.board_wrong_name_next()),
        BoardFault::Sizes => ("diagonal", words.board_wrong_sizes(), words.board_wrong_sizes_next()),
        BoardFault::Notice => ("text", words.board_wrong_notice(), words.board_wrong_notice_next()),
        BoardFault::Unknown => ("board", words.board_wrong_unknown(), words.board_wrong_unknown_next()),
    };
    shell.faulty(Fault { field, what, next }, form)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::page::sample;
    use crate::web::words::L10n;

    #[test]
    fn boards_say_what_they_show_and_whether_they_can_be_read() {
        let shell = sample::shell(L10n::Id, "/boards", &[Role::Supervisor]);
        let small = BoardSet { diagonal_inches: 32, title: "Ruang B".into(), ..BoardSet::unset("ruang-b") };
        let tiny = BoardSet {
            diagonal_inches: 15,
            farthest_dm: 205,
            stages: [Stage::Collection].into(),
            ..BoardSet::unset("pojok")
        };
        let notices = [NoticeShown { board: String::new(), text: "Istirahat 12.00".into(), until: None }];
        let boards = [BoardSet::unset("aula"), small, tiny];
        let page = BoardsPage::of(shell, &boards, &notices, &Settings::default(), "ruang-b");
        assert_eq!(page.changed, "ruang-b");
        insta::assert_snapshot!(sample::content(&page));
    }

    #[test]
    fn distances_are_read_as_people_write_them() {
        for (text, expected) in
            [("8", Some(80)), ("8,5", Some(85)), ("12.0", Some(120)), ("8,25", None), ("jauh", None)]
        {
            assert_eq!(decimetres(text), expected, "{text}");
        }
    }
}
