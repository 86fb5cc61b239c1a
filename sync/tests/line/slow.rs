//! A line on which exchanges take long although somebody is there: they must come to an end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use loket_sync::drive::{BlobThere, Signal, Uplink};
use loket_sync::exchange::{LineError, LinePhase};
use loket_sync::{Hash, Message};

use super::office::Office;

/// Long enough for whoever gives up and tries again, on a clock that jumps.
const LONG_ENOUGH: Duration = Duration::from_mins(10);

/// Somebody who is level with whoever asks, and takes so many seconds to say so.
struct Slow {
    seconds: u64,
    /// Whether bytes move all the while.
    drips: bool,
    moved: AtomicU64,
    posts: Arc<AtomicUsize>,
}

impl Uplink for Slow {
    async fn exchange(&self, message: &Message) -> Result<Message, LineError> {
        self.posts.fetch_add(1, Ordering::Relaxed);
        for _ in 0..self.seconds {
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.moved.fetch_add(u64::from(self.drips), Ordering::Relaxed);
        }
        let mut answer = message.clone();
        if answer.rest.is_some() {
            answer.vector.clear();
        }
        answer.runs.clear();
        Ok(answer)
    }

    fn moved(&self) -> u64 {
        self.moved.load(Ordering::Relaxed)
    }

    async fn probe(&self) -> bool {
        tokio::time::sleep(Duration::from_millis(50)).await;
        true
    }

    async fn news(&self, _: Hash) -> Result<bool, LineError> {
        std::future::pending().await
    }

    async fn blob_there(&self, _: &Hash) -> Result<BlobThere, LineError> {
        std::future::pending().await
    }

    async fn put_chunk(&self, _: &Hash, _: u64, _: Vec<u8>, _: u64) -> Result<BlobThere, LineError> {
        std::future::pending().await
    }

    async fn get_chunk(&self, _: &Hash, _: u64, _: usize) -> Result<(Vec<u8>, u64), LineError> {
        std::future::pending().await
    }
}

/// How many posts it takes until the line is level.
async fn posts_until_level(seconds: u64, drips: bool) -> usize {
    let posts = Arc::new(AtomicUsize::new(0));
    let uplink = Slow { seconds, drips, moved: AtomicU64::new(0), posts: Arc::clone(&posts) };
    let (_signals, mut state) = Office::new().connect(uplink);
    let level = state.wait_for(|state| state.phase == LinePhase::Level);
    tokio::time::timeout(LONG_ENOUGH, level).await.unwrap().unwrap();
    posts.load(Ordering::Relaxed)
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_an_exchange_while_nothing_is_new_gets_one_round_trip() {
    let posts = Arc::new(AtomicUsize::new(0));
    let uplink = Slow { seconds: 1, drips: true, moved: AtomicU64::new(0), posts: Arc::clone(&posts) };
    let (signals, mut state) = Office::new().connect(uplink);
    for asked in 1..4 {
        let level = state.wait_for(|state| state.phase == LinePhase::Level);
        tokio::time::timeout(LONG_ENOUGH, level).await.unwrap().unwrap();
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert_eq!(posts.load(Ordering::Relaxed), asked);
        // As an office does when somebody presses the button.
        for signal in [Signal::Resume, Signal::LineBack] {
            signals.send(signal).await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_exchange_of_which_something_moves_is_let_finish() {
    assert_eq!(posts_until_level(50, true).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_needs_long_for_an_answer_gets_the_time() {
    // Given up after some 5, 8, 14 and 26 seconds in which nothing moved; the fifth is answered.
    assert_eq!(posts_until_level(30, false).await, 5);
}
