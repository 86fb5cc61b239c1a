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
use crate::web::front::Open;

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
    say(&format!("Registry at {}", registry.url()));
    say_where_to_install(registry.front());
    stop::asked().await;
    tracing::info!("Stopping");
    registry.stop().await;
    Ok(())
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
