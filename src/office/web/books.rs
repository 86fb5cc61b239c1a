//! `/applications/{number}/book` and `/books`: the book from the scanned blank to the hand that takes it.

pub mod batch;
pub mod due;
pub mod importing;
pub mod page;
pub mod preview;
pub mod register;
pub mod stock;
pub mod uncollected;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};

use super::acts::{self, Answer, Undone};
use super::app::OfficeApp;
use crate::domain::application::ApplicationKey;
use crate::domain::book::{Collector, Defect};
use crate::domain::number::BookNumber;
use crate::domain::step::next_steps;
use crate::office::actions::{ActionError, Asker, books};
use crate::office::store::{Acted, Store};
use crate::web::errors::{Problem, refusal_status};
use crate::web::forms::Fields;
use crate::web::page::{Fault, Shell, see_other, show, show_as};
use crate::web::session::SignedIn;
use crate::web::words::L10nLanguage;
use page::{BookPage, BooksPage, DEFECTS};

/// What a scanner sends to `/books`.
#[derive(serde::Deserialize)]
pub struct Scan {
    book: Option<String>,
}

/// `GET /books`: the list; a scanned or typed number goes on to its page.
pub async fn list(app: Data<OfficeApp>, shell: Shell, scan: Query<Scan>) -> Answer {
    let lines = app.store.open_applications();
    let Some(text) = scan.book.as_deref().filter(|text| !text.trim().is_empty()) else {
        return show(&BooksPage::of(shell, &lines));
    };
    let key = BookNumber::parse(text).ok().map(|book| app.store.by_book(&book)).transpose()?.flatten();
    let found = key.map(|key| app.store.summary(key)).transpose()?.flatten();
    if let Some(number) = found.and_then(|line| line.number) {
        return Ok(see_other(&format!("/applications/{number}/book")));
    }
    let (what, next) = (shell.words.book_list_unknown(), shell.words.book_list_unknown_next());
    let typed = Fields::new(vec![("book".to_owned(), text.to_owned())]);
    let shell = shell.faulty(Fault { field: "book", what, next }, typed);
    show_as(StatusCode::NOT_FOUND, &BooksPage::of(shell, &lines))
}

/// `GET /applications/{number}/book`.
pub async fn read(app: Data<OfficeApp>, officer: SignedIn, shell: Shell, number: Path<String>) -> Answer {
    let opened = acts::open(&app, &number)?;
    acts::note_view(&app, &officer, opened.application.key(), "book");
    show(&draw(&app, &officer, shell, &number)?)
}

fn draw(app: &OfficeApp, officer: &SignedIn, shell: Shell, number: &str) -> Result<BookPage, Problem> {
    let opened = acts::open(app, number)?;
    let settings = app.settings()?;
    let steps = app.with_context(officer, &settings, |context| next_steps(&opened.view, context));
    Ok(BookPage::of(shell, &opened.view, &app.store.office().code, (opened.seen, &steps)))
}

/// `POST /applications/{number}/book`: a blank set aside, printed, checked.
pub async fn step(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    (number, form): (Path<String>, Fields),
) -> Answer {
    let step = parse(shell.words, form.text("step"), &form);
    go_on(&app, &officer, shell, (&number, form, step)).await
}

/// `POST /applications/{number}/ready`: stored, to be collected.
pub async fn ready(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    (number, form): (Path<String>, Fields),
) -> Answer {
    let step = parse(shell.words, "ready", &form);
    go_on(&app, &officer, shell, (&number, form, step)).await
}

/// `POST /applications/{number}/hand-over`: given away.
pub async fn hand_over(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    (number, form): (Path<String>, Fields),
) -> Answer {
    let step = parse(shell.words, "hand-over", &form);
    go_on(&app, &officer, shell, (&number, form, step)).await
}

/// `POST /applications/{number}/book/cancel`: no longer to be used, with the reason.
pub async fn cancel(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    (number, form): (Path<String>, Fields),
) -> Answer {
    let step = parse(shell.words, "cancel", &form);
    go_on(&app, &officer, shell, (&number, form, step)).await
}

async fn go_on(
    app: &OfficeApp,
    officer: &SignedIn,
    shell: Shell,
    (number, form, step): (&str, Fields, Result<Step, Fault>),
) -> Answer {
    let opened = acts::open(app, number)?;
    let step = match step {
        Ok(step) => step,
        Err(fault) => {
            let page = draw(app, officer, shell.faulty(fault, form), number)?;
            return show_as(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let done = act(&app.store, app.asker(officer, &form)?, opened.application.key(), step).await;
    match done.map_err(Undone::from) {
        Ok(_) => Ok(see_other(&format!("/applications/{number}/book"))),
        Err(Undone::Refused(refusal)) => {
            let page = draw(app, officer, shell.refused(&refusal, form), number)?;
            show_as(refusal_status(&refusal), &page)
        }
        Err(Undone::Problem(problem)) => Err(problem),
        Err(Undone::Picture(_)) => Err(Problem::UnreadableForm),
    }
}

/// A step of the book as a form asks for it.
enum Step {
    Allocate(BookNumber),
    Print(BookNumber),
    Check(BookNumber, Option<Defect>),
    Ready(BookNumber, String),
    Cancel(BookNumber, String),
    HandOver(BookNumber, Collector),
}

async fn act(store: &Store, by: Asker, key: ApplicationKey, step: Step) -> Result<Acted, ActionError> {
    match step {
        Step::Allocate(book) => books::allocate(store, by, key, book).await,
        Step::Print(book) => books::print(store, by, key, book).await,
        Step::Check(book, defect) => books::check(store, by, key, book, defect).await,
        Step::Ready(book, shelf) => books::ready(store, by, key, book, shelf).await,
        Step::Cancel(book, reason) => books::cancel(store, by, key, book, reason).await,
        Step::HandOver(book, collector) => books::hand_over(store, by, key, book, collector).await,
    }
}

fn parse(words: &L10nLanguage, step: &str, form: &Fields) -> Result<Step, Fault> {
    let number = BookNumber::parse(form.text("book"));
    let book = number.map_err(|_| Fault {
        field: "book",
        what: words.book_number_wrong(),
        next: words.book_number_wrong_next(),
    })?;
    match step {
        "print" => Ok(Step::Print(book)),
        "check" => Ok(Step::Check(book, defect(words, form)?)),
        "ready" => Ok(Step::Ready(book, form.owned("shelf"))),
        "cancel" => Ok(Step::Cancel(book, form.owned("reason"))),
        "hand-over" => Ok(Step::HandOver(book, collector(words, form)?)),
        _ => Ok(Step::Allocate(book)),
    }
}

fn defect(words: &L10nLanguage, form: &Fields) -> Result<Option<Defect>, Fault> {
    let chosen = form.text("defect");
    if chosen == "none" {
        return Ok(None);
    }
    let found = DEFECTS.iter().find(|(value, _)| *value == chosen).map(|(_, defect)| Some(*defect));
    found.ok_or_else(|| Fault {
        field: "defect",
        what: words.book_choose_check(),
        next: words.book_choose_check_next(),
    })
}

fn collector(words: &L10nLanguage, form: &Fields) -> Result<Collector, Fault> {
    let (name, identity) = (form.owned("collector-name"), form.owned("collector-identity"));
    let collector = match form.text("collector") {
        "applicant" => Collector::Applicant,
        "family" => Collector::Family { name, identity },
        "proxy" => Collector::Proxy { name, identity, authority: form.owned("collector-authority") },
        _ => {
            let (what, next) = (words.book_choose_collector(), words.book_choose_collector_next());
            return Err(Fault { field: "collector", what, next });
        }
    };
    if form.ticked("papers") {
        return Ok(collector);
    }
    Err(Fault { field: "papers", what: words.book_papers_needed(), next: words.book_papers_needed_next() })
}
