//! Messages as letters, with the keys that are at hand; sealed where one side lacks a key.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::exchange::{Message, subjects_of};
use crate::ids::Subject;
use crate::keys::{NodeKey, NodePublic};
use crate::seal::SubjectKey;
use crate::wire::{self, KeyMap, Parcel, WireError};

/// Keys of subjects that are at hand: with them bodies travel as letters.
pub trait KeysAtHand: Send + Sync {
    /// The key of a subject, if it is here.
    fn key(&self, subject: &Subject) -> Option<SubjectKey>;
}

/// No keys: bodies travel as they are sealed.
struct NoKeys;

impl KeysAtHand for NoKeys {
    fn key(&self, _: &Subject) -> Option<SubjectKey> {
        None
    }
}

/// Writes and reads messages. A side that once lacked a key gets bodies sealed until the next start.
#[derive(Clone)]
pub(super) struct Letters {
    keys: Arc<dyn KeysAtHand>,
    here_sealed: Arc<AtomicBool>,
    there_sealed: Arc<AtomicBool>,
}

impl Default for Letters {
    fn default() -> Self {
        Self::with(Arc::new(NoKeys))
    }
}

impl Letters {
    pub(super) fn with(keys: Arc<dyn KeysAtHand>) -> Self {
        Self { keys, here_sealed: Arc::default(), there_sealed: Arc::default() }
    }

    /// The message as bytes: as letters if the registry's key is known and both sides have the subjects' keys.
    pub(super) fn encode(
        &self,
        message: &Message,
        registry: Option<&NodePublic>,
    ) -> Result<Vec<u8>, WireError> {
        let wants_sealed = self.here_sealed.load(Ordering::Relaxed);
        let asking = wants_sealed.then(|| Message { sealed: true, ..message.clone() });
        let message = asking.as_ref().unwrap_or(message);
        match registry.filter(|_| !self.there_sealed.load(Ordering::Relaxed)) {
            Some(registry) => wire::encode_for(message, registry, &self.keys_of(subjects_of(&message.runs))),
            None => wire::encode(message),
        }
    }

    /// Reads an answer; also says whether a key was missing for some of it. Then bodies are asked for sealed.
    pub(super) fn decode(&self, bytes: &[u8], node: &NodeKey) -> Result<(Message, bool), WireError> {
        let parcel = Parcel::open(bytes, Some(node))?;
        let mut keys = parcel.granted(node);
        keys.extend(self.keys_of(parcel.subjects()?));
        let (message, is_short) = parcel.into_message(&keys)?;
        self.here_sealed.fetch_or(is_short, Ordering::Relaxed);
        self.there_sealed.fetch_or(message.sealed, Ordering::Relaxed);
        Ok((message, is_short))
    }

    fn keys_of(&self, subjects: BTreeSet<Subject>) -> KeyMap {
        subjects.into_iter().filter_map(|subject| Some((subject, self.keys.key(&subject)?))).collect()
    }
}
