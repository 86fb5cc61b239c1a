//! `/books/due`: passports the office owes, by their last day.

use actix_web::web::Data;
use askama::Template;
use chrono::NaiveDate;

use crate::office::actions::deadlines::{self, Owed};
use crate::office::web::acts::Answer;
use crate::office::web::app::OfficeApp;
use crate::web::page::{Shell, show};
use crate::web::words::names;

/// So many of a group stand on the page, so that it stays small.
const SHOWN_MAX: usize = 150;

/// The page.
#[derive(Template)]
#[template(path = "office/books/due.html")]
pub struct DuePage {
    shell: Shell,
    rule: String,
    groups: Vec<Group>,
}

/// Passports that press alike.
pub struct Group {
    id: &'static str,
    title: String,
    count: usize,
    rows: Vec<DueRow>,
    left: Option<String>,
}

/// A passport.
pub struct DueRow {
    address: String,
    number: String,
    name: String,
    status: String,
    interviewed: String,
    due: String,
    late: Option<String>,
}

impl DuePage {
    /// Draws what is owed on a day.
    pub fn of(shell: Shell, owed: &[Owed], today: NaiveDate, days: u16) -> Self {
        let words = shell.words;
        let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let group = |id, title, fits: &dyn Fn(NaiveDate) -> bool| {
            let found: Vec<&Owed> = owed.iter().filter(|owed| fits(owed.due)).collect();
            let left = found.len().checked_sub(SHOWN_MAX).filter(|left| *left > 0);
            Group {
                id,
                title,
                count: found.len(),
                rows: found.iter().take(SHOWN_MAX).map(|owed| row(&shell, owed, today)).collect(),
                left: left.map(|left| words.due_more(whole(left))),
            }
        };
        let groups = vec![
            group("overdue", words.due_overdue(), &|due| due < today),
            group("today", words.due_today(), &|due| due == today),
            group("coming", words.due_coming(), &|due| due > today),
        ];
        Self { rule: words.due_rule(i64::from(days)), groups, shell }
    }
}

fn row(shell: &Shell, owed: &Owed, today: NaiveDate) -> DueRow {
    let number = owed.line.number.as_ref().map(ToString::to_string).unwrap_or_default();
    let late = (today - owed.due).num_days();
    DueRow {
        address: format!("/applications/{number}"),
        number,
        name: owed.line.name.clone(),
        status: names::status(shell.words, owed.line.status),
        interviewed: shell.dates.day(owed.interviewed_on),
        due: shell.dates.day(owed.due),
        late: (late > 0).then(|| shell.words.due_late(late)),
    }
}

/// `GET /books/due`.
pub async fn show_due(app: Data<OfficeApp>, shell: Shell) -> Answer {
    let owed = deadlines::owed(&app.store)?;
    let days = app.settings()?.issue_working_days;
    show(&DuePage::of(shell, &owed, app.today(), days))
}
