//! Live pages: streams of events to a browser (server-sent events).
//!
//! A stream always sends something within its heartbeat, so that the other side can tell silence from a lost server, and
//! ends when the server stops, so that stopping never waits for a browser.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_util::stream;
use tokio::sync::watch;
use tokio::time::Instant;

/// How often a quiet stream of an officer's page says that it is there.
pub const HEARTBEAT: Duration = Duration::from_secs(15);

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its number; a browser names the last one it got when it comes back.
    pub id: u64,
    /// Its name.
    pub name: &'static str,
    /// What it says; lines are allowed.
    pub data: String,
}

impl Event {
    /// As it goes over the line.
    pub fn encode(&self) -> Bytes {
        let mut text = format!("id: {}\nevent: {}\n", self.id, self.name);
        for line in self.data.split('\n') {
            text.push_str("data: ");
            text.push_str(line);
            text.push('\n');
        }
        text.push('\n');
        Bytes::from(text)
    }
}

struct State<F> {
    changes: watch::Receiver<u64>,
    stop: watch::Receiver<bool>,
    heartbeat: Duration,
    read: F,
    last: Option<Event>,
    first: bool,
}

/// A stream that shows what `read` says: at once, and again whenever `changes` moves and the answer has changed. `stop`
/// turning true ends it.
pub fn stream<F>(
    changes: watch::Receiver<u64>,
    stop: watch::Receiver<bool>,
    heartbeat: Duration,
    read: F,
) -> HttpResponse
where
    F: FnMut(u64) -> Event + 'static,
{
    let state = State { changes, stop, heartbeat, read, last: None, first: true };
    let body = stream::unfold(state, |mut state| async move {
        let next = state.next().await?;
        Some((Ok::<_, std::convert::Infallible>(next), state))
    });
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(body)
}

impl<F: FnMut(u64) -> Event> State<F> {
    async fn next(&mut self) -> Option<Bytes> {
        if self.first {
            self.first = false;
            let event = self.current();
            // Browsers wait for bytes before they call a stream open; two seconds is how soon they come back.
            let mut opening = b"retry: 2000\n\n".to_vec();
            opening.extend_from_slice(&event.encode());
            self.last = Some(event);
            return Some(Bytes::from(opening));
        }
        let beat = Instant::now() + self.heartbeat;
        loop {
            if *self.stop.borrow() {
                return None;
            }
            tokio::select! {
                stopped = self.stop.changed() => if stopped.is_err() { return None },
                () = tokio::time::sleep_until(beat) => return Some(Bytes::from_static(b"event: beat\ndata: beat\n\n")),
                changed = self.changes.changed() => {
                    changed.ok()?;
                    let event = self.current();
                    if self.last.as_ref().is_none_or(|last| last.data != event.data || last.name != event.name) {
                        let bytes = event.encode();
                        self.last = Some(event);
                        return Some(bytes);
                    }
                }
            }
        }
    }

    fn current(&mut self) -> Event {
        let at = *self.changes.borrow_and_update();
        (self.read)(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::MessageBody;
    use std::future::poll_fn;
    use std::pin::pin;

    fn event(id: u64) -> Event {
        Event { id, name: "change", data: format!("{id}\nb") }
    }

    #[actix_web::test]
    async fn it_speaks_at_once_after_a_change_and_ends_with_the_server() {
        let (change, changes) = watch::channel(7);
        let (stop, stopping) = watch::channel(false);
        let answer = stream(changes, stopping, HEARTBEAT, event);
        let mut body = pin!(answer.into_body());
        let mut next = async || poll_fn(|cx| body.as_mut().poll_next(cx)).await.map(|bytes| bytes.unwrap());
        assert_eq!(next().await.unwrap(), "retry: 2000\n\nid: 7\nevent: change\ndata: 7\ndata: b\n\n");
        change.send(8).unwrap();
        assert_eq!(next().await.unwrap(), "id: 8\nevent: change\ndata: 8\ndata: b\n\n");
        stop.send(true).unwrap();
        assert_eq!(next().await, None);
    }
}
