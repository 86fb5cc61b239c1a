//! What is asked of the store's writer, and what it answers.

use loket_sync::Pos;

use crate::domain::actor::{Actor, Role};
use crate::domain::application::ApplicationKey;
use crate::domain::backup::{BackupMade, NodeRestored};
use crate::domain::board::{BoardSet, NoticeShown};
use crate::domain::command::Command;
use crate::domain::damage::DamageMended;
use crate::domain::desk::{CounterOpened, CounterPaused};
use crate::domain::fact::Fact;
use crate::domain::key_protection::KeyProtectionChanged;
use crate::domain::officer::{DeviceSet, OfficerSet};
use crate::domain::refusal::Refusal;
use crate::domain::setting::SettingSet;
use crate::domain::stock::{StockCounted, StockReceived};
use crate::domain::ticket::{SkipReason, TicketNumber};
use crate::domain::walk_in::Registration;

/// An act: what, by whom, and what makes a repetition recognisable.
#[derive(Debug, Clone)]
pub struct Act {
    /// What is asked for.
    pub what: What,
    /// Who asks.
    pub by: Actor,
    /// The roles they hold.
    pub roles: Vec<Role>,
    /// The idempotency key of the form: the same key by the same person gives the first answer again.
    pub once: String,
    /// [`super::facts_seen`] of the application when the page was drawn; `None` when the act needs no page.
    pub seen: Option<usize>,
}

/// What is asked for.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "an act is made once and travels in a box")]
pub enum What {
    /// A command about one application, decided by the rules.
    Application {
        /// Which.
        key: ApplicationKey,
        /// What.
        command: Box<Command>,
    },
    /// Somebody without a booking is registered under a number of the reserved block.
    Register {
        /// A key nobody has.
        key: ApplicationKey,
        /// What was typed.
        registration: Box<Registration>,
    },
    /// The next ticket of the counter's classes to this counter.
    CallNext {
        /// Which counter.
        counter: u16,
    },
    /// Open a counter.
    OpenCounter(CounterOpened),
    /// A counter pauses.
    PauseCounter(CounterPaused),
    /// A counter that pauses goes on.
    ResumeCounter {
        /// Which.
        counter: u16,
    },
    /// Close a counter.
    CloseCounter {
        /// Which.
        counter: u16,
    },
    /// Add or change an officer.
    SetOfficer(OfficerSet),
    /// An officer may no longer log in.
    DisableOfficer {
        /// Login name.
        login: String,
    },
    /// Give a device a key.
    SetDevice(DeviceSet),
    /// Take a device's key back.
    RevokeDevice {
        /// Its name.
        name: String,
    },
    /// A setting takes a new value from a day on.
    SetSetting(SettingSet),
    /// Set up or change a board of the hall.
    SetBoard(BoardSet),
    /// Show a notice on boards, or take it down.
    ShowNotice(NoticeShown),
    /// Blank books came.
    ReceiveStock(StockReceived),
    /// Blank books were counted.
    CountStock(StockCounted),
    /// A backup of this node was made.
    BackupMade(BackupMade),
    /// This node was made from a backup.
    NodeRestored(NodeRestored),
    /// The node's key is protected in another way.
    NoteKeyProtection(KeyProtectionChanged),
    /// Numbers may have been given out today that this office does not know of.
    SkipTickets(SkipReason),
    /// This node found damage in its folder and put right what it could.
    NoteDamage(DamageMended),
    /// A fact that changes nothing, for the audit trail ([`Fact::Viewed`]).
    Note {
        /// About which application.
        key: ApplicationKey,
        /// What.
        fact: Fact,
    },
}

/// What an act came to. It is on the disk when this is returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acted {
    /// The application it was about; `None` for the office's own affairs.
    pub key: Option<ApplicationKey>,
    /// Where its facts stand.
    pub positions: Vec<Pos>,
    /// It had been done before under the same `once`; this is the first answer.
    pub repeated: bool,
    /// The ticket that was drawn or called.
    pub ticket: Option<TicketNumber>,
}

/// Why an act was not done. Nothing was written, except where the variant says so.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// The rules refuse it.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// The store takes no more acts since a write failed; this one was not written.
    #[error("the store is read-only: {0}")]
    ReadOnly(String),
    /// The write failed while this act was among what was written; whether it is on the disk shows after a restart. The
    /// store takes no more.
    #[error("the store has failed: {0}")]
    Failed(String),
    /// The tables are not there; it goes on by itself when they are.
    #[error("the tables are not there yet")]
    Waiting,
    /// The disk is nearly full; it goes on by itself when there is room.
    #[error("the disk is nearly full")]
    StorageLow,
    /// The node is stopping.
    #[error("the node is stopping")]
    Stopped,
    /// The tables or the journal could not be read.
    #[error(transparent)]
    Store(#[from] super::StoreError),
}

impl ActError {
    /// The same error for everybody who shared a group that failed as a whole.
    pub(super) fn again(&self) -> Self {
        match self {
            ActError::Refused(refusal) => ActError::Refused(refusal.clone()),
            ActError::StorageLow => ActError::StorageLow,
            ActError::Waiting => ActError::Waiting,
            ActError::Stopped => ActError::Stopped,
            ActError::ReadOnly(reason) => ActError::ReadOnly(reason.clone()),
            ActError::Failed(reason) => ActError::Failed(reason.clone()),
            ActError::Store(error) => ActError::ReadOnly(error.to_string()),
        }
    }
}
