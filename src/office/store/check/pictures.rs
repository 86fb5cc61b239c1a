//! The pictures of a stopped node: is every one there that facts name, and unchanged?

use std::collections::BTreeSet;
use std::path::Path;

use loket_sync::{Blobs, Hash};

use super::super::OpenError;
use super::super::pictures::PICTURE_FOLDER;
use super::super::tables;
use super::super::tree::Tree;
use super::CheckReport;
use crate::domain::damage::FolderPart;

/// Reads every sealed file, one after the other, and names those that facts speak of and that are not there. `drawn`
/// says what facts speak of; `tables` what has arrived or is at headquarters.
pub(super) fn verify(
    dir: &Path,
    drawn: Option<&Tree>,
    tables: Option<&Tree>,
    report: &mut CheckReport,
) -> Result<(), OpenError> {
    let blobs = Blobs::open(&dir.join(PICTURE_FOLDER))?;
    let (files, _) = blobs.list()?;
    report.pictures = files.len();
    let has = |table: &tables::Table<()>, hash: &Hash| {
        tables.and_then(|tree| table.get(tree, &hash.0).ok().flatten()).is_some()
    };
    for finding in blobs.verify_all()? {
        let what = format!("{}: {}", finding.file.display(), finding.what);
        report.found(FolderPart::Pictures, what).in_file(finding.file.display(), None);
    }
    let Some(drawn) = drawn else { return Ok(()) };
    let mut strays: BTreeSet<Hash> = files.into_iter().collect();
    let mut named = Vec::new();
    tables::PICTURES.each(drawn, |key, row| {
        let Some(hash) = key.first_chunk::<32>().map(|bytes| Hash(*bytes)) else { return };
        strays.remove(&hash);
        if !blobs.has(&hash) {
            named.push((hash, row.own));
        }
    })?;
    for (hash, own) in named {
        let file = blobs.file(&hash);
        let at_headquarters = has(&tables::PICTURES_SENT, &hash);
        let what = if own && !at_headquarters {
            "the picture is not here, and headquarters may not have it"
        } else {
            "the picture is not here; headquarters has it"
        };
        if own || has(&tables::PICTURES_HERE, &hash) {
            let what = format!("{}: {what}", file.display());
            report.found(FolderPart::Pictures, what).in_file(file.display(), None);
        } else {
            report
                .note(FolderPart::Pictures, format!("{hash} is not here yet"))
                .in_file(file.display(), None);
        }
    }
    for hash in strays {
        report.note(FolderPart::Pictures, format!("{hash} is named by no fact; it is swept later"));
    }
    Ok(())
}
