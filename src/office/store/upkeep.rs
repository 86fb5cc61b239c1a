//! Keeping the tables up: the writer opens them at the start, draws them anew when sled cannot be believed or read any
//! more, and waits for room on a full disk. Pages say meanwhile what they wait for.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use loket_sync::OpenReport;
use loket_sync::journal::{Damaged, What as Wrong};

use super::act::ActError;
use super::index::Index;
use super::link::LinkAlarm;
use super::noting::missing_in;
use super::open::{self, Unsound, Wish};
use super::shared::write;
use super::tables::{self, MetaRow, VERSION};
use super::waiting::Waiting;
use super::writer::{Job, Writer};
use super::{OpenError, erasures, nodes, recheck, tree};
use crate::domain::damage::{DamageMended, FolderPart, MissingRecords};
use crate::sums;

/// Tables that have no room are tried again after so long.
pub(super) const RETRY_AFTER: Duration = Duration::from_secs(5);
/// When a start had to read more journals than this, it notes for the next one where everything lies.
const SESSIONS_READ_MAX: usize = 16;

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
    /// What follows a quick start; nothing after a thorough one.
    after_quick: Option<AfterQuick>,
    /// The tables are there.
    is_up: bool,
    /// Damage that no fact names yet.
    pub(super) unnoted: Vec<DamageMended>,
    /// Records that the mark says are missing, until a fact names them.
    marked: Vec<MissingRecords>,
    is_retrying: Arc<AtomicBool>,
    /// How often erasures failed since they last went through; each time it is waited longer.
    pub(super) erasures_failed: u32,
    pub(super) is_erasing_later: Arc<AtomicBool>,
    /// Somebody was erased, which takes the journals' places away.
    pub(super) has_no_places: bool,
}

/// What follows a quick start, besides verifying what it relied on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AfterQuick {
    /// Nothing.
    Nothing,
    /// So much of the journals had to be read that it should not be read again.
    NotePlaces,
}

impl Upkeep {
    /// What opening the journals has shown; refuses when acknowledged records are gone and nobody has said that the
    /// office shall go on.
    pub(super) fn new(
        opened: &OpenReport,
        goes_on: bool,
        accept_missing: bool,
        is_quick: bool,
    ) -> Result<Self, OpenError> {
        let of_keys = |what: &Wrong| matches!(what, Wrong::SubjectKey(_));
        let keys = opened.notes.iter().filter(|finding| of_keys(&finding.what));
        let damage = |part, detail: String| DamageMended { part, detail, missing: Vec::new() };
        let unnoted: Vec<_> = opened
            .damaged
            .iter()
            .chain(&opened.torn)
            .map(|finding| damage(FolderPart::Journals, finding.to_string()))
            .chain(keys.map(|finding| damage(FolderPart::Keys, finding.to_string())))
            .collect();
        // Part of a journal was set aside: what is missing is known to be so.
        let is_shorter = !(opened.damaged.is_empty() && opened.torn.is_empty());
        let accept_missing = accept_missing || (goes_on && is_shorter);
        let marked: Vec<_> = opened.marked.iter().filter_map(|finding| missing_in(&finding.what)).collect();
        if !(marked.is_empty() || accept_missing) {
            return Err(OpenError::Ahead(open::told(&marked)));
        }
        let is_much = opened.sessions_read > SESSIONS_READ_MAX;
        let after = if is_much { AfterQuick::NotePlaces } else { AfterQuick::Nothing };
        let after_quick = is_quick.then_some(after);
        Ok(Self {
            accept_missing,
            after_quick,
            is_up: false,
            unnoted,
            marked,
            is_retrying: Arc::default(),
            erasures_failed: 0,
            is_erasing_later: Arc::default(),
            has_no_places: false,
        })
    }
}

impl Writer {
    /// Opens the tables at the start.
    pub(super) fn bring_up(&mut self, tell: &dyn Fn(Step)) {
        let after_quick = self.upkeep.after_quick.take();
        let raised = self.raise(None, after_quick.is_some(), tell);
        self.settle(raised).unwrap_or_else(|error| tell(Step::Failed(error)));
        self.note_damage();
        if after_quick == Some(AfterQuick::NotePlaces) {
            self.note_places();
        }
        if after_quick.is_some() {
            recheck::start(&self.shared, &self.jobs);
        }
    }

    /// Has the next start rely on what is verified by now. It costs the next start its time if that does not work.
    fn note_places(&mut self) {
        if let Err(error) = self.journals.note_places() {
            tracing::warn!(%error, "Where the records lie could not be noted; the next start reads them all");
        }
    }

    /// Gives sled what has changed, and syncs it. What goes wrong is a fault of the tables, which is mended.
    pub(super) fn settle_tables(&mut self) {
        if std::mem::take(&mut self.upkeep.has_no_places) {
            self.note_places();
        }
        let tree = &self.shared.tree;
        // On storage that has failed, sled would take its rows with it: as they are they can be read.
        let has_failed = super::shared::read(&self.shared.read_only).is_some();
        if has_failed || self.refuses().is_some() || tree.pending() == 0 {
            return;
        }
        if let Err(error) = tree.close() {
            tracing::warn!(error = error.told(), "The tables could not be settled");
        }
    }

    /// Parts of the journals are damaged, as reading them again has shown: they are set aside as at a start, so that
    /// headquarters hands them back. An office that stands alone keeps them: a person must look, and the next start
    /// names them.
    pub(super) fn set_aside(&mut self, damaged: &[Damaged]) {
        for detail in damaged.iter().map(|it| it.finding.to_string()) {
            self.shared.alarm(LinkAlarm::JournalDamaged { detail });
        }
        if let Err(error) = self.journals.forget_places() {
            tracing::warn!(%error, "The next start may not read what is damaged");
        }
        if self.shared.registry.is_none() || self.refuses().is_some() {
            return;
        }
        // How far the tables go is what tells which records are missing.
        self.settle_tables();
        let signers = self.shared.signers();
        let set_aside = match self.journals.set_aside(damaged, &signers) {
            Ok(set_aside) => set_aside,
            Err(failed) => return drop(self.failed(&failed)),
        };
        let damage = |detail| DamageMended { part: FolderPart::Journals, detail, missing: Vec::new() };
        self.upkeep.unnoted.extend(set_aside.iter().map(|finding| damage(finding.to_string())));
        if !set_aside.is_empty() {
            self.upkeep.accept_missing = true;
            self.raise_again(None);
        }
    }

    /// Puts tables right that are faulty or not there, if that can be done now.
    pub(super) fn mend(&mut self) {
        let fault = self.shared.tree.fault();
        let is_stopped = super::shared::read(&self.shared.read_only).is_some();
        if is_stopped || (self.upkeep.is_up && fault.is_none()) {
            if !is_stopped && self.upkeep.erasures_failed > 0 {
                self.erase_those_left();
            }
            return;
        }
        // Without room nothing can be drawn; what can be read is read meanwhile.
        if !self.journals.has_room() {
            self.retry_later();
            return;
        }
        let is_full = fault.as_ref().is_none_or(|fault| fault.is_full);
        let rebuild = fault.filter(|_| !is_full).map(|fault| Unsound { why: fault.why, is_damage: true });
        self.raise_again(rebuild);
    }

    fn raise_again(&mut self, rebuild: Option<Unsound>) {
        self.upkeep.is_up = false;
        self.shared.tree.put_away(Waiting::Opening);
        self.shared.changed();
        let raised = self.raise(rebuild, false, &|_| {});
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
            None if self.upkeep.is_up => None,
            None if tree.waiting() == Some(Waiting::NoRoom) => Some(ActError::StorageLow),
            // A fault is put right by itself.
            Some(_) | None => Some(ActError::Waiting),
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

    fn raise(
        &mut self,
        rebuild: Option<Unsound>,
        is_quick: bool,
        tell: &dyn Fn(Step),
    ) -> Result<(), OpenError> {
        let shared = Arc::clone(&self.shared);
        let (dir, reader, here) = (&shared.dir, &shared.reader, shared.here());
        let accept_missing = self.upkeep.accept_missing;
        let wish = Wish { is_thorough: !is_quick, rebuild, accept_missing };
        let decided = open::decide(dir, reader, here.key, wish)?;
        let (rebuilt, mut missing) = (decided.rebuilt.clone(), decided.missing.clone());
        if let Some(Unsound { why, .. }) = &rebuilt {
            tracing::warn!(why, "The tables are drawn anew");
        }
        tell(Step::Decided { rebuilt: rebuilt.as_ref().map(|unsound| unsound.why.clone()) });
        let drawing = |done, of| shared.tree.put_away(Waiting::Drawing { done, of });
        let tables = open::complete(dir, reader, here, decided, &drawing)?;
        let is_done = erasures::resume(&mut self.journals, &tables.tree, &shared.blobs, here)?;
        if !is_done {
            self.erase_later();
        }
        shared.note_bodies_missing(self.journals.bodies_missing());
        let mut index = Index::build(&tables.tree)?;
        if !is_quick {
            recheck::pictures_at_once(&tables.tree, &mut index)?;
        }
        let peer = tables::PEER.scan(&tables.tree, &[])?.into_iter().map(|(_, have)| have).collect();
        let known = Arc::new(nodes::draw(&tables.tree, reader, shared.registry.as_ref())?);
        *write(&shared.nodes) = known;
        super::exchange::recall(&shared, &tables.tree)?;
        let unsound = if is_quick { Vec::new() } else { nodes::unsound(reader, &shared.signers())? };
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
        let by_tables: BTreeSet<_> = missing.iter().map(|it| it.session.clone()).collect();
        missing.extend(self.upkeep.marked.drain(..).filter(|it| !by_tables.contains(&it.session)));
        self.remember_missing(missing);
        shared.changed();
        tell(Step::Ready { replayed: tables.replayed });
        Ok(())
    }

    /// Looks again for room after a while.
    fn retry_later(&self) {
        self.look_again(&self.upkeep.is_retrying, RETRY_AFTER);
    }

    /// Looks again after a while, unless that is to be done already.
    pub(super) fn look_again(&self, is_retrying: &Arc<AtomicBool>, after: Duration) {
        if is_retrying.swap(true, Ordering::AcqRel) {
            return;
        }
        let (jobs, is_retrying_there) = (self.jobs.clone(), Arc::clone(is_retrying));
        let waiting = move || {
            std::thread::park_timeout(after);
            is_retrying_there.store(false, Ordering::Release);
            if let Some(jobs) = jobs.upgrade() {
                // Without a writer there is nobody to look.
                jobs.blocking_send(Job::Tables).unwrap_or_default();
            }
        };
        if let Err(error) = std::thread::Builder::new().name("tables-retry".into()).spawn(waiting) {
            tracing::error!(%error, "Nobody can be told to look again");
            is_retrying.store(false, Ordering::Release);
        }
    }

    /// Closes the tables properly, with sums over their files. If that fails, the next opening compares all rows, and
    /// that is all.
    pub(super) fn close(&mut self) {
        if self.refuses().is_some() || super::shared::read(&self.shared.read_only).is_some() {
            return;
        }
        self.note_places();
        let tree = &self.shared.tree;
        if let Err(error) = tree.close() {
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
