//! The demo.
mod chance;
mod day;
mod names;
mod people;
mod scans;
