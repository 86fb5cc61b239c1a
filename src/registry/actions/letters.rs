//! Messages of offices as bytes: read and written with the keys and records that are here.

use std::collections::BTreeSet;

use loket_sync::exchange::subjects_of;
use loket_sync::wire::{self, AtHand, HashesAt, KeyMap, Lacking, Parcel, WireError};
use loket_sync::{Message, Subject};

use super::exchange::{Peer, shared};
use super::{ActionError, Registry};

/// Reads a message of an office. Bodies that travelled as letters are sealed again with keys that the office holds:
/// of subjects its streams speak of, or that it brings along. Also says what was lacking.
pub async fn unpack(
    registry: &Registry,
    peer: &Peer,
    parcel: Parcel,
) -> Result<Result<(Message, Lacking), WireError>, ActionError> {
    let (subjects, before) = match (parcel.subjects(), parcel.before()) {
        (Ok(subjects), Ok(before)) => (subjects, before),
        (Err(error), _) | (_, Err(error)) => return Ok(Err(error)),
    };
    let mut keys = parcel.granted(registry.store.node_key());
    keys.extend(keys_for(registry, peer, subjects).await?);
    let (shared, mut hashes) = (shared(&peer.office)?, HashesAt::new());
    for pos in before.into_iter().filter(|pos| shared.contains(&pos.stream)) {
        hashes.extend(registry.store.hash_at(&pos).await?.map(|hash| (pos, hash)));
    }
    let sender = Some(peer.public.id());
    Ok(parcel.into_message(AtHand { sender, keys: &keys, before: &hashes }))
}

/// Writes an answer for an office; as letters, unless it lacks keys for that.
pub async fn pack(
    registry: &Registry,
    peer: &Peer,
    answer: &Message,
    is_sealed: bool,
) -> Result<Vec<u8>, ActionError> {
    let written = if is_sealed {
        wire::encode(answer)
    } else {
        let keys = keys_for(registry, peer, subjects_of(&answer.runs)).await?;
        wire::encode_for(answer, &peer.public, &keys)
    };
    written.map_err(|error| ActionError::Internal(error.to_string()))
}

async fn keys_for(
    registry: &Registry,
    peer: &Peer,
    subjects: BTreeSet<Subject>,
) -> Result<KeyMap, ActionError> {
    let shared = shared(&peer.office)?;
    let mut keys = KeyMap::new();
    for subject in subjects {
        if let Some(key) = registry.store.key_for(&shared, subject).await? {
            keys.insert(subject, key);
        }
    }
    Ok(keys)
}
