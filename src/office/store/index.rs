//! What is kept in memory: applications that are not over or in conflict, for lists and for the search by name, and pictures that must travel.
//! Names lie in the clear nowhere else, so a search needs this index.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use loket_sync::Hash;

use super::StoreError;
use super::rows::{Changes, Rows};
use super::summary::Summary;
use super::tables::{self, PictureRow};
use super::tree::Tree;
use crate::domain::application::ApplicationKey;
use crate::domain::damage::MissingRecords;
use crate::domain::status::Status;

/// What is kept in memory.
#[derive(Default)]
pub(super) struct Index {
    lines: HashMap<ApplicationKey, Line>,
    /// Own pictures that headquarters lacks, small classes first.
    pub(super) unsent: BTreeMap<(u8, Hash), ApplicationKey>,
    /// Pictures that headquarters has and that were not yet seen here.
    pub(super) announced: BTreeMap<(u8, Hash), ApplicationKey>,
    /// Acknowledged records that were missing when damage was mended.
    pub(super) missing: BTreeSet<MissingRecords>,
}

struct Line {
    summary: Arc<Summary>,
    words: Vec<String>,
}

impl Index {
    /// Builds the index from the tables. Which of the announced pictures are here already is asked when they are wanted.
    pub(super) fn build(tree: &Tree) -> Result<Self, StoreError> {
        let mut index = Self::default();
        for (_, summary) in tables::SUMMARIES.scan(tree, &[])? {
            index.put(summary);
        }
        for (key, row) in tables::PICTURES.scan(tree, &[])? {
            index.announce(tree, &key, row)?;
        }
        for (_, missing) in tables::MISSING.scan(tree, &[])? {
            index.missing.extend(missing);
        }
        Ok(index)
    }

    /// Takes over what a group has changed.
    pub(super) fn take(
        &mut self,
        tree: &Tree,
        changes: &Changes<'_>,
        summaries: impl Iterator<Item = Summary>,
    ) -> Result<(), StoreError> {
        summaries.for_each(|summary| self.put(summary));
        for (key, value) in changes.iter() {
            match value {
                Some(value) if tables::PICTURES.holds(key) => {
                    self.announce(tree, &key[1..], tables::PICTURES.read(value)?)?;
                }
                Some(value) if tables::MISSING.holds(key) => {
                    self.missing.extend(tables::MISSING.read(value)?);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn put(&mut self, summary: Summary) {
        let is_over = matches!(summary.status, Status::HandedOver | Status::Erased);
        if is_over && summary.conflicts.is_empty() {
            self.lines.remove(&summary.key);
        } else {
            let words = words(&summary.name);
            self.lines.insert(summary.key, Line { summary: Arc::new(summary), words });
        }
    }

    /// Forgets somebody who was erased.
    pub(super) fn forget(&mut self, key: ApplicationKey) {
        self.lines.remove(&key);
        self.unsent.retain(|_, application| *application != key);
        self.announced.retain(|_, application| *application != key);
    }

    fn announce(&mut self, rows: &dyn Rows, key: &[u8], row: PictureRow) -> Result<(), StoreError> {
        let (Some(hash), Some(application)) = (key.first_chunk::<32>(), tables::application_at_end(key))
        else {
            return Err(StoreError::Key { table: "pictures" });
        };
        let picture = (row.class, Hash(*hash));
        // An own picture that headquarters has comes back from there, should it be lost here.
        if row.own && tables::PICTURES_SENT.get(rows, hash)?.is_none() {
            self.unsent.insert(picture, application);
        } else {
            self.announced.insert(picture, application);
        }
        Ok(())
    }

    /// An application that is kept here.
    pub(super) fn get(&self, key: &ApplicationKey) -> Option<Arc<Summary>> {
        self.lines.get(key).map(|line| Arc::clone(&line.summary))
    }

    /// All applications that are kept here.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Summary>> {
        self.lines.values().map(|line| &line.summary)
    }

    /// Applications kept here whose names hold words that begin with each of these words; whole words first, then by slot.
    pub(super) fn search(&self, text: &str, limit: usize) -> Vec<Summary> {
        let asked = words(text);
        if asked.is_empty() {
            return Vec::new();
        }
        let matches = |line: &&Line| {
            asked.iter().all(|asked| line.words.iter().any(|word| word.starts_with(asked.as_str())))
        };
        let mut found: Vec<&Line> = self.lines.values().filter(matches).collect();
        let partly = |line: &Line| asked.iter().filter(|asked| !line.words.contains(asked)).count();
        found.sort_by_cached_key(|line| (partly(line), line.summary.slot, line.summary.number.clone()));
        found.into_iter().take(limit).map(|line| Summary::clone(&line.summary)).collect()
    }
}

/// The words of a name, in small letters, without signs.
fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}
