//! Pictures and scans: files named by the hash of their sealed bytes, sealed with the key of the application's subject.

use std::collections::BTreeSet;
use std::sync::Arc;

use loket_sync::blob::{BlobError, Swept};
use loket_sync::journal::sweep_aside;
use loket_sync::{Blobs, Hash, Subject, open_blob, seal_blob};

use super::link::LinkAlarm;
use super::shared::{read, write};
use super::{ActError, JOURNAL_FOLDER, Store, tables};
use crate::domain::application::ApplicationKey;
use crate::domain::document::{BLOB_CLASS, BlobRef};

/// Name of the folder in a data folder.
pub const PICTURE_FOLDER: &str = "blobs";

/// What was lost here travels before everything else: somebody wants to see it now.
const BLOB_CLASS_LOST: u8 = 0;

/// A picture that must travel, or was announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Travelling {
    /// Hash of its sealed bytes.
    pub hash: Hash,
    /// The application it belongs to.
    pub key: ApplicationKey,
}

/// Why a picture cannot be kept or shown.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The key of the application is not here.
    #[error("the key of this application is not here")]
    NoKey,
    /// The reference names no hash.
    #[error("the picture's reference is malformed")]
    Reference,
    /// The sealed bytes do not open.
    #[error("the picture does not open with the key of its application")]
    Sealed,
    /// Too large to be described.
    #[error("the picture is too large")]
    TooLarge,
    /// The folder of pictures cannot be used.
    #[error(transparent)]
    Blobs(#[from] BlobError),
}

impl Store {
    /// Seals a picture and keeps it; durable when it returns. Blocking: call it where waiting for a disk is fine.
    pub fn put_blob(
        &self,
        key: ApplicationKey,
        bytes: &[u8],
        media_type: &str,
    ) -> Result<BlobRef, PictureError> {
        let subject_key = self.shared().reader.key(&Subject(key.0)).ok_or(PictureError::NoKey)?;
        let len = u32::try_from(bytes.len()).map_err(|_| PictureError::TooLarge)?;
        let put = self.shared().blobs.put(&seal_blob(&subject_key, BLOB_CLASS, bytes));
        let hash = put.inspect_err(|error| self.stop_after(error))?;
        Ok(BlobRef { hash: hash.to_string(), len, media_type: media_type.to_owned() })
    }

    /// Takes no more acts after a picture could not be written for another reason than room: a later sync could return
    /// without an error although what was to be synced is lost.
    pub fn stop_after(&self, error: &BlobError) {
        if !matches!(error, BlobError::Io { .. }) || error.is_storage_full() {
            return;
        }
        let reason = format!("a picture could not be written: {error}");
        tracing::error!(error = error as &dyn std::error::Error, "The office is read-only");
        write(&self.shared().read_only).get_or_insert(reason.into());
        self.shared().changed();
    }

    /// The bytes of a picture; nothing while it has not arrived. Blocking, like [`Store::put_blob`].
    pub fn blob(&self, picture: &BlobRef, key: ApplicationKey) -> Result<Option<Vec<u8>>, PictureError> {
        let hash: Hash = picture.hash.parse().map_err(|_| PictureError::Reference)?;
        let blobs = &self.shared().blobs;
        let sealed = match blobs.get(&hash) {
            // It is fetched again, if headquarters has it; until then the page says that it is not here.
            Err(BlobError::Damaged(hash)) => {
                tracing::error!(%hash, "A picture is damaged and was set aside");
                blobs.set_aside(&hash)?;
                self.picture_lost(hash, key);
                None
            }
            Ok(None) => {
                self.picture_lost(hash, key);
                None
            }
            read => read?,
        };
        let Some(sealed) = sealed else { return Ok(None) };
        let subject_key = self.shared().reader.key(&Subject(key.0)).ok_or(PictureError::NoKey)?;
        open_blob(&subject_key, BLOB_CLASS, &sealed).map(Some).map_err(|_| PictureError::Sealed)
    }

    /// A picture that a fact names is not here any more: it is asked for again, and if only this office had it, a person
    /// is told.
    pub fn picture_lost(&self, hash: Hash, key: ApplicationKey) {
        let mut index = write(&self.shared().index);
        if index.is_unsent(hash) {
            drop(index);
            self.shared().alarm(LinkAlarm::PictureDamaged { hash: hash.to_string() });
        } else if !index.is_announced(hash) {
            index.announced.insert((BLOB_CLASS_LOST, hash), key);
            drop(index);
            self.shared().changed();
        }
    }

    /// Sets aside sealed files that no fact names, left by forms that were refused. Not while a fact that may name one
    /// cannot be read: its key has not come, its kind is newer, or it is missing. Blocking, like [`Store::put_blob`].
    pub fn sweep_pictures(&self, keys_wanted: usize) -> Result<Swept, PictureError> {
        let shared = self.shared();
        let is_whole = keys_wanted == 0
            && self.waiting().is_none()
            && self.read_only().is_none()
            && self.link().alarms.is_empty()
            && !read(&shared.index).all().any(|line| line.parked);
        if !is_whole {
            return Ok(Swept::default());
        }
        let now_ms = shared.clock.now().timestamp_millis();
        // What cannot be asked is named.
        let is_named =
            |hash: &Hash| tables::PICTURES.scan(&shared.tree, &hash.0).map_or(true, |rows| !rows.is_empty());
        Ok(shared.blobs.sweep(now_ms, is_named)?)
    }

    /// Destroys what was kept aside of damaged journals a month ago: somebody in it may have been erased since. How many
    /// files that were. Blocking, like [`Store::put_blob`].
    pub fn sweep_journals_aside(&self) -> std::io::Result<usize> {
        let shared = self.shared();
        sweep_aside(&shared.dir.join(JOURNAL_FOLDER), shared.clock.now().timestamp_millis())
    }

    /// The folder of sealed pictures, for the worker that carries them.
    pub fn blobs(&self) -> Arc<Blobs> {
        Arc::clone(&self.shared().blobs)
    }

    /// Own pictures that headquarters lacks, in the order they should travel.
    pub fn pictures_unsent(&self, limit: usize) -> Vec<Travelling> {
        let index = read(&self.shared().index);
        index
            .unsent
            .iter()
            .take(limit)
            .map(|((_, hash), key)| Travelling { hash: *hash, key: *key })
            .collect()
    }

    /// Pictures of headquarters that are announced and not here, in the order they should travel. Asks the disk about
    /// each until there are enough, so it is blocking, like [`Store::put_blob`]; those found here are not asked after
    /// again.
    pub fn pictures_wanted(&self, limit: usize) -> Vec<Travelling> {
        // Copied out, so that nobody waits for the disk.
        let announced: Vec<_> =
            read(&self.shared().index).announced.iter().map(|(at, key)| (*at, *key)).collect();
        let (mut wanted, mut here) = (Vec::new(), BTreeSet::new());
        for ((class, hash), key) in announced {
            if wanted.len() >= limit {
                break;
            }
            let blobs = &self.shared().blobs;
            if blobs.has(&hash) || blobs.bring_back(&hash).unwrap_or_default() {
                here.insert((class, hash));
            } else {
                wanted.push(Travelling { hash, key });
            }
        }
        if !here.is_empty() {
            let mut index = write(&self.shared().index);
            index.announced.retain(|at, _| !here.contains(at));
        }
        wanted
    }

    /// How many own pictures headquarters lacks.
    pub fn pictures_unsent_count(&self) -> usize {
        read(&self.shared().index).unsent.len()
    }

    /// Notes that headquarters has a picture. It may have had it all along while this folder was rolled back: then it is
    /// fetched.
    pub async fn picture_sent(&self, hash: Hash) -> Result<(), ActError> {
        self.note(move |changes| tables::PICTURES_SENT.put(changes, &hash.0, &())).await?;
        let of = write(&self.shared().index).sent(hash);
        if let Some(key) = of.filter(|_| !self.shared().blobs.has(&hash)) {
            write(&self.shared().index).announced.insert((BLOB_CLASS_LOST, hash), key);
        }
        self.shared().changed();
        Ok(())
    }

    /// Notes that a picture has arrived: live pages show it, and a check misses it should it vanish.
    pub async fn picture_arrived(&self, hash: Hash) {
        if let Err(error) = self.note(move |changes| tables::PICTURES_HERE.put(changes, &hash.0, &())).await {
            tracing::warn!(%error, "A picture has arrived, and this could not be noted");
        }
        write(&self.shared().index).arrived(hash);
        self.shared().changed();
    }
}
