//! A booking: who comes, for what, where and when; and what the registry does with it later.

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use super::document::UploadedDocument;
use super::number::ApplicationNumber;
use super::office::OfficeCode;
use super::person::{Contact, Guardian, Person};
use super::service::{PriorityGround, Service};

/// The interval somebody is expected in, in the office's own time. Any interval: offices cut their day as they like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Slot {
    /// The day.
    pub day: NaiveDate,
    /// First minute.
    pub from: NaiveTime,
    /// First minute after.
    pub until: NaiveTime,
}

/// *Perdim elektronik*: what the applicant declared about the journey. Every part may be absent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Questionnaire {
    /// Purpose of travel as chosen by the applicant (Wisata, Umroh, Haji, Bekerja …).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Country of destination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// Number of the passport held before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_passport: Option<String>,
    /// Year the old passport was issued; full papers are needed before 2009.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_passport_year: Option<u16>,
}

/// An appointment was made (registry).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booked {
    /// The 16-digit number.
    pub number: ApplicationNumber,
    /// Where.
    pub office: OfficeCode,
    /// When.
    pub slot: Slot,
    /// For whom.
    pub applicant: Person,
    /// Who comes along with a child.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guardians: Vec<Guardian>,
    /// For what.
    pub service: Service,
    /// Why first, when the channel is priority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<PriorityGround>,
    /// Papers that were uploaded.
    pub documents: Vec<UploadedDocument>,
    /// What was declared.
    #[serde(default)]
    pub questionnaire: Questionnaire,
    /// Where to tell the applicant things.
    #[serde(default)]
    pub contact: Contact,
}

/// The appointment moved (registry).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rescheduled {
    /// The new interval.
    pub slot: Slot,
    /// Why, in the words of whoever did it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The same appointment stands again, because a late payment came while it still had room.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reinstated: bool,
}

/// The booking was cancelled (registry).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    /// Why.
    pub reason: String,
}
