//! `/applications/{number}/capture`: portrait, fingers, signature. Each piece is saved at once by a form of its own; the
//! hidden field `piece` says which.

pub mod page;

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Data, Path};

use super::acts::{self, Answer, Opened, Undone};
use super::app::OfficeApp;
use crate::domain::capture::{Finger, FingerException, FingerPosition};
use crate::domain::document::{BlobRef, PICTURE_MEGABYTES_MAX};
use crate::domain::view::View;
use crate::office::actions::{Asker, PictureFault, captures};
use crate::web::errors::{Problem, refusal_status};
use crate::web::forms::Fields;
use crate::web::page::{Fault, Shell, see_other, show, show_as};
use crate::web::session::SignedIn;
use crate::web::uploads::{Sent, Upload};
use crate::web::words::L10nLanguage;
use page::{CapturePage, EXCEPTIONS};

/// `GET /applications/{number}/capture`.
pub async fn read(app: Data<OfficeApp>, officer: SignedIn, shell: Shell, number: Path<String>) -> Answer {
    let opened = acts::open(&app, &number)?;
    acts::note_view(&app, &officer, opened.application.key(), "capture");
    show(&draw(&app, shell, &opened)?)
}

fn draw(app: &OfficeApp, shell: Shell, opened: &Opened) -> Result<CapturePage, Problem> {
    let settings = app.settings()?;
    Ok(CapturePage::of(shell, &opened.view, &app.store.office().code, opened.seen, &settings))
}

/// Why a piece was not saved.
enum Unsaved {
    /// The quality is no number from 0 to 100.
    Quality,
    /// Too many pictures are on their way.
    NoPlace,
    /// Anything else.
    Undone(Undone),
}

impl<E: Into<Undone>> From<E> for Unsaved {
    fn from(error: E) -> Self {
        Self::Undone(error.into())
    }
}

/// `POST /applications/{number}/capture`: one piece.
pub async fn save(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    (number, upload): (Path<String>, Upload),
) -> Answer {
    let opened = acts::open(&app, &number)?;
    let Upload { fields, file } = upload;
    let words = shell.words;
    let saved = match file {
        Sent::NoPlace => Err(Unsaved::NoPlace),
        Sent::Nothing => piece(&app, &officer, &opened, &fields, Vec::new()).await,
        // The place is kept while the picture is dealt with.
        Sent::File(bytes, _place) => piece(&app, &officer, &opened, &fields, bytes).await,
    };
    let (status, shell) = match saved {
        Ok(anchor) => return Ok(see_other(&format!("/applications/{number}/capture#{anchor}"))),
        Err(Unsaved::Undone(Undone::Problem(problem))) => return Err(problem),
        Err(Unsaved::Undone(Undone::Refused(refusal))) => {
            (refusal_status(&refusal), shell.refused(&refusal, fields))
        }
        Err(Unsaved::Undone(Undone::Picture(fault))) => {
            let (what, next) = picture_words(words, fault);
            let next = format!("{next} {}", words.capture_refused_kept());
            let fault = Fault { field: anchor(&fields), what, next };
            (StatusCode::UNPROCESSABLE_ENTITY, shell.faulty(fault, fields))
        }
        Err(Unsaved::NoPlace) => {
            let (what, next) = (words.capture_refused_crowded(), words.capture_refused_crowded_next());
            let fault = Fault { field: anchor(&fields), what, next };
            (StatusCode::SERVICE_UNAVAILABLE, shell.faulty(fault, fields))
        }
        Err(Unsaved::Quality) => {
            let (what, next) = (words.capture_refused_quality(), words.capture_refused_kept());
            let fault = Fault { field: anchor(&fields), what, next };
            (StatusCode::UNPROCESSABLE_ENTITY, shell.faulty(fault, fields))
        }
    };
    show_as(status, &draw(&app, shell, &acts::open(&app, &number)?)?)
}

/// The part of the page a piece stands in.
fn anchor(form: &Fields) -> &'static str {
    match form.text("piece") {
        "portrait" => "portrait",
        "finger" | "fingers" => "finger",
        "signature" | "no-signature" => "signature",
        _ => "finish",
    }
}

/// What is wrong with a picture, and what to do.
fn picture_words(words: &L10nLanguage, fault: PictureFault) -> (String, String) {
    match fault {
        PictureFault::Missing => (words.capture_refused_empty(), words.capture_refused_empty_next()),
        PictureFault::TooLarge { .. } => {
            (words.capture_refused_large(PICTURE_MEGABYTES_MAX), words.capture_refused_large_next())
        }
        PictureFault::NotAPicture => (words.capture_refused_type(), words.capture_refused_type_next()),
        PictureFault::Damaged => (words.capture_refused_broken(), words.capture_refused_broken_next()),
        PictureFault::TooSmall { width_px, height_px, px_min: (wide, high) } => {
            (words.capture_refused_small(width_px, height_px), words.capture_refused_small_next(wide, high))
        }
        PictureFault::TooManyPixels { width_px, height_px } => {
            (words.capture_refused_pixels(width_px, height_px), words.capture_refused_pixels_next())
        }
    }
}

async fn piece(
    app: &OfficeApp,
    officer: &SignedIn,
    opened: &Opened,
    form: &Fields,
    file: Vec<u8>,
) -> Result<&'static str, Unsaved> {
    let (store, key) = (&app.store, opened.application.key());
    let by = app.asker(officer, form)?;
    match form.text("piece") {
        "portrait" => captures::portrait(store, by, key, file).await?,
        "finger" => return finger(app, opened, by, form, file).await,
        "fingers" => {
            let reason = exception(form.text("reason")).ok_or(Problem::UnreadableForm)?;
            captures::except_other_fingers(store, by, key, reason).await?
        }
        "signature" => captures::signature(store, by, key, file).await?,
        "no-signature" => captures::except_signature(store, by, key, form.owned("reason")).await?,
        "complete" => captures::complete(store, by, key).await?,
        "reopen" => captures::reopen(store, by, key, form.owned("reason")).await?,
        _ => return Err(Problem::UnreadableForm.into()),
    };
    Ok(anchor(form))
}

async fn finger(
    app: &OfficeApp,
    opened: &Opened,
    by: Asker,
    form: &Fields,
    file: Vec<u8>,
) -> Result<&'static str, Unsaved> {
    let (store, key) = (&app.store, opened.application.key());
    let code: u8 = form.text("position").parse().map_err(|_| Problem::UnreadableForm)?;
    let position = FingerPosition::try_from(code).map_err(|_| Problem::UnreadableForm)?;
    if let Some(reason) = exception(form.text("reason")) {
        captures::except_finger(store, by, key, position, reason).await?;
    } else {
        let quality = form.text("quality").parse().ok().filter(|quality| *quality <= 100);
        captures::finger(store, by, key, position, file, quality.ok_or(Unsaved::Quality)?).await?;
    }
    Ok("finger")
}

fn exception(text: &str) -> Option<FingerException> {
    EXCEPTIONS.iter().find(|(value, _)| *value == text).map(|(_, reason)| *reason)
}

/// `GET /applications/{number}/pictures/{hash}`: a picture the application's facts name, to officers only.
pub async fn picture(app: Data<OfficeApp>, path: Path<(String, String)>) -> Answer {
    let (number, hash) = path.into_inner();
    let opened = acts::open(&app, &number)?;
    let blob = pictures(&opened.view).find(|blob| blob.hash == hash).cloned().ok_or(Problem::NoPage)?;
    let (store, key) = (app.store.clone(), opened.application.key());
    let media_type = blob.media_type.clone();
    let bytes =
        web::block(move || store.blob(&blob, key)).await.map_err(|error| Problem::internal(&error))?;
    let bytes = bytes.map_err(|error| Problem::internal(&error))?.ok_or(Problem::NoPage)?;
    Ok(HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((header::CONTENT_DISPOSITION, "inline"))
        .body(bytes))
}

/// Every picture a view names: uploaded papers, portraits, fingers, signatures.
pub(super) fn pictures(view: &View) -> impl Iterator<Item = &BlobRef> {
    let papers =
        view.booking.iter().flat_map(|booked| &booked.documents).filter_map(|paper| paper.picture.as_ref());
    let captured = view.visits.values().map(|visit| &visit.capture).flat_map(|capture| {
        let portrait = capture.portrait.iter().map(|done| &done.what.picture);
        let signature = capture.signature.iter().filter_map(|done| done.what.picture.as_ref());
        let fingers = capture.fingers.values().filter_map(|done| match &done.what {
            Finger::Taken { picture, .. } => Some(picture),
            Finger::Excepted { .. } => None,
        });
        portrait.chain(signature).chain(fingers)
    });
    papers.chain(captured)
}
