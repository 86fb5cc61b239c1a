//! A ticket: a number in a queue class, from waiting to finished.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::number::ApplicationNumber;

pub(super) mod rules;
mod steps;

pub use steps::{Step, TicketAct};

/// A queue class, one capital letter. Which channels it serves and what it is called is a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "char", into = "char")]
pub struct QueueClass(char);

impl QueueClass {
    /// M-Paspor bookings (default letter).
    pub const BOOKED: QueueClass = QueueClass('A');
    /// Priority walk-ins (default letter).
    pub const PRIORITY: QueueClass = QueueClass('B');
    /// Same-day service (default letter).
    pub const SAME_DAY: QueueClass = QueueClass('C');
    /// Collection of finished books (default letter).
    pub const COLLECTION: QueueClass = QueueClass('D');
    /// Examination of lost or damaged passports (default letter).
    pub const EXAMINATION: QueueClass = QueueClass('E');

    /// A class by its letter; letters that are misread on a screen (I, O, S, Z) are not used.
    pub fn parse(letter: char) -> Option<Self> {
        (letter.is_ascii_uppercase() && !matches!(letter, 'I' | 'O' | 'S' | 'Z')).then_some(Self(letter))
    }

    /// The letter.
    pub fn letter(self) -> char {
        self.0
    }
}

impl TryFrom<char> for QueueClass {
    type Error = String;
    fn try_from(letter: char) -> Result<Self, String> {
        Self::parse(letter).ok_or_else(|| format!("{letter:?} is not a queue class"))
    }
}

impl From<QueueClass> for char {
    fn from(class: QueueClass) -> char {
        class.0
    }
}

/// What the applicant is waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Capture and interview, usually one booth.
    Interview,
    /// Collection of a finished book.
    Collection,
}

/// The number people see: unique in one office on one business day, never changed by a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TicketNumber {
    /// The business day it was drawn on.
    pub day: NaiveDate,
    /// Its class when it was drawn.
    pub class: QueueClass,
    /// From 1.
    pub serial: u16,
}

impl std::fmt::Display for TicketNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{:03}", self.class.0, self.serial)
    }
}

/// Where a ticket stands, derived from its facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum TicketState {
    /// In the queue since then.
    Waiting {
        /// Since when.
        since: DateTime<Utc>,
    },
    /// Shown on the displays, expected at a counter.
    Called {
        /// The counter.
        counter: u16,
        /// When it was called first.
        at: DateTime<Utc>,
        /// How often it was called, at least once.
        times: u16,
    },
    /// Somebody serves it.
    Serving {
        /// The counter.
        counter: u16,
        /// Since when.
        since: DateTime<Utc>,
    },
    /// Called and did not come; can be called back.
    Absent {
        /// Since when.
        since: DateTime<Utc>,
    },
    /// Put aside with a reason: for a photocopy, a witness, a payment at the bank.
    Held {
        /// Since when.
        since: DateTime<Utc>,
        /// From then on it may be called again by itself; without it, when an officer says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<DateTime<Utc>>,
    },
    /// Done.
    Finished {
        /// When.
        at: DateTime<Utc>,
    },
}

/// A ticket as derived from its facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its number.
    pub number: TicketNumber,
    /// The class it waits in now (a transfer may have changed it; the number stays).
    pub class: QueueClass,
    /// What for.
    pub stage: Stage,
    /// When it was drawn: its turn, kept through transfers and returns.
    pub drawn_at: DateTime<Utc>,
    /// Where it stands.
    pub state: TicketState,
    /// Only this counter may call it, when a transfer says so.
    pub only_counter: Option<u16>,
    /// What the officer before wants the next one to know.
    pub note: String,
    /// How often its holder did not come when called.
    #[serde(default)]
    pub absences: u16,
    /// When it was called first; a call that was taken back does not count.
    #[serde(default)]
    pub called_at: Option<DateTime<Utc>>,
    /// What was done with it last, and how it stood before: what can be undone.
    #[serde(default)]
    pub last: Option<Box<Step>>,
}

/// A ticket was drawn (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketIssued {
    /// Its number.
    pub number: TicketNumber,
    /// What for.
    pub stage: Stage,
}

/// Numbers of a day go on further up: some below may have been given out that this office does not know of any more
/// (about the office's own affairs).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketsSkipped {
    /// The business day.
    pub day: NaiveDate,
    /// No number below this is given out on that day any more, in any class.
    pub from: u16,
    /// Why.
    pub because: SkipReason,
    /// Blocks of application numbers that are left behind for the same reason: the first number of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocks_left: Vec<ApplicationNumber>,
}

impl TicketsSkipped {
    /// Where numbers go on when `last` is the highest that is known of the day: behind the next multiple of `gap`.
    pub fn beyond(day: NaiveDate, last: u16, gap: u16, because: SkipReason) -> Self {
        let multiple = last.checked_div(gap).and_then(|full| (full + 1).checked_mul(gap));
        let from = multiple.unwrap_or(last).saturating_add(1);
        Self { day, from, because, blocks_left: Vec::new() }
    }
}

/// Why numbers may have been given out that the office does not know of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkipReason {
    /// Its folder was made from a backup.
    Restored,
    /// Part of its journals was damaged.
    Damaged,
    /// Headquarters handed records back that this office had written and did not hold any more: its folder was rolled
    /// back, or its machine replaced.
    HandedBack,
}

/// A ticket was called to a counter (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketCalled {
    /// Which.
    pub number: TicketNumber,
    /// Where to.
    pub counter: u16,
}

/// The same call once more (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketRecalled {
    /// Which.
    pub number: TicketNumber,
}

/// The applicant stands at the counter (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketStarted {
    /// Which.
    pub number: TicketNumber,
}

/// Nobody came (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketAbsent {
    /// Which.
    pub number: TicketNumber,
}

/// Back into the queue, keeping its turn (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketReturned {
    /// Which.
    pub number: TicketNumber,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// To another class, stage or counter (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketTransferred {
    /// Which.
    pub number: TicketNumber,
    /// The class it waits in from now on.
    pub class: QueueClass,
    /// What for from now on.
    pub stage: Stage,
    /// Only for this counter, if given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counter: Option<u16>,
    /// For the next officer.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Served (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketFinished {
    /// Which.
    pub number: TicketNumber,
}

/// Put aside with a reason (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketHeld {
    /// Which.
    pub number: TicketNumber,
    /// Why: what it waits for.
    pub reason: String,
    /// From then on it may be called again by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// The last act with a ticket was taken back; it stands as it stood before (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketUndone {
    /// Which.
    pub number: TicketNumber,
    /// The act that was taken back.
    pub act: TicketAct,
}
