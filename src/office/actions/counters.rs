//! Counters: opening, pausing and closing.

use super::{ActionError, Asker};
use crate::domain::desk::{CounterOpened, CounterPaused};
use crate::domain::ticket::QueueClass;
use crate::office::store::{Acted, Store, What};

/// Opens a counter for classes, or changes the classes of one's own.
pub async fn open(
    store: &Store,
    asker: Asker,
    counter: u16,
    classes: Vec<QueueClass>,
) -> Result<Acted, ActionError> {
    asker.ask(store, What::OpenCounter(CounterOpened { counter, classes })).await
}

/// Calls nobody at one's own counter for a while.
pub async fn pause(store: &Store, asker: Asker, counter: u16, reason: String) -> Result<Acted, ActionError> {
    asker.ask(store, What::PauseCounter(CounterPaused { counter, reason })).await
}

/// Goes on after a pause.
pub async fn resume(store: &Store, asker: Asker, counter: u16) -> Result<Acted, ActionError> {
    asker.ask(store, What::ResumeCounter { counter }).await
}

/// Closes a counter: one's own, or as a supervisor anybody's.
pub async fn close(store: &Store, asker: Asker, counter: u16) -> Result<Acted, ActionError> {
    asker.ask(store, What::CloseCounter { counter }).await
}
