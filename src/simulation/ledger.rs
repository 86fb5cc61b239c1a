//! What truly happened, kept outside of all nodes.

use std::collections::{BTreeMap, BTreeSet};

use loket_sync::{Hash, Pos, SessionId, Subject};

use super::broken::{Invariant, Step, hold};
use super::fold::{Learned, author_of};
use crate::domain::fact::Fact;

/// Something that somebody was told is saved.
pub(super) struct Acknowledged {
    pub subject: Subject,
    pub kind: u16,
    /// Nothing for a kind that only a newer version knows.
    pub fact: Option<Fact>,
}

/// The truth.
#[derive(Default)]
pub(super) struct Ledger {
    /// Every record that was ever written, by its writer's own journal.
    pub history: BTreeMap<Pos, Hash>,
    pub acknowledged: BTreeMap<Pos, Acknowledged>,
    /// What only a disk held that was lost.
    pub gone: BTreeSet<Pos>,
    /// Sessions that somebody forged.
    pub forged: BTreeSet<SessionId>,
    /// Whose picture a blob is.
    pub pictures: BTreeMap<String, Subject>,
    /// Blobs whose bytes were changed where they were first kept.
    pub spoilt: BTreeSet<String>,
    /// Whether a key of a subject was damaged, so that what it sealed may stay closed.
    pub key_damaged: bool,
}

impl Ledger {
    /// Notes what a node has come to hold. What the node itself wrote is history from then on; everything else must
    /// have been.
    pub(super) fn learn(&mut self, learned: &[Learned], writes: impl Fn(&Pos) -> bool, who: &str) -> Step {
        for it in learned {
            hold(!self.forged.contains(&it.pos.session), Invariant::OnlyAuthentic, || {
                format!("{who} holds {}, which somebody forged", it.pos)
            })?;
            if let Some(known) = self.history.get(&it.pos) {
                hold(*known == it.hash, Invariant::NeverRewritten, || {
                    format!("{who} holds another record {} than was written", it.pos)
                })?;
            } else {
                hold(writes(&it.pos), Invariant::OnlyAuthentic, || {
                    format!("{who} holds {}, which its writer never wrote", it.pos)
                })?;
                self.history.insert(it.pos, it.hash);
            }
        }
        Ok(())
    }

    /// Whether somebody was erased at the registry, and the only disk that knew it was lost: bodies are gone there, and
    /// nobody else hears why.
    pub(super) fn has_lost_an_erasure(&self) -> bool {
        let mut gone = self.gone.iter().filter_map(|pos| self.acknowledged.get(pos));
        gone.any(|it| matches!(it.fact, Some(Fact::PersonErased(_))))
    }

    /// Acknowledged facts that are not gone.
    pub(super) fn standing(&self) -> impl Iterator<Item = (&Pos, &Acknowledged)> {
        self.acknowledged.iter().filter(|(pos, _)| !self.gone.contains(*pos))
    }

    /// Acknowledged facts about an application, as written: by whom, and what.
    pub(super) fn about(&self, subject: Subject) -> impl Iterator<Item = (bool, &Pos, &Fact)> {
        let of_subject = self.standing().filter(move |(_, it)| it.subject == subject);
        of_subject.filter_map(|(pos, it)| {
            let is_registry = author_of(&pos.stream) == Some(crate::domain::application::Author::Registry);
            Some((is_registry, pos, it.fact.as_ref()?))
        })
    }
}
