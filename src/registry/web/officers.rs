//! `/staff/officers`: who works at headquarters; adding somebody, changing a password, shutting somebody out.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;

use super::app::asker;
use crate::passwords::PasswordFault;
use crate::registry::actions::staff::{self, StaffFault, StaffForm};
use crate::registry::actions::{ActionError, Registry};
use crate::registry::store::{StaffAct, StaffChange, StaffRow};
use crate::web::errors::Problem;
use crate::web::forms::{Fields, escape};
use crate::web::page::{self, Fault, Shell};
use crate::web::session::SignedIn;
use crate::web::words::history;

/// The most lines of what was changed lately.
const CHANGES_MAX: u32 = 20;

/// Somebody in the list.
pub struct Line {
    login: String,
    name: String,
    disabled: bool,
    is_oneself: bool,
}

/// What was done about somebody's login.
pub struct Changed {
    when: String,
    what: String,
    who: String,
}

/// The page.
#[derive(Template)]
#[template(path = "registry/officers/officers.html")]
pub struct OfficersPage {
    shell: Shell,
    key: Vec<(String, String)>,
    officers: Vec<Line>,
    chosen: Option<Line>,
    changes: Vec<Changed>,
    done: Option<String>,
}

impl OfficersPage {
    /// The list, and the form for one of them or for somebody new. What was typed goes before what stands.
    pub fn of(mut shell: Shell, all: &[StaffRow], changes: &[StaffChange], login: &str) -> Self {
        let oneself = shell.officer.as_ref().map(|officer| officer.login.clone());
        let line = |row: &StaffRow| Line {
            login: row.login.clone(),
            name: row.name.clone(),
            disabled: row.disabled,
            is_oneself: Some(&row.login) == oneself.as_ref(),
        };
        let known = all.iter().find(|row| row.login == login);
        if let Some(row) = known.filter(|_| shell.typed == Fields::default()) {
            shell.typed = Fields::new(vec![("name".to_owned(), row.name.clone())]);
        }
        Self {
            officers: all.iter().map(line).collect(),
            chosen: known.map(line),
            changes: changes.iter().map(|change| changed(&shell, all, change)).collect(),
            key: Vec::new(),
            done: None,
            shell,
        }
    }
}

fn changed(shell: &Shell, all: &[StaffRow], change: &StaffChange) -> Changed {
    let whom = all.iter().find(|row| row.login == change.login);
    let whom = whom.map_or_else(|| change.login.clone(), |row| row.name.clone());
    let what = match change.what {
        StaffAct::Set => shell.words.officer_saved(whom),
        StaffAct::Disabled => shell.words.officer_gone(whom),
    };
    Changed { when: shell.dates.since(change.at, shell.now), what, who: change.by.clone() }
}

/// Whom the page is about.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Wanted {
    #[serde(default)]
    login: String,
    #[serde(default)]
    saved: String,
    #[serde(default)]
    gone: String,
}

async fn draw(registry: &Registry, shell: Shell, login: &str) -> Result<OfficersPage, Problem> {
    let all = registry.store.all_staff().await?;
    let changes = registry.store.staff_changes(CHANGES_MAX).await?;
    let key = registry.store.key_protections(CHANGES_MAX).await?;
    let key = key.iter().map(|(changed, at)| {
        (shell.dates.since(*at, shell.now), history::key_protection(shell.words, changed))
    });
    let key = key.collect();
    Ok(OfficersPage { key, ..OfficersPage::of(shell, &all, &changes, login) })
}

/// `GET /staff/officers`
pub async fn list(
    registry: Data<Registry>,
    shell: Shell,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    let words = shell.words;
    let mut page = draw(&registry, shell, &wanted.login).await?;
    let name = |login: &str| page.officers.iter().find(|it| it.login == login).map(|it| it.name.clone());
    let saved = name(&wanted.saved).map(|name| words.officer_saved(name));
    page.done = saved.or_else(|| name(&wanted.gone).map(|name| words.officer_gone(name)));
    page::show(&page)
}

/// `POST /staff/officers`: adds somebody, or changes one who is there.
pub async fn set(
    registry: Data<Registry>,
    officer: SignedIn,
    shell: Shell,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let typed = StaffForm {
        login: form.owned("login"),
        name: form.owned("name"),
        password: form.get("password").filter(|password| !password.is_empty()).map(str::to_owned),
    };
    let login = typed.login.clone();
    let asker = asker(&officer);
    let set = match form.get("known") {
        Some(_) => staff::change(&registry, &asker, typed).await,
        None => staff::add(&registry, &asker, typed).await,
    };
    match set {
        Ok(()) => Ok(page::see_other(&format!("/staff/officers?saved={}", escape(&login)))),
        Err(error) => refused(&registry, shell, &form, error).await,
    }
}

/// `POST /staff/officers/{login}/disable`
pub async fn disable(
    registry: Data<Registry>,
    officer: SignedIn,
    shell: Shell,
    login: Path<String>,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    match staff::disable(&registry, &asker(&officer), &login).await {
        Ok(()) => Ok(page::see_other(&format!("/staff/officers?gone={}", escape(&login)))),
        Err(error) => refused(&registry, shell, &form, error).await,
    }
}

async fn refused(
    registry: &Registry,
    shell: Shell,
    form: &Fields,
    error: ActionError,
) -> Result<HttpResponse, Problem> {
    let ActionError::Staff(fault) = error else { return Err(error.into()) };
    let (field, what) = wrong(&shell, fault);
    // A password is never sent back to a page.
    let kept = ["login", "name", "known"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), form.get(name)?.to_owned())));
    let login = form.get("known").map(|_| form.owned("login")).unwrap_or_default();
    let next = shell.words.officer_wrong_next();
    let shell = shell.faulty(Fault { field, what, next }, Fields::new(kept.collect()));
    page::show_as(StatusCode::UNPROCESSABLE_ENTITY, &draw(registry, shell, &login).await?)
}

fn wrong(shell: &Shell, fault: StaffFault) -> (&'static str, String) {
    let words = shell.words;
    match fault {
        StaffFault::Login => ("login", words.officer_wrong_login()),
        StaffFault::Taken => ("login", words.staff_officers_taken()),
        StaffFault::Name => ("name", words.officer_wrong_name()),
        StaffFault::NoPassword => ("password", words.officer_wrong_no_password()),
        StaffFault::Password(PasswordFault::TooShort) => ("password", words.officer_wrong_short()),
        StaffFault::Password(PasswordFault::TooLong) => ("password", words.officer_wrong_long()),
        StaffFault::Password(PasswordFault::TooEasy) => ("password", words.officer_wrong_easy()),
        StaffFault::Unknown => ("", words.officer_wrong_unknown()),
        StaffFault::Oneself => ("", words.staff_officers_oneself()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::Role;
    use crate::registry::web::preview;
    use crate::web::page::sample;
    use crate::web::words::L10n;

    fn staff(login: &str, name: &str, disabled: bool) -> StaffRow {
        StaffRow {
            login: login.to_owned(),
            name: name.to_owned(),
            roles: vec![Role::Headquarters],
            password_hash: "$argon2id$never-shown".to_owned(),
            disabled,
            failures: 0,
            locked_until: chrono::DateTime::UNIX_EPOCH,
        }
    }

    fn all() -> Vec<StaffRow> {
        vec![
            staff("budi", "Budi Santoso", false),
            staff("sari", "Sari Melayu", false),
            staff("ani", "Ani", true),
        ]
    }

    #[test]
    fn somebody_else_can_be_changed_or_shut_out() {
        let (by, by_login) = ("Sari Melayu".to_owned(), "sari".to_owned());
        let change = StaffChange {
            login: "ani".to_owned(),
            what: StaffAct::Disabled,
            by,
            by_login,
            at: sample::now(),
        };
        let shell = preview::shell(L10n::Id, "/staff/officers");
        let page = sample::content(&OfficersPage::of(shell, &all(), &[change], "budi"));
        assert!(!page.contains("argon2id"));
        insta::assert_snapshot!(page);
    }

    #[test]
    fn nobody_is_offered_to_shut_themselves_out() {
        let shell = preview::shell(L10n::En, "/staff/officers");
        let page = sample::content(&OfficersPage::of(shell, &all(), &[], "sari"));
        assert!(!page.contains("/disable"));
    }
}
