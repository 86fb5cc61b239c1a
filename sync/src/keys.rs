//! A node's own key pair: signing (Ed25519) and agreement (X25519), both from one seed.
//!
//! The private half never leaves the node; [`NodePublic`] is what others know it by.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::ids::NodeId;
use crate::random;
use crate::seal::{self, NONCE_LEN, SealError};

const AGREEMENT_CONTEXT: &str = "loket 2026 node agreement key from seed";
const ENVELOPE_CONTEXT: &str = "loket 2026 envelope key from agreement";
const ONE_ENVELOPE_CONTEXT: &str = "loket 2026 one of several envelopes";
/// Every envelope has a key of its own, so its nonce may be constant.
const ENVELOPE_NONCE: [u8; NONCE_LEN] = [0; NONCE_LEN];

/// A node's private keys.
#[derive(Clone)]
pub struct NodeKey {
    signing: SigningKey,
    agreement: StaticSecret,
    public: NodePublic,
}

impl NodeKey {
    /// Draws the key of a new node.
    pub fn draw() -> Self {
        Self::from_seed(random::draw())
    }

    /// The key that this seed stands for.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        let signing = SigningKey::from_bytes(&seed);
        let agreement = StaticSecret::from(blake3::derive_key(AGREEMENT_CONTEXT, &seed));
        let public = NodePublic {
            signing: signing.verifying_key().to_bytes(),
            agreement: PublicKey::from(&agreement).to_bytes(),
        };
        Self { signing, agreement, public }
    }

    /// The seed, for writing it to the node's key file.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.signing.to_bytes())
    }

    /// What others know the node by.
    pub fn public(&self) -> NodePublic {
        self.public
    }

    /// The node's identity.
    pub fn id(&self) -> NodeId {
        self.public.id()
    }

    /// Signs a message. Callers put what the message is *for* into it, so that no signature serves two purposes.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signing.sign(message).to_bytes()
    }

    /// Seals bytes so that only `receiver` can open them. The sender stays anonymous; sign around it where that matters.
    pub fn seal_for(receiver: &NodePublic, plain: &[u8]) -> Vec<u8> {
        let ephemeral = StaticSecret::from(random::draw::<32>());
        let ephemeral_public = PublicKey::from(&ephemeral).to_bytes();
        let shared = ephemeral.diffie_hellman(&PublicKey::from(receiver.agreement));
        let key = envelope_key(shared.as_bytes(), &ephemeral_public, &receiver.agreement);
        let mut sealed = ephemeral_public.to_vec();
        sealed.extend_from_slice(plain);
        seal::seal_in_place(&key, &ENVELOPE_NONCE, &ephemeral_public, &mut sealed, ephemeral_public.len());
        sealed
    }

    /// Opens what was sealed for this node.
    pub fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (ephemeral, text) = sealed.split_first_chunk::<32>().ok_or(SealError)?;
        let shared = self.agreement.diffie_hellman(&PublicKey::from(*ephemeral));
        if !shared.was_contributory() {
            return Err(SealError);
        }
        let key = envelope_key(shared.as_bytes(), ephemeral, &self.public.agreement);
        seal::open(&key, &ENVELOPE_NONCE, ephemeral, text)
    }
}

/// Several envelopes for one receiver. They share the sender's one-time key; each is sealed with a key of its own, drawn
/// from that and from what it is about.
pub struct Envelopes {
    ephemeral: [u8; 32],
    key: Zeroizing<[u8; 32]>,
}

impl Envelopes {
    /// Envelopes for this receiver.
    pub fn to(receiver: &NodePublic) -> Self {
        let secret = StaticSecret::from(random::draw::<32>());
        let ephemeral = PublicKey::from(&secret).to_bytes();
        let shared = secret.diffie_hellman(&PublicKey::from(receiver.agreement));
        Self { ephemeral, key: envelope_key(shared.as_bytes(), &ephemeral, &receiver.agreement) }
    }

    /// Seals bytes about something; [`NodeKey::open_one`] needs to be told about what.
    pub fn seal(&self, about: &[u8; 16], plain: &[u8]) -> Vec<u8> {
        let mut sealed = [self.ephemeral.as_slice(), plain].concat();
        let key = one_key(&self.key, about);
        seal::seal_in_place(&key, &ENVELOPE_NONCE, &self.ephemeral, &mut sealed, self.ephemeral.len());
        sealed
    }
}

impl NodeKey {
    /// Opens one of the [`Envelopes`] that were sealed for this node.
    pub fn open_one(&self, about: &[u8; 16], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (ephemeral, text) = sealed.split_first_chunk::<32>().ok_or(SealError)?;
        let shared = self.agreement.diffie_hellman(&PublicKey::from(*ephemeral));
        if !shared.was_contributory() {
            return Err(SealError);
        }
        let key = envelope_key(shared.as_bytes(), ephemeral, &self.public.agreement);
        seal::open(&one_key(&key, about), &ENVELOPE_NONCE, ephemeral, text)
    }
}

fn one_key(key: &[u8; 32], about: &[u8; 16]) -> Zeroizing<[u8; 32]> {
    let mut material = Zeroizing::new([0; 48]);
    material[..32].copy_from_slice(key);
    material[32..].copy_from_slice(about);
    Zeroizing::new(blake3::derive_key(ONE_ENVELOPE_CONTEXT, &*material))
}

fn envelope_key(shared: &[u8; 32], ephemeral: &[u8; 32], receiver: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    let mut material = Zeroizing::new([0; 96]);
    material[..32].copy_from_slice(shared);
    material[32..64].copy_from_slice(ephemeral);
    material[64..].copy_from_slice(receiver);
    Zeroizing::new(blake3::derive_key(ENVELOPE_CONTEXT, &*material))
}

impl std::fmt::Debug for NodeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NodeKey({:?}, secret)", self.id())
    }
}

/// A node's public keys.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NodePublic {
    /// Verifies its signatures (Ed25519).
    pub signing: [u8; 32],
    /// Seals for it (X25519).
    pub agreement: [u8; 32],
}

impl NodePublic {
    /// The identity that follows from the keys.
    pub fn id(&self) -> NodeId {
        let hash = blake3::Hasher::new().update(&self.signing).update(&self.agreement).finalize();
        let mut id = [0; NodeId::LEN];
        id.copy_from_slice(&hash.as_bytes()[..NodeId::LEN]);
        NodeId(id)
    }

    /// Whether the node signed exactly this message.
    pub fn verify(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        VerifyingKey::from_bytes(&self.signing)
            .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
    }

    /// Both keys in one row, for storing.
    pub fn to_bytes(&self) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&self.signing);
        bytes[32..].copy_from_slice(&self.agreement);
        bytes
    }

    /// Both keys as 128 hexadecimal digits.
    pub fn to_hex(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.to_bytes())
    }

    /// Reads what [`NodePublic::to_hex`] wrote.
    pub fn from_hex(text: &str) -> Option<Self> {
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?;
        Some(Self::from_bytes(&bytes.try_into().ok()?))
    }

    /// Reads what [`NodePublic::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8; 64]) -> Self {
        let (mut signing, mut agreement) = ([0; 32], [0; 32]);
        signing.copy_from_slice(&bytes[..32]);
        agreement.copy_from_slice(&bytes[32..]);
        Self { signing, agreement }
    }
}

impl std::fmt::Debug for NodePublic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NodePublic({:?})", self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_gives_the_same_node() {
        let key = NodeKey::from_seed([5; 32]);
        assert_eq!(NodeKey::from_seed(*key.seed()).public(), key.public());
        assert_eq!(NodePublic::from_bytes(&key.public().to_bytes()), key.public());
        assert_ne!(NodeKey::draw().id(), NodeKey::draw().id());
    }

    #[test]
    fn a_signature_holds_for_one_message_of_one_node() {
        let key = NodeKey::from_seed([5; 32]);
        let signature = key.sign(b"message");
        assert!(key.public().verify(b"message", &signature));
        assert!(!key.public().verify(b"Message", &signature));
        assert!(!NodeKey::from_seed([6; 32]).public().verify(b"message", &signature));
    }

    #[test]
    fn an_envelope_opens_only_for_its_receiver() {
        let (receiver, other) = (NodeKey::from_seed([1; 32]), NodeKey::from_seed([2; 32]));
        let sealed = NodeKey::seal_for(&receiver.public(), b"a subject's key");
        assert_eq!(receiver.open(&sealed).unwrap(), b"a subject's key");
        assert!(other.open(&sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(receiver.open(&changed).is_err());
        }
    }
}
