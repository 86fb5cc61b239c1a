//! Machines of offices: taking a key back, and deciding about what was signed with it afterwards (DESIGN.md §6, row 10).
//!
//! Every act is a fact in the stream that all nodes hold, with who did it and why.

use loket_sync::{NodeId, SessionId, StreamId};

use super::{ActionError, Asker, Registry};
use crate::domain::fact::Fact;
use crate::domain::node::{
    Good, NodeRevoked, Nodes, POSITIONS_MAX, REASON_CHARS_MAX, RecordsAccepted, RecordsLeftAside, RevokedWhy,
};
use crate::registry::store::{Room, Writing};

/// Takes a node's key back: what it signed is good as far as it is here, and it is not let in any more.
pub async fn revoke(
    registry: &Registry,
    asker: &Asker,
    node: NodeId,
    why: RevokedWhy,
    reason: &str,
) -> Result<(), ActionError> {
    asker.headquarters()?;
    let reason = reason_of(reason)?;
    let mut writing = registry.store.begin(registry.now()).await?;
    let nodes = writing.nodes().await?;
    let id = node.to_string();
    if !nodes.get(&id).is_some_and(crate::domain::node::Node::is_active) {
        return Err(ActionError::Gone);
    }
    let facts = revocation(&mut writing, &nodes, &id, why, &reason).await?;
    writing.append_common(&asker.by, facts).await?;
    writing.commit().await?;
    tracing::warn!(%node, ?why, "The key of an office's machine was taken back");
    Ok(())
}

/// The facts that take a node's key back where its sessions stand now. Many sessions are named by several facts.
pub(super) async fn revocation(
    writing: &mut Writing,
    nodes: &Nodes,
    node: &str,
    why: RevokedWhy,
    reason: &str,
) -> Result<Vec<Fact>, ActionError> {
    let streams = nodes.get(node).and_then(|node| node.granted.as_ref());
    let streams = streams.map(|(granted, _, _)| granted.streams.clone()).unwrap_or_default();
    let mut good = Vec::new();
    for stream in streams {
        let stream = StreamId::parse(&stream).map_err(|error| ActionError::Internal(error.to_string()))?;
        let haves = writing.sessions(stream).await?;
        good.extend(haves.into_iter().map(|have| position(have.stream, have.session, have.len)));
    }
    let fact = |good: &[Good]| {
        let (node, reason, good) = (node.to_owned(), reason.to_owned(), good.to_vec());
        Fact::NodeRevoked(NodeRevoked { node, why, reason, good })
    };
    Ok(if good.is_empty() { vec![fact(&[])] } else { good.chunks(POSITIONS_MAX).map(fact).collect() })
}

fn position(stream: StreamId, session: SessionId, len: u64) -> Good {
    Good { stream: stream.to_string(), session: session.to_string(), len }
}

/// What staff decide about records that are kept aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// They are honest work: taken in.
    TakeIn,
    /// They stay where they are and count for nothing.
    Leave,
}

/// Decides about what is kept aside of a session, as far as it was seen: `seen` records.
pub async fn decide_aside(
    registry: &Registry,
    asker: &Asker,
    (stream, session, seen): (StreamId, SessionId, u64),
    decided: Decided,
    reason: &str,
) -> Result<(), ActionError> {
    asker.headquarters()?;
    let reason = reason_of(reason)?;
    // Looked at inside the act, so that nothing is taken in that nobody has seen.
    let mut writing = registry.store.begin(registry.now()).await?;
    let row = registry.store.aside_of(stream, session).await?;
    let row = row.filter(|row| row.not.len == seen).ok_or(ActionError::Gone)?;
    let (node, good) = (row.node.to_string(), vec![position(stream, session, row.not.len)]);
    let fact = match decided {
        Decided::Leave => {
            writing.leave_aside(stream, session).await?;
            Fact::RecordsLeftAside(RecordsLeftAside { node, seen: good, reason })
        }
        Decided::TakeIn if row.can_be_taken_in() => {
            let brought = writing.take_in(stream, session).await?.ok_or(ActionError::DoesNotFollow)?;
            for key in brought.applications {
                // What happened at the office is counted in any case.
                let _: Room = writing.refresh(key, false).await?;
            }
            Fact::RecordsAccepted(RecordsAccepted { node, good, reason })
        }
        Decided::TakeIn => return Err(ActionError::DoesNotFollow),
    };
    writing.append_common(&asker.by, vec![fact]).await?;
    writing.commit().await?;
    tracing::warn!(%stream, %session, ?decided, "Staff decided about records that were kept aside");
    Ok(())
}

/// The copy of a machine was stopped.
pub async fn settle_twins(registry: &Registry, asker: &Asker, node: NodeId) -> Result<(), ActionError> {
    asker.headquarters()?;
    Ok(registry.store.settle_twins(node).await?)
}

/// A restored registry was compared with what it may have lost.
pub async fn settle_handed_back(registry: &Registry, asker: &Asker) -> Result<(), ActionError> {
    asker.headquarters()?;
    Ok(registry.store.settle_handed_back().await?)
}

fn reason_of(reason: &str) -> Result<String, ActionError> {
    let reason = reason.trim();
    let fits = !reason.is_empty() && reason.chars().count() <= REASON_CHARS_MAX;
    if fits { Ok(reason.to_owned()) } else { Err(ActionError::Reason) }
}
