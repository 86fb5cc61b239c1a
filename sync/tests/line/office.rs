//! An office for the line: journals and blobs in a temporary folder.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use loket_sync::drive::{Drive, Replica, Signal, Uplink};
use loket_sync::exchange::{Alarm, LineSettings, Now};
use loket_sync::journal::{Opening, Signers};
use loket_sync::{
    Blobs, Hash, Journals, KeyGrant, Line, LineError, LineState, NewRecord, NodeId, NodeKey, NodePublic,
    OwnStream, Range, Run, SessionId, StorageKey, StoreId, StreamId, Subject, Vector,
};
use tempfile::TempDir;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::Instant;

pub fn key() -> NodeKey {
    NodeKey::from_seed([1; 32])
}

pub fn shared() -> BTreeSet<StreamId> {
    ["hq/karimun", "office/karimun"].map(|stream| stream.parse().unwrap()).into()
}

pub fn signers(stream: &StreamId, node: &NodeId) -> Option<NodePublic> {
    let public = if stream.group() == "hq" { super::server::key() } else { key() }.public();
    (public.id() == *node).then_some(public)
}

pub fn open(folder: &TempDir, stream: &str, node_key: NodeKey) -> Journals {
    let storage_key = StorageKey::from_bytes([3; 32]);
    let own = OwnStream { stream: stream.parse().unwrap(), node_key, storage_key, software: "test".into() };
    let opening = Opening { reserve_bytes: 0, floor_bytes: 0, ..Opening::default() };
    Journals::open_with(&folder.path().join("journal"), own, &signers, opening).unwrap().0
}

pub fn write(journals: &Mutex<Journals>, words: &str) {
    let mut journals = journals.lock().unwrap();
    let body = words.as_bytes();
    journals.append(&NewRecord { at_ms: 1, kind: 9, flags: 0, subject: Subject::draw(), body }).unwrap();
    journals.commit().unwrap();
}

pub fn words(journals: &Mutex<Journals>) -> Vec<String> {
    let reader = journals.lock().unwrap().reader();
    let records = reader.scan(&[]).map(Result::unwrap).filter(|record| record.header.kind == 9);
    let mut found: Vec<(String, u64, String)> = records
        .map(|record| {
            let words = String::from_utf8(reader.open(&record).unwrap()).unwrap();
            (record.header.stream.to_string(), record.header.seq, words)
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, _, words)| words).collect()
}

pub fn receive(journals: &Mutex<Journals>, runs: &[Run], keys: &[KeyGrant], own: &NodeKey) -> u64 {
    let mut journals = journals.lock().unwrap();
    let mut received = 0;
    for run in runs {
        let signer = Signers::signer(&signers, &run.head.have(), &run.head.signer).unwrap();
        received += journals.receive(run, &signer).unwrap().new_records;
    }
    for grant in keys {
        journals.add_key(grant.subject, &grant.open(own).unwrap()).unwrap();
    }
    journals.commit().unwrap();
    received
}

pub struct Inner {
    journals: Mutex<Journals>,
    pub blobs: Blobs,
    wanted: Mutex<Vec<Hash>>,
    pub blob_arrived: Notify,
    pub alarms: Mutex<Vec<Alarm>>,
    /// Blobs that the other side has.
    pub there: Mutex<Vec<Hash>>,
    folder: TempDir,
}

#[derive(Clone)]
pub struct Office(Arc<Inner>);

impl std::ops::Deref for Office {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Office {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self(Arc::new(Inner {
            journals: Mutex::new(open(&folder, "office/karimun", key())),
            blobs: Blobs::open(&folder.path().join("blobs")).unwrap(),
            wanted: Mutex::new(Vec::new()),
            blob_arrived: Notify::new(),
            alarms: Mutex::default(),
            there: Mutex::default(),
            folder,
        }))
    }

    pub fn want(&self, hash: Hash) {
        self.wanted.lock().unwrap().push(hash);
    }

    /// Changes the bytes of a blob.
    pub fn damage(&self, hash: &Hash) {
        let name = hash.to_string();
        std::fs::write(self.folder.path().join("blobs").join(&name[..2]).join(name), b"damage").unwrap();
    }

    pub fn write(&self, text: &str) {
        write(&self.journals, text);
    }

    pub fn words(&self) -> Vec<String> {
        words(&self.journals)
    }

    pub fn connect<U: Uplink + 'static>(
        &self,
        uplink: U,
    ) -> (mpsc::Sender<Signal>, watch::Receiver<LineState>) {
        let start = Instant::now();
        let (signals, heard) = mpsc::channel(8);
        let (shown, state) = watch::channel(LineState::default());
        let drive = Drive {
            replica: self.clone(),
            uplink,
            clock: move || Now { steady_ms: u64::try_from(start.elapsed().as_millis()).unwrap(), wall_ms: 1 },
            node: key().id(),
            store: StoreId([1; 16]),
            process: SessionId([1; 16]),
            own_stream: "office/karimun".parse().unwrap(),
            shared: shared(),
        };
        tokio::spawn(drive.run(Line::new(LineSettings::new(shared(), 1)), heard, shown));
        (signals, state)
    }
}

impl Replica for Office {
    async fn vector(&self) -> Result<Vector, LineError> {
        Ok(self.journals.lock().unwrap().reader().vector())
    }

    async fn runs(&self, ranges: Vec<Range>, bytes_max: usize) -> Result<Vec<Run>, LineError> {
        Ok(self.journals.lock().unwrap().reader().runs(&ranges, bytes_max).unwrap())
    }

    async fn grants(&self, subjects: Vec<Subject>) -> Result<Vec<KeyGrant>, LineError> {
        let reader = self.journals.lock().unwrap().reader();
        let to = super::server::key().public();
        let known = subjects.into_iter().filter_map(|subject| Some((subject, reader.key(&subject)?)));
        Ok(known.map(|(subject, key)| KeyGrant::seal(subject, &key, &to)).collect())
    }

    async fn wanted_keys(&self) -> Result<Vec<Subject>, LineError> {
        Ok(self.journals.lock().unwrap().wanted_keys().collect())
    }

    async fn receive(&self, runs: Vec<Run>, keys: Vec<KeyGrant>) -> Result<u64, LineError> {
        Ok(receive(&self.journals, &runs, &keys, &key()))
    }

    async fn offered_blobs(&self, _len_max: usize) -> Result<Vec<Hash>, LineError> {
        Ok(Vec::new())
    }

    async fn wanted_blobs(&self, len_max: usize) -> Result<Vec<Hash>, LineError> {
        let wanted = self.wanted.lock().unwrap();
        Ok(wanted.iter().filter(|hash| !self.blobs.has(hash)).take(len_max).copied().collect())
    }

    async fn blob_len(&self, hash: &Hash) -> Result<Option<u64>, LineError> {
        Ok(self.blobs.len(hash))
    }

    async fn is_blob_sound(&self, hash: &Hash) -> Result<bool, LineError> {
        Ok(self.blobs.is_sound(hash).unwrap())
    }

    async fn read_chunk(&self, hash: &Hash, offset: u64, len_max: usize) -> Result<Vec<u8>, LineError> {
        Ok(self.blobs.chunk(hash, offset, len_max).unwrap().unwrap())
    }

    async fn part_len(&self, hash: &Hash) -> Result<u64, LineError> {
        Ok(self.blobs.offset(hash))
    }

    async fn write_chunk(&self, hash: &Hash, offset: u64, bytes: Vec<u8>, len: u64) -> Result<(), LineError> {
        self.blobs.append_chunk(hash, offset, &bytes, len).unwrap();
        if self.blobs.has(hash) {
            self.blob_arrived.notify_one();
        }
        Ok(())
    }

    async fn blob_arrived_there(&self, hash: &Hash) {
        self.there.lock().unwrap().push(*hash);
    }

    async fn alarm(&self, alarm: Alarm) {
        self.alarms.lock().unwrap().push(alarm);
    }
}
