//! Headquarters' staff, their sessions, and the keys of channels that may call the API. Passwords lie as Argon2 hashes,
//! tokens and keys as keyed hashes.

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

/// What somebody's login shall be.
#[derive(Clone)]
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

/// Who let whom in or shut whom out, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
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

const COLUMNS: &str =
    "SELECT login, name, roles, password_hash, disabled, failures, locked_until_ms FROM staff";

fn staff(row: &AnyRow) -> Result<StaffRow, StoreError> {
    let (roles, disabled): (String, i64) = (row.try_get("roles")?, row.try_get("disabled")?);
    let failures: i64 = row.try_get("failures")?;
    Ok(StaffRow {
        login: row.try_get("login")?,
        name: row.try_get("name")?,
        roles: serde_json::from_str(&roles)?,
        password_hash: row.try_get("password_hash")?,
        disabled: disabled != 0,
        failures: u32::try_from(failures).unwrap_or(u32::MAX),
        locked_until: rows::instant("staff", row.try_get("locked_until_ms")?)?,
    })
}

fn change(row: &AnyRow) -> Result<StaffChange, StoreError> {
    let what: String = row.try_get("what")?;
    Ok(StaffChange {
        login: row.try_get("login")?,
        what: rows::parsed("staff_changes", &what)?,
        by: row.try_get("by_name")?,
        by_login: row.try_get("by_login")?,
        at: rows::instant("staff_changes", row.try_get("at_ms")?)?,
    })
}

async fn record(db: &mut AnyConnection, change: &StaffChange) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO staff_changes (login, what, by_login, by_name, at_ms) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(change.login.clone())
    .bind(rows::text_of(&change.what)?)
    .bind(change.by_login.clone())
    .bind(change.by.clone())
    .bind(change.at.timestamp_millis())
    .execute(db)
    .await?;
    Ok(())
}

impl Store {
    /// Adds somebody, or gives them another name, password or roles; whoever was shut out is let in again. A new
    /// password ends sessions that were opened with the old one.
    pub async fn put_staff(&self, set: &StaffSet, change: Option<&StaffChange>) -> Result<(), StoreError> {
        let mut tx = self.inner.pool.begin_with(self.inner.dialect.begin_write()).await?;
        sqlx::query(
            "DELETE FROM staff_sessions WHERE login IN (SELECT login FROM staff WHERE login = $1 AND password_hash <> $2)",
        )
        .bind(set.login.clone())
        .bind(set.password_hash.clone())
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "INSERT INTO staff (login, name, roles, password_hash, disabled, failures, locked_until_ms) \
             VALUES ($1, $2, $3, $4, 0, 0, 0) ON CONFLICT (login) DO UPDATE SET name = excluded.name, \
             roles = excluded.roles, password_hash = excluded.password_hash, disabled = 0",
        )
        .bind(set.login.clone())
        .bind(set.name.clone())
        .bind(serde_json::to_string(&set.roles)?)
        .bind(set.password_hash.clone())
        .execute(&mut *tx)
        .await?;
        if let Some(change) = change {
            record(&mut tx, change).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Shuts somebody out, at once: sessions end with it. The last one who may log in stays; returns whether it was
    /// done.
    pub async fn disable_staff(&self, change: &StaffChange) -> Result<bool, StoreError> {
        let mut tx = self.inner.pool.begin_with(self.inner.dialect.begin_write()).await?;
        // Whoever else changes staff waits here, so that two cannot shut each other out at the same moment.
        sqlx::query("UPDATE staff SET disabled = disabled").execute(&mut *tx).await?;
        let done = sqlx::query(
            "UPDATE staff SET disabled = 1 WHERE login = $1 \
             AND EXISTS (SELECT 1 FROM staff other WHERE other.login <> $1 AND other.disabled = 0)",
        )
        .bind(change.login.clone())
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("DELETE FROM staff_sessions WHERE login = $1")
            .bind(change.login.clone())
            .execute(&mut *tx)
            .await?;
        record(&mut tx, change).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The latest changes of logins.
    pub async fn staff_changes(&self, limit: u32) -> Result<Vec<StaffChange>, StoreError> {
        let rows = sqlx::query(
            "SELECT login, what, by_login, by_name, at_ms FROM staff_changes ORDER BY at_ms DESC LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.inner.pool)
        .await?;
        rows.iter().map(change).collect()
    }

    /// Everybody who may or might once log in, by name.
    pub async fn all_staff(&self) -> Result<Vec<StaffRow>, StoreError> {
        let sql = format!("{COLUMNS} ORDER BY disabled, name, login");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&self.inner.pool).await?;
        rows.iter().map(staff).collect()
    }

    /// Somebody by login name.
    pub async fn staff(&self, login: &str) -> Result<Option<StaffRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE login = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(login.to_owned());
        row.fetch_optional(&self.inner.pool).await?.as_ref().map(staff).transpose()
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
            "UPDATE staff SET failures = failures + 1 WHERE login = $1 AND locked_until_ms <= $2 RETURNING failures",
        )
        .bind(login.to_owned())
        .bind(now.timestamp_millis())
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else { return Ok(false) };
        let failures: i64 = row.try_get("failures")?;
        let locked_until = now + locked_for(u32::try_from(failures).unwrap_or(u32::MAX));
        sqlx::query("UPDATE staff SET locked_until_ms = $1 WHERE login = $2")
            .bind(locked_until.timestamp_millis())
            .bind(login.to_owned())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Forgets wrong passwords after a right one.
    pub async fn clear_failures(&self, login: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE staff SET failures = 0, locked_until_ms = 0 WHERE login = $1")
            .bind(login.to_owned())
            .execute(&self.inner.pool)
            .await?;
        Ok(())
    }

    /// Keeps a session under the hash of its token.
    pub async fn put_session(&self, token: &str, login: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO staff_sessions (token_hash, login, seen_at_ms) VALUES ($1, $2, $3)")
            .bind(self.look_up_hash("staff session", token))
            .bind(login.to_owned())
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
            "SELECT t.login, t.name, t.roles, s.seen_at_ms FROM staff_sessions s JOIN staff t ON t.login = s.login \
             WHERE s.token_hash = $1 AND s.seen_at_ms > $2 AND t.disabled = 0",
        )
        .bind(hash.clone())
        .bind((now - idle).timestamp_millis())
        .fetch_optional(&self.inner.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (roles, seen_at_ms): (String, i64) = (row.try_get("roles")?, row.try_get("seen_at_ms")?);
        // Once a minute is enough to know who is idle, and spares a write with every page.
        if now.timestamp_millis() - seen_at_ms > 60_000 {
            sqlx::query("UPDATE staff_sessions SET seen_at_ms = $1 WHERE token_hash = $2")
                .bind(now.timestamp_millis())
                .bind(hash)
                .execute(&self.inner.pool)
                .await?;
        }
        let (login, name) = (row.try_get("login")?, row.try_get("name")?);
        Ok(Some(StaffSession { login, name, roles: serde_json::from_str(&roles)? }))
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
