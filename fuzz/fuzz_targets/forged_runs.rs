//! Honest runs, changed: records altered, left out, repeated, reordered, moved to another session, heads exchanged or
//! signed by somebody else. Nothing is taken but what the honest node wrote at that place.
//!
//! A record without its body is the one exception: it may have been erased. Its header is the honest one all the same.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use loket_fuzz::{Draw, honest, key, signer, stranger, whole};
use loket_sync::{Answerer, Have, Head, Message, Run, StoreId, Subject, open_body, wire};

/// One change somewhere.
fn change(runs: &mut Vec<Run>, draw: &mut Draw<'_>) {
    if runs.is_empty() {
        return;
    }
    let at = draw.below(runs.len());
    let act = draw.byte() % 18;
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
        12 => run.head = Head::sign(&run.head.have(), &stranger()),
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
        _ => {}
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut draw = Draw(bytes);
    let mut runs = honest();
    // Part of it may be here already.
    let mut mine: Vec<Have> = Vec::new();
    for run in &runs {
        if draw.byte() % 4 == 0 && mine.iter().all(|have| have.session != run.head.session) {
            mine.push(run.head.have());
        }
    }
    loket_sync::head::sort(&mut mine);
    let changes = draw.below(6);
    for _ in 0..changes {
        change(&mut runs, &mut draw);
    }
    if draw.byte() % 2 == 0 {
        // As it comes over the line. What the line drops (hashes, empty runs) is computed anew there.
        let mut message = Message::new(StoreId([4; 16]), 1, Vec::new());
        message.runs = runs;
        let Some(read) = wire::encode(&message).ok().and_then(|bytes| wire::decode(&bytes).ok()) else { return };
        runs = read.runs;
    }
    let shared: BTreeSet<_> = ["office/karimun", "hq/karimun"].map(|name| name.parse().unwrap()).into();
    for accepted in Answerer::new(&shared, &signer).judge(runs, &mine).accepted {
        let written = whole(&accepted.have).expect("an honest session");
        assert_eq!(accepted.have.hash, written[usize::try_from(accepted.have.len).unwrap() - 1].hash());
        for record in &accepted.run.records {
            let honest = &written[usize::try_from(record.header.seq).unwrap()];
            assert_eq!(record.header, honest.header);
            assert!(record.is_erased() || record.body == honest.body);
            if !record.is_erased() && record.header.kind > 0 {
                assert!(open_body(record, &key(record.header.subject.0[0])).is_ok());
            }
        }
    }
});
