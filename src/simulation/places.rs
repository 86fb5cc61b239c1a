//! The journals' file of places: noted when a node stops in order and now and then, relied upon by every second start, and
//! verified behind it, as the office does. It may be stale, old, cut or changed: then it costs time and nothing else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use loket_sync::disk::virtual_disk::{Image, VirtualDisk};
use loket_sync::journal::{Damaged, JournalFailed, OpenReport};
use loket_sync::{Disk, Journals, SessionId, Signers, Subject, Vector};

use super::broken::{Broken, Invariant, Step, hold};
use super::fault::Fault;
use super::mutation::Mutation;
use super::node::{NoStart, Node, Process};
use super::world::{Event, World};

/// Name of the file in a folder of journals.
const FILE: &str = "places";
/// Old ones that somebody keeps.
const OLD_MAX: usize = 4;

/// What opening has shown: where the journals end, what they lack, what was found.
pub(super) type Shown = Vec<(Vector, BTreeSet<Subject>, OpenReport)>;

impl World {
    /// Notes where everything lies, perhaps dying over it; whether the node still runs.
    pub(super) fn note_places(&mut self, at: usize) -> bool {
        let dies_after = self.chance.percent(25).then(|| self.chance.below(9));
        let node = &mut self.nodes[at];
        let Some(process) = &mut node.process else { return false };
        if let Some(acts) = dies_after {
            process.acts.die_after(acts);
        }
        for shard in &mut process.shards {
            // What cannot be noted costs the next start its time.
            if shard.note_places().is_err() && process.acts.is_dead() {
                break;
            }
        }
        if process.acts.is_dead() {
            self.tally.fault(Fault::CrashNotingPlaces, []);
            self.say(|world| format!("{} dies while it notes where its records lie", world.name(at)));
            return false;
        }
        if dies_after.is_some() {
            process.acts.live_on();
        }
        node.keep_places();
        true
    }

    /// The file of places is cut, or is an older one again.
    pub(super) fn spoil_places(&mut self, at: usize) -> Step {
        let (old, cut) = (self.chance.next(), self.chance.percent(40));
        let node = &self.nodes[at];
        let disk = Disk::in_memory(node.disk.clone());
        if cut {
            let folders = node.shards();
            let file = folders[self.chance.place(folders.len())].0.join(FILE);
            if let Ok(len) = disk.len(&file) {
                let left = self.chance.below(len);
                disk.cut(&file, left).map_err(Broken::simulation)?;
                self.tally.fault(Fault::PlacesChanged, []);
                self.say(|world| format!("the places of {} are cut to {left} bytes", world.name(at)));
            }
        } else if !node.places.is_empty() && node.disk.room().is_none() {
            let (file, bytes) = &node.places[usize::try_from(old).unwrap_or(0) % node.places.len()];
            // A folder of before a restore may not be there.
            if file.parent().is_some_and(|folder| disk.is_folder(folder)) {
                disk.replace(file, bytes).map_err(Broken::simulation)?;
                self.tally.fault(Fault::PlacesOld, []);
                self.say(|world| format!("{} has older places again", world.name(at)));
            }
        }
        Ok(())
    }

    /// After a start that relied on places everything is read again after a while.
    pub(super) fn read_again_later(&mut self, at: usize) {
        let (in_ms, start) = (1 + self.chance.below(600_000), self.nodes[at].starts);
        self.schedule(in_ms, Event::ReadAgain { node: at, start });
    }

    /// Reads the journals of a node again, if it relies on places: what is damaged is set aside, as at a start that reads
    /// everything, and what an erasure has left is taken away.
    pub(super) fn read_again(&mut self, at: usize) -> Step {
        let keys = self.keys_for(at);
        let Some(process) = &mut self.nodes[at].process else { return Ok(()) };
        if !process.is_relying || self.mutation == Some(Mutation::PlacesNotVerified) {
            return Ok(());
        }
        process.is_relying = false;
        match process.read_again(&keys) {
            Ok(damaged) if damaged.is_empty() => Ok(()),
            Ok(damaged) => {
                self.tally.fault(Fault::DamageBehindPlaces, []);
                self.set_aside(at, &damaged).map(drop)
            }
            Err(_) if self.nodes[at].process.as_ref().is_some_and(Process::has_ended) => {
                self.failed(at);
                Ok(())
            }
            Err(error) => Err(Broken::new(Invariant::Starts, format!("{}: {error}", self.name(at)))),
        }
    }

    /// At rest no journal holds damage that nobody has found.
    pub(super) fn judge_damage(&self) -> Step {
        for (at, node) in self.nodes.iter().enumerate().filter(|(_, node)| node.disk_failed) {
            let Some(process) = &node.process else { continue };
            for reader in process.readers() {
                let found = reader.reread(&self.keys_for(at), &mut || true).map_err(Broken::simulation)?;
                hold(found.damaged.is_empty(), Invariant::DamageFound, || {
                    format!("nobody has found the damage at {}: {:?}", node.name, found.damaged)
                })?;
            }
        }
        Ok(())
    }
}

impl Process {
    /// Whether its journals take nothing more.
    pub(super) fn has_ended(&self) -> bool {
        self.acts.is_dead() || self.shards.iter().any(|shard| shard.failed().is_some())
    }

    /// Reads everything again and takes away what an erasure has left; gives what is damaged, with the place of its
    /// journals.
    pub(super) fn read_again(&mut self, keys: &dyn Signers) -> Result<Vec<(usize, Damaged)>, String> {
        let mut damaged = Vec::new();
        for (place, shard) in self.shards.iter_mut().enumerate() {
            let again = shard.reader().reread(keys, &mut || true).map_err(|error| error.to_string())?;
            if !again.left.is_empty() {
                let found = shard.erase(&again.of, &again.left).map_err(|error| error.to_string())?;
                damaged.extend(found.into_iter().map(|found| (place, found)));
            }
            damaged.extend(again.damaged.into_iter().map(|found| (place, found)));
        }
        Ok(damaged)
    }

    /// Sets damage aside; the next start reads everything.
    pub(super) fn set_aside(
        &mut self,
        damaged: &[(usize, Damaged)],
        keys: &dyn Signers,
    ) -> Result<(), JournalFailed> {
        for (place, found) in damaged {
            // A file that stays is not believed: the damaged session is not as long as it says.
            let _ = self.shards[*place].forget_places();
            self.shards[*place].set_aside(std::slice::from_ref(found), keys)?;
        }
        Ok(())
    }

    pub(super) fn shown(&self, reports: &[OpenReport]) -> Shown {
        shown(&self.shards, reports)
    }
}

/// What journals show, but for how many sessions were read. How many keys are missing follows from whose.
fn shown(shards: &[Journals], reports: &[OpenReport]) -> Shown {
    let shard = |(shard, report): (&Journals, &OpenReport)| {
        let report = OpenReport { sessions_read: 0, keys_missing: 0, ..report.clone() };
        (shard.reader().vector(), shard.wanted_keys().collect(), report)
    };
    shards.iter().zip(reports).map(shard).collect()
}

/// Whether a quick start shows what one shows that reads everything. It may want the key of somebody besides, whom no
/// record here speaks of yet.
pub(super) fn fits(quick: &Shown, read: &Shown) -> bool {
    let is_same =
        |((vector, wanted, report), read): (&(_, BTreeSet<_>, _), &(Vector, BTreeSet<_>, OpenReport))| {
            *vector == read.0 && *report == read.2 && wanted.is_superset(&read.1)
        };
    quick.len() == read.len() && quick.iter().zip(read).all(is_same)
}

impl Node {
    /// Somebody keeps the files of places that are there now.
    fn keep_places(&mut self) {
        let disk = Disk::in_memory(self.disk.clone());
        for (folder, _) in self.shards() {
            let file = folder.join(FILE);
            if let Ok(bytes) = disk.read(&file) {
                self.places.push((file, bytes));
            }
        }
        let surplus = self.places.len().saturating_sub(OLD_MAX);
        self.places.drain(..surplus);
        self.noted = segments(&self.disk);
    }

    /// Whether a start may find something to rely on.
    pub(super) fn has_places(&self) -> bool {
        let disk = Disk::in_memory(self.disk.clone());
        self.shards().iter().any(|(folder, _)| disk.is_file(&folder.join(FILE)))
    }

    /// The broken product believes that everything is as it was noted: what was written since is not seen.
    pub(super) fn believe_places(&self) {
        let disk = Disk::in_memory(self.disk.clone());
        for (path, len) in segments(&self.disk) {
            let noted = self.noted.iter().find(|(noted, _)| *noted == path).map(|(_, len)| *len);
            if let Some(noted) = noted.filter(|noted| *noted < len) {
                // Whether it works is seen in what is left.
                let _ = disk.cut(&path, noted);
            }
        }
    }

    /// What a start shows that reads everything, on a copy of the disk as it was.
    pub(super) fn shown_by_reading(
        &self,
        image: &Image,
        sessions: &dyn Fn(usize, u64) -> SessionId,
        signers: &dyn Signers,
    ) -> Result<Shown, NoStart> {
        let disk = Disk::in_memory(VirtualDisk::from_image(image));
        let opened = self.open(&disk, false, &|place| sessions(place, self.starts), signers);
        let (shards, reports) = opened.map_err(|error| NoStart::Other(format!("{error:?}")))?;
        Ok(shown(&shards, &reports))
    }
}

/// Segments of records, with their lengths.
fn segments(disk: &VirtualDisk) -> Vec<(PathBuf, u64)> {
    let is_segment =
        |path: &Path| path.extension().is_some_and(|end| end == "seg") && !path.ends_with("keys.seg");
    disk.files().into_iter().filter(|(path, _)| is_segment(path)).collect()
}
