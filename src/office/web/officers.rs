//! `/officers`: who works here, in which roles; adding, changing and disabling.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;

use super::app::{OfficeApp, refusal_in};
use crate::domain::actor::Role;
use crate::office::actions::ActionError;
use crate::office::actions::officers::{self, OfficerFault, OfficerForm};
use crate::office::store::Officer;
use crate::passwords::PasswordFault;
use crate::web::errors::{Problem, refusal_status};
use crate::web::forms::{Fields, escape};
use crate::web::page::{self, Fault, Shell};
use crate::web::session::SignedIn;
use crate::web::words::names;

/// Who may change officers.
pub const CHANGES: &[Role] = &[Role::Administrator];

const ROLES: [(Role, &str); 6] = [
    (Role::FrontDesk, "front-desk"),
    (Role::Interviewer, "interviewer"),
    (Role::Supervisor, "supervisor"),
    (Role::Custody, "custody"),
    (Role::Administrator, "administrator"),
    (Role::Auditor, "auditor"),
];

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficerLine {
    /// Login name.
    pub login: String,
    /// The name people know.
    pub name: String,
    /// Roles in words.
    pub roles: String,
    /// Whether they may no longer log in.
    pub disabled: bool,
}

/// A role to tick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleChoice {
    /// As in the form.
    pub key: &'static str,
    /// In words.
    pub name: String,
    /// Whether it is ticked.
    pub ticked: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "office/officers/officers.html")]
pub struct OfficersPage {
    shell: Shell,
    officers: Vec<OfficerLine>,
    chosen: Option<OfficerLine>,
    roles: Vec<RoleChoice>,
    changes: bool,
    done: Option<String>,
}

impl OfficersPage {
    /// The list, and the form for one of them or for a new one. What was typed goes before what stands.
    pub fn of(mut shell: Shell, all: &[Officer], login: &str) -> Self {
        let line = |officer: &Officer| OfficerLine {
            login: officer.login.clone(),
            name: officer.name.clone(),
            roles: officer
                .roles
                .iter()
                .map(|role| names::role(shell.words, *role))
                .collect::<Vec<_>>()
                .join(", "),
            disabled: officer.disabled,
        };
        let known = all.iter().find(|officer| officer.login == login);
        let (officers, chosen) = (all.iter().map(line).collect(), known.map(line));
        let fresh = shell.typed == Fields::default();
        let ticked = |role: Role, key: &str| match known {
            Some(officer) if fresh => officer.roles.contains(&role),
            _ => shell.typed.all("role").any(|typed| typed == key),
        };
        let choice =
            |(role, key)| RoleChoice { key, name: names::role(shell.words, role), ticked: ticked(role, key) };
        let roles = ROLES.into_iter().map(choice).collect();
        if let Some(officer) = known.filter(|_| fresh) {
            shell.typed = Fields::new(vec![("name".to_owned(), officer.name.clone())]);
        }
        Self { officers, chosen, roles, changes: shell.may(CHANGES), done: None, shell }
    }
}

/// The query of the page.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Wanted {
    #[serde(default)]
    login: String,
    #[serde(default)]
    saved: String,
    #[serde(default)]
    gone: String,
}

/// `GET /officers`.
pub async fn list(
    app: Data<OfficeApp>,
    shell: Shell,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    let words = shell.words;
    let all = app.store.officers()?;
    let name = |login: &str| all.iter().find(|it| it.login == login).map(|it| it.name.clone());
    let saved = name(&wanted.saved).map(|name| words.officer_saved(name));
    let gone = name(&wanted.gone).map(|name| words.officer_gone(name));
    let mut page = OfficersPage::of(shell, &all, &wanted.login);
    page.done = saved.or(gone);
    page::show(&page)
}

/// `POST /officers`: adds, or changes one who is there.
pub async fn set(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let chosen = |key: &str| ROLES.iter().find(|(_, known)| *known == key).map(|(role, _)| *role);
    let typed = OfficerForm {
        login: form.owned("login"),
        name: form.owned("name"),
        roles: form.all("role").filter_map(chosen).collect(),
        password: form.get("password").filter(|password| !password.is_empty()).map(str::to_owned),
    };
    let login = typed.login.clone();
    match officers::set(&app.store, app.asker(&officer, &form)?, typed).await {
        Ok(_) => Ok(page::see_other(&format!("/officers?saved={}", escape(&login)))),
        Err(error) => refused(&app, shell, &form, error),
    }
}

/// `POST /officers/{login}/disable`.
pub async fn disable(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    login: Path<String>,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    match officers::disable(&app.store, app.asker(&officer, &form)?, &login).await {
        Ok(_) => Ok(page::see_other(&format!("/officers?gone={}", escape(&login)))),
        Err(error) => refused(&app, shell, &form, error),
    }
}

/// The page again: what is wrong, and what was typed.
fn refused(
    app: &OfficeApp,
    shell: Shell,
    form: &Fields,
    error: ActionError,
) -> Result<HttpResponse, Problem> {
    // A password is never sent back to a page.
    let kept = ["login", "name", "known"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), form.get(name)?.to_owned())));
    let roles = form.all("role").map(|role| ("role".to_owned(), role.to_owned()));
    let typed = Fields::new(kept.chain(roles).collect());
    let login = form.get("known").map(|_| form.owned("login")).unwrap_or_default();
    let (status, shell) = if let Some(fault) = fault_in(&shell, &error) {
        (StatusCode::UNPROCESSABLE_ENTITY, shell.faulty(fault, typed))
    } else {
        let refusal = refusal_in(error)?;
        (refusal_status(&refusal), shell.refused(&refusal, typed))
    };
    page::show_as(status, &OfficersPage::of(shell, &app.store.officers()?, &login))
}

/// What is wrong with what was typed.
fn fault_in(shell: &Shell, error: &ActionError) -> Option<Fault> {
    let words = shell.words;
    let (field, what) = match error {
        ActionError::Officer(fault) => wrong(shell, *fault),
        ActionError::Password(PasswordFault::TooShort) => ("password", words.officer_wrong_short()),
        ActionError::Password(PasswordFault::TooLong) => ("password", words.officer_wrong_long()),
        ActionError::Password(PasswordFault::TooEasy) => ("password", words.officer_wrong_easy()),
        _ => return None,
    };
    let next = match error {
        ActionError::Officer(OfficerFault::LastAdministrator) => words.officer_wrong_last_next(),
        _ => words.officer_wrong_next(),
    };
    Some(Fault { field, what, next })
}

fn wrong(shell: &Shell, fault: OfficerFault) -> (&'static str, String) {
    let words = shell.words;
    match fault {
        OfficerFault::Login => ("login", words.officer_wrong_login()),
        OfficerFault::Name => ("name", words.officer_wrong_name()),
        OfficerFault::NoRole => ("roles", words.officer_wrong_roles()),
        OfficerFault::RoleElsewhere => ("roles", words.officer_wrong_role_elsewhere()),
        OfficerFault::NoPassword => ("password", words.officer_wrong_no_password()),
        OfficerFault::LastAdministrator => ("roles", words.officer_wrong_last()),
        OfficerFault::Unknown | OfficerFault::KeyShown => ("", words.officer_wrong_unknown()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::page::sample;
    use crate::web::words::L10n;

    fn officers() -> Vec<Officer> {
        let officer = |login: &str, name: &str, roles: &[Role], disabled| Officer {
            login: login.to_owned(),
            name: name.to_owned(),
            roles: roles.to_vec(),
            password_hash: "$argon2id$never-shown".to_owned(),
            disabled,
        };
        vec![
            officer("budi", "Budi Santoso", &[Role::Administrator, Role::Supervisor], false),
            officer("sari", "Sari Melayu", &[Role::FrontDesk], true),
        ]
    }

    #[test]
    fn an_administrator_may_change_an_officer() {
        let shell = sample::shell(L10n::Id, "/officers", &[Role::Administrator]);
        let page = sample::content(&OfficersPage::of(shell, &officers(), "budi"));
        assert!(!page.contains("argon2id"));
        insta::assert_snapshot!(page);
    }

    #[test]
    fn an_auditor_only_reads() {
        let shell = sample::shell(L10n::En, "/officers", &[Role::Auditor]);
        let page = sample::content(&OfficersPage::of(shell, &officers(), ""));
        assert!(!page.contains("<form"));
    }
}
