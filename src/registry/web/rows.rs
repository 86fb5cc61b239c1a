//! A line about an application in headquarters' lists.

use crate::domain::number::ApplicationNumber;
use crate::domain::status::Status;
use crate::registry::store::Summary;
use crate::web::dates::grouped;
use crate::web::page::Shell;
use crate::web::words::names;

/// One application in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its page.
    pub href: String,
    /// Its number, in groups.
    pub number: String,
    /// The applicant.
    pub name: String,
    /// The office's code.
    pub office: String,
    /// What for.
    pub service: String,
    /// When.
    pub slot: String,
    /// Where it stands.
    pub status: String,
    /// How that looks.
    pub mark: &'static str,
}

impl Row {
    /// Draws a line.
    pub fn of(shell: &Shell, summary: &Summary) -> Self {
        let number = summary.number.as_ref().map(ApplicationNumber::as_str).unwrap_or_default();
        let slot = summary.slot.as_ref();
        let status = summary.status();
        Self {
            href: format!("/staff/applications/{number}"),
            number: grouped(number),
            name: summary.name.clone(),
            office: summary.office.as_ref().map(ToString::to_string).unwrap_or_default(),
            service: summary
                .service
                .map(|service| names::service_in_short(shell.words, &service))
                .unwrap_or_default(),
            slot: slot
                .map(|slot| format!("{}, {}", shell.dates.short_day(slot.day), shell.dates.interval(slot)))
                .unwrap_or_default(),
            status: status.map(|status| names::status(shell.words, status)).unwrap_or_default(),
            mark: status.map_or("", mark),
        }
    }
}

/// How a status looks; the word beside it says the same.
pub fn mark(status: Status) -> &'static str {
    match status {
        Status::Approved | Status::Ready | Status::HandedOver => "good",
        Status::AwaitingPayment | Status::AwaitingDecision | Status::Held => "warn",
        Status::Expired | Status::Cancelled | Status::Refused => "bad",
        _ => "",
    }
}
