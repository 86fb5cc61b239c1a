//! Which nodes may write for which office, and up to where (DESIGN.md §4, §5 "Trust").
//!
//! Headquarters grants and takes back keys with facts in the stream that every node holds. A signature is judged by
//! the position it stands at, never by a time: whoever holds a stolen machine can set its clock.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::fact::Fact;
use super::office::OfficeCode;

/// The most characters of a reason that staff give.
pub const REASON_CHARS_MAX: usize = 300;
/// The most positions that one fact names; more are named by more facts.
pub const POSITIONS_MAX: usize = 200;

/// How far a session is good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Good {
    /// The stream, for example `office/karimun`.
    pub stream: String,
    /// The session, 32 hexadecimal digits.
    pub session: String,
    /// Number of good records, from the first.
    pub len: u64,
}

/// A node may write streams from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeGranted {
    /// The node, 32 hexadecimal digits.
    pub node: String,
    /// Its public keys, 128 hexadecimal digits.
    pub keys: String,
    /// Whose node it is.
    pub office: OfficeCode,
    /// The streams that it may write.
    pub streams: Vec<String>,
}

/// Why a key was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevokedWhy {
    /// Another machine, or another key of the same one, has taken its place.
    Replaced,
    /// The machine is lost or was stolen.
    Lost,
    /// A copy of the machine is at work.
    Copied,
    /// Something else, said in the reason.
    Other,
}

/// A node's key was taken back. What it signed is good as far as the registry had it then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeRevoked {
    /// The node.
    pub node: String,
    /// Why.
    pub why: RevokedWhy,
    /// What staff said about it.
    #[serde(default)]
    pub reason: String,
    /// The last good positions; a session that is not named is not good at all.
    pub good: Vec<Good>,
}

/// Staff took records in that had been kept aside: honest work of a node whose key was taken back too early.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordsAccepted {
    /// The node that signed them.
    pub node: String,
    /// Up to where its sessions are good now.
    pub good: Vec<Good>,
    /// What staff said about it.
    #[serde(default)]
    pub reason: String,
}

/// Staff decided that records stay aside; they are kept and count for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordsLeftAside {
    /// The node that signed them.
    pub node: String,
    /// What was looked at: the session and how far it went then.
    pub seen: Vec<Good>,
    /// What staff said about it.
    #[serde(default)]
    pub reason: String,
}

/// What a node is told whose key was taken back; it travels as the words of a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenBack {
    /// When, by the registry's clock.
    pub key_taken_back_at: DateTime<Utc>,
    /// The name of whoever did it; empty when a rule did.
    pub by: String,
    /// Why.
    pub why: RevokedWhy,
}

impl TakenBack {
    /// What is told of a revocation.
    pub fn of(revoked: &Revocation) -> Self {
        let by = match &revoked.by {
            Actor::Officer { name, .. } => name.clone(),
            Actor::Applicant | Actor::Bank | Actor::Node => String::new(),
        };
        Self { key_taken_back_at: revoked.at, by, why: revoked.why }
    }

    /// As it travels.
    pub fn to_words(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads the words of a refusal; nothing when they say something else.
    pub fn from_words(words: &str) -> Option<Self> {
        serde_json::from_str(words).ok()
    }
}

/// How and when a key was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Why.
    pub why: RevokedWhy,
    /// What staff said about it.
    pub reason: String,
    /// By whom.
    pub by: Actor,
    /// When, by the registry's clock; for people to read.
    pub at: DateTime<Utc>,
}

/// What is known of one node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    /// What it was granted, when, and by whom.
    pub granted: Option<(NodeGranted, DateTime<Utc>, Actor)>,
    /// How its key was taken back, if it was.
    pub revoked: Option<Revocation>,
    good: BTreeMap<(String, String), u64>,
}

/// What a node's signature is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// It may sign here.
    Writer,
    /// Its key was taken back; it is good up to so many records of this session.
    UpTo(u64),
    /// It may not write this stream and never might.
    Never,
}

impl Node {
    /// Whether it may write now.
    pub fn is_active(&self) -> bool {
        self.granted.is_some() && self.revoked.is_none()
    }

    fn reach(&self, stream: &str, session: &str) -> Reach {
        let is_granted = |(granted, _, _): &(NodeGranted, DateTime<Utc>, Actor)| {
            granted.streams.iter().any(|it| it == stream)
        };
        match (&self.granted, &self.revoked) {
            (Some(granted), None) if is_granted(granted) => Reach::Writer,
            (Some(granted), Some(_)) if is_granted(granted) => {
                let key = (stream.to_owned(), session.to_owned());
                Reach::UpTo(self.good.get(&key).copied().unwrap_or(0))
            }
            _ => Reach::Never,
        }
    }

    fn raise(&mut self, good: &[Good]) {
        for Good { stream, session, len } in good {
            let held = self.good.entry((stream.clone(), session.clone())).or_default();
            *held = (*held).max(*len);
        }
    }
}

/// All nodes, as headquarters' facts say. Joining is order-free.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Nodes {
    by_id: BTreeMap<String, Node>,
}

impl Nodes {
    /// Adds a fact; others than those about nodes change nothing.
    pub fn join(&mut self, fact: &Fact, at: DateTime<Utc>, by: &Actor) {
        match fact {
            Fact::NodeGranted(granted) => {
                let node = self.by_id.entry(granted.node.clone()).or_default();
                if node.granted.as_ref().is_none_or(|(_, before, _)| *before > at) {
                    node.granted = Some((granted.clone(), at, by.clone()));
                }
            }
            Fact::NodeRevoked(revoked) => {
                let node = self.by_id.entry(revoked.node.clone()).or_default();
                node.raise(&revoked.good);
                if node.revoked.as_ref().is_none_or(|before| before.at > at) {
                    let NodeRevoked { why, reason, .. } = revoked.clone();
                    node.revoked = Some(Revocation { why, reason, by: by.clone(), at });
                }
            }
            Fact::RecordsAccepted(accepted) => {
                self.by_id.entry(accepted.node.clone()).or_default().raise(&accepted.good);
            }
            _ => {}
        }
    }

    /// The identities of all nodes.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.by_id.keys().map(String::as_str)
    }

    /// A node by its identity.
    pub fn get(&self, id: &str) -> Option<&Node> {
        self.by_id.get(id)
    }

    /// The nodes of an office, the latest granted first.
    pub fn of(&self, office: &OfficeCode) -> Vec<(&str, &Node)> {
        let granted_at = |node: &Node| node.granted.as_ref().map(|(_, at, _)| *at);
        let is_of =
            |node: &Node| node.granted.as_ref().is_some_and(|(granted, _, _)| granted.office == *office);
        let mut nodes: Vec<(&str, &Node)> =
            self.by_id.iter().filter(|(_, node)| is_of(node)).map(|(id, node)| (id.as_str(), node)).collect();
        nodes.sort_by_key(|(_, node)| std::cmp::Reverse(granted_at(node)));
        nodes
    }

    /// What the signature of a node over a session is worth.
    pub fn reach(&self, id: &str, stream: &str, session: &str) -> Reach {
        self.by_id.get(id).map_or(Reach::Never, |node| node.reach(stream, session))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "office/karimun";

    fn facts() -> [Fact; 3] {
        let good = |session: &str, len| Good { stream: STREAM.into(), session: session.into(), len };
        let granted = NodeGranted {
            node: "a".into(),
            keys: String::new(),
            office: OfficeCode::parse("karimun").unwrap(),
            streams: vec![STREAM.into()],
        };
        let revoked = NodeRevoked {
            node: "a".into(),
            why: RevokedWhy::Lost,
            reason: "di jalan".into(),
            good: vec![good("s1", 7)],
        };
        let accepted = RecordsAccepted {
            node: "a".into(),
            good: vec![good("s1", 9), good("s2", 3)],
            reason: String::new(),
        };
        [Fact::NodeGranted(granted), Fact::NodeRevoked(revoked), Fact::RecordsAccepted(accepted)]
    }

    fn joined(order: &[usize]) -> Nodes {
        let mut nodes = Nodes::default();
        for place in order {
            let at = DateTime::from_timestamp(1_000 + i64::try_from(*place).unwrap(), 0).unwrap();
            nodes.join(&facts()[*place], at, &Actor::Node);
        }
        nodes
    }

    #[test]
    fn a_key_is_good_until_it_is_taken_back_and_then_up_to_a_position() {
        assert_eq!(joined(&[]).reach("a", STREAM, "s1"), Reach::Never);
        assert_eq!(joined(&[0]).reach("a", STREAM, "s1"), Reach::Writer);
        assert_eq!(joined(&[0]).reach("a", "hq/common", "s1"), Reach::Never);
        let revoked = joined(&[0, 1]);
        assert_eq!(revoked.reach("a", STREAM, "s1"), Reach::UpTo(7));
        assert_eq!(revoked.reach("a", STREAM, "s2"), Reach::UpTo(0));
        let accepted = joined(&[0, 1, 2]);
        assert_eq!(accepted.reach("a", STREAM, "s1"), Reach::UpTo(9));
        assert_eq!(accepted.reach("a", STREAM, "s2"), Reach::UpTo(3));
        assert!(!accepted.get("a").unwrap().is_active());
    }

    #[test]
    fn the_order_in_which_facts_come_changes_nothing() {
        let all = joined(&[0, 1, 2]);
        for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            assert_eq!(joined(&order), all);
        }
        assert_eq!(joined(&[0, 0, 1, 1, 2, 2]), all);
    }

    #[test]
    fn an_office_has_its_nodes_the_latest_first() {
        let mut nodes = joined(&[0]);
        let Fact::NodeGranted(first) = facts()[0].clone() else { panic!("a grant") };
        let second = NodeGranted { node: "b".into(), ..first };
        nodes.join(&Fact::NodeGranted(second), DateTime::from_timestamp(2_000, 0).unwrap(), &Actor::Node);
        let ids: Vec<&str> =
            nodes.of(&OfficeCode::parse("karimun").unwrap()).iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, ["b", "a"]);
        assert!(nodes.of(&OfficeCode::parse("batam").unwrap()).is_empty());
    }
}
