//! Headquarters' staff: logging in, adding somebody, changing a password, shutting somebody out.

use chrono::TimeDelta;

use super::{ActionError, Asker, Registry};
use crate::domain::actor::{Actor, Role};
use crate::domain::officer;
use crate::domain::refusal::Refusal;
use crate::ids;
use crate::passwords::{self, PasswordError, PasswordFault};
use crate::registry::store::{StaffAct, StaffChange, StaffSet};

/// Wrong passwords in a row that are simply refused.
const FAILURES_FREE: u32 = 4;
/// A session nobody used so long is over.
const IDLE_HOURS: i64 = 12;
const LOCKED_MINUTES_MAX: i64 = 60;

/// How long a session may rest.
pub fn idle() -> TimeDelta {
    TimeDelta::hours(IDLE_HOURS)
}

/// Opens a session; returns its token. Whether the login exists is not to be told from the answer.
pub async fn log_in(registry: &Registry, login: &str, password: &str) -> Result<String, ActionError> {
    let now = registry.now();
    let login = login.trim().to_lowercase();
    let known = registry.store.staff(&login).await?.filter(|staff| !staff.disabled);
    // Counted before the password is looked at, so that many tries at once do not slip through.
    let looked_at = registry.store.begin_try(&login, now, locked_for).await?;
    let (password, hash) = (password.to_owned(), known.as_ref().map(|staff| staff.password_hash.clone()));
    let matches = passwords::verify_in_turn(password, hash).await;
    let matches = matches.map_err(|error| ActionError::Internal(error.to_string()))?;
    if known.is_none() || !looked_at || !matches {
        return Err(ActionError::LoginRefused);
    }
    registry.store.clear_failures(&login).await?;
    let token = ids::token()?;
    registry.store.put_session(&token, &login, now).await?;
    Ok(token)
}

/// Somebody as they were typed.
#[derive(Clone)]
pub struct StaffForm {
    /// Login name.
    pub login: String,
    /// The name people know.
    pub name: String,
    /// A new password; without one the old stays.
    pub password: Option<String>,
}

/// Why somebody cannot be as they were typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StaffFault {
    /// The login has other characters, or too few or many.
    #[error("a login has 2 to 32 small letters, digits, dots or hyphens")]
    Login,
    /// The name is empty or very long.
    #[error("a name has 1 to {} characters", officer::NAME_CHARS_MAX)]
    Name,
    /// Somebody new needs a password.
    #[error("somebody new needs a password")]
    NoPassword,
    /// The password is not good enough.
    #[error("the password is refused: {0}")]
    Password(#[from] PasswordFault),
    /// No such login.
    #[error("there is no such login")]
    Unknown,
    /// Somebody of the same login is there; adding is not changing.
    #[error("this login is taken")]
    Taken,
    /// Whoever shuts themselves out may leave nobody in.
    #[error("nobody shuts themselves out")]
    Oneself,
}

/// Lets somebody in who was not there.
pub async fn add(registry: &Registry, asker: &Asker, form: StaffForm) -> Result<(), ActionError> {
    asker.headquarters()?;
    if registry.store.staff(&form.login).await?.is_some() {
        return Err(StaffFault::Taken.into());
    }
    set(registry, asker, form).await
}

/// Changes name or password of somebody who is there; lets in again whoever was shut out.
pub async fn change(registry: &Registry, asker: &Asker, form: StaffForm) -> Result<(), ActionError> {
    asker.headquarters()?;
    if registry.store.staff(&form.login).await?.is_none() {
        return Err(StaffFault::Unknown.into());
    }
    set(registry, asker, form).await
}

async fn set(registry: &Registry, asker: &Asker, form: StaffForm) -> Result<(), ActionError> {
    let StaffForm { login, name, password } = form;
    let name = name.trim().to_owned();
    let known = registry.store.staff(&login).await?;
    // A login from the command line may be of an older form; it can still be changed.
    if known.is_none() && !officer::is_login(&login) {
        return Err(StaffFault::Login.into());
    }
    if !officer::is_name(&name) {
        return Err(StaffFault::Name.into());
    }
    let password_hash = match (password, known) {
        (Some(password), _) => {
            passwords::check(&login, &password).map_err(StaffFault::from)?;
            hash(password).await?
        }
        (None, Some(known)) => known.password_hash,
        (None, None) => return Err(StaffFault::NoPassword.into()),
    };
    let change = recorded(registry, asker, &login, StaffAct::Set)?;
    let set = StaffSet { login, name, roles: vec![Role::Headquarters], password_hash };
    Ok(registry.store.put_staff(&set, Some(&change)).await?)
}

/// Shuts somebody else out: they are signed out at once and cannot sign in.
pub async fn disable(registry: &Registry, asker: &Asker, login: &str) -> Result<(), ActionError> {
    asker.headquarters()?;
    let change = recorded(registry, asker, login, StaffAct::Disabled)?;
    if change.by_login == login {
        return Err(StaffFault::Oneself.into());
    }
    let done = registry.store.disable_staff(&change).await?;
    if done { Ok(()) } else { Err(StaffFault::Unknown.into()) }
}

fn recorded(
    registry: &Registry,
    asker: &Asker,
    login: &str,
    what: StaffAct,
) -> Result<StaffChange, ActionError> {
    let Actor::Officer { login: by_login, name: by } = asker.by.clone() else {
        return Err(Refusal::NotAllowed.into());
    };
    Ok(StaffChange { login: login.to_owned(), what, by, by_login, at: registry.now() })
}

async fn hash(password: String) -> Result<String, ActionError> {
    let internal = |error: String| ActionError::Internal(error);
    let hashed = tokio::task::spawn_blocking(move || passwords::hash(&password)).await;
    let hashed = hashed.map_err(|error| internal(error.to_string()))?;
    hashed.map_err(|error: PasswordError| internal(error.to_string()))
}

/// A minute after the fifth wrong password, twice as long after each further one.
fn locked_for(failures: u32) -> TimeDelta {
    let Some(over) = failures.checked_sub(FAILURES_FREE + 1) else { return TimeDelta::zero() };
    TimeDelta::minutes((1_i64 << over.min(6)).min(LOCKED_MINUTES_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_locked_longer_and_longer_but_never_for_good() {
        let minutes = [1, 4, 5, 6, 8, 40].map(|failures| locked_for(failures).num_minutes());
        assert_eq!(minutes, [0, 0, 1, 2, 8, 60]);
    }
}
