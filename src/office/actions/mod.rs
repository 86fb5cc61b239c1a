//! What officers do, one file per noun, one function per act: what the rules cannot check (passwords, pictures,
//! signatures) is checked here, then the store's writer decides.

pub mod arrivals;
pub mod boards;
pub mod books;
pub mod calendar;
pub mod captures;
pub mod counters;
pub mod deadlines;
pub mod devices;
pub mod documents;
pub mod interviews;
pub mod officers;
mod pictures;
pub mod reviews;
pub mod sessions;
pub mod settings;
pub mod stage_reports;
pub mod stock;
pub mod thumbnails;
pub mod tickets;
pub mod walk_ins;

pub use pictures::PictureFault;

use loket_sync::blob::BlobError;

use crate::domain::actor::{Actor, Role};
use crate::domain::application::ApplicationKey;
use crate::domain::command::Command;
use crate::domain::refusal::Refusal;
use crate::domain::setting::SettingError;
use crate::ids::NoRandomness;
use crate::office::store::{Act, ActError, Acted, PictureError, Store, StoreError, What};
use crate::passwords::PasswordFault;

/// Who acts, and by which form.
#[derive(Debug, Clone)]
pub struct Asker {
    /// Who.
    pub by: Actor,
    /// The roles they hold.
    pub roles: Vec<Role>,
    /// The form's idempotency key.
    pub once: String,
    /// What the page was drawn from; see [`Act::seen`].
    pub seen: Option<usize>,
}

impl Asker {
    /// The node itself with every right: for commands typed at the machine.
    pub fn node(once: String) -> Self {
        let roles =
            vec![Role::FrontDesk, Role::Interviewer, Role::Supervisor, Role::Custody, Role::Administrator];
        Self { by: Actor::Node, roles, once, seen: None }
    }

    async fn ask(self, store: &Store, what: What) -> Result<Acted, ActionError> {
        let Self { by, roles, once, seen } = self;
        Ok(store.act(Act { what, by, roles, once, seen }).await?)
    }

    async fn command(
        self,
        store: &Store,
        key: ApplicationKey,
        command: Command,
    ) -> Result<Acted, ActionError> {
        self.ask(store, What::Application { key, command: Box::new(command) }).await
    }
}

/// Why an action did not happen. Nothing was written, except where [`ActError`] says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// The rules refuse it, or the store cannot.
    #[error(transparent)]
    Act(#[from] ActError),
    /// The picture is not what it should be.
    #[error("the picture is refused: {0}")]
    Picture(#[from] PictureFault),
    /// The picture could not be kept.
    #[error("the picture could not be kept")]
    Blob(#[from] PictureError),
    /// The password is not good enough.
    #[error("the password is refused: {0}")]
    Password(#[from] PasswordFault),
    /// What was said of an officer or a device cannot be.
    #[error("refused: {0}")]
    Officer(#[from] officers::OfficerFault),
    /// A board or a notice cannot be like this.
    #[error("refused: {0}")]
    Board(#[from] boards::BoardFault),
    /// The setting cannot have this value.
    #[error("the setting is refused: {0}")]
    Setting(#[from] SettingError),
    /// A password could not be hashed.
    #[error("the password could not be hashed")]
    Hash(#[from] crate::passwords::PasswordError),
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// Work on another thread was ended.
    #[error("the work was ended")]
    Ended,
}

impl ActionError {
    /// Whether there was no room on the disk; nothing was written.
    pub fn is_storage_full(&self) -> bool {
        match self {
            Self::Act(ActError::StorageLow) => true,
            Self::Blob(PictureError::Blobs(error)) => error.is_storage_full(),
            _ => false,
        }
    }

    /// Whether the storage failed, and if so what holds of this act; nothing more is taken.
    pub fn storage_failed(&self) -> Option<Refusal> {
        match self {
            Self::Act(ActError::Failed(_)) => Some(Refusal::StorageFailedMeanwhile),
            Self::Act(ActError::ReadOnly(_)) => Some(Refusal::StorageFailed),
            // The fact that would name the picture was not written.
            Self::Blob(PictureError::Blobs(BlobError::Io { .. })) if !self.is_storage_full() => {
                Some(Refusal::StorageFailed)
            }
            Self::Act(ActError::Store(error)) if error.is_storage_failed() => Some(Refusal::StorageFailed),
            _ => None,
        }
    }
}

impl From<Refusal> for ActionError {
    fn from(refusal: Refusal) -> Self {
        ActionError::Act(refusal.into())
    }
}

impl From<StoreError> for ActionError {
    fn from(error: StoreError) -> Self {
        ActionError::Act(error.into())
    }
}

/// Does heavy work (hashing, decoding, sealing) where it holds nobody up.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ActionError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| ActionError::Ended)
}
