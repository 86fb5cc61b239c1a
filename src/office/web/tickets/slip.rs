//! The ticket on paper. It carries no name: a ticket gets lost.

use askama::Template;

use super::page::class_name;
use crate::domain::office::OfficeCode;
use crate::domain::setting::Settings;
use crate::domain::ticket::{Ticket, TicketState};
use crate::domain::view::View;
use crate::office::store::Queue;
use crate::web::page::Shell;
use crate::web::words::names;

/// The page.
#[derive(Template)]
#[template(path = "office/tickets/print.html")]
pub struct SlipPage {
    shell: Shell,
    application: String,
    ticket: Slip,
}

/// What is printed.
pub struct Slip {
    number: String,
    class: String,
    stage: String,
    ahead: usize,
    drawn_at: String,
}

impl SlipPage {
    /// The latest ticket of an application at an office; `None` when it has none.
    pub fn of(
        shell: Shell,
        view: &View,
        here: &OfficeCode,
        queue: &Queue,
        settings: &Settings,
    ) -> Option<Self> {
        let ticket = view.visit(here)?.tickets.last()?;
        let ticket = Slip {
            number: ticket.number.to_string(),
            class: class_name(shell.words, shell.language, settings, ticket.class),
            stage: names::stage(shell.words, ticket.stage),
            ahead: ahead(queue, ticket),
            drawn_at: shell.dates.moment(ticket.drawn_at),
        };
        let application = view.booking.as_ref().map(|booked| booked.number.as_str().to_owned())?;
        Some(Self { shell, application, ticket })
    }
}

/// How many of the same class wait and were drawn earlier.
fn ahead(queue: &Queue, ticket: &Ticket) -> usize {
    let waits = |other: &&Ticket| matches!(other.state, TicketState::Waiting { .. });
    let before = |other: &&Ticket| (other.drawn_at, other.number) < (ticket.drawn_at, ticket.number);
    let tickets = queue.tickets.iter().map(|found| &found.ticket);
    tickets.filter(waits).filter(|other| other.class == ticket.class).filter(before).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::{Story, office};
    use crate::office::web::preview;
    use crate::web::page::sample;

    #[test]
    fn the_ticket_on_paper_has_a_number_and_no_name() {
        let queue = preview::queue(TicketState::Finished { at: sample::now() });
        let shell = preview::shell("/applications/1179000000000001/ticket");
        let view = Story::waiting().view();
        let page = SlipPage::of(shell, &view, &office("karimun"), &queue, &Settings::default()).unwrap();
        let content = sample::content(&page);
        assert!(!content.contains("Budi"));
        insta::assert_snapshot!(content);
    }
}
