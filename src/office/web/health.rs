//! `/healthz` and `/metrics`: for programs that watch. Counts only; nothing about people.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Serialize;

use super::app::OfficeApp;
use crate::office::store::Line;
use crate::web::errors::Problem;

/// What `/healthz` says.
#[derive(Debug, Serialize)]
pub struct Health<'a> {
    status: &'static str,
    version: &'static str,
    node: &'a str,
    journal_seq: u64,
    unsynced: u64,
}

/// `GET /healthz`. A store that takes no acts is 503, so that a watcher sees it without reading.
pub async fn healthz(app: Data<OfficeApp>) -> Result<HttpResponse, Problem> {
    let status = status(&app);
    let stopped = status != "ok";
    let health = Health {
        status,
        version: env!("CARGO_PKG_VERSION"),
        node: app.store.office().code.as_str(),
        journal_seq: app.store.journal_seq(),
        unsynced: app.store.unsent().count,
    };
    let mut answer = if stopped { HttpResponse::ServiceUnavailable() } else { HttpResponse::Ok() };
    Ok(answer.json(health))
}

/// `waiting` (the tables are being drawn) and `full` go on by themselves; `read-only` needs a technician.
fn status(app: &OfficeApp) -> &'static str {
    if app.store.read_only().is_some() {
        "read-only"
    } else if app.store.waiting().is_some() {
        "waiting"
    } else if app.store.is_full() {
        "full"
    } else {
        "ok"
    }
}

/// `GET /metrics`, in the text form Prometheus reads.
pub async fn metrics(app: Data<OfficeApp>) -> Result<HttpResponse, Problem> {
    let (link, unsent) = (app.store.link(), app.store.unsent());
    let oldest_s = unsent.oldest_at.map_or(0, |at| (app.now() - at).num_seconds().max(0).unsigned_abs());
    let number = |is: bool| u64::from(is);
    let lines = [
        ("loket_journal_records", "Records in this node's journal session", app.store.journal_seq()),
        ("loket_unsent_acts", "Acts headquarters has not got", unsent.count),
        ("loket_unsent_bytes", "Their size", unsent.bytes),
        ("loket_unsent_oldest_seconds", "Age of the oldest of them", oldest_s),
        ("loket_line_up", "Whether headquarters answers", number(matches!(link.line, Line::Up { .. }))),
        ("loket_sync_paused", "Whether the exchange is paused", number(link.paused)),
        ("loket_sync_sent_records", "Records sent since the start", link.sent),
        ("loket_sync_received_records", "Records received since the start", link.received),
        ("loket_disk_full", "Whether there is too little room for acts", number(app.store.is_full())),
        ("loket_read_only", "Whether the store takes no acts", number(app.store.read_only().is_some())),
    ];
    let gauge = |(name, help, value)| format!("# HELP {name} {help}.\n# TYPE {name} gauge\n{name} {value}\n");
    let text = lines.map(gauge).concat();
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text))
}
