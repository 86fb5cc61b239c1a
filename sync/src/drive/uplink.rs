//! What the line asks of the way to the other side. Nothing here knows what carries it.

use std::future::Future;

use crate::exchange::{LineError, Message};
use crate::ids::Hash;

/// What the other side has of a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlobThere {
    /// So many bytes.
    Part(u64),
    /// All of it.
    Whole,
}

/// Reaches the other side.
pub trait Uplink: Send + Sync {
    /// One message there, one back.
    fn exchange(&self, message: &Message) -> impl Future<Output = Result<Message, LineError>> + Send;

    /// Whether anything gives a sign of life where the other side should be, for a few bytes. Who cannot tell never
    /// answers.
    fn probe(&self) -> impl Future<Output = bool> + Send {
        std::future::pending()
    }

    /// Counts whatever moves of exchanges, in either direction: as long as it grows, one is alive however slow it is.
    fn moved(&self) -> u64 {
        0
    }

    /// Waits a while for news; whether there is any
    /// since the other side had this of the streams that it writes (a digest).
    fn news(&self, seen: Hash) -> impl Future<Output = Result<bool, LineError>> + Send;

    /// How much of a blob is there.
    fn blob_there(&self, hash: &Hash) -> impl Future<Output = Result<BlobThere, LineError>> + Send;

    /// Sends a chunk of a blob of `len` bytes; what is there now.
    fn put_chunk(
        &self,
        hash: &Hash,
        offset: u64,
        bytes: Vec<u8>,
        len: u64,
    ) -> impl Future<Output = Result<BlobThere, LineError>> + Send;

    /// Asks for a chunk of a blob: the bytes, and the length of the whole.
    fn get_chunk(
        &self,
        hash: &Hash,
        offset: u64,
        len_max: usize,
    ) -> impl Future<Output = Result<(Vec<u8>, u64), LineError>> + Send;
}
