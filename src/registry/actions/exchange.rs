//! The registry's side of an exchange with one office: keep what came, make it durable, give back what the office lacks.
//!
//! An office is only ever given its own stream, the registry's stream for it, and the common one, and only keys of
//! subjects those speak of.

use std::collections::{BTreeMap, BTreeSet};

use loket_sync::exchange::{BLOBS_MAX, KEYS_MAX, RUN_BYTES_MAX, subjects_opened};
use loket_sync::{Answerer, Hash, KeyGrant, Message, NodeId, NodePublic, Range, Run, StreamId, head};

use super::offices::shared_streams;
use super::{ActionError, Registry};
use crate::domain::application::ApplicationKey;
use crate::domain::office::OfficeCode;
use crate::registry::store::{Room, Writing};

/// An office's node that has shown who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Which office.
    pub office: OfficeCode,
    /// Its keys.
    pub public: NodePublic,
}

/// The node of an identity, if it may exchange now.
pub async fn peer(registry: &Registry, node: NodeId) -> Result<Option<Peer>, ActionError> {
    let known = registry.store.node(node).await?.filter(|known| known.active);
    Ok(known.map(|known| Peer { office: known.office, public: known.public }))
}

/// Answers one message. What it brought is durable when this returns.
pub async fn answer(registry: &Registry, peer: &Peer, message: Message) -> Result<Message, ActionError> {
    let shared = shared(&peer.office)?;
    let now = registry.now();
    let ahead_ms = message.now_ms - now.timestamp_millis();
    registry.store.heard_of(&peer.office, now, Some(ahead_ms)).await?;
    let Message { vector: theirs, runs, keys, wanted_keys, wanted_blobs, .. } = message;
    if !runs.is_empty() || !keys.is_empty() {
        receive(registry, &peer.office, &shared, runs, keys).await?;
    }
    let mine = registry.store.vector(&shared).await?;
    let plan = loket_sync::plan(&mine, &theirs, &|stream| shared.contains(stream));
    for (mine, theirs) in &plan.forks {
        tracing::error!(office = %peer.office, ?mine, ?theirs, "Two histories stand under one name");
    }
    let mut answer = Message::new(registry.store.id(), now.timestamp_millis(), mine);
    let runs = runs_for(registry, &plan.ranges).await?;
    answer.load(&plan.ranges, runs);
    let mut subjects = subjects_opened(&answer.runs);
    subjects.extend(wanted_keys);
    for subject in subjects.into_iter().take(KEYS_MAX) {
        if let Some(key) = registry.store.key_for(&shared, subject).await? {
            answer.keys.push(KeyGrant::seal(subject, &key, &peer.public));
        }
    }
    answer.wanted_keys = registry.store.missing_keys(&shared, limit(KEYS_MAX)).await?;
    answer.offered_blobs = offered(registry, &peer.office, wanted_blobs).await?;
    answer.wanted_blobs = wanted(registry, &peer.office).await?;
    Ok(answer)
}

/// Pictures of an office's applications that are not here. Those that came with a booking are, and are noted as such.
async fn wanted(registry: &Registry, office: &OfficeCode) -> Result<Vec<Hash>, ActionError> {
    let mut wanted = Vec::new();
    for hash in registry.store.missing_blobs(office.as_str(), limit(BLOBS_MAX)).await? {
        if registry.blobs.has(&hash) {
            registry.store.blob_stored(&hash).await?;
        } else {
            wanted.push(hash);
        }
    }
    Ok(wanted)
}

fn limit(most: usize) -> u32 {
    u32::try_from(most).unwrap_or(u32::MAX)
}

/// The streams that an office and this registry share.
pub fn shared(office: &OfficeCode) -> Result<BTreeSet<StreamId>, ActionError> {
    shared_streams(office).map_err(|error| ActionError::Internal(error.to_string()))
}

/// Whether there is something an office has not seen: the fingerprint of what it was told last differs.
pub async fn has_news(registry: &Registry, office: &OfficeCode, seen: &Hash) -> Result<bool, ActionError> {
    Ok(head::digest(&registry.store.vector(&shared(office)?).await?) != *seen)
}

async fn receive(
    registry: &Registry,
    office: &OfficeCode,
    shared: &BTreeSet<StreamId>,
    runs: Vec<Run>,
    keys: Vec<KeyGrant>,
) -> Result<(), ActionError> {
    let signers = signers(registry, office).await?;
    let signer = |stream: &StreamId, node: &NodeId| signers.get(&(stream.group() == "hq", *node)).copied();
    let mut writing = registry.store.begin(registry.now()).await?;
    let mine = writing.vector(shared).await?;
    let judged = Answerer::new(shared, &signer).judge(runs, &mine);
    for refused in judged.refused.iter().filter(|refused| refused.is_alarming()) {
        tracing::warn!(%office, covered = ?refused.covered, reason = %refused.reason, "Records were not taken");
    }
    let (mut records, mut touched) = (0, BTreeSet::new());
    for accepted in &judged.accepted {
        let brought = writing.keep(accepted).await?;
        records += brought.records;
        touched.extend(brought.applications);
    }
    touched.extend(learn(registry, &mut writing, shared, keys).await?);
    for key in touched {
        // What happened at the office is counted in any case.
        let _: Room = writing.refresh(key, false).await?;
    }
    writing.commit().await?;
    tracing::debug!(%office, records, "Records were received");
    Ok(())
}

/// Who may have signed: the office's nodes its own stream, this registry everything else. `true` stands for ours.
async fn signers(
    registry: &Registry,
    office: &OfficeCode,
) -> Result<BTreeMap<(bool, NodeId), NodePublic>, ActionError> {
    let ours = registry.store.node_key().public();
    let nodes = registry.store.nodes_of(office).await?;
    let theirs = nodes.into_iter().map(|public| ((false, public.id()), public));
    Ok(theirs.chain([((true, ours.id()), ours)]).collect())
}

/// Keeps keys of subjects the office may speak of. Returns whose facts can be read now.
async fn learn(
    registry: &Registry,
    writing: &mut Writing,
    shared: &BTreeSet<StreamId>,
    keys: Vec<KeyGrant>,
) -> Result<Vec<ApplicationKey>, ActionError> {
    let mut learned = Vec::new();
    for grant in keys.into_iter().take(KEYS_MAX) {
        let Ok(key) = grant.open(registry.store.node_key()) else {
            tracing::warn!("A granted key was not sealed for this registry");
            continue;
        };
        let (subject, application) = (grant.subject, ApplicationKey(grant.subject.0));
        let is_new = writing.speaks_of(shared, subject).await? && writing.learn_key(subject, &key).await?;
        if is_new && writing.is_application(application).await? {
            learned.push(application);
        }
    }
    Ok(learned)
}

/// Records of these ranges, about as many as one message carries.
async fn runs_for(registry: &Registry, ranges: &[Range]) -> Result<Vec<Run>, ActionError> {
    let mut runs: Vec<Run> = Vec::new();
    let mut bytes = 0;
    for range in ranges {
        if bytes >= RUN_BYTES_MAX {
            break;
        }
        let Range { stream, session, from, to } = *range;
        let run = registry.store.run(stream, session, from, to, RUN_BYTES_MAX - bytes).await?;
        if let Some(run) = run.filter(|run| runs.is_empty() || bytes + run.len_bytes() <= RUN_BYTES_MAX) {
            bytes += run.len_bytes();
            runs.push(run);
        }
    }
    Ok(runs)
}

/// Pictures an office asks for that are its own and here.
async fn offered(
    registry: &Registry,
    office: &OfficeCode,
    wanted: Vec<Hash>,
) -> Result<Vec<Hash>, ActionError> {
    let mut offered = Vec::new();
    for hash in wanted.into_iter().take(BLOBS_MAX) {
        if registry.blobs.has(&hash) && registry.store.blob_belongs_to(&hash, office.as_str()).await? {
            offered.push(hash);
        }
    }
    Ok(offered)
}
