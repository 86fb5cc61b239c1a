//! Whose page it is: the head that capture, interview and book share.

use crate::domain::office::OfficeCode;
use crate::domain::ticket::TicketState;
use crate::domain::view::{Done, View};
use crate::web::dates::grouped;
use crate::web::page::Shell;
use crate::web::words::names;

/// The applicant a page is about.
#[derive(Default)]
pub struct Head {
    /// The name.
    pub name: String,
    /// The application's number.
    pub number: String,
    /// The same, for reading.
    pub number_grouped: String,
    /// The address of the application's page.
    pub address: String,
    /// The number of facts the page was drawn from; every form sends it back.
    pub seen: usize,
    /// The open ticket, if there is one.
    pub ticket: Option<String>,
    /// What is applied for.
    pub service: String,
    /// Where it stands.
    pub status: String,
}

impl Head {
    /// The head for a view as seen from one office.
    pub fn of(shell: &Shell, view: &View, here: &OfficeCode, seen: usize) -> Self {
        let booking = view.booking.as_ref();
        let number = booking.map(|booked| booked.number.as_str().to_owned()).unwrap_or_default();
        let open = view.visit(here).and_then(|visit| visit.tickets.last());
        let open = open.filter(|ticket| !matches!(ticket.state, TicketState::Finished { .. }));
        Self {
            name: booking.map(|booked| booked.applicant.name.clone()).unwrap_or_default(),
            address: format!("/applications/{number}"),
            number_grouped: grouped(&number),
            number,
            seen,
            ticket: open.map(|ticket| ticket.number.to_string()),
            service: booking.map(|booked| names::service(shell.words, &booked.service)).unwrap_or_default(),
            status: names::status(shell.words, view.status),
        }
    }
}

/// Who did something, and when.
pub fn who_when<T>(shell: &Shell, done: &Done<T>) -> String {
    format!("{}, {}", names::actor(shell.words, &done.by), shell.dates.since(done.at, shell.now))
}

/// A choice in a form.
pub struct Choice {
    /// What is sent.
    pub value: &'static str,
    /// What is read.
    pub name: String,
    /// Whether it was chosen before.
    pub ticked: bool,
}
