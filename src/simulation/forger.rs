//! Records that the stream's writer never wrote.

use loket_sync::chain::opening;
use loket_sync::{Chain, NewRecord, NodeKey, Run, SessionId, StreamId, Subject, SubjectKey};

use super::broken::{Broken, Step};

/// A run in somebody else's stream, whole and signed by the forger.
pub(super) fn run(stream: StreamId, forger: &NodeKey, session: [u8; 16], now_ms: u64) -> Step<Run> {
    let at_ms = i64::try_from(now_ms).unwrap_or(0);
    let opened = opening(None, forger.id(), "forged");
    let (mut chain, first) = Chain::open(stream, SessionId(session), at_ms, &opened);
    let new = NewRecord { at_ms, kind: 100, flags: 1, subject: Subject(session), body: b"{}" };
    let second = chain.next(&new, &SubjectKey::from_bytes([1; 32])).map_err(Broken::simulation)?;
    Ok(Run { records: vec![first, second], head: chain.head(forger) })
}
