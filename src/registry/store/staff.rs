//! Headquarters' staff, their sessions, and the keys of channels that may call the API. Passwords lie as Argon2 hashes,
//! tokens and keys as keyed hashes.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sqlx::Row;

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

/// Somebody who has logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffSession {
    /// Login name.
    pub login: String,
    /// The name people know.
    pub name: String,
    /// What they may do.
    pub roles: Vec<Role>,
}

impl Store {
    /// Adds somebody, or gives them another name, password or roles.
    pub async fn put_staff(
        &self,
        login: &str,
        name: &str,
        roles: &[Role],
        password_hash: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO staff (login, name, roles, password_hash, disabled, failures, locked_until_ms) \
             VALUES ($1, $2, $3, $4, 0, 0, 0) ON CONFLICT (login) DO UPDATE SET name = excluded.name, \
             roles = excluded.roles, password_hash = excluded.password_hash, disabled = 0",
        )
        .bind(login.to_owned())
        .bind(name.to_owned())
        .bind(serde_json::to_string(roles)?)
        .bind(password_hash.to_owned())
        .execute(&self.inner.pool)
        .await?;
        Ok(())
    }

    /// Somebody by login name.
    pub async fn staff(&self, login: &str) -> Result<Option<StaffRow>, StoreError> {
        let row = sqlx::query(
            "SELECT login, name, roles, password_hash, disabled, failures, locked_until_ms FROM staff WHERE login = $1",
        )
        .bind(login.to_owned())
        .fetch_optional(&self.inner.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (roles, disabled): (String, i64) = (row.try_get("roles")?, row.try_get("disabled")?);
        let failures: i64 = row.try_get("failures")?;
        Ok(Some(StaffRow {
            login: row.try_get("login")?,
            name: row.try_get("name")?,
            roles: serde_json::from_str(&roles)?,
            password_hash: row.try_get("password_hash")?,
            disabled: disabled != 0,
            failures: u32::try_from(failures).unwrap_or(u32::MAX),
            locked_until: rows::instant("staff", row.try_get("locked_until_ms")?)?,
        }))
    }

    /// Counts a wrong password and locks the account until then.
    pub async fn count_failure(&self, login: &str, locked_until: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query("UPDATE staff SET failures = failures + 1, locked_until_ms = $1 WHERE login = $2")
            .bind(locked_until.timestamp_millis())
            .bind(login.to_owned())
            .execute(&self.inner.pool)
            .await?;
        Ok(())
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
    pub async fn put_session(
        &self,
        token: &str,
        session: &StaffSession,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let hash = self.look_up_hash("staff session", token);
        let sealed = self.inner.storage_key.seal(&hash, &serde_json::to_vec(session)?);
        sqlx::query(
            "INSERT INTO staff_sessions (token_hash, login, sealed, seen_at_ms) VALUES ($1, $2, $3, $4)",
        )
        .bind(hash)
        .bind(session.login.clone())
        .bind(sealed)
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
            "SELECT s.sealed, s.seen_at_ms FROM staff_sessions s JOIN staff t ON t.login = s.login \
             WHERE s.token_hash = $1 AND s.seen_at_ms > $2 AND t.disabled = 0",
        )
        .bind(hash.clone())
        .bind((now - idle).timestamp_millis())
        .fetch_optional(&self.inner.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (sealed, seen_at_ms): (Vec<u8>, i64) = (row.try_get("sealed")?, row.try_get("seen_at_ms")?);
        let plain = self.inner.storage_key.open(&hash, &sealed);
        let plain = plain.map_err(|error| StoreError::damaged("staff_sessions", error))?;
        // Once a minute is enough to know who is idle, and spares a write with every page.
        if now.timestamp_millis() - seen_at_ms > 60_000 {
            sqlx::query("UPDATE staff_sessions SET seen_at_ms = $1 WHERE token_hash = $2")
                .bind(now.timestamp_millis())
                .bind(hash)
                .execute(&self.inner.pool)
                .await?;
        }
        Ok(Some(serde_json::from_slice(&plain)?))
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
