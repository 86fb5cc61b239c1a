//! Erasing a person: when it may be done, and what remains of an application without its applicant.
//!
//! UU 27/2022 (data protection) art. 42–44: processing ends, and data are erased or destroyed, when the retention
//! period is over, the purpose is reached or the person asks; destruction follows the archive schedule (*jadwal retensi
//! arsip*). DOMAIN.md §7: passport application files are kept for three years (Permenkumham 35/2013 as amended by
//! 54/2016, as offices report it); the paper file is another matter and needs the consent of ANRI.

use chrono::{DateTime, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::application::{Application, ApplicationKey, Author};
use super::booking::Slot;
use super::command::{Context, reason};
use super::conflict::Conflict;
use super::fact::Fact;
use super::number::{ApplicationNumber, BillingCode, BookNumber};
use super::office::{OfficeCode, Zone};
use super::payment::{Paid, Payment};
use super::refusal::Refusal;
use super::service::Service;
use super::status::Status;
use super::view::{Done, View, done};

/// Why a person is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The retention period is over.
    Retention,
    /// The person asked for it.
    Request,
}

/// A person was erased (registry). Written under a subject of its own, so that it can still be read when the key of
/// the erased one is gone; it names no person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonErased {
    /// The application whose facts were erased.
    pub application: ApplicationKey,
    /// Why.
    pub why: Why,
    /// The legal basis, in the words of whoever proposed it.
    pub basis: String,
    /// Who proposed it; somebody else confirmed it and stands beside the fact.
    pub proposed_by: String,
    /// What is left.
    pub remains: Remains,
}

/// What is left of an application: money and counts, and by which number it was known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remains {
    /// Its number.
    pub number: ApplicationNumber,
    /// The office it was booked at.
    pub office: OfficeCode,
    /// For what.
    pub service: Service,
    /// The interval whose place it used; none when the place was given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<Slot>,
    /// Where it stood.
    pub ended_as: Status,
    /// The day that counted for the retention.
    pub closed_on: NaiveDate,
    /// The book that was printed for it: blanks are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub book: Option<BookNumber>,
    /// Its bills.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bills: Vec<BillRemains>,
    /// What was paid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<Paid>,
}

/// What is left of a bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillRemains {
    /// Its code.
    pub code: BillingCode,
    /// The sum in rupiah.
    pub amount_idr: u64,
    /// Until when it could be paid.
    pub due_at: DateTime<Utc>,
}

/// What somebody asks to erase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Why.
    pub why: Why,
    /// The legal basis.
    pub basis: String,
    /// Who proposed it.
    pub proposed_by: String,
}

/// How many months after its end an application's data are kept, from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionRule {
    /// First day it holds.
    pub valid_from: NaiveDate,
    /// Months after the day the case was closed.
    pub months: u32,
}

/// What holds while nobody has set anything else: three years (see above).
pub const RETENTION_MONTHS: u32 = 36;

/// The retention in months that holds on a day: the rule with the latest first day that is not later.
pub fn retention_on(day: NaiveDate, rules: &[RetentionRule]) -> u32 {
    let begun = rules.iter().filter(|rule| rule.valid_from <= day);
    begun.max_by_key(|rule| rule.valid_from).map_or(RETENTION_MONTHS, |rule| rule.months)
}

/// Applications that were closed on this day or before are due, when the retention is so long.
pub fn due_until(today: NaiveDate, months: u32) -> NaiveDate {
    today.checked_sub_months(Months::new(months)).unwrap_or(NaiveDate::MIN)
}

/// The day from which the retention counts, by the office's calendar: of the hand-over, the cancellation, the refusal,
/// the end of an unpaid bill; of the appointment, when somebody who had paid never came. None while the case is open.
pub fn closed_on(view: &View, zone: Zone) -> Option<NaiveDate> {
    let held = view.held();
    let of_book = || held.and_then(|visit| visit.book.latest.as_ref()).map(|done| done.at);
    let at = match view.status {
        Status::HandedOver => {
            view.visits.values().filter_map(|visit| visit.book.latest.as_ref()).map(|it| it.at).max()
        }
        Status::Cancelled => view.cancelled.as_ref().map(|done| done.at).or_else(of_book),
        Status::Refused => {
            let decided = view.decision.as_ref().map(|done| done.at);
            decided.or_else(|| held.and_then(|visit| visit.interview.as_ref()).map(|done| done.at))
        }
        Status::Expired => match &view.payment {
            Payment::Expired(bill) => Some(bill.due_at),
            _ => None,
        },
        Status::Expected => return view.slot.map(|slot| slot.day),
        _ => None,
    };
    let appointed = || view.slot.map(|slot| slot.day).filter(|_| is_over(view.status));
    at.map(|at| zone.day(at)).or_else(appointed)
}

fn is_over(status: Status) -> bool {
    matches!(status, Status::HandedOver | Status::Cancelled | Status::Refused | Status::Expired)
}

/// Whether the person may be erased now; the day the case was closed, if so.
///
/// `held` says whether a legal hold stands, `owed` whether a payment of it still waits for somebody.
pub fn may_be_erased(
    view: &View,
    today: NaiveDate,
    zone: Zone,
    (held, owed): (bool, bool),
) -> Result<NaiveDate, Refusal> {
    if view.erased.is_some() {
        return Err(Refusal::AlreadyErased);
    }
    if view.booking.is_none() {
        return Err(Refusal::NoBooking);
    }
    if held {
        return Err(Refusal::LegalHold);
    }
    // The day itself is left alone: who is expected may still come, and tickets drawn today are still counted.
    let closed_on = closed_on(view, zone).filter(|day| *day < today).ok_or(Refusal::CaseOpen)?;
    if owed || view.is_provisional() {
        return Err(Refusal::MoneyOpen);
    }
    // The other conflicts of a closed case are for information: nobody can settle them any more.
    if view.conflicts.iter().any(Conflict::blocks_book) {
        return Err(Refusal::ConflictOpen);
    }
    Ok(closed_on)
}

/// Erases: the fact that is written when somebody else than the proposer confirms.
pub fn erase(
    application: &Application,
    context: &Context<'_>,
    proposal: &Proposal,
    stands: (bool, bool),
) -> Result<PersonErased, Refusal> {
    context.headquarters()?;
    let view = application.view();
    let closed_on = may_be_erased(&view, context.today, context.zone, stands)?;
    let booking = view.booking.as_ref().ok_or(Refusal::NoBooking)?;
    let facts = || application.by_author(&Author::Registry).map(|entry| &entry.fact);
    let payments =
        facts().filter_map(|fact| if let Fact::Paid(paid) = fact { Some(paid.clone()) } else { None });
    let bills = facts().filter_map(|fact| match fact {
        Fact::Billed(bill) => {
            Some(BillRemains { code: bill.code.clone(), amount_idr: bill.amount_idr, due_at: bill.due_at })
        }
        _ => None,
    });
    let used_its_place = !matches!(view.status, Status::Cancelled | Status::Expired);
    let remains = Remains {
        number: booking.number.clone(),
        office: booking.office.clone(),
        service: booking.service,
        slot: view.slot.filter(|_| used_its_place),
        ended_as: view.status,
        closed_on,
        book: view.held().and_then(|visit| visit.book.state.number()).cloned(),
        bills: bills.collect(),
        payments: payments.collect(),
    };
    let basis = reason(&proposal.basis)?;
    let proposed_by = proposal.proposed_by.clone();
    Ok(PersonErased { application: application.key(), why: proposal.why, basis, proposed_by, remains })
}

/// The erasure of an application's person: the first one, should it have been told in several streams.
pub(super) fn told(application: &Application) -> Option<Done<PersonErased>> {
    application.by_author(&Author::Registry).find_map(|entry| match &entry.fact {
        Fact::PersonErased(it) => Some(done(entry, it.clone())),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::booking::Cancelled;
    use crate::domain::sample::{Story, at, expired, hand_over};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn may(story: &Story) -> Result<NaiveDate, Refusal> {
        may_be_erased(&story.view(), day("2030-01-01"), Zone::Wib, (false, false))
    }

    fn cancelled() -> Fact {
        Fact::BookingCancelled(Cancelled { reason: "batal".to_owned() })
    }

    #[test]
    fn only_what_is_over_may_be_erased() {
        for open in [Story::booked(), Story::billed(), Story::arrived(), Story::captured(), Story::ready()] {
            assert_eq!(may(&open), Err(Refusal::CaseOpen), "{:?}", open.status());
        }
        assert_eq!(may(&Story::new()), Err(Refusal::NoBooking));
        assert_eq!(may(&Story::ready().does(hand_over(1))), Ok(day("2026-11-23")));
        assert_eq!(may(&Story::billed().registry(cancelled())), Ok(day("2026-11-23")));
        assert!(may(&Story::billed().registry(Fact::BillExpired(expired()))).is_ok());
    }

    #[test]
    fn who_has_paid_may_still_come_until_the_day_is_over() {
        let view = Story::paid().view();
        let on = |today: &str| may_be_erased(&view, day(today), Zone::Wib, (false, false));
        assert_eq!(on("2026-11-22"), Err(Refusal::CaseOpen));
        assert_eq!(on("2026-11-23"), Err(Refusal::CaseOpen));
        assert_eq!(on("2026-11-24"), Ok(day("2026-11-23")));
    }

    #[test]
    fn a_hold_open_money_and_a_conflict_stand_in_the_way() {
        let out = Story::ready().does(hand_over(1));
        let check = |held, owed| may_be_erased(&out.view(), day("2030-01-01"), Zone::Wib, (held, owed));
        assert_eq!(check(true, false), Err(Refusal::LegalHold));
        assert_eq!(check(false, true), Err(Refusal::MoneyOpen));
        let refused =
            Story::billed().also_arrives_at("karimun").also_arrives_at("batam").registry(cancelled());
        assert!(refused.view().is_served_twice() && may(&refused).is_err());
    }

    #[test]
    fn the_rule_with_the_latest_first_day_holds() {
        let rule = |from: &str, months| RetentionRule { valid_from: day(from), months };
        let rules = [rule("2028-01-01", 60), rule("2027-01-01", 24)];
        for (today, months) in [("2026-12-31", 36), ("2027-01-01", 24), ("2028-06-01", 60)] {
            assert_eq!(retention_on(day(today), &rules), months, "{today}");
        }
        assert_eq!(due_until(day("2029-11-23"), 36), day("2026-11-23"));
        assert_eq!(due_until(day("2028-02-29"), 12), day("2027-02-28"));
    }

    #[test]
    fn what_remains_names_no_person_and_every_rupiah() {
        let story = Story::ready().does(hand_over(1));
        let proposal =
            Proposal { why: Why::Request, basis: " permohonan 7/2029 ".into(), proposed_by: "Ani".into() };
        let erased = story.erased_by("budi", &proposal, at("2029-11-23T01:00:00Z")).unwrap();
        assert_eq!(erased.basis, "permohonan 7/2029");
        assert_eq!(erased.remains.payments.len(), 1);
        assert_eq!((erased.remains.bills.len(), erased.remains.ended_as), (1, Status::HandedOver));
        let text = serde_json::to_string(&erased).unwrap().to_lowercase();
        for personal in ["budi santoso", "2102010101900001", "1990-01-01"] {
            assert!(!text.contains(personal), "{personal}");
        }
        let nothing = Proposal { basis: "  ".into(), ..proposal };
        let refused = story.erased_by("budi", &nothing, at("2029-11-23T01:00:00Z"));
        assert_eq!(refused.unwrap_err(), Refusal::ReasonNeeded);
    }
}
