//! The signed proof of payment as text: what the QR code on the applicant's letter says and an office verifies offline.
//!
//! `LOKET1.<payload>.<signature>`, both parts base64url without padding; the payload is JSON of
//! [`ProofOfPayment`], the signature Ed25519 by the registry's node key over a purpose line and the payload.

use data_encoding::BASE64URL_NOPAD;
use loket_sync::{NodeKey, NodePublic};

use crate::domain::number::ApplicationNumber;
use crate::domain::proof::ProofOfPayment;

const PREFIX: &str = "LOKET1.";
const PURPOSE: &[u8] = b"loket proof of payment 1\n";

/// Why a text is not a valid proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Not of this form at all.
    #[error("this is no proof of payment")]
    NotAProof,
    /// The signature is not the registry's, or the text was changed.
    #[error("the signature does not hold")]
    Signature,
}

/// Whether a scanned text claims to be a proof.
pub fn looks_like_proof(text: &str) -> bool {
    text.trim().starts_with(PREFIX)
}

/// Signs a proof.
pub fn sign(proof: &ProofOfPayment, key: &NodeKey) -> Result<String, serde_json::Error> {
    let payload = serde_json::to_vec(proof)?;
    let signature = key.sign(&signed_bytes(&payload));
    let (payload, signature) = (BASE64URL_NOPAD.encode(&payload), BASE64URL_NOPAD.encode(&signature));
    Ok(format!("{PREFIX}{payload}.{signature}"))
}

/// Reads a proof whose signature by this registry holds.
pub fn verify(text: &str, registry: &NodePublic) -> Result<ProofOfPayment, ProofError> {
    let parts = text.trim().strip_prefix(PREFIX).and_then(|rest| rest.split_once('.'));
    let (payload, signature) = parts.ok_or(ProofError::NotAProof)?;
    let decode = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| ProofError::NotAProof);
    let (payload, signature) = (decode(payload)?, decode(signature)?);
    let signature: [u8; 64] = signature.try_into().map_err(|_| ProofError::NotAProof)?;
    if !registry.verify(&signed_bytes(&payload), &signature) {
        return Err(ProofError::Signature);
    }
    serde_json::from_slice(&payload).map_err(|_| ProofError::NotAProof)
}

/// The application a proof claims to be about, whoever signed it: enough to open its page, never to believe it.
pub fn claimed_number(text: &str) -> Option<ApplicationNumber> {
    let (payload, _) = text.trim().strip_prefix(PREFIX)?.split_once('.')?;
    let payload = BASE64URL_NOPAD.decode(payload.as_bytes()).ok()?;
    serde_json::from_slice::<ProofOfPayment>(&payload).ok().map(|proof| proof.number)
}

fn signed_bytes(payload: &[u8]) -> Vec<u8> {
    [PURPOSE, payload].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof() -> ProofOfPayment {
        serde_json::from_value(serde_json::json!({
            "number": "1179000000000042", "code": "820261121000042", "ntpn": "0123456789ABCDEF",
            "amount_idr": 650_000, "office": "karimun", "day": "2026-11-23",
        }))
        .unwrap()
    }

    #[test]
    fn a_proof_holds_for_its_registry_alone() {
        let key = NodeKey::from_seed([3; 32]);
        let text = sign(&proof(), &key).unwrap();
        assert!(looks_like_proof(&text));
        assert_eq!(verify(&format!(" {text}\n"), &key.public()), Ok(proof()));
        let stranger = NodeKey::from_seed([4; 32]).public();
        assert_eq!(verify(&text, &stranger), Err(ProofError::Signature));
    }

    #[test]
    fn a_changed_proof_does_not_hold() {
        let key = NodeKey::from_seed([3; 32]);
        let text = sign(&proof(), &key).unwrap();
        for at in PREFIX.len()..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            if changed == text.as_bytes() {
                continue;
            }
            assert!(verify(&String::from_utf8(changed).unwrap(), &key.public()).is_err(), "{at}");
        }
        for text in ["", "LOKET1.", "LOKET1.e30.e30", "1179000000000042"] {
            assert_eq!(verify(text, &key.public()), Err(ProofError::NotAProof), "{text}");
        }
    }
}
