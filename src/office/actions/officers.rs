//! Adding, changing and disabling officers.

use super::{ActionError, Asker, aside};
use crate::domain::actor::Role;
use crate::domain::officer::{self, OfficerSet};
use crate::office::store::{Acted, Store, What};
use crate::passwords;

/// An officer as somebody typed them.
#[derive(Clone)]
pub struct OfficerForm {
    /// Login name.
    pub login: String,
    /// The name people know.
    pub name: String,
    /// What they may do.
    pub roles: Vec<Role>,
    /// A new password; without one the old stays.
    pub password: Option<String>,
}

/// Why an officer or a device cannot be as they were typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OfficerFault {
    /// The login has other characters, or too few or many.
    #[error("a login has 2 to 32 small letters, digits, dots or hyphens")]
    Login,
    /// The name is empty or very long.
    #[error("a name has 1 to {} characters", officer::NAME_CHARS_MAX)]
    Name,
    /// No role.
    #[error("an officer needs a role")]
    NoRole,
    /// A role of the registry.
    #[error("this role belongs to the registry")]
    RoleElsewhere,
    /// A new officer needs a password.
    #[error("a new officer needs a password")]
    NoPassword,
    /// No such officer or device.
    #[error("there is none of this name")]
    Unknown,
    /// The form was sent twice; its key was shown the first time and is kept nowhere.
    #[error("the key was shown already")]
    KeyShown,
    /// Nobody could add officers any more.
    #[error("the last administrator stays")]
    LastAdministrator,
}

/// Adds an officer, or changes one who is there already (and lets a disabled one in again).
pub async fn set(store: &Store, asker: Asker, form: OfficerForm) -> Result<Acted, ActionError> {
    let OfficerForm { login, name, mut roles, password } = form;
    let name = name.trim().to_owned();
    roles.sort_unstable();
    roles.dedup();
    check(&login, &name, &roles)?;
    if !roles.contains(&Role::Administrator) {
        keep_an_administrator(store, &login)?;
    }
    let password_hash = match password {
        Some(password) => {
            passwords::check(&login, &password)?;
            aside(move || passwords::hash(&password)).await??
        }
        None => store.officer(&login)?.ok_or(OfficerFault::NoPassword)?.password_hash,
    };
    asker.ask(store, What::SetOfficer(OfficerSet { login, name, roles, password_hash })).await
}

/// Disables an officer: they are signed out at once and cannot sign in.
pub async fn disable(store: &Store, asker: Asker, login: &str) -> Result<Acted, ActionError> {
    if store.officer(login)?.is_none() {
        return Err(OfficerFault::Unknown.into());
    }
    keep_an_administrator(store, login)?;
    asker.ask(store, What::DisableOfficer { login: login.to_owned() }).await
}

fn check(login: &str, name: &str, roles: &[Role]) -> Result<(), OfficerFault> {
    if !officer::is_login(login) {
        return Err(OfficerFault::Login);
    }
    if !officer::is_name(name) {
        return Err(OfficerFault::Name);
    }
    if roles.contains(&Role::Headquarters) {
        return Err(OfficerFault::RoleElsewhere);
    }
    if roles.is_empty() { Err(OfficerFault::NoRole) } else { Ok(()) }
}

/// Somebody else must be able to add officers, if this one is who can now.
fn keep_an_administrator(store: &Store, login: &str) -> Result<(), ActionError> {
    let officers = store.officers()?;
    let administers = |login_matches: bool| {
        officers.iter().any(|officer| {
            !officer.disabled
                && officer.roles.contains(&Role::Administrator)
                && (officer.login == login) == login_matches
        })
    };
    if administers(true) && !administers(false) {
        return Err(OfficerFault::LastAdministrator.into());
    }
    Ok(())
}
