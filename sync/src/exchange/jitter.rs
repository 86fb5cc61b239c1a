//! Chance that keeps many offices from calling at the same moment.

/// A stream of numbers that look like chance; `SplitMix64`, which is enough for this.
#[derive(Debug)]
pub(super) struct Jitter(pub u64);

impl Jitter {
    pub(super) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Between half of a wait and all of it.
    pub(super) fn of(&mut self, wait_ms: u64) -> u64 {
        wait_ms / 2 + self.draw() % (wait_ms / 2 + 1)
    }
}
