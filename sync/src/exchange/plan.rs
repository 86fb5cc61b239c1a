//! What to send, decided from two vectors alone.
//!
//! Progress is asked, not remembered: the plan starts from what the other side says it has.

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

/// Compares what we have with what they have, for the streams that may be sent to them. Both sorted.
pub fn plan(mine: &[Have], theirs: &[Have], may_send: &dyn Fn(&StreamId) -> bool) -> Plan {
    let mut plan = Plan::default();
    for have in mine.iter().filter(|have| may_send(&have.stream)) {
        let Have { stream, session, len: to, .. } = *have;
        match head::find(theirs, &stream, &session) {
            Some(other) if other.len == to && other.hash != have.hash => plan.forks.push((*have, *other)),
            Some(other) if other.len >= to => {}
            other => {
                plan.ranges.push(Range { stream, session, from: other.map_or(0, |other| other.len), to });
            }
        }
    }
    plan
}
