//! Reads the notes that commands leave in the office's folder: puts on record what they have done beside the running
//! office, and does what only it can do, for nobody else may write to its journals.

use std::io;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::domain::actor::Actor;
use crate::office::actions::stage_reports;
use crate::office::courier::OfficeCourier;
use crate::office::store::{Act, What};
use crate::spool::{self, Answer, Found, Note};

/// How often the folder is looked at. Nobody waits for it at a counter.
const LOOK_EVERY: Duration = Duration::from_secs(1);

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A watch over the spool that runs.
pub struct Watching(JoinHandle<()>);

impl Watching {
    /// Ends it; a note that was not done is read at the next start.
    pub fn stop(self) {
        self.0.abort();
    }
}

/// Watches the notes in an office's folder.
pub fn watch(office: OfficeCourier) -> Watching {
    Watching(tokio::spawn(async move {
        if let Err(error) = spool::sweep(&office.dir) {
            tracing::warn!(%error, "The spool cannot be cleared");
        }
        office.show_noted();
        loop {
            read_all(&office).await;
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }))
}

async fn read_all(office: &OfficeCourier) {
    let (folder, key) = (office.dir.clone(), office.storage_key.clone());
    let found = match tokio::task::spawn_blocking(move || spool::look(&folder, &key)).await {
        Ok(found) => found,
        Err(error) => Err(io::Error::other(error)),
    };
    match found {
        Ok(found) => {
            for note in found {
                if let Err(error) = read(office, note).await {
                    tracing::warn!(%error, "A note in the spool could not be done; it is tried again");
                }
            }
        }
        Err(error) => tracing::warn!(%error, "The spool cannot be read"),
    }
}

async fn read(office: &OfficeCourier, found: Found) -> Result<(), Failure> {
    let now_ms = office.store.clock().now().timestamp_millis();
    let what = match found.note.clone() {
        Note::BackupMade(made) => What::BackupMade(made),
        Note::NodeRestored(restored) => What::NodeRestored(restored),
        Note::ExportBundle { until_ms, .. }
        | Note::ImportBundle { until_ms }
        | Note::ImportReport { until_ms, .. }
            if until_ms < now_ms =>
        {
            return Ok(found.done()?);
        }
        Note::ExportBundle { how, .. } => {
            let exported = office.export(&found.bundle(), true, how).await;
            let answer = exported.map_or_else(|error| failed(&error), Answer::Exported);
            return Ok(found.answer(&office.storage_key, &answer)?);
        }
        Note::ImportBundle { .. } => {
            let imported = office.import(&found.bundle()).await;
            let answer = imported.map_or_else(|error| failed(&error), Answer::Imported);
            return Ok(found.answer(&office.storage_key, &answer)?);
        }
        Note::ImportReport { chosen, dry_run, .. } => {
            let bytes = found.report(&office.storage_key)?;
            let once = found.name.clone();
            let told = stage_reports::at_the_machine(&office.store, bytes, chosen, dry_run, once).await;
            let told = told.map(|told| Answer::Reported(Box::new(told)));
            return Ok(found.answer(&office.storage_key, &told.unwrap_or_else(|error| failed(&*error)))?);
        }
    };
    let once = found.name.clone();
    // The name makes a note that is read twice stand on record once.
    office.store.act(Act { what, by: Actor::Node, roles: Vec::new(), once, seen: None }).await?;
    Ok(found.done()?)
}

/// The whole reason in one sentence.
fn failed(error: &dyn std::error::Error) -> Answer {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_words = inner.to_string();
        if !words.ends_with(&inner_words) {
            words = format!("{words}: {inner_words}");
        }
        cause = inner.source();
    }
    Answer::Failed(words)
}
