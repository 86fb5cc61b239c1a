//! What an officer at a counter does next with an application, sensibly most of the time.

use chrono::Days;

use super::chance::Chance;
use super::fold::Fold;
use crate::domain::actor::{Actor, Role};
use crate::domain::book::{BookState, Collector, Defect};
use crate::domain::capture::{Finger, FingerCaptured, FingerPosition, PortraitCaptured, SignatureCaptured};
use crate::domain::command::{Command, Context, decide};
use crate::domain::document::{BlobRef, CheckedDocument, DocumentKind, Seen};
use crate::domain::fact::Fact;
use crate::domain::interview::{Interviewed, Outcome};
use crate::domain::number::{BookNumber, Ntpn};
use crate::domain::office::{OfficeCode, Zone};
use crate::domain::payment::Evidence;
use crate::domain::setting::{FingerRule, Settings};
use crate::domain::ticket::{QueueClass, Stage, Ticket, TicketState};
use crate::domain::view::{View, Visit};

/// The moment and place of an act.
pub(super) struct Moment<'a> {
    pub office: Option<&'a OfficeCode>,
    pub now: chrono::DateTime<chrono::Utc>,
    pub settings: &'a Settings,
    pub fold: &'a Fold,
}

/// Settings under which a capture takes one finger, so that histories reach the end of the story.
pub(super) fn settings() -> Settings {
    let one = FingerPosition::all().take(1).collect();
    Settings { fingers: vec![FingerRule { from_age_years: 0, positions: one }], ..Settings::default() }
}

const ALL: &[Role] = &[Role::FrontDesk, Role::Interviewer, Role::Supervisor, Role::Custody];

impl Moment<'_> {
    /// The facts that follow from a command, if it is not refused.
    pub(super) fn decide(&self, view: &View, command: &Command, by: &Actor) -> Option<Vec<Fact>> {
        let today = Zone::Wib.day(self.now);
        let next_serial = |class| self.office.map_or(1, |office| self.fold.next_serial(office, today, class));
        let book_taken =
            |book: &BookNumber| self.fold.books.get(book).is_some_and(|subject| subject.0 != view.key.0);
        let context = Context {
            office: self.office,
            now: self.now,
            zone: Zone::Wib,
            today,
            by,
            roles: if self.office.is_some() { ALL } else { &[Role::Headquarters] },
            settings: self.settings,
            next_serial: &next_serial,
            book_taken: &book_taken,
        };
        decide(view, command, &context).ok()
    }
}

/// An officer.
pub(super) fn officer(login: &str) -> Actor {
    Actor::Officer { login: login.to_owned(), name: format!("Officer {login}") }
}

/// Something that might be done at this office with an application.
pub(super) fn command(
    view: &View,
    moment: &Moment<'_>,
    picture: &BlobRef,
    chance: &mut Chance,
) -> Option<Command> {
    let office = moment.office?;
    if chance.percent(20) {
        return unusual(view.visit(office), moment, chance);
    }
    match view.visit(office).filter(|visit| visit.arrived.is_some() && visit.yielded.is_none()) {
        None if view.is_paid() => Some(Command::Arrive {
            note: String::new(),
            other_day_reason: chance.percent(70).then(|| "on another day".to_owned()),
        }),
        None => {
            let ntpn = Ntpn::parse(&format!("{:016}", 1 + chance.below(3))).ok()?;
            Some(Command::AdmitOnEvidence { evidence: Evidence::Ntpn { ntpn }, note: String::new() })
        }
        Some(visit) => at_the_counter(visit, picture, chance),
    }
}

fn at_the_counter(visit: &Visit, picture: &BlobRef, chance: &mut Chance) -> Option<Command> {
    if visit.documents.is_none() {
        return Some(check_papers());
    }
    if let Some(ticket) = visit.open_ticket()
        && chance.percent(40)
    {
        return Some(of_ticket(ticket));
    }
    let capture = &visit.capture;
    if !capture.complete {
        return Some(if capture.portrait.is_none() {
            portrait(picture)
        } else if capture.fingers.is_empty() {
            let finger = Finger::Taken { picture: picture.clone(), quality: 80 };
            Command::CaptureFinger(FingerCaptured { position: FingerPosition::all().next()?, finger })
        } else if capture.signature.is_none() {
            let reason = "cannot sign".to_owned();
            Command::CaptureSignature(SignatureCaptured { picture: None, reason })
        } else {
            Command::CompleteCapture
        });
    }
    if visit.is_passed() && chance.percent(8) {
        return Some(Command::ReopenCapture { reason: "blurred".to_owned() });
    }
    if !visit.is_passed() {
        return Some(Command::Interview(Interviewed::new(Outcome::Passed, "")));
    }
    of_book(&visit.book.state, chance)
}

fn portrait(picture: &BlobRef) -> Command {
    Command::CapturePortrait(PortraitCaptured { picture: picture.clone(), width_px: 600, height_px: 800 })
}

fn check_papers() -> Command {
    let seen = |kind| CheckedDocument { kind, seen: Seen::Agrees, note: String::new() };
    let kinds = [DocumentKind::IdentityCard, DocumentKind::FamilyCard, DocumentKind::BirthProof];
    Command::CheckDocuments { documents: kinds.map(seen).to_vec(), ticket: true }
}

fn of_ticket(ticket: &Ticket) -> Command {
    let number = ticket.number;
    match ticket.state {
        TicketState::Waiting { .. } => {
            Command::CallTicket { number, counter: ticket.only_counter.unwrap_or(2) }
        }
        TicketState::Called { .. } => Command::StartTicket(number),
        TicketState::Absent { .. } | TicketState::Held { .. } => {
            Command::ReturnTicket { number, note: String::new() }
        }
        TicketState::Serving { .. } | TicketState::Finished { .. } => Command::FinishTicket(number),
    }
}

fn of_book(state: &BookState, chance: &mut Chance) -> Option<Command> {
    Some(match state {
        BookState::None | BookState::Defective(..) | BookState::Cancelled(_) => {
            Command::AllocateBook(BookNumber::parse(&format!("X{:07}", chance.below(40))).ok()?)
        }
        BookState::Allocated(book) => Command::PrintBook(book.clone()),
        BookState::Printed(book) => {
            Command::CheckBook { book: book.clone(), defect: chance.percent(10).then_some(Defect::Print) }
        }
        BookState::Passed(book) => Command::BookReady { book: book.clone(), shelf: "A1".to_owned() },
        BookState::Ready(ready) => {
            Command::HandOver { book: ready.book.clone(), collector: Collector::Applicant }
        }
        BookState::HandedOver(_) => return None,
    })
}

/// What happens seldom, or is refused.
fn unusual(visit: Option<&Visit>, moment: &Moment<'_>, chance: &mut Chance) -> Option<Command> {
    let reason = || "because".to_owned();
    let number = visit.and_then(|visit| visit.tickets.last()).map(|ticket| ticket.number);
    let book = visit.and_then(|visit| visit.book.state.number().cloned());
    Some(match chance.below(12) {
        0 => Command::WithdrawArrival { reason: reason() },
        1 => Command::YieldVisit { reason: reason() },
        2 | 3 => Command::ReopenCapture { reason: reason() },
        4 => Command::RecallTicket(number?),
        5 => Command::MarkAbsent(number?),
        6 => Command::ReturnTicket { number: number?, note: reason() },
        7 => Command::TransferTicket {
            number: number?,
            class: QueueClass::EXAMINATION,
            stage: Stage::Interview,
            counter: None,
            note: reason(),
        },
        8 => Command::IssueTicket { stage: chance.pick(&[Stage::Interview, Stage::Collection]) },
        9 => Command::CancelBook { book: book?, reason: reason() },
        10 => {
            let until = Zone::Wib.day(moment.now).checked_add_days(Days::new(2))?;
            let outcome = Outcome::Held { until, documents: vec![DocumentKind::FamilyCard] };
            Command::Interview(Interviewed::new(outcome, reason()))
        }
        _ => {
            let ntpn = Ntpn::parse(&format!("{:016}", 9)).ok()?;
            Command::AdmitOnEvidence { evidence: Evidence::Ntpn { ntpn }, note: String::new() }
        }
    })
}
