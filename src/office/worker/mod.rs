//! What the office runs without being asked: the line to headquarters.

mod line;
mod replica;
mod uplink;

pub use line::{Running, start};
pub use replica::OfficeReplica;
