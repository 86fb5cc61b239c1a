//! What runs without being asked: bills that run out, mails, sessions nobody uses, what erasures leave behind.

mod mails;

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

pub use mails::{PostOffice, PostOfficeError, send_due};

use super::actions::{Registry, erasures, payments, pictures, staff};

/// How often bills are looked at. The deadline is two hours; some seconds more do not matter.
const BILLS_EVERY: Duration = Duration::from_secs(5);
const SESSIONS_EVERY: Duration = Duration::from_mins(10);
/// For what an erasure could not take away at once, and after a crash in the middle of one. One that an office brings
/// is finished at once.
const ERASURES_EVERY: Duration = Duration::from_mins(1);
/// Stray pictures do no harm but for the room they take.
const SWEEP_EVERY: Duration = Duration::from_hours(12);
/// Mails also go as soon as something happens in this process; this is for retries and for other processes.
const MAILS_EVERY: Duration = Duration::from_secs(5);

/// The loops of one process.
pub struct Workers {
    stop: watch::Sender<bool>,
    loops: JoinSet<()>,
}

impl Workers {
    /// Starts all loops.
    pub fn start(registry: &Registry, post_office: PostOffice) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut loops = JoinSet::new();
        loops.spawn(expire_bills(registry.clone(), stopped.clone()));
        loops.spawn(drop_sessions(registry.clone(), stopped.clone()));
        loops.spawn(finish_erasures(registry.clone(), stopped.clone()));
        loops.spawn(sweep_pictures(registry.clone(), stopped.clone()));
        loops.spawn(send_mails(registry.clone(), post_office, stopped));
        Self { stop, loops }
    }

    /// Ends all loops; what one is doing is finished first.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while let Some(ended) = self.loops.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "A worker ended with an error");
            }
        }
    }
}

async fn expire_bills(registry: Registry, mut stopped: watch::Receiver<bool>) {
    while !wait(&mut stopped, BILLS_EVERY).await {
        match payments::expire(&registry).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "Bills ran out and their places are free again"),
            Err(error) => complain("Bills that ran out could not be marked", &error),
        }
    }
}

async fn drop_sessions(registry: Registry, mut stopped: watch::Receiver<bool>) {
    while !wait(&mut stopped, SESSIONS_EVERY).await {
        let since = registry.now() - staff::idle();
        if let Err(error) = registry.store.drop_idle_sessions(since).await {
            complain("Sessions nobody uses could not be dropped", &error);
        }
    }
}

async fn finish_erasures(registry: Registry, mut stopped: watch::Receiver<bool>) {
    loop {
        if let Err(error) = erasures::finish(&registry).await {
            complain("What erased persons leave behind could not be removed", &error);
        }
        tokio::select! {
            over = wait(&mut stopped, ERASURES_EVERY) => if over { return },
            () = registry.erased.notified() => {}
        }
    }
}

async fn sweep_pictures(registry: Registry, mut stopped: watch::Receiver<bool>) {
    while !wait(&mut stopped, SWEEP_EVERY).await {
        match pictures::sweep(&registry).await {
            Ok(swept) if swept.aside + swept.destroyed == 0 => {}
            Ok(swept) => tracing::info!(?swept, "Pictures that nothing names were swept"),
            Err(error) => complain("Pictures could not be swept", &error),
        }
    }
}

async fn send_mails(registry: Registry, post_office: PostOffice, mut stopped: watch::Receiver<bool>) {
    let mut changes = registry.store.changes();
    loop {
        if let Err(error) = send_due(&registry, &post_office).await {
            complain("Mails could not be looked at", &error);
        }
        tokio::select! {
            over = wait(&mut stopped, MAILS_EVERY) => if over { return },
            changed = changes.changed() => if changed.is_err() { return },
        }
    }
}

/// Waits; whether it is time to end.
async fn wait(stopped: &mut watch::Receiver<bool>, time: Duration) -> bool {
    tokio::select! {
        _ = stopped.wait_for(|stop| *stop) => true,
        () = tokio::time::sleep(time) => false,
    }
}

fn complain(what: &str, error: &(dyn std::error::Error + 'static)) {
    let mut causes = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        causes = format!("{causes}: {cause}");
        source = cause.source();
    }
    tracing::error!(error = causes, "{what}");
}
