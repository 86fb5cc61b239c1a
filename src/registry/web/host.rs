//! What the shared pages must know of headquarters.

use chrono::{DateTime, Utc};

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

    fn alarm(&self, _: &L10nLanguage) -> Option<String> {
        None
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
