//! The registry (*pusat*): bookings, money and decisions of all offices.

pub mod store;
