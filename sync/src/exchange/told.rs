//! What one side says it has, in as few bytes as the other side needs to know all of it.
//!
//! A vector grows with every start of a program, but two sides that know each other differ in few sessions. So a side
//! names the sessions that the other may not expect, and gives a digest of all the rest. Who has the same rest knows
//! the whole vector; who has not says what it has in full, and is answered in full. Nothing is remembered about what
//! the other side once had: a registry that was restored from an old backup has another rest, and everything is
//! compared again.

use std::collections::BTreeSet;

use crate::head::{self, Have, Vector};
use crate::ids::{Hash, SessionId, StreamId};

/// A short digest of what a side has beside the sessions that it names: equal, but for chance, exactly if the rest is.
/// Who forges one deceives only itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest(pub [u8; 8]);

impl Rest {
    /// The digest of all of `vector` but the sessions that `named` names. Both sorted.
    pub fn of(vector: &[Have], named: &[Have]) -> Self {
        let rest: Vector = beside(vector, named).copied().collect();
        let mut short = [0; 8];
        short.copy_from_slice(&head::digest(&rest).0[..8]);
        Self(short)
    }
}

fn beside<'a>(vector: &'a [Have], named: &'a [Have]) -> impl Iterator<Item = &'a Have> {
    vector.iter().filter(|have| head::find(named, &have.stream, &have.session).is_none())
}

/// What to name to a side that has `theirs`: what differs, and what it has and this side has not, as a session of no
/// records. `also` are sessions that are named in any case: those that may have grown there. All sorted.
pub fn tell(mine: &[Have], theirs: &[Have], also: &BTreeSet<(StreamId, SessionId)>) -> (Vector, Rest) {
    let is_also = |have: &&Have| also.contains(&(have.stream, have.session));
    let differs =
        |have: &&Have| head::find(theirs, &have.stream, &have.session) != Some(*have) || is_also(have);
    let mut named: Vector = mine.iter().filter(differs).copied().collect();
    named.extend(beside(theirs, mine).map(|have| Have { len: 0, hash: Hash::ZERO, ..*have }));
    head::sort(&mut named);
    let rest = Rest::of(mine, &named);
    (named, rest)
}

/// All that the other side has, from what it told and what is here; nothing if it cannot be known from that.
pub fn resolve(mine: &[Have], told: &[Have], rest: Option<Rest>) -> Option<Vector> {
    let mut vector: Vector = told.iter().filter(|have| have.len > 0).copied().collect();
    if let Some(rest) = rest {
        if Rest::of(mine, told) != rest {
            return None;
        }
        vector.extend(beside(mine, told));
        head::sort(&mut vector);
    }
    Some(vector)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn have(session: u8, len: u64) -> Have {
        let stream = ["hq/a", "office/a"][usize::from(session % 2)].parse().unwrap();
        Have { stream, session: SessionId([session; 16]), len, hash: Hash::of(&len.to_le_bytes()) }
    }

    fn vector(lens: &[u64]) -> Vector {
        let mut vector: Vector =
            (0..).zip(lens).filter(|(_, len)| **len > 0).map(|(session, len)| have(session, *len)).collect();
        head::sort(&mut vector);
        vector
    }

    proptest! {
        #[test]
        fn what_is_told_to_one_who_is_known_is_understood(
            mine in prop::collection::vec(0..4_u64, 8),
            theirs in prop::collection::vec(0..4_u64, 8),
            also in 0..8_u8,
        ) {
            let (mine, theirs) = (vector(&mine), vector(&theirs));
            let also = [(have(also, 0).stream, have(also, 0).session)].into();
            let (named, rest) = tell(&mine, &theirs, &also);
            prop_assert_eq!(resolve(&theirs, &named, Some(rest)), Some(mine));
        }

        #[test]
        fn what_is_understood_is_true_whatever_was_expected(
            mine in prop::collection::vec(0..4_u64, 8),
            theirs in prop::collection::vec(0..4_u64, 8),
            thought in prop::collection::vec(0..4_u64, 8),
        ) {
            let (mine, theirs, thought) = (vector(&mine), vector(&theirs), vector(&thought));
            let (named, rest) = tell(&mine, &thought, &BTreeSet::new());
            let understood = resolve(&theirs, &named, Some(rest));
            prop_assert!(understood.is_none() || understood == Some(mine));
        }
    }

    #[test]
    fn sides_that_are_level_name_nothing_however_many_sessions_there_were() {
        let many: Vec<u64> = (1..=200).collect();
        let mine = vector(&many);
        let (named, rest) = tell(&mine, &mine, &BTreeSet::new());
        assert_eq!(named, []);
        assert_eq!(resolve(&mine, &[], Some(rest)), Some(mine.clone()));
        // One that was restored from an old copy does not understand, and is told everything.
        assert_eq!(resolve(&mine[..100], &[], Some(rest)), None);
        assert_eq!(resolve(&mine[..100], &mine, None), Some(mine));
    }
}
