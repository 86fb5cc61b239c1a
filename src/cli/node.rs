//! Where a node lies, and what opens its key: asked once per command, only when the key needs it.

use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use loket_sync::{Identity, IdentityError, Passphrase, Protection, Unlock};

use super::Failure;
use crate::config::{self, OfficeOverrides, RegistryOverrides};

/// Where a node lies.
#[derive(Debug, Clone, Args)]
pub(super) struct Node {
    /// The node's folder
    #[arg(long, env = "LOKET_DIR", value_name = "FOLDER")]
    pub(super) dir: PathBuf,
    /// File with the passphrase of the node's key, readable by its owner only, or /dev/fd/N [default: asked at the terminal]
    #[arg(long, env = "LOKET_PASSPHRASE_FILE", value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Node {
    /// What opens the node's key.
    pub(super) fn unlock(&self) -> Result<Unlock, Failure> {
        let credentials = config::credentials_folder();
        let passphrase = match Identity::protection(&self.dir) {
            Ok(Protection::Passphrase) => Some(self.passphrase()?),
            // What is missing or damaged is said where the key is needed.
            _ => None,
        };
        Ok(Unlock { credentials, passphrase })
    }

    /// The node's keys, and how they rest; of a folder whose layout this program knows.
    pub(super) fn identity(&self) -> Result<(Identity, Protection), Failure> {
        config::kind_of(&self.dir)?;
        Ok(Identity::open(&self.dir, &self.unlock()?)?)
    }

    /// Flags of an office command with what opens the key.
    pub(super) fn office(&self, over: OfficeOverrides) -> Result<OfficeOverrides, Failure> {
        Ok(OfficeOverrides { unlock: self.unlock()?, ..over })
    }

    /// Flags of a registry command with what opens the key.
    pub(super) fn registry(&self, over: RegistryOverrides) -> Result<RegistryOverrides, Failure> {
        Ok(RegistryOverrides { unlock: self.unlock()?, ..over })
    }

    fn passphrase(&self) -> Result<Passphrase, Failure> {
        match &self.passphrase_file {
            Some(file) => from_file(file),
            None if io::stdin().is_terminal() => ask("Passphrase of the node's key: "),
            None => {
                Err(IdentityError::PassphraseNeeded(self.dir.join(loket_sync::identity::KEY_FILE)).into())
            }
        }
    }
}

/// A new passphrase: from the file, or typed twice.
pub(super) fn new_passphrase(file: Option<&Path>) -> Result<Passphrase, Failure> {
    if let Some(file) = file {
        return from_file(file);
    }
    if !io::stdin().is_terminal() {
        return Err("a new passphrase is typed at a terminal, or read with --new-passphrase-file".into());
    }
    let (one, two) = (ask("New passphrase: ")?, ask("Once more: ")?);
    if one.is_same(&two) { Ok(one) } else { Err("the two are not the same; nothing was changed".into()) }
}

fn ask(question: &str) -> Result<Passphrase, Failure> {
    Ok(Passphrase::new(rpassword::prompt_password(question)?))
}

/// The first line of a file that nobody else may read, or of an open descriptor.
fn from_file(file: &Path) -> Result<Passphrase, Failure> {
    let named = |error: io::Error| format!("{}: {error}", file.display());
    let mut open = std::fs::File::open(file).map_err(named)?;
    refuse_exposed(file, &open.metadata().map_err(named)?)?;
    let mut text = String::new();
    open.read_to_string(&mut text).map_err(named)?;
    let line = text.lines().next().unwrap_or_default().to_owned();
    zeroize::Zeroize::zeroize(&mut text);
    Ok(Passphrase::new(line))
}

#[cfg(unix)]
fn refuse_exposed(file: &Path, metadata: &std::fs::Metadata) -> Result<(), Failure> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
    if metadata.is_file() && mode & 0o077 != 0 {
        return Err(IdentityError::Exposed { file: file.to_owned(), mode }.into());
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_exposed(_file: &Path, _metadata: &std::fs::Metadata) -> Result<(), Failure> {
    Ok(())
}
