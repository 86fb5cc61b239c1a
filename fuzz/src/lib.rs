//! What the targets share: honest nodes with fixed keys, what they honestly wrote, and a bound for memory.

mod crafted;
mod draw;
mod honest;

use peak_alloc::PeakAlloc;

pub use crafted::{Tail, crafted};
pub use draw::Draw;
pub use honest::{Session, honest, key, office, own, registry, session, signer, stranger, whole};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// A mebibyte.
pub const MIB: usize = 1 << 20;

/// Does something and fails if it ever held more memory at once than allowed, beyond what was held before.
///
/// libFuzzer's own limit looks at the process once a second and misses what is given back before.
pub fn bounded<T>(bytes_max: usize, work: impl FnOnce() -> T) -> T {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let done = work();
    let peak = MEMORY.peak_usage().saturating_sub(before);
    assert!(peak <= bytes_max, "{peak} bytes were held at once, and {bytes_max} are allowed");
    done
}
