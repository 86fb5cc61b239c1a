//! What an application's facts add up to: the state people see, derived anew each time and never stored as truth.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::actor::Actor;
use super::application::{Application, ApplicationKey, Author, Entry};
use super::book::stage::SpriStage;
use super::book::{BookCancelled, BookState};
use super::booking::{Booked, Slot};
use super::capture::{Finger, FingerPosition, PortraitCaptured, SignatureCaptured};
use super::conflict::{self, Conflict};
use super::decision::{ApplicantTold, Decision};
use super::document::CheckedDocument;
use super::erasure::{self, PersonErased};
use super::fact::Fact;
use super::interview::{Interviewed, Outcome};
use super::number::BookNumber;
use super::office::OfficeCode;
use super::payment::{AdmittedOnEvidence, Payment};
use super::prevention::PreventionHit;
use super::review::SecondLooked;
use super::status::{self, Status};
use super::ticket::{Ticket, TicketState};
use super::visit::{Arrived, VisitYielded};
use super::walk_in::RegisteredHere;

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
    /// What a supervisor said of the latest interview.
    pub second_look: Option<Done<SecondLooked>>,
    /// A ticket was drawn again after the interview held the application for papers.
    pub back_after_hold: bool,
    /// The office gave the visit up in favour of another office's.
    pub yielded: Option<Done<VisitYielded>>,
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
    /// When it was printed: its day of issue.
    pub printed_at: Option<DateTime<Utc>>,
    /// When it became ready.
    pub ready_at: Option<DateTime<Utc>>,
    /// Who did the latest step and when.
    pub latest: Option<Done<()>>,
    /// What reports of SPRI say of this book.
    pub reported: Option<Done<SpriStage>>,
    /// The furthest stage any report ever named, of an earlier book too.
    pub reported_ever: Option<SpriStage>,
    /// Every book that was handed over: more than one only where a machine and its copy both did it.
    pub handed_over: BTreeSet<BookNumber>,
}

impl Default for Book {
    fn default() -> Self {
        Self {
            state: BookState::None,
            printed_at: None,
            ready_at: None,
            latest: None,
            reported: None,
            reported_ever: None,
            handed_over: BTreeSet::new(),
        }
    }
}

/// An application as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Its key.
    pub key: ApplicationKey,
    /// The booking as first made; the slot in force is [`View::slot`].
    pub booking: Option<Booked>,
    /// Registered at an office, without a booking.
    pub walk_in: Option<Done<RegisteredHere>>,
    /// The slot in force.
    pub slot: Option<Slot>,
    /// Why the booking was cancelled, if it was.
    pub cancelled: Option<Done<String>>,
    /// The money.
    pub payment: Payment,
    /// Visits by office.
    pub visits: BTreeMap<OfficeCode, Visit>,
    /// The office whose visit holds; `None` while nobody came anywhere.
    pub holding: Option<OfficeCode>,
    /// The office whose visit holds by headquarters' word, after two offices had served the applicant.
    pub chosen: Option<OfficeCode>,
    /// The decision in force. `None` when headquarters has decided nothing yet; [`Decision::Awaited`] (with the older
    /// decision's time and author) when it has, but the capture was redone since.
    pub decision: Option<Done<Decision>>,
    /// The applicant is on the prevention list.
    pub prevention: Option<Done<PreventionHit>>,
    /// Books of this application that headquarters cancelled.
    pub books_cancelled: Vec<Done<BookCancelled>>,
    /// What the applicant was told.
    pub told: Vec<Done<ApplicantTold>>,
    /// The person was erased: nothing else of the view is filled, whatever facts are still here or still come.
    pub erased: Option<Done<PersonErased>>,
    /// Kinds of facts this version cannot read.
    pub parked: Vec<u16>,
    /// Where two truths meet.
    pub conflicts: Vec<Conflict>,
    /// The one word for it.
    pub status: Status,
}

impl View {
    pub(super) fn of(application: &Application) -> Self {
        let mut view = Self::empty(application);
        if let Some(erased) = erasure::told(application) {
            return Self { erased: Some(erased), parked: Vec::new(), status: Status::Erased, ..view };
        }
        let mut decisions = Vec::new();
        for entry in application.by_author(&Author::Registry) {
            match &entry.fact {
                Fact::Approved(it) => decisions.push(done(entry, Decision::Approved(it.clone()))),
                Fact::Refused(it) => decisions.push(done(entry, Decision::Refused(it.clone()))),
                Fact::VisitChosen(it) => view.chosen = Some(it.office.clone()),
                _ => view.join_registry(entry),
            }
        }
        for entry in application.entries() {
            if let Fact::RegisteredHere(it) = &entry.fact {
                it.join(&mut view, entry);
            }
            if let Author::Office(office) = &entry.author
                && Visit::concerns(&entry.fact)
            {
                view.visits.entry(office.clone()).or_default().join(entry);
            }
        }
        for cancelled in &view.books_cancelled {
            for visit in view.visits.values_mut() {
                visit.book.cancelled_by_registry(cancelled);
            }
        }
        view.holding = view.who_holds();
        view.decision = view.decision_in_force(decisions);
        view.conflicts = conflict::of(&view);
        view.status = status::of(&view);
        view
    }

    fn empty(application: &Application) -> Self {
        Self {
            key: application.key(),
            booking: None,
            walk_in: None,
            slot: None,
            cancelled: None,
            payment: Payment::None,
            visits: BTreeMap::new(),
            holding: None,
            chosen: None,
            decision: None,
            prevention: None,
            books_cancelled: Vec::new(),
            told: Vec::new(),
            erased: None,
            parked: application.parked().collect(),
            conflicts: Vec::new(),
            status: Status::AwaitingPayment,
        }
    }

    fn join_registry(&mut self, entry: &Entry) {
        match &entry.fact {
            Fact::Booked(booked) if self.booking.is_none() => {
                self.slot = self.slot.or(Some(booked.slot));
                self.booking = Some(booked.clone());
            }
            Fact::Rescheduled(moved) => {
                self.slot = Some(moved.slot);
                self.cancelled = None;
                self.payment.join(&entry.fact);
            }
            Fact::BookingCancelled(it) => self.cancelled = Some(done(entry, it.reason.clone())),
            Fact::PreventionHit(it) => self.prevention = Some(done(entry, it.clone())),
            Fact::PreventionCleared(_) => self.prevention = None,
            Fact::BookCancelled(it) => self.books_cancelled.push(done(entry, it.clone())),
            Fact::ApplicantTold(it) => self.told.push(done(entry, it.clone())),
            fact => self.payment.join(fact),
        }
    }

    /// Whose visit holds (DESIGN.md §6 row 2): the one headquarters chose; else the office that holds the booking;
    /// else the earlier arrival, then the smaller office code. Visits given up or without an arrival come last.
    fn who_holds(&self) -> Option<OfficeCode> {
        let booked_at = self.booking.as_ref().map(|booking| &booking.office);
        let rank = |(office, visit): &(&OfficeCode, &Visit)| {
            let arrived_at = visit.arrived.as_ref().map(|arrived| arrived.at);
            (
                visit.yielded.is_some(),
                arrived_at.is_none(),
                Some(*office) != self.chosen.as_ref(),
                Some(*office) != booked_at,
                arrived_at,
                (*office).clone(),
            )
        };
        self.visits.iter().min_by_key(rank).map(|(office, _)| office.clone())
    }

    /// Headquarters decides on a capture round. A decision on an earlier round, or on a capture that is open again,
    /// no longer counts; of two on the same round the later one does.
    fn decision_in_force(&self, decisions: Vec<Done<Decision>>) -> Option<Done<Decision>> {
        let capture = self.held().map(|visit| &visit.capture);
        let latest = decisions.into_iter().max_by_key(|decision| decision.what.round())?;
        let stands = match capture {
            Some(capture) if capture.round > 0 => {
                latest.what.round() > capture.round
                    || (latest.what.round() == capture.round && capture.complete)
            }
            _ => true,
        };
        Some(if stands { latest } else { Done { what: Decision::Awaited, ..latest } })
    }

    /// The visit that holds.
    pub fn held(&self) -> Option<&Visit> {
        self.holding.as_ref().and_then(|office| self.visits.get(office))
    }

    /// What this office knows of its own visit.
    pub fn visit(&self, office: &OfficeCode) -> Option<&Visit> {
        self.visits.get(office)
    }

    /// The latest open ticket of an office.
    pub fn open_ticket(&self, office: &OfficeCode) -> Option<&Ticket> {
        self.visit(office).and_then(Visit::open_ticket)
    }

    /// Whether the treasury's payment is on record.
    pub fn is_paid(&self) -> bool {
        matches!(self.payment, Payment::Paid { .. })
    }

    /// Let in on evidence, and the payment has not arrived yet.
    pub fn is_provisional(&self) -> bool {
        !self.is_paid() && self.visits.values().any(|visit| visit.admitted.is_some())
    }

    /// Whether another office serves the applicant as well and nobody has settled it.
    pub fn is_served_twice(&self) -> bool {
        self.conflicts.iter().any(Conflict::blocks_book)
    }

    /// Headquarters has approved the capture that counts.
    pub fn is_approved(&self) -> bool {
        matches!(&self.decision, Some(Done { what: Decision::Approved(_), .. }))
    }

    /// Refused at the counter or by headquarters.
    pub fn is_refused(&self) -> bool {
        matches!(&self.decision, Some(Done { what: Decision::Refused(_), .. }))
            || self.held().is_some_and(Visit::is_refused)
    }
}

impl Visit {
    fn concerns(fact: &Fact) -> bool {
        (100..200).contains(&fact.kind()) && !matches!(fact, Fact::Viewed(_) | Fact::RegisteredHere(_))
    }

    fn join(&mut self, entry: &Entry) {
        match &entry.fact {
            Fact::Arrived(it) if self.arrived.is_none() => self.arrived = Some(done(entry, it.clone())),
            Fact::AdmittedOnEvidence(it) if self.admitted.is_none() => {
                self.admitted = Some(done(entry, it.clone()));
            }
            Fact::ArrivalWithdrawn(_) if !self.has_progress() => {
                (self.arrived, self.admitted) = (None, None);
            }
            Fact::DocumentsChecked(it) => self.documents = Some(done(entry, it.documents.clone())),
            Fact::VisitYielded(it) => self.yielded = Some(done(entry, it.clone())),
            Fact::Interviewed(it) => {
                self.ask_again(&it.outcome);
                self.interview = Some(done(entry, it.clone()));
                self.second_look = None;
                self.back_after_hold = false;
            }
            Fact::SecondLooked(it) if self.interview.is_some() => {
                self.second_look = Some(done(entry, it.clone()));
            }
            fact => {
                self.back_after_hold |= matches!(fact, Fact::TicketIssued(_)) && self.held_until().is_some();
                Ticket::join(&mut self.tickets, entry);
                self.capture.join(entry);
                self.book.join(entry);
            }
        }
    }

    /// Papers that a hold asks for count as not seen, whatever an earlier check said of them.
    fn ask_again(&mut self, outcome: &Outcome) {
        if let (Outcome::Held { documents, .. }, Some(checked)) = (outcome, &mut self.documents) {
            checked.what.retain(|line| !documents.contains(&line.kind));
        }
    }

    /// Whether anything rests on the arrival, so that it can no longer be taken back.
    pub fn has_progress(&self) -> bool {
        self.documents.is_some()
            || !self.tickets.is_empty()
            || !self.capture.is_untouched()
            || self.interview.is_some()
            || self.book.state != BookState::None
            || self.book.reported.is_some()
    }

    /// The ticket drawn last, while it is open.
    pub fn open_ticket(&self) -> Option<&Ticket> {
        self.tickets.last().filter(|ticket| !matches!(ticket.state, TicketState::Finished { .. }))
    }

    /// The last day to bring missing papers, when the latest interview holds the application for them.
    pub fn held_until(&self) -> Option<NaiveDate> {
        match &self.interview.as_ref()?.what.outcome {
            Outcome::Held { until, .. } => Some(*until),
            Outcome::Passed | Outcome::Refused { .. } => None,
        }
    }

    /// The latest interview was passed.
    pub fn is_passed(&self) -> bool {
        self.outcome() == Some(&Outcome::Passed)
    }

    /// The latest interview refused the application.
    pub fn is_refused(&self) -> bool {
        matches!(self.outcome(), Some(Outcome::Refused { .. }))
    }

    /// Everybody who captured or interviewed in this visit.
    pub fn examiners(&self) -> impl Iterator<Item = &Actor> {
        let capture = &self.capture;
        let portrait = capture.portrait.iter().map(|done| &done.by);
        let fingers = capture.fingers.values().map(|done| &done.by);
        let signature = capture.signature.iter().map(|done| &done.by);
        let completed = capture.completed.iter().map(|done| &done.by);
        let interview = self.interview.iter().map(|done| &done.by);
        portrait.chain(fingers).chain(signature).chain(completed).chain(interview)
    }
}

/// A part of an entry's fact with the entry's time and author.
pub(super) fn done<T>(entry: &Entry, what: T) -> Done<T> {
    Done { what, at: entry.at, by: entry.by.clone() }
}
