//! What the line waits for: after a failure, at rest, until there is news or somebody answers again.

use super::super::line_error::LineError;
use super::super::line_io::{LinePhase, LineSettings, Now, Output, Ticket};
use super::{Line, PAUSE_MS_MAX, Phase};

/// When the line returns, offices come back within this time of each other.
const RETURN_SPREAD_MS: u64 = 500;
/// After so many failures in a row news wait longer too, where it is not the line that fails.
const EAGER_FAILURES_MAX: u32 = 6;

impl Line {
    pub(super) fn news(&mut self, now: Now) -> Vec<Output> {
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

    pub(super) fn line_back(&mut self, now: Now) -> Vec<Output> {
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
    pub(super) fn probed(&mut self, now: Now, is_there: bool) -> Vec<Output> {
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

    pub(super) fn failed(&mut self, now: Now, ticket: Ticket, error: LineError) -> Vec<Output> {
        let is_ours = match &self.phase {
            Phase::Posting(expected) | Phase::Appending(expected, _) => *expected == ticket,
            _ => false,
        };
        if is_ours { self.give_up(now, error) } else { Vec::new() }
    }

    pub(super) fn lost(&mut self, now: Now, error: LineError) -> Vec<Output> {
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

    pub(super) fn retry(&mut self, now: Now, is_line_down: bool) -> Vec<Output> {
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

    pub(super) fn wait(&self) -> Vec<Output> {
        match self.phase {
            Phase::Resting { until_ms, not_before_ms } => {
                vec![Output::Wait { until_ms, listen: until_ms > not_before_ms }]
            }
            Phase::Retrying { until_ms, .. } => vec![Output::Wait { until_ms, listen: false }],
            _ => Vec::new(),
        }
    }
}
