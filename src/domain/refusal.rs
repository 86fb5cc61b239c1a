//! Why an act is refused. Each has words for the officer in `src/web/words/refusal.rs`: what is wrong and what to do next.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::booking::Slot;
use super::document::DocumentKind;
use super::number::BookNumber;
use super::office::OfficeCode;
use super::service::Product;
use super::ticket::{TicketNumber, TicketState};
use super::walk_in::NoWalkIn;

/// A refusal; nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The node's disk is nearly full; it takes acts again by itself when there is room.
    #[error("no room on the disk")]
    NoRoomOnDisk,
    /// The node's storage has failed before; nothing was written, and nothing is until somebody has seen to it.
    #[error("the storage has failed")]
    StorageFailed,
    /// The node's storage has failed while this was being written: whether it was shows when somebody has seen to it.
    #[error("the storage has failed meanwhile")]
    StorageFailedMeanwhile,
    /// No such application here.
    #[error("no such application")]
    UnknownApplication,
    /// Nothing is booked under this key yet.
    #[error("the booking has not arrived")]
    NoBooking,
    /// The officer's roles do not allow it.
    #[error("not allowed for this role")]
    NotAllowed,
    /// The page was older than the state: somebody else did something meanwhile. The current state is shown.
    #[error("the page was out of date")]
    StalePage,
    /// Booked at another office.
    #[error("booked at another office")]
    OtherOffice(OfficeCode),
    /// Booked for another day.
    #[error("booked for another day")]
    OtherDay(Slot),
    /// Longer before the appointment than the settings allow without a reason.
    #[error("came too early")]
    CameEarly {
        /// The appointment.
        slot: Slot,
        /// From when on no reason is needed, by the office's wall clock.
        from: NaiveTime,
    },
    /// Longer after the appointment than the settings allow without a reason.
    #[error("came too late")]
    CameLate(Slot),
    /// Nobody can be registered like this without a booking.
    #[error("no walk-in: {0:?}")]
    NoWalkIn(NoWalkIn),
    /// The booking was cancelled.
    #[error("the booking was cancelled")]
    BookingCancelled,
    /// Already arrived.
    #[error("already arrived")]
    AlreadyArrived {
        /// When.
        at: DateTime<Utc>,
        /// The ticket given then.
        ticket: Option<TicketNumber>,
    },
    /// Not arrived yet.
    #[error("not arrived yet")]
    NotArrived,
    /// Not paid.
    #[error("not paid")]
    Unpaid {
        /// Until when the bill can be paid, if there is one.
        due_at: Option<DateTime<Utc>>,
    },
    /// The bill ran out unpaid.
    #[error("the bill ran out")]
    PaymentExpired,
    /// Paid on record: no evidence is needed.
    #[error("already paid on record")]
    AlreadyPaid,
    /// The proof's signature does not hold, or it names another booking.
    #[error("the proof is not valid")]
    ProofInvalid,
    /// Papers are not all there.
    #[error("documents are missing")]
    DocumentsMissing(Vec<DocumentKind>),
    /// Papers were not checked yet.
    #[error("documents are not checked yet")]
    DocumentsNotChecked,
    /// Has a ticket that is still open.
    #[error("already has a ticket")]
    AlreadyHasTicket(TicketNumber),
    /// No open ticket of this number.
    #[error("no such ticket")]
    NoSuchTicket,
    /// The ticket is not in the state the act needs.
    #[error("the ticket is elsewhere")]
    TicketIsElsewhere {
        /// Which.
        number: TicketNumber,
        /// Where it stands.
        state: TicketState,
    },
    /// Nobody waits in the classes of this counter.
    #[error("nobody is waiting")]
    NobodyWaiting,
    /// The counter is not open, or another officer holds it.
    #[error("the counter is not yours")]
    CounterNotYours {
        /// Who holds it, if anybody.
        held_by: Option<String>,
    },
    /// What was typed is no counter's number.
    #[error("there is no such counter")]
    NoSuchCounter,
    /// The counter still serves a ticket.
    #[error("the counter is busy")]
    CounterBusy(TicketNumber),
    /// The counter pauses.
    #[error("the counter pauses")]
    CounterPaused,
    /// No queue class of this stage is served first.
    #[error("no priority class")]
    NoPriorityClass,
    /// Nothing was done with the ticket that could be taken back.
    #[error("nothing to undo")]
    NothingToUndo,
    /// Too long ago to be taken back.
    #[error("too long ago to undo")]
    UndoTooLate {
        /// How long it can be, in minutes.
        minutes: u16,
    },
    /// Somebody else did it, at another counter.
    #[error("somebody else did it")]
    UndoNotYours,
    /// The portrait is missing.
    #[error("the portrait is missing")]
    PortraitMissing,
    /// Some fingers are neither taken nor excepted: codes of ISO/IEC 19794-4.
    #[error("fingers are missing")]
    FingersMissing(Vec<u8>),
    /// The signature is missing.
    #[error("the signature is missing")]
    SignatureMissing,
    /// The capture is complete; open it again first.
    #[error("the capture is complete")]
    CaptureComplete,
    /// The capture is not complete.
    #[error("the capture is not complete")]
    CaptureIncomplete,
    /// A reason must be given.
    #[error("a reason is needed")]
    ReasonNeeded,
    /// The date must lie in the future and within the allowed days.
    #[error("the date is out of range")]
    DateOutOfRange {
        /// The first possible day.
        from: NaiveDate,
        /// The last possible day.
        until: NaiveDate,
    },
    /// The interview is not passed.
    #[error("the interview is not passed")]
    NotInterviewed,
    /// The interview has refused the application; nothing more can be done with it.
    #[error("the application was refused")]
    ApplicationRefused,
    /// No interview waits for a second look.
    #[error("nothing waits for a second look")]
    NothingToReview,
    /// The applicant is on the prevention list by this order.
    #[error("the applicant is on the prevention list")]
    OnPreventionList(String),
    /// The applicant is not on the prevention list.
    #[error("the applicant is not on the prevention list")]
    NotOnPreventionList,
    /// Headquarters has not approved yet.
    #[error("headquarters has not approved")]
    NotApproved,
    /// Headquarters has already decided on this capture.
    #[error("already decided")]
    AlreadyDecided,
    /// Whoever captured may not decide (four eyes).
    #[error("four eyes: somebody else must do this")]
    FourEyes,
    /// Provisional: the payment must be confirmed first.
    #[error("the payment is not confirmed")]
    PaymentNotConfirmed,
    /// The book is not in the state the act needs.
    #[error("the book is not at this step")]
    BookNotAtThisStep,
    /// The scanned book is not the one set aside for this application.
    #[error("another book")]
    OtherBook {
        /// The one that was expected.
        expected: BookNumber,
    },
    /// The book number already belongs to another application.
    #[error("the book is taken")]
    BookTaken,
    /// The book was cancelled; what comes after is done by hand.
    #[error("the book was cancelled")]
    BookWasCancelled,
    /// A report names another date of birth than the booking.
    #[error("another date of birth")]
    BirthDateDiffers,
    /// The blank never came to this office.
    #[error("the blank is not in stock")]
    BlankNotInStock,
    /// The blank is of another kind than what was applied for.
    #[error("the blank is of another kind")]
    BlankOfOtherKind {
        /// What it is.
        is: Product,
    },
    /// Some of these blanks were taken in already.
    #[error("some of these blanks are here already")]
    BlanksAlreadyReceived,
    /// Already handed over.
    #[error("already handed over")]
    AlreadyHandedOver,
    /// Who collects must be named with papers.
    #[error("the collector's papers are missing")]
    CollectorIncomplete,
    /// Two truths must be settled by a supervisor first.
    #[error("a conflict must be settled first")]
    ConflictOpen,
    /// The person cannot be erased while the case is not over.
    #[error("the case is still open")]
    CaseOpen,
    /// The person cannot be erased while money waits for somebody.
    #[error("a payment is not settled")]
    MoneyOpen,
    /// The person cannot be erased while the law wants the case kept.
    #[error("a legal hold stands")]
    LegalHold,
    /// The person was erased; nothing is left to act on.
    #[error("the person was erased")]
    AlreadyErased,
    /// This cannot be done any more, because later steps rest on it.
    #[error("too late to take back")]
    TooLate,
}
