//! Composes what goes to the other side, and makes durable what comes back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use super::pace::Pace;
use super::{Drive, Replica, Uplink};
use crate::chain::Run;
use crate::exchange::{
    Input, Joining, KEYS_MAX, KeyGrant, LineError, Message, NotTaken, Now, REFUSED_MAX, Ticket, plan_past,
    resolve, subjects_opened, tell,
};
use crate::head::{self, Vector};
use crate::ids::{NodeId, SessionId, StoreId, StreamId, Subject};

/// That this node is alive is proven at least this often while messages go.
const PROVEN_EVERY_MS: u64 = 60_000;

/// What a post is made of.
pub(super) struct ToPost {
    pub ticket: Ticket,
    /// The other side's vector as it last said.
    pub theirs: Option<Vector>,
    pub owed_keys: Vec<Subject>,
    pub refused: Vec<NotTaken>,
    /// Whether the other side is thought to have something new.
    pub is_called: bool,
}

/// What a line remembers between posts, to save bytes: no exchange comes out wrong without it.
#[derive(Default)]
pub(super) struct Memory {
    pub pace: Mutex<Pace>,
    /// The session of each stream that grew last on the other side.
    growing: Mutex<BTreeMap<StreamId, SessionId>>,
    /// Whether the other side has heard which process speaks.
    is_known: AtomicBool,
    /// Whether the other side joins runs to what it has.
    joins: AtomicBool,
    /// The second of the other side's clock in its last answer; 0 before the first.
    answered_s: AtomicU32,
    /// When the other side was last told that.
    proven_at_ms: AtomicU64,
}

impl Memory {
    pub(super) fn pace(&self) -> std::sync::MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn growing(&self) -> std::sync::MutexGuard<'_, BTreeMap<StreamId, SessionId>> {
        self.growing.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl<R: Replica, U: Uplink, C: Fn() -> Now + Send + Sync> Drive<R, U, C> {
    /// As much as fits of what the other side lacks; the vector is all of `mine`.
    async fn compose(&self, mine: Vector, to_post: &ToPost, pace: Pace) -> Result<Message, LineError> {
        let room = pace.bytes();
        let is_shared = |stream: &StreamId| self.shared.contains(stream);
        let plan =
            to_post.theirs.as_ref().map(|theirs| plan_past(&mine, theirs, &to_post.refused, &is_shared));
        let ranges = plan.map(|plan| plan.first(&self.own_stream).ranges).unwrap_or_default();
        let mut message = Message::new(self.store, (self.clock)().wall_ms, mine);
        message.process = Some(self.process);
        message.refused = first(self.replica.refused().await?, REFUSED_MAX);
        if !ranges.is_empty() {
            let runs = self.replica.runs(ranges.clone(), room).await?;
            message.load(&ranges, runs);
        }
        let mut subjects = subjects_opened(&message.runs);
        subjects.extend(to_post.owed_keys.iter().take(pace.keys()));
        if !subjects.is_empty() {
            message.keys = self.replica.grants(subjects.into_iter().take(KEYS_MAX).collect()).await?;
        }
        message.wanted_keys = first(self.replica.wanted_keys().await?, pace.keys());
        message.room = u32::try_from(room).unwrap_or(0);
        message.joins = true;
        Ok(message)
    }

    /// Sends a message in short; in full if the other side's answer cannot be understood otherwise. Gives the answer, and
    /// the message in full.
    async fn talk(&self, to_post: &ToPost, memory: &Memory) -> Result<(Message, Message), LineError> {
        let mut mine = self.replica.vector().await?;
        mine.retain(|have| self.shared.contains(&have.stream));
        let pace = *memory.pace();
        let mut message = self.compose(mine, to_post, pace).await?;
        let began_ms = (self.clock)().steady_ms;
        // Records are bytes enough: among them it is said now and then.
        let is_due = began_ms >= memory.proven_at_ms.load(Ordering::Relaxed) + PROVEN_EVERY_MS;
        let answered_s = Some(memory.answered_s.load(Ordering::Relaxed));
        message.answered_s = answered_s.filter(|second| *second > 0 && (is_due || message.runs.is_empty()));
        if message.answered_s.is_some() {
            memory.proven_at_ms.store(began_ms, Ordering::Relaxed);
        }
        let mut answer = self.uplink.exchange(&in_short(&message, to_post, memory, &self.speaker())).await?;
        let mut theirs = resolve(&message.vector, &answer.vector, answer.rest);
        if theirs.is_none() {
            answer = self.uplink.exchange(&message).await?;
            theirs = resolve(&message.vector, &answer.vector, answer.rest);
        }
        let theirs =
            theirs.ok_or_else(|| LineError::BadAnswer("a digest where all was to be said".into()))?;
        (answer.vector, answer.rest) = (theirs, None);
        let moved: usize = message.runs.iter().chain(&answer.runs).map(Run::len_bytes).sum();
        memory.pace().took(moved, (self.clock)().steady_ms.saturating_sub(began_ms));
        // Who hears of a copy of itself goes on saying who it is.
        memory.is_known.store(answer.twins_since_ms.is_none(), Ordering::Relaxed);
        memory.joins.store(answer.joins, Ordering::Relaxed);
        let answered_s = u32::try_from(answer.now_ms.div_euclid(1000)).unwrap_or_default();
        memory.answered_s.store(answered_s, Ordering::Relaxed);
        let grown = answer.runs.iter().map(|run| (run.head.stream, run.head.session));
        memory.growing().extend(grown.filter(|(stream, _)| *stream != self.own_stream));
        Ok((answer, message))
    }

    fn speaker(&self) -> Speaker {
        Speaker { node: self.node, own: (self.own_stream, self.process) }
    }

    pub(super) async fn post(&self, to_post: ToPost, memory: &Memory) -> Input {
        let ticket = to_post.ticket;
        match self.talk(&to_post, memory).await {
            Ok((answer, message)) => {
                let (sent, said) = (message.records(), message.vector);
                Input::Answer { ticket, answer: Box::new(answer), sent, said }
            }
            Err(error) => {
                if error.is_line_down() {
                    memory.pace().failed();
                }
                Input::Failed { ticket, error }
            }
        }
    }

    pub(super) async fn append(&self, ticket: Ticket, runs: Vec<Run>, keys: Vec<KeyGrant>) -> Input {
        let result = async {
            let received =
                if runs.is_empty() && keys.is_empty() { 0 } else { self.replica.receive(runs, keys).await? };
            Ok((self.replica.vector().await?, received, self.replica.refused().await?))
        };
        match result.await {
            Ok((mine, received, refused)) => Input::Durable { ticket, mine, received, refused },
            Err(error) => Input::Failed { ticket, error },
        }
    }
}

/// Who speaks: the node, and the session of its own stream that it writes.
struct Speaker {
    node: NodeId,
    own: (StreamId, SessionId),
}

/// The same message, saying of this side only what the other may not expect.
fn in_short(message: &Message, to_post: &ToPost, memory: &Memory, speaker: &Speaker) -> Message {
    let mut expected = to_post.theirs.clone().unwrap_or_else(|| message.vector.clone());
    expected.extend(message.runs.iter().map(|run| run.head.have()));
    head::sort(&mut expected);
    let growing = memory.growing();
    let also: BTreeSet<_> = if to_post.is_called {
        growing.iter().map(|(stream, session)| (*stream, *session)).collect()
    } else {
        BTreeSet::new()
    };
    // At the start nobody there knows of the session that has just begun.
    let also = if to_post.theirs.is_none() { [speaker.own].into() } else { also };
    let (named, rest) = tell(&message.vector, &expected, &also);
    let mut short = message.clone();
    let is_idle = named.is_empty() && message.runs.is_empty();
    if is_idle {
        short.room = 0;
        if memory.is_known.load(Ordering::Relaxed) {
            short.process = None;
        }
    }
    (short.vector, short.rest, short.store) = (named, Some(rest), StoreId::NONE);
    let joins = memory.joins.load(Ordering::Relaxed);
    let there = to_post.theirs.clone().filter(|_| joins);
    short.joining = there.map(|to| Joining { by: speaker.node, to });
    short
}

fn first<T>(mut list: Vec<T>, len_max: usize) -> Vec<T> {
    list.truncate(len_max);
    list
}
