//! The ticket on paper. It carries no name: a ticket gets lost.

use askama::Template;

use super::page::class_name;
use crate::domain::office::OfficeCode;
use crate::domain::setting::Settings;
use crate::domain::view::View;
use crate::office::store::Queue;
use crate::office::worker::{Printer, PrinterState};
use crate::web::page::Shell;
use crate::web::words::names;

/// The page.
#[derive(Template)]
#[template(path = "office/tickets/print.html")]
pub struct SlipPage {
    shell: Shell,
    application: String,
    ticket: Slip,
    /// Whether it can be printed again on the ticket printer.
    has_printer: bool,
    /// What is wrong with that printer, if anything is.
    trouble: Option<String>,
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
            ahead: queue.ahead_of(ticket),
            drawn_at: shell.dates.moment(ticket.drawn_at),
        };
        let application = view.booking.as_ref().map(|booked| booked.number.as_str().to_owned())?;
        Some(Self { shell, application, ticket, has_printer: false, trouble: None })
    }

    /// With the ticket printer, as it is.
    pub(super) fn with_printer(self, printer: Option<&Printer>) -> Self {
        let trouble = printer.and_then(|printer| trouble(&self.shell, printer));
        Self { has_printer: printer.is_some(), trouble, ..self }
    }
}

/// What is wrong with the ticket printer, if anything is, and what to do meanwhile.
pub fn trouble(shell: &Shell, printer: &Printer) -> Option<String> {
    let words = shell.words;
    let since = |at| shell.dates.since(at, shell.now);
    let what = match printer.state() {
        PrinterState::Ready => return None,
        PrinterState::Unreachable(at) => words.ticket_printer_silent(since(at)),
        PrinterState::PaperOut(at) => words.ticket_printer_paper(since(at)),
    };
    Some(format!("{what} {}", words.ticket_printer_meanwhile()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::{Story, office};
    use crate::domain::ticket::TicketState;
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
