//! The line to headquarters as the screens show it.

use chrono::{DateTime, Utc};
use loket_sync::exchange::{CertificateProblem, NotTaken};

use crate::domain::node::TakenBack;

use crate::domain::damage::MissingRecords;

/// From so many minutes on a clock that differs is told.
const CLOCK_MINUTES_TOLD: i64 = 5;
const MINUS_CLOCK_MINUTES_TOLD: i64 = -CLOCK_MINUTES_TOLD;
/// Ten years: more says no more.
const CLOCK_MINUTES_MAX: i64 = 10 * 365 * 24 * 60;
const MINUTE_MS: i64 = 60_000;

/// How the line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Line {
    /// The office has not been tied to a registry.
    #[default]
    NotEnrolled,
    /// Nothing was tried yet since the start.
    Unknown,
    /// Up since then.
    Up {
        /// Since when.
        since: DateTime<Utc>,
    },
    /// Down since then.
    Down {
        /// Since when.
        since: DateTime<Utc>,
    },
}

/// What went wrong last, as a kind that has words on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkProblem {
    /// Nobody answered.
    Unreachable,
    /// An answer began and stopped.
    TimedOut,
    /// The registry's certificate is not accepted.
    Certificate(CertificateProblem),
    /// Somebody else answered, for example the log-in page of a hotspot.
    NotOurRegistry,
    /// The registry does not let this office in.
    Refused,
    /// The registry answers, and cannot take or give anything at the moment: its disk is full or has failed.
    Troubled,
    /// The key of this machine was taken back.
    KeyTakenBack,
    /// The answer could not be understood.
    BadAnswer,
    /// What arrived could not be stored here.
    Storage,
}

/// What only a technician can put right. The screens say it in words; what a machine says about it stands beside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkAlarm {
    /// This machine's clock is behind headquarters' by so many minutes.
    ClockBehind(i64),
    /// It is ahead of it.
    ClockAhead(i64),
    /// The same journal has two histories: a copy of it, or of the node's key, is at work elsewhere.
    TwoHistories {
        /// Which journal.
        stream: String,
        /// Records here.
        here: u64,
        /// Records there.
        there: u64,
    },
    /// The two sides differ, and nothing moves.
    Stuck,
    /// The registry's store was replaced by another one.
    RegistryReplaced,
    /// The registry has less than it said before: it was restored from an older copy.
    RegistryWentBack,
    /// The registry has had less than it said before several times: two of them answer under one name.
    TwoRegistries,
    /// A key from headquarters does not open, or is not the one known here.
    KeyUnusable {
        /// Which, and why.
        detail: String,
    },
    /// Records from headquarters were not taken.
    RecordsRefused {
        /// Which, and why.
        detail: String,
    },
    /// A record does not open although its key is here; the rest goes on without it.
    RecordUnreadable {
        /// Which, and why.
        detail: String,
    },
    /// Records have lost their contents, and headquarters has not said that anybody was erased.
    BodiesMissing,
    /// Headquarters wants a picture that should be here and is not.
    PictureGone {
        /// Which.
        hash: String,
    },
    /// Headquarters wants a picture that has changed here.
    PictureDamaged {
        /// Which.
        hash: String,
    },
    /// A part of this office's journal is damaged or missing.
    JournalDamaged {
        /// Which.
        detail: String,
    },
    /// What was being written when the power went is torn and was set aside. Nobody was told that it is saved, unless the
    /// drive has spoilt it since.
    JournalTorn {
        /// Which.
        detail: String,
    },
    /// Acknowledged records are not here any more, and headquarters has not handed them back (yet).
    RecordsMissing {
        /// Which.
        which: MissingRecords,
        /// Headquarters said that it does not have them either: they exist nowhere else.
        nowhere_else: bool,
    },
    /// The tables were damaged and drawn anew from the journals: nothing is lost.
    TablesRedrawn {
        /// What was wrong.
        detail: String,
    },
    /// The programs here and at headquarters have begun almost as many sessions as an exchange can speak of.
    SessionsCrowded {
        /// How many there are.
        here: usize,
        /// How many there may be.
        most: usize,
    },
    /// Almost as many sessions are refused, here or there, as can be told.
    RefusedCrowded {
        /// How many there are.
        here: usize,
        /// How many there may be.
        most: usize,
    },
    /// There is no room for the tables: nothing is taken until there is.
    TablesFull,
}

/// The line to headquarters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinkState {
    /// Up or down.
    pub line: Line,
    /// Somebody has pressed *pause*.
    pub paused: bool,
    /// When an exchange last went through.
    pub last_ok_at: Option<DateTime<Utc>>,
    /// What went wrong last, and when.
    pub last_error: Option<(LinkProblem, DateTime<Utc>)>,
    /// Records sent since the start.
    pub sent: u64,
    /// Records received since the start.
    pub received: u64,
    /// Pictures that headquarters does not have yet.
    pub blobs_unsent: usize,
    /// Pictures that are announced and not here yet.
    pub blobs_wanted: usize,
    /// How the key of this machine was taken back, if it was.
    pub taken_back: Option<TakenBack>,
    /// Since when two copies of this machine are at work, as headquarters sees it.
    pub twins_since: Option<DateTime<Utc>>,
    /// How far headquarters' clock was ahead of this machine's at the last exchange.
    pub clock_ahead_ms: i64,
    /// What headquarters does not take of what this office sends.
    pub refused: Vec<NotTaken>,
    /// What a person must look at.
    pub alarms: Vec<LinkAlarm>,
}

impl LinkAlarm {
    /// What to say of a clock that headquarters' clock is so far ahead of. An answer takes its time to come, so a little
    /// says nothing.
    pub(super) fn of_clock(ahead_ms: i64) -> Option<Self> {
        let minutes = (ahead_ms / MINUTE_MS).clamp(-CLOCK_MINUTES_MAX, CLOCK_MINUTES_MAX);
        match minutes {
            CLOCK_MINUTES_TOLD.. => Some(Self::ClockBehind(minutes)),
            ..=MINUS_CLOCK_MINUTES_TOLD => Some(Self::ClockAhead(-minutes)),
            _ => None,
        }
    }
}

/// What headquarters does not have yet, as far as is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unsent {
    /// Number of facts.
    pub count: u64,
    /// When the oldest was written.
    pub oldest_at: Option<DateTime<Utc>>,
    /// Their size in bytes.
    pub bytes: u64,
}

/// What a person asks of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineOrder {
    /// Exchange now, whatever the line is waiting for.
    SyncNow,
    /// Keep quiet until told otherwise (or started again).
    Pause,
    /// Go on.
    Resume,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_wrong_is_told_which_way() {
        assert_eq!(LinkAlarm::of_clock(4 * MINUTE_MS), None);
        assert_eq!(LinkAlarm::of_clock(-4 * MINUTE_MS), None);
        assert_eq!(LinkAlarm::of_clock(24 * 60 * MINUTE_MS), Some(LinkAlarm::ClockBehind(1_440)));
        assert_eq!(LinkAlarm::of_clock(-5 * MINUTE_MS), Some(LinkAlarm::ClockAhead(5)));
        assert_eq!(LinkAlarm::of_clock(i64::MIN), Some(LinkAlarm::ClockAhead(CLOCK_MINUTES_MAX)));
    }
}
