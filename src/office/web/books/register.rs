//! `/books/register`: the register of hand-overs of a day (*buku penyerahan*), to print, to sign on paper, and as a file.

use actix_web::web::{Data, Query};
use askama::Template;
use chrono::NaiveDate;

use crate::domain::book::Collector;
use crate::domain::fact::Fact;
use crate::office::store::{Done, Summary};
use crate::office::web::acts::{self, Answer};
use crate::office::web::app::OfficeApp;
use crate::web::errors::Problem;
use crate::web::export;
use crate::web::page::{Shell, show};
use crate::web::session::SignedIn;
use crate::web::words::{L10nLanguage, names};

/// The kind of [`Fact::HandedOver`].
const HANDED_OVER: u16 = 144;

/// The page.
#[derive(Template)]
#[template(path = "office/books/register.html")]
pub struct RegisterPage {
    shell: Shell,
    day: NaiveDate,
    title: String,
    rows: Vec<RegisterRow>,
}

/// One hand-over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterRow {
    time: String,
    number: String,
    name: String,
    book: String,
    collector: String,
    papers: String,
    officer: String,
}

/// The day that is asked for.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Wanted {
    #[serde(default)]
    day: String,
}

fn rows(app: &OfficeApp, shell: &Shell, day: NaiveDate) -> Result<Vec<(Done, RegisterRow)>, Problem> {
    let mut rows = Vec::new();
    for done in app.store.done_of_kind(day, HANDED_OVER)? {
        let line = done.about.map(|key| app.store.summary(key)).transpose()?.flatten();
        if let Some(row) = row(shell, &done, line.as_ref()) {
            rows.push((done, row));
        }
    }
    Ok(rows)
}

fn row(shell: &Shell, done: &Done, line: Option<&Summary>) -> Option<RegisterRow> {
    let Fact::HandedOver(handed) = &done.entry.fact else { return None };
    let applicant = line.map(|line| line.name.clone()).unwrap_or_default();
    let (collector, papers) = collected_by(shell.words, &handed.collector, &applicant);
    Some(RegisterRow {
        time: shell.dates.clock(done.entry.at),
        number: done.number.as_ref().map(ToString::to_string).unwrap_or_default(),
        name: applicant,
        book: handed.book.to_string(),
        collector,
        papers,
        officer: names::actor(shell.words, &done.entry.by),
    })
}

/// Who took it, and the papers shown.
fn collected_by(words: &L10nLanguage, collector: &Collector, applicant: &str) -> (String, String) {
    match collector {
        Collector::Applicant => (applicant.to_owned(), words.book_collector_self()),
        Collector::Family { name, identity } => {
            (name.clone(), format!("{}; {identity}", words.book_collector_family()))
        }
        Collector::Proxy { name, identity, authority } => {
            (name.clone(), format!("{}; {identity}; {authority}", words.book_collector_proxy()))
        }
    }
}

/// `GET /books/register`.
pub async fn show_register(app: Data<OfficeApp>, shell: Shell, wanted: Query<Wanted>) -> Answer {
    let day = wanted.day.parse().unwrap_or_else(|_| app.today());
    let rows = rows(&app, &shell, day)?.into_iter().map(|(_, row)| row).collect();
    show(&RegisterPage { day, title: shell.dates.long_day(day), rows, shell })
}

/// `GET /books/register.csv`: the same as a file. That it left the office stands in the history of everybody in it.
pub async fn download(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    wanted: Query<Wanted>,
) -> Answer {
    let day: NaiveDate = wanted.day.parse().unwrap_or_else(|_| app.today());
    let words = shell.words;
    let mut table = vec![vec![
        words.register_time(),
        words.import_column_number(),
        words.import_column_name(),
        words.book_number(),
        words.register_collector(),
        words.register_papers(),
        words.register_officer(),
    ]];
    for (done, row) in rows(&app, &shell, day)? {
        if let Some(key) = done.about {
            acts::note_view(&app, &officer, key, "export");
        }
        let RegisterRow { time, number, name, book, collector, papers, officer } = row;
        table.push(vec![time, number, name, book, collector, papers, officer]);
    }
    export::csv(&format!("buku-penyerahan-{day}.csv"), table)
}
