//! The office's pages, one file per noun, and the table of its addresses.

pub mod books;
pub mod captures;
pub mod conflicts;
pub mod displays;
pub mod interviews;
pub mod tickets;
pub mod today;
pub mod whose;

use crate::domain::actor::Role;
use crate::web::host::NavItem;
use crate::web::session::SignedIn;
use crate::web::words::L10nLanguage;

/// Everybody who works in an office.
pub const OFFICERS: &[Role] = &[
    Role::FrontDesk,
    Role::Interviewer,
    Role::Supervisor,
    Role::Custody,
    Role::Administrator,
    Role::Auditor,
];

/// Where an officer may go, in the order an applicant meets the nouns.
pub fn navigation(officer: &SignedIn, words: &L10nLanguage) -> Vec<NavItem> {
    const FLOOR: &[Role] =
        &[Role::FrontDesk, Role::Interviewer, Role::Supervisor, Role::Custody, Role::Auditor];
    const WATCH: &[Role] = &[Role::Supervisor, Role::Auditor];
    const RUN: &[Role] = &[Role::Administrator, Role::Auditor];
    let entries: [(&[Role], &'static str, String); 9] = [
        (OFFICERS, "/", words.nav_today()),
        (FLOOR, "/bookings", words.nav_bookings()),
        (FLOOR, "/tickets", words.nav_tickets()),
        (FLOOR, "/books", words.nav_books()),
        (FLOOR, "/conflicts", words.nav_conflicts()),
        (OFFICERS, "/sync", words.nav_sync()),
        (WATCH, "/audit", words.nav_audit()),
        (RUN, "/officers", words.nav_officers()),
        (RUN, "/settings", words.nav_settings()),
    ];
    let open = entries.into_iter().filter(|(roles, _, _)| officer.any(roles));
    open.map(|(_, href, label)| NavItem { href, label }).collect()
}
