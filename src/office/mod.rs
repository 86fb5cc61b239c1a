//! The office node: what an immigration office runs on its own LAN.
//!
//! `store` remembers, `actions` does, `worker` runs unasked, `web` shows. Layers point one way:
//! `domain ← store ← actions ← web`; the worker uses the store alone.

pub mod actions;
pub mod courier;
pub mod node;
pub mod store;
pub mod web;
pub mod worker;
