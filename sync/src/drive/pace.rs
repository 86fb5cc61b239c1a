//! How much to send at once, so that a message takes a few seconds on any line: a cut then costs little, and news wait
//! little.

use crate::exchange::{RUN_BYTES_MAX, keys_in};

/// Fewest bytes of records in one message. Packed they are about a sixth of it.
const BYTES_MIN: usize = 16 * 1024;
/// Before anything is known about the line.
const BYTES_FIRST: usize = 64 * 1024;
/// A message should take about so long.
const TOOK_MS: (u64, u64) = (1_500, 4_000);

/// How many bytes of records to send at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace(usize);

impl Default for Pace {
    fn default() -> Self {
        Self(BYTES_FIRST)
    }
}

impl Pace {
    pub(super) fn bytes(self) -> usize {
        self.0
    }

    /// How many keys to ask for at once, and to give of those that are asked for.
    pub(super) fn keys(self) -> usize {
        keys_in(self.0)
    }

    /// A message with so many bytes of records took so long.
    pub(super) fn took(&mut self, bytes: usize, took_ms: u64) {
        if took_ms > TOOK_MS.1 {
            self.failed();
        } else if took_ms < TOOK_MS.0 && bytes * 2 > self.0 {
            self.0 = (self.0 * 2).min(RUN_BYTES_MAX);
        }
    }

    /// A message did not get through.
    pub(super) fn failed(&mut self) {
        self.0 = (self.0 / 2).max(BYTES_MIN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_grow_on_a_quick_line_and_shrink_on_a_slow_or_broken_one() {
        let mut pace = Pace::default();
        pace.took(100, 10);
        assert_eq!(pace.bytes(), BYTES_FIRST, "a small message says nothing about the line");
        for _ in 0..9 {
            pace.took(pace.bytes(), 100);
        }
        assert_eq!(pace.bytes(), RUN_BYTES_MAX);
        for _ in 0..9 {
            pace.took(pace.bytes(), 9_000);
        }
        assert_eq!(pace.bytes(), BYTES_MIN);
    }
}
