//! A node's key file: who the node is, and the key that seals what rests on it.
//!
//! The file is readable by its owner only and is never loaded if others may read it. It is there whole or not at all.
//! Its first byte is its format:
//!
//! | | Protection | Layout |
//! |---|---|---|
//! | 1 | none but the file's mode | seed (32), storage key (32), BLAKE3 of these and the format cut to 8 bytes |
//! | 2 | a passphrase | see `identity/passphrase.rs` |
//! | 3 | the key is elsewhere: a service manager hands it over | the node's public keys (64), BLAKE3 as above |
//!
//! What a service manager hands over is a file of format 1.

mod error;
mod passphrase;

use std::fs::{self, OpenOptions};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::disk::Disk;
use crate::ids::Hash;
use crate::keys::{NodeKey, NodePublic};
use crate::seal::StorageKey;

pub use error::IdentityError;
pub use passphrase::{PASSPHRASE_CHARS_MIN, Passphrase};

/// Name of the key file in a node's folder, and of the credential that holds the key instead.
pub const KEY_FILE: &str = "node.key";
const NEXT_KEY_FILE: &str = "node.key.next";

const FORMAT_BARE: u8 = 1;
const FORMAT_PASSPHRASE: u8 = 2;
const FORMAT_CREDENTIAL: u8 = 3;
const SECRETS_LEN: usize = 64;
const CHECKED_LEN: usize = 1 + SECRETS_LEN;
const FILE_LEN: usize = CHECKED_LEN + 8;

/// How a node's key is protected where it rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protection {
    /// By the mode of its file: whoever holds the disk holds the key.
    File,
    /// By a passphrase that somebody types at every start.
    Passphrase,
    /// By the machine: a service manager hands it over at every start, unsealed by a TPM or a key of the host.
    Credential,
}

impl Protection {
    /// Whether a stolen disk gives away more than under `other`.
    pub fn is_weaker_than(self, other: Self) -> bool {
        self == Self::File && other != Self::File
    }

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Passphrase => "passphrase",
            Self::Credential => "credential",
        }
    }
}

/// What opens a key that is not bare.
#[derive(Clone, Debug, Default)]
pub struct Unlock {
    /// The folder in which a service manager hands credentials over (`$CREDENTIALS_DIRECTORY`).
    pub credentials: Option<PathBuf>,
    /// The passphrase.
    pub passphrase: Option<Passphrase>,
}

/// How a key shall rest from now on.
#[derive(Clone, Copy, Debug)]
pub enum Keep<'a> {
    /// Bare, in its file.
    File,
    /// Sealed by a passphrase.
    Passphrase(&'a Passphrase),
    /// Not here: in the credential of this folder, which must open already.
    Credential(&'a Path),
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

    /// Writes this identity bare to `folder/node.key`; refuses if there is one.
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

    /// Reads a bare `folder/node.key`.
    pub fn load(folder: &Path) -> Result<Self, IdentityError> {
        Ok(Self::open(folder, &Unlock::default())?.0)
    }

    /// Reads `folder/node.key`, however it is protected, and says how.
    pub fn open(folder: &Path, unlock: &Unlock) -> Result<(Self, Protection), IdentityError> {
        Self::open_file(&folder.join(KEY_FILE), unlock)
    }

    fn open_file(file: &Path, unlock: &Unlock) -> Result<(Self, Protection), IdentityError> {
        let bytes = read_private(file)?;
        let damaged = || IdentityError::Damaged(file.to_owned());
        match bytes.first() {
            Some(&FORMAT_BARE) => Ok((Self::from_bytes(&bytes).ok_or_else(damaged)?, Protection::File)),
            Some(&FORMAT_PASSPHRASE) => {
                let passphrase = unlock
                    .passphrase
                    .as_ref()
                    .ok_or_else(|| IdentityError::PassphraseNeeded(file.to_owned()))?;
                let secrets = passphrase::open(&bytes, passphrase, file)?;
                Ok((Self::from_secrets(&secrets).ok_or_else(damaged)?, Protection::Passphrase))
            }
            Some(&FORMAT_CREDENTIAL) => {
                let public = public_in(&bytes).ok_or_else(damaged)?;
                let credentials = unlock
                    .credentials
                    .as_ref()
                    .ok_or_else(|| IdentityError::CredentialNeeded(file.to_owned()))?;
                Ok((Self::from_credential(credentials, &public)?, Protection::Credential))
            }
            _ => Err(damaged()),
        }
    }

    /// A new node key beside the same storage key, for a machine that enrols once more. It lies in a file of its own
    /// until the registry has let it in: see [`Identity::adopt_next`]. One that lies there already is used. It is
    /// protected as the present one is; a key that the service manager hands over cannot be followed from here.
    pub fn next(&self, folder: &Path, unlock: &Unlock) -> Result<Self, IdentityError> {
        let file = folder.join(NEXT_KEY_FILE);
        let waiting = match Self::open_file(&file, unlock) {
            Err(IdentityError::Missing(_)) => None,
            opened => Some(opened?.0),
        };
        if let Some(next) = waiting.filter(|next| next.storage_key == self.storage_key) {
            return Ok(next);
        }
        let next = Self { node_key: NodeKey::draw(), storage_key: self.storage_key.clone() };
        let bytes = match (Self::protection(folder)?, &unlock.passphrase) {
            (Protection::File, _) => Zeroizing::new(next.to_bytes().to_vec()),
            (Protection::Passphrase, Some(chosen)) => {
                Zeroizing::new(passphrase::seal(&next.secrets(), chosen)?)
            }
            (Protection::Passphrase, None) => return Err(IdentityError::PassphraseNeeded(file)),
            (Protection::Credential, _) => return Err(IdentityError::NextElsewhere),
        };
        let written = Disk::default().replace_private(&file, &bytes);
        written.map_err(|source| IdentityError::Io { file, source })?;
        Ok(next)
    }

    /// Throws a next key away that cannot be used any more, if one lies there.
    pub fn drop_next(folder: &Path) -> Result<(), IdentityError> {
        let (file, disk) = (folder.join(NEXT_KEY_FILE), Disk::default());
        if !disk.is_file(&file) {
            return Ok(());
        }
        let dropped = disk.remove(&file).and_then(|()| disk.sync_folder(folder));
        dropped.map_err(|source| IdentityError::Io { file, source })
    }

    /// Puts the next key into the old one's place, whole or not at all.
    pub fn adopt_next(folder: &Path) -> Result<(), IdentityError> {
        let (from, file) = (folder.join(NEXT_KEY_FILE), folder.join(KEY_FILE));
        let disk = Disk::default();
        let moved = disk.rename(&from, &file).and_then(|()| disk.sync_folder(folder));
        moved.map_err(|source| IdentityError::Io { file, source })
    }

    /// How the key in `folder` is protected, without opening it.
    pub fn protection(folder: &Path) -> Result<Protection, IdentityError> {
        let file = folder.join(KEY_FILE);
        match read_private(&file)?.first() {
            Some(&FORMAT_BARE) => Ok(Protection::File),
            Some(&FORMAT_PASSPHRASE) => Ok(Protection::Passphrase),
            Some(&FORMAT_CREDENTIAL) => Ok(Protection::Credential),
            _ => Err(IdentityError::Damaged(file)),
        }
    }

    /// Lets the key rest in another way. The new file is durable before the old one is written over; a crash in between
    /// leaves one of the two, and either opens.
    ///
    /// What the disk kept of the old file elsewhere (copies made by a flash controller, a journalling file system, a
    /// backup) is out of reach from here.
    pub fn keep(&self, folder: &Path, keep: Keep<'_>) -> Result<(), IdentityError> {
        let file = folder.join(KEY_FILE);
        let failed = |source| IdentityError::Io { file: file.clone(), source };
        let bytes: Zeroizing<Vec<u8>> = match keep {
            Keep::File => Zeroizing::new(self.to_bytes().to_vec()),
            Keep::Passphrase(chosen) => Zeroizing::new(passphrase::seal(&self.secrets(), chosen)?),
            Keep::Credential(folder) => {
                let public = self.node_key.public();
                let handed = Self::from_credential(folder, &public)?;
                if handed.storage_key != self.storage_key {
                    return Err(IdentityError::OtherNode(folder.join(KEY_FILE)));
                }
                Zeroizing::new(checked(FORMAT_CREDENTIAL, &public.to_bytes()).to_vec())
            }
        };
        let mut old = OpenOptions::new().read(true).write(true).open(&file).map_err(failed)?;
        Disk::default().replace_private(&file, &bytes).map_err(failed)?;
        wipe(&mut old).map_err(failed)
    }

    /// The key in a folder of credentials, which must be the one that these public keys belong to.
    fn from_credential(credentials: &Path, public: &NodePublic) -> Result<Self, IdentityError> {
        let file = credentials.join(KEY_FILE);
        // The service manager guards the folder itself; it hands files over readable by the service alone.
        let bytes = fs::read(&file).map(Zeroizing::new);
        let bytes = bytes.map_err(|source| IdentityError::Io { file: file.clone(), source })?;
        let identity = Self::from_bytes(&bytes).ok_or_else(|| IdentityError::Damaged(file.clone()))?;
        if identity.node_key.public() == *public { Ok(identity) } else { Err(IdentityError::OtherNode(file)) }
    }

    fn secrets(&self) -> Zeroizing<[u8; SECRETS_LEN]> {
        let mut secrets = Zeroizing::new([0; SECRETS_LEN]);
        secrets[..32].copy_from_slice(&*self.node_key.seed());
        secrets[32..].copy_from_slice(self.storage_key.as_bytes());
        secrets
    }

    fn from_secrets(secrets: &[u8]) -> Option<Self> {
        let seed = secrets.get(..32)?.try_into().ok()?;
        let storage = secrets.get(32..)?.try_into().ok()?;
        Some(Self { node_key: NodeKey::from_seed(seed), storage_key: StorageKey::from_bytes(storage) })
    }

    fn to_bytes(&self) -> Zeroizing<[u8; FILE_LEN]> {
        checked(FORMAT_BARE, &self.secrets())
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::from_secrets(unchecked(FORMAT_BARE, bytes)?)
    }
}

fn public_in(bytes: &[u8]) -> Option<NodePublic> {
    unchecked(FORMAT_CREDENTIAL, bytes)?.try_into().ok().map(|bytes| NodePublic::from_bytes(&bytes))
}

/// A format, 64 bytes, and what shows damage.
fn checked(format: u8, inner: &[u8; SECRETS_LEN]) -> Zeroizing<[u8; FILE_LEN]> {
    let mut bytes = Zeroizing::new([0; FILE_LEN]);
    bytes[0] = format;
    bytes[1..CHECKED_LEN].copy_from_slice(inner);
    let check = Hash::of(&bytes[..CHECKED_LEN]);
    bytes[CHECKED_LEN..].copy_from_slice(&check.0[..8]);
    bytes
}

fn unchecked(format: u8, bytes: &[u8]) -> Option<&[u8]> {
    let checked = bytes.get(..CHECKED_LEN).filter(|_| bytes.len() == FILE_LEN)?;
    let is_good = checked[0] == format && Hash::of(checked).0[..8] == bytes[CHECKED_LEN..];
    is_good.then(|| &checked[1..])
}

fn read_private(file: &Path) -> Result<Zeroizing<Vec<u8>>, IdentityError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => IdentityError::Missing(file.to_owned()),
        _ => IdentityError::Io { file: file.to_owned(), source },
    };
    refuse_exposed(file, &fs::metadata(file).map_err(failed)?)?;
    fs::read(file).map(Zeroizing::new).map_err(failed)
}

/// Writes zeros over what the file held, through a handle that was opened before the file was replaced.
fn wipe(old: &mut fs::File) -> io::Result<()> {
    let len = usize::try_from(old.metadata()?.len()).unwrap_or(FILE_LEN);
    old.rewind()?;
    old.write_all(&vec![0; len])?;
    old.sync_all()
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

    fn same(one: &Identity, two: &Identity) -> bool {
        one.node_key.id() == two.node_key.id() && one.storage_key == two.storage_key
    }

    #[test]
    fn a_node_is_the_same_after_a_restart_and_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Identity::load(folder.path()), Err(IdentityError::Missing(_))));
        let made = Identity::create(folder.path()).unwrap();
        let (loaded, protection) = Identity::open(folder.path(), &Unlock::default()).unwrap();
        assert!(same(&made, &loaded));
        assert_eq!(protection, Protection::File);
        assert!(matches!(Identity::create(folder.path()), Err(IdentityError::Exists(_))));
    }

    #[test]
    fn a_next_key_waits_until_it_is_adopted_and_leaves_the_storage_key() {
        let folder = tempfile::tempdir().unwrap();
        let made = Identity::create(folder.path()).unwrap();
        let unlock = Unlock::default();
        let next = made.next(folder.path(), &unlock).unwrap();
        assert_eq!(
            made.next(folder.path(), &unlock).unwrap().node_key.id(),
            next.node_key.id(),
            "tried again"
        );
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

    /// The bytes that the secrets would be found by.
    fn lies_in(folder: &Path, identity: &Identity) -> bool {
        let secrets = identity.secrets();
        fs::read_dir(folder).unwrap().any(|entry| {
            let bytes = fs::read(entry.unwrap().path()).unwrap();
            bytes.windows(32).any(|window| window == &secrets[..32] || window == &secrets[32..])
        })
    }

    #[test]
    fn a_key_moves_from_one_protection_to_another_and_stays_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let made = Identity::create(folder.path()).unwrap();
        let old = OpenOptions::new().read(true).open(folder.path().join(KEY_FILE)).unwrap();
        let passphrase = Passphrase::new("kapal nelayan pulang pagi".to_owned());
        made.keep(folder.path(), Keep::Passphrase(&passphrase)).unwrap();
        assert!(!lies_in(folder.path(), &made));
        // The old file is gone from the folder, and what its blocks held was written over.
        let mut left = Vec::new();
        io::Read::read_to_end(&mut &old, &mut left).unwrap();
        assert_eq!(left, vec![0; FILE_LEN]);

        assert_eq!(Identity::protection(folder.path()).unwrap(), Protection::Passphrase);
        let open = |passphrase: Option<&str>| {
            let passphrase = passphrase.map(|text| Passphrase::new(text.to_owned()));
            Identity::open(folder.path(), &Unlock { passphrase, ..Unlock::default() })
        };
        assert!(matches!(open(None), Err(IdentityError::PassphraseNeeded(_))));
        assert!(matches!(open(Some("kapal nelayan pulang malam")), Err(IdentityError::WrongPassphrase)));
        let (opened, protection) = open(Some("kapal nelayan pulang pagi")).unwrap();
        assert!(same(&made, &opened));
        assert_eq!(protection, Protection::Passphrase);
        made.keep(folder.path(), Keep::File).unwrap();
        assert!(same(&made, &Identity::load(folder.path()).unwrap()));
    }

    #[test]
    fn a_next_key_is_protected_as_the_present_one() {
        let (folder, credentials) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let made = Identity::create(folder.path()).unwrap();
        fs::copy(folder.path().join(KEY_FILE), credentials.path().join(KEY_FILE)).unwrap();
        let passphrase = Some(Passphrase::new("kapal nelayan pulang pagi".to_owned()));
        let unlock = Unlock { passphrase, credentials: Some(credentials.path().to_owned()) };
        made.keep(folder.path(), Keep::Passphrase(unlock.passphrase.as_ref().unwrap())).unwrap();
        let next = made.next(folder.path(), &unlock).unwrap();
        assert!(!lies_in(folder.path(), &made) && !lies_in(folder.path(), &next));
        assert!(same(&next, &made.next(folder.path(), &unlock).unwrap()));
        Identity::adopt_next(folder.path()).unwrap();
        let (opened, protection) = Identity::open(folder.path(), &unlock).unwrap();
        assert!(same(&next, &opened));
        assert_eq!(protection, Protection::Passphrase);
        fs::write(credentials.path().join(KEY_FILE), *next.to_bytes()).unwrap();
        next.keep(folder.path(), Keep::Credential(credentials.path())).unwrap();
        assert!(matches!(next.next(folder.path(), &unlock), Err(IdentityError::NextElsewhere)));
    }

    #[test]
    fn a_key_that_a_service_manager_hands_over_is_not_in_the_folder() {
        let (folder, credentials) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let made = Identity::create(folder.path()).unwrap();
        let keep = Keep::Credential(credentials.path());
        assert!(matches!(made.keep(folder.path(), keep), Err(IdentityError::Io { .. })), "not there yet");
        assert!(same(&made, &Identity::load(folder.path()).unwrap()));
        let credential = credentials.path().join(KEY_FILE);
        fs::copy(folder.path().join(KEY_FILE), &credential).unwrap();
        made.keep(folder.path(), keep).unwrap();
        assert!(!lies_in(folder.path(), &made));

        let unlock = Unlock { credentials: Some(credentials.path().to_owned()), passphrase: None };
        let (opened, protection) = Identity::open(folder.path(), &unlock).unwrap();
        assert!(same(&made, &opened));
        assert_eq!(protection, Protection::Credential);
        let without = Identity::open(folder.path(), &Unlock::default());
        assert!(matches!(without, Err(IdentityError::CredentialNeeded(_))));
        fs::write(&credential, *Identity::draw().to_bytes()).unwrap();
        assert!(matches!(Identity::open(folder.path(), &unlock), Err(IdentityError::OtherNode(_))));
    }

    #[test]
    fn only_a_bare_file_is_weaker() {
        use Protection::{Credential, File, Passphrase};
        for (one, other, weaker) in [
            (File, Passphrase, true),
            (File, Credential, true),
            (File, File, false),
            (Passphrase, Credential, false),
            (Credential, Passphrase, false),
            (Passphrase, File, false),
        ] {
            assert_eq!(one.is_weaker_than(other), weaker, "{one:?} {other:?}");
        }
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
