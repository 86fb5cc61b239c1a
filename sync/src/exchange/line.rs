//! The client's side of the line: a state machine without I/O.
//!
//! One post is under way at a time. After its answer is durable the line compares both vectors: not level and
//! something moved, post again; level, rest until there is news; nothing moved, stop and say so. A failure is
//! followed by a growing, jittered wait that ends at once when the line returns.

use std::collections::BTreeSet;

use super::jitter::Jitter;
use super::line_error::LineError;
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

/// When the line returns, offices come back within this time of each other.
const RETURN_SPREAD_MS: u64 = 500;
/// The longest pause the other side may ask for.
const PAUSE_MS_MAX: u32 = 300_000;
/// After so many failures in a row news wait longer too, where it is not the line that fails.
const EAGER_FAILURES_MAX: u32 = 6;

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

    fn news(&mut self, now: Now) -> Vec<Output> {
        self.has_news = true;
        let with_news_ms = self.jitter.of(self.settings.retry_with_news_ms);
        match &mut self.phase {
            Phase::Resting { not_before_ms, .. } if now.steady_ms >= *not_before_ms => return self.post(),
            Phase::Resting { until_ms, not_before_ms } => *until_ms = *not_before_ms,
            Phase::Retrying { until_ms, since_ms, is_line_down } => {
                // A registry that is there and fails is spared; a line that is down costs nobody anything.
                if *is_line_down || self.failures <= EAGER_FAILURES_MAX {
                    *until_ms = (*until_ms).min(*since_ms + with_news_ms);
                }
            }
            _ => return Vec::new(),
        }
        self.wait()
    }

    fn line_back(&mut self, now: Now) -> Vec<Output> {
        match self.phase {
            Phase::Retrying { is_line_down: true, .. } => {
                self.failures = 0;
                self.post()
            }
            _ => self.news(now),
        }
    }

    /// The line is back when somebody answers where nobody did before. Somebody who answers all along while exchanges
    /// fail says nothing: then waits grow as after any failure.
    fn probed(&mut self, now: Now, is_there: bool) -> Vec<Output> {
        if !is_there {
            self.is_dark = true;
            return Vec::new();
        }
        if !std::mem::take(&mut self.is_dark) {
            return Vec::new();
        }
        let spread_ms = self.jitter.draw() % RETURN_SPREAD_MS;
        match &mut self.phase {
            Phase::Retrying { until_ms, is_line_down: true, .. } => {
                self.failures = 0;
                *until_ms = (*until_ms).min(now.steady_ms + spread_ms);
                self.wait()
            }
            // The post under way was sent into the dark; what is sent twice does no harm.
            Phase::Posting(_) => self.post(),
            _ => Vec::new(),
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

    fn failed(&mut self, now: Now, ticket: Ticket, error: LineError) -> Vec<Output> {
        let is_ours = match &self.phase {
            Phase::Posting(expected) | Phase::Appending(expected, _) => *expected == ticket,
            _ => false,
        };
        if is_ours { self.give_up(now, error) } else { Vec::new() }
    }

    fn lost(&mut self, now: Now, error: LineError) -> Vec<Output> {
        if matches!(self.phase, Phase::Resting { .. }) { self.give_up(now, error) } else { Vec::new() }
    }

    fn give_up(&mut self, now: Now, error: LineError) -> Vec<Output> {
        if let LineError::Busy { pause_ms } = error {
            // The other side is well and says when: neither a failure nor a line that is down.
            let until_ms = now.steady_ms + u64::from(pause_ms.min(PAUSE_MS_MAX));
            self.enter(Phase::Resting { until_ms, not_before_ms: until_ms }, LinePhase::Working);
            return self.wait();
        }
        let is_line_down = error.is_line_down();
        // A registry that refuses again and again is as good as none: the screen must not say that all is well.
        if is_line_down || (error.is_refusal() && self.failures > 0) {
            self.state.up_since_ms = None;
            self.state.down_since_ms.get_or_insert(now.wall_ms);
        }
        self.state.last_error = Some(error);
        self.retry(now, is_line_down)
    }

    fn retry(&mut self, now: Now, is_line_down: bool) -> Vec<Output> {
        let since_ms = now.steady_ms;
        let until_ms = since_ms + self.retry_wait_ms();
        self.failures = self.failures.saturating_add(1);
        self.enter(Phase::Retrying { until_ms, since_ms, is_line_down }, LinePhase::Retrying);
        self.wait()
    }

    /// Doubles with every failure up to the cap; between half of that and all of it.
    fn retry_wait_ms(&mut self) -> u64 {
        let LineSettings { retry_ms_min, retry_ms_max, .. } = self.settings;
        let wait_ms = retry_ms_min.saturating_mul(1 << self.failures.min(20)).min(retry_ms_max);
        self.jitter.of(wait_ms)
    }

    fn wait(&self) -> Vec<Output> {
        match self.phase {
            Phase::Resting { until_ms, not_before_ms } => {
                vec![Output::Wait { until_ms, listen: until_ms > not_before_ms }]
            }
            Phase::Retrying { until_ms, .. } => vec![Output::Wait { until_ms, listen: false }],
            _ => Vec::new(),
        }
    }

    fn enter(&mut self, phase: Phase, shown: LinePhase) {
        self.phase = phase;
        self.state.phase = shown;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::KeyGrant;
    use crate::head::Have;
    use crate::ids::SessionId;

    const REST_MS: u64 = 60_000;

    fn have(stream: &str, len: u64) -> Have {
        let stream = stream.parse().unwrap();
        Have { stream, session: SessionId([1; 16]), len, hash: Hash::of(&len.to_le_bytes()) }
    }

    /// A line, and the time of its steps.
    struct Stepped {
        line: Line,
        at_ms: u64,
    }

    impl Stepped {
        fn new() -> Self {
            let shared = ["hq/a", "office/a"].map(|stream| stream.parse().unwrap()).into();
            Self { line: Line::new(LineSettings::new(shared, 7)), at_ms: 0 }
        }

        fn step(&mut self, input: Input) -> Vec<Output> {
            self.line.step(Now { steady_ms: self.at_ms, wall_ms: 0 }, input)
        }

        fn post(outputs: &[Output]) -> Ticket {
            let [Output::Post { ticket, .. }] = outputs else { panic!("a post, not {outputs:?}") };
            *ticket
        }

        /// What an answer to a post that said `said` comes to.
        fn answer(&mut self, ticket: Ticket, answer: Message, said: &[Have]) -> Vec<Output> {
            self.step(Input::Answer { ticket, answer: Box::new(answer), sent: 0, said: said.to_vec() })
        }

        /// One round: the other side has `theirs`, and this side has `mine`, as it said.
        fn round(&mut self, ticket: Ticket, theirs: &[Have], mine: &[Have], pause_ms: u32) -> Vec<Output> {
            let mut answer = Message::new(StoreId([2; 16]), 5_000, theirs.to_vec());
            answer.pause_ms = pause_ms;
            let appends = self.answer(ticket, answer, mine);
            assert!(matches!(appends.as_slice(), [Output::Append { .. }]));
            self.step(Input::Durable { ticket, mine: mine.to_vec(), received: 0, refused: Vec::new() })
        }

        fn wait_ms(&self, outputs: &[Output]) -> u64 {
            let Some(Output::Wait { until_ms, .. }) = outputs.last() else {
                panic!("a wait, not {outputs:?}")
            };
            until_ms - self.at_ms
        }
    }

    #[test]
    fn a_level_line_rests_and_posts_at_once_when_there_is_news() {
        let mut line = Stepped::new();
        let ticket = Stepped::post(&line.step(Input::Start));
        let mine = [have("office/a", 3)];
        let outputs = line.round(ticket, &mine, &mine, 0);
        assert!(matches!(outputs[0], Output::Level { .. }));
        assert_eq!(outputs[1], Output::Wait { until_ms: REST_MS, listen: true });
        assert_eq!(line.line.state().clock_ahead_ms, 5_000);
        line.at_ms = 10;
        let outputs = line.step(Input::LocalNews);
        assert!(matches!(&outputs[..], [Output::Post { theirs: Some(theirs), .. }] if *theirs == mine));
    }

    #[test]
    fn what_nothing_moves_is_not_repeated() {
        let mut line = Stepped::new();
        let (mine, theirs) = ([have("office/a", 3)], [have("office/a", 1)]);
        let ticket = Stepped::post(&line.step(Input::Start));
        let ticket = Stepped::post(&line.round(ticket, &theirs, &mine, 0));
        let outputs = line.round(ticket, &theirs, &mine, 0);
        assert_eq!(outputs[0], Output::Alarm(Alarm::Stuck));
        assert!(line.wait_ms(&outputs) > 0);
    }

    #[test]
    fn what_was_written_before_a_post_is_in_it_and_no_reason_for_another_one() {
        let mut line = Stepped::new();
        let (before, mine, theirs) = ([have("office/a", 3)], [have("office/a", 5)], [have("office/a", 1)]);
        let ticket = Stepped::post(&line.step(Input::Start));
        let ticket = Stepped::post(&line.round(ticket, &theirs, &before, 0));
        let failed = line.step(Input::Failed { ticket, error: LineError::TimedOut(60) });
        line.at_ms += line.wait_ms(&failed);
        // Two more were written while it waited, and this post tells of them.
        let ticket = Stepped::post(&line.step(Input::Tick));
        let outputs = line.round(ticket, &theirs, &mine, 0);
        assert_eq!(outputs[0], Output::Alarm(Alarm::Stuck));
        // One more is written while its answer is on the way: that one has still to be told.
        line.at_ms += line.wait_ms(&outputs);
        let ticket = Stepped::post(&line.step(Input::Tick));
        line.answer(ticket, Message::new(StoreId([2; 16]), 0, theirs.to_vec()), &mine);
        let grown = vec![have("office/a", 6)];
        Stepped::post(&line.step(Input::Durable { ticket, mine: grown, received: 0, refused: Vec::new() }));
    }

    #[test]
    fn what_the_other_side_does_not_take_is_not_repeated_and_leaves_the_line_level() {
        let mut line = Stepped::new();
        let (mine, theirs) = ([have("office/a", 3)], [have("office/a", 1)]);
        let not = NotTaken {
            stream: mine[0].stream,
            session: mine[0].session,
            from: 1,
            len: 3,
            why: crate::exchange::WhyNot::SignerRevoked,
        };
        let ticket = Stepped::post(&line.step(Input::Start));
        let mut answer = Message::new(StoreId([2; 16]), 0, theirs.to_vec());
        answer.refused = vec![not];
        line.answer(ticket, answer, &mine);
        let durable = Input::Durable { ticket, mine: mine.to_vec(), received: 0, refused: Vec::new() };
        let outputs = line.step(durable);
        assert!(matches!(outputs[0], Output::Level { .. }), "{outputs:?}");
        assert_eq!(line.line.state().refused, [not]);
    }

    #[test]
    fn a_registry_that_has_less_than_before_is_told_of() {
        let mut line = Stepped::new();
        let mine = [have("office/a", 3)];
        let ticket = Stepped::post(&line.step(Input::Start));
        line.round(ticket, &mine, &mine, 0);
        for times in 1..3 {
            let ticket = Stepped::post(&line.step(Input::LocalNews));
            let answer = Message::new(StoreId([2; 16]), 0, vec![have("office/a", 1)]);
            let outputs = line.answer(ticket, answer, &mine);
            assert_eq!(outputs[0], Output::Alarm(Alarm::WentBack { times }));
            let durable = Input::Durable { ticket, mine: mine.to_vec(), received: 0, refused: Vec::new() };
            let ticket = Stepped::post(&line.step(durable));
            line.round(ticket, &mine, &mine, 0);
        }
    }

    #[test]
    fn keys_that_were_asked_for_come_some_at_a_time_and_the_same_ones_again_are_no_progress() {
        let mut line = Stepped::new();
        let mine = [have("office/a", 3)];
        let mut ticket = Stepped::post(&line.step(Input::Start));
        let mut round = |ticket, subjects: &[Subject]| {
            let mut answer = Message::new(StoreId([2; 16]), 0, mine.to_vec());
            let grant = |subject: &Subject| KeyGrant { subject: *subject, sealed: Vec::new() };
            answer.keys = subjects.iter().map(grant).collect();
            line.answer(ticket, answer, &mine);
            line.step(Input::Durable { ticket, mine: mine.to_vec(), received: 0, refused: Vec::new() })
        };
        for subject in [Subject([1; 16]), Subject([2; 16])] {
            ticket = Stepped::post(&round(ticket, &[subject]));
        }
        let outputs = round(ticket, &[Subject([2; 16])]);
        assert!(matches!(outputs[0], Output::Level { .. }), "{outputs:?}");
    }

    #[test]
    fn a_registry_that_is_there_and_fails_is_spared_even_with_news() {
        let mut line = Stepped::new();
        let mut ticket = Stepped::post(&line.step(Input::Start));
        let mut waits = Vec::new();
        for _ in 0..12 {
            let error = LineError::Refused { status: 500, reason: "a fault".into() };
            line.step(Input::Failed { ticket, error });
            let outputs = line.step(Input::LocalNews);
            waits.push(line.wait_ms(&outputs));
            line.at_ms += line.wait_ms(&outputs);
            ticket = Stepped::post(&line.step(Input::Tick));
        }
        assert!(waits[..6].iter().all(|wait_ms| *wait_ms <= 5_000), "{waits:?}");
        assert!(waits[11] >= 150_000, "{waits:?}");
    }

    #[test]
    fn waits_grow_to_a_cap_and_end_at_once_when_the_line_returns() {
        let mut line = Stepped::new();
        let mut outputs = line.step(Input::Start);
        let mut waits = Vec::new();
        for _ in 0..12 {
            let ticket = Stepped::post(&outputs);
            let failed = line.step(Input::Failed { ticket, error: LineError::TimedOut(60) });
            waits.push(line.wait_ms(&failed));
            line.at_ms += line.wait_ms(&failed);
            outputs = line.step(Input::Tick);
        }
        assert!(waits[0] <= 1_000 && waits[4] > waits[0] && waits[11] >= 150_000);
        assert!(waits.iter().all(|wait_ms| *wait_ms <= 300_000));

        let ticket = Stepped::post(&outputs);
        line.step(Input::Failed { ticket, error: LineError::NotOurRegistry });
        assert_eq!(line.line.state().down_since_ms, Some(0));
        let outputs = line.step(Input::LocalNews);
        assert!(line.wait_ms(&outputs) <= 5_000, "something waits to be sent");
        Stepped::post(&line.step(Input::LineBack));
    }

    #[test]
    fn a_registry_that_refuses_again_and_again_is_not_up() {
        let mut line = Stepped::new();
        let ticket = Stepped::post(&line.step(Input::Start));
        line.round(ticket, &[], &[], 0);
        let mut ticket = Stepped::post(&line.step(Input::LocalNews));
        for is_up in [true, false, false] {
            let error = LineError::Refused { status: 500, reason: "a fault".into() };
            let failed = line.step(Input::Failed { ticket, error });
            let state = line.line.state();
            assert_eq!((state.up_since_ms.is_some(), state.down_since_ms.is_none()), (is_up, is_up));
            line.at_ms += line.wait_ms(&failed);
            ticket = Stepped::post(&line.step(Input::Tick));
        }
        line.round(ticket, &[], &[], 0);
        assert!(line.line.state().up_since_ms.is_some());
    }

    #[test]
    fn an_answer_to_an_old_question_is_not_heard() {
        let mut line = Stepped::new();
        let ticket = Stepped::post(&line.step(Input::Start));
        line.step(Input::Pause);
        let answer = Message::new(StoreId([2; 16]), 0, Vec::new());
        assert_eq!(line.answer(ticket, answer, &[]), []);
        assert_eq!(line.step(Input::Tick), []);
        assert_ne!(Stepped::post(&line.step(Input::Resume)), ticket);
    }

    #[test]
    fn a_registry_that_asks_for_a_pause_is_left_alone() {
        let mut line = Stepped::new();
        let ticket = Stepped::post(&line.step(Input::Start));
        let ticket = {
            let outputs = line.round(ticket, &[have("hq/a", 8)], &[], u32::MAX);
            assert_eq!(line.wait_ms(&outputs), u64::from(PAUSE_MS_MAX), "but not for weeks");
            line.at_ms += u64::from(PAUSE_MS_MAX);
            Stepped::post(&line.step(Input::Tick))
        };
        let outputs = line.round(ticket, &[have("hq/a", 9)], &[], 7_000);
        assert_eq!(line.wait_ms(&outputs), 7_000);
        let outputs = line.step(Input::LocalNews);
        assert_eq!(line.wait_ms(&outputs), 7_000);
        line.at_ms += 7_000;
        Stepped::post(&line.step(Input::Tick));
    }

    #[test]
    fn the_line_is_back_when_somebody_answers_where_nobody_did_and_not_before() {
        let mut line = Stepped::new();
        let mut outputs = line.step(Input::Start);
        for _ in 0..10 {
            let ticket = Stepped::post(&outputs);
            let failed =
                line.step(Input::Failed { ticket, error: LineError::Unreachable("no route".into()) });
            line.at_ms += line.wait_ms(&failed);
            outputs = line.step(Input::Tick);
        }
        let ticket = Stepped::post(&outputs);
        let failed = line.step(Input::Failed { ticket, error: LineError::NotOurRegistry });
        assert!(line.wait_ms(&failed) > 100_000);
        // A login page of the network answers probes all along.
        assert_eq!(line.step(Input::Probed { is_there: true }), []);
        assert_eq!(line.step(Input::Probed { is_there: false }), []);
        let outputs = line.step(Input::Probed { is_there: true });
        assert!(line.wait_ms(&outputs) <= 500, "offices come back one after the other");
        line.at_ms += 500;
        let ticket = Stepped::post(&line.step(Input::Tick));
        // A post that was sent into the dark is sent again, and its late answer is not heard.
        assert_eq!(line.step(Input::Probed { is_there: true }), []);
        line.step(Input::Probed { is_there: false });
        let again = Stepped::post(&line.step(Input::Probed { is_there: true }));
        assert_ne!(again, ticket);
        assert_eq!(line.step(Input::Failed { ticket, error: LineError::TimedOut(6) }), []);
    }

    #[test]
    fn a_busy_registry_is_asked_again_when_it_said_and_is_not_down() {
        let mut line = Stepped::new();
        let ticket = Stepped::post(&line.step(Input::Start));
        let outputs = line.step(Input::Failed { ticket, error: LineError::Busy { pause_ms: 3_000 } });
        assert_eq!(line.wait_ms(&outputs), 3_000);
        let outputs = line.step(Input::LocalNews);
        assert_eq!(line.wait_ms(&outputs), 3_000);
        assert_eq!(line.line.state().down_since_ms, None);
        line.at_ms = 3_000;
        Stepped::post(&line.step(Input::Tick));
    }

    #[test]
    fn a_fork_and_another_store_are_told_once() {
        let mut line = Stepped::new();
        let (mine, theirs) = (have("hq/a", 3), Have { hash: Hash::ZERO, ..have("hq/a", 3) });
        let ticket = Stepped::post(&line.step(Input::Start));
        let outputs = line.round(ticket, &[theirs], &[mine], 0);
        assert_eq!(outputs[0], Output::Alarm(Alarm::Fork { mine, theirs }));
        let ticket = Stepped::post(&line.step(Input::LocalNews));
        let outputs = line.answer(ticket, Message::new(StoreId([3; 16]), 0, vec![theirs]), &[mine]);
        assert!(matches!(outputs[0], Output::Alarm(Alarm::StoreChanged { .. })));
        let durable = Input::Durable { ticket, mine: vec![mine], received: 0, refused: Vec::new() };
        let outputs = line.step(durable);
        assert!(matches!(outputs[0], Output::Level { .. }));
    }
}
