//! What to send, decided from two vectors alone.
//!
//! Progress is asked, not remembered: the plan starts from what the other side says it has.

use super::message::NotTaken;
use crate::head::{self, Have};
use crate::ids::{SessionId, StreamId};

/// Records of one session: `from` up to but not including `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The stream.
    pub stream: StreamId,
    /// The session in it.
    pub session: SessionId,
    /// Number of the first record.
    pub from: u64,
    /// Number after the last record.
    pub to: u64,
}

/// What one side should send the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What the other side lacks, by stream and session.
    pub ranges: Vec<Range>,
    /// Sessions of equal length and unequal hash: two histories under one name. Nothing of them is sent.
    pub forks: Vec<(Have, Have)>,
}

impl Plan {
    /// Whether the other side lacks nothing.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Puts one stream's records before all others: what is new here goes before what the other side has lost.
    #[must_use]
    pub fn first(mut self, stream: &StreamId) -> Self {
        self.ranges.sort_by_key(|range| range.stream != *stream);
        self
    }
}

/// Compares what we have with what they have, for the streams that may be sent to them. Both sorted.
pub fn plan(mine: &[Have], theirs: &[Have], may_send: &dyn Fn(&StreamId) -> bool) -> Plan {
    plan_past(mine, theirs, &[], may_send)
}

/// As [`plan`], past what they said they do not take: that is not sent again, and the rest flows on.
pub fn plan_past(
    mine: &[Have],
    theirs: &[Have],
    refused: &[NotTaken],
    may_send: &dyn Fn(&StreamId) -> bool,
) -> Plan {
    let mut plan = Plan::default();
    for have in mine.iter().filter(|have| may_send(&have.stream)) {
        let Have { stream, session, len: to, .. } = *have;
        let is_of_session = |not: &&NotTaken| (not.stream, not.session) == (stream, session);
        if let Some(not) = refused.iter().find(is_of_session) {
            let held = head::find(theirs, &stream, &session).map_or(0, |other| other.len);
            // Up to where they take it; then only what they have not seen.
            let (from, to) = if held < not.from { (held, to.min(not.from)) } else { (held.max(not.len), to) };
            if from < to {
                plan.ranges.push(Range { stream, session, from, to });
            }
            continue;
        }
        match head::find(theirs, &stream, &session) {
            Some(other) if other.len == to && other.hash != have.hash => plan.forks.push((*have, *other)),
            Some(other) if other.len >= to => {}
            other => {
                let from = other.map_or(0, |other| other.len);
                plan.ranges.push(Range { stream, session, from, to });
            }
        }
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Hash;

    fn have(stream: &str, session: u8, len: u64) -> Have {
        Have { stream: stream.parse().unwrap(), session: SessionId([session; 16]), len, hash: Hash([7; 32]) }
    }

    fn sent(mine: &[Have], theirs: &[Have]) -> Vec<(String, u8, u64, u64)> {
        let plan = plan(mine, theirs, &|stream| stream.group() != "kit");
        plan.ranges.iter().map(|r| (r.stream.to_string(), r.session.0[0], r.from, r.to)).collect()
    }

    #[test]
    fn what_the_other_side_lacks_is_sent_and_nothing_else() {
        let (a1, b1) = (have("hq/a", 1, 5), have("office/b", 1, 3));
        assert_eq!(sent(&[], &[a1]), []);
        assert_eq!(sent(&[a1, b1], &[a1, b1]), []);
        assert_eq!(sent(&[a1], &[]), [("hq/a".into(), 1, 0, 5)]);
        assert_eq!(sent(&[a1, b1], &[have("hq/a", 1, 2), b1]), [("hq/a".into(), 1, 2, 5)]);
        assert_eq!(sent(&[have("hq/a", 1, 2)], &[a1]), [], "they are ahead");
        assert_eq!(
            sent(&[a1, have("hq/a", 2, 1)], &[a1]),
            [("hq/a".into(), 2, 0, 1)],
            "a session of its own"
        );
        assert_eq!(sent(&[have("kit/3", 1, 9)], &[]), [], "not shared with them");
    }

    #[test]
    fn what_they_do_not_take_is_not_sent_again_and_the_rest_is() {
        let mine = [have("hq/a", 1, 5), have("office/b", 1, 9)];
        let not = NotTaken {
            stream: mine[1].stream,
            session: mine[1].session,
            from: 4,
            len: 7,
            why: crate::exchange::WhyNot::SignerRevoked,
        };
        let sent = |theirs: &[Have], not: NotTaken| -> Vec<(u64, u64)> {
            let plan = plan_past(&mine, theirs, &[not], &|_| true);
            plan.ranges.iter().map(|range| (range.from, range.to)).collect()
        };
        assert_eq!(sent(&[], not), [(0, 5), (0, 4)], "up to where they take it");
        assert_eq!(sent(&[have("office/b", 1, 4)], not), [(0, 5), (7, 9)], "then what they have not seen");
        assert_eq!(sent(&[have("office/b", 1, 4)], NotTaken { len: 9, ..not }), [(0, 5)]);
    }

    #[test]
    fn two_histories_under_one_name_are_reported_and_not_sent() {
        let mine = have("hq/a", 1, 5);
        let theirs = Have { hash: Hash([8; 32]), ..mine };
        let plan = plan(&[mine], &[theirs], &|_| true);
        assert_eq!((plan.ranges.len(), plan.forks), (0, vec![(mine, theirs)]));
    }

    #[test]
    fn own_records_go_before_what_the_other_side_has_lost() {
        let mine = [have("hq/a", 1, 5), have("office/b", 1, 3)];
        let plan = plan(&mine, &[], &|_| true).first(&mine[1].stream);
        assert_eq!(plan.ranges[0].stream, mine[1].stream);
    }
}
