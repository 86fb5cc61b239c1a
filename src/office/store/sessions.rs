//! Who is signed in at which browser, and who has typed wrong passwords: notes of this node that no journal holds.
//! When the tables are drawn anew they are gone, and people sign in again.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::rows::Changes;
use super::tables;
use super::writer::Job;
use super::{ActError, Store, StoreError};

/// Wrong passwords before an account waits.
const FREE_TRIES: u32 = 5;
/// The first wait; it doubles with every further wrong password.
const WAIT_MIN: TimeDelta = TimeDelta::minutes(1);
/// The longest wait.
const WAIT_MAX: TimeDelta = TimeDelta::hours(1);
/// Wrong passwords are forgotten after so long.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::hours(24);

/// Logins whose wrong passwords are remembered at the same time.
const TRIES_MAX: usize = 1_000;

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// Login of the officer.
    pub login: String,
    /// Hash of the password hash they signed in with: a new password ends the session.
    pub password: String,
    /// When they signed in.
    pub began_at: DateTime<Utc>,
    /// When they were last seen, to within a few minutes.
    pub seen_at: DateTime<Utc>,
}

/// Wrong passwords of one login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TriesRow {
    /// How many since the last right one.
    count: u32,
    /// When the latest was.
    at: DateTime<Utc>,
}

impl TriesRow {
    /// Until when no further password is looked at.
    fn waits_until(&self) -> Option<DateTime<Utc>> {
        let beyond = self.count.checked_sub(FREE_TRIES)?;
        let wait = WAIT_MIN * 2_i32.saturating_pow(beyond.min(10));
        Some(self.at + wait.min(WAIT_MAX))
    }
}

/// Forgets tries that are long past, and the oldest when there are very many: somebody is making up logins.
fn forget_tries(changes: &mut Changes<'_>, now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut rows = tables::TRIES.scan(changes, &[])?;
    rows.sort_by_key(|(_, row)| row.at);
    let too_many = rows.len().saturating_sub(TRIES_MAX);
    for (index, (key, row)) in rows.into_iter().enumerate() {
        if index < too_many || now - row.at >= FORGOTTEN_AFTER {
            tables::TRIES.remove(changes, &key);
        }
    }
    Ok(())
}

impl Store {
    /// Counts a try to sign in before its password is looked at, so that many at once do not slip through. An error
    /// says until when nothing is looked at.
    pub async fn begin_try(
        &self,
        login: &str,
        now: DateTime<Utc>,
    ) -> Result<Result<(), DateTime<Utc>>, ActError> {
        let key = self.shared().key.hash("tries", login.as_bytes());
        let found: Arc<Mutex<Option<DateTime<Utc>>>> = Arc::default();
        let answer = Arc::clone(&found);
        self.note(move |changes| {
            let before = tables::TRIES.get(changes, &key)?.filter(|row| now - row.at < FORGOTTEN_AFTER);
            let waits_until = before.and_then(|row| row.waits_until()).filter(|until| *until > now);
            *answer.lock().unwrap_or_else(PoisonError::into_inner) = waits_until;
            if waits_until.is_none() {
                let count = before.map_or(0, |row| row.count) + 1;
                if before.is_none() {
                    forget_tries(changes, now)?;
                }
                tables::TRIES.put(changes, &key, &TriesRow { count, at: now })?;
            }
            Ok(())
        })
        .await?;
        let waits_until = *found.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(waits_until.map_or(Ok(()), Err))
    }

    /// Opens a session: tries of this login are forgotten, and so are those of others that are long past.
    pub async fn begin_session(&self, token: &str, session: SessionRow) -> Result<(), ActError> {
        let tries = self.shared().key.hash("tries", session.login.as_bytes());
        let key = self.shared().key.hash("session", token.as_bytes());
        let now = session.seen_at;
        self.note(move |changes| {
            tables::TRIES.remove(changes, &tries);
            forget_tries(changes, now)?;
            tables::SESSIONS.put(changes, &key, &session)
        })
        .await
    }

    /// The session under a cookie.
    pub fn session(&self, token: &str) -> Result<Option<SessionRow>, StoreError> {
        tables::SESSIONS.get(&self.shared().tree, &self.shared().key.hash("session", token.as_bytes()))
    }

    /// Notes that somebody is still there.
    pub async fn session_seen(&self, token: &str, session: SessionRow) -> Result<(), ActError> {
        let key = self.shared().key.hash("session", token.as_bytes());
        self.note(move |changes| tables::SESSIONS.put(changes, &key, &session)).await
    }

    /// Ends a session.
    pub async fn end_session(&self, token: &str) -> Result<(), ActError> {
        let key = self.shared().key.hash("session", token.as_bytes());
        self.note(move |changes| {
            tables::SESSIONS.remove(changes, &key);
            Ok(())
        })
        .await?;
        // Other notes may be gone after a power cut; a session that was ended must not come back.
        self.settle().await
    }

    /// Ends sessions that nobody has used since a moment.
    pub async fn end_idle_sessions(&self, since: DateTime<Utc>) -> Result<(), ActError> {
        self.note(move |changes| {
            for (key, session) in tables::SESSIONS.scan(changes, &[])? {
                if session.seen_at < since {
                    tables::SESSIONS.remove(changes, &key);
                }
            }
            Ok(())
        })
        .await
    }

    /// Has what was noted so far outlive a power cut soon.
    async fn settle(&self) -> Result<(), ActError> {
        let jobs = self.inner.jobs.as_ref().ok_or(ActError::Stopped)?;
        jobs.send(Job::Settle).await.map_err(|_| self.gone())
    }

    /// Writes a note of this node. It is kept in memory until the tables are settled.
    pub(super) async fn note(
        &self,
        write: impl FnOnce(&mut Changes<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), ActError> {
        self.ask(|answer| Job::Note(Box::new(write), answer)).await
    }
}
