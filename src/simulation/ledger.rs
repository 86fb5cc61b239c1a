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
    /// Subjects whose key was damaged on some disk.
    pub damaged_keys: BTreeSet<Subject>,
    /// Everybody whom the registry wrote to be erased, acknowledged or not, and where it wrote so.
    pub erasures: BTreeMap<Pos, Subject>,
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

    /// Notes that somebody is being written to be erased.
    pub(super) fn note_erasure(&mut self, pos: Pos, fact: Option<&Fact>) {
        if let Some(Fact::PersonErased(it)) = fact {
            self.erasures.insert(pos, Subject(it.application.0));
        }
    }

    /// Whose key was damaged somewhere, and whom a record that needs such a key says to be erased.
    pub(super) fn damaged(&self) -> BTreeSet<Subject> {
        self.closed_without(&self.damaged_keys)
    }

    /// Who cannot be read without these keys, and whom a record that needs one of them says to be erased.
    pub(super) fn closed_without(&self, keys: &BTreeSet<Subject>) -> BTreeSet<Subject> {
        let erased = self.erasures.values().filter(|subject| keys.contains(&subject.erasure()));
        keys.iter().chain(erased).copied().collect()
    }

    /// Who was to be erased, where the only disks that said so were lost. This does not wait for an acknowledgement: a disk
    /// fails while an erasure is being carried out as well.
    pub(super) fn lost_erasures(&self) -> impl Iterator<Item = Subject> {
        self.erasures.iter().filter(|(pos, _)| self.gone.contains(*pos)).map(|(_, subject)| *subject)
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
