//! The line, step by step, against another side that is written down.

use super::*;
use crate::exchange::{KeyGrant, LineError};
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
        let Some(Output::Wait { until_ms, .. }) = outputs.last() else { panic!("a wait, not {outputs:?}") };
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
        let failed = line.step(Input::Failed { ticket, error: LineError::Unreachable("no route".into()) });
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
