//! What stands on a paper ticket, as the bytes a thermal printer understands (ESC/POS). No name: a ticket gets lost. The
//! code on it holds the ticket's identity and nothing else.

use std::sync::{Arc, Mutex, PoisonError};

use escpos::driver::Driver;
use escpos::errors::{PrinterError, Result};
use escpos::printer::Printer;
use escpos::printer_options::PrinterOptions;
use escpos::utils::{
    JustifyMode, PageCode, Protocol, QRCodeCorrectionLevel, QRCodeModel, QRCodeOption, RealTimeStatusRequest,
    RealTimeStatusResponse,
};

use crate::domain::office::Office;
use crate::domain::setting::Settings;
use crate::domain::ticket::Ticket;
use crate::web::dates::Dates;
use crate::web::words::{L10n, names, words};

/// Asks in the middle of anything how the paper is (DLE EOT 4).
pub(super) const ASK_FOR_PAPER: [u8; 3] = [0x10, 0x04, 0x04];
/// How many narrow letters stand in a line of 80 millimetres, and of 58.
const LETTERS: (u8, u8) = (48, 32);

/// Whether a printer's answer says that there is paper. An answer that means nothing is no reason to print nothing.
pub(super) fn has_paper(answer: u8) -> bool {
    let said = RealTimeStatusResponse::parse(RealTimeStatusRequest::RollPaperSensor, answer);
    let end = RealTimeStatusResponse::RollPaperEndSensorPaperPresent;
    said.ok().and_then(|said| said.get(&end).copied()).unwrap_or(true)
}

/// The words of a ticket.
pub(super) struct Slip {
    place: String,
    heading: String,
    number: String,
    what: String,
    lines: Vec<String>,
    drawn: String,
    code: String,
}

impl Slip {
    /// Applicants read Indonesian, whatever language an officer works in.
    pub(super) fn of(office: &Office, ticket: &Ticket, ahead: usize, settings: &Settings) -> Self {
        let (w, dates) = (words(L10n::Id), Dates { language: L10n::Id, zone: office.zone });
        let class = settings.class(ticket.class).map(|rule| rule.name_id.clone()).unwrap_or_default();
        let number = ticket.number.to_string();
        Self {
            place: office.name.clone(),
            heading: w.ticket_print_number(),
            what: format!("{class} - {}", names::stage(w, ticket.stage)),
            lines: vec![
                w.ticket_print_ahead(ahead),
                format!("{} {}", w.ticket_print_where(), w.ticket_print_order()),
                w.ticket_print_ready(),
            ],
            drawn: format!("{} {}", w.ticket_print_drawn(), dates.moment(ticket.drawn_at)),
            code: format!("{}/{}/{number}", office.code, ticket.number.day),
            number,
        }
    }

    /// What the printer is sent, for paper of this width in millimetres.
    pub(super) fn bytes(&self, width_mm: u16) -> Result<Vec<u8>> {
        let letters = if width_mm < 80 { LETTERS.1 } else { LETTERS.0 };
        let sink = Sink::default();
        let options = PrinterOptions::new(Some(PageCode::PC437), None, letters);
        let mut printer = Printer::new(sink.clone(), Protocol::default(), Some(options));
        let huge = if width_mm < 80 { 5 } else { 7 };
        let width = usize::from(letters);
        printer.init()?.justify(JustifyMode::CENTER)?;
        for line in wrapped(&self.place, width) {
            printer.writeln(&line)?;
        }
        printer.feed()?.writeln(&plain(&self.heading))?.size(huge, huge)?.bold(true)?;
        printer.writeln(&self.number)?.reset_size()?.bold(false)?.feed()?;
        printer.bold(true)?.writeln(&plain(&self.what))?.bold(false)?.feed()?;
        for line in self.lines.iter().flat_map(|line| wrapped(line, width)) {
            printer.writeln(&line)?;
        }
        let code = QRCodeOption::new(QRCodeModel::Model2, 6, QRCodeCorrectionLevel::M);
        printer.feed()?.qrcode_option(&self.code, code)?.feed()?;
        printer.writeln(&plain(&self.drawn))?.feeds(2)?.print_cut()?;
        Ok(sink.written())
    }
}

/// What every printer's first page of letters has: dashes and narrow spaces become plain ones.
fn plain(text: &str) -> String {
    let letter = |c: char| match c {
        '\u{2010}'..='\u{2015}' | '·' => '-',
        c if c.is_whitespace() => ' ',
        c if c.is_ascii() && !c.is_control() => c,
        // Marks that only steer the direction of letters are not printed.
        '\u{2066}'..='\u{2069}' => '\u{0}',
        _ => '?',
    };
    text.chars().map(letter).filter(|c| *c != '\u{0}').collect()
}

/// Lines of at most so many letters, broken between words.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in plain(text).split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut().filter(|line| line.len() + 1 + word.len() <= width) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Keeps what would be sent: the line to the printer is the worker's.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    fn written(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Driver for Sink {
    fn name(&self) -> String {
        "sink".to_owned()
    }

    fn write(&self, data: &[u8]) -> std::result::Result<(), PrinterError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(data);
        Ok(())
    }

    fn read(&self, _: &mut [u8]) -> std::result::Result<usize, PrinterError> {
        Ok(0)
    }

    fn flush(&self) -> std::result::Result<(), PrinterError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::office::{OfficeCode, Zone};
    use crate::domain::sample::Story;

    fn slip() -> Slip {
        let office = Office {
            code: OfficeCode::parse("karimun").unwrap(),
            name: "Kantor Imigrasi Kelas II TPI Tanjung Balai Karimun".into(),
            zone: Zone::Wib,
        };
        let view = Story::waiting().view();
        let ticket = view.visits.values().next().unwrap().tickets[0].clone();
        Slip::of(&office, &ticket, 12, &Settings::default())
    }

    fn text(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }

    #[test]
    fn the_paper_has_a_large_number_a_code_and_no_name() {
        for (width_mm, size) in [(80, 0x66), (58, 0x44)] {
            let bytes = slip().bytes(width_mm).unwrap();
            let said = text(&bytes);
            assert!(bytes.starts_with(&[0x1b, 0x40]), "it begins from a printer that knows nothing");
            assert!(
                bytes.windows(3).any(|it| it == [0x1d, 0x21, size]),
                "the number is huge on {width_mm} mm"
            );
            assert!(said.contains("A001") && said.contains("12 orang sebelum Anda"));
            assert!(said.contains("karimun/2026-11-23/A001"));
            assert!(bytes.windows(2).any(|it| it == [0x1d, 0x56]), "it cuts");
            assert!(!said.contains("Budi") && !said.contains("1179") && !said.contains('?'), "{said}");
        }
    }

    #[test]
    fn no_line_is_longer_than_the_paper() {
        let lines = wrapped("Tunggu di ruang tunggu. Nomor dan loket Anda tampil di layar.", 32);
        assert!(lines.len() > 1 && lines.iter().all(|line| line.len() <= 32), "{lines:?}");
    }

    #[test]
    fn a_printer_tells_whether_it_has_paper() {
        assert!(has_paper(0x12) && !has_paper(0x72) && has_paper(0x1e), "present, at its end, near its end");
        assert!(has_paper(0xff), "an answer that means nothing stops nothing");
    }
}
