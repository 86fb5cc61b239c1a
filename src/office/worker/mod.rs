//! What the office runs without being asked: the line to headquarters.

mod line;
mod replica;
mod spool;
pub mod sweep;
mod uplink;

pub use line::{Running, start};
pub use replica::OfficeReplica;
pub use spool::{Watching, watch};
