//! Acts about the office's own affairs: officers, devices, settings, and what happens to the machine itself.

use chrono::NaiveDate;

use super::StoreError;
use super::act::Acted;
use super::group::{Gathered, Group, Who, encode};
use super::project::{self, Here};
use super::{queries, tables};
use crate::domain::actor::{Actor, Role};
use crate::domain::application::ApplicationKey;
use crate::domain::backup::NodeRestored;
use crate::domain::fact::Fact;
use crate::domain::refusal::Refusal;
use crate::domain::ticket::{SkipReason, TicketsSkipped};

/// A fact about the office's own affairs becomes a row as a whole, and rows are short.
const OWN_FACT_BYTES_MAX: usize = 3 * 1024;

impl Group<'_, '_> {
    pub(super) fn administer(&mut self, fact: Fact, who: &Who) -> Gathered<Acted> {
        if !who.roles.contains(&Role::Administrator) {
            return Err(Refusal::NotAllowed.into());
        }
        self.write_own(&[fact], who)
    }

    /// What was done to the node itself, by whoever sits at the machine.
    pub(super) fn by_the_node(&mut self, facts: &[Fact], who: &Who) -> Gathered<Acted> {
        if who.by != Actor::Node {
            return Err(Refusal::NotAllowed.into());
        }
        self.write_own(facts, who)
    }

    /// This node was made from a backup: it may not know which numbers it gave out today.
    pub(super) fn restored(&mut self, restored: NodeRestored, who: &Who) -> Gathered<Acted> {
        let skipped = self.skipped(SkipReason::Restored)?;
        self.by_the_node(&[Fact::NodeRestored(restored), skipped], who)
    }

    /// Leaves out numbers of today. What headquarters hands back comes in many messages: once a day is enough for it.
    pub(super) fn skip_tickets(&mut self, because: SkipReason, who: &Who) -> Gathered<Acted> {
        let is_again = because == SkipReason::HandedBack;
        let is_done = is_again && queries::skipped(&self.changes, self.today())?.is_some();
        let facts = if is_done { Vec::new() } else { vec![self.skipped(because)?] };
        self.by_the_node(&facts, who)
    }

    /// From where numbers of today go on, so that none is given out twice.
    fn skipped(&self, because: SkipReason) -> Gathered<Fact> {
        let today = self.today();
        let gap = queries::settings(&self.changes, today)?.tickets_skipped;
        let last = queries::highest_serial(&self.changes, today)?;
        let skipped = TicketsSkipped::beyond(today, last, gap, because);
        // Numbers of walk-ins that this folder does not know of would come from the block it draws from.
        let blocks_left = self.block_in_use()?.map(|block| block.first).into_iter().collect();
        Ok(Fact::TicketsSkipped(TicketsSkipped { blocks_left, ..skipped }))
    }

    fn today(&self) -> NaiveDate {
        self.shared.office.zone.day(self.clock.now())
    }

    /// Settings and boards are the supervisor's as well: queues, hours and the hall are theirs to arrange.
    pub(super) fn arrange(&mut self, fact: Fact, who: &Who) -> Gathered<Acted> {
        if ![Role::Administrator, Role::Supervisor].iter().any(|role| who.roles.contains(role)) {
            return Err(Refusal::NotAllowed.into());
        }
        self.write_own(&[fact], who)
    }

    pub(super) fn write_own(&mut self, facts: &[Fact], who: &Who) -> Gathered<Acted> {
        let rev = tables::OWN_REVISION.get(&self.changes, &[])?.unwrap_or(0) + 1;
        let mut positions = Vec::new();
        let own = self.shared.own_subject;
        for (written, body) in encode(facts, rev, who)? {
            if body.len() > OWN_FACT_BYTES_MAX {
                return Err(StoreError::FactTooLong { bytes: body.len() }.into());
            }
            let (pos, entry) = self.append(own, written, &body)?;
            let here = Here { office: &self.shared.office, key: &self.shared.key };
            project::own_affairs(&mut self.changes, &entry, here)?;
            if !who.once.is_empty() {
                project::once(&mut self.changes, &pos, &entry, &who.once, ApplicationKey(own.0), here)?;
            }
            positions.push(pos);
        }
        Ok(Acted { key: None, positions, repeated: false, ticket: None })
    }
}
