//! Devices (displays, notifiers, kiosks) and their keys. A key is shown once; only its hash is kept.

use super::officers::OfficerFault;
use super::{ActionError, Asker};
use crate::domain::officer::{DeviceKind, DeviceSet};
use crate::ids;
use crate::office::store::{Device, Store, StoreError, What};

/// Gives a device a new key, which replaces an older one of the same name. Returns the key, to be shown once.
pub async fn give_key(
    store: &Store,
    asker: Asker,
    name: &str,
    kind: DeviceKind,
) -> Result<String, ActionError> {
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 60 {
        return Err(OfficerFault::Name.into());
    }
    let key = ids::token()?;
    let acted = asker.ask(store, What::SetDevice(DeviceSet { name, kind, key_hash: hash(&key) })).await?;
    if acted.repeated { Err(OfficerFault::KeyShown.into()) } else { Ok(key) }
}

/// Takes a device's key back.
pub async fn revoke(store: &Store, asker: Asker, name: &str) -> Result<(), ActionError> {
    if !store.devices()?.iter().any(|device| device.name == name) {
        return Err(OfficerFault::Unknown.into());
    }
    asker.ask(store, What::RevokeDevice { name: name.to_owned() }).await?;
    Ok(())
}

/// The device that holds a key.
pub fn by_key(store: &Store, key: &str) -> Result<Option<Device>, StoreError> {
    let hash = hash(key);
    Ok(store.devices()?.into_iter().find(|device| !device.revoked && device.key_hash == hash))
}

fn hash(key: &str) -> String {
    blake3::hash(key.as_bytes()).to_hex().to_string()
}
