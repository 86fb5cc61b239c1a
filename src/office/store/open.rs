//! Opening: the journals first, then the tables as far as they can be trusted, then what the tables miss.
//!
//! Tables that do not open, have another version or another digest than they say are moved aside and drawn anew.
//! Tables that know more than the journals mean that acknowledged facts are gone: nothing is opened, a person must look.

use std::collections::BTreeSet;
use std::path::Path;

use loket_sync::{Have, JournalReader, Record, StorageKey, Subject};

use super::digest::Digest;
use super::project::Here;
use super::rows::{Changes, Rows, is_counted};
use super::tables::{self, MetaRow, VERSION};
use super::tree::{self, Tree};
use super::{OpenError, StoreError, load, trail};

/// Records or subjects that share a batch while tables are drawn.
const BATCH_MAX: usize = 2_000;

/// Tables that agree with the journals.
pub(super) struct Tables {
    /// The rows.
    pub(super) tree: Tree,
    /// What is said of the whole.
    pub(super) meta: MetaRow,
    /// Records that had to be applied.
    pub(super) replayed: u64,
    /// Why they were drawn anew, if they were.
    pub(super) rebuilt: Option<String>,
    /// Records among them that cannot be read although their key is here.
    pub(super) unreadable: Vec<String>,
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

/// Opens the tables and brings them up to the journals; `rebuild` says why they must be drawn anew in any case.
pub(super) fn tables(
    dir: &Path,
    reader: &JournalReader,
    here: Here<'_>,
    rebuild: Option<&str>,
) -> Result<Tables, OpenError> {
    let (opened, mut rebuilt) = match rebuild {
        Some(reason) => (None, Some(reason.to_owned())),
        None => match trusted(dir, reader, here.key)? {
            Trusted::Sound(tree, meta) => (Some((tree, meta)), None),
            Trusted::Unsound(reason) => (None, Some(reason)),
            Trusted::None => (None, None),
        },
    };
    let (tree, mut meta) = if let Some(opened) = opened {
        opened
    } else {
        let aside = tree::move_aside(dir).map_err(StoreError::Folder)?;
        rebuilt = rebuilt.filter(|_| aside.is_some());
        let tree = Tree::open(dir, here.key.clone());
        let tree = tree.map_err(|error| StoreError::Unusable(error.to_string()))?;
        (tree, MetaRow { version: VERSION, digest: Digest::default(), clean: false })
    };
    let Drawn { records: replayed, unreadable, .. } = replay(&tree, reader, here, &mut meta)?;
    Ok(Tables { tree, meta, replayed, rebuilt, unreadable })
}

/// The tables as they lie there.
enum Trusted {
    /// They may be used.
    Sound(Tree, MetaRow),
    /// They are drawn anew, because.
    Unsound(String),
    /// There are none.
    None,
}

fn trusted(dir: &Path, reader: &JournalReader, key: &StorageKey) -> Result<Trusted, OpenError> {
    if !dir.join(tree::FOLDER).exists() {
        return Ok(Trusted::None);
    }
    let tree = match Tree::open(dir, key.clone()) {
        Ok(tree) => tree,
        Err(error) => return Ok(Trusted::Unsound(error.to_string())),
    };
    // Asked before anything else: even tables that are drawn anew anyway may hold the only trace of lost facts.
    let applied = match tables::APPLIED.scan(&tree, &[]) {
        Ok(applied) => applied,
        Err(error) => return Ok(Trusted::Unsound(error.to_string())),
    };
    if let Some(ahead) =
        applied.iter().find_map(|(_, have)| ahead_of(reader, have).transpose()).transpose()?
    {
        return Err(OpenError::Ahead(ahead));
    }
    match soundness(&tree) {
        Ok(meta) => Ok(Trusted::Sound(tree, meta)),
        Err(reason) => Ok(Trusted::Unsound(reason)),
    }
}

/// What the tables know and the journals do not hold.
pub(super) fn ahead_of(reader: &JournalReader, applied: &Have) -> Result<Option<String>, StoreError> {
    let held = reader.have(&applied.stream, &applied.session);
    let len = held.as_ref().map_or(0, |have| have.len);
    if len < applied.len {
        let Have { stream, session, .. } = applied;
        return Ok(Some(format!("{stream}/{session} has {len} records, {} were acknowledged", applied.len)));
    }
    let Some(seq) = applied.len.checked_sub(1) else { return Ok(None) };
    let pos = loket_sync::Pos { stream: applied.stream, session: applied.session, seq };
    let record = reader.record(&pos)?.ok_or(StoreError::Missing(pos))?;
    Ok((record.hash() != applied.hash).then(|| format!("record {pos} is another one than was applied")))
}

/// Whether version and digest are as they say; the digest is compared unless the tables were closed properly.
fn soundness(tree: &Tree) -> Result<MetaRow, String> {
    let meta = tables::META.get(tree, &[]).map_err(|error| error.to_string())?;
    let Some(meta) = meta else {
        return Err(if tree.is_empty() { "they are empty" } else { "they are unfinished" }.to_owned());
    };
    if meta.version != VERSION {
        return Err(format!("they have version {}, this program draws version {VERSION}", meta.version));
    }
    if !meta.clean {
        let counted = digest_of(tree).map_err(|error| error.to_string())?;
        if counted != meta.digest {
            return Err(format!("their digest is {counted}, it should be {}", meta.digest));
        }
    }
    Ok(meta)
}

/// The digest of the rows that are there.
pub(super) fn digest_of(tree: &Tree) -> Result<Digest, StoreError> {
    let mut digest = Digest::default();
    for row in tree.all() {
        let (key, value) = row?;
        if is_counted(&key) {
            digest.add(&key, &value);
        }
    }
    Ok(digest)
}

/// Applies what the journals hold and the tables do not. How far they go is written last, so that an interrupted replay
/// is simply done again. Also takes the mark of a proper close away.
fn replay(
    tree: &Tree,
    reader: &JournalReader,
    here: Here<'_>,
    meta: &mut MetaRow,
) -> Result<Drawn, StoreError> {
    let applied: Vec<Have> = tables::APPLIED.scan(tree, &[])?.into_iter().map(|(_, have)| have).collect();
    let flush = |changes: Changes<'_>, meta: &mut MetaRow| {
        meta.digest = changes.digest_after(meta.digest)?;
        let mut changes = changes;
        let note = MetaRow { clean: false, ..meta.clone() };
        tables::META.put(&mut changes, &[], &note)?;
        tree.apply(&changes)
    };
    meta.clean = false;
    let drawn = draw(tree, reader, here, &applied, &mut |changes| flush(changes, meta))?;
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
) -> Result<Drawn, StoreError> {
    let mut unreadable = Vec::new();
    let grown = reader.vector();
    let mut touched: BTreeSet<Subject> = BTreeSet::new();
    let mut records = 0;
    let mut changes = Changes::over(rows);
    for record in reader.scan(applied) {
        touched.insert(draw_record(&mut changes, &record?, here)?);
        records += 1;
        if changes.len() >= BATCH_MAX {
            flush(std::mem::replace(&mut changes, Changes::over(rows)))?;
        }
    }
    flush(std::mem::replace(&mut changes, Changes::over(rows)))?;
    for subject in touched.into_iter().filter(|subject| *subject != Subject::NONE) {
        unreadable.extend(load::redraw(&mut changes, reader, subject, here)?.unreadable);
        if changes.len() >= BATCH_MAX {
            flush(std::mem::replace(&mut changes, Changes::over(rows)))?;
        }
    }
    flush(changes)?;
    Ok(Drawn { records, grown, unreadable })
}

/// Draws the rows of all records into one set of changes: what the tables should be. Returns which records cannot be
/// read although their key is here.
pub(super) fn draw_all(
    changes: &mut Changes<'_>,
    reader: &JournalReader,
    here: Here<'_>,
) -> Result<Vec<String>, StoreError> {
    let mut unreadable = Vec::new();
    let mut touched: BTreeSet<Subject> = BTreeSet::new();
    for record in reader.scan(&[]) {
        touched.insert(draw_record(changes, &record?, here)?);
    }
    for subject in touched.into_iter().filter(|subject| *subject != Subject::NONE) {
        unreadable.extend(load::redraw(changes, reader, subject, here)?.unreadable);
    }
    Ok(unreadable)
}

fn draw_record(changes: &mut Changes<'_>, record: &Record, here: Here<'_>) -> Result<Subject, StoreError> {
    trail::put_record(changes, record, here)?;
    Ok(record.header.subject)
}
