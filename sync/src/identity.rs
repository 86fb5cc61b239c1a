//! A node's key file: who the node is, and the key that seals what rests on it.
//!
//! The file is readable by its owner only and is never loaded if others may read it. It is written once, whole or
//! not at all. Layout: format byte 1, seed (32), storage key (32), BLAKE3 of these cut to 8 bytes. Other formats
//! (sealed by a passphrase or a TPM) get other format bytes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::disk::Disk;
use crate::ids::Hash;
use crate::keys::NodeKey;
use crate::seal::StorageKey;

/// Name of the key file in a node's folder.
pub const KEY_FILE: &str = "node.key";
const NEXT_KEY_FILE: &str = "node.key.next";

const FORMAT_BARE: u8 = 1;
const CHECKED_LEN: usize = 65;
const FILE_LEN: usize = CHECKED_LEN + 8;

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A node is never given a new identity by accident.
    #[error("{0} exists already; a node keeps its key")]
    Exists(PathBuf),
    /// The folder holds no key file.
    #[error("{0} is missing")]
    Missing(PathBuf),
    /// Others could have read the keys.
    #[error("{file} can be read by others (mode {mode:o}); make it readable by its owner only: chmod 600")]
    Exposed {
        /// The file.
        file: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Not a key file, or damaged.
    #[error("{0} is damaged or of a format that is not known here")]
    Damaged(PathBuf),
    /// The file system refused.
    #[error("{file} cannot be read or written")]
    Io {
        /// The file.
        file: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
}

/// A node's two secrets.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Signs and agrees.
    pub node_key: NodeKey,
    /// Seals what rests here.
    pub storage_key: StorageKey,
}

impl Identity {
    /// Draws the identity of a new node.
    pub fn draw() -> Self {
        Self { node_key: NodeKey::draw(), storage_key: StorageKey::draw() }
    }

    /// Draws an identity and writes it to `folder/node.key`; refuses if there is one.
    pub fn create(folder: &Path) -> Result<Self, IdentityError> {
        let identity = Self::draw();
        identity.write(folder)?;
        Ok(identity)
    }

    /// Writes this identity to `folder/node.key`; refuses if there is one.
    pub fn write(&self, folder: &Path) -> Result<(), IdentityError> {
        let file = folder.join(KEY_FILE);
        if file.exists() {
            return Err(IdentityError::Exists(file));
        }
        let disk = Disk::default();
        disk.create_folder(folder)
            .and_then(|()| disk.replace_private(&file, &*self.to_bytes()))
            .map_err(|source| IdentityError::Io { file, source })
    }

    /// Reads `folder/node.key`.
    pub fn load(folder: &Path) -> Result<Self, IdentityError> {
        let file = folder.join(KEY_FILE);
        Self::read(&file)?.ok_or(IdentityError::Missing(file))
    }

    /// Nothing if there is no such file.
    fn read(file: &Path) -> Result<Option<Self>, IdentityError> {
        let failed = |source: io::Error| IdentityError::Io { file: file.to_owned(), source };
        let metadata = match fs::metadata(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            metadata => metadata.map_err(failed)?,
        };
        refuse_exposed(file, &metadata)?;
        let bytes = Zeroizing::new(fs::read(file).map_err(failed)?);
        Self::from_bytes(&bytes).map(Some).ok_or_else(|| IdentityError::Damaged(file.to_owned()))
    }

    /// A new node key beside the same storage key, for a machine that enrols once more. It lies in a file of its own
    /// until the registry has let it in: see [`Identity::adopt_next`]. One that lies there already is used.
    pub fn next(&self, folder: &Path) -> Result<Self, IdentityError> {
        let file = folder.join(NEXT_KEY_FILE);
        if let Some(next) = Self::read(&file)?.filter(|next| next.storage_key == self.storage_key) {
            return Ok(next);
        }
        let next = Self { node_key: NodeKey::draw(), storage_key: self.storage_key.clone() };
        let written = Disk::default().replace_private(&file, &*next.to_bytes());
        written.map_err(|source| IdentityError::Io { file, source })?;
        Ok(next)
    }

    /// Puts the next key into the old one's place, whole or not at all.
    pub fn adopt_next(folder: &Path) -> Result<(), IdentityError> {
        let (from, file) = (folder.join(NEXT_KEY_FILE), folder.join(KEY_FILE));
        let disk = Disk::default();
        let moved = disk.rename(&from, &file).and_then(|()| disk.sync_folder(folder));
        moved.map_err(|source| IdentityError::Io { file, source })
    }

    fn to_bytes(&self) -> Zeroizing<[u8; FILE_LEN]> {
        let mut bytes = Zeroizing::new([0; FILE_LEN]);
        bytes[0] = FORMAT_BARE;
        bytes[1..33].copy_from_slice(&*self.node_key.seed());
        bytes[33..CHECKED_LEN].copy_from_slice(self.storage_key.as_bytes());
        let check = Hash::of(&bytes[..CHECKED_LEN]);
        bytes[CHECKED_LEN..].copy_from_slice(&check.0[..8]);
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let checked = bytes.get(..CHECKED_LEN).filter(|_| bytes.len() == FILE_LEN)?;
        if checked[0] != FORMAT_BARE || Hash::of(checked).0[..8] != bytes[CHECKED_LEN..] {
            return None;
        }
        let seed = checked[1..33].try_into().ok()?;
        let storage = checked[33..].try_into().ok()?;
        Some(Self { node_key: NodeKey::from_seed(seed), storage_key: StorageKey::from_bytes(storage) })
    }
}

#[cfg(unix)]
fn refuse_exposed(file: &Path, metadata: &fs::Metadata) -> Result<(), IdentityError> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
    let others = mode & 0o077;
    if others == 0 { Ok(()) } else { Err(IdentityError::Exposed { file: file.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn refuse_exposed(_file: &Path, _metadata: &fs::Metadata) -> Result<(), IdentityError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_the_same_after_a_restart_and_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Identity::load(folder.path()), Err(IdentityError::Missing(_))));
        let made = Identity::create(folder.path()).unwrap();
        let loaded = Identity::load(folder.path()).unwrap();
        assert_eq!(made.node_key.id(), loaded.node_key.id());
        assert_eq!(made.storage_key, loaded.storage_key);
        assert!(matches!(Identity::create(folder.path()), Err(IdentityError::Exists(_))));
    }

    #[test]
    fn a_next_key_waits_until_it_is_adopted_and_leaves_the_storage_key() {
        let folder = tempfile::tempdir().unwrap();
        let made = Identity::create(folder.path()).unwrap();
        let next = made.next(folder.path()).unwrap();
        assert_eq!(made.next(folder.path()).unwrap().node_key.id(), next.node_key.id(), "tried again");
        assert_eq!(Identity::load(folder.path()).unwrap().node_key.id(), made.node_key.id());
        Identity::adopt_next(folder.path()).unwrap();
        let loaded = Identity::load(folder.path()).unwrap();
        assert_eq!(loaded.node_key.id(), next.node_key.id());
        assert_ne!(loaded.node_key.id(), made.node_key.id());
        assert_eq!(loaded.storage_key, made.storage_key);
        assert!(Identity::adopt_next(folder.path()).is_err(), "nothing waits any more");
    }

    #[test]
    fn a_damaged_key_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        Identity::create(folder.path()).unwrap();
        let file = folder.path().join(KEY_FILE);
        let mut bytes = fs::read(&file).unwrap();
        bytes[40] ^= 1;
        fs::write(&file, bytes).unwrap();
        assert!(matches!(Identity::load(folder.path()), Err(IdentityError::Damaged(_))));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        Identity::create(folder.path()).unwrap();
        let file = folder.path().join(KEY_FILE);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Identity::load(folder.path()), Err(IdentityError::Exposed { mode: 0o640, .. })));
    }
}
