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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::command::{Command, decide};
    use crate::domain::fact;
    use crate::domain::sample::{ALL_AT_THE_OFFICE, Story, at, office};
    use crate::domain::status::Status;
    use crate::domain::step::next_steps;
    use proptest::prelude::*;
    use proptest::sample::{Index, subsequence};

    const KEY: ApplicationKey = ApplicationKey([7; 16]);

    fn joined<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Application {
        let mut application = Application::new(KEY);
        entries.into_iter().for_each(|entry| application.join(entry.clone()));
        application
    }

    /// Facts of the registry and two offices in any order an author might have written them, sensible or not: also
    /// under the wrong author, and with revisions written twice by a node that was restored from a backup.
    fn entries() -> impl Strategy<Value = Vec<Entry>> {
        let author = prop_oneof![
            3 => Just(Author::Registry),
            4 => Just(Author::Office(office("karimun"))),
            1 => Just(Author::Office(office("batam"))),
        ];
        let one = (author, any::<Index>(), any::<Index>(), any::<bool>(), 0..2_u8);
        prop::collection::vec(one, 0..60).prop_map(|drawn| {
            let samples = fact::tests::samples();
            let entry =
                |(seq, (author, own, any, wrong, session)): (usize, (Author, Index, Index, bool, u8))| {
                    let fits = |fact: &&Fact| (fact.kind() < 100) == (author == Author::Registry);
                    let fitting: Vec<&Fact> = samples.iter().filter(fits).collect();
                    let rare = wrong && seq % 5 == 0;
                    let fact = if rare { any.get(&samples).clone() } else { (*own.get(&fitting)).clone() };
                    let rev = u32::try_from(seq / 2).unwrap() + 1;
                    let order = Order { rev, session: [session; 16], seq: seq as u64 };
                    let now = at("2026-11-23T01:00:00Z") + chrono::Duration::minutes(i64::from(rev));
                    Entry { author, order, at: now, by: Actor::Node, fact }
                };
            drawn.into_iter().enumerate().map(entry).collect()
        })
    }

    proptest! {
        #[test]
        fn the_same_facts_in_any_order_and_with_repeats_give_the_same_view(
            (entries, shuffled) in entries().prop_flat_map(|entries| {
                let twice: Vec<Entry> = entries.iter().chain(&entries).cloned().collect();
                (Just(entries), Just(twice).prop_shuffle())
            })
        ) {
            prop_assert_eq!(joined(&entries).view(), joined(&shuffled).view());
            prop_assert_eq!(joined(&entries), joined(&shuffled));
        }

        #[test]
        fn two_nodes_that_hand_each_other_their_facts_see_the_same(
            (entries, here, there) in entries().prop_flat_map(|entries| {
                let some = || subsequence(entries.clone(), 0..=entries.len());
                (Just(entries.clone()), some(), some())
            })
        ) {
            let missing_here: Vec<&Entry> = entries.iter().filter(|entry| !here.contains(entry)).collect();
            let one = joined(here.iter().chain(missing_here.iter().copied()));
            let missing_there: Vec<&Entry> = entries.iter().rev().filter(|entry| !there.contains(entry)).collect();
            let other = joined(missing_there.into_iter().chain(&there));
            prop_assert_eq!(one.view(), other.view());
        }

        #[test]
        fn what_is_possible_depends_on_nothing_but_the_facts_and_never_breaks(entries in entries()) {
            let view = joined(&entries).view();
            Story::new().with_context(Some("karimun"), ALL_AT_THE_OFFICE, "sari", |context| {
                assert_eq!(next_steps(&view, context), next_steps(&view, context));
                let arrive = Command::Arrive { note: String::new(), other_day_reason: None };
                assert_eq!(decide(&view, &arrive, context), decide(&view, &arrive, context));
            });
        }

        #[test]
        fn a_book_that_is_out_stays_out_whatever_comes_later(entries in entries()) {
            let mut application = Application::new(KEY);
            let mut is_out = false;
            let mut in_order = entries;
            in_order.sort_by_key(|entry| entry.order);
            for entry in in_order {
                application.join(entry);
                let status = application.view().status;
                prop_assert!(!is_out || matches!(status, Status::HandedOver | Status::Erased));
                is_out = matches!(status, Status::HandedOver | Status::Erased);
            }
        }

        #[test]
        fn an_erased_person_stays_erased_whatever_else_is_here_or_comes(
            (entries, kept) in entries().prop_flat_map(|entries| {
                let kept = subsequence(entries.clone(), 0..=entries.len());
                (Just(entries), kept)
            })
        ) {
            let erased = fact::tests::samples().into_iter().find(|fact| matches!(fact, Fact::PersonErased(_)));
            let order = Order { rev: 1, session: [9; 16], seq: 0 };
            let at = at("2030-01-01T00:00:00Z");
            let erased = Entry { author: Author::Registry, order, at, by: Actor::Node, fact: erased.unwrap() };
            let others = |all: &[Entry]| -> Vec<Entry> {
                all.iter().filter(|entry| !matches!(entry.fact, Fact::PersonErased(_))).cloned().collect()
            };
            let alone = joined([&erased]).view();
            prop_assert_eq!(alone.status, Status::Erased);
            // One node has all bodies, another some, a third none: they show the same.
            prop_assert_eq!(&joined(others(&entries).iter().chain([&erased])).view(), &alone);
            prop_assert_eq!(&joined([&erased].into_iter().chain(&others(&kept))).view(), &alone);
            prop_assert!(joined(others(&entries).iter()).view().erased.is_none());
        }
    }

    #[test]
    fn a_fact_under_the_wrong_author_changes_nothing_people_see() {
        let karimun = Author::Office(office("karimun"));
        let story = Story::waiting();
        for fact in fact::tests::samples() {
            let wrong = if fact.kind() < 100 { &karimun } else { &Author::Registry };
            let is_for_both = matches!(fact, Fact::BookCancelled(_));
            let view = story.clone().wrote(wrong, fact.clone()).view();
            assert!(is_for_both || view == story.view(), "{}", fact.name());
        }
    }

    #[test]
    fn a_fact_of_an_unknown_kind_is_parked_and_shown() {
        let mut application = Application::new(KEY);
        application.park(9_999);
        application.park(9_999);
        assert_eq!(application.view().parked, [9_999]);
    }
}
