//! Settings: every number and list that differs between offices or changes with time, each with the day it holds from.
//!
//! A setting's name is its field's name in kebab case. A name this version does not know is kept in the journal and
//! ignored here; a value that cannot be read leaves the one before in force.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::calendar::Calendar;
use super::capture::FingerPosition;
use super::fee::{self, Tariff};
use super::interview::Question;
use super::review::ReviewGround;
use super::service::Channel;
use super::ticket::{QueueClass, Stage};
use super::walk_in::{self, WalkInRule};

/// A setting took a new value from a day on (about the office's own affairs).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingSet {
    /// Its name, as in the settings page.
    pub name: String,
    /// First day it holds.
    pub valid_from: NaiveDate,
    /// The value.
    pub value: Value,
}

/// Why a value cannot become a setting.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    /// This version knows no such setting.
    #[error("there is no such setting")]
    Unknown,
    /// The value has another shape.
    #[error("the value cannot be read")]
    Unreadable(#[source] serde_json::Error),
    /// The value contradicts itself or leaves an applicant without a queue.
    #[error("the value does not hold together")]
    Unsound,
}

/// What a queue class is called and whom it serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct QueueClassRule {
    /// The letter on the ticket.
    pub letter: QueueClass,
    /// Its Indonesian name, as on the hall's signs.
    pub name_id: String,
    /// Its English name.
    pub name_en: String,
    /// Applicants of these channels wait in it for their interview.
    pub channels: BTreeSet<Channel>,
    /// What they wait for.
    pub stage: Stage,
    /// Has a guaranteed share of the calls (see [`Settings::priority_every_calls`]).
    #[serde(default)]
    pub priority: bool,
    /// While somebody of this class waits, at least every n-th call of a counter that serves it is for it. Without it
    /// the class has no share of its own and takes its turn by time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every_calls: Option<u16>,
}

/// Which fingers are asked from an age on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FingerRule {
    /// The first age in years it holds for.
    pub from_age_years: u32,
    /// The fingers asked.
    pub positions: BTreeSet<FingerPosition>,
}

/// The settings that hold on one day at one office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Settings {
    /// The queue classes, in the order signs show them (DOMAIN.md §2.2: letters as in Depok, channels never mixed).
    pub queue_classes: Vec<QueueClassRule>,
    /// While somebody of a priority class waits, at least every n-th call of a counter is for that class.
    pub priority_every_calls: u16,
    /// Whoever did not come when called is called again after so many other tickets of the class; 0 for never.
    pub absent_return_calls: u16,
    /// The same after so many minutes; 0 for never.
    pub absent_return_minutes: u16,
    /// So often a ticket comes back by itself after its holder did not come; then an officer must call it back.
    pub absent_returns_max: u16,
    /// The last step of a ticket can be taken back within so many minutes.
    pub undo_minutes: u16,
    /// A wait from so many minutes on is marked in the officer's list.
    pub wait_long_minutes: u16,
    /// Up to so long before the slot counts as on time (applicants are told to come 15 minutes before; §1.4).
    pub arrival_early_minutes: u32,
    /// Up to so long after the slot's end counts as on time.
    pub arrival_late_minutes: u32,
    /// Whoever comes longer before the slot than this is let in only with a reason; a day for nobody (§9: arrival window).
    pub arrival_early_minutes_max: u32,
    /// Whoever comes longer after the slot's end than this is let in only with a reason; a day for nobody.
    pub arrival_late_minutes_max: u32,
    /// An admission on evidence should be confirmed within so many days.
    pub evidence_confirm_days: u16,
    /// Missing papers are waited for at most so many days (§1.7).
    pub hold_days: u16,
    /// What an interviewer is reminded to ask; each office may have its own list.
    pub interview_questions: Vec<Question>,
    /// When an interview counts only after a supervisor has looked at it. No public rule asks for it: none by default.
    pub second_look: BTreeSet<ReviewGround>,
    /// Whoever is so old is served first: *lansia* (§1.8).
    pub priority_from_age_years: u32,
    /// Whoever is at most so old is served first: *balita* (§1.8).
    pub priority_to_age_years: u32,
    /// A passport is issued within so many working days of the interview (Permenkumham 8/2014 art. 22).
    pub issue_working_days: u16,
    /// A book may be cancelled when not collected within so many calendar days (Permenkumham 8/2014 art. 30).
    pub collection_days: u16,
    /// Whoever has not collected a passport after so many days should be reminded.
    pub collection_remind_days: u16,
    /// A bill can be paid so long (§1.6).
    pub payment_minutes: u32,
    /// Who is younger and unmarried applies as a child, with parents (§1.2).
    pub adult_age_years: u32,
    /// Who is younger and unmarried gets five years at most (Permenkumham 18/2022 art. 2A).
    pub ten_years_from_age_years: u32,
    /// An old passport issued before this year needs the full papers (§1.3).
    pub full_papers_before_year: u16,
    /// How often an applicant may move the appointment (§1.7).
    pub reschedules_max: u16,
    /// The last possible move lies so many days before the appointment (§1.7).
    pub reschedule_days_before: u16,
    /// Same-day service: arrived by then (§1.9).
    pub same_day_arrive_by: NaiveTime,
    /// When, for whom and for how many a channel is open without a booking (§1.8, §1.9, §2.9).
    pub walk_in_channels: Vec<WalkInRule>,
    /// A walk-in's bill can be paid for so many days: whoever was registered without a line gets it later (§3: SIMPONI's own
    /// term is seven days).
    pub walk_in_payment_days: u16,
    /// Which fingers are asked at which age. No public rule says how many (§5.3): ten from six years on, none before.
    pub fingers: Vec<FingerRule>,
    /// A picture of a finger below this NFIQ 2 score should be taken again.
    pub finger_quality_min: u8,
    /// Fewer blank books of a kind than this are few: without blanks nobody can choose a date (§1.4).
    pub blank_stock_min: u32,
    /// A backup is asked for when the last one is older than so many days.
    pub backup_days_max: u16,
    /// When numbers may have been given out that the office does not know of any more (its folder was restored), those of
    /// the day go on behind the next multiple of this. More than a class draws on a day; 0 for no gap.
    pub tickets_skipped: u16,
    /// The days the office works.
    pub calendar: Calendar,
    /// Prices with their first days (§3).
    pub tariffs: Vec<Tariff>,
}

impl Default for Settings {
    fn default() -> Self {
        let clock = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN);
        Self {
            queue_classes: default_classes(),
            priority_every_calls: 3,
            absent_return_calls: 5,
            absent_return_minutes: 15,
            absent_returns_max: 2,
            undo_minutes: 5,
            wait_long_minutes: 30,
            arrival_early_minutes: 15,
            arrival_late_minutes: 30,
            arrival_early_minutes_max: 1440,
            arrival_late_minutes_max: 1440,
            evidence_confirm_days: 3,
            hold_days: 7,
            interview_questions: Question::usual(),
            second_look: BTreeSet::new(),
            priority_from_age_years: 60,
            priority_to_age_years: 5,
            issue_working_days: 4,
            collection_days: 30,
            collection_remind_days: 7,
            payment_minutes: 120,
            adult_age_years: 17,
            ten_years_from_age_years: 17,
            full_papers_before_year: 2009,
            reschedules_max: 1,
            reschedule_days_before: 1,
            same_day_arrive_by: clock(10),
            walk_in_channels: walk_in::default_rules(),
            walk_in_payment_days: 7,
            fingers: vec![
                FingerRule { from_age_years: 0, positions: BTreeSet::new() },
                FingerRule { from_age_years: 6, positions: FingerPosition::all().collect() },
            ],
            finger_quality_min: 30,
            blank_stock_min: 100,
            backup_days_max: 2,
            tickets_skipped: 500,
            calendar: Calendar::default(),
            tariffs: fee::known_tariffs(),
        }
    }
}

fn default_classes() -> Vec<QueueClassRule> {
    let class = |letter, name_id: &str, name_en: &str, channels: &[Channel], stage| QueueClassRule {
        letter,
        name_id: name_id.to_owned(),
        name_en: name_en.to_owned(),
        channels: channels.iter().copied().collect(),
        stage,
        priority: letter == QueueClass::PRIORITY,
        // A crowd with appointments must not starve the two classes that are few and pay for speed or wait for a hearing.
        every_calls: match letter {
            QueueClass::SAME_DAY => Some(4),
            QueueClass::EXAMINATION => Some(6),
            _ => None,
        },
    };
    let booked = [Channel::MPaspor, Channel::Simpatik, Channel::Eazy];
    vec![
        class(QueueClass::BOOKED, "M-Paspor", "Booked", &booked, Stage::Interview),
        class(QueueClass::PRIORITY, "Prioritas", "Priority", &[Channel::Priority], Stage::Interview),
        class(QueueClass::SAME_DAY, "Percepatan", "Same day", &[Channel::SameDay], Stage::Interview),
        class(QueueClass::COLLECTION, "Pengambilan", "Collection", &[], Stage::Collection),
        class(QueueClass::EXAMINATION, "BAP", "Examination", &[Channel::Examination], Stage::Interview),
    ]
}

impl Settings {
    /// The settings of a day: the defaults, overridden by name. Of two values of one name the later first day counts,
    /// then the one set later (the iterator's order).
    pub fn on<'a>(day: NaiveDate, facts: impl Iterator<Item = &'a SettingSet>) -> Self {
        let mut valid: Vec<&SettingSet> = facts.filter(|set| set.valid_from <= day).collect();
        valid.sort_by_key(|set| set.valid_from);
        valid
            .into_iter()
            .fold(Self::default(), |settings, set| settings.with(&set.name, &set.value).unwrap_or(settings))
    }

    /// Every setting's name and present value, for the settings page.
    pub fn named(&self) -> Vec<(String, Value)> {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields.into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// These settings with one changed.
    pub fn with(&self, name: &str, value: &Value) -> Result<Self, SettingError> {
        let mut fields: serde_json::Map<String, Value> = self.named().into_iter().collect();
        *fields.get_mut(name).ok_or(SettingError::Unknown)? = value.clone();
        let changed: Self =
            serde_json::from_value(Value::Object(fields)).map_err(SettingError::Unreadable)?;
        if changed.is_sound() { Ok(changed) } else { Err(SettingError::Unsound) }
    }

    /// The rule of a queue class.
    pub fn class(&self, letter: QueueClass) -> Option<&QueueClassRule> {
        self.queue_classes.iter().find(|class| class.letter == letter)
    }

    /// The share of a class: at least every n-th call of a counter is for it while somebody of it waits.
    pub fn share_of(&self, letter: QueueClass) -> Option<u16> {
        let rule = self.class(letter)?;
        rule.every_calls.or(rule.priority.then_some(self.priority_every_calls))
    }

    /// The class somebody of a channel waits in for a stage: the first that names the channel, else the first of the
    /// stage.
    pub fn class_for(&self, channel: Channel, stage: Stage) -> Option<QueueClass> {
        let of_stage = || self.queue_classes.iter().filter(|class| class.stage == stage);
        let named = of_stage().find(|class| class.channels.contains(&channel));
        named.or_else(|| of_stage().next()).map(|class| class.letter)
    }

    /// The fingers asked of somebody of an age.
    pub fn fingers_at(&self, age_years: u32) -> BTreeSet<FingerPosition> {
        let rules = self.fingers.iter().filter(|rule| rule.from_age_years <= age_years);
        rules.max_by_key(|rule| rule.from_age_years).map(|rule| rule.positions.clone()).unwrap_or_default()
    }

    fn is_sound(&self) -> bool {
        let letters: BTreeSet<QueueClass> = self.queue_classes.iter().map(|class| class.letter).collect();
        let serves = |stage| self.queue_classes.iter().any(|class| class.stage == stage);
        letters.len() == self.queue_classes.len()
            && serves(Stage::Interview)
            && serves(Stage::Collection)
            && self.priority_every_calls > 0
            && self.queue_classes.iter().all(|class| class.every_calls != Some(0))
            && !self.tariffs.is_empty()
            && self.walk_in_channels.iter().all(WalkInRule::is_sound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn set(name: &str, from: &str, value: Value) -> SettingSet {
        SettingSet { name: name.to_owned(), valid_from: from.parse().unwrap(), value }
    }

    #[test]
    fn a_setting_holds_from_its_day_on_and_the_later_day_counts() {
        let facts = [
            set("hold-days", "2026-11-20", json!(14)),
            set("hold-days", "2026-11-10", json!(10)),
            set("hold-days", "2026-12-01", json!(3)),
        ];
        for (day, expected) in [("2026-11-01", 7), ("2026-11-10", 10), ("2026-11-30", 14), ("2026-12-01", 3)]
        {
            assert_eq!(Settings::on(day.parse().unwrap(), facts.iter()).hold_days, expected, "{day}");
        }
    }

    #[test]
    fn of_two_values_for_one_day_the_one_set_later_counts() {
        let facts = [set("hold-days", "2026-11-10", json!(10)), set("hold-days", "2026-11-10", json!(11))];
        assert_eq!(Settings::on("2026-11-10".parse().unwrap(), facts.iter()).hold_days, 11);
    }

    #[test]
    fn unknown_names_and_unreadable_or_unsound_values_change_nothing() {
        let facts = [
            set("moon-phase", "2026-11-10", json!("full")),
            set("hold-days", "2026-11-10", json!("seven")),
            set("queue-classes", "2026-11-10", json!([])),
        ];
        assert_eq!(Settings::on("2026-11-10".parse().unwrap(), facts.iter()), Settings::default());
        assert!(matches!(Settings::default().with("moon-phase", &json!(1)), Err(SettingError::Unknown)));
        assert!(matches!(Settings::default().with("queue-classes", &json!([])), Err(SettingError::Unsound)));
    }

    #[test]
    fn every_channel_has_a_class_and_small_children_are_asked_no_fingers() {
        let settings = Settings::default();
        let class = |channel, stage| settings.class_for(channel, stage);
        assert_eq!(class(Channel::MPaspor, Stage::Interview), Some(QueueClass::BOOKED));
        assert_eq!(class(Channel::Priority, Stage::Interview), Some(QueueClass::PRIORITY));
        assert_eq!(class(Channel::Eazy, Stage::Collection), Some(QueueClass::COLLECTION));
        assert_eq!(settings.fingers_at(3).len(), 0);
        assert_eq!(settings.fingers_at(40).len(), 10);
    }
}
