//! Forms that bring a file (multipart). The body is always read to its end, so that a browser gets our answer instead
//! of a broken line; of a file that is too large only so much is kept that the reader of the file can tell.

use std::future::Future;
use std::pin::Pin;

use actix_multipart::{Field, Multipart};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;

use super::errors::Problem;
use super::forms::{self, Fields, TEXT_LEN_MAX};
use crate::domain::document::PICTURE_BYTES_MAX;

/// So much of a file is kept, in bytes: one more than any file may have.
const KEPT_BYTES_MAX: usize = PICTURE_BYTES_MAX + 1;
/// So many fields are read.
const FIELDS_MAX: usize = 64;
/// A body longer than this is not read to its end, in bytes.
const BODY_BYTES_MAX: usize = 128 * 1024 * 1024;

/// A form with a file; its token has been checked.
#[derive(Debug, Default)]
pub struct Upload {
    /// The text fields.
    pub fields: Fields,
    /// The file; empty when none was chosen, cut one byte above the limit when it is too large.
    pub file: Vec<u8>,
}

impl FromRequest for Upload {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let multipart = Multipart::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let body = multipart.await.map_err(|_| Problem::UnreadableForm)?;
            let upload = read(body).await?;
            forms::check_token(&request, upload.fields.get("csrf"))?;
            Ok(upload)
        })
    }
}

async fn read(mut body: Multipart) -> Result<Upload, Problem> {
    let mut texts = Vec::new();
    let mut file = Vec::new();
    let mut left = BODY_BYTES_MAX;
    let mut overlong = false;
    while let Some(field) = body.next().await {
        let mut field = field.map_err(|_| Problem::UnreadableForm)?;
        let name = field.name().unwrap_or_default().to_owned();
        let is_file = field.content_disposition().is_some_and(|kind| kind.get_filename().is_some());
        let kept_max = if is_file { KEPT_BYTES_MAX } else { TEXT_LEN_MAX + 1 };
        let bytes = drain(&mut field, kept_max, &mut left).await?;
        if is_file {
            file = bytes;
        } else {
            overlong |= bytes.len() > TEXT_LEN_MAX || texts.len() >= FIELDS_MAX;
            if !overlong {
                texts.push((name, String::from_utf8(bytes).map_err(|_| Problem::UnreadableForm)?));
            }
        }
    }
    if overlong { Err(Problem::TooLarge) } else { Ok(Upload { fields: Fields::new(texts), file }) }
}

/// Reads a field to its end and keeps its beginning.
async fn drain(field: &mut Field, kept_max: usize, left: &mut usize) -> Result<Vec<u8>, Problem> {
    let mut kept = Vec::new();
    while let Some(chunk) = field.next().await {
        let chunk = chunk.map_err(|_| Problem::UnreadableForm)?;
        *left = left.checked_sub(chunk.len()).ok_or(Problem::TooLarge)?;
        let room = kept_max.saturating_sub(kept.len()).min(chunk.len());
        kept.extend_from_slice(&chunk[..room]);
    }
    Ok(kept)
}
