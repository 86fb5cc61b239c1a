//! The courier: the product's own files on a stick, both ways, late, twice, out of order, cut, changed, or for a key that
//! their receiver no longer has.

use loket_sync::bundle::{self, BundleError, BundleReader, BundleWriter, Listed, Part};
use loket_sync::{Hash, Message, NodeId, NodePublic};

use super::broken::{Broken, Invariant, Step, hold};
use super::fault::Fault;
use super::mutation::Mutation;
use super::taking::Taken;
use super::world::World;

/// Messages in one bundle, at most.
const MESSAGES_MAX: usize = 4;
/// Pictures in one bundle, at most.
const PICTURES_MAX: usize = 3;

/// A file in somebody's pocket.
#[derive(Clone)]
pub(super) struct Bundle {
    pub link: usize,
    pub to_server: bool,
    pub file: Vec<u8>,
    pub made_ms: u64,
}

impl World {
    /// Writes a bundle for the other side of a link; `theirs` is what it said last, in a bundle that came.
    pub(super) fn export(&mut self, link: usize, to_server: bool, theirs: Option<&Message>) -> Step {
        let it = &self.links[link];
        let (from, to) = if to_server { (it.client, it.server) } else { (it.server, it.client) };
        let heard = it.line.as_ref().and_then(|line| line.state().theirs.clone()).filter(|_| to_server);
        let mut known = theirs.map(|message| message.vector.clone()).or(heard).unwrap_or_default();
        let (owed, refused) = theirs
            .map_or_else(Default::default, |message| (message.wanted_keys.clone(), message.refused.clone()));
        let (from_key, to_key, made_at_ms) =
            (self.nodes[from].key.clone(), self.nodes[to].key.public(), self.wall_ms(from));
        let mut writer = BundleWriter::begin(Vec::new(), &from_key, &to_key, made_at_ms).map_err(broken)?;
        for _ in 0..MESSAGES_MAX {
            let composed = self.compose(from, link, &to_key, Some(&known), &owed, &refused)?;
            let Some(message) = composed else { return Ok(()) };
            self.promise(from, &message.vector)?;
            self.say(|world| format!("{} writes a bundle: {}", world.name(from), Self::in_words(&message)));
            writer.message(&message).map_err(broken)?;
            if message.runs.is_empty() {
                break;
            }
            bundle::advance(&mut known, &message.runs);
        }
        let (offered, wanted) = self.blob_lists(from);
        writer.list(Listed::Offered, &offered).map_err(broken)?;
        writer.list(Listed::Wanted, &wanted).map_err(broken)?;
        for hash in offered.iter().take(PICTURES_MAX) {
            let blobs = self.nodes[from].process.as_ref().map(|process| &process.blobs);
            if let Some(Ok(Some(bytes))) = blobs.map(|blobs| blobs.get(hash)) {
                writer.blob(hash, &bytes).map_err(broken)?;
            }
        }
        let (file, _) = writer.finish().map_err(broken)?;
        self.pocket.push(Bundle { link, to_server, file, made_ms: self.now_ms });
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
            return self.import_damaged(at, bundle.file);
        }
        if self.now_ms > bundle.made_ms + 86_400_000 {
            self.tally.fault(Fault::BundleLate, []);
        }
        match self.parts(at, &bundle.file) {
            Ok(parts) => self.import_parts(at, &bundle, parts),
            Err(BundleError::NotForThisNode(_)) => {
                self.tally.fault(Fault::BundleForOldKey, []);
                Ok(())
            }
            Err(error) => Err(broken(error)),
        }
    }

    /// What was cut or changed is not believed, wherever that was.
    fn import_damaged(&mut self, at: usize, mut file: Vec<u8>) -> Step {
        self.tally.fault(Fault::BundleDamaged, []);
        let place = self.chance.place(file.len());
        if self.chance.percent(50) {
            file.truncate(place);
        } else {
            file[place] ^= 1 << self.chance.below(8);
        }
        let name = self.name(at);
        hold(self.parts(at, &file).is_err(), Invariant::OnlyAuthentic, || {
            format!("{name} believes a bundle that was changed at byte {place}")
        })
    }

    /// All of a bundle, read through to its end before anything is acted on.
    fn parts(&self, at: usize, file: &[u8]) -> Result<Vec<Part>, BundleError> {
        let known = |node: &NodeId| -> Option<NodePublic> { self.keys.public(node) };
        let mut reader = BundleReader::open(file, &self.nodes[at].key, known)?;
        let mut parts = Vec::new();
        while let Some(part) = reader.part()? {
            parts.push(part);
        }
        Ok(parts)
    }

    fn import_parts(&mut self, at: usize, bundle: &Bundle, parts: Vec<Part>) -> Step {
        let mut last = None;
        for part in parts {
            match part {
                Part::Message(message) => {
                    self.say(|world| {
                        format!("{} imports a bundle: {}", world.name(at), Self::in_words(&message))
                    });
                    if self.mutation == Some(Mutation::BundleNotCommitted) {
                        self.receipt_before_commit(at, bundle.link, &message)?;
                    }
                    let taken = self.take(at, bundle.link, message.runs.clone(), &message.keys)?;
                    if !matches!(taken, Taken::Done(..)) {
                        return Ok(());
                    }
                    last = Some(message);
                }
                Part::Blob(hash, bytes) => self.keep_picture(at, &hash, &bytes),
                Part::List(..) => {}
            }
        }
        match last.filter(|_| bundle.to_server && self.chance.percent(70)) {
            Some(message) => self.export(bundle.link, false, Some(&message)),
            None => Ok(()),
        }
    }

    /// A picture from a bundle, if a record here names it.
    fn keep_picture(&mut self, at: usize, hash: &Hash, bytes: &[u8]) {
        let Some(process) = &self.nodes[at].process else { return };
        if process.fold.pictures.contains_key(&hash.to_string())
            && process.blobs.put(bytes).is_err()
            && process.acts.is_dead()
        {
            self.failed(at);
        }
    }

    /// The broken product says in its receipt that it has what it only gathered.
    fn receipt_before_commit(&self, at: usize, link: usize, message: &Message) -> Step {
        let mut said = self.visible(at, link);
        bundle::advance(&mut said, &message.runs);
        self.promise(at, &said)
    }
}

fn broken(error: impl std::fmt::Display) -> Broken {
    Broken::simulation(format!("a bundle cannot be made or read: {error}"))
}
