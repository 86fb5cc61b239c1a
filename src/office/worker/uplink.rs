//! What is at hand on the way to headquarters: by the keys facts travel as letters, by the hashes runs are joined.

use loket_sync::http::client::AtHand;
use loket_sync::{Hash, JournalReader, Pos, Subject, SubjectKey};

/// What an office's journals hold.
pub(super) struct JournalAtHand(pub(super) JournalReader);

impl AtHand for JournalAtHand {
    fn key(&self, subject: &Subject) -> Option<SubjectKey> {
        self.0.key(subject)
    }

    fn hash(&self, pos: &Pos) -> Option<Hash> {
        // What cannot be read here is asked for whole.
        self.0.hash_at(pos).ok().flatten()
    }
}
