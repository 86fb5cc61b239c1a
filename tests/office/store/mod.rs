//! The office's memory: what is acknowledged survives, tables can be thrown away, nothing is done twice.

mod conflicts;
mod durability;
mod erasures;
mod queue;
mod repetition;
mod restart;
mod secrecy;
mod skipped;
mod trail;
mod walk_ins;
