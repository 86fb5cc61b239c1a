//! The recovery key: a key pair whose public half every backup is sealed for, and whose private half lies on paper.
//!
//! It opens the backup of a node whose own key is gone with the machine. It signs nothing and is no node. On paper it
//! is 56 letters and digits, the last five of which tell a slip of the pen.

use std::fmt;

use data_encoding::{Encoding, Specification};
use zeroize::Zeroizing;

use crate::ids::NodeId;
use crate::keys::{NodeKey, NodePublic};
use crate::random;

const SEED_LEN: usize = 32;
const CHECK_LEN: usize = 3;
const CHECK_CONTEXT: &str = "loket 2026 check of a recovery key";
/// Letters on paper: 35 bytes, five bits each.
const CODE_CHARS: usize = (SEED_LEN + CHECK_LEN) * 8 / 5;

/// Not a recovery key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a recovery key is {CODE_CHARS} letters and digits in groups of four; this is none, or one is mistyped"
)]
pub struct NoRecoveryKey;

/// The private half.
#[derive(Clone)]
pub struct RecoveryKey(NodeKey);

impl RecoveryKey {
    /// Draws a new one.
    pub fn draw() -> Self {
        Self(NodeKey::from_seed(random::draw()))
    }

    /// The key of this seed.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(NodeKey::from_seed(seed))
    }

    /// Reads it from what was written on paper or in a file: the first line that is one. Case, dashes and spaces do not
    /// matter, and O is 0, I and L are 1.
    pub fn parse(text: &str) -> Result<Self, NoRecoveryKey> {
        text.lines().find_map(Self::parse_line).ok_or(NoRecoveryKey)
    }

    fn parse_line(line: &str) -> Option<Self> {
        let letters: Zeroizing<String> =
            Zeroizing::new(line.chars().filter(|letter| !matches!(letter, '-' | ' ' | '\t')).collect());
        if letters.len() != CODE_CHARS {
            return None;
        }
        let bytes = Zeroizing::new(alphabet()?.decode(letters.as_bytes()).ok()?);
        let (seed, claimed) = bytes.split_first_chunk::<SEED_LEN>()?;
        (check(seed) == claimed).then(|| Self::from_seed(*seed))
    }

    /// As it is written on paper. Shown once, never logged.
    pub fn to_code(&self) -> Zeroizing<String> {
        let seed = self.0.seed();
        let mut bytes = Zeroizing::new(seed.to_vec());
        bytes.extend_from_slice(&check(&seed));
        let letters = Zeroizing::new(alphabet().map(|alphabet| alphabet.encode(&bytes)).unwrap_or_default());
        let mut code = Zeroizing::new(String::with_capacity(CODE_CHARS * 5 / 4));
        for (at, letter) in letters.chars().enumerate() {
            if at > 0 && at % 4 == 0 {
                code.push('-');
            }
            code.push(letter);
        }
        code
    }

    /// What backups are sealed for.
    pub fn public(&self) -> NodePublic {
        self.0.public()
    }

    /// Its name, for telling which key a backup needs.
    pub fn id(&self) -> NodeId {
        self.0.id()
    }

    /// The key that opens.
    pub fn key(&self) -> &NodeKey {
        &self.0
    }
}

impl fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecoveryKey({:?}, secret)", self.id())
    }
}

fn check(seed: &[u8; SEED_LEN]) -> [u8; CHECK_LEN] {
    let hash = blake3::derive_key(CHECK_CONTEXT, seed);
    [hash[0], hash[1], hash[2]]
}

/// Crockford's letters, as in enrolment codes.
fn alphabet() -> Option<Encoding> {
    let mut alphabet = Specification::new();
    alphabet.symbols.push_str("0123456789ABCDEFGHJKMNPQRSTVWXYZ");
    alphabet.translate.from.push_str("abcdefghjkmnpqrstvwxyzOoIiLl");
    alphabet.translate.to.push_str("ABCDEFGHJKMNPQRSTVWXYZ001111");
    alphabet.encoding().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_people_write_it() {
        let key = RecoveryKey::from_seed([0xa7; 32]);
        let code = key.to_code();
        assert_eq!((code.len(), code.matches('-').count()), (69, 13));
        let file = format!("Recovery key\nkeep it offline\n\n  {}\n", *code);
        for written in [code.to_string(), code.to_lowercase(), code.replace('-', " "), file] {
            assert_eq!(RecoveryKey::parse(&written).unwrap().public(), key.public(), "{written}");
        }
        let drawn = RecoveryKey::draw();
        assert_eq!(RecoveryKey::parse(&drawn.to_code()).unwrap().public(), drawn.public());
    }

    #[test]
    fn a_slip_of_the_pen_is_noticed() {
        let code = RecoveryKey::from_seed([3; 32]).to_code();
        for at in (0..code.len()).filter(|at| code.as_bytes()[*at] != b'-') {
            let other = if code.as_bytes()[at] == b'7' { "8" } else { "7" };
            let mut slipped = code.to_string();
            slipped.replace_range(at..=at, other);
            assert_eq!(RecoveryKey::parse(&slipped).err(), Some(NoRecoveryKey), "letter {at}");
        }
        for bad in ["", "K7QD-0M2X", &code[1..], &code.replace('-', "u")] {
            assert!(RecoveryKey::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn it_is_never_printed() {
        let key = RecoveryKey::from_seed([3; 32]);
        assert!(!format!("{key:?}").contains(&key.to_code()[..9]));
    }
}
