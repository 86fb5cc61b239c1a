//! Who takes part: a registry, three offices, and a kit that reaches the registry through the first of them.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use loket_sync::{NodeKey, StreamId};

use super::broken::{Broken, Step};
use super::node::Role;

/// The registry's place among the nodes.
pub(super) const REGISTRY: usize = 0;
/// The office that the kit belongs to.
pub(super) const KITS_OFFICE: usize = 1;
/// The kit's place.
pub(super) const KIT: usize = 4;
/// A node that nobody let in.
const STRANGER: usize = 5;

/// Later keys of one node, at most.
const KEYS_MAX: usize = 3;

/// Codes of the offices and of the kit, from place 1 on.
pub(super) const CODES: [&str; 4] = ["karimun", "batam", "dumai", "eazy-1"];

/// The key of a node. Drawing keys anew for every history would change nothing and take most of the time.
pub(super) fn key(place: usize) -> NodeKey {
    static KEYS: OnceLock<Vec<NodeKey>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| (1..=24).map(|seed| NodeKey::from_seed([seed; 32])).collect());
    keys[place.min(keys.len() - 1)].clone()
}

/// A later key of the same node; nothing when it has had enough of them.
pub(super) fn later_key(place: usize, number: usize) -> Option<NodeKey> {
    (number < KEYS_MAX).then(|| key(STRANGER + 1 + place * KEYS_MAX + number))
}

pub(super) fn stranger() -> NodeKey {
    key(STRANGER)
}

/// The streams that a node writes.
pub(super) fn own_streams(role: Role, code: &str) -> Vec<&'static str> {
    let all = ["office/karimun", "office/batam", "office/dumai", "kit/eazy-1"];
    match role {
        Role::Registry => vec!["hq/common", "hq/karimun", "hq/batam", "hq/dumai", "hq/eazy-1"],
        Role::Office | Role::Kit => all
            .into_iter()
            .filter(|stream| stream.split_once('/').is_some_and(|(_, name)| name == code))
            .collect(),
    }
}

/// The streams that a client keeps together with its server.
pub(super) fn shared(client: usize) -> Step<BTreeSet<StreamId>> {
    let names: &[&str] = match client {
        1 => &["hq/common", "hq/karimun", "office/karimun", "hq/eazy-1", "kit/eazy-1"],
        2 => &["hq/common", "hq/batam", "office/batam"],
        3 => &["hq/common", "hq/dumai", "office/dumai"],
        _ => &["hq/common", "hq/eazy-1", "kit/eazy-1"],
    };
    names.iter().map(|name| StreamId::parse(name).map_err(Broken::simulation)).collect()
}
