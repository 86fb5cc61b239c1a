//! A node in memory: what is on its disk, and what a crash would take.

use std::collections::{BTreeMap, BTreeSet};

use loket_sync::chain::opening;
use loket_sync::exchange::{Judged, KeyGrant, subjects_opened};
use loket_sync::record::FLAG_OPENS_SUBJECT;
use loket_sync::{
    Answerer, Chain, Have, Head, Message, NewRecord, NodeId, NodeKey, NodePublic, Pos, Range, Record, Run,
    SessionId, StoreId, StreamId, Subject, SubjectKey, Vector, open_body, plan,
};

/// What a store holds.
#[derive(Clone, Default)]
pub struct Store {
    sessions: BTreeMap<(StreamId, SessionId), Session>,
    keys: BTreeMap<Subject, SubjectKey>,
}

#[derive(Clone, Default)]
struct Session {
    records: Vec<Record>,
    heads: Vec<Head>,
}

impl Store {
    /// What it holds up to signed heads.
    pub fn vector(&self) -> Vector {
        let heads = self.sessions.values().filter_map(|session| session.heads.last());
        heads.map(Head::have).collect()
    }

    /// Every record under a head.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.sessions.values().flat_map(|session| {
            let len = session.heads.last().map_or(0, |head| usize::try_from(head.len).unwrap());
            &session.records[..len]
        })
    }

    /// The records of one session.
    pub fn session(&self, stream: &StreamId, session: &SessionId) -> &[Record] {
        &self.sessions[&(*stream, *session)].records
    }

    pub fn positions(&self) -> BTreeSet<Pos> {
        self.records().map(Record::pos).collect()
    }

    /// Records whose bodies do not open.
    pub fn unreadable(&self) -> usize {
        let is_sealed = |record: &&Record| record.header.seq > 0;
        let opens = |record: &Record| {
            self.keys.get(&record.header.subject).is_some_and(|key| open_body(record, key).is_ok())
        };
        self.records().filter(is_sealed).filter(|record| !opens(record)).count()
    }

    fn runs(&self, ranges: &[Range], bytes_max: usize) -> Vec<Run> {
        let (mut runs, mut bytes) = (Vec::new(), 0);
        for range in ranges {
            let session = &self.sessions[&(range.stream, range.session)];
            let from = usize::try_from(range.from).unwrap();
            let fits = |head: &&Head| {
                let to = usize::try_from(head.len).unwrap();
                let size: usize = session.records[from..to].iter().map(Record::len_bytes).sum();
                bytes + size <= bytes_max
            };
            let ahead = session.heads.iter().filter(|head| head.len > range.from);
            let first = ahead.clone().next().filter(|_| runs.is_empty());
            let Some(head) = ahead.clone().take_while(fits).last().or(first) else { break };
            let records = session.records[from..usize::try_from(head.len).unwrap()].to_vec();
            bytes += records.iter().map(Record::len_bytes).sum::<usize>();
            runs.push(Run { records, head: *head });
        }
        runs
    }

    fn take(&mut self, judged: &Judged) -> u64 {
        let mut new = 0;
        for accepted in &judged.accepted {
            let head = accepted.run.head;
            let fresh = &accepted.run.records[accepted.known..];
            if fresh.is_empty() {
                continue;
            }
            let session = self.sessions.entry((head.stream, head.session)).or_default();
            session.records.extend_from_slice(fresh);
            session.heads.push(head);
            new += fresh.len() as u64;
        }
        new
    }
}

/// An office or its registry.
pub struct Node {
    pub key: NodeKey,
    pub stream: StreamId,
    pub shared: BTreeSet<StreamId>,
    /// What survives a crash.
    pub disk: Store,
    /// With what is not synced yet.
    pub memory: Store,
    pub backup: Store,
    chain: Option<Chain>,
    /// Subjects that the session knows.
    opened: BTreeSet<Subject>,
    is_dirty: bool,
    /// Broken on purpose: goes on in the session of the process before.
    pub reuses_session: bool,
    store: StoreId,
}

fn signers(stream: &StreamId, node: &NodeId) -> Option<NodePublic> {
    let public = keys(stream.group()).public();
    (public.id() == *node).then_some(public)
}

fn keys(group: &str) -> NodeKey {
    NodeKey::from_seed([if group == "hq" { 2 } else { 1 }; 32])
}

impl Node {
    pub fn new(stream: &str) -> Self {
        let shared = ["hq/karimun", "office/karimun"].map(|stream| stream.parse().unwrap()).into();
        let stream: StreamId = stream.parse().unwrap();
        let key = keys(stream.group());
        Self {
            store: StoreId(key.id().0),
            key,
            stream,
            shared,
            disk: Store::default(),
            memory: Store::default(),
            backup: Store::default(),
            chain: None,
            opened: BTreeSet::new(),
            is_dirty: false,
            reuses_session: false,
        }
    }

    /// Writes a record in this process's session; `draw` gives random bytes.
    pub fn append(&mut self, subject: Option<Subject>, draw: impl Fn(u8) -> [u8; 16]) {
        let subject = subject.unwrap_or_else(|| Subject(draw(1)));
        let flags = if self.opened.insert(subject) { FLAG_OPENS_SUBJECT } else { 0 };
        let (low, high) = (draw(2), draw(3));
        let drawn = SubjectKey::from_bytes([low, high].concat().try_into().unwrap());
        let key = self.memory.keys.entry(subject).or_insert(drawn).clone();
        let (stream, session) = (self.stream, SessionId(draw(4)));
        let opened = opening(None, self.key.id(), "loket test");
        let mut first = None;
        let chain = self.chain.get_or_insert_with(|| {
            let (chain, record) = Chain::open(stream, session, 1, &opened);
            first = Some(record);
            chain
        });
        let new = NewRecord { at_ms: 1, kind: 5, flags, subject, body: &draw(5) };
        let record = chain.next(&new, &key).unwrap();
        let session = self.memory.sessions.entry((stream, record.header.session)).or_default();
        self.is_dirty = true;
        session.records.extend(first);
        session.records.push(record);
    }

    /// Subjects that this node may write about.
    pub fn subjects(&self) -> Vec<Subject> {
        self.memory.keys.keys().copied().collect()
    }

    /// Makes all durable; whether there was anything of its own.
    pub fn commit(&mut self) -> bool {
        let mut is_own = false;
        if !std::mem::take(&mut self.is_dirty) {
            return false;
        }
        if let Some(chain) = &self.chain {
            let Have { stream, session, len, .. } = chain.have();
            let session = self.memory.sessions.get_mut(&(stream, session)).unwrap();
            if session.heads.last().is_none_or(|head| head.len < len) {
                session.heads.push(chain.head(&self.key));
                is_own = true;
            }
        }
        self.disk = self.memory.clone();
        is_own
    }

    /// Stops and starts: what was not synced is gone, and the next record opens a new session.
    pub fn crash(&mut self) {
        self.memory = self.disk.clone();
        let mut own = self.disk.vector().into_iter().filter(|have| have.stream == self.stream);
        self.chain = own.next_back().filter(|_| self.reuses_session).map(Chain::resume);
        self.opened.clear();
        self.is_dirty = false;
    }

    /// What would be on the disk if it were synced now: what a broken program might send.
    pub fn unsynced(&mut self) -> Store {
        let disk = self.disk.clone();
        let is_dirty = self.is_dirty;
        self.commit();
        self.is_dirty = is_dirty;
        std::mem::replace(&mut self.disk, disk)
    }

    /// Starts from the last backup.
    pub fn restore(&mut self) {
        self.disk = self.backup.clone();
        self.crash();
    }

    fn answerer(&self) -> Answerer<'_> {
        Answerer::new(&self.shared, &signers)
    }

    /// Gathers what came from the other side.
    pub fn receive(&mut self, runs: Vec<Run>, keys: &[KeyGrant]) -> u64 {
        let judged = self.answerer().judge(runs, &self.memory.vector());
        let new = self.memory.take(&judged);
        self.is_dirty |= new > 0 || !keys.is_empty();
        for grant in keys {
            let key = grant.open(&self.key).unwrap();
            self.memory.keys.entry(grant.subject).or_insert(key);
        }
        new
    }

    /// A message with what `theirs` lacks.
    pub fn compose(
        &self,
        to: &NodePublic,
        theirs: Option<&[Have]>,
        owed: &[Subject],
        bytes_max: usize,
        from: &Store,
        may_send: &dyn Fn(&StreamId) -> bool,
    ) -> Message {
        let mut message = Message::new(self.store, 1, from.vector());
        if let Some(theirs) = theirs {
            let ranges = plan(&message.vector, theirs, may_send).first(&self.stream).ranges;
            let runs = from.runs(&ranges, bytes_max);
            message.load(&ranges, runs);
        }
        let mut subjects = subjects_opened(&message.runs);
        subjects.extend(owed);
        let known = subjects.iter().filter_map(|subject| Some((subject, from.keys.get(subject)?)));
        message.keys = known.map(|(subject, key)| KeyGrant::seal(*subject, key, to)).collect();
        let all: BTreeSet<Subject> = from
            .records()
            .filter(|record| record.header.seq > 0)
            .map(|record| record.header.subject)
            .collect();
        message.wanted_keys = all.into_iter().filter(|subject| !from.keys.contains_key(subject)).collect();
        message
    }
}
