//! Signing in to headquarters and out.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::host::Headquarters;
use crate::registry::actions::{ActionError, staff};
use crate::web::errors::Problem;
use crate::web::forms::{Fields, own_path};
use crate::web::page::{self, Fault, Shell};
use crate::web::session;

const HOME: &str = "/staff/decisions";

/// The page.
#[derive(Template)]
#[template(path = "registry/login/login.html")]
pub struct LoginPage {
    shell: Shell,
    next: String,
}

/// Where to go on to.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Wanted {
    #[serde(default)]
    next: String,
}

/// `GET /staff/login`
pub async fn show(shell: Shell, wanted: Query<Wanted>) -> Result<HttpResponse, Problem> {
    let next = wanted.into_inner().next;
    if shell.officer.is_some() {
        return Ok(page::see_other(own_path(&next).unwrap_or(HOME)));
    }
    page::show(&LoginPage { shell, next })
}

/// `POST /staff/login`: whether the name exists or the password is wrong, the answer is the same.
pub async fn sign_in(
    headquarters: Data<Headquarters>,
    shell: Shell,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let next = form.owned("next");
    let password = form.get("password").unwrap_or_default();
    match staff::log_in(&headquarters.registry, form.text("name"), password).await {
        Ok(token) => {
            let mut answer = page::see_other(own_path(&next).unwrap_or(HOME));
            let cookie = session::opened(&**headquarters, token);
            answer.add_cookie(&cookie).map_err(|error| Problem::internal(&error))?;
            Ok(answer)
        }
        Err(ActionError::LoginRefused) => {
            let (what, next_step) = (shell.words.staff_login_wrong(), shell.words.staff_login_wrong_next());
            let typed = Fields::new(vec![("name".to_owned(), form.owned("name"))]);
            let shell = shell.faulty(Fault { field: "name", what, next: next_step }, typed);
            page::show_as(StatusCode::UNAUTHORIZED, &LoginPage { shell, next })
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /staff/logout`
pub async fn sign_out(
    headquarters: Data<Headquarters>,
    request: HttpRequest,
    _: Fields,
) -> Result<HttpResponse, Problem> {
    if let Some(cookie) = request.cookie(&session::session_cookie(&**headquarters)) {
        let ended = headquarters.registry.store.end_session(cookie.value()).await;
        ended?;
    }
    let mut answer = page::see_other("/staff/login");
    let cookie = session::closed(&**headquarters);
    answer.add_cookie(&cookie).map_err(|error| Problem::internal(&error))?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::web::preview;
    use crate::web::page::sample;
    use crate::web::words::L10n;

    #[test]
    fn the_page_asks_for_name_and_password() {
        let shell = preview::stranger(L10n::Id, "/staff/login");
        insta::assert_snapshot!(sample::content(&LoginPage { shell, next: "/staff/offices".to_owned() }));
    }
}
