//! The client's side of the line: a state machine without I/O.
//!
//! One post is under way at a time. After its answer is durable the line compares both vectors: not level and
//! something moved, post again; level, rest until there is news; nothing moved, stop and say so. A failure is
//! followed by a growing, jittered wait that ends at once when the line returns.

#[cfg(test)]
mod tests;
mod waits;

use std::collections::BTreeSet;

use super::jitter::Jitter;
use super::line_io::{Alarm, Input, LinePhase, LineSettings, LineState, Now, Output, Ticket};
use super::message::{Message, NotTaken, subjects_opened};
use super::plan::plan_past;
use crate::head::{self, Have, Vector};
use crate::ids::{Hash, SessionId, StoreId, StreamId, Subject};

#[derive(Clone, Debug)]
enum Phase {
    New,
    Posting(Ticket),
    Appending(Ticket, Box<Answered>),
    Resting { until_ms: u64, not_before_ms: u64 },
    Retrying { until_ms: u64, since_ms: u64, is_line_down: bool },
    Paused,
}

/// What is left of an answer while its records are being written.
#[derive(Clone, Debug)]
struct Answered {
    vector: Vector,
    refused: Vec<NotTaken>,
    wanted_keys: Vec<Subject>,
    offered_blobs: Vec<Hash>,
    wanted_blobs: Vec<Hash>,
    /// Of which subjects it brought keys that were asked for.
    granted: BTreeSet<Subject>,
    pause_ms: u32,
}

/// The client's side of the line.
#[derive(Debug)]
pub struct Line {
    settings: LineSettings,
    phase: Phase,
    state: LineState,
    /// What the last post that was answered said is here.
    said: Vector,
    theirs: Option<Vector>,
    /// What the other side does not take, as it last said.
    refused: Vec<NotTaken>,
    /// How often the other side had less than it said before.
    went_back: u32,
    owed_keys: Vec<Subject>,
    /// What was granted in the last round.
    granted: BTreeSet<Subject>,
    store: Option<StoreId>,
    failures: u32,
    has_news: bool,
    /// Whether the present round began because the other side spoke of news.
    is_called: bool,
    /// Forks that a person was told of.
    told: BTreeSet<(StreamId, SessionId)>,
    next_ticket: u64,
    jitter: Jitter,
    /// Whether a probe of the line found nobody since an exchange last worked.
    is_dark: bool,
}

/// The longest pause the other side may ask for.
const PAUSE_MS_MAX: u32 = 300_000;

impl Line {
    /// A line that has not started.
    pub fn new(settings: LineSettings) -> Self {
        let jitter = Jitter::new(settings.jitter_seed);
        Self {
            settings,
            phase: Phase::New,
            state: LineState::default(),
            said: Vector::new(),
            theirs: None,
            refused: Vec::new(),
            went_back: 0,
            owed_keys: Vec::new(),
            granted: BTreeSet::new(),
            store: None,
            failures: 0,
            has_news: false,
            is_called: false,
            told: BTreeSet::new(),
            next_ticket: 0,
            jitter,
            is_dark: false,
        }
    }

    /// For screens.
    pub fn state(&self) -> &LineState {
        &self.state
    }

    /// Takes one input; returns what is to be done, in order.
    pub fn step(&mut self, now: Now, input: Input) -> Vec<Output> {
        match input {
            Input::Start if matches!(self.phase, Phase::New) => self.post(),
            Input::Resume if matches!(self.phase, Phase::Paused) => self.post(),
            Input::Pause => self.pause(),
            Input::Tick => self.tick(now),
            Input::LocalNews => self.news(now),
            Input::RemoteNews => {
                let outputs = self.news(now);
                self.is_called = matches!(self.phase, Phase::Posting(_));
                outputs
            }
            Input::LineBack => self.line_back(now),
            Input::Probed { is_there } => self.probed(now, is_there),
            Input::Answer { ticket, answer, sent, said } => self.answer(now, ticket, *answer, (sent, said)),
            Input::Failed { ticket, error } => self.failed(now, ticket, error),
            Input::Lost { error } => self.lost(now, error),
            Input::Durable { ticket, mine, received, refused } => {
                self.durable(now, ticket, &mine, received, &refused)
            }
            Input::Start | Input::Resume => Vec::new(),
        }
    }

    fn post(&mut self) -> Vec<Output> {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.has_news = false;
        self.enter(Phase::Posting(ticket), LinePhase::Working);
        let (theirs, owed_keys, refused) =
            (self.theirs.clone(), self.owed_keys.clone(), self.refused.clone());
        vec![Output::Post { ticket, theirs, owed_keys, refused }]
    }

    fn pause(&mut self) -> Vec<Output> {
        // What is under way is forgotten: its ticket fits no phase any more, and sending it twice is harmless.
        self.enter(Phase::Paused, LinePhase::Paused);
        Vec::new()
    }

    fn tick(&mut self, now: Now) -> Vec<Output> {
        match self.phase {
            Phase::Resting { until_ms, .. } | Phase::Retrying { until_ms, .. }
                if now.steady_ms >= until_ms =>
            {
                self.post()
            }
            _ => self.wait(),
        }
    }

    fn answer(
        &mut self,
        now: Now,
        ticket: Ticket,
        answer: Message,
        (sent, said): (u64, Vector),
    ) -> Vec<Output> {
        if !matches!(self.phase, Phase::Posting(expected) if expected == ticket) {
            return Vec::new();
        }
        self.said = said;
        self.note_answer(now, &answer, sent);
        let mut outputs = self.note_store(answer.store);
        outputs.extend(self.note_vector(&answer.vector));
        let opened = subjects_opened(&answer.runs);
        let granted =
            answer.keys.iter().map(|grant| grant.subject).filter(|it| !opened.contains(it)).collect();
        let answered = Answered {
            granted,
            vector: answer.vector,
            refused: answer.refused,
            wanted_keys: answer.wanted_keys,
            offered_blobs: answer.offered_blobs,
            wanted_blobs: answer.wanted_blobs,
            pause_ms: answer.pause_ms.min(PAUSE_MS_MAX),
        };
        self.enter(Phase::Appending(ticket, Box::new(answered)), LinePhase::Working);
        outputs.push(Output::Append { ticket, runs: answer.runs, keys: answer.keys });
        outputs
    }

    fn note_answer(&mut self, now: Now, answer: &Message, sent: u64) {
        let state = &mut self.state;
        if state.up_since_ms.is_none() {
            state.up_since_ms = Some(now.wall_ms);
        }
        state.down_since_ms = None;
        self.is_dark = false;
        state.last_ok_at_ms = Some(now.wall_ms);
        state.last_error = None;
        state.clock_ahead_ms = answer.now_ms.saturating_sub(now.wall_ms);
        state.sent += sent;
        state.theirs = Some(answer.vector.clone());
        state.refused.clone_from(&answer.refused);
        state.twins_since_ms = answer.twins_since_ms;
    }

    /// Says so when the other side has lost records since it last spoke: nothing is ever taken away from a journal.
    fn note_vector(&mut self, vector: &[Have]) -> Vec<Output> {
        let has_less = |before: &Have| {
            head::find(vector, &before.stream, &before.session).is_none_or(|now| now.len < before.len)
        };
        if !self.theirs.as_ref().is_some_and(|theirs| theirs.iter().any(has_less)) {
            return Vec::new();
        }
        self.went_back += 1;
        vec![Output::Alarm(Alarm::WentBack { times: self.went_back })]
    }

    fn note_store(&mut self, now: StoreId) -> Vec<Output> {
        let before = self.store.replace(now).filter(|before| *before != now);
        before.map(|before| Output::Alarm(Alarm::StoreChanged { before, now })).into_iter().collect()
    }

    fn durable(
        &mut self,
        now: Now,
        ticket: Ticket,
        mine: &[Have],
        received: u64,
        refused_here: &[NotTaken],
    ) -> Vec<Output> {
        let answered = match &mut self.phase {
            Phase::Appending(expected, answered) if *expected == ticket => (**answered).clone(),
            _ => return Vec::new(),
        };
        self.state.received += received;
        let is_shared = |stream: &StreamId| self.settings.shared.contains(stream);
        let to_send = plan_past(mine, &answered.vector, &answered.refused, &is_shared);
        let to_get = plan_past(&answered.vector, mine, refused_here, &is_shared);
        // Records written here since the post was made count too: it could not carry them. What it said of itself is
        // what it knew, however long ago the answer before it was.
        // Keys are granted some at a time; the same ones again are of no use here.
        let has_keys = !answered.granted.is_empty() && answered.granted != self.granted;
        let has_moved = received > 0
            || has_keys
            || self.said != mine
            || self.theirs.as_ref() != Some(&answered.vector)
            || self.refused != answered.refused
            || self.owed_keys != answered.wanted_keys;
        let is_level = to_send.is_empty() && to_get.is_empty();
        let forks =
            to_send.forks.into_iter().filter(|(mine, _)| self.told.insert((mine.stream, mine.session)));
        let alarm = |(mine, theirs)| Output::Alarm(Alarm::Fork { mine, theirs });
        let mut outputs: Vec<Output> = forks.map(alarm).collect();
        let is_owing = has_keys || (!answered.wanted_keys.is_empty() && has_moved);
        let not_before_ms = now.steady_ms + u64::from(answered.pause_ms);
        let Answered { vector, refused, wanted_keys, offered_blobs, wanted_blobs, granted, pause_ms } =
            answered;
        self.granted = granted;
        self.theirs = Some(vector);
        self.refused = refused;
        self.owed_keys = wanted_keys;
        if !is_level && !has_moved {
            outputs.push(Output::Alarm(Alarm::Stuck));
            outputs.extend(self.retry(now, false));
            return outputs;
        }
        self.failures = 0;
        if is_level && !is_owing && !self.has_news {
            outputs.push(Output::Level { offered_blobs, wanted_blobs });
            let until_ms = now.steady_ms + self.settings.rest_ms.max(u64::from(pause_ms));
            self.enter(Phase::Resting { until_ms, not_before_ms }, LinePhase::Level);
            // Who calls without having news is not listened to until the next round.
            let is_called_in_vain = std::mem::take(&mut self.is_called) && !has_moved;
            let listen = until_ms > not_before_ms && !is_called_in_vain;
            outputs.push(Output::Wait { until_ms, listen });
        } else if pause_ms > 0 {
            self.enter(Phase::Resting { until_ms: not_before_ms, not_before_ms }, LinePhase::Working);
            outputs.extend(self.wait());
        } else {
            outputs.extend(self.post());
        }
        outputs
    }

    fn enter(&mut self, phase: Phase, shown: LinePhase) {
        self.phase = phase;
        self.state.phase = shown;
    }
}
