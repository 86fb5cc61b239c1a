//! The mutation list: each way to break the product, the invariants that notice, and how many histories that takes at most.

use loket::simulation::Invariant as Must;
use loket::simulation::{Mutation, Settings, run};

const STEPS: u32 = 220;

/// What is broken, which invariants may notice, and within how many seeds.
const LIST: [(Mutation, &[Must], u64); 15] = [
    (Mutation::SegmentsNotSynced, &[Must::Durable], 40),
    (Mutation::FoldersNotSynced, &[Must::Durable], 40),
    (Mutation::KeysNotSynced, &[Must::StateIsDerived, Must::Readable, Must::BecomesLevel, Must::Durable], 60),
    (Mutation::AcknowledgedEarly, &[Must::NothingLost], 60),
    (
        Mutation::SessionsCounted,
        &[Must::NeverRewritten, Must::OnlyAuthentic, Must::Starts, Must::NothingLost],
        80,
    ),
    (Mutation::RegistryRecordsKept, &[Must::NothingLost, Must::BecomesLevel, Must::NotRepeated], 80),
    (Mutation::WatermarkTrusted, &[Must::BecomesLevel, Must::NothingLost, Must::NotRepeated], 80),
    (Mutation::GapAcknowledged, &[Must::BecomesLevel, Must::NothingLost, Must::NeverRewritten], 80),
    (Mutation::AnySignerBelieved, &[Must::OnlyAuthentic, Must::BecomesLevel], 60),
    (Mutation::AppliedTwice, &[Must::StateIsDerived, Must::SameState], 40),
    (Mutation::ClockDecides, &[Must::StateIsDerived, Must::SameState], 60),
    (Mutation::OtherOfficesStream, &[Must::OwnApplicants], 20),
    (Mutation::BlobHashIgnored, &[Must::BlobsSound, Must::BecomesLevel], 200),
    (Mutation::RepeatedAtOnce, &[Must::NotRepeated], 5),
    (Mutation::RevocationIgnored, &[Must::RevokedAside], 100),
];

#[test]
fn every_way_to_break_the_product_is_noticed() {
    let mut missed = Vec::new();
    for (mutation, by, within) in LIST {
        let settings = Settings { steps: STEPS, mutation: Some(mutation) };
        let found = (0..within).find_map(|seed| run(seed, settings).broken.map(|broken| (seed, broken)));
        match found {
            Some((seed, broken)) if by.contains(&broken.invariant) => {
                println!("{mutation:?}: {:?}, seed {seed}", broken.invariant);
            }
            other => missed.push(format!("{mutation:?} by {other:?}")),
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
    assert!(Mutation::ALL.iter().all(|mutation| LIST.iter().any(|(listed, _, _)| listed == mutation)));
}
