//! An office and its registry over a bad line, simulated: every seed is one history of losses, repeats, delays,
//! crashes and restored backups, and ends with the line good again.
//!
//! A failing seed is named in the message; `run` repeats it exactly.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod node;
mod world;

use world::{Fault, Switches, World};

/// Histories in each test.
const SEEDS: u64 = 12;

fn run(seed: u64, faults: &[Fault], switches: Switches) -> Result<(), String> {
    let mut world = World::new(seed, faults, switches);
    world.suffer(400);
    world.settle()?;
    world.judge()
}

fn failures(faults: &[Fault], switches: Switches) -> Vec<String> {
    (0..SEEDS)
        .filter_map(|seed| run(seed, faults, switches).err().map(|reason| format!("seed {seed}: {reason}")))
        .collect()
}

#[test]
fn both_sides_become_level_on_a_good_line() {
    assert_eq!(failures(&[], Switches::default()), Vec::<String>::new());
}

#[test]
fn nothing_is_lost_or_doubled_on_a_bad_line() {
    let faults = [Fault::Loss, Fault::Repeat, Fault::Delay, Fault::Cut];
    assert_eq!(failures(&faults, Switches::default()), Vec::<String>::new());
}

#[test]
fn nothing_is_lost_when_either_side_crashes_with_unsynced_records() {
    let faults =
        [Fault::Loss, Fault::Repeat, Fault::Delay, Fault::Cut, Fault::OfficeCrash, Fault::RegistryCrash];
    assert_eq!(failures(&faults, Switches::default()), Vec::<String>::new());
}

#[test]
fn a_restored_office_and_a_restored_registry_get_back_what_the_other_side_holds() {
    let faults = [Fault::Loss, Fault::Repeat, Fault::Delay, Fault::OfficeRestored];
    assert_eq!(failures(&faults, Switches::default()), Vec::<String>::new());
    let faults = [Fault::Loss, Fault::Repeat, Fault::Delay, Fault::RegistryRestored];
    assert_eq!(failures(&faults, Switches::default()), Vec::<String>::new());
}

#[test]
fn all_faults_together_lose_nothing() {
    assert_eq!(failures(&Fault::ALL, Switches::default()), Vec::<String>::new());
}

#[test]
fn even_records_sent_before_they_are_durable_make_no_fork() {
    let switches = Switches { send_undurable: true, ..Switches::default() };
    assert_eq!(failures(&[Fault::OfficeCrash, Fault::Delay], switches), Vec::<String>::new());
}

#[test]
fn the_simulation_notices_a_session_that_is_written_again_after_a_restart() {
    let switches = Switches { reuse_session: true, ..Switches::default() };
    assert!(!failures(&[Fault::OfficeRestored], switches).is_empty());
}

#[test]
fn the_simulation_notices_records_that_are_not_handed_back() {
    let switches = Switches { keep_hq_records: true, ..Switches::default() };
    assert!(!failures(&[Fault::RegistryRestored], switches).is_empty());
}
