//! What an officer's password must be.

use crate::passwords::LENGTH_MIN;

/// The most; longer ones only make hashing slow.
pub const CHARS_MAX: usize = 200;

/// Why a password is not good enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Too short.
    #[error("it needs {LENGTH_MIN} characters or more")]
    TooShort,
    /// Too long.
    #[error("it may have {CHARS_MAX} characters at most")]
    TooLong,
    /// It holds the login, or one character over and over.
    #[error("it is too easy to guess")]
    TooEasy,
}

/// Whether a password is good enough for this login.
pub(super) fn check(login: &str, password: &str) -> Result<(), PasswordFault> {
    let chars = password.chars().count();
    let first = password.chars().next();
    if chars < LENGTH_MIN {
        Err(PasswordFault::TooShort)
    } else if chars > CHARS_MAX {
        Err(PasswordFault::TooLong)
    } else if password.to_lowercase().contains(login) || password.chars().all(|c| Some(c) == first) {
        Err(PasswordFault::TooEasy)
    } else {
        Ok(())
    }
}
