//! Bodies of requests: of nodes whose signature over the head holds and of channels with a key, and of all of them
//! together only so many bytes at once.
//!
//! A body takes its room before its first byte is read and gives it back when the request is answered. What is refused
//! is read to its end and kept nowhere, so that whoever sent it gets our answer instead of a broken line.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::Payload;
use futures_util::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

/// Room is counted in units of so many bytes.
const UNIT_BYTES: usize = 1024;
/// Units of all bodies at once: 64 MiB.
const UNITS: usize = 64 * 1024;
/// How long a body waits for room.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// How long nothing may come of a body: as long as a node waits while nothing moves.
const SILENT_MAX: Duration = Duration::from_mins(1);
/// How long a body may take: nodes send what their line takes in some seconds.
const SENDING_MAX: Duration = Duration::from_mins(10);
/// How long a refused body is read on.
const PASSING_MAX: Duration = Duration::from_secs(30);
/// What whoever finds no room is asked to wait, in milliseconds.
pub const PAUSE_MS: u32 = 2_000;

/// Room for bodies.
#[derive(Debug)]
pub struct Bodies {
    free: Arc<Semaphore>,
    wait_max: Duration,
}

/// A body in memory; its room is free again when this is dropped.
#[derive(Debug)]
pub struct Body {
    bytes: Vec<u8>,
    _room: OwnedSemaphorePermit,
}

impl Deref for Body {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotRead {
    /// It is longer than this address takes.
    #[error("the body is too large")]
    TooLarge,
    /// Too many others are on their way.
    #[error("too many requests are on their way")]
    NoRoom,
    /// It did not come to its end.
    #[error("the body broke off")]
    Broken,
}

impl Default for Bodies {
    fn default() -> Self {
        Self::of(UNITS, WAIT_MAX)
    }
}

impl Bodies {
    fn of(units: usize, wait_max: Duration) -> Self {
        Self { free: Arc::new(Semaphore::new(units)), wait_max }
    }

    /// Reads a body of at most so many bytes.
    pub async fn read(
        &self,
        request: &HttpRequest,
        payload: &mut Payload,
        bytes_max: usize,
    ) -> Result<Body, NotRead> {
        let said = request.headers().get(CONTENT_LENGTH).and_then(|len| len.to_str().ok()?.parse().ok());
        let len: usize = said.unwrap_or(bytes_max);
        if len > bytes_max {
            return Err(NotRead::TooLarge);
        }
        let Some(room) = self.room(len).await else {
            pass(payload, bytes_max).await;
            return Err(NotRead::NoRoom);
        };
        let mut bytes = Vec::new();
        let until = Instant::now() + SENDING_MAX;
        loop {
            let until = until.min(Instant::now() + SILENT_MAX);
            match timeout_at(until, payload.next()).await {
                Ok(Some(Ok(chunk))) if chunk.len() > len - bytes.len() => return Err(NotRead::TooLarge),
                Ok(Some(Ok(chunk))) => {
                    if bytes.is_empty() {
                        bytes.reserve_exact(len);
                    }
                    bytes.extend_from_slice(&chunk);
                }
                Ok(None) => return Ok(Body { bytes, _room: room }),
                Ok(Some(Err(_))) | Err(_) => return Err(NotRead::Broken),
            }
        }
    }

    async fn room(&self, len: usize) -> Option<OwnedSemaphorePermit> {
        let units = u32::try_from(len.div_ceil(UNIT_BYTES)).ok()?;
        let waited = timeout(self.wait_max, Arc::clone(&self.free).acquire_many_owned(units)).await;
        waited.ok()?.ok()
    }
}

/// Reads a refused body to its end, if it is no longer than it may be.
pub async fn pass(payload: &mut Payload, bytes_max: usize) {
    let mut left = bytes_max;
    let passing = async {
        while let Some(Ok(chunk)) = payload.next().await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                return;
            }
        }
    };
    // Whoever sends on after that finds the line closed.
    timeout(PASSING_MAX, passing).await.unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::FromRequest;
    use actix_web::test::TestRequest;

    const MAX: usize = 4 * UNIT_BYTES;

    async fn read(bodies: &Bodies, bytes: usize, said: Option<usize>) -> Result<Body, NotRead> {
        let request = TestRequest::default().set_payload(vec![7; bytes]);
        let request = match said {
            Some(len) => request.insert_header((CONTENT_LENGTH, len)),
            None => request,
        };
        let (request, mut payload) = request.to_http_parts();
        let mut payload = Payload::from_request(&request, &mut payload).await.unwrap();
        bodies.read(&request, &mut payload, MAX).await
    }

    #[actix_web::test]
    async fn bodies_wait_for_room_and_give_it_back() {
        let bodies = Bodies::of(4, Duration::from_millis(20));
        let small = read(&bodies, 100, Some(100)).await.unwrap();
        assert_eq!((small.len(), small[99]), (100, 7));
        let larger = read(&bodies, 2_500, Some(2_500)).await.unwrap();
        assert_eq!(read(&bodies, 1, Some(1)).await.unwrap_err(), NotRead::NoRoom);
        assert!(read(&bodies, 0, Some(0)).await.unwrap().is_empty(), "nothing needs no room");
        drop(small);
        assert_eq!(read(&bodies, 1_025, Some(1_025)).await.unwrap_err(), NotRead::NoRoom);
        drop(larger);
        assert_eq!(read(&bodies, MAX, Some(MAX)).await.unwrap().len(), MAX);
        assert_eq!(read(&bodies, MAX, None).await.unwrap().len(), MAX, "without a length it takes the most");
    }

    #[actix_web::test]
    async fn more_than_was_said_or_may_be_is_not_kept() {
        let bodies = Bodies::of(64, Duration::from_millis(20));
        assert_eq!(read(&bodies, 10, Some(MAX + 1)).await.unwrap_err(), NotRead::TooLarge);
        assert_eq!(read(&bodies, MAX + 1, None).await.unwrap_err(), NotRead::TooLarge);
        assert_eq!(read(&bodies, 11, Some(10)).await.unwrap_err(), NotRead::TooLarge);
        assert_eq!(bodies.free.available_permits(), 64);
    }
}
