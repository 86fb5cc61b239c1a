//! The supervisor's second look at an interview.

use super::{ActionError, Asker};
use crate::domain::application::ApplicationKey;
use crate::domain::command::Command;
use crate::domain::review::SecondLooked;
use crate::office::store::{Acted, Store};

/// A supervisor agreed, or sent the interview back.
pub async fn look(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    looked: SecondLooked,
) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::SecondLook(looked)).await
}
