//! Bills, derived from the facts: what can be paid, until when, and what became of it.

use chrono::{DateTime, Utc};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::applications::key_in;
use super::error::StoreError;
use super::writing::Writing;
use super::{Store, rows};
use crate::domain::application::{Application, ApplicationKey, Author};
use crate::domain::erasure::BillRemains;
use crate::domain::fact::Fact;
use crate::domain::number::BillingCode;
use crate::domain::payment::Billed;

/// What became of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillState {
    /// Waits for its payment.
    Due,
    /// Ran out.
    Expired,
    /// Paid, in time or late.
    Paid,
}

impl BillState {
    fn name(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Expired => "expired",
            Self::Paid => "paid",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        let all = [Self::Due, Self::Expired, Self::Paid];
        let found = all.into_iter().find(|state| state.name() == text);
        found.ok_or_else(|| StoreError::damaged("bills", format_args!("state {text}")))
    }
}

/// A bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// Its code.
    pub code: BillingCode,
    /// Whose.
    pub application: ApplicationKey,
    /// The sum in rupiah.
    pub amount_idr: u64,
    /// Until when it can be paid.
    pub due_at: DateTime<Utc>,
    /// What became of it.
    pub state: BillState,
}

/// Writes the rows of an application's bills.
pub(super) async fn derive(db: &mut AnyConnection, application: &Application) -> Result<(), StoreError> {
    let facts: Vec<&Fact> = application.by_author(&Author::Registry).map(|entry| &entry.fact).collect();
    for fact in &facts {
        let Fact::Billed(billed) = fact else { continue };
        let is = |each: &&&Fact| match each {
            Fact::Paid(paid) => paid.code == billed.code,
            Fact::BillExpired(expired) => expired.code == billed.code,
            _ => false,
        };
        let later: Vec<&&Fact> = facts.iter().filter(is).collect();
        let state = if later.iter().any(|fact| matches!(fact, Fact::Paid(_))) {
            BillState::Paid
        } else if later.is_empty() {
            BillState::Due
        } else {
            BillState::Expired
        };
        let Billed { code, amount_idr, due_at, .. } = billed.clone();
        put(db, &Bill { code, application: application.key(), amount_idr, due_at, state }).await?;
    }
    if let Some(Fact::PersonErased(erased)) = facts.iter().find(|fact| matches!(fact, Fact::PersonErased(_)))
    {
        for bill in &erased.remains.bills {
            let paid = erased.remains.payments.iter().any(|paid| paid.code == bill.code);
            // One that was still due when the case was closed is paid by nobody any more.
            let state = if paid { BillState::Paid } else { BillState::Expired };
            let BillRemains { code, amount_idr, due_at, .. } = bill.clone();
            put(db, &Bill { code, application: application.key(), amount_idr, due_at, state }).await?;
        }
    }
    Ok(())
}

async fn put(db: &mut AnyConnection, bill: &Bill) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO bills (code, application, amount_idr, due_at_ms, state) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (code) DO UPDATE SET state = excluded.state",
    )
    .bind(bill.code.as_str().to_owned())
    .bind(bill.application.0.to_vec())
    .bind(rows::signed(bill.amount_idr))
    .bind(bill.due_at.timestamp_millis())
    .bind(bill.state.name())
    .execute(db)
    .await?;
    Ok(())
}

fn bill(row: &AnyRow) -> Result<Bill, StoreError> {
    let (code, state): (String, String) = (row.try_get("code")?, row.try_get("state")?);
    Ok(Bill {
        code: rows::parsed("bills", &code)?,
        application: key_in(row, "application", "bills")?,
        amount_idr: rows::unsigned("bills", row.try_get("amount_idr")?)?,
        due_at: rows::instant("bills", row.try_get("due_at_ms")?)?,
        state: BillState::parse(&state)?,
    })
}

impl Writing {
    /// The bill of a code.
    pub async fn bill(&mut self, code: &BillingCode) -> Result<Option<Bill>, StoreError> {
        let row =
            sqlx::query("SELECT code, application, amount_idr, due_at_ms, state FROM bills WHERE code = $1")
                .bind(code.as_str().to_owned())
                .fetch_optional(self.db())
                .await?;
        row.as_ref().map(bill).transpose()
    }
}

impl Store {
    /// Bills that ran out before `now` and are not yet marked so, the oldest first.
    pub async fn overdue(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<Bill>, StoreError> {
        let rows = sqlx::query(
            "SELECT code, application, amount_idr, due_at_ms, state FROM bills \
             WHERE state = 'due' AND due_at_ms < $1 ORDER BY due_at_ms LIMIT $2",
        )
        .bind(now.timestamp_millis())
        .bind(i64::from(limit))
        .fetch_all(&self.inner.pool)
        .await?;
        rows.iter().map(bill).collect()
    }
}
