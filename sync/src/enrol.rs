//! Making a node known to its registry with a one-time code that authenticates both ways.
//!
//! The code is spoken or written down and never sent. The node proves that it knows it, over its own keys; the
//! registry answers with a MAC under the same code, so the node knows that the keys it pins from then on are those
//! of the registry that gave out the code. A code has 80 random bits; the registry keeps only the key it stands for.
//!
//! The node also says which office it is, under the same proof: a code that was typed at the wrong office is refused
//! before anything changes for either.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{StreamId, Subject};
use crate::keys::NodePublic;
use crate::random;
use crate::seal::StorageKey;

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_BYTES: usize = 10;
const KEY_CONTEXT: &str = "loket 2026 enrolment key from code";
const PROOF_CONTEXT: &str = "enrolment proof";
const ANSWER_CONTEXT: &str = "enrolment answer";
const SUBJECT_CONTEXT: &str = "loket 2026 subject of facts about nodes";

/// The HTTP status of a refusal that is about the node's key alone: it was taken back, or it is another office's. The
/// code is still good for a node with a fresh key.
pub const KEY_SPENT: u16 = 409;

/// Why an enrolment does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnrolError {
    /// Not sixteen letters and digits.
    #[error("an enrolment code has 16 letters and digits, like K7QD-0M2X-9RTA-H4VN")]
    Code,
    /// Not what such a message looks like.
    #[error("the enrolment message is not well formed")]
    Form,
    /// The answer was not made by somebody who knows the code.
    #[error("what answers does not know the code: this is not the registry that gave it out")]
    NotTheRegistry,
}

/// A one-time code, as people write it.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolCode([u8; CODE_BYTES]);

impl EnrolCode {
    /// Draws a code.
    pub fn draw() -> Self {
        Self(random::draw())
    }

    /// Reads a code; case, dashes and spaces do not matter, and O is 0, I and L are 1.
    pub fn parse(text: &str) -> Result<Self, EnrolError> {
        let letters: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'-' | b' ')).collect();
        if letters.len() != CODE_BYTES * 8 / 5 {
            return Err(EnrolError::Code);
        }
        let mut bits = 0_u128;
        for letter in letters {
            bits = bits << 5 | value_of(letter).ok_or(EnrolError::Code)?;
        }
        let mut code = [0; CODE_BYTES];
        code.copy_from_slice(&bits.to_be_bytes()[16 - CODE_BYTES..]);
        Ok(Self(code))
    }

    /// The key that the code stands for; what a registry keeps until the code is used.
    pub fn key(&self) -> EnrolKey {
        EnrolKey(StorageKey::from_bytes(blake3::derive_key(KEY_CONTEXT, &self.0)))
    }
}

fn value_of(letter: u8) -> Option<u128> {
    let letter = match letter.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    };
    CROCKFORD.iter().position(|known| *known == letter).map(|value| value as u128)
}

impl fmt::Display for EnrolCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        for place in 0..16 {
            if place > 0 && place % 4 == 0 {
                f.write_str("-")?;
            }
            let value = (bits >> (75 - 5 * place)) & 31;
            write!(f, "{}", char::from(CROCKFORD[usize::try_from(value).unwrap_or_default()]))?;
        }
        Ok(())
    }
}

impl fmt::Debug for EnrolCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnrolCode(secret)")
    }
}

/// What an enrolment code stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolKey(StorageKey);

impl EnrolKey {
    /// Its bytes, for keeping them sealed.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The key made of these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(StorageKey::from_bytes(bytes))
    }
}

/// What a node shows and says when it asks to be let in.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// The one-time code.
    pub code: &'a EnrolKey,
    /// Code of the office that its folder holds, for example `karimun`.
    pub office: &'a str,
    /// Name and version of its program.
    pub software: &'a str,
}

/// What a node sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// The node's keys.
    pub node: NodePublic,
    /// Code of the office that its folder holds, for example `karimun`.
    pub office: String,
    /// Name and version of its program.
    pub software: String,
    /// Shows that it knows the code.
    proof: [u8; 32],
}

impl EnrolRequest {
    /// The request of a node of this office that was told a code.
    pub fn new(key: &EnrolKey, node: NodePublic, office: &str, software: &str) -> Self {
        let proof = proof(key, &node, office, software);
        Self { node, office: office.to_owned(), software: software.to_owned(), proof }
    }

    /// Whether the node knows this code. A registry tries its open codes.
    pub fn knows(&self, key: &EnrolKey) -> bool {
        // Hashes compare in constant time.
        let expected = proof(key, &self.node, &self.office, &self.software);
        blake3::Hash::from(self.proof) == blake3::Hash::from(expected)
    }

    /// As it is sent.
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_stdvec(self).unwrap_or_default()
    }

    /// Reads a request.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EnrolError> {
        postcard::from_bytes(bytes).map_err(|_| EnrolError::Form)
    }
}

/// The office's length stands before it: no two requests are proved by the same bytes.
fn proof(key: &EnrolKey, node: &NodePublic, office: &str, software: &str) -> [u8; 32] {
    let (keys, len) = (node.to_bytes(), (office.len() as u64).to_le_bytes());
    let said = [keys.as_slice(), &len, office.as_bytes(), software.as_bytes()];
    key.0.hash(PROOF_CONTEXT, &said.concat())
}

/// The subject of what a registry says about nodes: drawn from its keys, so that every node knows it.
pub fn nodes_subject(registry: &NodePublic) -> Subject {
    let hash = blake3::derive_key(SUBJECT_CONTEXT, &registry.to_bytes());
    let mut subject = [0; Subject::LEN];
    subject.copy_from_slice(&hash[..Subject::LEN]);
    Subject(subject)
}

/// What an enrolled node learns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// The registry's keys, to be pinned.
    pub registry: NodePublic,
    /// Code of the office, for example `karimun`.
    pub office: String,
    /// The stream that the node writes.
    pub own_stream: StreamId,
    /// All streams that both sides keep, the own one included.
    pub streams: Vec<StreamId>,
    /// The public half of the registry's recovery key, which the node seals its backups for.
    pub recovery: Option<NodePublic>,
}

impl Granted {
    /// The answer as it is sent: 32 bytes of MAC, then the grant.
    pub fn to_bytes(&self, key: &EnrolKey, node: &NodePublic) -> Vec<u8> {
        let grant = postcard::to_stdvec(self).unwrap_or_default();
        [mac(key, node, &grant).as_slice(), &grant].concat()
    }

    /// Reads an answer, if whoever made it knows the code.
    pub fn from_bytes(bytes: &[u8], key: &EnrolKey, node: &NodePublic) -> Result<Self, EnrolError> {
        let (claimed, grant) = bytes.split_first_chunk::<32>().ok_or(EnrolError::NotTheRegistry)?;
        if blake3::Hash::from(*claimed) != blake3::Hash::from(mac(key, node, grant)) {
            return Err(EnrolError::NotTheRegistry);
        }
        postcard::from_bytes(grant).map_err(|_| EnrolError::Form)
    }
}

fn mac(key: &EnrolKey, node: &NodePublic, grant: &[u8]) -> [u8; 32] {
    key.0.hash(ANSWER_CONTEXT, &[node.to_bytes().as_slice(), grant].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::NodeKey;

    #[test]
    fn a_code_is_read_as_people_write_it() {
        let code = EnrolCode([0xff, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
        let text = code.to_string();
        assert_eq!((text.len(), text.matches('-').count()), (19, 3));
        for written in [text.clone(), text.to_lowercase(), text.replace('-', " "), text.replace('0', "o")] {
            assert_eq!(EnrolCode::parse(&written), Ok(code.clone()), "{written}");
        }
        let drawn = EnrolCode::draw();
        assert_eq!(EnrolCode::parse(&drawn.to_string()), Ok(drawn));
        for bad in ["", "K7QD", "U7QD-0M2X-9RTA-H4VN", "K7QD-0M2X-9RTA-H4VNX"] {
            assert_eq!(EnrolCode::parse(bad), Err(EnrolError::Code), "{bad}");
        }
    }

    #[test]
    fn both_sides_know_each_other_by_the_code_and_nobody_else_does() {
        let (key, other) = (EnrolCode::draw().key(), EnrolCode::draw().key());
        let node = NodeKey::from_seed([1; 32]).public();
        let stranger = NodeKey::from_seed([3; 32]).public();
        let sent = EnrolRequest::new(&key, node, "karimun", "loket").to_bytes();
        let request = EnrolRequest::from_bytes(&sent).unwrap();
        assert!(request.knows(&key) && !request.knows(&other));
        assert!(!EnrolRequest { node: stranger, ..request.clone() }.knows(&key));
        for (office, software) in [("batam", "loket"), ("karimu", "nloket"), ("karimunl", "oket")] {
            let other = EnrolRequest { office: office.into(), software: software.into(), ..request.clone() };
            assert!(!other.knows(&key), "{office} {software}");
        }

        let own_stream = "office/karimun".parse().unwrap();
        let registry = NodeKey::from_seed([2; 32]).public();
        let granted = Granted {
            registry,
            office: "karimun".into(),
            own_stream,
            streams: vec![own_stream],
            recovery: Some(stranger),
        };
        let mut answer = granted.to_bytes(&key, &node);
        assert_eq!(Granted::from_bytes(&answer, &key, &node), Ok(granted));
        assert_eq!(Granted::from_bytes(&answer, &other, &node), Err(EnrolError::NotTheRegistry));
        assert_eq!(Granted::from_bytes(&answer, &key, &stranger), Err(EnrolError::NotTheRegistry));
        answer[40] ^= 1;
        assert_eq!(Granted::from_bytes(&answer, &key, &node), Err(EnrolError::NotTheRegistry));
    }
}
