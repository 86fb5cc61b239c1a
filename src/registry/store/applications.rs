//! The derived row of each application: what lists and look-ups need. Names lie sealed in its summary; number and NIK
//! are found through keyed hashes.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::erasures;
use super::error::StoreError;
use super::slots::{self, Room};
use super::writing::Writing;
use super::{Store, bills, blobs, journal, mails, payments, rows};
use crate::domain::application::{Application, ApplicationKey};
use crate::domain::booking::Slot;
use crate::domain::conflict::Conflict;
use crate::domain::erasure::{self, Remains};
use crate::domain::number::ApplicationNumber;
use crate::domain::office::{OfficeCode, Zone};
use crate::domain::person::Nik;
use crate::domain::service::Service;
use crate::domain::status::Status;
use crate::domain::view::View;

/// What a list shows of an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Its key.
    pub key: ApplicationKey,
    /// Its number, once booked.
    pub number: Option<ApplicationNumber>,
    /// The applicant's name.
    pub name: String,
    /// Where.
    pub office: Option<OfficeCode>,
    /// When.
    pub slot: Option<Slot>,
    /// What for.
    pub service: Option<Service>,
    /// Where it stands, see [`status_name`].
    pub status: String,
    /// Where two truths meet.
    pub conflicts: Vec<Conflict>,
}

/// Records about applications, those of kinds that this version does not know included; see `fact::matter`.
pub(super) const ABOUT_APPLICATIONS: &str =
    "kind > 0 AND kind <> 12 AND NOT (kind BETWEEN 20 AND 30) AND NOT (kind BETWEEN 200 AND 299)";

/// The calendar that retention counts by.
const HEADQUARTERS_ZONE: Zone = Zone::Wib;

const STATUSES: &[(Status, &str)] = &[
    (Status::AwaitingPayment, "awaiting-payment"),
    (Status::Expired, "expired"),
    (Status::Cancelled, "cancelled"),
    (Status::Expected, "expected"),
    (Status::Arrived, "arrived"),
    (Status::Waiting, "waiting"),
    (Status::Serving, "serving"),
    (Status::Held, "held"),
    (Status::Captured, "captured"),
    (Status::AwaitingReview, "awaiting-review"),
    (Status::AwaitingDecision, "awaiting-decision"),
    (Status::Approved, "approved"),
    (Status::Refused, "refused"),
    (Status::BookAllocated, "book-allocated"),
    (Status::BookPrinted, "book-printed"),
    (Status::BookPassed, "book-passed"),
    (Status::Ready, "ready"),
    (Status::HandedOver, "handed-over"),
    (Status::Erased, "erased"),
];

/// A status as tables and the API name it.
pub fn status_name(status: Status) -> &'static str {
    STATUSES.iter().find(|(each, _)| *each == status).map_or("unknown", |(_, name)| name)
}

impl Summary {
    /// The status behind [`Summary::status`]; `None` when nothing is booked yet.
    pub fn status(&self) -> Option<Status> {
        STATUSES.iter().find(|(_, name)| *name == self.status).map(|(status, _)| *status)
    }

    /// What lists show of a view.
    pub fn of(view: &View) -> Self {
        let booking = view.booking.as_ref();
        if let Some(erased) = &view.erased {
            let Remains { number, office, service, .. } = erased.what.remains.clone();
            return Self {
                key: view.key,
                number: Some(number),
                name: String::new(),
                office: Some(office),
                slot: None,
                service: Some(service),
                status: status_name(Status::Erased).to_owned(),
                conflicts: Vec::new(),
            };
        }
        Self {
            key: view.key,
            number: booking.map(|booking| booking.number.clone()),
            name: booking.map(|booking| booking.applicant.name.clone()).unwrap_or_default(),
            office: booking.map(|booking| booking.office.clone()),
            slot: view.slot,
            service: booking.map(|booking| booking.service),
            status: booking.map_or("unknown", |_| status_name(view.status)).to_owned(),
            conflicts: view.conflicts.clone(),
        }
    }
}

/// How a conflict stands in the table: 2 where somebody has to act at once, 1 where truths differ. Of an application
/// that is over only what is urgent is still worth a line.
fn conflict_of(view: &View) -> i64 {
    let over =
        matches!(view.status, Status::HandedOver | Status::Cancelled | Status::Expired | Status::Refused);
    if view.conflicts.iter().any(Conflict::is_urgent) {
        2
    } else {
        i64::from(!over && !view.conflicts.is_empty())
    }
}

impl Writing {
    /// Brings everything derived from an application up to date and moves its place in the quotas. `strict` stops at a
    /// full interval; the act must then be given up.
    pub async fn refresh(&mut self, key: ApplicationKey, strict: bool) -> Result<Room, StoreError> {
        journal::lock(&mut self.tx, key).await?;
        // Asked under the lock: another process may have erased the person while this one took records about them.
        erasures::strip_late(&mut self.tx, journal::subject_of(key)).await?;
        self.tell_of_erasure(journal::subject_of(key)).await?;
        let application = journal::application(&mut self.tx, self.store.reading(), key).await?;
        let held = slots::held_by(&application).map(|key| key.id()).transpose()?;
        let row = sqlx::query("SELECT held FROM applications WHERE key = $1")
            .bind(key.0.to_vec())
            .fetch_one(self.db())
            .await?;
        let old: Option<String> = row.try_get("held")?;
        if slots::shift(self.db(), old.as_deref(), held.as_deref(), strict).await? == Room::Full {
            return Ok(Room::Full);
        }
        let view = application.view();
        self.put_row(&view, held).await?;
        let (now, storage) = (self.now(), self.store.inner.storage_key.clone());
        bills::derive(self.db(), &application).await?;
        payments::derive(self.db(), &storage, &application, now).await?;
        mails::derive(self.db(), &view, now).await?;
        blobs::derive(self.db(), &application).await?;
        Ok(Room::Enough)
    }

    async fn put_row(&mut self, view: &View, held: Option<String>) -> Result<(), StoreError> {
        let store = self.store.clone();
        let summary = Summary::of(view);
        let sealed = store.inner.storage_key.seal(&context(view.key), &serde_json::to_vec(&summary)?);
        let mut number = summary.number.as_ref().map(|number| store.number_hash(number));
        if let Some(walk_in) = &view.walk_in {
            let booking = &walk_in.what.booking;
            if !self.may_bear(view.key, &booking.office, &booking.number).await? {
                tracing::error!(office = %booking.office, "A walk-in has a number that is not its office's to give");
                number = None;
            }
        }
        let nik = view.booking.as_ref().map(|booking| store.nik_hash(&booking.applicant.nik));
        sqlx::query(
            "UPDATE applications SET number_hash = $1, nik_hash = $2, office = $3, slot_day = $4, status = $5, \
             awaits_decision = $6, held = $7, changed_at_ms = $8, summary = $9, conflict = $10, closed_on = $11, \
             waiting = $12 WHERE key = $13",
        )
        .bind(number)
        .bind(nik)
        .bind(summary.office.as_ref().map(|office| office.as_str().to_owned()))
        .bind(summary.slot.map(|slot| slot.day.to_string()))
        .bind(summary.status.clone())
        .bind(i64::from(view.status == Status::AwaitingDecision && view.booking.is_some()))
        .bind(held)
        .bind(self.now().timestamp_millis())
        .bind(sealed)
        .bind(conflict_of(view))
        .bind(erasure::closed_on(view, HEADQUARTERS_ZONE).map(|day| day.to_string()))
        .bind(i64::try_from(view.parked.len()).unwrap_or(i64::MAX))
        .bind(view.key.0.to_vec())
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Whether a number is free.
    pub async fn is_free(&mut self, number: &ApplicationNumber) -> Result<bool, StoreError> {
        let hash = self.store.number_hash(number);
        let row = sqlx::query("SELECT key FROM applications WHERE number_hash = $1")
            .bind(hash)
            .fetch_optional(self.db())
            .await?;
        Ok(row.is_none())
    }

    /// The application that a request with this key was answered with before.
    pub async fn answered(&mut self, once: &str) -> Result<Option<ApplicationKey>, StoreError> {
        let hash = self.store.look_up_hash("once", once);
        let row = sqlx::query("SELECT application FROM answered_once WHERE once_hash = $1")
            .bind(hash)
            .fetch_optional(self.db())
            .await?;
        row.map(|row| key_in(&row, "application", "answered_once")).transpose()
    }

    /// Remembers what a request with this key was answered with.
    pub async fn remember_answer(&mut self, once: &str, key: ApplicationKey) -> Result<(), StoreError> {
        let hash = self.store.look_up_hash("once", once);
        sqlx::query("INSERT INTO answered_once (once_hash, application) VALUES ($1, $2)")
            .bind(hash)
            .bind(key.0.to_vec())
            .execute(self.db())
            .await?;
        Ok(())
    }
}

impl Store {
    fn number_hash(&self, number: &ApplicationNumber) -> Vec<u8> {
        self.look_up_hash("number", number.as_str())
    }

    fn nik_hash(&self, nik: &Nik) -> Vec<u8> {
        self.look_up_hash("nik", nik.as_str())
    }

    /// An application with all its facts; empty when nothing is known of it.
    pub async fn application(&self, key: ApplicationKey) -> Result<Application, StoreError> {
        let mut db = self.inner.pool.acquire().await?;
        journal::application(&mut db, self.reading(), key).await
    }

    /// The application of a number.
    pub async fn by_number(&self, number: &ApplicationNumber) -> Result<Option<ApplicationKey>, StoreError> {
        let row = sqlx::query("SELECT key FROM applications WHERE number_hash = $1")
            .bind(self.number_hash(number))
            .fetch_optional(&self.inner.pool)
            .await?;
        row.map(|row| key_in(&row, "key", "applications")).transpose()
    }

    /// The list line of an application.
    pub async fn summary_of(&self, key: ApplicationKey) -> Result<Option<Summary>, StoreError> {
        let row = sqlx::query("SELECT key, summary FROM applications WHERE key = $1")
            .bind(key.0.to_vec())
            .fetch_optional(&self.inner.pool)
            .await?;
        row.map(|row| self.summary(&row)).transpose()
    }

    /// The applications of a person, the latest first.
    pub async fn by_nik(&self, nik: &Nik) -> Result<Vec<Summary>, StoreError> {
        let rows = sqlx::query(
            "SELECT key, summary FROM applications WHERE nik_hash = $1 ORDER BY changed_at_ms DESC LIMIT 50",
        )
        .bind(self.nik_hash(nik))
        .fetch_all(&self.inner.pool)
        .await?;
        rows.iter().map(|row| self.summary(row)).collect()
    }

    /// The bookings of an office's day in the order of their intervals.
    pub async fn day(&self, office: &OfficeCode, day: NaiveDate) -> Result<Vec<Summary>, StoreError> {
        let rows = sqlx::query("SELECT key, summary FROM applications WHERE office = $1 AND slot_day = $2")
            .bind(office.as_str().to_owned())
            .bind(day.to_string())
            .fetch_all(&self.inner.pool)
            .await?;
        let mut list: Vec<Summary> = rows.iter().map(|row| self.summary(row)).collect::<Result<_, _>>()?;
        list.sort_by(|a, b| (a.slot, &a.number).cmp(&(b.slot, &b.number)));
        Ok(list)
    }

    /// Applications that wait for headquarters, the oldest first.
    pub async fn awaiting_decision(&self, limit: u32) -> Result<Vec<Summary>, StoreError> {
        let rows = sqlx::query(
            "SELECT key, summary FROM applications WHERE awaits_decision = 1 ORDER BY changed_at_ms, key LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.inner.pool)
        .await?;
        rows.iter().map(|row| self.summary(row)).collect()
    }

    /// Applications about which two truths meet: urgent ones first, then the oldest.
    pub async fn in_conflict(&self, limit: u32) -> Result<Vec<Summary>, StoreError> {
        let rows = sqlx::query(
            "SELECT key, summary FROM applications WHERE conflict > 0 \
             ORDER BY conflict DESC, changed_at_ms, key LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.inner.pool)
        .await?;
        rows.iter().map(|row| self.summary(row)).collect()
    }

    /// Applications of which facts wait: for a newer program, or for a key; the oldest first.
    pub async fn waiting(&self, limit: u32) -> Result<Vec<Summary>, StoreError> {
        let rows = sqlx::query(
            "SELECT key, summary FROM applications WHERE waiting > 0 ORDER BY changed_at_ms, key LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.inner.pool)
        .await?;
        rows.iter().map(|row| self.summary(row)).collect()
    }

    /// How many applications wait for headquarters, and since when the oldest does.
    pub async fn awaiting_count(&self) -> Result<(u64, Option<DateTime<Utc>>), StoreError> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS number, MIN(changed_at_ms) AS oldest FROM applications WHERE awaits_decision = 1",
        )
        .fetch_one(&self.inner.pool)
        .await?;
        let oldest: Option<i64> = row.try_get("oldest")?;
        let oldest = oldest.map(|ms| rows::instant("applications", ms)).transpose()?;
        Ok((rows::unsigned("applications", row.try_get("number")?)?, oldest))
    }

    pub(super) fn summary(&self, row: &AnyRow) -> Result<Summary, StoreError> {
        let key = key_in(row, "key", "applications")?;
        let sealed: Vec<u8> = row.try_get("summary")?;
        let plain = self.inner.storage_key.open(&context(key), &sealed);
        let plain = plain.map_err(|error| StoreError::damaged("applications", error))?;
        Ok(serde_json::from_slice(&plain)?)
    }
}

fn context(key: ApplicationKey) -> Vec<u8> {
    [b"applications ".as_slice(), &key.0].concat()
}

/// The application that is found under a number.
pub(super) async fn bearer(
    store: &Store,
    db: &mut AnyConnection,
    number: &ApplicationNumber,
) -> Result<Option<ApplicationKey>, StoreError> {
    let row = sqlx::query("SELECT key FROM applications WHERE number_hash = $1")
        .bind(store.number_hash(number))
        .fetch_optional(db)
        .await?;
    row.map(|row| key_in(&row, "key", "applications")).transpose()
}

/// An application's key in a column.
pub(super) fn key_in(row: &AnyRow, column: &str, table: &'static str) -> Result<ApplicationKey, StoreError> {
    let bytes: Vec<u8> = row.try_get(column)?;
    rows::fixed(table, &bytes).map(ApplicationKey)
}

/// Keys of all applications any record speaks of.
pub(super) async fn all_keys(db: &mut AnyConnection) -> Result<Vec<ApplicationKey>, StoreError> {
    let sql = format!("SELECT DISTINCT subject FROM records WHERE {ABOUT_APPLICATIONS}");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(db).await?;
    rows.iter().map(|row| key_in(row, "subject", "records")).collect()
}
