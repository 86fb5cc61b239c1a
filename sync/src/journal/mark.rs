//! How far this node's own session was durable, written down in a small file after each commit.
//!
//! A segment that was cut exactly at the end of a group is whole in itself: nothing in it says that more was there. A
//! later session says so, but the last one has none. The mark promises only what was synced before it was written, and is
//! never synced itself: after a kill it is there, after a power cut it may lag, and it is never ahead.
//!
//! It is a list of entries, the last one counts. A new file is begun at the first commit of a process, whose opening
//! record names the session before it, and now and then so that it stays small.

use std::io;
use std::path::{Path, PathBuf};

use crate::disk::{Disk, DiskFile};
use crate::head::Have;
use crate::ids::{Hash, SessionId, StreamId};

/// Name of the file in the journal's folder.
pub(crate) const MARK_FILE: &str = "mark";
/// Session, number of records, hash of the last one, a check over these.
const ENTRY_BYTES: usize = 16 + 8 + 32 + 8;
/// A new file is begun after so many entries (256 KiB).
const ENTRIES_MAX: u32 = 4_096;

/// Writes the mark.
#[derive(Debug)]
pub(super) struct Mark {
    path: PathBuf,
    /// The file of this process, and how many entries it holds.
    open: Option<(DiskFile, u32)>,
}

impl Mark {
    /// The mark in a journal's folder; what stands there stays until something is committed.
    pub(super) fn new(folder: &Path) -> Self {
        Self { path: folder.join(MARK_FILE), open: None }
    }

    /// Says how far the session is durable now. What cannot be written is left out: a check then misses less.
    pub(super) fn raise(&mut self, disk: &Disk, have: &Have) {
        if let Err(error) = self.try_raise(disk, have) {
            // Part of an entry may stand there.
            self.open = None;
            tracing::warn!(%error, "The mark beside the journal could not be written");
        }
    }

    fn try_raise(&mut self, disk: &Disk, have: &Have) -> io::Result<()> {
        let (mut file, entries) = match self.open.take() {
            Some((file, entries)) if entries < ENTRIES_MAX => (file, entries),
            _ => {
                disk.remove(&self.path)?;
                (disk.create_new(&self.path)?, 0)
            }
        };
        disk.write(&mut file, &self.path, &entry(have))?;
        self.open = Some((file, entries + 1));
        Ok(())
    }
}

/// What a mark says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marked {
    /// How far a session of this node was durable, at least.
    pub(crate) have: Option<Have>,
    /// Where an entry stands that cannot be read: torn by a power cut, or damaged.
    pub(crate) unreadable_at: Option<u64>,
}

impl Marked {
    /// Reads the mark of the own stream; one that is missing says nothing.
    pub(crate) fn read(disk: &Disk, folder: &Path, own: &StreamId) -> io::Result<Self> {
        let path = folder.join(MARK_FILE);
        if !disk.is_file(&path) {
            return Ok(Self::default());
        }
        let mut marked = Self::default();
        for (number, bytes) in (0_u64..).zip(disk.read(&path)?.chunks(ENTRY_BYTES)) {
            match have_of(own, bytes) {
                Some(have) => marked.have = Some(have),
                None => {
                    marked.unreadable_at.get_or_insert(number * ENTRY_BYTES as u64);
                }
            }
        }
        Ok(marked)
    }

    /// Whether a session was durable further than it is here.
    pub(crate) fn is_ahead_of(&self, here: &Have) -> bool {
        self.have.is_some_and(|have| {
            (have.stream, have.session) == (here.stream, here.session) && have.len > here.len
        })
    }
}

fn entry(have: &Have) -> Vec<u8> {
    let mut bytes = [have.session.as_bytes().as_slice(), &have.len.to_le_bytes(), &have.hash.0].concat();
    bytes.extend(&blake3::hash(&bytes).as_bytes()[..8]);
    bytes
}

fn have_of(stream: &StreamId, bytes: &[u8]) -> Option<Have> {
    let session = SessionId(*bytes.first_chunk()?);
    let len = u64::from_le_bytes(bytes.get(16..24)?.try_into().ok()?);
    let hash = Hash(bytes.get(24..56)?.try_into().ok()?);
    let have = Have { stream: *stream, session, len, hash };
    (entry(&have) == bytes).then_some(have)
}
