//! One history: things happen and go wrong for a while; then the faults stop, everybody becomes level, and it is judged.

use loket_sync::exchange::{Input, LineError};

use super::broken::{Broken, Invariant, Step};
use super::fault::Fault;
use super::weather::Weather;
use super::world::{Event, World};

/// Exchanges that a line may need beyond one for each record that it has to carry: the first one only asks, one brings
/// keys, one finds that all is level, and each hop beyond (a kit behind its office, a copied machine) adds as many.
const EXCHANGES_BEYOND: u64 = 12;
/// Events of the last part: far more than any history needs.
const EVENTS_MAX: u64 = 40_000;

impl World {
    /// The part in which things go wrong.
    pub(super) fn suffer(&mut self, steps: u32) -> Step {
        for _ in 0..steps {
            match self.chance.below(100) {
                0..=61 => self.act()?,
                62..=79 => self.strike()?,
                _ => {}
            }
            let pass_ms = match self.chance.below(20) {
                0..=11 => self.chance.below(4_000),
                12..=16 => self.chance.below(60_000),
                17 | 18 => self.chance.below(900_000),
                _ => self.chance.below(8 * 3_600_000),
            };
            self.pass(pass_ms, 24)?;
        }
        Ok(())
    }

    /// Lets time pass and things happen that are due; at most so many, as if the machines slept through the rest.
    pub(super) fn pass(&mut self, ms: u64, events_max: u32) -> Step {
        let until_ms = self.now_ms + ms;
        for _ in 0..events_max {
            let Some(((at_ms, number), event)) = self.events.pop_first() else { break };
            if at_ms > until_ms {
                self.events.insert((at_ms, number), event);
                break;
            }
            self.now_ms = self.now_ms.max(at_ms);
            self.happen(event)?;
        }
        self.now_ms = self.now_ms.max(until_ms);
        Ok(())
    }

    pub(super) fn happen(&mut self, event: Event) -> Step {
        match event {
            Event::Tick { link, epoch, wait } => {
                let it = &self.links[link];
                if (it.epoch, it.wait) == (epoch, wait) { self.feed(link, Input::Tick) } else { Ok(()) }
            }
            Event::TimedOut { link, epoch, ticket } => {
                self.feed_if(link, epoch, Input::Failed { ticket, error: LineError::TimedOut(60) })
            }
            Event::Failed { link, epoch, ticket, error } => {
                self.feed_if(link, epoch, Input::Failed { ticket, error })
            }
            Event::News { link, epoch } => self.feed_if(link, epoch, Input::RemoteNews),
            Event::Asked { link, epoch, ticket, bytes } => self.answer(link, epoch, ticket, &bytes),
            Event::Answered { link, epoch, ticket, bytes, sent } => {
                let it = &self.links[link];
                if it.epoch != epoch || it.posted.as_ref().is_none_or(|(posted, _)| *posted != ticket) {
                    self.tally.fault(Fault::OldAnswer, []);
                    return Ok(());
                }
                self.answered(link, ticket, &bytes, sent)
            }
            Event::Unclog { link } if self.is_offline => {
                self.schedule(60_000, Event::Unclog { link });
                Ok(())
            }
            Event::Unclog { link } => self.unclog(link),
            Event::AllBack => self.all_back(),
            Event::ReadAgain { node, start } => {
                if self.nodes[node].starts == start {
                    self.read_again(node)
                } else {
                    Ok(())
                }
            }
            Event::Restart { node } => {
                let dies_after =
                    (!self.is_settling && self.chance.percent(15)).then(|| self.chance.below(12));
                if self.chance.percent(60) {
                    self.nodes[node].disk.set_room(None);
                }
                self.start(node, dies_after)
            }
        }
    }

    fn feed_if(&mut self, link: usize, epoch: u64, input: Input) -> Step {
        if self.links[link].epoch == epoch { self.feed(link, input) } else { Ok(()) }
    }

    /// The faults stop; whoever can talk becomes level, within a bounded number of exchanges.
    pub(super) fn settle(&mut self) -> Step {
        self.is_settling = true;
        self.is_offline = false;
        self.events.retain(|_, event| !matches!(event, Event::Unclog { .. } | Event::AllBack));
        self.say(|_| "the faults are over".to_owned());
        for link in &mut self.links {
            link.weather = Weather::Good;
        }
        if let Some(other) = self.other_hub() {
            self.retire(other);
        }
        for at in 0..self.nodes.len() {
            self.nodes[at].disk.set_room(None);
            // Whoever died at an act that nobody waits for, a mark or a file that is only tidied away, is found dead now.
            if self.nodes[at].process.as_ref().is_some_and(|process| process.acts.is_dead()) {
                self.failed(at);
            }
            if let Some(process) = &self.nodes[at].process {
                process.acts.live_on();
            }
            // Damage shows when a node is started; so does a version that reads what was parked, and so is completed what
            // an erasure could not do on a full disk.
            if self.nodes[at].disk_failed || !self.nodes[at].is_newer || self.has_erasure_left(at) {
                self.down(at, false, 1_000);
                if !self.nodes[at].is_newer {
                    self.nodes[at].is_newer = true;
                    self.nodes[at].before = None;
                }
            }
            self.start(at, None)?;
            self.read_again(at)?;
        }
        while !self.pocket.is_empty() {
            self.import()?;
        }
        self.become_level()
    }

    fn become_level(&mut self) -> Step {
        let lacking = self.lacking();
        let before: Vec<u64> = self.links.iter().map(|link| link.posts).collect();
        for link in 0..self.links.len() {
            self.feed(link, Input::LineBack)?;
        }
        for _ in 0..EVENTS_MAX {
            if self.links.iter().enumerate().all(|(link, _)| self.is_level(link)) && self.is_quiet() {
                return Ok(());
            }
            let Some(((at_ms, _), event)) = self.events.pop_first() else { break };
            self.now_ms = self.now_ms.max(at_ms);
            self.happen(event)?;
            for (link, before) in before.iter().enumerate() {
                let posts = self.links[link].posts - before;
                self.tally.exchanges_beyond = self.tally.exchanges_beyond.max(posts.saturating_sub(lacking));
                if posts > lacking + EXCHANGES_BEYOND {
                    return Err(self.unlevel(link, &format!("after {posts} exchanges for {lacking} records")));
                }
            }
        }
        let link = (0..self.links.len()).find(|link| !self.is_level(*link)).unwrap_or(0);
        Err(self.unlevel(link, "ever"))
    }

    /// Whether every picture that somebody can still get is where it belongs.
    fn is_quiet(&self) -> bool {
        self.judge_pictures().is_ok()
    }

    /// Records that have still to travel, all links together.
    fn lacking(&self) -> u64 {
        let mut lacking = 0;
        for link in &self.links {
            let [client, server] = [link.client, link.server].map(|at| self.nodes[at].lengths());
            let is_shared = |id: &&(loket_sync::StreamId, loket_sync::SessionId)| link.shared.contains(&id.0);
            let all: std::collections::BTreeSet<_> =
                client.keys().chain(server.keys()).filter(is_shared).copied().collect();
            for id in all {
                let [client, server] = [&client, &server].map(|held| held.get(&id).copied().unwrap_or(0));
                lacking += client.abs_diff(server);
            }
        }
        lacking
    }

    /// What keeps everybody from being level: records first, then keys, then pictures. `until` says how long was waited.
    fn unlevel(&self, link: usize, until: &str) -> Broken {
        let differs = (0..self.links.len()).find(|link| !self.has_same_records(*link));
        if let Some(link) = differs {
            let who = self.name(self.links[link].client);
            let what = format!("{who} is not level {until}: {}", self.difference(link));
            return Broken::new(Invariant::BecomesLevel, what);
        }
        if let Some((who, subject)) = (0..self.links.len()).find_map(|link| self.key_not_given(link)) {
            let what = format!("{} lacks the key of {subject} {until}; its neighbour has it", self.name(who));
            return Broken::new(Invariant::Readable, what);
        }
        if let Err(broken) = self.judge_pictures() {
            return Broken::new(broken.invariant, format!("{} {until}", broken.what));
        }
        let who = self.name(self.links[link].client);
        let what = format!("{who} does not rest {until}: {}", self.difference(link));
        Broken::new(Invariant::BecomesLevel, what)
    }

    fn difference(&self, link: usize) -> String {
        let it = &self.links[link];
        let side = |at: usize| {
            let vector = self.nodes[at].process.as_ref().map(|process| process.visible(&it.shared));
            vector.unwrap_or_default()
        };
        let (client, server) = (side(it.client), side(it.server));
        let only = |one: &[loket_sync::Have], other: &[loket_sync::Have]| {
            let missing = one.iter().filter(|have| !other.contains(have));
            missing
                .map(|have| format!("{}/{:?}:{}", have.stream, have.session, have.len))
                .collect::<Vec<_>>()
                .join(" ")
        };
        let phase = it.line.as_ref().map(|line| line.state().clone());
        format!("here only [{}], there only [{}], {phase:?}", only(&client, &server), only(&server, &client))
    }
}
