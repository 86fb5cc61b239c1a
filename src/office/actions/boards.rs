//! Boards of the hall: setting them up, and the notices on them.

use chrono::{DateTime, Utc};

use super::{ActionError, Asker};
use crate::domain::board::{self, BoardSet, NOTICE_CHARS_MAX, NoticeShown};
use crate::office::store::{Acted, Store, What};

/// What of a board or a notice cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BoardFault {
    /// Its name.
    #[error("the name of the board")]
    Name,
    /// Its sizes.
    #[error("the sizes of the board")]
    Sizes,
    /// The notice is too long.
    #[error("the notice is too long")]
    Notice,
    /// There is no such board.
    #[error("there is no such board")]
    Unknown,
}

/// Sets up a board, or changes it.
pub async fn set(store: &Store, asker: Asker, set: BoardSet) -> Result<Acted, ActionError> {
    if !board::is_name(&set.name) {
        return Err(BoardFault::Name.into());
    }
    if !set.is_sound() {
        return Err(BoardFault::Sizes.into());
    }
    asker.ask(store, What::SetBoard(set)).await
}

/// Takes a board away; its address shows everything again.
pub async fn remove(store: &Store, asker: Asker, name: &str) -> Result<Acted, ActionError> {
    let set = store.board(name)?.ok_or(BoardFault::Unknown)?;
    asker.ask(store, What::SetBoard(BoardSet { removed: true, ..set })).await
}

/// Shows a notice on a board, or on all when `board` is empty; an empty text takes it down.
pub async fn notify(
    store: &Store,
    asker: Asker,
    board: &str,
    text: &str,
    until: Option<DateTime<Utc>>,
) -> Result<Acted, ActionError> {
    if text.chars().count() > NOTICE_CHARS_MAX || text.chars().any(char::is_control) {
        return Err(BoardFault::Notice.into());
    }
    if !board.is_empty() && store.board(board)?.is_none() {
        return Err(BoardFault::Unknown.into());
    }
    let (board, text) = (board.to_owned(), text.to_owned());
    asker.ask(store, What::ShowNotice(NoticeShown { board, text, until })).await
}
