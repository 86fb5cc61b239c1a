//! Acknowledged records that the journals of a stopped node do not hold: which, and in which file they were.

use std::collections::BTreeSet;

use loket_sync::Have;
use loket_sync::journal::{Inspected, What};

use super::super::StoreError;
use super::super::open;
use super::super::tables;
use super::super::tree::Tree;
use super::CheckReport;
use crate::domain::damage::{FolderPart, MissingRecords};

/// Names records that were missing when damage was mended and have not come back.
pub(super) fn since_mended(
    found: &Inspected,
    drawn: &Tree,
    report: &mut CheckReport,
) -> Result<(), StoreError> {
    let mut missing = BTreeSet::new();
    for (_, some) in tables::MISSING.scan(drawn, &[])? {
        missing.extend(some.into_iter().filter(|it| here(found, it).map_or(0, |have| have.len) < it.to));
    }
    for it in &missing {
        name(found, it, report);
    }
    Ok(())
}

/// Names who was erased here though no fact says so any more: damage took it, and headquarters was set back to before
/// it, or it would have come again.
pub(super) fn erasures(found: &Inspected, drawn: &Tree, report: &mut CheckReport) -> Result<(), StoreError> {
    for subject in found.reader.forgotten() {
        if tables::ERASED.get(drawn, subject.as_bytes())?.is_none() {
            let what = format!(
                "subject {subject} was erased here, and no fact says so; unless it comes with the next exchange, \
                 headquarters must erase it again"
            );
            report.found(FolderPart::Journals, what);
        }
    }
    Ok(())
}

/// Names records of one session, with the file they are missing from.
pub(super) fn name(found: &Inspected, it: &MissingRecords, report: &mut CheckReport) {
    let what = format!("acknowledged records are missing: {}", open::told(std::slice::from_ref(it)));
    let (Ok(stream), Ok(session)) = (it.stream.parse(), it.session.parse()) else {
        report.found(FolderPart::Journals, what);
        return;
    };
    let next = found.reader.next_segment(&stream, &session);
    let folder = next.parent().unwrap_or(&next);
    if here(found, it).is_some_and(|have| have.len >= it.to) {
        let what = format!("{}: other records stand here; {what}", folder.display());
        report.found(FolderPart::Journals, what).in_file(folder.display(), None);
        return;
    }
    // A group that looks unfinished was acknowledged, for somebody knows it: its place is what must be named.
    let looks_unfinished = |what: &What| {
        matches!(what, What::Unfinished | What::Torn { .. } | What::Frame | What::SegmentHeader)
    };
    let mut notes = found.report.notes.iter();
    let place = notes.find(|note| looks_unfinished(&note.what) && note.file.parent() == Some(folder));
    if let Some(place) = place {
        let what = format!("{place}: {what}");
        report.found(FolderPart::Journals, what).in_file(place.file.display(), Some(place.offset));
    } else {
        let what = format!("{}: the file, or the end of the one before it, is gone; {what}", next.display());
        report.found(FolderPart::Journals, what).in_file(next.display(), None);
    }
}

/// What is here of the session.
fn here<'a>(found: &'a Inspected, it: &MissingRecords) -> Option<&'a Have> {
    let vector = &found.report.vector;
    vector.iter().find(|have| have.stream.as_str() == it.stream && have.session.to_string() == it.session)
}
