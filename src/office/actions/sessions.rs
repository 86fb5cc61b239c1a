//! Signing in and out. Whether a login exists, is disabled, or the password is wrong: the answer is the same.

use chrono::{DateTime, TimeDelta, Utc};

use super::ActionError;
use crate::clock::Clock;
use crate::office::store::sessions::SessionRow;
use crate::office::store::{Officer, Store, StoreError};
use crate::{ids, passwords};

/// A session ends when nobody has used it for so long.
const IDLE: TimeDelta = TimeDelta::hours(12);
/// Being seen is noted no more often than this.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(5);

/// Somebody who has signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// What the browser's cookie holds; kept nowhere else.
    pub token: String,
    /// Who it is.
    pub officer: Officer,
}

/// Why somebody cannot sign in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Login or password is wrong.
    #[error("login or password is wrong")]
    Wrong,
    /// Too many wrong passwords; none is looked at until then.
    #[error("too many wrong passwords; wait until {until}")]
    Wait {
        /// Until when.
        until: DateTime<Utc>,
    },
    /// Something else went wrong.
    #[error(transparent)]
    Action(#[from] ActionError),
}

impl From<StoreError> for SignInError {
    fn from(error: StoreError) -> Self {
        SignInError::Action(error.into())
    }
}

/// Signs in with login and password.
pub async fn sign_in(
    store: &Store,
    clock: &dyn Clock,
    login: &str,
    password: &str,
) -> Result<SignedIn, SignInError> {
    let login: String = login.trim().to_lowercase().chars().take(64).collect();
    let now = clock.now();
    if let Err(until) = store.begin_try(&login, now).await.map_err(ActionError::from)? {
        return Err(SignInError::Wait { until });
    }
    let officer = store.officer(&login)?.filter(|officer| !officer.disabled);
    let hash = officer.as_ref().map(|officer| officer.password_hash.clone());
    let typed = password.to_owned();
    let right = passwords::verify_in_turn(typed, hash).await.map_err(|_| ActionError::Ended)?;
    let Some(officer) = officer.filter(|_| right) else { return Err(SignInError::Wrong) };
    let token = ids::token().map_err(ActionError::from)?;
    let password = fingerprint(&officer);
    let session = SessionRow { login, password, began_at: now, seen_at: now };
    store.begin_session(&token, session).await.map_err(ActionError::from)?;
    store.end_idle_sessions(now - IDLE).await.map_err(ActionError::from)?;
    Ok(SignedIn { token, officer })
}

/// Who is signed in under a cookie. Disabled officers, and those with a new password, are not.
pub async fn signed_in(
    store: &Store,
    clock: &dyn Clock,
    token: &str,
) -> Result<Option<Officer>, ActionError> {
    let now = clock.now();
    let Some(session) = store.session(token)?.filter(|session| now - session.seen_at < IDLE) else {
        return Ok(None);
    };
    let officer = store.officer(&session.login)?;
    let officer = officer.filter(|officer| !officer.disabled && fingerprint(officer) == session.password);
    if officer.is_some() && now - session.seen_at >= NOTED_EVERY && store.read_only().is_none() {
        // Who works on a drive that has just failed is still signed in.
        if let Err(error) = store.session_seen(token, SessionRow { seen_at: now, ..session }).await {
            tracing::warn!(%error, "That somebody is still there could not be noted");
        }
    }
    Ok(officer)
}

/// Signs out.
pub async fn sign_out(store: &Store, token: &str) -> Result<(), ActionError> {
    Ok(store.end_session(token).await?)
}

fn fingerprint(officer: &Officer) -> String {
    blake3::hash(officer.password_hash.as_bytes()).to_hex().chars().take(16).collect()
}
