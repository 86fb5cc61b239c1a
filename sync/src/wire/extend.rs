//! The fields of a message: each with a number of its own, one behind the other, those that are empty left out.
//!
//! A program that does not know a number passes over it, and takes what an empty message has for those that are
//! missing. So an older and a newer program understand each other as far as the older one goes, and a field is added
//! without another version of the protocol. Numbers are never re-used.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{JOINED_RUNS, LETTERS, MUST_UNDERSTAND, Parts, RUNS, WireError, take_list};
use crate::exchange::{BLOBS_MAX, KEYS_MAX, KeyGrant, Message, NotTaken, REFUSED_MAX, SESSIONS_MAX, WhyNot};
use crate::head::{self, Have, Vector};
use crate::ids::{Hash, SessionId, StreamId, Subject};

const PROCESS: u16 = 1;
const REFUSED: u16 = 2;
const TWINS_SINCE: u16 = 3;
const VECTOR: u16 = 4;
const KEYS: u16 = 6;
const WANTED_KEYS: u16 = 7;
const OFFERED_BLOBS: u16 = 8;
const WANTED_BLOBS: u16 = 9;
const PAUSE: u16 = 10;
const ROOM: u16 = 11;
const ANSWERED: u16 = 12;
// 13 is random and read by nobody (`wire.rs`).

/// A stream's sessions, so that its name travels once: how many records of each, and the hash of the last.
type WireStream = (StreamId, Vec<(SessionId, u64, Hash)>);

#[derive(Serialize, Deserialize)]
struct WireNotTaken {
    stream: StreamId,
    session: SessionId,
    from: u64,
    len: u64,
    why: u8,
}

/// Appends the fields of a message.
pub(super) fn write(message: &Message, plain: &mut Vec<u8>) -> Result<(), WireError> {
    let mut put = |number: u16, value: Vec<u8>| -> Result<(), WireError> {
        plain.extend(postcard::to_stdvec(&(number, value))?);
        Ok(())
    };
    if !message.vector.is_empty() {
        put(VECTOR, postcard::to_stdvec(&group(&message.vector))?)?;
    }
    if !message.keys.is_empty() {
        put(KEYS, postcard::to_stdvec(&message.keys)?)?;
    }
    if !message.wanted_keys.is_empty() {
        put(WANTED_KEYS, postcard::to_stdvec(&message.wanted_keys)?)?;
    }
    for (number, blobs) in [(OFFERED_BLOBS, &message.offered_blobs), (WANTED_BLOBS, &message.wanted_blobs)] {
        if !blobs.is_empty() {
            put(number, postcard::to_stdvec(blobs)?)?;
        }
    }
    for (number, amount) in [(PAUSE, message.pause_ms), (ROOM, message.room)] {
        if amount > 0 {
            put(number, postcard::to_stdvec(&amount)?)?;
        }
    }
    if let Some(process) = &message.process {
        put(PROCESS, process.as_bytes().to_vec())?;
    }
    if !message.refused.is_empty() {
        let refused: Vec<WireNotTaken> =
            message.refused.iter().take(REFUSED_MAX).map(WireNotTaken::from).collect();
        put(REFUSED, postcard::to_stdvec(&refused)?)?;
    }
    if let Some(since_ms) = message.twins_since_ms {
        put(TWINS_SINCE, postcard::to_stdvec(&since_ms)?)?;
    }
    if let Some(answered_s) = message.answered_s {
        put(ANSWERED, answered_s.to_le_bytes().to_vec())?;
    }
    Ok(())
}

/// Reads fields until the end; what belongs to the runs is put aside.
pub(super) fn read(mut rest: &[u8], message: &mut Message, parts: &mut Parts) -> Result<(), WireError> {
    let form = |_| WireError::Form;
    while !rest.is_empty() {
        let ((number, value), after): ((u16, &[u8]), _) = postcard::take_from_bytes(rest).map_err(form)?;
        match number {
            VECTOR => message.vector = vector(value)?,
            RUNS | JOINED_RUNS => (parts.columns, parts.is_joined) = (value.to_vec(), number == JOINED_RUNS),
            LETTERS => (parts.dictionary, parts.letters_len) = postcard::from_bytes(value)?,
            KEYS => message.keys = list::<KeyGrant>(value, KEYS_MAX)?,
            WANTED_KEYS => message.wanted_keys = list::<Subject>(value, KEYS_MAX)?,
            OFFERED_BLOBS => message.offered_blobs = list::<Hash>(value, BLOBS_MAX)?,
            WANTED_BLOBS => message.wanted_blobs = list::<Hash>(value, BLOBS_MAX)?,
            PAUSE => message.pause_ms = postcard::from_bytes(value)?,
            ROOM => message.room = postcard::from_bytes(value)?,
            PROCESS => {
                let bytes = value.try_into().map_err(|_| WireError::Form)?;
                message.process = Some(SessionId::from_bytes(bytes));
            }
            REFUSED => {
                let refused: Vec<WireNotTaken> = list(value, REFUSED_MAX)?;
                message.refused = refused.into_iter().map(NotTaken::from).collect();
            }
            TWINS_SINCE => message.twins_since_ms = Some(postcard::from_bytes(value).map_err(form)?),
            ANSWERED => {
                let bytes = value.try_into().map_err(|_| WireError::Form)?;
                message.answered_s = Some(u32::from_le_bytes(bytes));
            }
            _ if number >= MUST_UNDERSTAND => return Err(WireError::Field(number)),
            _ => {}
        }
        rest = after;
    }
    Ok(())
}

fn list<T: DeserializeOwned>(mut value: &[u8], len_max: usize) -> Result<Vec<T>, WireError> {
    take_list(&mut value, len_max)
}

fn group(vector: &[Have]) -> Vec<WireStream> {
    let by_stream = vector.chunk_by(|one, other| one.stream == other.stream);
    let session = |have: &Have| (have.session, have.len, have.hash);
    by_stream.filter_map(|haves| Some((haves.first()?.stream, haves.iter().map(session).collect()))).collect()
}

/// Reads what [`group`] made, as far as there may be sessions.
fn vector(mut value: &[u8]) -> Result<Vector, WireError> {
    let rest = &mut value;
    let (streams, after): (u64, _) = postcard::take_from_bytes(rest)?;
    *rest = after;
    let mut vector = Vector::new();
    for _ in 0..streams {
        let (stream, after): (StreamId, _) = postcard::take_from_bytes(rest)?;
        *rest = after;
        let sessions: Vec<(SessionId, u64, Hash)> = take_list(rest, SESSIONS_MAX - vector.len())?;
        vector.extend(sessions.into_iter().map(|(session, len, hash)| Have { stream, session, len, hash }));
    }
    head::sort(&mut vector);
    Ok(vector)
}

impl From<&NotTaken> for WireNotTaken {
    fn from(not: &NotTaken) -> Self {
        let NotTaken { stream, session, from, len, why } = *not;
        Self { stream, session, from, len, why: why.code() }
    }
}

impl From<WireNotTaken> for NotTaken {
    fn from(wire: WireNotTaken) -> Self {
        let WireNotTaken { stream, session, from, len, why } = wire;
        Self { stream, session, from, len, why: WhyNot::from_code(why) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::StoreId;

    fn full() -> Message {
        let mut message = Message::new(StoreId([1; 16]), 2, Vec::new());
        message.process = Some(SessionId([3; 16]));
        let stream = "office/karimun".parse().unwrap();
        let not = |why| NotTaken { stream, session: SessionId([4; 16]), from: 5, len: 9, why };
        message.refused = vec![not(WhyNot::SignerRevoked), not(WhyNot::Fork)];
        message.twins_since_ms = Some(-7);
        message.answered_s = Some(1_795_226_400);
        message
    }

    #[test]
    fn extensions_are_read_as_they_were_written() {
        let mut bytes = Vec::new();
        write(&full(), &mut bytes).unwrap();
        let mut message = Message::new(StoreId([1; 16]), 2, Vec::new());
        read(&bytes, &mut message, &mut Parts::default()).unwrap();
        assert_eq!(message, full());
        read(&[], &mut message, &mut Parts::default()).unwrap();
    }

    #[test]
    fn what_a_newer_program_added_is_passed_over_and_reasons_it_has_are_other_reasons() {
        let mut bytes = postcard::to_stdvec(&(9_001_u16, b"news".to_vec())).unwrap();
        write(&full(), &mut bytes).unwrap();
        let mut message = Message::new(StoreId([1; 16]), 2, Vec::new());
        read(&bytes, &mut message, &mut Parts::default()).unwrap();
        assert_eq!(message, full());
        assert_eq!(WhyNot::from_code(200), WhyNot::Other);
        assert_eq!(WhyNot::from_code(WhyNot::Fork.code()), WhyNot::Fork);
        assert!(read(&bytes[..bytes.len() - 1], &mut message, &mut Parts::default()).is_err(), "cut short");
    }
}
