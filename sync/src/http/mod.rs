//! The exchange over HTTP: addresses, signatures, the client, and what a server needs.
//!
//! Every request and every answer is signed; the answer's signature covers the request's, so an answer cannot be
//! given to another question. Whatever answers without the registry's signature is not the registry.

#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "client")]
mod letters;
#[cfg(feature = "client")]
mod pieces;
#[cfg(feature = "client")]
mod probe;
pub mod server;
pub mod signature;
#[cfg(feature = "client")]
pub mod trust;

/// Where all addresses start.
pub const BASE_PATH: &str = "/sync/v1";
/// Where messages go, below [`BASE_PATH`]: short, because it travels in every exchange.
pub const EXCHANGE_PATH: &str = "/x";
/// Type of messages.
pub const CONTENT_TYPE: &str = "application/vnd.loket.sync";
/// Where a chunk starts, or the next one should.
pub const UPLOAD_OFFSET: &str = "upload-offset";
/// Length of the whole blob.
pub const UPLOAD_LENGTH: &str = "upload-length";
/// The longest a server holds back its answer about news, in seconds.
pub const NEWS_HELD_S_MAX: u64 = 25;
