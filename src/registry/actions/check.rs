//! Is everything that was acknowledged still there and whole? Every chain from its first record, every signature, every
//! picture, those that should lie here and do not included; and whether the derived rows say what the journals say.

use loket_sync::{Have, NodePublic, verify_run};
use serde::Serialize;

use super::offices::shared_streams;
use super::{ActionError, Registry};

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
    /// What is wrong and cannot be computed anew.
    pub findings: Vec<String>,
    /// Derived rows that do not say what the journals say; a rebuild mends them.
    pub stale_rows: Vec<String>,
}

impl CheckReport {
    /// Whether nothing at all is wrong.
    pub fn is_good(&self) -> bool {
        self.findings.is_empty() && self.stale_rows.is_empty()
    }
}

/// Verifies the journals of all offices, both ways, the pictures and the derived rows.
pub async fn check(registry: &Registry) -> Result<CheckReport, ActionError> {
    let mut report = CheckReport::default();
    for row in registry.store.offices().await? {
        let internal = |error: loket_sync::ids::IdError| ActionError::Internal(error.to_string());
        let streams = shared_streams(&row.office.code).map_err(internal)?;
        for have in registry.store.vector(&streams).await? {
            report.sessions += 1;
            match verify_session(registry, &have).await? {
                Ok(records) => report.records += records,
                Err(what) => report.findings.push(format!("{}/{}: {what}", have.stream, have.session)),
            }
        }
    }
    report.pictures = registry.blobs.list()?.0.len();
    for finding in registry.blobs.verify_all()? {
        report.findings.push(format!("{}: {}", finding.file.display(), finding.what));
    }
    for hash in registry.store.stored_blobs().await? {
        if !registry.blobs.has(&hash) {
            report.findings.push(format!("picture {hash}: it was stored and is gone"));
        }
    }
    report.findings.extend(registry.store.erasure_faults().await?);
    // Rows of damaged journals cannot be computed.
    if report.findings.is_empty() {
        report.stale_rows = registry.store.stale_rows(registry.now()).await?;
    }
    Ok(report)
}

/// How many records of a session verify, or what is wrong with it.
async fn verify_session(registry: &Registry, have: &Have) -> Result<Result<u64, String>, ActionError> {
    let (mut verified, mut signer): (Option<Have>, Option<NodePublic>) = (None, None);
    loop {
        let len = verified.as_ref().map_or(0, |verified| verified.len);
        if len >= have.len {
            let same = verified.as_ref().is_some_and(|verified| verified == have);
            return Ok(if same {
                Ok(len)
            } else {
                Err("the last record is not the one that was noted".into())
            });
        }
        let run = registry.store.run(have.stream, have.session, len, have.len, RUN_BYTES_MAX).await?;
        let Some(run) = run else {
            return Ok(Err(format!("records from {len} to {} are missing", have.len)));
        };
        if signer.as_ref().is_none_or(|signer| signer.id() != run.head.signer) {
            signer = signer_of(registry, &run.head).await?;
        }
        let Some(signer) = &signer else {
            return Ok(Err(format!("signed by {}, unknown here", run.head.signer)));
        };
        match verify_run(verified.as_ref(), &run, signer) {
            Ok(next) => verified = Some(next.have),
            Err(error) => return Ok(Err(error.to_string())),
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
