//! `loket recovery-key`: drawing the key on paper that opens every backup, and naming it to an office by hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Subcommand;
use loket_sync::{Disk, RecoveryKey};

use super::terminal::say;
use super::{Failure, Node};
use crate::clock::SystemClock;
use crate::config::{self, NodeKind, OfficeConfig, OfficeOverrides, RegistryConfig, RegistryOverrides};
use crate::registry;

#[derive(Debug, Subcommand)]
pub(super) enum Recovery {
    /// Draw a new recovery key at the registry; backups made from then on are sealed for it
    New {
        #[command(flatten)]
        node: Node,
        /// Write the private half to this file instead of printing it
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Show the public half that a node seals its backups for
    Show {
        #[command(flatten)]
        node: Node,
    },
    /// Tell an office by hand which public half to seal its backups for
    Set {
        #[command(flatten)]
        node: Node,
        /// The public half, as `show` prints it at the registry
        #[arg(long, value_name = "KEY")]
        public_key: String,
    },
}

pub(super) async fn carry_out(command: Recovery) -> Result<(), Failure> {
    match command {
        Recovery::New { node, to } => new(&node, to.as_deref()).await,
        Recovery::Show { node } => show(&node).await,
        Recovery::Set { node, public_key } => {
            let public = config::parse_recovery(&public_key);
            let public = public.ok_or("a public half has 128 hexadecimal digits")?;
            OfficeConfig::load(&node.dir, &OfficeOverrides::default())?;
            config::set_recovery(&node.dir, &public)?;
            say(&format!("Backups of {} are sealed for {} from now on.", node.dir.display(), public.id()));
            Ok(())
        }
    }
}

async fn new(at: &Node, to: Option<&Path>) -> Result<(), Failure> {
    let config = RegistryConfig::load(&at.dir, &at.registry(RegistryOverrides::default())?)?;
    let registry = registry::open(&config, Arc::new(SystemClock)).await?;
    let key = RecoveryKey::draw();
    // On paper first: a key that is named and lost would open nothing.
    match to {
        Some(file) => {
            write(file, &key)?;
            say(&format!("The private half is in {}. Keep it offline, in two places.", file.display()));
        }
        None => say(&printed(&key)),
    }
    registry.store.set_recovery_key(&key.public()).await?;
    registry.store.close().await;
    say(&format!(
        "Offices that enrol from now on seal their backups for it. At the others:\n  \
         loket recovery-key set --dir FOLDER --public-key {}",
        config::recovery_text(&key.public()),
    ));
    Ok(())
}

async fn show(at: &Node) -> Result<(), Failure> {
    let public = match config::kind_of(&at.dir)? {
        NodeKind::Office => OfficeConfig::load(&at.dir, &OfficeOverrides::default())?.recovery,
        NodeKind::Registry => {
            let config = RegistryConfig::load(&at.dir, &at.registry(RegistryOverrides::default())?)?;
            let registry = registry::open(&config, Arc::new(SystemClock)).await?;
            let public = registry.store.recovery_key().await?;
            registry.store.close().await;
            public
        }
    };
    let public = public.ok_or("no recovery key is known here")?;
    say(&config::recovery_text(&public));
    Ok(())
}

/// The private half as `init` and `new` print it, once.
pub(super) fn printed(key: &RecoveryKey) -> String {
    format!(
        "Recovery key, shown this once. It opens every backup of this registry and of its offices.\n\
         Write it down and keep it offline, in two places:\n  {}",
        *key.to_code(),
    )
}

fn write(file: &Path, key: &RecoveryKey) -> Result<(), Failure> {
    if file.exists() {
        return Err(format!("{} exists already", file.display()).into());
    }
    Ok(Disk::default().replace_private(file, crate::backup::recovery_paper(key).as_bytes())?)
}
