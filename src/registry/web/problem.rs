//! What the API answers when it does not do what was asked: problem details (RFC 9457).

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;

use super::bodies::NotRead;
use crate::domain::refusal::Refusal;
use crate::registry::actions::{ActionError, Invalid};
use crate::web::errors::refusal_status;

const CONTENT_TYPE: &str = "application/problem+json";

/// A problem as it is sent. It never says what went wrong inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{title}")]
pub struct ApiProblem {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Invalid>,
}

impl ApiProblem {
    fn new(status: StatusCode, kind: &str, title: impl Into<String>) -> Self {
        let kind = format!("urn:loket:problem:{kind}");
        Self { kind, title: title.into(), status: status.as_u16(), errors: Vec::new() }
    }

    /// No key, or not one of ours.
    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "a channel's key is needed: Authorization: Bearer …",
        )
    }

    /// The body cannot be read.
    pub fn malformed(detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", detail)
    }

    /// The body was not read.
    pub fn not_read(why: NotRead) -> Self {
        match why {
            NotRead::NoRoom => Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", why.to_string()),
            NotRead::TooLarge | NotRead::Broken => Self::malformed(&why.to_string()),
        }
    }

    /// Nothing under this address.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "there is no such booking or office")
    }
}

/// A refusal's name in the API: its words in kebab case.
fn refusal_kind(refusal: &Refusal) -> String {
    refusal.to_string().replace([' ', ':'], "-").replace("--", "-")
}

impl From<ActionError> for ApiProblem {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::Refused(refusal) => {
                Self::new(refusal_status(&refusal), &refusal_kind(&refusal), refusal.to_string())
            }
            ActionError::Invalid(errors) => Self {
                errors,
                ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "the request does not hold together")
            },
            ActionError::UnknownOffice => Self::not_found(),
            ActionError::NoRoom => {
                Self::new(StatusCode::CONFLICT, "no-room", "the interval is full or is not offered")
            }
            error if error.is_storage_full() => {
                tracing::error!(error = &error as &dyn std::error::Error, "There is no room on the disk");
                Self::new(
                    StatusCode::INSUFFICIENT_STORAGE,
                    "no-room-on-disk",
                    "nothing can be stored at the moment",
                )
            }
            error if error.is_storage_failed() => {
                tracing::error!(error = &error as &dyn std::error::Error, "The storage has failed");
                let detail = "the storage has failed; whether this was stored is not known";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "storage-failed", detail)
            }
            error => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "A request to the API failed inside"
                );
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "this could not be done now")
            }
        }
    }
}

impl ResponseError for ApiProblem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code())
            .content_type(CONTENT_TYPE)
            .body(serde_json::to_string(self).unwrap_or_default())
    }
}
