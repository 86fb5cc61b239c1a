//! Honest runs, changed: records altered, left out, repeated, reordered, moved to another session, heads exchanged or
//! signed by somebody else, messages repeated, out of order and cut short. Nothing is taken but what the honest node wrote
//! at that place, nothing that is here is given up, and afterwards the honest runs still make everything level.
//!
//! A record without its body is the one exception: it may have been erased. Its header is the honest one all the same.
#![no_main]

use std::collections::BTreeSet;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use loket_fuzz::{Draw, MIB, bounded, honest, key, session, signer, stranger, whole};
use loket_sync::{Answerer, Have, Head, Message, Run, StoreId, StreamId, Subject, open_body, wire};

/// What a stranger signed under the names of the office's sessions: true in itself, and nobody's.
fn foreign() -> &'static [Run] {
    static MADE: OnceLock<Vec<Run>> = OnceLock::new();
    MADE.get_or_init(|| {
        let made = |name: u8| {
            let (records, heads) = session("office/karimun", stranger(), name, 4);
            Run { records, head: *heads.last().unwrap() }
        };
        vec![made(7), made(8), made(11)]
    })
}

/// One change somewhere.
fn change(runs: &mut Vec<Run>, draw: &mut Draw<'_>) {
    if runs.is_empty() {
        return;
    }
    let at = draw.below(runs.len());
    let act = draw.byte() % 20;
    let (len, other) = (runs[at].records.len(), draw.below(runs.len()));
    let place = draw.below(len.max(1));
    let (one, two) = (draw.byte(), draw.byte());
    let run = &mut runs[at];
    match act {
        0 if len > 0 => drop(run.records.remove(place)),
        1 if len > 0 => {
            let again = run.records[place].clone();
            run.records.insert(place, again);
        }
        2 if len > 1 => run.records.swap(place, (place + 1) % len),
        3 if len > 0 => run.records[place].header.at_ms ^= i64::from(one) + 1,
        4 if len > 0 => run.records[place].header.kind ^= u16::from(one) + 1,
        5 if len > 0 => run.records[place].header.subject = Subject([one; 16]),
        6 if len > 0 => run.records[place].header.flags ^= one | 1,
        7 if len > 0 && !run.records[place].body.is_empty() => {
            let byte = usize::from(one) % run.records[place].body.len();
            run.records[place].body[byte] ^= two | 1;
        }
        8 if len > 0 => run.records[place].body.truncate(usize::from(one)),
        9 if len > 0 => run.records[place] = run.records[place].erased(),
        10 => run.head.signature[usize::from(one) % 64] ^= two | 1,
        11 => run.head.len = run.head.len.wrapping_add(u64::from(one)),
        12 => run.head = Head::sign(&run.head.have(), stranger()),
        13 => {
            let head = runs[other].head;
            runs[at].head = head;
        }
        14 => {
            let records = runs[other].records.clone();
            runs[at].records.extend(records);
        }
        15 if len > 0 => run.records.truncate(place),
        16 => {
            let (stream, session) = (runs[other].head.stream, runs[other].head.session);
            for record in &mut runs[at].records {
                (record.header.stream, record.header.session) = (stream, session);
            }
            (runs[at].head.stream, runs[at].head.session) = (stream, session);
        }
        17 => runs.swap(at, other),
        18 => runs.push(foreign()[usize::from(one) % 3].clone()),
        19 => {
            let mut foreign = foreign()[usize::from(one) % 3].clone();
            foreign.head.signer = runs[at].head.signer;
            runs.insert(at, foreign);
        }
        _ => {}
    }
}

/// As it comes over the line. What the line drops (hashes, empty runs) is computed anew there.
fn over_the_line(runs: Vec<Run>, draw: &mut Draw<'_>) -> Option<Vec<Run>> {
    let mut message = Message::new(StoreId([4; 16]), 1, Vec::new());
    message.runs = runs;
    let mut bytes = wire::encode(&message).ok()?;
    if draw.one_in(4) {
        let end = draw.below(bytes.len());
        assert!(wire::decode(&bytes[..end]).is_err(), "a message that was cut short is taken");
    }
    if draw.one_in(4) {
        bytes = draw.changed(&bytes);
    }
    Some(wire::decode(&bytes).ok()?.runs)
}

/// Judges a message against what is here, and takes what is accepted of it.
fn take(runs: Vec<Run>, mine: &mut Vec<Have>) {
    let shared: BTreeSet<StreamId> =
        ["office/karimun", "hq/karimun"].map(|name| name.parse().unwrap()).into();
    let judged = bounded(16 * MIB, || Answerer::new(&shared, &signer).judge(runs, mine));
    for accepted in judged.accepted {
        let written = whole(&accepted.have).expect("an honest session");
        let before = loket_sync::head::find(mine, &accepted.have.stream, &accepted.have.session).copied();
        let len = before.map_or(0, |have| have.len);
        assert!(accepted.have.len >= len, "something that is here was given up");
        assert!(accepted.run.first() <= len, "a gap was taken");
        assert_eq!(accepted.have.hash, written[usize::try_from(accepted.have.len).unwrap() - 1].hash());
        for record in &accepted.run.records {
            let honest = &written[usize::try_from(record.header.seq).unwrap()];
            assert_eq!(record.header, honest.header);
            assert!(record.is_erased() || record.body == honest.body);
            if !record.is_erased() && record.header.kind > 0 {
                assert!(open_body(record, &key(record.header.subject.0[0])).is_ok());
            }
        }
        mine.push(accepted.have);
        loket_sync::head::sort(mine);
    }
    // A history that is kept aside was signed by the true writer; here the writers are honest and tell one only.
    assert!(judged.aside.is_empty(), "another history was made of honest records");
}

fuzz_target!(|bytes: &[u8]| {
    let mut draw = Draw(bytes);
    let mut mine: Vec<Have> = Vec::new();
    for _ in 0..=draw.byte() % 4 {
        // Some of the honest runs, from anywhere on, so that messages come again and out of their order.
        let from = draw.below(honest().len());
        let mut runs = honest()[from..].to_vec();
        runs.truncate(draw.below(runs.len() + 1));
        for _ in 0..draw.byte() % 5 {
            change(&mut runs, &mut draw);
        }
        let came = if draw.one_in(2) { over_the_line(runs, &mut draw) } else { Some(runs) };
        if let Some(runs) = came {
            take(runs, &mut mine);
        }
    }
    take(honest().to_vec(), &mut mine);
    for run in honest() {
        let have = loket_sync::head::find(&mine, &run.head.stream, &run.head.session).unwrap();
        assert_eq!(have.len, whole(have).unwrap().len() as u64, "what is honest is not taken any more");
    }
});
