//! Faults: what strikes, whom, and when.

use std::path::Path;

use loket_sync::{Disk, StreamId, Subject};

use super::broken::{Broken, Step};
use super::fault::Fault;
use super::node::{Lengths, Role};
use super::roster::{self, KIT, REGISTRY};
use super::weather::Weather;
use super::world::World;

const DAY_MS: i64 = 86_400_000;
/// A kind, a subject, its sealed key, a check.
const KEY_FRAME_BYTES: usize = 1 + Subject::LEN + 72 + 8;

impl World {
    /// Something goes wrong, or changes.
    pub(super) fn strike(&mut self) -> Step {
        let drawn = self.chance.place(self.nodes.len());
        let at = if self.nodes[drawn].is_retired { REGISTRY } else { drawn };
        let kinds: Vec<u16> = self.nodes[at].recent.iter().copied().collect();
        match self.chance.below(52) {
            0..=9 => self.change_weather(),
            10 | 11 => {
                let is_cut = self.chance.percent(50);
                if self.nodes[at].process.is_some() {
                    self.tally.fault(if is_cut { Fault::PowerCut } else { Fault::Killed }, kinds);
                    let for_ms = 1_000 + self.chance.below(1_800_000);
                    self.down(at, is_cut, for_ms);
                }
            }
            12..=16 => self.die_soon(at),
            17 => self.fill_disk(at),
            18 if self.chance.percent(50) => {
                if let Some(process) = &self.nodes[at].process {
                    process.acts.fail_sync_after(self.chance.below(5));
                }
            }
            18 | 19 => self.flip(at),
            20 | 21 => self.backup(at),
            22 | 23 | 50 => return self.restore(at),
            24 => return self.clone_office(),
            25..=27 => self.change_clock(at),
            28 => self.revoke(),
            29 | 30 => return self.forge(),
            31 => self.upgrade(at),
            32..=34 => {
                let link = self.chance.place(self.links.len());
                let from = self.links[link].client;
                if self.nodes[from].process.is_some() {
                    return self.export(link, true, None);
                }
            }
            35..=37 => return self.import(),
            38 | 39 => return self.change_key(),
            40 => {
                self.tally.fault(Fault::Asleep, []);
                self.now_ms += self.chance.below(20 * 3_600_000);
            }
            41 | 42 => {
                if self.nodes[at].process.is_some() && !self.note_places(at) {
                    self.failed(at);
                }
            }
            43 => return self.spoil_places(at),
            44 | 45 => {
                if self.other_hub().is_some() || self.chance.percent(40) {
                    return self.two_hubs();
                }
            }
            46..=49 => return self.strike_rarely(at),
            _ => {
                self.tally.fault(Fault::Offline, []);
                self.links.iter_mut().for_each(|link| link.weather = Weather::Down);
                self.now_ms += self.chance.below(30) * 86_400_000;
            }
        }
        Ok(())
    }

    fn change_weather(&mut self) {
        if self.other_hub().is_some() && self.chance.percent(50) {
            return self.lead_elsewhere();
        }
        if self.is_offline {
            return;
        }
        let link = self.chance.place(self.links.len());
        let weather = Weather::draw(&mut self.chance);
        self.links[link].weather = weather;
        self.say(|world| format!("the line of {}: {weather:?}", world.name(world.links[link].client)));
    }

    /// The node dies at one of its next acts on the disk.
    fn die_soon(&mut self, at: usize) {
        let (acts, is_cut) = (self.chance.below(14), self.chance.percent(60));
        let node = &mut self.nodes[at];
        node.dies_by_cut = is_cut;
        if let Some(process) = &node.process {
            process.acts.die_after(acts);
        }
    }

    fn fill_disk(&mut self, at: usize) {
        let room = self.chance.below(4_000);
        self.nodes[at].disk.set_room(Some(room));
        self.say(|world| format!("the disk of {} has {room} bytes left", world.name(at)));
    }

    /// A bit flips on the platter, seldom, and the disk counts as failed from then on.
    fn flip(&mut self, at: usize) {
        let files = self.nodes[at].disk.files();
        let Some((path, len)) =
            files.get(self.chance.place(files.len())).filter(|(_, len)| *len > 0).cloned()
        else {
            return;
        };
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let (byte, bit) = (self.chance.below(len), self.chance.pick(&[0, 3, 7]));
        let fault = match name.as_str() {
            "keys.seg" => {
                self.ledger.damaged_keys.extend(self.key_at(at, &path, byte));
                Fault::KeyFlipped
            }
            _ if path.extension().is_some_and(|end| end == "seg") => Fault::SegmentFlipped,
            blob if path.starts_with("/data/blobs") => {
                self.ledger.spoilt.insert(blob.trim_end_matches(".part").to_owned());
                Fault::BlobFlipped
            }
            // Nothing depends on it: the disk does not count as failed.
            "places" => Fault::PlacesChanged,
            _ => return,
        };
        self.tally.fault(fault, []);
        self.nodes[at].disk_failed |= fault != Fault::PlacesChanged;
        self.nodes[at].disk.flip_bit(&path, byte, bit);
        self.say(|world| format!("a bit flips at {}: {} byte {byte}", world.name(at), path.display()));
    }

    /// Whose key lies at a byte of a key file; see `loket_sync::subject_keys`.
    fn key_at(&self, at: usize, path: &Path, byte: u64) -> Option<Subject> {
        let file = Disk::in_memory(self.nodes[at].disk.clone()).read(path).ok()?;
        let frame = file.chunks(KEY_FRAME_BYTES).nth(usize::try_from(byte).ok()? / KEY_FRAME_BYTES)?;
        frame.get(1..=Subject::LEN)?.try_into().ok().map(Subject)
    }

    fn backup(&mut self, at: usize) {
        let node = &mut self.nodes[at];
        if node.process.is_some() && node.backups.len() < 4 {
            node.backups.push(node.disk.snapshot());
            self.say(|world| format!("a backup of {} is made", world.name(at)));
        }
    }

    fn restore(&mut self, at: usize) -> Step {
        let node = &self.nodes[at];
        if node.backups.is_empty() {
            return Ok(());
        }
        let image = node.backups[self.chance.place(self.nodes[at].backups.len())].clone();
        let is_registry = self.nodes[at].role == Role::Registry;
        let kinds: Vec<u16> = self.nodes[at].recent.iter().copied().collect();
        self.tally.fault(if is_registry { Fault::RegistryRestored } else { Fault::OfficeRestored }, kinds);
        if self.nodes[at].restores > 0 {
            self.tally.fault(Fault::RestoredAgain, []);
        }
        let was_up = self.nodes[at].process.is_some();
        let before = self.nodes[at].lengths();
        self.down(at, false, 2_000);
        let node = &mut self.nodes[at];
        node.restores += 1;
        node.before = None;
        node.durable = Lengths::new();
        node.disk.restore(&image);
        self.say(|world| format!("{} is restored from a backup", world.name(at)));
        if !was_up {
            self.schedule(2_000, super::world::Event::Restart { node: at });
        }
        // What it holds now is known once it is open.
        self.start(at, None)?;
        self.account_for_loss(at, &before);
        Ok(())
    }

    /// The disk of an office is copied, and both machines go on.
    fn clone_office(&mut self) -> Step {
        let at = 1 + self.chance.place(3);
        let copies = self.nodes.iter().filter(|node| node.role == Role::Office).count();
        if copies > 3 || self.nodes[at].process.is_none() {
            return Ok(());
        }
        let kinds: Vec<u16> = self.nodes[at].recent.iter().copied().collect();
        self.tally.fault(Fault::Cloned, kinds);
        let image = self.nodes[at].disk.snapshot();
        let node = &self.nodes[at];
        let (name, code, key, segment) =
            (format!("{}, copied", node.name), node.code.clone(), node.key.clone(), node.segment_bytes);
        let (is_newer, disk_failed) = (node.is_newer, node.disk_failed);
        let place = self.add_node(name, Role::Office, code, key, segment)?;
        self.nodes[place].disk.restore(&image);
        self.nodes[place].is_newer = is_newer;
        self.nodes[place].disk_failed = disk_failed;
        self.add_link(place, REGISTRY, at)?;
        self.say(|world| format!("the disk of {} is copied", world.name(at)));
        self.start(place, None)
    }

    fn change_clock(&mut self, at: usize) {
        let (fault, ahead_ms) = match self.chance.below(4) {
            0 => (Fault::ClockOff, i64::try_from(self.chance.below(48)).unwrap_or(0) * 3_600_000 - DAY_MS),
            1 => (Fault::ClockYearsOff, self.chance.pick(&[-30, -7, 10]) * 365 * DAY_MS),
            2 => (Fault::ClockBack, self.nodes[at].ahead_ms - 5_000),
            _ => (Fault::ClockOff, 0),
        };
        self.tally.fault(fault, []);
        (self.nodes[at].ahead_ms, self.nodes[at].stuck_ms) = (ahead_ms, None);
    }

    /// The key of the third office is taken back at what the registry has of it; the office goes on.
    fn revoke(&mut self) {
        if self.keys.revoked.is_some() || self.nodes[REGISTRY].process.is_none() || self.chance.percent(60) {
            return;
        }
        let node = &self.nodes[3];
        let Some(own) = node.shards().first().map(|(_, stream)| *stream) else { return };
        let mut good = self.nodes[REGISTRY].lengths();
        good.retain(|(stream, _), _| stream.as_str() == own);
        self.tally.fault(Fault::Revoked, node.recent.iter().copied());
        self.keys.revoked = Some((node.key.public().id(), good));
        self.say(|world| format!("the key of {} is taken back", world.name(3)));
    }

    /// An office or kit is let in anew with another key, and goes on with its disk. What is under way was sealed for the
    /// key before.
    fn change_key(&mut self) -> Step {
        let at = self.chance.pick(&[1, 2, KIT]);
        let node = &self.nodes[at];
        let later = roster::later_key(at, node.keys_before).filter(|_| node.process.is_some());
        let Some(key) = later else { return Ok(()) };
        self.tally.fault(Fault::KeyChanged, node.recent.iter().copied());
        for (_, stream) in node.shards() {
            let stream = StreamId::parse(stream).map_err(Broken::simulation)?;
            self.keys.writers.entry(stream).or_default().push(key.public());
        }
        self.down(at, false, 1_000);
        let node = &mut self.nodes[at];
        (node.key, node.keys_before) = (key, node.keys_before + 1);
        self.say(|world| format!("{} is let in anew with another key", world.name(at)));
        self.start(at, None)
    }

    fn upgrade(&mut self, at: usize) {
        if self.nodes[at].is_newer || self.nodes[at].process.is_none() {
            return;
        }
        self.tally.fault(Fault::Upgraded, []);
        self.down(at, false, 1_000);
        self.nodes[at].is_newer = true;
        self.nodes[at].before = None;
        self.say(|world| format!("{} is upgraded", world.name(at)));
    }
}
