//! The book: from a blank's number to the hand that takes it.

use serde::{Deserialize, Serialize};

use super::number::BookNumber;

/// *Alokasi*: a blank was given to the approved application (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookAllocated {
    /// The blank's number, scanned.
    pub book: BookNumber,
}

/// *Cetak*: printed (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookPrinted {
    /// Which.
    pub book: BookNumber,
}

/// What is wrong with a printed book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Defect {
    /// Print is smeared, shifted or faint.
    Print,
    /// Wrong data on the page.
    Data,
    /// The chip cannot be read.
    Chip,
    /// The book itself is damaged.
    Book,
}

/// *Uji kualitas* (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookChecked {
    /// Which.
    pub book: BookNumber,
    /// `None` when it is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub defect: Option<Defect>,
}

/// The passport is ready to be collected (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookReady {
    /// Which.
    pub book: BookNumber,
    /// Where it lies in the safe.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub shelf: String,
}

/// Who took the book (Permenkumham 8/2014 art. 23).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Collector {
    /// The applicant, with proof of payment and identity.
    Applicant,
    /// Family on the same family card, with its copy and identity.
    Family {
        /// Name.
        name: String,
        /// Identity number shown.
        identity: String,
    },
    /// Somebody else with a power of attorney and identity.
    Proxy {
        /// Name.
        name: String,
        /// Identity number shown.
        identity: String,
        /// Number or date of the *surat kuasa*.
        authority: String,
    },
}

/// The book was handed over (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedOver {
    /// Which.
    pub book: BookNumber,
    /// To whom.
    pub collector: Collector,
}

/// The book was cancelled (office or registry), for example not collected in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookCancelled {
    /// Which.
    pub book: BookNumber,
    /// Why.
    pub reason: String,
}

/// Where the book stands, derived from the facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BookState {
    /// No blank yet.
    None,
    /// A blank is set aside.
    Allocated(BookNumber),
    /// Printed.
    Printed(BookNumber),
    /// Good.
    Passed(BookNumber),
    /// Spoilt; another blank is needed.
    Defective(BookNumber, Defect),
    /// To be collected.
    Ready(BookReady),
    /// Gone.
    HandedOver(HandedOver),
    /// Cancelled.
    Cancelled(BookCancelled),
}
