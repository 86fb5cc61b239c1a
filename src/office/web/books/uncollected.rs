//! `/books/uncollected`: passports that wait to be collected, the longest first; those past the limit may be cancelled
//! together by a supervisor (Permenkumham 8/2014 art. 30).

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use chrono::{Days, NaiveDate};

use crate::domain::number::ApplicationNumber;
use crate::domain::refusal::Refusal;
use crate::domain::status::Status;
use crate::office::actions::{Asker, books};
use crate::office::store::Summary;
use crate::office::web::SETTLES;
use crate::office::web::acts::{self, Answer, Undone};
use crate::office::web::app::OfficeApp;
use crate::web::errors::Problem;
use crate::web::export;
use crate::web::forms::Fields;
use crate::web::page::{Fault, Shell, see_other, show, show_as};
use crate::web::session::SignedIn;
use crate::web::words::refusal;

/// So many of a group stand on the page; the file has all.
const SHOWN_MAX: usize = 150;

/// A passport that waits.
struct Waiting {
    line: Summary,
    since: NaiveDate,
    /// The last day to collect it.
    until: NaiveDate,
}

/// The page.
#[derive(Template)]
#[template(path = "office/books/uncollected.html")]
pub struct UncollectedPage {
    shell: Shell,
    rule: String,
    over: Vec<WaitingRow>,
    waiting: Vec<WaitingRow>,
    left: Option<String>,
    cancels: bool,
}

/// A row.
pub struct WaitingRow {
    number: String,
    name: String,
    book: String,
    since: String,
    days: i64,
    until: String,
    ticked: bool,
    remind: bool,
}

fn waiting(app: &OfficeApp) -> Result<Vec<Waiting>, Problem> {
    let zone = app.store.office().zone;
    let days = Days::new(app.settings()?.collection_days.into());
    let ready = app.store.open_applications().into_iter().filter(|line| line.status == Status::Ready);
    let mut waiting: Vec<Waiting> = ready
        .filter_map(|line| {
            let since = zone.day(line.ready_at?);
            Some(Waiting { since, until: since.checked_add_days(days)?, line })
        })
        .collect();
    waiting.sort_by(|a, b| (a.since, &a.line.number).cmp(&(b.since, &b.line.number)));
    Ok(waiting)
}

fn draw(app: &OfficeApp, shell: Shell) -> Result<UncollectedPage, Problem> {
    let (today, settings) = (app.today(), app.settings()?);
    let ticked: BTreeSet<String> = shell.typed.all("number").map(str::to_owned).collect();
    let row = |it: &Waiting| {
        let number = it.line.number.as_ref().map(ToString::to_string).unwrap_or_default();
        let days = (today - it.since).num_days();
        WaitingRow {
            name: it.line.name.clone(),
            book: it.line.book.as_ref().map(ToString::to_string).unwrap_or_default(),
            since: shell.dates.day(it.since),
            days,
            until: shell.dates.day(it.until),
            ticked: ticked.contains(&number),
            remind: days >= i64::from(settings.collection_remind_days),
            number,
        }
    };
    let all = waiting(app)?;
    let (over, still): (Vec<&Waiting>, Vec<&Waiting>) = all.iter().partition(|it| it.until < today);
    let left = over.len().saturating_sub(SHOWN_MAX) + still.len().saturating_sub(SHOWN_MAX);
    let left = Some(left).filter(|left| *left > 0).map(|left| i64::try_from(left).unwrap_or(i64::MAX));
    let words = shell.words;
    Ok(UncollectedPage {
        rule: words.uncollected_rule(i64::from(settings.collection_days)),
        over: over.iter().take(SHOWN_MAX).map(|it| row(it)).collect(),
        waiting: still.iter().take(SHOWN_MAX).map(|it| row(it)).collect(),
        left: left.map(|left| words.due_more(left)),
        cancels: shell.may(SETTLES),
        shell,
    })
}

/// `GET /books/uncollected`.
pub async fn show_waiting(app: Data<OfficeApp>, shell: Shell) -> Answer {
    show(&draw(&app, shell)?)
}

/// `GET /books/uncollected.csv`. That it left the office stands in the history of everybody in it.
pub async fn download(app: Data<OfficeApp>, officer: SignedIn, shell: Shell) -> Answer {
    let words = shell.words;
    let mut table = vec![vec![
        words.import_column_number(),
        words.import_column_name(),
        words.book_number(),
        words.book_list_column_since(),
        words.uncollected_until(),
    ]];
    for it in waiting(&app)? {
        acts::note_view(&app, &officer, it.line.key, "export");
        table.push(vec![
            it.line.number.as_ref().map(ToString::to_string).unwrap_or_default(),
            it.line.name,
            it.line.book.as_ref().map(ToString::to_string).unwrap_or_default(),
            it.since.format("%d-%m-%Y").to_string(),
            it.until.format("%d-%m-%Y").to_string(),
        ]);
    }
    export::csv(&format!("belum-diambil-{}.csv", app.today()), table)
}

/// `POST /books/uncollected`: cancels the chosen books that are past the limit, for one reason.
pub async fn cancel(app: Data<OfficeApp>, officer: SignedIn, shell: Shell, form: Fields) -> Answer {
    let words = shell.words;
    let chosen: BTreeSet<ApplicationNumber> =
        form.all("number").filter_map(|number| ApplicationNumber::parse(number).ok()).collect();
    if chosen.is_empty() {
        let fault =
            Fault { field: "over", what: words.uncollected_choose(), next: words.uncollected_choose_next() };
        return show_as(StatusCode::UNPROCESSABLE_ENTITY, &draw(&app, shell.faulty(fault, form))?);
    }
    let (today, asker, reason) = (app.today(), app.asker(&officer, &form)?, form.owned("reason"));
    let all = waiting(&app)?;
    let mut faults = Vec::new();
    for number in &chosen {
        let found = all.iter().find(|it| it.line.number.as_ref() == Some(number) && it.until < today);
        let done = match found {
            // Collected or cancelled meanwhile, or not due: nothing is to be done any more.
            None => Ok(()),
            Some(it) => one(&app, &asker, it, reason.clone()).await,
        };
        match done {
            Ok(()) => {}
            Err(Undone::Refused(refusal)) => {
                let told = refusal::tell(words, &shell.dates, &refusal);
                let what = format!("{number}: {}", told.what);
                faults.push(Fault { field: "over", what, next: told.next });
            }
            Err(Undone::Problem(problem)) => return Err(problem),
            Err(Undone::Picture(_)) => return Err(Problem::UnreadableForm),
        }
    }
    if faults.is_empty() {
        return Ok(see_other("/books/uncollected"));
    }
    let shell = faults.into_iter().fold(shell, |shell, fault| shell.faulty(fault, form.clone()));
    show_as(StatusCode::CONFLICT, &draw(&app, shell)?)
}

async fn one(app: &OfficeApp, asker: &Asker, it: &Waiting, reason: String) -> Result<(), Undone> {
    // A book that only a report knows is cancelled from its own page, where it is scanned.
    let book = it.line.book.clone().ok_or(Refusal::BookNotAtThisStep)?;
    let once = format!("{}-{book}", asker.once);
    let asker = Asker { once, seen: None, ..asker.clone() };
    books::cancel(&app.store, asker, it.line.key, book, reason).await?;
    Ok(())
}
