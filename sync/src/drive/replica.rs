//! What the line asks of this node: records, keys and blobs, kept durably.

use std::future::Future;

use crate::chain::Run;
use crate::exchange::{Alarm, KeyGrant, LineError, NotTaken, Range};
use crate::head::Vector;
use crate::ids::{Hash, Subject};

/// What keeps this node's records, keys and blobs.
pub trait Replica: Send + Sync {
    /// What is durable here.
    fn vector(&self) -> impl Future<Output = Result<Vector, LineError>> + Send;

    /// Durable records of these ranges, about `bytes_max` in all, each run ending at a signed head.
    fn runs(
        &self,
        ranges: Vec<Range>,
        bytes_max: usize,
    ) -> impl Future<Output = Result<Vec<Run>, LineError>> + Send;

    /// The keys of these subjects, as far as they are here, sealed for the other side.
    fn grants(&self, subjects: Vec<Subject>)
    -> impl Future<Output = Result<Vec<KeyGrant>, LineError>> + Send;

    /// Subjects whose keys are not here.
    fn wanted_keys(&self) -> impl Future<Output = Result<Vec<Subject>, LineError>> + Send;

    /// Verifies and keeps; durable when it returns. Returns how many records were new.
    fn receive(
        &self,
        runs: Vec<Run>,
        keys: Vec<KeyGrant>,
    ) -> impl Future<Output = Result<u64, LineError>> + Send;

    /// What came and is not taken here, so that the other side does not send it again.
    fn refused(&self) -> impl Future<Output = Result<Vec<NotTaken>, LineError>> + Send {
        async { Ok(Vec::new()) }
    }

    /// Blobs to offer, so many at most, the most urgent first.
    fn offered_blobs(&self, len_max: usize) -> impl Future<Output = Result<Vec<Hash>, LineError>> + Send;

    /// Blobs that are named by records here and not here themselves, so many at most, the most urgent first.
    fn wanted_blobs(&self, len_max: usize) -> impl Future<Output = Result<Vec<Hash>, LineError>> + Send;

    /// Length of a whole blob that is here.
    fn blob_len(&self, hash: &Hash) -> impl Future<Output = Result<Option<u64>, LineError>> + Send;

    /// Whether a blob that is here still has the bytes it is named by. One that has not is set aside, so that whoever
    /// else holds it can bring it again.
    fn is_blob_sound(&self, hash: &Hash) -> impl Future<Output = Result<bool, LineError>> + Send;

    /// A piece of a blob that is here.
    fn read_chunk(
        &self,
        hash: &Hash,
        offset: u64,
        len_max: usize,
    ) -> impl Future<Output = Result<Vec<u8>, LineError>> + Send;

    /// How much of an arriving blob is here.
    fn part_len(&self, hash: &Hash) -> impl Future<Output = Result<u64, LineError>> + Send;

    /// Keeps the next piece of an arriving blob of `len` bytes; durable when it returns.
    fn write_chunk(
        &self,
        hash: &Hash,
        offset: u64,
        bytes: Vec<u8>,
        len: u64,
    ) -> impl Future<Output = Result<(), LineError>> + Send;

    /// The other side has this blob, whole.
    fn blob_arrived_there(&self, hash: &Hash) -> impl Future<Output = ()> + Send;

    /// A person should know.
    fn alarm(&self, alarm: Alarm) -> impl Future<Output = ()> + Send;
}
