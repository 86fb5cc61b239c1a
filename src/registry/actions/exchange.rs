//! The registry's side of an exchange with one office: keep what came, make it durable, give back what the office lacks.
//!
//! An office is only ever given its own stream, the registry's stream for it, and the common one, and only keys of
//! subjects those speak of.

use std::collections::BTreeSet;
use std::sync::Arc;

use loket_sync::exchange::{
    BLOBS_MAX, Joining, KEYS_MAX, NotTaken, REFUSED_MAX, RUN_BYTES_MAX, RefusalReason, keys_in, resolve,
    subjects_opened, tell,
};
use loket_sync::keys::Envelopes;
use loket_sync::{
    Answerer, Hash, Have, KeyGrant, Message, NodeId, NodePublic, Range, Run, StreamId, Subject, head,
};

use super::offices::shared_streams;
use super::{ActionError, Registry, missing, walk_ins};
use crate::domain::application::ApplicationKey;
use crate::domain::node::Revocation;
use crate::domain::office::OfficeCode;
use crate::registry::store::{Heard, OfficeSigners, Writing};

/// The stream of what every node must know.
const COMMON: &str = "hq/common";

/// An office's node that has shown who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Which office.
    pub office: OfficeCode,
    /// Its keys.
    pub public: NodePublic,
}

/// A node that calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// It may exchange now.
    Peer(Peer),
    /// Its key was taken back: it is told how, in an answer that is made for its eyes.
    TakenBack(Box<(Peer, Revocation)>),
    /// Nobody let it in.
    Stranger,
}

/// Who calls under an identity.
pub async fn caller(registry: &Registry, node: NodeId) -> Result<Caller, ActionError> {
    let known = registry.store.node(node).await?;
    Ok(known.map_or(Caller::Stranger, |known| {
        let peer = Peer { office: known.office, public: known.public };
        match known.revoked {
            None => Caller::Peer(peer),
            Some(revoked) => Caller::TakenBack(Box::new((peer, revoked))),
        }
    }))
}

/// The node of an identity, if it may exchange now.
pub async fn peer(registry: &Registry, node: NodeId) -> Result<Option<Peer>, ActionError> {
    match caller(registry, node).await? {
        Caller::Peer(peer) => Ok(Some(peer)),
        Caller::TakenBack(_) | Caller::Stranger => Ok(None),
    }
}

/// Answers one message. What it brought is durable when this returns.
pub async fn answer(registry: &Registry, peer: &Peer, message: Message) -> Result<Message, ActionError> {
    let now = registry.now();
    let heard = Heard { now, said_ms: message.now_ms, answered_s: message.answered_s };
    registry.store.heard_of(&peer.office, &heard).await?;
    let twins_since = match message.process {
        Some(process) => registry.store.heard_process(&peer.public, process, message.now_ms, now).await?,
        None => None,
    };
    let answered = answer_carried(registry, peer, message).await?;
    Ok(Message { twins_since_ms: twins_since.map(|since| since.timestamp_millis()), ..answered })
}

/// As [`answer`], for a message that somebody carried: when it was written says nothing of the line, of a clock or of a
/// process that runs.
pub async fn answer_carried(
    registry: &Registry,
    peer: &Peer,
    message: Message,
) -> Result<Message, ActionError> {
    let shared = shared(&peer.office)?;
    let now = registry.now();
    let Message { vector: told, rest, runs, keys, wanted_keys, wanted_blobs, refused, room, joins, .. } =
        message;
    let mut not_taken = Vec::new();
    if !runs.is_empty() || !keys.is_empty() {
        not_taken = receive(registry, &peer.office, &shared, runs, keys).await?;
        walk_ins::top_up(registry, peer).await?;
    }
    let mine = registry.store.vector(&shared).await?;
    // Who says what it has in a way that is not understood here is told what is here, and says it again.
    let theirs = resolve(&mine, &told, rest);
    let lacks =
        |theirs: &Vec<_>| loket_sync::plan_past(&mine, theirs, &refused, &|stream| shared.contains(stream));
    let plan = theirs.as_ref().map(lacks).unwrap_or_default();
    for (mine, theirs) in &plan.forks {
        tracing::error!(office = %peer.office, ?mine, ?theirs, "Two histories stand under one name");
    }
    let mut answer = Message::new(registry.store.id(), now.timestamp_millis(), Vec::new());
    let there = theirs.clone().filter(|_| joins);
    answer.joining = there.map(|to| Joining { by: registry.store.node_key().id(), to });
    (answer.vector, answer.rest) = match (rest, theirs) {
        (None, _) => (mine, None),
        (Some(_), Some(theirs)) => {
            let (named, rest) = tell(&mine, &theirs, &BTreeSet::new());
            (named, Some(rest))
        }
        (Some(_), None) => {
            let recent = registry.store.recent_sessions(&shared, RECENT_SESSIONS).await?;
            let (mut named, rest) = tell(&mine, &mine, &recent);
            // Of what it named and is not here it hears that, or it would not understand the rest.
            let is_strange = |have: &&Have| head::find(&mine, &have.stream, &have.session).is_none();
            named.extend(told.iter().filter(is_strange).map(|have| Have {
                len: 0,
                hash: Hash::ZERO,
                ..*have
            }));
            head::sort(&mut named);
            (named, Some(rest))
        }
    };
    // What was just refused before what was refused earlier.
    not_taken.extend(registry.store.not_taken(&peer.office, now).await?);
    let mut said = BTreeSet::new();
    not_taken.retain(|not| said.insert((not.stream, not.session)));
    not_taken.truncate(REFUSED_MAX);
    answer.refused = not_taken;
    let room = usize::try_from(room).ok().filter(|room| *room > 0).unwrap_or(RUN_BYTES_MAX);
    let runs = runs_for(registry, &plan.ranges, room.min(RUN_BYTES_MAX)).await?;
    answer.load(&plan.ranges, runs);
    let keys_max = keys_in(room.min(RUN_BYTES_MAX));
    let mut subjects = subjects_opened(&answer.runs);
    subjects.extend(wanted_keys.into_iter().take(keys_max));
    let envelopes = Envelopes::to(&peer.public);
    for subject in subjects.into_iter().take(KEYS_MAX) {
        if let Some(key) = registry.store.key_for(&shared, subject).await? {
            answer.keys.push(KeyGrant::seal_with(&envelopes, subject, &key));
        }
    }
    let keys_max = u32::try_from(keys_max).unwrap_or(u32::MAX);
    answer.wanted_keys = registry.store.missing_keys(&shared, keys_max).await?;
    answer.offered_blobs = offered(registry, &peer.office, wanted_blobs).await?;
    answer.wanted_blobs = missing::wanted(registry, &peer.office).await?;
    answer.pause_ms = registry.desk.pause_ms();
    Ok(answer)
}

/// Sessions of each stream that are named to an office that is not understood: those opened last. Older ones hardly
/// ever differ; where they do, everything is said.
const RECENT_SESSIONS: u32 = 4;

/// The streams that an office and this registry share.
pub fn shared(office: &OfficeCode) -> Result<BTreeSet<StreamId>, ActionError> {
    shared_streams(office).map_err(|error| ActionError::Internal(error.to_string()))
}

/// Whether there is something of headquarters that an office has not seen: the fingerprint of what it was told last
/// differs. What the office itself sends is no news to it.
pub async fn has_news(registry: &Registry, office: &OfficeCode, seen: &Hash) -> Result<bool, ActionError> {
    let streams = shared(office)?.into_iter().filter(|stream| stream.group() == "hq").collect();
    Ok(head::digest(&registry.store.vector(&streams).await?) != *seen)
}

/// Keeps what came. Returns what was not taken and will not be, unless it is sent in another form.
async fn receive(
    registry: &Registry,
    office: &OfficeCode,
    shared: &BTreeSet<StreamId>,
    runs: Vec<Run>,
    keys: Vec<KeyGrant>,
) -> Result<Vec<NotTaken>, ActionError> {
    let mut writing = registry.store.begin(registry.now()).await?;
    let mut received = Received::default();
    // Facts about nodes first: they say who may have signed the rest.
    let (common, others): (Vec<Run>, Vec<Run>) =
        runs.into_iter().partition(|run| run.head.stream.as_str() == COMMON);
    let ours = registry.store.node_key().public();
    let mut nodes = registry.store.nodes().await?;
    if !common.is_empty() {
        let signers = OfficeSigners { nodes: Arc::clone(&nodes), ours };
        let before = received.records;
        keep(&mut writing, office, shared, &signers, common, &mut received).await?;
        if received.records > before {
            nodes = Arc::new(writing.nodes().await?);
            writing.put_nodes(&nodes).await?;
            writing.ask_again_for_unknown_signers().await?;
        }
    }
    let signers = OfficeSigners { nodes, ours };
    keep(&mut writing, office, shared, &signers, others, &mut received).await?;
    for learned in learn(registry, &mut writing, shared, keys).await? {
        received.erasures.insert(learned);
        if writing.is_application(ApplicationKey(learned.0)).await? {
            received.touched.insert(ApplicationKey(learned.0));
            received.registered.insert(ApplicationKey(learned.0));
        }
    }
    for key in &received.registered {
        walk_ins::bill(registry, &mut writing, office, *key).await?;
    }
    // This registry was restored from an older copy, and the office hands an erasure back to it.
    for told in &received.erasures {
        received.touched.extend(writing.obey_erasure(*told).await?);
    }
    writing.refresh_received(&received.touched, &received.aside).await?;
    writing.commit().await?;
    if !received.erasures.is_empty() {
        registry.erased.notify_one();
    }
    tracing::debug!(%office, records = received.records, "Records were received");
    Ok(received.not_taken)
}

/// What a message has brought so far.
#[derive(Default)]
struct Received {
    records: usize,
    touched: BTreeSet<ApplicationKey>,
    /// Who may have been registered by the office itself.
    registered: BTreeSet<ApplicationKey>,
    /// Whom records that were kept aside are about.
    aside: BTreeSet<ApplicationKey>,
    erasures: BTreeSet<Subject>,
    not_taken: Vec<NotTaken>,
}

/// Judges runs and keeps them: in the journals, or aside.
async fn keep(
    writing: &mut Writing,
    office: &OfficeCode,
    shared: &BTreeSet<StreamId>,
    signers: &OfficeSigners,
    runs: Vec<Run>,
    received: &mut Received,
) -> Result<(), ActionError> {
    let (mine, aside) = (writing.vector(shared).await?, writing.aside_haves(office).await?);
    let judged = Answerer::new(shared, signers).with_aside(&aside).judge(runs, &mine);
    for accepted in &judged.accepted {
        let brought = writing.keep(accepted).await?;
        received.records += brought.records;
        received.touched.extend(brought.applications);
        received.registered.extend(brought.registered);
        received.erasures.extend(brought.erasures);
        let stream = accepted.run.head.stream;
        if stream.group() == "hq" && brought.records > 0 {
            tracing::warn!(%office, %stream, records = brought.records, "Own records came back: this registry was behind");
            writing.note_handed_back(office, stream, brought.records).await?;
        }
    }
    for aside in &judged.aside {
        tracing::warn!(%office, covered = ?aside.run.head.have(), reason = %aside.reason, "Records were kept aside");
        received.aside.extend(writing.keep_aside(office, aside).await?);
    }
    for refused in judged.refused.iter().filter(|refused| refused.is_alarming()) {
        tracing::warn!(%office, covered = ?refused.covered, reason = %refused.reason, "Records were not taken");
        // What is good up to a position comes again, cut there.
        let is_cut = matches!(refused.reason, RefusalReason::Revoked { .. });
        if !is_cut {
            writing.note_refusal(office, refused).await?;
        }
        received.not_taken.push(refused.not_taken());
    }
    Ok(())
}

/// Keeps keys of subjects the office may speak of. Returns whose records can be read now.
async fn learn(
    registry: &Registry,
    writing: &mut Writing,
    shared: &BTreeSet<StreamId>,
    keys: Vec<KeyGrant>,
) -> Result<Vec<Subject>, ActionError> {
    let mut learned = Vec::new();
    for grant in keys.into_iter().take(KEYS_MAX) {
        let Ok(key) = grant.open(registry.store.node_key()) else {
            tracing::warn!("A granted key was not sealed for this registry");
            continue;
        };
        let subject = grant.subject;
        let is_spoken_of =
            writing.speaks_of(shared, subject).await? || writing.aside_speaks_of(shared, subject).await?;
        if !is_spoken_of {
            continue;
        }
        // The first key that is believed stays: a wrong one would hide the subject for ever.
        if !writing.opens(subject, &key).await? {
            tracing::warn!(%subject, "A granted key opens nothing of its subject; it is asked for again");
        } else if writing.learn_key(subject, &key).await? {
            learned.push(subject);
        }
    }
    Ok(learned)
}

/// Records of these ranges, about as many as one message carries.
async fn runs_for(registry: &Registry, ranges: &[Range], room: usize) -> Result<Vec<Run>, ActionError> {
    let mut runs: Vec<Run> = Vec::new();
    let mut bytes = 0;
    for range in ranges {
        if bytes >= room {
            break;
        }
        let Range { stream, session, from, to } = *range;
        let run = registry.store.run(stream, session, from, to, room - bytes).await?;
        if let Some(run) = run.filter(|run| runs.is_empty() || bytes + run.len_bytes() <= room) {
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
