//! Rows as bytes: the seam between typed tables and where rows lie. Keys start with the table's letter; capital letters
//! are drawn from the journals alone (and counted in the digest), small letters are this node's own notes.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::StoreError;
use super::digest::Digest;

/// A key and its plain value.
pub(super) type Row = (Vec<u8>, Vec<u8>);

/// Where rows are read from.
pub(super) trait Rows {
    /// One row's plain value.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
    /// All rows whose key starts so, in the order of their keys.
    fn scan(&self, prefix: &[u8]) -> Result<Vec<Row>, StoreError>;
    /// The last of them.
    fn last(&self, prefix: &[u8]) -> Result<Option<Row>, StoreError>;
}

/// Nothing at all.
pub(super) struct NoRows;

impl Rows for NoRows {
    fn get(&self, _key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(None)
    }

    fn scan(&self, _prefix: &[u8]) -> Result<Vec<Row>, StoreError> {
        Ok(Vec::new())
    }

    fn last(&self, _prefix: &[u8]) -> Result<Option<Row>, StoreError> {
        Ok(None)
    }
}

/// Changes on top of rows: seen by those who come later in the same group, and applied as one batch or not at all.
pub(super) struct Changes<'a> {
    base: &'a dyn Rows,
    changed: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

impl<'a> Changes<'a> {
    /// No changes yet.
    pub(super) fn over(base: &'a dyn Rows) -> Self {
        Self { base, changed: BTreeMap::new() }
    }

    /// Writes a row.
    pub(super) fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.changed.insert(key, Some(value));
    }

    /// Takes a row away.
    pub(super) fn remove(&mut self, key: Vec<u8>) {
        self.changed.insert(key, None);
    }

    /// Number of rows that are written or taken away.
    pub(super) fn len(&self) -> usize {
        self.changed.len()
    }

    /// What was changed: key and new value.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Vec<u8>, Option<&Vec<u8>>)> {
        self.changed.iter().map(|(key, value)| (key, value.as_ref()))
    }

    /// The digest of all counted rows once these changes are applied, given the one before.
    pub(super) fn digest_after(&self, mut digest: Digest) -> Result<Digest, StoreError> {
        for (key, value) in self.changed.iter().filter(|(key, _)| is_counted(key)) {
            if let Some(old) = self.base.get(key)? {
                digest.take(key, &old);
            }
            if let Some(new) = value {
                digest.add(key, new);
            }
        }
        Ok(digest)
    }
}

impl Rows for Changes<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.changed.get(key) {
            Some(changed) => Ok(changed.clone()),
            None => self.base.get(key),
        }
    }

    fn scan(&self, prefix: &[u8]) -> Result<Vec<Row>, StoreError> {
        let mut rows: BTreeMap<Vec<u8>, Vec<u8>> = self.base.scan(prefix)?.into_iter().collect();
        for (key, value) in self.changed_under(prefix) {
            match value {
                Some(value) => rows.insert(key.clone(), value.clone()),
                None => rows.remove(key),
            };
        }
        Ok(rows.into_iter().collect())
    }

    fn last(&self, prefix: &[u8]) -> Result<Option<Row>, StoreError> {
        if self.changed_under(prefix).any(|(_, value)| value.is_none()) {
            return Ok(self.scan(prefix)?.pop());
        }
        let changed = self.changed_under(prefix).last();
        let changed = changed.and_then(|(key, value)| Some((key.clone(), value.clone()?)));
        Ok(self.base.last(prefix)?.into_iter().chain(changed).max_by(|a, b| a.0.cmp(&b.0)))
    }
}

impl Changes<'_> {
    fn changed_under<'s>(
        &'s self,
        prefix: &'s [u8],
    ) -> impl Iterator<Item = (&'s Vec<u8>, &'s Option<Vec<u8>>)> + 's {
        let from = (Bound::Included(prefix.to_vec()), Bound::Unbounded);
        self.changed.range(from).take_while(move |(key, _)| key.starts_with(prefix))
    }
}

/// Whether a row is drawn from the journals and so counted in the digest.
pub(super) fn is_counted(key: &[u8]) -> bool {
    key.first().is_some_and(u8::is_ascii_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(rows: &[(&str, Option<&str>)], base: &dyn Rows, check: impl FnOnce(&Changes<'_>)) {
        let mut changes = Changes::over(base);
        for (key, value) in rows {
            match value {
                Some(value) => changes.put(key.as_bytes().to_vec(), value.as_bytes().to_vec()),
                None => changes.remove(key.as_bytes().to_vec()),
            }
        }
        check(&changes);
    }

    #[test]
    fn later_acts_of_a_group_see_earlier_ones() {
        changes(&[("T1", Some("a")), ("T3", Some("c")), ("U1", Some("u"))], &NoRows, |base| {
            changes(&[("T2", Some("b")), ("T3", None)], base, |over| {
                assert_eq!(over.get(b"T1").unwrap().unwrap(), b"a");
                assert_eq!(over.get(b"T3").unwrap(), None);
                let keys: Vec<_> = over.scan(b"T").unwrap().into_iter().map(|(key, _)| key).collect();
                assert_eq!(keys, [b"T1".to_vec(), b"T2".to_vec()]);
                assert_eq!(over.last(b"T").unwrap().unwrap().0, b"T2");
                assert_eq!(base.last(b"T").unwrap().unwrap().0, b"T3");
            });
        });
    }

    #[test]
    fn the_digest_depends_on_the_rows_and_not_on_the_way_there() {
        let mut at_once = Digest::default();
        at_once.add(b"T1", b"new");
        at_once.add(b"T2", b"b");
        changes(&[("T1", Some("old")), ("x", Some("own note"))], &NoRows, |first| {
            let before = first.digest_after(Digest::default()).unwrap();
            changes(&[("T2", Some("b")), ("T1", Some("new"))], first, |second| {
                assert_eq!(second.digest_after(before).unwrap(), at_once);
            });
        });
    }
}
