//! A node's journals in a temporary folder, and short ways to write and read them.

use std::fs;
use std::path::{Path, PathBuf};

use loket_sync::journal::{AppendError, OpenError, OpenReport, Opening};
use loket_sync::{
    Have, Journals, NewRecord, NodeId, NodeKey, NodePublic, OwnStream, Pos, Range, Run, StorageKey, StreamId,
    Subject,
};

const KIND: u16 = 40;

pub(crate) fn office() -> NodeKey {
    NodeKey::from_seed([1; 32])
}

pub(crate) fn registry() -> NodeKey {
    NodeKey::from_seed([2; 32])
}

pub(crate) fn signers(_stream: &StreamId, node: &NodeId) -> Option<NodePublic> {
    [office(), registry()].iter().map(NodeKey::public).find(|public| public.id() == *node)
}

pub(crate) fn own(stream: &str, node_key: NodeKey) -> OwnStream {
    let storage_key = StorageKey::from_bytes([3; 32]);
    OwnStream { stream: stream.parse().unwrap(), node_key, storage_key, software: "loket test".into() }
}

pub(crate) fn small() -> Opening {
    Opening { segment_bytes_max: 2000, floor_bytes: 0, reserve_bytes: 0, ..Opening::default() }
}

pub(crate) fn open_with(folder: &Path, opening: Opening) -> Result<(Journals, OpenReport), OpenError> {
    Journals::open_with(folder, own("office/karimun", office()), &signers, opening)
}

pub(crate) fn open(folder: &Path) -> (Journals, OpenReport) {
    open_with(folder, small()).unwrap()
}

/// As if the process that had the journals open had not ended in order, and died before it could say how far it had
/// synced.
pub(crate) fn crashed(folder: &Path) {
    fs::write(folder.join("running"), []).unwrap();
    fs::remove_file(folder.join("mark")).unwrap_or_default();
}

pub(crate) fn subject(number: u8) -> Subject {
    Subject([number; 16])
}

pub(crate) fn append(journals: &mut Journals, number: u8, body: &str) -> Pos {
    try_append(journals, number, body).unwrap()
}

pub(crate) fn try_append(journals: &mut Journals, number: u8, body: &str) -> Result<Pos, AppendError> {
    let new = NewRecord { at_ms: 5, kind: KIND, flags: 0, subject: subject(number), body: body.as_bytes() };
    journals.append(&new)
}

/// All words that can be read, in the order of the scan.
pub(crate) fn words(journals: &Journals) -> Vec<String> {
    let reader = journals.reader();
    let records = reader.scan(&[]).map(Result::unwrap).filter(|record| record.header.kind == KIND);
    records.map(|record| String::from_utf8(reader.open(&record).unwrap()).unwrap()).collect()
}

pub(crate) fn segments(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for stream in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let is_stream = stream.file_name().unwrap().to_str().unwrap().contains('_');
        for session in fs::read_dir(&stream).into_iter().flatten().filter(|_| is_stream) {
            found.extend(fs::read_dir(session.unwrap().path()).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    found.sort();
    found
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Everything one node has, as runs.
pub(crate) fn all_runs(journals: &Journals) -> Vec<Run> {
    let reader = journals.reader();
    let ranges: Vec<Range> = reader
        .vector()
        .into_iter()
        .map(|Have { stream, session, len, .. }| Range { stream, session, from: 0, to: len })
        .collect();
    reader.runs(&ranges, usize::MAX).unwrap()
}

/// How many messages the records of the only session take, one run in each, as small as its heads allow.
pub(crate) fn smallest_runs(journals: &Journals) -> usize {
    let reader = journals.reader();
    let Have { stream, session, len, .. } = reader.vector()[0];
    let (mut from, mut count) = (0, 0);
    while from < len {
        let runs = reader.runs(&[Range { stream, session, from, to: len }], 1).unwrap();
        from = runs[0].head.have().len;
        count += 1;
    }
    count
}
