//! Settings of the office, each with its first day.

use chrono::NaiveDate;
use serde_json::Value;

use super::{ActionError, Asker};
use crate::domain::setting::SettingSet;
use crate::office::store::{Acted, Store, What};

/// Gives a setting a value from a day on, if the settings of that day hold together with it.
pub async fn set(
    store: &Store,
    asker: Asker,
    name: &str,
    valid_from: NaiveDate,
    value: Value,
) -> Result<Acted, ActionError> {
    store.settings(valid_from)?.with(name, &value)?;
    asker.ask(store, What::SetSetting(SettingSet { name: name.to_owned(), valid_from, value })).await
}
