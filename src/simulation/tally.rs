//! How often everything was reached: what a simulation never draws it never tests.

use std::collections::BTreeMap;

use serde::Serialize;

use super::fault::Fault;
use crate::domain::fact::Fact;

/// Counts of one or many histories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Each fault.
    pub faults: BTreeMap<Fault, u64>,
    /// Each fault with the kinds of facts that it struck.
    pub pairs: BTreeMap<(Fault, u16), u64>,
    /// Facts that were acknowledged, by kind.
    pub facts: BTreeMap<u16, u64>,
    /// Conflicts that were provoked and shown, by name.
    pub conflicts: BTreeMap<&'static str, u64>,
    /// Posts of all lines.
    pub exchanges: u64,
    /// The most exchanges that a line needed to become level, beyond one for each group of records it had to carry.
    pub exchanges_beyond: u64,
    /// Acts that were refused.
    pub refused: u64,
    /// Restarts of nodes.
    pub starts: u64,
    /// Posts that were said again in full, because the answer was not understood.
    pub repeated_in_full: u64,
    /// Runs that left out what they go on from.
    pub joined: u64,
    /// Messages of which some were left out, because what they go on from was not there any more.
    pub not_joined: u64,
    /// Last groups that a power cut tore, though their end was whole.
    pub torn: u64,
    /// Acknowledged facts whose only disk was lost.
    pub lost_with_disk: u64,
    /// Persons of all histories.
    pub persons: u64,
    /// Those among them of whom somebody cannot read any more, so that they are left out of the judgement.
    pub left_out: u64,
    /// Numbers of tickets that an office gave twice, after a restore or as a clone.
    pub tickets_twice: u64,
    /// How often a registry had less than it had said before.
    pub went_back: u64,
    /// Virtual time in milliseconds.
    pub virtual_ms: u64,
}

/// A tally in words and rows, for machines.
#[derive(Debug, Serialize)]
pub(super) struct Said {
    faults: BTreeMap<Fault, u64>,
    /// Fault, kind, count.
    fault_and_kind: Vec<(Fault, &'static str, u64)>,
    facts: BTreeMap<&'static str, u64>,
    conflicts: BTreeMap<&'static str, u64>,
    exchanges: u64,
    exchanges_beyond: u64,
    refused: u64,
    starts: u64,
    repeated_in_full: u64,
    joined: u64,
    not_joined: u64,
    torn: u64,
    lost_with_disk: u64,
    persons: u64,
    left_out: u64,
    tickets_twice: u64,
    went_back: u64,
    virtual_days: u64,
}

impl Tally {
    pub(super) fn fault(&mut self, fault: Fault, kinds: impl IntoIterator<Item = u16>) {
        *self.faults.entry(fault).or_default() += 1;
        for kind in kinds {
            *self.pairs.entry((fault, kind)).or_default() += 1;
        }
    }

    /// Adds another one.
    pub fn add(&mut self, other: &Self) {
        sum(&mut self.faults, &other.faults);
        sum(&mut self.pairs, &other.pairs);
        sum(&mut self.facts, &other.facts);
        sum(&mut self.conflicts, &other.conflicts);
        self.exchanges += other.exchanges;
        self.exchanges_beyond = self.exchanges_beyond.max(other.exchanges_beyond);
        self.refused += other.refused;
        self.starts += other.starts;
        self.repeated_in_full += other.repeated_in_full;
        self.joined += other.joined;
        self.not_joined += other.not_joined;
        self.torn += other.torn;
        self.lost_with_disk += other.lost_with_disk;
        self.persons += other.persons;
        self.left_out += other.left_out;
        self.tickets_twice += other.tickets_twice;
        self.went_back += other.went_back;
        self.virtual_ms += other.virtual_ms;
    }

    pub(super) fn said(&self) -> Said {
        Said {
            faults: self.faults.clone(),
            fault_and_kind: self.pairs.iter().map(|((fault, kind), n)| (*fault, name(*kind), *n)).collect(),
            facts: self.facts.iter().map(|(kind, count)| (name(*kind), *count)).collect(),
            conflicts: self.conflicts.clone(),
            exchanges: self.exchanges,
            exchanges_beyond: self.exchanges_beyond,
            refused: self.refused,
            starts: self.starts,
            repeated_in_full: self.repeated_in_full,
            joined: self.joined,
            not_joined: self.not_joined,
            torn: self.torn,
            lost_with_disk: self.lost_with_disk,
            persons: self.persons,
            left_out: self.left_out,
            tickets_twice: self.tickets_twice,
            went_back: self.went_back,
            virtual_days: self.virtual_ms / 86_400_000,
        }
    }
}

fn sum<K: Copy + Ord>(into: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
    for (key, count) in from {
        *into.entry(*key).or_default() += count;
    }
}

/// The name of a kind.
pub(super) fn name(kind: u16) -> &'static str {
    let known = Fact::KINDS.iter().find(|(number, _)| *number == kind);
    known.map_or("of a newer version", |(_, name)| *name)
}
