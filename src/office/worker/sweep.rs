//! Once a day, sealed files that no fact names are set aside, and what lay aside for a month is destroyed.

use std::time::Duration;

use tokio::task::JoinHandle;

use crate::office::store::Store;

/// The first sweep waits until the day's work has begun and the line has been level.
const FIRST_AFTER: Duration = Duration::from_mins(30);
const EVERY: Duration = Duration::from_hours(24);

/// Starts sweeping; whoever stops the office aborts it.
pub fn start(store: &Store) -> JoinHandle<()> {
    let store = store.clone();
    tokio::spawn(async move {
        tokio::time::sleep(FIRST_AFTER).await;
        loop {
            sweep(&store).await;
            tokio::time::sleep(EVERY).await;
        }
    })
}

async fn sweep(store: &Store) {
    let asked = store.clone();
    match tokio::task::spawn_blocking(move || asked.sweep_journals_aside()).await {
        Ok(Ok(0)) => {}
        Ok(Ok(files)) => tracing::info!(files, "What was kept aside of journals a month ago was destroyed"),
        Ok(Err(error)) => tracing::warn!(%error, "What was kept aside of journals could not be destroyed"),
        Err(error) => tracing::error!(%error, "The sweep ended with an error"),
    }
    let Ok(wanted) = store.wanted_keys().await else { return };
    let asked = store.clone();
    let swept = tokio::task::spawn_blocking(move || asked.sweep_pictures(wanted.len())).await;
    match swept {
        Ok(Ok(swept)) if swept.aside + swept.destroyed == 0 => {}
        Ok(Ok(swept)) => tracing::info!(?swept, "Pictures that no fact names were swept"),
        Ok(Err(error)) => tracing::warn!(%error, "Pictures could not be swept"),
        Err(error) => tracing::error!(%error, "The sweep ended with an error"),
    }
}
