//! What travels, the same in both directions.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::plan::Range;
use super::told::Rest;
use crate::chain::Run;
use crate::head::Vector;
use crate::ids::{Hash, NodeId, SessionId, StoreId, StreamId, Subject};
use crate::keys::{Envelopes, NodeKey, NodePublic};
use crate::seal::{SealError, SubjectKey};

/// About how many bytes of records one message carries.
pub const RUN_BYTES_MAX: usize = 256 * 1024;
/// The most keys one message grants or asks for.
pub const KEYS_MAX: usize = 8192;
/// A key costs about a hundred bytes that cannot be packed: one is asked for, or given to who asked, for each so many bytes
/// of records that a message may have.
const BYTES_PER_KEY: usize = 512;
/// The most sessions one vector names.
pub const SESSIONS_MAX: usize = 16_384;
/// The most blobs one message offers or asks for.
pub const BLOBS_MAX: usize = 256;

/// The most sessions one message says it does not take. What is not said is sent every time, so it is more than either
/// side notes.
pub const REFUSED_MAX: usize = 1_024;

/// Whether so many of what may be so many at most are worth a warning: from three quarters on.
pub fn is_crowded(count: usize, most: usize) -> bool {
    count >= most / 4 * 3
}

/// Why records are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum WhyNot {
    /// The stream is not shared with the sender.
    NotShared,
    /// The node that signed was never let in.
    SignerUnknown,
    /// The key of the node that signed was taken back before this position; a person decides.
    SignerRevoked,
    /// A person has decided to leave them aside.
    LeftAside,
    /// Another history stands under this name.
    Fork,
    /// They do not verify.
    Unverified,
    /// A reason that a newer version has.
    Other,
}

const REASONS: [WhyNot; 7] = [
    WhyNot::NotShared,
    WhyNot::SignerUnknown,
    WhyNot::SignerRevoked,
    WhyNot::LeftAside,
    WhyNot::Fork,
    WhyNot::Unverified,
    WhyNot::Other,
];

impl WhyNot {
    /// The number it travels and is stored as, never re-used.
    pub fn code(self) -> u8 {
        let place = REASONS.iter().position(|known| *known == self);
        place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX)
    }

    /// The reason of a number; [`WhyNot::Other`] for numbers that are not known here.
    pub fn from_code(code: u8) -> Self {
        REASONS.get(usize::from(code)).copied().unwrap_or(Self::Other)
    }
}

/// Records of one session that are not taken: everything from `from` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotTaken {
    /// The stream.
    pub stream: StreamId,
    /// The session in it.
    pub session: SessionId,
    /// The first record that is not taken.
    pub from: u64,
    /// How far the session was seen: what stands below is not to be sent again. The highest number stands for all.
    pub len: u64,
    /// Why.
    pub why: WhyNot,
}

impl NotTaken {
    /// How many records that is of a session that the other side has `len` records of.
    pub fn records_of(&self, len: u64) -> u64 {
        self.len.min(len).saturating_sub(self.from)
    }
}

/// A subject's key, sealed for the node that receives the message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyGrant {
    /// Whose key it is.
    pub subject: Subject,
    /// The key, sealed for this subject.
    pub sealed: Vec<u8>,
}

impl KeyGrant {
    /// Seals a key for its receiver.
    pub fn seal(subject: Subject, key: &SubjectKey, receiver: &NodePublic) -> Self {
        Self::seal_with(&Envelopes::to(receiver), subject, key)
    }

    /// Seals one of several keys for one receiver: what they share packs well.
    pub fn seal_with(envelopes: &Envelopes, subject: Subject, key: &SubjectKey) -> Self {
        Self { subject, sealed: envelopes.seal(&subject.0, key.as_bytes()) }
    }

    /// Opens a key that was sealed for this node; an envelope cannot be moved to another subject.
    pub fn open(&self, receiver: &NodeKey) -> Result<SubjectKey, SealError> {
        let plain = zeroize::Zeroizing::new(receiver.open_one(&self.subject.0, &self.sealed)?);
        Ok(SubjectKey::from_bytes(plain.as_slice().try_into().map_err(|_| SealError)?))
    }
}

/// What runs need not say to a receiver that joins them ([`Message::joins`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joining {
    /// The node that sends: runs that it signed do not name it.
    pub by: NodeId,
    /// What the receiver is known to have: a run that goes on from there leaves out the hash of the record before.
    pub to: Vector,
}

/// One message of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The sender's store.
    pub store: StoreId,
    /// The sender's clock, for warning people whose clock is wrong.
    pub now_ms: i64,
    /// What the sender has of the streams that both share, durably: all of it, or with [`Message::rest`] only what
    /// the receiver may not expect.
    pub vector: Vector,
    /// A digest of everything else that the sender has; nothing if the vector is complete.
    pub rest: Option<Rest>,
    /// Records that the receiver lacked according to its last vector.
    pub runs: Vec<Run>,
    /// What these runs leave out, for a receiver that joins them to what it has. Does not travel itself.
    pub joining: Option<Joining>,
    /// Whether the sender joins runs to what it has and whom it talks with.
    pub joins: bool,
    /// Keys of the subjects that these runs open, and of those the receiver asked for.
    pub keys: Vec<KeyGrant>,
    /// Subjects whose keys the sender lacks.
    pub wanted_keys: Vec<Subject>,
    /// Blobs that the sender could give.
    pub offered_blobs: Vec<Hash>,
    /// Blobs that the sender lacks.
    pub wanted_blobs: Vec<Hash>,
    /// Whether the sender has more records than fitted.
    pub more: bool,
    /// Whether the sender wants bodies as they are sealed, because it lacks keys.
    pub sealed: bool,
    /// How long the sender asks to be left alone.
    pub pause_ms: u32,
    /// How many bytes of records the sender would like at most; 0 for as many as one message carries. A signed group
    /// is never cut.
    pub room: u32,
    /// The process that speaks: drawn at its start. Two that take turns are two copies of one machine.
    pub process: Option<SessionId>,
    /// Records of the receiver that the sender does not take, at most [`REFUSED_MAX`] sessions.
    pub refused: Vec<NotTaken>,
    /// Since when two copies of the receiver's machine are at work, as the sender sees it.
    pub twins_since_ms: Option<i64>,
    /// The second of the receiver's own clock, since 1970, in its last answer that the sender has read: the message was
    /// written after that, whoever delivers it and how often.
    pub answered_s: Option<u32>,
}

impl Message {
    /// A message that says only who sends it and what it has.
    pub fn new(store: StoreId, now_ms: i64, vector: Vector) -> Self {
        Self {
            store,
            now_ms,
            vector,
            rest: None,
            runs: Vec::new(),
            joining: None,
            joins: false,
            keys: Vec::new(),
            wanted_keys: Vec::new(),
            offered_blobs: Vec::new(),
            wanted_blobs: Vec::new(),
            more: false,
            pause_ms: 0,
            room: 0,
            sealed: false,
            process: None,
            refused: Vec::new(),
            twins_since_ms: None,
            answered_s: None,
        }
    }

    /// Loads what was read of these ranges, and says whether more is left.
    pub fn load(&mut self, ranges: &[Range], runs: Vec<Run>) {
        let is_whole = |range: &Range| {
            let covers = |run: &Run| {
                (run.head.stream, run.head.session) == (range.stream, range.session)
                    && run.head.len >= range.to
            };
            runs.iter().any(covers)
        };
        self.more = !ranges.iter().all(is_whole);
        self.runs = runs;
    }

    /// Number of records it carries.
    pub fn records(&self) -> u64 {
        self.runs.iter().map(|run| run.records.len() as u64).sum()
    }
}

/// Subjects that these runs speak of.
pub fn subjects_of(runs: &[Run]) -> BTreeSet<Subject> {
    let records = runs.iter().flat_map(|run| &run.records);
    records.map(|record| record.header.subject).filter(|subject| *subject != Subject::NONE).collect()
}

/// How many keys to ask for, or to give to who asked, in a message that may have so many bytes of records: a line that is
/// slow is not filled with them.
pub fn keys_in(room: usize) -> usize {
    (room / BYTES_PER_KEY).clamp(1, KEYS_MAX)
}

/// Subjects that these runs open: their keys go along.
pub fn subjects_opened(runs: &[Run]) -> BTreeSet<Subject> {
    let records = runs.iter().flat_map(|run| &run.records);
    records.filter(|record| record.header.opens_subject()).map(|record| record.header.subject).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_granted_key_opens_for_its_receiver_and_its_subject_only() {
        let (receiver, other) = (NodeKey::from_seed([1; 32]), NodeKey::from_seed([2; 32]));
        let key = SubjectKey::draw();
        let grant = KeyGrant::seal(Subject([7; 16]), &key, &receiver.public());
        assert_eq!(grant.open(&receiver).unwrap(), key);
        assert!(grant.open(&other).is_err());
        assert!(KeyGrant { subject: Subject([8; 16]), ..grant }.open(&receiver).is_err());
    }
}
