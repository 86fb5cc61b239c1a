//! What the office runs without being asked: the line to headquarters, and tickets on paper.

mod line;
mod printer;
mod replica;
mod spool;
pub mod sweep;
mod uplink;

pub use line::{Running, start};
pub use printer::{Printer, PrinterState, Printing};
pub use replica::OfficeReplica;
pub use spool::{Watching, watch};
