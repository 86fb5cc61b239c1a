//! Puts on record what commands beside the running office have done: it reads the notes they leave in its folder.

use std::path::{Path, PathBuf};
use std::time::Duration;

use loket_sync::StorageKey;
use tokio::task::JoinHandle;

use crate::domain::actor::Actor;
use crate::office::store::{Act, Store, What};
use crate::spool::{self, Found, Note};

/// How often the folder is looked at. Nobody waits for it at a counter.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A watch over the spool that runs.
pub struct Watching(JoinHandle<()>);

impl Watching {
    /// Ends it; a note that was not done is read at the next start.
    pub fn stop(self) {
        self.0.abort();
    }
}

/// Watches the notes in an office's folder.
pub fn watch(store: &Store, dir: &Path, key: StorageKey) -> Watching {
    let (store, dir) = (store.clone(), dir.to_owned());
    Watching(tokio::spawn(async move {
        loop {
            read_all(&store, &dir, &key).await;
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }))
}

async fn read_all(store: &Store, dir: &Path, key: &StorageKey) {
    let (folder, key): (PathBuf, StorageKey) = (dir.to_owned(), key.clone());
    let found = match tokio::task::spawn_blocking(move || spool::look(&folder, &key)).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => return tracing::warn!(%error, "The spool cannot be read"),
        Err(error) => return tracing::warn!(%error, "The spool cannot be read"),
    };
    for note in found {
        if let Err(error) = record(store, note).await {
            tracing::warn!(%error, "A note in the spool could not be put on record; it is tried again");
        }
    }
}

async fn record(store: &Store, found: Found) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let what = match found.note.clone() {
        Note::BackupMade(made) => What::BackupMade(made),
        Note::NodeRestored(restored) => What::NodeRestored(restored),
    };
    let once = found.name.clone();
    // The name makes a note that is read twice stand on record once.
    store.act(Act { what, by: Actor::Node, roles: Vec::new(), once, seen: None }).await?;
    tokio::task::spawn_blocking(move || found.done()).await??;
    Ok(())
}
