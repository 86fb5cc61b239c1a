//! What is applied for: new or replacement, which book, how long it is valid, by which channel.

use serde::{Deserialize, Serialize};

/// Why an old passport is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReplacementReason {
    /// *Habis masa berlaku.*
    Expired,
    /// *Halaman penuh.*
    Full,
    /// *Hilang*: walk-in with a police report and an examination (BAP).
    Lost,
    /// *Rusak*: walk-in with an examination (BAP).
    Damaged,
    /// *Hilang kahar*: lost by disaster, no penalty.
    LostByDisaster,
    /// *Rusak kahar*: damaged by disaster, no penalty.
    DamagedByDisaster,
}

/// *Baru* or *penggantian*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApplicationKind {
    /// Never had a passport.
    New,
    /// Replaces an older one.
    Replacement(ReplacementReason),
}

/// The kind of book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Product {
    /// *Paspor biasa nonelektronik.*
    Ordinary,
    /// *Paspor elektronik.*
    Electronic,
    /// *Paspor elektronik polikarbonat.*
    Polycarbonate,
}

/// How long the book is valid. Ten years only from 17 years of age or when married (Permenkumham 18/2022 art. 2A).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Validity {
    /// Five years.
    #[serde(rename = "5")]
    FiveYears,
    /// Ten years.
    #[serde(rename = "10")]
    TenYears,
}

/// How the applicant comes to the counter; quotas and queue classes hang on it (DOMAIN.md §2.2, §2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// Booked with M-Paspor.
    MPaspor,
    /// Walk-in of a priority group (*Layanan Ramah HAM*).
    Priority,
    /// *Percepatan*, ready the same day.
    SameDay,
    /// Weekend walk-in (*Paspor Simpatik*).
    Simpatik,
    /// Collective service away from the office (*Eazy Passport*).
    Eazy,
    /// Examination of a lost or damaged passport (*BAP*).
    Examination,
}

/// Why somebody is served first without a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PriorityGround {
    /// *Lansia*, 60 years and over.
    Elderly,
    /// *Balita*, up to five years.
    Toddler,
    /// *Penyandang disabilitas.*
    Disability,
    /// *Ibu hamil* or *menyusui*.
    Pregnant,
    /// Sick.
    Sick,
}

/// What one application asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Service {
    /// New or replacement.
    pub kind: ApplicationKind,
    /// Which book.
    pub product: Product,
    /// For how long.
    pub validity: Validity,
    /// By which channel.
    pub channel: Channel,
}
