//! HTTP message signatures (RFC 9421) with Ed25519, and content digests (RFC 9530) with SHA-256.
//!
//! Covered of a request: method, path, query, digest of the body, and offset and length of an upload where they
//! stand. Covered of an answer: status, digest, the same headers, and the signature of the request it answers.
//! Time is said but decides nothing: exchanges may be repeated without harm, and an office's clock may be wrong.

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use super::{UPLOAD_LENGTH, UPLOAD_OFFSET};
use crate::ids::NodeId;
use crate::keys::{NodeKey, NodePublic};

/// Name of the digest's header.
pub const CONTENT_DIGEST: &str = "content-digest";
/// Name of the header that says what is signed.
pub const SIGNATURE_INPUT: &str = "signature-input";
/// Name of the signature's header.
pub const SIGNATURE: &str = "signature";

/// The headers that verifying reads; others need not be passed on.
pub const HEADERS_READ: [&str; 5] =
    [CONTENT_DIGEST, SIGNATURE_INPUT, SIGNATURE, UPLOAD_OFFSET, UPLOAD_LENGTH];

/// Headers that are covered where they stand.
const COVERED_HEADERS: [&str; 2] = [UPLOAD_OFFSET, UPLOAD_LENGTH];
const LABEL: &str = "sig1";
const TAG: &str = "loket-sync";

/// Why a signature is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is none.
    #[error("the message is not signed")]
    Missing,
    /// It is not written as expected.
    #[error("the signature is not well formed")]
    Form,
    /// It leaves out something that matters.
    #[error("the signature does not cover what it must")]
    Uncovered,
    /// The body is not the one that was signed.
    #[error("the body is not the one that was signed")]
    Digest,
    /// The signature is wrong.
    #[error("the signature is wrong")]
    Wrong,
}

/// A request as far as it is signed. The path starts at [`super::BASE_PATH`]; header names are in lower case.
#[derive(Clone, Copy, Debug)]
pub struct RequestParts<'a> {
    /// `POST`, `GET` …
    pub method: &'a str,
    /// Path without query.
    pub path: &'a str,
    /// Query without question mark; empty if there is none.
    pub query: &'a str,
    /// At least those of [`HEADERS_READ`] that stand there.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: &'a [u8],
}

/// An answer as far as it is signed.
#[derive(Clone, Copy, Debug)]
pub struct AnswerParts<'a> {
    /// Status.
    pub status: u16,
    /// At least those of [`HEADERS_READ`] that stand there.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: &'a [u8],
    /// The signature header of the request that is answered.
    pub request_signature: &'a str,
}

/// When a message was signed, and a number that makes it unlike all others.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// Seconds since 1970 by the signer's clock.
    pub created_s: i64,
    /// Random.
    pub nonce: [u8; 16],
}

impl Stamp {
    /// A stamp with a random nonce.
    pub fn draw(now_ms: i64) -> Self {
        Self { created_s: now_ms.div_euclid(1000), nonce: crate::random::draw() }
    }
}

/// The headers that signing adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureHeaders {
    /// Value of [`CONTENT_DIGEST`].
    pub content_digest: String,
    /// Value of [`SIGNATURE_INPUT`].
    pub signature_input: String,
    /// Value of [`SIGNATURE`].
    pub signature: String,
}

impl SignatureHeaders {
    /// Names and values, to be set on the message.
    pub fn pairs(&self) -> [(&'static str, &str); 3] {
        [
            (CONTENT_DIGEST, &self.content_digest),
            (SIGNATURE_INPUT, &self.signature_input),
            (SIGNATURE, &self.signature),
        ]
    }
}

/// What a verified signature says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Who signed.
    pub node: NodeId,
    /// When, by the signer's clock.
    pub created_s: i64,
    /// The signature header, for signing the answer.
    pub signature: String,
}

/// Signs a request.
pub fn sign_request(key: &NodeKey, stamp: &Stamp, parts: &RequestParts<'_>) -> SignatureHeaders {
    let digest = content_digest(parts.body);
    sign(key, stamp, digest, |digest| request_components(parts, digest))
}

/// Signs an answer.
pub fn sign_answer(key: &NodeKey, stamp: &Stamp, parts: &AnswerParts<'_>) -> SignatureHeaders {
    let digest = content_digest(parts.body);
    sign(key, stamp, digest, |digest| answer_components(parts, digest))
}

/// Verifies a request by the keys of the node that it names.
pub fn verify_request(signer: &NodePublic, parts: &RequestParts<'_>) -> Result<Signed, SignatureError> {
    verify(signer, parts.headers, parts.body, |digest| request_components(parts, digest))
}

/// Verifies an answer.
pub fn verify_answer(signer: &NodePublic, parts: &AnswerParts<'_>) -> Result<Signed, SignatureError> {
    verify(signer, parts.headers, parts.body, |digest| answer_components(parts, digest))
}

/// The node that a message says it is from; nothing is verified yet.
pub fn claimed_node(headers: &[(&str, &str)]) -> Result<NodeId, SignatureError> {
    let input = header(headers, SIGNATURE_INPUT).ok_or(SignatureError::Missing)?;
    parameter(input, "keyid").and_then(|id| id.parse().ok()).ok_or(SignatureError::Form)
}

/// One line of what is signed: the component's identifier, and its value.
type Component = (String, String);

fn request_components(parts: &RequestParts<'_>, digest: &str) -> Vec<Component> {
    let mut components = vec![
        (quoted("@method"), parts.method.to_owned()),
        (quoted("@path"), parts.path.to_owned()),
        (quoted("@query"), format!("?{}", parts.query)),
        (quoted(CONTENT_DIGEST), digest.to_owned()),
    ];
    push_headers(&mut components, parts.headers);
    components
}

fn answer_components(parts: &AnswerParts<'_>, digest: &str) -> Vec<Component> {
    let mut components =
        vec![(quoted("@status"), parts.status.to_string()), (quoted(CONTENT_DIGEST), digest.to_owned())];
    push_headers(&mut components, parts.headers);
    let asked = parts.request_signature.strip_prefix("sig1=").unwrap_or(parts.request_signature);
    components.push((format!("\"{SIGNATURE}\";req;key=\"{LABEL}\""), asked.to_owned()));
    components
}

fn push_headers(components: &mut Vec<Component>, headers: &[(&str, &str)]) {
    for name in COVERED_HEADERS {
        if let Some(value) = header(headers, name) {
            components.push((quoted(name), value.trim().to_owned()));
        }
    }
}

fn sign(
    key: &NodeKey,
    stamp: &Stamp,
    content_digest: String,
    components: impl Fn(&str) -> Vec<Component>,
) -> SignatureHeaders {
    let components = components(&content_digest);
    let names: Vec<&str> = components.iter().map(|(name, _)| name.as_str()).collect();
    let params = format!(
        "({});created={};nonce=\"{}\";keyid=\"{}\";alg=\"ed25519\";tag=\"{TAG}\"",
        names.join(" "),
        stamp.created_s,
        BASE64.encode(&stamp.nonce),
        key.id(),
    );
    let signature = key.sign(base(&components, &params).as_bytes());
    SignatureHeaders {
        content_digest,
        signature_input: format!("{LABEL}={params}"),
        signature: format!("{LABEL}=:{}:", BASE64.encode(&signature)),
    }
}

fn verify(
    signer: &NodePublic,
    headers: &[(&str, &str)],
    body: &[u8],
    components: impl Fn(&str) -> Vec<Component>,
) -> Result<Signed, SignatureError> {
    let input = header(headers, SIGNATURE_INPUT).ok_or(SignatureError::Missing)?;
    let signature = header(headers, SIGNATURE).ok_or(SignatureError::Missing)?;
    let digest = header(headers, CONTENT_DIGEST).ok_or(SignatureError::Missing)?;
    if digest != content_digest(body) {
        return Err(SignatureError::Digest);
    }
    let params = input.strip_prefix("sig1=").ok_or(SignatureError::Form)?;
    let components = components(digest);
    let names: Vec<&str> = components.iter().map(|(name, _)| name.as_str()).collect();
    // Ours are always covered in this order; whatever is covered otherwise was not signed by one of us.
    let rest = params.strip_prefix(&format!("({});", names.join(" "))).ok_or(SignatureError::Uncovered)?;
    let is_ours = parameter(rest, "tag") == Some(TAG) && parameter(rest, "alg") == Some("ed25519");
    let created_s = created(rest).filter(|_| is_ours).ok_or(SignatureError::Form)?;
    let node = claimed_node(headers)?;
    let bytes = signature.strip_prefix("sig1=:").and_then(|text| text.strip_suffix(':'));
    let bytes = bytes.and_then(|text| BASE64.decode(text.as_bytes()).ok()).ok_or(SignatureError::Form)?;
    let bytes: [u8; 64] = bytes.try_into().map_err(|_| SignatureError::Form)?;
    if node != signer.id() || !signer.verify(base(&components, params).as_bytes(), &bytes) {
        return Err(SignatureError::Wrong);
    }
    Ok(Signed { node, created_s, signature: signature.to_owned() })
}

/// The text that is signed (RFC 9421, section 2.5).
fn base(components: &[Component], params: &str) -> String {
    let mut base = String::new();
    for (name, value) in components {
        base.push_str(name);
        base.push_str(": ");
        base.push_str(value);
        base.push('\n');
    }
    base.push_str("\"@signature-params\": ");
    base.push_str(params);
    base
}

fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", BASE64.encode(&Sha256::digest(body)))
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

fn header<'a>(headers: &[(&'a str, &'a str)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
}

/// The value of a parameter that is a string.
fn parameter<'a>(params: &'a str, name: &str) -> Option<&'a str> {
    let start = params.find(&format!("{name}=\""))? + name.len() + 2;
    params[start..].split('"').next()
}

fn created(params: &str) -> Option<i64> {
    params.strip_prefix("created=")?.split(';').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: Stamp = Stamp { created_s: 1_700_000_000, nonce: [7; 16] };

    fn office() -> NodeKey {
        NodeKey::from_seed([1; 32])
    }

    fn registry() -> NodeKey {
        NodeKey::from_seed([2; 32])
    }

    fn request<'a>(headers: &'a [(&'a str, &'a str)], body: &'a [u8]) -> RequestParts<'a> {
        RequestParts { method: "PATCH", path: "/sync/v1/blobs/ab", query: "x=1", headers, body }
    }

    #[test]
    fn a_request_verifies_exactly_as_it_was_signed() {
        let upload = [(UPLOAD_OFFSET, "100"), (UPLOAD_LENGTH, "500")];
        let signed = sign_request(&office(), &STAMP, &request(&upload, b"chunk"));
        let headers = [signed.pairs().as_slice(), &upload].concat();
        let good = request(&headers, b"chunk");
        let verified = verify_request(&office().public(), &good).unwrap();
        assert_eq!((verified.node, verified.created_s), (office().id(), 1_700_000_000));
        assert_eq!(claimed_node(&headers), Ok(office().id()));

        let refused = |parts: RequestParts<'_>| verify_request(&office().public(), &parts).unwrap_err();
        assert_eq!(refused(RequestParts { method: "POST", ..good }), SignatureError::Wrong);
        assert_eq!(refused(RequestParts { path: "/sync/v1/blobs/ac", ..good }), SignatureError::Wrong);
        assert_eq!(refused(RequestParts { query: "", ..good }), SignatureError::Wrong);
        assert_eq!(refused(RequestParts { body: b"Chunk", ..good }), SignatureError::Digest);
        let moved = [signed.pairs().as_slice(), &[(UPLOAD_OFFSET, "200"), (UPLOAD_LENGTH, "500")]].concat();
        assert_eq!(refused(request(&moved, b"chunk")), SignatureError::Wrong);
        let dropped = [signed.pairs().as_slice(), &[(UPLOAD_LENGTH, "500")]].concat();
        assert_eq!(refused(request(&dropped, b"chunk")), SignatureError::Uncovered);
        assert_eq!(refused(request(&upload, b"chunk")), SignatureError::Missing);
        assert_eq!(verify_request(&registry().public(), &good), Err(SignatureError::Wrong));
    }

    #[test]
    fn an_answer_holds_for_one_question_only() {
        let asked = sign_request(&office(), &STAMP, &request(&[], b"")).signature;
        let other = sign_request(&office(), &STAMP, &request(&[], b"x")).signature;
        let parts = AnswerParts { status: 200, headers: &[], body: b"answer", request_signature: &asked };
        let signed = sign_answer(&registry(), &STAMP, &parts);
        let headers = signed.pairs();
        let good = AnswerParts { headers: &headers, ..parts };
        assert!(verify_answer(&registry().public(), &good).is_ok());
        let wrong = |parts: AnswerParts<'_>| verify_answer(&registry().public(), &parts).unwrap_err();
        assert_eq!(wrong(AnswerParts { request_signature: &other, ..good }), SignatureError::Wrong);
        assert_eq!(wrong(AnswerParts { status: 201, ..good }), SignatureError::Wrong);
        assert_eq!(wrong(AnswerParts { body: b"<html>", ..good }), SignatureError::Digest);
        assert_eq!(wrong(AnswerParts { headers: &[], ..good }), SignatureError::Missing);
        assert!(verify_answer(&office().public(), &good).is_err());
    }

    #[test]
    fn the_text_that_is_signed_is_that_of_the_standard() {
        let signed = sign_request(&office(), &STAMP, &request(&[], b"{\"hello\": \"world\"}"));
        // The digest is the example of RFC 9530, appendix B.
        assert_eq!(signed.content_digest, "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:");
        let components = request_components(&request(&[], b""), &signed.content_digest);
        let params = signed.signature_input.strip_prefix("sig1=").unwrap();
        let expected = format!(
            "\"@method\": PATCH\n\"@path\": /sync/v1/blobs/ab\n\"@query\": ?x=1\n\
             \"content-digest\": sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:\n\
             \"@signature-params\": (\"@method\" \"@path\" \"@query\" \"content-digest\");created=1700000000;\
             nonce=\"BwcHBwcHBwcHBwcHBwcHBw==\";keyid=\"{}\";alg=\"ed25519\";tag=\"loket-sync\"",
            office().id()
        );
        assert_eq!(base(&components, params), expected);
    }
}
