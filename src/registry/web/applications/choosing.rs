//! Two offices served the same applicant: what each of them did, so that somebody can say whose visit holds.

use std::collections::BTreeMap;

use crate::domain::book::BookState;
use crate::domain::office::OfficeCode;
use crate::domain::view::{View, Visit};
use crate::web::page::Shell;

/// Names of offices by their codes.
pub type OfficeNames = BTreeMap<OfficeCode, String>;

/// The name of an office; its code when it has none here.
pub fn name_of(offices: &OfficeNames, code: &OfficeCode) -> String {
    offices.get(code).cloned().unwrap_or_else(|| code.to_string())
}

/// One office's visit.
pub struct Choice {
    /// The office's code: what the form sends.
    pub code: String,
    /// The office.
    pub office: String,
    /// How far it came, the latest last.
    pub did: Vec<String>,
    /// Whether it holds meanwhile.
    pub holds: bool,
    /// Whether the booking is for this office.
    pub booked: bool,
    /// Whether it was ticked before the form came back.
    pub ticked: bool,
}

/// The visits to choose from.
pub fn choices(shell: &Shell, view: &View, offices: &OfficeNames) -> Vec<Choice> {
    let in_question = |visit: &Visit| visit.arrived.is_some() && visit.yielded.is_none();
    let booked_at = view.booking.as_ref().map(|booking| &booking.office);
    let visits = view.visits.iter().filter(|(_, visit)| in_question(visit));
    visits
        .map(|(code, visit)| Choice {
            code: code.to_string(),
            office: name_of(offices, code),
            did: did(shell, visit),
            holds: view.holding.as_ref() == Some(code),
            booked: booked_at == Some(code),
            ticked: shell.typed("office") == code.as_str(),
        })
        .collect()
}

fn did(shell: &Shell, visit: &Visit) -> Vec<String> {
    let (words, since) = (shell.words, |at| shell.dates.since(at, shell.now));
    let mut did = Vec::new();
    if let Some(arrived) = &visit.arrived {
        did.push(words.staff_choose_arrived(since(arrived.at)));
    }
    if let Some(completed) = visit.capture.completed.as_ref().filter(|_| visit.capture.complete) {
        did.push(words.staff_choose_captured(since(completed.at)));
    }
    if let Some(interview) = visit.interview.as_ref() {
        did.push(words.staff_choose_interviewed(since(interview.at)));
    }
    if visit.book.state != BookState::None || visit.book.reported.is_some() {
        did.push(words.staff_choose_book());
    }
    did
}
