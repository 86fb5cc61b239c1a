//! What headquarters' handlers share: who asks, and how an error becomes a page.

use actix_web::http::StatusCode;

use crate::domain::number::ApplicationNumber;
use crate::domain::refusal::Refusal;
use crate::registry::actions::{ActionError, Asker};
use crate::registry::store::StoreError;
use crate::web::errors::Problem;
use crate::web::page::{Fault, Shell};
use crate::web::session::SignedIn;

/// Who asks, as actions know them.
pub(super) fn asker(officer: &SignedIn) -> Asker {
    Asker { by: officer.actor(), roles: officer.roles.clone() }
}

/// An application's number from an address.
pub(super) fn number(text: &str) -> Result<ApplicationNumber, Problem> {
    ApplicationNumber::parse(text).map_err(|_| Problem::NotFound(text.chars().take(32).collect()))
}

/// The page for an error that no form can put right.
impl From<ActionError> for Problem {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::Refused(Refusal::UnknownApplication) | ActionError::UnknownOffice => Self::NoPage,
            ActionError::Refused(refusal) => Self::Refused(refusal),
            ActionError::Invalid(_) => Self::UnreadableForm,
            error if error.is_storage_full() => Self::Refused(Refusal::NoRoomOnDisk),
            error if error.is_storage_failed() => failed(&error),
            error => Self::internal(&error),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_storage_full() {
            return Self::Refused(Refusal::NoRoomOnDisk);
        }
        if error.is_storage_failed() {
            return Self::unreadable(&error);
        }
        Self::internal(&error)
    }
}

/// The page for storage that has failed.
fn failed(error: &ActionError) -> Problem {
    tracing::error!(error = error as &dyn std::error::Error, "The storage has failed");
    Problem::Refused(Refusal::StorageFailedMeanwhile)
}

/// The status of a page that is shown again because an act was not done.
pub(super) fn status_of(error: &ActionError) -> StatusCode {
    match error {
        error if error.is_storage_full() => StatusCode::INSUFFICIENT_STORAGE,
        error if error.is_storage_failed() => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::CONFLICT,
    }
}

/// What a form can put right: said on top of the same page. Everything else has a page of its own.
pub(super) fn fault_in(error: ActionError, shell: &Shell) -> Result<Fault, Problem> {
    let words = shell.words;
    match error {
        ActionError::Refused(refusal) => {
            let told = crate::web::words::refusal::tell(words, &shell.dates, &refusal);
            Ok(Fault { field: told.field, what: told.what, next: told.next })
        }
        ActionError::NoRoom => {
            Ok(Fault { field: "slot", what: words.staff_no_room(), next: words.staff_no_room_next() })
        }
        ActionError::Reason => {
            let next = words.node_reason_wrong_next();
            Ok(Fault { field: "reason", what: words.node_reason_wrong(), next })
        }
        ActionError::Gone => Ok(Fault { field: "", what: words.node_gone(), next: words.node_gone_next() }),
        ActionError::DoesNotFollow => {
            let next = words.node_does_not_follow_next();
            Ok(Fault { field: "", what: words.node_does_not_follow(), next })
        }
        error if error.is_storage_full() => fault_in(Refusal::NoRoomOnDisk.into(), shell),
        error if error.is_storage_failed() => {
            tracing::error!(error = &error as &dyn std::error::Error, "The storage has failed");
            fault_in(Refusal::StorageFailedMeanwhile.into(), shell)
        }
        other => Err(other.into()),
    }
}
