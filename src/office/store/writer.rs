//! The one thread that writes. It takes what waits, decides it in order, makes it durable with one commit of the
//! journals, applies one batch to the tables, and only then answers.
//!
//! After a failed write it takes nothing more: nobody knows what is on the disk until the node is started again.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender};

use loket_sync::journal::{Damaged, JournalFailed};
use loket_sync::{Journals, Pos, Subject};
use tokio::sync::{mpsc, oneshot};

use super::StoreError;
use super::act::{Act, ActError, Acted};
use super::gathering::{Answered, Gathering};
use super::group::Group;
use super::receive::{Inbound, Taken};
use super::rows::{Changes, is_counted};
use super::shared::{Shared, write};
use super::tables::{self, MetaRow};
use super::upkeep::{self, Step, Upkeep};
use super::waiting::Waiting;
use crate::clock::Clock;

/// Acts that share one commit.
const GROUP_MAX: usize = 128;
/// Rows that are kept in memory before sled is given them: what a start has to draw again at most.
const PENDING_MAX: usize = 6_000;
/// Jobs that may wait; more senders wait for room.
const WAITING_MAX: usize = 1024;
/// What every screen says when the writer has panicked.
pub(super) const FAULT: &str = "the writer has stopped after a fault of this program; start it again";

/// A change of this node's own notes, which no journal holds.
pub(super) type Note = Box<dyn FnOnce(&mut Changes<'_>) -> Result<(), StoreError> + Send>;

pub(super) type Answer<T> = oneshot::Sender<Result<T, ActError>>;

/// What the writer is asked.
pub(super) enum Job {
    /// An act.
    Act(Box<Act>, Answer<Acted>),
    /// Records from the other side.
    Receive(Inbound, Answer<Taken>),
    /// A note of this node.
    Note(Note, Answer<()>),
    /// Which subjects have no key.
    WantedKeys(Answer<Vec<Subject>>),
    /// Look after the tables: they are faulty, or there may be room for them now.
    Tables,
    /// Give sled what has changed, and sync it.
    Settle,
    /// Parts of the journals have turned out damaged.
    Damaged(Vec<Damaged>),
    /// Bodies of erased people have turned up.
    Left(BTreeSet<Subject>, BTreeSet<Pos>),
    /// Finish what waits, and close properly.
    Stop(oneshot::Sender<()>),
}

impl Job {
    /// Answers a job that was not begun. Whoever asked may have gone.
    fn refuse(self, error: &ActError) {
        match self {
            Job::Act(_, answer) => drop(answer.send(Err(error.again()))),
            Job::Receive(_, answer) => drop(answer.send(Err(error.again()))),
            Job::Note(_, answer) => drop(answer.send(Err(error.again()))),
            Job::WantedKeys(answer) => drop(answer.send(Err(error.again()))),
            Job::Stop(stopped) => stopped.send(()).unwrap_or_default(),
            Job::Tables | Job::Settle | Job::Damaged(_) | Job::Left(..) => {}
        }
    }
}

/// The writer's own side.
pub(super) struct Writer {
    pub(super) shared: Arc<Shared>,
    pub(super) journals: Journals,
    clock: Arc<dyn Clock>,
    pub(super) meta: MetaRow,
    pub(super) upkeep: Upkeep,
    /// To be told to look after the tables.
    pub(super) jobs: mpsc::WeakSender<Job>,
}

/// What starting the writer gives: where jobs go, its thread, and how opening the tables goes.
pub(super) type Started = (mpsc::Sender<Job>, std::thread::JoinHandle<()>, Receiver<Step>);

/// Starts the writer's thread, which opens the tables first.
pub(super) fn start(
    shared: Arc<Shared>,
    journals: Journals,
    clock: Arc<dyn Clock>,
    upkeep: Upkeep,
) -> std::io::Result<Started> {
    let (jobs, waiting) = mpsc::channel(WAITING_MAX);
    let weak = jobs.downgrade();
    let told = weak.clone();
    shared.tree.watch(move || {
        // A full channel has the writer look as well.
        if let Some(jobs) = told.upgrade() {
            jobs.try_send(Job::Tables).unwrap_or_default();
        }
    });
    let (tell, steps) = std::sync::mpsc::channel();
    let writer = Writer { shared, journals, clock, meta: upkeep::no_meta(), upkeep, jobs: weak };
    let thread = std::thread::Builder::new()
        .name("office-writer".into())
        .spawn(move || watched(writer, waiting, tell))?;
    Ok((jobs, thread, steps))
}

/// Runs the writer. Should it panic, the office says that it is read-only: the journals stand as they were committed,
/// and the next start reads them. Whatever still waits is answered before anybody is told.
fn watched(mut writer: Writer, mut waiting: mpsc::Receiver<Job>, tell: Sender<Step>) {
    let shared = Arc::clone(&writer.shared);
    // Nothing of the writer is looked at after a panic; what it shares is changed one whole value at a time.
    let ran = catch_unwind(AssertUnwindSafe(|| {
        // Whoever opened the store may wait no longer.
        writer.bring_up(&|step| drop(tell.send(step)));
        drop(tell);
        writer.run(&mut waiting);
    }));
    shared.has_ended.store(true, Ordering::Release);
    if ran.is_ok() {
        return refuse_the_rest(waiting, &ActError::Stopped);
    }
    tracing::error!("the writer has panicked; the office is read-only until it is started again");
    *write(&shared.read_only) = Some(FAULT.into());
    refuse_the_rest(waiting, &ActError::ReadOnly(FAULT.to_owned()));
    if shared.tree.waiting().is_some() {
        shared.tree.put_away(Waiting::Failed(FAULT.to_owned()));
    }
    shared.changed();
}

/// Takes no more jobs, and answers those that nobody has begun.
fn refuse_the_rest(mut waiting: mpsc::Receiver<Job>, error: &ActError) {
    waiting.close();
    // Ends when those have come that were being sent at this moment.
    while let Some(job) = waiting.blocking_recv() {
        job.refuse(error);
    }
}

impl Writer {
    fn run(mut self, waiting: &mut mpsc::Receiver<Job>) {
        while let Some(first) = waiting.blocking_recv() {
            let mut acts = Vec::new();
            let mut next = Some(first);
            while let Some(job) = next.take() {
                match job {
                    Job::Act(act, answer) => acts.push(Gathering::Act(act, answer)),
                    Job::Note(note, answer) => acts.push(Gathering::Note(note, answer)),
                    Job::Receive(inbound, answer) => {
                        self.group(std::mem::take(&mut acts));
                        self.receive(&inbound, answer);
                    }
                    Job::Tables => {
                        self.group(std::mem::take(&mut acts));
                        self.mend();
                    }
                    Job::Settle => {
                        self.group(std::mem::take(&mut acts));
                        self.settle_tables();
                    }
                    Job::Damaged(damaged) => {
                        self.group(std::mem::take(&mut acts));
                        self.set_aside(&damaged);
                    }
                    Job::Left(of, at) => {
                        self.group(std::mem::take(&mut acts));
                        self.take_left(&of, &at);
                    }
                    Job::WantedKeys(answer) => drop(answer.send(Ok(self.journals.wanted_keys().collect()))),
                    Job::Stop(stopped) => {
                        self.group(acts);
                        waiting.close();
                        self.close();
                        // Whoever asked may have gone; the stop holds all the same.
                        stopped.send(()).unwrap_or_default();
                        return;
                    }
                }
                if acts.len() < GROUP_MAX {
                    next = waiting.try_recv().ok();
                }
            }
            self.group(acts);
            if self.shared.tree.pending() >= PENDING_MAX {
                self.settle_tables();
            }
            if self.shared.tree.fault().is_some() {
                self.mend();
            }
            self.note_damage();
        }
        // Nobody has said stop: what is not on the platter is compared at the next start.
        self.shared.tree.spill().unwrap_or_default();
    }

    /// Why nothing is taken, if so.
    pub(super) fn closed(&self) -> Option<ActError> {
        let read_only = super::shared::read(&self.shared.read_only).clone();
        read_only.map(|reason| ActError::ReadOnly(reason.to_string())).or_else(|| self.refuses())
    }

    pub(super) fn group(&mut self, waiting: Vec<Gathering>) {
        if waiting.is_empty() {
            return;
        }
        if let Some(error) = self.closed() {
            for job in waiting {
                job.fail(&error);
            }
            return;
        }
        let shared = Arc::clone(&self.shared);
        let clock = Arc::clone(&self.clock);
        let mut group = Group::new(&shared, &mut self.journals, &*clock);
        let mut gathered: Vec<Answered> = Vec::with_capacity(waiting.len());
        let mut waiting = waiting.into_iter();
        while let Some(job) = waiting.next() {
            match job.gather(&mut group) {
                Ok(answered) => gathered.push(answered),
                Err(failed) => {
                    let (error, answered) = *failed;
                    drop(group.finish());
                    self.journals.abandon();
                    gathered.push(answered);
                    for answered in gathered {
                        answered.fail(&error);
                    }
                    for job in waiting {
                        job.fail(&error);
                    }
                    return;
                }
            }
        }
        let (mut changes, summaries, facts) = group.finish();
        let done = if facts > 0 { self.commit(&mut changes) } else { Ok(()) };
        let done = done.and_then(|()| self.apply(&mut changes, summaries.into_iter(), facts > 0));
        match done {
            Ok(()) => gathered.into_iter().for_each(Answered::send),
            Err(error) => gathered.into_iter().for_each(|answered| answered.fail(&error)),
        }
    }

    /// Makes what was gathered durable, and notes in the same batch how far the tables go.
    pub(super) fn commit(&mut self, changes: &mut Changes<'_>) -> Result<(), ActError> {
        let committed = self.journals.commit().map_err(|failed| self.failed(&failed))?;
        for have in &committed.grown {
            // What is committed and not noted leaves the tables behind the journals.
            tables::put_applied(changes, have).map_err(|error| self.behind(&error))?;
        }
        Ok(())
    }

    /// Applies changes. What is durable in the journals is done, even if sled cannot show it just now: the tables are
    /// put right, and nothing more is taken before that.
    pub(super) fn apply(
        &mut self,
        changes: &mut Changes<'_>,
        summaries: impl Iterator<Item = super::Summary>,
        is_durable: bool,
    ) -> Result<(), ActError> {
        if changes.len() == 0 {
            return Ok(());
        }
        match self.try_apply(changes, summaries) {
            Err(error) if error.is_fault_of_tables() => {
                if is_durable {
                    Ok(())
                } else {
                    Err(self.refuses().unwrap_or(error.into()))
                }
            }
            applied => applied.map_err(|error| self.behind(&error)),
        }
    }

    fn try_apply(
        &mut self,
        changes: &mut Changes<'_>,
        summaries: impl Iterator<Item = super::Summary>,
    ) -> Result<(), StoreError> {
        self.meta.digest = changes.digest_after(self.meta.digest)?;
        tables::META.put(changes, &[], &self.meta)?;
        self.shared.tree.apply(changes)?;
        write(&self.shared.index).take(&self.shared.tree, changes, summaries)?;
        if changes.iter().any(|(key, _)| is_counted(key)) {
            self.shared.changed();
        }
        Ok(())
    }

    pub(super) fn failed(&self, failed: &JournalFailed) -> ActError {
        tracing::error!(error = %failed, "the journal cannot be written; the office is read-only");
        self.read_only(&failed.to_string())
    }

    /// After a commit an error leaves the tables behind the journals: nothing more is taken until they are drawn again.
    pub(super) fn behind(&self, error: &StoreError) -> ActError {
        tracing::error!(%error, "the tables cannot be written; the journals hold everything");
        self.read_only(&format!("the tables cannot be written ({error})"))
    }

    fn read_only(&self, reason: &str) -> ActError {
        *write(&self.shared.read_only) = Some(reason.into());
        self.shared.changed();
        ActError::Failed(reason.to_owned())
    }
}
