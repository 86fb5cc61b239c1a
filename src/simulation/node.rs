//! A node: a disk, and a process that comes and goes. The registry keeps one folder of journals for each office, where the
//! product has a database.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use loket_sync::disk::virtual_disk::{Image, VirtualDisk};
use loket_sync::journal::{OnDamage, OpenError, OpenReport, Opening, Standing};
use loket_sync::{
    Blobs, Disk, Faults, Have, JournalReader, Journals, NodeId, NodeKey, NodePublic, OwnStream, Pos,
    SessionId, StorageKey, StreamId, Subject, Vector,
};

use super::fold::{Fold, Learned, Reading, States};
use super::mutation::Mutation;
use crate::domain::office::OfficeCode;

/// Less room than this and nothing new is taken.
const FLOOR_BYTES: u64 = 1_500;
/// Room kept back for opening on a full disk.
const RESERVE_BYTES: u64 = 6_000;

/// What every node seals the keys of subjects with.
pub(super) const STORAGE_KEY: [u8; 32] = [3; 32];

/// What kind of node it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Registry,
    Office,
    Kit,
}

/// How far sessions go.
pub(super) type Lengths = BTreeMap<(StreamId, SessionId), u64>;

/// A node of the world.
#[expect(clippy::struct_excessive_bools, reason = "what became of a node are facts of their own")]
pub(super) struct Node {
    pub name: String,
    pub role: Role,
    pub code: Option<OfficeCode>,
    pub key: NodeKey,
    pub disk: VirtualDisk,
    pub process: Option<Process>,
    /// Number of starts.
    pub starts: u64,
    /// How far its clock is from the truth.
    pub ahead_ms: i64,
    /// What it shows, if it stands still.
    pub stuck_ms: Option<i64>,
    pub is_newer: bool,
    pub segment_bytes: u64,
    /// What it held durably when it was last asked.
    pub durable: Lengths,
    /// Its disk has failed, so it may come to hold less.
    pub disk_failed: bool,
    pub backups: Vec<Image>,
    pub restores: u64,
    /// Whether its next death takes the power along.
    pub dies_by_cut: bool,
    /// Vector and state when it went down.
    pub before: Option<(Vector, States)>,
    /// Kinds of the facts it wrote last.
    pub recent: BTreeSet<u16>,
    /// What it acknowledged without having it: a mutation uses it.
    pub acknowledged_gaps: Vector,
    /// Records of unknown kinds that it left out for ever: a mutation uses it.
    pub left_out: BTreeSet<Pos>,
    /// How many keys it had before this one.
    pub keys_before: usize,
    /// What it read at its last start.
    pub learned_at_start: Vec<Learned>,
    /// Files of places that somebody kept.
    pub places: Vec<(PathBuf, Vec<u8>)>,
    /// How long segments were when places were noted last: a mutation uses it.
    pub noted: Vec<(PathBuf, u64)>,
    /// Sessions of a revoked key that are kept aside here, as far as they were seen.
    pub aside: Vector,
    /// Of the registry: whom its folders speak of, by place, erasures among them.
    pub spoken: BTreeSet<(usize, Subject)>,
    /// A part of a backup was put back without the rest.
    pub is_half_restored: bool,
    /// It was switched off for ever.
    pub is_retired: bool,
    /// Its next start reads everything, because something that was read was not what was committed.
    pub is_doubted: bool,
}

/// A process of a node.
pub(super) struct Process {
    pub shards: Vec<Journals>,
    pub fold: Fold,
    pub blobs: Blobs,
    pub acts: Arc<Acts>,
    /// Whether it relies on places that nobody has verified since.
    pub is_relying: bool,
}

/// Counts acts on the disk, and ends the process at one of them.
#[derive(Debug)]
pub(super) struct Acts {
    /// Acts until the process dies.
    left: AtomicI64,
    /// Syncs until one fails.
    syncs_left: AtomicI64,
    dead: AtomicBool,
}

impl Acts {
    fn new() -> Self {
        let never = i64::MAX;
        Self { left: never.into(), syncs_left: never.into(), dead: false.into() }
    }

    /// Dies at the act after so many.
    pub(super) fn die_after(&self, acts: u64) {
        self.left.store(i64::try_from(acts).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// Takes back what was planned.
    pub(super) fn live_on(&self) {
        self.left.store(i64::MAX, Ordering::Relaxed);
        self.syncs_left.store(i64::MAX, Ordering::Relaxed);
    }

    pub(super) fn fail_sync_after(&self, syncs: u64) {
        self.syncs_left.store(i64::try_from(syncs).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// Nothing is done any more from here on, not even what a process that ends in order does last.
    pub(super) fn kill(&self) {
        self.dead.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    fn act(&self) -> io::Result<()> {
        if self.left.fetch_sub(1, Ordering::Relaxed) <= 0 {
            self.dead.store(true, Ordering::Relaxed);
        }
        if self.is_dead() { Err(io::ErrorKind::Interrupted.into()) } else { Ok(()) }
    }
}

impl Faults for Acts {
    fn write(&self, _path: &Path, len: usize) -> usize {
        if self.act().is_ok() { len } else { len / 2 }
    }

    fn sync(&self, _path: &Path) -> io::Result<()> {
        self.act()?;
        let fails = self.syncs_left.fetch_sub(1, Ordering::Relaxed) == 0;
        if fails { Err(io::Error::other("the drive does not answer")) } else { Ok(()) }
    }

    fn change(&self, _path: &Path) -> io::Result<()> {
        self.act()
    }
}

/// Why a node does not start.
#[derive(Debug)]
pub(super) enum NoStart {
    Died,
    Full,
    Other(String),
}

/// What a start found.
pub(super) struct Started {
    pub is_damaged: bool,
    /// It relied on places, and something had been written since they were noted.
    pub is_stale: bool,
    pub reports: Vec<OpenReport>,
    /// Last groups that a power cut tore, though their end was whole.
    pub torn: u64,
}

impl Node {
    /// Folders of its journals and the streams they write.
    pub(super) fn shards(&self) -> Vec<(PathBuf, &'static str)> {
        let own = self.code.as_ref().map_or("", OfficeCode::as_str);
        super::roster::own_streams(self.role, own)
            .into_iter()
            .map(|stream| (PathBuf::from(format!("/data/{}", stream.replace('/', "_"))), stream))
            .collect()
    }

    /// Opens everything. `dies_after` acts on the disk the process dies; `is_quick` says whether it may rely on places.
    pub(super) fn start(
        &mut self,
        (dies_after, is_quick): (Option<u64>, bool),
        sessions: &dyn Fn(usize, u64) -> SessionId,
        signers: &dyn loket_sync::Signers,
        reading: Reading,
    ) -> Result<Started, NoStart> {
        let acts = Arc::new(Acts::new());
        if let Some(left) = dies_after {
            acts.die_after(left);
        }
        self.starts += 1;
        let disk = Disk::in_memory(self.disk.clone()).failing(Arc::<Acts>::clone(&acts));
        let is_counted = reading.mutation == Some(Mutation::SessionsCounted);
        let number = |place: usize| {
            let (folder, stream) = &self.shards()[place];
            let own = folder.join(stream.replace('/', "_"));
            disk.list(&own).map_or(0, |sessions| sessions.len() as u64)
        };
        let is_relying = is_quick && self.has_places();
        let session = |place| sessions(place, if is_counted { number(place) } else { self.starts });
        let opened = self.open(&disk, is_quick, &session, signers);
        let (shards, reports) = opened.map_err(|error| no_start(&acts, &error))?;
        let blobs = Blobs::open_on(Path::new("/data/blobs"), disk);
        let blobs =
            blobs.map_err(
                |error| if acts.is_dead() { NoStart::Died } else { NoStart::Other(error.to_string()) },
            )?;
        let fold = Fold::leaving_out(self.left_out.clone());
        let is_stale = is_relying && reports.iter().any(|report| report.sessions_read > 0);
        let mut process = Process { shards, fold, blobs, acts, is_relying };
        let mut is_damaged = reports.iter().any(|report| !report.damaged.is_empty());
        let mut learned = process.fold.catch_up(&process.readers(), reading);
        if learned.is_err() && is_relying && self.disk_failed {
            // What a start that reads everything would have found.
            is_damaged = true;
            let found = process.read_again(signers).map_err(NoStart::Other)?;
            process.is_relying = false;
            process.set_aside(&found, signers).map_err(|error| {
                if process.acts.is_dead() { NoStart::Died } else { NoStart::Other(error.to_string()) }
            })?;
            process.fold = Fold::leaving_out(self.left_out.clone());
            learned = process.fold.catch_up(&process.readers(), reading);
        }
        self.learned_at_start = learned.map_err(|error| NoStart::Other(error.to_string()))?;
        self.process = Some(process);
        let torn = reports.iter().map(|report| report.torn.len() as u64).sum();
        Ok(Started { is_damaged, is_stale, reports, torn })
    }

    /// Opens the journals in all folders; `session` names the session that each begins.
    pub(super) fn open(
        &self,
        disk: &Disk,
        from_places: bool,
        session: &dyn Fn(usize) -> SessionId,
        signers: &dyn loket_sync::Signers,
    ) -> Result<(Vec<Journals>, Vec<OpenReport>), OpenError> {
        let mut opened = (Vec::new(), Vec::new());
        for (place, (folder, stream)) in self.shards().into_iter().enumerate() {
            let opening = Opening {
                from_places,
                disk: disk.clone(),
                // A disk that never failed shows no damage, whatever the power did: a node without a registry opens on it.
                on_damage: if self.disk_failed { OnDamage::SetAside } else { OnDamage::Refuse },
                segment_bytes_max: self.segment_bytes,
                floor_bytes: FLOOR_BYTES,
                reserve_bytes: RESERVE_BYTES,
                session: Some(session(place)),
            };
            let failed = |error: loket_sync::ids::IdError| OpenError::Io {
                folder: folder.clone(),
                source: io::Error::other(error),
            };
            let own = OwnStream {
                stream: StreamId::parse(stream).map_err(failed)?,
                node_key: self.key.clone(),
                storage_key: StorageKey::from_bytes(STORAGE_KEY),
                software: "simulation".to_owned(),
            };
            let (journals, report) = Journals::open_with(&folder, own, signers, opening)?;
            opened.0.push(journals);
            opened.1.push(report);
        }
        Ok(opened)
    }

    /// How far everything goes that is durable here: of a node that is down, as it was.
    pub(super) fn lengths(&self) -> Lengths {
        match &self.process {
            Some(process) => lengths(&process.vector()),
            None => self.durable.clone(),
        }
    }

    /// The shard that keeps a stream.
    pub(super) fn shard_of(&self, stream: &StreamId) -> usize {
        if self.role != Role::Registry {
            return 0;
        }
        let shards = self.shards();
        shards
            .iter()
            .position(|(_, own)| own.split_once('/').is_some_and(|(_, name)| name == stream.name()))
            .unwrap_or(0)
    }
}

fn no_start(acts: &Acts, error: &OpenError) -> NoStart {
    match error {
        _ if acts.is_dead() => NoStart::Died,
        OpenError::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => NoStart::Full,
        other => NoStart::Other(format!("{other:?}")),
    }
}

pub(super) fn lengths(vector: &[Have]) -> Lengths {
    vector.iter().map(|have| ((have.stream, have.session), have.len)).collect()
}

impl Process {
    pub(super) fn readers(&self) -> Vec<JournalReader> {
        self.shards.iter().map(Journals::reader).collect()
    }

    /// All that is durable here, sorted.
    pub(super) fn vector(&self) -> Vector {
        let mut vector: Vector = self.shards.iter().flat_map(|shard| shard.reader().vector()).collect();
        loket_sync::head::sort(&mut vector);
        vector
    }

    /// The part of it that is shared with somebody.
    pub(super) fn visible(&self, shared: &BTreeSet<StreamId>) -> Vector {
        let mut vector = self.vector();
        vector.retain(|have| shared.contains(&have.stream));
        vector
    }
}

/// Who may sign what, as every node knows it.
pub(super) struct Keys {
    /// By stream: whoever writes it, and wrote it with an earlier key.
    pub writers: BTreeMap<StreamId, Vec<NodePublic>>,
    /// A key that was taken back, and how far its sessions are good.
    pub revoked: Option<(NodeId, Lengths)>,
    /// All keys, for a node that believes everybody.
    pub everybody: Vec<NodePublic>,
    pub believes_everybody: bool,
}

impl Keys {
    /// Whether these keys may sign a stream.
    pub(super) fn is_writer(&self, stream: &StreamId, public: &NodePublic) -> bool {
        self.writers.get(stream).is_some_and(|writers| writers.contains(public))
    }

    /// The keys of a node that was let in.
    pub(super) fn public(&self, node: &NodeId) -> Option<NodePublic> {
        self.writers.values().flatten().find(|public| public.id() == *node).copied()
    }
}

impl loket_sync::Signers for Keys {
    fn standing(&self, up_to: &Have, node: &NodeId) -> Standing {
        let mut writers = self.writers.get(&up_to.stream).into_iter().flatten();
        let Some(public) = writers.find(|public| public.id() == *node) else {
            let mut everybody = self.everybody.iter().filter(|_| self.believes_everybody);
            let believed = everybody.find(|public| public.id() == *node);
            return believed.map_or(Standing::Stranger, |public| Standing::Writer(*public));
        };
        match &self.revoked {
            Some((revoked, good)) if revoked == node => {
                let good = good.get(&(up_to.stream, up_to.session)).copied().unwrap_or(0);
                if up_to.len > good {
                    Standing::Revoked { public: *public, good }
                } else {
                    Standing::Writer(*public)
                }
            }
            _ => Standing::Writer(*public),
        }
    }
}
