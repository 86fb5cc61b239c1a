//! `demo.json`: what the demo has made, for people and scripts to read, and for the demo itself to go on from.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use loket_sync::Disk;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::actor::Role;
use crate::domain::number::{ApplicationNumber, Ntpn};

/// Name of the file in the demo's folder.
pub const RECORD_FILE: &str = "demo.json";

/// The record cannot be used.
#[derive(Debug, Error)]
pub enum RecordError {
    /// It is not what the demo wrote.
    #[error("{file} cannot be understood; remove the folder to begin anew")]
    Malformed {
        /// The file.
        file: PathBuf,
        /// Where it stops making sense.
        source: serde_json::Error,
    },
    /// The file system refused.
    #[error("{file} cannot be read or written")]
    Io {
        /// The file.
        file: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

/// What the demo has made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Address of the office's pages.
    pub office_url: String,
    /// Address of the registry.
    pub registry_url: String,
    /// Address of the hall display.
    pub display_url: String,
    /// Who may log in where.
    pub logins: Vec<Login>,
    /// The day everybody is booked for; none while the demo is being made.
    pub day: Option<NaiveDate>,
    /// Numbers booked for the day at the office; those that are paid and ordinary first.
    pub bookings: Vec<ApplicationNumber>,
    /// Their names, in the same order.
    pub names: Vec<String>,
    /// The same and two more, with what is special about each.
    pub cases: Vec<Case>,
    /// Key of the registry's interface for bookings and payments.
    pub channel_key: String,
    /// Key of the office's notices, for `loket notify`.
    pub notifier_key: String,
}

/// Somebody who may log in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The role.
    pub role: Role,
    /// The login name.
    pub name: String,
    /// The name people know.
    pub full_name: String,
    /// The password.
    pub password: String,
}

/// One booking and what is special about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its number.
    pub number: ApplicationNumber,
    /// The applicant.
    pub name: String,
    /// The applicant's NIK.
    pub nik: String,
    /// `paid`, `unpaid`, `expired`, `paid-unreported`, `paid-late`, `moved`, `other-day` or `other-office`.
    pub case: String,
    /// The receipt's number, when the applicant holds one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ntpn: Option<Ntpn>,
}

impl Record {
    /// Reads the record of a folder, if there is one.
    pub fn load(dir: &Path) -> Result<Option<Self>, RecordError> {
        let file = dir.join(RECORD_FILE);
        match fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|source| RecordError::Malformed { file, source }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(RecordError::Io { file, source }),
        }
    }

    /// Writes it, whole or not at all; it holds passwords, so its owner alone may read it.
    pub fn save(&self, dir: &Path) -> Result<(), RecordError> {
        let file = dir.join(RECORD_FILE);
        let save = || Disk::default().replace_private(&file, &serde_json::to_vec_pretty(self)?);
        save().map_err(|source| RecordError::Io { file: file.clone(), source })
    }

    /// The login of a role.
    pub fn login(&self, role: Role) -> Option<&Login> {
        self.logins.iter().find(|login| login.role == role)
    }
}
