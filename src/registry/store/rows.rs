//! Reading columns back into the types they were written from. A value that does not fit names its table.

use chrono::{DateTime, Utc};
use loket_sync::StorageKey;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::StoreError;

/// Bytes of a fixed length.
pub(super) fn fixed<const N: usize>(table: &'static str, bytes: &[u8]) -> Result<[u8; N], StoreError> {
    let wrong = |_| StoreError::damaged(table, format_args!("{} bytes where {N} belong", bytes.len()));
    bytes.try_into().map_err(wrong)
}

/// A count or sum that is never negative.
pub(super) fn unsigned(table: &'static str, number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::damaged(table, format_args!("negative number {number}")))
}

/// The same on its way into the database. Sums beyond nine trillion million do not occur; they would be capped.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// An instant.
pub(super) fn instant(table: &'static str, ms: i64) -> Result<DateTime<Utc>, StoreError> {
    DateTime::from_timestamp_millis(ms)
        .ok_or_else(|| StoreError::damaged(table, format_args!("instant {ms}")))
}

/// A text that one of our newtypes or enums reads through serde.
pub(super) fn parsed<T: DeserializeOwned>(table: &'static str, text: &str) -> Result<T, StoreError> {
    let value = serde_json::Value::String(text.to_owned());
    serde_json::from_value(value).map_err(|error| StoreError::damaged(table, error))
}

/// The text that [`parsed`] reads back. Only for types that serialize as a text.
pub(super) fn text_of<T: Serialize>(value: &T) -> Result<String, StoreError> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(text) => Ok(text),
        other => Ok(other.to_string()),
    }
}

/// Seals what must not stand readable in a column.
pub(super) fn sealed<T: Serialize>(
    key: &StorageKey,
    context: &[u8],
    value: &T,
) -> Result<Vec<u8>, StoreError> {
    Ok(key.seal(context, &serde_json::to_vec(value)?))
}

/// What [`sealed`] sealed in the same context.
pub(super) fn opened<T: DeserializeOwned>(
    table: &'static str,
    key: &StorageKey,
    context: &[u8],
    bytes: &[u8],
) -> Result<T, StoreError> {
    let plain = key.open(context, bytes).map_err(|error| StoreError::damaged(table, error))?;
    Ok(serde_json::from_slice(&plain)?)
}
