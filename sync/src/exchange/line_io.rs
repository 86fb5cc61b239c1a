//! What goes into a line and what comes out of it, and what a screen shows of it.

use std::collections::BTreeSet;

use super::line_error::LineError;
use super::message::{KeyGrant, Message, NotTaken};
use crate::chain::Run;
use crate::head::{Have, Vector};
use crate::ids::{Hash, StoreId, StreamId, Subject};

/// The moment of a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Never goes back; what waits are counted in.
    pub steady_ms: u64,
    /// What the clock on the wall says, for people.
    pub wall_ms: i64,
}

/// Ties an answer to its question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(pub(super) u64);

/// How patient a line is.
#[derive(Clone, Debug)]
pub struct LineSettings {
    /// Streams that both sides keep.
    pub shared: BTreeSet<StreamId>,
    /// Wait after the first failure.
    pub retry_ms_min: u64,
    /// Longest wait after failures.
    pub retry_ms_max: u64,
    /// Longest wait after a failure when something new is waiting here.
    pub retry_with_news_ms: u64,
    /// How long a level line rests without news before it asks again.
    pub rest_ms: u64,
    /// Start of the jitter; any number.
    pub jitter_seed: u64,
}

impl LineSettings {
    /// Settings for a line in service.
    pub fn new(shared: BTreeSet<StreamId>, jitter_seed: u64) -> Self {
        Self {
            shared,
            retry_ms_min: 1_000,
            retry_ms_max: 300_000,
            retry_with_news_ms: 5_000,
            rest_ms: 60_000,
            jitter_seed,
        }
    }
}

/// What happens to a line.
#[derive(Clone, Debug)]
pub enum Input {
    /// The node has started.
    Start,
    /// Time has passed.
    Tick,
    /// Something became durable here that the other side lacks.
    LocalNews,
    /// The other side says that it has something new.
    RemoteNews,
    /// The network came back.
    LineBack,
    /// Somebody was asked for a sign of life, without an exchange.
    Probed {
        /// Whether anything answered.
        is_there: bool,
    },
    /// A person wants the line quiet.
    Pause,
    /// A person wants the line back.
    Resume,
    /// The answer to a post.
    Answer {
        /// The post.
        ticket: Ticket,
        /// What the other side said.
        answer: Box<Message>,
        /// How many records the post carried.
        sent: u64,
        /// What the post said is here.
        said: Vector,
    },
    /// The line was lost while it rested.
    Lost {
        /// How.
        error: LineError,
    },
    /// A post or append did not work.
    Failed {
        /// The post or append.
        ticket: Ticket,
        /// Why.
        error: LineError,
    },
    /// What was to be appended is on the disk.
    Durable {
        /// The append.
        ticket: Ticket,
        /// What is here now.
        mine: Vector,
        /// How many records were new.
        received: u64,
        /// What this side does not take of the other's.
        refused: Vec<NotTaken>,
    },
}

/// What a line wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send a message: what is here, and what `theirs` lacks of it. Without `theirs` no records: ask first.
    Post {
        /// To be given back with the answer.
        ticket: Ticket,
        /// The other side's vector as it last said.
        theirs: Option<Vector>,
        /// Keys that the other side asked for.
        owed_keys: Vec<Subject>,
        /// What the other side said it does not take.
        refused: Vec<NotTaken>,
    },
    /// Make these durable.
    Append {
        /// To be given back when it is done.
        ticket: Ticket,
        /// Records to verify and keep.
        runs: Vec<Run>,
        /// Keys to keep.
        keys: Vec<KeyGrant>,
    },
    /// Both sides have the same records; blobs may have the line now.
    Level {
        /// Blobs that the other side could give.
        offered_blobs: Vec<Hash>,
        /// Blobs that the other side lacks.
        wanted_blobs: Vec<Hash>,
    },
    /// Wait; tick then. Other inputs may come before.
    Wait {
        /// In steady time.
        until_ms: u64,
        /// Whether to ask the other side for news meanwhile.
        listen: bool,
    },
    /// A person should know.
    Alarm(Alarm),
}

/// What a person should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// The two sides hold different histories under one name.
    Fork {
        /// Ours.
        mine: Have,
        /// Theirs.
        theirs: Have,
    },
    /// The two sides differ, but nothing moves.
    Stuck,
    /// The other side wants a blob that should be here and is not.
    BlobGone(Hash),
    /// The other side wants a blob whose bytes have changed here.
    BlobDamaged(Hash),
    /// The other side has less than it said before: it was restored from an older copy. More than once in the life of
    /// one line means that two of them answer under one name.
    WentBack {
        /// How often by now.
        times: u32,
    },
    /// The other side's store is another one than before: it was replaced.
    StoreChanged {
        /// Before.
        before: StoreId,
        /// Now.
        now: StoreId,
    },
}

/// What the line is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LinePhase {
    /// Not started.
    #[default]
    New,
    /// A message is under way, or its answer is being written.
    Working,
    /// Both sides are level.
    Level,
    /// Waiting to try again.
    Retrying,
    /// Kept quiet by a person.
    Paused,
}

/// What a screen shows of the line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineState {
    /// What it is doing.
    pub phase: LinePhase,
    /// Since when it works, by the wall clock.
    pub up_since_ms: Option<i64>,
    /// Since when it does not.
    pub down_since_ms: Option<i64>,
    /// When an exchange last worked.
    pub last_ok_at_ms: Option<i64>,
    /// What went wrong last; nothing once an exchange works again.
    pub last_error: Option<LineError>,
    /// Records sent since the start.
    pub sent: u64,
    /// Records received since the start.
    pub received: u64,
    /// How far the other side's clock is ahead of ours.
    pub clock_ahead_ms: i64,
    /// The other side's vector as it last said; a hint for screens.
    pub theirs: Option<Vector>,
    /// What the other side does not take, as it last said.
    pub refused: Vec<NotTaken>,
    /// Since when two copies of this node are at work, as the other side sees it.
    pub twins_since_ms: Option<i64>,
}
