//! The registry's addresses: the exchange with offices, the API of channels, headquarters' pages, the applicant's
//! status. The one table of routes stands here.

pub mod api;
mod app;
pub mod applications;
pub mod bodies;
pub mod bookings;
pub mod conflicts;
pub mod decisions;
pub mod erasures;
pub mod host;
pub mod login;
pub mod nodes;
pub mod officers;
pub mod offices;
pub mod payments;
#[cfg(test)]
mod preview;
pub mod problem;
mod rows;
pub mod status;
pub mod sync;

use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};

use crate::domain::actor::Role;
use crate::web::routes::{self, Entry, Who, get, head, patch, post};
use crate::web::{assets, language};
use host::Headquarters;

/// A request to enrol has some hundred bytes.
const ENROL_BYTES_MAX: usize = 4 * 1024;
/// The most bytes a request of a channel may have: a booking with its scans.
const REQUEST_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Who works at headquarters.
const STAFF: Who = Who::Roles(&[Role::Headquarters]);

/// All addresses of a registry.
pub fn routes() -> Vec<Entry> {
    vec![
        post("/sync/v1/enrol", Who::Machine, sync::enrol).of_at_most(ENROL_BYTES_MAX),
        post("/sync/v1/x", Who::Machine, sync::exchange),
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
        get("/", Who::Anyone, status::show),
        post("/", Who::Anyone, status::look_up),
        get("/staff", STAFF, decisions::home),
        get("/staff/login", Who::Anyone, login::show),
        post("/staff/login", Who::Anyone, login::sign_in),
        post("/staff/logout", Who::SignedIn, login::sign_out),
        get("/staff/decisions", STAFF, decisions::list),
        get("/staff/bookings", STAFF, bookings::list),
        get("/staff/payments", STAFF, payments::list),
        post("/staff/payments/settle", STAFF, payments::settle),
        post("/staff/payments/refund", STAFF, payments::refund),
        get("/staff/conflicts", STAFF, conflicts::list),
        post("/staff/conflicts/aside", STAFF, conflicts::decide_aside),
        post("/staff/conflicts/restored", STAFF, conflicts::settle_handed_back),
        get("/staff/erasures", STAFF, erasures::list),
        post("/staff/erasures/propose", STAFF, erasures::propose),
        post("/staff/erasures/confirm", STAFF, erasures::confirm),
        post("/staff/erasures/withdraw", STAFF, erasures::withdraw),
        post("/staff/erasures/hold", STAFF, erasures::hold),
        post("/staff/erasures/lift", STAFF, erasures::lift),
        post("/staff/erasures/retention", STAFF, erasures::retention),
        get("/staff/officers", STAFF, officers::list),
        post("/staff/officers", STAFF, officers::set),
        post("/staff/officers/{login}/disable", STAFF, officers::disable),
        get("/staff/offices", STAFF, offices::list),
        post("/staff/offices", STAFF, offices::add),
        get("/staff/offices/{code}", STAFF, nodes::show),
        post("/staff/offices/{code}/code", STAFF, offices::open_code),
        post("/staff/offices/{code}/revoke", STAFF, nodes::revoke),
        post("/staff/offices/{code}/one", STAFF, nodes::settle_twins),
        get("/staff/applications/{number}", STAFF, applications::show),
        post("/staff/applications/{number}/decide", STAFF, applications::decide),
        post("/staff/applications/{number}/prevention", STAFF, applications::prevention::tell),
        post("/staff/applications/{number}/choose", STAFF, applications::choose),
        post("/staff/applications/{number}/reschedule", STAFF, applications::reschedule),
        post("/staff/applications/{number}/cancel", STAFF, applications::cancel),
        get("/staff/applications/{number}/pictures/{hash}", STAFF, applications::picture),
        get("/staff/applications/{number}/proof.svg", STAFF, applications::proof),
        get("/static/{name}", Who::Anyone, assets::serve),
        post("/language", Who::Anyone, language::switch),
    ]
}

/// Adds the registry's routes and what their handlers need.
pub fn configure(config: &mut ServiceConfig, headquarters: &Arc<Headquarters>) {
    config.app_data(Data::new(headquarters.registry.clone()));
    config.app_data(Data::from(headquarters.clone()));
    config.app_data(Data::from(Arc::clone(&headquarters.bodies)));
    routes::configure(config, &routes());
}
