//! A key file that a passphrase seals.
//!
//! Layout: format byte 2; memory in KiB, passes, lanes (4 bytes each, little-endian); salt (16); nonce (24); the 64
//! bytes of secrets under XChaCha20-Poly1305 with a key that Argon2id (RFC 9106) makes of the passphrase. Everything
//! before the nonce is authenticated with them.

use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use super::{FORMAT_PASSPHRASE, IdentityError, SECRETS_LEN};
use crate::random;
use crate::seal::{self, NONCE_LEN, TAG_LEN};

/// Fewest characters of a passphrase: whoever has stolen the disk guesses at leisure.
pub const PASSPHRASE_CHARS_MIN: usize = 12;

/// About half a second of one core and an amount of memory that an office's machine can spare once at its start.
const MEMORY_KIB: u32 = 128 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;
/// A changed file must not make a start eat the machine.
const MEMORY_KIB_MAX: u32 = 1024 * 1024;
const PASSES_MAX: u32 = 16;
const SALT_LEN: usize = 16;
const HEADER_LEN: usize = 1 + 12 + SALT_LEN;
const FILE_LEN: usize = HEADER_LEN + NONCE_LEN + SECRETS_LEN + TAG_LEN;

/// A passphrase, wiped when dropped and never printed.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// The passphrase as it was typed.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Whether two are the same, as when somebody types a new one twice.
    pub fn is_same(&self, other: &Self) -> bool {
        *self.0 == *other.0
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(secret)")
    }
}

/// Seals the secrets.
pub(super) fn seal(secrets: &[u8; SECRETS_LEN], passphrase: &Passphrase) -> Result<Vec<u8>, IdentityError> {
    if passphrase.0.chars().count() < PASSPHRASE_CHARS_MIN {
        return Err(IdentityError::ShortPassphrase);
    }
    let (salt, nonce): ([u8; SALT_LEN], [u8; NONCE_LEN]) = (random::draw(), random::draw());
    let mut bytes = vec![FORMAT_PASSPHRASE];
    for number in [MEMORY_KIB, PASSES, LANES] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.extend_from_slice(&salt);
    let key = stretch(&bytes, passphrase)?;
    let header = bytes.clone();
    bytes.extend_from_slice(&nonce);
    let from = bytes.len();
    bytes.reserve_exact(SECRETS_LEN + TAG_LEN);
    bytes.extend_from_slice(secrets);
    seal::seal_in_place(&key, &nonce, &header, &mut bytes, from);
    Ok(bytes)
}

/// Opens what [`seal`] made.
pub(super) fn open(
    bytes: &[u8],
    passphrase: &Passphrase,
    file: &Path,
) -> Result<Zeroizing<Vec<u8>>, IdentityError> {
    if bytes.len() != FILE_LEN {
        return Err(IdentityError::Damaged(file.to_owned()));
    }
    let (header, sealed) = bytes.split_at(HEADER_LEN);
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(IdentityError::WrongPassphrase)?;
    let (memory, passes, lanes) = costs(header);
    if memory > MEMORY_KIB_MAX || passes > PASSES_MAX || lanes > 4 {
        return Err(IdentityError::Damaged(file.to_owned()));
    }
    let key = stretch(header, passphrase)?;
    let opened = seal::open(&key, nonce, header, sealed);
    opened.map(Zeroizing::new).map_err(|_| IdentityError::WrongPassphrase)
}

fn costs(header: &[u8]) -> (u32, u32, u32) {
    let number = |at: usize| {
        let bytes = header.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        u32::from_le_bytes(bytes.unwrap_or_default())
    };
    (number(1), number(5), number(9))
}

/// The key that a passphrase gives with the costs and the salt of a header.
fn stretch(header: &[u8], passphrase: &Passphrase) -> Result<Zeroizing<[u8; 32]>, IdentityError> {
    let (memory, passes, lanes) = costs(header);
    let params = Params::new(memory, passes, lanes, Some(32)).map_err(IdentityError::Stretch)?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut key = Zeroizing::new([0; 32]);
    let salt = &header[HEADER_LEN - SALT_LEN..];
    argon.hash_password_into(passphrase.0.as_bytes(), salt, &mut *key).map_err(IdentityError::Stretch)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_passphrase_opens_it_and_no_changed_byte_does() {
        let passphrase = Passphrase::new("kapal nelayan pulang pagi".to_owned());
        let sealed = seal(&[7; SECRETS_LEN], &passphrase).unwrap();
        let file = Path::new("node.key");
        assert_eq!(*open(&sealed, &passphrase, file).unwrap(), [7; SECRETS_LEN]);
        for at in [14, HEADER_LEN, HEADER_LEN + NONCE_LEN, FILE_LEN - 1] {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open(&changed, &passphrase, file).is_err(), "{at}");
        }
        // Costs that would eat the machine are refused before they are paid.
        let mut greedy = sealed.clone();
        greedy[1..5].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(matches!(open(&greedy, &passphrase, file), Err(IdentityError::Damaged(_))));
        assert!(matches!(open(&sealed[..50], &passphrase, file), Err(IdentityError::Damaged(_))));
    }

    #[test]
    fn a_short_passphrase_is_refused_and_none_is_printed() {
        let short = Passphrase::new("sebelas hur".to_owned());
        assert!(matches!(seal(&[7; SECRETS_LEN], &short), Err(IdentityError::ShortPassphrase)));
        assert_eq!(format!("{short:?}"), "Passphrase(secret)");
    }
}
