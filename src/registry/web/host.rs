//! What the shared pages must know of headquarters.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};

use super::bodies::Bodies;
use crate::domain::office::Zone;
use crate::registry::HEADQUARTERS_NAME;
use crate::registry::actions::{HEADQUARTERS_ZONE, Registry, staff};
use crate::web::host::{Answer, Host, Line, NavItem};
use crate::web::session::SignedIn;
use crate::web::words::L10nLanguage;

/// The registry as a server of pages.
pub struct Headquarters {
    /// What it shows.
    pub registry: Registry,
    /// Whether pages go out over TLS.
    pub secure: bool,
    /// Whether the last session that was asked for could not be read.
    pub is_unreadable: AtomicBool,
    /// Room for what is sent to it.
    pub bodies: Arc<Bodies>,
}

impl Host for Headquarters {
    fn name(&self) -> &'static str {
        HEADQUARTERS_NAME
    }

    fn zone(&self) -> Zone {
        HEADQUARTERS_ZONE
    }

    fn now(&self) -> DateTime<Utc> {
        self.registry.now()
    }

    fn line(&self) -> Option<Line> {
        None
    }

    /// Without it people whose session cannot be read are asked to sign in, and nobody says why that does not help.
    fn alarm(&self, words: &L10nLanguage) -> Option<String> {
        self.is_unreadable.load(Ordering::Relaxed).then(|| words.alarm_unreadable())
    }

    fn navigation(&self, _: &SignedIn, words: &L10nLanguage) -> Vec<NavItem> {
        vec![
            NavItem { href: "/staff/decisions", label: words.staff_nav_decisions() },
            NavItem { href: "/staff/bookings", label: words.staff_nav_bookings() },
            NavItem { href: "/staff/payments", label: words.staff_nav_payments() },
            NavItem { href: "/staff/conflicts", label: words.staff_nav_conflicts() },
            NavItem { href: "/staff/erasures", label: words.staff_nav_erasures() },
            NavItem { href: "/staff/offices", label: words.staff_nav_offices() },
            NavItem { href: "/staff/officers", label: words.staff_nav_officers() },
        ]
    }

    fn signed_in<'a>(&'a self, token: &'a str) -> Answer<'a, Option<SignedIn>> {
        Box::pin(async move {
            let found = self.registry.store.session(token, self.registry.now(), staff::idle()).await;
            self.is_unreadable.store(found.is_err(), Ordering::Relaxed);
            match found {
                Ok(session) => session.map(|it| SignedIn { login: it.login, name: it.name, roles: it.roles }),
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "A session cannot be read");
                    None
                }
            }
        })
    }

    fn login_path(&self) -> &'static str {
        "/staff/login"
    }

    fn logout_path(&self) -> &'static str {
        "/staff/logout"
    }

    fn cookie(&self) -> &'static str {
        "loket-pusat"
    }

    fn secure(&self) -> bool {
        self.secure
    }
}
