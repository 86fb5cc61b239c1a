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
    let mut loaded = Loaded { application: Application::new(ApplicationKey(subject.0)), once: Vec::new() };
    for (key, row) in facts {
        let pos = tables::fact_position(&key, &row).ok_or(StoreError::Key { table: "facts" })?;
        let record = reader.record(&pos)?.ok_or(StoreError::Missing(pos))?;
        match read(reader, &record)? {
            Some((entry, once)) => {
                loaded.once.extend(once.map(|once| (pos, entry.clone(), once)));
                loaded.application.join(entry);
            }
            None => loaded.application.park(row.kind),
        }
    }
    Ok(Some(loaded))
}

/// Reads a record as a fact; nothing when it waits for a key, for a newer version, or was erased.
fn read(reader: &JournalReader, record: &Record) -> Result<Option<(Entry, Option<String>)>, StoreError> {
    let header = &record.header;
    let Some(author) = project::author_of(&header.stream) else { return Ok(None) };
    let body = match reader.open(record) {
        Ok(body) => body,
        Err(BodyError::KeyMissing | BodyError::Forgotten) => return Ok(None),
        Err(source) => return Err(StoreError::Body { pos: header.pos(), source }),
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
    Ok(read(reader, &record)?.map(|(entry, _)| entry))
}

/// Draws everything anew that hangs on a subject, from its records.
pub(super) fn redraw(
    changes: &mut Changes<'_>,
    reader: &JournalReader,
    id: Subject,
    here: Here<'_>,
) -> Result<Option<Summary>, StoreError> {
    let Some(loaded) = subject(changes, reader, id)? else { return Ok(None) };
    for entry in loaded.application.entries() {
        project::own_affairs(changes, entry, here)?;
    }
    for (pos, entry, once) in &loaded.once {
        project::once(changes, pos, entry, once, ApplicationKey(id.0), here)?;
    }
    project::application(changes, &loaded.application, here)
}
