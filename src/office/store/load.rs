//! Reading facts back from the journals: bodies lie nowhere else.

use loket_sync::{BodyError, JournalReader, Pos, Record, Subject};

use super::StoreError;
use super::project::{self, Here};
use super::rows::{Changes, Rows};
use super::summary::Summary;
use super::tables;
use crate::domain::application::{Application, ApplicationKey, Entry, Order};
use crate::domain::fact;

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
}

/// Loads what is known under a subject; nothing if nothing is.
pub(super) fn subject(
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
fn read(reader: &JournalReader, record: &Record) -> Result<Option<(Entry, Option<String>)>, BodyError> {
    let header = &record.header;
    let Some(author) = project::author_of(&header.stream) else { return Ok(None) };
    let body = match reader.open(record) {
        Ok(body) => body,
        Err(BodyError::KeyMissing | BodyError::Forgotten) => return Ok(None),
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
    for entry in loaded.application.entries() {
        project::own_affairs(changes, entry, here)?;
    }
    for (pos, entry, once) in &loaded.once {
        project::once(changes, pos, entry, once, ApplicationKey(id.0), here)?;
    }
    let summary = project::application(changes, &loaded.application, here)?;
    Ok(Redrawn { summary, unreadable: loaded.unreadable })
}
