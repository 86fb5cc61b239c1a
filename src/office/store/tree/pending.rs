//! Rows that sled has not been given yet: what every reader sees on top of sled's.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::super::rows::{Changes, Row};

/// Changed rows by their keys; nothing where a row was taken away.
pub(super) type Changed = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// What has changed since sled was last given it.
#[derive(Default)]
pub(super) struct Pending {
    rows: Changed,
}

impl Pending {
    /// Adds changes; later ones replace earlier ones.
    pub(super) fn take(&mut self, changes: &Changes<'_>) {
        self.rows.extend(changes.iter().map(|(key, value)| (key.clone(), value.cloned())));
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// A row, if it has changed.
    pub(super) fn get(&self, key: &[u8]) -> Option<&Option<Vec<u8>>> {
        self.rows.get(key)
    }

    /// All of them.
    pub(super) fn all(&self) -> Changed {
        self.rows.clone()
    }

    /// Those whose keys start so. Copied out, so that nobody waits while sled is asked for the others.
    pub(super) fn under(&self, prefix: &[u8]) -> Changed {
        let from = (Bound::Included(prefix.to_vec()), Bound::Unbounded);
        let under = self.rows.range(from).take_while(|(key, _)| key.starts_with(prefix));
        under.map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// sled has them now.
    pub(super) fn clear(&mut self) {
        self.rows.clear();
    }
}

/// Rows of sled in the order of their keys with what has changed of them.
pub(super) fn merged(
    rows: Vec<Row>,
    changed: impl IntoIterator<Item = (Vec<u8>, Option<Vec<u8>>)>,
) -> Vec<Row> {
    let mut changed = changed.into_iter().peekable();
    if changed.peek().is_none() {
        return rows;
    }
    let mut all: BTreeMap<_, _> = rows.into_iter().collect();
    for (key, value) in changed {
        match value {
            Some(value) => all.insert(key, value),
            None => all.remove(&key),
        };
    }
    all.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_changed_lies_over_what_was_there() {
        let row = |key: &str, value: &str| (key.as_bytes().to_vec(), value.as_bytes().to_vec());
        let rows = vec![row("T1", "a"), row("T2", "b"), row("T3", "c")];
        let changed = [row("T0", "new"), row("T2", "other")];
        let changed = changed.into_iter().map(|(key, value)| (key, Some(value)));
        let changed = changed.chain([(b"T3".to_vec(), None), (b"T9".to_vec(), None)]);
        assert_eq!(merged(rows, changed), [row("T0", "new"), row("T1", "a"), row("T2", "other")]);
    }
}
