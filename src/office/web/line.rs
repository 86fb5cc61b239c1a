//! What keeps open pages fresh: `/live` says that something changed, `/line` is the line to headquarters alone.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;

use super::app::OfficeApp;
use crate::web::errors::Problem;
use crate::web::live::{self, Event, HEARTBEAT};
use crate::web::page::{self, Shell};
use crate::web::serve::Stopping;

/// The line alone.
#[derive(Template)]
#[template(path = "office/line.html")]
pub struct LinePage {
    shell: Shell,
}

/// `GET /line`.
pub async fn line(shell: Shell) -> Result<HttpResponse, Problem> {
    page::show(&LinePage { shell })
}

/// `GET /live`.
pub async fn changes(app: Data<OfficeApp>, stop: Data<Stopping>) -> HttpResponse {
    let event = |count: u64| Event { id: count, name: "change", data: count.to_string() };
    live::stream(app.store.changes(), stop.0.clone(), HEARTBEAT, event)
}
