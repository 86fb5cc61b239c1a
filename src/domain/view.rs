//! What an application's facts add up to: the state people see, derived anew each time and never stored as truth.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::actor::Actor;
use super::application::{Application, ApplicationKey, Author, Entry};
use super::book::BookState;
use super::booking::{Booked, Slot};
use super::capture::{Finger, FingerPosition, PortraitCaptured, SignatureCaptured};
use super::conflict::{self, Conflict};
use super::decision::{ApplicantTold, Decision};
use super::document::{CheckedDocument, DocumentKind};
use super::interview::Interviewed;
use super::office::OfficeCode;
use super::payment::{AdmittedOnEvidence, Payment};
use super::status::{self, Status};
use super::ticket::Ticket;
use super::visit::Arrived;

/// A fact together with who did it and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done<T> {
    /// What.
    pub what: T,
    /// When, by the author's clock.
    pub at: DateTime<Utc>,
    /// Who.
    pub by: Actor,
}

/// One visit to one office: everything that office wrote.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Visit {
    /// The arrival that stands.
    pub arrived: Option<Done<Arrived>>,
    /// Let in on evidence.
    pub admitted: Option<Done<AdmittedOnEvidence>>,
    /// The latest document check.
    pub documents: Option<Done<Vec<CheckedDocument>>>,
    /// Tickets in the order they were drawn; the last one may be open.
    pub tickets: Vec<Ticket>,
    /// The capture.
    pub capture: Capture,
    /// The latest interview.
    pub interview: Option<Done<Interviewed>>,
    /// The book.
    pub book: Book,
}

/// What was captured so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Capture {
    /// The latest portrait.
    pub portrait: Option<Done<PortraitCaptured>>,
    /// The latest picture or exception of each finger.
    pub fingers: BTreeMap<FingerPosition, Done<Finger>>,
    /// The latest signature.
    pub signature: Option<Done<SignatureCaptured>>,
    /// The round that was completed last; 0 when none.
    pub round: u16,
    /// Whether that round stands, or the capture was opened again.
    pub complete: bool,
    /// When the round that stands was completed, and by whom.
    pub completed: Option<Done<()>>,
}

/// The book and the days that count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    /// Where it stands.
    pub state: BookState,
    /// When it became ready.
    pub ready_at: Option<DateTime<Utc>>,
    /// Who did the latest step and when.
    pub latest: Option<Done<()>>,
}

impl Default for Book {
    fn default() -> Self {
        Self { state: BookState::None, ready_at: None, latest: None }
    }
}

/// An application as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Its key.
    pub key: ApplicationKey,
    /// The booking as first made; the slot in force is [`View::slot`].
    pub booking: Option<Booked>,
    /// The slot in force.
    pub slot: Option<Slot>,
    /// Why the booking was cancelled, if it was.
    pub cancelled: Option<Done<String>>,
    /// The money.
    pub payment: Payment,
    /// Visits by office.
    pub visits: BTreeMap<OfficeCode, Visit>,
    /// Headquarters' decision on the capture that counts.
    pub decision: Option<Done<Decision>>,
    /// What the applicant was told.
    pub told: Vec<Done<ApplicantTold>>,
    /// Kinds of facts this version cannot read.
    pub parked: Vec<u16>,
    /// Where two truths meet.
    pub conflicts: Vec<Conflict>,
    /// The one word for it.
    pub status: Status,
}

impl View {
    pub(super) fn of(application: &Application) -> Self {
        Self {
            key: application.key(),
            booking: None,
            slot: None,
            cancelled: None,
            payment: Payment::None,
            visits: BTreeMap::new(),
            decision: None,
            told: Vec::new(),
            parked: application.parked().collect(),
            conflicts: Vec::new(),
            status: Status::Expected,
        }
    }
}
