//! `loket check`: verifies the journals, and that the tables are what the journals say; draws them anew when asked.
//!
//! For a node that is not running: the folder is locked while it is checked.

use std::collections::BTreeSet;
use std::path::Path;

use loket_sync::{Blobs, Hash, Journals, OwnStream};
use serde::Serialize;

use super::digest::Digest;
use super::pictures::PICTURE_FOLDER;
use super::project::Here;
use super::rows::{Changes, NoRows};
use super::tables::{self, VERSION};
use super::tree::{self, Tree};
use super::{Identity, JOURNAL_FOLDER, OpenError, StoreError, open};

/// What a check has found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct CheckReport {
    /// Records in all journals that verify.
    pub records: u64,
    /// Journals (sessions) they lie in.
    pub sessions: usize,
    /// Rows that the tables should have.
    pub rows: u64,
    /// Sealed files that are there and unchanged.
    pub pictures: usize,
    /// Whether the tables were drawn anew.
    pub rebuilt: bool,
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

    fn found(&mut self, part: Part, what: impl Into<String>) {
        self.findings.push(Finding { part, what: what.into() });
    }
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Where.
    pub part: Part,
    /// What, with file and offset where there is one.
    pub what: String,
}

/// A part of the data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The journals: the truth.
    Journals,
    /// The tables: drawn from the journals.
    Tables,
    /// Sealed files.
    Pictures,
}

/// Verifies a data folder; with `rebuild` the tables are drawn anew when the journals are good.
pub fn check(dir: &Path, who: &Identity, rebuild: bool) -> Result<CheckReport, OpenError> {
    let mut report = CheckReport::default();
    verify_journals(dir, who, &mut report)?;
    if !report.is_good() {
        return Ok(report);
    }
    let own = OwnStream {
        stream: who.stream()?,
        node_key: who.node_key.clone(),
        storage_key: who.storage_key.clone(),
        software: concat!("loket check ", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    // Opening writes nothing before the first append, and keeps a running node away by its lock.
    let (journals, _) = Journals::open(&dir.join(JOURNAL_FOLDER), own, &who.signers())?;
    let here = Here { office: &who.office, key: &who.storage_key };
    if rebuild {
        let tables = open::tables(dir, &journals.reader(), here, Some("asked for"))?;
        tables.tree.flush()?;
        report.rebuilt = true;
    }
    let mut rows = Changes::over(&NoRows);
    for what in open::draw_all(&mut rows, &journals.reader(), here)? {
        report.found(Part::Journals, what);
    }
    compare_tables(dir, &journals, here, &rows, &mut report)?;
    verify_pictures(dir, &rows, &mut report)?;
    Ok(report)
}

fn verify_journals(dir: &Path, who: &Identity, report: &mut CheckReport) -> Result<(), StoreError> {
    let folder = dir.join(JOURNAL_FOLDER);
    if !folder.exists() {
        return Ok(());
    }
    let verified = Journals::verify(&folder, &who.stream()?, Some(&who.storage_key), &who.signers())?;
    report.records = verified.records;
    report.sessions = verified.vector.len();
    for finding in verified.findings {
        report.found(Part::Journals, finding.to_string());
    }
    let note =
        |finding: loket_sync::journal::Finding| Finding { part: Part::Journals, what: finding.to_string() };
    report.notes.extend(verified.notes.into_iter().map(note));
    Ok(())
}

/// Draws all rows into memory and compares their digest with the one the tables say and the one they have.
fn compare_tables(
    dir: &Path,
    journals: &Journals,
    here: Here<'_>,
    rows: &Changes<'_>,
    report: &mut CheckReport,
) -> Result<(), OpenError> {
    let drawn = rows.digest_after(Digest::default())?;
    report.rows = drawn.rows();
    if !dir.join(tree::FOLDER).exists() {
        let what = "there are no tables yet; they are drawn at the next start".to_owned();
        report.notes.push(Finding { part: Part::Tables, what });
        return Ok(());
    }
    let tree = match Tree::open(dir, here.key.clone()) {
        Ok(tree) => tree,
        Err(error) => {
            report.found(Part::Tables, format!("{error}; draw them anew with --rebuild"));
            return Ok(());
        }
    };
    match judge(&tree, journals, drawn) {
        Ok(None) => {}
        Ok(Some(what)) => report.found(Part::Tables, what),
        Err(error) => report.found(Part::Tables, format!("{error}; draw them anew with --rebuild")),
    }
    Ok(())
}

fn judge(tree: &Tree, journals: &Journals, drawn: Digest) -> Result<Option<String>, StoreError> {
    let Some(meta) = tables::META.get(tree, &[])? else {
        return Ok(Some("they are unfinished; draw them anew with --rebuild".to_owned()));
    };
    let reader = journals.reader();
    for (_, applied) in tables::APPLIED.scan(tree, &[])? {
        if let Some(ahead) = open::ahead_of(&reader, &applied)? {
            return Ok(Some(format!("they are ahead of the journals: {ahead}")));
        }
    }
    let applied: Vec<_> = tables::APPLIED.scan(tree, &[])?.into_iter().map(|(_, have)| have).collect();
    let behind = reader.scan(&applied).count();
    let counted = open::digest_of(tree)?;
    if meta.version != VERSION {
        return Ok(Some(format!(
            "they have version {}; they are drawn anew at the next start",
            meta.version
        )));
    }
    if counted != meta.digest {
        return Ok(Some(format!(
            "rows were lost or changed: digest {counted}, it should be {}",
            meta.digest
        )));
    }
    Ok((behind == 0 && counted != drawn)
        .then(|| format!("they are not what the journals say: digest {counted}, it should be {drawn}")))
}

/// Reads every sealed file, and names those that facts of this office speak of and that are not there.
fn verify_pictures(dir: &Path, rows: &Changes<'_>, report: &mut CheckReport) -> Result<(), OpenError> {
    let blobs = Blobs::open(&dir.join(PICTURE_FOLDER))?;
    let (files, _) = blobs.list()?;
    report.pictures = files.len();
    for finding in blobs.verify_all()? {
        report.found(Part::Pictures, format!("{}: {}", finding.file.display(), finding.what));
    }
    let mut strays: BTreeSet<Hash> = files.into_iter().collect();
    for (key, row) in tables::PICTURES.scan(rows, &[])? {
        let Some(hash) = key.first_chunk::<32>().map(|bytes| Hash(*bytes)) else { continue };
        strays.remove(&hash);
        if blobs.has(&hash) {
            continue;
        }
        let what = format!("{hash} is not here");
        if row.own {
            report.found(Part::Pictures, what);
        } else {
            report.notes.push(Finding { part: Part::Pictures, what: format!("{what} yet") });
        }
    }
    for hash in strays {
        let what = format!("{hash} is named by no fact; a form that was refused may have left it");
        report.notes.push(Finding { part: Part::Pictures, what });
    }
    Ok(())
}
