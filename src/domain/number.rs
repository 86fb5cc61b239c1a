//! The numbers printed on things: application, bill, receipt, book. Each is parsed once, at the edge.
//!
//! A number is checked for what is publicly known of it and no further (DOMAIN.md §2.4, §3): nothing is
//! read out of its digits.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a text is not the number it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NumberError {
    /// The wrong number of characters.
    #[error("{expected} characters expected, {found} found")]
    Length {
        /// How many there must be.
        expected: usize,
        /// How many there were.
        found: usize,
    },
    /// A character that cannot stand in this number.
    #[error("character {position} is not allowed here")]
    Character {
        /// Where, from 1.
        position: usize,
    },
}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $length:expr, $allowed:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads the number; spaces, dots and hyphens that people write between groups are ignored, letters become capitals.
            pub fn parse(text: &str) -> Result<Self, NumberError> {
                parse(text, $length, $allowed).map(Self)
            }

            /// The number as it is printed, without separators.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NumberError;
            fn try_from(text: String) -> Result<Self, NumberError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(number: $name) -> String {
                number.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

number!(
    /// *Nomor permohonan*: 16 digits under the barcode of the M-Paspor letter.
    ApplicationNumber, 16, |c| c.is_ascii_digit()
);
number!(
    /// *Kode billing* of SIMPONI: 15 digits.
    BillingCode, 15, |c| c.is_ascii_digit()
);
number!(
    /// *Nomor Transaksi Penerimaan Negara*: 16 letters and digits, one per deposit.
    Ntpn, 16, |c| c.is_ascii_digit() || c.is_ascii_uppercase()
);

/// What people put between the groups of a number; a number copied from a page has no-break spaces.
pub(super) fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '.' | '-')
}

fn parse(text: &str, expected: usize, allowed: fn(char) -> bool) -> Result<String, NumberError> {
    let mut number = String::with_capacity(expected);
    for (index, c) in text.trim().chars().enumerate() {
        if is_separator(c) {
            continue;
        }
        let c = c.to_ascii_uppercase();
        if !allowed(c) {
            return Err(NumberError::Character { position: index + 1 });
        }
        number.push(c);
    }
    if number.len() == expected {
        Ok(number)
    } else {
        Err(NumberError::Length { expected, found: number.len() })
    }
}

/// The serial of a blank book, which becomes the passport number: one or two letters, six or seven digits (soft rule,
/// DOMAIN.md §5.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BookNumber(String);

impl BookNumber {
    /// Reads a book number as scanned or typed.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let number: String =
            text.chars().filter(|c| !is_separator(*c)).map(|c| c.to_ascii_uppercase()).collect();
        let letters = number.chars().take_while(char::is_ascii_uppercase).count();
        let wrong = number.chars().skip(letters).position(|c| !c.is_ascii_digit());
        if !(1..=2).contains(&letters) {
            return Err(NumberError::Character { position: 1 });
        }
        if let Some(position) = wrong {
            return Err(NumberError::Character { position: letters + position + 1 });
        }
        if !(7..=9).contains(&number.len()) || !(6..=7).contains(&(number.len() - letters)) {
            return Err(NumberError::Length { expected: 8, found: number.len() });
        }
        Ok(Self(number))
    }

    /// The number as printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for BookNumber {
    type Error = NumberError;
    fn try_from(text: String) -> Result<Self, NumberError> {
        Self::parse(&text)
    }
}

impl From<BookNumber> for String {
    fn from(number: BookNumber) -> String {
        number.0
    }
}

impl std::fmt::Display for BookNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them_and_checked_no_further_than_is_known() {
        use NumberError::{Character, Length};
        let application = |text| ApplicationNumber::parse(text).map(String::from);
        assert_eq!(application(" 1179 0000-0000.0001 "), Ok("1179000000000001".to_owned()));
        assert_eq!(application("1179\u{a0}0000\u{a0}0000\u{a0}0001"), Ok("1179000000000001".to_owned()));
        assert_eq!(application("117900000000001"), Err(Length { expected: 16, found: 15 }));
        assert_eq!(application("117900000000000A"), Err(Character { position: 16 }));
        assert_eq!(application("11790000000000٠1"), Err(Character { position: 15 }));
        assert_eq!(Ntpn::parse("a1b2c3d4e5f6g7h8").map(String::from), Ok("A1B2C3D4E5F6G7H8".to_owned()));
        assert!(BillingCode::parse("820261120000001").is_ok());
        assert_eq!(application(""), Err(Length { expected: 16, found: 0 }));
    }

    #[test]
    fn a_book_number_has_one_or_two_letters_and_six_or_seven_digits() {
        for good in ["X0000001", "x 0000001", "XA123456", "A1234567", "XE1234567", "A123456"] {
            assert!(BookNumber::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "00000001", "ABC12345", "A12345", "A12345678", "A12B4567", "Á1234567"] {
            assert!(BookNumber::parse(bad).is_err(), "{bad}");
        }
    }
}
