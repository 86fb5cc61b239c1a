//! Who calls: the session cookie, the visitor's cookie before there is a session, and the token every form carries.
//!
//! The form token is derived from the cookie, so nothing is stored for it and it changes with every login.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use data_encoding::BASE32_NOPAD;
use std::future::{Ready, ready};

use super::errors::Problem;
use super::host::Host;
use super::words::L10n;
use crate::domain::actor::{Actor, Role};
use crate::ids::{self, NoRandomness};

/// The cookie of the language switch.
pub const LANGUAGE_COOKIE: &str = "lang";

/// An officer who has logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Login name.
    pub login: String,
    /// The name people know.
    pub name: String,
    /// What the officer may do.
    pub roles: Vec<Role>,
}

impl SignedIn {
    /// Whether the officer holds one of these roles.
    pub fn any(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.roles.contains(role))
    }

    /// The officer as facts name them.
    pub fn actor(&self) -> Actor {
        Actor::Officer { login: self.login.clone(), name: self.name.clone() }
    }
}

/// The officer of a request; whoever is not signed in is sent to the login.
impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = request.extensions().get::<Caller>().and_then(|caller| caller.officer.clone());
        ready(caller.ok_or(Problem::SignIn))
    }
}

/// What the gate found out about a request, kept beside it.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The officer, if signed in.
    pub officer: Option<SignedIn>,
    /// The language asked for.
    pub language: L10n,
    /// The token every form of this caller must carry.
    pub csrf: String,
    /// A number to quote when something goes wrong.
    pub request: String,
    /// What makes the forms of this page recognisable when they are sent twice.
    pub once: String,
    /// A cookie to set, for a visitor who had none.
    pub(super) fresh_visitor: Option<String>,
}

impl Caller {
    /// Reads the cookies of a request.
    pub async fn of(host: &dyn Host, request: &HttpRequest) -> Result<Self, NoRandomness> {
        let session = request.cookie(&session_cookie(host)).map(|cookie| cookie.value().to_owned());
        let officer = match &session {
            Some(token) => host.signed_in(token).await,
            None => None,
        };
        let visitor = request.cookie(&visitor_cookie(host)).map(|cookie| cookie.value().to_owned());
        let (secret, fresh_visitor) = match (session.filter(|_| officer.is_some()), visitor) {
            (Some(token), _) => (token, None),
            (None, Some(visitor)) if visitor.len() >= 32 => (visitor, None),
            (None, _) => {
                let visitor = ids::token()?;
                (visitor.clone(), Some(visitor))
            }
        };
        let language = request.cookie(LANGUAGE_COOKIE).and_then(|cookie| cookie.value().parse().ok());
        Ok(Self {
            officer,
            language: language.unwrap_or_default(),
            csrf: form_token(&secret),
            request: ids::once()?.chars().take(8).collect(),
            once: ids::once()?,
            fresh_visitor,
        })
    }
}

/// The token that forms carry for the holder of a cookie.
pub fn form_token(secret: &str) -> String {
    let key = blake3::derive_key("loket 2026 form token", secret.as_bytes());
    BASE32_NOPAD.encode(&key[..20]).to_ascii_lowercase()
}

/// The name of the session cookie. Browsers tie `__Host-` names to one host and to TLS.
pub fn session_cookie(host: &dyn Host) -> String {
    let prefix = if host.secure() { "__Host-" } else { "" };
    format!("{prefix}{}", host.cookie())
}

fn visitor_cookie(host: &dyn Host) -> String {
    format!("{}-visitor", session_cookie(host))
}

/// The cookie that opens a session.
pub fn opened(host: &dyn Host, token: String) -> Cookie<'static> {
    cookie(host, session_cookie(host), token)
}

/// The cookie that ends it.
pub fn closed(host: &dyn Host) -> Cookie<'static> {
    let mut cookie = cookie(host, session_cookie(host), String::new());
    cookie.set_max_age(Duration::ZERO);
    cookie
}

/// The cookie a visitor's forms hang on until there is a session.
pub(super) fn visitor(host: &dyn Host, token: String) -> Cookie<'static> {
    cookie(host, visitor_cookie(host), token)
}

/// The cookie that keeps the language for a year.
pub fn language(host: &dyn Host, language: L10n) -> Cookie<'static> {
    let mut cookie = cookie(host, LANGUAGE_COOKIE.to_owned(), language.to_string());
    cookie.set_max_age(Duration::days(365));
    cookie
}

fn cookie(host: &dyn Host, name: String, value: String) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .secure(host.secure())
        .same_site(SameSite::Strict)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_token_depends_on_the_cookie_alone() {
        assert_eq!(form_token("a"), form_token("a"));
        assert_ne!(form_token("a"), form_token("b"));
        assert_eq!(form_token("a").len(), 32);
    }
}
