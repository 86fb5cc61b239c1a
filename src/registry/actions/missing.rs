//! Which pictures an answer tells an office to be missing here. After a restore many may be, and some of them are gone
//! everywhere: those must not stand in the way of what the office has.

use std::collections::BTreeMap;
use std::sync::Mutex;

use loket_sync::Hash;
use loket_sync::exchange::BLOBS_MAX;

use super::{ActionError, Registry};
use crate::domain::office::OfficeCode;

/// Pictures that an answer names at most: an office sends its own in its own order anyhow, so these are only those that
/// it may believe to be here.
const NAMED_MAX: usize = 4;

/// Up to where each office was told: the next answer goes on after it, so that in time all are named.
#[derive(Debug, Default)]
pub struct Named(Mutex<BTreeMap<OfficeCode, Hash>>);

impl Named {
    fn last(&self, office: &OfficeCode) -> Option<Hash> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(office).copied()
    }

    fn note(&self, office: &OfficeCode, last: Hash) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(office.clone(), last);
    }
}

/// The next few pictures of an office's applications that are not here. Those that came with a booking are, and are noted
/// as such.
pub(super) async fn wanted(registry: &Registry, office: &OfficeCode) -> Result<Vec<Hash>, ActionError> {
    let last = registry.named.last(office);
    let limit = u32::try_from(BLOBS_MAX).unwrap_or(u32::MAX);
    let mut missing = registry.store.missing_blobs(office.as_str(), last.as_ref(), limit).await?;
    if last.is_some() && missing.len() < BLOBS_MAX {
        // From the beginning again, without those that were found already.
        let first = registry.store.missing_blobs(office.as_str(), None, limit).await?;
        missing.extend(first.into_iter().take_while(|hash| last.is_some_and(|last| *hash <= last)));
    }
    let mut wanted = Vec::new();
    for hash in missing {
        if registry.blobs.is_kept(&hash)? || registry.blobs.bring_back(&hash)? {
            registry.store.blob_stored(&hash).await?;
            continue;
        }
        wanted.push(hash);
        if wanted.len() == NAMED_MAX {
            break;
        }
    }
    if let Some(last) = wanted.last() {
        registry.named.note(office, *last);
    }
    Ok(wanted)
}
