//! Officers and devices: who may log in to a node.

use serde::{Deserialize, Serialize};

use super::actor::Role;

/// An officer was added, or got another name, password or roles (about the office's own affairs). The latest counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficerSet {
    /// Login name.
    pub login: String,
    /// The name people know.
    pub name: String,
    /// What the officer may do.
    pub roles: Vec<Role>,
    /// Argon2id hash of the password in PHC string form.
    pub password_hash: String,
}

/// An officer may no longer log in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficerDisabled {
    /// Login name.
    pub login: String,
}

/// What a device is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceKind {
    /// Desktop notices on an officer's machine.
    Notifier,
    /// A hall display.
    Display,
    /// A self check-in kiosk.
    Kiosk,
}

/// A device was given a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceSet {
    /// A name to tell it apart.
    pub name: String,
    /// What it is for.
    pub kind: DeviceKind,
    /// BLAKE3 hash of its key, in hexadecimal; the key itself is shown once and never kept.
    pub key_hash: String,
}

/// A device's key was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRevoked {
    /// Its name.
    pub name: String,
}
