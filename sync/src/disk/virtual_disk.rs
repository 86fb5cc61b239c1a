//! A disk in memory that does at a power cut what real ones do to what was not synced.
//!
//! Two views are kept: what programs see, and what is durable. A kill of a process changes neither. A power cut
//! keeps what is durable and decides the rest by its seed, in the worst ways that file systems are known for:
//!
//! - Bytes that were written and not synced are lost, cut short anywhere, or torn: any of their sectors holds the
//!   bytes, zeros or noise.
//! - An entry that was made, renamed or removed in a folder that was not synced since may or may not be so.
//! - After a sync that failed the program believes the bytes are clean; no later sync brings them to the disk.
//! - A file's length that was cut and not synced may be what it was before.
//!
//! Room runs out at a chosen byte, bits of cold files can be flipped, syncs can be ignored as some drives do, and
//! an image of the whole disk can be taken and put back, here or on another disk.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use super::image::Image;
use super::unsynced::{Chance, Change, FileBytes};

/// What stands under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Folder,
    File(u64),
}

/// Names, whole paths, and what stands under them.
pub(super) type Tree = BTreeMap<OsString, Entry>;

type Ignored = Arc<dyn Fn(&Path) -> bool + Send + Sync>;

/// A disk in memory. Clones are the same disk.
#[derive(Clone, Default)]
pub struct VirtualDisk {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
pub(super) struct State {
    pub live: Tree,
    pub durable: Tree,
    /// What was done to entries since their folders were synced, in order.
    pub changes: Vec<Change>,
    pub files: BTreeMap<u64, FileBytes>,
    pub next_file: u64,
    locked: BTreeSet<OsString>,
    /// Bytes that can still be written; nothing for no end.
    room: Option<u64>,
    /// Number of power cuts: files opened before one are not open any more.
    boot: u64,
    ignored: Option<Ignored>,
}

impl VirtualDisk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// Another disk that holds what an image holds.
    pub fn from_image(image: &Image) -> Self {
        let disk = Self::new();
        disk.restore(image);
        disk
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cuts the power. What was synced stays; the seed decides about the rest. Files and locks are no longer held.
    pub fn power_cut(&self, seed: u64) {
        let state = &mut *self.state();
        let mut chance = Chance::new(seed);
        super::unsynced::settle_entries(&mut state.durable, &state.changes, &mut chance);
        state.changes.clear();
        state.live.clone_from(&state.durable);
        for file in state.files.values_mut() {
            file.power_cut(&mut chance);
        }
        state.forget_unnamed();
        state.locked.clear();
        state.boot += 1;
    }

    /// From here on syncs of these files and folders do nothing, as on a drive that lies.
    pub fn ignore_syncs(&self, of: impl Fn(&Path) -> bool + Send + Sync + 'static) {
        self.state().ignored = Some(Arc::new(of));
    }

    /// Sets how many more bytes can be written; nothing for no end.
    pub fn set_room(&self, bytes: Option<u64>) {
        self.state().room = bytes;
    }

    /// How many more bytes can be written, if there is an end.
    pub fn room(&self) -> Option<u64> {
        self.state().room
    }

    /// Every file, sorted, with its length in bytes.
    pub fn files(&self) -> Vec<(PathBuf, u64)> {
        let state = self.state();
        let file = |(path, entry): (&OsString, &Entry)| match entry {
            Entry::File(id) => Some((PathBuf::from(path), state.files.get(id)?.bytes.len() as u64)),
            Entry::Folder => None,
        };
        state.live.iter().filter_map(file).collect()
    }

    /// Flips one bit of a file, on the platter; whether there is such a byte.
    pub fn flip_bit(&self, path: &Path, byte: u64, bit: u8) -> bool {
        let mut state = self.state();
        let Some(file) = state.file_mut(path) else { return false };
        let place = usize::try_from(byte).ok().and_then(|at| file.bytes.get_mut(at));
        place.map(|byte| *byte ^= 1 << (bit % 8)).is_some()
    }

    pub(super) fn open(&self, path: &Path) -> io::Result<VirtualFile> {
        let state = self.state();
        match state.live.get(path.as_os_str()) {
            Some(Entry::File(id)) => Ok(VirtualFile { disk: self.clone(), id: *id, boot: state.boot }),
            Some(Entry::Folder) => Err(io::ErrorKind::IsADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    pub(super) fn create_new(&self, path: &Path) -> io::Result<VirtualFile> {
        let state = &mut *self.state();
        let id = state.next_file;
        state.make(path, Entry::File(id))?;
        state.next_file += 1;
        state.files.insert(id, FileBytes::default());
        Ok(VirtualFile { disk: self.clone(), id, boot: state.boot })
    }

    pub(super) fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.state().make(path, Entry::Folder)
    }

    pub(super) fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.open(path)?.read_with(Clone::clone)
    }

    pub(super) fn is_file(&self, path: &Path) -> bool {
        matches!(self.state().live.get(path.as_os_str()), Some(Entry::File(_)))
    }

    pub(super) fn is_folder(&self, path: &Path) -> bool {
        is_root(path) || matches!(self.state().live.get(path.as_os_str()), Some(Entry::Folder))
    }

    pub(super) fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        if !self.is_folder(folder) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let state = self.state();
        let below = folder.join("").into_os_string();
        let from = state.live.range(below.clone()..).map(|(path, _)| path);
        let within = from.take_while(|path| path.as_encoded_bytes().starts_with(below.as_encoded_bytes()));
        let within = within.map(Path::new).filter(|path| path.parent() == Some(folder));
        Ok(within.map(Path::to_owned).collect())
    }

    pub(super) fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let state = &mut *self.state();
        let entry = *state.live.get(from.as_os_str()).ok_or(io::ErrorKind::NotFound)?;
        if entry == Entry::Folder || state.live.get(to.as_os_str()) == Some(&Entry::Folder) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        state.give_room_of(to);
        state.change(Change::Rename { from: from.into(), to: to.into(), entry });
        Ok(())
    }

    pub(super) fn remove(&self, path: &Path) -> io::Result<()> {
        let state = &mut *self.state();
        match state.live.get(path.as_os_str()) {
            Some(Entry::File(_)) => {
                state.give_room_of(path);
                state.change(Change::Remove { path: path.into() });
                Ok(())
            }
            Some(Entry::Folder) => Err(io::ErrorKind::IsADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    pub(super) fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let state = &mut *self.state();
        if !is_root(folder) && state.live.get(folder.as_os_str()) != Some(&Entry::Folder) {
            return Err(io::ErrorKind::NotFound.into());
        }
        if state.is_ignored(folder) {
            return Ok(());
        }
        for change in state.changes.extract_if(.., |change| change.is_in(folder)) {
            change.apply(&mut state.durable);
        }
        Ok(())
    }

    pub(super) fn lock(&self, path: &Path) -> Option<VirtualLock> {
        let mut state = self.state();
        let is_free = state.locked.insert(path.into());
        is_free.then(|| VirtualLock { disk: self.clone(), path: path.into(), boot: state.boot })
    }
}

impl std::fmt::Debug for VirtualDisk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VirtualDisk({} entries)", self.state().live.len())
    }
}

impl State {
    fn make(&mut self, path: &Path, entry: Entry) -> io::Result<()> {
        if self.live.contains_key(path.as_os_str()) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let parent = path.parent().unwrap_or(Path::new(""));
        if !is_root(parent) && self.live.get(parent.as_os_str()) != Some(&Entry::Folder) {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.change(Change::Make { path: path.into(), entry });
        Ok(())
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.live);
        self.changes.push(change);
    }

    fn file_mut(&mut self, path: &Path) -> Option<&mut FileBytes> {
        match self.live.get(path.as_os_str())? {
            Entry::File(id) => self.files.get_mut(id),
            Entry::Folder => None,
        }
    }

    fn give_room_of(&mut self, path: &Path) {
        let len = self.file_mut(path).map_or(0, |file| file.bytes.len());
        self.give_room(len);
    }

    fn give_room(&mut self, len: usize) {
        self.room = self.room.map(|room| room.saturating_add(len as u64));
    }

    fn is_ignored(&self, path: &Path) -> bool {
        self.ignored.as_ref().is_some_and(|ignored| ignored(path))
    }

    /// Drops the bytes of files that no name leads to any more.
    fn forget_unnamed(&mut self) {
        let entries = self.live.values().chain(self.durable.values());
        let named: BTreeSet<u64> =
            entries.filter_map(|entry| if let Entry::File(id) = entry { Some(*id) } else { None }).collect();
        self.files.retain(|id, _| named.contains(id));
    }
}

/// The folder that every disk has.
pub(super) fn is_root(path: &Path) -> bool {
    path.as_os_str().is_empty() || path.parent().is_none()
}

/// An open file of a [`VirtualDisk`].
#[derive(Debug)]
pub(super) struct VirtualFile {
    disk: VirtualDisk,
    id: u64,
    boot: u64,
}

impl VirtualFile {
    fn with<T>(&self, act: impl FnOnce(&mut State, &mut FileBytes) -> io::Result<T>) -> io::Result<T> {
        let state = &mut *self.disk.state();
        if state.boot != self.boot {
            return Err(io::Error::other("the machine was started anew since this file was opened"));
        }
        let mut file = state.files.remove(&self.id).ok_or(io::ErrorKind::NotFound)?;
        let result = act(state, &mut file);
        state.files.insert(self.id, file);
        result
    }

    fn read_with<T>(&self, act: impl FnOnce(&Vec<u8>) -> T) -> io::Result<T> {
        let state = self.disk.state();
        let file = state.files.get(&self.id).filter(|_| state.boot == self.boot);
        file.map(|file| act(&file.bytes)).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.with(|state, file| {
            let room = state.room.map_or(bytes.len(), |room| usize::try_from(room).unwrap_or(usize::MAX));
            let fits = room.min(bytes.len());
            file.bytes.extend_from_slice(&bytes[..fits]);
            state.room = state.room.map(|room| room - fits as u64);
            if fits < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
        })
    }

    pub(super) fn set_len(&self, len_bytes: u64) -> io::Result<()> {
        let len = usize::try_from(len_bytes).map_err(|_| io::ErrorKind::FileTooLarge)?;
        self.with(|state, file| {
            state.give_room(file.bytes.len().saturating_sub(len));
            file.set_len(len);
            Ok(())
        })
    }

    pub(super) fn sync(&self, path: &Path) -> io::Result<()> {
        self.with(|state, file| {
            if !state.is_ignored(path) {
                file.sync();
            }
            Ok(())
        })
    }

    /// The bytes count as clean from here on and are not on the platter.
    pub(super) fn fail_sync(&self) {
        // Of a file that was open before a power cut nothing is left to lose.
        let _ = self.with(|_, file| {
            file.fail_sync();
            Ok(())
        });
    }

    pub(super) fn len(&self) -> io::Result<u64> {
        self.read_with(|bytes| bytes.len() as u64)
    }

    pub(super) fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        if buffer.is_empty() {
            return Ok(());
        }
        let filled = self.read_with(|bytes| {
            let from = usize::try_from(offset).ok()?;
            buffer.copy_from_slice(bytes.get(from..from.checked_add(buffer.len())?)?);
            Some(())
        })?;
        filled.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

/// A lock on a [`VirtualDisk`], given back when dropped.
#[derive(Debug)]
pub(super) struct VirtualLock {
    disk: VirtualDisk,
    path: OsString,
    boot: u64,
}

impl Drop for VirtualLock {
    fn drop(&mut self) {
        let mut state = self.disk.state();
        if state.boot == self.boot {
            state.locked.remove(&self.path);
        }
    }
}
