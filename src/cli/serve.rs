//! Commands that run until somebody stops them.

use std::path::Path;
use std::sync::Arc;

use super::terminal::{self, say};
use super::{Failure, stop};
use crate::clock::SystemClock;
use crate::config::{OfficeOverrides, RegistryConfig, RegistryOverrides};
use crate::demo::{Demo, DemoOptions};
use crate::office::node;
use crate::registry;

/// Runs an office.
pub(super) async fn office(dir: &Path, over: &OfficeOverrides) -> Result<(), Failure> {
    let office = node::Running::start(dir, over, Arc::new(SystemClock))?;
    let opened = office.opened();
    tracing::info!(records = opened.records, replayed = opened.replayed, "The journals are open");
    if let Some(reason) = &opened.rebuilt {
        tracing::warn!(reason, "The tables were drawn anew");
    }
    for note in &opened.notes {
        tracing::warn!(note, "Noted while opening");
    }
    say(&format!("Office at {}", office.url()));
    stop::asked().await;
    tracing::info!("Stopping");
    office.stop().await;
    Ok(())
}

/// Runs a registry.
pub(super) async fn registry(dir: &Path, over: &RegistryOverrides) -> Result<(), Failure> {
    let config = RegistryConfig::load(dir, over)?;
    let registry = registry::serve(&config, Arc::new(SystemClock)).await?;
    say(&format!("Registry at {}", registry.url()));
    stop::asked().await;
    tracing::info!("Stopping");
    registry.stop().await;
    Ok(())
}

/// Makes or continues the demo and runs it.
pub(super) async fn demo(options: &DemoOptions) -> Result<(), Failure> {
    let started = tokio::select! {
        started = Demo::start(options, &terminal::progress) => started,
        () = stop::asked() => return Ok(()),
    };
    terminal::end_progress();
    let demo = started?;
    say(&demo.report());
    stop::asked().await;
    terminal::progress("Stopping");
    demo.stop().await;
    terminal::end_progress();
    Ok(())
}
