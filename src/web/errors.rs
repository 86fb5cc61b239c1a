//! Whose fault an error is, which status it has and which page says so. A page never shows what went wrong inside:
//! that stands in the log under the number the page quotes.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};

use super::forms::TEXT_LEN_MAX;
use super::page::Shell;
use crate::domain::document::PICTURE_MEGABYTES_MAX;
use crate::domain::refusal::Refusal;

/// Why a request is not answered with what it asked for.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Problem {
    /// Nobody is signed in, or the session has ended.
    #[error("not signed in")]
    SignIn,
    /// Signed in, and not allowed.
    #[error("not allowed")]
    NotAllowed,
    /// No such page.
    #[error("no such page")]
    NoPage,
    /// No such application, officer, ticket …: what was looked for is named so that the page can repeat it.
    #[error("nothing found")]
    NotFound(String),
    /// The address is not asked this way.
    #[error("wrong method")]
    WrongMethod,
    /// The form did not come from a page this server gave to this browser.
    #[error("the form is not ours")]
    ForeignForm,
    /// The form lacks something every form of ours has, or cannot be read.
    #[error("the form cannot be read")]
    UnreadableForm,
    /// More was sent than is taken.
    #[error("too much was sent")]
    TooLarge,
    /// A rule of the counter, where no page can be shown again with what was typed.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// The node is stopping: nothing is written any more.
    #[error("read-only")]
    ReadOnly,
    /// What was asked for cannot be read: the storage has failed.
    #[error("unreadable")]
    Unreadable,
    /// What the pages are drawn from is not there yet; it comes by itself.
    #[error("not there yet")]
    Waiting,
    /// Something broke inside. Logged where it happened, by [`Problem::internal`] or by the gate.
    #[error("internal")]
    Internal,
}

impl Problem {
    /// An error that is ours: logs it with its sources and keeps it from the page.
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = causes(error), "A request failed inside");
        Self::Internal
    }

    /// Storage that cannot be read: logs it with its sources and keeps it from the page.
    pub fn unreadable(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = causes(error), "The storage cannot be read");
        Self::Unreadable
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::NotAllowed | Self::ForeignForm => StatusCode::FORBIDDEN,
            Self::NoPage | Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::UnreadableForm => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Refused(refusal) => refusal_status(refusal),
            Self::ReadOnly | Self::Unreadable | Self::Waiting => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What an answer of this status means when nobody said more.
    pub(super) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::SignIn,
            StatusCode::FORBIDDEN => Self::NotAllowed,
            StatusCode::NOT_FOUND => Self::NoPage,
            StatusCode::METHOD_NOT_ALLOWED => Self::WrongMethod,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            status if status.is_client_error() => Self::UnreadableForm,
            _ => Self::Internal,
        }
    }
}

/// An error with its sources.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut causes = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        causes = format!("{causes}: {cause}");
        source = cause.source();
    }
    causes
}

/// The status of a refusal: not there, not allowed, or in conflict with how things stand.
pub fn refusal_status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::UnknownApplication | Refusal::NoSuchTicket | Refusal::NoBooking => StatusCode::NOT_FOUND,
        Refusal::NotAllowed | Refusal::FourEyes => StatusCode::FORBIDDEN,
        Refusal::NoRoomOnDisk => StatusCode::INSUFFICIENT_STORAGE,
        Refusal::StorageFailed | Refusal::StorageFailedMeanwhile => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::ReasonNeeded
        | Refusal::DateOutOfRange { .. }
        | Refusal::CollectorIncomplete
        | Refusal::NoSuchCounter
        | Refusal::ProofInvalid => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::CONFLICT,
    }
}

/// A marker in an answer that has no page yet; the gate draws it, because only there the language and the officer are known.
pub(super) struct Undrawn(pub(super) Problem);

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut answer = HttpResponse::new(self.status());
        answer.extensions_mut().insert(Undrawn(self.clone()));
        answer
    }
}

/// The page that says what is wrong and what to do next.
#[derive(askama::Template)]
#[template(path = "layout/problem.html")]
pub struct ProblemPage {
    /// The frame.
    pub shell: Shell,
    /// The headline.
    pub title: String,
    /// What to do next.
    pub next: String,
    /// The number to quote, for failures of ours.
    pub request: Option<String>,
    /// Whether the way on is the login.
    pub login: Option<&'static str>,
}

impl ProblemPage {
    /// Puts a problem into words.
    pub fn of(problem: &Problem, shell: Shell, request: &str, login: &'static str) -> Self {
        let words = shell.words;
        let (title, next) = match problem {
            Problem::SignIn => (words.problem_sign_in(), words.problem_sign_in_next()),
            Problem::NotAllowed => (words.problem_not_allowed(), words.problem_not_allowed_next()),
            Problem::NoPage => (words.problem_no_page(), words.problem_no_page_next()),
            Problem::NotFound(what) => (words.problem_not_found(what), words.problem_not_found_next()),
            Problem::WrongMethod => (words.problem_wrong_method(), words.problem_wrong_method_next()),
            Problem::ForeignForm => (words.problem_foreign_form(), words.problem_foreign_form_next()),
            Problem::UnreadableForm => {
                (words.problem_unreadable_form(), words.problem_unreadable_form_next())
            }
            Problem::TooLarge => {
                (words.problem_too_large(), words.problem_too_large_next(PICTURE_MEGABYTES_MAX, TEXT_LEN_MAX))
            }
            // This page has no form with what was typed.
            Problem::Refused(Refusal::NoRoomOnDisk) => {
                (words.refused_no_room_on_disk(), words.problem_no_room_next())
            }
            Problem::Refused(Refusal::StorageFailed) => {
                (words.refused_storage_failed(), words.problem_storage_failed_next())
            }
            Problem::Refused(Refusal::StorageFailedMeanwhile) => {
                (words.refused_storage_failed_meanwhile(), words.problem_storage_failed_next())
            }
            Problem::Refused(refusal) => {
                let told = super::words::refusal::tell(words, &shell.dates, refusal);
                (told.what, told.next)
            }
            Problem::ReadOnly => (words.problem_read_only(), words.problem_read_only_next()),
            Problem::Unreadable => (words.problem_unreadable(), words.problem_unreadable_next()),
            Problem::Waiting => {
                let told = shell.waiting.clone().unwrap_or_else(|| words.tables_wait_opening());
                (words.tables_wait_title(), format!("{told} {}", words.tables_wait_next()))
            }
            Problem::Internal => (words.problem_internal(), words.problem_internal_next()),
        };
        let quoted = matches!(problem, Problem::Internal | Problem::ReadOnly | Problem::Unreadable)
            .then(|| request.to_owned());
        let login = matches!(problem, Problem::SignIn).then_some(login);
        Self { shell, title, next, request: quoted, login }
    }
}
