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
//! - Tables that are lost, stale or ahead of the journal (`tests/office/store`): the state here is derived in memory; that it
//!   equals what the journals say is checked after every start.
//! - Two processes in one folder (`sync/tests/journal`), a line of one byte a second and a server that is slow to answer
//!   (`sync/tests/line`), the file in which a start remembers where records lie (`sync/tests/journal/places.rs`).
//! - Two registries that answer to one name: there is one, and its processes share one database (`tests/registry`).
//! - Retention: it says who is due and erases nobody by itself; erasing is drawn. No node prunes records.
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
mod judge;
mod ledger;
mod living;
mod mutation;
mod node;
mod pictures;
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
