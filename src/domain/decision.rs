//! Adjudication at headquarters.

use serde::{Deserialize, Serialize};

/// Headquarters approved (registry).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// Which capture it looked at: the round of [`super::capture::CaptureCompleted`].
    pub round: u16,
    /// What was noted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Headquarters refused (registry).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Which capture it looked at.
    pub round: u16,
    /// Why, in words for the applicant.
    pub reason: String,
}

/// The applicant was told something (registry).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicantTold {
    /// What about: `ready`, `approved`, `refused` …
    pub about: String,
    /// By which way: `e-mail`.
    pub by: String,
}

/// The decision in force, derived from the facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Headquarters has not decided on the capture that counts.
    Awaited,
    /// Approved.
    Approved(Approved),
    /// Refused.
    Refused(Refused),
}

impl Decision {
    /// The capture round that was decided on; 0 when none.
    pub fn round(&self) -> u16 {
        match self {
            Decision::Awaited => 0,
            Decision::Approved(approved) => approved.round,
            Decision::Refused(refused) => refused.round,
        }
    }
}
