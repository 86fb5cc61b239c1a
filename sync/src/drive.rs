//! Carries out what the line wants: over a replica that keeps records, and an uplink that reaches the other side.
//!
//! Records go before blobs: a blob's next chunk is sent only while the line is level.

use std::collections::{BTreeSet, VecDeque};
use std::future::Future;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use crate::chain::Run;
use crate::exchange::{
    Alarm, BLOBS_MAX, Input, KEYS_MAX, KeyGrant, Line, LineError, LinePhase, LineState, Message, Now, Output,
    RUN_BYTES_MAX, Range, Ticket, plan, subjects_opened,
};
use crate::head::{self, Have, Vector};
use crate::ids::{Hash, StoreId, StreamId, Subject};

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

    /// Blobs to offer, the most urgent first.
    fn offered_blobs(&self) -> impl Future<Output = Result<Vec<Hash>, LineError>> + Send;

    /// Blobs that are named by records here and not here themselves, the most urgent first.
    fn wanted_blobs(&self) -> impl Future<Output = Result<Vec<Hash>, LineError>> + Send;

    /// Length of a whole blob that is here.
    fn blob_len(&self, hash: &Hash) -> impl Future<Output = Result<Option<u64>, LineError>> + Send;

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

    /// Waits a while for news; whether there is any since the other side said this vector.
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
    /// The streams that both sides keep.
    pub shared: BTreeSet<StreamId>,
}

/// Smallest and largest piece of a blob that is sent at once.
const CHUNK_BYTES: (usize, usize) = (16 * 1024, crate::blob::CHUNK_BYTES_MAX);
/// A server holds back "nothing new" for longer than this.
const NEWS_HELD_MS_MIN: u64 = 1_000;
/// A chunk should take about so long, so that a record never waits long behind it.
const CHUNK_MS: (u64, u64) = (1_000, 4_000);

impl<R: Replica, U: Uplink, C: Fn() -> Now + Send + Sync> Drive<R, U, C> {
    /// Runs the line until the channel of signals is closed. `shown` follows the line's state.
    pub async fn run(self, line: Line, signals: mpsc::Receiver<Signal>, shown: watch::Sender<LineState>) {
        let mut run = Running {
            drive: self,
            line,
            signals,
            shown,
            queue: VecDeque::new(),
            blobs: BlobLane { chunk_bytes: 64 * 1024, ..BlobLane::default() },
            is_over: false,
        };
        run.feed(Input::Start);
        while !run.is_over {
            run.turn().await;
        }
    }

    /// What is here, and as much as fits of what the other side lacks.
    async fn compose(&self, theirs: Option<&[Have]>, owed_keys: Vec<Subject>) -> Result<Message, LineError> {
        let is_shared = |stream: &StreamId| self.shared.contains(stream);
        let mut vector = self.replica.vector().await?;
        vector.retain(|have| is_shared(&have.stream));
        let ranges = theirs.map(|theirs| plan(&vector, theirs, &is_shared).first(&self.own_stream).ranges);
        let ranges = ranges.unwrap_or_default();
        let mut message = Message::new(self.store, (self.clock)().wall_ms, vector);
        if !ranges.is_empty() {
            let runs = self.replica.runs(ranges.clone(), RUN_BYTES_MAX).await?;
            message.load(&ranges, runs);
        }
        let mut subjects = subjects_opened(&message.runs);
        subjects.extend(owed_keys);
        if !subjects.is_empty() {
            message.keys = self.replica.grants(subjects.into_iter().take(KEYS_MAX).collect()).await?;
        }
        message.wanted_keys = first(self.replica.wanted_keys().await?, KEYS_MAX);
        message.offered_blobs = first(self.replica.offered_blobs().await?, BLOBS_MAX);
        message.wanted_blobs = first(self.replica.wanted_blobs().await?, BLOBS_MAX);
        Ok(message)
    }

    async fn post(&self, ticket: Ticket, theirs: Option<Vector>, owed_keys: Vec<Subject>) -> Input {
        let result = async {
            let message = self.compose(theirs.as_deref(), owed_keys).await?;
            let answer = self.uplink.exchange(&message).await?;
            Ok((answer, message.records()))
        };
        match result.await {
            Ok((answer, sent)) => Input::Answer { ticket, answer: Box::new(answer), sent },
            Err(error) => Input::Failed { ticket, error },
        }
    }

    async fn append(&self, ticket: Ticket, runs: Vec<Run>, keys: Vec<KeyGrant>) -> Input {
        let result = async {
            let received =
                if runs.is_empty() && keys.is_empty() { 0 } else { self.replica.receive(runs, keys).await? };
            Ok((self.replica.vector().await?, received))
        };
        match result.await {
            Ok((mine, received)) => Input::Durable { ticket, mine, received },
            Err(error) => Input::Failed { ticket, error },
        }
    }

    /// Sends one chunk; whether the blob is whole there.
    async fn put_chunk(&self, put: &mut Put, chunk_bytes: usize) -> Result<bool, LineError> {
        let Some(len) = self.replica.blob_len(&put.hash).await? else { return Ok(true) };
        let offset = match put.offset {
            Some(offset) => offset,
            None => match self.uplink.blob_there(&put.hash).await? {
                BlobThere::Whole => return Ok(true),
                BlobThere::Part(offset) => offset,
            },
        };
        put.offset = Some(offset);
        let bytes = self.replica.read_chunk(&put.hash, offset, chunk_bytes).await?;
        match self.uplink.put_chunk(&put.hash, offset, bytes, len).await? {
            BlobThere::Whole => Ok(true),
            BlobThere::Part(offset) => {
                put.offset = Some(offset);
                Ok(false)
            }
        }
    }

    /// Fetches one chunk; whether the blob is whole here.
    async fn get_chunk(&self, hash: &Hash, chunk_bytes: usize) -> Result<bool, LineError> {
        if self.replica.blob_len(hash).await?.is_some() {
            return Ok(true);
        }
        let offset = self.replica.part_len(hash).await?;
        let (bytes, len) = self.uplink.get_chunk(hash, offset, chunk_bytes).await?;
        let end = offset.saturating_add(bytes.len() as u64);
        if bytes.is_empty() && end < len {
            return Err(LineError::BadAnswer("an empty piece of a blob".into()));
        }
        self.replica.write_chunk(hash, offset, bytes, len).await?;
        Ok(end >= len)
    }
}

fn first<T>(mut list: Vec<T>, len_max: usize) -> Vec<T> {
    list.truncate(len_max);
    list
}

/// A blob on its way there; without an offset the other side is asked first.
struct Put {
    hash: Hash,
    offset: Option<u64>,
}

/// Blobs that wait for a level line.
#[derive(Default)]
struct BlobLane {
    to_put: VecDeque<Put>,
    to_get: VecDeque<Hash>,
    chunk_bytes: usize,
    /// Whether a blob got through since the lane was filled: then there may be more than were named.
    has_moved: bool,
}

impl BlobLane {
    fn fill(&mut self, to_put: Vec<Hash>, to_get: Vec<Hash>) {
        self.to_put = to_put.into_iter().map(|hash| Put { hash, offset: None }).collect();
        self.to_get = to_get.into();
        self.has_moved = false;
    }

    fn is_empty(&self) -> bool {
        self.to_put.is_empty() && self.to_get.is_empty()
    }

    /// Smaller pieces on a slow line, larger ones on a fast one.
    fn adapt(&mut self, took_ms: u64) {
        if took_ms < CHUNK_MS.0 {
            self.chunk_bytes = (self.chunk_bytes * 2).min(CHUNK_BYTES.1);
        } else if took_ms > CHUNK_MS.1 {
            self.chunk_bytes = (self.chunk_bytes / 2).max(CHUNK_BYTES.0);
        }
    }
}

struct Running<R, U, C> {
    drive: Drive<R, U, C>,
    line: Line,
    signals: mpsc::Receiver<Signal>,
    shown: watch::Sender<LineState>,
    queue: VecDeque<Output>,
    blobs: BlobLane,
    is_over: bool,
}

/// What ended a wait.
enum Woken {
    Time,
    Signal(Option<Signal>),
    News(Result<bool, LineError>),
}

impl<R: Replica, U: Uplink, C: Fn() -> Now + Send + Sync> Running<R, U, C> {
    fn feed(&mut self, input: Input) {
        let outputs = self.line.step((self.drive.clock)(), input);
        // A newer wait replaces an older one.
        if outputs.iter().any(|output| matches!(output, Output::Wait { .. })) {
            self.queue.retain(|output| !matches!(output, Output::Wait { .. }));
        }
        self.queue.extend(outputs);
        // Nobody may be looking.
        self.shown.send_replace(self.line.state().clone());
    }

    fn signal(&mut self, signal: Option<Signal>) {
        match signal {
            Some(Signal::LocalNews) => self.feed(Input::LocalNews),
            Some(Signal::LineBack) => self.feed(Input::LineBack),
            Some(Signal::Pause) => {
                self.queue.clear();
                self.feed(Input::Pause);
            }
            Some(Signal::Resume) => self.feed(Input::Resume),
            None => self.is_over = true,
        }
    }

    /// Carries out one output, or waits for a signal if there is none.
    async fn turn(&mut self) {
        match self.queue.pop_front() {
            Some(Output::Post { ticket, theirs, owed_keys }) => self.post(ticket, theirs, owed_keys).await,
            Some(Output::Append { ticket, runs, keys }) => {
                let input = self.drive.append(ticket, runs, keys).await;
                self.feed(input);
            }
            Some(Output::Level { offered_blobs, wanted_blobs }) => {
                self.level(offered_blobs, wanted_blobs).await;
            }
            Some(Output::Alarm(alarm)) => self.drive.replica.alarm(alarm).await,
            Some(Output::Wait { until_ms, listen }) if self.may_move_blobs(until_ms) => {
                self.queue.push_back(Output::Wait { until_ms, listen });
                self.chunk().await;
            }
            Some(Output::Wait { until_ms, listen }) => self.wait(until_ms, listen).await,
            None => {
                let signal = self.signals.recv().await;
                self.signal(signal);
            }
        }
    }

    /// Blobs move while the line is level and nothing else is due: news may come in while a long scan goes out.
    fn may_move_blobs(&self, until_ms: u64) -> bool {
        let is_level = self.line.state().phase == LinePhase::Level;
        is_level && !self.blobs.is_empty() && (self.drive.clock)().steady_ms < until_ms
    }

    /// Posts, listening to signals meanwhile; a pause or the end drops what is under way.
    async fn post(&mut self, ticket: Ticket, theirs: Option<Vector>, owed_keys: Vec<Subject>) {
        let mut heard = Vec::new();
        let answered = {
            let posting = self.drive.post(ticket, theirs, owed_keys);
            tokio::pin!(posting);
            loop {
                tokio::select! {
                    input = &mut posting => break Some(input),
                    signal = self.signals.recv() => {
                        heard.push(signal);
                        if matches!(signal, None | Some(Signal::Pause)) {
                            break None;
                        }
                    }
                }
            }
        };
        for signal in heard {
            self.signal(signal);
        }
        if let Some(input) = answered {
            self.feed(input);
        }
    }

    async fn wait(&mut self, until_ms: u64, listen: bool) {
        let wait_ms = until_ms.saturating_sub((self.drive.clock)().steady_ms);
        let seen = head::digest(self.line.state().theirs.as_deref().unwrap_or_default());
        let began_ms = (self.drive.clock)().steady_ms;
        let woken = tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(wait_ms)) => Woken::Time,
            signal = self.signals.recv() => Woken::Signal(signal),
            news = self.drive.uplink.news(seen), if listen => Woken::News(news),
        };
        match woken {
            Woken::Signal(signal) => {
                // What was waited for is still to be waited for, unless the line now wants something else.
                self.queue.push_back(Output::Wait { until_ms, listen });
                self.signal(signal);
                self.drop_stale_wait();
            }
            Woken::News(Ok(true)) => self.feed(Input::RemoteNews),
            // A server that does not hold back its answer is not asked again in this wait.
            Woken::News(Ok(false)) if (self.drive.clock)().steady_ms < began_ms + NEWS_HELD_MS_MIN => {
                self.queue.push_back(Output::Wait { until_ms, listen: false });
            }
            Woken::News(Err(error)) => self.feed(Input::Lost { error }),
            Woken::Time | Woken::News(Ok(false)) => self.feed(Input::Tick),
        }
    }

    /// A wait is over once the line wants to act, or nothing at all.
    fn drop_stale_wait(&mut self) {
        let waits = |output: &Output| matches!(output, Output::Wait { .. });
        let is_idle = self.line.state().phase == LinePhase::Paused;
        if is_idle || self.queue.iter().any(|output| !waits(output)) {
            self.queue.retain(|output| !waits(output));
        }
    }

    async fn level(&mut self, offered: Vec<Hash>, wanted: Vec<Hash>) {
        let missing = match self.drive.replica.wanted_blobs().await {
            Ok(missing) => missing,
            Err(error) => {
                tracing::warn!(%error, "Blobs wait: what is missing here could not be read");
                return;
            }
        };
        let to_get = missing.into_iter().filter(|hash| offered.contains(hash)).collect();
        self.blobs.fill(wanted, to_get);
    }

    /// Moves one chunk of one blob, then lets the line speak again.
    async fn chunk(&mut self) {
        let began_ms = (self.drive.clock)().steady_ms;
        let chunk_bytes = self.blobs.chunk_bytes;
        let result = match (self.blobs.to_put.front_mut(), self.blobs.to_get.front()) {
            (Some(put), _) => self.drive.put_chunk(put, chunk_bytes).await,
            (None, Some(hash)) => self.drive.get_chunk(hash, chunk_bytes).await,
            (None, None) => return,
        };
        let took_ms = (self.drive.clock)().steady_ms.saturating_sub(began_ms);
        match result {
            Ok(false) => self.blobs.adapt(took_ms),
            Ok(true) => self.blob_done().await,
            Err(error) if error.is_line_down() => {
                self.blobs.fill(Vec::new(), Vec::new());
                self.feed(Input::Lost { error });
            }
            Err(error) => {
                tracing::warn!(%error, "A blob did not get through; it is tried again after the next exchange");
                self.next_blob();
            }
        }
        while let Ok(signal) = self.signals.try_recv() {
            self.signal(Some(signal));
        }
        self.drop_stale_wait();
    }

    async fn blob_done(&mut self) {
        // A blob that was whole there already has moved nothing: asking again would go on for ever.
        let asked_only = self.blobs.to_put.front().is_some_and(|put| put.offset.is_none());
        self.blobs.has_moved |= !asked_only;
        if let Some(put) = self.blobs.to_put.front() {
            self.drive.replica.blob_arrived_there(&put.hash).await;
        }
        self.next_blob();
    }

    fn next_blob(&mut self) {
        if self.blobs.to_put.pop_front().is_none() {
            self.blobs.to_get.pop_front();
        }
        if self.blobs.is_empty() && std::mem::take(&mut self.blobs.has_moved) {
            // One message names only so many blobs: ask again.
            self.feed(Input::LocalNews);
        }
    }
}
