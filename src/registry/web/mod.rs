//! The registry's addresses: the exchange with offices, the API of channels, headquarters' pages, the applicant's
//! status. The one table of routes stands here.

pub mod api;
pub mod host;
pub mod problem;
pub mod sync;

use actix_web::web::{Data, PayloadConfig, ServiceConfig};

use super::actions::Registry;
use crate::web::routes::{self, Entry, Who, get, head, patch, post};
use crate::web::{assets, language};

/// The most bytes a request may have: a booking with its scans, or a message of the exchange.
const REQUEST_BYTES_MAX: usize = 16 * 1024 * 1024;

/// All addresses of a registry.
pub fn routes() -> Vec<Entry> {
    vec![
        post("/sync/v1/enrol", Who::Machine, sync::enrol),
        post("/sync/v1/exchange", Who::Machine, sync::exchange),
        get("/sync/v1/news", Who::Machine, sync::news),
        head("/sync/v1/blobs/{hash}", Who::Machine, sync::blob_there),
        get("/sync/v1/blobs/{hash}", Who::Machine, sync::get_chunk),
        patch("/sync/v1/blobs/{hash}", Who::Machine, sync::put_chunk),
        get("/healthz", Who::Machine, api::health),
        post("/api/v1/bookings", Who::Machine, api::book),
        get("/api/v1/bookings/{number}", Who::Machine, api::booking),
        get("/api/v1/bookings/{number}/proof", Who::Machine, api::proof),
        post("/api/v1/bookings/{number}/reschedule", Who::Machine, api::reschedule),
        post("/api/v1/bookings/{number}/cancel", Who::Machine, api::cancel),
        post("/api/v1/payments", Who::Machine, api::pay),
        get("/api/v1/offices/{code}/slots", Who::Machine, api::slots),
        post("/api/v1/offices/{code}/slots", Who::Machine, api::set_slots),
        get("/static/{name}", Who::Anyone, assets::serve),
        post("/language", Who::Anyone, language::switch),
    ]
}

/// Adds the registry's routes and what their handlers need.
pub fn configure(config: &mut ServiceConfig, registry: &Registry) {
    config.app_data(Data::new(registry.clone()));
    config.app_data(PayloadConfig::new(REQUEST_BYTES_MAX));
    routes::configure(config, &routes());
}
