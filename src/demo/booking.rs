//! Making the day: everybody books two days ahead and pays at the bank, bills run out, latecomers pay, and some book
//! only now. All of it through the registry's own interface.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use data_encoding::BASE64;

use super::DemoError;
use super::chance::Chance;
use super::client::{Bill, Client, ClientError, Made};
use super::day::{self, Fate, Place, Visitor};
use super::record::Case;
use super::scans;
use super::time::DemoClock;
use crate::clock::{Clock, SystemClock};
use crate::domain::booking::Slot;
use crate::domain::number::Ntpn;
use crate::domain::office::{Office, OfficeCode};
use crate::domain::service::{Channel, Product};
use crate::registry::actions::bookings::{BookingRequest, DocumentRequest};
use crate::registry::actions::{Registry, payments};
use crate::registry::store::Quota;

/// Places left free in every interval, for whoever books while the demo runs.
const SPARE_PLACES: u32 = 2;
/// One after the other they book, and some time later one after the other they pay, all within the two hours of a bill.
const BETWEEN_BOOKINGS: TimeDelta = TimeDelta::seconds(40);
const UNTIL_FIRST_PAYMENT: TimeDelta = TimeDelta::hours(1);
const BETWEEN_PAYMENTS: TimeDelta = TimeDelta::seconds(35);
/// When the last bill has run out.
const UNTIL_BILLS_RAN_OUT: TimeDelta = TimeDelta::hours(4);

/// Makes a day of bookings at the registry; `said` hears how many are made.
pub(super) struct DayMaker<'a> {
    pub(super) registry: &'a Registry,
    pub(super) clock: &'a DemoClock,
    pub(super) client: Client,
    pub(super) here: &'a Office,
    pub(super) elsewhere: &'a OfficeCode,
    pub(super) day: NaiveDate,
}

/// A visitor with number and bill.
struct Booking {
    visitor: Visitor,
    made: Made,
    ntpn: Option<Ntpn>,
}

impl DayMaker<'_> {
    /// Books everybody. Repeating it finds the same bookings again.
    pub(super) async fn make(&self, said: &dyn Fn(usize)) -> Result<Vec<Case>, DemoError> {
        let visitors = day::visitors(self.day)?;
        self.clock.set(self.two_days_before());
        self.offer_places(&visitors).await?;
        let mut receipts = Receipts::new(self.day);
        let (late, early): (Vec<_>, Vec<_>) =
            visitors.into_iter().enumerate().partition(|(_, visitor)| visitor.fate == Fate::Unpaid);
        let mut bookings = BTreeMap::new();
        let mut at = self.two_days_before();
        for (index, visitor) in early {
            self.clock.set(at);
            bookings.insert(index, self.book(index, visitor, &mut receipts).await?);
            said(bookings.len());
            at += BETWEEN_BOOKINGS;
        }
        at = self.two_days_before() + UNTIL_FIRST_PAYMENT;
        for booking in bookings.values() {
            self.clock.set(at);
            self.pay_in_time(booking).await?;
            at += BETWEEN_PAYMENTS;
        }
        self.let_bills_run_out(bookings.values()).await?;
        self.clock.set(self.shortly_before_it_is_too_late());
        for (index, visitor) in late {
            bookings.insert(index, self.book(index, visitor, &mut receipts).await?);
            said(bookings.len());
        }
        self.clock.catch_up();
        Ok(cases(bookings.into_values()))
    }

    fn at(&self, day: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
        let zone = self.here.zone;
        let as_if_utc = day.and_time(time).and_utc();
        as_if_utc - TimeDelta::seconds(i64::from(zone.local(as_if_utc).offset().local_minus_utc()))
    }

    fn two_days_before(&self) -> DateTime<Utc> {
        self.at(self.day - Days::new(2), NaiveTime::from_hms_opt(8, 0, 0).unwrap_or_default())
    }

    /// Now, while there is an interval left to book; else a moment before the last one ends.
    fn shortly_before_it_is_too_late(&self) -> DateTime<Utc> {
        let last = day::intervals().map(|(_, until)| until).max().unwrap_or_default();
        SystemClock.now().min(self.at(self.day, last) - TimeDelta::minutes(30))
    }

    /// Offers what will be booked and a little more, on every day that is needed and at both offices.
    async fn offer_places(&self, visitors: &[Visitor]) -> Result<(), DemoError> {
        let days = [self.day - Days::new(1), self.day, self.day + Days::new(1)];
        let mut wanted: BTreeMap<(String, Slot), (Product, Channel, u32)> = BTreeMap::new();
        for visitor in visitors {
            let kind = (visitor.service.product, visitor.service.channel);
            let key = (format!("{kind:?}"), Slot { day: self.day, ..visitor.slot });
            let entry = wanted.entry(key).or_insert((kind.0, kind.1, SPARE_PLACES));
            entry.2 += 1;
        }
        let quotas: Vec<Quota> = wanted
            .iter()
            .flat_map(|((_, slot), (product, channel, quota))| {
                let (product, channel, quota) = (*product, *channel, *quota);
                days.map(|day| Quota { slot: Slot { day, ..*slot }, product, channel, quota, taken: 0 })
            })
            .collect();
        self.client.offer(&self.here.code, &quotas).await?;
        Ok(self.client.offer(self.elsewhere, &quotas).await?)
    }

    async fn book(
        &self,
        index: usize,
        visitor: Visitor,
        receipts: &mut Receipts,
    ) -> Result<Booking, DemoError> {
        let made = self.client.book(&self.request(index, &visitor)?).await?;
        let has_receipt = !matches!(visitor.fate, Fate::Unpaid | Fate::Expired);
        let ntpn = if has_receipt { Some(receipts.next()?) } else { None };
        Ok(Booking { visitor, made, ntpn })
    }

    fn request(&self, index: usize, visitor: &Visitor) -> Result<BookingRequest, DemoError> {
        let document = |kind| -> Result<DocumentRequest, DemoError> {
            let picture = if visitor.with_scans { Some(BASE64.encode(&scans::scan(kind)?)) } else { None };
            Ok(DocumentRequest { kind, picture })
        };
        let documents = visitor.documents.iter().copied().map(document).collect::<Result<_, _>>()?;
        let slot = match visitor.fate {
            Fate::Moved => Slot { day: self.day - Days::new(1), ..visitor.slot },
            _ => visitor.slot,
        };
        let office = if visitor.place == Place::Elsewhere { self.elsewhere } else { &self.here.code };
        Ok(BookingRequest {
            once: Some(format!("demo-{}-{index}", self.day)),
            applicant: visitor.applicant.clone(),
            guardians: visitor.guardians.clone(),
            service: visitor.service,
            priority: visitor.priority,
            office: office.clone(),
            slot,
            documents,
            questionnaire: visitor.questionnaire.clone(),
            contact: visitor.contact.clone(),
        })
    }

    async fn pay_in_time(&self, booking: &Booking) -> Result<(), DemoError> {
        if !matches!(booking.visitor.fate, Fate::Paid | Fate::Moved) {
            return Ok(());
        }
        self.pay(&booking.made.bill, booking.ntpn.as_ref()).await?;
        if booking.visitor.fate != Fate::Moved {
            return Ok(());
        }
        match self.client.reschedule(&booking.made.number, booking.visitor.slot).await {
            // An interrupted demo that is made again has moved it already; a second time is not allowed.
            Err(ClientError::Refused { .. }) | Ok(()) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn pay(&self, bill: &Bill, ntpn: Option<&Ntpn>) -> Result<(), DemoError> {
        let Some(ntpn) = ntpn else { return Ok(()) };
        Ok(self.client.pay(bill, ntpn, self.clock.now()).await?)
    }

    async fn let_bills_run_out(&self, bookings: impl Iterator<Item = &Booking>) -> Result<(), DemoError> {
        self.clock.set(self.two_days_before() + UNTIL_BILLS_RAN_OUT);
        payments::expire(self.registry).await?;
        for booking in bookings.filter(|booking| booking.visitor.fate == Fate::PaidLate) {
            self.pay(&booking.made.bill, booking.ntpn.as_ref()).await?;
        }
        Ok(())
    }
}

/// Receipt numbers as the treasury gives them: sixteen letters and digits.
struct Receipts(Chance);

impl Receipts {
    fn new(day: NaiveDate) -> Self {
        use chrono::Datelike;
        Self(Chance::new(u64::from(day.num_days_from_ce().unsigned_abs()) << 32))
    }

    fn next(&mut self) -> Result<Ntpn, DemoError> {
        const LETTERS: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let text: String = (0..16).map(|_| char::from(self.0.pick(LETTERS))).collect();
        Ok(Ntpn::parse(&text)?)
    }
}

/// Those that are paid first, in the order of the plan.
fn cases(bookings: impl Iterator<Item = Booking>) -> Vec<Case> {
    let mut cases: Vec<Case> = bookings.map(case).collect();
    cases.sort_by_key(|case| case.case != "paid");
    cases
}

fn case(booking: Booking) -> Case {
    let Visitor { applicant, place, fate, .. } = booking.visitor;
    let case = match (place, fate) {
        (Place::HereLater, _) => "other-day",
        (Place::Elsewhere, _) => "other-office",
        (Place::Here, Fate::Paid) => "paid",
        (Place::Here, Fate::PaidLate) => "paid-late",
        (Place::Here, Fate::PaidUnreported) => "paid-unreported",
        (Place::Here, Fate::Expired) => "expired",
        (Place::Here, Fate::Unpaid) => "unpaid",
        (Place::Here, Fate::Moved) => "moved",
    };
    Case {
        number: booking.made.number,
        name: applicant.name,
        nik: applicant.nik.as_str().to_owned(),
        case: case.to_owned(),
        ntpn: booking.ntpn,
    }
}
