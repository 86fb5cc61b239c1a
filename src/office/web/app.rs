//! What the office's handlers share: the store, the clock, and how an act becomes an answer.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use tokio::sync::watch;

use super::books::importing::Reports;
use super::books::stock::LowStock;
use super::notices::told::Told;

use crate::domain::application::Application;
use crate::domain::command::Context;
use crate::domain::key_protection::KeyProtection;
use crate::domain::number::ApplicationNumber;
use crate::domain::refusal::Refusal;
use crate::domain::setting::Settings;
use crate::office::actions::{ActionError, Asker};
use crate::office::store::{ActError, Line, Store, StoreError};
use crate::office::worker::Printer;
use crate::sheets::SheetReader;
use crate::web::errors::Problem;
use crate::web::forms::Fields;
use crate::web::host;
use crate::web::session::SignedIn;
use crate::web::tls::Shown;
use crate::web::uploads::Places;

/// Handed to every handler as `Data<OfficeApp>`.
#[derive(Clone)]
pub struct OfficeApp {
    /// The office's memory.
    pub store: Store,
    /// Whether browsers meet TLS, here or at a proxy in front.
    pub secure: bool,
    /// What desktops have been told.
    pub told: Arc<Told>,
    /// How the machine it runs on is protected.
    pub machine: Machine,
    /// Places for pictures on their way.
    pub places: Arc<Places>,
    /// What prints tickets, if anything does.
    pub printer: Option<Printer>,
    /// Reads spreadsheets; none where the program cannot find itself.
    pub sheets: Option<SheetReader>,
    /// Reports that wait for somebody's word.
    pub reports: Arc<Reports>,
    /// Which blank books run low, counted a moment ago.
    pub low_stock: Arc<LowStock>,
}

/// How the machine is protected, for the page of settings.
#[derive(Clone, Default)]
pub struct Machine {
    /// The certificate pages are served with.
    pub certificate: Option<watch::Receiver<Shown>>,
    /// How the node's key rests.
    pub key: Option<KeyProtection>,
    /// Whether other machines are served without TLS.
    pub in_the_open: bool,
}

/// Sorts what went wrong with an act: a refusal of the rules comes back, so that the page can be shown again with what
/// was typed; everything else has a page of its own.
pub fn refusal_in(error: ActionError) -> Result<Refusal, Problem> {
    match error {
        ActionError::Act(ActError::Refused(refusal)) => Ok(refusal),
        error if error.is_storage_full() => Ok(Refusal::NoRoomOnDisk),
        error => error.storage_failed().ok_or_else(|| problem(error)),
    }
}

/// The page for an error that no form can put right.
pub fn problem(error: ActionError) -> Problem {
    match error {
        ActionError::Act(ActError::Refused(refusal)) => Problem::Refused(refusal),
        error if error.is_storage_full() => Problem::Refused(Refusal::NoRoomOnDisk),
        ActionError::Act(ActError::Waiting | ActError::Store(StoreError::Waiting(_))) => Problem::Waiting,
        ActionError::Act(ActError::Stopped) => Problem::ReadOnly,
        error => match error.storage_failed() {
            Some(refusal) => Problem::Refused(refusal),
            None => Problem::internal(&error),
        },
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::Waiting(_)) {
            return Problem::Waiting;
        }
        if error.is_storage_failed() {
            return Problem::unreadable(&error);
        }
        Problem::internal(&error)
    }
}

impl OfficeApp {
    /// The pages of a store.
    pub fn new(store: Store, secure: bool) -> Self {
        Self {
            store,
            secure,
            told: Arc::default(),
            machine: Machine::default(),
            places: Arc::default(),
            printer: None,
            sheets: SheetReader::own().ok(),
            reports: Arc::default(),
            low_stock: Arc::default(),
        }
    }

    /// On a machine that is protected like this.
    #[must_use]
    pub fn on(self, machine: Machine) -> Self {
        Self { machine, ..self }
    }

    /// Now.
    pub fn now(&self) -> DateTime<Utc> {
        self.store.clock().now()
    }

    /// The office's calendar day.
    pub fn today(&self) -> NaiveDate {
        self.store.office().zone.day(self.now())
    }

    /// The settings that hold today.
    pub fn settings(&self) -> Result<Settings, Problem> {
        Ok(self.store.settings(self.today())?)
    }

    /// The application of an address, or a page that says there is none.
    pub fn application(&self, number: &str) -> Result<Application, Problem> {
        let missing = || Problem::NotFound(number.chars().take(40).collect());
        let parsed = ApplicationNumber::parse(number).map_err(|_| missing())?;
        let key = self.store.by_number(&parsed)?.ok_or_else(missing)?;
        let application = self.store.application(key)?.ok_or_else(missing)?;
        // Nothing is left that could be shown or acted on.
        match application.view().erased {
            Some(_) => Err(Problem::Refused(Refusal::AlreadyErased)),
            None => Ok(application),
        }
    }

    /// Who acts, and by which form.
    pub fn asker(&self, officer: &SignedIn, form: &Fields) -> Result<Asker, Problem> {
        if form.once().is_empty() {
            return Err(Problem::UnreadableForm);
        }
        let (by, roles) = (officer.actor(), officer.roles.clone());
        Ok(Asker { by, roles, once: form.once(), seen: form.seen() })
    }

    /// Asks the rules with what holds now; `ask` gets the context a decision would have.
    pub fn with_context<T>(
        &self,
        officer: &SignedIn,
        settings: &Settings,
        ask: impl FnOnce(&Context<'_>) -> T,
    ) -> T {
        let office = self.store.office();
        let by = officer.actor();
        // Whether a button is shown depends neither on the next number nor on another book.
        let context = Context {
            office: Some(&office.code),
            now: self.now(),
            zone: office.zone,
            today: self.today(),
            by: &by,
            roles: &officer.roles,
            settings,
            next_serial: &|_| 1,
            book_taken: &|_| false,
        };
        ask(&context)
    }

    /// The line to headquarters for the head of every page.
    pub fn line(&self) -> host::Line {
        let link = self.store.link();
        let unsent = self.store.unsent();
        let state = match link.line {
            _ if link.paused => host::LineState::Paused,
            Line::NotEnrolled => host::LineState::NotEnrolled,
            Line::Unknown => host::LineState::Starting,
            Line::Up { since } => host::LineState::Up { since },
            Line::Down { since } => host::LineState::Down { since },
        };
        host::Line { state, unsent: unsent.count, oldest: unsent.oldest_at }
    }
}
