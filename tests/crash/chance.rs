//! Chance that can be drawn again: the same seed gives the same draws.

/// A small generator (splitmix64); good enough to choose moments and victims.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// Everything that follows from a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number of its own for somebody who draws beside us.
    pub fn another(&mut self) -> Self {
        Self(self.next())
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of them.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let len = u64::try_from(all.len()).unwrap();
        (len > 0).then(|| &all[usize::try_from(self.below(len)).unwrap()])
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
