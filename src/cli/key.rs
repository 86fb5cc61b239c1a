//! `loket key`: how the node's key rests, and moving it. The next start of the node puts the change on record.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use loket_sync::{Identity, Keep, Protection};

use super::node::new_passphrase;
use super::terminal::say;
use super::{Failure, Node};
use crate::config;

#[derive(Debug, Subcommand)]
pub(super) enum Key {
    /// Show how the key is protected
    Show {
        #[command(flatten)]
        node: Node,
    },
    /// Protect the key in another way; the node must be stopped
    #[command(after_help = "\
file        readable by its owner only; whoever holds the disk can read everything
passphrase  typed at every start, or read from --passphrase-file
credential  handed over by systemd, which unseals it with the machine's TPM. First:
              systemd-creds encrypt --with-key=host+tpm2 --name=node.key D/node.key /etc/loket/node.key.cred
            in the unit:
              LoadCredentialEncrypted=node.key:/etc/loket/node.key.cred
            then, so that it is seen to open before the file goes:
              systemd-run --pipe --wait -p LoadCredentialEncrypted=node.key:/etc/loket/node.key.cred \\
                loket key protect --dir D --with credential
Keep a copy of the bare key in a safe place first: a forgotten passphrase or a broken TPM cannot be undone.")]
    Protect {
        #[command(flatten)]
        node: Node,
        /// How
        #[arg(long = "with", value_enum)]
        with: Way,
        /// File with the new passphrase, readable by its owner only [default: asked at the terminal]
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
        /// Protect the key by less than now
        #[arg(long)]
        accept_weaker_key_protection: bool,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Way {
    /// A file that its owner alone may read
    File,
    /// A passphrase
    Passphrase,
    /// A credential of the service manager
    Credential,
}

/// Shows or moves.
pub(super) fn carry_out(command: Key) -> Result<(), Failure> {
    match command {
        Key::Show { node } => {
            say(&told(Identity::protection(&node.dir)?));
            Ok(())
        }
        Key::Protect { node, with, new_passphrase_file, accept_weaker_key_protection } => {
            let (identity, before) = node.identity()?;
            let now = match with {
                Way::File => Protection::File,
                Way::Passphrase => Protection::Passphrase,
                Way::Credential => Protection::Credential,
            };
            if now.is_weaker_than(before) && !accept_weaker_key_protection {
                return Err(format!(
                    "the key is protected by {} now, and a file is less; if it is meant: --accept-weaker-key-protection",
                    before.name()
                )
                .into());
            }
            match with {
                Way::File => identity.keep(&node.dir, Keep::File)?,
                Way::Passphrase => {
                    let passphrase = new_passphrase(new_passphrase_file.as_deref())?;
                    identity.keep(&node.dir, Keep::Passphrase(&passphrase))?;
                }
                Way::Credential => {
                    let folder = config::credentials_folder();
                    let folder = folder.ok_or("no service manager hands credentials over here ($CREDENTIALS_DIRECTORY); see loket key protect --help")?;
                    identity.keep(&node.dir, Keep::Credential(&folder))?;
                }
            }
            say(&told(now));
            if now.is_weaker_than(before) {
                say("The next start needs --accept-weaker-key-protection once.");
            }
            Ok(())
        }
    }
}

fn told(protection: Protection) -> String {
    let meaning = match protection {
        Protection::File => "whoever holds the disk can read everything; see loket key protect --help",
        Protection::Passphrase => "the node starts only with the passphrase",
        Protection::Credential => "the node starts only where its service manager hands the key over",
    };
    format!("The key is protected by: {}\n  {meaning}", protection.name())
}
