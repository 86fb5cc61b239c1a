//! `GET /notices`: what an officer's desktop is told while no page is open: a passport is ready, the line is lost or back,
//! two accounts do not agree. Numbers only, never a name. The caller is a device with a key of its own.

pub mod told;

use std::sync::Arc;

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};

use super::app::OfficeApp;
use crate::domain::officer::DeviceKind;
use crate::notify::EVENT;
use crate::office::actions::devices;
use crate::office::store::Device;
use crate::web::errors::Problem;
use crate::web::live::{self, Event, HEARTBEAT};
use crate::web::serve::Stopping;
use crate::web::words::{L10n, words};
use told::Lines;

/// The query of the stream.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Wanted {
    /// `id` or `en`.
    #[serde(default)]
    language: String,
}

/// `GET /notices`.
pub async fn events(
    app: Data<OfficeApp>,
    stop: Data<Stopping>,
    wanted: Query<Wanted>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Some(device) = notifier(&app, &request)? else { return Ok(HttpResponse::Unauthorized().finish()) };
    let words = words(wanted.language.parse::<L10n>().unwrap_or_default());
    let (store, told) = (app.store.clone(), Arc::clone(&app.told));
    told.start(&device.name, || (Lines::of(&store), store.link().line), words);
    let read = move |id: u64| {
        let news = told.news(&device.name, &Lines::of(&store), store.link().line, words);
        // Texts always become JSON; an empty list only makes the desktop wait for the next event.
        let data = serde_json::to_string(&news).unwrap_or_else(|_| "[]".to_owned());
        Event { id, name: EVENT, data }
    };
    Ok(live::stream(app.store.changes(), stop.0.clone(), HEARTBEAT, read))
}

/// The notifier whose key the request carries, if it is still allowed.
fn notifier(app: &OfficeApp, request: &HttpRequest) -> Result<Option<Device>, Problem> {
    let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let Some(key) = header.and_then(|value| value.strip_prefix("Bearer ")) else { return Ok(None) };
    let device = devices::by_key(&app.store, key.trim())?;
    Ok(device.filter(|device| device.kind == DeviceKind::Notifier))
}
