//! What the registry writes: bookings, money, changes of mind, decisions.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};

use super::chance::Chance;
use super::counter::{Moment, officer};
use crate::domain::actor::Actor;
use crate::domain::book::{BookCancelled, BookState};
use crate::domain::booking::{Booked, Cancelled, Questionnaire, Rescheduled, Slot};
use crate::domain::command::Command;
use crate::domain::decision::ApplicantTold;
use crate::domain::erasure::{PersonErased, Remains, Why};
use crate::domain::fact::Fact;
use crate::domain::number::{ApplicationNumber, BillingCode, Ntpn};
use crate::domain::office::{OfficeCode, Zone};
use crate::domain::payment::{BillItem, Billed, Expired, Paid, Payment};
use crate::domain::person::{CivilStatus, Contact, Nik, Person, Sex};
use crate::domain::service::{ApplicationKind, Channel, Product, Service, Validity};
use crate::domain::view::View;

const AMOUNT_IDR: u64 = 950_000;

/// The slot of a day.
pub(super) fn slot(now: DateTime<Utc>, days: u64) -> Option<Slot> {
    let day = Zone::Wib.day(now).checked_add_days(Days::new(days))?;
    Some(Slot { day, from: NaiveTime::from_hms_opt(8, 0, 0)?, until: NaiveTime::from_hms_opt(9, 0, 0)? })
}

/// A booking of a generated applicant.
pub(super) fn booked(number: u64, office: &OfficeCode, slot: Slot) -> Option<Fact> {
    let applicant = Person {
        name: format!("Pemohon {number}"),
        nik: Nik::parse("2102010101900001").ok()?,
        born_on: chrono::NaiveDate::from_ymd_opt(1990, 1, 1)?,
        birthplace: "Karimun".to_owned(),
        sex: Sex::M,
        civil_status: CivilStatus::Married,
        address: String::new(),
        occupation: String::new(),
    };
    Some(Fact::Booked(Booked {
        number: ApplicationNumber::parse(&format!("{number:016}")).ok()?,
        office: office.clone(),
        slot,
        applicant,
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
    }))
}

/// A bill for it.
pub(super) fn billed(number: u64, now: DateTime<Utc>) -> Option<Fact> {
    let items = vec![BillItem { item: "passport".to_owned(), amount_idr: AMOUNT_IDR }];
    let due_at = now + TimeDelta::hours(2);
    Some(Fact::Billed(Billed { code: code(number)?, items, amount_idr: AMOUNT_IDR, due_at }))
}

fn code(number: u64) -> Option<BillingCode> {
    BillingCode::parse(&format!("{number:015}")).ok()
}

/// The bank's report of a payment. Each application has three receipts that it may be reported with.
pub(super) fn paid(view: &View, receipt: u64, now: DateTime<Utc>) -> Option<Fact> {
    let bill = view.payment.bill()?;
    let ntpn = Ntpn::parse(&format!("{receipt:016}")).ok()?;
    // A payment that is on record is not written down again.
    if let Payment::Paid { paid, again, .. } = &view.payment
        && (paid.ntpn == ntpn || again.iter().any(|other| other.ntpn == ntpn))
    {
        return None;
    }
    let channel = "Bank".to_owned();
    Some(Fact::Paid(Paid { code: bill.code.clone(), ntpn, amount_idr: AMOUNT_IDR, paid_at: now, channel }))
}

/// Something that headquarters, the bank, the applicant or a rule does with an application.
pub(super) fn acts(view: &View, moment: &Moment<'_>, chance: &mut Chance) -> Option<(Vec<Fact>, Actor)> {
    let now = moment.now;
    let one = |fact: Fact, by: Actor| Some((vec![fact], by));
    let round = view.held().map_or(0, |visit| visit.capture.round);
    let reason = || "because".to_owned();
    let decided = |command: Command| {
        let by = officer("hana");
        moment.decide(view, &command, &by).map(|facts| (facts, by))
    };
    if !view.is_paid() && chance.percent(50) {
        return one(paid(view, 1 + chance.skewed(3), now)?, Actor::Bank);
    }
    // Seldom does a book come so far, and what may happen then is wanted.
    if let Some(BookState::HandedOver(handed)) = view.held().map(|visit| &visit.book.state)
        && chance.percent(50)
    {
        let cancelled = BookCancelled { book: handed.book.clone(), reason: reason() };
        return one(Fact::BookCancelled(cancelled), officer("hana"));
    }
    if round > 0 && chance.percent(50) {
        return decided(Command::Approve { round, note: String::new() });
    }
    match chance.below(12) {
        0 => one(
            Fact::Rescheduled(Rescheduled {
                slot: slot(now, chance.below(4))?,
                reason: reason(),
                reinstated: false,
            }),
            Actor::Applicant,
        ),
        1 => one(Fact::BookingCancelled(Cancelled { reason: "no-show".to_owned() }), Actor::Node),
        2 => match &view.payment {
            Payment::Due(bill) => one(Fact::BillExpired(Expired { code: bill.code.clone() }), Actor::Node),
            _ => None,
        },
        3 | 4 => one(paid(view, 1 + chance.below(3), now)?, Actor::Bank),
        5 | 6 => one(
            Fact::ApplicantTold(ApplicantTold { about: "ready".to_owned(), by: "e-mail".to_owned() }),
            Actor::Node,
        ),
        7 => decided(Command::Refuse { round, reason: reason() }),
        8 => {
            let offices: Vec<_> = view.visits.keys().cloned().collect();
            if offices.len() < 2 {
                return None;
            }
            let office = offices[chance.place(offices.len())].clone();
            decided(Command::ChooseVisit { office, reason: reason() })
        }
        9 => {
            let book = view.held()?.book.state.number()?.clone();
            decided(Command::CancelBook { book: book.clone(), reason: reason() }).or_else(|| {
                let cancelled = BookCancelled { book, reason: reason() };
                one(Fact::BookCancelled(cancelled), officer("hana"))
            })
        }
        _ => decided(Command::Approve { round, note: String::new() }),
    }
}

/// Says that a person was erased on request, with what remains of the application.
pub(super) fn erased(view: &View, office: &OfficeCode, now: DateTime<Utc>) -> Option<Fact> {
    let booking = view.booking.as_ref()?;
    let remains = Remains {
        number: booking.number.clone(),
        office: office.clone(),
        service: booking.service,
        slot: None,
        ended_as: view.status,
        closed_on: Zone::Wib.day(now),
        book: None,
        bills: Vec::new(),
        payments: Vec::new(),
    };
    let (basis, proposed_by) = ("art. 43".to_owned(), "hana".to_owned());
    Some(Fact::PersonErased(PersonErased {
        application: view.key,
        why: Why::Request,
        basis,
        proposed_by,
        remains,
    }))
}
