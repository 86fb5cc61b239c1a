//! Faults that strike seldom: of clocks and calendars, of key tables and journals that do not fit together, of programs that
//! go back, of lines that come back together.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::NaiveDate;
use loket_sync::disk::virtual_disk::{Image, VirtualDisk};
use loket_sync::exchange::{Input, LinePhase};
use loket_sync::journal::AppendError;
use loket_sync::record::BODY_BYTES_MAX;
use loket_sync::{Disk, NewRecord, Subject};

use super::broken::{Broken, Invariant, Step, hold};
use super::chance::derived_16;
use super::fault::Fault;
use super::node::{Node, Process};
use super::roster::REGISTRY;
use super::weather::Weather;
use super::world::{Event, START_MS, World};

/// Time stops so long before a midnight.
const BEFORE_MIDNIGHT_MS: i64 = 1_500;

impl World {
    /// Something that happens seldom happens.
    pub(super) fn strike_rarely(&mut self, at: usize) -> Step {
        match self.chance.below(9) {
            0 => self.second_process(at),
            1 => {
                self.leap();
                Ok(())
            }
            2 | 3 => self.restore_half(at),
            4 => {
                self.downgrade(at);
                Ok(())
            }
            5 => self.write_too_long(at),
            6 => {
                self.clog();
                Ok(())
            }
            7 => {
                self.go_offline_together();
                Ok(())
            }
            _ => {
                let wall_ms = self.wall_ms(at);
                self.tally.fault(Fault::ClockStuck, []);
                self.nodes[at].stuck_ms = Some(wall_ms);
                Ok(())
            }
        }
    }

    /// A second process finds the folder taken; opening it takes the same lock.
    fn second_process(&mut self, at: usize) -> Step {
        let node = &self.nodes[at];
        let is_running = node.process.as_ref().is_some_and(|process| !process.has_ended());
        for (folder, _) in node.shards().iter().filter(|_| is_running) {
            let disk = Disk::in_memory(node.disk.clone());
            let locked = disk.lock(&folder.join("lock")).map_err(Broken::simulation)?;
            hold(locked.is_none(), Invariant::OneWriter, || {
                format!("a second process may write into the folder of {}", node.name)
            })?;
        }
        if is_running {
            self.tally.fault(Fault::SecondProcess, []);
        }
        Ok(())
    }

    /// Everybody comes to the last moment of a day, seldom of the year.
    fn leap(&mut self) {
        let now_ms = START_MS + i64::try_from(self.now_ms).unwrap_or(0);
        let zone_ms = 7 * 3_600_000;
        let day_ms = 86_400_000;
        let mut next_ms = (now_ms + zone_ms).div_euclid(day_ms) * day_ms + day_ms - zone_ms;
        let year_ends = NaiveDate::from_ymd_opt(2027, 1, 1)
            .and_then(|day| day.and_hms_opt(0, 0, 0))
            .map(|midnight| midnight.and_utc().timestamp_millis() - zone_ms);
        let is_year = self.chance.percent(25);
        self.tally.fault(if is_year { Fault::YearEnd } else { Fault::Midnight }, []);
        if let Some(end_ms) = year_ends.filter(|end_ms| is_year && *end_ms > next_ms) {
            next_ms = end_ms;
        }
        let passes_ms = (next_ms - BEFORE_MIDNIGHT_MS - now_ms).max(0);
        self.now_ms += u64::try_from(passes_ms).unwrap_or(0);
        self.say(|_| "it is nearly midnight".to_owned());
    }

    /// Of a backup only the key table comes back, or everything but that.
    fn restore_half(&mut self, at: usize) -> Step {
        let is_possible =
            |at: &usize| !self.nodes[*at].backups.is_empty() && self.nodes[*at].process.is_some();
        let Some(at) = [at].into_iter().chain(0..self.nodes.len()).find(is_possible) else { return Ok(()) };
        let node = &self.nodes[at];
        let image = node.backups[self.chance.place(self.nodes[at].backups.len())].clone();
        let is_keys = self.chance.percent(50);
        self.tally.fault(if is_keys { Fault::KeysRestored } else { Fault::JournalsRestored }, []);
        let (before, keys) = (self.nodes[at].lengths(), self.known_keys(at));
        self.down(at, false, 2_000);
        let node = &mut self.nodes[at];
        (node.before, node.is_half_restored) = (None, true);
        node.disk.set_room(None);
        if is_keys {
            node.put_keys(&node.keys_of(&VirtualDisk::from_image(&image)))?;
        } else {
            node.restore_but_keys(&image)?;
        }
        self.say(|world| {
            let what = if is_keys { "the key table" } else { "the journals" };
            format!("of a backup only {what} of {} comes back", world.name(at))
        });
        self.start(at, None)?;
        self.account_for_loss(at, &before);
        let left = self.known_keys(at);
        self.ledger.damaged_keys.extend(keys.difference(&left));
        Ok(())
    }

    /// Whose keys a node has.
    pub(super) fn known_keys(&self, at: usize) -> BTreeSet<Subject> {
        let readers: Vec<_> = self.nodes[at].process.iter().flat_map(Process::readers).collect();
        let persons = self.homes.keys().flat_map(|subject| [*subject, subject.erasure()]);
        let own = |node: &Node| Subject(derived_16(self.seed, &node.name, 0));
        let mut known: BTreeSet<Subject> = persons.chain(self.nodes.iter().map(own)).collect();
        known.retain(|subject| readers.iter().any(|reader| reader.key(subject).is_some()));
        known
    }

    /// The program of before runs again: what it does not know is left unread until the next one reads it again.
    fn downgrade(&mut self, at: usize) {
        let newer =
            (0..self.nodes.len()).filter(|at| self.nodes[*at].is_newer && self.nodes[*at].process.is_some());
        let newer: Vec<usize> = newer.collect();
        let at =
            if newer.contains(&at) || newer.is_empty() { at } else { newer[self.chance.place(newer.len())] };
        if !newer.contains(&at) {
            return;
        }
        self.tally.fault(Fault::Downgraded, []);
        self.down(at, false, 1_000);
        (self.nodes[at].is_newer, self.nodes[at].before) = (false, None);
        self.say(|world| format!("{} runs an older program again", world.name(at)));
    }

    /// A body that is too long is refused, and nothing is left of it.
    fn write_too_long(&mut self, at: usize) -> Step {
        let mut body = Vec::new();
        while body.len() <= BODY_BYTES_MAX {
            body.extend(self.chance.next().to_le_bytes());
        }
        let (subject, at_ms) = (self.homes.keys().next().copied(), self.wall_ms(at));
        let name = self.name(at).to_owned();
        let Some((subject, key)) = subject.map(|subject| (subject, self.subject_key(subject))) else {
            return Ok(());
        };
        let Some(process) = &mut self.nodes[at].process else { return Ok(()) };
        let before = process.vector();
        let new = NewRecord { at_ms, kind: 100, flags: 0, subject, body: &body };
        let refused = process.shards[0].append_with_key(&new, &key);
        process.shards[0].abandon();
        if matches!(refused, Err(AppendError::Failed(_))) {
            self.failed(at);
            return Ok(());
        }
        hold(refused.is_err() && before == process.vector(), Invariant::OnlyAuthentic, || {
            format!("{name} takes a body of {} bytes", body.len())
        })?;
        self.tally.fault(Fault::BodyTooLong, []);
        Ok(())
    }

    /// Several lines go at once, and come back one by one in another order.
    fn clog(&mut self) {
        self.tally.fault(Fault::Clogged, []);
        for link in 0..self.links.len() {
            if self.chance.percent(70) {
                self.links[link].weather = Weather::Down;
                let in_ms = self.chance.below(7_200_000);
                self.schedule(in_ms, Event::Unclog { link });
            }
        }
        self.say(|_| "several lines are clogged".to_owned());
    }

    /// A line is back, and whoever waits at it notices.
    pub(super) fn unclog(&mut self, link: usize) -> Step {
        self.links[link].weather = Weather::Good;
        self.say(|world| format!("the line of {} is back", world.name(world.links[link].client)));
        self.feed(link, Input::LineBack)
    }

    /// Nobody has a line for up to two days of work; then all have.
    fn go_offline_together(&mut self) {
        if self.is_offline {
            return;
        }
        self.is_offline = true;
        self.links.iter_mut().for_each(|link| link.weather = Weather::Down);
        let in_ms = 4 * 3_600_000 + self.chance.below(40 * 3_600_000);
        self.schedule(in_ms, Event::AllBack);
        self.say(|_| "nobody has a line".to_owned());
    }

    /// All lines are back in the same moment.
    pub(super) fn all_back(&mut self) -> Step {
        self.is_offline = false;
        self.tally.fault(Fault::AllBackAtOnce, []);
        (0..self.links.len()).try_for_each(|link| self.unclog(link))
    }

    /// Somebody is booked elsewhere or for another day while the office is in the middle of an exchange.
    pub(super) fn note_move(&mut self, home: usize) {
        let is_of_home = |link: &&super::world::Link| link.client == home;
        let is_working = self.links.iter().find(is_of_home).and_then(|link| link.line.as_ref());
        if is_working.is_some_and(|line| line.state().phase == LinePhase::Working) {
            self.tally.fault(Fault::MovedDuringExchange, []);
        }
    }

    /// Records about somebody come after the person was erased here.
    pub(super) fn note_late(&mut self, at: usize, runs: &[loket_sync::Run]) {
        let Some(process) = &self.nodes[at].process else { return };
        let records = runs.iter().flat_map(|run| &run.records);
        let is_late = |record: &&loket_sync::Record| {
            let subject = &record.header.subject;
            !record.is_erased() && process.shards.iter().any(|shard| shard.is_forgotten(subject))
        };
        let kinds: Vec<u16> = records.filter(is_late).map(|record| record.header.kind).collect();
        if !kinds.is_empty() {
            self.tally.fault(Fault::LateAfterErasure, kinds);
        }
    }
}

impl Node {
    fn key_files(&self) -> impl Iterator<Item = PathBuf> {
        self.shards().into_iter().map(|(folder, _)| folder.join("keys.seg"))
    }

    /// The key tables on a disk, as far as there are any.
    fn keys_of(&self, disk: &VirtualDisk) -> Vec<(PathBuf, Option<Vec<u8>>)> {
        let disk = Disk::in_memory(disk.clone());
        self.key_files().map(|file| (file.clone(), disk.read(&file).ok())).collect()
    }

    fn put_keys(&self, keys: &[(PathBuf, Option<Vec<u8>>)]) -> Step {
        let disk = Disk::in_memory(self.disk.clone());
        for (file, bytes) in keys {
            let Some(folder) = file.parent().filter(|folder| disk.is_folder(folder)) else { continue };
            let put = match bytes {
                Some(bytes) => disk.replace(file, bytes),
                None => disk.remove(file).and_then(|()| disk.sync_folder(folder)),
            };
            put.map_err(Broken::simulation)?;
        }
        Ok(())
    }

    fn restore_but_keys(&mut self, image: &Image) -> Step {
        let keys = self.keys_of(&self.disk);
        self.durable.clear();
        self.disk.restore(image);
        self.put_keys(&keys)
    }
}

/// An exchange in which nothing moves: one round trip, and so many bytes there and back.
const IDLE_BYTES_MAX: [usize; 2] = [400, 1_000];
/// Events meanwhile, far more than there are.
const EVENTS_MAX: u32 = 2_000;
/// Who writes is heard of within this time.
const CALLED_WITHIN_MS: u64 = 120_000;

impl World {
    /// How many bytes a message takes, but for lists of blobs and of keys.
    pub(super) fn note_size(
        &mut self,
        link: usize,
        is_answer: bool,
        message: &loket_sync::Message,
        bytes: usize,
    ) {
        let lists = message.offered_blobs.len() + message.wanted_blobs.len();
        // Keys that nobody has any more are asked for each time.
        let keys = message.wanted_keys.len() * Subject::LEN;
        self.links[link].bytes[usize::from(is_answer)] = bytes.saturating_sub(lists * 32 + keys);
    }

    /// At rest an exchange is one round trip of few bytes, and whoever is not listened to is told.
    pub(super) fn judge_idle(&mut self) -> Step {
        // Whoever is still to be called is called now.
        self.pass(CALLED_WITHIN_MS, EVENTS_MAX)?;
        for link in 0..self.links.len() {
            let posts = self.links[link].posts;
            self.feed(link, Input::LocalNews)?;
            for _ in 0..EVENTS_MAX {
                if self.links[link].posts > posts && self.is_level(link) {
                    break;
                }
                let Some(((at_ms, _), event)) = self.events.pop_first() else { break };
                self.now_ms = self.now_ms.max(at_ms);
                self.happen(event)?;
            }
            let it = &self.links[link];
            let name = self.name(it.client);
            hold(it.posts == posts + 1, Invariant::IdleIsCheap, || {
                format!("{name} makes {} posts though all is level", it.posts - posts)
            })?;
            let refused = it.line.as_ref().map(|line| line.state().refused.clone()).unwrap_or_default();
            // What is not taken is said each time.
            let is_small = it.bytes.iter().zip(IDLE_BYTES_MAX).all(|(bytes, most)| *bytes <= most);
            hold(is_small || !refused.is_empty(), Invariant::IdleIsCheap, || {
                format!("{name} sends and gets {:?} bytes though all is level", it.bytes)
            })?;
            let aside = self.nodes[REGISTRY].aside.iter().filter(|have| it.shared.contains(&have.stream));
            for have in aside.filter(|_| it.server == REGISTRY) {
                let is_shown = refused.iter().any(|not| not.session == have.session);
                hold(is_shown, Invariant::RefusedShown, || {
                    format!("{name} is not told that {}/{} is kept aside", have.stream, have.session)
                })?;
            }
        }
        Ok(())
    }
}
