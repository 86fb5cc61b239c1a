//! `/audit`: what was done at this office on a day, and by whom; who opened whose application stands there too.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use chrono::NaiveDate;

use super::app::OfficeApp;
use crate::domain::application::Entry;
use crate::office::store::{Done, DoneOnDay};
use crate::web::dates::grouped;
use crate::web::errors::Problem;
use crate::web::page::{self, Shell};
use crate::web::words::{history, names};

/// The longest list of a page.
const LINES_MAX: usize = 500;

/// One act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
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
    erased: i64,
}

impl AuditPage {
    /// The acts of a day as the store gives them: the latest first, and how many there were.
    pub fn of(
        shell: Shell,
        day: NaiveDate,
        done: &DoneOnDay,
        at_headquarters: &dyn Fn(&Entry) -> bool,
    ) -> Self {
        let lines = done.latest.iter().map(|done| line(&shell, done, at_headquarters)).collect();
        let title = shell.dates.long_day(day);
        let cut = done.count > done.latest.len() + done.erased;
        let erased = i64::try_from(done.erased).unwrap_or(i64::MAX);
        Self { shell, day, title, lines, cut, erased }
    }

    fn count(&self) -> i64 {
        i64::try_from(self.lines.len()).unwrap_or(i64::MAX)
    }
}

fn line(shell: &Shell, done: &Done, at_headquarters: &dyn Fn(&Entry) -> bool) -> AuditLine {
    let entry = &done.entry;
    let told = history::tell(shell.words, &shell.dates, &entry.fact);
    let number = done.number.as_ref().map(|number| number.as_str().to_owned()).unwrap_or_default();
    AuditLine {
        when: shell.dates.clock(entry.at),
        who: names::actor(shell.words, &entry.by),
        what: told.what,
        note: told.note,
        number_grouped: grouped(&number),
        number,
        at_headquarters: at_headquarters(entry),
    }
}

/// The query of the page.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Wanted {
    #[serde(default)]
    day: String,
}

/// `GET /audit`.
pub async fn show(
    app: Data<OfficeApp>,
    shell: Shell,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    let day = wanted.day.parse().unwrap_or_else(|_| app.today());
    let done = app.store.done_on(day, LINES_MAX)?;
    page::show(&AuditPage::of(shell, day, &done, &|entry| app.store.is_at_headquarters(entry)))
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::domain::actor::Role;
    use crate::domain::application::Author;
    use crate::domain::desk::CounterOpened;
    use crate::domain::fact::Fact;
    use crate::domain::ticket::QueueClass;
    use crate::web::page::sample;
    use crate::web::words::L10n;

    #[test]
    fn the_day_is_told_latest_first() {
        let shell = sample::shell(L10n::Id, "/audit", &[Role::Auditor]);
        let application = samples::here();
        let number = application.view().booking.map(|booking| booking.number);
        let author = Author::Office(samples::karimun());
        let own = application.by_author(&author).cloned();
        let about = |entry| Done { about: Some(application.key()), number: number.clone(), entry };
        let mut latest: Vec<Done> = own.map(about).collect();
        let opened = Fact::CounterOpened(CounterOpened { counter: 3, classes: vec![QueueClass::BOOKED] });
        let entry = Entry { fact: opened, ..latest[0].entry.clone() };
        latest.push(Done { about: None, number: None, entry });
        let done = DoneOnDay { count: latest.len() + 2, latest, erased: 2 };
        insta::assert_snapshot!(sample::content(&AuditPage::of(shell, samples::today(), &done, &|_| true)));
    }
}
