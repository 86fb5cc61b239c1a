//! Chance that keeps many offices from calling at the same moment.

use crate::chance::SplitMix64;

/// Draws how much longer to wait.
#[derive(Debug)]
pub(super) struct Jitter(SplitMix64);

impl Jitter {
    pub(super) fn new(seed: u64) -> Self {
        Self(SplitMix64(seed))
    }

    pub(super) fn draw(&mut self) -> u64 {
        self.0.draw()
    }

    /// Between half of a wait and all of it.
    pub(super) fn of(&mut self, wait_ms: u64) -> u64 {
        wait_ms / 2 + self.draw() % (wait_ms / 2 + 1)
    }
}
