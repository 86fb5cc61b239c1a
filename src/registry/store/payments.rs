//! Payments as the bank reported them. Every one has a row: tied to an application, or on the list somebody works off.

use chrono::{DateTime, Utc};
use loket_sync::StorageKey;
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::applications::key_in;
use super::error::StoreError;
use super::writing::Writing;
use super::{Store, rows};
use crate::domain::actor::Actor;
use crate::domain::application::{Application, ApplicationKey, Author, Entry};
use crate::domain::fact::Fact;
use crate::domain::number::{BillingCode, Ntpn};
use crate::domain::payment::{Paid, Refunded};

/// What became of a reported payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentState {
    /// It pays the bill.
    Counted,
    /// It came after the bill ran out; the interval still had room, so the booking stands again.
    Reinstated,
    /// It came after the bill ran out and the interval was full: a new date or a refund is needed.
    LateNoRoom,
    /// The bill was paid already.
    Again,
    /// The booking was cancelled before.
    AfterCancel,
    /// The same NTPN had come for another bill: it counts only there.
    NtpnReused,
    /// The sum is not the bill's.
    AmountDiffers,
    /// No bill has this code.
    UnknownBill,
}

const STATES: &[(PaymentState, &str)] = &[
    (PaymentState::Counted, "counted"),
    (PaymentState::Reinstated, "reinstated"),
    (PaymentState::LateNoRoom, "late-no-room"),
    (PaymentState::Again, "again"),
    (PaymentState::AfterCancel, "after-cancel"),
    (PaymentState::NtpnReused, "ntpn-reused"),
    (PaymentState::AmountDiffers, "amount-differs"),
    (PaymentState::UnknownBill, "unknown-bill"),
];

impl PaymentState {
    /// Its name in tables and the API.
    pub fn name(self) -> &'static str {
        STATES.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }

    /// Whether somebody at headquarters has to settle it.
    pub fn needs_somebody(self) -> bool {
        !matches!(self, Self::Counted | Self::Reinstated)
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        let found = STATES.iter().find(|(_, name)| *name == text).map(|(state, _)| *state);
        found.ok_or_else(|| StoreError::damaged("payments", format_args!("state {text}")))
    }
}

/// A reported payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRow {
    /// What the bank reported.
    pub paid: Paid,
    /// Whose, if the bill is known.
    pub application: Option<ApplicationKey>,
    /// When it was reported.
    pub received_at: DateTime<Utc>,
    /// What became of it.
    pub state: PaymentState,
    /// How it came off the list.
    pub settlement: Option<Settlement>,
}

/// How a payment came off the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// What was done.
    pub how: Settled,
    /// Who did it.
    pub by: Actor,
    /// When.
    pub at: DateTime<Utc>,
    /// Why, in their words.
    pub reason: String,
}

/// What was done about a listed payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Settled {
    /// It was settled outside, or by a new date.
    Outside,
    /// It was given back.
    GivenBack,
}

const COLUMNS: &str = "SELECT ntpn, code, application, amount_idr, paid_at_ms, received_at_ms, channel, state, \
                       settlement FROM payments ";

/// Rows for payments that stand in the facts and not in the table: after a restore, or when it is rebuilt.
pub(super) async fn derive(
    db: &mut AnyConnection,
    storage: &StorageKey,
    application: &Application,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut expired = false;
    let mut paid_before = false;
    for entry in application.by_author(&Author::Registry) {
        match &entry.fact {
            Fact::BillExpired(_) => expired = true,
            Fact::Paid(paid) => {
                let state = match (paid_before, expired) {
                    (true, _) => PaymentState::Again,
                    (false, true) => PaymentState::LateNoRoom,
                    (false, false) => PaymentState::Counted,
                };
                put(db, paid, Some(application.key()), now, state).await?;
                claim(db, paid).await?;
                paid_before = true;
            }
            Fact::PersonErased(erased) => {
                for (number, paid) in erased.remains.payments.iter().enumerate() {
                    let state = if number == 0 { PaymentState::Counted } else { PaymentState::Again };
                    put(db, paid, Some(application.key()), now, state).await?;
                    claim(db, paid).await?;
                }
            }
            Fact::Refunded(refunded) => given_back(db, storage, entry, refunded).await?,
            _ => {}
        }
    }
    Ok(())
}

/// Takes the words out of how an application's payments came off the list: they may name somebody who was erased.
pub(super) async fn forget_reasons(
    db: &mut AnyConnection,
    storage: &StorageKey,
    application: ApplicationKey,
) -> Result<(), StoreError> {
    let sql = format!("{COLUMNS} WHERE application = $1 AND settlement IS NOT NULL");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(application.0.to_vec()).fetch_all(&mut *db).await?;
    for row in &rows {
        let PaymentRow { paid: Paid { ntpn, code, .. }, settlement, .. } = payment(row, storage)?;
        let Some(settlement) = settlement else { continue };
        let told = serde_json::to_vec(&Settlement { reason: String::new(), ..settlement })?;
        sqlx::query("UPDATE payments SET settlement = $1 WHERE ntpn = $2 AND code = $3")
            .bind(storage.seal(&context(&ntpn, &code), &told))
            .bind(ntpn.as_str().to_owned())
            .bind(code.as_str().to_owned())
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// A payment that the facts give back is off the list.
async fn given_back(
    db: &mut AnyConnection,
    storage: &StorageKey,
    entry: &Entry,
    refunded: &Refunded,
) -> Result<(), StoreError> {
    let Refunded { code: Some(code), ntpn: Some(ntpn), reason, .. } = refunded else { return Ok(()) };
    let (by, reason) = (entry.by.clone(), reason.clone());
    let settlement = Settlement { how: Settled::GivenBack, by, at: entry.at, reason };
    settle(db, storage, ntpn, code, &settlement).await.map(drop)
}

/// Takes a payment off the list. Returns whether it stood there; one that is off already keeps its first settlement.
async fn settle(
    db: &mut AnyConnection,
    storage: &StorageKey,
    ntpn: &Ntpn,
    code: &BillingCode,
    settlement: &Settlement,
) -> Result<bool, StoreError> {
    let sealed = storage.seal(&context(ntpn, code), &serde_json::to_vec(settlement)?);
    let done = sqlx::query(
        "UPDATE payments SET settled_at_ms = $1, settlement = $2 \
         WHERE ntpn = $3 AND code = $4 AND settled_at_ms IS NULL",
    )
    .bind(settlement.at.timestamp_millis())
    .bind(sealed)
    .bind(ntpn.as_str().to_owned())
    .bind(code.as_str().to_owned())
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Counts an NTPN for one bill. Returns whether it was free; another process that is about to count it is waited for.
async fn claim(db: &mut AnyConnection, paid: &Paid) -> Result<bool, StoreError> {
    let done =
        sqlx::query("INSERT INTO ntpn_counted (ntpn, code) VALUES ($1, $2) ON CONFLICT (ntpn) DO NOTHING")
            .bind(paid.ntpn.as_str().to_owned())
            .bind(paid.code.as_str().to_owned())
            .execute(db)
            .await?;
    Ok(done.rows_affected() > 0)
}

fn context(ntpn: &Ntpn, code: &BillingCode) -> Vec<u8> {
    format!("settlement {ntpn} {code}").into_bytes()
}

/// Writes a payment; one that is here already stays as it is.
async fn put(
    db: &mut AnyConnection,
    paid: &Paid,
    application: Option<ApplicationKey>,
    now: DateTime<Utc>,
    state: PaymentState,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO payments (ntpn, code, application, amount_idr, paid_at_ms, received_at_ms, channel, state) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (ntpn, code) DO NOTHING",
    )
    .bind(paid.ntpn.as_str().to_owned())
    .bind(paid.code.as_str().to_owned())
    .bind(application.map(|key| key.0.to_vec()))
    .bind(rows::signed(paid.amount_idr))
    .bind(paid.paid_at.timestamp_millis())
    .bind(now.timestamp_millis())
    .bind(paid.channel.clone())
    .bind(state.name())
    .execute(db)
    .await?;
    Ok(())
}

fn payment(row: &AnyRow, storage: &StorageKey) -> Result<PaymentRow, StoreError> {
    let text = |column: &str| -> Result<String, StoreError> { Ok(row.try_get(column)?) };
    let application: Option<Vec<u8>> = row.try_get("application")?;
    let application = application.map(|_| key_in(row, "application", "payments")).transpose()?;
    let paid = Paid {
        code: rows::parsed("payments", &text("code")?)?,
        ntpn: rows::parsed("payments", &text("ntpn")?)?,
        amount_idr: rows::unsigned("payments", row.try_get("amount_idr")?)?,
        paid_at: rows::instant("payments", row.try_get("paid_at_ms")?)?,
        channel: text("channel")?,
    };
    let sealed: Option<Vec<u8>> = row.try_get("settlement")?;
    let settlement = sealed.map(|sealed| -> Result<Settlement, StoreError> {
        let opened = storage.open(&context(&paid.ntpn, &paid.code), &sealed);
        Ok(serde_json::from_slice(&opened.map_err(|error| StoreError::damaged("payments", error))?)?)
    });
    Ok(PaymentRow {
        paid,
        application,
        received_at: rows::instant("payments", row.try_get("received_at_ms")?)?,
        state: PaymentState::parse(&text("state")?)?,
        settlement: settlement.transpose()?,
    })
}

impl Writing {
    /// Every report with this NTPN: normally none or one.
    pub async fn payments_of(&mut self, ntpn: &Ntpn) -> Result<Vec<PaymentRow>, StoreError> {
        let rows =
            sqlx::query(sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE ntpn = $1 ORDER BY received_at_ms")))
                .bind(ntpn.as_str().to_owned())
                .fetch_all(self.db())
                .await?;
        rows.iter().map(|row| payment(row, &self.store.inner.storage_key)).collect()
    }

    /// Counts a payment's NTPN for its bill. Returns whether no other payment had it.
    pub async fn claim_ntpn(&mut self, paid: &Paid) -> Result<bool, StoreError> {
        claim(self.db(), paid).await
    }

    /// Keeps a reported payment and what became of it.
    pub async fn put_payment(
        &mut self,
        paid: &Paid,
        application: Option<ApplicationKey>,
        state: PaymentState,
    ) -> Result<(), StoreError> {
        let now = self.now();
        put(self.db(), paid, application, now, state).await
    }

    /// Takes a payment off the list. Returns whether it stood there.
    pub async fn settle_payment(
        &mut self,
        ntpn: &Ntpn,
        code: &BillingCode,
        settlement: &Settlement,
    ) -> Result<bool, StoreError> {
        let storage = self.store.inner.storage_key.clone();
        settle(self.db(), &storage, ntpn, code, settlement).await
    }
}

impl Store {
    /// The reconciliation list: payments that need somebody, the oldest first.
    pub async fn reconciliation(&self, limit: u32) -> Result<Vec<PaymentRow>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE state NOT IN ('counted', 'reinstated') AND settled_at_ms IS NULL \
             ORDER BY received_at_ms, ntpn LIMIT $1"
        );
        let rows =
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(i64::from(limit)).fetch_all(&self.inner.pool).await?;
        rows.iter().map(|row| payment(row, &self.inner.storage_key)).collect()
    }

    /// The latest payments of all kinds.
    pub async fn latest_payments(&self, limit: u32) -> Result<Vec<PaymentRow>, StoreError> {
        let sql = format!("{COLUMNS} ORDER BY received_at_ms DESC, ntpn LIMIT $1");
        let rows =
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(i64::from(limit)).fetch_all(&self.inner.pool).await?;
        rows.iter().map(|row| payment(row, &self.inner.storage_key)).collect()
    }
}
