//! The registry, on SQLite and on PostgreSQL from the same tests.

mod api;
mod bookings;
mod contact;
mod decisions;
mod enrolment;
mod erasures;
mod exchange;
mod joined;
mod mails;
mod missing;
mod nodes;
mod payments;
mod skew;
mod staff;
mod store;
mod tls;
mod twice;
mod walk_ins;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use loket::clock::{Clock, StoppedClock};
use loket::config::{KeySettings, Place, RegistryConfig, example_office};
use loket::domain::application::Application;
use loket::domain::number::ApplicationNumber;
use loket::domain::payment::Paid;
use loket::registry::actions::Registry;
use loket::registry::actions::bookings::{BookingMade, BookingRequest, book};
use loket::registry::store::Quota;
use loket::registry::{self, NewStaff};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Runs the same test against both databases.
macro_rules! on_both {
    ($($(#[$doc:meta])* async fn $name:ident($it:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "a test may need nothing of its file")]
            use super::*;
            async fn run($it: crate::registry::Fixture) $body
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() { run(crate::registry::Fixture::sqlite().await).await; }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() { run(crate::registry::Fixture::postgres().await).await; }
        }
    )*};
}
pub(crate) use on_both;

/// A Saturday morning in Karimun: 09:00 WIB.
pub const MORNING: &str = "2026-11-21T02:00:00Z";

/// A registry with one office, one channel and one person, and a clock that stands.
pub struct Fixture {
    pub registry: Registry,
    pub clock: Arc<StoppedClock>,
    pub config: RegistryConfig,
    pub channel_key: String,
    _folder: TempDir,
}

impl Fixture {
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("registry.db").display());
        Self::new(folder, url).await
    }

    pub async fn postgres() -> Self {
        let url = tokio::task::spawn_blocking(crate::harness::postgres::database_url).await.unwrap();
        Self::new(tempfile::tempdir().unwrap(), url).await
    }

    async fn new(folder: TempDir, database_url: String) -> Self {
        let clock = Arc::new(StoppedClock::at(MORNING.parse().unwrap()));
        let config = RegistryConfig {
            dir: folder.path().to_owned(),
            place: Place::at("127.0.0.1:0".parse().unwrap()),
            database_url,
            smtp: None,
            mail_from: "Loket <loket@example.com>".to_owned(),
            key: KeySettings::default(),
        };
        let staff = NewStaff {
            login: "ratna".to_owned(),
            name: "Ratna Dewi".to_owned(),
            password: "pusat-yang-tenang".to_owned(),
        };
        let made = registry::init(&config, &[staff], clock.clone()).await.unwrap();
        let registry = registry::open(&config, clock.clone()).await.unwrap();
        let fixture = Self { registry, clock, config, channel_key: made.channel_key, _folder: folder };
        fixture.put_office().await;
        fixture
    }

    async fn put_office(&self) {
        let mut writing = self.registry.store.begin(self.now()).await.unwrap();
        writing.put_office(&example_office().unwrap()).await.unwrap();
        writing.commit().await.unwrap();
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn pass(&self, minutes: i64) {
        self.clock.advance(TimeDelta::minutes(minutes));
    }

    /// Opens one interval on Monday with this many places.
    pub async fn offer(&self, quota: u32) {
        self.offer_at("2026-11-23", "08:00:00", "09:00:00", quota).await;
    }

    pub async fn offer_at(&self, day: &str, from: &str, until: &str, quota: u32) {
        let quota: Quota = serde_json::from_value(json!({
            "slot": {"day": day, "from": from, "until": until},
            "product": "electronic", "channel": "m-paspor", "quota": quota,
        }))
        .unwrap();
        let office = example_office().unwrap().code;
        loket::registry::actions::quotas::set(&self.registry, &office, &[quota]).await.unwrap();
    }

    pub async fn taken(&self) -> Vec<(u32, u32)> {
        let office = example_office().unwrap().code;
        let quotas = loket::registry::actions::quotas::offered(&self.registry, &office, None).await.unwrap();
        quotas.iter().map(|quota| (quota.taken, quota.quota)).collect()
    }

    pub async fn book(&self, name: &str) -> BookingMade {
        book(&self.registry, request(name)).await.unwrap()
    }

    pub async fn application(&self, number: &ApplicationNumber) -> Application {
        let key = self.registry.store.by_number(number).await.unwrap().unwrap();
        self.registry.store.application(key).await.unwrap()
    }

    /// The registry of an older copy of this one's folder.
    pub async fn restored(&self, folder: TempDir) -> Self {
        let database_url = format!("sqlite://{}?mode=rwc", folder.path().join("registry.db").display());
        let config = RegistryConfig { dir: folder.path().to_owned(), database_url, ..self.config.clone() };
        let registry = registry::open(&config, self.clock.clone()).await.unwrap();
        let (clock, channel_key) = (self.clock.clone(), self.channel_key.clone());
        Self { registry, clock, config, channel_key, _folder: folder }
    }

    /// A second process on the same database: its own sessions, the same key.
    pub async fn another_process(&self) -> Registry {
        registry::open(&self.config, self.clock.clone()).await.unwrap()
    }
}

/// A booking of an adult for Monday at eight.
pub fn request(name: &str) -> BookingRequest {
    serde_json::from_value(request_json(name)).unwrap()
}

pub fn request_json(name: &str) -> Value {
    json!({
        "applicant": {
            "name": name, "nik": "2102045203900001", "born_on": "1990-03-12", "birthplace": "Karimun",
            "sex": "F", "civil_status": "married", "address": "Jl. Ahmad Yani 4", "occupation": "Guru",
        },
        "service": {"kind": "new", "product": "electronic", "validity": "10", "channel": "m-paspor"},
        "office": "karimun",
        "slot": {"day": "2026-11-23", "from": "08:00:00", "until": "09:00:00"},
        "documents": [{"kind": "identity-card"}, {"kind": "family-card"}],
        "contact": {"email": "pemohon@example.com"},
    })
}

/// What the bank reports for a bill.
pub fn paid(booking: &BookingMade, ntpn: &str, at: DateTime<Utc>) -> Paid {
    Paid {
        code: booking.bill.code.clone(),
        ntpn: ntpn.parse_ntpn(),
        amount_idr: booking.bill.amount_idr,
        paid_at: at,
        channel: "BRI".to_owned(),
    }
}

trait ParseNtpn {
    fn parse_ntpn(&self) -> loket::domain::number::Ntpn;
}

impl ParseNtpn for str {
    fn parse_ntpn(&self) -> loket::domain::number::Ntpn {
        loket::domain::number::Ntpn::parse(self).unwrap()
    }
}
