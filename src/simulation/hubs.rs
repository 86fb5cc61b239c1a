//! Two registries that answer to one name: a copy of the registry's disk, or an old backup of it, runs beside the true one
//! with the same key, and the network leads offices now to the one and now to the other. In the end one of them is
//! switched off. What only its disk held is gone with it; what an office has of it comes to the one that stays.

use loket_sync::head::find;

use super::broken::{Invariant, Step, hold};
use super::fault::Fault;
use super::node::{Lengths, Role};
use super::roster::{self, REGISTRY};
use super::world::World;

impl World {
    /// The registry that should not be there, if there is one.
    pub(super) fn other_hub(&self) -> Option<usize> {
        let is_other = |node: &super::node::Node| node.role == Role::Registry && !node.is_retired;
        (REGISTRY + 1..self.nodes.len()).find(|at| is_other(&self.nodes[*at]))
    }

    /// A copy of the registry begins to answer; later the network leads somebody to the other one, or the copy is
    /// switched off.
    pub(super) fn two_hubs(&mut self) -> Step {
        if let Some(other) = self.other_hub() {
            if self.chance.percent(15) {
                self.retire(other);
            } else {
                self.lead_elsewhere();
            }
            return Ok(());
        }
        let had_one = self.nodes.iter().any(|node| node.is_retired);
        if had_one || self.nodes[REGISTRY].process.is_none() {
            return Ok(());
        }
        let node = &self.nodes[REGISTRY];
        let backup = node.backups.first().filter(|_| self.chance.percent(60)).cloned();
        let what = if backup.is_some() { "an old backup" } else { "a copy" };
        let image = backup.unwrap_or_else(|| self.nodes[REGISTRY].disk.snapshot());
        let node = &self.nodes[REGISTRY];
        self.tally.fault(Fault::TwoHubs, node.recent.iter().copied());
        let (segment_bytes, aside) = (node.segment_bytes, node.aside.clone());
        let (is_newer, disk_failed) = (node.is_newer, node.disk_failed);
        let name = "registry, beside".to_owned();
        let at = self.add_node(name, Role::Registry, None, roster::key(REGISTRY), segment_bytes)?;
        let node = &mut self.nodes[at];
        node.disk.restore(&image);
        (node.is_newer, node.disk_failed, node.aside) = (is_newer, disk_failed, aside);
        self.say(|_| format!("{what} of the registry begins to answer under its name"));
        self.start(at, None)?;
        self.lead_elsewhere();
        Ok(())
    }

    /// The network leads an office to the registry that it did not speak to.
    pub(super) fn lead_elsewhere(&mut self) {
        let Some(other) = self.other_hub() else { return };
        let led: Vec<usize> = (0..self.links.len())
            .filter(|link| [REGISTRY, other].contains(&self.links[*link].server))
            .collect();
        let link = led[self.chance.place(led.len())];
        let it = &mut self.links[link];
        it.server = if it.server == REGISTRY { other } else { REGISTRY };
        if it.server == other {
            self.tally.fault(Fault::LedToOtherHub, []);
        }
        self.say(|world| {
            let it = &world.links[link];
            format!("{} is led to {}", world.name(it.client), world.name(it.server))
        });
    }

    /// A registry that should not be there is switched off and its disk destroyed.
    pub(super) fn retire(&mut self, at: usize) {
        let before = self.nodes[at].lengths();
        let mut keys = self.known_keys(at);
        for other in (0..self.nodes.len()).filter(|other| *other != at) {
            keys.retain(|subject| !self.known_keys(other).contains(subject));
        }
        self.down(at, false, 1_000);
        let node = &mut self.nodes[at];
        (node.is_retired, node.durable, node.process) = (true, Lengths::new(), None);
        for link in &mut self.links {
            if link.server == at {
                link.server = REGISTRY;
            }
        }
        self.say(|world| format!("{} is switched off for ever", world.name(at)));
        self.ledger.damaged_keys.extend(keys);
        self.account_for_loss(at, &before);
    }

    /// An exchange is over on the client's side. Where the registry said that it has less than it said before, the office
    /// was told: another one answers, or it was restored.
    pub(super) fn heard(&mut self, link: usize) -> Step {
        let it = &mut self.links[link];
        let Some(now) = it.line.as_ref().and_then(|line| line.state().theirs.clone()) else { return Ok(()) };
        let has_less = it.heard.as_ref().is_some_and(|before| {
            let is_less = |have: &loket_sync::Have| {
                find(&now, &have.stream, &have.session).is_none_or(|now| now.len < have.len)
            };
            before.iter().any(is_less)
        });
        it.heard = Some(now);
        let is_told = std::mem::take(&mut it.is_told);
        self.tally.went_back += u64::from(has_less);
        hold(!has_less || is_told, Invariant::LossShown, || {
            let name = self.name(self.links[link].client);
            format!("{name} is not told that its registry has less than before")
        })
    }
}
