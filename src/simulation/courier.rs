//! The courier: the exchange's messages in a file on a stick, both ways, late, twice, out of order or damaged.

use loket_sync::{Message, wire};

use super::broken::{Broken, Step};
use super::fault::Fault;
use super::mutation::Mutation;
use super::taking::Taken;
use super::world::World;

/// A file in somebody's pocket.
#[derive(Clone)]
pub(super) struct Bundle {
    pub link: usize,
    pub to_server: bool,
    pub bytes: Vec<u8>,
    pub made_ms: u64,
}

impl World {
    /// Writes a bundle for the other side of a link.
    pub(super) fn export(&mut self, link: usize, to_server: bool, theirs: Option<&Message>) -> Step {
        let it = &self.links[link];
        let (from, to) = if to_server { (it.client, it.server) } else { (it.server, it.client) };
        let known = theirs
            .map(|message| message.vector.clone())
            .or_else(|| it.line.as_ref().and_then(|line| line.state().theirs.clone()).filter(|_| to_server));
        let known = known.unwrap_or_default();
        let (owed, refused) = theirs
            .map_or_else(Default::default, |message| (message.wanted_keys.clone(), message.refused.clone()));
        let to = self.nodes[to].key.public();
        let message_bytes = std::mem::replace(&mut self.message_bytes, 1 << 20);
        let composed = self.compose(from, link, &to, Some(&known), &owed, &refused);
        self.message_bytes = message_bytes;
        let Some(message) = composed? else { return Ok(()) };
        let bytes = wire::encode(&message).map_err(Broken::simulation)?;
        self.say(|world| format!("{} writes a bundle: {}", world.name(from), Self::in_words(&message)));
        self.pocket.push(Bundle { link, to_server, bytes, made_ms: self.now_ms });
        Ok(())
    }

    /// Imports a bundle from the pocket, perhaps not the oldest, perhaps keeping it for another time; the receipt goes
    /// back the same way.
    pub(super) fn import(&mut self) -> Step {
        if self.pocket.is_empty() {
            return Ok(());
        }
        let place = self.chance.place(self.pocket.len());
        let is_kept = !self.is_settling && self.chance.percent(30);
        let bundle = if is_kept { self.pocket[place].clone() } else { self.pocket.remove(place) };
        let it = &self.links[bundle.link];
        let at = if bundle.to_server { it.server } else { it.client };
        if self.nodes[at].process.is_none() {
            return Ok(());
        }
        if is_kept {
            self.tally.fault(Fault::BundleTwice, []);
        }
        if !self.is_settling && self.chance.percent(10) {
            self.tally.fault(Fault::BundleDamaged, []);
            let len = self.chance.place(bundle.bytes.len());
            drop(wire::decode(&bundle.bytes[..len]));
            return Ok(());
        }
        if self.now_ms > bundle.made_ms + 86_400_000 {
            self.tally.fault(Fault::BundleLate, []);
        }
        let message = wire::decode(&bundle.bytes).map_err(Broken::simulation)?;
        self.say(|world| format!("{} imports a bundle: {}", world.name(at), Self::in_words(&message)));
        if self.mutation == Some(Mutation::BundleNotCommitted) {
            self.receipt_without_commit(at, &message);
            return Ok(());
        }
        let taken = self.take(at, bundle.link, message.runs.clone(), &message.keys)?;
        if matches!(taken, Taken::Done(..)) && bundle.to_server && self.chance.percent(70) {
            self.export(bundle.link, false, Some(&message))?;
        }
        Ok(())
    }

    /// The broken product says that it has what it only gathered.
    fn receipt_without_commit(&mut self, at: usize, message: &Message) {
        let heads = message.runs.iter().map(|run| run.head.have());
        let node = &mut self.nodes[at];
        for have in heads {
            let held = node.durable.entry((have.stream, have.session)).or_default();
            *held = have.len.max(*held);
        }
        self.down(at, true, 1_000);
    }
}
