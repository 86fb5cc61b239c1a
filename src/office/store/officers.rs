//! Officers and devices as they stand now.

use chrono::{DateTime, Utc};

use super::{Store, StoreError, load, tables};
use crate::domain::actor::{Actor, Role};
use crate::domain::fact::Fact;
use crate::domain::key_protection::{AT_FIRST, KeyProtection, KeyProtectionChanged};
use crate::domain::officer::DeviceKind;
use crate::domain::setting::SettingSet;

/// An officer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Officer {
    /// Login name.
    pub login: String,
    /// The name people know.
    pub name: String,
    /// What they may do.
    pub roles: Vec<Role>,
    /// Argon2id hash in PHC string form.
    pub password_hash: String,
    /// Whether they may no longer log in.
    pub disabled: bool,
}

impl Officer {
    /// As whom their acts are recorded.
    pub fn actor(&self) -> Actor {
        Actor::Officer { login: self.login.clone(), name: self.name.clone() }
    }
}

/// A device that holds a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// A name to tell it apart.
    pub name: String,
    /// What it is for.
    pub kind: DeviceKind,
    /// BLAKE3 hash of its key, in hexadecimal.
    pub key_hash: String,
    /// When it got the key.
    pub set_at: DateTime<Utc>,
    /// Whether the key was taken back.
    pub revoked: bool,
}

/// A value a setting was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenSetting {
    /// The setting, its first day and its value.
    pub set: SettingSet,
    /// Who gave it.
    pub by: Actor,
    /// When.
    pub at: DateTime<Utc>,
}

impl Store {
    /// How the node's key was protected when that last changed, and since when; `None` when it never did.
    pub fn key_protection(&self) -> Result<Option<(KeyProtectionChanged, DateTime<Utc>)>, StoreError> {
        let row = tables::KEY_PROTECTION.get(&self.shared().tree, &[])?;
        Ok(row.map(|(_, changed, at)| (changed, at)))
    }

    /// How the node's key was last protected, read from the office's own journal: as long as it takes to read that once.
    /// For a start whose tables are not there yet; `None` when it never changed. What is damaged there ends the reading: it
    /// must not keep the office closed, and the change goes on record once it is mended.
    pub fn key_protection_in_journal(&self) -> Option<KeyProtection> {
        let (reader, own) = (self.reader(), self.own_stream());
        let kind =
            Fact::KeyProtectionChanged(KeyProtectionChanged { now: AT_FIRST, before: AT_FIRST }).kind();
        let mut elsewhere = reader.vector();
        elsewhere.retain(|have| have.stream != own);
        let mut last = None;
        for record in reader.scan(&elsewhere) {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    tracing::error!(%error, "The office's journal cannot be read to its end");
                    break;
                }
            };
            if record.header.kind != kind {
                continue;
            }
            let Ok(Some((entry, _))) = load::read(&reader, &record) else { continue };
            if let Fact::KeyProtectionChanged(changed) = entry.fact
                && last.is_none_or(|(order, _)| order <= entry.order)
            {
                last = Some((entry.order, changed.now));
            }
        }
        last.map(|(_, now)| now)
    }
}
