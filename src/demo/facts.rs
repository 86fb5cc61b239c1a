//! All facts of a day, as headquarters and an office write them: for training the dictionary that bodies are packed
//! with, and for measuring what facts cost on the wire. Everybody in them is invented.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use data_encoding::BASE32_NOPAD;

use super::DemoError;
use super::chance::Chance;
use super::day::{self, Fate, Place, Visitor};
use crate::domain::actor::Actor;
use crate::domain::book::{BookAllocated, BookChecked, BookPrinted, BookReady, Collector, HandedOver};
use crate::domain::booking::{Booked, Rescheduled, Slot};
use crate::domain::capture::{
    CaptureCompleted, Finger, FingerCaptured, FingerPosition, PortraitCaptured, SignatureCaptured,
};
use crate::domain::decision::{ApplicantTold, Approved};
use crate::domain::document::{BlobRef, CheckedDocument, Seen, UploadedDocument};
use crate::domain::fact::{self, Fact, Written};
use crate::domain::fee;
use crate::domain::interview::{Interviewed, Outcome};
use crate::domain::number::{ApplicationNumber, BillingCode, BookNumber, Ntpn};
use crate::domain::office::OfficeCode;
use crate::domain::payment::{Billed, Expired, Paid};
use crate::domain::service::Channel;
use crate::domain::ticket::{
    QueueClass, Stage, TicketCalled, TicketFinished, TicketIssued, TicketNumber, TicketRecalled,
    TicketStarted,
};
use crate::domain::visit::{Arrived, DocumentsChecked, Punctuality, Viewed};

/// A fact as it goes to a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayFact {
    /// Whether headquarters wrote it, else the office.
    pub is_hq: bool,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// Number of its kind.
    pub kind: u16,
    /// The application.
    pub subject: [u8; 16],
    /// The words, before they are packed and sealed.
    pub body: Vec<u8>,
    /// The act it belongs to: facts of one act are made durable together.
    pub act: usize,
}

/// Officers of an office, by who writes at which step: front desk, interviewer, custody, headquarters.
#[derive(Debug, Clone)]
pub struct Hands {
    /// The office.
    pub office: OfficeCode,
    /// Login and name of each.
    pub officers: [(String, String); 4],
}

/// The facts of everybody who comes on a day, in the order in which they are written. The same arguments always give
/// the same facts.
pub fn of_day(day: NaiveDate, hands: &Hands) -> Result<Vec<DayFact>, DemoError> {
    let mut telling = Telling {
        chance: Chance::new(u64::from(day.to_epoch_days().unsigned_abs()) ^ 0x5eed),
        hands,
        day,
        at: day.and_hms_opt(1, 0, 0).unwrap_or_default().and_utc() - TimeDelta::days(2),
        facts: Vec::new(),
        revs: (0, 0),
        act: 0,
        subject: [0; 16],
    };
    for (index, visitor) in day::visitors(day)?.into_iter().enumerate() {
        telling.tell(index, &visitor)?;
    }
    let mut facts = telling.facts;
    facts.sort_by_key(|fact| (fact.at_ms, fact.act));
    Ok(facts)
}

struct Telling<'a> {
    chance: Chance,
    hands: &'a Hands,
    day: NaiveDate,
    at: DateTime<Utc>,
    facts: Vec<DayFact>,
    /// Of headquarters, and of the office.
    revs: (u32, u32),
    act: usize,
    subject: [u8; 16],
}

impl Telling<'_> {
    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.chance.next().to_le_bytes()[0])
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b"0123456789"[self.chance.place_in(10)])).collect()
    }

    fn once(&mut self) -> String {
        BASE32_NOPAD.encode(&self.bytes::<16>()).to_ascii_lowercase()
    }

    /// Time passes, in whole milliseconds as a clock shows them.
    fn later(&mut self, seconds: u32) {
        self.at += TimeDelta::milliseconds(i64::from(self.chance.below(seconds.max(1) * 1000)));
    }

    fn officer(&self, which: usize) -> Actor {
        let (login, name) = self.hands.officers[which].clone();
        Actor::Officer { login, name }
    }

    fn write(
        &mut self,
        is_hq: bool,
        by: &Actor,
        once: Option<&str>,
        facts: Vec<Fact>,
    ) -> Result<(), DemoError> {
        self.act += 1;
        for fact in facts {
            let rev = if is_hq { &mut self.revs.0 } else { &mut self.revs.1 };
            *rev += 1;
            let kind = fact.kind();
            let written = Written { rev: *rev, by: by.clone(), once: once.map(str::to_owned), fact };
            let body = fact::encode(&written).map_err(|error| DemoError::Code(error.to_string()))?;
            let (at_ms, subject, act) = (self.at.timestamp_millis(), self.subject, self.act);
            self.facts.push(DayFact { is_hq, at_ms, kind, subject, body, act });
        }
        Ok(())
    }

    fn hq(&mut self, by: &Actor, facts: Vec<Fact>) -> Result<(), DemoError> {
        self.write(true, by, None, facts)
    }

    /// An officer's act: a form that was sent once.
    fn office(&mut self, which: usize, facts: Vec<Fact>) -> Result<(), DemoError> {
        let once = self.once();
        let by = self.officer(which);
        self.write(false, &by, Some(&once), facts)
    }

    fn picture(&mut self, kilobytes: u32) -> BlobRef {
        let hash = data_encoding::HEXLOWER.encode(&self.bytes::<32>());
        BlobRef {
            hash,
            len: 1024 * kilobytes + self.chance.below(40_000),
            media_type: "image/jpeg".to_owned(),
        }
    }

    fn tell(&mut self, index: usize, visitor: &Visitor) -> Result<(), DemoError> {
        self.subject = self.bytes();
        self.revs = (0, 0);
        let minutes = i64::try_from(index).unwrap_or(0);
        let opens = self.day.and_hms_opt(1, 0, 0).unwrap_or_default().and_utc();
        self.at = opens - TimeDelta::days(2) + TimeDelta::minutes(minutes);
        self.book(visitor)?;
        if visitor.place != Place::Here || matches!(visitor.fate, Fate::Expired | Fate::Unpaid) {
            return Ok(());
        }
        self.at = opens + TimeDelta::minutes(minutes * 4);
        self.serve(index, visitor)?;
        if index.is_multiple_of(3) {
            self.hand_over(index)?;
        }
        Ok(())
    }

    fn book(&mut self, visitor: &Visitor) -> Result<(), DemoError> {
        let number = ApplicationNumber::parse(&format!("1179{}", self.digits(12)))?;
        let code = BillingCode::parse(&format!("8202{}", self.digits(11)))?;
        let documents = visitor.documents.iter().map(|kind| {
            let picture = if visitor.with_scans { Some(self.picture(180)) } else { None };
            UploadedDocument { kind: *kind, picture }
        });
        let documents = documents.collect();
        let booked = Booked {
            number,
            office: self.hands.office.clone(),
            slot: visitor.slot,
            applicant: visitor.applicant.clone(),
            guardians: visitor.guardians.clone(),
            service: visitor.service,
            priority: visitor.priority,
            documents,
            questionnaire: visitor.questionnaire.clone(),
            contact: visitor.contact.clone(),
        };
        let items = fee::bill(&visitor.service, self.day, &fee::known_tariffs());
        let amount_idr = items.iter().map(|item| item.amount_idr).sum();
        let due_at = self.at + TimeDelta::hours(2);
        let billed = Billed { code: code.clone(), items, amount_idr, due_at };
        self.hq(&Actor::Applicant, vec![Fact::Booked(booked), Fact::Billed(billed)])?;
        if matches!(visitor.fate, Fate::Expired | Fate::PaidLate) {
            self.at = due_at;
            self.hq(&Actor::Node, vec![Fact::BillExpired(Expired { code: code.clone() })])?;
        }
        if !matches!(visitor.fate, Fate::Expired | Fate::Unpaid) {
            self.later(3600);
            let letters = BASE32_NOPAD.encode(&self.bytes::<10>());
            let channel =
                self.chance.pick(&["BRI", "BNI", "Mandiri", "BSI", "Pos Indonesia", "Tokopedia"]).to_owned();
            let paid = Paid { code, ntpn: Ntpn::parse(&letters)?, amount_idr, paid_at: self.at, channel };
            self.later(20);
            self.hq(&Actor::Bank, vec![Fact::Paid(paid)])?;
        }
        if visitor.fate == Fate::Moved {
            let slot = Slot { day: self.day, ..visitor.slot };
            self.hq(
                &Actor::Applicant,
                vec![Fact::Rescheduled(Rescheduled { slot, reason: String::new(), reinstated: false })],
            )?;
        }
        Ok(())
    }

    fn serve(&mut self, index: usize, visitor: &Visitor) -> Result<(), DemoError> {
        let serial = u16::try_from(index + 1).unwrap_or(1);
        let class = match visitor.service.channel {
            Channel::Priority => QueueClass::PRIORITY,
            Channel::SameDay => QueueClass::SAME_DAY,
            Channel::Examination => QueueClass::EXAMINATION,
            _ => QueueClass::BOOKED,
        };
        let number = TicketNumber { day: self.day, class, serial };
        let counter = u16::try_from(1 + self.chance.below(6)).unwrap_or(1);
        let note = |chance: &mut Chance| {
            let notes = ["", "", "", "", "kursi roda", "membawa bayi", "alamat baru", "KK asli menyusul"];
            chance.pick(&notes).to_owned()
        };
        let by = self.officer(0);
        self.write(false, &by, None, vec![Fact::Viewed(Viewed { page: "application".to_owned() })])?;
        self.later(60);
        let punctuality = self.chance.pick(&[
            Punctuality::OnTime,
            Punctuality::OnTime,
            Punctuality::Early,
            Punctuality::Late,
        ]);
        let arrived = Arrived { punctuality, slot: Some(visitor.slot), note: note(&mut self.chance) };
        self.office(0, vec![Fact::Arrived(arrived)])?;
        self.later(240);
        let documents = visitor.documents.iter().map(|kind| {
            let note = note(&mut self.chance);
            let seen = if note.is_empty() { Seen::Agrees } else { Seen::Differs };
            CheckedDocument { kind: *kind, seen, note }
        });
        let documents = documents.collect();
        let issued = TicketIssued { number, stage: Stage::Interview };
        self.office(
            0,
            vec![Fact::DocumentsChecked(DocumentsChecked { documents }), Fact::TicketIssued(issued)],
        )?;
        self.later(1800);
        self.office(1, vec![Fact::TicketCalled(TicketCalled { number, counter })])?;
        if self.chance.percent(12) {
            self.later(60);
            self.office(1, vec![Fact::TicketRecalled(TicketRecalled { number })])?;
        }
        self.later(60);
        self.office(1, vec![Fact::TicketStarted(TicketStarted { number })])?;
        let by = self.officer(1);
        self.write(false, &by, None, vec![Fact::Viewed(Viewed { page: "capture".to_owned() })])?;
        self.capture()?;
        self.later(300);
        let interviewed = Interviewed::new(Outcome::Passed, note(&mut self.chance));
        self.office(
            1,
            vec![Fact::Interviewed(interviewed), Fact::TicketFinished(TicketFinished { number })],
        )?;
        self.later(7200);
        let note = if self.chance.percent(30) { "sesuai".to_owned() } else { String::new() };
        let by = self.officer(3);
        self.hq(&by, vec![Fact::Approved(Approved { round: 1, note })])
    }

    fn capture(&mut self) -> Result<(), DemoError> {
        self.later(60);
        let picture = self.picture(90);
        self.office(
            1,
            vec![Fact::PortraitCaptured(PortraitCaptured { picture, width_px: 900, height_px: 1200 })],
        )?;
        for position in FingerPosition::all() {
            self.later(8);
            let quality = u8::try_from(50 + self.chance.below(50)).unwrap_or(60);
            let finger = Finger::Taken { picture: self.picture(20), quality };
            self.office(1, vec![Fact::FingerCaptured(FingerCaptured { position, finger })])?;
        }
        self.later(20);
        let picture = Some(self.picture(8));
        let signature = SignatureCaptured { picture, reason: String::new() };
        self.office(1, vec![Fact::SignatureCaptured(signature)])?;
        self.later(5);
        self.office(1, vec![Fact::CaptureCompleted(CaptureCompleted { round: 1 })])
    }

    fn hand_over(&mut self, index: usize) -> Result<(), DemoError> {
        let book = BookNumber::parse(&format!("X{}", self.digits(7)))?;
        self.office(2, vec![Fact::BookAllocated(BookAllocated { book: book.clone() })])?;
        self.later(600);
        self.office(2, vec![Fact::BookPrinted(BookPrinted { book: book.clone() })])?;
        self.later(300);
        self.office(2, vec![Fact::BookChecked(BookChecked { book: book.clone(), defect: None })])?;
        self.later(120);
        let shelf = format!("{}-{}", self.chance.pick(&["A", "B", "C"]), 1 + self.chance.below(30));
        self.office(2, vec![Fact::BookReady(BookReady { book: book.clone(), shelf })])?;
        self.later(30);
        let told = ApplicantTold { about: "ready".to_owned(), by: "e-mail".to_owned() };
        self.hq(&Actor::Node, vec![Fact::ApplicantTold(told)])?;
        self.later(7200);
        let serial = u16::try_from(index + 1).unwrap_or(1);
        let number = TicketNumber { day: self.day, class: QueueClass::COLLECTION, serial };
        self.office(0, vec![Fact::TicketIssued(TicketIssued { number, stage: Stage::Collection })])?;
        self.later(600);
        self.office(2, vec![Fact::TicketCalled(TicketCalled { number, counter: 7 })])?;
        self.later(60);
        self.office(2, vec![Fact::TicketStarted(TicketStarted { number })])?;
        self.later(120);
        let handed = HandedOver { book, collector: Collector::Applicant };
        self.office(2, vec![Fact::HandedOver(handed), Fact::TicketFinished(TicketFinished { number })])
    }
}
