//! Erasing persons: who is due, proposing, confirming with a second pair of eyes, legal holds, and taking away what no
//! transaction reaches: files of pictures, mails put into a folder, bytes left in the database's files.

use chrono::{DateTime, NaiveDate, Utc};

use super::{ActionError, Asker, HEADQUARTERS_ZONE, Registry};
use crate::domain::actor::Actor;
use crate::domain::application::ApplicationKey;
use crate::domain::command::{self, Context};
use crate::domain::erasure::{self, Proposal, RetentionRule, Why};
use crate::domain::number::ApplicationNumber;
use crate::domain::refusal::Refusal;
use crate::registry::store::{Hold, Proposed, Room, Summary};

/// The folder mails are put into when there is no mail server.
pub const MAIL_FOLDER: &str = "mail";
/// The longest retention that can be set: a century is a mistake.
const MONTHS_MAX: u32 = 1_200;
/// The longest reason or legal basis, in characters.
const WORDS_CHARS_MAX: usize = 500;

/// Who is due by the retention that holds today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The months that hold.
    pub months: u32,
    /// Cases closed on this day or before are due.
    pub until: NaiveDate,
    /// They, the oldest first, with the day each was closed.
    pub cases: Vec<(NaiveDate, Summary)>,
}

/// Who is due today; at most so many.
pub async fn due(registry: &Registry, limit: u32) -> Result<Due, ActionError> {
    let today = HEADQUARTERS_ZONE.day(registry.now());
    let months = erasure::retention_on(today, &registry.store.retention_rules().await?);
    let until = erasure::due_until(today, months);
    Ok(Due { months, until, cases: registry.store.closed_until(until, limit).await? })
}

/// Sets how long cases are kept, from a day on.
pub async fn set_retention(
    registry: &Registry,
    asker: &Asker,
    rule: RetentionRule,
) -> Result<(), ActionError> {
    asker.headquarters()?;
    if rule.months == 0 || rule.months > MONTHS_MAX {
        let invalid = super::Invalid { field: "months", detail: "between 1 and 1200 months" };
        return Err(ActionError::Invalid(vec![invalid]));
    }
    let mut writing = registry.store.begin(registry.now()).await?;
    writing.set_retention(rule, &asker.by).await?;
    Ok(writing.commit().await?)
}

/// Proposes to erase the person of an application. Refused at once when it could not be confirmed now.
pub async fn propose(
    registry: &Registry,
    asker: &Asker,
    number: &ApplicationNumber,
    why: Why,
    basis: &str,
) -> Result<(), ActionError> {
    asker.headquarters()?;
    let basis = words(basis)?;
    let key = registry.key_of(number).await?;
    let now = registry.now();
    let mut writing = registry.store.begin(now).await?;
    let application = writing.application(key).await?;
    let stands = (writing.is_held(key).await?, writing.owes(key).await?);
    erasure::may_be_erased(&application.view(), HEADQUARTERS_ZONE.day(now), HEADQUARTERS_ZONE, stands)?;
    writing.propose_erasure(key, &Proposed { why, basis, by: asker.by.clone(), at: now }).await?;
    Ok(writing.commit().await?)
}

/// Takes a proposal back; anybody of headquarters may. One that is gone already is success.
pub async fn withdraw(
    registry: &Registry,
    asker: &Asker,
    number: &ApplicationNumber,
) -> Result<(), ActionError> {
    asker.headquarters()?;
    let key = registry.key_of(number).await?;
    let mut writing = registry.store.begin(registry.now()).await?;
    writing.withdraw_proposal(key).await?;
    Ok(writing.commit().await?)
}

/// Confirms a proposal of somebody else and erases the person: for ever, and at every office at its next contact.
pub async fn confirm(
    registry: &Registry,
    asker: &Asker,
    number: &ApplicationNumber,
) -> Result<(), ActionError> {
    let key = registry.key_of(number).await?;
    let now = registry.now();
    let mut writing = registry.store.begin(now).await?;
    let application = writing.application(key).await?;
    if application.view().erased.is_some() {
        return Err(Refusal::AlreadyErased.into());
    }
    let proposed = writing.proposed_erasure(key).await?.ok_or(Refusal::StalePage)?;
    if command::may_be_one_person(&proposed.by, &asker.by) {
        return Err(Refusal::FourEyes.into());
    }
    let stands = (writing.is_held(key).await?, writing.owes(key).await?);
    let proposal =
        Proposal { why: proposed.why, basis: proposed.basis, proposed_by: name_of(&proposed.by).to_owned() };
    let today = HEADQUARTERS_ZONE.day(now);
    let settings = registry.settings(today);
    let context = Context {
        office: None,
        now,
        today,
        zone: HEADQUARTERS_ZONE,
        by: &asker.by,
        roles: &asker.roles,
        settings: &settings,
        next_serial: &|_| 1,
        book_taken: &|_| false,
    };
    let erased = erasure::erase(&application, &context, &proposal, stands)?;
    writing.erase(&asker.by, &erased).await?;
    let _: Room = writing.refresh(key, false).await?;
    writing.commit().await?;
    finish(registry).await
}

fn name_of(by: &Actor) -> &str {
    if let Actor::Officer { name, .. } = by { name } else { "" }
}

/// Puts a legal hold on an application.
pub async fn hold(
    registry: &Registry,
    asker: &Asker,
    number: &ApplicationNumber,
    reason: &str,
) -> Result<(), ActionError> {
    asker.headquarters()?;
    let reason = words(reason)?;
    let key = registry.key_of(number).await?;
    let now = registry.now();
    let mut writing = registry.store.begin(now).await?;
    if writing.application(key).await?.view().erased.is_some() {
        return Err(Refusal::AlreadyErased.into());
    }
    writing.hold(key, &Hold { reason, by: asker.by.clone(), at: now }).await?;
    // What was proposed before the hold was known must be proposed again after it.
    writing.withdraw_proposal(key).await?;
    Ok(writing.commit().await?)
}

/// Lifts a legal hold; one that is gone already is success.
pub async fn lift(registry: &Registry, asker: &Asker, number: &ApplicationNumber) -> Result<(), ActionError> {
    asker.headquarters()?;
    let key = registry.key_of(number).await?;
    let mut writing = registry.store.begin(registry.now()).await?;
    writing.lift_hold(key).await?;
    Ok(writing.commit().await?)
}

fn words(given: &str) -> Result<String, Refusal> {
    let kept: String = given.trim().chars().take(WORDS_CHARS_MAX).collect();
    if kept.is_empty() { Err(Refusal::ReasonNeeded) } else { Ok(kept) }
}

/// A line of the page: what is proposed or held, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// Its list line.
    pub summary: Summary,
    /// What is said about it.
    pub what: T,
}

/// What waits for a second person.
pub async fn proposals(registry: &Registry) -> Result<Vec<Listed<Proposed>>, ActionError> {
    listed(registry, registry.store.proposals().await?).await
}

/// The legal holds that stand.
pub async fn holds(registry: &Registry) -> Result<Vec<Listed<Hold>>, ActionError> {
    listed(registry, registry.store.holds().await?).await
}

async fn listed<T>(
    registry: &Registry,
    all: Vec<(ApplicationKey, T)>,
) -> Result<Vec<Listed<T>>, ActionError> {
    let mut lines = Vec::with_capacity(all.len());
    for (key, what) in all {
        if let Some(summary) = registry.store.summary_of(key).await? {
            lines.push(Listed { summary, what });
        }
    }
    Ok(lines)
}

/// Takes away what a committed erasure leaves outside the database's rows: files of pictures, mails in the folder,
/// bytes in the database's files. Done again until nothing is left, also after a crash in the middle.
pub async fn finish(registry: &Registry) -> Result<(), ActionError> {
    for hash in registry.store.doomed_blobs().await? {
        registry.blobs.remove(&hash)?;
        registry.store.blob_gone(&hash).await?;
    }
    if !registry.store.needs_scrub().await? {
        return Ok(());
    }
    remove_mails(registry).await?;
    if !registry.store.scrub().await? {
        tracing::info!("Erased rows are still being read by somebody; their bytes go when that is over");
    }
    Ok(())
}

/// Mails in the folder begin with the number of their application.
async fn remove_mails(registry: &Registry) -> Result<(), ActionError> {
    let failed = |error: std::io::Error| ActionError::Internal(format!("the folder for mails: {error}"));
    let mut entries = match tokio::fs::read_dir(registry.dir.join(MAIL_FOLDER)).await {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(failed)?,
    };
    while let Some(entry) = entries.next_entry().await.map_err(failed)? {
        let name = entry.file_name().to_string_lossy().into_owned();
        let number = name.split_once('-').and_then(|(number, _)| ApplicationNumber::parse(number).ok());
        let Some(number) = number else { continue };
        let Some(key) = registry.store.by_number(&number).await? else { continue };
        if registry.store.application(key).await?.view().erased.is_some() {
            tokio::fs::remove_file(entry.path()).await.map_err(failed)?;
        }
    }
    Ok(())
}

/// When a person was erased, for whoever asks for the application.
pub async fn erased_at(
    registry: &Registry,
    key: ApplicationKey,
) -> Result<Option<DateTime<Utc>>, ActionError> {
    Ok(registry.store.application(key).await?.view().erased.map(|done| done.at))
}
