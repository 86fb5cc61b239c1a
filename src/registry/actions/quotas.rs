//! Quotas of an office: what can be booked, and setting it.

use chrono::NaiveDate;

use super::{ActionError, Invalid, Registry};
use crate::domain::office::OfficeCode;
use crate::registry::store::Quota;

const QUOTAS_AT_ONCE_MAX: usize = 2_000;
const DAYS_SHOWN: u32 = 62;

/// What an office offers from a day on.
pub async fn offered(
    registry: &Registry,
    office: &OfficeCode,
    from: Option<NaiveDate>,
) -> Result<Vec<Quota>, ActionError> {
    let office = registry.office(office).await?;
    let from = from.unwrap_or_else(|| office.zone.day(registry.now()));
    Ok(registry.store.quotas(&office.code, from, DAYS_SHOWN).await?)
}

/// Sets quotas. Places that are taken stay taken.
pub async fn set(registry: &Registry, office: &OfficeCode, quotas: &[Quota]) -> Result<(), ActionError> {
    let office = registry.office(office).await?;
    let invalid = |detail| ActionError::Invalid(vec![Invalid { field: "slots", detail }]);
    if quotas.len() > QUOTAS_AT_ONCE_MAX {
        return Err(invalid("at most 2000 at once"));
    }
    if quotas.iter().any(|quota| quota.slot.from >= quota.slot.until) {
        return Err(invalid("an interval ends before it begins"));
    }
    let mut writing = registry.store.begin(registry.now()).await?;
    writing.set_quotas(&office.code, quotas).await?;
    Ok(writing.commit().await?)
}
