//! A walk-in: somebody without a booking is registered at the counter, under a number that headquarters has reserved
//! for this office (DOMAIN.md §1.8, §1.9, §2.9; docs/decisions/0027).

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveTime, Timelike};
use serde::{Deserialize, Serialize};

use super::actor::Role;
use super::application::{Author, Entry};
use super::booking::{Booked, Questionnaire, Slot};
use super::command::Context;
use super::fact::Fact;
use super::number::ApplicationNumber;
use super::office::OfficeCode;
use super::person::{Contact, Guardian, Person};
use super::refusal::Refusal;
use super::service::{ApplicationKind, Channel, PriorityGround, ReplacementReason, Service};
use super::view::{self, View};
use super::visit::{Arrived, Punctuality};

/// How many numbers one block holds: they differ in their last three digits alone.
pub const BLOCK_NUMBERS: u16 = 1000;
/// An office has so many blocks ahead of the one it draws from, so that a restored folder can leave one behind while
/// the line is down.
pub const BLOCKS_AHEAD: usize = 2;

/// Headquarters has set numbers aside for one machine of an office (registry).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumbersReserved {
    /// The machine that may give them out: another one that takes its place gets others.
    pub node: String,
    /// The first number; the others follow it.
    pub first: ApplicationNumber,
    /// How many there are.
    pub count: u16,
}

impl NumbersReserved {
    /// A number of the block, from 0; none beyond its end.
    pub fn number(&self, serial: u16) -> Option<ApplicationNumber> {
        let first: u64 = self.first.as_str().parse().ok()?;
        let number = first.checked_add(serial.into()).filter(|_| serial < self.count)?;
        ApplicationNumber::parse(&format!("{number:016}")).ok()
    }
}

/// The first number of the block that a number lies in.
pub fn block_of(number: &ApplicationNumber) -> Option<ApplicationNumber> {
    let number: u64 = number.as_str().parse().ok()?;
    ApplicationNumber::parse(&format!("{:016}", number - number % u64::from(BLOCK_NUMBERS))).ok()
}

/// Somebody without a booking was registered at the counter (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredHere {
    /// What stands in for the booking.
    pub booking: Booked,
    /// Number of the examination (*BAP*) of a lost or damaged passport.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub examination: String,
}

impl RegisteredHere {
    /// Whether the office it names has written it.
    pub fn is_by(&self, author: &Author) -> bool {
        matches!(author, Author::Office(office) if *office == self.booking.office)
    }

    /// What was registered at the counter stands in for a booking; one of headquarters comes before it, and nobody
    /// registers for another office.
    pub(super) fn join(&self, view: &mut View, entry: &Entry) {
        if view.booking.is_none() && self.is_by(&entry.author) {
            view.slot = view.slot.or(Some(self.booking.slot));
            view.booking = Some(self.booking.clone());
            view.walk_in = Some(view::done(entry, self.clone()));
        }
    }
}

/// What an officer types about somebody who walks in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// For whom.
    pub applicant: Person,
    /// Who comes along with a child.
    pub guardians: Vec<Guardian>,
    /// What for.
    pub service: Service,
    /// Why first, when the channel is priority.
    pub priority: Option<PriorityGround>,
    /// Number of the examination (*BAP*), for a lost or damaged passport.
    pub examination: String,
    /// Where to tell the applicant things.
    pub contact: Contact,
}

/// A kind of application as a channel's rule names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WalkInKind {
    /// Never had a passport.
    New,
    /// *Habis masa berlaku.*
    Expired,
    /// *Halaman penuh.*
    Full,
    /// *Hilang.*
    Lost,
    /// *Rusak.*
    Damaged,
    /// *Hilang kahar.*
    LostByDisaster,
    /// *Rusak kahar.*
    DamagedByDisaster,
}

impl WalkInKind {
    /// The kind of an application.
    pub fn of(kind: ApplicationKind) -> Self {
        match kind {
            ApplicationKind::New => Self::New,
            ApplicationKind::Replacement(reason) => match reason {
                ReplacementReason::Expired => Self::Expired,
                ReplacementReason::Full => Self::Full,
                ReplacementReason::Lost => Self::Lost,
                ReplacementReason::Damaged => Self::Damaged,
                ReplacementReason::LostByDisaster => Self::LostByDisaster,
                ReplacementReason::DamagedByDisaster => Self::DamagedByDisaster,
            },
        }
    }

    /// What is applied for.
    pub fn kind(self) -> ApplicationKind {
        let reason = match self {
            Self::New => return ApplicationKind::New,
            Self::Expired => ReplacementReason::Expired,
            Self::Full => ReplacementReason::Full,
            Self::Lost => ReplacementReason::Lost,
            Self::Damaged => ReplacementReason::Damaged,
            Self::LostByDisaster => ReplacementReason::LostByDisaster,
            Self::DamagedByDisaster => ReplacementReason::DamagedByDisaster,
        };
        ApplicationKind::Replacement(reason)
    }

    /// Whether the old passport's fate is examined first (*BAP*).
    fn needs_examination(self) -> bool {
        matches!(self, Self::Lost | Self::Damaged | Self::LostByDisaster | Self::DamagedByDisaster)
    }
}

/// When, for whom and for how many a channel is open without a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct WalkInRule {
    /// Which channel.
    pub channel: Channel,
    /// Days of the week, 1 for Monday.
    pub weekdays: BTreeSet<u8>,
    /// Registered from then on.
    pub from: NaiveTime,
    /// Registered until then.
    pub until: NaiveTime,
    /// So many a day.
    pub quota: u16,
    /// For these applications.
    pub kinds: BTreeSet<WalkInKind>,
    /// Only while headquarters can be reached: what must be paid today needs a billing code today.
    #[serde(default)]
    pub needs_line: bool,
}

impl WalkInRule {
    /// Whether it can ever let anybody in, and contradicts nothing.
    pub(super) fn is_sound(&self) -> bool {
        self.from < self.until && self.weekdays.iter().all(|day| (1..=7).contains(day))
    }
}

/// The rules that were publicly named (DOMAIN.md §1.8, §1.9, §2.9); each office sets its own.
pub(super) fn default_rules() -> Vec<WalkInRule> {
    use WalkInKind as K;
    let clock = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or(NaiveTime::MIN);
    let rule = |channel, weekdays: &[u8], from, until, quota, kinds: &[WalkInKind]| WalkInRule {
        channel,
        weekdays: weekdays.iter().copied().collect(),
        from,
        until,
        quota,
        kinds: kinds.iter().copied().collect(),
        needs_line: channel == Channel::SameDay,
    };
    let (week, weekend, ever) = ([1, 2, 3, 4, 5], [6, 7], [1, 2, 3, 4, 5, 6, 7]);
    let lost = [K::Lost, K::Damaged, K::LostByDisaster, K::DamagedByDisaster];
    let plain = [K::New, K::Expired, K::Full];
    vec![
        rule(Channel::Priority, &week, clock(7, 30), clock(10, 0), 50, &plain),
        rule(Channel::Examination, &week, clock(8, 0), clock(15, 0), 20, &lost),
        rule(Channel::SameDay, &week, clock(8, 0), clock(10, 0), 20, &[K::New, K::Expired]),
        rule(Channel::Simpatik, &weekend, clock(8, 0), clock(12, 0), 30, &plain),
        rule(Channel::Eazy, &ever, clock(8, 0), clock(16, 0), 80, &plain),
    ]
}

/// Why somebody cannot be registered without a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoWalkIn {
    /// This channel takes nobody without a booking.
    NotThisChannel,
    /// Not on this day of the week.
    NotToday,
    /// Registered only between these hours.
    Hours {
        /// From.
        from: NaiveTime,
        /// Until.
        until: NaiveTime,
    },
    /// All places of today are taken.
    Full {
        /// How many there were.
        quota: u16,
    },
    /// The channel is not for this kind of application.
    NotThisKind,
    /// The number of the examination is missing.
    ExaminationMissing,
    /// No ground of priority is given, or the age does not show it.
    NoGround {
        /// Elderly from this age on, in years.
        from_age_years: u32,
        /// Toddlers up to this age, in years.
        to_age_years: u32,
    },
    /// A child without a parent or guardian.
    GuardianMissing,
    /// Born in the future.
    BornLater,
    /// Headquarters cannot be reached, and this channel needs a bill today.
    LineDown,
    /// No reserved number is left.
    NoNumbers,
}

/// What a registration depends on besides what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtTheCounter {
    /// The next number of the reserved block, if one is left.
    pub number: Option<ApplicationNumber>,
    /// How many walk-ins of this channel were registered today.
    pub registered_today: usize,
    /// Headquarters can be reached.
    pub is_line_up: bool,
}

/// Registers somebody who walks in, and notes that they are here. What is to be paid comes from headquarters, and a
/// decision waits for it.
pub fn register(
    registration: &Registration,
    counter: &AtTheCounter,
    context: &Context<'_>,
) -> Result<Vec<Fact>, Refusal> {
    let office = context.office_as(&[Role::FrontDesk, Role::Supervisor])?;
    may_walk_in(registration, counter, context).map_err(Refusal::NoWalkIn)?;
    let number = counter.number.clone().ok_or(Refusal::NoWalkIn(NoWalkIn::NoNumbers))?;
    let slot = slot_of(context);
    let booking = booking(registration, number, office.clone(), slot);
    let examination = registration.examination.trim().to_owned();
    let registered = RegisteredHere { booking, examination };
    let arrived = Arrived { punctuality: Punctuality::OnTime, slot: Some(slot), note: String::new() };
    Ok(vec![Fact::RegisteredHere(registered), Fact::Arrived(arrived)])
}

fn may_walk_in(
    registration: &Registration,
    counter: &AtTheCounter,
    context: &Context<'_>,
) -> Result<(), NoWalkIn> {
    let (service, settings) = (&registration.service, context.settings);
    let rules = &settings.walk_in_channels;
    let rule = rules.iter().find(|rule| rule.channel == service.channel).ok_or(NoWalkIn::NotThisChannel)?;
    let now = context.local_now();
    let weekday = u8::try_from(now.weekday().number_from_monday()).unwrap_or(0);
    if !rule.weekdays.contains(&weekday) {
        return Err(NoWalkIn::NotToday);
    }
    if now.time() < rule.from || now.time() >= rule.until {
        return Err(NoWalkIn::Hours { from: rule.from, until: rule.until });
    }
    let kind = WalkInKind::of(service.kind);
    if !rule.kinds.contains(&kind) {
        return Err(NoWalkIn::NotThisKind);
    }
    if counter.registered_today >= usize::from(rule.quota) {
        return Err(NoWalkIn::Full { quota: rule.quota });
    }
    if kind.needs_examination() && registration.examination.trim().is_empty() {
        return Err(NoWalkIn::ExaminationMissing);
    }
    if registration.applicant.born_on > context.today {
        return Err(NoWalkIn::BornLater);
    }
    if service.channel == Channel::Priority && !shows_ground(registration, context) {
        let (from_age_years, to_age_years) =
            (settings.priority_from_age_years, settings.priority_to_age_years);
        return Err(NoWalkIn::NoGround { from_age_years, to_age_years });
    }
    if registration.applicant.is_child(context.today, settings) && registration.guardians.is_empty() {
        return Err(NoWalkIn::GuardianMissing);
    }
    if rule.needs_line && !counter.is_line_up {
        return Err(NoWalkIn::LineDown);
    }
    Ok(())
}

fn shows_ground(registration: &Registration, context: &Context<'_>) -> bool {
    let (age, settings) = (registration.applicant.age_on(context.today), context.settings);
    match registration.priority {
        None => false,
        Some(PriorityGround::Elderly) => age >= settings.priority_from_age_years,
        Some(PriorityGround::Toddler) => age <= settings.priority_to_age_years,
        Some(PriorityGround::Disability | PriorityGround::Pregnant | PriorityGround::Sick) => true,
    }
}

/// The hour that begins now: whoever walks in is expected now and not at another time.
fn slot_of(context: &Context<'_>) -> Slot {
    let now = context.local_now().time();
    let from = NaiveTime::from_hms_opt(now.hour(), now.minute(), 0).unwrap_or(now);
    let (later, days) = from.overflowing_add_signed(chrono::TimeDelta::hours(1));
    let last = NaiveTime::from_hms_opt(23, 59, 0).unwrap_or(from);
    Slot { day: context.today, from, until: if days == 0 { later } else { last } }
}

fn booking(registration: &Registration, number: ApplicationNumber, office: OfficeCode, slot: Slot) -> Booked {
    let Registration { applicant, guardians, service, priority, contact, .. } = registration.clone();
    Booked {
        number,
        office,
        slot,
        applicant,
        guardians,
        service,
        priority: priority.filter(|_| service.channel == Channel::Priority),
        documents: Vec::new(),
        questionnaire: Questionnaire::default(),
        contact,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::command::Command;
    use crate::domain::interview::Outcome;
    use crate::domain::sample::{ALL_AT_THE_OFFICE, Story, check_papers, interview, office, paid, person};
    use crate::domain::service::{Product, Validity};
    use crate::domain::setting::Settings;
    use crate::domain::status::Status;

    fn number(text: &str) -> ApplicationNumber {
        ApplicationNumber::parse(text).unwrap()
    }

    fn counter() -> AtTheCounter {
        AtTheCounter { number: Some(number("2000000000001000")), registered_today: 0, is_line_up: true }
    }

    fn registration(channel: Channel, kind: ApplicationKind) -> Registration {
        Registration {
            applicant: person(),
            guardians: Vec::new(),
            service: Service { kind, product: Product::Electronic, validity: Validity::TenYears, channel },
            priority: Some(PriorityGround::Pregnant),
            examination: String::new(),
            contact: Contact::default(),
        }
    }

    fn tries(
        story: &Story,
        registration: &Registration,
        counter: &AtTheCounter,
    ) -> Result<Vec<Fact>, Refusal> {
        story.with_context(Some("karimun"), ALL_AT_THE_OFFICE, "sari", |context| {
            register(registration, counter, context)
        })
    }

    fn registered() -> Story {
        let facts = tries(&Story::new(), &registration(Channel::Priority, ApplicationKind::New), &counter());
        let author = Author::Office(office("karimun"));
        facts.unwrap().into_iter().fold(Story::new(), |story, fact| story.wrote(&author, fact))
    }

    #[test]
    fn a_block_has_its_numbers_in_a_row_and_none_beyond() {
        let block =
            NumbersReserved { node: "n".into(), first: number("2000000000001000"), count: BLOCK_NUMBERS };
        assert_eq!(block.number(0), Some(number("2000000000001000")));
        assert_eq!(block.number(999), Some(number("2000000000001999")));
        assert_eq!(block.number(1000), None);
        assert_eq!(block_of(&number("2000000000001999")), Some(block.first));
    }

    #[test]
    fn a_walk_in_goes_the_way_of_any_other_and_the_decision_waits_for_the_money() {
        let story = registered();
        assert_eq!(story.status(), Status::Arrived);
        assert_eq!(story.view().booking.unwrap().number, number("2000000000001000"));
        let done = story.does(check_papers()).captures().does(interview(Outcome::Passed));
        let approve = Command::Approve { round: 1, note: String::new() };
        assert_eq!(done.headquarters_refuses(&approve), Refusal::PaymentNotConfirmed);
        let decided = done.registry(Fact::Paid(paid(1))).headquarters(approve);
        assert_eq!((decided.status(), decided.view().conflicts), (Status::Approved, vec![]));
    }

    #[test]
    fn a_booking_of_headquarters_comes_before_a_registration() {
        let booked = registered().registry(Fact::Booked(crate::domain::sample::booking()));
        assert_eq!(booked.view().booking.unwrap().number, number("1179000000000001"));
    }

    #[test]
    fn nobody_registers_for_another_office() {
        let facts = tries(&Story::new(), &registration(Channel::Priority, ApplicationKind::New), &counter());
        let batam = Author::Office(office("batam"));
        let story = facts.unwrap().into_iter().fold(Story::new(), |story, fact| story.wrote(&batam, fact));
        assert_eq!(story.view().booking, None, "the registration names karimun");
    }

    #[test]
    fn each_channel_has_its_hours_its_places_and_its_kinds() {
        use ApplicationKind::{New, Replacement};
        use Channel as C;
        use NoWalkIn as No;
        let clock = |text: &str| -> NaiveTime { text.parse().unwrap() };
        let morning = Story::new();
        let lost = Replacement(ReplacementReason::Lost);
        let cases = [
            (morning.clone(), registration(C::MPaspor, New), No::NotThisChannel),
            (morning.clone(), registration(C::Simpatik, New), No::NotToday),
            (
                morning.clone().later(2 * 60),
                registration(C::Priority, New),
                No::Hours { from: clock("07:30:00"), until: clock("10:00:00") },
            ),
            (morning.clone(), registration(C::SameDay, lost), No::NotThisKind),
            (morning.clone(), registration(C::Examination, lost), No::ExaminationMissing),
            (
                morning.clone(),
                Registration { priority: Some(PriorityGround::Elderly), ..registration(C::Priority, New) },
                No::NoGround { from_age_years: 60, to_age_years: 5 },
            ),
        ];
        for (story, registration, expected) in cases {
            assert_eq!(
                tries(&story, &registration, &counter()),
                Err(Refusal::NoWalkIn(expected)),
                "{registration:?}"
            );
        }
        let bap = Registration { examination: "BAP-17".into(), ..registration(C::Examination, lost) };
        assert!(tries(&morning, &bap, &counter()).is_ok());
        let child = Person {
            born_on: "2020-01-01".parse().unwrap(),
            civil_status: crate::domain::person::CivilStatus::Single,
            ..person()
        };
        let alone = Registration { applicant: child, ..registration(C::Priority, New) };
        assert_eq!(tries(&morning, &alone, &counter()), Err(Refusal::NoWalkIn(No::GuardianMissing)));
    }

    #[test]
    fn same_day_service_needs_the_line_and_the_others_do_not() {
        let cut = AtTheCounter { is_line_up: false, ..counter() };
        let same_day = registration(Channel::SameDay, ApplicationKind::New);
        assert_eq!(tries(&Story::new(), &same_day, &cut), Err(Refusal::NoWalkIn(NoWalkIn::LineDown)));
        assert!(tries(&Story::new(), &same_day, &counter()).is_ok());
        assert!(tries(&Story::new(), &registration(Channel::Priority, ApplicationKind::New), &cut).is_ok());
        let mut settings = Settings::default();
        settings.walk_in_channels.iter_mut().for_each(|rule| rule.needs_line = false);
        let story = Story { settings, ..Story::new() };
        assert!(tries(&story, &same_day, &cut).is_ok(), "an office may say otherwise");
    }

    #[test]
    fn when_the_places_or_the_numbers_are_used_up_it_says_so() {
        let priority = registration(Channel::Priority, ApplicationKind::New);
        let full = AtTheCounter { registered_today: 50, ..counter() };
        assert_eq!(
            tries(&Story::new(), &priority, &full),
            Err(Refusal::NoWalkIn(NoWalkIn::Full { quota: 50 }))
        );
        let none = AtTheCounter { number: None, ..counter() };
        assert_eq!(tries(&Story::new(), &priority, &none), Err(Refusal::NoWalkIn(NoWalkIn::NoNumbers)));
    }
}
