//! The one place where randomness is taken from the operating system.
//!
//! Nothing else in the crate draws random bytes; everything that needs them has a `draw()` that ends here and a
//! constructor from given bytes beside it, so that tests and simulations stay repeatable.

/// Returns `N` random bytes from the operating system.
#[expect(
    clippy::expect_used,
    reason = "without randomness nothing can be sealed or named; there is no way on"
)]
pub(crate) fn draw<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
