//! Carries out what the line wants: over a replica that keeps records, and an uplink that reaches the other side.
//!
//! Records go before blobs: a blob's next piece is sent only while the line is level, and a piece that is under way
//! holds up no record.

mod blobs;
mod messages;
mod pace;
mod replica;
mod running;
mod uplink;

use std::collections::BTreeSet;

use tokio::sync::{mpsc, watch};

pub use replica::Replica;
pub use uplink::{BlobThere, Uplink};

use running::Running;

use crate::exchange::{Line, LineState, Now};
use crate::ids::{NodeId, SessionId, StoreId, StreamId};

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
    /// This node, which signs what it sends.
    pub node: NodeId,
    /// This node's store.
    pub store: StoreId,
    /// The stream that this node writes: its records go first.
    pub own_stream: StreamId,
    /// This process, drawn at its start: two that take turns are two copies of one machine.
    pub process: SessionId,
    /// The streams that both sides keep.
    pub shared: BTreeSet<StreamId>,
}

impl<R, U, C> Drive<R, U, C>
where
    R: Replica + 'static,
    U: Uplink + 'static,
    C: Fn() -> Now + Send + Sync + 'static,
{
    /// Runs the line until the channel of signals is closed. `shown` follows the line's state.
    pub async fn run(self, line: Line, signals: mpsc::Receiver<Signal>, shown: watch::Sender<LineState>) {
        Running::new(self, line, signals, shown).run().await;
    }
}
