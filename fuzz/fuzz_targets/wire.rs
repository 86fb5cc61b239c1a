//! Any bytes as a message of the exchange: no panic, memory bounded, and what is read is written back the same.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use loket_sync::{Answerer, wire};
use loket_fuzz::{registry, signer, whole};

fuzz_target!(|bytes: &[u8]| {
    let Ok(message) = wire::decode(bytes) else { return };
    let written = wire::encode(&message).expect("what was read can be written");
    assert_eq!(wire::decode(&written).as_ref(), Ok(&message));
    for grant in &message.keys {
        let _ = grant.open(&registry());
    }
    let shared: BTreeSet<_> = ["office/karimun", "hq/karimun"].map(|name| name.parse().unwrap()).into();
    // Whatever is taken was written by an honest node, record by record.
    for accepted in Answerer::new(&shared, &signer).judge(message.runs, &[]).accepted {
        let honest = whole(&accepted.have).expect("an honest session");
        for record in &accepted.run.records {
            assert_eq!(record.header, honest[usize::try_from(record.header.seq).unwrap()].header);
        }
    }
});
