//! What a server needs of the exchange, without knowing any web framework.
//!
//! A server collects method, path, query, headers and body, asks [`verify`] who calls, and signs every answer, also
//! refusals, with [`sign`]: an unsigned answer is not believed.

use super::signature::{
    self, AnswerParts, RequestParts, SignatureError, SignatureHeaders, Signed, claimed_node,
};
use crate::ids::NodeId;
use crate::keys::{NodeKey, NodePublic};

/// Knows the enrolled nodes.
pub trait Nodes {
    /// The keys of a node that may call; nothing if it is unknown or was revoked.
    fn node(&self, id: &NodeId) -> Option<NodePublic>;
}

impl<F: Fn(&NodeId) -> Option<NodePublic>> Nodes for F {
    fn node(&self, id: &NodeId) -> Option<NodePublic> {
        self(id)
    }
}

/// Why a caller is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nobody enrolled this node, or it was revoked.
    #[error("node {0} is not enrolled here, or was revoked")]
    UnknownNode(NodeId),
    /// Its signature is not believed.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

impl Refused {
    /// HTTP status of the refusal.
    pub fn status(&self) -> u16 {
        match self {
            Self::UnknownNode(_) => 403,
            Self::Signature(_) => 401,
        }
    }
}

/// Says who calls.
pub fn verify(parts: &RequestParts<'_>, nodes: &dyn Nodes) -> Result<Signed, Refused> {
    let claimed = claimed_node(parts.headers)?;
    let public = nodes.node(&claimed).ok_or(Refused::UnknownNode(claimed))?;
    Ok(signature::verify_request(&public, parts)?)
}

/// The node that a request says it is from, for servers that look keys up before they verify.
pub fn claimed(parts: &RequestParts<'_>) -> Result<NodeId, Refused> {
    Ok(claimed_node(parts.headers)?)
}

/// Verifies a request by keys that are at hand: those of an enrolment, or looked up for [`claimed`].
pub fn verify_by(parts: &RequestParts<'_>, public: &NodePublic) -> Result<Signed, Refused> {
    Ok(signature::verify_request(public, parts)?)
}

/// Verifies all but the body, which nobody has read yet; then [`body_fits`] must hold.
pub fn verify_head_by(parts: &RequestParts<'_>, public: &NodePublic) -> Result<Signed, Refused> {
    Ok(signature::verify_head(public, parts)?)
}

/// Whether the body is the one that the verified head names.
pub fn body_fits(parts: &RequestParts<'_>) -> Result<(), Refused> {
    Ok(signature::body_fits(parts.headers, parts.body)?)
}

/// Signs an answer. `request_signature` is the request's signature header, empty if it had none.
pub fn sign(
    key: &NodeKey,
    request_signature: &str,
    status: u16,
    headers: &[(&str, &str)],
    body: &[u8],
) -> SignatureHeaders {
    signature::sign_answer(key, &AnswerParts { status, headers, body, request_signature })
}

/// The body of a signed 503: when to come back, in milliseconds.
pub fn pause_body(pause_ms: u32) -> Vec<u8> {
    format!("pause {pause_ms}").into_bytes()
}

/// Reads [`pause_body`].
#[cfg(feature = "client")]
pub(super) fn pause_of(body: &[u8]) -> Option<u32> {
    std::str::from_utf8(body).ok()?.strip_prefix("pause ")?.parse().ok()
}
