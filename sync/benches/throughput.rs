//! How fast journals are, and how much memory their index takes: `cargo bench -p loket-sync`. It prints what it
//! measured and judges nothing; an office's drive decides the first line.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement prints, and stops at the first surprise"
)]

use std::path::Path;
use std::time::Instant;

use loket_sync::journal::Opening;
use loket_sync::{
    Journals, NewRecord, NodeId, NodeKey, NodePublic, OwnStream, StorageKey, StreamId, Subject,
};

fn signers(_stream: &StreamId, node: &NodeId) -> Option<NodePublic> {
    let public = NodeKey::from_seed([1; 32]).public();
    (public.id() == *node).then_some(public)
}

fn open(folder: &Path) -> Journals {
    let storage_key = StorageKey::from_bytes([3; 32]);
    let stream = "office/karimun".parse().unwrap();
    let own =
        OwnStream { stream, node_key: NodeKey::from_seed([1; 32]), storage_key, software: "test".into() };
    Journals::open_with(folder, own, &signers, Opening { reserve_bytes: 0, ..Opening::default() }).unwrap().0
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or("0 0 kB");
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn main() {
    const RECORDS: u64 = 200_000;
    let folder = tempfile::tempdir().unwrap();
    let mut journals = open(folder.path());
    let body =
        br#"{"fact":"arrived","by":"officer-17","counter":"3","note":"dokumen lengkap, KTP dan KK asli"}"#;
    let subjects: Vec<Subject> = (0..2000).map(|_| Subject::draw()).collect();
    for group in [1, 64, 1000] {
        let count = RECORDS.min(group * 500);
        let start = Instant::now();
        for number in 0..count {
            let subject = subjects[usize::try_from(number).unwrap() % subjects.len()];
            journals.append(&NewRecord { at_ms: 1, kind: 9, flags: 0, subject, body }).unwrap();
            if (number + 1) % group == 0 {
                journals.commit().unwrap();
            }
        }
        let per_second = u128::from(count) * 1000 / start.elapsed().as_millis();
        println!("append in groups of {group}: {per_second} records/s");
    }
    journals.commit().unwrap();
    let len = journals.reader().vector()[0].len;
    drop(journals);
    let before_kib = resident_kib();
    let start = Instant::now();
    let journals = open(folder.path());
    println!("open and verify {len} records: {:.2} s", start.elapsed().as_secs_f64());
    println!("memory after opening: {} KiB more", resident_kib().saturating_sub(before_kib));
    let start = Instant::now();
    assert_eq!(journals.reader().scan(&[]).map(Result::unwrap).count() as u64, len);
    println!("scan: {:.2} s", start.elapsed().as_secs_f64());
}
