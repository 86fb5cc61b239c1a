//! Any bytes as the body of a record of any kind: no panic, nesting and numbers bounded, what is read is written back the
//! same, and what it adds up to can be drawn whatever the facts are.
//!
//! The rules are compiled in from their files: they need nothing of the rest of the program, which is long to build.
#![no_main]
#![allow(dead_code, reason = "a target uses little of what it compiles in")]

#[path = "../../src/domain/mod.rs"]
mod domain;

use domain::application::{Application, ApplicationKey, Author, Entry, Order};
use domain::fact;
use domain::office::OfficeCode;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut application = Application::new(ApplicationKey([7; 16]));
    // Several bodies in one input, each behind its kind; so that facts meet.
    for (number, body) in bytes.split(|byte| *byte == 0).enumerate().take(12) {
        let Some((kind, body)) = body.split_first() else { continue };
        let kinds = fact::Fact::KINDS;
        let (kind, name) = kinds[usize::from(*kind) % kinds.len()];
        let Ok(Some(written)) = fact::decode(kind, body) else { continue };
        assert_eq!((written.fact.kind(), written.fact.name()), (kind, name));
        let again = fact::encode(&written).expect("what was read can be written");
        let read = fact::decode(kind, &again).expect("what was written can be read").expect("a known kind");
        assert_eq!(read, written);
        let author = match kind {
            0..100 => Author::Registry,
            _ => Author::Office(OfficeCode::parse("karimun").unwrap()),
        };
        let order = Order { rev: written.rev, session: [1; 16], seq: number as u64 };
        let at = chrono::DateTime::from_timestamp_millis(1_795_226_400_000).unwrap();
        application.join(Entry { author, order, at, by: written.by, fact: written.fact });
    }
    let view = application.view();
    assert_eq!(view, application.view());
});
