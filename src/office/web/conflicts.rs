//! `/conflicts`: where two truths meet, and what holds until a person settles it.

use actix_web::web::Data;
use askama::Template;

use super::acts::Answer;
use super::app::OfficeApp;
use crate::domain::actor::Role;
use crate::domain::conflict::Conflict;
use crate::office::store::Summary;
use crate::web::dates::grouped;
use crate::web::page::{Shell, show};
use crate::web::words::conflicts::{self, Told};
use crate::web::words::names;

/// The page.
#[derive(Template)]
#[template(path = "office/conflicts/list.html")]
pub struct ConflictsPage {
    shell: Shell,
    rows: Vec<Row>,
    count: usize,
}

/// One conflict of one application.
pub struct Row {
    address: String,
    name: String,
    number: String,
    status: String,
    urgent: bool,
    what: String,
    holds: String,
    settles: bool,
}

impl ConflictsPage {
    /// Lists the conflicts of these applications, urgent ones first.
    pub fn of(shell: Shell, lines: &[Summary]) -> Self {
        let of_line =
            |line: &Summary| line.conflicts.iter().map(|conflict| row(&shell, line, conflict)).collect();
        let mut rows: Vec<Row> = lines.iter().flat_map(|line| -> Vec<Row> { of_line(line) }).collect();
        rows.sort_by_key(|row| !row.urgent);
        let count = lines.iter().filter(|line| !line.conflicts.is_empty()).count();
        Self { shell, rows, count }
    }
}

/// `GET /conflicts`.
pub async fn list(app: Data<OfficeApp>, shell: Shell) -> Answer {
    show(&ConflictsPage::of(shell, &app.store.conflicting()))
}

fn row(shell: &Shell, line: &Summary, conflict: &Conflict) -> Row {
    let number = line.number.as_ref().map_or("", |number| number.as_str());
    let Told { what, holds, urgent } = conflicts::tell(shell.words, conflict);
    Row {
        address: format!("/applications/{number}"),
        name: line.name.clone(),
        number: grouped(number),
        status: names::status(shell.words, line.status),
        urgent,
        what,
        holds,
        settles: conflict.blocks_book() && shell.may(&[Role::Supervisor]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::{Story, office};
    use crate::office::web::preview;
    use crate::web::page::sample;

    #[test]
    fn urgent_conflicts_come_first_and_say_what_holds() {
        let mut line = Summary::of(&Story::waiting().view(), &office("karimun"));
        let (holds, suspended) = (office("karimun"), office("batam"));
        line.conflicts = vec![Conflict::Provisional, Conflict::ServedTwice { holds, suspended }];
        insta::assert_snapshot!(sample::content(&ConflictsPage::of(preview::shell("/conflicts"), &[line])));
    }

    #[test]
    fn a_calm_day_says_so() {
        insta::assert_snapshot!(sample::content(&ConflictsPage::of(preview::shell("/conflicts"), &[])));
    }
}
