//! Opening the journals: one process only, every chain verified, what was not finished cut off and kept aside.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use super::beyond::Kind;
use super::finding::{Finding, What};
use super::index::{self, Index};
use super::mark::{MARK_FILE, Mark, Marked};
use super::places::{PLACES_FILE, Places};
use super::reader::Shared;
use super::running::{RUNNING_FILE, Running};
use super::scan::{self, Closeness, Look, Scanned};
use super::seen::{Subjects, forgotten};
use super::space::{FLOOR_BYTES, RESERVE_BYTES, Space};
use super::sweep::{self, Swept};
use super::writer::SessionWriter;
use super::{Journals, OwnStream, Signers, erase};
use crate::disk::{Disk, DiskLock};
use crate::head::Have;
use crate::ids::{SessionId, StreamId, Subject};
use crate::subject_keys::{SUBJECT_KEY_FILE, SubjectKeys};

const LOCK_FILE: &str = "lock";
pub(super) const ASIDE_FOLDER: &str = "aside";
/// A process that was just stopped or killed may hold the lock a moment longer: it is tried for a second.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// What to do when acknowledged records turn out damaged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnDamage {
    /// Refuse to open, and name file and offset.
    #[default]
    Refuse,
    /// Keep the damaged part aside and open with what is good; the exchange brings the rest back from the other side.
    SetAside,
}

/// How to open.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The file system, perhaps with faults.
    pub disk: Disk,
    /// What to do about damage.
    pub on_damage: OnDamage,
    /// Segments grow to about this size.
    pub segment_bytes_max: u64,
    /// Nothing new is taken when less room is left.
    pub floor_bytes: u64,
    /// Room that is kept back for opening on a full disk.
    pub reserve_bytes: u64,
    /// Whether sessions whose files have not changed since they were last noted are taken from the file of places and
    /// not read. Bytes that changed in place are then found by [`super::JournalReader::reread`] alone.
    pub from_places: bool,
    /// The session to begin instead of a drawn one: for a simulation, which has to repeat. One that is here already
    /// is refused.
    pub session: Option<SessionId>,
}

impl Default for Opening {
    fn default() -> Self {
        Self {
            disk: Disk::default(),
            on_damage: OnDamage::Refuse,
            segment_bytes_max: 8 * 1024 * 1024,
            floor_bytes: FLOOR_BYTES,
            reserve_bytes: RESERVE_BYTES,
            from_places: false,
            session: None,
        }
    }
}

/// Why the journals do not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has them open.
    #[error("another process has {0} open")]
    Locked(PathBuf),
    /// Acknowledged records are damaged; nothing was changed.
    #[error("the journal is damaged: {0}")]
    Damaged(Box<Finding>),
    /// The session that was asked for was written before.
    #[error("session {0} was begun before")]
    SessionUsed(SessionId),
    /// The file system refused.
    #[error("{folder} cannot be opened")]
    Io {
        /// The journal's folder.
        folder: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

/// What was found while opening.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenReport {
    /// Sessions with at least one record.
    pub sessions: usize,
    /// Records in them.
    pub records: u64,
    /// Sessions among them that were read from their start; the others were remembered.
    pub sessions_read: usize,
    /// Groups that were being written when the process or machine stopped, now cut off and kept aside.
    pub cut: Vec<Finding>,
    /// Last groups that are not whole although their end is, after the machine stopped without warning; cut off and
    /// kept aside. Most probably they were never synced, so nobody was told that they are saved; that they were damaged
    /// since cannot be excluded, so somebody should look.
    pub torn: Vec<Finding>,
    /// Damage that was set aside.
    pub damaged: Vec<Finding>,
    /// Other things that somebody should know.
    pub notes: Vec<Finding>,
    /// Own sessions of which a later one knows more records than are here: acknowledged records may be gone.
    pub missing: Vec<Finding>,
    /// The session written last was synced further than it is here: acknowledged records are gone. Nobody says so any more
    /// once something new is written.
    pub marked: Option<Finding>,
    /// Subjects whose keys are not here.
    pub keys_missing: usize,
    /// Bodies that an erasure had not reached when the process or the machine stopped, taken away now.
    pub erased: usize,
    /// Subjects that lack bodies although nobody erased them here (yet): the erasure may still come.
    pub bodies_missing: usize,
}

impl Journals {
    /// Opens the journals in a folder and begins a session; the folder is made if needed.
    ///
    /// The session's first record is written together with the first record that somebody appends.
    pub fn open(
        folder: &Path,
        own: OwnStream,
        signers: &dyn Signers,
    ) -> Result<(Self, OpenReport), OpenError> {
        Self::open_with(folder, own, signers, Opening::default())
    }

    /// As [`Journals::open`], with everything said.
    pub fn open_with(
        folder: &Path,
        own: OwnStream,
        signers: &dyn Signers,
        opening: Opening,
    ) -> Result<(Self, OpenReport), OpenError> {
        let failed = |source| OpenError::Io { folder: folder.to_owned(), source };
        opening.disk.create_folder(folder).map_err(failed)?;
        let lock = lock(&opening.disk, folder)?;
        let space = Space::open(&opening.disk, folder, opening.floor_bytes, opening.reserve_bytes);
        let mut running = Running::begin(&opening.disk, folder);
        let (key_file, keys, key_notes) =
            SubjectKeys::open(opening.disk.clone(), folder, own.storage_key.clone()).map_err(failed)?;
        let mut gathered = Gathered::default();
        gathered.report.notes = key_notes;
        let ids = sessions(&opening.disk, folder, &mut gathered.report.notes).map_err(failed)?;
        for id in &ids {
            erase::remove_unfinished(&opening.disk, folder, *id).map_err(failed)?;
        }
        let mut before_reading = Subjects::new(own.stream, forgotten(&keys));
        let mut kept = BTreeMap::new();
        let noted = opening.from_places.then(|| Places::read(&opening.disk, folder, &own.storage_key, &keys));
        if let Some(places) = noted.flatten() {
            places.add_to(&mut before_reading, |session| ids.contains(&(own.stream, *session)));
            kept = places.by_session();
        }
        let look = Look { closeness: Closeness::LastSignature, ended_in_order: running.found_none };
        let swept = sweep::sessions(&opening.disk, folder, &ids, (signers, look), &before_reading, &kept);
        let Swept { scanned, read, met: subjects } = swept.map_err(failed)?;
        running.settle_before(folder, &read).map_err(failed)?;
        gathered.report.sessions_read = read.len();
        let marked = Marked::read(&opening.disk, folder, &own.stream).map_err(failed)?;
        for (_, session) in scanned {
            gathered.take(folder, &opening, session, &marked)?;
        }
        let Gathered { mut report, index, writers } = gathered;
        // The key of an erased subject is gone; the machine stopped before all of its bodies were.
        let damaged = erase::bodies(&opening.disk, folder, &index, &subjects.forgotten, &subjects.unfinished)
            .map_err(failed)?;
        // What was read a moment ago is not there any more.
        if let Some(damaged) = damaged.into_iter().next() {
            return Err(OpenError::Damaged(Box::new(damaged.finding)));
        }
        report.erased = subjects.unfinished.len();
        let bodiless = subjects.bodiless;
        report.bodies_missing = bodiless.len();
        let session = opening.session.unwrap_or_else(SessionId::draw);
        if index.keys().any(|(_, used)| *used == session) {
            return Err(OpenError::SessionUsed(session));
        }
        let wanted: BTreeSet<Subject> =
            subjects.all.into_iter().filter(|subject| !keys.contains_key(subject)).collect();
        report.sessions = index.len();
        report.records = index.values().map(|session| session.have.len).sum();
        report.keys_missing = wanted.len();
        report.missing = missing_tails(folder, &own.stream, &index, &subjects.openings);
        report.marked = lost_since_marked(folder, &index, &marked);
        let before = latest(&own.stream, &index, &subjects.openings);
        running.opened().map_err(failed)?;
        let shared = Arc::new(Shared {
            disk: opening.disk.clone(),
            folder: folder.to_owned(),
            floor_bytes: opening.floor_bytes,
            own_stream: own.stream,
            index: RwLock::new(index),
            keys: RwLock::new(keys),
        });
        let journals = Self {
            disk: opening.disk,
            own,
            session,
            before,
            segment_bytes_max: opening.segment_bytes_max,
            writers,
            dirty: BTreeSet::new(),
            key_file,
            new_keys: BTreeMap::new(),
            wanted,
            new_wanted: BTreeSet::new(),
            bodiless,
            openings: subjects.openings,
            is_erasing: false,
            opened: BTreeSet::new(),
            new_opened: Vec::new(),
            space,
            failed: None,
            mark: Mark::new(folder),
            shared,
            running,
            _lock: lock,
        };
        Ok((journals, report))
    }
}

/// What opening gathers, session by session.
#[derive(Default)]
struct Gathered {
    report: OpenReport,
    index: Index,
    writers: BTreeMap<(StreamId, SessionId), SessionWriter>,
}

impl Gathered {
    fn take(
        &mut self,
        folder: &Path,
        opening: &Opening,
        scanned: Scanned,
        marked: &Marked,
    ) -> Result<(), OpenError> {
        let Scanned { index, end, problem, notes } = scanned;
        self.report.notes.extend(notes);
        let have = index.have;
        if let Some(problem) = problem.map(|problem| problem.known_by(marked, &have)) {
            if problem.kind == Kind::Damage && opening.on_damage == OnDamage::Refuse {
                return Err(OpenError::Damaged(Box::new(problem.finding)));
            }
            cut_off(&opening.disk, folder, &have, end)
                .map_err(|source| OpenError::Io { folder: folder.to_owned(), source })?;
            let list = match problem.kind {
                Kind::Damage => &mut self.report.damaged,
                Kind::Torn => &mut self.report.torn,
                Kind::Unfinished => &mut self.report.cut,
            };
            list.push(problem.finding);
        }
        if have.len > 0 {
            self.writers.insert((have.stream, have.session), SessionWriter::new(have, end));
            self.index.insert((have.stream, have.session), index);
        }
        Ok(())
    }
}

/// Takes what stands behind the good part of a session away, after keeping it aside.
pub(super) fn cut_off(disk: &Disk, folder: &Path, have: &Have, end: scan::End) -> io::Result<()> {
    let session_folder = index::session_folder(folder, &have.stream, &have.session);
    let numbers = scan::segment_numbers(disk, &session_folder, &mut Vec::new())?;
    let aside = folder.join(ASIDE_FOLDER);
    disk.create_folder(&aside)?;
    // From the last to the first, so that a crash in between leaves no segment behind a missing one.
    for number in numbers.into_iter().rev().filter(|number| *number >= end.segment.max(1)) {
        let path = index::segment_path(folder, &have.stream, &have.session, number);
        let from = if number == end.segment { end.len_bytes } else { 0 };
        let bytes = disk.read(&path)?;
        let beyond = usize::try_from(from).ok().and_then(|from| bytes.get(from..)).unwrap_or_default();
        if !beyond.is_empty() {
            let group = have.stream.as_str().replace('/', "_");
            disk.replace(&aside.join(format!("{group}-{}-{number:06}-{from}", have.session)), beyond)?;
        }
        if from == 0 { disk.remove(&path)? } else { disk.cut(&path, from)? }
    }
    disk.sync_folder(&session_folder)
}

/// Every session that has a folder.
pub(crate) fn sessions(
    disk: &Disk,
    folder: &Path,
    notes: &mut Vec<Finding>,
) -> io::Result<Vec<(StreamId, SessionId)>> {
    let mut found = Vec::new();
    for path in disk.list(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if is_ours(&name) {
            continue;
        }
        let Some(stream) = StreamId::parse(&name.replace('_', "/")).ok().filter(|_| disk.is_folder(&path))
        else {
            notes.push(Finding { file: path, offset: 0, what: What::Stranger });
            continue;
        };
        for path in disk.list(&path)? {
            match path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok()) {
                Some(session) => found.push((stream, session)),
                None => notes.push(Finding { file: path, offset: 0, what: What::Stranger }),
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

fn is_ours(name: &str) -> bool {
    let known = [LOCK_FILE, ASIDE_FOLDER, RUNNING_FILE, "reserve", SUBJECT_KEY_FILE, PLACES_FILE, MARK_FILE];
    known.contains(&name.strip_suffix(".tmp").unwrap_or(name))
}

pub(crate) fn lock(disk: &Disk, folder: &Path) -> Result<DiskLock, OpenError> {
    let failed = |source| OpenError::Io { folder: folder.to_owned(), source };
    for _ in 0..LOCK_TRIES {
        if let Some(lock) = disk.lock(&folder.join(LOCK_FILE)).map_err(failed)? {
            return Ok(lock);
        }
        std::thread::park_timeout(LOCK_PAUSE);
    }
    Err(OpenError::Locked(folder.to_owned()))
}

/// Own sessions of which a later one names more records than are here.
pub(crate) fn missing_tails(
    folder: &Path,
    own: &StreamId,
    index: &Index,
    openings: &BTreeMap<SessionId, (i64, Option<Have>)>,
) -> Vec<Finding> {
    let named = openings.values().filter_map(|(_, before)| before.as_ref());
    let missing = named.filter_map(|named| {
        let held = index.get(&(*own, named.session)).map_or(0, |session| session.have.len);
        let what = What::TailMissing { session: *named, held, named: named.len };
        let file = index::next_segment(folder, index, (own, &named.session));
        (held < named.len).then_some(Finding { file, offset: 0, what })
    });
    missing.collect()
}

/// What the mark says that the own session held, and that is not here.
pub(crate) fn lost_since_marked(folder: &Path, index: &Index, marked: &Marked) -> Option<Finding> {
    let session = marked.have?;
    let held = index.get(&(session.stream, session.session)).map_or(0, |here| here.have.len);
    let file = index::next_segment(folder, index, (&session.stream, &session.session));
    let what = What::MarkAhead { session, held, named: session.len };
    (held < session.len).then_some(Finding { file, offset: 0, what })
}

/// The own session that no other one follows; of several, the one opened last.
fn latest(
    own: &StreamId,
    index: &Index,
    openings: &BTreeMap<SessionId, (i64, Option<Have>)>,
) -> Option<Have> {
    let followed: BTreeSet<SessionId> =
        openings.values().filter_map(|(_, before)| before.as_ref().map(|before| before.session)).collect();
    let leaves = openings.iter().filter(|(session, _)| !followed.contains(session));
    let (session, _) = leaves.max_by_key(|(session, (at_ms, _))| (*at_ms, **session))?;
    index.get(&(*own, *session)).map(|found| found.have)
}
