//! The office's pages, one file per noun, and the table of its addresses.

pub mod acts;
pub mod app;
pub mod applications;
pub mod arrivals;
pub mod audit;
pub mod backup;
pub mod boards;
pub mod bookings;
pub mod books;
pub mod calendar;
pub mod captures;
pub mod conflicts;
pub mod displays;
pub mod documents;
pub mod head;
pub mod health;
pub mod history;
pub mod interviews;
pub mod line;
pub mod login;
pub mod notices;
pub mod officers;
pub mod particulars;
#[cfg(test)]
mod preview;
pub mod reviews;
pub mod rows;
#[cfg(test)]
pub(crate) mod samples;
pub mod settings;
mod skipped;
pub mod sync;
pub mod thumbnails;
pub mod tickets;
pub mod today;
pub mod walk_ins;

use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};
use chrono::{DateTime, Utc};

use crate::domain::actor::Role;
use crate::domain::office::Zone;
use crate::office::actions::sessions;
use crate::office::store::Waiting;
use crate::web::host::{self, Host, NavItem};
use crate::web::routes::{self, Entry, Who, get, post};
use crate::web::session::SignedIn;
use crate::web::words::L10nLanguage;
use crate::web::{assets, language};
use app::OfficeApp;

/// Everybody who works in an office.
pub const OFFICERS: &[Role] = &[
    Role::FrontDesk,
    Role::Interviewer,
    Role::Supervisor,
    Role::Custody,
    Role::Administrator,
    Role::Auditor,
];

/// Everybody who meets applicants, and who watches over them.
const FLOOR: &[Role] = &[Role::FrontDesk, Role::Interviewer, Role::Supervisor, Role::Custody, Role::Auditor];

/// Where an officer may go, in the order an applicant meets the nouns.
pub fn navigation(officer: &SignedIn, words: &L10nLanguage) -> Vec<NavItem> {
    let entries: [(&[Role], &'static str, String); 10] = [
        (OFFICERS, "/", words.nav_today()),
        (FLOOR, "/bookings", words.nav_bookings()),
        (FLOOR, "/tickets", words.nav_tickets()),
        (FLOOR, "/books", words.nav_books()),
        (FLOOR, "/conflicts", words.nav_conflicts()),
        (OFFICERS, "/sync", words.nav_sync()),
        (WATCH, "/audit", words.nav_audit()),
        (RUN, "/officers", words.nav_officers()),
        (boards::SEES, "/boards", words.nav_boards()),
        (RUN, "/settings", words.nav_settings()),
    ];
    let open = entries.into_iter().filter(|(roles, _, _)| officer.any(roles));
    open.map(|(_, href, label)| NavItem { href, label }).collect()
}

/// Who reads the trail.
const WATCH: &[Role] = &[Role::Supervisor, Role::Auditor];
/// Who sees how the office is set up.
const RUN: &[Role] = &[Role::Administrator, Role::Auditor];
/// Who receives applicants.
const RECEIVES: &[Role] = &[Role::FrontDesk, Role::Supervisor];
/// Who looks at papers.
const CHECKS: &[Role] = &[Role::FrontDesk, Role::Interviewer, Role::Supervisor];
/// Who gives out tickets.
const TICKETS: &[Role] = &[Role::FrontDesk, Role::Interviewer, Role::Supervisor, Role::Custody];

/// Who captures and interviews.
const EXAMINES: &[Role] = &[Role::Interviewer, Role::Supervisor];
/// Who settles what the others may not.
const SETTLES: &[Role] = &[Role::Supervisor];
/// Who prints, keeps and hands over books.
const KEEPS_BOOKS: &[Role] = &[Role::Custody, Role::Supervisor];

/// Every address of the office, and who may call it.
pub fn table() -> Vec<Entry> {
    let floor = Who::Roles(FLOOR);
    vec![
        get("/static/{name}", Who::Anyone, assets::serve),
        get("/healthz", Who::Anyone, health::healthz),
        get("/metrics", Who::Anyone, health::metrics),
        get("/login", Who::Anyone, login::show),
        post("/login", Who::Anyone, login::sign_in),
        post("/logout", Who::SignedIn, login::sign_out),
        post("/language", Who::Anyone, language::switch),
        get("/live", Who::SignedIn, line::changes),
        get("/line", Who::SignedIn, line::line),
        get("/notices", Who::Machine, notices::events),
        get("/", Who::SignedIn, today::show),
        get("/sync", Who::SignedIn, sync::show),
        post("/sync/now", Who::Roles(sync::ORDERS), sync::now),
        post("/sync/pause", Who::Roles(sync::ORDERS), sync::pause),
        post("/sync/resume", Who::Roles(sync::ORDERS), sync::resume),
        get("/audit", Who::Roles(WATCH), audit::show),
        get("/officers", Who::Roles(RUN), officers::list),
        post("/officers", Who::Roles(officers::CHANGES), officers::set),
        post("/officers/{login}/disable", Who::Roles(officers::CHANGES), officers::disable),
        get("/settings", Who::Roles(RUN), settings::show),
        post("/settings", Who::Roles(settings::SETS), settings::set),
        post("/settings/devices", Who::Roles(settings::CHANGES), settings::give_key),
        post("/settings/devices/revoke", Who::Roles(settings::CHANGES), settings::revoke),
        get("/bookings", floor, bookings::list),
        post("/bookings", floor, bookings::search),
        get("/walk-in", Who::Roles(RECEIVES), walk_ins::read),
        post("/walk-in", Who::Roles(RECEIVES), walk_ins::register),
        get("/applications/{number}", floor, applications::show),
        post("/applications/{number}/receive", Who::Roles(RECEIVES), arrivals::receive),
        post("/applications/{number}/arrive", Who::Roles(RECEIVES), arrivals::arrive),
        post("/applications/{number}/admit", Who::Roles(RECEIVES), arrivals::admit),
        post("/applications/{number}/withdraw", Who::Roles(RECEIVES), arrivals::withdraw),
        post("/applications/{number}/yield", Who::Roles(SETTLES), arrivals::yield_visit),
        post("/applications/{number}/documents", Who::Roles(CHECKS), documents::check),
        post("/applications/{number}/ticket", Who::Roles(TICKETS), documents::ticket),
        get("/applications/{number}/ticket", floor, tickets::print),
        post("/applications/{number}/ticket/print", Who::Roles(TICKETS), tickets::print_again),
        get("/tickets", floor, tickets::queue),
        post("/tickets/counter/open", Who::Roles(TICKETS), tickets::open_counter),
        post("/tickets/counter/pause", Who::Roles(TICKETS), tickets::pause_counter),
        post("/tickets/counter/resume", Who::Roles(TICKETS), tickets::resume_counter),
        post("/tickets/counter/close", Who::Roles(TICKETS), tickets::close_counter),
        post("/tickets/call-next", Who::Roles(TICKETS), tickets::call_next),
        post("/tickets/{act}", Who::Roles(TICKETS), tickets::act),
        get("/display/{board}", Who::Anyone, displays::read),
        get("/display/{board}/events", Who::Anyone, displays::events),
        get("/display/{board}/layout.css", Who::Anyone, displays::layout),
        get("/boards", Who::Roles(boards::SEES), boards::list),
        post("/boards", Who::Roles(boards::SETS), boards::set),
        post("/boards/remove", Who::Roles(boards::SETS), boards::remove),
        post("/boards/notice", Who::Roles(boards::SETS), boards::notice),
        get("/applications/{number}/capture", floor, captures::read),
        post("/applications/{number}/capture", Who::Roles(EXAMINES), captures::save),
        get("/applications/{number}/pictures/{hash}", floor, captures::picture),
        get("/applications/{number}/interview", floor, interviews::read),
        post("/applications/{number}/interview", Who::Roles(EXAMINES), interviews::end),
        post("/applications/{number}/interview/review", Who::Roles(SETTLES), reviews::look),
        get("/applications/{number}/thumbnails/{hash}", floor, thumbnails::read),
        get("/applications/{number}/book", floor, books::read),
        post("/applications/{number}/book", Who::Roles(KEEPS_BOOKS), books::step),
        post("/applications/{number}/book/cancel", Who::Roles(SETTLES), books::cancel),
        post("/applications/{number}/ready", Who::Roles(KEEPS_BOOKS), books::ready),
        post("/applications/{number}/hand-over", Who::Roles(KEEPS_BOOKS), books::hand_over),
        get("/books", floor, books::list),
        get("/books/batch", Who::Roles(KEEPS_BOOKS), books::batch::form),
        post("/books/batch", Who::Roles(KEEPS_BOOKS), books::batch::act),
        get("/books/register", floor, books::register::show_register),
        get("/books/register.csv", Who::Roles(KEEPS_BOOKS), books::register::download),
        get("/books/uncollected", floor, books::uncollected::show_waiting),
        post("/books/uncollected", Who::Roles(SETTLES), books::uncollected::cancel),
        get("/books/uncollected.csv", Who::Roles(KEEPS_BOOKS), books::uncollected::download),
        get("/books/stock", floor, books::stock::show_stock),
        post("/books/stock", Who::Roles(KEEPS_BOOKS), books::stock::receive),
        post("/books/stock/count", Who::Roles(KEEPS_BOOKS), books::stock::count),
        get("/books/due", floor, books::due::show_due),
        get("/calendar", Who::Roles(OFFICERS), calendar::show_calendar),
        post("/calendar", Who::Roles(settings::SETS), calendar::change),
        get("/books/import", Who::Roles(KEEPS_BOOKS), books::importing::form),
        post("/books/import", Who::Roles(KEEPS_BOOKS), books::importing::upload),
        get("/books/import/{id}", Who::Roles(KEEPS_BOOKS), books::importing::look),
        post("/books/import/{id}", Who::Roles(KEEPS_BOOKS), books::importing::take_over),
        get("/books/import/{id}/rows.csv", Who::Roles(KEEPS_BOOKS), books::importing::download),
        get("/conflicts", floor, conflicts::list),
    ]
}

/// Serves the office's pages: `web::serve::start(listen, host, move |config| configure(config, &app))`.
pub fn configure(config: &mut ServiceConfig, app: &OfficeApp) {
    config.app_data(Data::new(app.clone()));
    config.app_data(Data::from(Arc::clone(&app.places)));
    routes::configure(config, &table());
}

/// The office as the shared web code sees it.
pub fn host(app: OfficeApp) -> Arc<dyn Host> {
    Arc::new(app)
}

impl Host for OfficeApp {
    fn name(&self) -> &str {
        &self.store.office().name
    }

    fn zone(&self) -> Zone {
        self.store.office().zone
    }

    fn now(&self) -> DateTime<Utc> {
        self.store.clock().now()
    }

    fn line(&self) -> Option<host::Line> {
        Some(self.line())
    }

    fn alarm(&self, words: &L10nLanguage) -> Option<String> {
        if self.store.read_only().is_some() {
            return Some(words.alarm_read_only());
        }
        self.store.is_full().then(|| words.alarm_full())
    }

    fn waiting(&self, words: &L10nLanguage) -> Option<String> {
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        Some(match self.store.waiting()? {
            Waiting::Opening => words.tables_wait_opening(),
            Waiting::Drawing { done, of } => words.tables_wait_drawing(whole(done), whole(of)),
            Waiting::NoRoom => words.tables_wait_no_room(),
            Waiting::Failed(_) => words.tables_wait_failed(),
        })
    }

    fn navigation(&self, officer: &SignedIn, words: &L10nLanguage) -> Vec<NavItem> {
        navigation(officer, words)
    }

    fn signed_in<'a>(&'a self, token: &'a str) -> host::Answer<'a, Option<SignedIn>> {
        Box::pin(async move {
            if self.store.waiting().is_some() {
                return None;
            }
            match sessions::signed_in(&self.store, &**self.store.clock(), token).await {
                Ok(found) => found.map(|it| SignedIn { login: it.login, name: it.name, roles: it.roles }),
                Err(error) => {
                    tracing::error!(%error, "A session could not be looked up");
                    None
                }
            }
        })
    }

    fn login_path(&self) -> &'static str {
        "/login"
    }

    fn logout_path(&self) -> &'static str {
        "/logout"
    }

    fn cookie(&self) -> &'static str {
        "loket"
    }

    fn secure(&self) -> bool {
        self.secure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_says_who_may_call_it() {
        insta::assert_snapshot!(routes::table(&table()).listing());
    }
}
