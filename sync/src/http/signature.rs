//! HTTP message signatures (RFC 9421) with Ed25519, and content digests (RFC 9530) with SHA-256.
//!
//! Covered of a request: method, path, the query and the digest of the body where there is one, and offset and length of
//! an upload where they stand. Covered of an answer: status, digest and headers likewise, and the signature of the request
//! it answers. A verifier builds what must be covered from the message as it came, so nothing can be added or left out.
//!
//! A request carries something random, so no two have the same signature, and an answer can be given to one of them only: a
//! nonce, or, in a message of the exchange, two bytes beside its time ([`crate::wire`]), which are shorter. An answer names no key: the asker knows whose it must be. Time may be said and decides nothing: exchanges may be
//! repeated without harm, and an office's clock may be wrong. These headers travel in every exchange, so they are short.

use data_encoding::{BASE64, BASE64URL_NOPAD};
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
const LABEL: &str = "s";

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

/// What makes a request unlike all others.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// When it was made, seconds since 1970 by the signer's clock. A message says that itself.
    pub created_s: Option<i64>,
    /// Random. A message has something random in itself.
    pub nonce: Option<[u8; 8]>,
}

impl Stamp {
    /// For a message, which says when it was made and is like no other.
    pub const MESSAGE: Self = Self { created_s: None, nonce: None };

    /// A stamp with a random nonce.
    pub fn draw(now_ms: i64) -> Self {
        Self { created_s: Some(now_ms.div_euclid(1000)), nonce: Some(crate::random::draw()) }
    }
}

/// The headers that signing adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureHeaders {
    /// Value of [`CONTENT_DIGEST`]; nothing without a body.
    pub content_digest: Option<String>,
    /// Value of [`SIGNATURE_INPUT`].
    pub signature_input: String,
    /// Value of [`SIGNATURE`].
    pub signature: String,
}

impl SignatureHeaders {
    /// Names and values, to be set on the message.
    pub fn pairs(&self) -> Vec<(&'static str, &str)> {
        let digest = self.content_digest.iter().map(|digest| (CONTENT_DIGEST, digest.as_str()));
        let signature = [(SIGNATURE_INPUT, self.signature_input.as_str()), (SIGNATURE, &self.signature)];
        digest.chain(signature).collect()
    }
}

/// What a verified signature says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Who signed.
    pub node: NodeId,
    /// The signature header, for signing the answer.
    pub signature: String,
}

/// Signs a request.
pub fn sign_request(key: &NodeKey, stamp: &Stamp, parts: &RequestParts<'_>) -> SignatureHeaders {
    let digest = content_digest(parts.body);
    let components = request_components(parts, digest.as_deref());
    let created = stamp.created_s.map(|created_s| format!(";created={created_s}")).unwrap_or_default();
    let nonce = stamp.nonce.map(|nonce| format!(";nonce=\"{}\"", BASE64URL_NOPAD.encode(&nonce)));
    let (nonce, id) = (nonce.unwrap_or_default(), BASE64URL_NOPAD.encode(&key.id().0));
    sign(key, digest, &components, &format!("{created}{nonce};keyid=\"{id}\""))
}

/// Signs an answer.
pub fn sign_answer(key: &NodeKey, parts: &AnswerParts<'_>) -> SignatureHeaders {
    let digest = content_digest(parts.body);
    let components = answer_components(parts, digest.as_deref());
    sign(key, digest, &components, "")
}

/// Verifies a request by the keys of the node that it names.
pub fn verify_request(signer: &NodePublic, parts: &RequestParts<'_>) -> Result<Signed, SignatureError> {
    if claimed_node(parts.headers)? != signer.id() {
        return Err(SignatureError::Wrong);
    }
    let digest = known_digest(parts.headers, parts.body)?;
    verify(signer, parts.headers, &request_components(parts, digest.as_deref()))
}

/// Verifies all of a request but its body, before that is read: what [`verify_request`] would say if the body had the
/// digest that the head names. Whether it has, [`body_fits`] says.
pub fn verify_head(signer: &NodePublic, parts: &RequestParts<'_>) -> Result<Signed, SignatureError> {
    if claimed_node(parts.headers)? != signer.id() {
        return Err(SignatureError::Wrong);
    }
    verify(signer, parts.headers, &request_components(parts, header(parts.headers, CONTENT_DIGEST)))
}

/// Whether a body is the one whose digest these headers name, or is as absent as the digest.
pub fn body_fits(headers: &[(&str, &str)], body: &[u8]) -> Result<(), SignatureError> {
    match (content_digest(body), header(headers, CONTENT_DIGEST)) {
        (None, None) => Ok(()),
        (Some(digest), Some(said)) if digest == said => Ok(()),
        (Some(_), None) => Err(SignatureError::Missing),
        (_, Some(_)) => Err(SignatureError::Digest),
    }
}

/// Verifies an answer.
pub fn verify_answer(signer: &NodePublic, parts: &AnswerParts<'_>) -> Result<Signed, SignatureError> {
    let digest = known_digest(parts.headers, parts.body)?;
    verify(signer, parts.headers, &answer_components(parts, digest.as_deref()))
}

/// The node that a message says it is from; nothing is verified yet.
pub fn claimed_node(headers: &[(&str, &str)]) -> Result<NodeId, SignatureError> {
    let input = header(headers, SIGNATURE_INPUT).ok_or(SignatureError::Missing)?;
    let id = parameter(input, "keyid").and_then(|id| BASE64URL_NOPAD.decode(id.as_bytes()).ok());
    id.and_then(|id| Some(NodeId(id.try_into().ok()?))).ok_or(SignatureError::Form)
}

/// One line of what is signed: the component's identifier, and its value.
type Component = (String, String);

fn request_components(parts: &RequestParts<'_>, digest: Option<&str>) -> Vec<Component> {
    let mut components =
        vec![(quoted("@method"), parts.method.to_owned()), (quoted("@path"), parts.path.to_owned())];
    if !parts.query.is_empty() {
        components.push((quoted("@query"), format!("?{}", parts.query)));
    }
    components.extend(digest.map(|digest| (quoted(CONTENT_DIGEST), digest.to_owned())));
    push_headers(&mut components, parts.headers);
    components
}

fn answer_components(parts: &AnswerParts<'_>, digest: Option<&str>) -> Vec<Component> {
    let mut components = vec![(quoted("@status"), parts.status.to_string())];
    components.extend(digest.map(|digest| (quoted(CONTENT_DIGEST), digest.to_owned())));
    push_headers(&mut components, parts.headers);
    let asked = parts.request_signature.strip_prefix("s=").unwrap_or(parts.request_signature);
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
    content_digest: Option<String>,
    components: &[Component],
    parameters: &str,
) -> SignatureHeaders {
    let params = format!("{}{parameters}", covered(components));
    let signature = key.sign(base(components, &params).as_bytes());
    SignatureHeaders {
        content_digest,
        signature_input: format!("{LABEL}={params}"),
        signature: format!("{LABEL}=:{}:", BASE64.encode(&signature)),
    }
}

fn covered(components: &[Component]) -> String {
    let names: Vec<&str> = components.iter().map(|(name, _)| name.as_str()).collect();
    format!("({})", names.join(" "))
}

/// The digest that must stand in the headers, if there is a body.
fn known_digest(headers: &[(&str, &str)], body: &[u8]) -> Result<Option<String>, SignatureError> {
    match (content_digest(body), header(headers, CONTENT_DIGEST)) {
        (None, _) => Ok(None),
        (Some(_), None) => Err(SignatureError::Missing),
        (Some(digest), Some(said)) if digest == said => Ok(Some(digest)),
        (Some(_), Some(_)) => Err(SignatureError::Digest),
    }
}

fn verify(
    signer: &NodePublic,
    headers: &[(&str, &str)],
    components: &[Component],
) -> Result<Signed, SignatureError> {
    let input = header(headers, SIGNATURE_INPUT).ok_or(SignatureError::Missing)?;
    let signature = header(headers, SIGNATURE).ok_or(SignatureError::Missing)?;
    let params = input.strip_prefix("s=").ok_or(SignatureError::Form)?;
    // Ours are always covered in this order; whatever is covered otherwise was not signed by one of us.
    if !params.starts_with(&covered(components)) {
        return Err(SignatureError::Uncovered);
    }
    let bytes = signature.strip_prefix("s=:").and_then(|text| text.strip_suffix(':'));
    let bytes = bytes.and_then(|text| BASE64.decode(text.as_bytes()).ok()).ok_or(SignatureError::Form)?;
    let bytes: [u8; 64] = bytes.try_into().map_err(|_| SignatureError::Form)?;
    if !signer.verify(base(components, params).as_bytes(), &bytes) {
        return Err(SignatureError::Wrong);
    }
    Ok(Signed { node: signer.id(), signature: signature.to_owned() })
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

fn content_digest(body: &[u8]) -> Option<String> {
    (!body.is_empty()).then(|| format!("sha-256=:{}:", BASE64.encode(&Sha256::digest(body))))
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

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: Stamp = Stamp { created_s: Some(1_700_000_000), nonce: Some([7; 8]) };

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
        assert_eq!(verified.node, office().id());
        assert_eq!(claimed_node(&headers), Ok(office().id()));

        let refused = |parts: RequestParts<'_>| verify_request(&office().public(), &parts).unwrap_err();
        assert_eq!(refused(RequestParts { method: "POST", ..good }), SignatureError::Wrong);
        assert_eq!(refused(RequestParts { path: "/sync/v1/blobs/ac", ..good }), SignatureError::Wrong);
        assert_eq!(refused(RequestParts { query: "x=2", ..good }), SignatureError::Wrong);
        assert_eq!(refused(RequestParts { query: "", ..good }), SignatureError::Uncovered);
        assert_eq!(refused(RequestParts { body: b"", ..good }), SignatureError::Uncovered);
        assert_eq!(refused(RequestParts { body: b"Chunk", ..good }), SignatureError::Digest);
        let moved = [signed.pairs().as_slice(), &[(UPLOAD_OFFSET, "200"), (UPLOAD_LENGTH, "500")]].concat();
        assert_eq!(refused(request(&moved, b"chunk")), SignatureError::Wrong);
        let dropped = [signed.pairs().as_slice(), &[(UPLOAD_LENGTH, "500")]].concat();
        assert_eq!(refused(request(&dropped, b"chunk")), SignatureError::Uncovered);
        assert_eq!(refused(request(&upload, b"chunk")), SignatureError::Missing);
        assert_eq!(verify_request(&registry().public(), &good), Err(SignatureError::Wrong));
    }

    #[test]
    fn a_head_verifies_before_the_body_and_the_body_by_its_digest() {
        let upload = [(UPLOAD_OFFSET, "100"), (UPLOAD_LENGTH, "500")];
        let signed = sign_request(&office(), &STAMP, &request(&upload, b"chunk"));
        let headers = [signed.pairs().as_slice(), &upload].concat();
        let head = request(&headers, b"");
        assert_eq!(verify_head(&office().public(), &head).unwrap().node, office().id());
        assert_eq!(body_fits(&headers, b"chunk"), Ok(()));
        assert_eq!(body_fits(&headers, b"Chunk"), Err(SignatureError::Digest));
        assert_eq!(body_fits(&headers, b""), Err(SignatureError::Digest));
        assert_eq!(body_fits(&upload, b"chunk"), Err(SignatureError::Missing));
        assert_eq!(body_fits(&upload, b""), Ok(()));

        let refused = |parts: RequestParts<'_>| verify_head(&office().public(), &parts).unwrap_err();
        assert_eq!(refused(RequestParts { path: "/sync/v1/blobs/ac", ..head }), SignatureError::Wrong);
        let other = sign_request(&office(), &STAMP, &request(&upload, b"other")).content_digest.unwrap();
        let swapped: Vec<_> = headers
            .iter()
            .map(
                |(name, value)| {
                    if *name == CONTENT_DIGEST { (*name, other.as_str()) } else { (*name, *value) }
                },
            )
            .collect();
        assert_eq!(refused(request(&swapped, b"")), SignatureError::Wrong);
        let dropped: Vec<_> = headers.iter().copied().filter(|(name, _)| *name != CONTENT_DIGEST).collect();
        assert_eq!(refused(request(&dropped, b"")), SignatureError::Uncovered, "a digest cannot be left out");
        assert_eq!(verify_head(&registry().public(), &head), Err(SignatureError::Wrong));
    }

    #[test]
    fn an_answer_holds_for_one_question_only() {
        let asked = sign_request(&office(), &STAMP, &request(&[], b"x")).signature;
        let other =
            sign_request(&office(), &Stamp { nonce: Some([8; 8]), ..STAMP }, &request(&[], b"x")).signature;
        let parts = AnswerParts { status: 200, headers: &[], body: b"answer", request_signature: &asked };
        let signed = sign_answer(&registry(), &parts);
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
        assert_eq!(
            signed.content_digest.as_deref().unwrap(),
            "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"
        );
        let components = request_components(&request(&[], b""), signed.content_digest.as_deref());
        let params = signed.signature_input.strip_prefix("s=").unwrap();
        let expected = format!(
            "\"@method\": PATCH\n\"@path\": /sync/v1/blobs/ab\n\"@query\": ?x=1\n\
             \"content-digest\": sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:\n\
             \"@signature-params\": (\"@method\" \"@path\" \"@query\" \"content-digest\");\
             created=1700000000;nonce=\"BwcHBwcHBwc\";keyid=\"{}\"",
            BASE64URL_NOPAD.encode(&office().id().0)
        );
        assert_eq!(base(&components, params), expected);
    }
}
