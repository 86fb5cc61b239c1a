//! `/audit`: what was done at this office on a day, and by whom; who opened whose application stands there too.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};

use super::app::OfficeApp;
use crate::domain::application::{Application, Author, Entry};
use crate::domain::office::OfficeCode;
use crate::web::dates::grouped;
use crate::web::errors::Problem;
use crate::web::page::{self, Shell};
use crate::web::words::{history, names};

/// The longest list of a page.
const LINES_MAX: usize = 500;

/// One act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    at: DateTime<Utc>,
    when: String,
    who: String,
    what: String,
    note: String,
    number: String,
    number_grouped: String,
    at_headquarters: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "office/audit/audit.html")]
pub struct AuditPage {
    shell: Shell,
    day: NaiveDate,
    title: String,
    lines: Vec<AuditLine>,
    cut: bool,
}

impl AuditPage {
    /// The latest acts of a day first.
    pub fn of(shell: Shell, day: NaiveDate, mut lines: Vec<AuditLine>) -> Self {
        lines.sort_by_key(|line| std::cmp::Reverse(line.at));
        let cut = lines.len() > LINES_MAX;
        lines.truncate(LINES_MAX);
        let title = shell.dates.long_day(day);
        Self { shell, day, title, lines, cut }
    }

    fn count(&self) -> i64 {
        i64::try_from(self.lines.len()).unwrap_or(i64::MAX)
    }
}

/// What this office did on a day about one application.
pub fn lines(
    shell: &Shell,
    application: &Application,
    (here, day): (&OfficeCode, NaiveDate),
    at_headquarters: &dyn Fn(&Entry) -> bool,
) -> Vec<AuditLine> {
    let booking = application.view().booking;
    let number = booking.map(|booking| booking.number.as_str().to_owned()).unwrap_or_default();
    let author = Author::Office(here.clone());
    let of_day = application.by_author(&author).filter(|entry| shell.dates.zone.day(entry.at) == day);
    let line = |entry: &Entry| {
        let told = history::tell(shell.words, &shell.dates, &entry.fact);
        AuditLine {
            at: entry.at,
            when: shell.dates.clock(entry.at),
            who: names::actor(shell.words, &entry.by),
            what: told.what,
            note: told.note,
            number_grouped: grouped(&number),
            number: number.clone(),
            at_headquarters: at_headquarters(entry),
        }
    };
    of_day.map(line).collect()
}

/// The query of the page.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Wanted {
    #[serde(default)]
    day: String,
}

/// `GET /audit`. Looks through the day's applications and those still open; what was done about others (closed, and of
/// another day) stands on their own pages.
pub async fn show(
    app: Data<OfficeApp>,
    shell: Shell,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    let day = wanted.day.parse().unwrap_or_else(|_| app.today());
    let open = app.store.open_applications();
    let keys: BTreeSet<_> = app.store.day(day)?.iter().chain(&open).map(|line| line.key).collect();
    let here = app.store.office().code.clone();
    let mut found = Vec::new();
    for key in keys {
        if let Some(application) = app.store.application(key)? {
            let at_headquarters = |entry: &Entry| app.store.is_at_headquarters(entry);
            found.extend(lines(&shell, &application, (&here, day), &at_headquarters));
        }
    }
    page::show(&AuditPage::of(shell, day, found))
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::domain::actor::Role;
    use crate::web::page::sample;
    use crate::web::words::L10n;

    #[test]
    fn the_day_is_told_latest_first() {
        let shell = sample::shell(L10n::Id, "/audit", &[Role::Auditor]);
        let here = samples::karimun();
        let found = lines(&shell, &samples::here(), (&here, samples::today()), &|_| true);
        insta::assert_snapshot!(sample::content(&AuditPage::of(shell, samples::today(), found)));
    }
}
