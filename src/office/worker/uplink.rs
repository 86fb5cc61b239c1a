//! The keys that are at hand on the way to headquarters: facts travel as letters by them.

use loket_sync::http::client::KeysAtHand;
use loket_sync::{JournalReader, Subject, SubjectKey};

/// The keys of an office's journals.
pub(super) struct JournalKeys(pub(super) JournalReader);

impl KeysAtHand for JournalKeys {
    fn key(&self, subject: &Subject) -> Option<SubjectKey> {
        self.0.key(subject)
    }
}
