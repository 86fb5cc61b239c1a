//! Mails to applicants: one row per application and matter, for ever, so that nobody is told the same thing twice.
//! The row holds no address and no words; both are read from the application when the mail is sent.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{AnyConnection, Row};

use super::applications::key_in;
use super::error::StoreError;
use super::writing::Writing;
use super::{Store, rows};
use crate::domain::application::ApplicationKey;
use crate::domain::decision::Decision;
use crate::domain::status::Status;
use crate::domain::view::View;

/// A mail that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub application: ApplicationKey,
    /// What about: `ready`, `approved`, `refused`.
    pub about: String,
    /// How often sending was begun, this time included.
    pub tries: u32,
}

/// How many mails wait, are sent, or were given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MailCounts {
    /// Waiting for their turn or their next try.
    pub waiting: u64,
    /// Sent.
    pub sent: u64,
    /// Given up after too many tries.
    pub given_up: u64,
}

/// What the applicant should be told as things stand.
fn matters(view: &View) -> Vec<&'static str> {
    let decision = view.decision.as_ref().map(|done| &done.what);
    let mut matters = Vec::new();
    match decision {
        Some(Decision::Approved(_)) => matters.push("approved"),
        Some(Decision::Refused(_)) => matters.push("refused"),
        Some(Decision::Awaited) | None => {}
    }
    if view.status == Status::Ready {
        matters.push("ready");
    }
    matters
}

/// Puts mails on their way for what the applicant was not told yet.
pub(super) async fn derive(
    db: &mut AnyConnection,
    view: &View,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let reachable = view.booking.as_ref().is_some_and(|booking| booking.contact.email.is_some());
    if !reachable {
        return Ok(());
    }
    for about in matters(view) {
        if view.told.iter().any(|told| told.what.about == about) {
            continue;
        }
        sqlx::query(
            "INSERT INTO mails (application, about, state, tries, next_try_at_ms) VALUES ($1, $2, 'waiting', 0, $3) \
             ON CONFLICT (application, about) DO NOTHING",
        )
        .bind(view.key.0.to_vec())
        .bind(about)
        .bind(now.timestamp_millis())
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

impl Store {
    /// Takes the next mail that is due. Nobody else is given it for `lease`; if this process dies meanwhile, it comes up
    /// again after that.
    pub async fn claim_mail(&self, now: DateTime<Utc>, lease: TimeDelta) -> Result<Option<Mail>, StoreError> {
        let rows = sqlx::query(
            "SELECT application, about, tries, next_try_at_ms FROM mails \
             WHERE state = 'waiting' AND next_try_at_ms <= $1 ORDER BY next_try_at_ms, application LIMIT 8",
        )
        .bind(now.timestamp_millis())
        .fetch_all(&self.inner.pool)
        .await?;
        for row in rows {
            let application = key_in(&row, "application", "mails")?;
            let (about, tries): (String, i64) = (row.try_get("about")?, row.try_get("tries")?);
            let seen: i64 = row.try_get("next_try_at_ms")?;
            let done = sqlx::query(
                "UPDATE mails SET tries = tries + 1, next_try_at_ms = $1 \
                 WHERE application = $2 AND about = $3 AND state = 'waiting' AND next_try_at_ms = $4",
            )
            .bind((now + lease).timestamp_millis())
            .bind(application.0.to_vec())
            .bind(about.clone())
            .bind(seen)
            .execute(&self.inner.pool)
            .await?;
            if done.rows_affected() > 0 {
                let tries = u32::try_from(tries).unwrap_or(u32::MAX).saturating_add(1);
                return Ok(Some(Mail { application, about, tries }));
            }
        }
        Ok(None)
    }

    /// Puts a mail back for another try at `at`, or gives it up.
    pub async fn put_mail_back(&self, mail: &Mail, at: Option<DateTime<Utc>>) -> Result<(), StoreError> {
        let state = if at.is_some() { "waiting" } else { "given-up" };
        sqlx::query(
            "UPDATE mails SET state = $1, next_try_at_ms = $2 \
             WHERE application = $3 AND about = $4 AND state = 'waiting'",
        )
        .bind(state)
        .bind(at.map_or(0, |at| at.timestamp_millis()))
        .bind(mail.application.0.to_vec())
        .bind(mail.about.clone())
        .execute(&self.inner.pool)
        .await?;
        Ok(())
    }

    /// How many mails stand where.
    pub async fn mail_counts(&self) -> Result<MailCounts, StoreError> {
        let rows = sqlx::query("SELECT state, COUNT(*) AS number FROM mails GROUP BY state")
            .fetch_all(&self.inner.pool)
            .await?;
        let mut counts = MailCounts::default();
        for row in rows {
            let state: String = row.try_get("state")?;
            let number = rows::unsigned("mails", row.try_get("number")?)?;
            match state.as_str() {
                "waiting" => counts.waiting = number,
                "sent" => counts.sent = number,
                _ => counts.given_up += number,
            }
        }
        Ok(counts)
    }
}

impl Writing {
    /// Marks a mail as sent. Returns whether it was not marked before.
    pub async fn mail_sent(&mut self, mail: &Mail) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE mails SET state = 'sent' WHERE application = $1 AND about = $2 AND state <> 'sent'",
        )
        .bind(mail.application.0.to_vec())
        .bind(mail.about.clone())
        .execute(self.db())
        .await?;
        Ok(done.rows_affected() > 0)
    }
}
