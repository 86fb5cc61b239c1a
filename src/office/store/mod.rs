//! What the office remembers: journals are the truth, tables in sled are drawn from them.
//!
//! Reads never wait for writes. All writes go through one thread ([`Store::act`]).
//! FIRST LANDING: signatures only, for those who build pages against them; the bodies follow at once.

pub mod act;
pub mod link;
pub mod officers;
pub mod queue;
pub mod summary;

use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDate;
use loket_sync::{NodeKey, NodePublic, StorageKey};
use tokio::sync::watch;

use crate::clock::Clock;
use crate::domain::application::{Application, ApplicationKey, Entry};
use crate::domain::document::BlobRef;
use crate::domain::fact::Fact;
use crate::domain::number::{ApplicationNumber, BookNumber};
use crate::domain::office::{Office, OfficeCode};
use crate::domain::person::Nik;
use crate::domain::setting::Settings;

pub use act::{Act, ActError, Acted, What};
pub use link::{Line, LinkProblem, LinkState, Unsent};
pub use officers::{Device, Officer};
pub use queue::{Counter, LastCall, Queue, QueueTicket};
pub use summary::{PaymentState, Summary};

/// Who this node is: its keys, its office, and the registry it trusts.
#[derive(Clone)]
pub struct Identity {
    /// The node's own keys.
    pub node_key: NodeKey,
    /// What seals things at rest.
    pub storage_key: Arc<StorageKey>,
    /// The office.
    pub office: Office,
    /// The registry, once the node is enrolled.
    pub registry: Option<NodePublic>,
}

/// What happened at opening, for the log and the screen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OpenReport {
    /// Records in all journals.
    pub records: u64,
    /// Records that the tables did not have yet.
    pub replayed: u64,
    /// Why the tables were rebuilt, if they were.
    pub rebuilt: Option<String>,
    /// What the journals said at opening: torn tails that were cut.
    pub notes: Vec<String>,
}

/// The store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The tables know of facts that the journals do not hold: acknowledged facts are gone. A person must look.
    #[error("the tables are ahead of the journals: {0}")]
    Ahead(String),
    /// Something else.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The store could not be read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store is not open.
    #[error("the store is not open")]
    Closed,
}

/// The office's memory; cloning gives another handle to the same.
#[derive(Clone)]
pub struct Store {
    changes: watch::Receiver<u64>,
}

/// How many facts of this office a page about the application was drawn from; views are not counted.
/// A form sends it back in the hidden field `seen`.
pub fn facts_seen(application: &Application, here: &OfficeCode) -> usize {
    application
        .entries()
        .filter(
            |entry| matches!(&entry.author, crate::domain::application::Author::Office(code) if code == here),
        )
        .filter(|entry| !matches!(entry.fact, Fact::Viewed(_)))
        .count()
}

impl Store {
    /// Opens the store in a data folder: verifies the journals, replays what the tables miss, starts the writer.
    pub fn open(dir: &Path, who: Identity, clock: Arc<dyn Clock>) -> Result<(Self, OpenReport), OpenError> {
        let _ = (dir, who, clock);
        Err(StoreError::Closed.into())
    }

    /// Does an act; returns when it is on the disk.
    pub async fn act(&self, act: Act) -> Result<Acted, ActError> {
        let _ = act;
        std::future::ready(Err(ActError::Stopped)).await
    }

    /// An application with all its facts.
    pub fn application(&self, key: ApplicationKey) -> Result<Option<Application>, StoreError> {
        let _ = key;
        Err(StoreError::Closed)
    }

    /// The application with this number.
    pub fn by_number(&self, number: &ApplicationNumber) -> Result<Option<ApplicationKey>, StoreError> {
        let _ = number;
        Err(StoreError::Closed)
    }

    /// Applications of this person, as applicant or guardian.
    pub fn by_nik(&self, nik: &Nik) -> Result<Vec<Summary>, StoreError> {
        let _ = nik;
        Err(StoreError::Closed)
    }

    /// The application a book was ever set aside for.
    pub fn by_book(&self, book: &BookNumber) -> Result<Option<ApplicationKey>, StoreError> {
        let _ = book;
        Err(StoreError::Closed)
    }

    /// One line about an application.
    pub fn summary(&self, key: ApplicationKey) -> Result<Option<Summary>, StoreError> {
        let _ = key;
        Err(StoreError::Closed)
    }

    /// Open applications by number, NIK, book or words of the name, best match first.
    pub fn search(&self, text: &str, limit: usize) -> Result<Vec<Summary>, StoreError> {
        let _ = (text, limit);
        Err(StoreError::Closed)
    }

    /// Everybody who is booked here on a day or came on it, in the order of their slots.
    pub fn day(&self, day: NaiveDate) -> Result<Vec<Summary>, StoreError> {
        let _ = day;
        Err(StoreError::Closed)
    }

    /// Open applications (no day): for lists such as held, ready, conflicts.
    pub fn open_applications(&self) -> Vec<Summary> {
        Vec::new()
    }

    /// The queue of a day.
    pub fn queue(&self, day: NaiveDate) -> Result<Queue, StoreError> {
        let _ = day;
        Err(StoreError::Closed)
    }

    /// An officer by login.
    pub fn officer(&self, login: &str) -> Result<Option<Officer>, StoreError> {
        let _ = login;
        Err(StoreError::Closed)
    }

    /// All officers by login, disabled ones included.
    pub fn officers(&self) -> Result<Vec<Officer>, StoreError> {
        Err(StoreError::Closed)
    }

    /// All devices by name, revoked ones included.
    pub fn devices(&self) -> Result<Vec<Device>, StoreError> {
        Err(StoreError::Closed)
    }

    /// The settings that hold on a day.
    pub fn settings(&self, day: NaiveDate) -> Result<Settings, StoreError> {
        let _ = day;
        Ok(Settings::default())
    }

    /// What headquarters does not have yet.
    pub fn unsent(&self) -> Unsent {
        Unsent::default()
    }

    /// Whether headquarters has this fact, by what it last said.
    pub fn is_at_headquarters(&self, entry: &Entry) -> bool {
        let _ = entry;
        false
    }

    /// The line to headquarters.
    pub fn link(&self) -> LinkState {
        LinkState::default()
    }

    /// Why the store takes no more acts, if it does not: said on every page.
    pub fn read_only(&self) -> Option<String> {
        None
    }

    /// Records in this node's own journal, for `/healthz`.
    pub fn journal_seq(&self) -> u64 {
        0
    }

    /// The bytes of a sealed picture. Blocking: call it from `spawn_blocking` or `web::block`.
    pub fn blob(&self, picture: &BlobRef, key: ApplicationKey) -> Result<Option<Vec<u8>>, StoreError> {
        let _ = (picture, key);
        Err(StoreError::Closed)
    }

    /// Counts the groups of acts that became durable (and changes of the line): wakes live pages.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    /// The office this store belongs to.
    pub fn office(&self) -> &Office {
        static NOWHERE: std::sync::OnceLock<Office> = std::sync::OnceLock::new();
        NOWHERE.get_or_init(|| Office {
            code: match OfficeCode::parse("nowhere") {
                Some(code) => code,
                None => unreachable!("a plain word"),
            },
            name: String::new(),
            zone: crate::domain::office::Zone::Wib,
        })
    }
}
