//! A registry behind the smallest HTTP server that does, and things that are no registry.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use loket_sync::blob::Progress;
use loket_sync::enrol::{EnrolCode, EnrolRequest, Granted};
use loket_sync::exchange::{Joining, KeyGrant, RUN_BYTES_MAX, resolve, subjects_opened};
use loket_sync::http::server;
use loket_sync::http::signature::{RequestParts, Signed};
use loket_sync::http::{UPLOAD_LENGTH, UPLOAD_OFFSET};
use loket_sync::wire::{AtHand, HashesAt, Lacking, Parcel, encode};
use loket_sync::{
    Answerer, BlobError, Blobs, Hash, Journals, Message, NodeId, NodeKey, NodePublic, StoreId, Vector, head,
};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::office::{self, shared, signers};

pub fn key() -> NodeKey {
    NodeKey::from_seed([2; 32])
}

pub struct Registry {
    journals: Mutex<Journals>,
    pub blobs: Blobs,
    wanted: Mutex<Vec<Hash>>,
    /// Which answers the messages that came say they follow.
    pub answered: Mutex<Vec<Option<u32>>>,
    /// How many runs came that leave out what they go on from.
    pub joined: AtomicUsize,
    pub blob_arrived: Notify,
    changed: Notify,
    /// A piece of a blob came.
    pub piece_came: Notify,
    holds_pieces: AtomicBool,
    pub code: EnrolCode,
    _folder: TempDir,
}

#[derive(Clone)]
pub enum Serves {
    Registry(Arc<Registry>),
    /// The registry, over a line that gives an answer byte by byte.
    Drip(Arc<Registry>),
    Page(&'static str),
    Nothing,
}

/// Serves until the test ends; returns the address.
pub async fn serve(serves: Serves) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(talk(stream, serves.clone()));
        }
    });
    url
}

struct Request {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// Status, headers, body.
type Answer = (u16, Vec<(&'static str, String)>, Vec<u8>);

async fn talk(mut stream: TcpStream, serves: Serves) {
    while let Some(request) = read(&mut stream).await {
        match &serves {
            Serves::Nothing => std::future::pending().await,
            Serves::Page(page) => stream.write_all(page.as_bytes()).await.unwrap(),
            Serves::Registry(registry) => {
                let answer = registry.answer(&request).await;
                stream.write_all(&answer).await.unwrap();
            }
            Serves::Drip(registry) => {
                let answer = registry.answer(&request).await;
                for piece in answer.chunks(answer.len() / 8 + 1) {
                    stream.write_all(piece).await.unwrap();
                    tokio::time::sleep(Duration::from_millis(120)).await;
                }
            }
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next().unwrap_or_default().to_owned());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    assert!(!headers.iter().any(|(name, _)| name == "transfer-encoding"), "bodies name their length");
    let len =
        headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, len)| len.parse().unwrap());
    let mut body = bytes.split_off(end + 4);
    while body.len() < len {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Request { method, path: path.to_owned(), query: query.to_owned(), headers, body })
}

impl Request {
    fn number(&self, header: &str) -> u64 {
        self.headers.iter().find(|(name, _)| name == header).unwrap().1.parse().unwrap()
    }

    fn asked(&self, name: &str) -> &str {
        self.query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).unwrap()
    }

    fn blob(&self) -> Hash {
        self.path.rsplit('/').next().unwrap().parse().unwrap()
    }
}

fn enrolled(node: &NodeId) -> Option<NodePublic> {
    let office = office::key().public();
    (office.id() == *node).then_some(office)
}

impl Registry {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            journals: Mutex::new(office::open(&folder, "hq/karimun", key())),
            blobs: Blobs::open(&folder.path().join("blobs")).unwrap(),
            wanted: Mutex::new(Vec::new()),
            answered: Mutex::new(Vec::new()),
            joined: AtomicUsize::default(),
            blob_arrived: Notify::new(),
            changed: Notify::new(),
            piece_came: Notify::new(),
            holds_pieces: AtomicBool::new(false),
            code: EnrolCode::draw(),
            _folder: folder,
        }
    }

    pub fn want(&self, hash: Hash) {
        self.wanted.lock().unwrap().push(hash);
    }

    /// Gives no answer to pieces of blobs any more.
    pub fn hold_pieces(&self) {
        self.holds_pieces.store(true, Ordering::SeqCst);
    }

    pub fn write(&self, text: &str) {
        office::write(&self.journals, text);
        self.changed.notify_waiters();
    }

    pub fn words(&self) -> Vec<String> {
        office::words(&self.journals)
    }

    pub fn vector(&self) -> Vector {
        self.journals.lock().unwrap().reader().vector()
    }

    async fn answer(&self, request: &Request) -> Vec<u8> {
        let headers: Vec<(&str, &str)> =
            request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let Request { method, path, query, body, .. } = request;
        let parts = RequestParts { method, path, query, headers: &headers, body };
        let signature = headers.iter().find(|(name, _)| *name == "signature").map_or("", |(_, value)| value);
        let caller: Result<Signed, _> = if path.ends_with("/enrol") {
            server::verify_by(&parts, &EnrolRequest::from_bytes(body).unwrap().node)
        } else {
            server::verify(&parts, &enrolled)
        };
        let (status, headers, body) = match caller {
            Ok(_) => self.route(request).await,
            Err(refused) => (refused.status(), Vec::new(), refused.to_string().into_bytes()),
        };
        let pairs: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let signed = server::sign(&key(), signature, status, &pairs, &body);
        let mut head = format!("HTTP/1.1 {status} Answer\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in pairs.into_iter().chain(signed.pairs()) {
            head.extend([name, ": ", value, "\r\n"]);
        }
        [head.as_bytes(), b"\r\n", &body].concat()
    }

    async fn route(&self, request: &Request) -> Answer {
        let path = request.path.strip_prefix("/sync/v1/").unwrap();
        match (request.method.as_str(), path.split('/').next().unwrap()) {
            ("POST", "x") => (200, Vec::new(), self.exchange(&request.body)),
            ("POST", "enrol") => self.enrol(&request.body),
            ("GET", "news") => {
                (self.news(request.asked("seen").parse().unwrap()).await, Vec::new(), Vec::new())
            }
            ("HEAD", "blobs") => {
                let hash = request.blob();
                let len = self.blobs.len(&hash);
                let mut headers = vec![(UPLOAD_OFFSET, len.unwrap_or(self.blobs.offset(&hash)).to_string())];
                headers.extend(len.map(|len| (UPLOAD_LENGTH, len.to_string())));
                (200, headers, Vec::new())
            }
            ("PATCH", "blobs") => {
                self.piece_came.notify_one();
                if self.holds_pieces.load(Ordering::SeqCst) {
                    std::future::pending::<()>().await;
                }
                self.keep(request)
            }
            ("GET", "blobs") => {
                let (hash, offset) = (request.blob(), request.asked("offset").parse().unwrap());
                let bytes = self.blobs.chunk(&hash, offset, request.asked("length").parse().unwrap());
                let len = self.blobs.len(&hash).unwrap();
                (200, vec![(UPLOAD_LENGTH, len.to_string())], bytes.unwrap().unwrap())
            }
            _ => (404, Vec::new(), Vec::new()),
        }
    }

    fn exchange(&self, body: &[u8]) -> Vec<u8> {
        let parcel = Parcel::open(body, Some(&key())).unwrap();
        let granted = parcel.granted(&key());
        let reader = self.journals.lock().unwrap().reader();
        let before = parcel.before().unwrap();
        self.joined.fetch_add(before.len(), Ordering::SeqCst);
        let before: HashesAt =
            before.into_iter().filter_map(|pos| Some((pos, reader.hash_at(&pos).unwrap()?))).collect();
        let at_hand = AtHand { sender: Some(office::key().id()), keys: &granted, before: &before };
        let (message, lacking) = parcel.into_message(at_hand).unwrap();
        self.answered.lock().unwrap().push(message.answered_s);
        assert_eq!(lacking, Lacking::default());
        office::receive(&self.journals, &message.runs, &message.keys, &key());
        let shared = shared();
        let answerer = Answerer::new(&shared, &signers);
        let mine = answerer.visible(&reader.vector());
        let theirs = resolve(&mine, &message.vector, message.rest);
        let ranges = theirs.as_ref().map(|theirs| answerer.due(&mine, theirs).ranges).unwrap_or_default();
        let mut answer = Message::new(StoreId([2; 16]), 1_700_000_000_000, mine);
        answer.joins = true;
        answer.joining = theirs.filter(|_| message.joins).map(|to| Joining { by: key().id(), to });
        answer.load(&ranges, reader.runs(&ranges, RUN_BYTES_MAX).unwrap());
        let mut subjects = subjects_opened(&answer.runs);
        subjects.extend(message.wanted_keys);
        let grants = subjects.into_iter().filter_map(|subject| {
            Some(KeyGrant::seal(subject, &reader.key(&subject)?, &office::key().public()))
        });
        answer.keys = grants.collect();
        let wanted = self.wanted.lock().unwrap();
        answer.wanted_blobs = wanted.iter().filter(|hash| !self.blobs.has(hash)).copied().collect();
        answer.offered_blobs = message.wanted_blobs.into_iter().filter(|hash| self.blobs.has(hash)).collect();
        encode(&answer).unwrap()
    }

    fn enrol(&self, body: &[u8]) -> Answer {
        let request = EnrolRequest::from_bytes(body).unwrap();
        if !request.knows(&self.code.key()) {
            return (403, Vec::new(), b"this code is not open".to_vec());
        }
        let streams = shared().into_iter().collect();
        let own_stream = "office/karimun".parse().unwrap();
        let granted = Granted {
            registry: key().public(),
            office: "karimun".into(),
            own_stream,
            streams,
            recovery: None,
        };
        (200, Vec::new(), granted.to_bytes(&self.code.key(), &request.node))
    }

    /// Holds its answer back for a moment, less than the client's patience.
    async fn news(&self, seen: Hash) -> u16 {
        let changed = self.changed.notified();
        let of_hq: Vector = self.vector().into_iter().filter(|have| have.stream.group() == "hq").collect();
        if head::digest(&of_hq) != seen {
            return 200;
        }
        let held = tokio::time::timeout(Duration::from_millis(200), changed).await;
        if held.is_ok() { 200 } else { 204 }
    }

    fn keep(&self, request: &Request) -> Answer {
        let (offset, len) = (request.number(UPLOAD_OFFSET), request.number(UPLOAD_LENGTH));
        let at = |offset: u64| vec![(UPLOAD_OFFSET, offset.to_string())];
        match self.blobs.append_chunk(&request.blob(), offset, &request.body, len) {
            Ok(Progress::Part(offset)) => (204, at(offset), Vec::new()),
            Ok(Progress::Whole) => {
                self.blob_arrived.notify_one();
                (204, at(len), Vec::new())
            }
            Err(BlobError::Offset { offset }) => (409, at(offset), Vec::new()),
            Err(error) => (422, Vec::new(), error.to_string().into_bytes()),
        }
    }
}
