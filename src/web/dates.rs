//! Dates, times and money as people in the office read them: in the office's own zone, in the words of their language.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};

use super::words::{L10n, words};
use crate::domain::booking::Slot;
use crate::domain::office::Zone;

const DAYS_ID: [&str; 7] = ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"];
const DAYS_EN: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS_ID: [&str; 12] = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Writes dates for one language and one office.
#[derive(Debug, Clone, Copy)]
pub struct Dates {
    /// The language.
    pub language: L10n,
    /// The office's zone.
    pub zone: Zone,
}

impl Dates {
    /// `22 November 2026`.
    pub fn day(&self, day: NaiveDate) -> String {
        let month = self.month(day);
        format!("{} {month} {}", day.day(), day.year())
    }

    /// `22 Nov`, for narrow columns of the current year.
    pub fn short_day(&self, day: NaiveDate) -> String {
        let month: String = self.month(day).chars().take(3).collect();
        format!("{} {month}", day.day())
    }

    /// `Minggu, 22 November 2026`.
    pub fn long_day(&self, day: NaiveDate) -> String {
        let names = if self.language == L10n::Id { DAYS_ID } else { DAYS_EN };
        let index = day.weekday().num_days_from_monday() as usize;
        format!("{}, {}", names[index % 7], self.day(day))
    }

    /// `Senin`: a day of the week from its number, 1 Monday to 7 Sunday.
    pub fn weekday(&self, number: u8) -> Option<&'static str> {
        let names = if self.language == L10n::Id { DAYS_ID } else { DAYS_EN };
        names.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// `07.05` in Indonesian, `07:05` in English: the wall clock of the office.
    pub fn clock(&self, at: DateTime<Utc>) -> String {
        let pattern = if self.language == L10n::Id { "%H.%M" } else { "%H:%M" };
        self.zone.local(at).format(pattern).to_string()
    }

    /// `07.05 WIB`.
    pub fn time(&self, at: DateTime<Utc>) -> String {
        format!("{} {}", self.clock(at), self.zone.abbreviation())
    }

    /// `22 November 2026, 07.05 WIB`.
    pub fn moment(&self, at: DateTime<Utc>) -> String {
        format!("{}, {}", self.day(self.zone.day(at)), self.time(at))
    }

    /// The time alone when `at` is the day of `now`, else day and time: what a "since when" needs.
    pub fn since(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
        let day = self.zone.day(at);
        if day == self.zone.day(now) {
            self.time(at)
        } else {
            format!("{}, {}", self.short_day(day), self.time(at))
        }
    }

    /// How long ago: `12 menit`, `3 jam`, `2 hari`; below a minute in words.
    pub fn age(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
        let words = words(self.language);
        let minutes = (now - at).num_minutes().max(0);
        match minutes {
            0 => words.age_moment(),
            1..=89 => words.age_minutes(minutes),
            90..=2879 => words.age_hours((minutes + 30) / 60),
            _ => words.age_days(minutes / 1440),
        }
    }

    /// `08.00–09.00`.
    pub fn interval(&self, slot: &Slot) -> String {
        let pattern = if self.language == L10n::Id { "%H.%M" } else { "%H:%M" };
        format!("{}–{}", slot.from.format(pattern), slot.until.format(pattern))
    }

    /// `07.05` in Indonesian, `07:05` in English, of a time that is the office's own already.
    pub fn hour(&self, at: NaiveTime) -> String {
        at.format(if self.language == L10n::Id { "%H.%M" } else { "%H:%M" }).to_string()
    }

    /// `Rp350.000`.
    pub fn rupiah(&self, amount_idr: u64) -> String {
        let separator = if self.language == L10n::Id { '.' } else { ',' };
        let digits = amount_idr.to_string();
        let mut text = String::from("Rp");
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(separator);
            }
            text.push(digit);
        }
        text
    }

    fn month(self, day: NaiveDate) -> &'static str {
        let names = if self.language == L10n::Id { MONTHS_ID } else { MONTHS_EN };
        names[day.month0() as usize % 12]
    }
}

/// A 16-digit number in groups of four, as people read it aloud.
pub fn grouped(number: &str) -> String {
    let mut text = String::with_capacity(number.len() + number.len() / 4);
    for (index, c) in number.chars().enumerate() {
        if index > 0 && index.is_multiple_of(4) {
            text.push('\u{a0}');
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(language: L10n) -> Dates {
        Dates { language, zone: Zone::Wib }
    }

    #[test]
    fn an_evening_in_utc_is_the_next_morning_in_karimun() {
        let at = "2026-11-21T23:05:00Z".parse::<DateTime<Utc>>().unwrap();
        assert_eq!(dates(L10n::Id).moment(at), "22 November 2026, 06.05 WIB");
        assert_eq!(dates(L10n::En).time(at), "06:05 WIB");
        assert_eq!(dates(L10n::Id).long_day(Zone::Wib.day(at)), "Minggu, 22 November 2026");
    }

    #[test]
    fn money_is_grouped_the_way_it_is_read() {
        assert_eq!(dates(L10n::Id).rupiah(1_350_000), "Rp1.350.000");
        assert_eq!(dates(L10n::En).rupiah(650_000), "Rp650,000");
        assert_eq!(dates(L10n::Id).rupiah(0), "Rp0");
    }

    #[test]
    fn numbers_stand_in_fours() {
        assert_eq!(grouped("1179000000012345"), "1179\u{a0}0000\u{a0}0001\u{a0}2345");
    }
}
