//! Adjudication: approving or refusing what an office captured.

use super::bookings::{finish, office_of};
use super::{ActionError, Asker, Registry};
use crate::domain::application::Application;
use crate::domain::command::{self, Command, Context};
use crate::domain::number::ApplicationNumber;
use crate::domain::refusal::Refusal;
use crate::registry::store::NewFacts;

/// Decides on an application. `seen` is how many facts the page was drawn from: whoever decides on an older state is
/// shown the present one first.
pub async fn decide(
    registry: &Registry,
    asker: &Asker,
    number: &ApplicationNumber,
    command: &Command,
    once: Option<String>,
) -> Result<(), ActionError> {
    let key = registry.key_of(number).await?;
    let now = registry.now();
    let mut writing = registry.store.begin(now).await?;
    if let Some(once) = &once
        && writing.answered(once).await? == Some(key)
    {
        return Ok(());
    }
    let application = writing.application(key).await?;
    let office = office_of(&application)?;
    let facts = facts(registry, asker, &application, command).await?;
    if let Some(once) = &once {
        writing.remember_answer(once, key).await?;
    }
    writing.append(NewFacts { key, office, by: asker.by.clone(), once, facts }).await?;
    finish(writing, key).await
}

async fn facts(
    registry: &Registry,
    asker: &Asker,
    application: &Application,
    command: &Command,
) -> Result<Vec<crate::domain::fact::Fact>, ActionError> {
    if !matches!(command, Command::Approve { .. } | Command::Refuse { .. } | Command::ChooseVisit { .. }) {
        return Err(ActionError::Refused(Refusal::NotAllowed));
    }
    let now = registry.now();
    let zone = registry.office(&office_of(application)?).await?.zone;
    let today = zone.day(now);
    let settings = registry.settings(today);
    let context = Context {
        office: None,
        now,
        today,
        zone,
        by: &asker.by,
        roles: &asker.roles,
        settings: &settings,
        // Headquarters draws no tickets and sets no books aside.
        next_serial: &|_| 1,
        book_taken: &|_| false,
    };
    Ok(command::decide(&application.view(), command, &context)?)
}
