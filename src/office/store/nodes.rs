//! Who may sign which journal, up to where: drawn from headquarters' facts in `hq/common`, like at every other node.

use std::sync::Arc;

use loket_sync::enrol::nodes_subject;
use loket_sync::exchange::{NotTaken, REFUSED_MAX, WhyNot};
use loket_sync::journal::{ReceiveError, Standing};
use loket_sync::{ChainError, Have, JournalReader, NodeId, NodePublic, Range, Signers};

use super::rows::Rows;
use super::shared::{Shared, read, write};
use super::{Store, StoreError, load};
use crate::domain::application::Author;
use crate::domain::node::{Nodes, Reach};

/// All nodes as headquarters' facts here say.
pub(super) fn draw(
    rows: &dyn Rows,
    reader: &JournalReader,
    registry: Option<&NodePublic>,
) -> Result<Nodes, StoreError> {
    let mut nodes = Nodes::default();
    let Some(registry) = registry else { return Ok(nodes) };
    if let Some(loaded) = load::subject(rows, reader, nodes_subject(registry))? {
        for entry in loaded.application.by_author(&Author::Registry) {
            nodes.join(&entry.fact, entry.at, &entry.by);
        }
    }
    Ok(nodes)
}

/// Headquarters has said something about nodes: what unknown ones signed is asked for again.
pub(super) fn redraw(shared: &Shared) -> Result<(), StoreError> {
    let drawn = draw(&shared.tree, &shared.reader, shared.registry.as_ref())?;
    *write(&shared.nodes) = Arc::new(drawn);
    write(&shared.refused).retain(|not| not.why != WhyNot::SignerUnknown);
    shared.changed();
    Ok(())
}

/// Why a run whose first record is `first` was not taken, as the other side is told.
pub(super) fn why_not(error: &ReceiveError, first: u64) -> WhyNot {
    match error {
        ReceiveError::OwnSession | ReceiveError::Chain(ChainError::Fork(_)) => WhyNot::Fork,
        ReceiveError::Chain(ChainError::Broken(at)) if *at == first => WhyNot::Fork,
        _ => WhyNot::Unverified,
    }
}

/// Who may sign what lies and arrives here: headquarters its streams, the office's nodes their own.
pub struct NodeSigners {
    /// What is known of nodes.
    pub nodes: Arc<Nodes>,
    /// This node, which may not have heard of its own grant yet.
    pub own: NodePublic,
    /// Headquarters.
    pub registry: Option<NodePublic>,
}

impl Signers for NodeSigners {
    fn standing(&self, up_to: &Have, node: &NodeId) -> Standing {
        if up_to.stream.group() == "hq" {
            let registry = self.registry.filter(|registry| registry.id() == *node);
            return registry.map_or(Standing::Stranger, Standing::Writer);
        }
        let id = node.to_string();
        let granted = self.nodes.get(&id).and_then(|known| known.granted.as_ref());
        let public = granted.and_then(|(granted, _, _)| NodePublic::from_hex(&granted.keys));
        let public = public.or(Some(self.own)).filter(|public| public.id() == *node);
        let Some(public) = public else { return Standing::Stranger };
        match self.nodes.reach(&id, up_to.stream.as_str(), &up_to.session.to_string()) {
            Reach::UpTo(good) if up_to.len > good => Standing::Revoked { public, good },
            Reach::Never if public != self.own => Standing::Stranger,
            Reach::Writer | Reach::UpTo(_) | Reach::Never => Standing::Writer(public),
        }
    }
}

/// What the last signatures of the journals say, once it is known who had a key: each covers all that stands before it.
#[derive(Debug, Default)]
pub(super) struct Signed {
    /// Signatures that do not hold.
    pub(super) unsound: Vec<String>,
    /// Signatures of nodes of which nobody here has heard yet.
    pub(super) strangers: Vec<String>,
}

/// Journals whose last signature does not hold, by nodes that were not known when the journals were opened.
pub(super) fn unsound(reader: &JournalReader, signers: &NodeSigners) -> Result<Vec<String>, StoreError> {
    Ok(signed(reader, signers)?.unsound)
}

/// Looks at the last signature of each journal.
pub(super) fn signed(reader: &JournalReader, signers: &NodeSigners) -> Result<Signed, StoreError> {
    let mut signed = Signed::default();
    for have in reader.vector() {
        let Some(last) = have.len.checked_sub(1) else { continue };
        let range = Range { stream: have.stream, session: have.session, from: last, to: have.len };
        // What is damaged is named by whoever reads the journals again.
        for run in reader.sound_runs(&[range], 1)?.0 {
            let public = match signers.standing(&run.head.have(), &run.head.signer) {
                Standing::Writer(public) | Standing::Revoked { public, .. } => public,
                Standing::Stranger => {
                    let Have { stream, session, len, .. } = have;
                    let who = run.head.signer;
                    signed.strangers.push(format!(
                        "{stream}/{session}: the head over {len} records is signed by node {who}, which is not known here"
                    ));
                    continue;
                }
            };
            if !run.head.is_signed_by(&public) {
                signed.unsound.push(format!("{}/{}: the last signature is wrong", have.stream, have.session));
            }
        }
    }
    Ok(signed)
}

impl Shared {
    /// Who may sign what, by what is known of nodes now.
    pub(super) fn signers(&self) -> NodeSigners {
        let nodes = Arc::clone(&read(&self.nodes));
        NodeSigners { nodes, own: self.own_public, registry: self.registry }
    }
}

impl Store {
    /// All nodes as headquarters' facts here say.
    pub fn nodes(&self) -> Arc<Nodes> {
        Arc::clone(&read(&self.shared().nodes))
    }

    /// What came from headquarters and was not taken.
    pub fn refused_here(&self) -> Vec<NotTaken> {
        read(&self.shared().refused).clone()
    }

    /// Notes what was not taken, so that it is not sent again and a person sees it.
    pub fn note_refused(&self, not: NotTaken) {
        let mut refused = write(&self.shared().refused);
        refused.retain(|held| (held.stream, held.session) != (not.stream, not.session));
        if refused.len() < REFUSED_MAX {
            refused.push(not);
        } else {
            tracing::error!(?not, "Too much was refused; this is not noted");
        }
        drop(refused);
        self.shared().changed();
    }
}

/// What is not taken of a run, in the form the other side is told: nothing of the session is sent again until more is
/// known of nodes, or this office is started again.
pub fn not_taken(covered: &Have, first: u64, why: WhyNot) -> NotTaken {
    NotTaken { stream: covered.stream, session: covered.session, from: first, len: u64::MAX, why }
}
