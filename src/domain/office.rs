//! An office: its code, its name and its time zone.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// A short name of an office, the same in streams, settings and addresses: lower case letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OfficeCode(String);

impl OfficeCode {
    /// Reads a code; `None` when it is empty, longer than 32 characters or holds other characters.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let fits = !text.is_empty() && text.len() <= 32 && text.chars().all(plain);
        fits.then(|| Self(text.to_owned()))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for OfficeCode {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("{text:?} is not an office code"))
    }
}

impl From<OfficeCode> for String {
    fn from(code: OfficeCode) -> String {
        code.0
    }
}

impl std::fmt::Display for OfficeCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The three Indonesian time zones. None of them has summer time, so a fixed offset is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Zone {
    /// Western Indonesia, UTC+7.
    #[default]
    Wib,
    /// Central Indonesia, UTC+8.
    Wita,
    /// Eastern Indonesia, UTC+9.
    Wit,
}

impl Zone {
    /// The abbreviation people write behind a time.
    pub fn abbreviation(self) -> &'static str {
        match self {
            Zone::Wib => "WIB",
            Zone::Wita => "WITA",
            Zone::Wit => "WIT",
        }
    }

    fn hours(self) -> i32 {
        match self {
            Zone::Wib => 7,
            Zone::Wita => 8,
            Zone::Wit => 9,
        }
    }

    /// An instant as the office's wall clock shows it.
    pub fn local(self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        match FixedOffset::east_opt(self.hours() * 3600) {
            Some(offset) => at.with_timezone(&offset),
            None => at.fixed_offset(),
        }
    }

    /// The office's calendar day at an instant.
    pub fn day(self, at: DateTime<Utc>) -> NaiveDate {
        self.local(at).date_naive()
    }
}

/// What is known of an office on paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Office {
    /// Its short name.
    pub code: OfficeCode,
    /// Its full name, for example *Kantor Imigrasi Kelas II TPI Tanjung Balai Karimun*.
    pub name: String,
    /// Its time zone.
    pub zone: Zone,
}
