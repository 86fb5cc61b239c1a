//! How a node's key is protected: what the key file says, as facts and people say it.

use loket_sync::Protection;

use crate::domain::key_protection::KeyProtection;

/// As facts say it.
pub fn as_fact(protection: Protection) -> KeyProtection {
    match protection {
        Protection::File => KeyProtection::File,
        Protection::Passphrase => KeyProtection::Passphrase,
        Protection::Credential => KeyProtection::Credential,
    }
}

/// Its name on the command line.
pub fn name(protection: KeyProtection) -> &'static str {
    match protection {
        KeyProtection::File => Protection::File.name(),
        KeyProtection::Passphrase => Protection::Passphrase.name(),
        KeyProtection::Credential => Protection::Credential.name(),
    }
}
