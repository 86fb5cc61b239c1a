//! Passwords: what they must be, how they are hashed, how they are compared. Slow on purpose; call it aside.

use std::sync::OnceLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};

/// The fewest characters of a password.
pub const CHARS_MIN: usize = 10;
/// The most; longer ones only make hashing slow.
pub const CHARS_MAX: usize = 200;

/// Why a password is not good enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Too short.
    #[error("it needs {CHARS_MIN} characters or more")]
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
    if chars < CHARS_MIN {
        Err(PasswordFault::TooShort)
    } else if chars > CHARS_MAX {
        Err(PasswordFault::TooLong)
    } else if password.to_lowercase().contains(login) || password.chars().all(|c| Some(c) == first) {
        Err(PasswordFault::TooEasy)
    } else {
        Ok(())
    }
}

/// Hashes a password with Argon2id and a fresh salt, as a PHC string.
pub(super) fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(Argon2::default().hash_password(password.as_bytes())?.to_string())
}

/// Whether a password is the one behind a hash. Without a hash it takes as long and says no.
pub(super) fn verify(password: &str, hash: Option<&str>) -> bool {
    static NOBODY: OnceLock<String> = OnceLock::new();
    let nobody = || NOBODY.get_or_init(|| self::hash("nobody has this password").unwrap_or_default());
    let known = hash.is_some();
    let Ok(hash) = PasswordHash::new(hash.unwrap_or_else(|| nobody())) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &hash).is_ok() && known
}
