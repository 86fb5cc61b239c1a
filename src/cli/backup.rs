//! `loket backup` and `loket restore`: a node's folder in one sealed file, and back.

use std::fs;
use std::io::{self, BufRead, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::Args;
use loket_sync::archive::Header;
use loket_sync::{Identity, NodeKey, RecoveryKey};

use super::terminal::{self, say};
use super::{Failure, Node};
use crate::backup::registry::Target;
use crate::backup::{self, Made, Order, Restored, Restoring};
use crate::clock::{Clock, Steady, SystemClock};
use crate::config::{self, NodeKind, OfficeOverrides, RegistryConfig, RegistryOverrides};
use crate::domain::backup::{BackupMade, NodeRestored, OpenedBy, size};
use crate::office::node;
use crate::registry;
use crate::spool::{self, Note};

/// What `loket backup` is told.
#[derive(Debug, Args)]
pub(super) struct Backup {
    #[command(flatten)]
    pub(super) node: Node,
    /// File to make
    #[arg(long, value_name = "FILE")]
    pub(super) to: PathBuf,
    /// Replace the file if there is one
    #[arg(long)]
    pub(super) overwrite: bool,
}

/// What `loket restore` is told.
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The backup
    #[arg(long, value_name = "FILE")]
    pub(super) from: PathBuf,
    /// Folder to make; it must be empty or not there yet. It may be a disk's own (lost+found does not count)
    #[arg(long, env = "LOKET_DIR", value_name = "FOLDER")]
    pub(super) dir: PathBuf,
    /// The node's own key file, kept apart from the lost folder
    #[arg(long, value_name = "FILE", conflicts_with = "recovery_key")]
    pub(super) node_key: Option<PathBuf>,
    /// File with the recovery key, or `-` to type it
    #[arg(long, value_name = "FILE")]
    pub(super) recovery_key: Option<PathBuf>,
    /// Give the office a new identity, because the old machine may be in other hands; enrol it again afterwards
    #[arg(long)]
    pub(super) new_identity: bool,
    /// Put a registry's rows into this empty database: sqlite://… or postgres://…
    #[arg(long, env = "LOKET_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub(super) database_url: Option<String>,
    /// Fill the database without TLS that verifies it
    #[arg(long)]
    pub(super) without_tls: bool,
}

/// Makes a backup of a node that may be running, and says what is in it.
pub(super) async fn back_up(asked: &Backup) -> Result<(), Failure> {
    let Backup { node, to, overwrite } = asked;
    let dir = node.dir.as_path();
    let (now, began) = (SystemClock.now(), Steady::start());
    let order = Order {
        dir,
        to,
        overwrite: *overwrite,
        now_ms: now.timestamp_millis(),
        progress: &|doing| terminal::progress(&format!("Backup: {doing}")),
    };
    let made = match config::kind_of(dir)? {
        NodeKind::Office => office(&order, &node.office(OfficeOverrides::default())?, now),
        NodeKind::Registry => registry(&order, &node.registry(RegistryOverrides::default())?).await,
    };
    terminal::end_progress();
    let made = made?;
    let seconds = began.elapsed_ms().div_ceil(1000);
    say(&format!(
        "{}: {}, {} records, {} pictures, in {seconds} s. It was read back and every chain, signature and picture in it verified.",
        to.display(),
        size(made.bytes),
        made.records,
        made.pictures,
    ));
    if !made.recoverable {
        say(
            "Only this node's own key opens it: keep a copy of node.key apart, or name a recovery key (loket recovery-key --help).",
        );
    }
    for hash in &made.damaged {
        say(&format!("Picture {hash} is damaged here and is not in the backup: loket check says more."));
    }
    Ok(())
}

fn office(order: &Order<'_>, over: &OfficeOverrides, now: DateTime<Utc>) -> Result<Made, Failure> {
    let (config, who) = node::load(order.dir, over)?;
    let made = backup::office::make(order, &who, config.recovery)?;
    let Made { bytes, records, pictures, recoverable, .. } = made;
    let note = BackupMade { at: now, bytes, records, pictures, recoverable };
    spool::leave(order.dir, &who.storage_key, &Note::BackupMade(note))?;
    Ok(made)
}

async fn registry(order: &Order<'_>, over: &RegistryOverrides) -> Result<Made, Failure> {
    let config = RegistryConfig::load(order.dir, over)?;
    let (identity, _) = Identity::open(order.dir, &config.key.unlock)?;
    let registry = registry::open(&config, Arc::new(SystemClock)).await?;
    let made = backup::registry::make(order, &identity, &registry.store).await;
    registry.store.close().await;
    registry::database::close(&config);
    Ok(made?)
}

/// Makes a folder from a backup.
pub(super) async fn restore(asked: &Restore) -> Result<(), Failure> {
    let header = backup::header(&asked.from)?;
    let kind =
        backup::kind_of(&header).ok_or("this is a bundle, not a backup: loket bundle import --help")?;
    let (key, opened_by) = key(asked, &header)?;
    let now = SystemClock.now();
    let restoring = Restoring {
        from: &asked.from,
        dir: &asked.dir,
        key: &key,
        new_identity: asked.new_identity,
        now_ms: now.timestamp_millis(),
        progress: &|doing| terminal::progress(&format!("Restore: {doing}")),
    };
    let restored = match kind {
        NodeKind::Office if asked.database_url.is_some() => {
            Err("an office has no database: leave --database-url out".into())
        }
        NodeKind::Office => backup::office::restore(&restoring).map_err(Failure::from),
        NodeKind::Registry => {
            let target = Target { url: asked.database_url.as_deref(), without_tls: asked.without_tls };
            backup::registry::restore(&restoring, target).await.map_err(Failure::from)
        }
    };
    terminal::end_progress();
    let restored = restored?;
    if kind == NodeKind::Office {
        note_restored(asked, &restored, now, opened_by)?;
    }
    say(&told(asked, &restored));
    Ok(())
}

fn note_restored(
    asked: &Restore,
    restored: &Restored,
    at: DateTime<Utc>,
    opened_by: OpenedBy,
) -> Result<(), Failure> {
    let backup_at = DateTime::from_timestamp_millis(restored.made_at_ms).unwrap_or(at);
    let note = NodeRestored { at, backup_at, opened_by, new_identity: asked.new_identity };
    let identity = Identity::load(&asked.dir)?;
    Ok(spool::leave(&asked.dir, &identity.storage_key, &Note::NodeRestored(note))?)
}

fn told(asked: &Restore, restored: &Restored) -> String {
    let made_at = DateTime::from_timestamp_millis(restored.made_at_ms).unwrap_or_default();
    let folder = asked.dir.display();
    let next = match (restored.kind, asked.new_identity) {
        (NodeKind::Office, true) => format!(
            "It has a new identity. Next:\n  \
             at the registry: revoke the old node and draw a one-time code for the office\n  \
             loket enroll --dir {folder} --registry URL --code CODE\n  \
             loket office --dir {folder}"
        ),
        (NodeKind::Office, false) => format!("Next:\n  loket office --dir {folder}"),
        (NodeKind::Registry, _) => format!("Next:\n  loket registry --dir {folder}"),
    };
    let rest = match restored.kind {
        NodeKind::Office => "What it wrote since comes back from the registry by itself.",
        NodeKind::Registry => {
            "What offices hold of it comes back by itself; open enrolment codes and logins are void."
        }
    };
    format!(
        "{folder} is {} as of {} (UTC): {} records, {} pictures, all verified. {rest}\n\
         The key file is protected by file permissions alone now, whatever it was before: see loket key --help. If it was\n\
         more, the first start asks for --accept-weaker-key-protection.\n\n{next}",
        restored.kind,
        made_at.format("%Y-%m-%d %H:%M"),
        restored.records,
        restored.pictures,
    )
}

/// The key that opens the backup. A recovery key is read from a file or typed, never an argument.
fn key(asked: &Restore, header: &Header) -> Result<(NodeKey, OpenedBy), Failure> {
    if let Some(file) = &asked.node_key {
        return Ok((identity_in(file)?.node_key, OpenedBy::NodeKey));
    }
    let text = match &asked.recovery_key {
        Some(file) if file.as_os_str() != "-" => {
            fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?
        }
        Some(_) => typed()?,
        None => return Err("a key is needed: --node-key FILE or --recovery-key FILE".into()),
    };
    let key = RecoveryKey::parse(&text)?;
    if !header.is_for(&key.id()) {
        return Err(format!("the backup is not sealed for the recovery key {}", key.id()).into());
    }
    Ok((key.key().clone(), OpenedBy::RecoveryKey))
}

/// A key file that lies somewhere else than in a node's folder.
fn identity_in(file: &Path) -> Result<Identity, Failure> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if file.file_name().is_none_or(|name| name != loket_sync::identity::KEY_FILE) {
        return Err("the node's key file is called node.key".into());
    }
    Ok(Identity::load(folder)?)
}

fn typed() -> Result<String, Failure> {
    if io::stdin().is_terminal() {
        say("Recovery key:");
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line)
}
