//! Settings in words: what each is called, and what its value says, lists included.

use serde_json::Value;

use super::{L10n, L10nLanguage, names};
use crate::domain::calendar::Calendar;
use crate::domain::fee::Tariff;
use crate::domain::setting::{FingerRule, QueueClassRule, Settings};
use crate::domain::walk_in::WalkInRule;
use crate::web::dates::Dates;

/// What a setting is called.
pub fn label(w: &L10nLanguage, name: &str) -> String {
    match name {
        "queue-classes" => w.setting_queue_classes(),
        "priority-every-calls" => w.setting_priority_every_calls(),
        "absent-return-calls" => w.setting_absent_return_calls(),
        "absent-return-minutes" => w.setting_absent_return_minutes(),
        "absent-returns-max" => w.setting_absent_returns_max(),
        "undo-minutes" => w.setting_undo_minutes(),
        "wait-long-minutes" => w.setting_wait_long_minutes(),
        "arrival-early-minutes" => w.setting_arrival_early_minutes(),
        "arrival-late-minutes" => w.setting_arrival_late_minutes(),
        "arrival-early-minutes-max" => w.setting_arrival_early_minutes_max(),
        "arrival-late-minutes-max" => w.setting_arrival_late_minutes_max(),
        "evidence-confirm-days" => w.setting_evidence_confirm_days(),
        "hold-days" => w.setting_hold_days(),
        "interview-questions" => w.setting_interview_questions(),
        "second-look" => w.setting_second_look(),
        "priority-from-age-years" => w.setting_priority_from_age_years(),
        "priority-to-age-years" => w.setting_priority_to_age_years(),
        "issue-working-days" => w.setting_issue_working_days(),
        "collection-days" => w.setting_collection_days(),
        "collection-remind-days" => w.setting_collection_remind_days(),
        "payment-minutes" => w.setting_payment_minutes(),
        "adult-age-years" => w.setting_adult_age_years(),
        "ten-years-from-age-years" => w.setting_ten_years_from_age_years(),
        "full-papers-before-year" => w.setting_full_papers_before_year(),
        "reschedules-max" => w.setting_reschedules_max(),
        "reschedule-days-before" => w.setting_reschedule_days_before(),
        "same-day-arrive-by" => w.setting_same_day_arrive_by(),
        "walk-in-channels" => w.setting_walk_in_channels(),
        "walk-in-payment-days" => w.setting_walk_in_payment_days(),
        "fingers" => w.setting_fingers(),
        "finger-quality-min" => w.setting_finger_quality_min(),
        "blank-stock-min" => w.setting_blank_stock_min(),
        "backup-days-max" => w.setting_backup_days_max(),
        "tickets-skipped" => w.setting_tickets_skipped(),
        "calendar" => w.setting_calendar(),
        "tariffs" => w.setting_tariffs(),
        other => other.to_owned(),
    }
}

/// What a value says, line by line. A value this version cannot read stands there as it is.
pub fn told(w: &L10nLanguage, dates: Dates, name: &str, value: &Value) -> Vec<String> {
    let Ok(settings) = Settings::default().with(name, value) else { return vec![plain(value)] };
    match name {
        "queue-classes" => settings.queue_classes.iter().map(|rule| class(w, dates, rule)).collect(),
        "walk-in-channels" => settings.walk_in_channels.iter().map(|rule| walk_in(w, dates, rule)).collect(),
        "fingers" => settings.fingers.iter().map(|rule| fingers(w, rule)).collect(),
        "interview-questions" => settings
            .interview_questions
            .into_iter()
            .map(|it| if dates.language == L10n::Id { it.text_id } else { it.text_en })
            .collect(),
        "second-look" if settings.second_look.is_empty() => vec![w.setting_second_look_none()],
        "second-look" => settings.second_look.iter().map(|it| names::review(w, *it)).collect(),
        "calendar" => calendar(w, dates, &settings.calendar),
        "tariffs" => settings.tariffs.iter().map(|rule| tariff(w, dates, rule)).collect(),
        "same-day-arrive-by" => {
            let pattern = if dates.language == L10n::Id { "%H.%M" } else { "%H:%M" };
            vec![settings.same_day_arrive_by.format(pattern).to_string()]
        }
        _ => vec![plain(value)],
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn class(w: &L10nLanguage, dates: Dates, rule: &QueueClassRule) -> String {
    let name = if dates.language == L10n::Id { &rule.name_id } else { &rule.name_en };
    let mut said = vec![names::stage(w, rule.stage)];
    said.extend(rule.channels.iter().map(|channel| names::channel(w, *channel)));
    said.extend(rule.priority.then(|| w.setting_class_priority()));
    said.extend(rule.every_calls.map(|every| w.setting_class_every(every)));
    format!("{} {name}: {}", rule.letter.letter(), said.join(", "))
}

/// When a channel is open without a booking, for how many and for what.
pub fn walk_in(w: &L10nLanguage, dates: Dates, rule: &WalkInRule) -> String {
    let days: Vec<&str> = rule.weekdays.iter().filter_map(|day| dates.weekday(*day)).collect();
    let kinds: Vec<String> = rule.kinds.iter().map(|kind| names::kind(w, kind.kind())).collect();
    let line = if rule.needs_line { w.setting_walk_in_needs_line() } else { String::new() };
    let told = w.setting_walk_in_told(
        names::channel(w, rule.channel),
        days.join(", "),
        dates.hour(rule.from),
        dates.hour(rule.until),
        rule.quota,
        kinds.join(", "),
    );
    format!("{told}{line}")
}

fn fingers(w: &L10nLanguage, rule: &FingerRule) -> String {
    let from = i64::from(rule.from_age_years);
    match rule.positions.len() {
        0 => w.setting_fingers_none(from),
        10 => w.setting_fingers_all(from),
        _ => {
            let list = rule.positions.iter().map(|position| names::finger(w, position.code()));
            w.setting_fingers_some(from, list.collect::<Vec<_>>().join(", "))
        }
    }
}

fn calendar(w: &L10nLanguage, dates: Dates, calendar: &Calendar) -> Vec<String> {
    let weekdays: Vec<&str> = calendar.weekdays.iter().filter_map(|day| dates.weekday(*day)).collect();
    let days = |days: &std::collections::BTreeSet<chrono::NaiveDate>| {
        days.iter().map(|day| dates.day(*day)).collect::<Vec<_>>().join(", ")
    };
    let mut lines = vec![w.setting_calendar_weekdays(weekdays.join(", "))];
    if calendar.holidays.is_empty() {
        lines.push(w.setting_calendar_no_holidays());
    } else {
        lines.push(w.setting_calendar_holidays(days(&calendar.holidays)));
    }
    if !calendar.extra_days.is_empty() {
        lines.push(w.setting_calendar_extra_days(days(&calendar.extra_days)));
    }
    lines
}

fn tariff(w: &L10nLanguage, dates: Dates, tariff: &Tariff) -> String {
    let prices = [
        (w.setting_tariff_ordinary_five(), tariff.ordinary_five_years_idr),
        (w.setting_tariff_ordinary_ten(), tariff.ordinary_ten_years_idr),
        (w.setting_tariff_electronic_five(), tariff.electronic_five_years_idr),
        (w.setting_tariff_electronic_ten(), tariff.electronic_ten_years_idr),
        (w.setting_tariff_same_day(), tariff.same_day_idr),
        (w.setting_tariff_lost(), tariff.lost_idr),
        (w.setting_tariff_damaged(), tariff.damaged_idr),
    ];
    let prices = prices.map(|(what, amount_idr)| format!("{what} {}", dates.rupiah(amount_idr)));
    let from = w.setting_tariff_from(dates.day(tariff.valid_from), tariff.regulation.as_str());
    format!("{from}: {}", prices.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::office::Zone;
    use crate::web::words::words;

    #[test]
    fn every_setting_is_told_in_words_and_none_as_it_is_kept() {
        for language in [L10n::Id, L10n::En] {
            let (w, dates) = (words(language), Dates { language, zone: Zone::Wib });
            for (name, value) in Settings::default().named() {
                assert_ne!(label(w, &name), name, "{name} has no words in settings.ftl");
                let told = told(w, dates, &name, &value).join("\n");
                assert!(!told.is_empty() && !told.contains(['{', '[', '"']), "{name}: {told}");
            }
        }
    }

    #[test]
    fn lists_say_what_holds() {
        let (w, dates) = (words(L10n::En), Dates { language: L10n::En, zone: Zone::Wib });
        let settings: std::collections::BTreeMap<_, _> = Settings::default().named().into_iter().collect();
        let told = |name: &str| told(w, dates, name, &settings[name]);
        assert_eq!(told("fingers"), ["From 0 years: none", "From 6 years: all ten"]);
        assert_eq!(told("calendar")[0], "Working days: Monday, Tuesday, Wednesday, Thursday, Friday");
        assert!(
            told("tariffs")[1].starts_with("From 17 December 2024 (PP 45/2024): "),
            "{:?}",
            told("tariffs")
        );
        assert!(told("queue-classes")[1].starts_with("B Priority: "), "{:?}", told("queue-classes"));
    }
}
