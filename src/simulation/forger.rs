//! Records that the stream's writer never wrote.

use loket_sync::chain::opening;
use loket_sync::{Chain, NewRecord, NodeKey, Run, SessionId, StreamId, Subject, SubjectKey};

use super::broken::{Broken, Step};
use super::fault::Fault;
use super::world::World;

impl World {
    /// A forged message is not believed.
    pub(super) fn forge(&mut self) -> Step {
        let link = self.chance.place(self.links.len());
        let it = &self.links[link];
        let (server, other) =
            (it.server, self.chance.pick(&["office/karimun", "office/batam", "hq/karimun"]));
        let stream = if self.chance.percent(50) {
            it.own
        } else {
            StreamId::parse(other).map_err(Broken::simulation)?
        };
        let forger = if self.chance.percent(50) {
            super::roster::stranger()
        } else {
            self.nodes[it.client].key.clone()
        };
        if self.keys.is_writer(&stream, &forger.public()) {
            return Ok(());
        }
        self.tally.fault(Fault::Forged, [100]);
        let session = self.chance.bytes();
        self.ledger.forged.insert(SessionId(session));
        let run = run(stream, &forger, session, self.now_ms)?;
        self.say(|world| {
            format!("somebody forges {stream} on the line of {}", world.name(world.links[link].client))
        });
        self.take(server, link, vec![run], &[]).map(drop)
    }
}

/// A run in somebody else's stream, whole and signed by the forger.
fn run(stream: StreamId, forger: &NodeKey, session: [u8; 16], now_ms: u64) -> Step<Run> {
    let at_ms = i64::try_from(now_ms).unwrap_or(0);
    let opened = opening(None, forger.id(), "forged");
    let (mut chain, first) = Chain::open(stream, SessionId(session), at_ms, &opened);
    let new = NewRecord { at_ms, kind: 100, flags: 1, subject: Subject(session), body: b"{}" };
    let second = chain.next(&new, &SubjectKey::from_bytes([1; 32])).map_err(Broken::simulation)?;
    Ok(Run { records: vec![first, second], head: chain.head(forger) })
}
