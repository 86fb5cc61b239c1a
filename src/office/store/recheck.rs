//! What a quick start has taken on trust is looked at while the office works: which pictures wait, whether the rows come
//! to their digest, whether the journals are what was acknowledged. What does not hold is mended as at a slow start, and
//! every screen says so (docs/decisions/0023).
//!
//! One thread, in small pieces with pauses between them, so that pages do not wait for it. Afterwards it has the tables
//! settled now and then.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::mpsc::WeakSender;

use super::index::{Index, Picture};
use super::link::LinkAlarm;
use super::shared::{Shared, write};
use super::tables::{self, MetaRow};
use super::tree::{Tree, Walked};
use super::writer::Job;
use super::{StoreError, nodes, open};

/// Rows that are looked at in one piece: as long as the writer may wait for it.
const ROWS_OF_A_PIECE: usize = 256;
/// Between two pieces.
const PAUSE: Duration = Duration::from_millis(1);
/// The tables are settled so often, if anything changed.
const SETTLED_EVERY: Duration = Duration::from_secs(30);

/// Starts looking. Without a thread the next start verifies everything.
pub(super) fn start(shared: &Arc<Shared>, jobs: &WeakSender<Job>) {
    let (weak, jobs) = (Arc::downgrade(shared), jobs.clone());
    let work = move || {
        look(&weak, &jobs);
        keep_settled(&weak, &jobs);
    };
    if let Err(error) = std::thread::Builder::new().name("recheck".into()).spawn(work) {
        tracing::error!(%error, "Nobody verifies what this start has relied on");
    }
}

fn look(weak: &Weak<Shared>, jobs: &WeakSender<Job>) {
    let Some(shared) = weak.upgrade() else { return };
    let looked = pictures(&shared).and_then(|()| rows(&shared)).and_then(|()| journals(&shared, jobs));
    match looked {
        Ok(()) => tracing::info!("What was relied on at the start is verified"),
        // They are put away because the office stops, or because they are drawn anew, which verifies them.
        Err(StoreError::Waiting(_)) => {}
        Err(error) => {
            tracing::error!(error = error.told(), "What was relied on at the start is not verified");
        }
    }
}

/// Has the tables settled until the office stops.
fn keep_settled(weak: &Weak<Shared>, jobs: &WeakSender<Job>) {
    loop {
        std::thread::park_timeout(SETTLED_EVERY);
        let (Some(shared), Some(jobs)) = (weak.upgrade(), jobs.upgrade()) else { return };
        if shared.has_ended.load(Ordering::Acquire) {
            return;
        }
        if shared.tree.pending() > 0 {
            // A full channel means that the writer is at work, which settles them too.
            jobs.try_send(Job::Settle).unwrap_or_default();
        }
    }
}

/// Has the journals read again, unless somebody is at it: something that was read is not what was committed.
pub(super) fn doubt(shared: &Arc<Shared>, jobs: &WeakSender<Job>) {
    if shared.is_doubted.swap(true, Ordering::AcqRel) {
        return;
    }
    let (weak, jobs) = (Arc::downgrade(shared), jobs.clone());
    let work = move || {
        let Some(shared) = weak.upgrade() else { return };
        if let Err(error) = journals(&shared, &jobs) {
            tracing::error!(error = error.told(), "Damaged journals could not be read again");
        }
        shared.is_doubted.store(false, Ordering::Release);
    };
    if let Err(error) = std::thread::Builder::new().name("doubt".into()).spawn(work) {
        tracing::error!(%error, "Nobody reads the journals again");
        shared.is_doubted.store(false, Ordering::Release);
    }
}

/// Whether the office goes on; takes a breath first.
fn go_on(shared: &Shared) -> bool {
    std::thread::park_timeout(PAUSE);
    !shared.has_ended.load(Ordering::Acquire)
}

/// Finds the pictures that wait to be sent, and those that should be here and are not.
fn pictures(shared: &Shared) -> Result<(), StoreError> {
    let mut after = Vec::new();
    while go_on(shared) {
        let rows = tables::PICTURES.page(&shared.tree, &after, ROWS_OF_A_PIECE)?;
        let Some((last, _)) = rows.last() else { break };
        after.clone_from(last);
        let mut found = Vec::new();
        for (key, row) in rows {
            let picture = Picture::of(&key, row)?;
            let is_unsent = picture.is_unsent(&shared.tree)?;
            if is_unsent || !shared.blobs.has(&picture.hash) {
                found.push((picture, is_unsent));
            }
        }
        if !found.is_empty() {
            let mut index = write(&shared.index);
            for (picture, is_unsent) in found {
                index.see_picture(picture, is_unsent);
            }
        }
    }
    shared.changed();
    Ok(())
}

/// The same at once, for tables that nobody uses yet. Which of the pictures are here is asked when they are wanted.
pub(super) fn pictures_at_once(tree: &Tree, index: &mut Index) -> Result<(), StoreError> {
    for (key, row) in tables::PICTURES.scan(tree, &[])? {
        let picture = Picture::of(&key, row)?;
        index.see_picture(picture, picture.is_unsent(tree)?);
    }
    Ok(())
}

/// Compares the rows with their digest.
fn rows(shared: &Shared) -> Result<(), StoreError> {
    shared.tree.begin_walk()?;
    while go_on(shared) {
        let Some(Walked { digest, meta }) = shared.tree.walk_on(ROWS_OF_A_PIECE)? else { continue };
        let meta: Option<MetaRow> = meta.map(|value| tables::META.read(&value)).transpose()?;
        match meta {
            Some(meta) if meta.digest == digest => {}
            Some(meta) => shared.tree.rows_were_lost(open::rows_lost(digest, meta.digest)),
            None => shared.tree.rows_were_lost("the row about the whole is gone".to_owned()),
        }
        break;
    }
    Ok(())
}

/// Reads the journals again.
fn journals(shared: &Shared, jobs: &WeakSender<Job>) -> Result<(), StoreError> {
    let signers = shared.signers();
    for detail in nodes::unsound(&shared.reader, &signers)? {
        shared.alarm(LinkAlarm::JournalDamaged { detail });
    }
    let reread = shared.reader.reread(&signers, &mut || go_on(shared))?;
    // Without a writer nobody relies on them.
    let Some(jobs) = jobs.upgrade() else { return Ok(()) };
    if !reread.left.is_empty() && go_on(shared) {
        jobs.blocking_send(Job::Left(reread.of, reread.left)).unwrap_or_default();
    }
    if !reread.damaged.is_empty() && go_on(shared) {
        jobs.blocking_send(Job::Damaged(reread.damaged)).unwrap_or_default();
    }
    Ok(())
}
