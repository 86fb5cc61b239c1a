//! The interview: passed, held for documents, or refused.

use super::{ActionError, Asker};
use crate::domain::application::ApplicationKey;
use crate::domain::command::Command;
use crate::domain::interview::Interviewed;
use crate::office::store::{Acted, Store};

/// The interview ended.
pub async fn end(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    interviewed: Interviewed,
) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::Interview(interviewed)).await
}
