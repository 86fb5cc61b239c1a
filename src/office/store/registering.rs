//! Registering somebody who walks in: the number is drawn and the facts are written in one step of the writer, so that no
//! two applicants get the same (docs/decisions/0027).

use super::act::Acted;
use super::group::{Gathered, Group, Who};
use super::project::Here;
use super::rows::{Changes, Rows};
use super::shared::{Shared, read};
use super::{Line, Store, StoreError, load, queries, tables};
use crate::domain::application::{Application, ApplicationKey, Author};
use crate::domain::command::Context;
use crate::domain::fact::Fact;
use crate::domain::number::ApplicationNumber;
use crate::domain::service::Channel;
use crate::domain::ticket::TicketsSkipped;
use crate::domain::walk_in::{self, AtTheCounter, NumbersReserved, Registration};
use crate::reserved::numbers_subject;

impl Group<'_, '_> {
    /// Registers a walk-in under the next reserved number.
    pub(super) fn register(
        &mut self,
        key: ApplicationKey,
        registration: &Registration,
        who: &Who,
    ) -> Gathered<Acted> {
        let (now, office) = (self.clock.now(), &self.shared.office);
        let today = office.zone.day(now);
        let settings = queries::settings(&self.changes, today)?;
        let channel = registration.service.channel;
        let counter = AtTheCounter {
            number: next_number(&self.changes, self.shared)?.map(|(number, _)| number),
            registered_today: registered(&self.changes, today, channel)?,
            is_line_up: matches!(read(&self.shared.link).line, Line::Up { .. }),
        };
        let context = Context {
            office: Some(&office.code),
            now,
            zone: office.zone,
            today,
            by: &who.by,
            roles: &who.roles,
            settings: &settings,
            // Neither a ticket nor a book is asked for here.
            next_serial: &|_| 1,
            book_taken: &|_| false,
        };
        let facts = walk_in::register(registration, &counter, &context)?;
        self.write_about(Application::new(key), &facts, who)
    }

    /// The block the next number would come from.
    pub(super) fn block_in_use(&self) -> Result<Option<NumbersReserved>, StoreError> {
        Ok(next_number(&self.changes, self.shared)?.map(|(_, block)| block))
    }
}

/// How many walk-ins of a channel were registered on a day and not taken back.
fn registered(rows: &dyn Rows, day: chrono::NaiveDate, channel: Channel) -> Result<usize, StoreError> {
    let mut count = 0;
    for key in queries::of_day(rows, day)? {
        let summary = queries::summary(rows, key)?;
        let counts = |it: &super::Summary| {
            it.walk_in
                && it.arrived_at.is_some()
                && it.slot.is_some_and(|slot| slot.day == day)
                && it.service.is_some_and(|service| service.channel == channel)
        };
        count += usize::from(summary.as_ref().is_some_and(counts));
    }
    Ok(count)
}

/// The blocks that headquarters has set aside for this machine and that are not left behind, the oldest first.
fn blocks(rows: &dyn Rows, shared: &Shared) -> Result<Vec<NumbersReserved>, StoreError> {
    let Some(registry) = &shared.registry else { return Ok(Vec::new()) };
    let subject = numbers_subject(registry, &shared.office.code);
    let Some(loaded) = load::subject(rows, &shared.reader, subject)? else { return Ok(Vec::new()) };
    let own = shared.own_public.id().to_string();
    let mut blocks = Vec::new();
    for entry in loaded.application.by_author(&Author::Registry) {
        if let Fact::NumbersReserved(block) = &entry.fact
            && block.node == own
            && tables::BLOCKS_LEFT.get(rows, block.first.as_str().as_bytes())?.is_none()
        {
            blocks.push(block.clone());
        }
    }
    Ok(blocks)
}

/// Notes which blocks a fact leaves behind. Each such fact counts, whichever of them says most about tickets.
pub(super) fn put_blocks_left(changes: &mut Changes<'_>, skipped: &TicketsSkipped) -> Result<(), StoreError> {
    for first in &skipped.blocks_left {
        tables::BLOCKS_LEFT.put(changes, first.as_str().as_bytes(), &())?;
    }
    Ok(())
}

/// One behind the last number of a block that is known to be given out, counted from 0.
fn next_serial(rows: &dyn Rows, here: Here<'_>, block: &NumbersReserved) -> Result<u16, StoreError> {
    for serial in (0..block.count).rev() {
        if let Some(number) = block.number(serial)
            && !queries::by_number(rows, here, &number)?.is_empty()
        {
            return Ok(serial + 1);
        }
    }
    Ok(0)
}

/// The next number and the block it comes from.
fn next_number(
    rows: &dyn Rows,
    shared: &Shared,
) -> Result<Option<(ApplicationNumber, NumbersReserved)>, StoreError> {
    for block in blocks(rows, shared)? {
        let serial = next_serial(rows, shared.here(), &block)?;
        if let Some(number) = block.number(serial) {
            return Ok(Some((number, block)));
        }
    }
    Ok(None)
}

impl Store {
    /// How many reserved numbers this office can still give out.
    pub fn numbers_left(&self) -> Result<usize, StoreError> {
        let (shared, rows) = (self.shared(), &self.shared().tree);
        let mut left = 0;
        for block in blocks(rows, shared)? {
            left += usize::from(block.count - next_serial(rows, shared.here(), &block)?.min(block.count));
        }
        Ok(left)
    }

    /// How many walk-ins of a channel were registered on a day.
    pub fn registered(&self, day: chrono::NaiveDate, channel: Channel) -> Result<usize, StoreError> {
        registered(&self.shared().tree, day, channel)
    }
}
