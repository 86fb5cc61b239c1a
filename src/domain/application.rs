//! An application: the join of the facts its authors wrote. Joining is putting into a set, so order and repetition
//! do not matter; what people see is derived by [`Application::view`].

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::fact::Fact;
use super::office::OfficeCode;
use super::view::View;

/// A random key that names an application in journals and addresses between nodes. It says nothing about the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ApplicationKey(pub [u8; 16]);

/// Who wrote a fact: known from the stream it lies in. Every facet has exactly one kind of author.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Author {
    /// Headquarters.
    Registry,
    /// An office or one of its kits.
    Office(OfficeCode),
}

/// Where a fact stands among its author's facts: revision first; the position in the journal decides between two
/// facts of one revision (possible only after a node was restored from a backup). No clock takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Order {
    /// The author's own count.
    pub rev: u32,
    /// The journal session it was written in.
    pub session: [u8; 16],
    /// Its number in the session.
    pub seq: u64,
}

/// A fact with everything the history shows about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Who wrote it.
    pub author: Author,
    /// Where it stands among the author's facts.
    pub order: Order,
    /// When, by the author's clock; for people to read, never to decide.
    pub at: DateTime<Utc>,
    /// Who did it.
    pub by: Actor,
    /// What happened.
    pub fact: Fact,
}

/// All that is known of one application on this node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    key: ApplicationKey,
    entries: BTreeMap<(Author, Order), Entry>,
    unknown_kinds: BTreeSet<u16>,
}

impl Application {
    /// An application nothing is known of yet.
    pub fn new(key: ApplicationKey) -> Self {
        Self { key, entries: BTreeMap::new(), unknown_kinds: BTreeSet::new() }
    }

    /// Its key.
    pub fn key(&self) -> ApplicationKey {
        self.key
    }

    /// Adds a fact; one that is already there changes nothing.
    pub fn join(&mut self, entry: Entry) {
        self.entries.entry((entry.author.clone(), entry.order)).or_insert(entry);
    }

    /// Remembers that a fact of a kind this version does not know is parked.
    pub fn park(&mut self, kind: u16) {
        self.unknown_kinds.insert(kind);
    }

    /// Kinds of facts that wait for a newer version of the program.
    pub fn parked(&self) -> impl Iterator<Item = u16> + '_ {
        self.unknown_kinds.iter().copied()
    }

    /// The revision an author's next fact takes.
    pub fn next_rev(&self, author: &Author) -> u32 {
        let last = self.by_author(author).last();
        last.map_or(1, |entry| entry.order.rev + 1)
    }

    /// One author's facts in their order.
    pub fn by_author<'a>(&'a self, author: &'a Author) -> impl DoubleEndedIterator<Item = &'a Entry> + 'a {
        self.entries.iter().filter(move |((who, _), _)| who == author).map(|(_, entry)| entry)
    }

    /// All facts, author by author.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.values()
    }

    /// What the facts add up to.
    pub fn view(&self) -> View {
        View::of(self)
    }
}
