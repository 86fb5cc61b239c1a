//! Saying what one has in as few bytes as the other side needs, as the product does between line and answerer: sessions
//! that the other may not expect by name, all others by a digest, and of runs not what they go on from, if the other has it.
//! Who does not understand is told in full.

use std::collections::BTreeSet;

use loket_sync::exchange::{Input, Joining, Ticket, resolve, tell};
use loket_sync::wire::{AtHand, HashesAt, KeyMap, Lacking, Parcel};
use loket_sync::{Hash, Have, Message, NodeId, StoreId, Vector, head};

use super::broken::{Broken, Invariant, Step, hold};
use super::mutation::Mutation;
use super::node::Process;
use super::world::World;

impl World {
    /// What a node has of a link's streams.
    pub(super) fn visible(&self, at: usize, link: usize) -> Vector {
        let process = self.nodes[at].process.as_ref();
        process.map(|process| process.visible(&self.links[link].shared)).unwrap_or_default()
    }

    /// What a node tells others it has, it has durably: nothing that was acknowledged may be taken by a crash.
    pub(super) fn promise(&self, at: usize, said: &[Have]) -> Step {
        let node = &self.nodes[at];
        for have in said {
            let held = node.durable.get(&(have.stream, have.session)).copied().unwrap_or(0);
            hold(have.len <= held, Invariant::Promised, || {
                let Have { stream, session, len, .. } = have;
                format!("{} says that it has {len} records of {stream}/{session}, and has {held}", node.name)
            })?;
        }
        Ok(())
    }

    /// The same post, saying of the client only what the server may not expect; `theirs` is what the server said last.
    pub(super) fn in_short(&self, link: usize, message: &Message, theirs: Option<Vector>) -> Message {
        if self.mutation == Some(Mutation::ToldInFull) {
            return message.clone();
        }
        let is_first = theirs.is_none();
        let it = &self.links[link];
        let there = theirs.clone().filter(|_| it.is_joined);
        let joining = there.map(|to| Joining { by: self.nodes[it.client].key.id(), to });
        let mut expected = theirs.unwrap_or_else(|| message.vector.clone());
        expected.extend(message.runs.iter().map(|run| run.head.have()));
        head::sort(&mut expected);
        // At the start nobody there knows of the session that has just begun.
        let own = message.process.filter(|_| is_first).map(|session| (self.links[link].own, session));
        let (named, rest) = tell(&message.vector, &expected, &own.into_iter().collect());
        let mut short = message.clone();
        (short.vector, short.rest, short.store) = (named, Some(rest), StoreId::NONE);
        short.joining = joining;
        short
    }

    /// A message as a node reads it, and what the node lacked for some of it.
    pub(super) fn unpack(&mut self, at: usize, bytes: &[u8]) -> Step<(Message, Lacking)> {
        let cut = || Broken::simulation("a message without its sender");
        let (sender, bytes) = bytes.split_first_chunk().ok_or_else(cut)?;
        let parcel = Parcel::open(bytes, None).map_err(Broken::simulation)?;
        let readers = self.nodes[at].process.iter().flat_map(Process::readers).collect::<Vec<_>>();
        let before = parcel.before().map_err(Broken::simulation)?;
        let hash = |pos| readers.iter().find_map(|reader| reader.hash_at(pos).ok().flatten());
        let hashes: HashesAt = before.iter().filter_map(|pos| Some((*pos, hash(pos)?))).collect();
        let at_hand = AtHand { sender: Some(NodeId(*sender)), keys: &KeyMap::new(), before: &hashes };
        let (message, lacking) = parcel.into_message(at_hand).map_err(Broken::simulation)?;
        self.tally.joined += before.len() as u64;
        self.tally.not_joined += u64::from(lacking.before);
        Ok((message, lacking))
    }

    /// The same answer in short, for a client that told `told` and has `theirs`, if that was understood.
    pub(super) fn answer_in_short(
        &self,
        server: usize,
        answer: &mut Message,
        told: &[Have],
        theirs: Option<&[Have]>,
    ) {
        let mine = std::mem::take(&mut answer.vector);
        let (named, rest) = if let Some(theirs) = theirs {
            tell(&mine, theirs, &BTreeSet::new())
        } else {
            let recent = self.nodes[server].process.iter().flat_map(|process| &process.shards);
            let recent: BTreeSet<_> = recent.map(loket_sync::Journals::session).collect();
            let also = mine.iter().filter(|have| recent.contains(&have.session));
            let (mut named, rest) =
                tell(&mine, &mine, &also.map(|have| (have.stream, have.session)).collect());
            // Of what it named and is not here it hears that, or it would not understand the rest.
            let is_strange = |have: &&Have| head::find(&mine, &have.stream, &have.session).is_none();
            let strange = told.iter().filter(is_strange);
            named.extend(strange.map(|have| Have { len: 0, hash: Hash::ZERO, ..*have }));
            head::sort(&mut named);
            (named, rest)
        };
        (answer.vector, answer.rest) = (named, Some(rest));
    }

    /// An answer has come: understood, or everything is said again in full.
    pub(super) fn answered(&mut self, link: usize, ticket: Ticket, bytes: &[u8], sent: u64) -> Step {
        let (answer, lacking) = self.unpack(self.links[link].client, bytes)?;
        let mut answer = Box::new(answer);
        let it = &mut self.links[link];
        let Some((_, posted)) = it.posted.as_ref().filter(|(posted, _)| *posted == ticket) else {
            return Ok(());
        };
        it.is_joined = answer.joins;
        if lacking.before {
            let (epoch, whole) = (it.epoch, Message { joins: false, ..posted.clone() });
            self.say(|world| format!("{} asks for runs whole", world.name(world.links[link].client)));
            return self.send(link, epoch, ticket, &whole, false, whole.records());
        }
        if let Some(theirs) = resolve(&posted.vector, &answer.vector, answer.rest) {
            (answer.vector, answer.rest) = (theirs, None);
            let said = posted.vector.clone();
            return self.feed(link, Input::Answer { ticket, answer, sent, said });
        }
        let (epoch, full) = (it.epoch, posted.clone());
        self.tally.repeated_in_full += 1;
        self.say(|world| {
            format!("{} is not understood and says all it has", world.name(world.links[link].client))
        });
        self.send(link, epoch, ticket, &full, false, full.records())
    }
}
