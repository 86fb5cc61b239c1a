//! All integration tests in one binary, so that the program is linked once. Folders mirror `src/`; beside them stand
//! `tidy` (the rules no compiler keeps), `story` (whole servers), `crash` (kills and power cuts) and `browser` (what only a browser shows).
//!
//! `./tests/run` installs what the tests need on a fresh machine and runs everything.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    reason = "harnesses start real processes with real clocks and environments"
)]

mod browser;
mod crash;
mod dictionary;
mod domain;
mod harness;
mod office;
mod registry;
mod simulation;
mod story;
mod tidy;
mod web;
