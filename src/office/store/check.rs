//! `loket check`: verifies the journals, the keys, that the tables are what the journals say, and the pictures; heals
//! what can be healed when asked.
//!
//! For a node that is not running: the folder is locked while it is checked. Without healing nothing is changed but
//! what a start would change too. Rows are drawn into tables of their own beside the others, so that memory stays small
//! however much there is.

mod missing;
mod pictures;
mod tables;

use std::path::Path;
use std::sync::Arc;

use loket_sync::journal::{Inspected, VerifyReport, What};
use loket_sync::{Blobs, Hash, Journals};
use serde::Serialize;

use super::nodes::{self, NodeSigners};
use super::open::{self, Unsound, Wish};
use super::pictures::PICTURE_FOLDER;
use super::project::Here;
use super::tree;
use super::{Identity, JOURNAL_FOLDER, OpenError, OpenOptions, Store, StoreError};
use crate::clock::Clock;
use crate::domain::damage::{Finding, FolderPart};

/// Where rows are drawn for comparing.
const DRAWN_FOLDER: &str = "tables.check";

/// What a check has found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct CheckReport {
    /// Records in all journals that verify.
    pub records: u64,
    /// Journals (sessions) they lie in.
    pub sessions: usize,
    /// Rows that the tables should have.
    pub rows: u64,
    /// Sealed files that are there.
    pub pictures: usize,
    /// Whether the tables were drawn anew.
    pub rebuilt: bool,
    /// Whether the node is tied to a registry, which may have what is missing here.
    pub enrolled: bool,
    /// What was healed just now.
    pub healed: Vec<Finding>,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What needs no help: an unfinished group that will be cut, a key or picture that will still come.
    pub notes: Vec<Finding>,
}

impl CheckReport {
    /// Whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.findings.is_empty()
    }

    fn found(&mut self, part: FolderPart, what: impl Into<String>) -> &mut Finding {
        let at = self.findings.len();
        self.findings.push(Finding::of(part, what));
        &mut self.findings[at]
    }

    fn note(&mut self, part: FolderPart, what: impl Into<String>) -> &mut Finding {
        let at = self.notes.len();
        self.notes.push(Finding::of(part, what));
        &mut self.notes[at]
    }
}

/// Verifies a data folder; with `rebuild` the tables are drawn anew when the journals are good.
pub fn check(dir: &Path, who: &Identity, rebuild: bool) -> Result<CheckReport, OpenError> {
    let mut report = CheckReport { enrolled: who.registry.is_some(), ..CheckReport::default() };
    let journal = dir.join(JOURNAL_FOLDER);
    if !journal.exists() {
        if dir.join(tree::FOLDER).exists() || dir.join(PICTURE_FOLDER).exists() {
            report
                .found(FolderPart::Journals, "the folder of the journals is missing")
                .in_file(journal.display(), None);
        }
        return Ok(report);
    }
    let found = Journals::inspect(&journal, &who.stream()?, &who.storage_key, &who.signers())?;
    take_over(&found.report, &mut report);
    let here = Here { office: &who.office, key: &who.storage_key };
    if rebuild && report.is_good() {
        let asked = Unsound { why: "asked for".to_owned(), is_damage: false };
        let wish = Wish { is_thorough: true, rebuild: Some(asked), accept_missing: false };
        let decided = open::decide(dir, &found.reader, here.key, wish)?;
        open::complete(dir, &found.reader, here, decided, &|_, _| {})?.tree.close()?;
        report.rebuilt = true;
    }
    let drawn = remove_drawn(dir).and_then(|()| open::draw_in(&dir.join(DRAWN_FOLDER), &found.reader, here));
    let tables = tables::Opened::of(dir, &found.reader, here, &mut report)?;
    let looked = look(dir, who, &found, drawn, &tables, &mut report);
    tables.close(dir)?;
    remove_drawn(dir)?;
    looked.map(|()| report)
}

/// What the journals themselves say.
fn take_over(verified: &VerifyReport, report: &mut CheckReport) {
    report.records = verified.records;
    report.sessions = verified.vector.len();
    for finding in &verified.findings {
        let part = match finding.what {
            What::SubjectKey(_) | What::KeysMissing(_) => FolderPart::Keys,
            _ => FolderPart::Journals,
        };
        report.found(part, finding.to_string()).in_file(finding.file.display(), Some(finding.offset));
    }
    // Whose key this node does not hold is judged when it is known who had one.
    let notes = verified.notes.iter().filter(|note| !matches!(note.what, What::SignerUnknown { .. }));
    report.notes.extend(notes.map(|note| {
        let mut told = Finding::of(FolderPart::Journals, note.to_string());
        told.in_file(note.file.display(), Some(note.offset));
        told
    }));
}

/// Verifies what nodes signed whose keys stand in headquarters' facts: an earlier machine of this office, or its key before.
fn signatures(
    who: &Identity,
    found: &Inspected,
    rows: &tree::Tree,
    report: &mut CheckReport,
) -> Result<(), StoreError> {
    let nodes = Arc::new(nodes::draw(rows, &found.reader, who.registry.as_ref())?);
    let signers = NodeSigners { nodes, own: who.node_key.public(), registry: who.registry };
    let signed = nodes::signed(&found.reader, &signers)?;
    for what in signed.unsound {
        report.found(FolderPart::Journals, what);
    }
    for what in signed.strangers {
        report.note(FolderPart::Journals, what);
    }
    Ok(())
}

/// Compares the parts with each other.
fn look(
    dir: &Path,
    who: &Identity,
    found: &Inspected,
    drawn: Result<open::Tables, StoreError>,
    tables: &tables::Opened,
    report: &mut CheckReport,
) -> Result<(), OpenError> {
    let drawn = match drawn {
        Ok(drawn) => Some(drawn),
        // The rest is looked at without them.
        Err(error) if error.is_storage_full() => {
            report.note(FolderPart::Tables, "there is no room to draw them for comparing");
            None
        }
        Err(error) => {
            // What was damaged was named above.
            if report.is_good() {
                report.found(FolderPart::Journals, error.told());
            }
            None
        }
    };
    if let Some(drawn) = &drawn {
        report.rows = drawn.meta.digest.rows();
        // Named above, with its place, if it is so.
        let is_named = report.findings.iter().any(|finding| finding.part == FolderPart::Journals);
        for what in drawn.unreadable.iter().filter(|_| !is_named) {
            report.found(FolderPart::Journals, what.clone());
        }
        if !is_named {
            signatures(who, found, &drawn.tree, report)?;
        }
        missing::since_mended(found, &drawn.tree, report)?;
        missing::erasures(found, &drawn.tree, report)?;
    }
    tables.judge(found, drawn.as_ref().map(|drawn| drawn.meta.digest), report)?;
    tables.look_for_keys(dir, found, report)?;
    pictures::verify(dir, drawn.as_ref().map(|drawn| &drawn.tree), tables.tree(), report)
}

/// Verifies a data folder and heals what can be healed on this machine: damaged journals and pictures are set aside, so
/// that the other side hands them back, the tables are drawn anew. What is still wrong afterwards stays named.
pub async fn heal(dir: &Path, who: &Identity, clock: Arc<dyn Clock>) -> Result<CheckReport, OpenError> {
    let before = check(dir, who, false)?;
    if before.is_good() {
        return Ok(before);
    }
    for finding in before.findings.iter().filter(|finding| finding.part == FolderPart::Pictures) {
        set_aside(dir, finding)?;
    }
    let options = OpenOptions { accept_missing: true, ..OpenOptions::default() };
    let (store, _) = Store::open_with(dir, who.clone(), clock, options)?;
    store.stop().await;
    drop(store);
    let mut after = check(dir, who, false)?;
    let still = |finding: &Finding| {
        after.findings.iter().any(|now| now.file == finding.file && now.what == finding.what)
    };
    after.healed = before.findings.into_iter().filter(|finding| !still(finding)).collect();
    Ok(after)
}

fn set_aside(dir: &Path, finding: &Finding) -> Result<(), OpenError> {
    let name = finding.file.as_deref().and_then(|file| Path::new(file).file_name()?.to_str());
    let Some(hash) = name.and_then(|name| name.parse::<Hash>().ok()) else { return Ok(()) };
    Ok(Blobs::open(&dir.join(PICTURE_FOLDER))?.set_aside(&hash)?)
}

fn remove_drawn(dir: &Path) -> Result<(), StoreError> {
    match std::fs::remove_dir_all(dir.join(DRAWN_FOLDER)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::Folder(error)),
        _ => Ok(()),
    }
}
