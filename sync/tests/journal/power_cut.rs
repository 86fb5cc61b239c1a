//! The power goes at every single act on the disk, and what was not synced fares as badly as it can. No node here has
//! another side to ask: whatever happens, it must open again by itself.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use loket_sync::disk::virtual_disk::VirtualDisk;
use loket_sync::journal::Opening;
use loket_sync::{Disk, Faults, Journals};

use crate::folder::{open_with, small, try_append, words};

/// Ways in which one power cut may fall out.
const CUTS: u64 = 12;

/// From a certain act on nothing is done any more: the process is dead.
struct DeadFrom {
    acts: AtomicU64,
    due_at: u64,
}

impl DeadFrom {
    fn act(&self) -> io::Result<()> {
        let is_dead = self.acts.fetch_add(1, Ordering::SeqCst) + 1 >= self.due_at;
        if is_dead { Err(io::ErrorKind::Interrupted.into()) } else { Ok(()) }
    }

    fn is_dead(&self) -> bool {
        self.acts.load(Ordering::SeqCst) >= self.due_at
    }
}

impl Faults for DeadFrom {
    fn write(&self, _path: &Path, len: usize) -> usize {
        if self.act().is_ok() { len } else { len / 2 }
    }

    fn sync(&self, _path: &Path) -> io::Result<()> {
        self.act()
    }

    fn change(&self, _path: &Path) -> io::Result<()> {
        self.act()
    }
}

/// Opens on a disk that dies at an act; whether it did.
fn life(
    memory: &VirtualDisk,
    due_at: u64,
    number: u8,
    live: impl FnOnce(&mut Journals, u8) -> Vec<String>,
) -> (bool, Vec<String>) {
    let faults = Arc::new(DeadFrom { acts: AtomicU64::new(0), due_at });
    let disk = Disk::in_memory(memory.clone()).failing(Arc::<DeadFrom>::clone(&faults));
    let opening = Opening { disk, segment_bytes_max: 600, ..small() };
    let acknowledged = match open_with(Path::new("/journal"), opening) {
        Ok((mut journals, report)) => {
            assert!(report.missing.is_empty() && report.marked.is_none(), "{report:?}");
            live(&mut journals, number)
        }
        Err(error) => {
            assert!(faults.is_dead(), "act {due_at}: {error}");
            Vec::new()
        }
    };
    (faults.is_dead(), acknowledged)
}

/// Writes three groups; returns what was acknowledged.
fn write_groups(journals: &mut Journals, number: u8) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for group in 0..3 {
        let words = [0, 1].map(|part| format!("{number}-{group}-{part}"));
        let appended = words.iter().all(|word| try_append(journals, number, word).is_ok());
        if appended && journals.commit().is_ok() {
            acknowledged.extend(words);
        }
    }
    acknowledged
}

fn healthy(memory: &VirtualDisk) -> Vec<String> {
    let opening = Opening { disk: Disk::in_memory(memory.clone()), ..small() };
    words(&open_with(Path::new("/journal"), opening).unwrap().0)
}

#[test]
fn whenever_the_power_goes_nothing_acknowledged_is_lost_and_no_group_is_half() {
    for due_at in 1.. {
        let mut is_over = false;
        for seed in 0..CUTS {
            let memory = VirtualDisk::new();
            let (is_dead, mut acknowledged) = life(&memory, due_at, 1, write_groups);
            is_over = !is_dead;
            memory.power_cut(seed);
            // The second life is cut too, while it heals what the first left behind.
            let (_, more) = life(&memory, 1 + seed * due_at % 20, 2, write_groups);
            acknowledged.extend(more);
            memory.power_cut(seed + 1000);
            let found = healthy(&memory);
            let lost: Vec<&String> = acknowledged.iter().filter(|word| !found.contains(word)).collect();
            assert!(lost.is_empty(), "act {due_at}, seed {seed}: {lost:?} of {found:?}");
            for word in &found {
                let (group, _) = word.rsplit_once('-').unwrap();
                let parts = found.iter().filter(|other| other.starts_with(&format!("{group}-"))).count();
                assert_eq!(parts, 2, "act {due_at}, seed {seed}: {word} of {found:?}");
            }
        }
        if is_over {
            break;
        }
    }
}

#[test]
fn a_journal_whose_segments_are_not_synced_does_lose() {
    let lost = (0..CUTS).any(|seed| {
        let memory = VirtualDisk::new();
        memory.ignore_syncs(|path| path.extension().is_some_and(|end| end == "seg"));
        let (_, acknowledged) = life(&memory, u64::MAX, 1, write_groups);
        memory.power_cut(seed);
        healthy(&memory) != acknowledged
    });
    assert!(lost, "the virtual disk is too kind");
}

#[test]
fn what_a_killed_process_left_unsynced_and_the_next_one_shows_survives_a_power_cut() {
    for due_at in 1..60 {
        for seed in 0..4 {
            let memory = VirtualDisk::new();
            life(&memory, due_at, 1, write_groups);
            let shown = healthy(&memory);
            memory.power_cut(seed);
            assert_eq!(healthy(&memory), shown, "act {due_at}, seed {seed}");
        }
    }
}
