//! The tables of a stopped node: are their files what they were at the stop, and the rows what the journals say?

use std::path::Path;

use loket_sync::JournalReader;
use loket_sync::journal::{Inspected, What};
use loket_sync::subject_keys::SUBJECT_KEY_FILE;

use super::super::digest::Digest;
use super::super::open;
use super::super::project::Here;
use super::super::tables::{self, VERSION};
use super::super::tree::{self, Tree};
use super::super::{JOURNAL_FOLDER, StoreError};
use super::{CheckReport, missing};
use crate::domain::damage::FolderPart;
use crate::sums::{self, Compared};

/// What to do about tables.
const REDRAW: &str = "they are drawn anew at the next start";

/// The tables as they lie there.
pub(super) struct Opened {
    /// Their rows, when sled opens them.
    tree: Option<Tree>,
    compared: Compared,
}

impl Opened {
    /// Opens the tables of a folder; names what their files show.
    pub(super) fn of(
        dir: &Path,
        reader: &JournalReader,
        here: Here<'_>,
        report: &mut CheckReport,
    ) -> Result<Self, StoreError> {
        let (folder, sums) = (dir.join(tree::FOLDER), open::sums_file(dir));
        if !folder.exists() {
            if sums.exists() {
                let what = format!("the folder of the tables is missing; {REDRAW}");
                report.found(FolderPart::Tables, what).in_file(folder.display(), None);
            } else {
                report.note(FolderPart::Tables, format!("there are no tables yet; {REDRAW}"));
            }
            return Ok(Self { tree: None, compared: Compared::NoSums });
        }
        let compared = sums::compare(&folder, &sums::files_under(&folder)?, &sums)?;
        match &compared {
            Compared::Differs { file, offset, what } => {
                let told = format!("{} at byte {offset}: {what}; {REDRAW}", file.display());
                report.found(FolderPart::Tables, told).in_file(file.display(), Some(*offset));
            }
            Compared::Unreadable => {
                let told = format!("{}: the sums over the tables are damaged; {REDRAW}", sums.display());
                report.found(FolderPart::Tables, told).in_file(sums.display(), None);
            }
            Compared::Same | Compared::NoSums => {}
        }
        let tree = match Tree::open(dir, here.key.clone(), tree::keys_of(reader)) {
            Ok(tree) => Some(tree),
            Err(error) => {
                report
                    .found(FolderPart::Tables, format!("{error}; {REDRAW}"))
                    .in_file(folder.display(), None);
                None
            }
        };
        Ok(Self { tree, compared })
    }

    /// The rows, if they can be read.
    pub(super) fn tree(&self) -> Option<&Tree> {
        self.tree.as_ref().filter(|tree| tree.fault().is_none())
    }

    /// Compares the rows with their own digest, with how far the journals go, and with what was drawn from them.
    pub(super) fn judge(
        &self,
        found: &Inspected,
        drawn: Option<Digest>,
        report: &mut CheckReport,
    ) -> Result<(), StoreError> {
        let Some(tree) = self.tree() else { return Ok(()) };
        match Self::compare(tree, found, drawn, report) {
            Err(error) if error.is_fault_of_tables() => {
                report.found(FolderPart::Tables, format!("{}; {REDRAW}", error.told()));
                Ok(())
            }
            compared => compared,
        }
    }

    fn compare(
        tree: &Tree,
        found: &Inspected,
        drawn: Option<Digest>,
        report: &mut CheckReport,
    ) -> Result<(), StoreError> {
        let missing = open::missing_records(tree, &found.reader)?;
        if !missing.is_empty() {
            for it in &missing {
                missing::name(found, it, report);
            }
            return Ok(());
        }
        let Some(meta) = tables::META.get(tree, &[])? else {
            report.found(FolderPart::Tables, format!("they are unfinished; {REDRAW}"));
            return Ok(());
        };
        if meta.version != VERSION {
            report.note(FolderPart::Tables, format!("they have version {}; {REDRAW}", meta.version));
            return Ok(());
        }
        let counted = open::digest_of(tree)?;
        // Rows are sealed with keys of people; keys that are gone are named as such.
        if tree.has_met_unreadable() {
            return Ok(());
        }
        if counted != meta.digest {
            let what = format!(
                "rows were lost or changed: digest {counted}, it should be {}; {REDRAW}",
                meta.digest
            );
            report.found(FolderPart::Tables, what);
            return Ok(());
        }
        let applied: Vec<_> = tables::APPLIED.scan(tree, &[])?.into_iter().map(|(_, have)| have).collect();
        let behind = found.reader.scan(&applied).next().is_some();
        if let Some(drawn) = drawn.filter(|drawn| !behind && *drawn != counted) {
            let what = format!(
                "they are not what the journals say: digest {counted}, it should be {drawn}; {REDRAW}"
            );
            report.found(FolderPart::Tables, what);
        }
        Ok(())
    }

    /// A key that is not here may still come, but for applications that could be read before.
    pub(super) fn look_for_keys(
        &self,
        dir: &Path,
        found: &Inspected,
        report: &mut CheckReport,
    ) -> Result<(), StoreError> {
        let is_named = report.findings.iter().any(|finding| finding.part == FolderPart::Keys);
        let Some(tree) = self.tree().filter(|_| !is_named) else { return Ok(()) };
        let mut gone = 0;
        for subject in &found.report.keys_missing {
            gone += usize::from(tables::SUMMARIES.is_there(tree, subject.as_bytes())?);
        }
        if gone > 0 {
            let file = dir.join(JOURNAL_FOLDER).join(SUBJECT_KEY_FILE);
            let what = format!("{}: {}", file.display(), What::KeysMissing(gone));
            report.found(FolderPart::Keys, what).in_file(file.display(), None);
        }
        Ok(())
    }

    /// Closes the tables. To look at them changes sled's files; sums that held are made anew.
    pub(super) fn close(self, dir: &Path) -> Result<(), StoreError> {
        let Some(tree) = self.tree.filter(Tree::was_settled) else { return Ok(()) };
        if self.compared != Compared::Same {
            return tree.settle();
        }
        // Before the sums: should they not be written, the next start compares all rows.
        sums::take_away(&open::sums_file(dir))?;
        tree.settle()?;
        drop(tree);
        if tree::is_quiet(dir) {
            let folder = dir.join(tree::FOLDER);
            sums::write(&folder, &sums::files_under(&folder)?, &open::sums_file(dir))?;
        }
        Ok(())
    }
}
