//! One line about an application: what lists, the queue and the search show without reading its facts.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::application::ApplicationKey;
use crate::domain::book::BookState;
use crate::domain::booking::Slot;
use crate::domain::conflict::Conflict;
use crate::domain::deadline;
use crate::domain::interview::Outcome;
use crate::domain::number::{ApplicationNumber, BookNumber};
use crate::domain::office::OfficeCode;
use crate::domain::payment::Payment;
use crate::domain::service::Service;
use crate::domain::status::Status;
use crate::domain::ticket::Ticket;
use crate::domain::view::{View, Visit};

/// The longest name a line carries, in characters; the whole name stands on the application's page.
const NAME_CHARS_MAX: usize = 160;

/// The longest note a ticket carries in lists, in characters.
const NOTE_CHARS_MAX: usize = 300;

/// Where the money stands, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaymentState {
    /// No bill yet.
    None,
    /// Billed, not paid.
    Due,
    /// The bill ran out.
    Expired,
    /// Paid on record.
    Paid,
    /// Given back.
    Refunded,
    /// Let in on evidence, not confirmed yet.
    Provisional,
}

/// One line about an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Its key.
    pub key: ApplicationKey,
    /// Its number; `None` while the booking has not arrived.
    pub number: Option<ApplicationNumber>,
    /// The applicant's name, cut when it is very long; empty while the booking has not arrived.
    pub name: String,
    /// Registered at this office without a booking.
    pub walk_in: bool,
    /// The office it is booked at.
    pub office: Option<OfficeCode>,
    /// The slot in force.
    pub slot: Option<Slot>,
    /// What is applied for.
    pub service: Option<Service>,
    /// The one word for where it stands.
    pub status: Status,
    /// The money.
    pub payment: PaymentState,
    /// When the applicant arrived at this office.
    pub arrived_at: Option<DateTime<Utc>>,
    /// The latest ticket at this office.
    pub ticket: Option<Ticket>,
    /// Held for documents until then.
    pub held_until: Option<NaiveDate>,
    /// The book.
    pub book: Option<BookNumber>,
    /// When the book became ready.
    pub ready_at: Option<DateTime<Utc>>,
    /// From when the days to issue the book count, while this office owes it.
    pub issue_counts_from: Option<DateTime<Utc>>,
    /// Where two truths meet.
    pub conflicts: Vec<Conflict>,
    /// Some of its facts wait for a newer version or for a key.
    pub parked: bool,
}

impl Summary {
    /// The line for a view as seen from one office.
    pub fn of(view: &View, here: &OfficeCode) -> Self {
        let booking = view.booking.as_ref();
        let remains = view.erased.as_ref().map(|erased| &erased.what.remains);
        let visit = view.visits.get(here);
        let name = booking.map(|b| b.applicant.name.chars().take(NAME_CHARS_MAX).collect());
        Self {
            key: view.key,
            number: booking.map(|b| b.number.clone()).or_else(|| remains.map(|left| left.number.clone())),
            name: name.unwrap_or_default(),
            walk_in: view.walk_in.as_ref().is_some_and(|it| it.what.booking.office == *here),
            office: booking.map(|b| b.office.clone()).or_else(|| remains.map(|left| left.office.clone())),
            slot: view.slot,
            service: booking.map(|b| b.service),
            status: view.status,
            payment: payment_state(view),
            arrived_at: visit.and_then(arrived_at),
            ticket: visit.and_then(|v| v.tickets.last().map(short)),
            held_until: visit.and_then(held_until),
            book: visit.and_then(|v| book_number(&v.book.state)),
            ready_at: visit.and_then(|v| v.book.ready_at),
            issue_counts_from: deadline::issue_counts_from(view, here),
            conflicts: view.conflicts.clone(),
            parked: !view.parked.is_empty(),
        }
    }

    /// Whether nothing more is expected to happen at the counter.
    pub fn closed(&self) -> bool {
        use Status as S;
        matches!(self.status, S::HandedOver | S::Cancelled | S::Expired | S::Refused | S::Erased)
    }
}

/// A ticket as it stands in rows, which are short: a very long note is cut.
pub(super) fn short(ticket: &Ticket) -> Ticket {
    let cut = |note: &str| note.chars().take(NOTE_CHARS_MAX).collect();
    let mut short = Ticket { note: cut(&ticket.note), ..ticket.clone() };
    if let Some(last) = &mut short.last {
        last.before.note = cut(&last.before.note);
    }
    short
}

fn arrived_at(visit: &Visit) -> Option<DateTime<Utc>> {
    let arrived = visit.arrived.as_ref().map(|done| done.at);
    arrived.or_else(|| visit.admitted.as_ref().map(|done| done.at))
}

fn held_until(visit: &Visit) -> Option<NaiveDate> {
    match visit.interview.as_ref().map(|done| &done.what.outcome) {
        Some(Outcome::Held { until, .. }) => Some(*until),
        Some(Outcome::Passed | Outcome::Refused { .. }) | None => None,
    }
}

fn payment_state(view: &View) -> PaymentState {
    let provisional = view.conflicts.iter().any(|c| matches!(c, Conflict::Provisional));
    match &view.payment {
        Payment::Paid { .. } => PaymentState::Paid,
        Payment::Refunded(_) => PaymentState::Refunded,
        Payment::None | Payment::Due(_) | Payment::Expired(_) if provisional => PaymentState::Provisional,
        Payment::None => PaymentState::None,
        Payment::Due(_) => PaymentState::Due,
        Payment::Expired(_) => PaymentState::Expired,
    }
}

fn book_number(state: &BookState) -> Option<BookNumber> {
    match state {
        BookState::None => None,
        BookState::Allocated(book)
        | BookState::Printed(book)
        | BookState::Passed(book)
        | BookState::Defective(book, _) => Some(book.clone()),
        BookState::Ready(ready) => Some(ready.book.clone()),
        BookState::HandedOver(handed) => Some(handed.book.clone()),
        BookState::Cancelled(cancelled) => Some(cancelled.book.clone()),
    }
}
