//! Reading facts back from the journals: bodies lie nowhere else.

use loket_sync::{BodyError, JournalReader, Pos, Record, Subject};

use super::StoreError;
use super::project::{self, Here};
use super::rows::{Changes, NoRows, Rows};
use super::summary::Summary;
use super::tables;
use crate::domain::application::{Application, ApplicationKey, Author, Entry, Order};
use crate::domain::fact::{self, Fact};

/// An application with what its rows are drawn from besides the facts.
pub(super) struct Loaded {
    /// The application.
    pub(super) application: Application,
    /// Facts that carried an idempotency key: where, whose and which.
    pub(super) once: Vec<(Pos, Entry, String)>,
    /// Records whose bodies do not open although their key is here, for a person to look at.
    pub(super) unreadable: Vec<String>,
}

/// What came of drawing a subject anew.
#[derive(Default)]
pub(super) struct Redrawn {
    /// Its list line, if it is an application.
    pub(super) summary: Option<Summary>,
    /// As [`Loaded::unreadable`].
    pub(super) unreadable: Vec<String>,
    /// Who was erased, if that is what its records say.
    pub(super) erased: Option<Subject>,
}

/// Loads what is known under a subject, its erasure included; nothing if nothing is.
pub(super) fn subject(
    rows: &dyn Rows,
    reader: &JournalReader,
    subject: Subject,
) -> Result<Option<Loaded>, StoreError> {
    let known = without_erasure(rows, reader, subject)?;
    let Some(told) = without_erasure(rows, reader, subject.erasure())? else { return Ok(known) };
    let application = Application::new(ApplicationKey(subject.0));
    let mut loaded = known.unwrap_or(Loaded { application, once: Vec::new(), unreadable: Vec::new() });
    for entry in told.application.entries().filter(|entry| erased_in(entry) == Some(subject)) {
        loaded.application.join(entry.clone());
        // Whoever is erased has no rows but what remains, be the bodies still here or not.
        loaded.once.clear();
        loaded.unreadable.clear();
    }
    Ok(Some(loaded))
}

/// Whom a fact says to be erased, if it says so: the registry's word alone counts.
fn erased_in(entry: &Entry) -> Option<Subject> {
    match (&entry.fact, &entry.author) {
        (Fact::PersonErased(erased), Author::Registry) => Some(Subject(erased.application.0)),
        _ => None,
    }
}

/// Loads the facts of a subject's own records; nothing if there are none.
pub(super) fn without_erasure(
    rows: &dyn Rows,
    reader: &JournalReader,
    subject: Subject,
) -> Result<Option<Loaded>, StoreError> {
    let facts = tables::FACTS.scan(rows, subject.as_bytes())?;
    if facts.is_empty() {
        return Ok(None);
    }
    let application = Application::new(ApplicationKey(subject.0));
    let mut loaded = Loaded { application, once: Vec::new(), unreadable: Vec::new() };
    for (key, row) in facts {
        let pos = tables::fact_position(&key, &row).ok_or(StoreError::Key { table: "facts" })?;
        let record = reader.record(&pos)?.ok_or(StoreError::Missing(pos))?;
        match read(reader, &record) {
            Ok(Some((entry, once))) => {
                loaded.once.extend(once.map(|once| (pos, entry.clone(), once)));
                loaded.application.join(entry);
            }
            Ok(None) => loaded.application.park(row.kind),
            // An authentic record is kept whatever is inside.
            Err(error) => {
                loaded.application.park(row.kind);
                loaded.unreadable.push(format!("record {pos} cannot be read: {error}"));
            }
        }
    }
    Ok(Some(loaded))
}

/// Reads a record as a fact; nothing when it waits for a key, for a newer version, or was erased.
pub(super) fn read(
    reader: &JournalReader,
    record: &Record,
) -> Result<Option<(Entry, Option<String>)>, BodyError> {
    let header = &record.header;
    let Some(author) = project::author_of(&header.stream) else { return Ok(None) };
    let body = match reader.open(record) {
        Ok(body) => body,
        Err(BodyError::KeyMissing | BodyError::Forgotten | BodyError::Erased) => return Ok(None),
        Err(error) => return Err(error),
    };
    // A body that cannot be read as its kind was written by a newer version; it is kept and parked like an unknown kind.
    let Ok(Some(written)) = fact::decode(header.kind, &body) else { return Ok(None) };
    let order = Order { rev: written.rev, session: header.session.0, seq: header.seq };
    let at = project::at(header.at_ms);
    let entry = Entry { author, order, at, by: written.by, fact: written.fact };
    Ok(Some((entry, written.once)))
}

/// The fact at a position; nothing when it cannot be read here.
pub(super) fn entry(reader: &JournalReader, pos: &Pos) -> Result<Option<Entry>, StoreError> {
    let record = reader.record(pos)?.ok_or(StoreError::Missing(*pos))?;
    Ok(read(reader, &record).ok().flatten().map(|(entry, _)| entry))
}

/// Draws everything anew that hangs on a subject, from its records.
pub(super) fn redraw(
    changes: &mut Changes<'_>,
    reader: &JournalReader,
    id: Subject,
    here: Here<'_>,
) -> Result<Redrawn, StoreError> {
    let Some(loaded) = subject(changes, reader, id)? else { return Ok(Redrawn::default()) };
    let erased = loaded.application.entries().find_map(erased_in).filter(|erased| erased.erasure() == id);
    if let Some(erased) = erased {
        return redraw_erased(changes, reader, erased, here);
    }
    draw(changes, &loaded, id, here).map(|summary| Redrawn {
        summary,
        unreadable: loaded.unreadable,
        erased: None,
    })
}

/// Takes away what was drawn of somebody before they were erased, and draws what is left.
fn redraw_erased(
    changes: &mut Changes<'_>,
    reader: &JournalReader,
    erased: Subject,
    here: Here<'_>,
) -> Result<Redrawn, StoreError> {
    for key in rows_before(changes, reader, erased, here)? {
        changes.remove(key);
    }
    tables::ERASED.put(changes, erased.as_bytes(), &())?;
    let Some(left) = subject(changes, reader, erased)? else { return Ok(Redrawn::default()) };
    let summary = draw(changes, &left, erased, here)?;
    Ok(Redrawn { summary, unreadable: Vec::new(), erased: Some(erased) })
}

/// The keys of the rows that hang on somebody's own records, as long as these can be read.
pub(super) fn rows_before(
    rows: &dyn Rows,
    reader: &JournalReader,
    id: Subject,
    here: Here<'_>,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut before = Changes::over(&NoRows);
    if let Some(known) = without_erasure(rows, reader, id)? {
        draw(&mut before, &known, id, here)?;
    }
    Ok(before.iter().map(|(key, _)| key.clone()).collect())
}

/// Draws the rows that hang on what was loaded under a subject; gives its list line, if it is an application.
fn draw(
    changes: &mut Changes<'_>,
    loaded: &Loaded,
    id: Subject,
    here: Here<'_>,
) -> Result<Option<Summary>, StoreError> {
    for entry in loaded.application.entries() {
        project::own_affairs(changes, entry, here)?;
    }
    for (pos, entry, once) in &loaded.once {
        project::once(changes, pos, entry, once, ApplicationKey(id.0), here)?;
    }
    project::application(changes, &loaded.application, here)
}
