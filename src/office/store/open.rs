//! Opening: the journals first, then the tables as far as they can be trusted, then what the tables miss.
//!
//! Tables that do not open, have another version or another digest than they say, or whose files have changed since a
//! proper stop, are moved aside and drawn anew. Tables that know more than the journals mean that acknowledged facts are
//! gone: nothing is opened, a person must look; once somebody has said that the office shall go on, or part of a journal
//! was set aside, what is missing is named instead.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use loket_sync::{Have, JournalReader, Record, StorageKey, Subject};

use super::digest::Digest;
use super::project::Here;
use super::rows::{Changes, Rows, is_counted};
use super::tables::{self, MetaRow, VERSION};
use super::tree::{self, Tree};
use super::{OpenError, StoreError, load, trail};
use crate::domain::damage::MissingRecords;
use crate::sums::{self, Compared};

/// Records or subjects that share a batch while tables are drawn.
const BATCH_MAX: usize = 2_000;
/// Rows that sled is given at a time while tables are drawn: the more, the fewer of its pages are written repeatedly.
const SPILLED_MAX: usize = 20_000;
/// Progress is told after so many.
const TOLD_EVERY: usize = 500;

/// The sums over sled's files, written at a proper stop.
pub(super) fn sums_file(dir: &Path) -> PathBuf {
    dir.join("tables.sums")
}

/// Tables that agree with the journals.
pub(super) struct Tables {
    /// The rows.
    pub(super) tree: Tree,
    /// What is said of the whole.
    pub(super) meta: MetaRow,
    /// Records that had to be applied.
    pub(super) replayed: u64,
    /// Records among them that cannot be read although their key is here.
    pub(super) unreadable: Vec<String>,
}

/// How tables are to be opened.
#[derive(Debug, Clone, Default)]
pub(super) struct Wish {
    /// Everything is compared before anybody relies on it. Otherwise rows that were settled are relied on, and compared
    /// later (`recheck.rs`).
    pub(super) is_thorough: bool,
    /// Why they must be drawn anew in any case.
    pub(super) rebuild: Option<Unsound>,
    /// Records that the tables know and the journals lack are named and do not keep the office closed.
    pub(super) accept_missing: bool,
}

/// What is done about the tables as they lie there.
pub(super) struct Decided {
    /// The tables, if they may be used.
    sound: Option<(Tree, MetaRow)>,
    /// Why they are drawn anew, if they are.
    pub(super) rebuilt: Option<Unsound>,
    /// Acknowledged records that the journals lack.
    pub(super) missing: Vec<MissingRecords>,
    /// When an exchange last went through, as tables say that are drawn anew: no journal tells it.
    exchanged_at: Option<DateTime<Utc>>,
}

/// Why tables are drawn anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unsound {
    /// In words, with the file and the place where they are known.
    pub(super) why: String,
    /// Whether something was damaged, and it is not only another version or somebody's wish.
    pub(super) is_damage: bool,
}

impl Unsound {
    fn damaged(why: String) -> Self {
        Self { why, is_damage: true }
    }
}

/// What came of drawing rows.
struct Drawn {
    /// How many records there were.
    records: u64,
    /// How far they go.
    grown: Vec<Have>,
    /// Records that cannot be read although their key is here.
    unreadable: Vec<String>,
}

/// Opens the tables and says whether they can be used. What lies there is not changed, but for their sums, which no
/// longer hold.
pub(super) fn decide(
    dir: &Path,
    reader: &JournalReader,
    key: &StorageKey,
    wish: Wish,
) -> Result<Decided, OpenError> {
    let drawn_anew = |rebuilt| Decided { sound: None, rebuilt, missing: Vec::new(), exchanged_at: None };
    if !dir.join(tree::FOLDER).exists() {
        sums::take_away(&sums_file(dir)).map_err(StoreError::Io)?;
        return Ok(drawn_anew(None));
    }
    let summed = if wish.is_thorough { compare_sums(dir)? } else { Compared::NoSums };
    // From here on the digest tells: sled writes as soon as it is opened.
    sums::take_away(&sums_file(dir)).map_err(StoreError::Io)?;
    let tree = match Tree::open(dir, key.clone(), tree::keys_of(reader)) {
        Ok(tree) => tree,
        Err(error) if error.is_storage_full() => return Err(StoreError::NoRoom.into()),
        Err(error) => return Ok(drawn_anew(Some(Unsound::damaged(error.to_string())))),
    };
    // Asked before anything else: even tables that are drawn anew anyway may hold the only trace of lost facts.
    let missing = match missing_records(&tree, reader) {
        Ok(missing) => missing,
        Err(error) if error.is_fault_of_tables() => {
            return Ok(drawn_anew(Some(Unsound::damaged(error.told()))));
        }
        Err(error) => return Err(error.into()),
    };
    if !missing.is_empty() && !wish.accept_missing {
        return Err(OpenError::Ahead(told(&missing)));
    }
    let ahead = (!missing.is_empty())
        .then(|| Unsound { why: "they hold rows of records that are missing".into(), is_damage: false });
    let is_compared = summed != Compared::Same && (wish.is_thorough || !tree.was_settled());
    match wish.rebuild.or(ahead).map_or_else(|| soundness(&tree, &summed, is_compared), Err) {
        Ok(meta) => Ok(Decided { sound: Some((tree, meta)), rebuilt: None, missing, exchanged_at: None }),
        Err(unsound) => {
            // Rows that cannot be read are no reason to stop here.
            let exchanged_at = tables::EXCHANGED.get(&tree, &[]).unwrap_or_default();
            Ok(Decided { sound: None, rebuilt: Some(unsound), missing, exchanged_at })
        }
    }
}

fn compare_sums(dir: &Path) -> Result<Compared, StoreError> {
    let folder = dir.join(tree::FOLDER);
    Ok(sums::compare(&folder, &sums::files_under(&folder)?, &sums_file(dir))?)
}

/// Brings tables up to the journals, or draws them anew; tells how many records of how many are done.
pub(super) fn complete(
    dir: &Path,
    reader: &JournalReader,
    here: Here<'_>,
    decided: Decided,
    progress: &dyn Fn(u64, u64),
) -> Result<Tables, StoreError> {
    let is_drawn_anew = decided.sound.is_none();
    let (tree, mut meta) = if let Some(sound) = decided.sound {
        sound
    } else {
        tree::move_aside(dir).map_err(StoreError::Folder)?;
        let tree =
            Tree::open(dir, here.key.clone(), tree::keys_of(reader)).map_err(|error| no_room(&error))?;
        (tree, MetaRow { version: VERSION, digest: Digest::default() })
    };
    let Drawn { records: replayed, unreadable, .. } = replay(&tree, reader, here, &mut meta, progress)?;
    if is_drawn_anew {
        if let Some(at) = decided.exchanged_at {
            let mut kept = Changes::over(&tree);
            tables::EXCHANGED.put(&mut kept, &[], &at)?;
            tree.apply(&kept)?;
        }
        tree.spill()?;
    }
    // To open sled's folder changes its files; from here on they are as they were synced.
    tree.settle()?;
    Ok(Tables { tree, meta, replayed, unreadable })
}

fn no_room(error: &tree::TreeUnusable) -> StoreError {
    if error.is_storage_full() { StoreError::NoRoom } else { StoreError::Unusable(error.to_string()) }
}

/// Draws all rows into tables of their own, for comparing.
pub(super) fn draw_in(folder: &Path, reader: &JournalReader, here: Here<'_>) -> Result<Tables, StoreError> {
    let tree =
        Tree::open_in(folder, here.key.clone(), tree::keys_of(reader)).map_err(|error| no_room(&error))?;
    let mut meta = MetaRow { version: VERSION, digest: Digest::default() };
    let Drawn { records: replayed, unreadable, .. } = replay(&tree, reader, here, &mut meta, &|_, _| {})?;
    Ok(Tables { tree, meta, replayed, unreadable })
}

/// Acknowledged records that the tables know and the journals do not hold.
pub(super) fn missing_records(
    tree: &Tree,
    reader: &JournalReader,
) -> Result<Vec<MissingRecords>, StoreError> {
    let mut missing = Vec::new();
    for (_, applied) in tables::APPLIED.scan(tree, &[])? {
        missing.extend(beyond(reader, &applied)?);
    }
    Ok(missing)
}

/// What of a session the tables know beyond the journals; from 0 on when its records are not those that were applied.
fn beyond(reader: &JournalReader, applied: &Have) -> Result<Option<MissingRecords>, StoreError> {
    let Have { stream, session, len, .. } = *applied;
    let known = reader.have(&stream, &session);
    if known.is_some_and(|have| have == *applied) {
        return Ok(None);
    }
    let held = known.map_or(0, |have| have.len);
    let from = if held < len {
        held
    } else {
        let Some(seq) = len.checked_sub(1) else { return Ok(None) };
        let pos = loket_sync::Pos { stream, session, seq };
        let record = reader.record(&pos)?.ok_or(StoreError::Missing(pos))?;
        if record.hash() == applied.hash {
            return Ok(None);
        }
        0
    };
    Ok(Some(MissingRecords { stream: stream.to_string(), session: session.to_string(), from, to: len }))
}

/// The same in a few words for an error or a finding.
pub(super) fn told(missing: &[MissingRecords]) -> String {
    let one =
        |it: &MissingRecords| format!("records {} to {} of {}/{}", it.from, it.to - 1, it.stream, it.session);
    missing.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Whether version and digest are as they say; the digest is compared if that is asked for.
fn soundness(tree: &Tree, summed: &Compared, is_compared: bool) -> Result<MetaRow, Unsound> {
    if let Compared::Differs { file, offset, what } = summed {
        return Err(Unsound::damaged(format!("{} at byte {offset}: {what}", file.display())));
    }
    let meta = tables::META.get(tree, &[]).map_err(|error| Unsound::damaged(error.told()))?;
    let Some(meta) = meta else {
        let is_empty = tree.is_empty().map_err(|error| Unsound::damaged(error.told()))?;
        let why = if is_empty { "they are empty" } else { "they are unfinished" };
        return Err(Unsound { why: why.to_owned(), is_damage: is_empty });
    };
    if meta.version != VERSION {
        let why = format!("they have version {}, this program draws version {VERSION}", meta.version);
        return Err(Unsound { why, is_damage: false });
    }
    if is_compared {
        let counted = digest_of(tree).map_err(|error| Unsound::damaged(error.told()))?;
        if counted != meta.digest {
            return Err(Unsound::damaged(rows_lost(counted, meta.digest)));
        }
    }
    Ok(meta)
}

/// What is said of rows that do not come to their digest.
pub(super) fn rows_lost(counted: Digest, expected: Digest) -> String {
    format!("rows were lost: their digest is {counted}, it should be {expected}")
}

/// The digest of the rows that are there.
pub(super) fn digest_of(tree: &Tree) -> Result<Digest, StoreError> {
    let mut digest = Digest::default();
    tree.each(&[], |key, value| {
        if is_counted(key) {
            digest.add(key, value);
        }
    })?;
    Ok(digest)
}

/// Applies what the journals hold and the tables do not. How far they go is written last, so that an interrupted replay
/// is simply done again.
fn replay(
    tree: &Tree,
    reader: &JournalReader,
    here: Here<'_>,
    meta: &mut MetaRow,
    progress: &dyn Fn(u64, u64),
) -> Result<Drawn, StoreError> {
    let applied: Vec<Have> = tables::APPLIED.scan(tree, &[])?.into_iter().map(|(_, have)| have).collect();
    let flush = |changes: Changes<'_>, meta: &mut MetaRow| {
        meta.digest = changes.digest_after(meta.digest)?;
        let mut changes = changes;
        tables::META.put(&mut changes, &[], meta)?;
        tree.apply(&changes)?;
        if tree.pending() >= SPILLED_MAX { tree.spill() } else { Ok(()) }
    };
    let drawn = draw(tree, reader, here, &applied, &mut |changes| flush(changes, meta), progress)?;
    let mut last = Changes::over(tree);
    for have in &drawn.grown {
        tables::put_applied(&mut last, have)?;
    }
    flush(last, meta)?;
    Ok(drawn)
}

/// Draws rows of everything beyond `applied` in batches.
fn draw(
    rows: &dyn Rows,
    reader: &JournalReader,
    here: Here<'_>,
    applied: &[Have],
    flush: &mut dyn FnMut(Changes<'_>) -> Result<(), StoreError>,
    progress: &dyn Fn(u64, u64),
) -> Result<Drawn, StoreError> {
    let mut unreadable = Vec::new();
    let grown = reader.vector();
    let of: u64 = grown.iter().map(|have| have.len - have_of(applied, have).min(have.len)).sum();
    let mut touched: BTreeSet<Subject> = BTreeSet::new();
    let mut records = 0;
    let mut changes = Changes::over(rows);
    for record in reader.scan(applied) {
        touched.insert(draw_record(&mut changes, &record?, here)?);
        records += 1;
        if changes.len() >= BATCH_MAX {
            flush(std::mem::replace(&mut changes, Changes::over(rows)))?;
            // To say where records lie is half of the work.
            progress(records / 2, of);
        }
    }
    flush(std::mem::replace(&mut changes, Changes::over(rows)))?;
    let subjects = touched.len().max(1) as u64;
    let touched = touched.into_iter().filter(|subject| *subject != Subject::NONE);
    for (done, subject) in (1..).zip(touched) {
        unreadable.extend(load::redraw(&mut changes, reader, subject, here)?.unreadable);
        if changes.len() >= BATCH_MAX {
            flush(std::mem::replace(&mut changes, Changes::over(rows)))?;
        }
        if done % TOLD_EVERY as u64 == 0 {
            progress(of / 2 + of * done / subjects / 2, of);
        }
    }
    flush(changes)?;
    Ok(Drawn { records, grown, unreadable })
}

fn have_of(applied: &[Have], have: &Have) -> u64 {
    let same = |it: &&Have| it.stream == have.stream && it.session == have.session;
    applied.iter().find(same).map_or(0, |it| it.len)
}

fn draw_record(changes: &mut Changes<'_>, record: &Record, here: Here<'_>) -> Result<Subject, StoreError> {
    trail::put_record(changes, record, here)?;
    Ok(record.header.subject)
}
