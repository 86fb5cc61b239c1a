//! The registry's clock in the demo. Bookings are made days ahead and bills run out after hours; the demo lets the
//! registry live through that in seconds, then the clock is the machine's own.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::{Clock, SystemClock};

/// The system's clock, some time back.
#[derive(Debug, Default)]
pub(super) struct DemoClock {
    behind_ms: AtomicI64,
}

impl DemoClock {
    /// From now on it is this time, and runs on from there.
    pub(super) fn set(&self, at: DateTime<Utc>) {
        self.behind_ms.store((SystemClock.now() - at).num_milliseconds(), Ordering::Relaxed);
    }

    /// From now on it is the system's time.
    pub(super) fn catch_up(&self) {
        self.behind_ms.store(0, Ordering::Relaxed);
    }
}

impl Clock for DemoClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() - TimeDelta::milliseconds(self.behind_ms.load(Ordering::Relaxed))
    }
}
