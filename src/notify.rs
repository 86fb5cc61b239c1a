//! Desktop notices on an officer's machine: follows the office's stream of notices and shows each one.
//!
//! A notice carries numbers and never a name: desktops are read over shoulders. The office may restart, the network
//! may go and the desktop may have no message bus; none of these ends the program.

use std::time::Duration;

use futures_util::StreamExt;
use loket_sync::exchange::CertificateProblem;
use loket_sync::http::trust::problem_in;
use notify_rust::Notification;
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, AUTHORIZATION};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tracing::{info, warn};

/// What an office tells the desktops; the words are the office's, in the language that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What it is about, for logs.
    pub kind: String,
    /// First line.
    pub title: String,
    /// The rest.
    pub body: String,
}

/// Whom to follow.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// Address of the office.
    pub office: String,
    /// The device's key.
    pub key: String,
    /// `id` or `en`.
    pub language: String,
    /// The office's certificate or its authority's as PEM; without one the system's authorities vouch.
    pub certificate: Option<Vec<u8>>,
}

/// Why following ends. A line that breaks is not among them.
#[derive(Debug, Error)]
pub enum NotifyError {
    /// The office does not know the key.
    #[error(
        "the office does not know this device key; an administrator gives out a new one on the page of settings"
    )]
    KeyRefused,
    /// The certificate that was given is none.
    #[error("the certificate file holds no certificate (PEM)")]
    Certificate(#[source] Option<reqwest::Error>),
    /// The HTTP client could not be made.
    #[error("the HTTP client cannot be started")]
    Client(#[source] reqwest::Error),
}

/// Why one connection ended.
#[derive(Debug, Error)]
enum Ended {
    #[error("the office ended the stream")]
    ByOffice,
    #[error("nothing was heard for a while")]
    Silence,
    #[error("the office answered {0}")]
    Answer(StatusCode),
    #[error("the office does not know the key")]
    KeyRefused,
    #[error("the office's certificate is not accepted: {0}; see loket notify --certificate")]
    Certificate(CertificateProblem),
    #[error("{0}")]
    Line(reqwest::Error),
}

impl From<reqwest::Error> for Ended {
    fn from(error: reqwest::Error) -> Self {
        problem_in(&error).map_or(Self::Line(error), Self::Certificate)
    }
}

/// The name of the events that carry notices, each a JSON list of them.
pub const EVENT: &str = "notices";

const CONNECT_SECONDS_MAX: u64 = 10;
/// The office sends a heartbeat every fifteen seconds; three missed ones are a dead line.
const SILENCE_SECONDS_MAX: u64 = 45;
const RETRY_SECONDS_MIN: u64 = 1;
const RETRY_SECONDS_MAX: u64 = 60;

/// Follows the office's notices and shows them until the future is dropped, or the office refuses the key.
pub async fn follow(subscription: &Subscription) -> Result<(), NotifyError> {
    let client = client(subscription)?;
    let mut retry_seconds = RETRY_SECONDS_MIN;
    loop {
        let mut heard = false;
        let ended = listen(&client, subscription, &mut heard).await;
        if matches!(ended, Ended::KeyRefused) {
            return Err(NotifyError::KeyRefused);
        }
        if heard {
            retry_seconds = RETRY_SECONDS_MIN;
        }
        warn!(office = subscription.office, reason = %ended, retry_seconds, "The office is not heard; trying again");
        tokio::time::sleep(Duration::from_secs(retry_seconds)).await;
        retry_seconds = (retry_seconds * 2).min(RETRY_SECONDS_MAX);
    }
}

fn client(subscription: &Subscription) -> Result<reqwest::Client, NotifyError> {
    let mut client = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(CONNECT_SECONDS_MAX))
        .read_timeout(Duration::from_secs(SILENCE_SECONDS_MAX));
    if let Some(pem) = &subscription.certificate {
        let found = reqwest::Certificate::from_pem_bundle(pem);
        let found = found.map_err(|error| NotifyError::Certificate(Some(error)))?;
        if found.is_empty() {
            return Err(NotifyError::Certificate(None));
        }
        client = client.tls_certs_only(found);
    }
    client.build().map_err(NotifyError::Client)
}

/// One connection, until it ends. `heard` becomes true with the first bytes.
async fn listen(client: &reqwest::Client, subscription: &Subscription, heard: &mut bool) -> Ended {
    let office = subscription.office.trim_end_matches('/');
    let address = format!("{office}/notices?language={}", subscription.language);
    let request = client
        .get(address)
        .header(ACCEPT, "text/event-stream")
        .header(AUTHORIZATION, format!("Bearer {}", subscription.key));
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) => return error.into(),
    };
    match answer.status() {
        StatusCode::OK => {}
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Ended::KeyRefused,
        status => return Ended::Answer(status),
    }
    info!(office = subscription.office, "Following the office's notices");
    let mut chunks = answer.bytes_stream();
    let mut events = EventReader::default();
    loop {
        let silence = Duration::from_secs(SILENCE_SECONDS_MAX);
        let chunk = match tokio::time::timeout(silence, chunks.next()).await {
            Err(_elapsed) => return Ended::Silence,
            Ok(None) => return Ended::ByOffice,
            Ok(Some(Err(error))) => return error.into(),
            Ok(Some(Ok(chunk))) => chunk,
        };
        *heard = true;
        for event in events.feed(&chunk).into_iter().filter(|event| event.name == EVENT) {
            show_all(&event.data).await;
        }
    }
}

/// Shows what an event tells.
async fn show_all(data: &str) {
    match serde_json::from_str::<Vec<Notice>>(data) {
        Ok(notices) => {
            for notice in notices {
                show(notice).await;
            }
        }
        Err(error) => warn!(%error, "The office sent a notice this version cannot read"),
    }
}

/// Shows a notice on the desktop. Without a message bus it is said in the log, and the program goes on.
async fn show(notice: Notice) {
    info!(kind = notice.kind, title = notice.title, "Notice");
    let shown = tokio::task::spawn_blocking(move || {
        Notification::new().appname("Loket").summary(&notice.title).body(&notice.body).show().map(drop)
    });
    match shown.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => warn!(%error, "This desktop shows no notices"),
        Err(error) => warn!(%error, "Showing the notice was interrupted"),
    }
}

/// One event of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Event {
    name: String,
    data: String,
}

/// Takes a stream of server-sent events apart (HTML Living Standard §9.2.6).
#[derive(Debug, Default)]
struct EventReader {
    buffer: Vec<u8>,
    name: String,
    data: Vec<String>,
}

/// A line longer than this is not a notice; it is dropped rather than gathered for ever.
const LINE_BYTES_MAX: usize = 64 * 1024;

impl EventReader {
    fn feed(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut complete = Vec::new();
        for byte in bytes {
            match byte {
                b'\n' => {
                    let line = std::mem::take(&mut self.buffer);
                    complete.extend(self.line(&String::from_utf8_lossy(&line)));
                }
                b'\r' => {}
                _ if self.buffer.len() < LINE_BYTES_MAX => self.buffer.push(*byte),
                _ => self.buffer.clear(),
            }
        }
        complete
    }

    /// Takes one line; the empty line ends an event.
    fn line(&mut self, line: &str) -> Option<Event> {
        let value = |field: &str| {
            let rest = line.strip_prefix(field)?;
            Some(rest.strip_prefix(' ').unwrap_or(rest).to_owned())
        };
        if let Some(name) = value("event:") {
            self.name = name;
        } else if let Some(data) = value("data:") {
            self.data.push(data);
        } else if line.is_empty() {
            let (name, data) = (std::mem::take(&mut self.name), std::mem::take(&mut self.data));
            return (!data.is_empty()).then(|| Event { name, data: data.join("\n") });
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_found_however_the_stream_is_cut() {
        let stream = b": heartbeat\n\nevent: notices\ndata: [1]\n\ndata: two\r\ndata: lines\r\n\r\nid: 7\n\n";
        for piece in 1..stream.len() {
            let mut reader = EventReader::default();
            let found: Vec<Event> = stream.chunks(piece).flat_map(|chunk| reader.feed(chunk)).collect();
            let texts: Vec<_> =
                found.iter().map(|event| (event.name.as_str(), event.data.as_str())).collect();
            assert_eq!(texts, [("notices", "[1]"), ("", "two\nlines")], "cut every {piece} bytes");
        }
    }

    #[test]
    fn an_endless_line_does_not_fill_the_memory() {
        let mut reader = EventReader::default();
        for _ in 0..100 {
            assert!(reader.feed(&vec![b'x'; LINE_BYTES_MAX / 3]).is_empty());
            assert!(reader.buffer.len() <= LINE_BYTES_MAX);
        }
    }
}
