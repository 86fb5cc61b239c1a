//! Random names: application keys, session tokens, idempotency keys. Nothing else in the program draws random bytes.

use data_encoding::BASE32_NOPAD;

use crate::domain::application::ApplicationKey;

/// The system could not give random bytes; nothing that needs a secret may go on.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random bytes")]
pub struct NoRandomness(#[source] getrandom::Error);

/// Random bytes of a fixed length.
pub fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut drawn = [0; N];
    getrandom::fill(&mut drawn).map_err(NoRandomness)?;
    Ok(drawn)
}

/// The key of a new application.
pub fn application_key() -> Result<ApplicationKey, NoRandomness> {
    bytes().map(ApplicationKey)
}

/// A secret of 256 bits in lower-case base32: a session cookie, a CSRF token, a device key.
pub fn token() -> Result<String, NoRandomness> {
    bytes::<32>().map(|drawn| BASE32_NOPAD.encode(&drawn).to_ascii_lowercase())
}

/// An idempotency key for the hidden field `once` of a form: 128 bits in lower-case base32.
pub fn once() -> Result<String, NoRandomness> {
    bytes::<16>().map(|drawn| BASE32_NOPAD.encode(&drawn).to_ascii_lowercase())
}
