//! A line that runs: carries out what it wants, one output after the other, and hears what happens meanwhile.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::blobs::BlobLane;
use super::{Drive, Replica, Signal, Uplink};
use crate::exchange::{Input, Line, LineError, LinePhase, LineState, NotTaken, Now, Output, Ticket};
use crate::head::{self, Vector};
use crate::ids::{Hash, Subject};

/// A server holds back "nothing new" for longer than this.
const NEWS_HELD_MS_MIN: u64 = 1_000;

pub(super) struct Running<R, U, C> {
    pub(super) drive: Drive<R, U, C>,
    pub(super) line: Line,
    pub(super) signals: mpsc::Receiver<Signal>,
    pub(super) shown: watch::Sender<LineState>,
    pub(super) queue: VecDeque<Output>,
    pub(super) blobs: BlobLane,
    pub(super) is_over: bool,
}

/// What ended a wait.
enum Woken {
    Time,
    Signal(Option<Signal>),
    News(Result<bool, LineError>),
}

impl<R: Replica, U: Uplink, C: Fn() -> Now + Send + Sync> Running<R, U, C> {
    pub(super) fn feed(&mut self, input: Input) {
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
    pub(super) async fn turn(&mut self) {
        match self.queue.pop_front() {
            Some(Output::Post { ticket, theirs, owed_keys, refused }) => {
                self.post(ticket, theirs, owed_keys, refused).await;
            }
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
                self.move_blob().await;
            }
            Some(Output::Wait { until_ms, listen }) => self.wait(until_ms, listen).await,
            None => {
                let signal = self.signals.recv().await;
                self.signal(signal);
            }
        }
    }

    /// Posts, listening to signals meanwhile; a pause or the end drops what is under way.
    async fn post(
        &mut self,
        ticket: Ticket,
        theirs: Option<Vector>,
        owed_keys: Vec<Subject>,
        refused: Vec<NotTaken>,
    ) {
        let mut heard = Vec::new();
        let answered = {
            let posting = self.drive.post(ticket, theirs, owed_keys, refused);
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
    /// Blobs move while the line is level and nothing else is due: news may come in while a long scan goes out.
    fn may_move_blobs(&self, until_ms: u64) -> bool {
        let is_level = self.line.state().phase == LinePhase::Level;
        is_level && !self.blobs.is_empty() && (self.drive.clock)().steady_ms < until_ms
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
        self.blobs.fill((self.drive.clock)().steady_ms, wanted, to_get);
    }

    /// Moves one piece of one blob, then lets the line speak again.
    async fn move_blob(&mut self) {
        match self.blobs.move_piece(&self.drive).await {
            Ok(false) => {}
            Ok(true) => self.next_blob(),
            Err(error) if error.is_line_down() => {
                self.blobs.clear();
                self.feed(Input::Lost { error });
            }
            Err(error) => {
                tracing::warn!(%error, "A blob did not get through; it is tried again after a while");
                self.blobs.trouble((self.drive.clock)().steady_ms);
                self.next_blob();
            }
        }
        while let Ok(signal) = self.signals.try_recv() {
            self.signal(Some(signal));
        }
        self.drop_stale_wait();
    }

    fn next_blob(&mut self) {
        if self.blobs.next() {
            // One message names only so many blobs: ask again.
            self.feed(Input::LocalNews);
        }
    }
}
