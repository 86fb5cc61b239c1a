//! What the page of an application shows.

use askama::Template;

use super::choosing::{self, Choice, OfficeNames};
use super::history::{self, Moment};
use crate::domain::application::Application;
use crate::domain::booking::{Booked, Slot};
use crate::domain::capture::{Finger, FingerPosition};
use crate::domain::decision::Decision;
use crate::domain::document::BlobRef;
use crate::domain::erasure::Remains;
use crate::domain::interview::Outcome;
use crate::domain::number::ApplicationNumber;
use crate::domain::payment::Payment;
use crate::domain::status::Status;
use crate::domain::view::{Capture, Done, View, Visit};
use crate::registry::web::rows::mark;
use crate::web::dates::grouped;
use crate::web::page::Shell;
use crate::web::words::conflicts::{self, Told};
use crate::web::words::{history as told, names};

/// A picture, if it has arrived.
pub struct Picture {
    name: String,
    src: Option<String>,
    detail: String,
}

/// Where the decision stands.
pub enum Deciding {
    /// It can be made, on this capture.
    Open {
        /// Which.
        round: u16,
    },
    /// Approved.
    Approved,
    /// Refused, for this reason.
    Refused(String),
    /// Two offices served the applicant: first somebody says whose visit holds.
    Choose(Vec<Choice>),
    /// Something is missing.
    NotYet,
}

/// What the page needs beside the application.
pub struct Around<'a> {
    /// Which pictures have arrived.
    pub has_picture: &'a dyn Fn(&BlobRef) -> bool,
    /// The names of offices.
    pub offices: &'a OfficeNames,
    /// Intervals the appointment can be moved to.
    pub free: &'a [Slot],
}

/// The page.
#[derive(Template)]
#[template(path = "registry/applications/application.html")]
pub struct ApplicationPage {
    shell: Shell,
    address: String,
    number: String,
    name: String,
    status: String,
    mark: &'static str,
    /// What was just done.
    pub done: Option<String>,
    conflicts: Vec<Told>,
    office: String,
    service: String,
    slot: Option<String>,
    person: Vec<(String, String)>,
    round: u16,
    portrait: Option<Picture>,
    fingers: Vec<Picture>,
    signature: Option<Picture>,
    interview: Option<(String, String)>,
    papers: Vec<Picture>,
    payment: String,
    payment_mark: &'static str,
    money: Vec<(String, String)>,
    has_proof: bool,
    history: Vec<Moment>,
    erased: Option<Vec<(String, String)>>,
    deciding: Deciding,
    free: Vec<(String, String)>,
    may_change: bool,
    /// The order and the note of an entry on the prevention list.
    prevention: Option<(String, String)>,
    may_report: bool,
}

impl ApplicationPage {
    /// Draws an application.
    pub fn of(
        shell: Shell,
        number: &ApplicationNumber,
        application: &Application,
        around: &Around<'_>,
    ) -> Self {
        let words = shell.words;
        let address = format!("/staff/applications/{number}");
        let draw = Draw { shell: &shell, address: &address, has_picture: around.has_picture };
        let view = &application.view();
        let visit = view.held();
        let booking = view.booking.as_ref();
        let capture = visit.map(|visit| &visit.capture);
        Self {
            number: grouped(number.as_str()),
            name: match booking {
                Some(booking) => booking.applicant.name.clone(),
                None if view.erased.is_some() => words.staff_erased_title(),
                None => String::new(),
            },
            status: names::status(words, view.status),
            mark: mark(view.status),
            done: None,
            conflicts: view.conflicts.iter().map(|it| conflicts::tell(words, it)).collect(),
            office: booking.map(|it| choosing::name_of(around.offices, &it.office)).unwrap_or_default(),
            service: booking.map(|booking| names::service(words, &booking.service)).unwrap_or_default(),
            slot: view.slot.map(|slot| draw.appointment(&slot)),
            person: booking.map(|booking| draw.person(booking)).unwrap_or_default(),
            round: capture.map_or(0, |capture| capture.round),
            portrait: capture.and_then(|capture| draw.portrait(capture)),
            fingers: capture.map(|capture| draw.fingers(capture)).unwrap_or_default(),
            signature: capture.and_then(|capture| draw.signature(capture)),
            interview: visit.and_then(|visit| draw.interview(visit)),
            papers: booking.map(|booking| draw.papers(booking, visit)).unwrap_or_default(),
            payment: payment(&shell, &view.payment),
            payment_mark: payment_mark(&view.payment),
            money: money(&shell, &view.payment),
            has_proof: view.is_paid() && view.cancelled.is_none(),
            history: history::of(&shell, application),
            prevention: view.prevention.as_ref().map(|it| (it.what.order.clone(), it.what.note.clone())),
            may_report: booking.is_some() && view.status != Status::HandedOver,
            erased: view.erased.as_ref().map(|done| remains(&shell, &done.what.remains)),
            deciding: deciding(&shell, view, around.offices),
            free: around.free.iter().filter_map(|slot| draw.choice(slot)).collect(),
            may_change: visit.is_none_or(|visit| visit.arrived.is_none()) && booking.is_some(),
            address,
            shell,
        }
    }

    fn views(&self) -> i64 {
        i64::try_from(self.history.iter().filter(|moment| moment.is_view).count()).unwrap_or(i64::MAX)
    }
}

fn deciding(shell: &Shell, view: &View, offices: &OfficeNames) -> Deciding {
    if view.is_served_twice() {
        return Deciding::Choose(choosing::choices(shell, view, offices));
    }
    match view.decision.as_ref().map(|done| &done.what) {
        Some(Decision::Approved(_)) => Deciding::Approved,
        Some(Decision::Refused(refused)) => Deciding::Refused(refused.reason.clone()),
        // Nothing is decided before the payment is on record.
        _ if view.status == Status::AwaitingDecision && view.is_paid() => {
            Deciding::Open { round: view.held().map_or(0, |visit| visit.capture.round) }
        }
        _ => Deciding::NotYet,
    }
}

fn payment(shell: &Shell, payment: &Payment) -> String {
    let words = shell.words;
    match payment {
        Payment::None => words.name_payment_none(),
        Payment::Due(_) => words.name_payment_due(),
        Payment::Expired(_) => words.name_payment_expired(),
        Payment::Paid { .. } => words.name_payment_paid(),
        Payment::Refunded(_) => words.name_payment_refunded(),
    }
}

/// What is left of somebody who was erased.
fn remains(shell: &Shell, left: &Remains) -> Vec<(String, String)> {
    let words = shell.words;
    let mut lines = vec![
        (words.staff_decisions_office(), left.office.to_string()),
        (words.staff_erased_ended(), names::status(words, left.ended_as)),
        (words.staff_erased_closed(), shell.dates.day(left.closed_on)),
    ];
    lines.extend(left.book.as_ref().map(|book| (words.staff_erased_book(), book.to_string())));
    for bill in &left.bills {
        lines.push((words.staff_payments_code(), grouped(bill.code.as_str())));
        lines.push((words.staff_payments_amount(), shell.dates.rupiah(bill.amount_idr)));
    }
    for paid in &left.payments {
        lines.push((words.staff_payments_ntpn(), grouped(paid.ntpn.as_str())));
    }
    lines
}

fn payment_mark(payment: &Payment) -> &'static str {
    match payment {
        Payment::Paid { .. } => "good",
        Payment::Due(_) => "warn",
        Payment::Expired(_) => "bad",
        Payment::None | Payment::Refunded(_) => "",
    }
}

fn money(shell: &Shell, payment: &Payment) -> Vec<(String, String)> {
    let words = shell.words;
    let mut lines = Vec::new();
    if let Some(bill) = payment.bill() {
        lines.push((words.staff_payments_code(), grouped(bill.code.as_str())));
        lines.push((words.staff_payments_amount(), shell.dates.rupiah(bill.amount_idr)));
    }
    if let Payment::Paid { paid, again, .. } = payment {
        for paid in std::iter::once(paid).chain(again) {
            let when = shell.dates.moment(paid.paid_at);
            let ntpn = grouped(paid.ntpn.as_str());
            lines.push((words.staff_payments_ntpn(), format!("{ntpn}, {when} {}", paid.channel)));
        }
    }
    lines
}

struct Draw<'a> {
    shell: &'a Shell,
    address: &'a str,
    has_picture: &'a dyn Fn(&BlobRef) -> bool,
}

impl Draw<'_> {
    fn picture(&self, name: String, picture: &BlobRef, detail: String) -> Picture {
        let src = (self.has_picture)(picture).then(|| format!("{}/pictures/{}", self.address, picture.hash));
        Picture { name, src, detail }
    }

    fn appointment(&self, slot: &Slot) -> String {
        format!("{}, {}", self.shell.dates.long_day(slot.day), self.shell.dates.interval(slot))
    }

    /// The value and the words of an interval to choose.
    fn choice(&self, slot: &Slot) -> Option<(String, String)> {
        Some((serde_json::to_string(slot).ok()?, self.appointment(slot)))
    }

    fn person(&self, booking: &Booked) -> Vec<(String, String)> {
        let (words, person) = (self.shell.words, &booking.applicant);
        let born = format!("{}, {}", person.birthplace, self.shell.dates.day(person.born_on));
        let (journey, contact) = (&booking.questionnaire, &booking.contact);
        let mut lines = vec![
            (words.staff_application_nik(), grouped(person.nik.as_str())),
            (words.staff_application_born(), born),
            (words.staff_application_sex(), names::sex(words, person.sex)),
            (words.staff_application_civil(), names::civil(words, person.civil_status)),
        ];
        let told = [
            (words.application_occupation(), person.occupation.clone()),
            (words.application_address(), person.address.clone()),
            (words.application_purpose(), journey.purpose.clone().unwrap_or_default()),
            (words.application_destination(), journey.destination.clone().unwrap_or_default()),
            (words.application_email(), contact.email.clone().unwrap_or_default()),
            (words.application_phone(), contact.phone.clone().unwrap_or_default()),
        ];
        lines.extend(told.into_iter().filter(|(_, value)| !value.is_empty()));
        for guardian in &booking.guardians {
            lines.push((names::relation(words, guardian.relation), guardian.name.clone()));
        }
        lines
    }

    fn portrait(&self, capture: &Capture) -> Option<Picture> {
        let portrait = capture.portrait.as_ref()?;
        let size = format!("{} × {}", portrait.what.width_px, portrait.what.height_px);
        Some(self.picture(self.shell.words.staff_application_portrait(), &portrait.what.picture, size))
    }

    fn fingers(&self, capture: &Capture) -> Vec<Picture> {
        let words = self.shell.words;
        let draw = |(position, done): (&FingerPosition, &Done<Finger>)| {
            let name = names::finger(words, position.code());
            match &done.what {
                Finger::Taken { picture, quality } => {
                    self.picture(name, picture, words.staff_application_quality(i64::from(*quality)))
                }
                Finger::Excepted { reason } => {
                    Picture { name, src: None, detail: names::exception(words, *reason) }
                }
            }
        };
        capture.fingers.iter().map(draw).collect()
    }

    fn signature(&self, capture: &Capture) -> Option<Picture> {
        let words = self.shell.words;
        let signature = &capture.signature.as_ref()?.what;
        let name = words.staff_application_signature();
        let Some(picture) = &signature.picture else {
            let detail = format!("{}: {}", words.staff_application_unsigned(), signature.reason);
            return Some(Picture { name, src: None, detail });
        };
        Some(self.picture(name, picture, String::new()))
    }

    fn interview(&self, visit: &Visit) -> Option<(String, String)> {
        let words = self.shell.words;
        let interview = &visit.interview.as_ref()?.what;
        let outcome = match &interview.outcome {
            Outcome::Passed => words.staff_application_passed(),
            Outcome::Held { until, .. } => words.staff_application_held(self.shell.dates.day(*until)),
            Outcome::Refused { ground } => {
                let ground = names::ground(words, *ground);
                format!("{}: {ground}", words.staff_application_refused_at_counter())
            }
        };
        Some((outcome, told::said(interview)))
    }

    fn papers(&self, booking: &Booked, visit: Option<&Visit>) -> Vec<Picture> {
        let words = self.shell.words;
        let checked = visit.and_then(|visit| visit.documents.as_ref()).map(|done| done.what.as_slice());
        let seen = |kind| checked.unwrap_or_default().iter().find(|line| line.kind == kind);
        let uploads = booking.documents.iter().map(|document| {
            let name = names::document(words, document.kind);
            let detail = seen(document.kind).map(|line| names::seen(words, line.seen)).unwrap_or_default();
            match &document.picture {
                Some(picture) => self.picture(name, picture, detail),
                None => Picture { name, src: None, detail },
            }
        });
        uploads.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::{Story, office, slot};
    use crate::registry::web::preview;
    use crate::web::page::sample;
    use crate::web::words::L10n;

    fn page(language: L10n, story: &Story) -> String {
        let shell = preview::shell(language, "/staff/applications/1179000000000001");
        let offices = ["batam", "karimun"].map(|code| (office(code), format!("Kantor {code}"))).into();
        let around = Around { has_picture: &|_| true, offices: &offices, free: &[slot()] };
        let number = story.view().booking.unwrap().number;
        sample::content(&ApplicationPage::of(shell, &number, &story.application, &around))
    }

    #[test]
    fn what_was_captured_stands_beside_the_decision() {
        insta::assert_snapshot!(page(L10n::Id, &Story::interviewed()));
    }

    #[test]
    fn before_anybody_came_the_appointment_can_be_moved() {
        insta::assert_snapshot!(page(L10n::En, &Story::paid()));
    }

    #[test]
    fn two_visits_are_settled_before_anything_is_decided() {
        let text = page(L10n::Id, &Story::interviewed().also_arrives_at("batam"));
        assert!(!text.contains("/decide\""));
        let card = &text[text.find("id=\"decide\"").unwrap()..text.find("capture-title").unwrap()];
        insta::assert_snapshot!(card);
    }
}
