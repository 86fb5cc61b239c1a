//! Registering somebody who has no booking.

use super::{ActionError, Asker};
use crate::domain::walk_in::Registration;
use crate::ids;
use crate::office::store::{Acted, Store, What};

/// Registers them under the next reserved number, and notes that they are here.
pub async fn register(store: &Store, asker: Asker, registration: Registration) -> Result<Acted, ActionError> {
    let key = ids::application_key()?;
    asker.ask(store, What::Register { key, registration: Box::new(registration) }).await
}
