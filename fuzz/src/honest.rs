//! Honest nodes, and what they wrote. Made once for a process: signing and sealing cost more than judging.

use std::sync::OnceLock;

use loket_sync::chain::opening;
use loket_sync::record::NewRecord;
use loket_sync::{
    Chain, Have, Head, NodeId, NodeKey, NodePublic, OwnStream, Record, Run, SessionId, StorageKey, StreamId,
    Subject, SubjectKey,
};

/// The office that writes `office/karimun`.
pub fn office() -> &'static NodeKey {
    static KEY: OnceLock<NodeKey> = OnceLock::new();
    KEY.get_or_init(|| NodeKey::from_seed([1; 32]))
}

/// The registry that writes `hq/karimun`.
pub fn registry() -> &'static NodeKey {
    static KEY: OnceLock<NodeKey> = OnceLock::new();
    KEY.get_or_init(|| NodeKey::from_seed([2; 32]))
}

/// Somebody who writes nothing here.
pub fn stranger() -> &'static NodeKey {
    static KEY: OnceLock<NodeKey> = OnceLock::new();
    KEY.get_or_init(|| NodeKey::from_seed([3; 32]))
}

/// How the office's journals are opened.
pub fn own() -> OwnStream {
    OwnStream {
        stream: "office/karimun".parse().unwrap(),
        node_key: office().clone(),
        storage_key: StorageKey::from_bytes([3; 32]),
        software: "loket fuzz".into(),
    }
}

/// Who may sign which stream.
pub fn signer(stream: &StreamId, node: &NodeId) -> Option<NodePublic> {
    let writer = if stream.group() == "hq" { registry() } else { office() };
    Some(writer.public()).filter(|writer| writer.id() == *node)
}

/// The key of one of four people.
pub fn key(number: u8) -> SubjectKey {
    SubjectKey::from_bytes([number; 32])
}

/// A session of so many records after its opening, and its head after every group of three.
pub fn session(stream: &str, node: &NodeKey, session: u8, records: u8) -> (Vec<Record>, Vec<Head>) {
    let opened = opening(None, node.id(), "loket fuzz");
    let (mut chain, first) = Chain::open(stream.parse().unwrap(), SessionId([session; 16]), 1_000, &opened);
    let (mut all, mut heads) = (vec![first], Vec::new());
    for number in 0..records {
        let body = format!(
            "{{\"rev\":{number},\"by\":{{\"as\":\"node\"}},\"fact\":{{\"note\":\"number {number}\"}}}}"
        );
        let who = number % 4 + 1;
        let new = NewRecord {
            at_ms: 1_000 + i64::from(number),
            kind: 100 + u16::from(number % 7),
            flags: u8::from(number < 4),
            subject: Subject([who; 16]),
            body: body.as_bytes(),
        };
        all.push(chain.next(&new, &key(who)).unwrap());
        if number % 3 == 2 {
            heads.push(chain.head(node));
        }
    }
    heads.push(chain.head(node));
    (all, heads)
}

/// A whole session.
pub struct Session {
    /// Its stream.
    pub stream: StreamId,
    /// Its name.
    pub session: SessionId,
    /// All its records.
    pub records: Vec<Record>,
}

struct Honest {
    runs: Vec<Run>,
    sessions: Vec<Session>,
}

fn made() -> &'static Honest {
    static MADE: OnceLock<Honest> = OnceLock::new();
    MADE.get_or_init(|| {
        let (mut runs, mut sessions) = (Vec::new(), Vec::new());
        for (stream, node, number, records) in [
            ("office/karimun", office(), 7, 12),
            ("office/karimun", office(), 8, 5),
            ("hq/karimun", registry(), 9, 9),
        ] {
            let (records, heads) = session(stream, node, number, records);
            let mut from = 0;
            for head in heads {
                let to = usize::try_from(head.len).unwrap();
                if to > from {
                    runs.push(Run { records: records[from..to].to_vec(), head });
                    from = to;
                }
            }
            let header = &records[0].header;
            sessions.push(Session { stream: header.stream, session: header.session, records });
        }
        Honest { runs, sessions }
    })
}

/// Honest runs that together tell two sessions of the office and one of the registry.
pub fn honest() -> &'static [Run] {
    &made().runs
}

/// The whole of the session that a run belongs to.
pub fn whole(of: &Have) -> Option<&'static [Record]> {
    let of_it = |known: &&Session| known.stream == of.stream && known.session == of.session;
    made().sessions.iter().find(of_it).map(|known| known.records.as_slice())
}
