//! People: the applicant and those who come with a child.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::number::is_separator;
use super::setting::Settings;

/// *Nomor Induk Kependudukan*, 16 digits without a check digit. What its digits say about birth, sex and place is a
/// hint for the officer and never a reason to refuse (DOMAIN.md §4).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Nik(String);

/// Why a text is not a NIK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NikError {
    /// Not 16 digits.
    #[error("a NIK has 16 digits, {found} found")]
    Length {
        /// How many there were.
        found: usize,
    },
    /// Something that is no digit.
    #[error("a NIK has only digits")]
    NotADigit,
}

impl Nik {
    /// Reads a NIK; spaces, dots and hyphens between groups are ignored.
    pub fn parse(text: &str) -> Result<Self, NikError> {
        let digits: String = text.chars().filter(|c| !is_separator(*c)).collect();
        if !digits.chars().all(|c| c.is_ascii_digit()) {
            return Err(NikError::NotADigit);
        }
        if digits.len() == 16 { Ok(Self(digits)) } else { Err(NikError::Length { found: digits.len() }) }
    }

    /// The 16 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Nik {
    type Error = NikError;
    fn try_from(text: String) -> Result<Self, NikError> {
        Self::parse(&text)
    }
}

impl From<Nik> for String {
    fn from(nik: Nik) -> String {
        nik.0
    }
}

/// As in the passport's own field: F, M or X (ICAO 9303-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Sex {
    /// Female.
    F,
    /// Male.
    M,
    /// Unspecified.
    X,
}

/// *Status sipil.*
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CivilStatus {
    /// *Belum kawin.*
    Single,
    /// *Kawin.*
    Married,
    /// *Cerai hidup.*
    Divorced,
    /// *Cerai mati.*
    Widowed,
}

/// The person the passport is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Full name as on the identity card; a single name is a whole name.
    pub name: String,
    /// The NIK.
    pub nik: Nik,
    /// Date of birth as the papers say, which may differ from the NIK.
    pub born_on: NaiveDate,
    /// Place of birth.
    pub birthplace: String,
    /// Sex.
    pub sex: Sex,
    /// Civil status.
    pub civil_status: CivilStatus,
    /// Address.
    #[serde(default)]
    pub address: String,
    /// Occupation.
    #[serde(default)]
    pub occupation: String,
}

/// How somebody who comes with a child is related to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// Mother.
    Mother,
    /// Father.
    Father,
    /// *Wali*.
    Guardian,
}

/// A parent or guardian of an applicant who is a child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guardian {
    /// Full name.
    pub name: String,
    /// The NIK.
    pub nik: Nik,
    /// Mother, father or guardian.
    pub relation: Relation,
}

/// Where the applicant is told things.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Contact {
    /// E-mail address, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Mobile number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

impl Person {
    /// Completed years on a day; nought before birth.
    pub fn age_on(&self, day: NaiveDate) -> u32 {
        day.years_since(self.born_on).unwrap_or(0)
    }

    /// Applies as a child: under age and never married (DOMAIN.md §1.2).
    pub fn is_child(&self, on: NaiveDate, settings: &Settings) -> bool {
        self.civil_status == CivilStatus::Single && self.age_on(on) < settings.adult_age_years
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::person;

    #[test]
    fn a_nik_is_sixteen_digits_and_nothing_more_is_asked_of_it() {
        assert!(Nik::parse("9101 0101 0190 0001").is_ok());
        assert!(Nik::parse("3171018108450001").is_ok());
        assert_eq!(Nik::parse("317101810845000"), Err(NikError::Length { found: 15 }));
        assert_eq!(Nik::parse("31710181084500O1"), Err(NikError::NotADigit));
    }

    #[test]
    fn somebody_is_a_child_until_seventeen_unless_married() {
        let cases = [
            ("2009-11-24", CivilStatus::Single, true),
            ("2009-11-23", CivilStatus::Single, false),
            ("2009-11-24", CivilStatus::Married, false),
            ("2009-11-24", CivilStatus::Widowed, false),
            ("2027-01-01", CivilStatus::Single, true),
        ];
        for (born_on, civil_status, expected) in cases {
            let person = Person { born_on: born_on.parse().unwrap(), civil_status, ..person() };
            let on = "2026-11-23".parse().unwrap();
            assert_eq!(person.is_child(on, &Settings::default()), expected, "{born_on} {civil_status:?}");
        }
    }
}
