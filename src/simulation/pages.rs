//! How much goes into one message: sometimes exactly what is left, sometimes a byte more or less.

use loket_sync::journal::ReadError;
use loket_sync::{Message, Range, Run};

use super::fault::Fault;
use super::world::World;

/// Every so many posts a boundary is tried.
const EVERY: u64 = 6;

impl World {
    /// Runs for these ranges, as much as goes into one message.
    pub(super) fn page(&self, at: usize, link: usize, ranges: &[Range]) -> Result<Vec<Run>, ReadError> {
        let runs = self.read(at, ranges, self.message_bytes)?;
        let exactly: usize = runs.iter().map(Run::len_bytes).sum();
        match self.links[link].posts % EVERY {
            _ if !self.has_boundary(link) || exactly == 0 => Ok(runs),
            0 => self.read(at, ranges, exactly - 1),
            1 => self.read(at, ranges, exactly),
            _ => self.read(at, ranges, exactly + 1),
        }
    }

    fn has_boundary(&self, link: usize) -> bool {
        !self.is_settling && self.message_bytes > 1 && self.links[link].posts % EVERY < 3
    }

    pub(super) fn note_page(&mut self, link: usize, message: Option<&Message>) {
        if self.has_boundary(link) && message.is_some_and(|message| !message.runs.is_empty()) {
            self.tally.fault(Fault::PageBoundary, []);
        }
    }
}
