//! What things are called: streams, sessions, positions, subjects, nodes and hashes.
//!
//! A [`Pos`] names one record for ever. Sessions are random and drawn anew at every process start, so a restored or
//! cloned node cannot write under a position that was used before. No identity says anything about a person.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::random;

/// The longest stream name in bytes.
pub const STREAM_BYTES_MAX: usize = 48;

/// A text that is not the identity it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not `[a-z0-9-]+/[a-z0-9-]+` of at most 48 bytes.
    #[error("a stream is named like office/karimun, in at most {STREAM_BYTES_MAX} bytes")]
    Stream,
    /// Not the right number of hexadecimal digits.
    #[error("expected {0} hexadecimal digits")]
    Hex(usize),
    /// Not `stream/session/seq`.
    #[error("a position is written stream/session/number")]
    Pos,
}

/// Names a stream: one writer, one audience. For example `office/karimun`, `hq/common`, `kit/3`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StreamId {
    padded: [u8; STREAM_BYTES_MAX],
}

impl StreamId {
    /// Reads a stream name, `[a-z0-9-]+/[a-z0-9-]+`.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        };
        let (group, name) = text.split_once('/').ok_or(IdError::Stream)?;
        if text.len() > STREAM_BYTES_MAX || !is_word(group) || !is_word(name) {
            return Err(IdError::Stream);
        }
        let mut padded = [0; STREAM_BYTES_MAX];
        padded[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self { padded })
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        let len = self.padded.iter().position(|byte| *byte == 0).unwrap_or(STREAM_BYTES_MAX);
        std::str::from_utf8(&self.padded[..len]).unwrap_or_default()
    }

    /// The part before the slash: `office`, `hq`, `kit`.
    pub fn group(&self) -> &str {
        self.as_str().split_once('/').map_or("", |(group, _)| group)
    }

    /// The part after the slash.
    pub fn name(&self) -> &str {
        self.as_str().split_once('/').map_or("", |(_, name)| name)
    }

    /// The name padded with zeros, as it stands in a record's header.
    pub fn padded(&self) -> &[u8; STREAM_BYTES_MAX] {
        &self.padded
    }

    /// Reads a name padded with zeros.
    pub fn from_padded(padded: &[u8; STREAM_BYTES_MAX]) -> Result<Self, IdError> {
        let len = padded.iter().position(|byte| *byte == 0).unwrap_or(STREAM_BYTES_MAX);
        let text = std::str::from_utf8(&padded[..len]).map_err(|_| IdError::Stream)?;
        let stream = Self::parse(text)?;
        if stream.padded == *padded { Ok(stream) } else { Err(IdError::Stream) }
    }
}

impl PartialOrd for StreamId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for StreamId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.padded.cmp(&other.padded)
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for StreamId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::parse(text)
    }
}

impl Serialize for StreamId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for StreamId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// An identity of fixed length: hexadecimal for people and JSON, bare bytes in binary formats.
macro_rules! byte_id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// The identity made of these bytes.
            pub const fn from_bytes(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&data_encoding::HEXLOWER.encode(&self.0[..4]))
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let wrong = IdError::Hex($len * 2);
                let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).map_err(|_| wrong)?;
                Ok(Self(bytes.try_into().map_err(|_| wrong)?))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    self.0.serialize(serializer)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                    text.parse().map_err(serde::de::Error::custom)
                } else {
                    <[u8; $len]>::deserialize(deserializer).map(Self)
                }
            }
        }
    };
}

byte_id!(
    /// Names one run of one process: random, drawn at every process start.
    SessionId, 16
);
byte_id!(
    /// A random reference to what a record is about: an application, or a node's own affairs.
    Subject, 16
);
byte_id!(
    /// Names a node: the first half of the hash of its public keys.
    NodeId, 16
);
byte_id!(
    /// Names one data folder or database, drawn when it is made. A restored store keeps it.
    StoreId, 16
);

impl StoreId {
    /// No store: who sends a message is known from elsewhere.
    pub const NONE: Self = Self([0; 16]);
}
byte_id!(
    /// A BLAKE3 hash.
    Hash, 32
);

impl SessionId {
    /// Draws a new session.
    pub fn draw() -> Self {
        Self(random::draw())
    }
}

impl Subject {
    /// The subject of records about no one: session openings.
    pub const NONE: Self = Self([0; 16]);

    /// Draws a new subject.
    pub fn draw() -> Self {
        Self(random::draw())
    }

    /// The subject of what is said about this one's erasure. Whoever knows a subject can look its erasure up, and what
    /// is said there stays readable when the key of the erased subject is gone.
    #[must_use]
    pub fn erasure(self) -> Self {
        let hash =
            blake3::Hasher::new_derive_key("loket 2026 erasure of a subject").update(&self.0).finalize();
        let mut subject = [0; 16];
        subject.copy_from_slice(&hash.as_bytes()[..16]);
        Self(subject)
    }
}

impl StoreId {
    /// Draws the identity of a new store.
    pub fn draw() -> Self {
        Self(random::draw())
    }
}

impl Hash {
    /// What stands for "nothing before".
    pub const ZERO: Self = Self([0; 32]);

    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }
}

/// Where a record stands: the only identity of a record, for ever.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Pos {
    /// The stream.
    pub stream: StreamId,
    /// The session in it.
    pub session: SessionId,
    /// The number in the session, from 0.
    pub seq: u64,
}

impl fmt::Display for Pos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.stream, self.session, self.seq)
    }
}

impl fmt::Debug for Pos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{:?}/{}", self.stream, self.session, self.seq)
    }
}

impl FromStr for Pos {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (rest, seq) = text.rsplit_once('/').ok_or(IdError::Pos)?;
        let (stream, session) = rest.rsplit_once('/').ok_or(IdError::Pos)?;
        let seq = seq.parse().map_err(|_| IdError::Pos)?;
        Ok(Self { stream: stream.parse()?, session: session.parse()?, seq })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_two_plain_words() {
        for good in ["office/karimun", "hq/common", "kit/3", "hq/jakarta-barat"] {
            let stream = StreamId::parse(good).unwrap();
            assert_eq!(stream.as_str(), good);
            assert_eq!(StreamId::from_padded(stream.padded()), Ok(stream));
        }
        let long = format!("office/{}", "a".repeat(STREAM_BYTES_MAX));
        for bad in ["", "office", "/x", "x/", "a/b/c", "Office/x", "office/ü", "../x", "office/a b", &long] {
            assert_eq!(StreamId::parse(bad), Err(IdError::Stream), "{bad}");
        }
    }

    #[test]
    fn streams_sort_like_their_names() {
        let mut names = ["hq/karimun", "hq/common", "office/karimun", "hq/karimun-2"]
            .map(|n| StreamId::parse(n).unwrap());
        names.sort();
        assert_eq!(
            names.map(|n| n.to_string()),
            ["hq/common", "hq/karimun", "hq/karimun-2", "office/karimun"]
        );
    }

    #[test]
    fn identities_survive_being_written_and_read() {
        let pos = Pos { stream: "kit/3".parse().unwrap(), session: SessionId([7; 16]), seq: 42 };
        assert_eq!(pos.to_string().parse(), Ok(pos));
        let bytes = postcard::to_stdvec(&pos).unwrap();
        assert_eq!(postcard::from_bytes::<Pos>(&bytes).unwrap(), pos);
        assert_eq!("07".repeat(16).parse(), Ok(SessionId([7; 16])));
        assert!("07".parse::<SessionId>().is_err());
        assert_ne!(SessionId::draw(), SessionId::draw());
    }
}
