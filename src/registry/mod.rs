//! The registry (*pusat*): bookings, money and decisions of all offices.

pub mod actions;
pub mod store;
