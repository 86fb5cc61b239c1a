//! The only place that reads the time. Everything else is told what time it is by a [`Clock`].

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where time is asked")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// A clock that stands still until it is moved; for tests. It keeps whole milliseconds.
#[derive(Debug)]
pub struct StoppedClock {
    at_ms: AtomicI64,
}

impl StoppedClock {
    /// Stands at this instant.
    pub fn at(at: DateTime<Utc>) -> Self {
        Self { at_ms: AtomicI64::new(at.timestamp_millis()) }
    }

    /// Moves the hands on by a while, or back when it is negative.
    pub fn advance(&self, by: TimeDelta) {
        self.at_ms.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.at_ms.load(Ordering::SeqCst)).unwrap_or_default()
    }
}

/// Counts on without ever going back, whatever happens to the clock on the wall: what waits are counted in.
#[derive(Debug, Clone, Copy)]
pub struct Steady(Instant);

impl Steady {
    /// Counts from now.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Milliseconds since the start.
    pub fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
