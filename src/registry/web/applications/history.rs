//! Everything that happened to an application, at headquarters and in offices.

use crate::domain::application::{Application, Author, Entry};
use crate::domain::fact::Fact;
use crate::web::page::Shell;
use crate::web::words::{history, names};

/// One thing that happened.
pub struct Moment {
    /// When.
    pub when: String,
    /// What.
    pub what: String,
    /// What was noted with it.
    pub note: String,
    /// Who, and where it was recorded.
    pub who: String,
    /// Whether it is only that somebody opened the page.
    pub is_view: bool,
}

/// The history, the latest first. Times are for people.
pub fn of(shell: &Shell, application: &Application) -> Vec<Moment> {
    let mut entries: Vec<&Entry> = application.entries().collect();
    entries.sort_by_key(|entry| entry.at);
    entries.into_iter().rev().map(|entry| moment(shell, entry)).collect()
}

fn moment(shell: &Shell, entry: &Entry) -> Moment {
    let said = history::tell(shell.words, &shell.dates, &entry.fact);
    let place = match &entry.author {
        Author::Registry => shell.words.name_author_registry(),
        Author::Office(code) => code.to_string(),
    };
    Moment {
        when: shell.dates.since(entry.at, shell.now),
        what: said.what,
        note: said.note,
        who: format!("{} · {place}", names::actor(shell.words, &entry.by)),
        is_view: matches!(entry.fact, Fact::Viewed(_)),
    }
}
