//! A counter (*loket*): a numbered place where an officer serves chosen queue classes.

use serde::{Deserialize, Serialize};

use super::ticket::QueueClass;

/// The highest number a counter may have: what fits on the sign above it.
pub const COUNTER_MAX: u16 = 999;

/// An officer opened a counter (office; about the office's own affairs).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CounterOpened {
    /// Its number, as on the sign above it.
    pub counter: u16,
    /// The classes it serves.
    pub classes: Vec<QueueClass>,
}

/// A counter was closed (office; about the office's own affairs).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CounterClosed {
    /// Its number.
    pub counter: u16,
}

/// A counter calls nobody for a while; it goes on when it is opened again (office; about the office's own affairs).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CounterPaused {
    /// Its number.
    pub counter: u16,
    /// Why; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}
