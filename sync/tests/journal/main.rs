//! Journals in a temporary folder: what is acknowledged is there after anything that can happen to a disk.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod changed;
mod copy;
mod damage;
mod durable;
mod erase;
mod failing_disk;
mod folder;
mod mark;
mod places;
mod power_cut;
mod runs;
mod subjects;
