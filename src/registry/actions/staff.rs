//! Logging in at headquarters.

use chrono::TimeDelta;

use super::{ActionError, Registry};
use crate::registry::store::StaffSession;
use crate::{ids, passwords};

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
    let locked = known.as_ref().is_some_and(|staff| now < staff.locked_until);
    let (password, hash) = (password.to_owned(), known.as_ref().map(|staff| staff.password_hash.clone()));
    let matches = passwords::verify_in_turn(password, hash).await;
    let matches = matches.map_err(|error| ActionError::Internal(error.to_string()))?;
    let Some(staff) = known else { return Err(ActionError::LoginRefused) };
    if locked {
        return Err(ActionError::LoginRefused);
    }
    if !matches {
        registry.store.count_failure(&login, now + locked_for(staff.failures + 1)).await?;
        return Err(ActionError::LoginRefused);
    }
    registry.store.clear_failures(&login).await?;
    let token = ids::token()?;
    let session = StaffSession { login, name: staff.name, roles: staff.roles };
    registry.store.put_session(&token, &session, now).await?;
    Ok(token)
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
