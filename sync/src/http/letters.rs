//! Messages as letters, with the keys that are at hand; sealed where one side lacks a key.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::exchange::{Message, subjects_of};
use crate::ids::{Hash, Pos, Subject};
use crate::keys::{NodeKey, NodePublic};
use crate::seal::SubjectKey;
use crate::wire::{self, HashesAt, KeyMap, Lacking, Parcel, WireError};

/// What is at hand here: with it most of a message need not travel.
pub trait AtHand: Send + Sync {
    /// The key of a subject, if it is here: bodies travel as letters.
    fn key(&self, subject: &Subject) -> Option<SubjectKey>;

    /// The hash of a record, if it is here: runs travel without that of the record before.
    fn hash(&self, pos: &Pos) -> Option<Hash>;
}

/// Nothing: bodies travel as they are sealed, and runs whole.
struct Nothing;

impl AtHand for Nothing {
    fn key(&self, _: &Subject) -> Option<SubjectKey> {
        None
    }

    fn hash(&self, _: &Pos) -> Option<Hash> {
        None
    }
}

/// Writes and reads messages. A side that once lacked a key gets bodies sealed until the next start; one that lacks what a
/// run goes on from gets runs whole once.
#[derive(Clone)]
pub(super) struct Letters {
    at_hand: Arc<dyn AtHand>,
    here_sealed: Arc<AtomicBool>,
    there_sealed: Arc<AtomicBool>,
    here_whole: Arc<AtomicBool>,
}

impl Default for Letters {
    fn default() -> Self {
        Self::with(Arc::new(Nothing))
    }
}

impl Letters {
    pub(super) fn with(at_hand: Arc<dyn AtHand>) -> Self {
        Self {
            at_hand,
            here_sealed: Arc::default(),
            there_sealed: Arc::default(),
            here_whole: Arc::default(),
        }
    }

    /// The message as bytes: as letters if the registry's key is known and both sides have the subjects' keys.
    pub(super) fn encode(
        &self,
        message: &Message,
        registry: Option<&NodePublic>,
    ) -> Result<Vec<u8>, WireError> {
        let sealed = self.here_sealed.load(Ordering::Relaxed);
        let joins = message.joins && !self.here_whole.load(Ordering::Relaxed);
        let is_other = (sealed, joins) != (message.sealed, message.joins);
        let asking = is_other.then(|| Message { joins, sealed, ..message.clone() });
        let message = asking.as_ref().unwrap_or(message);
        match registry.filter(|_| !self.there_sealed.load(Ordering::Relaxed)) {
            Some(registry) => {
                let keys = self.keys_of(subjects_of(&message.runs));
                wire::encode_once(message, Some((registry, &keys)))
            }
            None => wire::encode_once(message, None),
        }
    }

    /// Reads an answer; also says what was lacking for some of it. Then that is asked for in the next message.
    pub(super) fn decode(
        &self,
        bytes: &[u8],
        node: &NodeKey,
        registry: Option<&NodePublic>,
    ) -> Result<(Message, Lacking), WireError> {
        let parcel = Parcel::open(bytes, Some(node))?;
        let mut keys = parcel.granted(node);
        keys.extend(self.keys_of(parcel.subjects()?));
        let before: HashesAt =
            parcel.before()?.into_iter().filter_map(|pos| Some((pos, self.at_hand.hash(&pos)?))).collect();
        let sender = registry.map(NodePublic::id);
        let at_hand = wire::AtHand { sender, keys: &keys, before: &before };
        let (message, lacking) = parcel.into_message(at_hand)?;
        self.here_sealed.fetch_or(lacking.keys, Ordering::Relaxed);
        self.there_sealed.fetch_or(message.sealed, Ordering::Relaxed);
        self.here_whole.store(lacking.before, Ordering::Relaxed);
        Ok((message, lacking))
    }

    fn keys_of(&self, subjects: BTreeSet<Subject>) -> KeyMap {
        subjects.into_iter().filter_map(|subject| Some((subject, self.at_hand.key(&subject)?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::StoreId;

    #[test]
    fn the_same_message_is_never_the_same_bytes_and_says_the_same() {
        let message = Message::new(StoreId::NONE, 1_795_226_400_000, Vec::new());
        let (letters, registry) = (Letters::default(), NodeKey::from_seed([2; 32]));
        let made: BTreeSet<Vec<u8>> =
            (0..20).map(|_| letters.encode(&message, Some(&registry.public())).unwrap_or_default()).collect();
        assert!(made.len() > 10, "answers to these could be exchanged");
        assert!(made.iter().all(|bytes| wire::decode(bytes).as_ref() == Ok(&message)));
    }
}
