//! The office: its store, what officers can do, and its pages.

mod actions;
mod courier;
mod damage;
pub mod headquarters;
mod line;
mod printing;
mod store;
mod walk;
pub mod web;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use loket::clock::StoppedClock;
use loket::domain::actor::{Actor, Role};
use loket::domain::application::ApplicationKey;
use loket::domain::command::Command;
use loket::domain::desk::CounterOpened;
use loket::domain::document::{CheckedDocument, DocumentKind, Seen};
use loket::domain::office::{Office, OfficeCode, Zone};
use loket::domain::ticket::QueueClass;
use loket::office::store::{Act, ActError, Acted, Identity, OpenOptions, OpenReport, Store, What};
use loket_sync::{NodeKey, NodePublic, StorageKey};

use headquarters::Headquarters;

/// The morning all these tests happen on: 23 November 2026, 08.05 WIB.
pub fn morning() -> DateTime<Utc> {
    "2026-11-23T01:05:00Z".parse().unwrap()
}

/// An office in a temporary folder, with a headquarters that hands it bookings.
pub struct TestOffice {
    pub folder: tempfile::TempDir,
    pub identity: Identity,
    pub clock: Arc<StoppedClock>,
    pub headquarters: Headquarters,
    /// What the office is opened on, from the next opening on.
    pub disk: loket_sync::Disk,
    /// Nothing while the office is closed.
    store: Option<Store>,
    forms: std::sync::atomic::AtomicU64,
}

impl TestOffice {
    /// Opens an empty office.
    pub fn open() -> Self {
        let headquarters = Headquarters::new("karimun");
        let registry = headquarters.public();
        Self::open_for(headquarters, registry)
    }

    /// Opens an empty office that trusts this registry.
    pub fn open_for(headquarters: Headquarters, registry: NodePublic) -> Self {
        let identity = Identity {
            node_key: NodeKey::from_seed([7; 32]),
            storage_key: StorageKey::from_bytes([8; 32]),
            office: Office {
                code: OfficeCode::parse("karimun").unwrap(),
                name: "Kantor Imigrasi Kelas II TPI Tanjung Balai Karimun".into(),
                zone: Zone::Wib,
            },
            registry: Some(registry),
        };
        let mut office = Self {
            folder: tempfile::tempdir().unwrap(),
            identity,
            clock: Arc::new(StoppedClock::at(morning())),
            headquarters,
            disk: loket_sync::Disk::default(),
            store: None,
            forms: std::sync::atomic::AtomicU64::new(0),
        };
        office.reopen();
        office
    }

    /// A closed office in a folder of its own that holds what this one, closed too, holds.
    pub fn copy(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Not with another program: while it is started it holds every lock of this one.
        for name in loket::sums::files_under(self.path()).unwrap() {
            let to = folder.path().join(&name);
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(self.file(&name), to).unwrap();
        }
        Self {
            folder,
            identity: self.identity.clone(),
            clock: self.clock.clone(),
            headquarters: Headquarters::new("karimun"),
            disk: loket_sync::Disk::default(),
            store: None,
            forms: std::sync::atomic::AtomicU64::new(1_000_000),
        }
    }

    /// Opens what was closed or killed.
    pub fn reopen(&mut self) -> OpenReport {
        self.kill();
        let (store, report) = self.try_open().unwrap();
        self.store = Some(store);
        report
    }

    pub fn try_open(&self) -> Result<(Store, OpenReport), loket::office::store::OpenError> {
        let options = OpenOptions { disk: self.disk.clone(), ..OpenOptions::default() };
        Store::open_with(self.path(), self.identity.clone(), self.clock.clone(), options)
    }

    /// Ends without a proper close: nothing is flushed, no mark is written.
    pub fn kill(&mut self) {
        self.store = None;
    }

    /// Ends properly.
    pub async fn stop(&mut self) {
        if let Some(store) = self.store.take() {
            store.stop().await;
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn store(&self) -> &Store {
        self.store.as_ref().expect("the office is open")
    }

    /// A booking for today, paid, as it arrives from headquarters.
    pub async fn booked(&mut self, name: &str) -> ApplicationKey {
        let key = self.headquarters.book(name);
        self.headquarters.pay(key);
        self.sync().await;
        key
    }

    /// Takes everything headquarters has written since.
    pub async fn sync(&mut self) {
        let (runs, keys) = self.headquarters.take();
        let taken = self.store().receive(runs, keys).await.unwrap();
        assert_eq!(taken.refused, []);
    }

    /// A fresh idempotency key.
    pub fn form(&self) -> String {
        format!("form-{}", self.forms.fetch_add(1, std::sync::atomic::Ordering::SeqCst))
    }

    pub async fn act(&self, what: What, login: &str) -> Result<Acted, ActError> {
        self.store().act(act(what, login, self.form())).await
    }

    pub async fn command(&self, key: ApplicationKey, command: Command) -> Result<Acted, ActError> {
        self.act(What::Application { key, command: Box::new(command) }, "sari").await
    }

    /// Arrived with all papers, waiting with a ticket.
    pub async fn waiting(&mut self, name: &str) -> ApplicationKey {
        let key = self.booked(name).await;
        self.command(key, arrive()).await.unwrap();
        self.command(key, papers()).await.unwrap();
        key
    }

    pub async fn open_counter(&self, counter: u16, login: &str) {
        let opened = CounterOpened { counter, classes: vec![QueueClass::BOOKED] };
        self.act(What::OpenCounter(opened), login).await.unwrap();
    }
}

pub fn arrive() -> Command {
    Command::Arrive { note: String::new(), other_day_reason: None }
}

/// All papers of an adult's first passport.
pub fn all_papers() -> Vec<CheckedDocument> {
    let kinds = [DocumentKind::IdentityCard, DocumentKind::FamilyCard, DocumentKind::BirthProof];
    kinds.map(|kind| CheckedDocument { kind, seen: Seen::Agrees, note: String::new() }).to_vec()
}

/// All papers are there: a ticket at once.
pub fn papers() -> Command {
    Command::CheckDocuments { documents: all_papers(), ticket: true }
}

pub fn officer(login: &str) -> Actor {
    Actor::Officer { login: login.into(), name: login.to_uppercase() }
}

/// An act by an officer who holds every role.
pub fn act(what: What, login: &str, once: String) -> Act {
    let roles =
        vec![Role::FrontDesk, Role::Interviewer, Role::Supervisor, Role::Custody, Role::Administrator];
    Act { what, by: officer(login), roles, once, seen: None }
}
