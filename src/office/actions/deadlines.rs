//! Passports the office owes, with the last day of each.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use chrono::NaiveDate;

use crate::domain::deadline;
use crate::domain::setting::Settings;
use crate::office::store::{Store, StoreError, Summary};

/// A passport the office owes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// The application.
    pub line: Summary,
    /// The day of the interview.
    pub interviewed_on: NaiveDate,
    /// The last day to issue it.
    pub due: NaiveDate,
}

/// Every passport the office owes, the one that is due first at the top.
pub fn owed(store: &Store) -> Result<Vec<Owed>, StoreError> {
    let zone = store.office().zone;
    let now = store.settings(zone.day(store.clock().now()))?;
    let mut of_days: BTreeMap<NaiveDate, Settings> = BTreeMap::new();
    let mut owed = Vec::new();
    for line in store.open_applications() {
        let Some(counts_from) = line.issue_counts_from else { continue };
        let interviewed_on = zone.day(counts_from);
        let then = match of_days.entry(interviewed_on) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(store.settings(interviewed_on)?),
        };
        let due = deadline::issue_due(counts_from, zone, then, &now);
        owed.push(Owed { line, interviewed_on, due });
    }
    owed.sort_by(|a, b| (a.due, &a.line.number).cmp(&(b.due, &b.line.number)));
    Ok(owed)
}

/// How many are late and how many have their last day today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pressing {
    /// Their last day has passed.
    pub overdue: usize,
    /// Today is their last day.
    pub today: usize,
}

/// Counts what presses on a day.
pub fn pressing(owed: &[Owed], today: NaiveDate) -> Pressing {
    Pressing {
        overdue: owed.iter().filter(|owed| owed.due < today).count(),
        today: owed.iter().filter(|owed| owed.due == today).count(),
    }
}
