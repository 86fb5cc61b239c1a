//! `/applications/{number}/thumbnails/{hash}`: a small copy of a picture the application's facts name, to officers only.

use std::sync::OnceLock;

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path};
use tokio::sync::Semaphore;

use super::acts::{self, Answer};
use super::app::OfficeApp;
use super::captures;
use crate::office::actions::thumbnails;
use crate::web::errors::Problem;

/// Pictures that are made small at once; each takes up to 256 MiB.
const AT_ONCE: usize = 1;

fn places() -> &'static Semaphore {
    static PLACES: OnceLock<Semaphore> = OnceLock::new();
    PLACES.get_or_init(|| Semaphore::new(AT_ONCE))
}

/// `GET /applications/{number}/thumbnails/{hash}`.
pub async fn read(app: Data<OfficeApp>, path: Path<(String, String)>) -> Answer {
    let (number, hash) = path.into_inner();
    let opened = acts::open(&app, &number)?;
    let named = captures::pictures(&opened.view).find(|blob| blob.hash == hash);
    let blob = named.cloned().ok_or(Problem::NoPage)?;
    let (store, key) = (app.store.clone(), opened.application.key());
    let _place = places().acquire().await.map_err(|error| Problem::internal(&error))?;
    let made =
        web::block(move || store.blob(&blob, key).map(|bytes| bytes.and_then(|it| thumbnails::small(&it))));
    let made = made.await.map_err(|error| Problem::internal(&error))?;
    let made = made.map_err(|error| Problem::internal(&error))?.ok_or(Problem::NoPage)?;
    Ok(HttpResponse::Ok().content_type("image/jpeg").body(made))
}
