//! `/books/batch`: many books at one step, scanned one after the other. A scanner ends each number with a line break, so
//! one box takes them all; what was done goes, what was refused stays with its reason.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use askama::Template;

use crate::domain::application::ApplicationKey;
use crate::domain::number::{ApplicationNumber, BookNumber};
use crate::domain::refusal::Refusal;
use crate::office::actions::{Asker, books};
use crate::office::web::acts::{Answer, Undone};
use crate::office::web::app::OfficeApp;
use crate::office::web::head::Choice;
use crate::web::errors::Problem;
use crate::web::forms::Fields;
use crate::web::page::{Fault, Shell, see_other, show, show_as};
use crate::web::session::SignedIn;
use crate::web::words::{L10nLanguage, refusal};

/// So many lines are taken at once: what lies on a table.
const SCANS_MAX: usize = 200;
/// A longer line is no scan; so much of it is shown.
const SHOWN_CHARS_MAX: usize = 40;

/// The steps a batch can take, with the words forms send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Print,
    Check,
    Ready,
}

const STEPS: [(&str, Step); 3] = [("print", Step::Print), ("check", Step::Check), ("ready", Step::Ready)];

impl Step {
    fn of(text: &str) -> Option<(&'static str, Self)> {
        STEPS.into_iter().find(|(value, _)| *value == text)
    }

    fn name(self, words: &L10nLanguage) -> String {
        match self {
            Step::Print => words.batch_print(),
            Step::Check => words.batch_check(),
            Step::Ready => words.batch_ready(),
        }
    }
}

/// The page.
#[derive(Template)]
#[template(path = "office/books/batch.html")]
pub struct BatchPage {
    shell: Shell,
    steps: Vec<Choice>,
    done: Option<String>,
    refused: Vec<RefusedScan>,
    scans: String,
}

/// A scan that was not done.
pub struct RefusedScan {
    scan: String,
    what: String,
    next: String,
}

/// What the page is asked for.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Wanted {
    #[serde(default)]
    step: String,
    done: Option<u32>,
}

impl BatchPage {
    fn of(shell: Shell, step: &str, done: Option<u32>, refused: Vec<RefusedScan>) -> Self {
        let words = shell.words;
        let chosen = Step::of(step).map_or(STEPS[0].0, |(value, _)| value);
        let choice = |(value, step): (&'static str, Step)| Choice {
            value,
            name: step.name(words),
            ticked: value == chosen,
        };
        let steps = STEPS.into_iter().map(choice).collect();
        let done = done.filter(|done| *done > 0).map(|done| words.batch_done(i64::from(done)));
        let lines: Vec<&str> = refused.iter().map(|scan| scan.scan.as_str()).collect();
        Self { steps, done, scans: lines.join("\n"), refused, shell }
    }
}

/// `GET /books/batch`.
pub async fn form(shell: Shell, wanted: Query<Wanted>) -> Answer {
    show(&BatchPage::of(shell, &wanted.step, wanted.done, Vec::new()))
}

/// What a line of scans says.
struct Scan {
    text: String,
    book: BookNumber,
    /// Scanned just before, for a book that is known by a report only.
    application: Option<ApplicationNumber>,
}

/// Takes the lines apart: a book on each, or an application's number before its book. The same book again is one scan.
fn scans(text: &str) -> Result<Vec<Scan>, String> {
    let mut scans = Vec::new();
    let (mut application, mut seen): (Option<ApplicationNumber>, BTreeSet<BookNumber>) =
        (None, BTreeSet::new());
    for line in
        text.lines().flat_map(|line| line.split([' ', '\t', ',', ';'])).filter(|line| !line.is_empty())
    {
        let shown = || line.chars().take(SHOWN_CHARS_MAX).collect::<String>();
        if let Ok(number) = ApplicationNumber::parse(line) {
            application = Some(number);
            continue;
        }
        let book = BookNumber::parse(line).map_err(|_| shown())?;
        let text = match &application {
            Some(number) => format!("{number} {book}"),
            None => book.to_string(),
        };
        if seen.insert(book.clone()) {
            scans.push(Scan { text, book, application: application.take() });
        }
        application = None;
    }
    match application {
        Some(number) => Err(number.to_string()),
        None => Ok(scans),
    }
}

/// `POST /books/batch`.
pub async fn act(app: Data<OfficeApp>, officer: SignedIn, shell: Shell, form: Fields) -> Answer {
    let words = shell.words;
    let wrong = |field, what, next| Fault { field, what, next };
    let step = Step::of(form.text("step"));
    let parsed = match (step, scans(form.text("scans"))) {
        (None, _) => Err(wrong("step", words.batch_choose(), words.batch_choose_next())),
        (_, Err(line)) => Err(wrong("scans", words.batch_not_a_book(line), words.batch_not_a_book_next())),
        (_, Ok(scans)) if scans.is_empty() => {
            Err(wrong("scans", words.batch_empty(), words.batch_empty_next()))
        }
        (_, Ok(scans)) if scans.len() > SCANS_MAX => {
            let most = i64::try_from(SCANS_MAX).unwrap_or(i64::MAX);
            Err(wrong("scans", words.batch_too_many(most), words.batch_too_many_next()))
        }
        (Some(step), Ok(scans)) => Ok((step, scans)),
    };
    let ((value, step), scans) = match parsed {
        Ok(parsed) => parsed,
        Err(fault) => {
            let typed = form.text("scans").to_owned();
            let step = form.owned("step");
            let mut page = BatchPage::of(shell.faulty(fault, form), &step, None, Vec::new());
            page.scans = typed;
            return show_as(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let asker = app.asker(&officer, &form)?;
    let shelf = form.owned("shelf");
    let (mut done, mut refused) = (0_u32, Vec::new());
    for scan in scans {
        match one(&app, &asker, step, &scan, &shelf).await {
            Ok(()) => done += 1,
            Err(Undone::Refused(why)) => {
                let (what, next) = match why {
                    Refusal::UnknownApplication => {
                        (words.book_list_unknown(), words.book_list_unknown_next())
                    }
                    why => {
                        let told = refusal::tell(words, &shell.dates, &why);
                        (told.what, told.next)
                    }
                };
                refused.push(RefusedScan { scan: scan.text, what, next });
            }
            Err(Undone::Problem(problem)) => return Err(problem),
            Err(Undone::Picture(_)) => return Err(Problem::UnreadableForm),
        }
    }
    if refused.is_empty() {
        return Ok(see_other(&format!("/books/batch?step={value}&done={done}")));
    }
    let count = i64::try_from(refused.len()).unwrap_or(i64::MAX);
    let fault = wrong("scans", words.batch_refused(count), words.batch_refused_next());
    let page = BatchPage::of(shell.faulty(fault, form), value, Some(done), refused);
    show_as(StatusCode::CONFLICT, &page)
}

/// One scan. Its key comes from the form's and the book's, so that a form sent twice does each once.
async fn one(app: &OfficeApp, asker: &Asker, step: Step, scan: &Scan, shelf: &str) -> Result<(), Undone> {
    let Scan { book, application, .. } = scan;
    let key = find(app, book, application.as_ref())?.ok_or(Refusal::UnknownApplication)?;
    let once = format!("{}-{book}", asker.once);
    let (store, by, book) = (&app.store, Asker { once, seen: None, ..asker.clone() }, book.clone());
    match step {
        Step::Print => books::print(store, by, key, book).await?,
        Step::Check => books::check(store, by, key, book, None).await?,
        Step::Ready => books::ready(store, by, key, book, shelf.to_owned()).await?,
    };
    Ok(())
}

fn find(
    app: &OfficeApp,
    book: &BookNumber,
    application: Option<&ApplicationNumber>,
) -> Result<Option<ApplicationKey>, Problem> {
    Ok(match application {
        Some(number) => app.store.by_number(number)?,
        None => app.store.by_book(book)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scans_are_books_or_an_application_before_its_book() {
        let read = |text: &str| {
            let scans = scans(text)?;
            Ok::<_, String>(scans.into_iter().map(|scan| scan.text).collect::<Vec<_>>())
        };
        assert_eq!(read("X0000001\r\nx0000002\n\nX0000001\n").unwrap(), ["X0000001", "X0000002"]);
        assert_eq!(
            read("1179000000000001\nX0000001\nX0000002").unwrap(),
            ["1179000000000001 X0000001", "X0000002"]
        );
        assert_eq!(read("1179000000000001 X0000001").unwrap(), ["1179000000000001 X0000001"]);
        assert_eq!(read("X0000001\nbuku"), Err("buku".to_owned()));
        assert_eq!(
            read("1179000000000001"),
            Err("1179000000000001".to_owned()),
            "an application without its book"
        );
        assert_eq!(read("").unwrap(), Vec::<String>::new());
    }
}
