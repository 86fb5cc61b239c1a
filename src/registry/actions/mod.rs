//! What the registry can do: one function per act, by noun. Each writes its facts and rows in one transaction and
//! returns only after the commit. Nothing here knows HTTP or templates.

pub mod bookings;
pub mod check;
pub mod decisions;
pub mod desk;
pub mod erasures;
pub mod exchange;
pub mod letters;
pub mod mails;
pub mod missing;
pub mod nodes;
pub mod offices;
pub mod payments;
pub mod pictures;
pub mod proofs;
pub mod quotas;
pub mod staff;
pub mod walk_ins;

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use loket_sync::{BlobError, Blobs};

use super::store::{Store, StoreError};
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::domain::actor::{Actor, Role};
use crate::domain::application::ApplicationKey;
use crate::domain::number::ApplicationNumber;
use crate::domain::office::{Office, OfficeCode, Zone};
use crate::domain::refusal::Refusal;
use crate::domain::setting::Settings;
use crate::ids::NoRandomness;

/// The registry: its memory, its blob folder and its clock. Cheap to clone.
#[derive(Clone)]
pub struct Registry {
    /// What it remembers.
    pub store: Store,
    /// Sealed pictures.
    pub blobs: Arc<Blobs>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Its folder.
    pub dir: PathBuf,
    /// Where offices wait for their turn.
    pub desk: Arc<desk::Desk>,
    /// Which missing pictures each office was told of.
    pub named: Arc<missing::Named>,
    /// Told when somebody was erased whose files and rows are still to be swept.
    pub erased: Arc<Notify>,
}

/// The zone headquarters works in: bill codes carry its calendar day.
pub const HEADQUARTERS_ZONE: Zone = Zone::Wib;

/// Why an act did not come about.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// A rule stands against it; nothing was written.
    #[error("refused")]
    Refused(#[from] Refusal),
    /// The request makes no sense.
    #[error("the request cannot be accepted")]
    Invalid(Vec<Invalid>),
    /// There is no such office.
    #[error("there is no such office")]
    UnknownOffice,
    /// The interval is full or does not exist.
    #[error("the interval is full")]
    NoRoom,
    /// The code is wrong, used up or too old.
    #[error("the enrolment code is not valid")]
    EnrolmentRefused,
    /// The key of this node was taken back; a key never comes back.
    #[error("the key of this node was taken back; it needs a new one")]
    KeyTakenBack,
    /// The code was given out for another office, which is not touched by this.
    #[error("this code is for the office {0}, not for the one it was typed at")]
    CodeOfOtherOffice(OfficeCode),
    /// The key of this node is another office's; a key never changes hands.
    #[error("the key of this node is another office's; it needs one of its own")]
    KeyOfOtherOffice,
    /// There is no such node, or what was kept aside is not there any more.
    #[error("there is nothing like that any more")]
    Gone,
    /// A reason is missing or too long.
    #[error("a reason is needed")]
    Reason,
    /// What is kept aside cannot be joined to what is here.
    #[error("these records do not follow what is here")]
    DoesNotFollow,
    /// The login or the password is wrong, or the account is locked for a while.
    #[error("login or password is wrong, or the account is locked")]
    LoginRefused,
    /// What was typed about somebody of the staff cannot be.
    #[error("refused: {0}")]
    Staff(#[from] staff::StaffFault),
    /// The system gives no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The memory failed; what was asked may not have happened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The blob folder failed.
    #[error("the blob folder did not do what it was asked")]
    Blobs(#[from] BlobError),
    /// A password cannot be hashed, a proof not written: a fault of this program.
    #[error("this went wrong inside: {0}")]
    Internal(String),
}

impl ActionError {
    /// Whether there was no room on a disk; nothing was written, and it goes on by itself when there is some.
    pub fn is_storage_full(&self) -> bool {
        match self {
            Self::Store(error) => error.is_storage_full(),
            Self::Blobs(error) => error.is_storage_full(),
            _ => false,
        }
    }

    /// Whether the storage failed, for another reason than room. Nothing was acknowledged.
    pub fn is_storage_failed(&self) -> bool {
        match self {
            Self::Store(error) => error.is_storage_failed(),
            Self::Blobs(BlobError::Io { .. }) => !self.is_storage_full(),
            _ => false,
        }
    }
}

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Invalid {
    /// Which field, as the request names it.
    pub field: &'static str,
    /// What is wrong.
    pub detail: &'static str,
}

/// Somebody of headquarters who asks for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// Who.
    pub by: Actor,
    /// In which roles.
    pub roles: Vec<Role>,
}

impl Asker {
    /// Refuses whoever does not work at headquarters.
    fn headquarters(&self) -> Result<(), Refusal> {
        if self.roles.contains(&Role::Headquarters) { Ok(()) } else { Err(Refusal::NotAllowed) }
    }
}

/// The name under which an act that is repeated finds its first answer. The same key for another act or another
/// application is another request.
fn once_name(act: &str, number: &ApplicationNumber, once: Option<&str>) -> Option<String> {
    once.filter(|once| !once.is_empty()).map(|once| format!("{act} {number} {once}"))
}

impl Registry {
    /// Now.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The settings that hold nationally on a day.
    pub fn settings(&self, day: NaiveDate) -> Settings {
        Settings::on(day, std::iter::empty())
    }

    /// An office on paper.
    pub async fn office(&self, code: &OfficeCode) -> Result<Office, ActionError> {
        let row = self.store.office(code).await?;
        row.map(|row| row.office).ok_or(ActionError::UnknownOffice)
    }

    /// The application of a number.
    pub async fn key_of(&self, number: &ApplicationNumber) -> Result<ApplicationKey, ActionError> {
        let key = self.store.by_number(number).await?;
        key.ok_or(ActionError::Refused(Refusal::UnknownApplication))
    }
}
