//! What the office remembers: journals are the truth, tables in sled are drawn from them.
//!
//! Reads never wait for writes. All writes go through one thread ([`Store::act`]). Nothing outside this folder names
//! sled, and nothing in it draws conclusions: what may happen is decided by `domain`.

pub mod act;
pub mod check;
mod counters;
mod digest;
mod erasures;
mod error;
pub mod exchange;
mod gathering;
mod group;
mod index;
pub mod link;
mod load;
pub mod nodes;
mod noting;
pub mod officers;
mod open;
mod own_acts;
pub mod pictures;
mod project;
mod queries;
pub mod queue;
mod reads;
mod receive;
mod recheck;
mod registering;
mod rows;
pub mod sessions;
mod shared;
pub mod stock;
pub mod summary;
mod tables;
pub mod trail;
mod tree;
mod upkeep;
pub mod waiting;
mod writer;

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use loket_sync::journal::{Finding, OnDamage, Opening, What as Wrong};
use loket_sync::{Blobs, Disk, Journals, NodeId, NodeKey, NodePublic, OwnStream, StorageKey, StreamId};
use tokio::sync::{mpsc, oneshot, watch};

use crate::clock::Clock;
use crate::domain::application::{Application, Author};
use crate::domain::fact::Fact;
use crate::domain::office::{Office, OfficeCode};

pub use act::{Act, ActError, Acted, What};
pub use error::{OpenError, StoreError};
pub use link::{Line, LineOrder, LinkAlarm, LinkProblem, LinkState, Unsent};
pub use nodes::NodeSigners;
pub use officers::{Device, GivenSetting, Officer};
pub use pictures::PictureError;
pub use queue::{Counter, LastCall, Pause, Queue, QueueTicket};
pub use receive::Taken;
pub use summary::{PaymentState, Summary};
pub use trail::{Done, DoneOnDay};
pub use waiting::Waiting;

use shared::Shared;
use upkeep::Step;
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
    pub fn signers(&self) -> impl Fn(&StreamId, &NodeId) -> Option<NodePublic> + use<> {
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

/// How a store is opened.
#[derive(Debug, Clone, Default)]
pub struct OpenOptions {
    /// The file system, perhaps with faults.
    pub disk: Disk,
    /// Somebody has said that the office shall go on although acknowledged records are missing.
    pub accept_missing: bool,
    /// What a start in order has left is relied on, and verified while the office works.
    pub is_quick: bool,
}

/// Whether the tables can be used is waited for so long before pages come up that say so.
const DECISION_TIMEOUT: Duration = Duration::from_secs(2);

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
    /// Opens the store in a data folder: verifies the journals and the tables, replays what these miss or draws them anew,
    /// starts the writer. Returns when the tables are there.
    pub fn open(dir: &Path, who: Identity, clock: Arc<dyn Clock>) -> Result<(Self, OpenReport), OpenError> {
        Self::open_with(dir, who, clock, OpenOptions::default())
    }

    /// As [`Store::open`], with everything said.
    pub fn open_with(
        dir: &Path,
        who: Identity,
        clock: Arc<dyn Clock>,
        options: OpenOptions,
    ) -> Result<(Self, OpenReport), OpenError> {
        let (store, mut report, steps) = Self::begin(dir, who, clock, options)?;
        loop {
            match steps.recv() {
                Ok(Step::Decided { rebuilt }) => report.rebuilt = rebuilt,
                Ok(Step::Ready { replayed }) => report.replayed = replayed,
                Ok(Step::Failed(error)) => return Err(error),
                Err(_) => return Err(StoreError::Unusable("the writer ended".to_owned()).into()),
            }
            if store.waiting().is_none() {
                return Ok((store, report));
            }
        }
    }

    /// As [`Store::open`] for an office that is to serve soon, however much lies there: what has not changed since it was
    /// last noted is relied on and verified afterwards, while the office works (docs/decisions/0023). Returns as soon as
    /// it is known whether the tables can be used: while they are drawn anew, [`Store::waiting`] says how far that is.
    /// Tables that take long to be opened are not waited for either.
    pub fn start(dir: &Path, who: Identity, clock: Arc<dyn Clock>) -> Result<(Self, OpenReport), OpenError> {
        let options = OpenOptions { is_quick: true, ..OpenOptions::default() };
        let (store, mut report, steps) = Self::begin(dir, who, clock, options)?;
        while store.waiting().is_some() && report.rebuilt.is_none() {
            match steps.recv_timeout(DECISION_TIMEOUT) {
                Ok(Step::Decided { rebuilt }) => report.rebuilt = rebuilt,
                Ok(Step::Ready { replayed }) => report.replayed = replayed,
                Ok(Step::Failed(error)) if !error.is_storage_full() => return Err(error),
                Ok(Step::Failed(_)) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    break;
                }
            }
        }
        Ok((store, report))
    }

    /// Returns when the tables are there.
    pub async fn ready(&self) {
        let mut changes = self.changes();
        while self.waiting().is_some() {
            // The writer has ended: nothing changes any more.
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    fn begin(
        dir: &Path,
        who: Identity,
        clock: Arc<dyn Clock>,
        options: OpenOptions,
    ) -> Result<(Self, OpenReport, Receiver<Step>), OpenError> {
        let OpenOptions { disk, accept_missing, is_quick } = options;
        let own_stream = who.stream()?;
        let own = OwnStream {
            stream: own_stream,
            node_key: who.node_key.clone(),
            storage_key: who.storage_key.clone(),
            software: concat!("loket ", env!("CARGO_PKG_VERSION")).to_owned(),
        };
        // Damaged journals of an enrolled node are set aside: the other side hands the rest back. A node that stands
        // alone has nobody to ask, so a person must look first.
        let goes_on = who.registry.is_some() || accept_missing;
        let on_damage = if goes_on { OnDamage::SetAside } else { OnDamage::Refuse };
        let opening = Opening { on_damage, disk: disk.clone(), from_places: is_quick, ..Opening::default() };
        let (journals, opened) =
            Journals::open_with(&dir.join(JOURNAL_FOLDER), own, &who.signers(), opening)?;
        let cut = opened.cut.iter().chain(&opened.torn);
        // Whose key is not held here is judged when it is known who had one.
        let is_told = |note: &&Finding| !matches!(note.what, Wrong::SignerUnknown { .. });
        let notes = opened.notes.iter().filter(is_told);
        let findings = cut.chain(&opened.damaged).chain(notes).chain(&opened.missing);
        let report = OpenReport {
            records: opened.records,
            notes: findings.map(ToString::to_string).collect(),
            ..OpenReport::default()
        };
        let blobs = Arc::new(Blobs::open_on(&dir.join(pictures::PICTURE_FOLDER), disk)?);
        // Acknowledged facts may be gone: every screen says so until the node is started again.
        let damaged = opened.damaged.iter().chain(&opened.missing).map(ToString::to_string);
        let torn = opened.torn.iter().map(|torn| LinkAlarm::JournalTorn { detail: torn.to_string() });
        let alarms = damaged.map(|detail| LinkAlarm::JournalDamaged { detail }).chain(torn).collect();
        let line = if who.registry.is_some() { Line::Unknown } else { Line::NotEnrolled };
        let shared = Arc::new(Shared {
            dir: dir.to_owned(),
            own_stream,
            process: journals.session(),
            own_subject: crate::reserved::own_subject(&who.node_key.public()),
            own_public: who.node_key.public(),
            office: who.office,
            registry: who.registry,
            tree: tree::Tree::away(who.storage_key.clone(), tree::keys_of(&journals.reader())),
            key: who.storage_key,
            reader: journals.reader(),
            blobs,
            index: RwLock::default(),
            peer: RwLock::default(),
            nodes: RwLock::default(),
            refused: RwLock::default(),
            link: RwLock::new(LinkState { line, alarms, ..LinkState::default() }),
            line_orders: RwLock::new(None),
            clock: Arc::clone(&clock),
            read_only: RwLock::new(None),
            has_ended: AtomicBool::new(false),
            is_doubted: AtomicBool::new(false),
            changes: watch::Sender::new(0),
        });
        let upkeep = upkeep::Upkeep::new(&opened, goes_on, accept_missing, is_quick)?;
        let (jobs, thread, steps) =
            writer::start(Arc::clone(&shared), journals, clock, upkeep).map_err(OpenError::Thread)?;
        let inner = Inner { shared, jobs: Some(jobs), thread: Mutex::new(Some(thread)) };
        Ok((Self { inner: Arc::new(inner) }, report, steps))
    }

    /// Does an act; returns when it is on the disk.
    pub async fn act(&self, act: Act) -> Result<Acted, ActError> {
        self.ask(|answer| Job::Act(Box::new(act), answer)).await
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
        jobs.send(job(answer)).await.map_err(|_| self.gone())?;
        // Every job is answered, but those that a panic of the writer took along.
        answered.await.map_err(|_| ActError::Failed(writer::FAULT.to_owned()))?
    }

    /// Why the writer takes nothing more: it ended because of a fault, or was told to stop.
    fn gone(&self) -> ActError {
        self.read_only().map_or(ActError::Stopped, ActError::ReadOnly)
    }

    fn shared(&self) -> &Shared {
        &self.inner.shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::StoppedClock;
    use crate::domain::office::Zone;
    use futures_util::future::join_all;

    fn open(folder: &Path) -> Store {
        let code = OfficeCode::parse("karimun").unwrap();
        let who = Identity {
            node_key: NodeKey::from_seed([7; 32]),
            storage_key: StorageKey::from_bytes([8; 32]),
            office: Office { code, name: "Karimun".into(), zone: Zone::Wib },
            registry: None,
        };
        let clock = Arc::new(StoppedClock::at("2026-11-23T01:05:00Z".parse().unwrap()));
        Store::open(folder, who, clock).unwrap().0
    }

    /// Waits until the store says that it is read-only; bounded by what tests may take at all.
    async fn read_only(store: &Store) {
        let mut changes = store.changes();
        let said = async {
            while store.read_only().is_none() {
                changes.changed().await.unwrap();
            }
        };
        tokio::time::timeout(Duration::from_mins(1), said).await.unwrap();
    }

    #[tokio::test]
    async fn a_panic_of_the_writer_makes_the_office_read_only() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let fault = store.note(|_| panic!("a fault of the program")).await;
        assert!(matches!(fault, Err(ActError::Failed(_))), "nobody knows what became of it: {fault:?}");
        read_only(&store).await;
        assert!(matches!(store.note(|_| Ok(())).await, Err(ActError::ReadOnly(_))));
    }

    /// The writer is held while more comes than one group takes and than may wait, with a fault in the midst of it.
    #[tokio::test]
    async fn whoever_waits_while_the_writer_panics_hears_that_nothing_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let (go, held) = std::sync::mpsc::channel::<()>();
        let (begun, has_begun) = oneshot::channel();
        let holding = store.clone();
        let holding = tokio::spawn(async move {
            let note = move |_: &mut rows::Changes<'_>| {
                begun.send(()).unwrap();
                held.recv().unwrap();
                Ok(())
            };
            holding.note(note).await
        });
        has_begun.await.unwrap();
        let fault = store.note(|_| panic!("a fault of the program"));
        // Unconstrained: each has sent, or waits for room, before the writer is let go.
        let rest = tokio::task::unconstrained(join_all((0..2_000).map(|_| store.note(|_| Ok(())))));
        let (fault, rest, ()) = tokio::join!(fault, rest, async { go.send(()).unwrap() });
        holding.await.unwrap().unwrap();
        assert!(matches!(fault, Err(ActError::Failed(_))), "{fault:?}");
        let in_doubt = rest.iter().filter(|done| matches!(done, Err(ActError::Failed(_)))).count();
        let refused = rest.iter().filter(|done| matches!(done, Err(ActError::ReadOnly(_)))).count();
        assert!(in_doubt < 128, "only what was gathered with the fault is in doubt: {in_doubt}");
        assert_eq!(in_doubt + refused, 2_000, "each has an answer, and the right one");
        read_only(&store).await;
    }

    /// Many threads send without a pause while the writer panics: each has an answer, and none is told of a stop.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_note_that_comes_just_when_the_writer_panics_is_answered_like_any_later_one() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let senders = (0..8).map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                loop {
                    let was_read_only = store.read_only().is_some();
                    match store.note(|_| Ok(())).await {
                        Ok(()) => assert!(!was_read_only),
                        Err(ActError::Failed(_)) => assert!(!was_read_only, "it cannot have been begun"),
                        Err(ActError::ReadOnly(_)) => return,
                        Err(other) => panic!("{other:?}"),
                    }
                }
            })
        });
        let senders: Vec<_> = senders.collect();
        assert!(store.note(|_| panic!("a fault of the program")).await.is_err());
        let ended = tokio::time::timeout(Duration::from_mins(1), join_all(senders)).await.unwrap();
        for sender in ended {
            sender.unwrap();
        }
    }

    #[tokio::test]
    async fn whoever_waits_while_the_office_stops_hears_that_it_stops() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let ((), rest) = tokio::join!(store.stop(), join_all((0..300).map(|_| store.note(|_| Ok(())))));
        assert!(rest.iter().all(|done| matches!(done, Err(ActError::Stopped))));
        assert!(store.read_only().is_none());
    }
}
