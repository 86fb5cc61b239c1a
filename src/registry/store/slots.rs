//! Quotas: how many applicants an office takes per interval, product and channel. `taken` never passes `quota` by an
//! act of the registry, however many ask at once: the database itself compares and counts in one statement.

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::Store;
use super::error::StoreError;
use super::rows;
use super::writing::Writing;
use crate::domain::actor::Actor;
use crate::domain::application::{Application, Author, Entry, Order};
use crate::domain::booking::Slot;
use crate::domain::erasure::Remains;
use crate::domain::fact::Fact;
use crate::domain::office::OfficeCode;
use crate::domain::payment::Payment;
use crate::domain::service::{Channel, Product, Service};

/// What a quota is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaKey {
    /// Where.
    pub office: OfficeCode,
    /// When.
    pub slot: Slot,
    /// Which book.
    pub product: Product,
    /// By which channel.
    pub channel: Channel,
}

impl QuotaKey {
    /// The key as it stands in the tables.
    pub(super) fn id(&self) -> Result<String, StoreError> {
        let Self { office, slot: Slot { day, from, until }, product, channel } = self;
        let (from, until) = (from.format("%H%M"), until.format("%H%M"));
        let (product, channel) = (rows::text_of(product)?, rows::text_of(channel)?);
        Ok(format!("{office} {day} {from}-{until} {product} {channel}"))
    }
}

/// A quota and how much of it is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// First and last minute and the day.
    pub slot: Slot,
    /// Which book.
    pub product: Product,
    /// By which channel.
    pub channel: Channel,
    /// How many in all.
    pub quota: u32,
    /// How many are taken.
    #[serde(default)]
    pub taken: u32,
}

/// Whether an act found room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Room {
    /// It did, or needed none.
    Enough,
    /// The interval is full, or there is no such interval.
    Full,
}

/// The place an application holds, from its facts alone: a booking takes one; running out or cancelling gives it back;
/// a new date takes another one. A late payment holds nothing by itself: only a new date, be it the old one, does.
pub(super) fn held_by(application: &Application) -> Option<QuotaKey> {
    let mut held = None;
    let mut service = None;
    let mut payment = Payment::None;
    for entry in application.by_author(&Author::Registry) {
        payment.join(&entry.fact);
        match &entry.fact {
            Fact::Booked(booked) => {
                service = Some((booked.office.clone(), booked.service));
                held = Some(booked.slot);
            }
            Fact::Rescheduled(rescheduled) => held = Some(rescheduled.slot),
            // What was paid twice is given back once; the place stays.
            Fact::BillExpired(_) | Fact::Refunded(_) if matches!(payment, Payment::Paid { .. }) => {}
            Fact::BillExpired(_) | Fact::BookingCancelled(_) | Fact::Refunded(_) => held = None,
            // The place that was used stays used.
            Fact::PersonErased(erased) => {
                let Remains { office, service, slot, .. } = &erased.remains;
                let Service { product, channel, .. } = *service;
                return slot.map(|slot| QuotaKey { office: office.clone(), slot, product, channel });
            }
            _ => {}
        }
    }
    let (office, service) = service?;
    held.map(|slot| QuotaKey { office, slot, product: service.product, channel: service.channel })
}

/// Moves an application from the place it held to the one it holds now. `strict` acts stop at the quota; facts that
/// come back after a restore are counted in any case, for they have already happened.
pub(super) async fn shift(
    db: &mut AnyConnection,
    old: Option<&str>,
    new: Option<&str>,
    strict: bool,
) -> Result<Room, StoreError> {
    if old == new {
        return Ok(Room::Enough);
    }
    // Always in the same order, so that two acts that swap places cannot wait for each other.
    let mut steps: Vec<(&str, bool)> =
        old.map(|id| (id, false)).into_iter().chain(new.map(|id| (id, true))).collect();
    steps.sort_unstable();
    for (id, take) in steps {
        let sql = match (take, strict) {
            (false, _) => "UPDATE slots SET taken = taken - 1 WHERE id = $1 AND taken > 0",
            (true, true) => "UPDATE slots SET taken = taken + 1 WHERE id = $1 AND taken < quota",
            (true, false) => "UPDATE slots SET taken = taken + 1 WHERE id = $1",
        };
        let done = sqlx::query(sql).bind(id.to_owned()).execute(&mut *db).await?;
        if take && strict && done.rows_affected() == 0 {
            return Ok(Room::Full);
        }
    }
    Ok(Room::Enough)
}

impl Writing {
    /// Whether there is room, which stays true until this act ends.
    pub async fn room(&mut self, key: &QuotaKey) -> Result<Room, StoreError> {
        let done = sqlx::query("UPDATE slots SET taken = taken WHERE id = $1 AND taken < quota")
            .bind(key.id()?)
            .execute(self.db())
            .await?;
        Ok(if done.rows_affected() > 0 { Room::Enough } else { Room::Full })
    }

    /// Whether there is room for the place an application would hold after these facts. Asked before they are
    /// written, so that a full interval costs no session. Locks nothing, or two acts that swap places would wait for
    /// each other: whether the room is still there is seen when the place is taken.
    pub async fn room_after(
        &mut self,
        application: &Application,
        by: &Actor,
        facts: &[Fact],
    ) -> Result<Room, StoreError> {
        let (mut after, author) = (application.clone(), Author::Registry);
        for fact in facts {
            let rev = after.next_rev(&author);
            let order = Order { rev, session: [0; 16], seq: rev.into() };
            let (at, by, fact) = (self.now(), by.clone(), fact.clone());
            after.join(Entry { author: author.clone(), order, at, by, fact });
        }
        match held_by(&after) {
            Some(key) if held_by(application).as_ref() != Some(&key) => {
                let free = sqlx::query("SELECT id FROM slots WHERE id = $1 AND taken < quota");
                let row = free.bind(key.id()?).fetch_optional(self.db()).await?;
                Ok(if row.is_some() { Room::Enough } else { Room::Full })
            }
            _ => Ok(Room::Enough),
        }
    }

    /// Sets quotas. What is taken stays taken, even above a lowered quota.
    pub async fn set_quotas(&mut self, office: &OfficeCode, quotas: &[Quota]) -> Result<(), StoreError> {
        for quota in quotas {
            let Quota { slot, product, channel, .. } = *quota;
            let id = QuotaKey { office: office.clone(), slot, product, channel }.id()?;
            sqlx::query(
                "INSERT INTO slots (id, office, day, from_time, until_time, product, channel, quota, taken) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0) ON CONFLICT (id) DO UPDATE SET quota = excluded.quota",
            )
            .bind(id)
            .bind(office.as_str().to_owned())
            .bind(slot.day.to_string())
            .bind(slot.from.format("%H:%M:%S").to_string())
            .bind(slot.until.format("%H:%M:%S").to_string())
            .bind(rows::text_of(&product)?)
            .bind(rows::text_of(&channel)?)
            .bind(i64::from(quota.quota))
            .execute(self.db())
            .await?;
        }
        Ok(())
    }
}

impl Store {
    /// The quotas of an office from a day on, at most `days` days.
    pub async fn quotas(
        &self,
        office: &OfficeCode,
        from: NaiveDate,
        days: u32,
    ) -> Result<Vec<Quota>, StoreError> {
        let until = from.checked_add_days(chrono::Days::new(u64::from(days))).unwrap_or(NaiveDate::MAX);
        let rows = sqlx::query(
            "SELECT day, from_time, until_time, product, channel, quota, taken FROM slots \
             WHERE office = $1 AND day >= $2 AND day < $3 ORDER BY day, from_time, product, channel",
        )
        .bind(office.as_str().to_owned())
        .bind(from.to_string())
        .bind(until.to_string())
        .fetch_all(&self.inner.pool)
        .await?;
        rows.iter().map(quota).collect()
    }
}

fn quota(row: &AnyRow) -> Result<Quota, StoreError> {
    let text = |column: &str| -> Result<String, StoreError> { Ok(row.try_get(column)?) };
    let time = |column: &str| -> Result<NaiveTime, StoreError> { rows::parsed("slots", &text(column)?) };
    let count = |column: &str| -> Result<u32, StoreError> {
        let number: i64 = row.try_get(column)?;
        u32::try_from(number).map_err(|_| StoreError::damaged("slots", format_args!("count {number}")))
    };
    Ok(Quota {
        slot: Slot {
            day: rows::parsed("slots", &text("day")?)?,
            from: time("from_time")?,
            until: time("until_time")?,
        },
        product: rows::parsed("slots", &text("product")?)?,
        channel: rows::parsed("slots", &text("channel")?)?,
        quota: count("quota")?,
        taken: count("taken")?,
    })
}
