//! What the targets share: honest nodes with fixed keys, and what they honestly wrote.

use loket_sync::chain::opening;
use loket_sync::record::NewRecord;
use loket_sync::{Chain, Have, NodeId, NodeKey, NodePublic, Record, Run, SessionId, StreamId, Subject, SubjectKey};

/// The office that writes `office/karimun`.
pub fn office() -> NodeKey {
    NodeKey::from_seed([1; 32])
}

/// The registry that writes `hq/karimun`.
pub fn registry() -> NodeKey {
    NodeKey::from_seed([2; 32])
}

/// Somebody who writes nothing here.
pub fn stranger() -> NodeKey {
    NodeKey::from_seed([3; 32])
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
pub fn session(stream: &str, node: &NodeKey, session: u8, records: u8) -> (Vec<Record>, Vec<loket_sync::Head>) {
    let opened = opening(None, node.id(), "loket fuzz");
    let (mut chain, first) = Chain::open(stream.parse().unwrap(), SessionId([session; 16]), 1_000, &opened);
    let (mut all, mut heads) = (vec![first], Vec::new());
    for number in 0..records {
        let body = format!("{{\"rev\":{number},\"by\":{{\"as\":\"node\"}},\"fact\":{{\"note\":\"number {number}\"}}}}");
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

/// Honest runs that together tell two sessions of the office and one of the registry.
pub fn honest() -> Vec<Run> {
    let mut runs = Vec::new();
    for (stream, node, number, records) in
        [("office/karimun", office(), 7, 12), ("office/karimun", office(), 8, 5), ("hq/karimun", registry(), 9, 9)]
    {
        let (records, heads) = session(stream, &node, number, records);
        let mut from = 0;
        for head in heads {
            let to = usize::try_from(head.len).unwrap();
            if to > from {
                runs.push(Run { records: records[from..to].to_vec(), head });
                from = to;
            }
        }
    }
    runs
}

/// The whole of the session that a run belongs to.
pub fn whole(of: &Have) -> Option<Vec<Record>> {
    let mut records: Vec<Record> = Vec::new();
    for run in honest() {
        if run.head.stream == of.stream && run.head.session == of.session {
            records.extend(run.records);
        }
    }
    (!records.is_empty()).then_some(records)
}

/// Numbers drawn from the fuzzer's bytes; zeros when they are used up.
pub struct Draw<'a>(pub &'a [u8]);

impl Draw<'_> {
    /// One byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        let number = usize::from(self.byte()) << 8 | usize::from(self.byte());
        number % end.max(1)
    }

    /// Whether anything is left.
    pub fn is_over(&self) -> bool {
        self.0.is_empty()
    }
}
