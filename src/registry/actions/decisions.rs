//! Adjudication: approving or refusing what an office captured.

use chrono::TimeDelta;

use super::bookings::{finish, office_of};
use super::{ActionError, Asker, Registry, once_name};
use crate::domain::application::{Application, Author, Entry};
use crate::domain::command::{self, Command, Context};
use crate::domain::fact::Fact;
use crate::domain::number::ApplicationNumber;
use crate::domain::refusal::Refusal;
use crate::domain::visit::Viewed;
use crate::registry::store::NewFacts;

/// Decides on an application. The command names the capture round it is about: whoever decides on an older one is
/// shown the present state first. A repeated form (`once`) changes nothing.
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
    let application = writing.application(key).await?;
    let once_name = once_name("decide", number, once.as_deref());
    if let Some(name) = &once_name
        && writing.answered(name).await?.is_some()
    {
        return Ok(());
    }
    let office = office_of(&application)?;
    let facts = facts(registry, asker, &application, command).await?;
    if let Some(name) = &once_name {
        writing.remember_answer(name, key).await?;
    }
    writing.append(NewFacts { key, office, by: asker.by.clone(), once, facts }).await?;
    finish(writing, key).await
}

/// How long somebody who opened an application is taken to be still reading it.
const READING_MINUTES: i64 = 10;

/// Puts on record that somebody opened an application (every act has a name, reading too).
pub async fn viewed(
    registry: &Registry,
    asker: &Asker,
    number: &ApplicationNumber,
) -> Result<(), ActionError> {
    asker.headquarters()?;
    let key = registry.key_of(number).await?;
    let now = registry.now();
    let since = now - TimeDelta::minutes(READING_MINUTES);
    let is_reading =
        |entry: &Entry| matches!(entry.fact, Fact::Viewed(_)) && entry.by == asker.by && entry.at > since;
    let application = registry.store.application(key).await?;
    // Of somebody who was erased there is nothing left to read, and nothing is written about them any more.
    if application.view().erased.is_some() || application.by_author(&Author::Registry).any(is_reading) {
        return Ok(());
    }
    let mut writing = registry.store.begin(now).await?;
    let application = writing.application(key).await?;
    let office = office_of(&application)?;
    let facts = vec![Fact::Viewed(Viewed { page: "decision".to_owned() })];
    writing.append(NewFacts { key, office, by: asker.by.clone(), once: None, facts }).await?;
    Ok(writing.commit().await?)
}

async fn facts(
    registry: &Registry,
    asker: &Asker,
    application: &Application,
    command: &Command,
) -> Result<Vec<Fact>, ActionError> {
    use Command as C;
    let is_of_headquarters = matches!(
        command,
        C::Approve { .. } | C::Refuse { .. } | C::ChooseVisit { .. } | C::ReportHit(_) | C::ClearHit { .. }
    );
    if !is_of_headquarters {
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
