//! The exchange with offices over HTTP: takes requests apart, asks who signed them, signs every answer.

use std::collections::BTreeSet;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Path, Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use loket_sync::blob::CHUNK_BYTES_MAX;
use loket_sync::enrol::{EnrolRequest, KEY_SPENT};
use loket_sync::http::server::{self, Refused};
use loket_sync::http::signature::{HEADERS_READ, RequestParts, Signed};
use loket_sync::http::{CONTENT_TYPE, EXCHANGE_PATH, NEWS_HELD_S_MAX, UPLOAD_LENGTH, UPLOAD_OFFSET};
use loket_sync::wire::{MESSAGE_BYTES_MAX, Parcel, WireError};
use loket_sync::{BlobError, Hash, NodePublic, StreamId};
use serde::Deserialize;

use super::bodies::{self, Bodies, Body, NotRead};
use crate::domain::node::TakenBack;
use crate::registry::actions::exchange::{self, Caller, Peer};
use crate::registry::actions::pictures::{self, Held};
use crate::registry::actions::{ActionError, Registry, letters, offices};
use crate::registry::store::Grown;
use crate::web::serve::Stopping;

/// Other processes on the same database are not heard of; they are looked for this often.
const LOOK_AGAIN: Duration = Duration::from_millis(700);

/// An answer before it is signed.
struct Reply {
    status: StatusCode,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Reply {
    fn new(status: StatusCode, body: Vec<u8>) -> Self {
        Self { status, headers: Vec::new(), body }
    }

    fn empty(status: StatusCode) -> Self {
        Self::new(status, Vec::new())
    }

    /// A refusal with a reason for people.
    fn refuse(status: StatusCode, reason: &str) -> Self {
        Self::new(status, reason.as_bytes().to_vec())
    }

    fn with(mut self, name: &'static str, value: u64) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }
}

impl From<ActionError> for Reply {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::EnrolmentRefused => {
                Self::refuse(StatusCode::FORBIDDEN, "the enrolment code is wrong, used up or too old")
            }
            error @ ActionError::CodeOfOtherOffice(_) => {
                Self::refuse(StatusCode::FORBIDDEN, &error.to_string())
            }
            error @ (ActionError::KeyTakenBack | ActionError::KeyOfOtherOffice) => {
                let status = StatusCode::from_u16(KEY_SPENT).unwrap_or(StatusCode::FORBIDDEN);
                Self::refuse(status, &error.to_string())
            }
            ActionError::Blobs(BlobError::Offset { offset }) => {
                Self::empty(StatusCode::CONFLICT).with(UPLOAD_OFFSET, offset)
            }
            ActionError::Blobs(BlobError::Hash(_) | BlobError::TooLong) => {
                Self::refuse(StatusCode::UNPROCESSABLE_ENTITY, "these are not the bytes of this picture")
            }
            error if error.is_storage_full() => {
                tracing::error!(error = &error as &dyn std::error::Error, "There is no room on the disk");
                Self::refuse(StatusCode::INSUFFICIENT_STORAGE, "the registry has no room at the moment")
            }
            error => {
                tracing::error!(error = &error as &dyn std::error::Error, "An exchange failed inside");
                Self::refuse(StatusCode::INTERNAL_SERVER_ERROR, "the registry could not do this now")
            }
        }
    }
}

/// A request taken apart, so that its parts can be lent out.
struct Parts {
    method: String,
    path: String,
    query: String,
    headers: Vec<(&'static str, String)>,
}

impl Parts {
    fn of(request: &HttpRequest) -> Self {
        let header = |name: &'static str| {
            let value = request.headers().get(name)?.to_str().ok()?;
            Some((name, value.to_owned()))
        };
        Self {
            method: request.method().to_string(),
            path: request.path().to_owned(),
            query: request.query_string().to_owned(),
            headers: HEADERS_READ.iter().filter_map(|name| header(name)).collect(),
        }
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.headers.iter().find(|(known, _)| *known == name)?.1.trim().parse().ok()
    }

    fn with<T>(&self, body: &[u8], look: impl FnOnce(&RequestParts<'_>) -> T) -> T {
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let Self { method, path, query, .. } = self;
        look(&RequestParts { method, path, query, headers: &headers, body })
    }

    /// The signature header as sent, whether or not it holds: even a refusal answers this request and no other.
    fn signature(&self) -> &str {
        self.headers.iter().find(|(name, _)| *name == "signature").map_or("", |(_, value)| value)
    }
}

fn turn_away(refused: Refused) -> Reply {
    let status = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::FORBIDDEN);
    Reply::refuse(status, &refused.to_string())
}

/// A request whose body is not read yet.
struct Came<'a> {
    bodies: &'a Bodies,
    request: &'a HttpRequest,
    payload: Payload,
}

/// Who calls without a body: the office's present node, whose signature holds.
async fn caller(registry: &Registry, parts: &Parts) -> Result<Peer, Reply> {
    known(registry, parts, server::verify_by).await
}

/// Who calls, and the body: it is read only when the signature over the head holds, and is the one that was signed.
async fn sender(
    registry: &Registry,
    parts: &Parts,
    came: &mut Came<'_>,
    bytes_max: usize,
) -> Result<(Peer, Body), Reply> {
    let peer = match known(registry, parts, server::verify_head_by).await {
        Ok(peer) => peer,
        Err(reply) => {
            bodies::pass(&mut came.payload, bytes_max).await;
            return Err(reply);
        }
    };
    let body = came.bodies.read(came.request, &mut came.payload, bytes_max).await.map_err(not_read)?;
    parts.with(&body, server::body_fits).map_err(turn_away)?;
    Ok((peer, body))
}

fn not_read(why: NotRead) -> Reply {
    match why {
        NotRead::TooLarge => Reply::refuse(StatusCode::PAYLOAD_TOO_LARGE, &why.to_string()),
        NotRead::NoRoom => Reply::new(StatusCode::SERVICE_UNAVAILABLE, server::pause_body(bodies::PAUSE_MS)),
        NotRead::Broken => Reply::refuse(StatusCode::BAD_REQUEST, &why.to_string()),
    }
}

/// Who calls: the office's present node, whose signature holds.
async fn known(
    registry: &Registry,
    parts: &Parts,
    verify: fn(&RequestParts<'_>, &NodePublic) -> Result<Signed, Refused>,
) -> Result<Peer, Reply> {
    let claimed = parts.with(b"", server::claimed).map_err(turn_away)?;
    let verify = |peer: &Peer| parts.with(b"", |parts| verify(parts, &peer.public)).map_err(turn_away);
    match exchange::caller(registry, claimed).await? {
        Caller::Peer(peer) => {
            verify(&peer)?;
            Ok(peer)
        }
        Caller::TakenBack(it) => {
            let (peer, revoked) = *it;
            // When and by whom is said only to the machine itself.
            verify(&peer)?;
            Err(Reply::refuse(StatusCode::FORBIDDEN, &TakenBack::of(&revoked).to_words()))
        }
        Caller::Stranger => Err(turn_away(Refused::UnknownNode(claimed))),
    }
}

/// Signs an answer to a request.
fn sign(registry: &Registry, parts: &Parts, reply: Reply) -> HttpResponse {
    let Reply { status, headers, body } = reply;
    let pairs: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let key = registry.store.node_key();
    let signed = server::sign(key, parts.signature(), status.as_u16(), &pairs, &body);
    let mut answer = HttpResponse::build(status);
    // Of messages it is known what they are; of refusals it keeps the gate from drawing a page.
    if !(status == StatusCode::OK && parts.path.ends_with(EXCHANGE_PATH)) {
        answer.content_type(CONTENT_TYPE);
    }
    for (name, value) in pairs.into_iter().chain(signed.pairs()) {
        answer.insert_header((name, value));
    }
    answer.body(body)
}

/// `POST /sync/v1/enrol`: a node shows a one-time code.
pub async fn enrol(registry: Data<Registry>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let parts = Parts::of(&request);
    let reply = match admit(&registry, &parts, &body).await {
        Ok(answer) => Reply::new(StatusCode::OK, answer),
        Err(reply) => reply,
    };
    sign(&registry, &parts, reply)
}

async fn admit(registry: &Registry, parts: &Parts, body: &[u8]) -> Result<Vec<u8>, Reply> {
    let malformed = |reason: &str| Reply::refuse(StatusCode::BAD_REQUEST, reason);
    let asked = EnrolRequest::from_bytes(body).map_err(|error| malformed(&error.to_string()))?;
    // Whoever wants its key known must hold its private half.
    let signed = parts.with(body, |parts| server::verify_by(parts, &asked.node));
    signed.map_err(|error| malformed(&error.to_string()))?;
    Ok(offices::enrol(registry, &asked).await?)
}

/// `POST /sync/v1/x`: one message there, one back.
pub async fn exchange(
    registry: Data<Registry>,
    bodies: Data<Bodies>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let parts = Parts::of(&request);
    let reply = match answer(&registry, &parts, Came { bodies: &bodies, request: &request, payload }).await {
        Ok(body) => Reply::new(StatusCode::OK, body),
        Err(reply) => reply,
    };
    sign(&registry, &parts, reply)
}

async fn answer(registry: &Registry, parts: &Parts, mut came: Came<'_>) -> Result<Vec<u8>, Reply> {
    let (peer, body) = sender(registry, parts, &mut came, MESSAGE_BYTES_MAX).await?;
    let busy = |pause_ms| Reply::new(StatusCode::SERVICE_UNAVAILABLE, server::pause_body(pause_ms));
    let _place = registry.desk.place().await.map_err(busy)?;
    let malformed = |error: WireError| match error {
        WireError::Version(_) | WireError::Field(_) | WireError::Dictionary(_) => {
            Reply::refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, &error.to_string())
        }
        _ => Reply::refuse(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let parcel = Parcel::open(&body, Some(registry.store.node_key())).map_err(malformed)?;
    let (message, lacking) = letters::unpack(registry, &peer, parcel).await?.map_err(malformed)?;
    let is_sealed = message.sealed;
    let mut answer = exchange::answer(registry, &peer, message).await?;
    (answer.sealed, answer.joins) = (lacking.keys, !lacking.before);
    Ok(letters::pack(registry, &peer, &answer, is_sealed).await?)
}

/// What an office was told last.
#[derive(Deserialize)]
pub struct Seen {
    seen: Hash,
}

/// `GET /sync/v1/news?seen=…`: answers as soon as there is something the office has not seen, or after a while.
pub async fn news(
    registry: Data<Registry>,
    request: HttpRequest,
    seen: Query<Seen>,
    stopping: Data<Stopping>,
) -> HttpResponse {
    let parts = Parts::of(&request);
    let reply = match caller(&registry, &parts).await {
        Ok(peer) => wait_for_news(&registry, &peer, &seen.seen, &stopping).await,
        Err(reply) => reply,
    };
    sign(&registry, &parts, reply)
}

async fn wait_for_news(registry: &Registry, peer: &Peer, seen: &Hash, stopping: &Stopping) -> Reply {
    let streams = match exchange::shared(&peer.office) {
        Ok(streams) => streams,
        Err(error) => return error.into(),
    };
    let mut grown = registry.store.grown();
    let mut stop = stopping.0.clone();
    let look_again =
        if registry.store.is_shared() { LOOK_AGAIN } else { Duration::from_secs(NEWS_HELD_S_MAX) };
    let until = tokio::time::Instant::now() + Duration::from_secs(NEWS_HELD_S_MAX);
    loop {
        // Noted before the journals are looked at, so that nothing is missed; other offices' news wake nobody here.
        let before = counts(&grown.borrow_and_update(), &streams);
        match exchange::has_news(registry, &peer.office, seen).await {
            Ok(true) => return Reply::empty(StatusCode::OK),
            Ok(false) => {}
            Err(error) => return error.into(),
        }
        let next_look = (tokio::time::Instant::now() + look_again).min(until);
        tokio::select! {
            changed = grown.wait_for(|grown| counts(grown, &streams) != before) => {
                if changed.is_err() {
                    return Reply::empty(StatusCode::NO_CONTENT);
                }
            }
            _ = stop.wait_for(|stop| *stop) => return Reply::empty(StatusCode::NO_CONTENT),
            () = tokio::time::sleep_until(next_look) => {
                if next_look == until {
                    return Reply::empty(StatusCode::NO_CONTENT);
                }
            }
        }
    }
}

/// How often these streams have grown.
fn counts(grown: &Grown, streams: &BTreeSet<StreamId>) -> Vec<Option<u64>> {
    streams.iter().map(|stream| grown.get(stream).copied()).collect()
}

/// `HEAD /sync/v1/blobs/{hash}`: how much of a picture is here.
pub async fn blob_there(registry: Data<Registry>, request: HttpRequest, hash: Path<Hash>) -> HttpResponse {
    let parts = Parts::of(&request);
    let reply = match caller(&registry, &parts).await {
        Ok(peer) => pictures::held(&registry, &peer, &hash).await.map_or_else(Reply::from, there),
        Err(reply) => reply,
    };
    sign(&registry, &parts, reply)
}

fn there(held: Option<Held>) -> Reply {
    match held {
        Some(Held::Whole(len)) => {
            Reply::empty(StatusCode::OK).with(UPLOAD_OFFSET, len).with(UPLOAD_LENGTH, len)
        }
        Some(Held::Part(offset)) => Reply::empty(StatusCode::OK).with(UPLOAD_OFFSET, offset),
        None => Reply::empty(StatusCode::NOT_FOUND),
    }
}

/// `PATCH /sync/v1/blobs/{hash}`: the next piece of a picture.
pub async fn put_chunk(
    registry: Data<Registry>,
    request: HttpRequest,
    (bodies, payload): (Data<Bodies>, Payload),
    hash: Path<Hash>,
) -> HttpResponse {
    let parts = Parts::of(&request);
    let mut came = Came { bodies: &bodies, request: &request, payload };
    let reply = match sender(&registry, &parts, &mut came, CHUNK_BYTES_MAX).await {
        Ok((peer, body)) => keep_chunk(&registry, &peer, &hash, &parts, &body).await,
        Err(reply) => reply,
    };
    sign(&registry, &parts, reply)
}

async fn keep_chunk(registry: &Registry, peer: &Peer, hash: &Hash, parts: &Parts, body: &[u8]) -> Reply {
    let (Some(offset), Some(len)) = (parts.number(UPLOAD_OFFSET), parts.number(UPLOAD_LENGTH)) else {
        return Reply::refuse(
            StatusCode::BAD_REQUEST,
            "a piece needs its offset and the length of the whole",
        );
    };
    match pictures::write(registry, peer, hash, offset, body.to_vec(), len).await {
        Ok(Some(Held::Part(offset) | Held::Whole(offset))) => {
            Reply::empty(StatusCode::NO_CONTENT).with(UPLOAD_OFFSET, offset)
        }
        Ok(None) => Reply::refuse(StatusCode::NOT_FOUND, "no record of this office names this picture"),
        Err(error) => error.into(),
    }
}

/// Which piece is asked for.
#[derive(Deserialize)]
pub struct Piece {
    offset: u64,
    length: usize,
}

/// `GET /sync/v1/blobs/{hash}?offset=…&length=…`: a piece of a picture.
pub async fn get_chunk(
    registry: Data<Registry>,
    request: HttpRequest,
    hash: Path<Hash>,
    piece: Query<Piece>,
) -> HttpResponse {
    let parts = Parts::of(&request);
    let reply = match caller(&registry, &parts).await {
        Ok(peer) => match pictures::read(&registry, &peer, &hash, piece.offset, piece.length).await {
            Ok(Some((bytes, len))) => Reply::new(StatusCode::OK, bytes).with(UPLOAD_LENGTH, len),
            Ok(None) => Reply::refuse(StatusCode::NOT_FOUND, "this picture is not here"),
            Err(error) => error.into(),
        },
        Err(reply) => reply,
    };
    sign(&registry, &parts, reply)
}
