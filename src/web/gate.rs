//! The gate every request passes: who calls, whether the form comes from our own page, whether the caller may, and on
//! the way out the page for what went wrong, the cookies and the headers.
//!
//! Invariants: a route that is not in the table is not served; a request that changes something and comes from another
//! site is turned away before any handler sees it.

use std::sync::Arc;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, ResponseError};
use askama::Template;

use super::errors::{Problem, ProblemPage, Undrawn};
use super::host::{self, Host};
use super::page::{self, Shell};
use super::routes::{Table, Who};
use super::session::{self, Caller};
use super::words::words;
use super::{forms, headers};

/// A page that waits is asked for again after so many seconds.
const WAITING_SECONDS: &str = "3";

/// The middleware: `App::new().wrap(from_fn(gate))`.
pub async fn gate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let Some(host) = host::of(request.request()).cloned() else {
        return Ok(request.into_response(HttpResponse::InternalServerError().finish()));
    };
    let caller = match Caller::of(&*host, request.request()).await {
        Ok(caller) => caller,
        Err(error) => return Ok(request.into_response(Problem::internal(&error).error_response())),
    };
    request.extensions_mut().insert(caller.clone());
    let is_waiting = host.waiting(words(caller.language)).is_some() && !waits_for_nothing(request.path());
    let admitted = if is_waiting { Err(Problem::Waiting) } else { admit(&request, &caller) };
    let answer = match admitted {
        Ok(()) => next.call(request).await?.map_into_boxed_body(),
        Err(Problem::SignIn) if request.method() == Method::GET => {
            let to = login_address(&*host, request.request());
            request.into_response(page::see_other(&to))
        }
        Err(problem) => request.into_response(problem.error_response()),
    };
    Ok(finish(answer, &host, &caller, started))
}

/// What is served while pages wait: the files that every page needs, and what machines that watch ask.
fn waits_for_nothing(path: &str) -> bool {
    path.starts_with("/static/") || matches!(path, "/healthz" | "/metrics")
}

/// May this request go on?
fn admit(request: &ServiceRequest, caller: &Caller) -> Result<(), Problem> {
    let who = request
        .app_data::<actix_web::web::Data<Table>>()
        .and_then(|table| request.match_pattern().map(|pattern| table.who(request.method(), &pattern)));
    let who = match who {
        None | Some(Err(Problem::NoPage)) => return Err(Problem::NoPage),
        Some(found) => found?,
    };
    if who == Who::Machine {
        return Ok(());
    }
    if !request.method().is_safe() && !from_own_page(request.request()) {
        return Err(Problem::ForeignForm);
    }
    match (who, &caller.officer) {
        (Who::Anyone | Who::Machine, _) | (Who::SignedIn, Some(_)) => Ok(()),
        (_, None) => Err(Problem::SignIn),
        (Who::Roles(roles), Some(officer)) if officer.any(roles) => Ok(()),
        (Who::Roles(_), Some(_)) => Err(Problem::NotAllowed),
    }
}

/// Browsers say where a request comes from; one that names another site is not ours. The form token decides the rest.
fn from_own_page(request: &HttpRequest) -> bool {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
        _ => true,
    }
}

/// Where to sign in, and where to go on then; without the query, which may name a person.
fn login_address(host: &dyn Host, request: &HttpRequest) -> String {
    let wanted = request.path();
    if wanted == "/" {
        return host.login_path().to_owned();
    }
    format!("{}?next={}", host.login_path(), forms::escape(wanted))
}

fn finish(
    mut answer: ServiceResponse<BoxBody>,
    host: &Arc<dyn Host>,
    caller: &Caller,
    started: Instant,
) -> ServiceResponse<BoxBody> {
    let status = answer.status();
    if status.is_client_error() || status.is_server_error() {
        answer = draw(answer, host, caller);
    }
    if let Some(token) = &caller.fresh_visitor
        && is_page(answer.response().headers())
    {
        let cookie = session::visitor(&**host, token.clone());
        // A cookie that cannot be written only means that the next form has to be opened once more.
        let _ = answer.response_mut().add_cookie(&cookie);
    }
    if !is_between_nodes(answer.request()) {
        headers::add(answer.response_mut().headers_mut());
    }
    log(&answer, caller, started);
    answer
}

/// The exchange of nodes: no browser, and on a bad line every header costs.
fn is_between_nodes(request: &HttpRequest) -> bool {
    request.match_pattern().is_some_and(|pattern| pattern.starts_with("/sync/v1/"))
}

/// Puts a page on an answer that has none yet.
fn draw(
    mut answer: ServiceResponse<BoxBody>,
    host: &Arc<dyn Host>,
    caller: &Caller,
) -> ServiceResponse<BoxBody> {
    let undrawn = answer.response_mut().extensions_mut().remove::<Undrawn>();
    let problem = match undrawn {
        Some(Undrawn(problem)) => problem,
        None if answer.response().headers().contains_key(header::CONTENT_TYPE) && keeps_body(&answer) => {
            return answer;
        }
        None => Problem::of_status(answer.status()),
    };
    let shell = Shell::of(answer.request());
    let page = ProblemPage::of(&problem, shell, &caller.request, host.login_path());
    let body = page.render().unwrap_or_default();
    let mut response = HttpResponse::build(answer.status());
    response.content_type(page::HTML);
    if matches!(problem, Problem::Waiting) {
        response
            .insert_header(("refresh", WAITING_SECONDS))
            .insert_header((header::RETRY_AFTER, WAITING_SECONDS));
    }
    answer.into_response(response.body(body))
}

/// Pages and JSON say themselves what is wrong; the framework's bare text does not.
fn keeps_body(answer: &ServiceResponse<BoxBody>) -> bool {
    let kind = answer.response().headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    !kind.unwrap_or_default().starts_with("text/plain")
}

fn is_page(headers: &header::HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE) == Some(&HeaderValue::from_static(page::HTML))
}

/// One line per answer. The pattern and not the path, which may hold an application's number.
fn log(answer: &ServiceResponse<BoxBody>, caller: &Caller, started: Instant) {
    let request = answer.request();
    let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
    let (method, status, number) = (request.method(), answer.status().as_u16(), &caller.request);
    let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
        // Tables that are being opened, a registry that asks an office to come later: pages come back by themselves, often.
        tracing::debug!(%method, route, status, elapsed_ms, request = %number, "A request was asked to come again");
    } else if answer.status() == StatusCode::INSUFFICIENT_STORAGE {
        tracing::warn!(%method, route, status, elapsed_ms, request = %number, "A request was refused for want of room");
    } else if answer.status().is_server_error() {
        tracing::error!(%method, route, status, elapsed_ms, request = %number, "A request was not answered as it should");
    } else {
        tracing::debug!(%method, route, status, elapsed_ms, request = %number, "A request was answered");
    }
}
