//! The tables, each with its letter, its key and its value. Identifying keys (numbers, NIK, logins) are keyed hashes;
//! values are JSON, so that a field can be added with a default, but where rows are many.

use std::marker::PhantomData;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use loket_sync::{Have, Pos, SessionId, StorageKey, StreamId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::digest::Digest;
use super::queue::LastCall;
use super::rows::{Changes, Rows};
use super::sessions::{SessionRow, TriesRow};
use super::summary::Summary;
use super::tree::{ROW_BYTES_MAX, Tree};
use crate::domain::actor::Actor;
use crate::domain::application::{ApplicationKey, Order};
use crate::domain::backup::BackupMade;
use crate::domain::board::{BoardSet, NoticeShown};
use crate::domain::booking::Slot;
use crate::domain::damage::MissingRecords;
use crate::domain::desk::{CounterOpened, CounterPaused};
use crate::domain::key_protection::KeyProtectionChanged;
use crate::domain::number::ApplicationNumber;
use crate::domain::officer::{DeviceSet, OfficerSet};
use crate::domain::setting::SettingSet;
use crate::domain::ticket::{QueueClass, Ticket, TicketNumber, TicketsSkipped};

/// What sealing adds to a row, at most.
const SEALING_BYTES_MAX: usize = 128;

/// One table: asking the wrong one does not compile, because its values have another type.
pub(super) struct Table<V> {
    letter: u8,
    name: &'static str,
    /// Its values are in binary and not in JSON.
    is_packed: bool,
    value: PhantomData<fn() -> V>,
}

impl<V: Serialize + DeserializeOwned> Table<V> {
    pub(super) const fn new(letter: u8, name: &'static str) -> Self {
        Self { letter, name, is_packed: false, value: PhantomData }
    }

    /// For tables of which every fact has a row: a third of the bytes. A changed field is another [`VERSION`].
    const fn packed(letter: u8, name: &'static str) -> Self {
        Self { letter, name, is_packed: true, value: PhantomData }
    }

    /// Reads a row.
    pub(super) fn get(&self, rows: &dyn Rows, key: &[u8]) -> Result<Option<V>, StoreError> {
        rows.get(&self.key(key))?.map(|value| self.read(&value)).transpose()
    }

    /// Whether there is a row, be it readable or sealed with a key that is gone.
    pub(super) fn is_there(&self, tree: &Tree, key: &[u8]) -> Result<bool, StoreError> {
        tree.is_there(&self.key(key))
    }

    /// Reads all rows whose key starts so; keys come without the table's letter.
    pub(super) fn scan(&self, rows: &dyn Rows, prefix: &[u8]) -> Result<Vec<(Vec<u8>, V)>, StoreError> {
        let rows = rows.scan(&self.key(prefix))?.into_iter();
        rows.map(|(key, value)| Ok((key[1..].to_vec(), self.read(&value)?))).collect()
    }

    /// Shows every row, one after the other; keys come without the table's letter.
    pub(super) fn each(&self, tree: &Tree, mut see: impl FnMut(&[u8], V)) -> Result<(), StoreError> {
        let mut unread = None;
        tree.each(&self.key(&[]), |key, value| match self.read(value) {
            Ok(value) => see(&key[1..], value),
            Err(error) => drop(unread.get_or_insert(error)),
        })?;
        unread.map_or(Ok(()), Err)
    }

    /// The next rows after a key, about so many; keys without the table's letter.
    pub(super) fn page(
        &self,
        tree: &Tree,
        after: &[u8],
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, V)>, StoreError> {
        let rows = tree.page(&self.key(&[]), &self.key(after), limit)?.into_iter();
        rows.map(|(key, value)| Ok((key[1..].to_vec(), self.read(&value)?))).collect()
    }

    /// The key of the last row that starts so, without the table's letter.
    pub(super) fn last_key(&self, rows: &dyn Rows, prefix: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(rows.last(&self.key(prefix))?.map(|(key, _)| key[1..].to_vec()))
    }

    /// Writes a row.
    pub(super) fn put(&self, changes: &mut Changes<'_>, key: &[u8], value: &V) -> Result<(), StoreError> {
        let written = if self.is_packed {
            postcard::to_stdvec(value).map_err(serde::ser::Error::custom)
        } else {
            serde_json::to_vec(value)
        };
        let value = written.map_err(|source| StoreError::Row { table: self.name, source })?;
        // Refused here, before anything is durable: a row that cannot be applied after the commit stops everything.
        let bytes = value.len() + key.len() + SEALING_BYTES_MAX;
        if bytes >= ROW_BYTES_MAX {
            return Err(StoreError::RowTooLong { table: char::from(self.letter), bytes });
        }
        changes.put(self.key(key), value);
        Ok(())
    }

    /// Takes a row away.
    pub(super) fn remove(&self, changes: &mut Changes<'_>, key: &[u8]) {
        changes.remove(self.key(key));
    }

    /// Whether a whole row key belongs to this table.
    pub(super) fn holds(&self, row_key: &[u8]) -> bool {
        row_key.first() == Some(&self.letter)
    }

    /// Reads a value of this table.
    pub(super) fn read(&self, value: &[u8]) -> Result<V, StoreError> {
        let read = if self.is_packed {
            postcard::from_bytes(value).map_err(serde::de::Error::custom)
        } else {
            serde_json::from_slice(value)
        };
        read.map_err(|source| StoreError::Row { table: self.name, source })
    }

    fn key(&self, key: &[u8]) -> Vec<u8> {
        [&[self.letter], key].concat()
    }
}

/// Where a fact lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FactRow {
    /// The stream of its record.
    pub(super) stream: StreamId,
    /// Its kind.
    pub(super) kind: u16,
}

/// A ticket in the queue; nothing when the rules no longer count it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TicketRow {
    /// The ticket.
    pub(super) ticket: Option<Ticket>,
    /// The application's number.
    pub(super) number: Option<ApplicationNumber>,
    /// The slot in force.
    pub(super) slot: Option<Slot>,
    /// Its latest call.
    pub(super) last_call: Option<LastCall>,
}

/// An officer as set last, and when they were disabled.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct OfficerRow {
    /// The latest fact that set them.
    pub(super) set: Option<(Order, OfficerSet)>,
    /// The latest fact that disabled them.
    pub(super) disabled: Option<Order>,
}

/// A device as set last, and when its key was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct DeviceRow {
    /// The latest fact that gave it a key, and when.
    pub(super) set: Option<(Order, DeviceSet, DateTime<Utc>)>,
    /// The latest fact that took it back.
    pub(super) revoked: Option<Order>,
}

/// Who opened a counter, for what and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CounterOpening {
    /// What was opened.
    pub(super) opened: CounterOpened,
    /// Login of who did it, if an officer did.
    pub(super) login: Option<String>,
    /// Their name.
    pub(super) name: String,
    /// When.
    pub(super) at: DateTime<Utc>,
}

/// A counter as opened last and closed last.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct CounterRow {
    /// The latest opening.
    pub(super) opened: Option<(Order, CounterOpening)>,
    /// The latest closing.
    pub(super) closed: Option<Order>,
    /// The latest pause, and since when.
    pub(super) paused: Option<(Order, CounterPaused, DateTime<Utc>)>,
}

/// A setting's value from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SettingRow {
    /// The fact that set it.
    pub(super) order: Order,
    /// What it says.
    pub(super) set: SettingSet,
    /// Who set it.
    pub(super) by: Actor,
    /// When.
    pub(super) at: DateTime<Utc>,
}

/// A fact of an act that carried an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OnceRow {
    /// The stream it lies in.
    pub(super) stream: StreamId,
    /// The application it is about, if it is about one.
    pub(super) key: Option<ApplicationKey>,
    /// The ticket it drew or called.
    pub(super) ticket: Option<TicketNumber>,
}

/// A sealed file that a fact names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PictureRow {
    /// Whether this office took it, and headquarters is to get it.
    pub(super) own: bool,
    /// What travels first: 0 before 1.
    pub(super) class: u8,
}

/// A fact of this office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DoneRow {
    /// The stream it lies in.
    pub(super) stream: StreamId,
    /// What it is about.
    pub(super) subject: ApplicationKey,
}

/// What belongs to the whole of the tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MetaRow {
    /// What the rows look like; other versions are drawn anew.
    pub(super) version: u32,
    /// The digest of all counted rows.
    pub(super) digest: Digest,
}

// `X` stands in `stock.rs`.
/// `F`: facts by subject and position.
pub(super) const FACTS: Table<FactRow> = Table::packed(b'F', "facts");
/// `S`: one line per application.
pub(super) const SUMMARIES: Table<Summary> = Table::new(b'S', "summaries");
/// `I`: applications that are kept in memory; see `index.rs`.
pub(super) const KEPT: Table<()> = Table::new(b'I', "kept");
/// `N`: applications by number.
pub(super) const NUMBERS: Table<()> = Table::new(b'N', "numbers");
/// `K`: applications by NIK of applicant or guardian.
pub(super) const NIKS: Table<()> = Table::new(b'K', "niks");
/// `B`: applications by book.
pub(super) const BOOKS: Table<()> = Table::new(b'B', "books");
/// `T`: tickets by day, class and serial.
pub(super) const TICKETS: Table<TicketRow> = Table::new(b'T', "tickets");
/// `D`: applications by day.
pub(super) const DAYS: Table<()> = Table::new(b'D', "days");
/// `O`: officers.
pub(super) const OFFICERS: Table<OfficerRow> = Table::new(b'O', "officers");
/// `V`: devices.
pub(super) const DEVICES: Table<DeviceRow> = Table::new(b'V', "devices");
/// `C`: counters.
pub(super) const COUNTERS: Table<CounterRow> = Table::new(b'C', "counters");
/// `G`: settings by name and first day.
pub(super) const SETTINGS: Table<SettingRow> = Table::new(b'G', "settings");
/// `W`: acts by their idempotency key.
pub(super) const ONCE: Table<OnceRow> = Table::packed(b'W', "once");
/// `P`: sealed files by hash and application.
pub(super) const PICTURES: Table<PictureRow> = Table::packed(b'P', "pictures");
/// `H`: what this office did, by day and time.
pub(super) const DONE: Table<DoneRow> = Table::packed(b'H', "done");
/// `E`: who was erased, by subject.
pub(super) const ERASED: Table<()> = Table::new(b'E', "erased");
/// `M`: acknowledged records that were missing when damage was mended, by the fact that says so.
pub(super) const MISSING: Table<Vec<MissingRecords>> = Table::new(b'M', "missing");
/// `R`: the highest revision of the office's own affairs.
pub(super) const OWN_REVISION: Table<u32> = Table::new(b'R', "own revision");
/// `Z`: the last backup that was made, by the time of its making.
pub(super) const LAST_BACKUP: Table<BackupMade> = Table::new(b'Z', "last backup");
/// `J`: from where ticket numbers of a day go on, and since when.
pub(super) const SKIPPED: Table<(TicketsSkipped, DateTime<Utc>)> = Table::new(b'J', "skipped");
/// `Q`: boards of the hall by name.
pub(super) const BOARDS: Table<(Order, BoardSet)> = Table::new(b'Q', "boards");
/// `U`: notices by board.
pub(super) const NOTICES: Table<(Order, NoticeShown)> = Table::new(b'U', "notices");
/// `L`: blocks of numbers left behind, by their first.
pub(super) const BLOCKS_LEFT: Table<()> = Table::new(b'L', "blocks left");
/// `a`: how far each journal has been applied.
pub(super) const APPLIED: Table<Have> = Table::new(b'a', "applied");
/// `p`: how far headquarters said it has each journal.
pub(super) const PEER: Table<Have> = Table::new(b'p', "peer");
/// `x`: own pictures that headquarters has.
pub(super) const PICTURES_SENT: Table<()> = Table::new(b'x', "pictures sent");
/// `y`: pictures of headquarters that have arrived.
pub(super) const PICTURES_HERE: Table<()> = Table::new(b'y', "pictures here");
/// `h`: when an exchange with headquarters last went through.
pub(super) const EXCHANGED: Table<DateTime<Utc>> = Table::new(b'h', "exchanged");
/// `l`: who is signed in.
pub(super) const SESSIONS: Table<SessionRow> = Table::new(b'l', "sessions");
/// `k`: wrong passwords.
pub(super) const TRIES: Table<TriesRow> = Table::new(b'k', "tries");
/// `m`: one row about the whole.
pub(super) const META: Table<MetaRow> = Table::new(b'm', "meta");
/// `Y`: how the node's key was last protected, and since when.
pub(super) const KEY_PROTECTION: Table<(Order, KeyProtectionChanged, DateTime<Utc>)> =
    Table::new(b'Y', "key protection");
/// What rows look like. Raise it whenever a projection or a row changes: older tables are then drawn anew.
pub(super) const VERSION: u32 = 12;

/// Key of a journal's session.
pub(super) fn session_key(have: &Have) -> Vec<u8> {
    [have.stream.as_str().as_bytes(), &[0], have.session.as_bytes()].concat()
}

/// Key of a fact: its subject and its position. Its revision lies in the sealed body, whose key may come later.
pub(super) fn fact_key(subject: &[u8; 16], pos: &Pos) -> Vec<u8> {
    [subject.as_slice(), pos.session.as_bytes(), &pos.seq.to_be_bytes()].concat()
}

/// Where the record of a fact lies, from its row.
pub(super) fn fact_position(key: &[u8], row: &FactRow) -> Option<Pos> {
    let session: [u8; 16] = key.get(16..32)?.try_into().ok()?;
    let seq = u64::from_be_bytes(key.get(32..40)?.try_into().ok()?);
    Some(Pos { stream: row.stream, session: SessionId(session), seq })
}

/// Key of a fact of this office: the order of keys is the order of time.
pub(super) fn done_key(day: NaiveDate, at_ms: i64, pos: &Pos) -> Vec<u8> {
    let at = at_ms.max(0).to_be_bytes();
    [&day_key(day)[..], &at, pos.session.as_bytes(), &pos.seq.to_be_bytes()].concat()
}

/// Where such a fact lies, from its row.
pub(super) fn done_position(key: &[u8], row: &DoneRow) -> Option<Pos> {
    let session: [u8; 16] = key.get(12..28)?.try_into().ok()?;
    let seq = u64::from_be_bytes(key.get(28..36)?.try_into().ok()?);
    Some(Pos { stream: row.stream, session: SessionId(session), seq })
}

/// Key of an act by its idempotency key: all its facts lie under [`once_prefix`].
pub(super) fn once_key(prefix: &[u8; 32], pos: &Pos) -> Vec<u8> {
    [prefix.as_slice(), pos.session.as_bytes(), &pos.seq.to_be_bytes()].concat()
}

/// Where an act's fact lies, from its row.
pub(super) fn once_position(key: &[u8], row: &OnceRow) -> Option<Pos> {
    let session: [u8; 16] = key.get(32..48)?.try_into().ok()?;
    let seq = u64::from_be_bytes(key.get(48..56)?.try_into().ok()?);
    Some(Pos { stream: row.stream, session: SessionId(session), seq })
}

/// What acts with this idempotency key of this person lie under.
pub(super) fn once_prefix(key: &StorageKey, who: &str, once: &str) -> [u8; 32] {
    key.hash("once", format!("{who}\0{once}").as_bytes())
}

/// A day in the order of days.
pub(super) fn day_key(day: NaiveDate) -> [u8; 4] {
    // Days of the common era are positive, and stay so for as long as passports are issued.
    day.num_days_from_ce().to_be_bytes()
}

/// Prefix of the tickets of a class on a day.
pub(super) fn class_prefix(day: NaiveDate, class: QueueClass) -> [u8; 5] {
    let [a, b, c, d] = day_key(day);
    let letter = u8::try_from(class.letter()).unwrap_or(b'?');
    [a, b, c, d, letter]
}

/// Key of a ticket.
pub(super) fn ticket_key(number: &TicketNumber, application: ApplicationKey) -> Vec<u8> {
    let class = class_prefix(number.day, number.class);
    [class.as_slice(), &number.serial.to_be_bytes(), &application.0].concat()
}

/// The serial in a ticket's key.
pub(super) fn ticket_serial(key: &[u8]) -> Option<u16> {
    key.get(5..7)?.try_into().ok().map(u16::from_be_bytes)
}

/// The application at the end of a key.
pub(super) fn application_at_end(key: &[u8]) -> Option<ApplicationKey> {
    key.last_chunk::<16>().map(|bytes| ApplicationKey(*bytes))
}

/// Notes how far a journal has been applied.
pub(super) fn put_applied(changes: &mut Changes<'_>, have: &Have) -> Result<(), StoreError> {
    APPLIED.put(changes, &session_key(have), have)
}
