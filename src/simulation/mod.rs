//! A registry, three offices and a kit in one deterministic process, with everything going wrong that can be drawn.
//!
//! What runs is the product: the line and the answerer, the wire's coding, the verification of chains and signatures, the
//! journals on disks in memory with their real opening and healing, the blob folder, and the domain's join, views, conflicts
//! and decisions. What is replaced: sockets (a network that loses, delays, repeats, reorders, cuts, changes, answers with a
//! login page or goes one way), files (a [`VirtualDisk`](loket_sync::disk::virtual_disk::VirtualDisk)), clocks and chance.
//! A seed is one history. It ends with all faults over, everybody level, and a judgement; see [`Invariant`].
//!
//! Seldom things are made common: messages of one run, segments of a few records, crashes at any act on a disk and while
//! the journals are being opened. What a seed reached is counted in a [`Tally`].
//!
//! **Not drawn here**, and where it is tried instead:
//! - sled, SQL and the actix handlers: threads and files of their own; `tests/crash` kills whole programs. The registry here
//!   keeps journals on a virtual disk in the place of its database, one folder for each office.
//! - Tables that are lost, stale or ahead of the journal (`tests/office/store/durability.rs`, `restart.rs`): the state here is
//!   derived in memory; that it equals what the journals say is checked after every start.
//! - A server that takes bytes one by one, and gives up (`sync/tests/line`): here a message comes whole, long after its sender
//!   has given it up. Opening journals that another process has open waits for a second (`sync/tests/journal`): here the same
//!   lock is asked for. 200,000 events behind (`benches/restart`): here it is some hundred.
//! - A registry whose memory is copied while it runs: two processes go on in the same session
//!   (`tests/office/line.rs`: `two_histories_of_headquarters_are_told_and_never_mixed`; of an office,
//!   `tests/registry/nodes.rs`). A copied or restored disk beside the true one, and who is led to which, is drawn. Two processes
//!   on one database: `tests/registry`.
//! - Retention says who is due and erases nobody by itself (`tests/registry/erasures.rs`); erasing is drawn. No node prunes
//!   records, and there are no leases.
//! - Numbers of tickets are not unique after a restore and at copied machines; how often that happens is counted.

mod acting;
mod broken;
mod chance;
mod counter;
mod courier;
mod effects;
mod erasing;
mod fault;
mod fold;
mod forger;
mod headquarters;
mod history;
mod hubs;
mod judge;
mod ledger;
mod living;
mod mutation;
mod node;
mod pages;
mod pictures;
mod places;
mod rarer;
mod roster;
mod run;
mod short;
mod striking;
mod taking;
mod talk;
mod tally;
mod weather;
mod world;

pub use broken::{Broken, Invariant};
pub use fault::Fault;
pub use mutation::Mutation;
pub use run::{Outcome, STEPS, Settings, Summary, run, run_many};
pub use tally::Tally;
