//! The frame around every page: who is signed in, the line to headquarters, the words, what was typed and refused.

use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};
use askama::Template;
use chrono::{DateTime, Utc};
use std::future::{Ready, ready};

use super::dates::Dates;
use super::errors::{Problem, refusal_status};
use super::forms::Fields;
use super::host::{self, Host, Line, LineState, NavItem};
use super::session::{Caller, SignedIn};
use super::words::{L10n, L10nLanguage, refusal, words};
use crate::domain::actor::Role;
use crate::domain::refusal::Refusal;

/// The content type of a page.
pub const HTML: &str = "text/html; charset=utf-8";

/// Something wrong with a form: shown at its top, linked to its field, and beside the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The `id` and name of the field; empty when it is about the whole form.
    pub field: &'static str,
    /// What is wrong.
    pub what: String,
    /// What to do next.
    pub next: String,
}

/// Everything a layout needs. Every page struct has one in a field `shell`.
#[derive(Clone)]
pub struct Shell {
    /// The words.
    pub words: &'static L10nLanguage,
    /// Their language.
    pub language: L10n,
    /// Writes dates and money.
    pub dates: Dates,
    /// The name of the office or of headquarters.
    pub place: String,
    /// Who is signed in.
    pub officer: Option<SignedIn>,
    /// The token every form carries.
    pub csrf: String,
    /// The line to headquarters, where there is one.
    pub line: Option<Line>,
    /// Why nothing can be written at the moment.
    pub alarm: Option<String>,
    /// What pages wait for, if they cannot be drawn at the moment.
    pub waiting: Option<String>,
    /// Now.
    pub now: DateTime<Utc>,
    /// The address of this page.
    pub path: String,
    /// The address with its query, to come back to.
    pub here: String,
    /// Where signing out is sent to.
    pub logout: &'static str,
    /// Where one may go.
    pub navigation: Vec<NavItem>,
    /// What is wrong with the form that was sent.
    pub faults: Vec<Fault>,
    /// What was typed into it.
    pub typed: Fields,
    once: String,
}

impl Shell {
    /// The frame for a request that has passed the gate.
    pub fn of(request: &HttpRequest) -> Self {
        let host = host::of(request);
        let caller = request.extensions().get::<Caller>().cloned();
        let path = request.path().to_owned();
        let here = request.uri().path_and_query().map_or_else(|| path.clone(), ToString::to_string);
        match (host, caller) {
            (Some(host), Some(caller)) => Self::new(host, &caller, path, here),
            // Only an answer that never met the gate comes here; its frame is bare.
            _ => Self::bare(path),
        }
    }

    fn new(host: &Arc<dyn Host>, caller: &Caller, path: String, here: String) -> Self {
        let words = words(caller.language);
        let navigation = caller.officer.as_ref().map(|officer| host.navigation(officer, words));
        Self {
            words,
            language: caller.language,
            dates: Dates { language: caller.language, zone: host.zone() },
            place: host.name().to_owned(),
            officer: caller.officer.clone(),
            csrf: caller.csrf.clone(),
            line: host.line(),
            alarm: host.alarm(words),
            waiting: host.waiting(words),
            now: host.now(),
            path,
            here,
            logout: host.logout_path(),
            navigation: navigation.unwrap_or_default(),
            faults: Vec::new(),
            typed: Fields::default(),
            once: caller.once.clone(),
        }
    }

    fn bare(path: String) -> Self {
        let language = L10n::default();
        Self {
            words: words(language),
            language,
            dates: Dates { language, zone: crate::domain::office::Zone::default() },
            place: String::new(),
            officer: None,
            csrf: String::new(),
            line: None,
            alarm: None,
            waiting: None,
            now: DateTime::UNIX_EPOCH,
            here: path.clone(),
            path,
            logout: "/logout",
            navigation: Vec::new(),
            faults: Vec::new(),
            typed: Fields::default(),
            once: String::new(),
        }
    }

    /// The idempotency key of one form of this page. Two forms of a page never share one.
    pub fn once(&self, act: &str) -> String {
        format!("{act}-{}", self.once)
    }

    /// The address of an embedded file, with its hash so that browsers may keep it for ever.
    pub fn asset(&self, name: &str) -> String {
        super::assets::address(name)
    }

    /// Whether the words are Indonesian.
    pub fn is_indonesian(&self) -> bool {
        self.language == L10n::Id
    }

    /// Whether a navigation entry is where we are.
    pub fn is_here(&self, href: &str) -> bool {
        if href == "/" { self.path == "/" } else { self.path.starts_with(href) }
    }

    /// Whether the officer holds one of these roles.
    pub fn may(&self, roles: &[Role]) -> bool {
        self.officer.as_ref().is_some_and(|officer| officer.any(roles))
    }

    /// What was typed into a field of a refused form.
    pub fn typed(&self, name: &str) -> &str {
        self.typed.get(name).unwrap_or_default()
    }

    /// What was typed into a field, or else what stands there.
    pub fn typed_or<'a>(&'a self, name: &str, standing: &'a str) -> &'a str {
        self.typed.get(name).unwrap_or(standing)
    }

    /// What is wrong with a field.
    pub fn fault(&self, field: &str) -> Option<&Fault> {
        self.faults.iter().find(|fault| !field.is_empty() && fault.field == field)
    }

    /// The line in calm words.
    pub fn line_words(&self, line: &Line) -> String {
        let words = self.words;
        let since = |at| self.dates.since(at, self.now);
        match line.state {
            LineState::Up { since: at } => words.line_up(since(at)),
            LineState::Down { since: at } => words.line_down(since(at)),
            LineState::Paused => words.line_paused(),
            LineState::Starting => words.line_starting(),
            LineState::NotEnrolled => words.line_not_enrolled(),
        }
    }

    /// How much waits to be sent, with the age of the oldest.
    pub fn unsent_words(&self, line: &Line) -> String {
        let count = i64::try_from(line.unsent).unwrap_or(i64::MAX);
        match line.oldest {
            Some(oldest) if line.unsent > 0 => {
                self.words.line_unsent(count, self.dates.age(oldest, self.now))
            }
            _ => self.words.line_all_sent(),
        }
    }

    /// A name for the style of the line's mark. The words beside it say the same.
    pub fn line_mark(&self, line: &Line) -> &'static str {
        match line.state {
            LineState::Up { .. } => "up",
            LineState::Down { .. } => "down",
            LineState::Paused | LineState::Starting | LineState::NotEnrolled => "idle",
        }
    }

    /// The frame of the same page after a refusal: what is wrong on top, what was typed kept.
    #[must_use]
    pub fn refused(mut self, refusal: &Refusal, typed: Fields) -> Self {
        if matches!(refusal, Refusal::StorageFailed | Refusal::StorageFailedMeanwhile) {
            // It may have failed since this frame was begun.
            self.alarm.get_or_insert_with(|| self.words.alarm_read_only());
        }
        let told = refusal::tell(self.words, &self.dates, refusal);
        self.faults.push(Fault { field: told.field, what: told.what, next: told.next });
        self.typed = typed;
        self
    }

    /// The frame of a page whose boxes are filled already, with nothing wrong.
    #[must_use]
    pub fn filled(mut self, typed: Fields) -> Self {
        self.typed = typed;
        self
    }

    /// The same for something the form itself got wrong.
    #[must_use]
    pub fn faulty(mut self, fault: Fault, typed: Fields) -> Self {
        self.faults.push(fault);
        self.typed = typed;
        self
    }
}

impl FromRequest for Shell {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

/// A page as it should be.
pub fn show(page: &impl Template) -> Result<HttpResponse, Problem> {
    show_as(StatusCode::OK, page)
}

/// A page with another status: a refused form shown again.
pub fn show_as(status: StatusCode, page: &impl Template) -> Result<HttpResponse, Problem> {
    let body = page.render().map_err(|error| Problem::internal(&error))?;
    Ok(HttpResponse::build(status).content_type(HTML).body(body))
}

/// The same page again after a refusal.
pub fn show_refused(refusal: &Refusal, page: &impl Template) -> Result<HttpResponse, Problem> {
    show_as(refusal_status(refusal), page)
}

/// On to another page after something was done, so that reloading does not do it again.
pub fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, to)).finish()
}

/// A frame with fixed contents, for snapshots of pages.
#[cfg(test)]
pub(crate) mod sample {
    use super::*;

    /// The officer of the samples.
    pub(crate) fn officer(roles: &[Role]) -> SignedIn {
        SignedIn { login: "sari".to_owned(), name: "Sari Melayu".to_owned(), roles: roles.to_vec() }
    }

    /// Half past eight on Monday in Karimun.
    pub(crate) fn now() -> DateTime<Utc> {
        "2026-11-23T01:30:00Z".parse().unwrap()
    }

    /// A frame with the line up.
    pub(crate) fn shell(language: L10n, path: &str, roles: &[Role]) -> Shell {
        let line = Line { state: LineState::Up { since: now() }, unsent: 0, oldest: None };
        let officer = officer(roles);
        let words = words(language);
        Shell {
            dates: Dates { language, zone: crate::domain::office::Zone::Wib },
            language,
            words,
            place: "Kantor Imigrasi Kelas II TPI Tanjung Balai Karimun".to_owned(),
            navigation: crate::office::web::navigation(&officer, words),
            officer: Some(officer),
            csrf: "token".to_owned(),
            line: Some(line),
            now: now(),
            here: path.to_owned(),
            once: "once".to_owned(),
            ..Shell::bare(path.to_owned())
        }
    }

    /// A whole page as it is compared: without blank lines and without the hashes of styles and scripts.
    pub(crate) fn whole(page: &impl Template) -> String {
        let text = page.render().unwrap();
        let mut lines = String::new();
        for line in text.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
            let mut parts = line.split("?v=");
            lines.push_str(parts.next().unwrap_or_default());
            parts.for_each(|part| lines.push_str(&part[12..]));
            lines.push('\n');
        }
        lines
    }

    /// The page without its frame, which has a snapshot of its own.
    pub(crate) fn content(page: &impl Template) -> String {
        let whole = whole(page);
        let from = whole.find("<main").unwrap();
        whole[from..whole.find("</main>").unwrap()].to_owned()
    }
}
