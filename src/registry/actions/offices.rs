//! Offices: adding them, opening one-time codes, letting their nodes in.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use loket_sync::StreamId;
use loket_sync::enrol::{EnrolCode, EnrolRequest, Granted};
use loket_sync::ids::IdError;

use super::{ActionError, Registry, nodes};
use crate::domain::actor::Actor;
use crate::domain::fact::Fact;
use crate::domain::node::{NodeGranted, RevokedWhy};
use crate::domain::office::{Office, OfficeCode};

/// How long a one-time code can be used.
const CODE_HOURS: i64 = 24;
/// A program's name is shown to people; more of it is of no use.
const SOFTWARE_CHARS_MAX: usize = 80;

/// A one-time code, shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCode {
    /// The code.
    pub code: EnrolCode,
    /// Until when it can be used.
    pub until: DateTime<Utc>,
}

/// Adds an office or changes its name.
pub async fn add(registry: &Registry, office: &Office) -> Result<(), ActionError> {
    let mut writing = registry.store.begin(registry.now()).await?;
    writing.put_office(office).await?;
    Ok(writing.commit().await?)
}

/// Opens a one-time code for an office. An older code of this office is void from now on.
pub async fn open_code(registry: &Registry, office: &OfficeCode) -> Result<OpenCode, ActionError> {
    open_code_by(registry, &Actor::Node, office).await
}

/// The same by somebody: the grant that follows is theirs.
pub async fn open_code_by(
    registry: &Registry,
    by: &Actor,
    office: &OfficeCode,
) -> Result<OpenCode, ActionError> {
    let now = registry.now();
    let open = OpenCode { code: EnrolCode::draw(), until: now + TimeDelta::hours(CODE_HOURS) };
    let mut writing = registry.store.begin(now).await?;
    if !writing.open_enrolment(office, &open.code.key(), open.until, by).await? {
        return Err(ActionError::UnknownOffice);
    }
    writing.commit().await?;
    Ok(open)
}

/// Lets a node in that shows an open code of the office it says it is, and uses the code up. The office's earlier node
/// is superseded: its key is taken back at the position that the registry has. Returns the answer for the node. Whoever
/// is refused leaves everything as it was, the code too.
pub async fn enrol(registry: &Registry, request: &EnrolRequest) -> Result<Vec<u8>, ActionError> {
    let now = registry.now();
    let open = registry.store.open_enrolments(now).await?;
    let (office, key) =
        open.into_iter().find(|(_, key)| request.knows(key)).ok_or(ActionError::EnrolmentRefused)?;
    if request.office != office.as_str() {
        return Err(ActionError::CodeOfOtherOffice(office));
    }
    let software: String = request.software.chars().take(SOFTWARE_CHARS_MAX).collect();
    let internal = |error: IdError| ActionError::Internal(error.to_string());
    let own_stream = own_stream(&office).map_err(internal)?;
    let mut writing = registry.store.begin(now).await?;
    let by = writing.use_code(&office).await?.ok_or(ActionError::EnrolmentRefused)?;
    let nodes = writing.nodes().await?;
    let id = request.node.id().to_string();
    let is_known = match nodes.get(&id) {
        Some(node) if node.revoked.is_some() => return Err(ActionError::KeyTakenBack),
        // The first grant of a key stands for ever: a second one would change nothing.
        Some(node) => match &node.granted {
            Some((granted, _, _)) if granted.office != office => return Err(ActionError::KeyOfOtherOffice),
            granted => granted.is_some(),
        },
        None => false,
    };
    let mut facts = Vec::new();
    for (earlier, _) in nodes.of(&office).into_iter().filter(|(it, node)| *it != id && node.is_active()) {
        facts.extend(nodes::revocation(&mut writing, &nodes, earlier, RevokedWhy::Replaced, "").await?);
    }
    if !is_known {
        let keys = request.node.to_hex();
        let streams = vec![own_stream.to_string()];
        facts.push(Fact::NodeGranted(NodeGranted { node: id, keys, office: office.clone(), streams }));
    }
    writing.append_common(&by, facts).await?;
    writing.put_node(&request.node, &software).await?;
    writing.commit().await?;
    tracing::info!(%office, node = %request.node.id(), "An office's node was enrolled");
    let granted = Granted {
        registry: registry.store.node_key().public(),
        office: office.to_string(),
        own_stream,
        streams: shared_streams(&office).map_err(internal)?.into_iter().collect(),
        recovery: registry.store.recovery_key().await?,
    };
    Ok(granted.to_bytes(&key, &request.node))
}

/// The stream an office writes.
pub fn own_stream(office: &OfficeCode) -> Result<StreamId, IdError> {
    StreamId::parse(&format!("office/{office}"))
}

/// The streams the registry and an office both keep. An office sees no other office's.
pub fn shared_streams(office: &OfficeCode) -> Result<BTreeSet<StreamId>, IdError> {
    Ok([own_stream(office)?, StreamId::parse(&format!("hq/{office}"))?, StreamId::parse("hq/common")?].into())
}
