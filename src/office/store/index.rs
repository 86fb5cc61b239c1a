//! What is kept in memory: applications that are not over or in conflict, for lists and for the search by name, and pictures that must travel.
//! Names lie in the clear nowhere else, so a search needs this index.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use loket_sync::Hash;

use super::StoreError;
use super::project::CLASSES;
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
    /// Builds the index from the tables, but for the pictures: see [`Index::see_picture`].
    pub(super) fn build(tree: &Tree) -> Result<Self, StoreError> {
        let mut index = Self::default();
        for (key, ()) in tables::KEPT.scan(tree, &[])? {
            if let Some(summary) = tables::SUMMARIES.get(tree, &key)? {
                index.put(summary);
            }
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
                    let picture = Picture::of(&key[1..], tables::PICTURES.read(value)?)?;
                    self.see_picture(picture, picture.is_unsent(tree)?);
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
        if is_kept(&summary) {
            let words = words(&summary.name);
            self.lines.insert(summary.key, Line { summary: Arc::new(summary), words });
        } else {
            self.lines.remove(&summary.key);
        }
    }

    /// Notes a picture that a fact names. An own picture that headquarters has comes back from there, should it be lost
    /// here: whether it is here is asked when it is wanted.
    pub(super) fn see_picture(&mut self, picture: Picture, is_unsent: bool) {
        let Picture { hash, class, application, .. } = picture;
        let waiting = if is_unsent { &mut self.unsent } else { &mut self.announced };
        waiting.insert((class, hash), application);
    }

    /// A picture is at headquarters; whose it is, if it was waited for. Looked up by class and hash: thousands may wait,
    /// and each is noted alone.
    pub(super) fn sent(&mut self, hash: Hash) -> Option<ApplicationKey> {
        (0..CLASSES).fold(None, |before, class| self.unsent.remove(&(class, hash)).or(before))
    }

    /// A picture is here.
    pub(super) fn arrived(&mut self, hash: Hash) {
        for class in 0..CLASSES {
            self.announced.remove(&(class, hash));
        }
    }

    /// Whether a picture waits to be sent.
    pub(super) fn is_unsent(&self, hash: Hash) -> bool {
        (0..CLASSES).any(|class| self.unsent.contains_key(&(class, hash)))
    }

    /// Whether a picture is waited for.
    pub(super) fn is_announced(&self, hash: Hash) -> bool {
        (0..CLASSES).any(|class| self.announced.contains_key(&(class, hash)))
    }

    /// Forgets somebody who was erased.
    pub(super) fn forget(&mut self, key: ApplicationKey) {
        self.lines.remove(&key);
        self.unsent.retain(|_, application| *application != key);
        self.announced.retain(|_, application| *application != key);
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

/// A sealed file that a fact names.
#[derive(Clone, Copy)]
pub(super) struct Picture {
    /// Hash of its bytes.
    pub(super) hash: Hash,
    class: u8,
    application: ApplicationKey,
    own: bool,
}

impl Picture {
    /// From its row; the key without the table's letter.
    pub(super) fn of(key: &[u8], row: PictureRow) -> Result<Self, StoreError> {
        let named = key.first_chunk::<32>().zip(tables::application_at_end(key));
        let (hash, application) = named.ok_or(StoreError::Key { table: "pictures" })?;
        Ok(Self { hash: Hash(*hash), class: row.class, application, own: row.own })
    }

    /// Whether it was taken here and headquarters lacks it.
    pub(super) fn is_unsent(&self, rows: &dyn Rows) -> Result<bool, StoreError> {
        Ok(self.own && tables::PICTURES_SENT.get(rows, &self.hash.0)?.is_none())
    }
}

/// Whether an application is kept in memory: it is not over, or in conflict.
pub(super) fn is_kept(summary: &Summary) -> bool {
    !matches!(summary.status, Status::HandedOver | Status::Erased) || !summary.conflicts.is_empty()
}

/// The words of a name, in small letters, without signs.
fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}
