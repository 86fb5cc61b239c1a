//! The dictionary that facts are packed with on the line, so that even one alone costs little.
//!
//! It is trained on facts of invented days ([`crate::demo::facts`]); `cargo bench --bench wire_cost -- --train FILE` makes
//! it anew, and without arguments says what facts cost with it. A new one gets the next number; the old ones stay, for
//! nodes that have not been updated yet.

use loket_sync::packing::{self, Dictionary};

/// The newest first.
const SHIPPED: &[Dictionary] = &[Dictionary { number: 1, bytes: include_bytes!("dictionary/1.zdict") }];

/// Gives this process its dictionaries; more than once does no harm.
pub fn ship() {
    packing::ship(SHIPPED);
}
