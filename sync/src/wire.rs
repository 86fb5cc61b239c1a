//! Messages as bytes: a version, the head (packed if that helps), then the words and the sealed bodies of all records.
//!
//! ```text
//! version u8 | form u8 | length of the head | head | letters | bodies
//! head = flags u8 | the sender's clock | rest 8 bytes, if any | store 16 bytes, if any | fields
//! field = number | length | bytes
//! ```
//!
//! What the receiver can compute is left out: of a run only the first `prev` travels, and no hash at all; the
//! receiver recomputes the chain, and the writer's signature over the last hash says whether it came out right. Who says
//! that it joins runs is not even told that `prev` where it has that record (four bytes of it say which is meant), nor who
//! signed what the sender signed. Where
//! both sides have a subject's key, not even the sealed body travels but its words, packed together with a shipped
//! dictionary and then sealed for the receiver (`wire/runs.rs`). What does not pack lies apart from what does.
//!
//! Everything but the clock is a field with a number of its own (`wire/extend.rs`): one that is empty does not travel,
//! and a reader passes over numbers below [`MUST_UNDERSTAND`] that it does not know, and over bytes behind those that it
//! knows in a field. So an older and a newer program understand each other as far as the older one goes. Another version
//! is only needed where that does not do; it is refused in words that name both. Lengths are limited before anything is
//! allocated for them.

mod extend;
mod recent;
mod runs;

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;

use crate::exchange::{Message, Rest};
use crate::ids::{Hash, NodeId, Pos, StoreId, Subject};
use crate::keys::{Envelopes, NodeKey, NodePublic};
use crate::packing;
use crate::seal::SubjectKey;

/// Version of the layout that this program writes and reads.
pub const WIRE_VERSION: u8 = 2;
/// The most bytes a message may have once unpacked.
pub const MESSAGE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// The most records a message may carry: what packs to a few bytes each takes a few hundred in memory.
pub const RECORDS_MAX: usize = 65_536;
/// A message with an unknown field of this number or above is refused instead of half understood.
pub const MUST_UNDERSTAND: u16 = 0x4000;
/// The most runs of a message that leave out the hash of the record before: among more it weighs little.
pub const JOINED_MAX: usize = 64;

/// Field: random, for nobody to read. Two messages of one millisecond differ by it.
#[cfg(feature = "client")]
const NONCE: u16 = 13;
/// Field: the columns of the runs.
const RUNS: u16 = MUST_UNDERSTAND;
/// Field: with which dictionary the letters are packed, and how many bytes they are.
const LETTERS: u16 = MUST_UNDERSTAND + 1;
/// Field: the columns of runs that leave out what the receiver knows. For who joins them only.
const JOINED_RUNS: u16 = MUST_UNDERSTAND + 2;

/// The head is packed.
const PACKED: u8 = 1;

const FLAG_MORE: u8 = 1;
const FLAG_REST: u8 = 2;
const FLAG_STORE: u8 = 4;
const FLAG_SEALED: u8 = 8;
const FLAG_JOINS: u8 = 16;

/// What a message's letters are about: nothing single.
const LETTERS_ABOUT: [u8; 16] = *b"loket letters 1\0";

/// Keys by subject.
pub type KeyMap = BTreeMap<Subject, SubjectKey>;
/// Hashes of records by where they stand.
pub type HashesAt = BTreeMap<Pos, Hash>;

/// What the reader of a message knows.
#[derive(Clone, Copy)]
pub struct AtHand<'a> {
    /// Who sent it, proven by a signature.
    pub sender: Option<NodeId>,
    /// Keys of the subjects it speaks of ([`Parcel::subjects`]).
    pub keys: &'a KeyMap,
    /// Hashes of what its runs go on from ([`Parcel::before`]).
    pub before: &'a HashesAt,
}

/// What was lacking here, so that runs of a message had to be left out. Either can be asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lacking {
    /// The key of a subject: without it bodies are asked for as they are sealed ([`Message::sealed`]).
    pub keys: bool,
    /// The record that a run goes on from: it comes whole if runs are not joined ([`Message::joins`]).
    pub before: bool,
}

impl Lacking {
    /// Whether anything was.
    pub fn is_any(self) -> bool {
        self.keys || self.before
    }
}

/// Bytes that are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Another version.
    #[error("version {0} of the protocol is not spoken here, only version {WIRE_VERSION}")]
    Version(u8),
    /// A field of a newer program that must not be passed over.
    #[error("the message holds field {0}, which only a newer program understands")]
    Field(u16),
    /// Packed with a dictionary that is not here.
    #[error("the message is packed with dictionary {0}, which only a newer program has")]
    Dictionary(u8),
    /// Sealed for somebody else, or changed.
    #[error("the message is not sealed for this node")]
    Sealed,
    /// Damaged, or larger than allowed once unpacked.
    #[error("the message is damaged or too large")]
    Packing,
    /// Unpacked, but not a message.
    #[error("the message is not well formed")]
    Form,
    /// A list or body is longer than allowed.
    #[error("a part of the message is too long")]
    TooLong,
}

impl From<postcard::Error> for WireError {
    fn from(_: postcard::Error) -> Self {
        Self::Form
    }
}

/// Writes a message. Its bodies travel as they are sealed.
pub fn encode(message: &Message) -> Result<Vec<u8>, WireError> {
    write(message, None, &[])
}

/// Writes a message for a receiver that has these keys, or is given them in it.
pub fn encode_for(message: &Message, receiver: &NodePublic, keys: &KeyMap) -> Result<Vec<u8>, WireError> {
    write(message, Some((receiver, keys)), &[])
}

/// As [`encode`] or [`encode_for`], each time other bytes: no answer to one message can be passed off as that to another.
#[cfg(feature = "client")]
pub(crate) fn encode_once(
    message: &Message,
    letters: Option<(&NodePublic, &KeyMap)>,
) -> Result<Vec<u8>, WireError> {
    write(message, letters, &[(NONCE, &crate::random::draw::<2>())])
}

/// As [`encode`], with further fields, as a newer program would write them.
pub fn encode_with(message: &Message, fields: &[(u16, &[u8])]) -> Result<Vec<u8>, WireError> {
    write(message, None, fields)
}

fn write(
    message: &Message,
    letters: Option<(&NodePublic, &KeyMap)>,
    fields: &[(u16, &[u8])],
) -> Result<Vec<u8>, WireError> {
    let has_store = message.store != StoreId::NONE;
    let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
    let flags = flag(message.more, FLAG_MORE)
        | flag(message.rest.is_some(), FLAG_REST)
        | flag(has_store, FLAG_STORE)
        | flag(message.sealed, FLAG_SEALED)
        | flag(message.joins, FLAG_JOINS);
    let mut head = postcard::to_stdvec(&(flags, message.now_ms))?;
    head.extend(message.rest.iter().flat_map(|rest| rest.0));
    if has_store {
        head.extend(message.store.0);
    }
    extend::write(message, &mut head)?;
    for field in fields {
        head.extend(postcard::to_stdvec(field)?);
    }
    let mut tail = Vec::new();
    if message.runs.iter().any(|run| !run.records.is_empty()) {
        let nobody = KeyMap::new();
        let keys = letters.map_or(&nobody, |(_, keys)| keys);
        let written = runs::write(&message.runs, message.joining.as_ref(), keys)?;
        let number = if message.joining.is_some() { JOINED_RUNS } else { RUNS };
        head.extend(postcard::to_stdvec(&(number, written.columns))?);
        if let Some((receiver, _)) = letters.filter(|_| !written.letters.is_empty()) {
            let (dictionary, packed) = packing::pack_letters(&written.letters).ok_or(WireError::Packing)?;
            tail = Envelopes::to(receiver).seal(&LETTERS_ABOUT, &packed);
            let field = postcard::to_stdvec(&(dictionary, tail.len() as u64))?;
            head.extend(postcard::to_stdvec(&(LETTERS, field))?);
        }
        tail.extend(written.bodies);
    }
    if head.len() + tail.len() > MESSAGE_BYTES_MAX {
        return Err(WireError::TooLong);
    }
    let packed = packing::pack(&head).filter(|packed| packed.len() < head.len());
    let form = flag(packed.is_some(), PACKED);
    let head = packed.unwrap_or(head);
    let mut bytes = postcard::to_stdvec(&(WIRE_VERSION, form, head.len() as u64))?;
    bytes.extend(head);
    bytes.extend(tail);
    Ok(bytes)
}

/// Reads a message whose bodies are all sealed and whose runs are whole. They are chained as they will be hashed; they are
/// verified by whoever takes them.
pub fn decode(bytes: &[u8]) -> Result<Message, WireError> {
    let at_hand = AtHand { sender: None, keys: &KeyMap::new(), before: &HashesAt::new() };
    Ok(Parcel::open(bytes, None)?.into_message(at_hand)?.0)
}

/// What of a message belongs to its runs.
#[derive(Default)]
struct Parts {
    columns: Vec<u8>,
    is_joined: bool,
    dictionary: u8,
    letters_len: u64,
}

/// A message that was opened; its records still want the keys of their subjects, and what they go on from.
pub struct Parcel {
    message: Message,
    columns: Vec<u8>,
    is_joined: bool,
    letters: Vec<u8>,
    bodies: Vec<u8>,
}

impl Parcel {
    /// Opens a message; `node` opens what was sealed for it.
    pub fn open(bytes: &[u8], node: Option<&NodeKey>) -> Result<Self, WireError> {
        let (version, rest) = bytes.split_first().ok_or(WireError::Form)?;
        if *version != WIRE_VERSION {
            return Err(WireError::Version(*version));
        }
        if bytes.len() > MESSAGE_BYTES_MAX {
            return Err(WireError::TooLong);
        }
        let ((form, len), rest): ((u8, u64), _) = postcard::take_from_bytes(rest)?;
        let len = usize::try_from(len).ok().filter(|len| *len <= rest.len()).ok_or(WireError::Form)?;
        let (head, tail) = rest.split_at(len);
        let mut parts = Parts::default();
        let message = match form {
            0 => read_head(head, &mut parts)?,
            PACKED => {
                read_head(&packing::unpack(head, MESSAGE_BYTES_MAX).ok_or(WireError::Packing)?, &mut parts)?
            }
            _ => return Err(WireError::Form),
        };
        let len = usize::try_from(parts.letters_len).map_err(|_| WireError::Form)?;
        let (letters, bodies) = tail.split_at_checked(len).ok_or(WireError::Form)?;
        let letters = if letters.is_empty() { Vec::new() } else { open_letters(letters, &parts, node)? };
        if parts.columns.is_empty() && !(letters.is_empty() && bodies.is_empty()) {
            return Err(WireError::Form);
        }
        let Parts { columns, is_joined, .. } = parts;
        Ok(Self { message, columns, is_joined, letters, bodies: bodies.to_vec() })
    }

    /// The message, still without its records.
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// The keys that came along for this node, opened.
    pub fn granted(&self, node: &NodeKey) -> KeyMap {
        let grants = self.message.keys.iter();
        grants.filter_map(|grant| Some((grant.subject, grant.open(node).ok()?))).collect()
    }

    /// Subjects whose keys are wanted: those that came along, or those that are at hand.
    pub fn subjects(&self) -> Result<BTreeSet<Subject>, WireError> {
        if self.letters.is_empty() {
            Ok(BTreeSet::new())
        } else {
            runs::subjects(&self.columns, self.is_joined)
        }
    }

    /// Records that runs go on from, whose hashes are wanted: at most [`JOINED_MAX`].
    pub fn before(&self) -> Result<Vec<Pos>, WireError> {
        if self.is_joined { runs::before(&self.columns) } else { Ok(Vec::new()) }
    }

    /// The message with its records; runs for which something is lacking are left out.
    pub fn into_message(self, at_hand: AtHand<'_>) -> Result<(Message, Lacking), WireError> {
        let Self { mut message, columns, is_joined, letters, bodies } = self;
        let mut lacking = Lacking::default();
        if !columns.is_empty() {
            (message.runs, lacking) = runs::read(&columns, is_joined, &letters, &bodies, at_hand)?;
        }
        Ok((message, lacking))
    }
}

/// Reads a list from the front of `rest` if it says that it is short enough; no room is made for it before.
fn take_list<T: DeserializeOwned>(rest: &mut &[u8], len_max: usize) -> Result<Vec<T>, WireError> {
    let (len, _): (u64, _) = postcard::take_from_bytes(rest)?;
    if usize::try_from(len).is_ok_and(|len| len <= len_max) {
        let (list, after) = postcard::take_from_bytes(rest)?;
        *rest = after;
        Ok(list)
    } else {
        Err(WireError::TooLong)
    }
}

fn open_letters(sealed: &[u8], parts: &Parts, node: Option<&NodeKey>) -> Result<Vec<u8>, WireError> {
    let opened = node.and_then(|node| node.open_one(&LETTERS_ABOUT, sealed).ok()).ok_or(WireError::Sealed)?;
    packing::unpack_letters(parts.dictionary, &opened, MESSAGE_BYTES_MAX)
}

fn read_head(head: &[u8], parts: &mut Parts) -> Result<Message, WireError> {
    let ((flags, now_ms), mut rest): ((u8, i64), _) = postcard::take_from_bytes(head)?;
    let mut message = Message::new(StoreId::NONE, now_ms, Vec::new());
    message.more = flags & FLAG_MORE != 0;
    message.sealed = flags & FLAG_SEALED != 0;
    message.joins = flags & FLAG_JOINS != 0;
    if flags & FLAG_REST != 0 {
        let (digest, after) = rest.split_first_chunk().ok_or(WireError::Form)?;
        (message.rest, rest) = (Some(Rest(*digest)), after);
    }
    if flags & FLAG_STORE != 0 {
        let (store, after) = rest.split_first_chunk().ok_or(WireError::Form)?;
        (message.store, rest) = (StoreId(*store), after);
    }
    extend::read(rest, &mut message, parts)?;
    Ok(message)
}
