//! Commands that run until somebody stops them.

use std::path::Path;
use std::sync::Arc;

use super::terminal::{self, say};
use super::{Failure, stop};
use crate::clock::SystemClock;
use crate::config::{OfficeOverrides, RegistryConfig, RegistryOverrides, SETTINGS_FILE};
use crate::demo::{Demo, DemoOptions};
use crate::office::node;
use crate::registry;
use crate::sums;
use crate::web::front::Open;

/// Sums over the settings that the node last started with.
pub(super) const SETTINGS_SUMS_FILE: &str = "loket.toml.sums";

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
    note_settings(dir);
    say(&format!("Office at {}", office.url()));
    say_where_to_install(office.front());
    stop::asked().await;
    tracing::info!("Stopping");
    office.stop().await;
    Ok(())
}

/// Runs a registry.
pub(super) async fn registry(dir: &Path, over: &RegistryOverrides) -> Result<(), Failure> {
    let config = RegistryConfig::load(dir, over)?;
    let registry = registry::serve(&config, Arc::new(SystemClock)).await?;
    note_settings(dir);
    say(&format!("Registry at {}", registry.url()));
    say_where_to_install(registry.front());
    stop::asked().await;
    tracing::info!("Stopping");
    registry.stop().await;
    Ok(())
}

/// Notes with which settings the node has started, so that a check can say that they have changed since.
fn note_settings(dir: &Path) {
    if let Err(error) = sums::write(dir, &[SETTINGS_FILE.to_owned()], &dir.join(SETTINGS_SUMS_FILE)) {
        tracing::warn!(%error, "The settings could not be summed up");
    }
}

/// Whoever installs the certificate on a desk compares the fingerprint with this screen.
fn say_where_to_install(front: &Open) {
    if let Some((address, fingerprint)) = front.install() {
        say(&format!("Certificate for browsers at {address}\n  its SHA-256 fingerprint: {fingerprint}"));
    }
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
