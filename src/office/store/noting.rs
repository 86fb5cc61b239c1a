//! What happened to this node is written down by itself: damage that was found, records that are gone, numbers that are left
//! out because of that.

use loket_sync::journal::What as Wrong;
use tokio::sync::oneshot;

use super::act::{Act, What};
use super::gathering::Gathering;
use super::open;
use super::shared::write;
use super::writer::Writer;
use crate::domain::actor::Actor;
use crate::domain::damage::{DamageMended, FolderPart, MISSING_MAX, MissingRecords};
use crate::domain::ticket::SkipReason;

/// What a fact says of one damage, at most.
const DETAIL_CHARS_MAX: usize = 500;

/// What the mark beside the journals says is missing.
pub(super) fn missing_in(what: &Wrong) -> Option<MissingRecords> {
    let Wrong::MarkAhead { session, held, named } = what else { return None };
    let (stream, session) = (session.stream.to_string(), session.session.to_string());
    Some(MissingRecords { stream, session, from: *held, to: *named })
}

impl Writer {
    /// Names what is missing together with the damage that it came from.
    pub(super) fn remember_missing(&mut self, missing: Vec<MissingRecords>) {
        if missing.is_empty() {
            return;
        }
        let part = FolderPart::Journals;
        let detail = format!("acknowledged records are missing: {}", open::told(&missing));
        let facts = missing.chunks(MISSING_MAX);
        let facts = facts.map(|some| DamageMended { part, detail: detail.clone(), missing: some.to_vec() });
        self.upkeep.unnoted.extend(facts);
        write(&self.shared.index).missing.extend(missing);
    }

    /// Writes down what damage was found. What cannot be written now is tried again.
    pub(super) fn note_damage(&mut self) {
        if self.upkeep.unnoted.is_empty() || self.refuses().is_some() {
            return;
        }
        // Where records are gone, tickets may be. Said first: an interruption leaves out more numbers, and repeats none.
        if self.upkeep.unnoted.iter().any(|damage| damage.part == FolderPart::Journals) {
            self.skip_tickets(SkipReason::Damaged);
        }
        for damage in std::mem::take(&mut self.upkeep.unnoted) {
            let detail = damage.detail.chars().take(DETAIL_CHARS_MAX).collect();
            if !self.act_itself(What::NoteDamage(DamageMended { detail, ..damage.clone() })) {
                self.upkeep.unnoted.push(damage);
            }
        }
    }

    /// Leaves out ticket numbers of today: some may have been given out that are not known here.
    pub(super) fn skip_tickets(&mut self, because: SkipReason) {
        self.act_itself(What::SkipTickets(because));
    }

    /// Does an act of the node itself; whether it is done.
    fn act_itself(&mut self, what: What) -> bool {
        let act = Act { what, by: Actor::Node, roles: Vec::new(), once: String::new(), seen: None };
        let (answer, mut answered) = oneshot::channel();
        self.group(vec![Gathering::Act(Box::new(act), answer)]);
        match answered.try_recv() {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => {
                tracing::warn!(%error, "What happened to this node could not be written down");
                false
            }
            Err(_) => false,
        }
    }
}
