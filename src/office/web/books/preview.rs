//! The pages of a stage report: the form, and what the report would change.

use askama::Template;

use crate::domain::book::stage::SpriStage;
use crate::domain::stage_report::Why;
use crate::domain::status::Status;
use crate::office::actions::stage_reports::{self, Imported, LineOutcome, Then};
use crate::office::web::head::Choice;
use crate::web::page::Shell;
use crate::web::words::{names, refusal};

/// So many rows of a kind stand on the page; the file to download has all.
const SHOWN_MAX: usize = 100;

/// Where a file is chosen.
#[derive(Template)]
#[template(path = "office/books/import.html")]
pub struct ImportPage {
    shell: Shell,
    stages: Vec<Choice>,
}

impl ImportPage {
    /// Draws it.
    pub fn of(shell: Shell) -> Self {
        let choice = |(value, stage)| Choice {
            value,
            name: names::spri_stage(shell.words, stage),
            ticked: shell.typed("stage") == value,
        };
        Self { stages: SpriStage::ALL.into_iter().map(choice).collect(), shell }
    }
}

/// What a report would change, and what it has changed.
#[derive(Template)]
#[template(path = "office/books/preview.html")]
pub struct PreviewPage {
    shell: Shell,
    address: String,
    stage: String,
    counted: Imported,
    moves: Vec<Move>,
    groups: Vec<Group>,
    done: Option<String>,
}

/// How many applications go from one status to another.
pub struct Move {
    from: String,
    to: String,
    count: usize,
}

/// Rows that come to the same kind of end.
pub struct Group {
    id: &'static str,
    title: String,
    count: usize,
    rows: Vec<RowLine>,
    /// How many more there are, in words.
    left: Option<String>,
}

/// A row of the file.
pub struct RowLine {
    line: u32,
    number: String,
    /// The page of the application, if there is one.
    address: Option<String>,
    name: String,
    booked_name: Option<String>,
    what: String,
    next: String,
}

impl PreviewPage {
    /// Draws a report's lines; what was done with it before, if anything was.
    pub fn of(
        shell: Shell,
        (id, stage): (&str, SpriStage),
        lines: &[LineOutcome],
        done: Option<Imported>,
    ) -> Self {
        let words = shell.words;
        let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let group = |id, title, fits: fn(&Then) -> bool| {
            let found: Vec<&LineOutcome> = lines.iter().filter(|line| fits(&line.then)).collect();
            let rows = found.iter().take(SHOWN_MAX).map(|line| row(&shell, line)).collect();
            let left = found.len().checked_sub(SHOWN_MAX).filter(|left| *left > 0);
            let left = left.map(|left| words.import_more(whole(left)));
            Group { id, title, count: found.len(), rows, left }
        };
        let groups = vec![
            group("refused", words.import_refused(), |then| {
                matches!(then, Then::Refused(_) | Then::Unreadable(_))
            }),
            group("unknown", words.import_unknown(), |then| matches!(then, Then::Unknown)),
            group("changes", words.import_changes(), |then| matches!(then, Then::Changes { .. })),
        ];
        let done = done.map(|done| words.import_done(whole(done.changed), whole(done.same)));
        Self {
            address: format!("/books/import/{id}"),
            stage: names::spri_stage(words, stage),
            counted: Imported::of(lines),
            moves: moves(&shell, lines),
            groups,
            done,
            shell,
        }
    }
}

fn moves(shell: &Shell, lines: &[LineOutcome]) -> Vec<Move> {
    let name = |status| names::status(shell.words, status);
    let moves = stage_reports::moves(lines).into_iter();
    moves.map(|(from, to, count)| Move { from: name(from), to: name(to), count }).collect()
}

fn row(shell: &Shell, line: &LineOutcome) -> RowLine {
    let (what, next) = told(shell, &line.then);
    let is_known = !matches!(line.then, Then::Unknown | Then::Unreadable(_));
    RowLine {
        line: line.line,
        number: line.number.clone(),
        address: is_known.then(|| format!("/applications/{}", line.number)),
        name: line.name.clone(),
        booked_name: line.booked_name.clone(),
        what,
        next,
    }
}

/// What becomes of a row, and what to do about it.
fn told(shell: &Shell, then: &Then) -> (String, String) {
    let words = shell.words;
    let status = |status: Status| names::status(words, status);
    match then {
        Then::Changes { from, to } if from == to => (words.import_noted(status(*to)), String::new()),
        Then::Changes { from, to } => (words.import_moves(status(*from), status(*to)), String::new()),
        Then::Same(now) => (words.import_same_as(status(*now)), String::new()),
        Then::Unknown => (words.import_unknown_why(), words.import_unknown_next()),
        Then::Refused(refused) => {
            let told = refusal::tell(words, &shell.dates, refused);
            (told.what, told.next)
        }
        Then::Unreadable(fault) => match fault.why {
            Why::NoNumber => (words.import_row_no_number(), words.import_row_by_hand()),
            Why::Rounded => (words.import_row_rounded(), words.import_row_rounded_next()),
            Why::NotANumber => (words.import_row_not_a_number(), words.import_row_by_hand()),
            Why::BirthDate => (words.import_row_birth_date(), words.import_row_by_hand()),
            Why::Again { line } => (words.import_row_again(i64::from(line)), String::new()),
        },
    }
}

/// Every row for a file: the heading first.
pub fn rows(shell: &Shell, lines: &[LineOutcome]) -> Vec<Vec<String>> {
    let words = shell.words;
    let heading = vec![
        words.import_column_line(),
        words.import_column_number(),
        words.import_column_name(),
        words.import_column_what(),
        words.import_column_next(),
    ];
    let line = |line: &LineOutcome| {
        let (what, next) = told(shell, &line.then);
        vec![line.line.to_string(), line.number.clone(), line.name.clone(), what, next]
    };
    std::iter::once(heading).chain(lines.iter().map(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::refusal::Refusal;
    use crate::domain::stage_report::RowFault;
    use crate::office::web::preview;
    use crate::web::page::sample;

    #[test]
    fn the_page_says_what_would_change_and_what_cannot() {
        let outcome = |line: u32, then| LineOutcome {
            line,
            number: format!("{:016}", 1_179_000_000_000_000_u64 + u64::from(line)),
            name: "BUDI SANTOSO".to_owned(),
            booked_name: (line == 3).then(|| "Budi Susanto".to_owned()),
            then,
        };
        let fault =
            RowFault { line: 7, found: "1,179E+15".to_owned(), name: String::new(), why: Why::Rounded };
        let lines = [
            outcome(2, Then::Changes { from: Status::Approved, to: Status::Ready }),
            outcome(3, Then::Changes { from: Status::Approved, to: Status::Ready }),
            outcome(4, Then::Same(Status::HandedOver)),
            outcome(5, Then::Unknown),
            outcome(6, Then::Refused(Refusal::NotArrived)),
            outcome(7, Then::Unreadable(fault)),
        ];
        let shell = preview::shell("/books/import/token");
        let page = PreviewPage::of(shell, ("token", SpriStage::Issue), &lines, None);
        insta::assert_snapshot!(sample::content(&page));
    }

    #[test]
    fn a_file_is_chosen_with_its_stage() {
        insta::assert_snapshot!(sample::content(&ImportPage::of(preview::shell("/books/import"))));
    }
}
