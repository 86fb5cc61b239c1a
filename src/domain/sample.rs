//! An applicant to try the rules on: a story told act by act through [`decide`], with every fact it leads to.

use chrono::{DateTime, Duration, Utc};

use super::actor::{Actor, Role};
use super::application::{Application, ApplicationKey, Author, Entry, Order};
use super::book::Collector;
use super::booking::{Booked, Questionnaire, Slot};
use super::capture::{Finger, FingerCaptured, FingerPosition, PortraitCaptured, SignatureCaptured};
use super::command::{Command, Context, decide};
use super::document::{BlobRef, CheckedDocument, DocumentKind, Seen};
use super::fact::Fact;
use super::interview::{Interviewed, Outcome};
use super::number::{ApplicationNumber, BillingCode, BookNumber, Ntpn};
use super::office::{OfficeCode, Zone};
use super::payment::{BillItem, Billed, Expired, Paid};
use super::person::{CivilStatus, Contact, Nik, Person, Sex};
use super::refusal::Refusal;
use super::service::{ApplicationKind, Channel, Product, Service, Validity};
use super::setting::Settings;
use super::status::Status;
use super::ticket::{Stage, TicketNumber};
use super::view::View;

pub(crate) const ALL_AT_THE_OFFICE: &[Role] =
    &[Role::FrontDesk, Role::Interviewer, Role::Supervisor, Role::Custody];

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn office(code: &str) -> OfficeCode {
    OfficeCode::parse(code).unwrap()
}

pub(crate) fn officer(login: &str) -> Actor {
    Actor::Officer { login: login.to_owned(), name: format!("Officer {login}") }
}

pub(crate) fn book(serial: u32) -> BookNumber {
    BookNumber::parse(&format!("X{serial:07}")).unwrap()
}

pub(crate) fn ntpn(serial: u32) -> Ntpn {
    Ntpn::parse(&format!("{serial:016}")).unwrap()
}

pub(crate) fn code() -> BillingCode {
    BillingCode::parse("820261120000001").unwrap()
}

pub(crate) fn picture() -> BlobRef {
    BlobRef { hash: "0".repeat(64), len: 1_000, media_type: "image/jpeg".to_owned() }
}

/// Karimun, 08:00 to 09:00 WIB on Monday 23 November 2026.
pub(crate) fn slot() -> Slot {
    let day = "2026-11-23".parse().unwrap();
    Slot { day, from: "08:00:00".parse().unwrap(), until: "09:00:00".parse().unwrap() }
}

pub(crate) fn person() -> Person {
    Person {
        name: "Budi Santoso".to_owned(),
        nik: Nik::parse("2102010101900001").unwrap(),
        born_on: "1990-01-01".parse().unwrap(),
        birthplace: "Karimun".to_owned(),
        sex: Sex::M,
        civil_status: CivilStatus::Married,
        address: String::new(),
        occupation: String::new(),
    }
}

pub(crate) fn booking() -> Booked {
    Booked {
        number: ApplicationNumber::parse("1179000000000001").unwrap(),
        office: office("karimun"),
        slot: slot(),
        applicant: person(),
        guardians: Vec::new(),
        service: Service {
            kind: ApplicationKind::New,
            product: Product::Electronic,
            validity: Validity::TenYears,
            channel: Channel::MPaspor,
        },
        priority: None,
        documents: Vec::new(),
        questionnaire: Questionnaire::default(),
        contact: Contact::default(),
    }
}

pub(crate) fn billed() -> Billed {
    Billed {
        code: code(),
        items: vec![BillItem { item: "passport".to_owned(), amount_idr: 950_000 }],
        amount_idr: 950_000,
        due_at: at("2026-11-20T05:00:00Z"),
    }
}

pub(crate) fn paid(serial: u32) -> Paid {
    let paid_at = at("2026-11-20T04:00:00Z");
    Paid { code: code(), ntpn: ntpn(serial), amount_idr: 950_000, paid_at, channel: "Bank".to_owned() }
}

pub(crate) fn expired() -> Expired {
    Expired { code: code() }
}

pub(crate) fn brought(kinds: &[DocumentKind]) -> Vec<CheckedDocument> {
    kinds
        .iter()
        .map(|kind| CheckedDocument { kind: *kind, seen: Seen::Agrees, note: String::new() })
        .collect()
}

pub(crate) const FULL_PAPERS: &[DocumentKind] =
    &[DocumentKind::IdentityCard, DocumentKind::FamilyCard, DocumentKind::BirthProof];

pub(crate) fn portrait() -> Command {
    Command::CapturePortrait(PortraitCaptured { picture: picture(), width_px: 600, height_px: 800 })
}

pub(crate) fn finger(code: u8) -> Command {
    let position = FingerPosition::try_from(code).unwrap();
    Command::CaptureFinger(FingerCaptured {
        position,
        finger: Finger::Taken { picture: picture(), quality: 80 },
    })
}

pub(crate) fn signature() -> Command {
    Command::CaptureSignature(SignatureCaptured { picture: Some(picture()), reason: String::new() })
}

pub(crate) fn interview(outcome: Outcome) -> Command {
    Command::Interview(Interviewed::new(outcome, "noted"))
}

pub(crate) fn arrive() -> Command {
    Command::Arrive { note: String::new(), other_day_reason: None }
}

pub(crate) fn check_papers() -> Command {
    Command::CheckDocuments { documents: brought(FULL_PAPERS), ticket: true }
}

pub(crate) fn hand_over(serial: u32) -> Command {
    Command::HandOver { book: book(serial), collector: Collector::Applicant }
}

/// One application, with everything that was written about it, and the clock.
#[derive(Clone)]
pub(crate) struct Story {
    pub(crate) application: Application,
    pub(crate) now: DateTime<Utc>,
    pub(crate) settings: Settings,
    pub(crate) taken: Vec<BookNumber>,
}

impl Story {
    /// Nothing is known; it is 08:10 WIB on the day of the slot.
    pub(crate) fn new() -> Self {
        Self {
            application: Application::new(ApplicationKey([7; 16])),
            now: at("2026-11-23T01:10:00Z"),
            settings: Settings::default(),
            taken: Vec::new(),
        }
    }

    pub(crate) fn booked() -> Self {
        Self::new().registry(Fact::Booked(booking()))
    }

    pub(crate) fn billed() -> Self {
        Self::booked().registry(Fact::Billed(billed()))
    }

    pub(crate) fn paid() -> Self {
        Self::billed().registry(Fact::Paid(paid(1)))
    }

    pub(crate) fn arrived() -> Self {
        Self::paid().does(arrive())
    }

    /// Papers checked, a ticket drawn.
    pub(crate) fn waiting() -> Self {
        Self::arrived().does(check_papers())
    }

    pub(crate) fn captured() -> Self {
        Self::waiting().captures()
    }

    pub(crate) fn interviewed() -> Self {
        Self::captured().does(interview(Outcome::Passed))
    }

    pub(crate) fn approved() -> Self {
        Self::interviewed().headquarters(Command::Approve { round: 1, note: String::new() })
    }

    pub(crate) fn ready() -> Self {
        Self::approved()
            .does(Command::AllocateBook(book(1)))
            .does(Command::PrintBook(book(1)))
            .does(Command::CheckBook { book: book(1), defect: None })
            .does(Command::BookReady { book: book(1), shelf: "A1".to_owned() })
    }

    /// Everything that is still missing of a capture.
    pub(crate) fn captures(self) -> Self {
        let fingers = (1..=10).map(finger);
        let all = std::iter::once(portrait()).chain(fingers).chain([signature(), Command::CompleteCapture]);
        all.fold(self, Self::does)
    }

    pub(crate) fn registry(self, fact: Fact) -> Self {
        self.wrote(&Author::Registry, fact)
    }

    pub(crate) fn wrote(mut self, author: &Author, fact: Fact) -> Self {
        let rev = self.application.next_rev(author);
        let order = Order { rev, session: [1; 16], seq: rev.into() };
        let by = officer("sari");
        self.application.join(Entry { author: author.clone(), order, at: self.now, by, fact });
        self
    }

    pub(crate) fn later(mut self, minutes: i64) -> Self {
        self.now += Duration::minutes(minutes);
        self
    }

    pub(crate) fn view(&self) -> View {
        self.application.view()
    }

    pub(crate) fn status(&self) -> Status {
        self.view().status
    }

    pub(crate) fn ticket(&self) -> TicketNumber {
        self.view().open_ticket(&office("karimun")).unwrap().number
    }

    /// What a command at the booked office comes to.
    pub(crate) fn tries(&self, command: &Command) -> Result<Vec<Fact>, Refusal> {
        self.tries_as(Some("karimun"), ALL_AT_THE_OFFICE, "sari", command)
    }

    pub(crate) fn tries_as(
        &self,
        at: Option<&str>,
        roles: &[Role],
        login: &str,
        command: &Command,
    ) -> Result<Vec<Fact>, Refusal> {
        self.with_context(at, roles, login, |context| decide(&self.view(), command, context))
    }

    pub(crate) fn with_context<T>(
        &self,
        at: Option<&str>,
        roles: &[Role],
        login: &str,
        ask: impl FnOnce(&Context<'_>) -> T,
    ) -> T {
        let office = at.map(office);
        ask(&Context {
            office: office.as_ref(),
            now: self.now,
            zone: Zone::Wib,
            today: Zone::Wib.day(self.now),
            by: &officer(login),
            roles,
            settings: &self.settings,
            next_serial: &|_| 1,
            book_taken: &|book| self.taken.contains(book),
        })
    }

    pub(crate) fn refuses(&self, command: &Command) -> Refusal {
        self.tries(command).unwrap_err()
    }

    pub(crate) fn headquarters_refuses(&self, command: &Command) -> Refusal {
        self.tries_as(None, &[Role::Headquarters], "hana", command).unwrap_err()
    }

    pub(crate) fn does(self, command: Command) -> Self {
        self.does_at("karimun", command)
    }

    #[expect(clippy::needless_pass_by_value, reason = "a story reads better without references")]
    pub(crate) fn does_at(self, code: &str, command: Command) -> Self {
        let facts = self.tries_as(Some(code), ALL_AT_THE_OFFICE, "sari", &command);
        let facts = facts.unwrap_or_else(|refusal| panic!("{command:?}: {refusal:?}"));
        facts.into_iter().fold(self, |story, fact| story.wrote(&Author::Office(office(code)), fact))
    }

    #[expect(clippy::needless_pass_by_value, reason = "a story reads better without references")]
    pub(crate) fn headquarters(self, command: Command) -> Self {
        let facts = self.tries_as(None, &[Role::Headquarters], "hana", &command);
        let facts = facts.unwrap_or_else(|refusal| panic!("{command:?}: {refusal:?}"));
        facts.into_iter().fold(self, Self::registry)
    }

    /// What erasing the applicant comes to, when this officer of headquarters confirms it then.
    pub(crate) fn erased_by(
        &self,
        login: &str,
        proposal: &super::erasure::Proposal,
        now: DateTime<Utc>,
    ) -> Result<super::erasure::PersonErased, Refusal> {
        Self { now, ..self.clone() }.with_context(None, &[Role::Headquarters], login, |context| {
            super::erasure::erase(&self.application, context, proposal, (false, false))
        })
    }

    /// The same applicant is served at another office as well, one that did not know the booking.
    pub(crate) fn also_arrives_at(self, code: &str) -> Self {
        use super::visit::{Arrived, Punctuality};
        let arrived = Arrived { punctuality: Punctuality::OnTime, slot: None, note: String::new() };
        self.wrote(&Author::Office(office(code)), Fact::Arrived(arrived))
    }
}

pub(crate) fn issue(stage: Stage) -> Command {
    Command::IssueTicket { stage }
}
