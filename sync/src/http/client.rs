//! Reaching the registry over HTTP. The only file that knows the HTTP library.
//!
//! There is no limit on how long a message may take, only on how long nothing may move. Redirects are not followed:
//! the registry sends none, but networks with a login page do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE as CONTENT_TYPE_HEADER};
use reqwest::{Method, Response};

pub use super::letters::AtHand;
use super::letters::Letters;
use super::pieces::Pieces;
use super::signature::{self, AnswerParts, RequestParts, Stamp};
use super::trust::{self, Trust};
use super::{BASE_PATH, CONTENT_TYPE, EXCHANGE_PATH, UPLOAD_LENGTH, UPLOAD_OFFSET, probe, server};
use crate::drive::{BlobThere, Uplink};
use crate::enrol::{Asking, EnrolRequest, Granted};
use crate::exchange::{LineError, Message};
use crate::ids::Hash;
use crate::keys::{NodeKey, NodePublic};
use crate::wire::{Lacking, MESSAGE_BYTES_MAX};

/// Connections that are kept for the next request: a line that was cut leaves no more dead ones than this.
const IDLE_MAX: usize = 2;
/// A refusal's words are shown to people; more of them is of no use.
const REASON_CHARS_MAX: usize = 300;

/// How patient the client is.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// While nothing moves.
    pub stall: Duration,
    /// While what was sent stays unacknowledged by the other side's machine.
    pub silent: Duration,
    /// For an answer to a probe.
    pub probe: Duration,
    /// For keeping an unused connection; shorter than the server's keep-alive.
    pub idle: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        // Satellite links need a few seconds to connect; a server holds back news for 25.
        Self {
            connect: Duration::from_secs(8),
            stall: Duration::from_mins(1),
            silent: Duration::from_secs(6),
            probe: Duration::from_secs(5),
            idle: Duration::from_secs(70),
        }
    }
}

/// Tells the time in milliseconds since 1970, for the stamp of a signature.
pub type WallClock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// A connection to the registry that this node is enrolled at.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    key: NodeKey,
    registry: Option<NodePublic>,
    patience: Patience,
    clock: WallClock,
    /// Where probes go.
    address: Option<(String, u16)>,
    letters: Letters,
    /// What has moved of exchanges so far.
    moved: Arc<AtomicU64>,
}

/// A request before it is signed.
struct Ask<'a> {
    method: Method,
    path: &'a str,
    query: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: Vec<u8>,
}

/// An answer whose signature was verified.
struct Answer {
    status: u16,
    offset: Option<u64>,
    length: Option<u64>,
    body: Vec<u8>,
}

impl Client {
    /// A client for the registry at `url`, whose keys were pinned; the system's authorities vouch for its certificate.
    pub fn new(
        url: &str,
        key: NodeKey,
        registry: NodePublic,
        patience: Patience,
        clock: WallClock,
    ) -> Result<Self, LineError> {
        Self::trusting(&Trust::System, url, key, registry, patience, clock)
    }

    /// The same with a certificate of one's own choice.
    pub fn trusting(
        trust: &Trust,
        url: &str,
        key: NodeKey,
        registry: NodePublic,
        patience: Patience,
        clock: WallClock,
    ) -> Result<Self, LineError> {
        Self::build(trust, url, key, Some(registry), patience, clock)
    }

    fn build(
        trust: &Trust,
        url: &str,
        key: NodeKey,
        registry: Option<NodePublic>,
        patience: Patience,
        clock: WallClock,
    ) -> Result<Self, LineError> {
        let mut http = reqwest::Client::builder()
            .connect_timeout(patience.connect)
            .pool_idle_timeout(patience.idle)
            .pool_max_idle_per_host(IDLE_MAX)
            .tcp_nodelay(true)
            .tcp_keepalive(patience.silent)
            .tcp_keepalive_interval(patience.silent / 2)
            .redirect(reqwest::redirect::Policy::none());
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            http = http.tcp_user_timeout(patience.silent);
        }
        if let Some(tls) = trust.client_config().map_err(|error| LineError::Here(error.to_string()))? {
            http = http.tls_backend_preconfigured(tls);
        }
        let http = http.build().map_err(|error| LineError::Here(error.to_string()))?;
        Ok(Self {
            http,
            base: url.trim_end_matches('/').to_owned(),
            key,
            registry,
            patience,
            clock,
            address: address(url),
            letters: Letters::default(),
            moved: Arc::default(),
        })
    }

    /// The same client with keys and hashes at hand: most facts then cost half as many bytes.
    #[must_use]
    pub fn with(self, at_hand: Arc<dyn AtHand>) -> Self {
        Self { letters: Letters::with(at_hand), ..self }
    }

    async fn exchange_once(&self, message: &Message) -> Result<(Message, Lacking), LineError> {
        let body = self
            .letters
            .encode(message, self.registry.as_ref())
            .map_err(|error| LineError::Here(error.to_string()))?;
        let ask = Ask { method: Method::POST, path: EXCHANGE_PATH, query: "", headers: &[], body };
        let answer = self.ask(ask).await?.expect(&[200])?;
        let read = self.letters.decode(&answer.body, &self.key, self.registry.as_ref());
        read.map_err(|error| LineError::BadAnswer(error.to_string()))
    }

    async fn ask(&self, ask: Ask<'_>) -> Result<Answer, LineError> {
        // A message says itself when it was made.
        let is_message = ask.path == EXCHANGE_PATH;
        let stamp = if is_message { Stamp::MESSAGE } else { Stamp::draw((self.clock)()) };
        let path = format!("{BASE_PATH}{}", ask.path);
        let parts = RequestParts {
            method: ask.method.as_str(),
            path: &path,
            query: ask.query,
            headers: ask.headers,
            body: &ask.body,
        };
        let signed = signature::sign_request(&self.key, &stamp, &parts);
        let query = if ask.query.is_empty() { String::new() } else { format!("?{}", ask.query) };
        let mut request = self.http.request(ask.method.clone(), format!("{}{path}{query}", self.base));
        // The shortest that keeps the library from saying more.
        request = request.header(ACCEPT, "");
        for (name, value) in ask.headers.iter().copied().chain(signed.pairs()) {
            request = request.header(name, value);
        }
        let moved = if is_message { Arc::clone(&self.moved) } else { Arc::default() };
        if !ask.body.is_empty() {
            if !is_message {
                request = request.header(CONTENT_TYPE_HEADER, CONTENT_TYPE);
            }
            request = request.header(CONTENT_LENGTH, ask.body.len());
            request = request.body(reqwest::Body::wrap_stream(Pieces::new(ask.body, Arc::clone(&moved))));
        }
        let talk = async {
            let response = request.send().await.map_err(|error| self.unreachable(&error))?;
            moved.fetch_add(1, Ordering::Relaxed);
            self.read(response, &signed.signature, &moved).await
        };
        self.unless_stalled(talk, &moved).await
    }

    /// Ends the talk when nothing has moved for too long.
    async fn unless_stalled<T>(
        &self,
        talk: impl Future<Output = Result<T, LineError>>,
        moved: &AtomicU64,
    ) -> Result<T, LineError> {
        tokio::pin!(talk);
        let mut seen = moved.load(Ordering::Relaxed);
        loop {
            tokio::select! {
                result = &mut talk => return result,
                () = tokio::time::sleep(self.patience.stall) => {
                    let now = moved.load(Ordering::Relaxed);
                    if now == seen {
                        return Err(LineError::TimedOut(self.patience.stall.as_secs()));
                    }
                    seen = now;
                }
            }
        }
    }

    async fn read(
        &self,
        mut response: Response,
        asked: &str,
        moved: &AtomicU64,
    ) -> Result<Answer, LineError> {
        let status = response.status().as_u16();
        let headers: Vec<(&'static str, String)> = signature::HEADERS_READ
            .iter()
            .filter_map(|name| Some((*name, response.headers().get(*name)?.to_str().ok()?.to_owned())))
            .collect();
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            moved.fetch_add(1, Ordering::Relaxed);
            if body.len() + piece.len() > MESSAGE_BYTES_MAX {
                return Err(LineError::NotOurRegistry);
            }
            body.extend_from_slice(&piece);
        }
        let pairs: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.verify(&AnswerParts { status, headers: &pairs, body: &body, request_signature: asked })?;
        let number = |wanted| pairs.iter().find(|(name, _)| *name == wanted)?.1.trim().parse().ok();
        Ok(Answer { status, offset: number(UPLOAD_OFFSET), length: number(UPLOAD_LENGTH), body })
    }

    fn verify(&self, parts: &AnswerParts<'_>) -> Result<(), LineError> {
        let Some(registry) = &self.registry else { return Ok(()) };
        match signature::verify_answer(registry, parts) {
            Ok(_) => Ok(()),
            // A gateway in front of the registry says that the registry is away.
            Err(_) if matches!(parts.status, 502..=504) => {
                Err(LineError::Unreachable(format!("the gateway answers {}", parts.status)))
            }
            Err(_) => Err(LineError::NotOurRegistry),
        }
    }

    /// The innermost cause says most: "connection refused", "failed to lookup address".
    #[expect(clippy::unused_self, reason = "reads as what the client makes of an error")]
    fn unreachable(&self, error: &reqwest::Error) -> LineError {
        if let Some(problem) = trust::problem_in(error) {
            return LineError::Certificate(problem);
        }
        let mut cause: &dyn std::error::Error = error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        LineError::Unreachable(cause.to_string())
    }
}

impl Answer {
    fn expect(self, expected: &[u16]) -> Result<Self, LineError> {
        if expected.contains(&self.status) {
            return Ok(self);
        }
        if let (503, Some(pause_ms)) = (self.status, server::pause_of(&self.body)) {
            return Err(LineError::Busy { pause_ms });
        }
        let reason = String::from_utf8_lossy(&self.body).chars().take(REASON_CHARS_MAX).collect();
        Err(LineError::Refused { status: self.status, reason })
    }
}

/// Enrols a node at the registry at `url` with a one-time code; the system's authorities vouch for its certificate.
pub async fn enrol(
    url: &str,
    asking: Asking<'_>,
    key: &NodeKey,
    patience: Patience,
    clock: WallClock,
) -> Result<Granted, LineError> {
    enrol_trusting(&Trust::System, url, asking, key, patience, clock).await
}

/// The same with a certificate of one's own choice.
pub async fn enrol_trusting(
    trust: &Trust,
    url: &str,
    asking: Asking<'_>,
    key: &NodeKey,
    patience: Patience,
    clock: WallClock,
) -> Result<Granted, LineError> {
    let client = Client::build(trust, url, key.clone(), None, patience, clock)?;
    let Asking { code, office, software } = asking;
    let body = EnrolRequest::new(code, key.public(), office, software).to_bytes();
    let ask = Ask { method: Method::POST, path: "/enrol", query: "", headers: &[], body };
    // The registry's key is not known yet: the code alone says that the answer is true.
    let answer = client.ask(ask).await?;
    if matches!(answer.status, 300..=399) {
        return Err(LineError::NotOurRegistry);
    }
    let answer = answer.expect(&[200])?;
    Granted::from_bytes(&answer.body, code, &key.public()).map_err(|_| LineError::NotOurRegistry)
}

impl Uplink for Client {
    async fn exchange(&self, message: &Message) -> Result<Message, LineError> {
        let (answer, lacking) = self.exchange_once(message).await?;
        if !lacking.is_any() {
            return Ok(answer);
        }
        // Something came whose keys are not here, or what it goes on from: once more, sealed or whole.
        Ok(self.exchange_once(message).await?.0)
    }

    fn moved(&self) -> u64 {
        self.moved.load(Ordering::Relaxed)
    }

    async fn probe(&self) -> bool {
        match &self.address {
            Some(address) => probe::is_there(address, self.patience.probe).await,
            None => std::future::pending().await,
        }
    }

    async fn news(&self, seen: Hash) -> Result<bool, LineError> {
        let query = format!("seen={seen}");
        let ask = Ask { method: Method::GET, path: "/news", query: &query, headers: &[], body: Vec::new() };
        Ok(self.ask(ask).await?.expect(&[200, 204])?.status == 200)
    }

    async fn blob_there(&self, hash: &Hash) -> Result<BlobThere, LineError> {
        let path = format!("/blobs/{hash}");
        let ask = Ask { method: Method::HEAD, path: &path, query: "", headers: &[], body: Vec::new() };
        let answer = self.ask(ask).await?.expect(&[200, 404])?;
        Ok(there(&answer, answer.length))
    }

    async fn put_chunk(
        &self,
        hash: &Hash,
        offset: u64,
        bytes: Vec<u8>,
        len: u64,
    ) -> Result<BlobThere, LineError> {
        let (path, offset, length) = (format!("/blobs/{hash}"), offset.to_string(), len.to_string());
        let headers = [(UPLOAD_OFFSET, offset.as_str()), (UPLOAD_LENGTH, length.as_str())];
        let ask = Ask { method: Method::PATCH, path: &path, query: "", headers: &headers, body: bytes };
        let answer = self.ask(ask).await?.expect(&[200, 204, 409])?;
        if answer.status == 409 {
            return self.blob_there(hash).await;
        }
        Ok(there(&answer, Some(len)))
    }

    async fn get_chunk(&self, hash: &Hash, offset: u64, len_max: usize) -> Result<(Vec<u8>, u64), LineError> {
        let (path, query) = (format!("/blobs/{hash}"), format!("offset={offset}&length={len_max}"));
        let ask = Ask { method: Method::GET, path: &path, query: &query, headers: &[], body: Vec::new() };
        let answer = self.ask(ask).await?.expect(&[200])?;
        let length = answer.length.ok_or_else(|| LineError::BadAnswer("a blob without a length".into()))?;
        Ok((answer.body, length))
    }
}

/// Host and port of an address.
fn address(url: &str) -> Option<(String, u16)> {
    let url = reqwest::Url::parse(url).ok()?;
    let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
    Some((host, url.port_or_known_default()?))
}

/// A blob is whole there when the offset has reached its length.
fn there(answer: &Answer, length: Option<u64>) -> BlobThere {
    let offset = answer.offset.unwrap_or(0);
    if answer.status != 404 && length == Some(offset) { BlobThere::Whole } else { BlobThere::Part(offset) }
}
