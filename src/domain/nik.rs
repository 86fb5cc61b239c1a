//! What the digits of a NIK say: `PP KK CC DDMMYY SSSS` (DOMAIN.md §4). Hints for an officer, never a reason to refuse.
//!
//! Nothing here validates: there is no check digit, a corrected birth date leaves the NIK as it was, and a region's
//! code outlives the region.

use chrono::{Datelike, NaiveDate};

use super::person::{Nik, Sex};

/// What can be read from a NIK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NikHints {
    /// Province of first registration, two digits.
    pub province: u16,
    /// Regency or city of first registration, four digits, province included.
    pub regency: u16,
    /// Day of birth, 1 to 31; 0 when the digits are no day.
    pub day: u32,
    /// Month of birth as written.
    pub month: u32,
    /// Year of birth without its century, which a NIK does not tell.
    pub year_of_century: i32,
    /// A woman's day is written with 40 added.
    pub sex: Sex,
}

/// What is known of a region's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Region {
    /// A province of today.
    Known,
    /// A code that was given up, but stays in the NIK of those it was given to.
    Old,
    /// A code this version has never heard of.
    Unknown,
}

/// The 38 provinces (Kepmendagri 300.2.2-2430/2025).
const PROVINCES: [u16; 38] = [
    11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 31, 32, 33, 34, 35, 36, 51, 52, 53, 61, 62, 63, 64, 65, 71, 72,
    73, 74, 75, 76, 81, 82, 91, 92, 93, 94, 95, 96,
];

/// *Timor Timur*, until 1999.
const EAST_TIMOR: u16 = 54;

/// The 26 regencies whose codes ended when Papua and West Papua were divided in 2022.
const OLD_REGENCIES: [u16; 26] = [
    9101, 9102, 9104, 9107, 9108, 9109, 9112, 9113, 9114, 9116, 9117, 9118, 9121, 9122, 9123, 9124, 9125,
    9126, 9127, 9128, 9201, 9204, 9205, 9209, 9210, 9271,
];

impl Nik {
    /// What the digits say.
    pub fn hints(&self) -> NikHints {
        let digits = |from: usize, to: usize| {
            self.as_str()[from..to].bytes().fold(0, |sum, b| sum * 10 + u16::from(b - b'0'))
        };
        let (written_day, sex) = match digits(6, 8) {
            day @ 41..=71 => (day - 40, Sex::F),
            day => (day, Sex::M),
        };
        NikHints {
            province: digits(0, 2),
            regency: digits(0, 4),
            day: if (1..=31).contains(&written_day) { written_day.into() } else { 0 },
            month: digits(8, 10).into(),
            year_of_century: digits(10, 12).into(),
            sex,
        }
    }
}

impl NikHints {
    /// Whether a date of birth is the one written in the NIK; the century is taken from the date.
    pub fn agrees_with_birth(&self, born_on: NaiveDate) -> bool {
        (born_on.day(), born_on.month(), born_on.year().rem_euclid(100))
            == (self.day, self.month, self.year_of_century)
    }

    /// Whether the sex is the one written in the NIK; unspecified agrees with both.
    pub fn agrees_with_sex(&self, sex: Sex) -> bool {
        sex == Sex::X || sex == self.sex
    }

    /// What is known of the region.
    pub fn region(&self) -> Region {
        if OLD_REGENCIES.contains(&self.regency) || self.province == EAST_TIMOR {
            Region::Old
        } else if PROVINCES.contains(&self.province) {
            Region::Known
        } else {
            Region::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nik_is_compared_with_the_papers_and_never_refused() {
        let cases = [
            ("3171010101900001", "1990-01-01", Sex::M, true, true, Region::Known),
            ("3171014101010001", "2001-01-01", Sex::F, true, true, Region::Known),
            ("3171014101010001", "1901-01-01", Sex::F, true, true, Region::Known),
            ("3171014101010001", "2001-01-01", Sex::M, true, false, Region::Known),
            ("3171010101900001", "1990-02-01", Sex::X, false, true, Region::Known),
            ("9101010101900001", "1990-01-01", Sex::M, true, true, Region::Old),
            ("9301010101900001", "1990-01-01", Sex::M, true, true, Region::Known),
            ("9271010101900001", "1990-01-01", Sex::M, true, true, Region::Old),
            ("5401010101900001", "1990-01-01", Sex::M, true, true, Region::Old),
            ("9901010101900001", "1990-01-01", Sex::M, true, true, Region::Unknown),
            ("3171018108450001", "1945-08-01", Sex::M, false, true, Region::Known),
        ];
        for (nik, born_on, sex, birth, of_sex, region) in cases {
            let hints = Nik::parse(nik).unwrap().hints();
            assert_eq!(hints.agrees_with_birth(born_on.parse().unwrap()), birth, "{nik} {born_on}");
            assert_eq!(hints.agrees_with_sex(sex), of_sex, "{nik} {sex:?}");
            assert_eq!(hints.region(), region, "{nik}");
        }
    }
}
