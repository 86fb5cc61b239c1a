//! A day at the counter: who comes, for what, when, and what went wrong with the money. The mix follows what an
//! office of this size sees (DOMAIN.md §2.7); the odd ones are the cases an officer must get right.

use chrono::{Days, NaiveDate, NaiveTime};

use super::names::{LONG_NAME, OLD_PAPUA, Region, SINGLE_NAMES};
use super::people::People;
use crate::domain::booking::{Questionnaire, Slot};
use crate::domain::document::DocumentKind;
use crate::domain::person::{Contact, Guardian, NikError, Person, Sex};
use crate::domain::service::{
    ApplicationKind, Channel, PriorityGround, Product, ReplacementReason, Service, Validity,
};

/// Bookings of a demo day at the demo's office.
pub(super) const BOOKINGS: usize = 75;

/// The intervals of the day.
const HOURS: &[(u32, u32)] = &[(8, 9), (9, 10), (10, 11), (11, 12), (13, 14), (14, 15)];

/// What became of a booking before the day begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Paid in time.
    Paid,
    /// Paid after the bill had run out.
    PaidLate,
    /// Paid in time, but the bank never said so: the applicant comes with a receipt.
    PaidUnreported,
    /// Never paid; the bill ran out.
    Expired,
    /// Booked a moment ago, the bill still runs.
    Unpaid,
    /// First booked for the day before, then moved to the day.
    Moved,
}

/// Where and when, seen from the demo's office and day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Here, on the day.
    Here,
    /// Here, a day later.
    HereLater,
    /// On the day, at another office.
    Elsewhere,
}

/// One booking to be made.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    pub(super) applicant: Person,
    pub(super) guardians: Vec<Guardian>,
    pub(super) service: Service,
    pub(super) priority: Option<PriorityGround>,
    pub(super) documents: Vec<DocumentKind>,
    pub(super) with_scans: bool,
    pub(super) questionnaire: Questionnaire,
    pub(super) contact: Contact,
    pub(super) slot: Slot,
    pub(super) place: Place,
    pub(super) fate: Fate,
}

/// A kind of visitor and how many of them come.
struct Group {
    count: usize,
    kind: ApplicationKind,
    channel: Channel,
    ages: std::ops::Range<u32>,
}

const fn replaced(reason: ReplacementReason) -> ApplicationKind {
    ApplicationKind::Replacement(reason)
}

const GROUPS: &[Group] = &[
    Group { count: 24, kind: ApplicationKind::New, channel: Channel::MPaspor, ages: 18..58 },
    Group { count: 16, kind: replaced(ReplacementReason::Expired), channel: Channel::MPaspor, ages: 23..70 },
    Group { count: 5, kind: replaced(ReplacementReason::Full), channel: Channel::MPaspor, ages: 25..55 },
    Group { count: 8, kind: ApplicationKind::New, channel: Channel::MPaspor, ages: 6..16 },
    Group { count: 2, kind: replaced(ReplacementReason::Expired), channel: Channel::MPaspor, ages: 8..16 },
    Group { count: 5, kind: replaced(ReplacementReason::Expired), channel: Channel::Priority, ages: 62..79 },
    Group { count: 2, kind: ApplicationKind::New, channel: Channel::Priority, ages: 1..5 },
    Group { count: 4, kind: ApplicationKind::New, channel: Channel::SameDay, ages: 20..50 },
    Group { count: 2, kind: replaced(ReplacementReason::Expired), channel: Channel::SameDay, ages: 25..60 },
    Group { count: 3, kind: replaced(ReplacementReason::Lost), channel: Channel::Examination, ages: 22..55 },
    Group {
        count: 2,
        kind: replaced(ReplacementReason::Damaged),
        channel: Channel::Examination,
        ages: 22..55,
    },
    Group {
        count: 2,
        kind: replaced(ReplacementReason::LostByDisaster),
        channel: Channel::Examination,
        ages: 30..60,
    },
];

/// Everybody of a demo day: [`BOOKINGS`] here on the day, one more for the day after, one at another office.
pub(super) fn visitors(day: NaiveDate) -> Result<Vec<Visitor>, NikError> {
    let mut people = People::new(day);
    let mut visitors = Vec::with_capacity(BOOKINGS + 2);
    for group in GROUPS {
        for _ in 0..group.count {
            let slot = slot_at(day, visitors.len());
            visitors.push(visitor(&mut people, group, slot)?);
        }
    }
    make_odd_ones(&mut people, &mut visitors)?;
    set_fates(&mut visitors);
    for place in [Place::HereLater, Place::Elsewhere] {
        let on = if place == Place::HereLater { day + Days::new(1) } else { day };
        let visitor = visitor(&mut people, &GROUPS[0], slot_at(on, visitors.len()))?;
        visitors.push(Visitor { place, ..visitor });
    }
    Ok(visitors)
}

/// The intervals of a day, from and until.
pub(super) fn intervals() -> impl Iterator<Item = (NaiveTime, NaiveTime)> {
    HOURS.iter().map(|(from, until)| (hour(*from), hour(*until)))
}

fn hour(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()
}

fn slot_at(day: NaiveDate, index: usize) -> Slot {
    let (from, until) = HOURS[index % HOURS.len()];
    Slot { day, from: hour(from), until: hour(until) }
}

fn visitor(people: &mut People, group: &Group, slot: Slot) -> Result<Visitor, NikError> {
    let region = Region::draw(&mut people.chance);
    let applicant = people.person(region, group.ages.clone())?;
    let is_child = group.ages.end <= 17;
    let guardians = if is_child { people.parents(region)? } else { Vec::new() };
    let contact = people.contact(guardians.first().map_or(&applicant.name, |guardian| &guardian.name));
    Ok(Visitor {
        documents: papers(group.kind, is_child),
        with_scans: people.chance.percent(16),
        service: service(people, group, is_child),
        priority: priority(people, group),
        questionnaire: questionnaire(people, group.kind),
        applicant,
        guardians,
        contact,
        slot,
        place: Place::Here,
        fate: Fate::Paid,
    })
}

fn service(people: &mut People, group: &Group, is_child: bool) -> Service {
    let product = match people.chance.below(10) {
        0..=3 => Product::Ordinary,
        4..=7 => Product::Electronic,
        _ => Product::Polycarbonate,
    };
    let validity =
        if is_child || people.chance.percent(35) { Validity::FiveYears } else { Validity::TenYears };
    Service { kind: group.kind, product, validity, channel: group.channel }
}

fn priority(people: &mut People, group: &Group) -> Option<PriorityGround> {
    let grounds = [PriorityGround::Elderly, PriorityGround::Elderly, PriorityGround::Disability];
    match group.channel {
        Channel::Priority if group.ages.end <= 17 => Some(PriorityGround::Toddler),
        Channel::Priority => Some(people.chance.pick(&grounds)),
        _ => None,
    }
}

/// What must be brought (DOMAIN.md §1.3).
fn papers(kind: ApplicationKind, is_child: bool) -> Vec<DocumentKind> {
    use DocumentKind::{
        BirthProof, DisasterStatement, FamilyCard, IdentityCard, OldPassport, ParentsIdentityCards,
        ParentsMarriage, ParentsStatement, PoliceReport,
    };
    use ReplacementReason::{Damaged, DamagedByDisaster, Expired, Full, Lost, LostByDisaster};
    let mut papers = match kind {
        _ if is_child => {
            vec![ParentsIdentityCards, FamilyCard, BirthProof, ParentsMarriage, ParentsStatement]
        }
        ApplicationKind::Replacement(Expired | Full) => vec![IdentityCard],
        _ => vec![IdentityCard, FamilyCard, BirthProof],
    };
    match kind {
        ApplicationKind::New => {}
        ApplicationKind::Replacement(Lost) => papers.push(PoliceReport),
        ApplicationKind::Replacement(LostByDisaster) => papers.push(DisasterStatement),
        ApplicationKind::Replacement(DamagedByDisaster) => papers.extend([OldPassport, DisasterStatement]),
        ApplicationKind::Replacement(Expired | Full | Damaged) => papers.push(OldPassport),
    }
    papers
}

fn questionnaire(people: &mut People, kind: ApplicationKind) -> Questionnaire {
    let (purpose, destination) = people.chance.pick(&[
        ("Wisata", "Singapura"),
        ("Wisata", "Malaysia"),
        ("Umroh", "Arab Saudi"),
        ("Bekerja formal", "Malaysia"),
        ("Belajar", "Jepang"),
        ("Berobat", "Malaysia"),
    ]);
    let is_new = kind == ApplicationKind::New;
    let old_passport = (!is_new).then(|| format!("X0{:06}", people.chance.below(1_000_000)));
    let old_passport_year = (!is_new).then(|| 2016 + u16::try_from(people.chance.below(6)).unwrap_or(0));
    Questionnaire {
        purpose: Some(purpose.to_owned()),
        destination: Some(destination.to_owned()),
        old_passport,
        old_passport_year,
    }
}

/// Names and numbers that a careless program refuses (DOMAIN.md §4, §5.2). They sit among the first adults.
fn make_odd_ones(people: &mut People, visitors: &mut [Visitor]) -> Result<(), NikError> {
    let home = &super::names::REGIONS[0];
    for (index, (name, sex)) in SINGLE_NAMES.iter().enumerate() {
        let person = people.named((*name).to_owned(), *sex, home, 24..60)?;
        replace(people, &mut visitors[2 + index * 3], person);
    }
    let long = people.named(LONG_NAME.to_owned(), Sex::F, home, 24..40)?;
    replace(people, &mut visitors[1], long);
    let from_papua = people.person(&OLD_PAPUA, 25..45)?;
    replace(people, &mut visitors[4], from_papua);
    for index in [6, 30] {
        // The papers say another day than the NIK, as they legally may.
        let born_on = visitors[index].applicant.born_on;
        visitors[index].applicant.born_on = born_on + Days::new(17);
    }
    Ok(())
}

fn replace(people: &mut People, visitor: &mut Visitor, applicant: Person) {
    visitor.contact = people.contact(&applicant.name);
    visitor.applicant = applicant;
}

/// Most have paid. The others stand among the M-Paspor bookings, where the trouble is.
fn set_fates(visitors: &mut [Visitor]) {
    let fates = [
        (3, Fate::Unpaid),
        (9, Fate::PaidUnreported),
        (10, Fate::Expired),
        (13, Fate::PaidLate),
        (16, Fate::Unpaid),
        (19, Fate::Moved),
        (21, Fate::PaidUnreported),
        (22, Fate::Expired),
        (27, Fate::Unpaid),
        (33, Fate::Expired),
        (41, Fate::Unpaid),
        (47, Fate::Unpaid),
    ];
    for (index, fate) in fates {
        let visitor = &mut visitors[index];
        visitor.fate = fate;
        if fate == Fate::Unpaid {
            // They book only now, whatever the hour is: for the last interval of the day.
            visitor.slot = slot_at(visitor.slot.day, HOURS.len() - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
    }

    #[test]
    fn a_day_is_the_same_every_time_it_is_drawn() {
        let names = |visitors: Vec<Visitor>| -> Vec<String> {
            visitors.into_iter().map(|visitor| visitor.applicant.nik.as_str().to_owned()).collect()
        };
        assert_eq!(names(visitors(day()).unwrap()), names(visitors(day()).unwrap()));
        assert_ne!(names(visitors(day()).unwrap()), names(visitors(day() + Days::new(1)).unwrap()));
    }

    #[test]
    fn seventy_five_people_come_and_no_two_share_a_nik() {
        let all = visitors(day()).unwrap();
        assert_eq!(all.iter().filter(|visitor| visitor.place == Place::Here).count(), BOOKINGS);
        let niks: BTreeSet<_> = all.iter().map(|visitor| visitor.applicant.nik.as_str()).collect();
        assert_eq!(niks.len(), all.len());
    }

    #[test]
    fn every_kind_of_case_is_among_them() {
        let all = visitors(day()).unwrap();
        let fates = |fate| all.iter().filter(|visitor| visitor.fate == fate).count();
        assert_eq!(fates(Fate::PaidLate), 1);
        assert_eq!(fates(Fate::Moved), 1);
        assert!(fates(Fate::PaidUnreported) >= 2 && fates(Fate::Expired) >= 2 && fates(Fate::Unpaid) >= 4);
        assert!(all.iter().any(|visitor| !visitor.applicant.name.contains(' ')), "single names");
        assert!(all.iter().any(|visitor| visitor.applicant.name.len() > 39), "a long name");
        assert!(all.iter().any(|visitor| visitor.applicant.nik.as_str().starts_with("9101")), "old Papua");
        assert!(all.iter().any(|visitor| visitor.with_scans), "scans");
    }

    #[test]
    fn children_come_with_guardians_for_five_years() {
        for visitor in visitors(day()).unwrap() {
            let is_child = day().years_since(visitor.applicant.born_on).unwrap() < 17;
            assert_eq!(is_child, !visitor.guardians.is_empty(), "{}", visitor.applicant.born_on);
            assert!(!is_child || visitor.service.validity == Validity::FiveYears);
        }
    }
}
