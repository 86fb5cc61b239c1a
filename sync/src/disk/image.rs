//! Images of a virtual disk: what a backup or a thief's copy holds.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::unsynced::FileBytes;
use super::virtual_disk::{Entry, Tree, VirtualDisk};

/// A copy of all files and folders as programs saw them at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// Nothing stands for a folder.
    entries: BTreeMap<OsString, Option<Arc<[u8]>>>,
}

impl Image {
    /// Every file, sorted.
    pub fn files(&self) -> impl Iterator<Item = (PathBuf, &[u8])> {
        self.entries.iter().filter_map(|(path, bytes)| Some((PathBuf::from(path), &**bytes.as_ref()?)))
    }

    /// The image without what these paths name.
    #[must_use]
    pub fn without(mut self, drop: impl Fn(&Path) -> bool) -> Self {
        self.entries.retain(|path, _| !drop(Path::new(path)));
        self
    }
}

impl VirtualDisk {
    /// Copies everything, as programs see it.
    pub fn snapshot(&self) -> Image {
        let state = self.state();
        let bytes = |entry: &Entry| match entry {
            Entry::Folder => None,
            Entry::File(id) => state.files.get(id).map(|file| Arc::from(file.bytes.as_slice())),
        };
        let entries = state.live.iter().map(|(path, entry)| (path.clone(), bytes(entry)));
        Image { entries: entries.collect() }
    }

    /// Makes the disk hold what an image holds, durably. Whoever has files open loses them.
    pub fn restore(&self, image: &Image) {
        // Nothing of what was there comes back, so the seed is of no account.
        self.power_cut(0);
        let state = &mut *self.state();
        let mut live = Tree::new();
        state.files.clear();
        for (path, bytes) in &image.entries {
            let entry = match bytes {
                None => Entry::Folder,
                Some(bytes) => {
                    let id = state.next_file;
                    state.next_file += 1;
                    state.files.insert(id, FileBytes::synced(bytes.to_vec()));
                    Entry::File(id)
                }
            };
            live.insert(path.clone(), entry);
        }
        state.durable = live.clone();
        state.live = live;
    }
}
