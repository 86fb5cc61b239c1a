//! `/conflicts`: where two truths meet, and what holds until a person settles it.

use actix_web::web::Data;
use askama::Template;
use loket_sync::exchange::NotTaken;
use loket_sync::{Have, head};

use super::acts::Answer;
use super::app::OfficeApp;
use crate::domain::actor::Role;
use crate::domain::conflict::Conflict;
use crate::office::store::{LinkState, Summary};
use crate::web::dates::grouped;
use crate::web::page::{Shell, show};
use crate::web::words::conflicts::{self, Told};
use crate::web::words::{names, nodes};

/// The page.
#[derive(Template)]
#[template(path = "office/conflicts/list.html")]
pub struct ConflictsPage {
    shell: Shell,
    rows: Vec<Row>,
    count: usize,
    /// What is wrong with this machine as a whole.
    machine: Vec<Refused>,
    refused: Vec<Refused>,
}

/// Something that is not taken by one of the two sides, and what to do about it.
pub struct Refused {
    what: String,
    /// Which application, if it is about one: its address and number.
    about: Option<(String, String)>,
    detail: String,
    next: String,
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
    pub fn of(shell: Shell, lines: &[Summary], machine: Vec<Refused>, refused: Vec<Refused>) -> Self {
        let of_line =
            |line: &Summary| line.conflicts.iter().map(|conflict| row(&shell, line, conflict)).collect();
        let mut rows: Vec<Row> = lines.iter().flat_map(|line| -> Vec<Row> { of_line(line) }).collect();
        rows.sort_by_key(|row| !row.urgent);
        let count = lines.iter().filter(|line| !line.conflicts.is_empty()).count();
        Self { shell, rows, count, machine, refused }
    }
}

/// `GET /conflicts`.
pub async fn list(app: Data<OfficeApp>, shell: Shell) -> Answer {
    let waiting = app.store.parked();
    let link = app.store.link();
    // Of a session that one side does not take, the other side knows how many records it has.
    let mine = app.store.reader().vector();
    let there = with_lengths(&link.refused, &mine);
    let here = with_lengths(&app.store.refused_here(), &app.store.peer());
    let (machine, refused) = (machine(&shell, &link), refused(&shell, (&there, &here), &waiting));
    show(&ConflictsPage::of(shell, &app.store.conflicting(), machine, refused))
}

/// How many things stand on this page: applications, what is not taken, and what is wrong with this machine.
pub(super) fn open_points(app: &OfficeApp) -> usize {
    let link = app.store.link();
    let of_machine = usize::from(link.taken_back.is_some()) + usize::from(link.twins_since.is_some());
    let untaken = link.refused.len() + app.store.refused_here().len() + app.store.parked().len();
    app.store.conflicting().len() + of_machine + untaken
}

fn with_lengths(refused: &[NotTaken], vector: &[Have]) -> Vec<(NotTaken, u64)> {
    let len =
        |not: &NotTaken| head::find(vector, &not.stream, &not.session).map_or(not.from, |have| have.len);
    refused.iter().map(|not| (*not, len(not))).collect()
}

/// What is not taken of journals that have so many records.
type Untaken = [(NotTaken, u64)];

/// Why this machine as a whole is not heard, or heard twice.
fn machine(shell: &Shell, link: &LinkState) -> Vec<Refused> {
    let words = shell.words;
    let moment = |at| shell.dates.since(at, shell.now);
    let mut list = Vec::new();
    let line = |what, next, detail: String| Refused { what, about: None, detail, next };
    if let Some(taken_back) = &link.taken_back {
        let at = moment(taken_back.key_taken_back_at);
        let what = match taken_back.by.as_str() {
            "" => words.refused_key(at),
            by => words.refused_key_by(at, by),
        };
        list.push(line(what, words.refused_key_next(), nodes::revoked_why(words, taken_back.why)));
    }
    if let Some(since) = link.twins_since {
        let (what, next) = (words.refused_twins(moment(since)), words.refused_twins_next());
        list.push(line(what, next, String::new()));
    }
    list
}

/// What does not get through.
fn refused(shell: &Shell, (there, here): (&Untaken, &Untaken), waiting: &[Summary]) -> Vec<Refused> {
    let words = shell.words;
    let mut list = Vec::new();
    let line = |what, next, detail: String| Refused { what, about: None, detail, next };
    let count = |(not, len): &(NotTaken, u64)| i64::try_from(not.records_of(*len)).unwrap_or(i64::MAX);
    for it in there {
        let told = nodes::refused_there(words, it.0.why);
        list.push(line(words.refused_count_there(count(it)), told.next, told.what));
    }
    for it in here {
        let told = nodes::refused_here(words, it.0.why);
        list.push(line(words.refused_count_here(count(it)), told.next, told.what));
    }
    for summary in waiting {
        let number = summary.number.as_ref().map_or("", |number| number.as_str());
        let about = Some((format!("/applications/{number}"), grouped(number)));
        let (what, next) = (words.refused_parked(), words.refused_parked_next());
        list.push(Refused { about, ..line(what, next, String::new()) });
    }
    list
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
    use loket_sync::exchange::WhyNot;

    use super::*;
    use crate::domain::node::{RevokedWhy, TakenBack};
    use crate::domain::sample::{Story, office};
    use crate::office::web::preview;
    use crate::web::page::sample;

    #[test]
    fn urgent_conflicts_come_first_and_say_what_holds() {
        let mut line = Summary::of(&Story::waiting().view(), &office("karimun"));
        let (holds, suspended) = (office("karimun"), office("batam"));
        let shell = preview::shell("/conflicts");
        let not = |why| NotTaken {
            stream: "office/karimun".parse().unwrap(),
            session: loket_sync::SessionId([7; 16]),
            from: 3,
            len: 8,
            why,
        };
        let link = LinkState {
            taken_back: Some(TakenBack {
                key_taken_back_at: sample::now(),
                by: "Tono".to_owned(),
                why: RevokedWhy::Lost,
            }),
            twins_since: Some(sample::now()),
            ..LinkState::default()
        };
        let of_machine = machine(&shell, &link);
        let told =
            refused(&shell, (&[(not(WhyNot::SignerRevoked), 8)], &[(not(WhyNot::Fork), 5)]), &[line.clone()]);
        line.conflicts = vec![Conflict::Provisional, Conflict::ServedTwice { holds, suspended }];
        insta::assert_snapshot!(sample::content(&ConflictsPage::of(shell, &[line], of_machine, told)));
    }

    #[test]
    fn a_calm_day_says_so() {
        insta::assert_snapshot!(sample::content(&ConflictsPage::of(
            preview::shell("/conflicts"),
            &[],
            Vec::new(),
            Vec::new()
        )));
    }
}
