//! The words on every screen, Indonesian first, English by a switch.
//!
//! The accessors are generated from `templates/words/<language>/*.ftl` by `build.rs` beside this file.

use std::sync::OnceLock;

#[allow(
    dead_code,
    missing_docs,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::allow_attributes_without_reason,
    reason = "generated"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/words.rs"));
}

pub mod conflicts;
pub mod flags;
pub mod history;
pub mod names;
pub mod nodes;
pub mod refusal;
pub mod settings;

pub use generated::{L10n, L10nLanguage};

/// The words of one language, loaded once: reading the files anew for each page would cost more than the page.
pub fn words(language: L10n) -> &'static L10nLanguage {
    static INDONESIAN: OnceLock<L10nLanguage> = OnceLock::new();
    static ENGLISH: OnceLock<L10nLanguage> = OnceLock::new();
    match language {
        L10n::Id => INDONESIAN.get_or_init(|| L10n::Id.load()),
        L10n::En => ENGLISH.get_or_init(|| L10n::En.load()),
    }
}
