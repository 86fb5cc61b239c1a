//! When the last backup was made, in words, and whether the next one is due.

use crate::domain::backup::{self, BackupMade};
use crate::domain::setting::Settings;
use crate::web::page::Shell;

/// What pages say about backups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BackupTold {
    /// When the last one was made, and its size.
    pub last: String,
    /// Whether it is time for another.
    pub is_due: bool,
}

impl BackupTold {
    /// Puts the last backup into words.
    pub fn of(shell: &Shell, last: Option<&BackupMade>, settings: &Settings) -> Self {
        let words = shell.words;
        let is_due = backup::is_due(last.map(|last| last.at), shell.now, settings.backup_days_max);
        let last = last.map_or_else(
            || words.sync_backup_never(),
            |last| {
                let when = shell.dates.since(last.at, shell.now);
                words.sync_backup_made(when, backup::size(last.bytes))
            },
        );
        Self { last, is_due }
    }
}
