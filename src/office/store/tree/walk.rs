//! Comparing the rows in sled with their digest while the office works: in pieces, in the order of keys, and what the
//! writer gives sled meanwhile is counted as it changes.

use std::ops::Bound;

use super::super::digest::Digest;
use super::super::rows::is_counted;

/// Counted rows have capital letters, which lie together.
const FIRST_LETTER: u8 = b'A';
const AFTER_LAST_LETTER: u8 = b'Z' + 1;

/// How far it has come.
#[derive(Default)]
pub(super) struct Walk {
    /// The last key that was seen.
    at: Option<Vec<u8>>,
    digest: Digest,
}

/// What a walk over all rows has shown.
pub(in super::super) struct Walked {
    /// The digest of the rows that are in sled.
    pub(in super::super) digest: Digest,
    /// The row that says what it should be.
    pub(in super::super) meta: Option<Vec<u8>>,
}

impl Walk {
    /// The keys that are still to be seen.
    pub(super) fn rest(&self) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
        let from = match &self.at {
            Some(at) => Bound::Excluded(at.clone()),
            None => Bound::Included(vec![FIRST_LETTER]),
        };
        (from, Bound::Excluded(vec![AFTER_LAST_LETTER]))
    }

    /// Counts a row that was met, unless nobody can read it.
    pub(super) fn see(&mut self, key: &[u8], value: Option<&[u8]>) {
        if let Some(value) = value {
            self.digest.add(key, value);
        }
        self.at = Some(key.to_vec());
    }

    /// Whether the place of this key was passed already, and it counts.
    pub(super) fn has_seen(&self, key: &[u8]) -> bool {
        is_counted(key) && self.at.as_ref().is_some_and(|at| key <= at.as_slice())
    }

    /// A row whose place was passed already changes.
    pub(super) fn changed(&mut self, key: &[u8], before: Option<&[u8]>, now: Option<&[u8]>) {
        if let Some(before) = before {
            self.digest.take(key, before);
        }
        if let Some(now) = now {
            self.digest.add(key, now);
        }
    }

    /// What the rows come to so far.
    pub(super) fn digest(&self) -> Digest {
        self.digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_behind_a_walk_is_counted_and_what_lies_before_it_is_met() {
        let mut walk = Walk::default();
        walk.see(b"D1", Some(b"old"));
        walk.see(b"F1", Some(b"f"));
        for key in [b"D1", b"E9"] {
            assert!(walk.has_seen(key));
        }
        assert!(!walk.has_seen(b"F2") && !walk.has_seen(b"m") && !walk.has_seen(b"a1"));
        walk.changed(b"D1", Some(b"old"), Some(b"new"));
        walk.changed(b"E9", None, Some(b"e"));
        walk.changed(b"F1", Some(b"f"), None);
        let mut expected = Digest::default();
        expected.add(b"D1", b"new");
        expected.add(b"E9", b"e");
        assert_eq!(walk.digest(), expected);
        assert_eq!(walk.rest().0, Bound::Excluded(b"F1".to_vec()));
    }
}
