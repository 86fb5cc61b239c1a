//! The simulation of a registry, offices and a kit: a thousand histories hold, the same seed tells the same history, and
//! the product broken on purpose is noticed.

mod mutations;

use loket::simulation::{Fault, Settings, run, run_many};

/// Histories in each run of the tests.
const SEEDS: u64 = 1_000;
/// Steps of each; `simulate` runs longer ones.
const STEPS: u32 = 120;

#[test]
fn a_thousand_histories_hold() {
    let settings = Settings { steps: STEPS, ..Settings::default() };
    let summary = run_many(0, SEEDS, settings, |_| ());
    let said: Vec<String> = summary
        .failures
        .iter()
        .map(|it| format!("seed {}: {}\n  {}", it.seed, it.broken.as_ref().unwrap(), it.trace.join("\n  ")))
        .collect();
    assert!(said.is_empty(), "{} of {SEEDS} do not hold; the first: {}", said.len(), said[0]);
    let unreached: Vec<Fault> =
        Fault::ALL.into_iter().filter(|fault| !summary.tally.faults.contains_key(fault)).collect();
    assert!(unreached.is_empty(), "never reached: {unreached:?}");
    assert!(summary.tally.torn > 0, "no power cut left a torn group with a whole end");
    for conflict in [
        "arrived-after-change",
        "decision-on-old-capture",
        "evidence-differs",
        "handed-over-and-cancelled",
        "paid-late",
        "paid-twice",
        "provisional",
        "served-twice",
    ] {
        assert!(summary.tally.conflicts.contains_key(conflict), "{conflict} was never provoked");
    }
}

#[test]
fn a_seed_tells_the_same_history_again() {
    for seed in 0..12 {
        assert_eq!(run(seed, Settings::default()), run(seed, Settings::default()), "seed {seed}");
    }
}
