//! Passwords of officers and registry staff: hashed with Argon2id, drawn when nobody chooses one.
//!
//! Hashing takes tens of milliseconds of one core on purpose: callers on a server do it off their event loop. A wrong
//! login costs as much time as a wrong password, so that nobody learns which logins exist.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, password_hash};

use tokio::sync::Semaphore;

use crate::ids;

/// A password could not be hashed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too short to be one.
    #[error("a password has at least {LENGTH_MIN} characters")]
    TooShort,
    /// The hash function refused.
    #[error("the password cannot be hashed: {0}")]
    Hash(password_hash::Error),
    /// No randomness for the salt or the password.
    #[error(transparent)]
    Random(#[from] ids::NoRandomness),
}

/// The program is stopping; nothing was verified.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the password was not verified: the program is stopping")]
pub struct Interrupted;

/// Passwords that are verified at the same time.
static TURNS: Semaphore = Semaphore::const_new(2);

/// Fewest characters of a password (NIST SP 800-63B asks for eight).
pub const LENGTH_MIN: usize = 8;

/// Crockford's letters and digits, which cannot be taken for one another on paper.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The hash of a password nobody has, verified against when a login is unknown.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bG9rZXQtbm9ib2R5LWhlcmU$0D3oJv0Jzq9n8oVhXwq2kT0m7mS0lq3yqkq0o1m5b3E";

/// The Argon2id hash of a password in PHC string form, with a fresh salt.
pub fn hash(password: &str) -> Result<String, PasswordError> {
    if password.chars().count() < LENGTH_MIN {
        return Err(PasswordError::TooShort);
    }
    let hashed = Argon2::default().hash_password(password.as_bytes()).map_err(PasswordError::Hash)?;
    Ok(hashed.to_string())
}

/// Whether the password belongs to the hash. `None` stands for an unknown login: never right, and as slow.
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    let parsed = PasswordHash::new(hash.unwrap_or(NOBODY));
    let matches =
        parsed.is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok());
    matches && hash.is_some()
}

/// [`verify`] off the event loop, a few at a time: each takes 19 MiB, and anybody may ask for it.
pub async fn verify_in_turn(password: String, hash: Option<String>) -> Result<bool, Interrupted> {
    let _turn = TURNS.acquire().await.map_err(|_closed| Interrupted)?;
    let verified = tokio::task::spawn_blocking(move || verify(&password, hash.as_deref())).await;
    verified.map_err(|_ended| Interrupted)
}

/// A password to be written down once: four groups of four characters, 80 bits.
pub fn draw() -> Result<String, PasswordError> {
    let drawn = ids::bytes::<16>()?;
    let mut password = String::with_capacity(19);
    for (index, byte) in drawn.iter().enumerate() {
        if index > 0 && index % 4 == 0 {
            password.push('-');
        }
        password.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    Ok(password)
}

/// The most; longer ones only make hashing slow.
const LENGTH_MAX: usize = 200;

/// Why a password is not good enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Too short.
    #[error("it needs {LENGTH_MIN} characters or more")]
    TooShort,
    /// Too long.
    #[error("it may have {LENGTH_MAX} characters at most")]
    TooLong,
    /// It holds the login, or one character over and over.
    #[error("it is too easy to guess")]
    TooEasy,
}

/// Whether a password is good enough for this login.
pub fn check(login: &str, password: &str) -> Result<(), PasswordFault> {
    let chars = password.chars().count();
    let first = password.chars().next();
    if chars < LENGTH_MIN {
        Err(PasswordFault::TooShort)
    } else if chars > LENGTH_MAX {
        Err(PasswordFault::TooLong)
    } else if password.to_lowercase().contains(login) || password.chars().all(|c| Some(c) == first) {
        Err(PasswordFault::TooEasy)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_of_a_known_login_is_accepted() {
        let hashed = hash("benar-sekali").unwrap();
        assert!(hashed.starts_with("$argon2id$"));
        assert!(verify("benar-sekali", Some(&hashed)));
        assert!(!verify("salah-sekali", Some(&hashed)));
        assert!(!verify("benar-sekali", None));
        assert!(!verify("benar-sekali", Some("not a hash")));
        assert!(PasswordHash::new(NOBODY).is_ok(), "an unknown login must cost as much time");
    }

    #[test]
    fn a_password_is_long_enough_and_not_easy_to_guess() {
        let cases = [
            ("pendek", Err(PasswordFault::TooShort)),
            ("milik-sari-sendiri", Err(PasswordFault::TooEasy)),
            ("aaaaaaaaaaaa", Err(PasswordFault::TooEasy)),
            ("kapal-ke-batam", Ok(())),
        ];
        for (password, expected) in cases {
            assert_eq!(check("sari", password), expected, "{password}");
        }
        assert_eq!(check("sari", &"ab".repeat(LENGTH_MAX)), Err(PasswordFault::TooLong));
    }

    #[test]
    fn short_passwords_are_refused_and_drawn_ones_differ() {
        assert!(matches!(hash("pendek"), Err(PasswordError::TooShort)));
        assert_ne!(draw().unwrap(), draw().unwrap());
        assert_eq!(draw().unwrap().len(), 19);
    }
}
