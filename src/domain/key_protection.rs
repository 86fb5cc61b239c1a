//! How a node's key is protected where it rests, as the trail keeps it.

use serde::{Deserialize, Serialize};

/// A way to protect the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyProtection {
    /// A file that its owner alone may read: whoever holds the disk holds the key.
    File,
    /// A passphrase somebody types at every start.
    Passphrase,
    /// The service manager hands it over, unsealed by a TPM or a key of the host.
    Credential,
}

impl KeyProtection {
    /// Whether a stolen disk gives away more than under `other`.
    pub fn is_weaker_than(self, other: Self) -> bool {
        self == Self::File && other != Self::File
    }
}

/// The key rests in another way since this start (about the node's own affairs).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyProtectionChanged {
    /// How it rests now.
    pub now: KeyProtection,
    /// How it rested when it was last noted.
    pub before: KeyProtection,
}

impl KeyProtectionChanged {
    /// Whether somebody has accepted less protection than there was.
    pub fn is_weakened(&self) -> bool {
        self.now.is_weaker_than(self.before)
    }
}

/// What a node's trail says when nothing was noted yet: every node starts with a file.
pub const AT_FIRST: KeyProtection = KeyProtection::File;

/// What there is to note about a start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AtStart {
    /// As before.
    Same,
    /// Another protection, to be noted.
    Changed(KeyProtectionChanged),
    /// Less than before, and nobody has accepted that.
    Weaker(KeyProtectionChanged),
}

/// Compares a start with what was last noted. Less protection than before never passes in silence.
pub fn at_start(last: Option<KeyProtection>, now: KeyProtection, accepted: bool) -> AtStart {
    let before = last.unwrap_or(AT_FIRST);
    let changed = KeyProtectionChanged { now, before };
    if now == before {
        AtStart::Same
    } else if changed.is_weakened() && !accepted {
        AtStart::Weaker(changed)
    } else {
        AtStart::Changed(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::KeyProtection::{Credential, File, Passphrase};
    use super::*;

    #[test]
    fn less_protection_needs_somebody_to_accept_it() {
        let changed = |now, before| AtStart::Changed(KeyProtectionChanged { now, before });
        assert_eq!(at_start(None, File, false), AtStart::Same);
        assert_eq!(at_start(None, Passphrase, false), changed(Passphrase, File));
        assert_eq!(at_start(Some(Passphrase), Credential, false), changed(Credential, Passphrase));
        let weaker = KeyProtectionChanged { now: File, before: Credential };
        assert_eq!(at_start(Some(Credential), File, false), AtStart::Weaker(weaker));
        assert_eq!(at_start(Some(Credential), File, true), changed(File, Credential));
        assert_eq!(at_start(Some(Credential), Credential, true), AtStart::Same);
    }
}
