//! `loket check`: is everything that was acknowledged still there and whole?

use std::process::ExitCode;
use std::sync::Arc;

use serde::Serialize;

use super::terminal::say;
use super::{Failure, Node};
use crate::clock::SystemClock;
use crate::config::{self, NodeKind, OfficeOverrides, RegistryConfig, RegistryOverrides};
use crate::office::node;
use crate::office::store::check as office_check;
use crate::registry;
use crate::registry::actions::check as registry_check;

/// Verifies a stopped node and reports; exit code 1 when something is wrong.
pub(super) async fn check(node: &Node, rebuild: bool, json: bool) -> Result<ExitCode, Failure> {
    match config::kind_of(&node.dir)? {
        NodeKind::Office => office(node, rebuild, json),
        NodeKind::Registry => registry(node, rebuild, json).await,
    }
}

fn office(office: &Node, rebuild: bool, json: bool) -> Result<ExitCode, Failure> {
    let (_, who) = node::load(&office.dir, &office.office(OfficeOverrides::default())?)?;
    let report = office_check::check(&office.dir, &who, rebuild)?;
    if json {
        return print_json(&report, report.is_good());
    }
    let office_check::CheckReport { records, sessions, rows, pictures, .. } = &report;
    say(&format!(
        "{records} records in {sessions} journals, {rows} rows in the tables, {pictures} pictures."
    ));
    if report.rebuilt {
        say("The tables were drawn anew from the journals.");
    }
    for note in &report.notes {
        say(&format!("  note: {}", note.what));
    }
    Ok(verdict(&report.findings.iter().map(|finding| finding.what.clone()).collect::<Vec<_>>()))
}

async fn registry(node: &Node, rebuild: bool, json: bool) -> Result<ExitCode, Failure> {
    let config = RegistryConfig::load(&node.dir, &node.registry(RegistryOverrides::default())?)?;
    let registry = registry::open(&config, Arc::new(SystemClock)).await?;
    let mut report = registry_check::check(&registry).await?;
    let mut rebuilt = None;
    if rebuild && report.findings.is_empty() {
        rebuilt = Some(registry.store.rebuild(registry.now()).await?.applications);
        report.stale_rows.clear();
    }
    registry.store.close().await;
    if json {
        return print_json(&report, report.is_good());
    }
    let registry_check::CheckReport { records, sessions, pictures, findings, stale_rows } = &report;
    say(&format!("{records} records in {sessions} journals, {pictures} pictures."));
    if let Some(applications) = rebuilt {
        say(&format!("The rows of {applications} applications were drawn anew."));
    }
    Ok(verdict(&[findings.as_slice(), stale_rows].concat()))
}

fn verdict(findings: &[String]) -> ExitCode {
    for finding in findings {
        say(&format!("  WRONG: {finding}"));
    }
    say(if findings.is_empty() { "All is well." } else { "Something is wrong." });
    if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn print_json(report: &impl Serialize, is_good: bool) -> Result<ExitCode, Failure> {
    say(&serde_json::to_string_pretty(report)?);
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
