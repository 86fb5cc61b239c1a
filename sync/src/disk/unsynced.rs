//! What a power cut may do to what was not synced.

use std::ffi::OsString;
use std::ops::Range;
use std::path::Path;

use super::virtual_disk::{Entry, Tree, is_root};
use crate::chance::SplitMix64;

/// What a drive writes whole or not at all.
const SECTOR_BYTES: usize = 512;

/// Chance that always falls the same way.
pub(super) struct Chance(SplitMix64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(SplitMix64(seed))
    }

    fn next(&mut self) -> u64 {
        self.0.draw()
    }

    /// Below `limit`, which is at least 1.
    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap_or(0)
    }

    fn coin(&mut self) -> bool {
        self.next() & 1 == 1
    }
}

/// Something done to the entries of a folder.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Make { path: OsString, entry: Entry },
    Rename { from: OsString, to: OsString, entry: Entry },
    Remove { path: OsString },
}

impl Change {
    pub(super) fn apply(&self, tree: &mut Tree) {
        match self {
            Self::Make { path, entry } => {
                tree.insert(path.clone(), *entry);
            }
            Self::Rename { from, to, entry } => {
                tree.remove(from);
                tree.insert(to.clone(), *entry);
            }
            Self::Remove { path } => {
                tree.remove(path);
            }
        }
    }

    /// Whether syncing this folder makes the change durable.
    pub(super) fn is_in(&self, folder: &Path) -> bool {
        let is_in = |path: &OsString| Path::new(path).parent().unwrap_or(Path::new("")) == folder;
        match self {
            Self::Make { path, .. } | Self::Remove { path } => is_in(path),
            Self::Rename { from, to, .. } => is_in(from) || is_in(to),
        }
    }
}

/// Lets some of the changes reach the platter: up to one of them, as where they are journalled, or any of them.
pub(super) fn settle_entries(durable: &mut Tree, changes: &[Change], chance: &mut Chance) {
    if chance.coin() {
        let survived = chance.below(changes.len() + 1);
        changes[..survived].iter().for_each(|change| change.apply(durable));
    } else {
        changes.iter().filter(|_| chance.coin()).for_each(|change| change.apply(durable));
    }
    // What lies in a folder that is not there cannot be found. Paths sort before what lies below them.
    let mut kept = Tree::new();
    for (path, entry) in std::mem::take(durable) {
        let parent = Path::new(&path).parent().unwrap_or(Path::new(""));
        if is_root(parent) || kept.get(parent.as_os_str()) == Some(&Entry::Folder) {
            kept.insert(path, entry);
        }
    }
    *durable = kept;
}

/// A file's bytes, and how much of them is on the platter.
#[derive(Clone, Debug, Default)]
pub(super) struct FileBytes {
    /// As programs see them.
    pub bytes: Vec<u8>,
    /// So many are durable.
    synced_len: usize,
    /// Durable bytes that followed them before the length was cut; the cut is not synced.
    cut_tail: Vec<u8>,
    /// Parts whose sync failed.
    limbo: Vec<Range<usize>>,
}

impl FileBytes {
    /// A file that is wholly on the platter.
    pub(super) fn synced(bytes: Vec<u8>) -> Self {
        Self { synced_len: bytes.len(), bytes, ..Self::default() }
    }

    pub(super) fn sync(&mut self) {
        self.synced_len = self.bytes.len();
        self.cut_tail.clear();
    }

    pub(super) fn fail_sync(&mut self) {
        if self.synced_len < self.bytes.len() {
            self.limbo.push(self.synced_len..self.bytes.len());
        }
        self.sync();
    }

    pub(super) fn set_len(&mut self, len: usize) {
        if len < self.synced_len {
            let tail = self.bytes[len..self.synced_len].to_vec();
            self.cut_tail.splice(0..0, tail);
            self.synced_len = len;
        }
        self.bytes.resize(len, 0);
        for part in &mut self.limbo {
            part.end = part.end.min(len);
        }
        self.limbo.retain(|part| part.start < part.end);
    }

    pub(super) fn power_cut(&mut self, chance: &mut Chance) {
        if !self.cut_tail.is_empty() && chance.coin() {
            self.bytes.truncate(self.synced_len);
            self.bytes.append(&mut self.cut_tail);
        } else if self.synced_len < self.bytes.len() {
            self.tear(self.synced_len..self.bytes.len(), chance);
        }
        for part in std::mem::take(&mut self.limbo) {
            self.tear(part, chance);
        }
        self.sync();
    }

    /// The part may be lost, cut short, kept, or hold other bytes in some sectors.
    fn tear(&mut self, part: Range<usize>, chance: &mut Chance) {
        let part = part.start.min(self.bytes.len())..part.end.min(self.bytes.len());
        let is_tail = part.end == self.bytes.len();
        match chance.below(5) {
            0 if is_tail => self.bytes.truncate(part.start),
            1 if is_tail => self.bytes.truncate(part.start + chance.below(part.len() + 1)),
            2 => {}
            _ => {
                if is_tail && chance.coin() {
                    self.bytes.truncate(part.start + chance.below(part.len() + 1));
                }
                self.spoil(part.start..part.end.min(self.bytes.len()), chance);
            }
        }
    }

    fn spoil(&mut self, part: Range<usize>, chance: &mut Chance) {
        let mut at = part.start;
        while at < part.end {
            let next = ((at / SECTOR_BYTES + 1) * SECTOR_BYTES).min(part.end);
            match chance.below(3) {
                0 => {}
                1 => self.bytes[at..next].fill(0),
                _ => {
                    let noise = chance.next().to_le_bytes();
                    let bytes = self.bytes[at..next].iter_mut().zip(noise.iter().cycle());
                    bytes.for_each(|(byte, noise)| *byte = *noise);
                }
            }
            at = next;
        }
    }
}
