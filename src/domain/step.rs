//! Which acts are possible now: what a page shows as buttons.
//!
//! Holds no rule of its own: each act is tried with plausible input through [`decide`], so that a button and the
//! rule behind it cannot disagree.

use super::book::{BookState, Collector};
use super::capture::{Finger, FingerCaptured, FingerException, FingerPosition};
use super::command::{Command, Context, decide};
use super::interview::{Interviewed, Outcome, RefusalGround};
use super::number::{BookNumber, Ntpn};
use super::office::OfficeCode;
use super::payment::Evidence;
use super::prevention::PreventionHit;
use super::refusal::Refusal;
use super::review::{SecondLooked, Verdict};
use super::ticket::{QueueClass, Stage};
use super::view::View;
use super::visit::Receiving;

/// An act that is possible now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NextStep {
    /// [`Command::Receive`].
    Receive,
    /// [`Command::Arrive`].
    Arrive,
    /// [`Command::Arrive`] with a reason, on another day than booked.
    ArriveOtherDay,
    /// [`Command::AdmitOnEvidence`].
    AdmitOnEvidence,
    /// [`Command::WithdrawArrival`].
    WithdrawArrival,
    /// [`Command::YieldVisit`].
    YieldVisit,
    /// [`Command::ChooseVisit`].
    ChooseVisit,
    /// [`Command::CheckDocuments`].
    CheckDocuments,
    /// [`Command::IssueTicket`] for an interview.
    IssueInterviewTicket,
    /// [`Command::IssueTicket`] for a collection.
    IssueCollectionTicket,
    /// [`Command::CallTicket`].
    CallTicket,
    /// [`Command::RecallTicket`].
    RecallTicket,
    /// [`Command::StartTicket`].
    StartTicket,
    /// [`Command::MarkAbsent`].
    MarkAbsent,
    /// [`Command::ReturnTicket`].
    ReturnTicket,
    /// [`Command::TransferTicket`].
    TransferTicket,
    /// [`Command::FinishTicket`].
    FinishTicket,
    /// Portrait, fingers and signature.
    Capture,
    /// [`Command::CompleteCapture`].
    CompleteCapture,
    /// [`Command::ReopenCapture`].
    ReopenCapture,
    /// [`Command::Interview`] with any outcome but passed.
    HoldOrRefuseInterview,
    /// [`Command::Interview`] with outcome passed.
    PassInterview,
    /// [`Command::SecondLook`].
    SecondLook,
    /// [`Command::ReportHit`].
    ReportHit,
    /// [`Command::ClearHit`].
    ClearHit,
    /// [`Command::Approve`].
    Approve,
    /// [`Command::Refuse`].
    Refuse,
    /// [`Command::AllocateBook`].
    AllocateBook,
    /// [`Command::PrintBook`].
    PrintBook,
    /// [`Command::CheckBook`].
    CheckBook,
    /// [`Command::BookReady`].
    BookReady,
    /// [`Command::CancelBook`].
    CancelBook,
    /// [`Command::HandOver`].
    HandOver,
}

/// The acts that would not be refused now, in the order an applicant meets them.
pub fn next_steps(view: &View, context: &Context<'_>) -> Vec<NextStep> {
    let possible = |(_, command): &(NextStep, Command)| decide(view, command, context).is_ok();
    let mut steps: Vec<NextStep> =
        trials(view, context).into_iter().filter(possible).map(|(step, _)| step).collect();
    if steps.contains(&NextStep::Arrive) {
        steps.retain(|step| *step != NextStep::ArriveOtherDay);
    }
    steps.sort();
    steps.dedup();
    steps
}

/// Why a step that an officer looks for is not possible; `None` when it is.
pub fn why_not(step: NextStep, view: &View, context: &Context<'_>) -> Option<Refusal> {
    let trial = trials(view, context).into_iter().find(|(trial, _)| *trial == step);
    trial.and_then(|(_, command)| decide(view, &command, context).err())
}

fn trials(view: &View, context: &Context<'_>) -> Vec<(NextStep, Command)> {
    let mut trials = of_arrival(view);
    trials.extend(of_ticket(view, context.office));
    trials.extend(of_examination());
    trials.extend(of_decision(view));
    trials.extend(of_book(view, context.office));
    trials
}

fn given() -> String {
    "-".to_owned()
}

fn of_arrival(view: &View) -> Vec<(NextStep, Command)> {
    let mut trials = vec![
        (NextStep::Receive, Command::Receive(Receiving::default())),
        (NextStep::Arrive, Command::Arrive { note: String::new(), other_day_reason: None }),
        (NextStep::ArriveOtherDay, Command::Arrive { note: String::new(), other_day_reason: Some(given()) }),
        (NextStep::WithdrawArrival, Command::WithdrawArrival { reason: given() }),
        (NextStep::YieldVisit, Command::YieldVisit { reason: given() }),
        (NextStep::CheckDocuments, Command::CheckDocuments { documents: Vec::new(), ticket: false }),
    ];
    if let Ok(ntpn) = Ntpn::parse("0000000000000000") {
        let evidence = Evidence::Ntpn { ntpn };
        trials.push((NextStep::AdmitOnEvidence, Command::AdmitOnEvidence { evidence, note: String::new() }));
    }
    if view.is_served_twice()
        && let Some(office) = view.holding.clone()
    {
        trials.push((NextStep::ChooseVisit, Command::ChooseVisit { office, reason: given() }));
    }
    trials
}

fn of_ticket(view: &View, office: Option<&OfficeCode>) -> Vec<(NextStep, Command)> {
    let mut trials = vec![
        (NextStep::IssueInterviewTicket, Command::IssueTicket { stage: Stage::Interview }),
        (NextStep::IssueCollectionTicket, Command::IssueTicket { stage: Stage::Collection }),
    ];
    let Some(ticket) = office.and_then(|office| view.open_ticket(office)) else { return trials };
    let (number, stage) = (ticket.number, ticket.stage);
    let to = Command::TransferTicket {
        number,
        class: QueueClass::BOOKED,
        stage,
        counter: None,
        note: String::new(),
    };
    trials.extend([
        (NextStep::CallTicket, Command::CallTicket { number, counter: ticket.only_counter.unwrap_or(1) }),
        (NextStep::RecallTicket, Command::RecallTicket(number)),
        (NextStep::StartTicket, Command::StartTicket(number)),
        (NextStep::MarkAbsent, Command::MarkAbsent(number)),
        (NextStep::ReturnTicket, Command::ReturnTicket { number, note: String::new() }),
        (NextStep::TransferTicket, to),
        (NextStep::FinishTicket, Command::FinishTicket(number)),
    ]);
    trials
}

fn of_examination() -> Vec<(NextStep, Command)> {
    let interview = |outcome| Command::Interview(Interviewed::new(outcome, ""));
    let ground = RefusalGround::UnlawfulPurpose;
    let agreed = Command::SecondLook(SecondLooked { verdict: Verdict::Agreed, note: String::new() });
    let mut trials = vec![
        (NextStep::CompleteCapture, Command::CompleteCapture),
        (NextStep::ReopenCapture, Command::ReopenCapture { reason: given() }),
        (NextStep::PassInterview, interview(Outcome::Passed)),
        (NextStep::HoldOrRefuseInterview, interview(Outcome::Refused { ground })),
        (NextStep::SecondLook, agreed),
    ];
    trials.extend(FingerPosition::all().take(1).map(|position| {
        let finger = Finger::Excepted { reason: FingerException::NotRequired };
        (NextStep::Capture, Command::CaptureFinger(FingerCaptured { position, finger }))
    }));
    trials
}

fn of_decision(view: &View) -> Vec<(NextStep, Command)> {
    let round = view.held().map_or(0, |visit| visit.capture.round);
    vec![
        (NextStep::Approve, Command::Approve { round, note: String::new() }),
        (NextStep::Refuse, Command::Refuse { round, reason: given() }),
        (NextStep::ReportHit, Command::ReportHit(PreventionHit { order: given(), note: String::new() })),
        (NextStep::ClearHit, Command::ClearHit { reason: given() }),
    ]
}

fn of_book(view: &View, office: Option<&OfficeCode>) -> Vec<(NextStep, Command)> {
    let visit = office.and_then(|office| view.visit(office));
    let state = visit.map_or(&BookState::None, |visit| &visit.book.state);
    let mut trials = Vec::new();
    let blank = BookNumber::parse("ZZ0000000").ok();
    trials.extend(blank.clone().map(|blank| (NextStep::AllocateBook, Command::AllocateBook(blank))));
    // The number of a book that SPRI has issued may not be known here before it is scanned.
    let unknown = blank.filter(|_| visit.is_some_and(|visit| visit.book.is_ready(view)));
    if let Some(book) = state.number().cloned().or(unknown) {
        trials.extend([
            (NextStep::PrintBook, Command::PrintBook(book.clone())),
            (NextStep::CheckBook, Command::CheckBook { book: book.clone(), defect: None }),
            (NextStep::BookReady, Command::BookReady { book: book.clone(), shelf: String::new() }),
            (NextStep::CancelBook, Command::CancelBook { book: book.clone(), reason: given() }),
            (NextStep::HandOver, Command::HandOver { book, collector: Collector::Applicant }),
        ]);
    }
    trials
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::Role;
    use crate::domain::sample::{ALL_AT_THE_OFFICE, Story, hand_over};
    use NextStep as Step;

    fn steps(story: &Story, roles: &[Role]) -> Vec<Step> {
        story.with_context(Some("karimun"), roles, "sari", |context| next_steps(&story.view(), context))
    }

    #[test]
    fn a_page_offers_what_is_possible_and_nothing_else() {
        let all = ALL_AT_THE_OFFICE;
        let cases: [(&str, Story, &[Step]); 5] = [
            ("expected", Story::paid(), &[Step::Receive, Step::Arrive]),
            ("unpaid", Story::billed(), &[Step::AdmitOnEvidence]),
            ("another day", Story::paid().later(24 * 60), &[Step::ArriveOtherDay]),
            ("arrived", Story::arrived(), &[Step::WithdrawArrival, Step::CheckDocuments]),
            ("handed over", Story::ready().does(hand_over(1)), &[]),
        ];
        for (case, story, expected) in cases {
            let ticket = |step: &Step| !matches!(step, Step::CallTicket | Step::TransferTicket);
            let found: Vec<Step> = steps(&story, all).into_iter().filter(ticket).collect();
            assert_eq!(found, expected, "{case}");
        }
        assert!(steps(&Story::waiting(), all).contains(&Step::Capture));
        assert!(steps(&Story::approved(), all).contains(&Step::AllocateBook));
        assert!(steps(&Story::ready(), &[Role::Custody]).contains(&Step::HandOver));
    }

    #[test]
    fn an_auditor_and_an_administrator_are_offered_nothing() {
        for story in [Story::paid(), Story::waiting(), Story::captured(), Story::approved(), Story::ready()] {
            assert_eq!(steps(&story, &[Role::Auditor, Role::Administrator]), []);
        }
    }

    #[test]
    fn headquarters_decides_when_the_office_is_done_and_settles_a_double_visit() {
        let at_headquarters = |story: &Story| {
            story.with_context(None, &[Role::Headquarters], "hana", |context| {
                next_steps(&story.view(), context)
            })
        };
        assert_eq!(at_headquarters(&Story::interviewed()), [Step::ReportHit, Step::Approve, Step::Refuse]);
        assert_eq!(at_headquarters(&Story::captured()), [Step::ReportHit]);
        let twice = Story::interviewed().also_arrives_at("batam");
        assert_eq!(at_headquarters(&twice), [Step::ChooseVisit, Step::ReportHit]);
    }

    #[test]
    fn a_page_can_say_why_a_step_is_not_possible() {
        let story = Story::interviewed();
        let why = |step| {
            story.with_context(Some("karimun"), ALL_AT_THE_OFFICE, "sari", |context| {
                why_not(step, &story.view(), context)
            })
        };
        assert_eq!(why(Step::AllocateBook), Some(Refusal::NotApproved));
        assert_eq!(why(Step::ReopenCapture), None);
    }
}
