//! Erasing subjects: their keys first, then the bodies of their records, segment by segment.
//!
//! Once the key file says that a subject is forgotten, the erasure is on record and is completed at the next opening
//! whatever happens meanwhile. A segment is written anew beside the old one and put in its place; nothing in it moves, so
//! readers that know an offset find the same record there, with its body or without.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::PoisonError;

use super::frame::{self, FrameKind, SEGMENT_HEADER_LEN, SegmentHeader};
use super::index::{self, Index};
use super::{Damaged, Finding, JournalFailed, Journals, What, reader, scan};
use crate::disk::Disk;
use crate::ids::{Pos, SessionId, StreamId, Subject};
use crate::record;
use crate::subject_keys::KeyState;

/// Why subjects are not erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// The disk is almost full, and segments must be written anew.
    #[error("only {free_bytes} bytes are free")]
    StorageLow {
        /// Room left in bytes.
        free_bytes: u64,
    },
    /// A write or sync failed; nothing more is written by this process.
    #[error(transparent)]
    Failed(#[from] JournalFailed),
}

impl Journals {
    /// Erases subjects here, durably: their keys are destroyed, and they never get others; the bodies of their records
    /// at these positions are taken away. Bodies elsewhere are found at the next opening.
    ///
    /// Gives the sessions that turned out damaged: bodies of these subjects may be left there behind the damage, until it
    /// is set aside.
    ///
    /// What was gathered must be committed or abandoned first.
    pub fn erase(
        &mut self,
        subjects: &BTreeSet<Subject>,
        at: &BTreeSet<Pos>,
    ) -> Result<Vec<Damaged>, EraseError> {
        self.refuse_if_failed()?;
        self.space
            .admit(&self.disk, &self.shared.folder)
            .map_err(|free_bytes| EraseError::StorageLow { free_bytes })?;
        // Until it is through, the next start reads everything.
        self.is_erasing = true;
        self.forget_places().map_err(|error| self.fail(&error))?;
        self.forget_all(subjects)?;
        let touched: BTreeSet<_> = at.iter().map(|pos| (pos.stream, pos.session)).collect();
        for id in touched {
            // It would go on in the file that is replaced.
            if let Some(writer) = self.writers.get_mut(&id) {
                writer.close();
            }
        }
        let index = reader::read(&self.shared.index);
        let erased = bodies(&self.disk, &self.shared.folder, &index, subjects, at);
        drop(index);
        let damaged = erased.map_err(|error| self.fail(&error))?;
        self.is_erasing = !damaged.is_empty();
        self.space.refresh(&self.disk, &self.shared.folder);
        Ok(damaged)
    }

    /// Destroys a subject's key, durably; see [`Journals::erase`], which takes the bodies as well.
    pub fn forget(&mut self, subject: Subject) -> Result<(), JournalFailed> {
        self.refuse_if_failed()?;
        self.forget_all(&BTreeSet::from([subject]))
    }

    fn forget_all(&mut self, subjects: &BTreeSet<Subject>) -> Result<(), JournalFailed> {
        let mut table = reader::read(&self.shared.keys).clone();
        table.extend(subjects.iter().map(|subject| (*subject, KeyState::Forgotten)));
        if let Err(error) = self.key_file.rewrite(&table) {
            return Err(self.fail(&error));
        }
        for subject in subjects {
            self.new_keys.remove(subject);
            self.wanted.remove(subject);
            self.bodiless.remove(subject);
        }
        *self.shared.keys.write().unwrap_or_else(PoisonError::into_inner) = table;
        Ok(())
    }

    /// Subjects of which records have no body although nobody erased them here. While an erasure is on its way from the
    /// other side, its records may come before it.
    pub fn bodies_missing(&self) -> usize {
        self.bodiless.len()
    }

    /// Whether a subject was erased here.
    pub fn is_forgotten(&self, subject: &Subject) -> bool {
        matches!(reader::read(&self.shared.keys).get(subject), Some(KeyState::Forgotten))
    }
}

/// Takes the bodies of these subjects out of the segments that hold these records; gives what is damaged.
pub(super) fn bodies(
    disk: &Disk,
    folder: &Path,
    index: &Index,
    subjects: &BTreeSet<Subject>,
    at: &BTreeSet<Pos>,
) -> io::Result<Vec<Damaged>> {
    let mut damaged = Vec::new();
    let mut segments: BTreeMap<(StreamId, SessionId), BTreeSet<u32>> = BTreeMap::new();
    for pos in at {
        let id = (pos.stream, pos.session);
        if let Some((number, _)) = index.get(&id).and_then(|session| session.locate(pos.seq)) {
            segments.entry(id).or_default().insert(number);
        }
    }
    for ((stream, session), numbers) in segments {
        for number in numbers {
            let path = index::segment_path(folder, &stream, &session, number);
            let problem = match disk.read(&path) {
                Ok(mut bytes) => {
                    let (found, problem) = erase_in(&mut bytes, subjects);
                    if found {
                        disk.replace(&path, &bytes)?;
                    }
                    problem
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => Some((0, What::SegmentMissing)),
                Err(error) => return Err(error),
            };
            damaged.extend(problem.map(|(offset, what)| Damaged {
                stream,
                session,
                finding: Finding { file: path, offset: offset as u64, what },
            }));
        }
    }
    Ok(damaged)
}

/// Takes the bodies of these subjects out of a segment's bytes, as far as they are whole; whether there were any, and what
/// is damaged.
fn erase_in(bytes: &mut [u8], subjects: &BTreeSet<Subject>) -> (bool, Option<(usize, What)>) {
    let Some(header) = SegmentHeader::from_bytes(bytes) else {
        return (false, Some((0, What::SegmentHeader)));
    };
    let mut before = header.check_before;
    let (mut at, mut found) = (SEGMENT_HEADER_LEN, false);
    while at < bytes.len() {
        let Some(frame) = frame::read(&bytes[at..]).filter(|frame| frame.follows(before)) else {
            return (found, Some((at, What::Frame)));
        };
        let (next, after) = (at + frame.len, frame.check_after());
        let is_theirs = frame.kind == FrameKind::Record
            && record::split(frame.payload).is_ok_and(|(header, body)| {
                header.kind != record::KIND_SESSION_OPENED
                    && subjects.contains(&header.subject)
                    && frame::is_erasable(body)
            });
        if is_theirs {
            frame::erase(&mut bytes[at..], before);
            found = true;
        }
        (at, before) = (next, after);
    }
    (found, None)
}

/// Removes segments that were being written anew when the process or the machine stopped.
pub(super) fn remove_unfinished(disk: &Disk, folder: &Path, id: (StreamId, SessionId)) -> io::Result<()> {
    let session = index::session_folder(folder, &id.0, &id.1);
    for path in disk.list(&session)?.into_iter().filter(|path| scan::is_unfinished(path)) {
        disk.remove(&path)?;
    }
    Ok(())
}
