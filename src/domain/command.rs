//! Commands: what an officer asks for. [`decide`] answers with the facts that follow, or a refusal; it changes nothing.

use chrono::{DateTime, NaiveDate, Utc};

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
use super::view::View;

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
