//! The book: from the scanned blank to the hand that takes it.

use super::{ActionError, Asker};
use crate::domain::application::ApplicationKey;
use crate::domain::book::{Collector, Defect};
use crate::domain::command::Command;
use crate::domain::number::BookNumber;
use crate::office::store::{Acted, Store};

/// Sets a blank aside.
pub async fn allocate(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    book: BookNumber,
) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::AllocateBook(book)).await
}

/// Printed.
pub async fn print(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    book: BookNumber,
) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::PrintBook(book)).await
}

/// Looked at: good, or with a defect.
pub async fn check(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    book: BookNumber,
    defect: Option<Defect>,
) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::CheckBook { book, defect }).await
}

/// Ready to be collected.
pub async fn ready(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    book: BookNumber,
    shelf: String,
) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::BookReady { book, shelf }).await
}

/// Cancelled, with the reason.
pub async fn cancel(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    book: BookNumber,
    reason: String,
) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::CancelBook { book, reason }).await
}

/// Given away.
pub async fn hand_over(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    book: BookNumber,
    collector: Collector,
) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::HandOver { book, collector }).await
}
