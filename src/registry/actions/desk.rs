//! How many offices are served at once. After an outage all of them come back together: each is told when to come, and
//! none waits in a queue that only grows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::ids;

/// Exchanges that are worked on at once; the database takes one writer at a time in any case.
const PLACES: usize = 4;
/// Offices that may wait for a place; more are sent away at once.
const WAITING_MAX: u32 = 32;
/// How long an office waits for a place before it is sent away.
const WAIT_MAX: Duration = Duration::from_secs(3);
/// What one office ahead costs those behind it, about.
const TURN_MS: u32 = 100;
/// The longest pause that is asked for.
const PAUSE_MS_MAX: u32 = 30_000;

/// Places for exchanges.
#[derive(Debug)]
pub struct Desk {
    places: Semaphore,
    waiting: AtomicU32,
    wait_max: Duration,
}

impl Desk {
    /// A desk where everybody can sit down.
    pub fn new() -> Arc<Self> {
        Self::of(WAIT_MAX)
    }

    fn of(wait_max: Duration) -> Arc<Self> {
        Arc::new(Self { places: Semaphore::new(PLACES), waiting: AtomicU32::new(0), wait_max })
    }

    /// A place, or how many milliseconds to stay away.
    pub async fn place(&self) -> Result<SemaphorePermit<'_>, u32> {
        if let Ok(place) = self.places.try_acquire() {
            return Ok(place);
        }
        let _counted = Counted::one(&self.waiting);
        if self.waiting.load(Ordering::Relaxed) > WAITING_MAX {
            return Err(self.pause_ms().max(TURN_MS));
        }
        let waited = tokio::time::timeout(self.wait_max, self.places.acquire()).await;
        waited.ok().and_then(Result::ok).ok_or_else(|| self.pause_ms().max(TURN_MS))
    }

    /// How long whoever was served should stay away, so that the others get their turn: nothing while nobody waits,
    /// else about as long as those take, drawn so that not all come back at one moment.
    pub fn pause_ms(&self) -> u32 {
        let mean_ms = self.waiting.load(Ordering::Relaxed).saturating_mul(TURN_MS).min(PAUSE_MS_MAX / 2);
        let drawn = ids::bytes().map_or(0, u32::from_le_bytes);
        if mean_ms == 0 { 0 } else { mean_ms / 2 + drawn % (mean_ms + 1) }
    }
}

/// Somebody who waits, for as long as it does.
struct Counted<'a>(&'a AtomicU32);

impl<'a> Counted<'a> {
    fn one(count: &'a AtomicU32) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_finds_no_place_is_told_when_to_come_and_not_all_the_same() {
        let desk = Desk::of(Duration::from_millis(300));
        assert_eq!(desk.pause_ms(), 0);
        let mut served = Vec::new();
        for _ in 0..PLACES {
            served.push(desk.place().await.unwrap());
        }
        let waiting: Vec<_> = (0..WAITING_MAX + 20)
            .map(|_| {
                let desk = Arc::clone(&desk);
                tokio::spawn(async move { desk.place().await.map(drop) })
            })
            .collect();
        tokio::task::yield_now().await;
        let mean_ms = WAITING_MAX * TURN_MS;
        assert!(desk.pause_ms() >= mean_ms / 2, "those who are served leave the line to the others");
        let mut pauses = Vec::new();
        for waited in waiting {
            pauses.push(waited.await.unwrap().unwrap_err());
        }
        assert!(pauses.iter().all(|pause_ms| (TURN_MS..=PAUSE_MS_MAX).contains(pause_ms)), "{pauses:?}");
        pauses.sort_unstable();
        pauses.dedup();
        assert!(pauses.len() > 20, "they do not come back at one moment");
        drop(served);
        assert!(desk.place().await.is_ok());
        assert_eq!(desk.pause_ms(), 0);
    }
}
