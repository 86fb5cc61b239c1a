//! The office's calendar: its working week, holidays, and days worked although the week says otherwise.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use super::{ActionError, Asker, settings};
use crate::domain::calendar::Calendar;
use crate::domain::setting::SettingError;
use crate::office::store::{Acted, Store};

/// Days this long past leave the calendar when it is changed: a setting stays small, and no deadline reaches so far back.
const KEPT_DAYS: Days = Days::new(400);

/// A change of the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Nobody works on this day.
    Holiday(NaiveDate),
    /// This day is worked.
    ExtraDay(NaiveDate),
    /// The week decides about this day again.
    AsTheWeek(NaiveDate),
    /// The days of the week that are worked, 1 Monday to 7 Sunday.
    Week(BTreeSet<u8>),
}

/// Changes the calendar from today on.
pub async fn change(store: &Store, asker: Asker, change: Change) -> Result<Acted, ActionError> {
    let today = store.office().zone.day(store.clock().now());
    let calendar = changed(store.settings(today)?.calendar, change, today);
    if calendar.weekdays.is_empty() {
        return Err(SettingError::Unsound.into());
    }
    let value = serde_json::to_value(calendar).map_err(SettingError::Unreadable)?;
    settings::set(store, asker, "calendar", today, value).await
}

fn changed(mut calendar: Calendar, change: Change, today: NaiveDate) -> Calendar {
    match change {
        Change::Holiday(day) => {
            calendar.extra_days.remove(&day);
            calendar.holidays.insert(day);
        }
        Change::ExtraDay(day) => {
            calendar.holidays.remove(&day);
            calendar.extra_days.insert(day);
        }
        Change::AsTheWeek(day) => {
            calendar.holidays.remove(&day);
            calendar.extra_days.remove(&day);
        }
        Change::Week(weekdays) => calendar.weekdays = weekdays,
    }
    let oldest = today.checked_sub_days(KEPT_DAYS).unwrap_or(today);
    calendar.holidays.retain(|day| *day >= oldest);
    calendar.extra_days.retain(|day| *day >= oldest);
    calendar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_one_thing_at_a_time_and_old_days_go() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let today = day("2026-11-23");
        let mut calendar = Calendar::default();
        calendar.holidays.insert(day("2024-12-25"));
        let calendar = changed(calendar, Change::Holiday(day("2026-12-25")), today);
        assert_eq!(calendar.holidays.len(), 1);
        assert!(!calendar.is_working(day("2026-12-25")));
        let calendar = changed(calendar, Change::ExtraDay(day("2026-12-25")), today);
        assert!(calendar.is_working(day("2026-12-25")) && calendar.holidays.is_empty());
        let calendar = changed(calendar, Change::AsTheWeek(day("2026-12-25")), today);
        assert_eq!(calendar, Calendar::default());
        let calendar = changed(calendar, Change::Week([1, 2, 3, 4, 6].into()), today);
        assert!(calendar.is_working(day("2026-11-28")) && !calendar.is_working(day("2026-11-27")));
    }
}
