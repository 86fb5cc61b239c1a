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

fn parse(text: &str, expected: usize, allowed: fn(char) -> bool) -> Result<String, NumberError> {
    let mut number = String::with_capacity(expected);
    for (index, c) in text.trim().chars().enumerate() {
        if matches!(c, ' ' | '.' | '-') {
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
            text.chars().filter(|c| !matches!(c, ' ' | '.' | '-')).map(|c| c.to_ascii_uppercase()).collect();
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
