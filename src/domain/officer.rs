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

/// The most characters of a name.
pub const NAME_CHARS_MAX: usize = 100;

/// Whether somebody can be known by this login: 2 to 32 small letters, digits, dots or hyphens.
pub fn is_login(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
    (2..=32).contains(&text.len()) && text.chars().all(plain)
}

/// Whether a text can be the name that people know an officer by.
pub fn is_name(text: &str) -> bool {
    let chars = text.chars().count();
    (1..=NAME_CHARS_MAX).contains(&chars) && !text.trim().is_empty() && !text.chars().any(char::is_control)
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
