//! What facts cost on the line: `cargo bench --bench wire_cost`. Facts of an invented day, in messages as they are sent,
//! against the same facts with their header fields as one zstd stream (NDJSON, same level). It prints what it measured
//! and judges nothing; `tests/dictionary.rs` keeps the promise.
//!
//! `-- --train FILE` trains a dictionary on other days of other offices with other officers, always the same one.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement prints, and stops at the first surprise"
)]

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use loket::demo::facts::{DayFact, Hands, of_day};
use loket::dictionary;
use loket::domain::office::OfficeCode;
use loket_sync::chain::opening;
use loket_sync::exchange::{Joining, Rest, subjects_opened};
use loket_sync::keys::Envelopes;
use loket_sync::packing::LETTERS_LEVEL;
use loket_sync::record::FLAG_OPENS_SUBJECT;
use loket_sync::wire::{self, KeyMap};
use loket_sync::{
    Chain, Have, KeyGrant, Message, NewRecord, NodeKey, Run, SessionId, StoreId, Subject, SubjectKey,
};

/// Bytes of the dictionary: more did not help, because far places in it cost more to point to.
const DICTIONARY_BYTES: usize = 16 * 1024;

fn hands(office: &str, officers: [(&str, &str); 4]) -> Hands {
    let officers = officers.map(|(login, name)| (login.to_owned(), name.to_owned()));
    Hands { office: OfficeCode::parse(office).unwrap(), officers }
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// Words of one to eight facts that follow each other, as messages carry them.
fn samples() -> Vec<Vec<u8>> {
    let offices = [
        hands(
            "batam",
            [
                ("rina", "Rina Wati"),
                ("dedi", "Dedi Kurnia"),
                ("tono", "Tono Sugiarto"),
                ("maya", "Maya Puspita"),
            ],
        ),
        hands(
            "medan",
            [
                ("joni", "Joni Iskandar"),
                ("lina", "Lina Marlina"),
                ("arif", "Arif Rahman"),
                ("wati", "Wati Susanti"),
            ],
        ),
        hands(
            "padang",
            [
                ("eka", "Eka Putri"),
                ("fajar", "Fajar Hidayat"),
                ("gita", "Gita Permata"),
                ("heri", "Heri Setiawan"),
            ],
        ),
    ];
    let mut samples = Vec::new();
    let sizes = [1, 1, 1, 2, 3, 5, 8];
    for (number, hands) in (0..30).zip(offices.iter().cycle()) {
        let facts = of_day(day(2026, 1, 5) + Days::new(number), hands).unwrap();
        for is_hq in [false, true] {
            let words: Vec<&[u8]> =
                facts.iter().filter(|fact| fact.is_hq == is_hq).map(|fact| fact.body.as_slice()).collect();
            let mut rest = words.as_slice();
            for size in sizes.iter().cycle() {
                let (taken, after) = rest.split_at((*size).min(rest.len()));
                if taken.is_empty() {
                    break;
                }
                samples.push(taken.concat());
                rest = after;
            }
        }
    }
    samples
}

fn ndjson(facts: &[DayFact]) -> Vec<u8> {
    let mut lines = Vec::new();
    for DayFact { at_ms, kind, subject, body, .. } in facts {
        let subject = Subject(*subject);
        lines.extend(
            format!("{{\"at_ms\":{at_ms},\"kind\":{kind},\"subject\":\"{subject}\",\"body\":").bytes(),
        );
        lines.extend(body);
        lines.extend(b"}\n");
    }
    lines
}

/// One node's session of the day, sent in messages of about so many facts, each ending with an act.
struct Sending {
    chain: Chain,
    node: NodeKey,
    keys: KeyMap,
    opened: BTreeSet<Subject>,
    /// What the receiver has.
    there: Vec<Have>,
}

impl Sending {
    fn new(stream: &str) -> (Self, loket_sync::Record) {
        let node = NodeKey::from_seed([1; 32]);
        let opened = opening(None, node.id(), "loket");
        let (chain, first) =
            Chain::open(stream.parse().unwrap(), SessionId([7; 16]), 1_795_226_400_000, &opened);
        (Self { chain, node, keys: KeyMap::new(), opened: BTreeSet::new(), there: Vec::new() }, first)
    }

    fn record(&mut self, fact: &DayFact) -> loket_sync::Record {
        let subject = Subject(fact.subject);
        let flags = if self.opened.insert(subject) { FLAG_OPENS_SUBJECT } else { 0 };
        let key = self.keys.entry(subject).or_insert_with(SubjectKey::draw).clone();
        let new = NewRecord { at_ms: fact.at_ms, kind: fact.kind, flags, subject, body: &fact.body };
        self.chain.next(&new, &key).unwrap()
    }

    /// Bytes of the request's body, without and with the keys of new applications.
    fn send(&mut self, records: Vec<loket_sync::Record>) -> (usize, usize) {
        let receiver = NodeKey::from_seed([2; 32]).public();
        let mut message = Message::new(StoreId::NONE, 1_795_226_400_000, Vec::new());
        message.rest = Some(Rest([7; 8]));
        message.runs = vec![Run { head: self.chain.head(&self.node), records }];
        let to = std::mem::replace(&mut self.there, vec![self.chain.have()]);
        message.joining = Some(Joining { by: self.node.id(), to });
        message.joins = true;
        let without = wire::encode_for(&message, &receiver, &self.keys).unwrap().len();
        let envelopes = Envelopes::to(&receiver);
        let opened = subjects_opened(&message.runs).into_iter();
        message.keys = opened.map(|it| KeyGrant::seal_with(&envelopes, it, &self.keys[&it])).collect();
        (without, wire::encode_for(&message, &receiver, &self.keys).unwrap().len())
    }
}

fn cost(name: &str, facts: &[DayFact]) {
    let stream =
        zstd::bulk::compress(&ndjson(facts), LETTERS_LEVEL).unwrap().len() as f64 / facts.len() as f64;
    println!("{name}: {} facts; as one stream (zstd -{LETTERS_LEVEL}) {stream:.1} bytes each", facts.len());
    println!(
        "  facts in a message   bytes each   x stream   with keys of new applications   same facts as streams"
    );
    for size in [1, 10, 100, 800] {
        let (mut sending, first) = Sending::new("office/karimun");
        let (mut without, mut with, mut streams, mut messages) = (0, 0, 0, 0);
        let mut records = vec![first];
        let mut from = 0;
        for (at, fact) in facts.iter().enumerate() {
            records.push(sending.record(fact));
            let is_last = facts.get(at + 1).is_none_or(|next| next.act != fact.act);
            if (is_last && at + 1 - from >= size) || at + 1 == facts.len() {
                let (one, two) = sending.send(std::mem::take(&mut records));
                (without, with, messages) = (without + one, with + two, messages + 1);
                streams += zstd::bulk::compress(&ndjson(&facts[from..=at]), LETTERS_LEVEL).unwrap().len();
                from = at + 1;
            }
        }
        let each = |bytes: usize| bytes as f64 / facts.len() as f64;
        println!(
            "  {:>8.1}             {:>8.1}     {:>6.2}     {:>8.1}                        {:>8.1}",
            facts.len() as f64 / f64::from(messages),
            each(without),
            each(without) / stream,
            each(with),
            each(streams),
        );
    }
}

fn main() {
    let mut words = std::env::args().skip_while(|word| word != "--train").skip(1);
    if let Some(file) = words.next() {
        let trained = zstd::dict::from_samples(&samples(), DICTIONARY_BYTES).unwrap();
        std::fs::write(&file, &trained).unwrap();
        println!("{} bytes written to {file}", trained.len());
        return;
    }
    dictionary::ship();
    let karimun = hands(
        "karimun",
        [
            ("sari", "Sari Melati"),
            ("bima", "Bima Saputra"),
            ("yusuf", "Yusuf Hakim"),
            ("pusat", "Adi Nugraha"),
        ],
    );
    let (office, hq): (Vec<_>, Vec<_>) =
        of_day(day(2026, 11, 23), &karimun).unwrap().into_iter().partition(|fact| !fact.is_hq);
    cost("An office's day, up", &office);
    cost("Headquarters' day for it, down", &hq);
}
