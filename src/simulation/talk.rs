//! Exchanges: the product's own line and answerer, with the nodes of the world behind them. What the product does between
//! them and its stores (compose, take, answer) is mirrored here in the same order.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use loket_sync::exchange::{
    Alarm, Input, Joining, KEYS_MAX, Line, LineError, LinePhase, LineSettings, NotTaken, Now, Output, Ticket,
    WhyNot, subjects_opened,
};
use loket_sync::journal::ReadError;
use loket_sync::{
    Hash, Have, KeyGrant, Message, NodePublic, Range, Run, StoreId, StreamId, Subject, Vector, wire,
};

use super::broken::{Broken, Invariant, Step, hold};
use super::mutation::Mutation;
use super::node::Role;
use super::roster::REGISTRY;
use super::taking::Taken;
use super::weather::Parcel;
use super::world::{Event, Link, World};

/// A post that nobody answers is given up after so long.
pub(super) const PATIENCE_MS: u64 = 60_000;

impl World {
    pub(super) fn begin_line(&mut self, link: usize) -> Step {
        let seed = self.chance.next();
        let it = &mut self.links[link];
        it.epoch += 1;
        let mut shared = it.shared.clone();
        if self.mutation == Some(Mutation::RegistryRecordsKept) {
            shared.retain(|stream| stream.group() != "hq");
        }
        it.line = Some(Line::new(LineSettings::new(shared, seed)));
        (it.posted, it.is_joined) = (None, false);
        it.ended = None;
        (it.heard, it.is_told) = (None, false);
        self.feed(link, Input::Start)
    }

    pub(super) fn feed(&mut self, link: usize, input: Input) -> Step {
        let client = self.links[link].client;
        if matches!(input, Input::LocalNews | Input::RemoteNews | Input::LineBack) {
            // Whoever is called asks again, and may.
            (self.links[link].ended, self.links[link].is_called) = (None, true);
        }
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let now = Now { steady_ms: self.now_ms, wall_ms: self.wall_ms(client) };
            let Some(line) = &mut self.links[link].line else { return Ok(()) };
            for output in line.step(now, input) {
                match output {
                    Output::Post { ticket, theirs, owed_keys, refused } => {
                        self.post(link, ticket, theirs, &owed_keys, &refused)?;
                    }
                    Output::Append { ticket, runs, keys } => {
                        inputs.extend(self.append(link, ticket, runs, &keys)?);
                    }
                    Output::Level { offered_blobs, wanted_blobs } => {
                        self.pictures(link, &offered_blobs, &wanted_blobs)?;
                    }
                    Output::Wait { until_ms, .. } => {
                        let it = &mut self.links[link];
                        it.wait += 1;
                        let (epoch, wait) = (it.epoch, it.wait);
                        let in_ms = until_ms.saturating_sub(self.now_ms);
                        self.schedule(in_ms, Event::Tick { link, epoch, wait });
                        if self.mutation == Some(Mutation::RepeatedAtOnce) {
                            inputs.push_back(Input::LocalNews);
                        }
                    }
                    Output::Alarm(alarm) => self.alarm(link, &alarm)?,
                }
            }
        }
        Ok(())
    }

    fn alarm(&mut self, link: usize, alarm: &Alarm) -> Step {
        self.say(|world| format!("{} is told: {alarm:?}", world.name(world.links[link].client)));
        match alarm {
            Alarm::Fork { mine, theirs } => {
                Err(Broken::new(Invariant::NeverRewritten, format!("two histories: {mine:?} and {theirs:?}")))
            }
            Alarm::WentBack { .. } => {
                self.links[link].is_told = self.mutation != Some(Mutation::LossNotTold);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// What the client posts.
    fn post(
        &mut self,
        link: usize,
        ticket: Ticket,
        theirs: Option<Vector>,
        owed: &[Subject],
        refused: &[NotTaken],
    ) -> Step {
        let (client, server) = (self.links[link].client, self.links[link].server);
        let said = theirs.clone();
        let theirs = theirs.map(|theirs| self.remembered(link, theirs));
        let to = self.nodes[server].key.public();
        let Some(message) = self.compose(client, link, &to, theirs.as_deref(), owed, refused)? else {
            return Ok(());
        };
        self.promise(client, &message.vector)?;
        self.tally.exchanges += 1;
        let it = &mut self.links[link];
        it.posts += 1;
        let carried = fingerprint(&message, owed, said.as_deref().unwrap_or_default(), refused);
        let is_repeated = it.ended == Some((self.now_ms, carried));
        (it.carried, it.is_called) = (carried, false);
        hold(!is_repeated, Invariant::NotRepeated, || {
            format!("{} posts the same again, though nothing moved", self.name(client))
        })?;
        let epoch = self.links[link].epoch;
        self.schedule(PATIENCE_MS, Event::TimedOut { link, epoch, ticket });
        self.say(|world| {
            format!("{} → {}: {}", world.name(client), world.name(server), Self::in_words(&message))
        });
        let short = self.in_short(link, &message, said);
        self.links[link].posted = Some((ticket, message));
        self.send(link, epoch, ticket, &short, false, short.records())
    }

    pub(super) fn send(
        &mut self,
        link: usize,
        epoch: u64,
        ticket: Ticket,
        message: &Message,
        is_answer: bool,
        sent: u64,
    ) -> Step {
        // Who sends it stands before it, as in the signature of a request.
        let it = &self.links[link];
        let sender = self.nodes[if is_answer { it.server } else { it.client }].key.id();
        let encoded = wire::encode(message).map_err(Broken::simulation)?;
        self.note_size(link, is_answer, message, encoded.len());
        let bytes = [sender.0.as_slice(), &encoded].concat();
        let records = message.runs.iter().flat_map(|run| &run.records);
        let kinds: BTreeSet<u16> =
            records.map(|record| record.header.kind).filter(|kind| *kind > 0).collect();
        let kinds = kinds.into_iter().collect();
        self.carry(Parcel { link, epoch, ticket, bytes: Arc::new(bytes), is_answer, sent, kinds })
    }

    /// A sender that trusts what it remembers, where that is how the product is broken.
    fn remembered(&mut self, link: usize, theirs: Vector) -> Vector {
        if self.mutation != Some(Mutation::WatermarkTrusted) {
            return theirs;
        }
        let remembered = &mut self.links[link].remembered;
        remembered.extend(theirs);
        loket_sync::head::sort(remembered);
        remembered.clone()
    }

    /// What a node has, and as much as fits of what the other side lacks. Nothing if its disk does not give it.
    pub(super) fn compose(
        &mut self,
        at: usize,
        link: usize,
        to: &NodePublic,
        theirs: Option<&[Have]>,
        owed: &[Subject],
        refused: &[NotTaken],
    ) -> Step<Option<Message>> {
        let composed = self.try_compose(at, link, to, theirs, owed, refused);
        match composed {
            Ok(message) => {
                self.note_page(link, message.as_ref());
                Ok(message)
            }
            Err(error) => {
                self.damaged(at, &error)?;
                Ok(None)
            }
        }
    }

    fn try_compose(
        &self,
        at: usize,
        link: usize,
        to: &NodePublic,
        theirs: Option<&[Have]>,
        owed: &[Subject],
        refused: &[NotTaken],
    ) -> Result<Option<Message>, ReadError> {
        let (node, it) = (&self.nodes[at], &self.links[link]);
        let Some(process) = &node.process else { return Ok(None) };
        let is_client = it.client == at;
        let keeps = is_client && self.mutation == Some(Mutation::RegistryRecordsKept);
        let may_send = |stream: &StreamId| it.shared.contains(stream) && !(keeps && stream.group() == "hq");
        let mut message =
            Message::new(StoreId(node.key.id().0), self.wall_ms(at), process.visible(&it.shared));
        message.process = process.shards.first().map(loket_sync::Journals::session);
        message.joins = true;
        if let Some(theirs) = theirs {
            let plan = loket_sync::exchange::plan_past(&message.vector, theirs, refused, &may_send);
            let ranges = if is_client { plan.first(&it.own).ranges } else { plan.ranges };
            let runs = self.page(at, link, &ranges)?;
            message.load(&ranges, runs);
        }
        let readers = process.readers();
        let mut subjects = subjects_opened(&message.runs);
        subjects.extend(owed);
        let key = |subject: &Subject| readers.iter().find_map(|reader| reader.key(subject));
        let grants = subjects.iter().take(KEYS_MAX).filter_map(|subject| Some((*subject, key(subject)?)));
        message.keys = grants.map(|(subject, key)| KeyGrant::seal(subject, &key, to)).collect();
        if self.mutation != Some(Mutation::KeysNotAsked) {
            message.wanted_keys = self.wanted_keys(at, link);
        }
        (message.offered_blobs, message.wanted_blobs) = self.blob_lists(at);
        message.refused = self.not_taken(at);
        Ok(Some(message))
    }

    /// Keys that a node lacks for the streams of a link.
    fn wanted_keys(&self, at: usize, link: usize) -> Vec<Subject> {
        let (node, shared) = (&self.nodes[at], &self.links[link].shared);
        let Some(process) = &node.process else { return Vec::new() };
        let shards: BTreeSet<usize> = shared.iter().map(|stream| node.shard_of(stream)).collect();
        let wanted: BTreeSet<Subject> = shards
            .into_iter()
            .flat_map(|shard| process.shards[shard].wanted_keys().collect::<Vec<_>>())
            .collect();
        wanted.into_iter().take(KEYS_MAX).collect()
    }

    /// Runs for these ranges, from whichever journals hold them.
    pub(super) fn read(&self, at: usize, ranges: &[Range], bytes_max: usize) -> Result<Vec<Run>, ReadError> {
        let node = &self.nodes[at];
        let Some(process) = &node.process else { return Ok(Vec::new()) };
        let mut runs: Vec<Run> = Vec::new();
        for range in ranges {
            let carried: usize = runs.iter().map(Run::len_bytes).sum();
            if carried > bytes_max || (bytes_max == 1 && !runs.is_empty()) {
                break;
            }
            let reader = process.shards[node.shard_of(&range.stream)].reader();
            runs.extend(reader.runs(std::slice::from_ref(range), bytes_max.saturating_sub(carried).max(1))?);
        }
        Ok(runs)
    }

    /// What the registry keeps aside and does not want to see again.
    pub(super) fn not_taken(&self, at: usize) -> Vec<NotTaken> {
        if self.nodes[at].role != Role::Registry {
            return Vec::new();
        }
        let Some((_, good)) = &self.keys.revoked else { return Vec::new() };
        let of = |have: &Have| {
            let from = good.get(&(have.stream, have.session)).copied().unwrap_or(0);
            let (stream, session, len) = (have.stream, have.session, have.len);
            NotTaken { stream, session, from, len, why: WhyNot::SignerRevoked }
        };
        self.nodes[at].aside.iter().map(of).collect()
    }

    fn append(
        &mut self,
        link: usize,
        ticket: Ticket,
        runs: Vec<Run>,
        keys: &[KeyGrant],
    ) -> Step<Option<Input>> {
        let client = self.links[link].client;
        let taken = self.take(client, link, runs, keys)?;
        let it = &mut self.links[link];
        it.ended = Some((self.now_ms, it.carried)).filter(|_| !it.is_called);
        Ok(match taken {
            Taken::Done(received, refused) => {
                self.heard(link)?;
                let process = self.nodes[client].process.as_ref();
                let mine =
                    process.map(|process| process.visible(&self.links[link].shared)).unwrap_or_default();
                Some(Input::Durable { ticket, mine, received, refused })
            }
            Taken::Low => {
                Some(Input::Failed { ticket, error: LineError::Here("the disk is nearly full".to_owned()) })
            }
            Taken::Down => None,
        })
    }

    /// The server's side of a post.
    pub(super) fn answer(&mut self, link: usize, epoch: u64, ticket: Ticket, bytes: &[u8]) -> Step {
        let (client, server) = (self.links[link].client, self.links[link].server);
        if self.nodes[server].process.is_none() {
            let error = LineError::Unreachable("nobody listens".to_owned());
            self.schedule(300, Event::Failed { link, epoch, ticket, error });
            return Ok(());
        }
        let (message, lacking) = self.unpack(server, bytes)?;
        let (told, rest, owed, refused, joins) =
            (message.vector, message.rest, message.wanted_keys, message.refused, message.joins);
        let (received, not_taken) = match self.take(server, link, message.runs, &message.keys)? {
            Taken::Done(received, not_taken) => (received, not_taken),
            Taken::Low => {
                let error = LineError::Refused { status: 507, reason: "no room".to_owned() };
                self.schedule(300, Event::Failed { link, epoch, ticket, error });
                return Ok(());
            }
            Taken::Down => return Ok(()),
        };
        let to = self.nodes[client].key.public();
        // Who says what it has in a way that is not understood here is told what is here, and says it again.
        let mine = self.visible(server, link);
        let theirs = loket_sync::exchange::resolve(&mine, &told, rest);
        let Some(mut answer) = self.compose(server, link, &to, theirs.as_deref(), &owed, &refused)? else {
            return Ok(());
        };
        (answer.refused, answer.joins) = (not_taken, !lacking.before);
        let there = theirs.clone().filter(|_| joins);
        answer.joining = there.map(|to| Joining { by: self.nodes[server].key.id(), to });
        if server == REGISTRY && self.mutation == Some(Mutation::GapAcknowledged) {
            answer.vector.extend(self.nodes[server].acknowledged_gaps.iter().copied());
            answer.vector.retain(|have| self.links[link].shared.contains(&have.stream));
            loket_sync::head::sort(&mut answer.vector);
        }
        self.promise(server, &answer.vector)?;
        self.say(|world| {
            let (server, client) = (world.name(server), world.name(client));
            format!("{server} → {client}: took {received}; {}", Self::in_words(&answer))
        });
        if rest.is_some() {
            self.answer_in_short(server, &mut answer, &told, theirs.as_deref());
        }
        self.send(link, epoch, ticket, &answer, true, 0)
    }

    /// Whether both ends of a link have the same, as far as they take it from each other, and rest.
    pub(super) fn is_level(&self, link: usize) -> bool {
        let line = self.links[link].line.as_ref();
        line.is_some_and(|line| line.state().phase == LinePhase::Level)
            && self.has_same_records(link)
            && self.key_not_given(link).is_none()
    }

    /// Whether both ends of a link have the same records, but for what is kept aside.
    pub(super) fn has_same_records(&self, link: usize) -> bool {
        let it = &self.links[link];
        let process = |at: usize| self.nodes[at].process.as_ref();
        let (Some(client), Some(server)) = (process(it.client), process(it.server)) else { return false };
        let not = self.not_taken(it.server);
        let is_seen = |have: &Have| {
            let taken = |not: &NotTaken| (not.stream, not.session) == (have.stream, have.session);
            !not.iter().any(taken)
        };
        let mut sides = [client, server].map(|process| process.visible(&it.shared));
        for side in &mut sides {
            side.retain(is_seen);
        }
        sides[0] == sides[1]
    }

    /// Who lacks a key that the other end of the link has, and whose.
    pub(super) fn key_not_given(&self, link: usize) -> Option<(usize, Subject)> {
        let Link { client, server, .. } = self.links[link];
        [(client, server), (server, client)].into_iter().find_map(|(at, other)| {
            let other = self.nodes[other].process.as_ref()?;
            let knows =
                |subject: &Subject| other.readers().iter().any(|reader| reader.key(subject).is_some());
            Some((at, self.wanted_keys(at, link).into_iter().find(knows)?))
        })
    }
}

/// What a post amounts to: two with the same one move the same.
fn fingerprint(message: &Message, owed: &[Subject], theirs: &[Have], refused: &[NotTaken]) -> Hash {
    let mut bytes = loket_sync::head::digest(&message.vector).0.to_vec();
    bytes.extend(loket_sync::head::digest(theirs).0);
    for run in &message.runs {
        bytes.extend(run.head.to_bytes());
    }
    for not in refused {
        bytes.extend(not.session.0);
        bytes.extend(not.from.to_le_bytes());
        bytes.extend(not.len.to_le_bytes());
    }
    let granted: Vec<Subject> = message.keys.iter().map(|grant| grant.subject).collect();
    for subjects in [message.wanted_keys.as_slice(), &granted, owed] {
        bytes.extend(subjects.len().to_le_bytes());
        bytes.extend(subjects.iter().flat_map(|subject| subject.0));
    }
    Hash::of(&bytes)
}
