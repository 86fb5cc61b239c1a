//! Runs the simulation: `cargo run --release --bin simulate -- --seeds 1000`, or one seed once more with `--seed`.
#![expect(clippy::print_stdout, reason = "this program prints what it found")]

use std::process::ExitCode;

use clap::Parser;
use loket::simulation::{Mutation, Outcome, STEPS, Settings, Summary, run_many};

/// Simulates a registry, offices and a kit with everything going wrong that can be drawn, and judges what is left.
#[derive(Parser)]
struct Arguments {
    /// How many histories; each has a seed of its own, counted from the first.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Steps of a history in which things go wrong.
    #[arg(long, default_value_t = STEPS)]
    steps: u32,
    /// A way to break the product on purpose, to see that it is noticed: a name of the list in
    /// `src/simulation/mutation.rs`.
    #[arg(long, value_parser = mutation)]
    broken: Option<Mutation>,
    /// A summary for machines instead of words.
    #[arg(long)]
    json: bool,
}

fn mutation(name: &str) -> Result<Mutation, String> {
    let all = Mutation::ALL.into_iter().map(|mutation| (format!("{mutation:?}"), mutation));
    let found = all.clone().find(|(known, _)| known == name).map(|(_, mutation)| mutation);
    let names = || all.map(|(name, _)| name).collect::<Vec<_>>().join(", ");
    found.ok_or_else(|| format!("one of {}", names()))
}

fn main() -> ExitCode {
    let Arguments { seeds, seed, steps, broken, json } = Arguments::parse();
    let started = loket::clock::Steady::start();
    let tell = |outcome: &Outcome| {
        if !json && outcome.broken.is_some() {
            print(outcome, steps);
        }
    };
    let summary = run_many(seed, seeds, Settings { steps, mutation: broken }, tell);
    if json {
        match summary.to_json() {
            Ok(text) => println!("{text}"),
            Err(error) => println!("{error}"),
        }
    } else {
        print_summary(&summary, started.elapsed_ms());
    }
    if summary.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn print(outcome: &Outcome, steps: u32) {
    let Some(broken) = &outcome.broken else { return };
    println!("seed {} does not hold. {broken}", outcome.seed);
    for line in &outcome.trace {
        println!("  {line}");
    }
    println!("  again: cargo run --release --bin simulate -- --seed {} --steps {steps}", outcome.seed);
}

fn print_summary(summary: &Summary, took_ms: u64) {
    let Summary { seeds, tally, failures } = summary;
    let days = tally.virtual_ms / 86_400_000;
    println!("{seeds} histories in {took_ms} ms, {days} days of virtual time");
    let facts: u64 = tally.facts.values().sum();
    println!("{facts} facts acknowledged, {} exchanges, {} starts", tally.exchanges, tally.starts);
    println!("at most {} exchanges more than there were records to carry", tally.exchanges_beyond);
    println!("{} acknowledged facts went with the only disk that held them", tally.lost_with_disk);
    println!("{} of {} persons cannot be read everywhere any more", tally.left_out, tally.persons);
    println!("{} posts had to be said again in full", tally.repeated_in_full);
    println!("{} groups were torn by a power cut though their end was whole", tally.torn);
    for (fault, count) in &tally.faults {
        println!("  {fault:?}: {count}");
    }
    println!("{} pairs of fault and kind of fact", tally.pairs.len());
    println!("{} failures", failures.len());
}
