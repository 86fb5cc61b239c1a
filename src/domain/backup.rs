//! Backups as the office has them on record: that one was made, and that this node was made from one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A backup of this node was made, read back and verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupMade {
    /// When.
    pub at: DateTime<Utc>,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Records in it.
    pub records: u64,
    /// Pictures in it.
    pub pictures: u64,
    /// Whether headquarters' recovery key opens it, should this node's own key be lost.
    pub recoverable: bool,
}

/// This node's folder was made from a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeRestored {
    /// When.
    pub at: DateTime<Utc>,
    /// When the backup was made.
    pub backup_at: DateTime<Utc>,
    /// What opened it.
    pub opened_by: OpenedBy,
    /// Whether the node got a new identity, because the old one may be in other hands.
    pub new_identity: bool,
}

/// What opened a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OpenedBy {
    /// The node's own key.
    NodeKey,
    /// Headquarters' recovery key.
    RecoveryKey,
}

/// A size as people read it.
pub fn size(bytes: u64) -> String {
    if bytes < 1_000_000 {
        format!("{} kB", bytes.div_ceil(1000))
    } else {
        format!("{} MB", bytes / 1_000_000)
    }
}

/// Whether it is time for a backup: the last one is older than so many days, or there is none.
pub fn is_due(last: Option<DateTime<Utc>>, now: DateTime<Utc>, days_max: u16) -> bool {
    last.is_none_or(|last| now - last > chrono::TimeDelta::days(i64::from(days_max)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_due_when_the_last_one_is_older_than_the_setting_says() {
        let now: DateTime<Utc> = "2026-11-23T01:05:00Z".parse().unwrap();
        let ago = |hours| Some(now - chrono::TimeDelta::hours(hours));
        assert!(is_due(None, now, 2));
        assert!(!is_due(ago(48), now, 2));
        assert!(is_due(ago(49), now, 2));
        assert!(!is_due(Some(now + chrono::TimeDelta::hours(5)), now, 2), "a clock that went back");
    }
}
