//! The files of an embedded database while nobody has them open: sums over them are written at a proper stop and compared
//! before the next start, and a log whose middle is damaged is told from one that was being written.
//!
//! SQLite keeps no checksums of its pages, and takes a damaged log for a short one; acknowledged acts would be gone
//! without a word.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::config::RegistryConfig;
use crate::domain::damage::{Finding, FolderPart};
use crate::registry::store::{Mark, Said, embedded_file};
use crate::sums::{self, Compared};

/// Length of the log's header and of the header of each frame in it, in bytes.
const LOG_HEADER_LEN: usize = 32;
const FRAME_HEADER_LEN: usize = 24;

/// The database's file, if it is one in the registry's folder.
fn file(config: &RegistryConfig) -> Option<PathBuf> {
    embedded_file(&config.database_url).filter(|path| path.starts_with(&config.dir))
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(end);
    file.with_file_name(name)
}

/// What lies there of a database.
#[derive(Debug, Default)]
pub struct Looked {
    /// Its file is gone: opening would make an empty one.
    pub is_missing: bool,
    /// Its log is damaged: opening would throw away what stands behind the damage, and the trace of it.
    pub is_cut: bool,
    /// Everything wrong.
    pub findings: Vec<Finding>,
    /// The first of them that keeps a registry from starting.
    pub keeps_closed: Option<Finding>,
}

impl Looked {
    fn found(&mut self, file: &Path, offset: Option<u64>, what: &str) {
        let place = offset.map(|offset| format!(" at byte {offset}")).unwrap_or_default();
        let mut finding = Finding::of(FolderPart::Database, format!("{}{place}: {what}", file.display()));
        finding.in_file(file.display(), offset);
        self.findings.push(finding);
    }

    fn found_damage(&mut self, file: &Path, offset: Option<u64>, what: &str) {
        self.found(file, offset, what);
        self.keeps_closed = self.keeps_closed.take().or_else(|| self.findings.last().cloned());
    }
}

/// Looks at the files of a database that nobody has open. Nothing is changed.
pub fn look(config: &RegistryConfig) -> io::Result<Looked> {
    let mut looked = Looked::default();
    let Some(file) = file(config) else { return Ok(looked) };
    let (log, sums, open) = (beside(&file, "-wal"), beside(&file, ".sums"), beside(&file, ".open"));
    if !file.exists() {
        looked.is_missing = true;
        looked.found_damage(&file, None, "the database is missing");
        return Ok(looked);
    }
    match compare(config, &file, &sums)? {
        Compared::Differs { file, offset, what } => looked.found_damage(&file, Some(offset), what),
        Compared::Unreadable => looked.found_damage(&sums, None, "the sums over the database are damaged"),
        // Whoever has it open says so before the sums are taken away, and until they are there again.
        Compared::NoSums if !open.exists() => looked.found(
            &sums,
            None,
            "the sums over the database are missing: whether it was changed while the registry stood still cannot be told",
        ),
        Compared::Same | Compared::NoSums => {}
    }
    match fs::read(&log) {
        Ok(bytes) => {
            if let Some(offset) = damage_in_log(&bytes) {
                let what = "the log is damaged; what was acknowledged after this place is not read";
                looked.found_damage(&log, Some(offset as u64), what);
                looked.is_cut = true;
            }
        }
        // One that was removed is missed by the mark.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    if let Some(mark) = Mark::of(&config.database_url)
        && mark.said()? == Said::Missing
    {
        looked.found(mark.file(), None, "the mark that says how many acts the database holds is missing");
    }
    Ok(looked)
}

/// Finds whether a database that was closed properly has changed since, and nothing else: for whoever may be beside a
/// registry that runs.
pub fn changed(config: &RegistryConfig) -> io::Result<Option<String>> {
    let Some(file) = file(config) else { return Ok(None) };
    let sums = beside(&file, ".sums");
    Ok(match compare(config, &file, &sums)? {
        Compared::Differs { file, offset, what } => {
            Some(format!("{} at byte {offset}: {what}", file.display()))
        }
        Compared::Unreadable => Some(format!("{}: the sums over the database are damaged", sums.display())),
        Compared::Same | Compared::NoSums => None,
    })
}

fn compare(config: &RegistryConfig, file: &Path, sums: &Path) -> io::Result<Compared> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    sums::compare(&config.dir, &[name], sums)
}

/// Notes that the database is open: the sums no longer hold.
pub fn open(config: &RegistryConfig) -> io::Result<()> {
    let Some(file) = file(config) else { return Ok(()) };
    if let Some(mark) = Mark::of(&config.database_url) {
        mark.make()?;
    }
    fs::write(beside(&file, ".open"), b"")?;
    sums::take_away(&beside(&file, ".sums"))
}

/// Goes on with the files as they are: whatever is missing or changed is known to be so.
pub fn accept(config: &RegistryConfig) -> io::Result<()> {
    let Some(file) = file(config) else { return Ok(()) };
    for end in [".mark", ".sums", ".open"] {
        sums::take_away(&beside(&file, end))?;
    }
    Ok(())
}

/// Sums up a database that was closed properly. If that fails, the next look compares less, and that is all.
pub fn close(config: &RegistryConfig) {
    let Some(file) = file(config) else { return };
    // Somebody else, a backup perhaps, still reads it.
    if beside(&file, "-wal").exists() {
        return;
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let closed = sums::write(&config.dir, &[name], &beside(&file, ".sums"))
        .and_then(|()| sums::take_away(&beside(&file, ".open")));
    if let Err(error) = closed {
        tracing::warn!(%error, "The database could not be summed up");
    }
}

/// Where SQLite's log stops being believed although it was written further: frames of the same generation stand behind
/// the first whose checksum is wrong (the file format's chapter 4).
fn damage_in_log(bytes: &[u8]) -> Option<usize> {
    if bytes.is_empty() {
        return None;
    }
    let word = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let (Some(magic), Some(page)) = (word(0), word(8)) else { return Some(0) };
    if magic & !1 != 0x377f_0682 || !page.is_power_of_two() {
        return Some(0);
    }
    let sum = |data: &[u8], mut s: (u32, u32)| {
        for pair in data.chunks_exact(8) {
            let read = |at: usize| {
                let four = [pair[at], pair[at + 1], pair[at + 2], pair[at + 3]];
                if magic & 1 == 1 { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }
            };
            s.0 = s.0.wrapping_add(read(0)).wrapping_add(s.1);
            s.1 = s.1.wrapping_add(read(4)).wrapping_add(s.0);
        }
        s
    };
    let header = bytes.get(..24)?;
    let mut sums = sum(header, (0, 0));
    if (Some(sums.0), Some(sums.1)) != (word(24), word(28)) {
        return Some(0);
    }
    let frame_len = FRAME_HEADER_LEN + page as usize;
    let mut at = LOG_HEADER_LEN;
    while let Some(frame) = bytes.get(at..at + frame_len) {
        let is_of_this_log = frame[8..16] == bytes[16..24];
        let next = sum(&frame[FRAME_HEADER_LEN..], sum(&frame[..8], sums));
        if !is_of_this_log || (Some(next.0), Some(next.1)) != (word(at + 16), word(at + 20)) {
            break;
        }
        sums = next;
        at += frame_len;
    }
    // A transaction is begun only when the one before it is on the disk: frames behind a later commit prove that the
    // damaged place was acknowledged. The last transaction cannot be told from one that was being written.
    let (mut behind, mut was_committed) = (at, false);
    while let Some(frame) = bytes.get(behind..behind + FRAME_HEADER_LEN) {
        if frame[8..16] == bytes[16..24] || behind == at {
            if was_committed {
                return Some(at);
            }
            was_committed = frame[4..8] != [0; 4];
        }
        behind += frame_len;
    }
    None
}
