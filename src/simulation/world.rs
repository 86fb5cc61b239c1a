//! The world: nodes, the lines between them, virtual time, and what happens next.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, Utc};
use loket_sync::disk::virtual_disk::VirtualDisk;
use loket_sync::exchange::{Line, LineError, Ticket};
use loket_sync::{Have, Message, NodeKey, StreamId, Subject, SubjectKey, Vector};

use super::broken::{Broken, Step};
use super::chance::{Chance, derived};
use super::courier::Bundle;
use super::ledger::Ledger;
use super::mutation::Mutation;
use super::node::{Keys, Lengths, Node, Role};
use super::roster::{self, CODES, KIT, KITS_OFFICE, REGISTRY};
use super::tally::Tally;
use super::weather::Weather;
use crate::domain::office::OfficeCode;

/// The morning of 23 November 2026 in Karimun.
pub(super) const START_MS: i64 = 1_795_392_000_000;
/// Lines of the trace that are kept.
const TRACE_MAX: usize = 400;

/// Something that is going to happen.
pub(super) enum Event {
    Tick {
        link: usize,
        epoch: u64,
        wait: u64,
    },
    TimedOut {
        link: usize,
        epoch: u64,
        ticket: Ticket,
    },
    Asked {
        link: usize,
        epoch: u64,
        ticket: Ticket,
        bytes: std::sync::Arc<Vec<u8>>,
    },
    Answered {
        link: usize,
        epoch: u64,
        ticket: Ticket,
        bytes: std::sync::Arc<Vec<u8>>,
        sent: u64,
    },
    Failed {
        link: usize,
        epoch: u64,
        ticket: Ticket,
        error: LineError,
    },
    News {
        link: usize,
        epoch: u64,
    },
    Restart {
        node: usize,
    },
    /// A line is back.
    Unclog {
        link: usize,
    },
    /// All lines are.
    AllBack,
    /// What a start relied on is read; unless the node was started again since.
    ReadAgain {
        node: usize,
        start: u64,
    },
}

/// A client's line to its server.
pub(super) struct Link {
    pub client: usize,
    pub server: usize,
    pub shared: BTreeSet<StreamId>,
    pub own: StreamId,
    pub line: Option<Line>,
    /// One for each start of the client: what was for an earlier one is not heard any more.
    pub epoch: u64,
    /// The latest wait; older ones are forgotten.
    pub wait: u64,
    pub weather: Weather,
    pub posts: u64,
    /// When the last exchange ended, and a fingerprint of what it had carried.
    pub ended: Option<(u64, loket_sync::Hash)>,
    pub carried: loket_sync::Hash,
    /// Whether somebody spoke of news since the last post.
    pub is_called: bool,
    /// What was posted last, with all that the client has: it may have to be said again.
    pub posted: Option<(Ticket, Message)>,
    /// Whether the server has said that it joins runs to what it has.
    pub is_joined: bool,
    /// What the client remembers to have sent: a mutation uses it.
    pub remembered: Vector,
    /// Bytes of the last post and the last answer, but for lists of blobs.
    pub bytes: [usize; 2],
    /// What the server said it has when an exchange was last over.
    pub heard: Option<Vector>,
    /// Since then the client was told that the server has less than before.
    pub is_told: bool,
}

/// All of it.
pub(super) struct World {
    pub seed: u64,
    pub chance: Chance,
    pub now_ms: u64,
    pub nodes: Vec<Node>,
    pub links: Vec<Link>,
    pub events: BTreeMap<(u64, u64), Event>,
    next_event: u64,
    pub ledger: Ledger,
    pub keys: Keys,
    pub tally: Tally,
    pub mutation: Option<Mutation>,
    pub message_bytes: usize,
    pub pocket: Vec<Bundle>,
    /// Where the registry writes about an application.
    pub homes: BTreeMap<Subject, Vec<usize>>,
    pub settings: crate::domain::setting::Settings,
    /// Nobody has a line, until all have.
    pub is_offline: bool,
    /// From whom a node got the first part of a blob that is not whole yet.
    pub uploads: BTreeMap<(usize, loket_sync::Hash), usize>,
    /// Faults are over.
    pub is_settling: bool,
    trace: Option<VecDeque<String>>,
}

impl World {
    pub(super) fn new(seed: u64, mutation: Option<Mutation>, traced: bool) -> Step<Self> {
        let mut chance = Chance::new(seed);
        let message_bytes = chance.pick(&[1, 700, 2_000, 256 * 1024]);
        let segment_bytes = chance.pick(&[400, 900, 3_000, 8 << 20]);
        let mut world = Self {
            seed,
            now_ms: 0,
            nodes: Vec::new(),
            links: Vec::new(),
            events: BTreeMap::new(),
            next_event: 0,
            ledger: Ledger::default(),
            keys: Keys {
                writers: BTreeMap::new(),
                revoked: None,
                everybody: (0..=5).map(|place| roster::key(place).public()).collect(),
                believes_everybody: mutation == Some(Mutation::AnySignerBelieved),
            },
            tally: Tally::default(),
            mutation,
            message_bytes,
            pocket: Vec::new(),
            homes: BTreeMap::new(),
            settings: super::counter::settings(),
            is_offline: false,
            uploads: BTreeMap::new(),
            is_settling: false,
            trace: traced.then(VecDeque::new),
            chance,
        };
        if message_bytes == 1 {
            world.tally.fault(super::fault::Fault::TinyMessages, []);
        }
        if segment_bytes == 400 {
            world.tally.fault(super::fault::Fault::TinySegments, []);
        }
        world.add_node("registry".to_owned(), Role::Registry, None, roster::key(REGISTRY), segment_bytes)?;
        for (place, code) in (1..).zip(CODES) {
            let role = if place == KIT { Role::Kit } else { Role::Office };
            let code = OfficeCode::parse(code);
            world.add_node(CODES[place - 1].to_owned(), role, code, roster::key(place), segment_bytes)?;
            let server = if place == KIT { KITS_OFFICE } else { REGISTRY };
            world.add_link(place, server, place)?;
        }
        for place in 0..world.nodes.len() {
            world.start(place, None)?;
        }
        Ok(world)
    }

    pub(super) fn add_node(
        &mut self,
        name: String,
        role: Role,
        code: Option<OfficeCode>,
        key: NodeKey,
        segment_bytes: u64,
    ) -> Step<usize> {
        let own = code.as_ref().map_or("", OfficeCode::as_str);
        for stream in roster::own_streams(role, own) {
            let stream = StreamId::parse(stream).map_err(Broken::simulation)?;
            let writers = self.keys.writers.entry(stream).or_default();
            if !writers.contains(&key.public()) {
                writers.push(key.public());
            }
        }
        let disk = VirtualDisk::new();
        lie(&disk, self.mutation);
        self.nodes.push(Node {
            name,
            role,
            code,
            key,
            disk,
            process: None,
            starts: 0,
            ahead_ms: 0,
            is_newer: false,
            segment_bytes,
            durable: Lengths::new(),
            disk_failed: false,
            backups: Vec::new(),
            restores: 0,
            dies_by_cut: false,
            before: None,
            recent: BTreeSet::new(),
            acknowledged_gaps: Vector::new(),
            left_out: BTreeSet::new(),
            keys_before: 0,
            learned_at_start: Vec::new(),
            places: Vec::new(),
            noted: Vec::new(),
            is_doubted: false,
            aside: Vector::new(),
            is_retired: false,
            spoken: BTreeSet::new(),
            is_half_restored: false,
            stuck_ms: None,
        });
        Ok(self.nodes.len() - 1)
    }

    /// A line of a client that has its streams in common with its server as the node at `place` has.
    pub(super) fn add_link(&mut self, client: usize, server: usize, place: usize) -> Step {
        let mut shared = roster::shared(place)?;
        if self.mutation == Some(Mutation::OtherOfficesStream) && place == 2 {
            shared.insert(StreamId::parse("hq/karimun").map_err(Broken::simulation)?);
        }
        let node = &self.nodes[client];
        let code = node.code.as_ref().map_or("", OfficeCode::as_str);
        let own = roster::own_streams(node.role, code).first().copied().unwrap_or("hq/common");
        self.links.push(Link {
            client,
            server,
            shared,
            own: StreamId::parse(own).map_err(Broken::simulation)?,
            line: None,
            epoch: 0,
            wait: 0,
            weather: Weather::Good,
            posts: 0,
            ended: None,
            carried: loket_sync::Hash::ZERO,
            is_called: false,
            posted: None,
            is_joined: false,
            remembered: Vector::new(),
            bytes: [0; 2],
            heard: None,
            is_told: false,
        });
        Ok(())
    }

    pub(super) fn say(&mut self, words: impl FnOnce(&Self) -> String) {
        if self.trace.is_none() {
            return;
        }
        let (seconds, tenths) = (self.now_ms / 1_000, self.now_ms % 1_000 / 100);
        let line = format!("{seconds:>9}.{tenths}s  {}", words(self));
        if let Some(trace) = &mut self.trace {
            if trace.len() == TRACE_MAX {
                trace.pop_front();
            }
            trace.push_back(line);
        }
    }

    pub(super) fn trace(self) -> Vec<String> {
        self.trace.unwrap_or_default().into()
    }

    pub(super) fn name(&self, node: usize) -> &str {
        &self.nodes[node].name
    }

    /// What a node's clock shows.
    pub(super) fn wall_ms(&self, node: usize) -> i64 {
        let goes_ms = START_MS + i64::try_from(self.now_ms).unwrap_or(0) + self.nodes[node].ahead_ms;
        self.nodes[node].stuck_ms.unwrap_or(goes_ms)
    }

    pub(super) fn wall(&self, node: usize) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.wall_ms(node)).unwrap_or_default()
    }

    pub(super) fn schedule(&mut self, in_ms: u64, event: Event) {
        self.next_event += 1;
        self.events.insert((self.now_ms + in_ms, self.next_event), event);
    }

    pub(super) fn subject_key(&self, subject: Subject) -> SubjectKey {
        SubjectKey::from_bytes(derived(self.seed, &subject.to_string(), 0))
    }

    /// Who may sign what, as a node knows it: whoever was revoked believes in itself.
    pub(super) fn keys_for(&self, node: usize) -> Keys {
        let revoked = self.keys.revoked.clone();
        let own = self.nodes[node].key.public().id();
        let ignores = self.mutation == Some(Mutation::RevocationIgnored);
        Keys {
            writers: self.keys.writers.clone(),
            revoked: revoked.filter(|(revoked, _)| *revoked != own && !ignores),
            everybody: self.keys.everybody.clone(),
            believes_everybody: self.keys.believes_everybody,
        }
    }

    /// What a message carries, for the trace.
    pub(super) fn in_words(message: &Message) -> String {
        let runs: Vec<String> = message
            .runs
            .iter()
            .map(|run| {
                format!("{}/{:?} {}..{}", run.head.stream, run.head.session, run.first(), run.head.len)
            })
            .collect();
        let haves = |haves: &[Have]| haves.iter().map(|have| have.len).sum::<u64>();
        format!(
            "has {} records, sends [{}], {} keys",
            haves(&message.vector),
            runs.join(", "),
            message.keys.len()
        )
    }
}

/// Makes a disk lie, where that is how the product is broken.
pub(super) fn lie(disk: &VirtualDisk, mutation: Option<Mutation>) {
    match mutation {
        Some(Mutation::SegmentsNotSynced) => {
            disk.ignore_syncs(|path| {
                path.extension().is_some_and(|end| end == "seg") && !path.ends_with("keys.seg")
            });
        }
        Some(Mutation::FoldersNotSynced) => disk.ignore_syncs(|path| path.extension().is_none()),
        Some(Mutation::KeysNotSynced) => disk.ignore_syncs(|path| path.ends_with("keys.seg")),
        _ => {}
    }
}
