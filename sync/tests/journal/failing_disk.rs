//! A disk that fails at any act, syncs in a certain order, or is nearly full.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use loket_sync::journal::{AppendError, JournalFailed, Opening};
use loket_sync::{Disk, Faults};

use crate::folder::{append, open, open_with, small, try_append, words};

/// Fails the n-th act, and keeps the order of all syncs.
#[derive(Default)]
struct FailAt {
    acts: AtomicUsize,
    due_at: usize,
    write_bytes: usize,
    free_bytes: Mutex<Option<u64>>,
    synced: Mutex<Vec<PathBuf>>,
}

impl FailAt {
    fn is_due(&self) -> bool {
        self.acts.fetch_add(1, Ordering::SeqCst) + 1 == self.due_at
    }
}

impl Faults for FailAt {
    fn write(&self, _path: &Path, len: usize) -> usize {
        if self.is_due() { self.write_bytes } else { len }
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.synced.lock().unwrap().push(path.to_owned());
        if self.is_due() { Err(io::Error::other("the disk is gone")) } else { Ok(()) }
    }

    fn free_bytes(&self) -> Option<u64> {
        *self.free_bytes.lock().unwrap()
    }
}

fn with_faults(faults: FailAt) -> (Arc<FailAt>, Opening) {
    let faults = Arc::new(faults);
    (Arc::clone(&faults), Opening { disk: Disk::with_faults(faults), ..small() })
}

#[test]
fn after_any_failed_act_nothing_more_is_written_and_nothing_acknowledged_is_lost() {
    for due_at in 1.. {
        let folder = tempfile::tempdir().unwrap();
        let (faults, opening) = with_faults(FailAt { due_at, write_bytes: 40, ..FailAt::default() });
        let mut acknowledged = Vec::new();
        let mut failed: Option<JournalFailed> = None;
        if let Ok((mut journals, _)) = open_with(folder.path(), opening) {
            for number in 1..6 {
                let Ok(_) = try_append(&mut journals, number, &format!("record {number}")) else { break };
                match journals.commit() {
                    Ok(_) => acknowledged.push(format!("record {number}")),
                    Err(error) => failed = Some(error),
                }
            }
            if failed.is_some() {
                assert!(matches!(try_append(&mut journals, 9, "late"), Err(AppendError::Failed(_))));
                assert!(journals.commit().is_err());
                assert_eq!(words(&journals), acknowledged, "only what is durable is read");
            }
        }
        let is_over = faults.acts.load(Ordering::SeqCst) < due_at;
        let (journals, _) = open(folder.path());
        let found = words(&journals);
        assert!(
            found.starts_with(&acknowledged),
            "failed act {due_at}: {found:?}, acknowledged {acknowledged:?}"
        );
        assert!(found.len() <= acknowledged.len() + 1, "at most the group of unknown outcome");
        if is_over {
            assert_eq!(acknowledged.len(), 5);
            break;
        }
    }
}

#[test]
fn a_key_is_on_the_disk_before_the_record_that_needs_it() {
    let folder = tempfile::tempdir().unwrap();
    let (faults, opening) = with_faults(FailAt::default());
    let (mut journals, _) = open_with(folder.path(), opening).unwrap();
    append(&mut journals, 1, "first");
    faults.synced.lock().unwrap().clear();
    journals.commit().unwrap();
    let synced = faults.synced.lock().unwrap().clone();
    let place = |end: &str| synced.iter().position(|path| path.to_string_lossy().ends_with(end)).unwrap();
    assert!(place("keys.seg") < place("000001.seg"));
    append(&mut journals, 1, "second");
    faults.synced.lock().unwrap().clear();
    journals.commit().unwrap();
    assert_eq!(faults.synced.lock().unwrap().len(), 1, "one sync for a group without news");
}

#[test]
fn a_nearly_full_disk_refuses_new_acts_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let (faults, opening) = with_faults(FailAt::default());
    *faults.free_bytes.lock().unwrap() = Some(2000);
    let (mut journals, _) = open_with(folder.path(), Opening { floor_bytes: 1000, ..opening }).unwrap();
    append(&mut journals, 1, "fits");
    journals.commit().unwrap();
    *faults.free_bytes.lock().unwrap() = Some(999);
    assert!(matches!(try_append(&mut journals, 1, "no"), Err(AppendError::StorageLow { free_bytes: 999 })));
    *faults.free_bytes.lock().unwrap() = Some(1001);
    append(&mut journals, 1, "fits again");
    journals.commit().unwrap();
    assert_eq!(words(&journals).len(), 2);
}
