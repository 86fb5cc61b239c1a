//! Loket: the server an Indonesian immigration office runs on its own LAN, and the registry it syncs with.
//!
//! Layers point one way: `domain ← store ← actions ← web`. See `ARCHITECTURE.md`.

pub mod backup;
pub mod certificate;
pub mod cli;
pub mod clock;
pub mod config;
pub mod courier;
pub mod demo;
pub mod dictionary;
pub mod domain;
pub mod ids;
pub mod new_file;
pub mod node_key;
pub mod notify;
pub mod office;
pub mod passwords;
pub mod proof;
pub mod registry;
pub mod reserved;
pub mod sheets;
pub mod simulation;
pub mod spool;
pub mod sums;
pub mod web;
