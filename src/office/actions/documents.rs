//! Comparing originals with uploads.

use super::{ActionError, Asker};
use crate::domain::application::ApplicationKey;
use crate::domain::command::Command;
use crate::domain::document::CheckedDocument;
use crate::office::store::{Acted, Store};

/// Ticks off the originals; draws a ticket at once when asked and everything needed is there.
pub async fn check(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    documents: Vec<CheckedDocument>,
    ticket: bool,
) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::CheckDocuments { documents, ticket }).await
}
