//! Headquarters' staff, their sessions, and the keys of channels that may call the API. Passwords lie as Argon2 hashes,
//! tokens and keys as keyed hashes; who somebody is lies sealed under a keyed hash of the login.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::error::StoreError;
use super::{Store, rows};
use crate::domain::actor::Role;

/// Somebody who may log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffRow {
    /// Login name.
    pub login: String,
    /// The name people know.
    pub name: String,
    /// What they may do.
    pub roles: Vec<Role>,
    /// Argon2id hash in PHC string form.
    pub password_hash: String,
    /// May not log in any more.
    pub disabled: bool,
    /// Wrong passwords in a row.
    pub failures: u32,
    /// No password is looked at before that.
    pub locked_until: DateTime<Utc>,
}

/// What somebody's login shall be; lies sealed.
#[derive(Clone, Serialize, Deserialize)]
pub struct StaffSet {
    /// Login name.
    pub login: String,
    /// The name people know.
    pub name: String,
    /// What they may do.
    pub roles: Vec<Role>,
    /// Argon2id hash in PHC string form.
    pub password_hash: String,
}

/// What was done about somebody's login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StaffAct {
    /// Let in, or given another name or password.
    Set,
    /// Shut out.
    Disabled,
}

/// Who let whom in or shut whom out, and when; lies sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffChange {
    /// Whom.
    pub login: String,
    /// What.
    pub what: StaffAct,
    /// By whom, as people know them.
    pub by: String,
    /// By which login.
    pub by_login: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Somebody who has logged in, as they stand now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffSession {
    /// Login name.
    pub login: String,
    /// The name people know.
    pub name: String,
    /// What they may do.
    pub roles: Vec<Role>,
}

const COLUMNS: &str = "SELECT id, sealed, disabled, failures, locked_until_ms FROM staff";
/// Changes are read by time alone, so nothing of the row goes into how they are sealed.
const CHANGE_CONTEXT: &[u8] = b"staff change";

fn context(id: &[u8]) -> Vec<u8> {
    [b"staff ".as_slice(), id].concat()
}

impl Store {
    /// Under what somebody is kept.
    fn staff_id(&self, login: &str) -> Vec<u8> {
        self.look_up_hash("staff login", login)
    }

    fn open_staff(&self, row: &AnyRow) -> Result<StaffSet, StoreError> {
        let (id, sealed): (Vec<u8>, Vec<u8>) = (row.try_get("id")?, row.try_get("sealed")?);
        rows::opened("staff", &self.inner.storage_key, &context(&id), &sealed)
    }

    fn staff_row(&self, row: &AnyRow) -> Result<StaffRow, StoreError> {
        let StaffSet { login, name, roles, password_hash } = self.open_staff(row)?;
        let (disabled, failures): (i64, i64) = (row.try_get("disabled")?, row.try_get("failures")?);
        let failures = u32::try_from(failures).unwrap_or(u32::MAX);
        let locked_until = rows::instant("staff", row.try_get("locked_until_ms")?)?;
        Ok(StaffRow { login, name, roles, password_hash, disabled: disabled != 0, failures, locked_until })
    }

    async fn record(&self, db: &mut AnyConnection, change: &StaffChange) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO staff_changes (at_ms, sealed) VALUES ($1, $2)")
            .bind(change.at.timestamp_millis())
            .bind(rows::sealed(&self.inner.storage_key, CHANGE_CONTEXT, change)?)
            .execute(db)
            .await?;
        Ok(())
    }

    /// Adds somebody, or gives them another name, password or roles; whoever was shut out is let in again. A new
    /// password ends sessions that were opened with the old one.
    pub async fn put_staff(&self, set: &StaffSet, change: Option<&StaffChange>) -> Result<(), StoreError> {
        let mut tx = self.inner.pool.begin_with(self.inner.dialect.begin_write()).await?;
        let id = self.staff_id(&set.login);
        let known = sqlx::query("SELECT id, sealed FROM staff WHERE id = $1").bind(id.clone());
        let known =
            known.fetch_optional(&mut *tx).await?.as_ref().map(|row| self.open_staff(row)).transpose()?;
        if known.is_some_and(|known| known.password_hash != set.password_hash) {
            end_sessions(&mut tx, &id).await?;
        }
        sqlx::query(
            "INSERT INTO staff (id, sealed, disabled, failures, locked_until_ms) VALUES ($1, $2, 0, 0, 0) \
             ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed, disabled = 0",
        )
        .bind(id.clone())
        .bind(rows::sealed(&self.inner.storage_key, &context(&id), set)?)
        .execute(&mut *tx)
        .await?;
        if let Some(change) = change {
            self.record(&mut tx, change).await?;
        }
        self.commit(tx).await
    }

    /// Shuts somebody out, at once: sessions end with it. The last one who may log in stays; returns whether it was
    /// done.
    pub async fn disable_staff(&self, change: &StaffChange) -> Result<bool, StoreError> {
        let mut tx = self.inner.pool.begin_with(self.inner.dialect.begin_write()).await?;
        // Whoever else changes staff waits here, so that two cannot shut each other out at the same moment.
        sqlx::query("UPDATE staff SET disabled = disabled").execute(&mut *tx).await?;
        let id = self.staff_id(&change.login);
        let done = sqlx::query(
            "UPDATE staff SET disabled = 1 WHERE id = $1 \
             AND EXISTS (SELECT 1 FROM staff other WHERE other.id <> $1 AND other.disabled = 0)",
        )
        .bind(id.clone())
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        end_sessions(&mut tx, &id).await?;
        self.record(&mut tx, change).await?;
        self.commit(tx).await?;
        Ok(true)
    }

    /// The latest changes of logins.
    pub async fn staff_changes(&self, limit: u32) -> Result<Vec<StaffChange>, StoreError> {
        let rows = sqlx::query("SELECT sealed FROM staff_changes ORDER BY at_ms DESC LIMIT $1")
            .bind(i64::from(limit))
            .fetch_all(&self.inner.pool)
            .await?;
        let change = |row: &AnyRow| {
            let sealed: Vec<u8> = row.try_get("sealed")?;
            rows::opened("staff_changes", &self.inner.storage_key, CHANGE_CONTEXT, &sealed)
        };
        rows.iter().map(change).collect()
    }

    /// Everybody who may or might once log in, by name.
    pub async fn all_staff(&self) -> Result<Vec<StaffRow>, StoreError> {
        let rows = sqlx::query(COLUMNS).fetch_all(&self.inner.pool).await?;
        let mut staff: Vec<StaffRow> =
            rows.iter().map(|row| self.staff_row(row)).collect::<Result<_, _>>()?;
        staff.sort_by_cached_key(|it| (it.disabled, it.name.to_lowercase(), it.login.clone()));
        Ok(staff)
    }

    /// Somebody by login name.
    pub async fn staff(&self, login: &str) -> Result<Option<StaffRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE id = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(self.staff_id(login));
        row.fetch_optional(&self.inner.pool).await?.map(|row| self.staff_row(&row)).transpose()
    }

    /// Counts a try to log in as a wrong one until it is known to be right, and locks the account for as long as
    /// `locked_for` says of so many. Returns whether the password may be looked at.
    pub async fn begin_try(
        &self,
        login: &str,
        now: DateTime<Utc>,
        locked_for: impl Fn(u32) -> TimeDelta,
    ) -> Result<bool, StoreError> {
        let mut tx = self.inner.pool.begin_with(self.inner.dialect.begin_write()).await?;
        let row = sqlx::query(
            "UPDATE staff SET failures = failures + 1 WHERE id = $1 AND locked_until_ms <= $2 RETURNING failures",
        )
        .bind(self.staff_id(login))
        .bind(now.timestamp_millis())
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else { return Ok(false) };
        let failures: i64 = row.try_get("failures")?;
        let locked_until = now + locked_for(u32::try_from(failures).unwrap_or(u32::MAX));
        sqlx::query("UPDATE staff SET locked_until_ms = $1 WHERE id = $2")
            .bind(locked_until.timestamp_millis())
            .bind(self.staff_id(login))
            .execute(&mut *tx)
            .await?;
        self.commit(tx).await?;
        Ok(true)
    }

    /// Forgets wrong passwords after a right one.
    pub async fn clear_failures(&self, login: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE staff SET failures = 0, locked_until_ms = 0 WHERE id = $1")
            .bind(self.staff_id(login))
            .execute(&self.inner.pool)
            .await?;
        Ok(())
    }

    /// Keeps a session under the hash of its token.
    pub async fn put_session(&self, token: &str, login: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO staff_sessions (token_hash, staff, seen_at_ms) VALUES ($1, $2, $3)")
            .bind(self.look_up_hash("staff session", token))
            .bind(self.staff_id(login))
            .bind(now.timestamp_millis())
            .execute(&self.inner.pool)
            .await?;
        Ok(())
    }

    /// The session of a token, unless it was idle longer than `idle` or its owner may not log in any more.
    pub async fn session(
        &self,
        token: &str,
        now: DateTime<Utc>,
        idle: TimeDelta,
    ) -> Result<Option<StaffSession>, StoreError> {
        let hash = self.look_up_hash("staff session", token);
        let row = sqlx::query(
            "SELECT t.id, t.sealed, s.seen_at_ms FROM staff_sessions s JOIN staff t ON t.id = s.staff \
             WHERE s.token_hash = $1 AND s.seen_at_ms > $2 AND t.disabled = 0",
        )
        .bind(hash.clone())
        .bind((now - idle).timestamp_millis())
        .fetch_optional(&self.inner.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let seen_at_ms: i64 = row.try_get("seen_at_ms")?;
        // Once a minute is enough to know who is idle, and spares a write with every page.
        if now.timestamp_millis() - seen_at_ms > 60_000 {
            sqlx::query("UPDATE staff_sessions SET seen_at_ms = $1 WHERE token_hash = $2")
                .bind(now.timestamp_millis())
                .bind(hash)
                .execute(&self.inner.pool)
                .await?;
        }
        let StaffSet { login, name, roles, .. } = self.open_staff(&row)?;
        Ok(Some(StaffSession { login, name, roles }))
    }

    /// Ends a session.
    pub async fn end_session(&self, token: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM staff_sessions WHERE token_hash = $1")
            .bind(self.look_up_hash("staff session", token))
            .execute(&self.inner.pool)
            .await?;
        Ok(())
    }

    /// Forgets sessions that were idle since before `since`.
    pub async fn drop_idle_sessions(&self, since: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM staff_sessions WHERE seen_at_ms < $1")
            .bind(since.timestamp_millis())
            .execute(&self.inner.pool)
            .await?;
        Ok(())
    }

    /// Lets a channel call the API with this key; only its hash is kept.
    pub async fn put_channel(&self, key: &str, name: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO channels (key_hash, name) VALUES ($1, $2) ON CONFLICT (key_hash) DO NOTHING",
        )
        .bind(self.look_up_hash("channel", key))
        .bind(name.to_owned())
        .execute(&self.inner.pool)
        .await?;
        Ok(())
    }

    /// The channel that holds this key.
    pub async fn channel(&self, key: &str) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT name FROM channels WHERE key_hash = $1")
            .bind(self.look_up_hash("channel", key))
            .fetch_optional(&self.inner.pool)
            .await?;
        Ok(row.map(|row| row.try_get("name")).transpose()?)
    }
}

async fn end_sessions(db: &mut AnyConnection, id: &[u8]) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM staff_sessions WHERE staff = $1").bind(id.to_vec()).execute(db).await?;
    Ok(())
}
