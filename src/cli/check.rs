//! `loket check`: is everything that was acknowledged still there and whole? With `--heal`, what can be put right is.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use loket_sync::{Identity, StorageKey};
use serde::Serialize;

use super::serve::SETTINGS_SUMS_FILE;
use super::terminal::say;
use super::{Failure, Node};
use crate::certificate::Folder;
use crate::clock::{Clock, SystemClock};
use crate::config::{self, ConfigError, NodeKind, OfficeOverrides, RegistryConfig, RegistryOverrides};
use crate::domain::damage::{Finding, FolderPart};
use crate::office::node::{self, NodeError};
use crate::office::store::check::{self as office_check, CheckReport as OfficeReport};
use crate::registry;
use crate::registry::actions::check::{self as registry_check, CheckReport as RegistryReport};
use crate::registry::database::{self, Looked};
use crate::registry::store::{StoreError, embedded_file};
use crate::sums::{self, Compared};

/// What is asked of a check.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Wish {
    /// Rebuild the tables from the journals
    #[arg(long)]
    rebuild: bool,
    /// Put right what can be put right: set damaged parts aside, so that the other side hands them back
    #[arg(long)]
    heal: bool,
    /// Report as JSON
    #[arg(long)]
    json: bool,
}

/// Verifies a stopped node and reports; exit code 1 when something is wrong.
pub(super) async fn check(node: &Node, wish: Wish) -> Result<ExitCode, Failure> {
    let dir = node.dir.as_path();
    let kind = match config::kind_of(dir) {
        Ok(kind) => kind,
        // Nothing is wrong with the folder, and nobody should put its settings right.
        Err(error @ ConfigError::Newer { .. }) => return Err(error.into()),
        Err(error) => return settings_wrong(dir, &error, wish),
    };
    match kind {
        NodeKind::Office => office(node, wish).await,
        NodeKind::Registry => registry(node, wish).await,
    }
}

/// Without settings or a key nothing else can be looked at.
fn settings_wrong(dir: &Path, error: &dyn std::error::Error, wish: Wish) -> Result<ExitCode, Failure> {
    let mut finding = Finding::of(FolderPart::Settings, with_source(error));
    finding.in_file(dir.join(config::SETTINGS_FILE).display(), None);
    nothing_else(finding, wish)
}

fn key_wrong(dir: &Path, error: &dyn std::error::Error, wish: Wish) -> Result<ExitCode, Failure> {
    let mut finding = Finding::of(FolderPart::NodeKey, with_source(error));
    finding.in_file(dir.join(loket_sync::identity::KEY_FILE).display(), None);
    nothing_else(finding, wish)
}

fn nothing_else(finding: Finding, wish: Wish) -> Result<ExitCode, Failure> {
    let report = OfficeReport { findings: vec![finding], ..OfficeReport::default() };
    if wish.json {
        return print_json(&report, false);
    }
    Ok(verdict(&report.findings, false))
}

fn with_source(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

async fn office(office: &Node, wish: Wish) -> Result<ExitCode, Failure> {
    let dir = office.dir.as_path();
    let who = match node::load(dir, &office.office(OfficeOverrides::default())?) {
        Ok((_, who)) => who,
        Err(NodeError::Config(error)) => return settings_wrong(dir, &error, wish),
        Err(NodeError::Key(error)) => return key_wrong(dir, &error, wish),
        Err(error) => return Err(error.into()),
    };
    let mut report = if wish.heal {
        office_check::heal(dir, &who, Arc::new(SystemClock)).await?
    } else {
        office_check::check(dir, &who, wish.rebuild)?
    };
    certificates(dir, &who.storage_key, wish, (&mut report.findings, &mut report.healed))?;
    report.notes.extend(settings_changed(dir)?);
    if wish.json {
        return print_json(&report, report.is_good());
    }
    let OfficeReport { records, sessions, rows, pictures, .. } = &report;
    say(&format!(
        "{records} records in {sessions} journals, {rows} rows in the tables, {pictures} pictures."
    ));
    if report.rebuilt {
        say("The tables were drawn anew from the journals.");
    }
    tell(&report.healed, &report.notes);
    Ok(verdict(&report.findings, report.enrolled))
}

/// Looks at what the node proves itself with; makes anew what its authority can make.
fn certificates(
    dir: &Path,
    key: &StorageKey,
    wish: Wish,
    (findings, healed): (&mut Vec<Finding>, &mut Vec<Finding>),
) -> Result<(), Failure> {
    let folder = Folder::of(dir, key);
    let told = |(file, what): (PathBuf, String)| {
        let mut finding = Finding::of(FolderPart::Certificates, format!("{}: {what}", file.display()));
        finding.in_file(file.display(), None);
        finding
    };
    let before: Vec<Finding> = folder.faults().into_iter().map(told).collect();
    if !wish.heal || before.is_empty() {
        findings.extend(before);
        return Ok(());
    }
    folder.heal(SystemClock.now())?;
    let after: Vec<Finding> = folder.faults().into_iter().map(told).collect();
    healed.extend(before.into_iter().filter(|finding| !after.contains(finding)));
    findings.extend(after);
    Ok(())
}

/// Settings that can be read may still not be those that the node ran with: people change them, and so may a disk.
fn settings_changed(dir: &Path) -> Result<Option<Finding>, Failure> {
    let (name, sums) = (config::SETTINGS_FILE.to_owned(), dir.join(SETTINGS_SUMS_FILE));
    let note = |file: PathBuf, what: &str| {
        let mut note = Finding::of(FolderPart::Settings, format!("{}: {what}", file.display()));
        note.in_file(file.display(), None);
        note
    };
    Ok(match sums::compare(dir, &[name], &sums)? {
        Compared::Differs { file, .. } => {
            let what = "it has changed since the node last started; look through it if nobody has changed it";
            Some(note(file, what))
        }
        Compared::Unreadable => {
            Some(note(sums, "the sums over the settings are damaged; the next start makes others"))
        }
        Compared::Same | Compared::NoSums => None,
    })
}

async fn registry(node: &Node, wish: Wish) -> Result<ExitCode, Failure> {
    let dir = node.dir.as_path();
    let config = match RegistryConfig::load(dir, &node.registry(RegistryOverrides::default())?) {
        Ok(config) => config,
        Err(error) => return settings_wrong(dir, &error, wish),
    };
    let Looked { is_missing, is_cut, findings: files, .. } = database::look(&config)?;
    let identity = match Identity::open(dir, &config.key.unlock) {
        Ok((identity, _)) => identity,
        Err(error) => return key_wrong(dir, &error, wish),
    };
    // To open one that is gone would make an empty one, and SQLite drops what stands behind a damaged place of its log.
    if is_missing || (is_cut && !wish.heal) {
        return database_wrong(&config, files, None, wish);
    }
    // What says how the files were stays as it is until somebody accepts them: a second check finds the same.
    let is_sound = wish.heal || files.is_empty();
    if wish.heal {
        database::accept(&config)?;
    }
    if is_sound {
        database::open(&config)?;
    }
    let registry = match registry::open_as_it_lies(&config, &identity, Arc::new(SystemClock)).await {
        Ok(registry) => registry,
        Err(registry::OpenError::Store(error)) if error.is_damage() => {
            return database_wrong(&config, files, Some(&error), wish);
        }
        Err(error) => return Err(error.into()),
    };
    let checked = if wish.heal {
        registry_check::heal(&registry).await
    } else {
        registry_check::check(&registry).await
    };
    let mut rebuilt = None;
    if wish.rebuild && checked.as_ref().is_ok_and(|report| report.findings.is_empty()) {
        rebuilt = Some(registry.store.rebuild(registry.now()).await?.applications);
    }
    registry.store.close().await;
    let mut report = checked?;
    if is_sound {
        database::close(&config);
    }
    if rebuilt.is_some() {
        report.stale_rows.clear();
    }
    if wish.heal {
        report.healed.extend(files);
    } else {
        report.findings.extend(files);
    }
    certificates(dir, &identity.storage_key, wish, (&mut report.findings, &mut report.healed))?;
    report.notes.extend(settings_changed(dir)?);
    if wish.json {
        return print_json(&report, report.is_good());
    }
    let RegistryReport { records, sessions, pictures, findings, stale_rows, healed, notes, .. } = &report;
    say(&format!("{records} records in {sessions} journals, {pictures} pictures."));
    if let Some(applications) = rebuilt {
        say(&format!("The rows of {applications} applications were drawn anew."));
    }
    tell(healed, notes);
    let stale = stale_rows.iter().map(|what| Finding::of(FolderPart::Tables, what.clone()));
    Ok(verdict(&findings.iter().cloned().chain(stale).collect::<Vec<_>>(), true))
}

/// A database that cannot be opened: nothing else can be looked at.
fn database_wrong(
    config: &RegistryConfig,
    files: Vec<Finding>,
    error: Option<&StoreError>,
    wish: Wish,
) -> Result<ExitCode, Failure> {
    let mut report = RegistryReport::default();
    report.findings.extend(files);
    if let Some(error) = error {
        let finding = report.found(FolderPart::Database, with_source(error));
        let file = error.file().map(Path::to_owned).or_else(|| embedded_file(&config.database_url));
        if let Some(file) = file {
            finding.in_file(file.display(), None);
        }
    }
    if wish.json { print_json(&report, false) } else { Ok(verdict(&report.findings, true)) }
}

fn tell(healed: &[Finding], notes: &[Finding]) {
    for finding in healed {
        say(&format!("  HEALED: {}", finding.what));
    }
    for note in notes {
        say(&format!("  note: {}", note.what));
    }
}

/// Says what is wrong, what it means and what to do next.
fn verdict(findings: &[Finding], has_other_side: bool) -> ExitCode {
    let mut said = Vec::new();
    for finding in findings {
        say(&format!("  WRONG: {}", finding.what));
        if !said.contains(&finding.part) {
            said.push(finding.part);
        }
    }
    for part in said {
        say(&format!("  {}", advice(part, has_other_side)));
    }
    say(if findings.is_empty() { "All is well." } else { "Something is wrong." });
    if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What damage to a part means, and what to do.
fn advice(part: FolderPart, has_other_side: bool) -> &'static str {
    match (part, has_other_side) {
        (FolderPart::Journals, true) => {
            "Journals: some acknowledged records are damaged or gone here. Keep a copy of the folder, run `loket check \
             --heal`, then start the node: what the other side has comes back at the next exchange, and what it does not \
             have stays named here."
        }
        (FolderPart::Journals, false) => {
            "Journals: some acknowledged records are damaged or gone, and this node has no other side to ask. Restore a \
             backup; or run `loket check --heal` to go on without them."
        }
        (FolderPart::Keys, true) => {
            "Keys: some records cannot be read until their key is back. Start the node: the other side hands keys back."
        }
        (FolderPart::Keys, false) => "Keys: some records cannot be read. Restore a backup.",
        (FolderPart::Tables, _) => {
            "Tables: nothing is lost, they are only drawn from the journals. Start the node, or run `loket check \
             --rebuild`."
        }
        (FolderPart::Pictures, true) => {
            "Pictures: run `loket check --heal`, then start the node: what the other side has comes back by itself."
        }
        (FolderPart::Pictures, false) => "Pictures: restore a backup, or take the pictures again.",
        (FolderPart::NodeKey, _) => {
            "Node key: without it nothing here can be read or sent. Put it back from where it is kept, or restore a \
             backup. Do not make a new one in this folder."
        }
        (FolderPart::Settings, _) => "Settings: put loket.toml right by hand, or restore it from a backup.",
        (FolderPart::Database, _) => {
            "Database: what journals say can come back from the offices, but staff, offices, quotas and reported \
             payments stand nowhere else. Restore the latest backup and start; or run `loket check --heal` if it opens, \
             and look through those lists."
        }
        (FolderPart::Certificates, _) => {
            "Certificates: nothing that was acknowledged lies there. `loket check --heal` makes anew what the node's own \
             authority can make. If the authority itself is damaged, restore the folder tls from a backup, or make \
             another with `loket certificate new --replace`, which every desk has to install."
        }
        (FolderPart::Other, _) => "Look at it with whoever looks after this computer.",
    }
}

fn print_json(report: &impl Serialize, is_good: bool) -> Result<ExitCode, Failure> {
    say(&serde_json::to_string_pretty(report)?);
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
