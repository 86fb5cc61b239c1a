//! Portrait, fingers, signature: the rules are asked first, then the picture is checked and sealed, then the fact that
//! names it is written. Should that be refused after all, because somebody else acted in between, the sealed file stays
//! behind until it is swept.

use tokio::sync::Semaphore;

use super::pictures::{self, Picture};
use super::{ActionError, Asker, aside};
use crate::domain::application::{Application, ApplicationKey};
use crate::domain::capture::{
    Finger, FingerCaptured, FingerException, FingerPosition, PortraitCaptured, SignatureCaptured,
};
use crate::domain::command::{Command, Context};
use crate::domain::document::BlobRef;
use crate::domain::refusal::Refusal;
use crate::domain::step::{NextStep, why_not};
use crate::office::store::{Acted, Store};

/// Pictures that are unpacked at the same time: each may take 256 MiB, and a browser may send many at once.
static TURNS: Semaphore = Semaphore::const_new(2);
/// The fewest pixels of a portrait: a face is still recognised at twice this.
const PORTRAIT_PX_MIN: (u32, u32) = (240, 240);
/// The fewest pixels of a finger: half of a thumb at 500 dots per inch.
const FINGER_PX_MIN: (u32, u32) = (100, 100);
/// The fewest pixels of a signature.
const SIGNATURE_PX_MIN: (u32, u32) = (80, 30);

/// Keeps a portrait.
pub async fn portrait(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    bytes: Vec<u8>,
) -> Result<Acted, ActionError> {
    let (picture, Picture { width_px, height_px, .. }) =
        keep(store, &asker, key, (bytes, PORTRAIT_PX_MIN)).await?;
    let portrait = PortraitCaptured { picture, width_px, height_px };
    asker.command(store, key, Command::CapturePortrait(portrait)).await
}

/// Keeps the picture of a finger with its NFIQ 2 score.
pub async fn finger(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    position: FingerPosition,
    bytes: Vec<u8>,
    quality: u8,
) -> Result<Acted, ActionError> {
    let (picture, _) = keep(store, &asker, key, (bytes, FINGER_PX_MIN)).await?;
    let finger = Finger::Taken { picture, quality: quality.min(100) };
    asker.command(store, key, Command::CaptureFinger(FingerCaptured { position, finger })).await
}

/// Says why there is no picture of a finger.
pub async fn except_finger(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    position: FingerPosition,
    reason: FingerException,
) -> Result<Acted, ActionError> {
    let captured = FingerCaptured { position, finger: Finger::Excepted { reason } };
    asker.command(store, key, Command::CaptureFinger(captured)).await
}

/// Says for one reason why there are no pictures of all fingers that are left.
pub async fn except_other_fingers(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    reason: FingerException,
) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::ExceptOtherFingers(reason)).await
}

/// Keeps a signature.
pub async fn signature(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    bytes: Vec<u8>,
) -> Result<Acted, ActionError> {
    let (picture, _) = keep(store, &asker, key, (bytes, SIGNATURE_PX_MIN)).await?;
    let signature = SignatureCaptured { picture: Some(picture), reason: String::new() };
    asker.command(store, key, Command::CaptureSignature(signature)).await
}

/// Says why there is no signature.
pub async fn except_signature(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    reason: String,
) -> Result<Acted, ActionError> {
    let signature = SignatureCaptured { picture: None, reason };
    asker.command(store, key, Command::CaptureSignature(signature)).await
}

/// Declares the capture complete.
pub async fn complete(store: &Store, asker: Asker, key: ApplicationKey) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::CompleteCapture).await
}

/// Opens the capture again.
pub async fn reopen(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    reason: String,
) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::ReopenCapture { reason }).await
}

/// Checks a picture and keeps it sealed; durable when it returns. Asks the rules first, so that a refused picture leaves
/// no file behind.
async fn keep(
    store: &Store,
    asker: &Asker,
    key: ApplicationKey,
    (bytes, side_px_min): (Vec<u8>, (u32, u32)),
) -> Result<(BlobRef, Picture), ActionError> {
    let application = store.application(key)?.ok_or(Refusal::UnknownApplication)?;
    // A form that is sent again gets its first answer, whatever the rules say by now.
    if store.first_answer(&asker.by, &asker.once)?.is_none()
        && let Some(refusal) = why_not_captured(store, asker, &application)?
    {
        return Err(refusal.into());
    }
    let store = store.clone();
    let turn = TURNS.acquire().await.map_err(|_| ActionError::Ended)?;
    let kept = aside(move || {
        // Here, and not around the waiting: who has given up waiting does not end the work.
        let _turn = turn;
        let picture = pictures::check(&bytes, side_px_min)?;
        let reference = store.put_blob(key, &bytes, picture.media_type)?;
        Ok::<_, ActionError>((reference, picture))
    });
    kept.await?
}

/// Why nothing can be captured now.
fn why_not_captured(
    store: &Store,
    asker: &Asker,
    application: &Application,
) -> Result<Option<Refusal>, ActionError> {
    let (office, now) = (store.office(), store.clock().now());
    let today = office.zone.day(now);
    let settings = store.settings(today)?;
    // Whether something can be captured depends neither on tickets nor on other books.
    let context = Context {
        office: Some(&office.code),
        now,
        zone: office.zone,
        today,
        by: &asker.by,
        roles: &asker.roles,
        settings: &settings,
        next_serial: &|_| 1,
        book_taken: &|_| false,
    };
    Ok(why_not(NextStep::Capture, &application.view(), &context))
}
