//! Running one seed, or many on all cores.

use std::num::NonZero;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde::Serialize;

use super::broken::{Broken, Step};
use super::mutation::Mutation;
use super::tally::{Said, Tally};
use super::world::World;

/// Steps of one history in which things go wrong.
pub const STEPS: u32 = 220;

/// What is run.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Steps of a history.
    pub steps: u32,
    /// How the product is broken, if it is.
    pub mutation: Option<Mutation>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { steps: STEPS, mutation: None }
    }
}

/// What became of a seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// What did not hold.
    pub broken: Option<Broken>,
    /// What was reached.
    pub tally: Tally,
    /// The last things that happened, if something did not hold.
    pub trace: Vec<String>,
}

/// What became of many seeds.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// How many were run.
    pub seeds: u64,
    /// What was reached by all.
    pub tally: Tally,
    /// Those in which something did not hold.
    pub failures: Vec<Outcome>,
}

/// Runs one seed. One that fails is run once more to tell what happened.
pub fn run(seed: u64, settings: Settings) -> Outcome {
    let (result, world) = attempt(seed, settings, false);
    let mut tally = world
        .map(|world| (world.tally, world.now_ms))
        .map_or_else(Tally::default, |(tally, now_ms)| Tally { virtual_ms: now_ms, ..tally });
    let Err(broken) = result else { return Outcome { seed, broken: None, tally, trace: Vec::new() } };
    let (again, world) = attempt(seed, settings, true);
    let mut trace = world.map(World::trace).unwrap_or_default();
    if again.as_ref().err() != Some(&broken) {
        trace.push(format!("run once more, the same seed gave {again:?}"));
    }
    tally.conflicts.clear();
    Outcome { seed, broken: Some(broken), tally, trace }
}

fn attempt(seed: u64, settings: Settings, traced: bool) -> (Step, Option<World>) {
    let mut world = match World::new(seed, settings.mutation, traced) {
        Ok(world) => world,
        Err(broken) => return (Err(broken), None),
    };
    let result = world.suffer(settings.steps).and_then(|()| world.settle()).and_then(|()| world.judge());
    (result, Some(world))
}

/// Runs `count` seeds from `first` on all cores; `each` hears of every one.
pub fn run_many(first: u64, count: u64, settings: Settings, each: impl Fn(&Outcome) + Sync) -> Summary {
    let next = AtomicU64::new(0);
    let summary = Mutex::new(Summary::default());
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    let outcome = run(first.wrapping_add(number), settings);
                    each(&outcome);
                    let mut summary = summary.lock().unwrap_or_else(PoisonError::into_inner);
                    summary.seeds += 1;
                    summary.tally.add(&outcome.tally);
                    if outcome.broken.is_some() {
                        summary.failures.push(outcome);
                    }
                }
            });
        }
    });
    let mut summary = summary.into_inner().unwrap_or_else(PoisonError::into_inner);
    summary.failures.sort_by_key(|failure| failure.seed);
    summary
}

#[derive(Serialize)]
struct FailureSaid<'a> {
    seed: u64,
    broken: Option<&'a Broken>,
    trace: &'a [String],
}

#[derive(Serialize)]
struct SummarySaid<'a> {
    seeds: u64,
    failures: Vec<FailureSaid<'a>>,
    reached: Said,
}

impl Summary {
    /// For machines.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        fn said(it: &Outcome) -> FailureSaid<'_> {
            let Outcome { seed, broken, trace, .. } = it;
            FailureSaid { seed: *seed, broken: broken.as_ref(), trace }
        }
        serde_json::to_string_pretty(&SummarySaid {
            seeds: self.seeds,
            failures: self.failures.iter().map(said).collect(),
            reached: self.tally.said(),
        })
    }
}
