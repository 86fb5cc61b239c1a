//! A digest over all rows that does not depend on their order: the sum of their hashes. It tells an accident (rows that
//! sled has lost or brought back) from a table that is whole; against forgery the rows are sealed.

use serde::{Deserialize, Serialize};

/// The sum of the hashes of all counted rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Digest {
    lanes: [u64; 4],
    rows: u64,
}

impl Digest {
    /// Counts a row.
    pub(super) fn add(&mut self, key: &[u8], value: &[u8]) {
        for (lane, part) in self.lanes.iter_mut().zip(parts(key, value)) {
            *lane = lane.wrapping_add(part);
        }
        self.rows = self.rows.wrapping_add(1);
    }

    /// Counts a row no longer.
    pub(super) fn take(&mut self, key: &[u8], value: &[u8]) {
        for (lane, part) in self.lanes.iter_mut().zip(parts(key, value)) {
            *lane = lane.wrapping_sub(part);
        }
        self.rows = self.rows.wrapping_sub(1);
    }

    /// Number of rows.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}{:016x}/{}", self.lanes[0], self.lanes[1], self.rows)
    }
}

fn parts(key: &[u8], value: &[u8]) -> [u64; 4] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(key.len() as u64).to_le_bytes()).update(key).update(value);
    let hash = *hasher.finalize().as_bytes();
    std::array::from_fn(|lane| {
        let mut part = [0; 8];
        part.copy_from_slice(&hash[lane * 8..lane * 8 + 8]);
        u64::from_le_bytes(part)
    })
}
