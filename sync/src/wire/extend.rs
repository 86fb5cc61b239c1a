//! Fields of a message that came after its first form: each with a number of its own, one behind the other.
//!
//! A program that does not know a number passes over it, and takes what an empty message has for those that are
//! missing. So an older and a newer program understand each other as far as the older one goes, and a field is added
//! without another version of the protocol. Numbers are never re-used.

use serde::{Deserialize, Serialize};

use super::WireError;
use crate::exchange::{Message, NotTaken, REFUSED_MAX, WhyNot};
use crate::ids::{SessionId, StreamId};

const PROCESS: u16 = 1;
const REFUSED: u16 = 2;
const TWINS_SINCE: u16 = 3;

#[derive(Serialize, Deserialize)]
struct WireNotTaken {
    stream: StreamId,
    session: SessionId,
    from: u64,
    len: u64,
    why: u8,
}

/// Appends the extensions of a message.
pub(super) fn write(message: &Message, plain: &mut Vec<u8>) -> Result<(), postcard::Error> {
    let mut put = |number: u16, value: Vec<u8>| -> Result<(), postcard::Error> {
        plain.extend(postcard::to_stdvec(&(number, value))?);
        Ok(())
    };
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
    Ok(())
}

/// Reads extensions until the end.
pub(super) fn read(mut rest: &[u8], message: &mut Message) -> Result<(), WireError> {
    let form = |_| WireError::Form;
    while !rest.is_empty() {
        let ((number, value), after): ((u16, &[u8]), _) = postcard::take_from_bytes(rest).map_err(form)?;
        match number {
            PROCESS => {
                let bytes = value.try_into().map_err(|_| WireError::Form)?;
                message.process = Some(SessionId::from_bytes(bytes));
            }
            REFUSED => {
                let refused: Vec<WireNotTaken> = postcard::from_bytes(value).map_err(form)?;
                if refused.len() > REFUSED_MAX {
                    return Err(WireError::TooLong);
                }
                message.refused = refused.into_iter().map(NotTaken::from).collect();
            }
            TWINS_SINCE => message.twins_since_ms = Some(postcard::from_bytes(value).map_err(form)?),
            _ => {}
        }
        rest = after;
    }
    Ok(())
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
        message
    }

    #[test]
    fn extensions_are_read_as_they_were_written() {
        let mut bytes = Vec::new();
        write(&full(), &mut bytes).unwrap();
        let mut message = Message::new(StoreId([1; 16]), 2, Vec::new());
        read(&bytes, &mut message).unwrap();
        assert_eq!(message, full());
        read(&[], &mut message).unwrap();
    }

    #[test]
    fn what_a_newer_program_added_is_passed_over_and_reasons_it_has_are_other_reasons() {
        let mut bytes = postcard::to_stdvec(&(9_001_u16, b"news".to_vec())).unwrap();
        write(&full(), &mut bytes).unwrap();
        let mut message = Message::new(StoreId([1; 16]), 2, Vec::new());
        read(&bytes, &mut message).unwrap();
        assert_eq!(message, full());
        assert_eq!(WhyNot::from_code(200), WhyNot::Other);
        assert_eq!(WhyNot::from_code(WhyNot::Fork.code()), WhyNot::Fork);
        assert!(read(&bytes[..bytes.len() - 1], &mut message).is_err(), "cut short");
    }
}
