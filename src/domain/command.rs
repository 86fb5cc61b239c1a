//! Commands: what an officer asks for. [`decide`] answers with the facts that follow, or a refusal; it changes nothing.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::actor::{Actor, Role};
use super::book::stage::Reported;
use super::book::{Collector, Defect};
use super::capture::{FingerCaptured, FingerException, PortraitCaptured, SignatureCaptured};
use super::document::CheckedDocument;
use super::fact::Fact;
use super::interview::Interviewed;
use super::number::BookNumber;
use super::office::{OfficeCode, Zone};
use super::payment::Evidence;
use super::prevention::PreventionHit;
use super::refusal::Refusal;
use super::review::SecondLooked;
use super::setting::Settings;
use super::ticket::{QueueClass, Stage, TicketNumber};
use super::view::{View, Visit};
use super::{book, capture, decision, document, interview, prevention, review, ticket, visit};

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
    /// The ordinary case in one step: the applicant is here, the originals were laid on the counter, and a ticket is drawn
    /// when they suffice.
    Receive(visit::Receiving),
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
    /// Put aside.
    HoldTicket {
        /// Which.
        number: TicketNumber,
        /// Why.
        reason: String,
        /// It may be called again by itself after so many minutes; without it, when an officer says so.
        minutes: Option<u16>,
    },
    /// Take the last step of a ticket back.
    UndoTicket {
        /// Which.
        number: TicketNumber,
        /// The counter the officer holds; the caller has checked it.
        counter: Option<u16>,
    },
    /// Served.
    FinishTicket(TicketNumber),
    /// A portrait was taken and stored.
    CapturePortrait(PortraitCaptured),
    /// A finger was taken and stored, or excepted.
    CaptureFinger(FingerCaptured),
    /// None of the fingers that are left can be taken, for one reason.
    ExceptOtherFingers(FingerException),
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
    /// A supervisor looked at the interview.
    SecondLook(SecondLooked),
    /// Headquarters tells that the applicant is on the prevention list.
    ReportHit(PreventionHit),
    /// Headquarters takes that back.
    ClearHit {
        /// Why.
        reason: String,
    },
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
    /// A report of SPRI names the application.
    ImportStage(Reported),
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
    if view.erased.is_some() {
        return Err(Refusal::AlreadyErased);
    }
    match command {
        C::Arrive { note, other_day_reason } => {
            visit::arrive(view, context, note, other_day_reason.as_deref())
        }
        C::AdmitOnEvidence { evidence, note } => visit::admit_on_evidence(view, context, evidence, note),
        C::Receive(receiving) => visit::receive(view, context, receiving),
        C::WithdrawArrival { reason } => visit::withdraw_arrival(view, context, reason),
        C::YieldVisit { reason } => visit::yield_visit(view, context, reason),
        C::ChooseVisit { office, reason } => visit::choose_visit(view, context, office, reason),
        C::CheckDocuments { documents, ticket } => document::check(view, context, documents, *ticket),
        C::IssueTicket { stage } => ticket::rules::issue(view, context, *stage),
        C::CallTicket { number, counter } => ticket::rules::call(view, context, *number, *counter),
        C::RecallTicket(number) => ticket::rules::recall(view, context, *number),
        C::StartTicket(number) => ticket::rules::start(view, context, *number),
        C::MarkAbsent(number) => ticket::rules::mark_absent(view, context, *number),
        C::ReturnTicket { number, note } => ticket::rules::put_back(view, context, *number, note),
        C::TransferTicket { number, class, stage, counter, note } => {
            let to = ticket::TicketTransferred {
                number: *number,
                class: *class,
                stage: *stage,
                counter: *counter,
                note: note.clone(),
            };
            ticket::rules::transfer(view, context, to)
        }
        C::HoldTicket { number, reason, minutes } => {
            ticket::rules::hold(view, context, *number, reason, *minutes)
        }
        C::UndoTicket { number, counter } => ticket::rules::undo(view, context, *number, *counter),
        C::FinishTicket(number) => ticket::rules::finish(view, context, *number),
        C::CapturePortrait(portrait) => capture::portrait(view, context, portrait),
        C::CaptureFinger(finger) => capture::finger(view, context, finger),
        C::ExceptOtherFingers(reason) => capture::other_fingers(view, context, *reason),
        C::CaptureSignature(signature) => capture::signature(view, context, signature),
        C::CompleteCapture => capture::complete(view, context),
        C::ReopenCapture { reason } => capture::reopen(view, context, reason),
        C::Interview(interviewed) => interview::end(view, context, interviewed),
        C::SecondLook(looked) => review::look(view, context, looked),
        C::ReportHit(hit) => prevention::report(view, context, hit),
        C::ClearHit { reason } => prevention::clear(view, context, reason),
        C::Approve { round, note } => decision::approve(view, context, *round, note),
        C::Refuse { round, reason } => decision::refuse(view, context, *round, reason),
        C::ImportStage(reported) => book::stage::import(view, context, reported),
        C::AllocateBook(number) => book::rules::allocate(view, context, number),
        C::PrintBook(number) => book::rules::print(view, context, number),
        C::CheckBook { book: number, defect } => book::rules::check(view, context, number, *defect),
        C::BookReady { book: number, shelf } => book::rules::ready(view, context, number, shelf),
        C::CancelBook { book: number, reason } => book::rules::cancel(view, context, number, reason),
        C::HandOver { book: number, collector } => book::rules::hand_over(view, context, number, collector),
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

/// Logins are unique on one node only, so an equal name counts as well: whoever is blocked wrongly asks a colleague,
/// whoever passes wrongly has decided alone.
pub fn may_be_one_person(one: &Actor, other: &Actor) -> bool {
    match (one, other) {
        (Actor::Officer { login, name }, Actor::Officer { login: other_login, name: other_name }) => {
            login == other_login || name == other_name
        }
        _ => false,
    }
}

/// A reason as given, trimmed; refused when there is none.
pub(super) fn reason(given: &str) -> Result<String, Refusal> {
    let given = given.trim();
    if given.is_empty() { Err(Refusal::ReasonNeeded) } else { Ok(given.to_owned()) }
}

#[cfg(test)]
mod tests;
