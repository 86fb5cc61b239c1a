//! Working days: which days an office works and how deadlines count over them.
//!
//! Knows no public holidays by itself: the government sets them anew each year, so they are a setting.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};

/// The days an office works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Calendar {
    /// Days of the week, 1 Monday to 7 Sunday (ISO 8601).
    pub weekdays: BTreeSet<u8>,
    /// Days nobody works: *hari libur nasional* and *cuti bersama*.
    pub holidays: BTreeSet<NaiveDate>,
    /// Days worked although the week says otherwise, such as a weekend of *Paspor Simpatik*.
    pub extra_days: BTreeSet<NaiveDate>,
}

/// Further than this no deadline reaches; keeps the search finite when no weekday is set.
const SEARCH_DAYS_MAX: u16 = 3_660;

impl Default for Calendar {
    fn default() -> Self {
        Self { weekdays: (1..=5).collect(), holidays: BTreeSet::new(), extra_days: BTreeSet::new() }
    }
}

impl Calendar {
    /// Whether the office works on a day.
    pub fn is_working(&self, day: NaiveDate) -> bool {
        if self.extra_days.contains(&day) {
            return true;
        }
        let weekday = u8::try_from(day.weekday().number_from_monday()).unwrap_or(7);
        self.weekdays.contains(&weekday) && !self.holidays.contains(&day)
    }

    /// The day that lies `working_days` working days after `from`; `from` itself does not count. With nought the
    /// answer is `from`. A calendar without working days counts calendar days.
    pub fn add_working_days(&self, from: NaiveDate, working_days: u16) -> NaiveDate {
        let later = days_after(from).take(usize::from(SEARCH_DAYS_MAX));
        let nth = usize::from(working_days).checked_sub(1);
        match nth {
            None => from,
            Some(nth) => later
                .filter(|day| self.is_working(*day))
                .nth(nth)
                .unwrap_or_else(|| from.checked_add_days(Days::new(working_days.into())).unwrap_or(from)),
        }
    }
}

fn days_after(from: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    from.iter_days().skip(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn four_working_days_after_a_thursday_is_the_next_wednesday() {
        let calendar = Calendar::default();
        assert_eq!(calendar.add_working_days(day("2026-11-19"), 4), day("2026-11-25"));
    }

    #[test]
    fn a_holiday_and_a_weekend_do_not_count_and_an_extra_saturday_does() {
        let mut calendar = Calendar::default();
        calendar.holidays.insert(day("2026-12-25"));
        calendar.extra_days.insert(day("2026-12-26"));
        assert_eq!(calendar.add_working_days(day("2026-12-24"), 1), day("2026-12-26"));
        assert_eq!(calendar.add_working_days(day("2026-12-24"), 2), day("2026-12-28"));
    }

    #[test]
    fn nought_working_days_is_the_day_itself_and_an_empty_week_counts_calendar_days() {
        let never = Calendar { weekdays: BTreeSet::new(), ..Calendar::default() };
        assert_eq!(Calendar::default().add_working_days(day("2026-11-21"), 0), day("2026-11-21"));
        assert_eq!(never.add_working_days(day("2026-11-21"), 3), day("2026-11-24"));
    }
}
