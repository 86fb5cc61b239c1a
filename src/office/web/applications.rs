//! `/applications/{number}`: everything about one application, what can be done next, and its whole history.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::acts;
use super::app::OfficeApp;
use super::history::{self, Moment};
use super::particulars::{self, Group, Money, PaperLine};
use super::rows;
use super::tickets::slip;
use crate::domain::actor::Role;
use crate::domain::application::{Application, ApplicationKey, Entry};
use crate::domain::booking::Slot;
use crate::domain::command::Context;
use crate::domain::document;
use crate::domain::flag;
use crate::domain::interview::Outcome;
use crate::domain::payment::Payment;
use crate::domain::refusal::Refusal;
use crate::domain::status::Status;
use crate::domain::step::{NextStep, next_steps, why_not};
use crate::domain::ticket::TicketState;
use crate::domain::view::{View, Visit};
use crate::domain::visit::Punctuality;
use crate::office::store::facts_seen;
use crate::web::dates::grouped;
use crate::web::errors::Problem;
use crate::web::forms::Fields;
use crate::web::page::{self, Shell};
use crate::web::session::SignedIn;
use crate::web::words::{conflicts, flags, names, refusal};

/// The page.
#[derive(Template)]
#[template(path = "office/applications/application.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing the template asks")]
pub struct ApplicationPage {
    shell: Shell,
    number: String,
    number_grouped: String,
    seen: usize,
    name: String,
    service: String,
    status: String,
    mark: &'static str,
    slot: Option<String>,
    channel: Option<String>,
    ticket: Option<String>,
    /// The ticket waits for its call.
    is_waiting: bool,
    /// The ticket is at a counter, and the reader may be the one who ends it there.
    is_served: bool,
    steps: Vec<NextStep>,
    why: Option<refusal::Told>,
    /// They come outside the hours of the appointment.
    hours: Option<String>,
    /// The interview waits for papers.
    held: Option<String>,
    waits: Option<String>,
    /// The papers were checked and a ticket given: checking again is possible, but not what comes next.
    is_checked: bool,
    /// The interview has its result: the same for capture and interview.
    is_examined: bool,
    papers: Vec<PaperLine>,
    /// Registered here, and headquarters has not billed it yet.
    bill_awaited: bool,
    flags: Vec<String>,
    conflicts: Vec<conflicts::Told>,
    groups: Vec<Group>,
    money: Option<Money>,
    history: Vec<Moment>,
    done: Option<String>,
}

/// What a page about an application is drawn from.
pub struct Drawn<'a> {
    /// All its facts.
    pub application: &'a Application,
    /// What a decision would go by.
    pub context: &'a Context<'a>,
    /// Whether headquarters has a fact.
    pub at_headquarters: &'a dyn Fn(&Entry) -> bool,
}

impl ApplicationPage {
    /// Draws it.
    pub fn of(shell: Shell, drawn: &Drawn<'_>) -> Self {
        let words = shell.words;
        let (view, context) = (drawn.application.view(), drawn.context);
        let booking = view.booking.as_ref();
        let number = booking.map(|it| it.number.as_str().to_owned()).unwrap_or_default();
        let visit = context.office.and_then(|office| view.visit(office));
        let slot = view.slot.or(booking.map(|it| it.slot));
        let ticket = visit.and_then(|visit| visit.tickets.last());
        let steps = next_steps(&view, context);
        let to_see = flag::of(&view, context.now, context.zone, context.settings);
        let papers = booking.map(|it| document::lines(it, visit, context.today, context.settings));
        let papers = papers.unwrap_or_default();
        Self {
            number_grouped: grouped(&number),
            seen: context.office.map_or(0, |office| facts_seen(drawn.application, office)),
            name: booking.map_or_else(|| words.bookings_not_here_yet(), |it| it.applicant.name.clone()),
            service: booking.map(|it| names::service(words, &it.service)).unwrap_or_default(),
            status: names::status(words, view.status),
            mark: rows::mark(view.status),
            slot: slot.map(|it| format!("{}, {}", shell.dates.long_day(it.day), shell.dates.interval(&it))),
            channel: booking.map(|it| particulars::channel(words, it)),
            ticket: ticket.map(|it| it.number.to_string()),
            is_waiting: ticket.is_some_and(|it| matches!(it.state, TicketState::Waiting { .. })),
            is_served: works_at_counters(context)
                && ticket.is_some_and(|it| matches!(it.state, TicketState::Serving { .. })),
            is_checked: !matches!(view.status, Status::Arrived | Status::Held),
            is_examined: view.status == Status::Held || view.status >= Status::AwaitingReview,
            why: why(&shell, &view, context, &steps),
            hours: hours(&shell, slot, context),
            held: held(&shell, visit),
            waits: waits(&shell, &view, &steps),
            papers: papers.iter().map(|line| PaperLine::of(&shell, line)).collect(),
            bill_awaited: view.walk_in.is_some() && view.payment == Payment::None,
            flags: to_see.iter().map(|it| flags::tell(words, &shell.dates, it)).collect(),
            conflicts: view.conflicts.iter().map(|it| conflicts::tell(words, it)).collect(),
            groups: particulars::groups(&shell, &view, context.today),
            money: Money::of(&shell, &view),
            history: history::of(&shell, drawn.application, drawn.context.office, drawn.at_headquarters),
            done: None,
            steps,
            number,
            shell,
        }
    }

    fn can(&self, step: NextStep) -> bool {
        self.steps.contains(&step)
    }

    /// Whether a form of this page takes what is scanned; otherwise the box for the next applicant does.
    fn takes_scan(&self) -> bool {
        use NextStep as S;
        let receives =
            [S::Receive, S::ArriveOtherDay, S::AdmitOnEvidence].into_iter().any(|step| self.can(step));
        receives || (self.can(S::CheckDocuments) && !self.is_checked)
    }

    /// Whether an original is ticked as brought: all are, until the officer has unticked one.
    fn is_brought(&self, paper: &PaperLine) -> bool {
        let typed = &self.shell.typed;
        typed.get("papers").is_none() || typed.all("brought").any(|key| key == paper.key)
    }

    fn examines(&self) -> bool {
        use NextStep as S;
        [S::Capture, S::CompleteCapture, S::ReopenCapture, S::PassInterview, S::HoldOrRefuseInterview]
            .into_iter()
            .any(|step| self.can(step))
    }

    fn handles_book(&self) -> bool {
        use NextStep as S;
        [S::AllocateBook, S::PrintBook, S::CheckBook, S::BookReady, S::CancelBook, S::HandOver]
            .into_iter()
            .any(|step| self.can(step))
    }

    fn views(&self) -> i64 {
        i64::try_from(self.history.iter().filter(|moment| moment.is_view).count()).unwrap_or(i64::MAX)
    }
}

/// Why the applicant cannot come in, when that is what an officer will look for.
fn why(shell: &Shell, view: &View, context: &Context<'_>, steps: &[NextStep]) -> Option<refusal::Told> {
    let receives = [Role::FrontDesk, Role::Supervisor].iter().any(|role| context.roles.contains(role));
    if !receives || steps.contains(&NextStep::Arrive) || view.status > Status::Expected {
        return None;
    }
    match why_not(NextStep::Arrive, view, context)? {
        Refusal::AlreadyArrived { .. } | Refusal::NotAllowed => None,
        refusal => Some(refusal::tell(shell.words, &shell.dates, &refusal)),
    }
}

/// How far from the appointment's hours it is, when somebody is let in on its day all the same.
fn hours(shell: &Shell, slot: Option<Slot>, context: &Context<'_>) -> Option<String> {
    let slot = slot.filter(|slot| slot.day == context.today)?;
    let interval = shell.dates.interval(&slot);
    match Punctuality::of(&slot, context.local_now(), context.settings) {
        Punctuality::Early => Some(shell.words.application_early(interval)),
        Punctuality::OnTime => None,
        Punctuality::Late => Some(shell.words.application_late(interval)),
    }
}

/// What the interview waits for, and until when.
fn held(shell: &Shell, visit: Option<&Visit>) -> Option<String> {
    let visit = visit.filter(|visit| !visit.back_after_hold)?;
    match &visit.interview.as_ref()?.what.outcome {
        Outcome::Held { until, documents } => {
            let papers: Vec<String> =
                documents.iter().map(|kind| names::document(shell.words, *kind)).collect();
            Some(shell.words.application_held(shell.dates.day(*until), papers.join(", ")))
        }
        Outcome::Passed | Outcome::Refused { .. } => None,
    }
}

fn works_at_counters(context: &Context<'_>) -> bool {
    let works = |role: &Role| !matches!(role, Role::Auditor | Role::Administrator | Role::Headquarters);
    context.roles.iter().any(works)
}

/// What the application waits for when this officer has nothing to do.
fn waits(shell: &Shell, view: &View, steps: &[NextStep]) -> Option<String> {
    use NextStep as S;
    let words = shell.words;
    let again = |step: &S| match step {
        S::WithdrawArrival | S::ReopenCapture => true,
        S::CheckDocuments => !matches!(view.status, Status::Arrived | Status::Held),
        S::Capture | S::CompleteCapture | S::PassInterview | S::HoldOrRefuseInterview => {
            matches!(view.status, Status::AwaitingReview | Status::AwaitingDecision)
        }
        _ => false,
    };
    steps.iter().all(again).then(|| match view.status {
        Status::AwaitingReview => words.application_waits_review(),
        Status::AwaitingDecision => words.application_waits_decision(),
        Status::HandedOver | Status::Erased => words.application_waits_done(),
        Status::Refused | Status::Cancelled | Status::Expired => words.application_waits_closed(),
        Status::Waiting => words.application_waits_call(),
        _ => words.application_waits_others(),
    })
}

/// Draws the page of an application for an officer; `finish` adds what the case at hand needs.
pub fn draw(
    app: &OfficeApp,
    officer: &SignedIn,
    shell: Shell,
    application: &Application,
) -> Result<ApplicationPage, Problem> {
    let settings = app.settings()?;
    let at_headquarters = |entry: &Entry| app.store.is_at_headquarters(entry);
    Ok(app.with_context(officer, &settings, |context| {
        ApplicationPage::of(shell, &Drawn { application, context, at_headquarters: &at_headquarters })
    }))
}

/// The page again after a refusal: how things stand now, and what was typed.
pub fn refused(
    app: &OfficeApp,
    officer: &SignedIn,
    shell: Shell,
    key: ApplicationKey,
    refusal: &Refusal,
    typed: Fields,
) -> Result<HttpResponse, Problem> {
    let application = app.store.application(key)?.ok_or(Problem::Refused(Refusal::UnknownApplication))?;
    let page = draw(app, officer, shell.refused(refusal, typed), &application)?;
    page::show_refused(refusal, &page)
}

/// The query of the page: what has just been done.
#[derive(Debug, Default, serde::Deserialize)]
pub struct After {
    #[serde(default)]
    done: String,
}

/// `GET /applications/{number}`. Opening it is written down, looking again is not.
pub async fn show(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    number: Path<String>,
    after: actix_web::web::Query<After>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let application = app.application(&number)?;
    if !request.headers().contains_key("x-live") && after.done.is_empty() {
        acts::note_view(&app, &officer, application.key(), "application");
    }
    let words = shell.words;
    let mut page = draw(&app, &officer, shell, &application)?;
    page.done = match after.done.as_str() {
        "arrived" => Some(words.application_done_arrived()),
        "documents" => Some(words.application_done_documents()),
        "incomplete" => Some(words.application_done_incomplete()),
        "registered" => Some(words.application_done_registered()),
        "ticket" => page.ticket.as_ref().map(|ticket| match &app.printer {
            None => words.application_done_ticket(ticket),
            Some(printer) => slip::trouble(&page.shell, printer).map_or_else(
                || words.application_done_ticket_printing(ticket),
                |trouble| format!("{} {trouble}", words.application_done_ticket_number(ticket)),
            ),
        }),
        "withdrawn" => Some(words.application_done_withdrawn()),
        "yielded" => Some(words.application_done_yielded()),
        _ => None,
    };
    page::show(&page)
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::domain::actor::Actor;
    use crate::domain::office::Zone;
    use crate::domain::setting::Settings;
    use crate::web::page::sample;
    use crate::web::words::L10n;

    fn page(application: &Application, role: Role, shell: Shell) -> ApplicationPage {
        let by = Actor::Officer { login: "sari".to_owned(), name: "Sari Melayu".to_owned() };
        let context = Context {
            office: Some(&samples::karimun()),
            now: sample::now(),
            zone: Zone::Wib,
            today: samples::today(),
            by: &by,
            roles: &[role],
            settings: &Settings::default(),
            next_serial: &|_| 1,
            book_taken: &|_| false,
        };
        let at_headquarters = |_: &Entry| false;
        ApplicationPage::of(
            shell,
            &Drawn { application, context: &context, at_headquarters: &at_headquarters },
        )
    }

    fn shell(language: L10n, role: Role) -> Shell {
        sample::shell(language, "/applications/1179000000000042", &[role])
    }

    #[test]
    fn who_has_paid_can_be_let_in() {
        let page = page(&samples::expected(), Role::FrontDesk, shell(L10n::Id, Role::FrontDesk));
        insta::assert_snapshot!(sample::content(&page));
    }

    #[test]
    fn who_has_not_paid_is_told_why_and_what_else() {
        let page = page(&samples::unpaid(), Role::FrontDesk, shell(L10n::Id, Role::FrontDesk));
        insta::assert_snapshot!(sample::content(&page));
    }

    #[test]
    fn who_is_here_has_papers_to_be_checked() {
        let page = page(&samples::here(), Role::FrontDesk, shell(L10n::En, Role::FrontDesk));
        insta::assert_snapshot!(sample::content(&page));
    }

    #[test]
    fn a_refusal_stands_on_top_and_keeps_what_was_typed() {
        let typed = Fields::new(vec![("evidence".to_owned(), "12<34".to_owned())]);
        let shell = shell(L10n::Id, Role::FrontDesk).refused(&Refusal::ProofInvalid, typed);
        insta::assert_snapshot!(sample::content(&page(&samples::unpaid(), Role::FrontDesk, shell)));
    }

    #[test]
    fn an_auditor_reads_and_has_nothing_to_send() {
        let page = page(&samples::expected(), Role::Auditor, shell(L10n::Id, Role::Auditor));
        let content = sample::content(&page);
        let forms: Vec<_> = content.match_indices("method=\"post\"").collect();
        assert_eq!(forms.len(), 1, "only the search is left: {content}");
    }
}
