//! A line about an application, as lists show it, and how a status looks. What it looks like never stands alone: the
//! words say the same.

use crate::domain::service::Channel;
use crate::domain::status::Status;
use crate::office::store::{PaymentState, Summary};
use crate::web::dates::grouped;
use crate::web::page::Shell;
use crate::web::words::{L10nLanguage, names};

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The interval.
    pub slot: String,
    /// The day, when the list shows more than one.
    pub day: String,
    /// Where the line leads.
    pub href: String,
    /// The application number in groups.
    pub number: String,
    /// The applicant.
    pub name: String,
    /// What is applied for.
    pub service: String,
    /// The channel when it is not the usual one.
    pub channel: Option<String>,
    /// The status in words.
    pub status: String,
    /// How the status looks.
    pub mark: &'static str,
    /// The money, when something is to be said about it.
    pub payment: Option<String>,
    /// The ticket.
    pub ticket: Option<String>,
    /// Whether two truths meet.
    pub conflict: bool,
}

impl Row {
    /// The line for a summary.
    pub fn of(shell: &Shell, line: &Summary) -> Self {
        let words = shell.words;
        let number = line.number.as_ref().map(|number| number.as_str().to_owned()).unwrap_or_default();
        Self {
            slot: line.slot.map(|slot| shell.dates.interval(&slot)).unwrap_or_default(),
            day: line.slot.map(|slot| shell.dates.short_day(slot.day)).unwrap_or_default(),
            href: format!("/applications/{number}"),
            number: grouped(&number),
            name: if line.name.is_empty() { words.bookings_not_here_yet() } else { line.name.clone() },
            service: line.service.map(|service| names::service_in_short(words, &service)).unwrap_or_default(),
            channel: line.service.and_then(|service| unusual(words, service.channel)),
            status: names::status(words, line.status),
            mark: mark(line.status),
            payment: payment(words, line.payment).filter(|_| !says_money(line.status)),
            ticket: line.ticket.as_ref().map(|ticket| ticket.number.to_string()),
            conflict: !line.conflicts.is_empty(),
        }
    }
}

fn unusual(words: &L10nLanguage, channel: Channel) -> Option<String> {
    (channel != Channel::MPaspor).then(|| names::channel(words, channel))
}

/// The money in a word, unless it is simply paid.
pub fn payment(words: &L10nLanguage, state: PaymentState) -> Option<String> {
    match state {
        PaymentState::Paid => None,
        PaymentState::None => Some(words.name_payment_none()),
        PaymentState::Due => Some(words.name_payment_due()),
        PaymentState::Expired => Some(words.name_payment_expired()),
        PaymentState::Refunded => Some(words.name_payment_refunded()),
        PaymentState::Provisional => Some(words.name_payment_provisional()),
    }
}

/// Whether the status says already how the money stands.
fn says_money(status: Status) -> bool {
    matches!(status, Status::AwaitingPayment | Status::Expired)
}

/// How a status looks.
pub fn mark(status: Status) -> &'static str {
    match status {
        Status::AwaitingPayment | Status::Held => "warn",
        Status::Expired | Status::Cancelled | Status::Refused => "bad",
        Status::Approved | Status::BookPassed | Status::Ready | Status::HandedOver => "good",
        Status::Expected
        | Status::Arrived
        | Status::Waiting
        | Status::Serving
        | Status::Captured
        | Status::AwaitingReview
        | Status::AwaitingDecision
        | Status::BookAllocated
        | Status::BookPrinted
        | Status::Erased => "",
    }
}
