//! A visit: somebody stands at the counter, papers are checked.

use serde::{Deserialize, Serialize};

use super::booking::Slot;
use super::document::CheckedDocument;
use super::office::OfficeCode;

/// When somebody came, against the booked interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Punctuality {
    /// Before the interval and its tolerance.
    Early,
    /// In time.
    OnTime,
    /// After the interval.
    Late,
}

/// The applicant stands at the counter (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrived {
    /// Early, on time or late.
    pub punctuality: Punctuality,
    /// The slot the office had on record then: shows later that it was moved meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<Slot>,
    /// What the officer noted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// The originals were compared with the uploads (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentsChecked {
    /// Line by line.
    pub documents: Vec<CheckedDocument>,
}

/// An arrival was entered by mistake and is taken back, before anything followed from it (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrivalWithdrawn {
    /// Why.
    pub reason: String,
}

/// The office gives up its visit, because the same applicant is served at another office (office, supervisor).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitYielded {
    /// Why.
    pub reason: String,
}

/// Headquarters settled whose visit holds when somebody was served at two offices (registry).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitChosen {
    /// The office whose visit holds.
    pub office: OfficeCode,
    /// Why.
    pub reason: String,
}

/// Somebody opened the application page (office or registry); kept for the audit trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewed {
    /// Which page.
    pub page: String,
}
