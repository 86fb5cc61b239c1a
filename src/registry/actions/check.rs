//! Is everything that was acknowledged still there and whole? Every chain from its first record, every signature, every
//! picture, those that should lie here and do not included; and whether the derived rows say what the journals say.

use std::collections::BTreeSet;

use loket_sync::{Hash, Have, NodePublic, Subject, verify_run};
use serde::Serialize;

use super::offices::shared_streams;
use super::{ActionError, Registry};
use crate::domain::damage::{Finding, FolderPart, MissingRecords};
use crate::registry::store::StoreError;

/// Records are read in runs of about this size.
const RUN_BYTES_MAX: usize = 1024 * 1024;

/// What a check has found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// Records that verify.
    pub records: u64,
    /// Journals (sessions) they lie in.
    pub sessions: usize,
    /// Whole pictures.
    pub pictures: usize,
    /// What was healed just now.
    pub healed: Vec<Finding>,
    /// What is wrong and cannot be computed anew.
    pub findings: Vec<Finding>,
    /// Derived rows that do not say what the journals say; a rebuild mends them.
    pub stale_rows: Vec<String>,
    /// What needs no help.
    pub notes: Vec<Finding>,
    /// What a heal takes out.
    #[serde(skip)]
    damaged: Damaged,
}

/// What is damaged and can be handed back by an office.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Damaged {
    /// Sessions, with how many of their records are good.
    sessions: Vec<(Have, u64)>,
    keys: Vec<Subject>,
    pictures: Vec<Hash>,
}

impl CheckReport {
    /// Whether nothing at all is wrong.
    pub fn is_good(&self) -> bool {
        self.findings.is_empty() && self.stale_rows.is_empty()
    }

    /// Adds what is wrong with a part.
    pub fn found(&mut self, part: FolderPart, what: impl Into<String>) -> &mut Finding {
        let at = self.findings.len();
        self.findings.push(Finding::of(part, what));
        &mut self.findings[at]
    }
}

/// Verifies the journals of all offices, both ways, the keys, the pictures and the derived rows. Damage is a finding;
/// only a database that does not answer is an error.
pub async fn check(registry: &Registry) -> Result<CheckReport, ActionError> {
    let mut report = CheckReport::default();
    for fault in noted(registry.store.page_faults().await, &mut report)?.unwrap_or_default() {
        report.found(FolderPart::Database, fault);
    }
    let offices = noted(registry.store.offices().await, &mut report)?.unwrap_or_default();
    let mut streams = BTreeSet::new();
    for row in &offices {
        let internal = |error: loket_sync::ids::IdError| ActionError::Internal(error.to_string());
        streams.extend(shared_streams(&row.office.code).map_err(internal)?);
    }
    for have in noted(registry.store.vector(&streams).await, &mut report)?.unwrap_or_default() {
        report.sessions += 1;
        match verify_session(registry, &have).await? {
            (records, None) => report.records += records,
            (good, Some(what)) => {
                let what = format!("{}/{}: {what}", have.stream, have.session);
                report.found(FolderPart::Journals, what);
                report.damaged.sessions.push((have, good));
            }
        }
    }
    for subject in noted(registry.store.damaged_keys().await, &mut report)?.unwrap_or_default() {
        report.found(FolderPart::Keys, format!("the key of subject {subject} is damaged"));
        report.damaged.keys.push(subject);
    }
    let missing = noted(registry.store.missing_records().await, &mut report)?.unwrap_or_default();
    if !missing.is_empty() {
        let one =
            |it: &MissingRecords| format!("{} to {} of {}/{}", it.from, it.to - 1, it.stream, it.session);
        let told = missing.iter().map(one).collect::<Vec<_>>().join(", ");
        report.found(
            FolderPart::Journals,
            format!("records are missing until an office hands them back: {told}"),
        );
    }
    for fault in registry.store.erasure_faults().await? {
        report.found(FolderPart::Database, fault);
    }
    check_pictures(registry, &mut report).await?;
    if let Some(file) = registry.store.file() {
        for finding in report.findings.iter_mut().filter(|finding| finding.file.is_none()) {
            finding.in_file(file.display(), None);
        }
    }
    // Rows of damaged journals cannot be computed.
    if report.findings.is_empty() {
        report.stale_rows =
            noted(registry.store.stale_rows(registry.now()).await, &mut report)?.unwrap_or_default();
    }
    Ok(report)
}

/// Damage becomes a finding.
fn noted<T>(read: Result<T, StoreError>, report: &mut CheckReport) -> Result<Option<T>, ActionError> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_damage() => {
            report.found(FolderPart::Database, told(&error));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn told(error: &StoreError) -> String {
    let source = std::error::Error::source(error);
    source.map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

async fn check_pictures(registry: &Registry, report: &mut CheckReport) -> Result<(), ActionError> {
    report.pictures = registry.blobs.list()?.0.len();
    for finding in registry.blobs.verify_all()? {
        let name = finding.file.file_name().and_then(|name| name.to_str());
        report.damaged.pictures.extend(name.and_then(|name| name.parse::<Hash>().ok()));
        let what = format!("{}: {}", finding.file.display(), finding.what);
        report.found(FolderPart::Pictures, what).in_file(finding.file.display(), None);
    }
    for hash in noted(registry.store.stored_blobs().await, report)?.unwrap_or_default() {
        if !registry.blobs.has(&hash) {
            let file = registry.blobs.file(&hash);
            report.damaged.pictures.push(hash);
            let what = format!("{}: the picture was stored and is gone", file.display());
            report.found(FolderPart::Pictures, what).in_file(file.display(), None);
        }
    }
    Ok(())
}

/// Takes out what is damaged, so that the offices hand it back at their next exchange, and computes all derived rows
/// anew. What is still wrong afterwards stays named.
pub async fn heal(registry: &Registry) -> Result<CheckReport, ActionError> {
    let before = check(registry).await?;
    if before.is_good() {
        return Ok(before);
    }
    for hash in &before.damaged.pictures {
        registry.blobs.set_aside(hash)?;
        registry.store.blob_lost(hash).await?;
    }
    let mut writing = registry.store.begin(registry.now()).await?;
    for (have, good) in &before.damaged.sessions {
        writing.cut_session(have, *good).await?;
    }
    for subject in &before.damaged.keys {
        writing.drop_key(*subject).await?;
    }
    writing.commit().await?;
    registry.store.rebuild(registry.now()).await?;
    let mut after = check(registry).await?;
    let still = |finding: &Finding| after.findings.iter().any(|now| now.what == finding.what);
    after.healed = before.findings.into_iter().filter(|finding| !still(finding)).collect();
    let rows = before.stale_rows.into_iter().map(|what| Finding::of(FolderPart::Tables, what));
    after.healed.extend(rows);
    Ok(after)
}

/// How many records of a session verify, and what is wrong with the next.
async fn verify_session(registry: &Registry, have: &Have) -> Result<(u64, Option<String>), ActionError> {
    let (mut verified, mut signer): (Option<Have>, Option<NodePublic>) = (None, None);
    loop {
        let len = verified.as_ref().map_or(0, |verified| verified.len);
        if len >= have.len {
            let same = verified.as_ref().is_some_and(|verified| verified == have);
            let wrong = "the last record is not the one that was noted";
            return Ok((len, (!same).then(|| wrong.to_owned())));
        }
        let run = match registry.store.run(have.stream, have.session, len, have.len, RUN_BYTES_MAX).await {
            Ok(Some(run)) => run,
            Ok(None) => return Ok((len, Some(format!("records from {len} to {} are missing", have.len)))),
            Err(error) if error.is_damage() => {
                return Ok((len, Some(format!("records from {len} on: {}", told(&error)))));
            }
            Err(error) => return Err(error.into()),
        };
        if signer.as_ref().is_none_or(|signer| signer.id() != run.head.signer) {
            signer = signer_of(registry, &run.head).await?;
        }
        let Some(signer) = &signer else {
            return Ok((len, Some(format!("signed by {}, unknown here", run.head.signer))));
        };
        match verify_run(verified.as_ref(), &run, signer) {
            Ok(next) => verified = Some(next.have),
            Err(error) => return Ok((len, Some(format!("records from {len} on: {error}")))),
        }
    }
}

async fn signer_of(registry: &Registry, head: &loket_sync::Head) -> Result<Option<NodePublic>, ActionError> {
    let own = registry.store.node_key().public();
    if own.id() == head.signer {
        return Ok(Some(own));
    }
    Ok(registry.store.node(head.signer).await?.map(|node| node.public))
}
