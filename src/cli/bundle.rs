//! `loket bundle`: the exchange over a stick. A stopped office is opened for it; a running one is asked by a note in its
//! folder, for it alone may write its journals. A registry's database is open to several processes anyway.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};
use loket_sync::Disk;

use super::terminal::{self, say};
use super::{Failure, Node};
use crate::backup;
use crate::clock::{Clock, SystemClock};
use crate::config::{self, NodeKind, OfficeOverrides, RegistryConfig, RegistryOverrides};
use crate::courier::{Exported, Exporting, Imported};
use crate::domain::backup::size;
use crate::domain::office::OfficeCode;
use crate::new_file::NewFile;
use crate::office::courier::OfficeCourier;
use crate::office::node;
use crate::office::store::{JOURNAL_FOLDER, Store};
use crate::registry;
use crate::spool::{self, Answer, Note};

/// How long a running office is waited for.
const ANSWER_SECONDS_MAX: u64 = 3_600;
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How many looks apart it is asked whether the office still runs: asking takes its lock for a moment.
const LOOKS_PER_QUESTION: u32 = 300;

#[derive(Debug, Subcommand)]
pub(super) enum Bundle {
    /// Put what the other side lacks into a file
    Export(Export),
    /// Take what the other side has sent in a file
    Import {
        #[command(flatten)]
        node: Node,
        /// The bundle
        file: PathBuf,
    },
}

/// What `loket bundle export` is told.
#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(flatten)]
    node: Node,
    /// File to make
    file: PathBuf,
    /// At a registry: the office that the bundle is for
    #[arg(long, value_name = "CODE", value_parser = super::office_code)]
    office: Option<OfficeCode>,
    /// Add pictures until the file has about so many megabytes; the next bundle goes on
    #[arg(long, value_name = "MB", default_value_t = 4_000)]
    max_megabytes: u64,
    /// Put in everything, whatever the other side said it has
    #[arg(long)]
    all: bool,
    /// Replace the file if there is one
    #[arg(long)]
    overwrite: bool,
}

pub(super) async fn carry_out(command: Bundle) -> Result<(), Failure> {
    match command {
        Bundle::Export(export) => {
            let exported = match config::kind_of(&export.node.dir)? {
                NodeKind::Office => export_office(&export).await,
                NodeKind::Registry => export_registry(&export).await,
            };
            terminal::end_progress();
            say(&told_export(&export.file, &exported?));
        }
        Bundle::Import { node, file } => {
            let imported = match config::kind_of(&node.dir)? {
                NodeKind::Office => import_office(&node.dir, &file).await,
                NodeKind::Registry => import_registry(&node.dir, &file).await,
            };
            terminal::end_progress();
            say(&told_import(&imported?));
        }
    }
    Ok(())
}

fn told_export(file: &Path, made: &Exported) -> String {
    let Exported { bytes, records, pictures, pictures_left } = made;
    let left = match pictures_left {
        0 => String::new(),
        left => format!(" {left} pictures wait for the next bundle."),
    };
    format!("{}: {}, {records} records, {pictures} pictures.{left}", file.display(), size(*bytes))
}

fn told_import(taken: &Imported) -> String {
    let Imported { records, pictures, arrived, lacking, refused } = taken;
    let arrived = match arrived {
        0 => String::new(),
        arrived => format!(" {arrived} pictures have arrived at the other side."),
    };
    let lacking = match lacking {
        0 => String::new(),
        lacking => format!(
            "\nOf {lacking} journals something came and is not here yet: an earlier bundle has not come, or a person must \
             look at the page of conflicts. A bundle made with --all holds what came before."
        ),
    };
    let refused = match refused {
        0 => String::new(),
        refused => format!(
            "\nThe other side does not take all of {refused} journals: the page of conflicts says why. What it does not \
             take is not carried again."
        ),
    };
    format!(
        "Taken and on the disk: {records} new records, {pictures} new pictures.{arrived}{lacking}{refused}\n\
         Carry a bundle back, so that the other side knows."
    )
}

impl Export {
    fn how(&self) -> Exporting {
        Exporting { bytes_max: self.max_megabytes.saturating_mul(1_000_000), all: self.all }
    }
}

async fn export_office(export: &Export) -> Result<Exported, Failure> {
    if export.office.is_some() {
        return Err("an office has one registry: leave --office out".into());
    }
    let dir = export.node.dir.as_path();
    if is_running(dir)? {
        return ask_export(export).await;
    }
    let (office, store) = open(dir)?;
    let exported = office.export(&export.file, export.overwrite, export.how()).await;
    store.stop().await;
    Ok(exported?)
}

async fn import_office(dir: &Path, file: &Path) -> Result<Imported, Failure> {
    if is_running(dir)? {
        return ask_import(dir, file).await;
    }
    let (office, store) = open(dir)?;
    let imported = office.import(file).await;
    store.stop().await;
    Ok(imported?)
}

/// Whether another process has the office open.
pub(super) fn is_running(dir: &Path) -> Result<bool, Failure> {
    let folder = dir.join(JOURNAL_FOLDER);
    Ok(folder.is_dir() && Disk::default().lock(&folder.join("lock"))?.is_none())
}

/// Opens a stopped office.
pub(super) fn open(dir: &Path) -> Result<(OfficeCourier, Store), Failure> {
    let (_, who) = node::load(dir, &OfficeOverrides::default())?;
    let (node_key, storage_key, registry) = (who.node_key.clone(), who.storage_key.clone(), who.registry);
    let (store, _) = Store::open(dir, who, Arc::new(SystemClock))?;
    let office = OfficeCourier { store: store.clone(), node_key, storage_key, registry, dir: dir.to_owned() };
    Ok((office, store))
}

async fn ask_export(export: &Export) -> Result<Exported, Failure> {
    let dir = export.node.dir.as_path();
    // Refused before anybody works for it.
    let (file, mut out) = NewFile::begin(&export.file, export.overwrite)?;
    let (name, bundle) = spool::place(dir)?;
    let asked = async {
        let answer = ask(dir, &name, |until_ms| Note::ExportBundle { how: export.how(), until_ms }).await?;
        match answer {
            Answer::Exported(exported) => {
                std::io::copy(&mut std::fs::File::open(&bundle)?, &mut out)?;
                file.sync(out)?;
                file.finish()?;
                Ok(exported)
            }
            Answer::Failed(reason) => Err(reason.into()),
            Answer::Imported(_) | Answer::Reported(_) => Err("the office answered something else".into()),
        }
    };
    let exported = asked.await;
    spool::clear(dir, &name);
    exported
}

async fn ask_import(dir: &Path, from: &Path) -> Result<Imported, Failure> {
    let (name, bundle) = spool::place(dir)?;
    let asked = async {
        let (file, mut out) = NewFile::begin(&bundle, false)?;
        let mut source = std::fs::File::open(from).map_err(|error| format!("{}: {error}", from.display()))?;
        std::io::copy(&mut source, &mut out)?;
        file.sync(out)?;
        file.finish()?;
        match ask(dir, &name, |until_ms| Note::ImportBundle { until_ms }).await? {
            Answer::Imported(imported) => Ok(imported),
            Answer::Failed(reason) => Err(reason.into()),
            Answer::Exported(_) | Answer::Reported(_) => Err("the office answered something else".into()),
        }
    };
    let imported = asked.await;
    spool::clear(dir, &name);
    imported
}

/// Leaves a note for the running office and waits for its answer.
pub(super) async fn ask(dir: &Path, name: &str, note: impl FnOnce(i64) -> Note) -> Result<Answer, Failure> {
    let key = node::load(dir, &OfficeOverrides::default())?.1.storage_key;
    let now = SystemClock.now();
    let until = now + chrono::TimeDelta::seconds(i64::try_from(ANSWER_SECONDS_MAX).unwrap_or(i64::MAX));
    spool::leave_as(dir, &key, name, &note(until.timestamp_millis()))?;
    terminal::progress("The running office works on it");
    for look in 1_u32.. {
        tokio::time::sleep(LOOK_EVERY).await;
        if let Some(answer) = spool::answer(dir, &key, name)? {
            return Ok(answer);
        }
        if look.is_multiple_of(LOOKS_PER_QUESTION) && !is_running(dir)? {
            return Err("the office was stopped meanwhile; try again".into());
        }
        if SystemClock.now() > until {
            break;
        }
    }
    Err("the running office does not answer; stop it and try again".into())
}

async fn export_registry(export: &Export) -> Result<Exported, Failure> {
    let office = export.office.as_ref().ok_or("which office is it for? --office CODE")?;
    let config = RegistryConfig::load(&export.node.dir, &RegistryOverrides::default())?;
    let registry = registry::open(&config, Arc::new(SystemClock)).await?;
    let made =
        registry::courier::export(&registry, office, &export.file, export.overwrite, export.how()).await;
    registry.store.close().await;
    Ok(made?)
}

async fn import_registry(dir: &Path, file: &Path) -> Result<Imported, Failure> {
    let header = backup::header(file)?;
    let config = RegistryConfig::load(dir, &RegistryOverrides::default())?;
    let registry = registry::open(&config, Arc::new(SystemClock)).await?;
    let taken = registry::courier::import(&registry, &header, file).await;
    registry.store.close().await;
    Ok(taken?)
}
