//! Why a node's key cannot be used.

use std::io;
use std::path::PathBuf;

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
    /// Sealed by a passphrase that was not given.
    #[error("{0} is sealed by a passphrase: start at a terminal, or give --passphrase-file")]
    PassphraseNeeded(PathBuf),
    /// Not the passphrase.
    #[error("this is not the passphrase of the node's key, or the key file was changed")]
    WrongPassphrase,
    /// Too short to resist guessing.
    #[error("a passphrase for a node's key has at least {} characters", super::PASSPHRASE_CHARS_MIN)]
    ShortPassphrase,
    /// The key is handed over by the service manager, and was not.
    #[error(
        "{0} says that the service manager hands the key over (credential node.key), and there is no \
         $CREDENTIALS_DIRECTORY: start the service, or run the command through systemd-run with the same \
         LoadCredentialEncrypted="
    )]
    CredentialNeeded(PathBuf),
    /// A new key cannot be put where the service manager keeps them.
    #[error(
        "a new key cannot be drawn while the service manager hands the old one over: first \
         loket key protect --with passphrase, then enroll, then back to the credential"
    )]
    NextElsewhere,
    /// A key, but another node's.
    #[error("{0} holds the key of another node")]
    OtherNode(PathBuf),
    /// The passphrase could not be turned into a key.
    #[error("the passphrase cannot be worked on: {0}")]
    Stretch(argon2::Error),
    /// The file system refused.
    #[error("{file} cannot be read or written")]
    Io {
        /// The file.
        file: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
}
