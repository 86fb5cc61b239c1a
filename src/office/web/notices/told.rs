//! What desktops have been told, and what is new for each.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use crate::domain::application::ApplicationKey;
use crate::domain::conflict::Conflict;
use crate::domain::number::ApplicationNumber;
use crate::domain::status::Status;
use crate::notify::Notice;
use crate::office::store::{Line, Store, Summary};
use crate::web::words::L10nLanguage;

/// More notices at once than this nobody reads.
const NOTICES_MAX: usize = 20;

/// The lines notices are about.
pub(super) struct Lines {
    open: Vec<Summary>,
    conflicting: Vec<Summary>,
}

impl Lines {
    pub(super) fn of(store: &Store) -> Self {
        Self { open: store.open_applications(), conflicting: store.conflicting() }
    }
}

/// What every desktop has been told since the office was started: one that comes back is told what it missed.
#[derive(Debug, Default)]
pub struct Told(Mutex<HashMap<String, Known>>);

impl Told {
    /// Makes a desktop known. One that was never here is told only what is new from now on.
    pub(super) fn start(&self, device: &str, now: impl FnOnce() -> (Lines, Line), words: &L10nLanguage) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !told.contains_key(device) {
            let (lines, line) = now();
            let mut known = Known::default();
            known.news(&lines, line, words);
            told.insert(device.to_owned(), known);
        }
    }

    /// What is new for a desktop; after a long absence only the latest of it.
    pub(super) fn news(&self, device: &str, lines: &Lines, line: Line, words: &L10nLanguage) -> Vec<Notice> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut news = told.entry(device.to_owned()).or_default().news(lines, line, words);
        news.split_off(news.len().saturating_sub(NOTICES_MAX))
    }
}

/// What this desktop has been told, so that it is told once.
#[derive(Debug, Default)]
struct Known {
    ready: BTreeSet<ApplicationKey>,
    differing: BTreeSet<ApplicationKey>,
    is_up: Option<bool>,
}

impl Known {
    /// What is new since the last time.
    fn news(&mut self, lines: &Lines, line: Line, words: &L10nLanguage) -> Vec<Notice> {
        let is_ready = |summary: &Summary| summary.status == Status::Ready;
        let differs = |summary: &Summary| summary.conflicts.iter().any(needs_somebody);
        let mut notices = Vec::new();
        for (summary, number) in new_in(&mut self.ready, &lines.open, is_ready) {
            notices.push(ready_notice(number, summary, words));
        }
        for (_, number) in new_in(&mut self.differing, &lines.conflicting, differs) {
            let body = words.notice_conflict_body(number.as_str());
            notices.push(notice("conflict", words.notice_conflict(), body));
        }
        notices.extend(self.line(line, words));
        notices
    }

    fn line(&mut self, line: Line, words: &L10nLanguage) -> Option<Notice> {
        let is_up = match line {
            Line::Up { .. } => true,
            Line::Down { .. } => false,
            Line::NotEnrolled | Line::Unknown => return None,
        };
        let before = self.is_up.replace(is_up);
        match (before, is_up) {
            (Some(true), false) => {
                Some(notice("line-down", words.notice_line_down(), words.notice_line_down_body()))
            }
            (Some(false), true) => {
                Some(notice("line-up", words.notice_line_up(), words.notice_line_up_body()))
            }
            _ => None,
        }
    }
}

/// The lines that pass a test and did not before; those that pass now are remembered.
fn new_in<'a>(
    known: &mut BTreeSet<ApplicationKey>,
    lines: &'a [Summary],
    test: impl Fn(&Summary) -> bool,
) -> Vec<(&'a Summary, &'a ApplicationNumber)> {
    let now: Vec<&Summary> = lines.iter().filter(|line| test(line)).collect();
    let before = std::mem::replace(known, now.iter().map(|line| line.key).collect());
    let new = now.into_iter().filter(|line| !before.contains(&line.key));
    new.filter_map(|line| Some((line, line.number.as_ref()?))).collect()
}

/// Whether somebody in the office has to look; the others are settled by headquarters or by time.
fn needs_somebody(conflict: &Conflict) -> bool {
    match conflict {
        Conflict::ArrivedAfterChange { .. }
        | Conflict::ServedTwice { .. }
        | Conflict::EvidenceDiffers
        | Conflict::DecisionOnOldCapture
        | Conflict::HandedOverAndCancelled
        | Conflict::IssuedAndRefused => true,
        Conflict::Provisional | Conflict::PaidLate | Conflict::PaidTwice => false,
    }
}

fn ready_notice(number: &ApplicationNumber, summary: &Summary, words: &L10nLanguage) -> Notice {
    let body = match &summary.book {
        Some(book) => words.notice_ready_book_body(book.as_str(), number.as_str()),
        None => words.notice_ready_body(number.as_str()),
    };
    notice("ready", words.notice_ready(), body)
}

fn notice(kind: &str, title: String, body: String) -> Notice {
    Notice { kind: kind.to_owned(), title, body }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::office::web::samples;
    use crate::web::words::{L10n, words};

    fn both(line: &Summary) -> Lines {
        Lines { open: vec![line.clone()], conflicting: vec![line.clone()] }
    }

    #[test]
    fn a_desktop_is_told_once_and_never_a_name() {
        let words = words(L10n::En);
        let mut line = samples::day().remove(0);
        line.status = Status::AwaitingDecision;
        let mut known = Known::default();
        assert_eq!(known.news(&both(&line), Line::Unknown, words), []);
        line.status = Status::Ready;
        line.conflicts = vec![Conflict::Provisional, Conflict::DecisionOnOldCapture];
        let news = known.news(&both(&line), Line::Unknown, words);
        let kinds: Vec<_> = news.iter().map(|notice| notice.kind.as_str()).collect();
        assert_eq!(kinds, ["ready", "conflict"]);
        let number = line.number.as_ref().unwrap().as_str();
        assert!(news.iter().all(|notice| notice.body.contains(number) && !notice.body.contains(&line.name)));
        assert_eq!(known.news(&both(&line), Line::Unknown, words), []);
    }

    #[test]
    fn a_desktop_that_comes_back_is_told_what_it_missed_and_a_new_one_is_not() {
        let words = words(L10n::En);
        let (told, mut line) = (Told::default(), samples::day().remove(0));
        told.start("first", || (both(&line), Line::Unknown), words);
        // The first desktop goes; meanwhile the book is ready.
        line.status = Status::Ready;
        for device in ["first", "second"] {
            told.start(device, || (both(&line), Line::Unknown), words);
        }
        let news = |device| told.news(device, &both(&line), Line::Unknown, words).len();
        assert_eq!((news("first"), news("second"), news("first")), (1, 0, 0));
        // Very much at once is cut.
        let many: Vec<Summary> =
            (0..30).map(|n| Summary { key: ApplicationKey([n + 1; 16]), ..line.clone() }).collect();
        let many = Lines { open: many, conflicting: vec![] };
        assert_eq!(told.news("second", &many, Line::Unknown, words).len(), NOTICES_MAX);
    }

    #[test]
    fn the_line_is_told_of_when_it_goes_and_comes_back_and_not_at_the_start() {
        let words = words(L10n::Id);
        let since = chrono::DateTime::UNIX_EPOCH;
        let mut known = Known::default();
        let mut told = |line| {
            known
                .news(&Lines { open: vec![], conflicting: vec![] }, line, words)
                .pop()
                .map(|notice| notice.kind)
        };
        assert_eq!(told(Line::Unknown), None);
        assert_eq!(told(Line::Up { since }), None);
        assert_eq!(told(Line::Down { since }).as_deref(), Some("line-down"));
        assert_eq!(told(Line::Down { since }), None);
        assert_eq!(told(Line::Up { since }).as_deref(), Some("line-up"));
    }
}
