//! A board: a screen of the hall, what it shows, and how large its numbers must be to be read from the last chair.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ticket::{QueueClass, Stage, Ticket};

/// The longest name of a board, as it stands in an address.
pub const NAME_LEN_MAX: usize = 32;
/// The longest text of a notice, in characters: what fits on two lines.
pub const NOTICE_CHARS_MAX: usize = 160;
/// Calls that a board should hold: the last five or six.
pub const CALLS_WANTED: u16 = 5;

/// How a screen hangs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Wider than high.
    #[default]
    Landscape,
    /// Higher than wide.
    Portrait,
}

/// Which ground the numbers stand on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// Light on dark, for a room.
    #[default]
    Dark,
    /// Dark on light, for a bright hall.
    Light,
}

/// What is heard with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sound {
    /// A chime, then the number and the counter.
    #[default]
    Voice,
    /// A chime.
    Chime,
    /// Nothing.
    Silent,
}

/// A board was set up or changed (office; about the office's own affairs).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct BoardSet {
    /// Its name, as in its address.
    pub name: String,
    /// What stands on top of it; the office's name when empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The classes it shows; all when empty.
    #[serde(default)]
    pub classes: BTreeSet<QueueClass>,
    /// The stages it shows; all when empty.
    #[serde(default)]
    pub stages: BTreeSet<Stage>,
    /// How it hangs.
    #[serde(default)]
    pub direction: Direction,
    /// Its ground.
    #[serde(default)]
    pub theme: Theme,
    /// What is heard.
    #[serde(default)]
    pub sound: Sound,
    /// Its diagonal, in inches.
    pub diagonal_inches: u16,
    /// How far the last chair stands, in decimetres.
    pub farthest_dm: u16,
    /// It is no longer used: its address shows everything, as any other name does.
    #[serde(default)]
    pub removed: bool,
}

/// A notice is shown on one board or on all; a later one for the same boards takes its place (office; about the
/// office's own affairs).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeShown {
    /// The board's name; all boards when empty.
    #[serde(default)]
    pub board: String,
    /// What it says; nothing takes the notice down.
    pub text: String,
    /// Until when it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// Whether a text can name a board: letters, digits and hyphens.
pub fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    !name.is_empty() && name.len() <= NAME_LEN_MAX && name.chars().all(plain)
}

impl BoardSet {
    /// A board that nobody has set up: it shows everything on 55 inches, to be read from eight metres.
    pub fn unset(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            title: String::new(),
            classes: BTreeSet::new(),
            stages: BTreeSet::new(),
            direction: Direction::default(),
            theme: Theme::default(),
            sound: Sound::default(),
            diagonal_inches: 55,
            farthest_dm: 80,
            removed: false,
        }
    }

    /// Whether its numbers can be right: a screen and a hall that exist.
    pub fn is_sound(&self) -> bool {
        is_name(&self.name)
            && self.title.chars().count() <= NOTICE_CHARS_MAX
            && (10..=120).contains(&self.diagonal_inches)
            && (10..=400).contains(&self.farthest_dm)
    }

    /// Whether a ticket belongs on it.
    pub fn shows(&self, ticket: &Ticket) -> bool {
        self.shows_class(ticket.class) && (self.stages.is_empty() || self.stages.contains(&ticket.stage))
    }

    /// Whether a class belongs on it.
    pub fn shows_class(&self, class: QueueClass) -> bool {
        self.classes.is_empty() || self.classes.contains(&class)
    }

    /// How its calls are laid out.
    pub fn layout(&self) -> Layout {
        let height_mm = self.height_mm();
        let width = if self.direction == Direction::Landscape { 16.0 / 9.0 } else { 9.0 / 16.0 } * 100.0;
        let needed_mm = capital_mm(self.farthest_dm);
        let arrangement = |(columns, rows): (u16, u16)| {
            let by_width = (width - MARGINS) / f64::from(columns) / CALL_WIDTH;
            let by_height = ROWS_HEIGHT / f64::from(rows) / CALL_HEIGHT;
            let font = by_width.min(by_height);
            let capital_mm = font / 100.0 * height_mm * CAPITAL_SHARE;
            Layout { columns, rows, font_percent: font, capital_mm, needed_mm }
        };
        let possible = ARRANGEMENTS.map(arrangement);
        let fits = |layout: &&Layout| layout.capital_mm >= needed_mm;
        let calls_then_size = |a: &&Layout, b: &&Layout| {
            let by_calls = a.calls().min(CALLS_WANTED).cmp(&b.calls().min(CALLS_WANTED));
            by_calls.then(a.font_percent.total_cmp(&b.font_percent))
        };
        let best = possible.iter().filter(fits).max_by(calls_then_size);
        let largest = || possible.iter().max_by(|a, b| a.font_percent.total_cmp(&b.font_percent));
        best.or_else(largest).copied().unwrap_or_else(|| arrangement((1, 1)))
    }

    /// The height of the screen, 16 to 9 as they are.
    fn height_mm(&self) -> f64 {
        let diagonal_mm = f64::from(self.diagonal_inches) * 25.4;
        let share = if self.direction == Direction::Landscape { 9.0 } else { 16.0 };
        diagonal_mm * share / 337.0_f64.sqrt()
    }
}

/// Columns and rows that are tried.
const ARRANGEMENTS: [(u16, u16); 7] = [(2, 3), (1, 6), (1, 5), (1, 4), (1, 3), (1, 2), (1, 1)];
/// What is left and right of the calls and between them, in hundredths of the height.
const MARGINS: f64 = 6.0;
/// What the calls have of the height, in hundredths: the rest is for the head, the headings and the foot.
const ROWS_HEIGHT: f64 = 76.0;
/// How wide a call is, in heights of its letters: a letter, three digits, an arrow, two digits.
const CALL_WIDTH: f64 = 4.6;
/// How high a call is, in heights of its letters, with the gap to the next.
const CALL_HEIGHT: f64 = 1.12;
/// The height of a capital in a letter's height, in the narrowest of the fonts used.
const CAPITAL_SHARE: f64 = 0.7;

/// How high a capital must be to be read from so far away, in millimetres: 51 up to 4.6 metres, then 3.2 more for each
/// 0.305 (ADA 2010 table 703.5.5, as for signs that hang at 1.8 to 3 metres): 87 from 8 metres, 108 from 10.
pub fn capital_mm(farthest_dm: u16) -> f64 {
    let beyond_dm = f64::from(farthest_dm.saturating_sub(46));
    (51.0 + beyond_dm * 3.2 / 3.05).ceil()
}

/// How the calls of a board are laid out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Layout {
    /// Calls beside each other.
    pub columns: u16,
    /// Calls below each other.
    pub rows: u16,
    /// The height of the letters, in hundredths of the screen's height.
    pub font_percent: f64,
    /// How high a capital becomes, in millimetres.
    pub capital_mm: f64,
    /// How high it must be.
    pub needed_mm: f64,
}

impl Layout {
    /// How many calls hang on the board.
    pub fn calls(&self) -> u16 {
        self.columns.saturating_mul(self.rows)
    }

    /// Whether the numbers can be read from the last chair.
    pub fn is_readable(&self) -> bool {
        self.capital_mm >= self.needed_mm
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board(diagonal_inches: u16, farthest_dm: u16, direction: Direction) -> BoardSet {
        BoardSet { direction, diagonal_inches, farthest_dm, ..BoardSet::unset("aula") }
    }

    #[test]
    fn capitals_grow_with_the_distance_as_the_table_says() {
        for (farthest_dm, expected) in [(30, 51.0), (46, 51.0), (80, 87.0), (100, 108.0)] {
            assert!(
                (capital_mm(farthest_dm) - expected).abs() < 0.5,
                "{farthest_dm}: {}",
                capital_mm(farthest_dm)
            );
        }
    }

    #[test]
    fn six_calls_of_87_millimetres_hang_on_55_inches_for_eight_metres() {
        for direction in [Direction::Landscape, Direction::Portrait] {
            let layout = board(55, 80, direction).layout();
            assert!(layout.is_readable() && layout.capital_mm >= 87.0, "{layout:?}");
            assert!(layout.calls() >= CALLS_WANTED, "{layout:?}");
        }
        let landscape = board(55, 80, Direction::Landscape).layout();
        assert_eq!((landscape.columns, landscape.rows), (2, 3));
    }

    #[test]
    fn a_small_screen_far_away_holds_fewer_calls_and_says_when_it_cannot_be_read() {
        let small = board(32, 80, Direction::Landscape).layout();
        assert!(small.is_readable() && small.calls() < CALLS_WANTED, "{small:?}");
        let tiny = board(15, 200, Direction::Landscape).layout();
        assert!(!tiny.is_readable(), "{tiny:?}");
        assert_eq!(tiny.calls(), 1);
        assert!(board(43, 50, Direction::Landscape).layout().calls() >= CALLS_WANTED);
    }

    #[test]
    fn names_and_sizes_are_those_of_boards() {
        assert!(is_name("lantai-2") && !is_name("") && !is_name("a/b") && !is_name("<b>"));
        assert!(BoardSet::unset("aula").is_sound());
        assert!(!board(5, 80, Direction::Landscape).is_sound());
        assert!(!board(55, 5, Direction::Landscape).is_sound());
    }
}
