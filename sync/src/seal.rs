//! Sealing bytes so that only a holder of the key can read or change them: XChaCha20-Poly1305.
//!
//! Keys never appear in `Debug` output and are wiped when dropped.

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Key, Tag, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::random;

/// Length of a nonce in bytes.
pub(crate) const NONCE_LEN: usize = 24;
/// Length of the tag that sealing adds, in bytes.
pub(crate) const TAG_LEN: usize = 16;

/// Sealed bytes that do not open: the wrong key, the wrong context, or changed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed bytes do not open: another key or context, or they were changed")]
pub struct SealError;

/// Encrypts `buffer[from..]` in place and appends the tag.
pub(crate) fn seal_in_place(
    key: &[u8; 32],
    nonce: &[u8; NONCE_LEN],
    aad: &[u8],
    buffer: &mut Vec<u8>,
    from: usize,
) {
    let cipher = XChaCha20Poly1305::new(&Key::from(*key));
    let tag = cipher.encrypt_inout_detached(&XNonce::from(*nonce), aad, (&mut buffer[from..]).into());
    // The cipher refuses only messages of 256 GiB; a missing tag would make such a message unreadable, not readable.
    if let Ok(tag) = tag {
        buffer.extend_from_slice(&tag);
    }
}

/// Opens what [`seal_in_place`] made; `sealed` ends with the tag.
pub(crate) fn open(
    key: &[u8; 32],
    nonce: &[u8; NONCE_LEN],
    aad: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, SealError> {
    let split = sealed.len().checked_sub(TAG_LEN).ok_or(SealError)?;
    let (text, tag) = sealed.split_at(split);
    let tag = Tag::try_from(tag).map_err(|_| SealError)?;
    let mut plain = text.to_vec();
    XChaCha20Poly1305::new(&Key::from(*key))
        .decrypt_inout_detached(&XNonce::from(*nonce), aad, plain.as_mut_slice().into(), &tag)
        .map_err(|_| SealError)?;
    Ok(plain)
}

/// Seals with a random nonce in front.
fn seal_with_nonce(key: &[u8; 32], aad: &[u8], plain: &[u8]) -> Vec<u8> {
    let nonce: [u8; NONCE_LEN] = random::draw();
    let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + TAG_LEN);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(plain);
    seal_in_place(key, &nonce, aad, &mut sealed, NONCE_LEN);
    sealed
}

/// Opens what [`seal_with_nonce`] made.
fn open_with_nonce(key: &[u8; 32], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    let (nonce, text) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(SealError)?;
    open(key, nonce, aad, text)
}

/// A secret of 32 bytes with what all such secrets share.
macro_rules! secret_key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(Zeroizing<[u8; 32]>);

        impl $name {
            /// Draws a new key.
            pub fn draw() -> Self {
                Self::from_bytes(random::draw())
            }

            /// The key made of these bytes.
            pub fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(Zeroizing::new(bytes))
            }

            /// Its bytes. For sealing the key itself, never for a log.
            pub fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(secret)"))
            }
        }
    };
}

secret_key!(
    /// Seals the records and blobs of one subject. Destroying every copy erases the subject.
    SubjectKey
);
secret_key!(
    /// Seals what rests on one node. It never leaves the node.
    StorageKey
);

impl StorageKey {
    /// Seals bytes; `context` says what they are and must be given again to open them.
    pub fn seal(&self, context: &[u8], plain: &[u8]) -> Vec<u8> {
        seal_with_nonce(self.as_bytes(), context, plain)
    }

    /// Opens what [`StorageKey::seal`] made with the same context.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        open_with_nonce(self.as_bytes(), context, sealed)
    }

    /// A keyed hash, for look-up keys that must not be guessed from outside. Different contexts never meet.
    pub fn hash(&self, context: &str, value: &[u8]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(self.as_bytes());
        hasher.update(&(context.len() as u64).to_le_bytes());
        hasher.update(context.as_bytes());
        hasher.update(value);
        *hasher.finalize().as_bytes()
    }
}

/// Seals a photo or scan under its subject's key.
pub fn seal_blob(key: &SubjectKey, class: &str, plain: &[u8]) -> Vec<u8> {
    seal_with_nonce(key.as_bytes(), &blob_context(class), plain)
}

/// Opens what [`seal_blob`] made for the same class.
pub fn open_blob(key: &SubjectKey, class: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    open_with_nonce(key.as_bytes(), &blob_context(class), sealed)
}

fn blob_context(class: &str) -> Vec<u8> {
    [b"loket blob 1:", class.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_bytes_open_only_with_the_same_key_and_context() {
        let key = StorageKey::from_bytes([1; 32]);
        let sealed = key.seal(b"table", b"words");
        assert_eq!(key.open(b"table", &sealed).unwrap(), b"words");
        assert_eq!(key.open(b"other", &sealed), Err(SealError));
        assert_eq!(StorageKey::from_bytes([2; 32]).open(b"table", &sealed), Err(SealError));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(key.open(b"table", &changed), Err(SealError));
            assert_eq!(key.open(b"table", &sealed[..at]), Err(SealError));
        }
    }

    #[test]
    fn a_blob_opens_only_as_its_class() {
        let key = SubjectKey::draw();
        let sealed = seal_blob(&key, "portrait", b"picture");
        assert_eq!(open_blob(&key, "portrait", &sealed).unwrap(), b"picture");
        assert!(open_blob(&key, "finger", &sealed).is_err());
    }

    #[test]
    fn a_key_is_never_printed() {
        assert_eq!(format!("{:?}", SubjectKey::from_bytes([9; 32])), "SubjectKey(secret)");
    }

    #[test]
    fn contexts_of_look_up_hashes_never_meet() {
        let key = StorageKey::from_bytes([1; 32]);
        assert_ne!(key.hash("ab", b"c"), key.hash("a", b"bc"));
        assert_eq!(key.hash("ab", b"c"), key.hash("ab", b"c"));
    }
}
