//! The words on every screen, Indonesian first, English by a switch.
//!
//! The accessors are generated from `templates/words/<language>/*.ftl` by `build.rs` beside this file.

#[allow(dead_code, missing_docs, clippy::all, clippy::pedantic, reason = "generated")]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/words.rs"));
}

pub use generated::{L10n, L10nLanguage};
