//! `/bookings`: the day's list, the search, and the box a scanner types into.
//!
//! The box posts what was typed, so that no name and no NIK stands in an address, in a browser's history or in a proxy's log.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use chrono::NaiveDate;

use super::app::OfficeApp;
use super::applications;
use super::rows::Row;
use crate::domain::actor::Role;
use crate::domain::application::Application;
use crate::domain::flag;
use crate::domain::number::ApplicationNumber;
use crate::domain::status::Status;
use crate::office::store::{PaymentState, Summary};
use crate::proof;
use crate::web::errors::Problem;
use crate::web::forms::Fields;
use crate::web::page::Shell;
use crate::web::session::SignedIn;
use crate::web::words::{L10nLanguage, flags, names};
use crate::web::{host, page};

/// More than this is no answer to a search.
const FOUND_MAX: usize = 50;

/// The query of the page.
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub struct Wanted {
    /// What was typed or scanned.
    #[serde(default)]
    pub q: String,
    /// The day of the list; today when empty.
    #[serde(default)]
    pub day: String,
    /// Which part of the day.
    #[serde(default)]
    pub show: String,
    /// Whose ticket has just been drawn.
    #[serde(default)]
    pub received: String,
}

/// Somebody whose ticket has just been drawn.
pub struct Received {
    /// Their page.
    pub number: ApplicationNumber,
    /// Who.
    pub name: String,
    /// The ticket.
    pub ticket: String,
    /// What the officer should still know, as flags say it.
    pub notes: Vec<String>,
}

/// What can be said about something scanned that is not known here.
#[derive(Default)]
pub struct Unknown {
    /// It is a number or a code, and no name.
    pub is_scan: bool,
    /// The line is down: what was booked since is not here.
    pub line_down_since: Option<String>,
    /// What a valid proof of payment says: its number, office and day.
    pub proof: Option<(String, String, String)>,
    /// The person was erased.
    pub is_erased: bool,
}

/// A part of the day to look at.
pub struct Part {
    /// As in the address.
    pub key: &'static str,
    /// In words.
    pub label: String,
    /// How many.
    pub count: usize,
    /// Whether it is shown.
    pub chosen: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "office/bookings/bookings.html")]
pub struct BookingsPage {
    shell: Shell,
    wanted: Wanted,
    day: NaiveDate,
    title: String,
    parts: Vec<Part>,
    rows: Vec<Row>,
    searched: bool,
    received: Option<Received>,
    unknown: Unknown,
    /// Lists more than one day, so that each row says its day.
    all_days: bool,
}

/// The list of those who wait for a supervisor.
const REVIEW: &str = "review";

type Test = fn(&Summary) -> bool;

fn parts(words: &L10nLanguage) -> [(&'static str, String, Test); 6] {
    [
        ("all", words.bookings_all(), |_| true),
        ("expected", words.today_expected(), |l| l.arrived_at.is_none() && !l.closed()),
        ("arrived", words.today_arrived(), |l| l.arrived_at.is_some()),
        ("done", words.today_done(), |l| l.arrived_at.is_some() && l.status >= Status::Captured),
        ("unpaid", words.today_unpaid(), |l| {
            matches!(l.payment, PaymentState::Due | PaymentState::Expired | PaymentState::Provisional)
        }),
        ("held", words.today_held(), |l| l.held_until.is_some()),
    ]
}

impl BookingsPage {
    /// The list of a day.
    pub fn of_day(shell: Shell, wanted: Wanted, day: NaiveDate, lines: &[Summary]) -> Self {
        let all = parts(shell.words);
        let known = all.iter().any(|(key, _, _)| *key == wanted.show);
        let show = if known { wanted.show.clone() } else { "all".to_owned() };
        let test =
            all.iter().find(|(key, _, _)| *key == show).map_or((|_| true) as Test, |(_, _, test)| *test);
        let rows = lines.iter().filter(|line| test(line)).map(|line| Row::of(&shell, line)).collect();
        let part = |(key, label, test): (&'static str, String, Test)| Part {
            key,
            label,
            count: lines.iter().filter(|line| test(line)).count(),
            chosen: key == show,
        };
        let parts = all.into_iter().map(part).collect();
        let title = shell.dates.long_day(day);
        let (received, unknown) = (None, Unknown::default());
        Self { shell, wanted, day, title, parts, rows, searched: false, all_days: false, received, unknown }
    }

    /// Everybody who waits for papers or for a supervisor, whatever the day.
    pub fn of_open(shell: Shell, wanted: Wanted, today: NaiveDate, open: &[Summary]) -> Self {
        let is_review = wanted.show == REVIEW;
        let waits = |line: &&Summary| {
            if is_review { line.status == Status::AwaitingReview } else { line.held_until.is_some() }
        };
        let rows = open.iter().filter(waits).map(|line| Row::of(&shell, line)).collect();
        let title = if is_review { shell.words.today_review() } else { shell.words.today_held() };
        let (parts, received, unknown) = (Vec::new(), None, Unknown::default());
        Self {
            shell,
            wanted,
            day: today,
            title,
            parts,
            rows,
            searched: false,
            all_days: true,
            received,
            unknown,
        }
    }

    /// Whether the reader may register a walk-in.
    fn registers(&self) -> bool {
        self.shell.may(&[Role::FrontDesk, Role::Supervisor])
    }

    /// What a search found.
    pub fn found(shell: Shell, wanted: Wanted, today: NaiveDate, lines: &[Summary]) -> Self {
        let rows = lines.iter().map(|line| Row::of(&shell, line)).collect();
        let title = shell.words.bookings_found(&wanted.q);
        let (received, unknown) = (None, Unknown::default());
        let parts = Vec::new();
        Self {
            shell,
            wanted,
            day: today,
            title,
            parts,
            rows,
            searched: true,
            all_days: true,
            received,
            unknown,
        }
    }
}

/// The application number inside a scanned text: the text itself, or sixteen digits that stand alone in it, or what a
/// signed proof of payment names.
pub fn scanned_number(text: &str) -> Option<ApplicationNumber> {
    if let Ok(number) = ApplicationNumber::parse(text) {
        return Some(number);
    }
    if let Some(number) = crate::proof::claimed_number(text) {
        return Some(number);
    }
    let runs = text.split(|c: char| !c.is_ascii_digit());
    runs.filter(|run| run.len() == 16).find_map(|run| ApplicationNumber::parse(run).ok())
}

/// `GET /bookings`.
pub async fn list(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    answer(&app, &officer, shell, wanted.into_inner())
}

/// `POST /bookings`: what was typed or scanned.
pub async fn search(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    typed: Fields,
) -> Result<HttpResponse, Problem> {
    look_up(&app, &officer, shell, typed.owned("q"))
}

/// Opens what was typed or scanned, or says what could be found.
pub fn look_up(
    app: &OfficeApp,
    officer: &SignedIn,
    shell: Shell,
    text: String,
) -> Result<HttpResponse, Problem> {
    answer(app, officer, shell, Wanted { q: text, ..Wanted::default() })
}

fn answer(
    app: &OfficeApp,
    officer: &SignedIn,
    shell: Shell,
    wanted: Wanted,
) -> Result<HttpResponse, Problem> {
    let text = wanted.q.trim();
    if text.is_empty() && wanted.day.is_empty() && [REVIEW, "held"].contains(&wanted.show.as_str()) {
        let open = app.store.open_applications();
        return page::show(&BookingsPage::of_open(shell, wanted, app.today(), &open));
    }
    if text.is_empty() {
        let day = wanted.day.parse().unwrap_or_else(|_| app.today());
        let lines = app.store.day(day)?;
        let received = received(app, &shell, &wanted.received)?;
        return page::show(&BookingsPage { received, ..BookingsPage::of_day(shell, wanted, day, &lines) });
    }
    let number = scanned_number(text);
    let known = number.as_ref().map(|number| app.store.by_number(number)).transpose()?.flatten();
    let application = known.map(|key| app.store.application(key)).transpose()?.flatten();
    let is_erased = application.as_ref().is_some_and(|application| application.view().erased.is_some());
    if let (Some(number), Some(application), false) = (&number, &application, is_erased) {
        if proof::looks_like_proof(text) {
            return with_proof(app, officer, shell, application, text);
        }
        return Ok(page::see_other(&format!("/applications/{number}")));
    }
    let lines = app.store.search(text, FOUND_MAX)?;
    if let [only] = &lines[..]
        && let Some(number) = &only.number
    {
        return Ok(page::see_other(&format!("/applications/{number}")));
    }
    let today = app.today();
    let unknown = Unknown { is_scan: number.is_some(), is_erased, ..unknown(app, &shell, text) };
    page::show(&BookingsPage { unknown, ..BookingsPage::found(shell, wanted, today, &lines) })
}

/// Somebody who shows the proof of payment and has no payment on record here: the box for it is filled already.
fn with_proof(
    app: &OfficeApp,
    officer: &SignedIn,
    shell: Shell,
    application: &Application,
    text: &str,
) -> Result<HttpResponse, Problem> {
    let view = application.view();
    let number = view.booking.as_ref().map(|it| it.number.clone());
    let is_settled = view.is_paid() || view.is_provisional();
    match number {
        Some(number) if is_settled => Ok(page::see_other(&format!("/applications/{number}"))),
        _ => {
            let typed = Fields::new(vec![("evidence".to_owned(), text.to_owned())]);
            page::show(&applications::draw(app, officer, shell.filled(typed), application)?)
        }
    }
}

/// Whose ticket has just been drawn.
fn received(app: &OfficeApp, shell: &Shell, number: &str) -> Result<Option<Received>, Problem> {
    let Ok(number) = ApplicationNumber::parse(number) else { return Ok(None) };
    let Some(key) = app.store.by_number(&number)? else { return Ok(None) };
    let Some(application) = app.store.application(key)? else { return Ok(None) };
    let view = application.view();
    let ticket = view.visit(&app.store.office().code).and_then(|visit| visit.tickets.last());
    let Some((ticket, booking)) = ticket.zip(view.booking.as_ref()) else { return Ok(None) };
    let office = app.store.office();
    let flags = flag::of(&view, app.now(), office.zone, &app.settings()?);
    let notes = flags.iter().map(|it| flags::tell(shell.words, &shell.dates, it)).collect();
    let (name, ticket) = (booking.applicant.name.clone(), ticket.number.to_string());
    Ok(Some(Received { number, name, ticket, notes }))
}

/// What is known of something scanned that is no application of this office.
fn unknown(app: &OfficeApp, shell: &Shell, text: &str) -> Unknown {
    let line_down_since = match app.line().state {
        host::LineState::Down { since } => Some(shell.dates.since(since, app.now())),
        _ => None,
    };
    let proof = app.store.registry().and_then(|registry| proof::verify(text, registry).ok()).map(|proven| {
        let day = shell.dates.long_day(proven.day);
        (proven.number.as_str().to_owned(), names::office(&proven.office), day)
    });
    Unknown { line_down_since, proof, ..Unknown::default() }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::web::page::sample;
    use crate::web::words::L10n;

    #[test]
    fn a_scanner_may_type_more_than_the_number() {
        let number = "1179000000000042";
        for text in [
            number,
            "1179 0000 0000 0042",
            "https://m-paspor.example/?no=1179000000000042&x=1",
            "NO:1179000000000042\n",
        ] {
            assert_eq!(scanned_number(text).map(String::from).as_deref(), Some(number), "{text}");
        }
        for text in ["", "117900000000004", "11790000000000421", "Siti"] {
            assert_eq!(scanned_number(text), None, "{text}");
        }
    }

    #[test]
    fn the_day_is_listed_by_appointment() {
        let shell = sample::shell(L10n::Id, "/bookings", &[Role::FrontDesk]);
        let day = samples::day();
        let page = BookingsPage::of_day(shell, Wanted::default(), samples::today(), &day);
        insta::assert_snapshot!(sample::content(&page));
    }

    #[test]
    fn a_search_that_finds_nothing_says_what_to_try() {
        let shell = sample::shell(L10n::En, "/bookings", &[Role::FrontDesk]);
        let wanted = Wanted { q: "<Nobody>".to_owned(), ..Wanted::default() };
        let page = BookingsPage::found(shell, wanted, samples::today(), &[]);
        insta::assert_snapshot!(sample::content(&page));
    }
}
