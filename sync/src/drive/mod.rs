//! Carries out what the line wants: over a replica that keeps records, and an uplink that reaches the other side.
//!
//! Records go before blobs: a blob's next chunk is sent only while the line is level.

mod blobs;
mod messages;
mod replica;
mod running;
mod uplink;

use std::collections::{BTreeSet, VecDeque};

use tokio::sync::{mpsc, watch};

pub use replica::Replica;
pub use uplink::{BlobThere, Uplink};

use blobs::BlobLane;
use running::Running;

use crate::exchange::{Input, Line, LineState, Now};
use crate::ids::{SessionId, StoreId, StreamId};

/// What the rest of the program tells the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Something became durable here.
    LocalNews,
    /// The network came back.
    LineBack,
    /// A person wants the line quiet.
    Pause,
    /// A person wants the line back.
    Resume,
}

/// What a line is driven with.
pub struct Drive<R, U, C> {
    /// Keeps records.
    pub replica: R,
    /// Reaches the other side.
    pub uplink: U,
    /// Tells the time.
    pub clock: C,
    /// This node's store.
    pub store: StoreId,
    /// The stream that this node writes: its records go first.
    pub own_stream: StreamId,
    /// This process, drawn at its start: two that take turns are two copies of one machine.
    pub process: SessionId,
    /// The streams that both sides keep.
    pub shared: BTreeSet<StreamId>,
}

impl<R: Replica, U: Uplink, C: Fn() -> Now + Send + Sync> Drive<R, U, C> {
    /// Runs the line until the channel of signals is closed. `shown` follows the line's state.
    pub async fn run(self, line: Line, signals: mpsc::Receiver<Signal>, shown: watch::Sender<LineState>) {
        let mut run = Running {
            drive: self,
            line,
            signals,
            shown,
            queue: VecDeque::new(),
            blobs: BlobLane::default(),
            is_over: false,
        };
        run.feed(Input::Start);
        while !run.is_over {
            run.turn().await;
        }
    }
}
