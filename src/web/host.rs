//! What the shared web code must know of the server it runs in. The office and the registry each implement it once.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::web::Data;
use chrono::{DateTime, Utc};

use super::session::SignedIn;
use super::words::L10nLanguage;
use crate::domain::office::Zone;

/// A future that a trait object can return.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// The line to headquarters, as every page says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// How it stands.
    pub state: LineState,
    /// How many acts headquarters has not got yet.
    pub unsent: u64,
    /// When the oldest of them was done.
    pub oldest: Option<DateTime<Utc>>,
}

/// How the line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineState {
    /// Level with headquarters a moment ago.
    Up {
        /// Since when.
        since: DateTime<Utc>,
    },
    /// Headquarters does not answer.
    Down {
        /// Since when.
        since: DateTime<Utc>,
    },
    /// Somebody paused the exchange.
    Paused,
    /// Not tried yet since the program started.
    Starting,
    /// This node is not tied to a registry.
    NotEnrolled,
}

/// One entry of the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavItem {
    /// Where it leads.
    pub href: &'static str,
    /// What it says.
    pub label: String,
}

/// A server that shows pages.
pub trait Host: Send + Sync + 'static {
    /// The name at the top of every page.
    fn name(&self) -> &str;
    /// Its time zone.
    fn zone(&self) -> Zone;
    /// Now.
    fn now(&self) -> DateTime<Utc>;
    /// The line to headquarters; `None` where there is none (the registry itself).
    fn line(&self) -> Option<Line>;
    /// Why nothing can be written at the moment, if that is so.
    fn alarm(&self, words: &L10nLanguage) -> Option<String>;
    /// What pages wait for, if they cannot be drawn at the moment; they come back by themselves.
    fn waiting(&self, _words: &L10nLanguage) -> Option<String> {
        None
    }
    /// Where an officer may go.
    fn navigation(&self, officer: &SignedIn, words: &L10nLanguage) -> Vec<NavItem>;
    /// Who is signed in under this cookie.
    fn signed_in<'a>(&'a self, token: &'a str) -> Answer<'a, Option<SignedIn>>;
    /// Where somebody who is not signed in is sent.
    fn login_path(&self) -> &'static str;
    /// Where signing out is sent to.
    fn logout_path(&self) -> &'static str;
    /// The name of its session cookie. Browsers keep cookies by host and not by port, so two servers on one machine
    /// need two names.
    fn cookie(&self) -> &'static str;
    /// Whether pages go out over TLS, so that cookies may say so.
    fn secure(&self) -> bool;
}

/// The host of a request. Every server registers `Data<Arc<dyn Host>>`; without it nothing can be drawn.
pub(crate) fn of(request: &HttpRequest) -> Option<&Arc<dyn Host>> {
    request.app_data::<Data<Arc<dyn Host>>>().map(Data::get_ref)
}
