//! Any bytes as the body of a record of any kind: no panic, nesting and numbers bounded, what is read is written back the
//! same, and what it adds up to can be drawn whatever the facts are.
//!
//! The rules are compiled in from their files: they need nothing of the rest of the program, which is long to build.
#![no_main]
#![allow(dead_code, reason = "a target uses little of what it compiles in")]

#[path = "../../src/domain/mod.rs"]
mod domain;

use std::sync::OnceLock;

use domain::application::{Application, ApplicationKey, Author, Entry, Order};
use domain::fact::{self, Fact};
use domain::office::OfficeCode;
use libfuzzer_sys::fuzz_target;
use loket_fuzz::{Draw, MIB, bounded};

/// A body has at most so many bytes once unpacked (`sync/src/packing.rs`).
const BODY_BYTES_MAX: usize = MIB;

/// The frozen sample of every kind: number and body.
fn samples() -> &'static [(u16, Vec<u8>)] {
    #[derive(serde::Deserialize)]
    struct Sample {
        kind: u16,
        body: serde_json::Value,
    }
    static READ: OnceLock<Vec<(u16, Vec<u8>)>> = OnceLock::new();
    READ.get_or_init(|| {
        let samples: Vec<Sample> =
            serde_json::from_str(include_str!("../../tests/domain/fact_samples.json")).unwrap();
        let written =
            samples.into_iter().map(|sample| (sample.kind, serde_json::to_vec(&sample.body).unwrap()));
        written.collect()
    })
}

/// A body and the kind that it says it is.
fn body(draw: &mut Draw<'_>) -> (u16, Vec<u8>) {
    let any = Fact::KINDS[draw.below(Fact::KINDS.len())].0;
    let (kind, honest) = &samples()[draw.below(samples().len())];
    match draw.byte() % 8 {
        0 => (any, draw.bytes().to_vec()),
        1 => (any, honest.clone()),
        // Nested deeply, in a field that nobody knows and in one that is known.
        2 => {
            let deep = if draw.one_in(2) { b'[' } else { b'{' };
            let field = if draw.one_in(2) { "x" } else { "fact" };
            let mut body = format!("{{\"rev\":1,\"{field}\":").into_bytes();
            body.extend(std::iter::repeat_n(deep, draw.len(BODY_BYTES_MAX)));
            body.truncate(BODY_BYTES_MAX);
            (*kind, body)
        }
        // A number with very many digits.
        3 => {
            let at = honest.iter().position(u8::is_ascii_digit).unwrap_or(0);
            let digits = vec![b'0' + draw.byte() % 10; draw.len(1 << 16)];
            (*kind, [&honest[..at], digits.as_slice(), &honest[at..]].concat())
        }
        4 => (*kind, honest.clone()),
        _ => (*kind, draw.changed(honest)),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut application = Application::new(ApplicationKey([7; 16]));
    let mut draw = Draw(bytes);
    // Several bodies in one input, so that facts meet.
    for number in 0..12 {
        if draw.is_over() {
            break;
        }
        let (kind, body) = body(&mut draw);
        let (_, name) = Fact::KINDS.iter().find(|(known, _)| *known == kind).expect("a known kind");
        let read = bounded(8 * MIB + 16 * body.len(), || fact::decode(kind, &body));
        let Ok(Some(written)) = read else { continue };
        assert_eq!((written.fact.kind(), written.fact.name()), (kind, *name));
        let again = fact::encode(&written).expect("what was read can be written");
        let read = fact::decode(kind, &again).expect("what was written can be read").expect("a known kind");
        assert_eq!(read, written);
        let author = match kind {
            0..100 => Author::Registry,
            _ => Author::Office(OfficeCode::parse("karimun").unwrap()),
        };
        let order = Order { rev: written.rev, session: [1; 16], seq: number };
        let at = chrono::DateTime::from_timestamp_millis(1_795_226_400_000).unwrap();
        application.join(Entry { author, order, at, by: written.by, fact: written.fact });
    }
    let view = application.view();
    assert_eq!(view, application.view());
});
