//! Settings: every number and list that differs between offices or changes with time, each with the day it holds from.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A setting took a new value from a day on (about the office's own affairs).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingSet {
    /// Its name, as in the settings page.
    pub name: String,
    /// First day it holds.
    pub valid_from: NaiveDate,
    /// The value.
    pub value: serde_json::Value,
}

/// The settings that hold on one day at one office.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {}
