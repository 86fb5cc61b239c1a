//! The history of an application: what, when, who, and whether headquarters has it.

use crate::domain::application::{Application, Author, Entry};
use crate::domain::fact::Fact;
use crate::domain::office::OfficeCode;
use crate::web::page::Shell;
use crate::web::words::{history, names};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub when: String,
    /// What.
    pub what: String,
    /// What was noted with it.
    pub note: String,
    /// Who.
    pub who: String,
    /// Whether headquarters has it.
    pub at_headquarters: bool,
    /// Whether it is only that somebody opened the page.
    pub is_view: bool,
}

/// The history as it is told at an office, the latest first. Times are for people: entries of one author keep that author's
/// order. `at_headquarters` says whether headquarters has a fact.
pub fn of(
    shell: &Shell,
    application: &Application,
    here: Option<&OfficeCode>,
    at_headquarters: &dyn Fn(&Entry) -> bool,
) -> Vec<Moment> {
    let mut entries: Vec<&Entry> = application.entries().collect();
    entries.sort_by_key(|entry| entry.at);
    entries.into_iter().rev().map(|entry| moment(shell, entry, here, at_headquarters(entry))).collect()
}

fn moment(shell: &Shell, entry: &Entry, here: Option<&OfficeCode>, at_headquarters: bool) -> Moment {
    let sentence = history::tell(shell.words, &shell.dates, &entry.fact);
    let who = names::actor(shell.words, &entry.by);
    let elsewhere = match &entry.author {
        Author::Registry => Some(shell.words.name_author_registry()),
        Author::Office(code) if Some(code) != here => Some(names::office(code)),
        Author::Office(_) => None,
    };
    Moment {
        when: shell.dates.since(entry.at, shell.now),
        what: sentence.what,
        note: sentence.note,
        who: elsewhere.map_or_else(|| who.clone(), |place| format!("{who} · {place}")),
        at_headquarters: matches!(entry.author, Author::Registry) || at_headquarters,
        is_view: matches!(entry.fact, Fact::Viewed(_)),
    }
}
