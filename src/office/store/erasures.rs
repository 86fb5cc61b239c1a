//! Carrying out what headquarters says: somebody was erased. Pictures first, then the key, then the bodies; what an
//! interruption leaves is done at the next start, and what fails is tried again after a while.
//!
//! sled never overwrites: values that were taken away lie in its files until it uses the space again in its own time. They are
//! sealed with the person's own key, which is destroyed (`tree/own.rs`), so the tables stay as they are. Before that, what
//! remains of the person is written anew without that key, and is on the platter.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use loket_sync::journal::{Damaged, EraseError, JournalFailed};
use loket_sync::{BlobError, Blobs, Hash, Journals, Pos, Subject};

use super::act::ActError;
use super::project::Here;
use super::rows::Changes;
use super::shared::{Shared, write};
use super::tables;
use super::tree::{self, Tree};
use super::upkeep::RETRY_AFTER;
use super::writer::Writer;
use super::{StoreError, load};
use crate::domain::application::ApplicationKey;

/// An erasure that fails is tried again later each time, this often; then at this pace (21 minutes).
const ERASE_DOUBLINGS_MAX: u32 = 8;

/// Why somebody is not erased yet.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotErased {
    /// The journals: no room, or a failed write.
    #[error("the journals")]
    Journals(#[from] EraseError),
    /// A picture's file.
    #[error("a picture")]
    Pictures(#[from] BlobError),
    /// The tables.
    #[error("the tables")]
    Tables(#[from] StoreError),
}

/// Who is to be erased and is not yet.
pub(super) fn left(journals: &Journals, tables: &Tree) -> Result<BTreeSet<Subject>, StoreError> {
    let said = tables::ERASED.scan(tables, &[])?.into_iter();
    let subjects = said.filter_map(|(key, ())| key.try_into().ok().map(Subject));
    Ok(subjects.filter(|subject| !journals.is_forgotten(subject)).collect())
}

/// Completes erasures that were interrupted; whether nobody is left.
pub(super) fn resume(
    journals: &mut Journals,
    tables: &Tree,
    blobs: &Blobs,
    here: Here<'_>,
) -> Result<bool, StoreError> {
    let left = left(journals, tables)?;
    if left.is_empty() {
        return Ok(true);
    }
    let erased = carry_out(journals, tables, blobs, here, &left);
    match &erased {
        // What a quick start has not read is read after it, and set aside then.
        Ok(damaged) => {
            for Damaged { finding, .. } in damaged {
                tracing::error!(%finding, "bodies of erased persons are left behind damage");
            }
        }
        // The office opens all the same: whoever is erased is shown to nobody, and it is tried again.
        Err(error) => tracing::error!(%error, "somebody cannot be erased now"),
    }
    Ok(erased.is_ok())
}

/// What came of carrying out what headquarters says.
#[derive(Default)]
pub(super) struct Obeyed {
    /// Somebody is not erased yet: it is to be tried again.
    pub is_left: bool,
    /// Journals that turned out damaged, to be set aside: bodies are left behind the damage.
    pub damaged: Vec<Damaged>,
}

/// Takes away what is left of those whom headquarters says to be erased, and says when bodies are missing without that.
/// An error is a failed write of the journals.
pub(super) fn obey(
    journals: &mut Journals,
    shared: &Shared,
    said: &BTreeSet<Subject>,
) -> Result<Obeyed, JournalFailed> {
    let mut obeyed = Obeyed::default();
    let new: BTreeSet<Subject> =
        said.iter().filter(|subject| !journals.is_forgotten(subject)).copied().collect();
    if !new.is_empty() {
        match carry_out(journals, &shared.tree, &shared.blobs, shared.here(), &new) {
            Ok(damaged) => obeyed.damaged = damaged,
            Err(NotErased::Journals(EraseError::Failed(failed))) => return Err(failed),
            Err(error) => {
                tracing::error!(%error, "somebody cannot be erased now; it is tried again");
                obeyed.is_left = true;
            }
        }
        let mut index = write(&shared.index);
        for subject in &new {
            index.forget(ApplicationKey(subject.0));
        }
        drop(index);
        shared.changed();
    }
    shared.note_bodies_missing(journals.bodies_missing());
    Ok(obeyed)
}

/// Takes away pictures, keys and bodies of these subjects, whose rows are gone already; see [`Journals::erase`].
pub(super) fn carry_out(
    journals: &mut Journals,
    rows: &Tree,
    blobs: &Blobs,
    here: Here<'_>,
    subjects: &BTreeSet<Subject>,
) -> Result<Vec<Damaged>, NotErased> {
    // Tables that were moved out of the way once may be older than the keys of rows.
    let dir = journals.folder().parent().map(Path::to_owned).unwrap_or_default();
    tree::remove_aside(&dir).map_err(StoreError::Folder)?;
    rows.disown(subjects);
    let mut remains = Changes::over(rows);
    for subject in subjects {
        if let Some(summary) = tables::SUMMARIES.get(rows, subject.as_bytes())? {
            tables::SUMMARIES.put(&mut remains, subject.as_bytes(), &summary)?;
        }
    }
    rows.apply(&remains)?;
    rows.close()?;
    let reader = journals.reader();
    let mut at = BTreeSet::new();
    for subject in subjects {
        for key in load::rows_before(rows, &reader, *subject, here)? {
            if let Some(hash) = picture_in(&key) {
                blobs.remove(&hash)?;
            }
        }
        for (key, row) in tables::FACTS.scan(rows, subject.as_bytes())? {
            at.extend(tables::fact_position(&key, &row));
        }
    }
    Ok(journals.erase(subjects, &at)?)
}

fn picture_in(row_key: &[u8]) -> Option<Hash> {
    let key = row_key.get(1..).filter(|_| tables::PICTURES.holds(row_key))?;
    key.first_chunk::<32>().map(|hash| Hash(*hash))
}

impl Writer {
    /// Takes away what is left of those who are to be erased; what fails is tried again.
    pub(super) fn obey_erasures(&mut self, said: &BTreeSet<Subject>) -> Result<(), ActError> {
        self.upkeep.has_no_places |= !said.is_empty();
        let obeyed = obey(&mut self.journals, &self.shared, said).map_err(|failed| self.failed(&failed))?;
        if obeyed.is_left {
            self.erase_later();
        }
        if !obeyed.damaged.is_empty() {
            self.set_aside(&obeyed.damaged);
        }
        Ok(())
    }

    /// Takes away bodies that an erasure has left.
    pub(super) fn take_left(&mut self, of: &BTreeSet<Subject>, at: &BTreeSet<Pos>) {
        self.upkeep.has_no_places = true;
        match self.journals.erase(of, at) {
            Ok(damaged) if damaged.is_empty() => {}
            Ok(damaged) => self.set_aside(&damaged),
            Err(EraseError::Failed(failed)) => drop(self.failed(&failed)),
            Err(error) => tracing::error!(%error, "What an erasure has left cannot be taken away now"),
        }
    }

    pub(super) fn erase_later(&mut self) {
        let after = RETRY_AFTER * 2_u32.pow(self.upkeep.erasures_failed.min(ERASE_DOUBLINGS_MAX));
        self.upkeep.erasures_failed += 1;
        self.look_again(&Arc::clone(&self.upkeep.is_erasing_later), after);
    }

    /// Erases those who could not be erased before.
    pub(super) fn erase_those_left(&mut self) {
        let failed = self.upkeep.erasures_failed;
        let left = left(&self.journals, &self.shared.tree).map_err(ActError::from);
        match left.and_then(|left| self.obey_erasures(&left)) {
            Ok(()) if self.upkeep.erasures_failed == failed => self.upkeep.erasures_failed = 0,
            Ok(()) => {}
            // A fault of the journals stops all writing; one of the tables is put right, and this is tried then.
            Err(error) => tracing::error!(%error, "Those who are left cannot be erased now"),
        }
    }
}
