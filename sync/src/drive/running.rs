//! A line that runs: one post, one piece of a blob, one question for news and one probe may be under way at once. None
//! of them waits for another.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::blobs::{BlobLane, Piece};
use super::messages::{Memory, ToPost};
use super::{Drive, Replica, Signal, Uplink};
use crate::exchange::{BLOBS_MAX, Input, Line, LineError, LinePhase, LineState, Now, Output, Ticket};
use crate::head::{self, Have};
use crate::ids::Hash;

/// A server holds back "nothing new" for longer than this.
const NEWS_HELD_MS_MIN: u64 = 1_000;
/// While the line is down somebody is asked for a sign of life this often, however long the last one takes to fail.
const PROBE_EVERY_MS: u64 = 1_500;
/// Probes under way at once.
const PROBES_MAX: usize = 4;
/// A post of which nothing moves for longer may have been sent into the dark.
const STILL_MS: u64 = 3_000;
/// A server that needs longer than that for its answer gets it: each post that is given up lets the next one stand still
/// for twice as long, up to this.
const STILL_MS_MAX: u64 = 80_000;

/// So many probes answered and still nothing moves of the post: it is made again.
const ANSWERED_MAX: u32 = 2;

type Task<T> = Pin<Box<dyn Future<Output = T> + Send>>;

pub(super) struct Running<R, U, C> {
    drive: Arc<Drive<R, U, C>>,
    memory: Arc<Memory>,
    line: Line,
    signals: mpsc::Receiver<Signal>,
    shown: watch::Sender<LineState>,
    queue: VecDeque<Output>,
    /// The line waits until then, and whether it wants to hear of news meanwhile.
    wait: Option<(u64, bool)>,
    /// A post, or the writing of its answer.
    working: Option<Task<Input>>,
    /// The post under way, if it is one.
    posting: Option<Ticket>,
    /// What had moved of it when it was last looked at, and since when nothing moves.
    moved: u64,
    still_since_ms: u64,
    /// For how long it may stand still before somebody asks whether the line is there.
    still_ms: u64,
    /// How often somebody answered a probe while it had no answer.
    answered: u32,
    /// The question for news.
    news: Option<Asked>,
    probes: VecDeque<Task<bool>>,
    /// When the next probe is due.
    probe_at_ms: Option<u64>,
    blobs: BlobLane,
    piece: Option<Task<Piece>>,
    /// Whether the other side named blobs that it misses: it may miss more than it named.
    is_missed: bool,
    /// Whether the other side spoke of news before the next post.
    is_called: bool,
    is_over: bool,
}

/// A question for news.
struct Asked {
    task: Task<Result<bool, LineError>>,
    /// What was seen when it was asked.
    seen: Hash,
    at_ms: u64,
}

/// What happened.
enum Event {
    Time,
    Probe,
    Signal(Option<Signal>),
    Worked(Input),
    News(Result<bool, LineError>),
    Probed(bool),
    Moved(Piece),
}

/// Waits for something that may not be under way.
async fn of<T>(task: Option<&mut Task<T>>) -> T {
    match task {
        Some(task) => task.await,
        None => std::future::pending().await,
    }
}

/// The first of several.
async fn first_of(probes: &mut VecDeque<Task<bool>>) -> bool {
    std::future::poll_fn(|context| {
        for at in 0..probes.len() {
            if let std::task::Poll::Ready(answered) = probes[at].as_mut().poll(context) {
                drop(probes.remove(at));
                return std::task::Poll::Ready(answered);
            }
        }
        std::task::Poll::Pending
    })
    .await
}

impl<R, U, C> Running<R, U, C>
where
    R: Replica + 'static,
    U: Uplink + 'static,
    C: Fn() -> Now + Send + Sync + 'static,
{
    pub(super) fn new(
        drive: Drive<R, U, C>,
        line: Line,
        signals: mpsc::Receiver<Signal>,
        shown: watch::Sender<LineState>,
    ) -> Self {
        Self {
            drive: Arc::new(drive),
            memory: Arc::default(),
            line,
            signals,
            shown,
            queue: VecDeque::new(),
            wait: None,
            working: None,
            posting: None,
            moved: 0,
            still_since_ms: 0,
            still_ms: STILL_MS,
            answered: 0,
            news: None,
            probes: VecDeque::new(),
            probe_at_ms: None,
            blobs: BlobLane::default(),
            piece: None,
            is_missed: false,
            is_called: true,
            is_over: false,
        }
    }

    pub(super) async fn run(mut self) {
        self.feed(Input::Start);
        while !self.is_over {
            while let Some(output) = self.queue.pop_front() {
                self.carry_out(output).await;
            }
            self.set_going();
            let event = self.event().await;
            self.happened(event);
        }
    }

    fn now_ms(&self) -> u64 {
        (self.drive.clock)().steady_ms
    }

    fn feed(&mut self, input: Input) {
        let outputs = self.line.step((self.drive.clock)(), input);
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
                // What is under way is dropped.
                (self.wait, self.working, self.posting) = (None, None, None);
                (self.news, self.piece) = (None, None);
            }
            Some(Signal::Resume) => self.feed(Input::Resume),
            None => self.is_over = true,
        }
    }

    async fn carry_out(&mut self, output: Output) {
        match output {
            Output::Post { ticket, theirs, owed_keys, refused } => {
                let is_called = std::mem::take(&mut self.is_called);
                let to_post = ToPost { ticket, theirs, owed_keys, refused, is_called };
                let (drive, memory) = (Arc::clone(&self.drive), Arc::clone(&self.memory));
                self.wait = None;
                (self.posting, self.still_since_ms, self.answered) = (Some(ticket), self.now_ms(), 0);
                self.working = Some(Box::pin(async move { drive.post(to_post, &memory).await }));
            }
            Output::Append { ticket, runs, keys } => {
                let drive = Arc::clone(&self.drive);
                self.working = Some(Box::pin(async move { drive.append(ticket, runs, keys).await }));
            }
            Output::Level { wanted_blobs, .. } => {
                self.is_missed |= !wanted_blobs.is_empty();
                self.fill(wanted_blobs).await;
            }
            Output::Alarm(alarm) => self.drive.replica.alarm(alarm).await,
            Output::Wait { until_ms, listen } => self.wait = Some((until_ms, listen)),
        }
    }

    /// Names blobs to be moved: those that the other side misses, then those that wait here.
    async fn fill(&mut self, missed: Vec<Hash>) {
        let (replica, len_max) = (&self.drive.replica, BLOBS_MAX + self.blobs.resting());
        let named = async {
            let offered = replica.offered_blobs(len_max).await?;
            Ok::<_, LineError>((offered, replica.wanted_blobs(len_max).await?))
        };
        match named.await {
            Ok((waiting, to_get)) => self.blobs.fill(self.now_ms(), missed, waiting, to_get),
            Err(error) => tracing::warn!(%error, "Blobs wait: what is to be moved could not be read"),
        }
    }

    fn phase(&self) -> LinePhase {
        self.line.state().phase
    }

    /// What was seen of the other side, as far as it is its own to tell.
    fn seen(&self) -> Hash {
        let theirs = self.line.state().theirs.as_deref().unwrap_or_default();
        let of_others = |have: &&Have| have.stream != self.drive.own_stream;
        head::digest(&theirs.iter().filter(of_others).copied().collect::<Vec<_>>())
    }

    /// Starts what may go on beside the line's own work, and ends what may not.
    fn set_going(&mut self) {
        if matches!(self.phase(), LinePhase::Retrying | LinePhase::Paused | LinePhase::New) {
            (self.news, self.piece) = (None, None);
        }
        let is_resting = self.phase() == LinePhase::Level;
        if is_resting && self.piece.is_none() {
            self.piece = self.blobs.next(self.now_ms()).map(|(work, chunk_bytes)| -> Task<Piece> {
                let drive = Arc::clone(&self.drive);
                Box::pin(async move { drive.move_piece(work, chunk_bytes).await })
            });
        }
        match self.wait {
            Some((_, true)) if self.news.is_none() => {
                let (drive, seen) = (Arc::clone(&self.drive), self.seen());
                let task: Task<_> = Box::pin(async move { drive.uplink.news(seen).await });
                self.news = Some(Asked { task, seen, at_ms: self.now_ms() });
            }
            Some((_, false)) => self.news = None,
            _ => {}
        }
        self.look_at_movement();
        if self.is_doubtful() {
            let first_ms = self.now_ms() + PROBE_EVERY_MS / 3;
            self.probe_at_ms.get_or_insert(first_ms);
        } else {
            self.probe_at_ms = None;
            self.probes.clear();
        }
    }

    /// Notes whether something moves of the post under way.
    fn look_at_movement(&mut self) {
        let moved = self.drive.uplink.moved();
        if moved != self.moved {
            (self.moved, self.still_since_ms, self.answered) = (moved, self.now_ms(), 0);
        }
    }

    /// Whether the line is down, or may be.
    fn is_doubtful(&self) -> bool {
        match self.phase() {
            LinePhase::Retrying => self.line.state().last_error.as_ref().is_some_and(LineError::is_line_down),
            LinePhase::Working => {
                self.posting.is_some() && self.now_ms() > self.still_since_ms + self.still_ms
            }
            _ => false,
        }
    }

    async fn event(&mut self) -> Event {
        let now_ms = self.now_ms();
        let until_ms = match self.wait {
            Some((until_ms, _)) => Some(until_ms),
            // Looks again whether what is under way takes too long.
            None => self
                .posting
                .is_some()
                .then_some((self.still_since_ms + self.still_ms + 1).clamp(now_ms + 500, now_ms + STILL_MS)),
        };
        let sleep = |wait: Option<Duration>| async move {
            match wait {
                Some(wait) => tokio::time::sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        let until = |at_ms: u64| Duration::from_millis(at_ms.saturating_sub(now_ms));
        let (wait, probe_in) = (until_ms.map(until), self.probe_at_ms.map(until));
        tokio::select! {
            biased;
            signal = self.signals.recv() => Event::Signal(signal),
            input = of(self.working.as_mut()) => Event::Worked(input),
            news = of(self.news.as_mut().map(|asked| &mut asked.task)) => Event::News(news),
            moved = of(self.piece.as_mut()) => Event::Moved(moved),
            is_there = first_of(&mut self.probes) => Event::Probed(is_there),
            () = sleep(wait) => Event::Time,
            () = sleep(probe_in) => Event::Probe,
        }
    }

    fn happened(&mut self, event: Event) {
        match event {
            Event::Signal(signal) => self.signal(signal),
            Event::Worked(input) => {
                (self.working, self.posting) = (None, None);
                if matches!(input, Input::Answer { .. }) {
                    self.still_ms = STILL_MS;
                }
                self.feed(input);
            }
            Event::News(news) => self.heard(news),
            Event::Moved(piece) => self.moved(piece),
            Event::Probed(is_there) => self.probed(is_there),
            Event::Probe => {
                self.probe_at_ms = Some(self.now_ms() + PROBE_EVERY_MS);
                if self.probes.len() < PROBES_MAX {
                    let drive = Arc::clone(&self.drive);
                    self.probes.push_back(Box::pin(async move { drive.uplink.probe().await }));
                }
            }
            Event::Time if self.wait.is_some_and(|(until_ms, _)| until_ms <= self.now_ms()) => {
                self.wait = None;
                self.feed(Input::Tick);
            }
            Event::Time => {}
        }
    }

    fn probed(&mut self, is_there: bool) {
        self.look_at_movement();
        if self.posting.is_some() && !self.is_doubtful() {
            return;
        }
        self.feed(Input::Probed { is_there });
        let is_back = self.queue.iter().any(|output| matches!(output, Output::Post { .. }));
        if let Some(ticket) = self.posting.filter(|_| is_there && !is_back) {
            self.answered += 1;
            if self.answered >= ANSWERED_MAX {
                // The line is well and only this post is not: its connection was forgotten on the way, or the server
                // is slow.
                (self.working, self.posting) = (None, None);
                let still_s = self.now_ms().saturating_sub(self.still_since_ms) / 1000;
                self.still_ms = (self.still_ms * 2).min(STILL_MS_MAX);
                self.feed(Input::Failed { ticket, error: LineError::TimedOut(still_s) });
            }
        }
        if is_back {
            // What else is under way was sent into the dark as well.
            (self.news, self.piece) = (None, None);
        }
    }

    fn heard(&mut self, news: Result<bool, LineError>) {
        let Some(Asked { seen, at_ms, .. }) = self.news.take() else { return };
        match news {
            // What was said meanwhile in an exchange is no news.
            Ok(true) if seen != self.seen() => {}
            Ok(true) => {
                self.is_called = true;
                self.feed(Input::RemoteNews);
            }
            // A server that does not hold back its answer is not asked again in this wait.
            Ok(false) if self.now_ms() < at_ms + NEWS_HELD_MS_MIN => {
                self.wait = self.wait.map(|(until_ms, _)| (until_ms, false));
            }
            Ok(false) => {}
            Err(error) => self.feed(Input::Lost { error }),
        }
    }

    fn moved(&mut self, piece: Piece) {
        self.piece = None;
        if let Some(error) = self.blobs.moved(self.now_ms(), piece) {
            self.blobs.clear();
            self.feed(Input::Lost { error });
        } else if self.blobs.take_through() {
            if std::mem::take(&mut self.is_missed) {
                return self.feed(Input::LocalNews);
            }
            // There may be more than was named.
            self.queue.push_back(Output::Level { offered_blobs: Vec::new(), wanted_blobs: Vec::new() });
        }
    }
}
