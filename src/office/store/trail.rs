//! What was done at this office on a day: every fact it wrote, about applicants and about its own affairs, by its own
//! calendar.

use chrono::NaiveDate;
use loket_sync::{Pos, Record, Subject};

use super::project::{self, Here};
use super::rows::Changes;
use super::tables::{self, DoneRow, FactRow};
use super::{Store, StoreError, load};
use crate::domain::application::{ApplicationKey, Entry};
use crate::domain::number::ApplicationNumber;

/// One fact of this office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The application it is about; none for the office's own affairs.
    pub about: Option<ApplicationKey>,
    /// Its number, when the booking is known.
    pub number: Option<ApplicationNumber>,
    /// The fact, by whom and when.
    pub entry: Entry,
}

/// What was done on a day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DoneOnDay {
    /// The latest of it, latest first.
    pub latest: Vec<Done>,
    /// How much there was in all.
    pub count: usize,
    /// How much of what is left out was about somebody who was erased.
    pub erased: usize,
}

impl Store {
    /// What was done here on a day, at most so many of the latest.
    pub fn done_on(&self, day: NaiveDate, limit: usize) -> Result<DoneOnDay, StoreError> {
        let shared = self.shared();
        let rows = tables::DONE.scan(&shared.tree, &tables::day_key(day))?;
        let count = rows.len();
        let (mut latest, mut erased) = (Vec::with_capacity(count.min(limit)), 0);
        for (key, row) in rows.into_iter().rev().take(limit) {
            let pos = tables::done_position(&key, &row).ok_or(StoreError::Key { table: "done" })?;
            // A fact whose key was erased can be counted and no longer be told.
            let Some(entry) = load::entry(&shared.reader, &pos)? else {
                erased += usize::from(tables::ERASED.get(&shared.tree, &row.subject.0)?.is_some());
                continue;
            };
            let about = (!project::is_own_affair(entry.fact.kind())).then_some(row.subject);
            let line = about.map(|about| self.summary(about)).transpose()?.flatten();
            latest.push(Done { about, number: line.and_then(|line| line.number), entry });
        }
        Ok(DoneOnDay { latest, count, erased })
    }

    /// What was done here on a day of one kind, in the order it was done.
    pub fn done_of_kind(&self, day: NaiveDate, kind: u16) -> Result<Vec<Done>, StoreError> {
        let shared = self.shared();
        let mut found = Vec::new();
        for (key, row) in tables::DONE.scan(&shared.tree, &tables::day_key(day))? {
            let pos = tables::done_position(&key, &row).ok_or(StoreError::Key { table: "done" })?;
            let fact = tables::FACTS.get(&shared.tree, &tables::fact_key(&row.subject.0, &pos))?;
            if fact.is_none_or(|fact| fact.kind != kind) {
                continue;
            }
            let Some(entry) = load::entry(&shared.reader, &pos)? else { continue };
            let about = (!project::is_own_affair(kind)).then_some(row.subject);
            let line = about.map(|about| self.summary(about)).transpose()?.flatten();
            found.push(Done { about, number: line.and_then(|line| line.number), entry });
        }
        Ok(found)
    }
}

/// Puts the rows that say where a record lies. Session openings are about no one and have none.
pub(super) fn put_record(
    changes: &mut Changes<'_>,
    record: &Record,
    here: Here<'_>,
) -> Result<(), StoreError> {
    let header = &record.header;
    if header.subject == Subject::NONE {
        return Ok(());
    }
    put_located(changes, &header.pos(), header.subject, (header.kind, header.at_ms), here)
}

/// The same for a fact at a position: needs nothing of its body, whose key may come later.
pub(super) fn put_located(
    changes: &mut Changes<'_>,
    pos: &Pos,
    subject: Subject,
    (kind, at_ms): (u16, i64),
    here: Here<'_>,
) -> Result<(), StoreError> {
    let row = FactRow { stream: pos.stream, kind };
    tables::FACTS.put(changes, &tables::fact_key(subject.as_bytes(), pos), &row)?;
    if project::author_of(&pos.stream) == Some(here.author()) {
        let day = here.office.zone.day(project::at(at_ms));
        let row = DoneRow { stream: pos.stream, subject: ApplicationKey(subject.0) };
        tables::DONE.put(changes, &tables::done_key(day, at_ms, pos), &row)?;
    }
    Ok(())
}
