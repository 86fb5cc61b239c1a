//! Facts cost on the line at most 1.3 times what they take as one zstd stream, whatever is in them; deterministic but
//! for the keys, whose bytes do not pack.

use chrono::NaiveDate;
use loket::demo::facts::{DayFact, Hands, of_day};
use loket::dictionary;
use loket::domain::office::OfficeCode;
use loket_sync::chain::opening;
use loket_sync::packing::LETTERS_LEVEL;
use loket_sync::wire::{self, KeyMap, Parcel};
use loket_sync::{Chain, Message, NewRecord, NodeKey, Run, SessionId, StoreId, Subject, SubjectKey};

fn facts() -> Vec<DayFact> {
    let officers =
        ["sari", "bima", "yusuf", "pusat"].map(|login| (login.to_owned(), format!("{login} melati")));
    let hands = Hands { office: OfficeCode::parse("karimun").unwrap(), officers };
    let all = of_day(NaiveDate::from_ymd_opt(2026, 11, 23).unwrap(), &hands).unwrap();
    all.into_iter().filter(|fact| !fact.is_hq).collect()
}

fn as_stream(facts: &[DayFact]) -> usize {
    let line = |DayFact { at_ms, kind, subject, body, .. }: &DayFact| {
        let (subject, body) = (Subject(*subject), String::from_utf8(body.clone()).unwrap());
        format!("{{\"at_ms\":{at_ms},\"kind\":{kind},\"subject\":\"{subject}\",\"body\":{body}}}\n")
    };
    let lines: String = facts.iter().map(line).collect();
    zstd::bulk::compress(lines.as_bytes(), LETTERS_LEVEL).unwrap().len()
}

#[test]
fn facts_cost_little_more_on_the_line_than_as_one_stream() {
    dictionary::ship();
    let (office, registry) = (NodeKey::from_seed([1; 32]), NodeKey::from_seed([2; 32]));
    let stream = "office/karimun".parse().unwrap();
    let opened = opening(None, office.id(), "loket");
    let (mut chain, first) = Chain::open(stream, SessionId([7; 16]), 1, &opened);
    let mut keys = KeyMap::new();
    let all = facts();
    let (mut records, mut sent) = (vec![first], 0);
    for batch in all.chunks(100) {
        for DayFact { at_ms, kind, subject, body, .. } in batch {
            let subject = Subject(*subject);
            let key = keys.entry(subject).or_insert_with(SubjectKey::draw);
            let new = NewRecord { at_ms: *at_ms, kind: *kind, flags: 0, subject, body };
            records.push(chain.next(&new, key).unwrap());
        }
        let mut message = Message::new(StoreId::NONE, 1, Vec::new());
        message.runs = vec![Run { records: std::mem::take(&mut records), head: chain.head(&office) }];
        let bytes = wire::encode_for(&message, &registry.public(), &keys).unwrap();
        sent += bytes.len();
        // What arrives is the same to the byte, although no sealed body travelled.
        let parcel = Parcel::open(&bytes, Some(&registry)).unwrap();
        let (arrived, is_short) = parcel.into_message(&keys).unwrap();
        assert!(!is_short && arrived == message);
        assert!(Parcel::open(&bytes, Some(&NodeKey::from_seed([3; 32]))).is_err(), "sealed for the registry");
    }
    let stream = as_stream(&all);
    assert!(sent * 10 <= stream * 13, "{sent} bytes for {} facts, {stream} as one stream", all.len());
}
