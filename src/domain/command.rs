//! Commands: what an officer asks for. [`decide`] answers with the facts that follow, or a refusal; it changes nothing.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::actor::{Actor, Role};
use super::book::{Collector, Defect};
use super::capture::{FingerCaptured, PortraitCaptured, SignatureCaptured};
use super::document::CheckedDocument;
use super::fact::Fact;
use super::interview::Interviewed;
use super::number::BookNumber;
use super::office::{OfficeCode, Zone};
use super::payment::Evidence;
use super::refusal::Refusal;
use super::setting::Settings;
use super::ticket::{QueueClass, Stage, TicketNumber};
use super::view::{View, Visit};
use super::{book, capture, decision, document, interview, ticket, visit};

/// What is asked for, about one application at one office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// The applicant stands at the counter, paid on record.
    Arrive {
        /// What the officer noted.
        note: String,
        /// Serve although the slot is for another day of this office (supervisor or reason given).
        other_day_reason: Option<String>,
    },
    /// The same without a payment on record, on evidence.
    AdmitOnEvidence {
        /// What was shown; a signed proof has been verified by the caller.
        evidence: Evidence,
        /// What the officer noted.
        note: String,
    },
    /// Take the arrival back.
    WithdrawArrival {
        /// Why.
        reason: String,
    },
    /// This office gives up its visit, because another office serves the applicant too (supervisor).
    YieldVisit {
        /// Why.
        reason: String,
    },
    /// Headquarters settles whose visit holds.
    ChooseVisit {
        /// The office whose visit holds.
        office: OfficeCode,
        /// Why.
        reason: String,
    },
    /// Originals were compared; a ticket is drawn when everything needed is there.
    CheckDocuments {
        /// Line by line.
        documents: Vec<CheckedDocument>,
        /// Draw the ticket at once when the papers suffice.
        ticket: bool,
    },
    /// Draw a ticket for a stage.
    IssueTicket {
        /// What for.
        stage: Stage,
    },
    /// Call this ticket to a counter.
    CallTicket {
        /// Which.
        number: TicketNumber,
        /// Where to.
        counter: u16,
    },
    /// Call it once more.
    RecallTicket(TicketNumber),
    /// The applicant is at the counter.
    StartTicket(TicketNumber),
    /// Nobody came.
    MarkAbsent(TicketNumber),
    /// Back into the queue.
    ReturnTicket {
        /// Which.
        number: TicketNumber,
        /// Why.
        note: String,
    },
    /// To another class, stage or counter.
    TransferTicket {
        /// Which.
        number: TicketNumber,
        /// New class.
        class: QueueClass,
        /// New stage.
        stage: Stage,
        /// Only this counter.
        counter: Option<u16>,
        /// For the next officer.
        note: String,
    },
    /// Served.
    FinishTicket(TicketNumber),
    /// A portrait was taken and stored.
    CapturePortrait(PortraitCaptured),
    /// A finger was taken and stored, or excepted.
    CaptureFinger(FingerCaptured),
    /// A signature was taken and stored, or excepted.
    CaptureSignature(SignatureCaptured),
    /// Everything needed is there.
    CompleteCapture,
    /// Take something once more.
    ReopenCapture {
        /// Why.
        reason: String,
    },
    /// The interview ended.
    Interview(Interviewed),
    /// Headquarters approves what it saw.
    Approve {
        /// The capture round on the page.
        round: u16,
        /// A note.
        note: String,
    },
    /// Headquarters refuses.
    Refuse {
        /// The capture round on the page.
        round: u16,
        /// Why.
        reason: String,
    },
    /// A blank was scanned.
    AllocateBook(BookNumber),
    /// Printed.
    PrintBook(BookNumber),
    /// Looked at.
    CheckBook {
        /// Which.
        book: BookNumber,
        /// What is wrong with it, if anything.
        defect: Option<Defect>,
    },
    /// To be collected.
    BookReady {
        /// Which.
        book: BookNumber,
        /// Where it lies.
        shelf: String,
    },
    /// Withdrawn, for example not collected in time (supervisor).
    CancelBook {
        /// Which.
        book: BookNumber,
        /// Why.
        reason: String,
    },
    /// Given away.
    HandOver {
        /// Which.
        book: BookNumber,
        /// To whom.
        collector: Collector,
    },
}

/// Everything a decision may depend on besides the application itself.
pub struct Context<'a> {
    /// The office that acts; `None` at headquarters.
    pub office: Option<&'a OfficeCode>,
    /// Now.
    pub now: DateTime<Utc>,
    /// The office's time zone; slots are in its local time.
    pub zone: Zone,
    /// The office's calendar day.
    pub today: NaiveDate,
    /// Who asks.
    pub by: &'a Actor,
    /// In which roles.
    pub roles: &'a [Role],
    /// The settings that hold today.
    pub settings: &'a Settings,
    /// The number the next ticket of a class takes.
    pub next_serial: &'a dyn Fn(QueueClass) -> u16,
    /// Whether a book number is already taken by another application.
    pub book_taken: &'a dyn Fn(&BookNumber) -> bool,
}

/// Decides: the facts that follow from a command in a state, or the reason why none do. Pure: the same view, command
/// and context always give the same answer.
pub fn decide(view: &View, command: &Command, context: &Context<'_>) -> Result<Vec<Fact>, Refusal> {
    use Command as C;
    match command {
        C::Arrive { note, other_day_reason } => {
            visit::arrive(view, context, note, other_day_reason.as_deref())
        }
        C::AdmitOnEvidence { evidence, note } => visit::admit_on_evidence(view, context, evidence, note),
        C::WithdrawArrival { reason } => visit::withdraw_arrival(view, context, reason),
        C::YieldVisit { reason } => visit::yield_visit(view, context, reason),
        C::ChooseVisit { office, reason } => visit::choose_visit(view, context, office, reason),
        C::CheckDocuments { documents, ticket } => document::check(view, context, documents, *ticket),
        C::IssueTicket { stage } => ticket::issue(view, context, *stage),
        C::CallTicket { number, counter } => ticket::call(view, context, *number, *counter),
        C::RecallTicket(number) => ticket::recall(view, context, *number),
        C::StartTicket(number) => ticket::start(view, context, *number),
        C::MarkAbsent(number) => ticket::mark_absent(view, context, *number),
        C::ReturnTicket { number, note } => ticket::put_back(view, context, *number, note),
        C::TransferTicket { number, class, stage, counter, note } => {
            let to = ticket::TicketTransferred {
                number: *number,
                class: *class,
                stage: *stage,
                counter: *counter,
                note: note.clone(),
            };
            ticket::transfer(view, context, to)
        }
        C::FinishTicket(number) => ticket::finish(view, context, *number),
        C::CapturePortrait(portrait) => capture::portrait(view, context, portrait),
        C::CaptureFinger(finger) => capture::finger(view, context, finger),
        C::CaptureSignature(signature) => capture::signature(view, context, signature),
        C::CompleteCapture => capture::complete(view, context),
        C::ReopenCapture { reason } => capture::reopen(view, context, reason),
        C::Interview(interviewed) => interview::end(view, context, interviewed),
        C::Approve { round, note } => decision::approve(view, context, *round, note),
        C::Refuse { round, reason } => decision::refuse(view, context, *round, reason),
        C::AllocateBook(number) => book::allocate(view, context, number),
        C::PrintBook(number) => book::print(view, context, number),
        C::CheckBook { book: number, defect } => book::check(view, context, number, *defect),
        C::BookReady { book: number, shelf } => book::ready(view, context, number, shelf),
        C::CancelBook { book: number, reason } => book::cancel(view, context, number, reason),
        C::HandOver { book: number, collector } => book::hand_over(view, context, number, collector),
    }
}

impl Context<'_> {
    /// Now, on the office's wall clock.
    pub fn local_now(&self) -> NaiveDateTime {
        self.zone.local(self.now).naive_local()
    }

    /// Passes when the officer holds one of these roles.
    pub(super) fn require(&self, roles: &[Role]) -> Result<(), Refusal> {
        if self.roles.iter().any(|role| roles.contains(role)) { Ok(()) } else { Err(Refusal::NotAllowed) }
    }

    /// The office that acts, for an officer of one of these roles.
    pub(super) fn office_as(&self, roles: &[Role]) -> Result<&OfficeCode, Refusal> {
        self.require(roles)?;
        self.office.ok_or(Refusal::NotAllowed)
    }

    /// Passes at headquarters only.
    pub(super) fn headquarters(&self) -> Result<(), Refusal> {
        self.require(&[Role::Headquarters])?;
        if self.office.is_none() { Ok(()) } else { Err(Refusal::NotAllowed) }
    }

    /// The visit at the office that acts, for an officer of one of these roles: arrived, not given up, and not
    /// suspended in favour of another office (DESIGN.md §6 row 2).
    pub(super) fn visit_as<'v>(&self, view: &'v View, roles: &[Role]) -> Result<&'v Visit, Refusal> {
        let office = self.office_as(roles)?;
        let visit = view.visit(office).filter(|visit| visit.arrived.is_some()).ok_or(Refusal::NotArrived)?;
        if visit.yielded.is_some() || view.holding.as_ref() != Some(office) {
            return Err(Refusal::ConflictOpen);
        }
        Ok(visit)
    }
}

/// A reason as given, trimmed; refused when there is none.
pub(super) fn reason(given: &str) -> Result<String, Refusal> {
    let given = given.trim();
    if given.is_empty() { Err(Refusal::ReasonNeeded) } else { Ok(given.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::interview::Outcome;
    use crate::domain::sample::{
        Story, arrive, book, check_papers, finger, hand_over, interview, issue, ntpn, office, portrait,
        signature,
    };

    const EVERY_ROLE: [Role; 7] = [
        Role::FrontDesk,
        Role::Interviewer,
        Role::Supervisor,
        Role::Custody,
        Role::Administrator,
        Role::Auditor,
        Role::Headquarters,
    ];

    fn why() -> String {
        "because".to_owned()
    }

    /// Every command at a point where it is possible, with the roles that may give it at the office: F front desk,
    /// I interviewer, S supervisor, C custody, H headquarters.
    fn every_command() -> Vec<(Story, Command, &'static str)> {
        let mut commands = of_arrival();
        commands.extend(of_tickets());
        commands.extend(of_examination());
        commands.extend(of_books());
        commands
    }

    fn of_arrival() -> Vec<(Story, Command, &'static str)> {
        let evidence = Evidence::Ntpn { ntpn: ntpn(1) };
        let twice = Story::arrived().also_arrives_at("batam");
        vec![
            (Story::paid(), arrive(), "FS"),
            (Story::billed(), Command::AdmitOnEvidence { evidence, note: String::new() }, "FS"),
            (Story::arrived(), Command::WithdrawArrival { reason: why() }, "FS"),
            (twice.clone(), Command::YieldVisit { reason: why() }, "S"),
            (twice, Command::ChooseVisit { office: office("batam"), reason: why() }, "H"),
            (Story::arrived(), check_papers(), "FIS"),
        ]
    }

    fn of_tickets() -> Vec<(Story, Command, &'static str)> {
        let waiting = Story::waiting();
        let number = waiting.ticket();
        let called = waiting.clone().does(Command::CallTicket { number, counter: 1 });
        let serving = called.clone().does(Command::StartTicket(number));
        let class = QueueClass::EXAMINATION;
        let stage = Stage::Interview;
        let transfer = Command::TransferTicket { number, class, stage, counter: None, note: String::new() };
        vec![
            (Story::ready().later(24 * 60), issue(Stage::Collection), "FISC"),
            (waiting.clone(), Command::CallTicket { number, counter: 1 }, "FISC"),
            (called.clone(), Command::RecallTicket(number), "FISC"),
            (called.clone(), Command::StartTicket(number), "FISC"),
            (called.clone(), Command::MarkAbsent(number), "FISC"),
            (called, Command::ReturnTicket { number, note: String::new() }, "FISC"),
            (waiting, transfer, "FISC"),
            (serving, Command::FinishTicket(number), "FISC"),
        ]
    }

    fn of_examination() -> Vec<(Story, Command, &'static str)> {
        let captured = Story::captured();
        let open = captured.clone().does(Command::ReopenCapture { reason: why() });
        vec![
            (Story::waiting(), portrait(), "IS"),
            (Story::waiting(), finger(1), "IS"),
            (Story::waiting(), signature(), "IS"),
            (open, Command::CompleteCapture, "IS"),
            (captured.clone(), Command::ReopenCapture { reason: why() }, "IS"),
            (captured, interview(Outcome::Passed), "IS"),
            (Story::interviewed(), Command::Approve { round: 1, note: String::new() }, "H"),
            (Story::interviewed(), Command::Refuse { round: 1, reason: why() }, "H"),
        ]
    }

    fn of_books() -> Vec<(Story, Command, &'static str)> {
        let allocated = Story::approved().does(Command::AllocateBook(book(1)));
        let printed = allocated.clone().does(Command::PrintBook(book(1)));
        let checked = Command::CheckBook { book: book(1), defect: None };
        let passed = printed.clone().does(checked.clone());
        vec![
            (Story::approved(), Command::AllocateBook(book(1)), "SC"),
            (allocated, Command::PrintBook(book(1)), "SC"),
            (printed, checked, "SC"),
            (passed, Command::BookReady { book: book(1), shelf: String::new() }, "SC"),
            (Story::ready(), Command::CancelBook { book: book(1), reason: why() }, "S"),
            (Story::ready(), hand_over(1), "SC"),
        ]
    }

    fn letter(role: Role) -> char {
        match role {
            Role::FrontDesk => 'F',
            Role::Interviewer => 'I',
            Role::Supervisor => 'S',
            Role::Custody => 'C',
            Role::Headquarters => 'H',
            Role::Administrator | Role::Auditor => '-',
        }
    }

    #[test]
    fn every_command_is_given_by_the_roles_that_may_and_by_no_other() {
        for (story, command, allowed) in every_command() {
            let place = if allowed == "H" { None } else { Some("karimun") };
            for role in EVERY_ROLE {
                let tried = story.tries_as(place, &[role], "hana", &command);
                if allowed.contains(letter(role)) {
                    assert!(tried.is_ok(), "{command:?} {role:?} {tried:?}");
                } else {
                    assert_eq!(tried, Err(Refusal::NotAllowed), "{command:?} {role:?}");
                }
            }
        }
    }

    #[test]
    fn an_office_does_not_decide_for_headquarters_nor_headquarters_for_an_office() {
        for (story, command, allowed) in every_command() {
            let wrong_place = if allowed == "H" { Some("karimun") } else { None };
            let tried = story.tries_as(wrong_place, &EVERY_ROLE, "hana", &command);
            assert_eq!(tried, Err(Refusal::NotAllowed), "{command:?}");
        }
    }

    #[test]
    fn the_same_question_always_has_the_same_answer() {
        for (story, command, _) in every_command() {
            let ask = || story.tries_as(Some("karimun"), &EVERY_ROLE, "hana", &command);
            assert_eq!(ask(), ask());
        }
    }
}
