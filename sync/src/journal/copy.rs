//! Copying the journals of a folder that another process may be writing to, and verifying such a copy as it is read
//! back.
//!
//! Segments only grow, or lose bodies in their places when somebody is erased, so a copy needs nobody's help: each
//! session is taken up to the last group that has its signed head, and what stands behind it was promised to nobody.
//! Records are taken before the keys of their subjects, for a key is on the disk before the first record that needs it;
//! and should somebody be erased in between, the key file says so, and opening the copy completes it.

use std::io;
use std::path::{Path, PathBuf};

use super::finding::{Finding, What};
use super::index;
use super::open;
use super::scan::{self, Closeness, Scan};
use super::{Journals, Signers};
use crate::disk::Disk;
use crate::head::Vector;
use crate::ids::{SessionId, StreamId};
use crate::seal::StorageKey;
use crate::subject_keys::{SUBJECT_KEY_FILE, SubjectKeys};

/// The most bytes one copied file may have: segments and key files are far smaller.
pub const COPIED_BYTES_MAX: usize = 1 << 30;

/// What a copy holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// How far the sessions go.
    pub vector: Vector,
    /// Subject keys.
    pub keys: usize,
}

impl Copied {
    /// Number of records.
    pub fn records(&self) -> u64 {
        self.vector.iter().map(|have| have.len).sum()
    }
}

/// Why a copy is not taken, or not believed.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Something that was acknowledged is damaged.
    #[error("the journal is damaged: {0}")]
    Damaged(Box<Finding>),
    /// A file that is none of a journal.
    #[error("{0} is no file of a journal")]
    Stranger(String),
    /// The file system refused.
    #[error("the journal cannot be read")]
    Io(#[from] io::Error),
}

/// Takes a file of a copy: its name below the journals' folder and its bytes.
pub type Take<'a, E> = &'a mut dyn FnMut(&str, &[u8]) -> Result<(), E>;

impl Journals {
    /// Hands on every file of the journals in a folder, as far as it is committed: its name below the folder and its
    /// bytes, sessions one after the other, segments ascending, the keys of subjects last.
    ///
    /// A session whose bodies are being erased at this moment may look damaged; a second try tells.
    pub fn copy<E: From<CopyError>>(
        disk: &Disk,
        folder: &Path,
        storage_key: &StorageKey,
        signers: &dyn Signers,
        take: Take<'_, E>,
    ) -> Result<Copied, E> {
        let mut copied = Copied::default();
        // Sessions that begin from now on are not missed: an opening names how far the one before it went, and that one
        // no longer grows.
        for id in open::sessions(disk, folder, &mut Vec::new()).map_err(CopyError::from)? {
            copy_session(disk, folder, id, signers, &mut copied.vector, take)?;
        }
        let (bytes, keys, findings) =
            SubjectKeys::copy(disk.clone(), folder, storage_key.clone()).map_err(CopyError::from)?;
        if let Some(finding) = findings.into_iter().next() {
            return Err(CopyError::Damaged(Box::new(finding)).into());
        }
        copied.keys = keys;
        take(SUBJECT_KEY_FILE, &bytes)?;
        Ok(copied)
    }
}

fn copy_session<E: From<CopyError>>(
    disk: &Disk,
    folder: &Path,
    (stream, session): (StreamId, SessionId),
    signers: &dyn Signers,
    vector: &mut Vector,
    take: Take<'_, E>,
) -> Result<(), E> {
    let mut scan = Scan::new(stream, session, signers, Closeness::LastSignature);
    let session_folder = index::session_folder(folder, &stream, &session);
    let numbers = scan::segment_numbers(disk, &session_folder, &mut Vec::new()).map_err(CopyError::from)?;
    let last = numbers.last().copied().unwrap_or(0);
    for number in 1..=last {
        let path = index::segment_path(folder, &stream, &session, number);
        let damaged =
            |offset, what| CopyError::Damaged(Box::new(Finding { file: path.clone(), offset, what }));
        if !numbers.contains(&number) {
            return Err(damaged(0, What::SegmentMissing).into());
        }
        let bytes = disk.read(&path).map_err(CopyError::from)?;
        let problem = scan.segment(&path, number, &bytes, &mut |_, _| {});
        let end = scan.end();
        let good_len = if end.segment == number { usize::try_from(end.len_bytes).unwrap_or(0) } else { 0 };
        if let Some((offset, what)) = problem {
            // The very bytes that were read are judged: the writer may have gone on since. A segment is begun only when
            // the one before it is whole.
            let beyond = bytes.get(good_len..).unwrap_or_default();
            if number < last || scan.has_group_end_in(beyond) {
                return Err(damaged(offset as u64, what).into());
            }
        }
        if good_len > 0 {
            take(&name_of(&stream, &session, number), &bytes[..good_len])?;
        }
    }
    if let Some(finding) = scan.verify_last_signature() {
        return Err(CopyError::Damaged(Box::new(finding)).into());
    }
    vector.extend((scan.have().len > 0).then(|| scan.have()));
    Ok(())
}

fn name_of(stream: &StreamId, session: &SessionId, number: u32) -> String {
    let path = index::segment_path(Path::new(""), stream, session, number);
    let parts = path.iter().map(|part| part.to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

/// Verifies a copy while it is read back, file by file in the order they were taken.
pub struct CopyCheck<'a> {
    signers: &'a dyn Signers,
    scan: Option<(StreamId, SessionId, u32, Scan<'a>)>,
    vector: Vector,
}

impl<'a> CopyCheck<'a> {
    /// A check that has seen nothing yet.
    pub fn new(signers: &'a dyn Signers) -> Self {
        Self { signers, scan: None, vector: Vector::new() }
    }

    /// Takes a file: its name below the journals' folder and its bytes.
    pub fn file(&mut self, name: &str, bytes: &[u8]) -> Result<(), CopyError> {
        if name == SUBJECT_KEY_FILE {
            return Ok(());
        }
        let (stream, session, number) = parse(name).ok_or_else(|| CopyError::Stranger(name.to_owned()))?;
        if self.scan.as_ref().is_none_or(|(at, under, ..)| (*at, *under) != (stream, session)) {
            self.end_session()?;
            let scan = Scan::new(stream, session, self.signers, Closeness::LastSignature);
            self.scan = Some((stream, session, 0, scan));
        }
        let Some((.., before, scan)) = &mut self.scan else { return Ok(()) };
        let damaged =
            |offset, what| CopyError::Damaged(Box::new(Finding { file: PathBuf::from(name), offset, what }));
        if number != *before + 1 {
            return Err(damaged(0, What::SegmentMissing));
        }
        *before = number;
        match scan.segment(Path::new(name), number, bytes, &mut |_, _| {}) {
            Some((offset, what)) => Err(damaged(offset as u64, what)),
            None => Ok(()),
        }
    }

    fn end_session(&mut self) -> Result<(), CopyError> {
        let Some((.., mut scan)) = self.scan.take() else { return Ok(()) };
        if let Some(finding) = scan.verify_last_signature() {
            return Err(CopyError::Damaged(Box::new(finding)));
        }
        self.vector.push(scan.have());
        Ok(())
    }

    /// How far the sessions of the copy go.
    pub fn finish(mut self) -> Result<Vector, CopyError> {
        self.end_session()?;
        self.vector.sort_unstable();
        Ok(self.vector)
    }
}

fn parse(name: &str) -> Option<(StreamId, SessionId, u32)> {
    let mut parts = name.split('/');
    let (stream, session, file) = (parts.next()?, parts.next()?, parts.next()?);
    let stream = StreamId::parse(&stream.replacen('_', "/", 1)).ok()?;
    let number = file.strip_suffix(".seg")?.parse().ok()?;
    Some((stream, session.parse().ok()?, number)).filter(|_| parts.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back() {
        let (stream, session) = ("office/karimun".parse().unwrap(), SessionId([7; 16]));
        let name = name_of(&stream, &session, 12);
        assert_eq!(name, format!("office_karimun/{session}/000012.seg"));
        assert_eq!(parse(&name), Some((stream, session, 12)));
        for bad in ["x", "office_karimun/07/000001.seg", "a/b/c/d", "office_karimun/x"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
