//! From facts to rows: pure, and the same whatever order facts come in, so that rebuilt tables have the same digest.
//!
//! Rows about an application are put and never taken away, because facts never are; only the note that it is kept in
//! memory goes when it is over, and when somebody was erased those go that hung on the person (`load.rs`). Rows about the office's own
//! affairs keep the order of the fact they come from, and the later one wins.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use loket_sync::{Pos, StorageKey, StreamId};

use super::queue::LastCall;
use super::registering::put_blocks_left;
use super::rows::Changes;
use super::summary::{self, Summary};
use super::tables::{self, CounterOpening, OnceRow, PictureRow, SettingRow, TicketRow};
use super::{StoreError, index, stock};
use crate::domain::actor::Actor;
use crate::domain::application::{Application, ApplicationKey, Author, Entry};
use crate::domain::capture::Finger;
use crate::domain::document::BlobRef;
use crate::domain::fact::{self, Fact, Matter};
use crate::domain::number::BookNumber;
use crate::domain::office::{Office, OfficeCode};
use crate::domain::ticket::{TicketAct, TicketNumber, TicketsSkipped};
use crate::domain::view::View;

/// What a projection needs to know besides facts: where it stands and how keys are hashed.
#[derive(Clone, Copy)]
pub(super) struct Here<'a> {
    /// This office.
    pub(super) office: &'a Office,
    /// Hashes identifying keys.
    pub(super) key: &'a StorageKey,
}

impl Here<'_> {
    /// The facts of this office.
    pub(super) fn author(&self) -> Author {
        Author::Office(self.office.code.clone())
    }
}

/// Who writes a stream; nothing for streams this version does not know.
pub(super) fn author_of(stream: &StreamId) -> Option<Author> {
    match stream.group() {
        "hq" => Some(Author::Registry),
        "office" => OfficeCode::parse(stream.name()).map(Author::Office),
        _ => None,
    }
}

/// Draws all rows of an application; nothing while none of its facts can be read.
pub(super) fn application(
    changes: &mut Changes<'_>,
    application: &Application,
    here: Here<'_>,
) -> Result<Option<Summary>, StoreError> {
    // An erasure is about the application it names, not about the subject it is told under.
    let is_about_applicants = |entry: &Entry| match &entry.fact {
        Fact::PersonErased(erased) => erased.application == application.key(),
        fact => fact::matter(fact.kind()) == Matter::Application,
    };
    if !application.entries().any(is_about_applicants) {
        return Ok(None);
    }
    let view = application.view();
    let summary = Summary::of(&view, &here.office.code);
    let key = application.key();
    tables::SUMMARIES.put(changes, &key.0, &summary)?;
    if index::is_kept(&summary) {
        tables::KEPT.put(changes, &key.0, &())?;
    } else {
        tables::KEPT.remove(changes, &key.0);
    }
    if let Some(erased) = &view.erased {
        // Whatever else is still here or still comes: only what remains is drawn.
        let number = here.key.hash("number", erased.what.remains.number.as_str().as_bytes());
        tables::NUMBERS.put(changes, &[&number[..], &key.0].concat(), &())?;
        if let Some(book) = &erased.what.remains.book {
            put_book(changes, book, key, here)?;
        }
        return Ok(Some(summary));
    }
    for entry in application.entries() {
        look_ups(changes, entry, application, &view, here)?;
    }
    Ok(Some(summary))
}

/// Whether facts of this kind are about the office's own affairs.
pub(super) fn is_own_affair(kind: u16) -> bool {
    fact::matter(kind) == Matter::OfficeAffairs
}

fn look_ups(
    changes: &mut Changes<'_>,
    entry: &Entry,
    application: &Application,
    view: &View,
    here: Here<'_>,
) -> Result<(), StoreError> {
    let key = application.key();
    let hashed =
        |context: &str, value: &str| [&here.key.hash(context, value.as_bytes())[..], &key.0].concat();
    let own = entry.author == here.author();
    match &entry.fact {
        Fact::Booked(booked) => {
            tables::NUMBERS.put(changes, &hashed("number", booked.number.as_str()), &())?;
            tables::NIKS.put(changes, &hashed("nik", booked.applicant.nik.as_str()), &())?;
            for guardian in &booked.guardians {
                tables::NIKS.put(changes, &hashed("nik", guardian.nik.as_str()), &())?;
            }
            put_day(changes, booked.slot.day, key)?;
        }
        Fact::RegisteredHere(registered) if registered.is_by(&entry.author) => {
            let booked = &registered.booking;
            tables::NUMBERS.put(changes, &hashed("number", booked.number.as_str()), &())?;
            tables::NIKS.put(changes, &hashed("nik", booked.applicant.nik.as_str()), &())?;
            for guardian in &booked.guardians {
                tables::NIKS.put(changes, &hashed("nik", guardian.nik.as_str()), &())?;
            }
            put_day(changes, booked.slot.day, key)?;
        }
        Fact::Rescheduled(moved) => put_day(changes, moved.slot.day, key)?,
        Fact::Arrived(_) | Fact::AdmittedOnEvidence(_) if own => {
            put_day(changes, here.office.zone.day(entry.at), key)?;
        }
        Fact::TicketIssued(issued) if own => put_ticket(changes, issued.number, application, view, here)?,
        Fact::BookAllocated(allocated) => put_book(changes, &allocated.book, key, here)?,
        // A book that a report named is scanned for the first time when it is stored or handed over.
        Fact::BookReady(ready) => put_book(changes, &ready.book, key, here)?,
        Fact::HandedOver(handed) => put_book(changes, &handed.book, key, here)?,
        Fact::BookChecked(checked) if checked.defect.is_some() => {
            stock::put_spoilt(changes, &checked.book, here)?;
        }
        _ => {}
    }
    for (picture, class) in pictures(&entry.fact) {
        put_picture(changes, picture, key, PictureRow { own, class })?;
    }
    Ok(())
}

fn put_day(changes: &mut Changes<'_>, day: chrono::NaiveDate, key: ApplicationKey) -> Result<(), StoreError> {
    tables::DAYS.put(changes, &[&tables::day_key(day)[..], &key.0].concat(), &())
}

fn put_ticket(
    changes: &mut Changes<'_>,
    number: TicketNumber,
    application: &Application,
    view: &View,
    here: Here<'_>,
) -> Result<(), StoreError> {
    let tickets = view.visits.get(&here.office.code).map(|visit| visit.tickets.as_slice());
    let ticket =
        tickets.unwrap_or_default().iter().find(|ticket| ticket.number == number).map(summary::short);
    let row = TicketRow {
        ticket,
        number: view.booking.as_ref().map(|booked| booked.number.clone()),
        slot: view.slot,
        last_call: last_call(number, application, here),
    };
    tables::TICKETS.put(changes, &tables::ticket_key(&number, application.key()), &row)
}

/// The latest call of a ticket that was not taken back, also when it is finished since. Calls taken back are counted
/// with the others, so that no two calls of a ticket have one number.
fn last_call(number: TicketNumber, application: &Application, here: Here<'_>) -> Option<LastCall> {
    let (mut last, mut before, mut times) = (None::<LastCall>, None, 0);
    for entry in application.by_author(&here.author()) {
        match &entry.fact {
            Fact::TicketCalled(called) if called.number == number => {
                times += 1;
                before = last;
                last = Some(LastCall { counter: called.counter, at: entry.at, times });
            }
            Fact::TicketRecalled(recalled) if recalled.number == number => {
                times += u16::from(last.is_some());
                last = last.map(|call| LastCall { at: entry.at, times, ..call });
            }
            Fact::TicketUndone(undone) if undone.number == number && undone.act == TicketAct::Call => {
                last = before;
            }
            _ => {}
        }
    }
    last
}

fn put_book(
    changes: &mut Changes<'_>,
    book: &BookNumber,
    key: ApplicationKey,
    here: Here<'_>,
) -> Result<(), StoreError> {
    let hashed = here.key.hash("book", book.as_str().as_bytes());
    tables::BOOKS.put(changes, &[&hashed[..], &key.0].concat(), &())
}

fn put_picture(
    changes: &mut Changes<'_>,
    picture: &BlobRef,
    key: ApplicationKey,
    row: PictureRow,
) -> Result<(), StoreError> {
    // A reference that is no hash names nothing that could be fetched; the page shows the picture as missing.
    let Ok(hash) = picture.hash.parse::<loket_sync::Hash>() else { return Ok(()) };
    tables::PICTURES.put(changes, &[&hash.0[..], &key.0].concat(), &row)
}

/// How many classes of pictures there are; see [`pictures`].
pub(super) const CLASSES: u8 = 3;

/// The sealed files a fact names, with what travels first: portrait, then fingers and signature, then documents.
fn pictures(fact: &Fact) -> Vec<(&BlobRef, u8)> {
    match fact {
        Fact::PortraitCaptured(portrait) => vec![(&portrait.picture, 0)],
        Fact::FingerCaptured(captured) => match &captured.finger {
            Finger::Taken { picture, .. } => vec![(picture, 1)],
            Finger::Excepted { .. } => Vec::new(),
        },
        Fact::SignatureCaptured(signature) => signature.picture.iter().map(|picture| (picture, 1)).collect(),
        Fact::Booked(booked) => {
            booked.documents.iter().filter_map(|document| Some((document.picture.as_ref()?, 2))).collect()
        }
        _ => Vec::new(),
    }
}

/// Draws the rows of a fact about the office's own affairs; other facts give none.
pub(super) fn own_affairs(
    changes: &mut Changes<'_>,
    entry: &Entry,
    here: Here<'_>,
) -> Result<(), StoreError> {
    if entry.author != here.author() {
        return Ok(());
    }
    let hashed = |context: &str, value: &str| here.key.hash(context, value.as_bytes());
    match &entry.fact {
        Fact::OfficerSet(set) => {
            let key = hashed("officer", &set.login);
            let mut row = tables::OFFICERS.get(changes, &key)?.unwrap_or_default();
            if row.set.as_ref().is_none_or(|(order, _)| *order <= entry.order) {
                row.set = Some((entry.order, set.clone()));
            }
            tables::OFFICERS.put(changes, &key, &row)?;
        }
        Fact::OfficerDisabled(disabled) => {
            let key = hashed("officer", &disabled.login);
            let mut row = tables::OFFICERS.get(changes, &key)?.unwrap_or_default();
            row.disabled = row.disabled.max(Some(entry.order));
            tables::OFFICERS.put(changes, &key, &row)?;
        }
        Fact::DeviceSet(set) => {
            let key = hashed("device", &set.name);
            let mut row = tables::DEVICES.get(changes, &key)?.unwrap_or_default();
            if row.set.as_ref().is_none_or(|(order, _, _)| *order <= entry.order) {
                row.set = Some((entry.order, set.clone(), entry.at));
            }
            tables::DEVICES.put(changes, &key, &row)?;
        }
        Fact::DamageMended(mended) if !mended.missing.is_empty() => {
            let at = [&entry.order.session[..], &entry.order.seq.to_be_bytes()].concat();
            tables::MISSING.put(changes, &at, &mended.missing)?;
        }
        Fact::DeviceRevoked(revoked) => {
            let key = hashed("device", &revoked.name);
            let mut row = tables::DEVICES.get(changes, &key)?.unwrap_or_default();
            row.revoked = row.revoked.max(Some(entry.order));
            tables::DEVICES.put(changes, &key, &row)?;
        }
        Fact::SettingSet(set) => put_setting(changes, entry, set)?,
        Fact::StockReceived(_) | Fact::StockCounted(_) => stock::project(changes, entry)?,
        Fact::BackupMade(made) => {
            let before = tables::LAST_BACKUP.get(changes, &[])?;
            // The time and then the size decide, so that any order of facts draws the same row.
            if before.is_none_or(|before| (before.at, before.bytes) <= (made.at, made.bytes)) {
                tables::LAST_BACKUP.put(changes, &[], made)?;
            }
        }
        Fact::NodeRestored(_) => {}
        Fact::TicketsSkipped(skipped) => {
            put_blocks_left(changes, skipped)?;
            let key = tables::day_key(skipped.day);
            // The furthest counts, then the first that said so, so that any order of facts draws the same row.
            let row = (TicketsSkipped { blocks_left: Vec::new(), ..skipped.clone() }, entry.at);
            let further = |(skipped, at): &(TicketsSkipped, _)| (skipped.from, Reverse(*at));
            let before = tables::SKIPPED.get(changes, &key)?;
            if before.is_none_or(|before| further(&before) < further(&row)) {
                tables::SKIPPED.put(changes, &key, &row)?;
            }
        }
        Fact::CounterOpened(_) | Fact::CounterClosed(_) | Fact::CounterPaused(_) => {
            put_counter(changes, entry)?;
        }
        Fact::BoardSet(set) => {
            let key = set.name.as_bytes();
            if tables::BOARDS.get(changes, key)?.is_none_or(|(order, _)| order <= entry.order) {
                tables::BOARDS.put(changes, key, &(entry.order, set.clone()))?;
            }
        }
        Fact::NoticeShown(shown) => {
            let key = shown.board.as_bytes();
            if tables::NOTICES.get(changes, key)?.is_none_or(|(order, _)| order <= entry.order) {
                tables::NOTICES.put(changes, key, &(entry.order, shown.clone()))?;
            }
        }
        Fact::KeyProtectionChanged(changed) => {
            let before = tables::KEY_PROTECTION.get(changes, &[])?;
            if before.is_none_or(|(order, _, _)| order <= entry.order) {
                let row = (entry.order, changed.clone(), entry.at);
                tables::KEY_PROTECTION.put(changes, &[], &row)?;
            }
        }
        _ => return Ok(()),
    }
    let highest = tables::OWN_REVISION.get(changes, &[])?.unwrap_or(0);
    tables::OWN_REVISION.put(changes, &[], &highest.max(entry.order.rev))
}

fn put_setting(
    changes: &mut Changes<'_>,
    entry: &Entry,
    set: &crate::domain::setting::SettingSet,
) -> Result<(), StoreError> {
    let key = [set.name.as_bytes(), &[0], &tables::day_key(set.valid_from)].concat();
    let before = tables::SETTINGS.get(changes, &key)?;
    if before.is_none_or(|row| row.order <= entry.order) {
        let row = SettingRow { order: entry.order, set: set.clone(), by: entry.by.clone(), at: entry.at };
        tables::SETTINGS.put(changes, &key, &row)?;
    }
    Ok(())
}

fn put_counter(changes: &mut Changes<'_>, entry: &Entry) -> Result<(), StoreError> {
    let number = match &entry.fact {
        Fact::CounterOpened(opened) => opened.counter,
        Fact::CounterClosed(closed) => closed.counter,
        Fact::CounterPaused(paused) => paused.counter,
        _ => return Ok(()),
    };
    let mut row = tables::COUNTERS.get(changes, &number.to_be_bytes())?.unwrap_or_default();
    match &entry.fact {
        Fact::CounterOpened(opened) => {
            if row.opened.as_ref().is_none_or(|(order, _)| *order <= entry.order) {
                let (login, name) = who(&entry.by);
                let opening = CounterOpening { opened: opened.clone(), login, name, at: entry.at };
                row.opened = Some((entry.order, opening));
            }
        }
        Fact::CounterPaused(paused) => {
            if row.paused.as_ref().is_none_or(|(order, _, _)| *order <= entry.order) {
                row.paused = Some((entry.order, paused.clone(), entry.at));
            }
        }
        _ => row.closed = row.closed.max(Some(entry.order)),
    }
    tables::COUNTERS.put(changes, &number.to_be_bytes(), &row)
}

/// Login and name of whoever did something.
pub(super) fn who(by: &Actor) -> (Option<String>, String) {
    match by {
        Actor::Officer { login, name } => (Some(login.clone()), name.clone()),
        Actor::Applicant | Actor::Bank | Actor::Node => (None, String::new()),
    }
}

/// Draws the row by which a repeated act finds its first answer.
pub(super) fn once(
    changes: &mut Changes<'_>,
    pos: &Pos,
    entry: &Entry,
    once: &str,
    key: ApplicationKey,
    here: Here<'_>,
) -> Result<(), StoreError> {
    if entry.author != here.author() {
        return Ok(());
    }
    let prefix = tables::once_prefix(here.key, &who(&entry.by).0.unwrap_or_default(), once);
    let ticket = match &entry.fact {
        Fact::TicketIssued(issued) => Some(issued.number),
        Fact::TicketCalled(called) => Some(called.number),
        _ => None,
    };
    let key = (!is_own_affair(entry.fact.kind())).then_some(key);
    let row = OnceRow { stream: pos.stream, key, ticket };
    tables::ONCE.put(changes, &tables::once_key(&prefix, pos), &row)
}

/// An instant from a record's header.
pub(super) fn at(at_ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at_ms).unwrap_or_default()
}
