//! The line between them, its faults, and what must hold in the end.

use std::collections::{BTreeMap, BTreeSet};

use loket_sync::exchange::{Alarm, Input, Line, LineError, LineSettings, Now, Output, Ticket};
use loket_sync::wire::{decode, encode};
use loket_sync::{Hash, Have, Pos, SessionId, StreamId, Subject};

use super::node::{Node, Store};

/// What may happen to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Loss,
    Repeat,
    Delay,
    Cut,
    OfficeCrash,
    RegistryCrash,
    OfficeRestored,
    RegistryRestored,
}

impl Fault {
    pub const ALL: [Self; 8] = [
        Self::Loss,
        Self::Repeat,
        Self::Delay,
        Self::Cut,
        Self::OfficeCrash,
        Self::RegistryCrash,
        Self::OfficeRestored,
        Self::RegistryRestored,
    ];
}

/// The protocol broken on purpose, to see that it is noticed.
#[derive(Clone, Copy, Default)]
pub struct Switches {
    pub send_undurable: bool,
    pub keep_hq_records: bool,
    pub reuse_session: bool,
}

/// Small messages, so that every exchange takes several.
const BYTES_MAX: usize = 1500;

/// One start of the office: what was for an earlier one is not heard any more.
type Epoch = u64;

enum Event {
    Tick(u64),
    Timeout(Epoch, Ticket),
    Asked(Epoch, Ticket, Vec<u8>),
    Answered(Epoch, Ticket, Vec<u8>),
}

pub struct World {
    office: Node,
    registry: Node,
    line: Line,
    epoch: Epoch,
    now_ms: u64,
    events: BTreeMap<(u64, u64), Event>,
    next_event: u64,
    /// The latest wait; older ones are forgotten.
    wait: u64,
    /// What `note` has seen.
    noted: [BTreeMap<(StreamId, SessionId), Have>; 2],
    random: Random,
    faults: Vec<Fault>,
    switches: Switches,
    /// Every record that was ever durable anywhere, and its hash.
    seen: BTreeMap<Pos, Hash>,
    /// What only a disk held that was rolled back.
    gone: BTreeSet<Pos>,
    problems: Vec<String>,
}

impl World {
    pub fn new(seed: u64, faults: &[Fault], switches: Switches) -> Self {
        let mut office = Node::new("office/karimun");
        office.reuses_session = switches.reuse_session;
        let mut world = Self {
            line: Line::new(LineSettings::new(office.shared.clone(), seed)),
            office,
            registry: Node::new("hq/karimun"),
            epoch: 0,
            now_ms: 0,
            events: BTreeMap::new(),
            next_event: 0,
            wait: 0,
            noted: Default::default(),
            random: Random(seed),
            faults: faults.to_vec(),
            switches,
            seen: BTreeMap::new(),
            gone: BTreeSet::new(),
            problems: Vec::new(),
        };
        world.feed(Input::Start);
        world
    }

    /// Lives through so many acts and faults.
    pub fn suffer(&mut self, acts: usize) {
        for _ in 0..acts {
            self.act();
            let until_ms = self.now_ms + self.random.below(3_000);
            self.pass(until_ms);
        }
    }

    /// Without faults both become level, soon.
    pub fn settle(&mut self) -> Result<(), String> {
        self.faults.clear();
        self.office.commit();
        self.registry.commit();
        self.note();
        // A retry wait, a rest, and as many rounds as there are records.
        let until_ms = self.now_ms + 2_000_000;
        self.pass(until_ms);
        let (here, there) = (self.office.disk.vector(), self.registry.disk.vector());
        if here == there { Ok(()) } else { Err(format!("not level: {here:?} here, {there:?} there")) }
    }

    /// What must hold in the end.
    pub fn judge(&self) -> Result<(), String> {
        if let Some(problem) = self.problems.first() {
            return Err(problem.clone());
        }
        let (here, there) = (self.office.disk.positions(), self.registry.disk.positions());
        let lost: Vec<&Pos> = self
            .seen
            .keys()
            .filter(|pos| !(self.gone.contains(pos) || here.contains(pos) && there.contains(pos)))
            .collect();
        if !lost.is_empty() {
            return Err(format!("{} records lost, such as {}", lost.len(), lost[0]));
        }
        match (self.office.disk.unreadable(), self.registry.disk.unreadable()) {
            (0, 0) => Ok(()),
            (here, there) => Err(format!("{here} bodies do not open here, {there} there")),
        }
    }

    fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// One time in `times`, if this fault is on.
    fn strikes(&mut self, fault: Fault, times: u64) -> bool {
        self.has(fault) && self.random.below(times) == 0
    }

    fn act(&mut self) {
        match self.random.below(10) {
            0..=3 => self.write(true),
            4..=5 => self.write(false),
            6..=7 => {
                if self.office.commit() {
                    self.note();
                    self.feed(Input::LocalNews);
                }
            }
            _ => {
                self.registry.commit();
            }
        }
        self.note();
        match self.random.below(30) {
            0 => self.office.backup = self.office.disk.clone(),
            1 => self.registry.backup = self.registry.disk.clone(),
            2 => self.feed(Input::LineBack),
            _ => {}
        }
        if self.strikes(Fault::OfficeCrash, 15) {
            self.office.crash();
            self.restart_line();
        }
        if self.strikes(Fault::RegistryCrash, 15) {
            self.registry.crash();
        }
        if self.strikes(Fault::OfficeRestored, 60) {
            self.count_gone(true);
            self.office.restore();
            self.restart_line();
        }
        if self.strikes(Fault::RegistryRestored, 60) {
            self.count_gone(false);
            self.registry.restore();
        }
    }

    fn write(&mut self, is_office: bool) {
        let random = self.random.split();
        let node = if is_office { &mut self.office } else { &mut self.registry };
        let known = node.subjects();
        let pick = usize::from(random.bytes(0)[0]);
        let subject = if pick % 3 == 0 { None } else { known.get(pick % (known.len() + 1)).copied() };
        node.append(subject, |number| random.bytes(number));
    }

    fn restart_line(&mut self) {
        self.epoch += 1;
        let seed = self.random.below(u64::MAX);
        self.line = Line::new(LineSettings::new(self.office.shared.clone(), seed));
        self.feed(Input::Start);
    }

    /// What is on this disk, not in its backup, and nowhere else, will be gone.
    fn count_gone(&mut self, is_office: bool) {
        let (node, other) =
            if is_office { (&self.office, &self.registry) } else { (&self.registry, &self.office) };
        let (kept, elsewhere) = (node.backup.positions(), other.disk.positions());
        let lost =
            node.disk.positions().into_iter().filter(|pos| !kept.contains(pos) && !elsewhere.contains(pos));
        let lost: Vec<Pos> = lost.collect();
        // The other side's backup may be restored later; it holds no more than its disk did.
        self.gone.extend(lost);
    }

    /// Remembers what is durable; one position never means two records.
    fn note(&mut self) {
        for (disk, noted) in [&self.office.disk, &self.registry.disk].into_iter().zip(&mut self.noted) {
            for have in disk.vector() {
                let before = noted.insert((have.stream, have.session), have);
                if before == Some(have) {
                    continue;
                }
                for record in disk.session(&have.stream, &have.session) {
                    let known = *self.seen.entry(record.pos()).or_insert_with(|| record.hash());
                    if known != record.hash() {
                        self.problems.push(format!("two records at {}", record.pos()));
                    }
                }
            }
        }
    }

    fn schedule(&mut self, in_ms: u64, event: Event) {
        self.next_event += 1;
        self.events.insert((self.now_ms + in_ms, self.next_event), event);
    }

    fn pass(&mut self, until_ms: u64) {
        while let Some(((at_ms, _), event)) = self.events.pop_first() {
            if at_ms > until_ms {
                self.schedule_again(at_ms, event);
                break;
            }
            self.now_ms = at_ms;
            self.happen(event);
        }
        self.now_ms = until_ms;
    }

    fn schedule_again(&mut self, at_ms: u64, event: Event) {
        self.next_event += 1;
        self.events.insert((at_ms, self.next_event), event);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Tick(wait) if wait == self.wait => self.feed(Input::Tick),
            Event::Timeout(epoch, ticket) if epoch == self.epoch => {
                self.feed(Input::Failed { ticket, error: LineError::TimedOut(60) });
            }
            Event::Asked(epoch, ticket, bytes) => self.answer(epoch, ticket, &bytes),
            Event::Answered(epoch, ticket, bytes) if epoch == self.epoch => {
                let answer = Box::new(decode(&bytes).unwrap());
                self.feed(Input::Answer { ticket, answer, sent: 0 });
            }
            _ => {}
        }
    }

    fn feed(&mut self, input: Input) {
        let now = Now { steady_ms: self.now_ms, wall_ms: 1 };
        for output in self.line.step(now, input) {
            match output {
                Output::Post { ticket, theirs, owed_keys, .. } => {
                    self.post(ticket, theirs.as_deref(), &owed_keys);
                }
                Output::Append { ticket, runs, keys } => {
                    let received = self.office.receive(runs, &keys);
                    if self.strikes(Fault::OfficeCrash, 20) {
                        self.office.crash();
                        self.restart_line();
                        return;
                    }
                    self.office.commit();
                    self.note();
                    let mine = self.office.disk.vector();
                    self.feed(Input::Durable { ticket, mine, received, refused: Vec::new() });
                }
                Output::Wait { until_ms, .. } => {
                    self.wait += 1;
                    self.schedule(until_ms.saturating_sub(self.now_ms), Event::Tick(self.wait));
                }
                Output::Alarm(Alarm::StoreChanged { .. } | Alarm::WentBack { .. }) | Output::Level { .. } => {
                }
                Output::Alarm(alarm) => self.problems.push(format!("{alarm:?}")),
            }
        }
    }

    fn post(&mut self, ticket: Ticket, theirs: Option<&[Have]>, owed: &[Subject]) {
        let undurable = self.switches.send_undurable.then(|| self.office.unsynced());
        let from: &Store = undurable.as_ref().unwrap_or(&self.office.disk);
        let keep = self.switches.keep_hq_records;
        let may_send = |stream: &StreamId| !(keep && stream.group() == "hq");
        let to = self.registry.key.public();
        let message = self.office.compose(&to, theirs, owed, BYTES_MAX, from, &may_send);
        self.schedule(60_000, Event::Timeout(self.epoch, ticket));
        self.carry(&encode(&message).unwrap(), |epoch, bytes| Event::Asked(epoch, ticket, bytes));
    }

    /// Brings bytes over the line, or does not, or twice.
    fn carry(&mut self, bytes: &[u8], event: impl Fn(Epoch, Vec<u8>) -> Event) {
        if self.strikes(Fault::Loss, 4) {
            return;
        }
        let times = if self.strikes(Fault::Repeat, 5) { 2 } else { 1 };
        for _ in 0..times {
            let slow_ms = if self.strikes(Fault::Delay, 4) { 90_000 } else { 800 };
            let in_ms = 1 + self.random.below(slow_ms);
            self.schedule(in_ms, event(self.epoch, bytes.to_vec()));
        }
    }

    fn answer(&mut self, epoch: Epoch, ticket: Ticket, bytes: &[u8]) {
        if self.has(Fault::Cut) && self.random.below(6) == 0 {
            let len = usize::try_from(self.random.below(bytes.len() as u64)).unwrap();
            assert!(decode(&bytes[..len]).is_err(), "a cut message is no message");
            return;
        }
        let message = decode(bytes).unwrap();
        self.registry.receive(message.runs, &message.keys);
        if self.strikes(Fault::RegistryCrash, 10) {
            self.registry.crash();
            return;
        }
        self.registry.commit();
        self.note();
        let to = self.office.key.public();
        let registry = &self.registry;
        let theirs = Some(message.vector.as_slice());
        let answer =
            registry.compose(&to, theirs, &message.wanted_keys, BYTES_MAX, &registry.disk, &|_| true);
        let answer = encode(&answer).unwrap();
        self.carry(&answer, |_, bytes| Event::Answered(epoch, ticket, bytes));
    }
}

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    fn split(&mut self) -> Drawn {
        Drawn(self.next())
    }
}

/// Bytes for one act.
struct Drawn(u64);

impl Drawn {
    fn bytes(&self, number: u8) -> [u8; 16] {
        let hash = Hash::of(&[self.0.to_le_bytes().as_slice(), &[number]].concat());
        hash.0[..16].try_into().unwrap()
    }
}
