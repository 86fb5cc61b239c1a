//! Chance that always falls the same way for one seed; nothing here is secret.

use loket_sync::Hash;
use loket_sync::chance::SplitMix64;

/// Draws numbers.
#[derive(Clone, Debug)]
pub(super) struct Chance(SplitMix64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        // Neighbouring seeds must not begin alike.
        let mut chance = Self(SplitMix64(seed ^ 0x5851_f42d_4c95_7f2d));
        chance.next();
        chance
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0.draw()
    }

    /// Below `limit`, which is at least 1.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// Whether something happens that happens `percent` times in a hundred.
    pub(super) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A place in a list of this length.
    pub(super) fn place(&mut self, len: usize) -> usize {
        usize::try_from(self.next() % len.max(1) as u64).unwrap_or(0)
    }

    /// One of several.
    pub(super) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.place(of.len())]
    }

    /// Up to about `max`, small numbers more often.
    pub(super) fn skewed(&mut self, max: u64) -> u64 {
        let limit = 1 + self.below(max.max(1));
        self.below(limit)
    }

    /// Puts a list into another order.
    pub(super) fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.place(at + 1));
        }
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        bytes.fill_with(|| self.next().to_le_bytes()[0]);
        bytes
    }
}

/// Bytes that follow from a seed and a name, whenever they are asked for.
pub(super) fn derived(seed: u64, name: &str, number: u64) -> [u8; 32] {
    Hash::of(format!("{seed} {name} {number}").as_bytes()).0
}

/// The first half of [`derived`].
pub(super) fn derived_16(seed: u64, name: &str, number: u64) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&derived(seed, name, number)[..16]);
    half
}
