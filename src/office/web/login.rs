//! Signing in and out.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::app::{OfficeApp, problem};
use crate::office::actions::sessions::{self, SignInError};
use crate::web::errors::Problem;
use crate::web::forms::{Fields, own_path};
use crate::web::page::{self, Fault, Shell};
use crate::web::session;

/// The page.
#[derive(Template)]
#[template(path = "office/login/login.html")]
pub struct LoginPage {
    shell: Shell,
    next: String,
    signed_out: bool,
}

/// The query of the page.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Wanted {
    /// Where to go on to.
    #[serde(default)]
    next: String,
    /// Somebody has just signed out.
    #[serde(default)]
    out: String,
}

/// `GET /login`.
pub async fn show(shell: Shell, wanted: Query<Wanted>) -> Result<HttpResponse, Problem> {
    let Wanted { next, out } = wanted.into_inner();
    if shell.officer.is_some() {
        return Ok(page::see_other(own_path(&next).unwrap_or("/")));
    }
    page::show(&LoginPage { shell, next, signed_out: !out.is_empty() })
}

/// `POST /login`. Whether the name exists or the password is wrong, the answer is the same.
pub async fn sign_in(app: Data<OfficeApp>, shell: Shell, form: Fields) -> Result<HttpResponse, Problem> {
    let next = form.owned("next");
    let password = form.get("password").unwrap_or_default();
    match sessions::sign_in(&app.store, &**app.store.clock(), form.text("name"), password).await {
        Ok(signed_in) => {
            let mut answer = page::see_other(own_path(&next).unwrap_or("/"));
            let cookie = session::opened(&**app, signed_in.token);
            answer.add_cookie(&cookie).map_err(|_| Problem::Internal)?;
            Ok(answer)
        }
        Err(SignInError::Action(error)) => Err(problem(error)),
        Err(SignInError::Wrong) => {
            let (what, next_step) = (shell.words.login_wrong(), shell.words.login_wrong_next());
            refused(shell, StatusCode::UNAUTHORIZED, (what, next_step), &form, next)
        }
        Err(SignInError::Wait { until }) => {
            let what = shell.words.login_wait(shell.dates.time(until));
            let next_step = shell.words.login_wait_next();
            refused(shell, StatusCode::TOO_MANY_REQUESTS, (what, next_step), &form, next)
        }
    }
}

fn refused(
    shell: Shell,
    status: StatusCode,
    (what, next_step): (String, String),
    form: &Fields,
    next: String,
) -> Result<HttpResponse, Problem> {
    let typed = Fields::new(vec![("name".to_owned(), form.owned("name"))]);
    let shell = shell.faulty(Fault { field: "name", what, next: next_step }, typed);
    page::show_as(status, &LoginPage { shell, next, signed_out: false })
}

/// `POST /logout`.
pub async fn sign_out(
    app: Data<OfficeApp>,
    request: HttpRequest,
    _form: Fields,
) -> Result<HttpResponse, Problem> {
    if let Some(cookie) = request.cookie(&session::session_cookie(&**app)) {
        sessions::sign_out(&app.store, cookie.value()).await.map_err(problem)?;
    }
    let mut answer = page::see_other("/login?out=1");
    answer.add_cookie(&session::closed(&**app)).map_err(|_| Problem::Internal)?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::page::sample;

    #[test]
    fn the_page_asks_for_name_and_password() {
        let mut shell = sample::shell(crate::web::words::L10n::Id, "/login", &[]);
        shell.officer = None;
        let page = LoginPage { shell, next: "/bookings".to_owned(), signed_out: false };
        insta::assert_snapshot!(sample::content(&page));
    }
}
