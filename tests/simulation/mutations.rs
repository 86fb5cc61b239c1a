//! The mutation list: each way to break the product, the invariants that notice, and how many histories that takes at most.

use loket::simulation::Invariant as Must;
use loket::simulation::{Mutation, Settings, run};

const STEPS: u32 = 220;

/// What is broken, which invariants may notice, and within how many seeds.
const LIST: [(Mutation, &[Must], u64); Mutation::ALL.len()] = [
    // A synced segment that is torn does not open either: the disk never failed.
    (Mutation::SegmentsNotSynced, &[Must::Durable, Must::Starts], 20),
    (Mutation::FoldersNotSynced, &[Must::Durable, Must::Starts], 20),
    // What was readable before the start is not after it.
    (Mutation::KeysNotSynced, &[Must::StateIsDerived, Must::Readable], 20),
    (Mutation::AcknowledgedEarly, &[Must::NothingLost], 20),
    (Mutation::SessionsCounted, &[Must::NeverRewritten], 40),
    // The registry never has again what it lost, though the office holds it.
    (Mutation::RegistryRecordsKept, &[Must::BecomesLevel, Must::NothingLost], 80),
    // The office never sends again what the registry lost.
    (Mutation::WatermarkTrusted, &[Must::BecomesLevel, Must::NothingLost], 80),
    (Mutation::GapAcknowledged, &[Must::Promised], 20),
    (Mutation::AnySignerBelieved, &[Must::OnlyAuthentic], 20),
    (Mutation::AppliedTwice, &[Must::StateIsDerived, Must::SameState], 20),
    // Left out for ever: not shown after the upgrade, or not the same after a start.
    (Mutation::UnknownKindsForgotten, &[Must::Readable, Must::StateIsDerived], 20),
    (Mutation::ClockDecides, &[Must::StateIsDerived, Must::SameState], 20),
    (Mutation::OtherOfficesStream, &[Must::OwnApplicants], 20),
    (Mutation::BlobHashIgnored, &[Must::BlobsSound], 120),
    (Mutation::KeysNotAsked, &[Must::Readable], 80),
    (Mutation::RepeatedAtOnce, &[Must::NotRepeated], 5),
    (Mutation::RevocationIgnored, &[Must::RevokedAside], 40),
    (Mutation::BundleNotCommitted, &[Must::Promised], 20),
    (Mutation::ErasedPicturesKept, &[Must::Erased], 80),
    // What was written since is not seen, or stands torn behind what is believed.
    (Mutation::PlacesBelieved, &[Must::Durable, Must::Starts], 20),
    (Mutation::PlacesNotVerified, &[Must::DamageFound], 300),
    (Mutation::LossNotTold, &[Must::LossShown], 20),
    (Mutation::ToldInFull, &[Must::IdleIsCheap], 40),
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
