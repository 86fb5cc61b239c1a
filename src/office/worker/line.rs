//! The line to headquarters: keeps both sides level while there is one, waits calmly while there is none, and shows
//! how it stands. Nothing in the office waits for it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use loket_sync::drive::{Drive, Signal};
use loket_sync::exchange::{BLOBS_MAX, Line, LineError, LinePhase, LineSettings, LineState, Now};
use loket_sync::http::client::{Client, Patience};
use loket_sync::{NodeKey, StoreId};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::replica::OfficeReplica;
use super::uplink::JournalAtHand;
use crate::clock::Steady;
use crate::config::RegistryLink;
use crate::dictionary;
use crate::domain::node::TakenBack;
use crate::ids;
use crate::office::store::{self, LineOrder, LinkProblem, LinkState, Store, StoreError};

/// Signals that may wait for the line; it hears them between any two steps.
const SIGNALS_MAX: usize = 16;
/// What is under way at a stop may take so long to end.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// When an exchange last went through is noted for the next start this often while exchanges go through, besides the
/// end of the line: a kill makes a screen say a time that is older by so much.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(5);

/// A line that runs.
pub struct Running {
    store: Store,
    driven: Option<JoinHandle<()>>,
    watching: Option<JoinHandle<()>>,
}

/// Why a line cannot be started.
#[derive(Debug, thiserror::Error)]
enum NoLine {
    #[error(transparent)]
    Client(#[from] LineError),
    #[error(transparent)]
    Random(#[from] ids::NoRandomness),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Starts the line of an office that is enrolled. If it cannot even be started, that is said like any other problem of
/// the line: the office works without it.
pub fn start(store: &Store, link: &RegistryLink, node_key: &NodeKey) -> Running {
    match try_start(store, link, node_key) {
        Ok(running) => running,
        Err(error) => {
            tracing::error!(%error, "The line to headquarters could not be started");
            let now = store.clock().now();
            store.update_link(|link| link.last_error = Some((LinkProblem::Storage, now)));
            Running { store: store.clone(), driven: None, watching: None }
        }
    }
}

fn try_start(store: &Store, link: &RegistryLink, node_key: &NodeKey) -> Result<Running, NoLine> {
    dictionary::ship();
    let clock = Arc::clone(store.clock());
    let wall = Arc::clone(&clock);
    let stamps = Arc::new(move || wall.now().timestamp_millis());
    let client =
        Client::trusting(&link.trust, &link.url, node_key.clone(), link.public, Patience::default(), stamps)?
            .with(Arc::new(JournalAtHand(store.reader())));
    let shared: BTreeSet<_> = store.shared_streams()?.into_iter().collect();
    let steady = Steady::start();
    let drive = Drive {
        replica: OfficeReplica::new(store.clone(), node_key.clone(), link.public),
        uplink: client,
        clock: move || Now { steady_ms: steady.elapsed_ms(), wall_ms: clock.now().timestamp_millis() },
        node: node_key.id(),
        store: store_id(node_key),
        process: store.process(),
        own_stream: store.own_stream(),
        shared: shared.clone(),
    };
    let line = Line::new(LineSettings::new(shared, u64::from_le_bytes(ids::bytes()?)));
    let (signals, heard) = mpsc::channel(SIGNALS_MAX);
    let (shown, state) = watch::channel(LineState::default());
    let (orders, ordered) = mpsc::channel(SIGNALS_MAX);
    store.hear_line_orders(orders);
    let driven = tokio::spawn(drive.run(line, heard, shown));
    let watching = tokio::spawn(watch_over(store.clone(), signals, state, ordered));
    Ok(Running { store: store.clone(), driven: Some(driven), watching: Some(watching) })
}

impl Running {
    /// Ends the line; what is under way is given a moment.
    pub async fn stop(self) {
        // With its watcher gone the line hears no more signals, and ends.
        if let Some(watching) = self.watching {
            watching.abort();
        }
        if let Some(mut driven) = self.driven
            && tokio::time::timeout(STOP_TIMEOUT, &mut driven).await.is_err()
        {
            driven.abort();
        }
        if let Some(at) = self.store.link().last_ok_at {
            note_exchanged(&self.store, at).await;
        }
    }
}

/// This store's own identity: drawn from the node's key, so that a restored store keeps it.
fn store_id(node_key: &NodeKey) -> StoreId {
    let mut id = [0; 16];
    id.copy_from_slice(
        &blake3::derive_key("loket 2026 store of a node", &node_key.public().to_bytes())[..16],
    );
    StoreId(id)
}

/// Tells the line of news and orders, and the screens of the line.
async fn watch_over(
    store: Store,
    signals: mpsc::Sender<Signal>,
    mut state: watch::Receiver<LineState>,
    mut orders: mpsc::Receiver<LineOrder>,
) {
    let mut changes = store.changes();
    let mut written = own_news(&store);
    let mut noted = store.link().last_ok_at;
    loop {
        tokio::select! {
            changed = state.changed() => {
                if changed.is_err() {
                    return;
                }
                let seen = state.borrow_and_update().clone();
                let is_down = seen.down_since_ms.is_some();
                show(&store, seen).await;
                let last_ok_at = store.link().last_ok_at;
                if is_to_note(last_ok_at, noted, is_down) {
                    noted = last_ok_at;
                    if let Some(at) = last_ok_at {
                        note_exchanged(&store, at).await;
                    }
                }
            }
            changed = changes.changed() => {
                let now_written = own_news(&store);
                if changed.is_err() || now_written == written {
                    continue;
                }
                written = now_written;
                // A full channel means that the line has signals to hear and will look anyway.
                signals.try_send(Signal::LocalNews).unwrap_or_default();
            }
            order = orders.recv() => {
                for signal in signals_of(order) {
                    if signals.send(signal).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}

/// Whether it is time to note when an exchange last went through.
fn is_to_note(last_ok_at: Option<DateTime<Utc>>, noted: Option<DateTime<Utc>>, is_down: bool) -> bool {
    let Some(at) = last_ok_at else { return false };
    noted.is_none_or(|noted| at != noted && (is_down || (at - noted).abs() >= NOTED_EVERY))
}

async fn note_exchanged(store: &Store, at: DateTime<Utc>) {
    if let Err(error) = store.note_exchanged(at).await {
        tracing::warn!(%error, "When an exchange last went through could not be noted");
    }
}

/// What headquarters would want to hear of: own records.
fn own_news(store: &Store) -> u64 {
    store.journal_seq()
}

fn signals_of(order: Option<LineOrder>) -> Vec<Signal> {
    match order {
        // News also where the line was never gone: one exchange, and not two.
        Some(LineOrder::SyncNow) => vec![Signal::Resume, Signal::LineBack],
        Some(LineOrder::Pause) => vec![Signal::Pause],
        Some(LineOrder::Resume) => vec![Signal::Resume],
        None => Vec::new(),
    }
}

async fn show(store: &Store, state: LineState) {
    let now = store.clock().now();
    if let Some(theirs) = state.theirs.clone()
        && let Err(error) = store.peer_has(theirs).await
    {
        tracing::warn!(%error, "What headquarters has could not be noted");
    }
    let (unsent, asked) = (store.pictures_unsent_count(), store.clone());
    // The disk is asked, where it holds nobody up.
    let wanted = tokio::task::spawn_blocking(move || asked.pictures_wanted(BLOBS_MAX).len()).await;
    store.update_link(|link| {
        take_over(link, &state, now);
        link.blobs_unsent = unsent;
        link.blobs_wanted = wanted.unwrap_or(link.blobs_wanted);
    });
}

/// The line's state as the screens say it. The last problem stays to be read after it is over.
fn take_over(link: &mut LinkState, state: &LineState, now: DateTime<Utc>) {
    let at = |ms: i64| DateTime::from_timestamp_millis(ms).unwrap_or(now);
    link.paused = state.phase == LinePhase::Paused;
    // What an earlier process has noted holds until this one knows better.
    link.last_ok_at = state.last_ok_at_ms.map(at).or(link.last_ok_at);
    link.line = match (state.up_since_ms, state.down_since_ms) {
        (Some(since), _) => store::Line::Up { since: at(since) },
        (None, Some(since)) => store::Line::Down { since: down_since(link, state, at(since)) },
        (None, None) => store::Line::Unknown,
    };
    (link.sent, link.received) = (state.sent, state.received);
    if state.last_ok_at_ms.is_some() {
        // A line that has heard nothing since the start knows nothing of what bundles say.
        link.refused.clone_from(&state.refused);
        link.twins_since = state.twins_since_ms.map(at);
        link.clock_ahead_ms = state.clock_ahead_ms;
    }
    link.taken_back = match &state.last_error {
        None => None,
        Some(LineError::Refused { reason, .. }) => TakenBack::from_words(reason),
        // Without an answer nobody has said anything else.
        Some(_) => link.taken_back.take(),
    };
    if let Some(problem) = state.last_error.as_ref().map(problem)
        && link
            .last_error
            .is_none_or(|(before, since)| before != problem || link.last_ok_at.is_some_and(|ok| ok >= since))
    {
        link.last_error = Some((problem, now));
    }
}

/// Since when the line is down: a process that never had it says when an earlier one did, unless the clock went back.
fn down_since(link: &LinkState, state: &LineState, found_at: DateTime<Utc>) -> DateTime<Utc> {
    let noted = link.last_ok_at.filter(|noted| state.last_ok_at_ms.is_none() && *noted < found_at);
    noted.unwrap_or(found_at)
}

fn problem(error: &LineError) -> LinkProblem {
    match error {
        LineError::Unreachable(_) => LinkProblem::Unreachable,
        LineError::TimedOut(_) => LinkProblem::TimedOut,
        LineError::Certificate(problem) => LinkProblem::Certificate(*problem),
        LineError::NotOurRegistry => LinkProblem::NotOurRegistry,
        LineError::Refused { reason, .. } if TakenBack::from_words(reason).is_some() => {
            LinkProblem::KeyTakenBack
        }
        // 5xx, signed: nothing is wrong with this office.
        LineError::Refused { status: 500.., .. } => LinkProblem::Troubled,
        LineError::Refused { .. } | LineError::Busy { .. } => LinkProblem::Refused,
        LineError::BadAnswer(_) => LinkProblem::BadAnswer,
        LineError::Here(_) => LinkProblem::Storage,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    #[test]
    fn a_line_that_never_worked_since_the_start_is_down_since_it_last_worked() {
        let mut link = LinkState { last_ok_at: Some(at(10)), ..LinkState::default() };
        let mut state = LineState { down_since_ms: Some(at(90).timestamp_millis()), ..LineState::default() };
        take_over(&mut link, &state, at(91));
        assert_eq!(link.line, store::Line::Down { since: at(10) });
        assert_eq!(link.last_ok_at, Some(at(10)));
        // A clock that was set back since does not make it be down from tomorrow on.
        let mut ahead = LinkState { last_ok_at: Some(at(500)), ..LinkState::default() };
        take_over(&mut ahead, &state, at(91));
        assert_eq!(ahead.line, store::Line::Down { since: at(90) });
        // What this process has seen itself counts as it is.
        state.last_ok_at_ms = Some(at(80).timestamp_millis());
        take_over(&mut link, &state, at(91));
        assert_eq!((link.line, link.last_ok_at), (store::Line::Down { since: at(90) }, Some(at(80))));
    }

    #[test]
    fn a_registry_in_trouble_is_not_one_that_turns_the_office_away() {
        let refused = |status| problem(&LineError::Refused { status, reason: "no room".to_owned() });
        assert_eq!(refused(507), LinkProblem::Troubled);
        assert_eq!(refused(500), LinkProblem::Troubled);
        assert_eq!(refused(403), LinkProblem::Refused);
    }

    #[test]
    fn what_is_noted_is_noted_seldom() {
        assert!(!is_to_note(None, None, true));
        assert!(is_to_note(Some(at(1)), None, false), "the first");
        assert!(!is_to_note(Some(at(2)), Some(at(1)), false));
        assert!(is_to_note(Some(at(2)), Some(at(1)), true), "the line has just gone");
        assert!(!is_to_note(Some(at(2)), Some(at(2)), true));
        assert!(is_to_note(Some(at(6)), Some(at(1)), false));
    }
}
