//! What the office remembers: journals are the truth, tables in sled are drawn from them.
//!
//! Reads never wait for writes. All writes go through one thread ([`Store::act`]). Nothing outside this folder names
//! sled, and nothing in it draws conclusions: what may happen is decided by `domain`.

pub mod act;
pub mod check;
mod digest;
pub mod exchange;
mod group;
mod index;
pub mod link;
mod load;
pub mod officers;
mod open;
pub mod pictures;
mod project;
mod queries;
pub mod queue;
mod rows;
pub mod sessions;
mod shared;
pub mod summary;
mod tables;
mod tree;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

use chrono::NaiveDate;
use loket_sync::journal::{OnDamage, Opening};
use loket_sync::{
    Blobs, Journals, NodeId, NodeKey, NodePublic, OwnStream, Pos, StorageKey, StreamId, Subject,
};
use tokio::sync::{mpsc, oneshot, watch};

use crate::clock::Clock;
use crate::domain::application::{Application, ApplicationKey, Author, Entry};
use crate::domain::fact::Fact;
use crate::domain::number::{ApplicationNumber, BookNumber};
use crate::domain::office::{Office, OfficeCode};
use crate::domain::person::Nik;
use crate::domain::setting::{SettingSet, Settings};

pub use act::{Act, ActError, Acted, What};
pub use link::{Line, LineOrder, LinkProblem, LinkState, Unsent};
pub use officers::{Device, Officer};
pub use pictures::PictureError;
pub use queue::{Counter, LastCall, Queue, QueueTicket};
pub use summary::{PaymentState, Summary};
pub use writer::Taken;

use shared::{Shared, read};
use writer::Job;

/// Name of the journals' folder in a data folder.
pub const JOURNAL_FOLDER: &str = "journal";

/// Who this node is: its keys, its office, and the registry it trusts.
#[derive(Clone)]
pub struct Identity {
    /// The node's own keys.
    pub node_key: NodeKey,
    /// What seals things at rest.
    pub storage_key: StorageKey,
    /// The office.
    pub office: Office,
    /// The registry, once the node is enrolled.
    pub registry: Option<NodePublic>,
}

impl Identity {
    /// The stream this office writes.
    pub fn stream(&self) -> Result<StreamId, StoreError> {
        stream("office", self.office.code.as_str())
    }

    /// Who may sign which stream.
    fn signers(&self) -> impl Fn(&StreamId, &NodeId) -> Option<NodePublic> + use<> {
        let (own, registry) = (self.node_key.public(), self.registry);
        move |stream, node| {
            let writer = if stream.group() == "hq" { registry } else { Some(own) };
            writer.filter(|writer| writer.id() == *node)
        }
    }
}

/// What an office and its registry exchange.
fn shared_streams(office: &Office) -> Result<Vec<StreamId>, StoreError> {
    let code = office.code.as_str();
    Ok(vec![stream("office", code)?, stream("hq", code)?, stream("hq", "common")?])
}

fn stream(group: &str, name: &str) -> Result<StreamId, StoreError> {
    StreamId::parse(&format!("{group}/{name}")).map_err(StoreError::Stream)
}

/// What happened at opening, for the log and the screen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OpenReport {
    /// Records in all journals.
    pub records: u64,
    /// Records that the tables did not have yet.
    pub replayed: u64,
    /// Why the tables were drawn anew, if they were.
    pub rebuilt: Option<String>,
    /// What the journals said at opening, for example a group that was being written when the machine stopped.
    pub notes: Vec<String>,
}

/// The store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The journals do not open.
    #[error("the journals do not open")]
    Journals(#[from] loket_sync::journal::OpenError),
    /// The tables know of facts that the journals do not hold: acknowledged facts are gone. A person must look.
    #[error(
        "the tables are ahead of the journals: {0}. Acknowledged facts are missing; restore the journal folder from a \
         backup, or enrol this node anew so that headquarters hands them back"
    )]
    Ahead(String),
    /// The writer's thread could not be started.
    #[error("the writer cannot be started")]
    Thread(#[source] std::io::Error),
    /// The folder of pictures cannot be used.
    #[error("the folder of pictures cannot be used")]
    Pictures(#[from] loket_sync::blob::BlobError),
    /// Something else.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The store could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// sled said so.
    #[error("the tables cannot be used")]
    Tables(#[source] sled::Error),
    /// sled does not open even an empty folder.
    #[error("the tables cannot be opened: {0}")]
    Unusable(String),
    /// The folder of the tables could not be moved.
    #[error("the folder of the tables cannot be changed")]
    Folder(#[source] std::io::Error),
    /// A value that cannot be read or written.
    #[error("a row of table {table} cannot be read")]
    Row {
        /// Which table.
        table: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// A value does not open: it was changed, or belongs to another key.
    #[error("a row of table {table} does not open")]
    Sealed {
        /// The table's letter.
        table: char,
    },
    /// A key that is not of its table.
    #[error("a key of table {table} is malformed")]
    Key {
        /// Which table.
        table: &'static str,
    },
    /// A row larger than sled keeps safely.
    #[error("a row of table {table} would have {bytes} bytes")]
    RowTooLong {
        /// The table's letter.
        table: char,
        /// How many.
        bytes: usize,
    },
    /// A record that the tables know is not in the journal.
    #[error("record {0} is missing from the journal")]
    Missing(Pos),
    /// The journal could not be read.
    #[error("the journal cannot be read")]
    Journal(#[from] loket_sync::journal::ReadError),
    /// A body does not open although its key is here.
    #[error("the body of record {pos} does not open")]
    Body {
        /// Which record.
        pos: Pos,
        /// Why.
        source: loket_sync::BodyError,
    },
    /// A fact could not be put into bytes.
    #[error("a fact cannot be written")]
    Fact(#[source] serde_json::Error),
    /// A fact larger than a record may be.
    #[error("a fact would have {bytes} bytes")]
    FactTooLong {
        /// How many.
        bytes: usize,
    },
    /// A record was not taken.
    #[error("a record cannot be chained")]
    Append(#[source] loket_sync::chain::ChainNextError),
    /// The office's code does not fit into the name of a stream.
    #[error("the office's code cannot name a stream")]
    Stream(#[source] loket_sync::ids::IdError),
    /// A folder or file could not be read.
    #[error("the data folder cannot be read")]
    Io(#[from] std::io::Error),
}

/// The office's memory; cloning gives another handle to the same.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    jobs: Option<mpsc::Sender<Job>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for Inner {
    /// Waits for the writer, so that the folder is free when the last handle is gone.
    fn drop(&mut self) {
        drop(self.jobs.take());
        let thread = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the writer has panicked");
        }
    }
}

/// How many facts of this office a page about the application was drawn from; views are not counted.
/// A form sends it back in the hidden field `seen`.
pub fn facts_seen(application: &Application, here: &OfficeCode) -> usize {
    let author = Author::Office(here.clone());
    application.by_author(&author).filter(|entry| !matches!(entry.fact, Fact::Viewed(_))).count()
}

impl Store {
    /// Opens the store in a data folder: verifies the journals, replays what the tables miss, starts the writer.
    pub fn open(dir: &Path, who: Identity, clock: Arc<dyn Clock>) -> Result<(Self, OpenReport), OpenError> {
        let own_stream = who.stream()?;
        let own = OwnStream {
            stream: own_stream,
            node_key: who.node_key.clone(),
            storage_key: who.storage_key.clone(),
            software: concat!("loket ", env!("CARGO_PKG_VERSION")).to_owned(),
        };
        // Damaged journals of an enrolled node are set aside: the other side hands the rest back. A node that stands
        // alone has nobody to ask, so a person must look first.
        let on_damage = if who.registry.is_some() { OnDamage::SetAside } else { OnDamage::Refuse };
        let opening = Opening { on_damage, ..Opening::default() };
        let (journals, opened) =
            Journals::open_with(&dir.join(JOURNAL_FOLDER), own, &who.signers(), opening)?;
        let reader = journals.reader();
        let here = project::Here { office: &who.office, key: &who.storage_key };
        let damaged = (!opened.damaged.is_empty()).then_some("part of a journal was damaged and set aside");
        let tables = open::tables(dir, &reader, here, damaged)?;
        let findings = opened.cut.iter().chain(&opened.damaged).chain(&opened.notes).chain(&opened.missing);
        let report = OpenReport {
            records: opened.records,
            replayed: tables.replayed,
            rebuilt: tables.rebuilt,
            notes: findings.map(ToString::to_string).collect(),
        };
        let index = index::Index::build(&tables.tree)?;
        let peer = tables::PEER.scan(&tables.tree, &[])?.into_iter().map(|(_, have)| have).collect();
        let line = if who.registry.is_some() { Line::Unknown } else { Line::NotEnrolled };
        let shared = Arc::new(Shared {
            own_stream,
            own_subject: shared::own_subject(&who.node_key.public()),
            office: who.office,
            registry: who.registry,
            key: who.storage_key,
            tree: tables.tree,
            reader,
            blobs: Arc::new(Blobs::open(&dir.join(pictures::PICTURE_FOLDER))?),
            index: RwLock::new(index),
            peer: RwLock::new(peer),
            link: RwLock::new(LinkState { line, ..LinkState::default() }),
            line_orders: RwLock::new(None),
            clock: Arc::clone(&clock),
            read_only: RwLock::new(None),
            changes: watch::Sender::new(0),
        });
        let (jobs, thread) =
            writer::start(Arc::clone(&shared), journals, clock, tables.meta).map_err(OpenError::Thread)?;
        let inner = Inner { shared, jobs: Some(jobs), thread: Mutex::new(Some(thread)) };
        Ok((Self { inner: Arc::new(inner) }, report))
    }

    /// Does an act; returns when it is on the disk.
    pub async fn act(&self, act: Act) -> Result<Acted, ActError> {
        self.ask(|answer| Job::Act(Box::new(act), answer)).await
    }

    /// As [`Store::act`], for callers outside of an asynchronous runtime.
    pub fn act_blocking(&self, act: Act) -> Result<Acted, ActError> {
        let (answer, answered) = oneshot::channel();
        let jobs = self.inner.jobs.as_ref().ok_or(ActError::Stopped)?;
        jobs.blocking_send(Job::Act(Box::new(act), answer)).map_err(|_| ActError::Stopped)?;
        answered.blocking_recv().map_err(|_| ActError::Stopped)?
    }

    /// Finishes what waits and closes the tables properly. Acts that come later are refused.
    pub async fn stop(&self) {
        let (stopped, wait) = oneshot::channel();
        if let Some(jobs) = &self.inner.jobs
            && jobs.send(Job::Stop(stopped)).await.is_ok()
            && wait.await.is_err()
        {
            tracing::error!("the writer ended without closing the tables");
        }
    }

    async fn ask<T>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, ActError>>) -> Job,
    ) -> Result<T, ActError> {
        let (answer, answered) = oneshot::channel();
        let jobs = self.inner.jobs.as_ref().ok_or(ActError::Stopped)?;
        jobs.send(job(answer)).await.map_err(|_| ActError::Stopped)?;
        answered.await.map_err(|_| ActError::Stopped)?
    }

    fn shared(&self) -> &Shared {
        &self.inner.shared
    }

    /// An application with all its facts.
    pub fn application(&self, key: ApplicationKey) -> Result<Option<Application>, StoreError> {
        let shared = self.shared();
        let loaded = load::subject(&shared.tree, &shared.reader, Subject(key.0))?;
        Ok(loaded.map(|loaded| loaded.application).filter(|found| found.entries().next().is_some()))
    }

    /// The application with this number.
    pub fn by_number(&self, number: &ApplicationNumber) -> Result<Option<ApplicationKey>, StoreError> {
        let found = queries::by_number(&self.shared().tree, self.shared().here(), number)?;
        Ok(found.into_iter().next())
    }

    /// Applications of this person, as applicant or guardian.
    pub fn by_nik(&self, nik: &Nik) -> Result<Vec<Summary>, StoreError> {
        self.lines(queries::by_nik(&self.shared().tree, self.shared().here(), nik)?)
    }

    /// The application a book was set aside for.
    pub fn by_book(&self, book: &BookNumber) -> Result<Option<ApplicationKey>, StoreError> {
        let found = queries::by_book(&self.shared().tree, self.shared().here(), book)?;
        Ok(found.into_iter().next())
    }

    /// One line about an application.
    pub fn summary(&self, key: ApplicationKey) -> Result<Option<Summary>, StoreError> {
        match read(&self.shared().index).get(&key) {
            Some(line) => Ok(Some(Summary::clone(&line))),
            None => queries::summary(&self.shared().tree, key),
        }
    }

    fn lines(&self, keys: Vec<ApplicationKey>) -> Result<Vec<Summary>, StoreError> {
        keys.into_iter().filter_map(|key| self.summary(key).transpose()).collect()
    }

    /// Applications by number, NIK or book, or open ones by words of the name, best match first.
    pub fn search(&self, text: &str, limit: usize) -> Result<Vec<Summary>, StoreError> {
        let mut keys = Vec::new();
        if let Ok(number) = ApplicationNumber::parse(text) {
            keys.extend(self.by_number(&number)?);
        }
        if let Ok(book) = BookNumber::parse(text) {
            keys.extend(self.by_book(&book)?);
        }
        let mut found = self.lines(keys)?;
        if let Ok(nik) = Nik::parse(text) {
            found.extend(self.by_nik(&nik)?);
        }
        if found.is_empty() {
            found = read(&self.shared().index).search(text, limit);
        }
        found.truncate(limit);
        Ok(found)
    }

    /// Everybody who is booked here on a day or came on it, in the order of their slots.
    pub fn day(&self, day: NaiveDate) -> Result<Vec<Summary>, StoreError> {
        let office = &self.shared().office;
        let mut lines = self.lines(queries::of_day(&self.shared().tree, day)?)?;
        lines.retain(|line| {
            let booked = line.slot.is_some_and(|slot| slot.day == day);
            let came = line.arrived_at.is_some_and(|at| office.zone.day(at) == day);
            came || (booked && line.office.as_ref() == Some(&office.code))
        });
        lines.sort_by(|a, b| (a.slot, &a.number).cmp(&(b.slot, &b.number)));
        Ok(lines)
    }

    /// Open applications of any day: for lists such as held, ready, conflicts.
    pub fn open_applications(&self) -> Vec<Summary> {
        let mut lines: Vec<Summary> =
            read(&self.shared().index).all().map(|line| Summary::clone(line)).collect();
        lines.sort_by(|a, b| (a.slot, &a.number).cmp(&(b.slot, &b.number)));
        lines
    }

    /// The queue of a day.
    pub fn queue(&self, day: NaiveDate) -> Result<Queue, StoreError> {
        queries::queue(&self.shared().tree, day)
    }

    /// An officer by login.
    pub fn officer(&self, login: &str) -> Result<Option<Officer>, StoreError> {
        queries::officer(&self.shared().tree, self.shared().here(), login)
    }

    /// All officers by login, disabled ones included.
    pub fn officers(&self) -> Result<Vec<Officer>, StoreError> {
        queries::officers(&self.shared().tree)
    }

    /// All devices by name, revoked ones included.
    pub fn devices(&self) -> Result<Vec<Device>, StoreError> {
        queries::devices(&self.shared().tree)
    }

    /// The settings that hold on a day.
    pub fn settings(&self, day: NaiveDate) -> Result<Settings, StoreError> {
        queries::settings(&self.shared().tree, day)
    }

    /// Every value a setting was given, for the settings page.
    pub fn setting_facts(&self) -> Result<Vec<SettingSet>, StoreError> {
        queries::setting_facts(&self.shared().tree)
    }

    /// What headquarters does not have yet. Everything, while it has never been heard of.
    pub fn unsent(&self) -> Unsent {
        match self.shared().reader.own_unsent(&read(&self.shared().peer)) {
            Ok(unsent) => {
                let oldest_at = unsent.oldest_at_ms.map(project::at);
                Unsent { count: unsent.count, oldest_at, bytes: unsent.bytes }
            }
            Err(error) => {
                // Only the age of the oldest is read from the disk; that one page does without it.
                tracing::warn!(%error, "the age of the oldest unsent fact could not be read");
                let count = self.journal_seq();
                Unsent { count, ..Unsent::default() }
            }
        }
    }

    /// Whether headquarters has this fact, by what it last said. Its own facts it has.
    pub fn is_at_headquarters(&self, entry: &Entry) -> bool {
        let session = loket_sync::SessionId(entry.order.session);
        let has = |have: &loket_sync::Have| have.session == session && have.len > entry.order.seq;
        entry.author == Author::Registry || read(&self.shared().peer).iter().any(has)
    }

    /// The line to headquarters.
    pub fn link(&self) -> LinkState {
        read(&self.shared().link).clone()
    }

    /// Why the store takes no more acts, if it does not: said on every page.
    pub fn read_only(&self) -> Option<String> {
        read(&self.shared().read_only).as_ref().map(|reason| reason.to_string())
    }

    /// Records in this node's own journals, for `/healthz`.
    pub fn journal_seq(&self) -> u64 {
        let own = self.shared().own_stream;
        self.shared().reader.vector().iter().filter(|have| have.stream == own).map(|have| have.len).sum()
    }

    /// Counts the groups of acts that became durable (and changes of the line): wakes live pages.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared().changes.subscribe()
    }

    /// The clock this store was opened with.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.shared().clock
    }

    /// The registry that was pinned at enrolment.
    pub fn registry(&self) -> Option<&NodePublic> {
        self.shared().registry.as_ref()
    }

    /// The office this store belongs to.
    pub fn office(&self) -> &Office {
        &self.shared().office
    }
}
