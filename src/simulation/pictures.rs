//! Pictures: kept by the hash of their bytes, announced by facts, sent in chunks when the records are level.

use loket_sync::blob::{BlobError, Progress};
use loket_sync::exchange::BLOBS_MAX;
use loket_sync::{Disk, Hash};

use super::broken::{Broken, Invariant, Step};
use super::chance::derived;
use super::fault::Fault;
use super::mutation::Mutation;
use super::weather::Weather;
use super::world::{Link, World};
use crate::domain::document::BlobRef;

const CHUNK_BYTES: usize = 512;

impl World {
    /// Takes a picture and keeps it; nothing if the disk does not take it.
    pub(super) fn take_picture(&mut self, at: usize) -> Option<BlobRef> {
        let number = self.chance.next();
        let len = self.chance.pick(&[100, 512, 1024, 1300]);
        let bytes: Vec<u8> = derived(self.seed, "picture", number).into_iter().cycle().take(len).collect();
        let process = self.nodes[at].process.as_ref()?;
        match process.blobs.put(&bytes) {
            Ok(hash) => {
                // Whoever looks for pictures that nobody names comes before the fact that names it.
                if self.chance.percent(6) && process.blobs.set_aside(&hash).is_ok() {
                    self.tally.fault(Fault::PictureSwept, []);
                }
                let len = u32::try_from(len).unwrap_or(0);
                Some(BlobRef { hash: hash.to_string(), len, media_type: "image/jpeg".to_owned() })
            }
            Err(_) if process.acts.is_dead() => {
                self.failed(at);
                None
            }
            Err(error) => {
                self.no_room_for_blob(&error);
                None
            }
        }
    }

    /// What a node could give, and what it lacks.
    pub(super) fn blob_lists(&self, at: usize) -> (Vec<Hash>, Vec<Hash>) {
        let Some(process) = &self.nodes[at].process else { return (Vec::new(), Vec::new()) };
        let named = process.fold.pictures.keys().filter_map(|hash| hash.parse::<Hash>().ok());
        let is_here =
            |hash: &Hash| process.blobs.has(hash) || process.blobs.bring_back(hash).unwrap_or_default();
        let (here, missing): (Vec<Hash>, Vec<Hash>) = named.partition(is_here);
        (here.into_iter().take(BLOBS_MAX).collect(), missing.into_iter().take(BLOBS_MAX).collect())
    }

    /// The blob lane of a level line: up what the server lacks, down what the client lacks.
    pub(super) fn pictures(&mut self, link: usize, offered: &[Hash], wanted: &[Hash]) -> Step {
        let (client, server) = (self.links[link].client, self.links[link].server);
        for hash in wanted {
            self.transfer(link, client, server, hash)?;
        }
        let (_, missing) = self.blob_lists(client);
        for hash in offered.iter().filter(|hash| missing.contains(hash)) {
            self.transfer(link, server, client, hash)?;
        }
        Ok(())
    }

    fn transfer(&mut self, link: usize, from: usize, to: usize, hash: &Hash) -> Step {
        // Before its first piece a blob is verified; one that changed is set aside and comes again from whoever has it.
        let is_sound = self.nodes[from].process.as_ref().map(|giver| giver.blobs.is_sound(hash));
        match is_sound {
            Some(Ok(true)) => {}
            Some(Ok(false)) | None => return Ok(()),
            Some(Err(_)) => {
                self.failed(from);
                return Ok(());
            }
        }
        for _ in 0..8 {
            let is_bad = !self.is_settling && self.links[link].weather != Weather::Good;
            let kinds = [120];
            let is_part = self.nodes[to].process.as_ref().is_some_and(|taker| taker.blobs.offset(hash) > 0);
            if is_bad && self.chance.percent(if is_part { 45 } else { 15 }) {
                self.tally.fault(Fault::BlobCut, kinds);
                return self.another_goes_on(from, to, hash);
            }
            let (Some(giver), Some(taker)) = (&self.nodes[from].process, &self.nodes[to].process) else {
                return Ok(());
            };
            if is_bad && self.chance.percent(10) {
                // Nobody went on with the part for long, or the whole was set aside at the giver.
                let is_part = taker.blobs.offset(hash) > 0;
                let swept = if is_part { taker.blobs.remove(hash) } else { giver.blobs.set_aside(hash) };
                if swept.is_ok() {
                    let fault = if is_part { Fault::PartSwept } else { Fault::PictureSwept };
                    self.tally.fault(fault, kinds);
                }
            }
            let (Some(giver), Some(taker)) = (&self.nodes[from].process, &self.nodes[to].process) else {
                return Ok(());
            };
            let (Some(len), offset) = (giver.blobs.len(hash), taker.blobs.offset(hash)) else {
                return Ok(());
            };
            let Ok(Some(mut bytes)) = giver.blobs.chunk(hash, offset, CHUNK_BYTES) else { return Ok(()) };
            if is_bad && self.chance.percent(35) && !bytes.is_empty() {
                self.tally.fault(Fault::BlobChanged, kinds);
                let at = self.chance.place(bytes.len());
                bytes[at] ^= 1;
            }
            let is_over = self.put_chunk(to, hash, offset, &bytes, len)?;
            if offset > 0 && self.uploads.get(&(to, *hash)).is_some_and(|before| *before != from) {
                self.tally.fault(Fault::TwoUploaders, kinds);
            }
            self.uploads.insert((to, *hash), from);
            if is_over {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Where somebody's upload was cut, another node that has the blob may go on at once.
    fn another_goes_on(&mut self, from: usize, to: usize, hash: &Hash) -> Step {
        let has = |at: usize| self.nodes[at].process.as_ref().is_some_and(|process| process.blobs.has(hash));
        let is_other = |link: &Link| link.server == to && link.client != from && has(link.client);
        match self.links.iter().position(is_other) {
            Some(link) => self.transfer(link, self.links[link].client, to, hash),
            None => Ok(()),
        }
    }

    /// Adds a chunk; whether the transfer is over for now.
    fn put_chunk(&mut self, to: usize, hash: &Hash, offset: u64, bytes: &[u8], len: u64) -> Step<bool> {
        let node = &self.nodes[to];
        let Some(process) = &node.process else { return Ok(true) };
        // Whoever it was of may have been erased meanwhile.
        if !process.fold.pictures.contains_key(&hash.to_string()) {
            return Ok(true);
        }
        if self.mutation == Some(Mutation::BlobHashIgnored) && offset + bytes.len() as u64 == len {
            let name = hash.to_string();
            let path = std::path::Path::new("/data/blobs").join(&name[..2]).join(&name);
            let disk = Disk::in_memory(node.disk.clone());
            let mut whole = disk.read(&path.with_extension("part")).unwrap_or_default();
            whole.extend_from_slice(bytes);
            let made =
                disk.create_folder(path.parent().unwrap_or(&path)).and_then(|()| disk.replace(&path, &whole));
            return made.map(|()| true).map_err(Broken::simulation);
        }
        match process.blobs.append_chunk(hash, offset, bytes, len) {
            Ok(Progress::Part(_)) => Ok(false),
            Ok(Progress::Whole) | Err(BlobError::Hash(_)) => Ok(true),
            Err(_) if process.acts.is_dead() => {
                self.failed(to);
                Ok(true)
            }
            Err(error) => {
                self.no_room_for_blob(&error);
                Ok(true)
            }
        }
    }

    fn no_room_for_blob(&mut self, error: &BlobError) {
        if error.is_storage_full() {
            self.tally.fault(Fault::BlobNoRoom, []);
        }
    }

    /// At rest the registry holds every picture that a fact names, unless it was spoilt where it was taken; and nobody
    /// holds other bytes under its name.
    pub(super) fn judge_pictures(&self) -> Step {
        for node in &self.nodes {
            let Some(process) = &node.process else { continue };
            for hash in process.fold.pictures.keys().filter_map(|hash| hash.parse::<Hash>().ok()) {
                let is_spoilt = self.ledger.spoilt.contains(&hash.to_string());
                if matches!(process.blobs.get(&hash), Err(BlobError::Damaged(_))) && !is_spoilt {
                    let what = format!("{} holds other bytes under the name of blob {hash}", node.name);
                    return Err(Broken::new(Invariant::BlobsSound, what));
                }
            }
        }
        let (_, missing) = self.blob_lists(super::roster::REGISTRY);
        let held = |hash: &Hash| {
            self.nodes.iter().skip(1).any(|node| {
                node.process.as_ref().is_some_and(|process| matches!(process.blobs.get(hash), Ok(Some(_))))
            })
        };
        match missing.iter().find(|hash| held(hash)) {
            Some(hash) => {
                let what = format!("the registry lacks blob {hash}, which a node that it talks to holds");
                Err(Broken::new(Invariant::BlobsSound, what))
            }
            None => Ok(()),
        }
    }
}
