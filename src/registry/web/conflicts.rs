//! `/staff/conflicts`: where two truths meet in any office, and what holds until a person settles it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use loket_sync::{SessionId, StreamId};

use super::app::{asker, fault_in};
use super::rows::Row;
use crate::domain::conflict::Conflict;
use crate::registry::actions::Registry;
use crate::registry::actions::nodes::{self as actions, Decided};
use crate::registry::store::{AsideRow, Summary};
use crate::web::errors::Problem;
use crate::web::forms::Fields;
use crate::web::page::{self, Shell};
use crate::web::session::SignedIn;
use crate::web::words::conflicts::{self, Told};
use crate::web::words::nodes;

/// The most applications on the page: urgent ones first, then the oldest.
const APPLICATIONS_MAX: u32 = 200;
/// The most sessions of which records were not taken.
const ASIDE_MAX: u32 = 100;
/// The most applications named beside one of them.
const ABOUT_MAX: usize = 5;

/// An application about which two truths meet.
pub struct Disputed {
    row: Row,
    points: Vec<Told>,
    /// Where headquarters settles it, when it can.
    settle: Option<String>,
}

/// The page.
#[derive(Template)]
#[template(path = "registry/conflicts/conflicts.html")]
pub struct ConflictsPage {
    shell: Shell,
    disputed: Vec<Disputed>,
    payments: i64,
    lines: Lines,
}

/// What the lines of offices need a person for.
#[derive(Default)]
pub struct Lines {
    /// Records that were not taken (DESIGN.md §6, row 10).
    aside: Vec<NotTakenLine>,
    /// Machines of which two copies are at work: name and code of the office, and what it means.
    copied: Vec<(String, String, String)>,
    /// Applications of which facts wait for a newer program or a key: address and number, empty while no booking is known.
    waiting: Vec<(String, String)>,
    /// What came back after this registry was restored.
    restored: Option<String>,
}

impl Lines {
    /// Whether nothing of all this waits for a person.
    fn is_empty(&self) -> bool {
        let Self { aside, copied, waiting, restored } = self;
        aside.is_empty() && copied.is_empty() && waiting.is_empty() && restored.is_none()
    }
}

/// A session of which records were not taken.
pub struct NotTakenLine {
    stream: String,
    session: String,
    seen: u64,
    office: String,
    count: i64,
    since: String,
    kept: bool,
    can_be_taken_in: bool,
    what: String,
    next: String,
    applications: Vec<(String, String)>,
    more: usize,
}

impl NotTakenLine {
    fn of(shell: &Shell, row: &AsideRow, about: &[Summary]) -> Self {
        let told = nodes::refused_at_headquarters(shell.words, row.not.why);
        let number = |line: &Summary| {
            let line = Row::of(shell, line);
            (!line.number.is_empty()).then_some((line.href, line.number))
        };
        Self {
            stream: row.not.stream.to_string(),
            session: row.not.session.to_string(),
            seen: row.not.len,
            office: row.office.to_string(),
            count: i64::try_from(row.records()).unwrap_or(i64::MAX),
            since: shell.dates.since(row.since, shell.now),
            kept: row.kept,
            can_be_taken_in: row.can_be_taken_in(),
            what: told.what,
            next: told.next,
            applications: about.iter().filter_map(number).collect(),
            more: row.applications.len().saturating_sub(about.len()),
        }
    }
}

impl ConflictsPage {
    /// Lists these applications; beside them stand so many payments that somebody has to settle.
    pub fn of(shell: Shell, lines: &[Summary], payments: usize, of_offices: Lines) -> Self {
        let disputed = lines.iter().map(|line| Disputed::of(&shell, line)).collect();
        Self { shell, disputed, payments: i64::try_from(payments).unwrap_or(i64::MAX), lines: of_offices }
    }
}

impl Disputed {
    fn of(shell: &Shell, line: &Summary) -> Self {
        let row = Row::of(shell, line);
        let is_settled_here = line.conflicts.iter().any(|it| matches!(it, Conflict::ServedTwice { .. }));
        let settle = is_settled_here.then(|| format!("{}#decide", row.href));
        let mut points: Vec<Told> =
            line.conflicts.iter().map(|it| conflicts::tell(shell.words, it)).collect();
        points.sort_by_key(|point| !point.urgent);
        Self { row, points, settle }
    }
}

/// `GET /staff/conflicts`
pub async fn list(registry: Data<Registry>, shell: Shell) -> Result<HttpResponse, Problem> {
    page::show(&draw(&registry, shell).await?)
}

async fn draw(registry: &Registry, shell: Shell) -> Result<ConflictsPage, Problem> {
    let lines = registry.store.in_conflict(APPLICATIONS_MAX).await?;
    let payments = registry.store.reconciliation(APPLICATIONS_MAX).await?.len();
    let of_offices = of_offices(registry, &shell).await?;
    Ok(ConflictsPage::of(shell, &lines, payments, of_offices))
}

async fn of_offices(registry: &Registry, shell: &Shell) -> Result<Lines, Problem> {
    let mut lines = Lines::default();
    for row in registry.store.aside(ASIDE_MAX).await? {
        let mut about = Vec::new();
        for key in row.applications.iter().take(ABOUT_MAX) {
            about.extend(registry.store.summary_of(*key).await?);
        }
        lines.aside.push(NotTakenLine::of(shell, &row, &about));
    }
    for row in registry.store.offices().await? {
        for since in row.nodes.iter().filter_map(|node| node.twins_since) {
            let what = shell.words.node_twins(shell.dates.since(since, shell.now));
            lines.copied.push((row.office.name.clone(), row.office.code.to_string(), what));
        }
    }
    for line in registry.store.waiting(ASIDE_MAX).await? {
        let line = Row::of(shell, &line);
        lines.waiting.push((line.href, line.number));
    }
    lines.restored = registry.store.handed_back().await?.map(|it| {
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let since = shell.dates.since(it.since, shell.now);
        shell.words.restored_lead(since, count(it.offices), count(it.records))
    });
    Ok(lines)
}

/// `POST /staff/conflicts/aside`: takes records in, or leaves them aside.
pub async fn decide_aside(
    registry: Data<Registry>,
    officer: SignedIn,
    shell: Shell,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let unreadable = || Problem::UnreadableForm;
    let stream: StreamId = form.text("stream").parse().map_err(|_| unreadable())?;
    let session: SessionId = form.text("session").parse().map_err(|_| unreadable())?;
    let seen = form.text("seen").parse().map_err(|_| unreadable())?;
    let decided = match form.text("decided") {
        "take-in" => Decided::TakeIn,
        "leave" => Decided::Leave,
        _ => return Err(unreadable()),
    };
    let at = (stream, session, seen);
    let done = actions::decide_aside(&registry, &asker(&officer), at, decided, form.text("reason")).await;
    match done {
        Ok(()) => Ok(page::see_other("/staff/conflicts")),
        Err(error) => {
            let fault = fault_in(error, &shell)?;
            let page = draw(&registry, shell.faulty(fault, form)).await?;
            page::show_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// `POST /staff/conflicts/restored`: what a restored registry may have lost was compared.
pub async fn settle_handed_back(
    registry: Data<Registry>,
    officer: SignedIn,
    _: Fields,
) -> Result<HttpResponse, Problem> {
    actions::settle_handed_back(&registry, &asker(&officer)).await?;
    Ok(page::see_other("/staff/conflicts"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::booking::Cancelled;
    use crate::domain::fact::Fact;
    use crate::domain::sample::{Story, hand_over};
    use crate::registry::web::preview;
    use crate::web::page::sample;
    use crate::web::words::L10n;

    #[test]
    fn what_differs_in_any_office_is_listed_with_what_holds() {
        let cancelled = Fact::BookingCancelled(Cancelled { reason: "r".to_owned() });
        let stories = [
            Story::interviewed().also_arrives_at("batam").registry(cancelled.clone()),
            Story::ready().does(hand_over(1)).registry(cancelled),
        ];
        let lines = stories.map(|story| Summary::of(&story.view()));
        let shell = preview::shell(L10n::Id, "/staff/conflicts");
        insta::assert_snapshot!(sample::content(&ConflictsPage::of(shell, &lines, 2, not_taken())));
    }

    fn not_taken() -> Lines {
        let line = NotTakenLine {
            stream: "office/karimun".to_owned(),
            session: "0b".repeat(16),
            seen: 815,
            office: "karimun".to_owned(),
            count: 3,
            since: "08.30".to_owned(),
            kept: true,
            can_be_taken_in: true,
            what: "what".to_owned(),
            next: "next".to_owned(),
            applications: vec![("/staff/applications/1".to_owned(), "1179".to_owned())],
            more: 2,
        };
        let copied = ("Kantor Batam".to_owned(), "batam".to_owned(), "copied".to_owned());
        let waiting = vec![("/staff/applications/2".to_owned(), "1180".to_owned())];
        Lines { aside: vec![line], copied: vec![copied], waiting, restored: Some("restored".to_owned()) }
    }

    #[test]
    fn when_everything_agrees_the_page_says_so() {
        let shell = preview::shell(L10n::En, "/staff/conflicts");
        insta::assert_snapshot!(sample::content(&ConflictsPage::of(shell, &[], 0, Lines::default())));
    }
}
