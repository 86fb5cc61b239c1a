//! Forms that bring a file (multipart). The body is always read to its end, so that a browser gets our answer instead
//! of a broken line; of a file that is too large only so much is kept that the reader of the file can tell.
//!
//! A file takes a place before its first byte is kept and gives it back when it was dealt with, so that however many are
//! sent at once no more than [`Places`] are in memory. Whoever gets none in time hears of it on the page, with what was
//! typed; the file itself has to be chosen again.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_multipart::{Field, Multipart};
use actix_web::dev::Payload;
use actix_web::web::{Bytes, Data};
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

use super::errors::Problem;
use super::forms::{self, Fields, TEXT_LEN_MAX};
use crate::domain::document::PICTURE_BYTES_MAX;

/// So much of a file is kept, in bytes: one more than any file may have.
const KEPT_BYTES_MAX: usize = PICTURE_BYTES_MAX + 1;
/// So many fields are read.
const FIELDS_MAX: usize = 64;
/// A body longer than this is not read to its end, in bytes.
const BODY_BYTES_MAX: usize = 128 * 1024 * 1024;
/// Files that are kept at once: two are unpacked while two come.
const PLACES: usize = 4;
/// How long a file waits for its place.
const WAIT_MAX: Duration = Duration::from_secs(20);
/// How long the sender of a file may send nothing while it holds a place.
const SILENT_MAX: Duration = Duration::from_secs(20);
/// How long a file may take: the largest at 0.5 Mbit/s.
const SENDING_MAX: Duration = Duration::from_mins(3);

/// Places for files.
#[derive(Debug)]
pub struct Places {
    free: Arc<Semaphore>,
    wait_max: Duration,
}

impl Default for Places {
    fn default() -> Self {
        Self::of(PLACES, WAIT_MAX)
    }
}

impl Places {
    /// So many, and how long a file waits for one.
    pub fn of(places: usize, wait_max: Duration) -> Self {
        Self { free: Arc::new(Semaphore::new(places)), wait_max }
    }

    /// A place, or nothing when none was free in time.
    async fn take(&self) -> Option<Place> {
        let waited = timeout(self.wait_max, Arc::clone(&self.free).acquire_owned()).await;
        let permit = waited.ok()?.ok()?;
        Some(Place { until: Instant::now() + SENDING_MAX, _permit: permit })
    }
}

/// A place; free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    /// When its file must have come.
    until: Instant,
    _permit: OwnedSemaphorePermit,
}

/// A form with a file; its token has been checked.
#[derive(Debug)]
pub struct Upload {
    /// The text fields.
    pub fields: Fields,
    /// The file.
    pub file: Sent,
}

/// The file of a form.
#[derive(Debug)]
pub enum Sent {
    /// None was chosen, or it is empty.
    Nothing,
    /// Its bytes, cut one byte above the limit when it is too large; whoever takes them keeps the place while they live.
    File(Vec<u8>, Place),
    /// Too many others were on their way: it was not kept.
    NoPlace,
}

impl FromRequest for Upload {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let multipart = Multipart::from_request(request, payload);
        let places = request.app_data::<Data<Places>>().cloned();
        let request = request.clone();
        Box::pin(async move {
            let body = multipart.await.map_err(|_| Problem::UnreadableForm)?;
            let places = places.ok_or(Problem::Internal)?;
            let upload = read(body, &places).await?;
            forms::check_token(&request, upload.fields.get("csrf"))?;
            Ok(upload)
        })
    }
}

async fn read(mut body: Multipart, places: &Places) -> Result<Upload, Problem> {
    let mut texts = Vec::new();
    let mut file = Sent::Nothing;
    let mut left = BODY_BYTES_MAX;
    let mut overlong = false;
    while let Some(field) = body.next().await {
        let mut field = field.map_err(|_| Problem::UnreadableForm)?;
        let name = field.name().unwrap_or_default().to_owned();
        if field.content_disposition().is_some_and(|kind| kind.get_filename().is_some()) {
            // A form of ours has one; of more the last counts, and none is kept beside it.
            drop(file);
            file = read_file(&mut field, &mut left, places).await?;
            continue;
        }
        let bytes = drain(&mut field, TEXT_LEN_MAX + 1, &mut left).await?;
        overlong |= bytes.len() > TEXT_LEN_MAX || texts.len() >= FIELDS_MAX;
        if !overlong {
            texts.push((name, String::from_utf8(bytes).map_err(|_| Problem::UnreadableForm)?));
        }
    }
    if overlong { Err(Problem::TooLarge) } else { Ok(Upload { fields: Fields::new(texts), file }) }
}

/// Reads a file to its end. It takes a place when its first byte comes: a form without a file needs none.
async fn read_file(field: &mut Field, left: &mut usize, places: &Places) -> Result<Sent, Problem> {
    let Some(first) = next(field, left).await? else { return Ok(Sent::Nothing) };
    let Some(place) = places.take().await else {
        while next(field, left).await?.is_some() {}
        return Ok(Sent::NoPlace);
    };
    let mut kept = Vec::new();
    keep(&mut kept, &first, KEPT_BYTES_MAX);
    loop {
        let until = place.until.min(Instant::now() + SILENT_MAX);
        match timeout_at(until, next(field, left)).await.map_err(|_| Problem::UnreadableForm)?? {
            Some(chunk) => keep(&mut kept, &chunk, KEPT_BYTES_MAX),
            None => return Ok(Sent::File(kept, place)),
        }
    }
}

/// Reads a field to its end and keeps its beginning.
async fn drain(field: &mut Field, kept_max: usize, left: &mut usize) -> Result<Vec<u8>, Problem> {
    let mut kept = Vec::new();
    while let Some(chunk) = next(field, left).await? {
        keep(&mut kept, &chunk, kept_max);
    }
    Ok(kept)
}

async fn next(field: &mut Field, left: &mut usize) -> Result<Option<Bytes>, Problem> {
    let Some(chunk) = field.next().await else { return Ok(None) };
    let chunk = chunk.map_err(|_| Problem::UnreadableForm)?;
    *left = left.checked_sub(chunk.len()).ok_or(Problem::TooLarge)?;
    Ok(Some(chunk))
}

/// Adds what there is room for, and takes no more memory than that.
fn keep(kept: &mut Vec<u8>, chunk: &[u8], kept_max: usize) {
    let room = kept_max.saturating_sub(kept.len()).min(chunk.len());
    if kept.capacity() - kept.len() < room {
        kept.reserve_exact(room.max(kept.len().min(kept_max - kept.len())));
    }
    kept.extend_from_slice(&chunk[..room]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
    use futures_util::stream;

    /// A form with a file of these pieces between two fields; after them nothing more comes if it hangs.
    fn form(pieces: &[&[u8]], hangs: bool) -> Multipart {
        let text = |name: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{name} typed\r\n")
        };
        let head = "--b\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"a.jpg\"\r\n\r\n";
        let mut parts = vec![text("before"), head.to_owned()];
        let mut body: Vec<Bytes> = parts.drain(..).map(Bytes::from).collect();
        body.extend(pieces.iter().map(|piece| Bytes::copy_from_slice(piece)));
        if !hangs {
            body.push(Bytes::from(format!("\r\n{}--b--\r\n", text("after"))));
        }
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("multipart/form-data; boundary=b"));
        let come = stream::iter(body.into_iter().map(Ok));
        if hangs {
            Multipart::new(&headers, come.chain(stream::pending()))
        } else {
            Multipart::new(&headers, come)
        }
    }

    #[actix_web::test]
    async fn a_file_without_a_place_is_not_kept_and_what_was_typed_is() {
        let places = Places::of(1, Duration::from_millis(20));
        let first = read(form(&[b"one"], false), &places).await.unwrap();
        let second = read(form(&[b"two", &vec![0; 100_000]], false), &places).await.unwrap();
        assert!(matches!(second.file, Sent::NoPlace));
        assert_eq!(
            (second.fields.text("before"), second.fields.text("after")),
            ("before typed", "after typed")
        );
        let none = read(form(&[], false), &places).await.unwrap();
        assert!(matches!(none.file, Sent::Nothing), "without a file no place is needed");
        let Sent::File(bytes, place) = first.file else { panic!("kept") };
        assert_eq!(bytes, b"one");
        drop(place);
        let third = read(form(&[b"three"], false), &places).await.unwrap();
        assert!(matches!(third.file, Sent::File(bytes, _) if bytes == b"three"));
    }

    #[actix_web::test]
    async fn whoever_sends_no_more_or_goes_away_gives_the_place_back() {
        tokio::time::pause();
        let places = Places::of(1, WAIT_MAX);
        let since = Instant::now();
        let hung = read(form(&[b"one"], true), &places).await;
        assert!(matches!(hung, Err(Problem::UnreadableForm)) && since.elapsed() <= SILENT_MAX * 2);
        let gone = timeout(Duration::from_secs(1), read(form(&[b"one"], true), &places)).await;
        assert!(gone.is_err());
        let next = read(form(&[b"two"], false), &places).await.unwrap();
        assert!(matches!(next.file, Sent::File(..)));
    }

    #[test]
    fn what_is_kept_takes_no_more_memory_than_it_may() {
        let mut kept = Vec::new();
        for _ in 0..100 {
            keep(&mut kept, &[1; 30], 1_000);
        }
        assert_eq!((kept.len(), kept.capacity()), (1_000, 1_000));
    }
}
