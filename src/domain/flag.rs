//! What an officer should look at: oddities and deadlines that are never a refusal by themselves.
//!
//! Derived anew for each page, because deadlines depend on the day.

use chrono::{DateTime, NaiveDate, Utc};

use super::booking::Booked;
use super::capture::{Finger, FingerPosition};
use super::deadline;
use super::document::{self, DocumentKind, Seen};
use super::mrz;
use super::nik::Region;
use super::office::Zone;
use super::person::Relation;
use super::service::{ApplicationKind, Channel, PriorityGround, Validity};
use super::setting::Settings;
use super::view::{Done, View, Visit};
use super::visit::Punctuality;

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    /// The date of birth is not the one in the NIK. Legal, and not to be "corrected" (DOMAIN.md §4).
    NikBirthDiffers,
    /// The sex is not the one in the NIK.
    NikSexDiffers,
    /// The NIK's region exists no more; the NIK is valid.
    NikRegionOld,
    /// The NIK's region is not known to this version.
    NikRegionUnknown,
    /// The name is cut in the machine-readable zone.
    NameTruncated,
    /// A child without a parent or guardian on the booking.
    GuardianMissing,
    /// A child with one parent on the booking: the other joins by video or gives a *surat kuasa*.
    OneParent,
    /// Ten years asked for somebody too young (Permenkumham 18/2022 art. 2A).
    TooYoungForTenYears {
        /// The age from which ten years may be asked, in years.
        from_age_years: u32,
    },
    /// Priority channel, but the ground is not given or the age does not show it.
    PriorityGroundUnclear,
    /// Came before the slot.
    CameEarly,
    /// Came after the slot.
    CameLate,
    /// Came for same-day service after the hour.
    SameDayTooLate,
    /// On the prevention list, by this order: nobody is passed, approved or given a book.
    OnPreventionList(String),
    /// Applies as *baru* although an earlier passport was declared: refused by law, and the money is lost (DOMAIN.md §1.2).
    PassportHeldBefore,
    /// Goes abroad to work: look whether it is regular (DOMAIN.md §1.7).
    WorkAbroad,
    /// Papers that differed from the upload.
    DocumentsDiffer(Vec<DocumentKind>),
    /// Fingers whose pictures are poor: codes of ISO/IEC 19794-4.
    FingersPoor(Vec<u8>),
    /// Admitted on evidence; the payment should be confirmed by then.
    Provisional {
        /// By when.
        confirm_by: DateTime<Utc>,
        /// That time has passed.
        overdue: bool,
    },
    /// The last day for missing papers has passed.
    HoldOverdue {
        /// That day.
        until: NaiveDate,
    },
    /// The passport should have been ready by then.
    IssueOverdue {
        /// That day.
        by: NaiveDate,
    },
    /// The book has not been collected in time.
    NotCollected {
        /// The last day to collect it.
        until: NaiveDate,
    },
    /// Facts wait for a newer version of the program.
    FactsParked,
}

/// The flags of an application at an instant, those of its person first.
pub fn of(view: &View, now: DateTime<Utc>, zone: Zone, settings: &Settings) -> Vec<Flag> {
    let today = zone.day(now);
    let mut flags = Vec::new();
    if let Some(booking) = &view.booking {
        flags.extend(view.prevention.iter().map(|hit| Flag::OnPreventionList(hit.what.order.clone())));
        flags.extend(of_person(booking));
        flags.extend(of_journey(booking));
        flags.extend(of_service(booking, today, settings));
    }
    if let Some(visit) = view.held() {
        flags.extend(of_arrival(view, visit, zone, settings));
        flags.extend(of_pieces(visit, settings));
        flags.extend(of_deadlines(view, visit, (today, zone), settings));
        if view.is_provisional()
            && let Some(admitted) = &visit.admitted
        {
            let confirm_by = admitted.what.confirm_by;
            flags.push(Flag::Provisional { confirm_by, overdue: now > confirm_by });
        }
    }
    if !view.parked.is_empty() {
        flags.push(Flag::FactsParked);
    }
    flags
}

fn of_person(booking: &Booked) -> impl Iterator<Item = Flag> {
    let person = &booking.applicant;
    let nik = person.nik.hints();
    let region = nik.region();
    [
        (!nik.agrees_with_birth(person.born_on), Flag::NikBirthDiffers),
        (!nik.agrees_with_sex(person.sex), Flag::NikSexDiffers),
        (region == Region::Old, Flag::NikRegionOld),
        (region == Region::Unknown, Flag::NikRegionUnknown),
        (mrz::is_truncated(&person.name), Flag::NameTruncated),
    ]
    .into_iter()
    .filter_map(|(holds, flag)| holds.then_some(flag))
}

fn of_journey(booking: &Booked) -> impl Iterator<Item = Flag> {
    let declared = &booking.questionnaire;
    let held_before = declared.old_passport.is_some() && booking.service.kind == ApplicationKind::New;
    // The other purpose of M-Paspor that is work: *Bekerja formal* (DOMAIN.md §1.2).
    let purpose = declared.purpose.as_deref().unwrap_or_default().to_lowercase();
    let works = document::goes_as_migrant_worker(booking) || purpose.contains("bekerja");
    [(held_before, Flag::PassportHeldBefore), (works, Flag::WorkAbroad)]
        .into_iter()
        .filter_map(|(holds, flag)| holds.then_some(flag))
}

fn of_service(booking: &Booked, today: NaiveDate, settings: &Settings) -> Vec<Flag> {
    let mut flags = Vec::new();
    let person = &booking.applicant;
    if person.is_child(today, settings) {
        match booking.guardians.as_slice() {
            [] => flags.push(Flag::GuardianMissing),
            [one] if one.relation != Relation::Guardian => flags.push(Flag::OneParent),
            _ => {}
        }
    }
    let unmarried_minor = Settings { adult_age_years: settings.ten_years_from_age_years, ..settings.clone() };
    if booking.service.validity == Validity::TenYears && person.is_child(today, &unmarried_minor) {
        flags.push(Flag::TooYoungForTenYears { from_age_years: settings.ten_years_from_age_years });
    }
    if booking.service.channel == Channel::Priority && !shows_ground(booking, today, settings) {
        flags.push(Flag::PriorityGroundUnclear);
    }
    flags
}

fn shows_ground(booking: &Booked, today: NaiveDate, settings: &Settings) -> bool {
    let age = booking.applicant.age_on(today);
    match booking.priority {
        None => false,
        Some(PriorityGround::Elderly) => age >= settings.priority_from_age_years,
        Some(PriorityGround::Toddler) => age <= settings.priority_to_age_years,
        Some(PriorityGround::Disability | PriorityGround::Pregnant | PriorityGround::Sick) => true,
    }
}

fn of_arrival(view: &View, visit: &Visit, zone: Zone, settings: &Settings) -> Vec<Flag> {
    let Some(arrived) = &visit.arrived else { return Vec::new() };
    let mut flags = Vec::new();
    match arrived.what.punctuality {
        Punctuality::Early => flags.push(Flag::CameEarly),
        Punctuality::OnTime => {}
        Punctuality::Late => flags.push(Flag::CameLate),
    }
    let same_day = view.booking.as_ref().is_some_and(|booking| booking.service.channel == Channel::SameDay);
    if same_day && zone.local(arrived.at).time() > settings.same_day_arrive_by {
        flags.push(Flag::SameDayTooLate);
    }
    flags
}

fn of_pieces(visit: &Visit, settings: &Settings) -> Vec<Flag> {
    let mut flags = Vec::new();
    let checked = visit.documents.iter().flat_map(|done| &done.what);
    let differing: Vec<DocumentKind> =
        checked.filter(|line| line.seen == Seen::Differs).map(|line| line.kind).collect();
    if !differing.is_empty() {
        flags.push(Flag::DocumentsDiffer(differing));
    }
    let poor: Vec<u8> =
        visit.capture.fingers.iter().filter_map(|finger| poor_finger(finger, settings)).collect();
    if !poor.is_empty() {
        flags.push(Flag::FingersPoor(poor));
    }
    flags
}

fn poor_finger((position, done): (&FingerPosition, &Done<Finger>), settings: &Settings) -> Option<u8> {
    match done.what {
        Finger::Taken { quality, .. } => (quality < settings.finger_quality_min).then_some(position.code()),
        Finger::Excepted { .. } => None,
    }
}

/// The last day to bring papers, to issue the book and to collect it.
fn of_deadlines(
    view: &View,
    visit: &Visit,
    (today, zone): (NaiveDate, Zone),
    settings: &Settings,
) -> Vec<Flag> {
    use super::book::BookState;
    let mut flags = Vec::new();
    if let Some(until) = visit.held_until().filter(|until| *until < today) {
        flags.push(Flag::HoldOverdue { until });
    }
    let here = view.holding.as_ref();
    if let Some(counts_from) = here.and_then(|office| deadline::issue_counts_from(view, office)) {
        let by = deadline::issue_due(counts_from, zone, settings, settings);
        flags.extend((today > by).then_some(Flag::IssueOverdue { by }));
    }
    let is_gone = matches!(visit.book.state, BookState::HandedOver(_) | BookState::Cancelled(_));
    if let Some(ready_at) = visit.book.ready_at.filter(|_| !is_gone) {
        let until = zone.day(ready_at) + chrono::Days::new(settings.collection_days.into());
        flags.extend((today > until).then_some(Flag::NotCollected { until }));
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::command::Command;
    use crate::domain::document::CheckedDocument;
    use crate::domain::fact::Fact;
    use crate::domain::interview::Outcome;
    use crate::domain::payment::Evidence;
    use crate::domain::person::{CivilStatus, Guardian, Nik, Sex};
    use crate::domain::sample::{FULL_PAPERS, Story, at, booking, brought, interview, ntpn};

    fn flags(story: &Story) -> Vec<Flag> {
        of(&story.view(), story.now, Zone::Wib, &story.settings)
    }

    fn flags_of(change: impl FnOnce(&mut Booked)) -> Vec<Flag> {
        let mut booking = booking();
        change(&mut booking);
        flags(&Story::new().registry(Fact::Booked(booking)))
    }

    fn guardian(relation: Relation) -> Guardian {
        Guardian { name: "Rina".to_owned(), nik: Nik::parse("2102014101850003").unwrap(), relation }
    }

    #[test]
    fn an_ordinary_applicant_has_no_flags_and_a_single_name_is_none() {
        assert_eq!(flags(&Story::ready()), []);
        assert_eq!(flags_of(|booking| booking.applicant.name = "Suhartini".to_owned()), []);
    }

    #[test]
    fn a_nik_that_disagrees_and_a_very_long_name_are_flags() {
        let nik = |text: &str| Nik::parse(text).unwrap();
        assert_eq!(
            flags_of(|booking| booking.applicant.nik = nik("2102010102900001")),
            [Flag::NikBirthDiffers]
        );
        assert_eq!(flags_of(|booking| booking.applicant.sex = Sex::F), [Flag::NikSexDiffers]);
        assert_eq!(flags_of(|booking| booking.applicant.nik = nik("9101010101900001")), [Flag::NikRegionOld]);
        assert_eq!(
            flags_of(|booking| booking.applicant.nik = nik("9901010101900001")),
            [Flag::NikRegionUnknown]
        );
        let long = "Raden Mas Panji Sosrokartono Kusumodiningrat Wiryo".to_owned();
        assert_eq!(flags_of(|booking| booking.applicant.name = long), [Flag::NameTruncated]);
    }

    #[test]
    fn a_child_comes_with_both_parents_or_a_guardian_and_gets_five_years() {
        let child = |guardians: Vec<Guardian>, validity| {
            flags_of(|booking| {
                booking.applicant.born_on = "2015-01-01".parse().unwrap();
                booking.applicant.nik = Nik::parse("2102010101150001").unwrap();
                booking.applicant.civil_status = CivilStatus::Single;
                booking.guardians = guardians;
                booking.service.validity = validity;
            })
        };
        let (mother, father) = (guardian(Relation::Mother), guardian(Relation::Father));
        assert_eq!(child(vec![], Validity::FiveYears), [Flag::GuardianMissing]);
        assert_eq!(child(vec![mother.clone()], Validity::FiveYears), [Flag::OneParent]);
        assert_eq!(child(vec![guardian(Relation::Guardian)], Validity::FiveYears), []);
        assert_eq!(
            child(vec![mother, father], Validity::TenYears),
            [Flag::TooYoungForTenYears { from_age_years: 17 }]
        );
    }

    #[test]
    fn a_priority_ground_is_looked_at() {
        let priority = |ground| {
            flags_of(|booking| {
                booking.service.channel = Channel::Priority;
                booking.priority = ground;
            })
        };
        assert_eq!(priority(None), [Flag::PriorityGroundUnclear]);
        assert_eq!(priority(Some(PriorityGround::Elderly)), [Flag::PriorityGroundUnclear]);
        assert_eq!(priority(Some(PriorityGround::Disability)), []);
    }

    #[test]
    fn early_late_and_too_late_for_the_same_day_are_noted() {
        use crate::domain::sample::arrive;
        assert_eq!(flags(&Story::paid().later(-120).does(arrive())), [Flag::CameEarly]);
        assert_eq!(flags(&Story::paid().later(100).does(arrive())), [Flag::CameLate]);
        let mut same_day = booking();
        same_day.service.channel = Channel::SameDay;
        let paid = Fact::Paid(crate::domain::sample::paid(1));
        let story = Story::new().registry(Fact::Booked(same_day)).registry(paid);
        assert_eq!(flags(&story.later(120).does(arrive())), [Flag::CameLate, Flag::SameDayTooLate]);
    }

    #[test]
    fn a_provisional_admission_is_overdue_after_its_days() {
        let evidence = Evidence::Ntpn { ntpn: ntpn(1) };
        let story = Story::billed().does(Command::AdmitOnEvidence { evidence, note: String::new() });
        let confirm_by = at("2026-11-26T01:10:00Z");
        assert_eq!(flags(&story), [Flag::Provisional { confirm_by, overdue: false }]);
        assert_eq!(flags(&story.later(4 * 24 * 60)), [Flag::Provisional { confirm_by, overdue: true }]);
    }

    #[test]
    fn papers_that_differ_and_deadlines_that_passed_are_flags() {
        let mut documents = brought(FULL_PAPERS);
        documents[1] =
            CheckedDocument { seen: Seen::Differs, note: "new".to_owned(), ..documents[1].clone() };
        let checked = Story::arrived().does(Command::CheckDocuments { documents, ticket: true });
        assert_eq!(flags(&checked), [Flag::DocumentsDiffer(vec![DocumentKind::FamilyCard])]);

        let until: NaiveDate = "2026-11-24".parse().unwrap();
        let hold = interview(Outcome::Held { until, documents: vec![DocumentKind::FamilyCard] });
        let day = 24 * 60;
        assert_eq!(flags(&Story::captured().does(hold).later(2 * day)), [Flag::HoldOverdue { until }]);
        let by = "2026-11-27".parse().unwrap();
        assert_eq!(flags(&Story::approved().later(4 * day)), []);
        assert_eq!(flags(&Story::approved().later(5 * day)), [Flag::IssueOverdue { by }]);
        let until = "2026-12-23".parse().unwrap();
        assert_eq!(flags(&Story::ready().later(31 * day)), [Flag::NotCollected { until }]);
    }
}
