//! The list of applications that wait for headquarters.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;

use super::rows::Row;
use crate::registry::actions::Registry;
use crate::web::errors::Problem;
use crate::web::page::{self, Shell};

/// The most lines of the list; the oldest come first, so nobody is forgotten.
const ROWS_MAX: u32 = 200;

/// The page.
#[derive(Template)]
#[template(path = "registry/decisions/decisions.html")]
pub struct DecisionsPage {
    shell: Shell,
    title: String,
    rows: Vec<Row>,
}

/// `GET /staff/decisions`
pub async fn list(registry: Data<Registry>, shell: Shell) -> Result<HttpResponse, Problem> {
    let waiting = registry.store.awaiting_decision(ROWS_MAX).await?;
    let rows = waiting.iter().map(|summary| Row::of(&shell, summary)).collect();
    page::show(&DecisionsPage { title: shell.words.staff_decisions_title(), shell, rows })
}

/// `GET /staff`
pub async fn home() -> HttpResponse {
    page::see_other("/staff/decisions")
}
