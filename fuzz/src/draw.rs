//! Decisions drawn from the fuzzer's bytes.

/// Numbers drawn from the fuzzer's bytes; zeros when they are used up.
pub struct Draw<'a>(pub &'a [u8]);

impl<'a> Draw<'a> {
    /// One byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// Yes once in so many times.
    pub fn one_in(&mut self, times: u8) -> bool {
        self.byte().is_multiple_of(times)
    }

    /// A number below `end`; 0 if there is none.
    pub fn below(&mut self, end: usize) -> usize {
        let number = usize::from(self.byte()) << 8 | usize::from(self.byte());
        number % end.max(1)
    }

    /// A length below `most`, and mostly below a small part of it: what is large takes most of the time, and shows what it
    /// shows as well when it comes now and then.
    pub fn len(&mut self, most: usize) -> usize {
        let most = if self.one_in(8) { most } else { most / 64 };
        (most * self.below(1 << 16)) >> 16
    }

    /// Whether anything is left.
    pub fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    /// Up to 255 of the bytes themselves.
    pub fn bytes(&mut self) -> &'a [u8] {
        let len = usize::from(self.byte()).min(self.0.len());
        let (taken, rest) = self.0.split_at(len);
        self.0 = rest;
        taken
    }

    /// Bytes with up to seven changes: flipped, left out, put in, repeated, cut off, or made a huge number.
    pub fn changed(&mut self, honest: &[u8]) -> Vec<u8> {
        let mut changed = honest.to_vec();
        for _ in 0..self.byte() % 8 {
            let at = self.below(changed.len());
            match self.byte() % 8 {
                0 if !changed.is_empty() => drop(changed.remove(at)),
                1 => changed.insert(at, self.byte()),
                2 => {
                    let (end, to) =
                        (changed.len().min(at + usize::from(self.byte())), self.below(changed.len()));
                    let again = changed[at..end].to_vec();
                    changed.splice(to..to, again);
                }
                3 => changed.truncate(at),
                // The largest number in the layouts of the messages: seven bits a byte.
                4 => drop(changed.splice(
                    at..at,
                    [0xff, 0xff, 0xff, 0xff, 0x0f].into_iter().take(usize::from(self.byte() % 6)),
                )),
                5 => drop(changed.splice(at..at, self.bytes().iter().copied())),
                _ if !changed.is_empty() => changed[at] ^= self.byte(),
                _ => {}
            }
        }
        changed
    }
}
