//! Telling an office that its applicant is on the prevention list, and taking that back.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use super::{answer, once};
use crate::domain::command::Command;
use crate::domain::prevention::PreventionHit;
use crate::registry::actions::{Registry, decisions};
use crate::registry::web::app::{asker, number};
use crate::web::errors::Problem;
use crate::web::forms::Fields;
use crate::web::page::Shell;
use crate::web::session::SignedIn;

/// `POST /staff/applications/{number}/prevention`
pub async fn tell(
    registry: Data<Registry>,
    officer: SignedIn,
    shell: Shell,
    path: Path<String>,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let number = number(&path)?;
    let command = match form.text("act") {
        "report" => {
            Command::ReportHit(PreventionHit { order: form.owned("reason"), note: form.owned("hit-note") })
        }
        "clear" => Command::ClearHit { reason: form.owned("reason") },
        _ => return Err(Problem::UnreadableForm),
    };
    let told = decisions::decide(&registry, &asker(&officer), &number, &command, once(&form)).await;
    answer(&registry, shell, form, &number, told, "prevention").await
}
