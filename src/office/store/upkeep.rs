//! Keeping the tables up: the writer opens them at the start, draws them anew when sled cannot be believed or read any
//! more, waits for room on a full disk, and writes down what damage was found. Pages say meanwhile what they wait for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use loket_sync::OpenReport;
use loket_sync::journal::What as Wrong;
use tokio::sync::oneshot;

use super::act::{Act, ActError, What};
use super::gathering::Gathering;
use super::index::Index;
use super::link::LinkAlarm;
use super::nodes::{self, NodeSigners};
use super::open::{self, Unsound, Wish};
use super::shared::write;
use super::tables::{self, MetaRow, VERSION};
use super::waiting::Waiting;
use super::writer::{Job, Writer};
use super::{OpenError, StoreError, erasures, tree};
use crate::domain::actor::Actor;
use crate::domain::damage::{DamageMended, FolderPart, MISSING_MAX, MissingRecords};
use crate::sums;

/// Tables that have no room are tried again after so long.
const RETRY_AFTER: Duration = Duration::from_secs(5);
/// What a fact says of one damage, at most.
const DETAIL_CHARS_MAX: usize = 500;

/// How opening the tables goes, for whoever waits.
pub(super) enum Step {
    /// It is known whether they can be used.
    Decided {
        /// Why they are drawn anew, if they are.
        rebuilt: Option<String>,
    },
    /// They are there.
    Ready {
        /// Records that had to be applied.
        replayed: u64,
    },
    /// They cannot be opened.
    Failed(OpenError),
}

/// What the writer remembers about the state of the folder.
pub(super) struct Upkeep {
    accept_missing: bool,
    /// The tables are there.
    is_up: bool,
    /// Damage that no fact names yet.
    unnoted: Vec<DamageMended>,
    is_retrying: Arc<AtomicBool>,
}

impl Upkeep {
    /// What opening the journals has shown.
    pub(super) fn new(opened: &OpenReport, goes_on: bool, accept_missing: bool) -> Self {
        let of_keys = |what: &Wrong| matches!(what, Wrong::SubjectKey(_));
        let keys = opened.notes.iter().filter(|finding| of_keys(&finding.what));
        let damage = |part, detail: String| DamageMended { part, detail, missing: Vec::new() };
        let unnoted: Vec<_> = opened
            .damaged
            .iter()
            .map(|finding| damage(FolderPart::Journals, finding.to_string()))
            .chain(keys.map(|finding| damage(FolderPart::Keys, finding.to_string())))
            .collect();
        // Part of a journal was set aside: what is missing is known to be so.
        let accept_missing = accept_missing || (goes_on && !opened.damaged.is_empty());
        Self { accept_missing, is_up: false, unnoted, is_retrying: Arc::default() }
    }
}

impl Writer {
    /// Opens the tables at the start.
    pub(super) fn bring_up(&mut self, tell: &dyn Fn(Step)) {
        let erased = erasures::must_redraw(&self.shared.dir);
        let erased = erased.map(|why| Unsound { why: why.to_owned(), is_damage: false });
        let raised = self.raise(erased, tell);
        self.settle(raised).unwrap_or_else(|error| tell(Step::Failed(error)));
        self.note_damage();
    }

    /// Puts tables right that are faulty or not there, if that can be done now.
    pub(super) fn mend(&mut self) {
        let fault = self.shared.tree.fault();
        let is_stopped = super::shared::read(&self.shared.read_only).is_some();
        if is_stopped || (self.upkeep.is_up && fault.is_none()) {
            return;
        }
        // Without room nothing can be drawn; what can be read is read meanwhile.
        if !self.journals.has_room() {
            self.retry_later();
            return;
        }
        let is_full = fault.as_ref().is_none_or(|fault| fault.is_full);
        let rebuild = fault.filter(|_| !is_full).map(|fault| Unsound { why: fault.why, is_damage: true });
        self.upkeep.is_up = false;
        self.shared.tree.put_away(Waiting::Opening);
        self.shared.changed();
        let raised = self.raise(rebuild, &|_| {});
        if let Err(error) = self.settle(raised) {
            tracing::error!(error = &error as &dyn std::error::Error, "The tables are not there");
        }
        self.note_damage();
    }

    /// Why no act is taken at the moment, if none is.
    pub(super) fn refuses(&self) -> Option<ActError> {
        let tree = &self.shared.tree;
        match tree.fault() {
            Some(fault) if fault.is_full => Some(ActError::StorageLow),
            Some(fault) => Some(ActError::ReadOnly(fault.why)),
            None if self.upkeep.is_up => None,
            None if tree.waiting() == Some(Waiting::NoRoom) => Some(ActError::StorageLow),
            None => Some(ActError::ReadOnly("the tables are not there yet".to_owned())),
        }
    }

    /// What readers are told when the tables did not come up.
    fn settle(&mut self, raised: Result<(), OpenError>) -> Result<(), OpenError> {
        let Err(error) = raised else { return Ok(()) };
        if error.is_storage_full() {
            self.shared.tree.put_away(Waiting::NoRoom);
            self.retry_later();
        } else {
            self.shared.tree.put_away(Waiting::Failed(error.to_string()));
            *write(&self.shared.read_only) = Some(error.to_string().into());
        }
        self.shared.changed();
        Err(error)
    }

    fn raise(&mut self, rebuild: Option<Unsound>, tell: &dyn Fn(Step)) -> Result<(), OpenError> {
        let shared = Arc::clone(&self.shared);
        let (dir, reader, here) = (&shared.dir, &shared.reader, shared.here());
        let wish = Wish { rebuild, accept_missing: self.upkeep.accept_missing };
        let decided = open::decide(dir, reader, here.key, wish)?;
        let (rebuilt, missing) = (decided.rebuilt.clone(), decided.missing.clone());
        if let Some(Unsound { why, .. }) = &rebuilt {
            tracing::warn!(why, "The tables are drawn anew");
        }
        tell(Step::Decided { rebuilt: rebuilt.as_ref().map(|unsound| unsound.why.clone()) });
        let drawing = |done, of| shared.tree.put_away(Waiting::Drawing { done, of });
        let tables = open::complete(dir, reader, here, decided, &drawing)?;
        erasures::redrawn(dir).map_err(StoreError::Folder)?;
        erasures::resume(&mut self.journals, &tables.tree, &shared.blobs, here)?;
        shared.note_bodies_missing(self.journals.bodies_missing());
        let index = Index::build(&tables.tree)?;
        let peer = tables::PEER.scan(&tables.tree, &[])?.into_iter().map(|(_, have)| have).collect();
        let known = Arc::new(nodes::draw(&tables.tree, reader, shared.registry.as_ref())?);
        let own = shared.own_public;
        let signers = NodeSigners { nodes: Arc::clone(&known), own, registry: shared.registry };
        let unsound = nodes::unsound(reader, &signers)?;
        *write(&shared.nodes) = known;
        self.meta = tables.meta;
        *write(&shared.index) = index;
        *write(&shared.peer) = peer;
        shared.tree.take_over(&tables.tree);
        self.upkeep.is_up = true;
        for detail in unsound {
            shared.alarm(LinkAlarm::JournalDamaged { detail });
        }
        for detail in tables.unreadable {
            shared.alarm(LinkAlarm::RecordUnreadable { detail });
        }
        if let Some(Unsound { why, is_damage: true }) = rebuilt {
            let damage = DamageMended { part: FolderPart::Tables, detail: why.clone(), missing: Vec::new() };
            self.upkeep.unnoted.push(damage);
            shared.alarm(LinkAlarm::TablesRedrawn { detail: why });
        }
        self.remember_missing(missing);
        shared.changed();
        tell(Step::Ready { replayed: tables.replayed });
        Ok(())
    }

    /// Names what is missing together with the damage that it came from.
    fn remember_missing(&mut self, missing: Vec<MissingRecords>) {
        if missing.is_empty() {
            return;
        }
        let part = FolderPart::Journals;
        let detail = format!("acknowledged records are missing: {}", open::told(&missing));
        let facts = missing.chunks(MISSING_MAX);
        let facts = facts.map(|some| DamageMended { part, detail: detail.clone(), missing: some.to_vec() });
        self.upkeep.unnoted.extend(facts);
        write(&self.shared.index).missing.extend(missing);
    }

    /// Writes down what damage was found. What cannot be written now is tried again.
    pub(super) fn note_damage(&mut self) {
        if self.upkeep.unnoted.is_empty() || self.refuses().is_some() {
            return;
        }
        for damage in std::mem::take(&mut self.upkeep.unnoted) {
            let detail = damage.detail.chars().take(DETAIL_CHARS_MAX).collect();
            let what = What::NoteDamage(DamageMended { detail, ..damage.clone() });
            let act = Act { what, by: Actor::Node, roles: Vec::new(), once: String::new(), seen: None };
            let (answer, mut answered) = oneshot::channel();
            self.group(vec![Gathering::Act(Box::new(act), answer)]);
            match answered.try_recv() {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => {
                    tracing::warn!(%error, "Damage could not be written down; it is tried again");
                    self.upkeep.unnoted.push(damage);
                }
                Err(_) => self.upkeep.unnoted.push(damage),
            }
        }
    }

    /// Looks again after a while.
    fn retry_later(&self) {
        if self.upkeep.is_retrying.swap(true, Ordering::AcqRel) {
            return;
        }
        let (jobs, is_retrying) = (self.jobs.clone(), Arc::clone(&self.upkeep.is_retrying));
        let waiting = move || {
            std::thread::park_timeout(RETRY_AFTER);
            is_retrying.store(false, Ordering::Release);
            if let Some(jobs) = jobs.upgrade() {
                // Without a writer there is nobody to look.
                jobs.blocking_send(Job::Tables).unwrap_or_default();
            }
        };
        if let Err(error) = std::thread::Builder::new().name("tables-retry".into()).spawn(waiting) {
            tracing::error!(%error, "Nobody can be told to look again for room");
            self.upkeep.is_retrying.store(false, Ordering::Release);
        }
    }

    /// Closes the tables properly, with sums over their files. If that fails, the next opening compares all rows, and
    /// that is all.
    pub(super) fn close(&mut self) {
        if self.refuses().is_some() || super::shared::read(&self.shared.read_only).is_some() {
            return;
        }
        let tree = &self.shared.tree;
        if let Err(error) = tree.flush() {
            tracing::warn!(%error, "The tables could not be closed properly; the next start verifies them");
            return;
        }
        tree.put_away(Waiting::Opening);
        self.upkeep.is_up = false;
        let (dir, folder) = (&self.shared.dir, self.shared.dir.join(tree::FOLDER));
        if !tree::is_quiet(dir) {
            return;
        }
        let summed =
            sums::files_under(&folder).and_then(|files| sums::write(&folder, &files, &open::sums_file(dir)));
        if let Err(error) = summed {
            tracing::warn!(%error, "The tables could not be summed up; the next start compares all rows");
        }
    }
}

/// Tables that were never drawn.
pub(super) fn no_meta() -> MetaRow {
    MetaRow { version: VERSION, digest: super::digest::Digest::default() }
}
