//! A body in pieces, so that every piece that the connection takes counts as movement.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

/// Bytes handed to the connection at a time.
const PIECE_BYTES: usize = 8 * 1024;

/// A body in pieces, which counts how many the connection took.
pub(super) struct Pieces {
    bytes: Vec<u8>,
    at: usize,
    moved: Arc<AtomicU64>,
}

impl Pieces {
    pub(super) fn new(bytes: Vec<u8>, moved: Arc<AtomicU64>) -> Self {
        Self { bytes, at: 0, moved }
    }
}

impl futures_core::Stream for Pieces {
    type Item = Result<Vec<u8>, std::convert::Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let end = (self.at + PIECE_BYTES).min(self.bytes.len());
        if self.at == end {
            return Poll::Ready(None);
        }
        let piece = self.bytes[self.at..end].to_vec();
        self.at = end;
        self.moved.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Some(Ok(piece)))
    }
}
