//! Reads over rows, used by the writer (which sees its own unfinished group) and by everybody else alike.

use chrono::{DateTime, NaiveDate, Utc};
use loket_sync::Pos;

use super::StoreError;
use super::act::Acted;
use super::officers::{Device, GivenSetting, Officer};
use super::project::{self, Here};
use super::queue::{Counter, Pause, Queue, QueueTicket};
use super::rows::Rows;
use super::summary::Summary;
use super::tables::{self, CounterRow, DeviceRow, OfficerRow, TicketRow};
use crate::domain::actor::Actor;
use crate::domain::application::ApplicationKey;
use crate::domain::board::{BoardSet, NoticeShown};
use crate::domain::number::{ApplicationNumber, BookNumber};
use crate::domain::person::Nik;
use crate::domain::setting::Settings;
use crate::domain::ticket::{QueueClass, TicketsSkipped};

/// The applications under a hashed key.
fn applications(
    rows: &dyn Rows,
    table: &tables::Table<()>,
    hash: &[u8],
) -> Result<Vec<ApplicationKey>, StoreError> {
    let found = table.scan(rows, hash)?;
    Ok(found.iter().filter_map(|(key, ())| tables::application_at_end(key)).collect())
}

/// Applications with this number; more than one only if headquarters gave it twice.
pub(super) fn by_number(
    rows: &dyn Rows,
    here: Here<'_>,
    number: &ApplicationNumber,
) -> Result<Vec<ApplicationKey>, StoreError> {
    applications(rows, &tables::NUMBERS, &here.key.hash("number", number.as_str().as_bytes()))
}

/// Applications of this person.
pub(super) fn by_nik(rows: &dyn Rows, here: Here<'_>, nik: &Nik) -> Result<Vec<ApplicationKey>, StoreError> {
    applications(rows, &tables::NIKS, &here.key.hash("nik", nik.as_str().as_bytes()))
}

/// Applications this book was ever set aside for.
pub(super) fn by_book(
    rows: &dyn Rows,
    here: Here<'_>,
    book: &BookNumber,
) -> Result<Vec<ApplicationKey>, StoreError> {
    applications(rows, &tables::BOOKS, &here.key.hash("book", book.as_str().as_bytes()))
}

/// Applications that have to do with a day.
pub(super) fn of_day(rows: &dyn Rows, day: NaiveDate) -> Result<Vec<ApplicationKey>, StoreError> {
    applications(rows, &tables::DAYS, &tables::day_key(day))
}

/// One line about an application.
pub(super) fn summary(rows: &dyn Rows, key: ApplicationKey) -> Result<Option<Summary>, StoreError> {
    tables::SUMMARIES.get(rows, &key.0)
}

/// What an act with an idempotency key came to when it was done first.
pub(super) fn first_answer(
    rows: &dyn Rows,
    here: Here<'_>,
    by: &Actor,
    once: &str,
) -> Result<Option<Acted>, StoreError> {
    if once.is_empty() {
        return Ok(None);
    }
    let who = project::who(by).0.unwrap_or_default();
    let rows = tables::ONCE.scan(rows, &tables::once_prefix(here.key, &who, once))?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut positions: Vec<Pos> =
        rows.iter().filter_map(|(key, row)| tables::once_position(key, row)).collect();
    positions.sort_unstable();
    let key = rows.iter().find_map(|(_, row)| row.key);
    let ticket = rows.iter().find_map(|(_, row)| row.ticket);
    Ok(Some(Acted { key, positions, repeated: true, ticket }))
}

/// The last serial drawn in a class on a day; 0 when none was.
fn last_serial(rows: &dyn Rows, day: NaiveDate, class: QueueClass) -> Result<u16, StoreError> {
    let last = tables::TICKETS.last_key(rows, &tables::class_prefix(day, class))?;
    Ok(last.as_deref().and_then(tables::ticket_serial).unwrap_or(0))
}

/// The next serial of a class on a day.
pub(super) fn next_serial(rows: &dyn Rows, day: NaiveDate, class: QueueClass) -> Result<u16, StoreError> {
    let next = last_serial(rows, day, class)?.saturating_add(1);
    Ok(skipped(rows, day)?.map_or(next, |(skipped, _)| next.max(skipped.from)))
}

/// From where numbers of a day go on, if some were left out, and since when.
pub(super) fn skipped(
    rows: &dyn Rows,
    day: NaiveDate,
) -> Result<Option<(TicketsSkipped, DateTime<Utc>)>, StoreError> {
    tables::SKIPPED.get(rows, &tables::day_key(day))
}

/// The highest serial that is known of a day, in any class, or below which none is given out any more.
pub(super) fn highest_serial(rows: &dyn Rows, day: NaiveDate) -> Result<u16, StoreError> {
    let tickets = tables::TICKETS.scan(rows, &tables::day_key(day))?;
    let drawn = tickets.iter().filter_map(|(key, _)| tables::ticket_serial(key)).max().unwrap_or(0);
    Ok(skipped(rows, day)?.map_or(drawn, |(skipped, _)| drawn.max(skipped.from)))
}

/// The queue of a day.
pub(super) fn queue(rows: &dyn Rows, day: NaiveDate) -> Result<Queue, StoreError> {
    let mut tickets = Vec::new();
    for (key, row) in tables::TICKETS.scan(rows, &tables::day_key(day))? {
        let application = tables::application_at_end(&key).ok_or(StoreError::Key { table: "tickets" })?;
        if let Some(ticket) = row.ticket.clone() {
            let TicketRow { number, slot, last_call, .. } = row;
            tickets.push(QueueTicket { ticket, key: application, number, slot, last_call });
        }
    }
    let mut counters = Vec::new();
    for (_, row) in tables::COUNTERS.scan(rows, &[])? {
        counters.extend(open_counter(row, &tickets));
    }
    counters.sort_by_key(|counter| counter.number);
    Ok(Queue { day, tickets, counters })
}

fn open_counter(row: CounterRow, tickets: &[QueueTicket]) -> Option<Counter> {
    let (opened_by, opening) = row.opened?;
    if row.closed.is_some_and(|closed| closed > opened_by) {
        return None;
    }
    let number = opening.opened.counter;
    let paused = row.paused.filter(|(paused_by, _, _)| *paused_by > opened_by);
    let ticket = tickets.iter().find(|ticket| ticket.ticket.state.counter() == Some(number));
    Some(Counter {
        number,
        classes: opening.opened.classes,
        login: opening.login,
        officer: opening.name,
        opened_at: opening.at,
        ticket: ticket.map(|ticket| ticket.ticket.number),
        paused: paused.map(|(_, paused, since)| Pause { since, reason: paused.reason }),
    })
}

/// An officer by login.
pub(super) fn officer(rows: &dyn Rows, here: Here<'_>, login: &str) -> Result<Option<Officer>, StoreError> {
    let row = tables::OFFICERS.get(rows, &here.key.hash("officer", login.as_bytes()))?;
    Ok(row.and_then(officer_of))
}

/// All officers by login.
pub(super) fn officers(rows: &dyn Rows) -> Result<Vec<Officer>, StoreError> {
    let rows = tables::OFFICERS.scan(rows, &[])?;
    let mut officers: Vec<Officer> = rows.into_iter().filter_map(|(_, row)| officer_of(row)).collect();
    officers.sort_by(|a, b| a.login.cmp(&b.login));
    Ok(officers)
}

fn officer_of(row: OfficerRow) -> Option<Officer> {
    let (order, set) = row.set?;
    let disabled = row.disabled.is_some_and(|disabled| disabled > order);
    Some(Officer {
        login: set.login,
        name: set.name,
        roles: set.roles,
        password_hash: set.password_hash,
        disabled,
    })
}

/// All devices by name.
pub(super) fn devices(rows: &dyn Rows) -> Result<Vec<Device>, StoreError> {
    let rows = tables::DEVICES.scan(rows, &[])?;
    let mut devices: Vec<Device> = rows.into_iter().filter_map(|(_, row)| device_of(row)).collect();
    devices.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(devices)
}

fn device_of(row: DeviceRow) -> Option<Device> {
    let (order, set, set_at) = row.set?;
    let revoked = row.revoked.is_some_and(|revoked| revoked > order);
    Some(Device { name: set.name, kind: set.kind, key_hash: set.key_hash, set_at, revoked })
}

/// The boards that are set up, by name.
pub(super) fn boards(rows: &dyn Rows) -> Result<Vec<BoardSet>, StoreError> {
    let rows = tables::BOARDS.scan(rows, &[])?;
    Ok(rows.into_iter().map(|(_, (_, set))| set).filter(|set| !set.removed).collect())
}

/// A board, if it is set up.
pub(super) fn board(rows: &dyn Rows, name: &str) -> Result<Option<BoardSet>, StoreError> {
    let row = tables::BOARDS.get(rows, name.as_bytes())?;
    Ok(row.map(|(_, set)| set).filter(|set| !set.removed))
}

/// The notices that have not been taken down, by board; some may be over.
pub(super) fn notices(rows: &dyn Rows) -> Result<Vec<NoticeShown>, StoreError> {
    let rows = tables::NOTICES.scan(rows, &[])?;
    Ok(rows.into_iter().map(|(_, (_, shown))| shown).filter(|shown| !shown.text.is_empty()).collect())
}

/// The settings that hold on a day.
pub(super) fn settings(rows: &dyn Rows, day: NaiveDate) -> Result<Settings, StoreError> {
    Ok(Settings::on(day, given_settings(rows)?.iter().map(|given| &given.set)))
}

/// Every value a setting was given, in the order of their names and days.
pub(super) fn given_settings(rows: &dyn Rows) -> Result<Vec<GivenSetting>, StoreError> {
    let rows = tables::SETTINGS.scan(rows, &[])?.into_iter();
    Ok(rows.map(|(_, row)| GivenSetting { set: row.set, by: row.by, at: row.at }).collect())
}
