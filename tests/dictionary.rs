//! Facts cost on the line at most 1.3 times what they take as one zstd stream, whatever is in them; deterministic but
//! for the keys, whose bytes do not pack.

use chrono::NaiveDate;
use loket::demo::facts::{DayFact, Hands, of_day};
use loket::dictionary;
use loket::domain::office::OfficeCode;
use loket_sync::chain::opening;
use loket_sync::exchange::{Joining, Rest};
use loket_sync::packing::LETTERS_LEVEL;
use loket_sync::wire::{self, AtHand, HashesAt, KeyMap, Lacking, Parcel};
use loket_sync::{Chain, Have, Message, NewRecord, NodeKey, Run, SessionId, StoreId, Subject, SubjectKey};

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
        let (arrived, lacking) =
            parcel.into_message(AtHand { sender: None, keys: &keys, before: &HashesAt::new() }).unwrap();
        assert!(lacking == Lacking::default() && arrived == message);
        assert!(Parcel::open(&bytes, Some(&NodeKey::from_seed([3; 32]))).is_err(), "sealed for the registry");
    }
    let stream = as_stream(&all);
    assert!(sent * 10 <= stream * 13, "{sent} bytes for {} facts, {stream} as one stream", all.len());
}

#[test]
fn a_fact_that_travels_alone_costs_little_more_than_as_a_stream_of_its_own() {
    dictionary::ship();
    let (office, registry) = (NodeKey::from_seed([1; 32]), NodeKey::from_seed([2; 32]));
    let opened = opening(None, office.id(), "loket");
    let (mut chain, _) = Chain::open("office/karimun".parse().unwrap(), SessionId([7; 16]), 1, &opened);
    let mut keys = KeyMap::new();
    let all = facts();
    let (mut sent, mut streams) = (0, 0);
    for fact in &all {
        let DayFact { at_ms, kind, subject, body, .. } = fact;
        let subject = Subject(*subject);
        let key = keys.entry(subject).or_insert_with(SubjectKey::draw);
        let new = NewRecord { at_ms: *at_ms, kind: *kind, flags: 0, subject, body };
        let there: Have = chain.have();
        // As the office posts it on a line that lives: it says what it has in a digest.
        let mut message = Message::new(StoreId::NONE, *at_ms, Vec::new());
        message.rest = Some(Rest([7; 8]));
        message.joins = true;
        message.joining = Some(Joining { by: office.id(), to: vec![there] });
        message.runs = vec![Run { records: vec![chain.next(&new, key).unwrap()], head: chain.head(&office) }];
        let bytes = wire::encode_for(&message, &registry.public(), &keys).unwrap();
        (sent, streams) = (sent + bytes.len(), streams + as_stream(std::slice::from_ref(fact)));
        let parcel = Parcel::open(&bytes, Some(&registry)).unwrap();
        let before: HashesAt = parcel.before().unwrap().into_iter().map(|pos| (pos, there.hash)).collect();
        let at_hand = AtHand { sender: Some(office.id()), keys: &keys, before: &before };
        let (arrived, _) = parcel.into_message(at_hand).unwrap();
        assert_eq!(arrived.runs, message.runs);
    }
    assert!(sent * 10 <= streams * 13, "{sent} bytes for {} facts, {streams} as streams", all.len());
}
