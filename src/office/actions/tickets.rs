//! Tickets: drawing, calling, serving.

use super::{ActionError, Asker};
use crate::domain::application::ApplicationKey;
use crate::domain::command::Command;
use crate::domain::ticket::{QueueClass, Stage, TicketNumber};
use crate::office::store::{Acted, Store, What};

/// Draws a ticket for a stage.
pub async fn issue(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    stage: Stage,
) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::IssueTicket { stage }).await
}

/// Calls the next ticket to a counter; which one is decided where it is called, so no two counters get the same.
pub async fn call_next(store: &Store, asker: Asker, counter: u16) -> Result<Acted, ActionError> {
    asker.ask(store, What::CallNext { counter }).await
}

/// Calls a chosen ticket to a counter.
pub async fn call(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    number: TicketNumber,
    counter: u16,
) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::CallTicket { number, counter }).await
}

/// Calls once more.
pub async fn recall(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    number: TicketNumber,
) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::RecallTicket(number)).await
}

/// The applicant is at the counter.
pub async fn start(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    number: TicketNumber,
) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::StartTicket(number)).await
}

/// Nobody came.
pub async fn mark_absent(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    number: TicketNumber,
) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::MarkAbsent(number)).await
}

/// Back into the queue, keeping its turn.
pub async fn put_back(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    number: TicketNumber,
    note: String,
) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::ReturnTicket { number, note }).await
}

/// Where a ticket goes on.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// Which ticket.
    pub number: TicketNumber,
    /// The class it waits in from now on.
    pub class: QueueClass,
    /// What for.
    pub stage: Stage,
    /// Only this counter may call it.
    pub counter: Option<u16>,
    /// For the next officer.
    pub note: String,
}

/// To another class, stage or counter.
pub async fn transfer(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    to: Transfer,
) -> Result<Acted, ActionError> {
    let Transfer { number, class, stage, counter, note } = to;
    asker.command(store, key, Command::TransferTicket { number, class, stage, counter, note }).await
}

/// Served.
pub async fn finish(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    number: TicketNumber,
) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::FinishTicket(number)).await
}

/// Put aside, with a reason and perhaps a clock.
pub async fn hold(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    number: TicketNumber,
    aside: Aside,
) -> Result<Acted, ActionError> {
    let Aside { reason, minutes } = aside;
    asker.command(store, key, Command::HoldTicket { number, reason, minutes }).await
}

/// Why and for how long a ticket is put aside.
#[derive(Debug, Clone)]
pub struct Aside {
    /// Why.
    pub reason: String,
    /// It may be called again by itself after so many minutes.
    pub minutes: Option<u16>,
}

/// Takes the last step of a ticket back; `counter` is the one the officer holds.
pub async fn undo(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    number: TicketNumber,
    counter: Option<u16>,
) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::UndoTicket { number, counter }).await
}
