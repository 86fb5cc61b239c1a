//! Booking an appointment, moving it, giving it up.

mod check;

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64;
use loket_sync::{Hash, Subject, SubjectKey, seal_blob};
use serde::{Deserialize, Serialize};

use super::{ActionError, HEADQUARTERS_ZONE, Invalid, Registry, once_name};
use crate::domain::actor::Actor;
use crate::domain::application::{Application, ApplicationKey};
use crate::domain::appointment::{self, Change};
use crate::domain::booking::{Booked, Questionnaire, Slot};
use crate::domain::document::{BLOB_CLASS, BlobRef, DocumentKind, UploadedDocument};
use crate::domain::fact::Fact;
use crate::domain::fee;
use crate::domain::number::{ApplicationNumber, BillingCode};
use crate::domain::office::OfficeCode;
use crate::domain::payment::Billed;
use crate::domain::person::{Contact, Guardian, Person};
use crate::domain::refusal::Refusal;
use crate::domain::service::{PriorityGround, Service};
use crate::domain::setting::Settings;
use crate::ids;
use crate::registry::store::{NewFacts, Room, Writing};

/// What an applicant sends.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BookingRequest {
    /// Makes a repeated request find its first answer.
    #[serde(default)]
    pub once: Option<String>,
    /// For whom.
    pub applicant: Person,
    /// Who comes along with a child.
    #[serde(default)]
    pub guardians: Vec<Guardian>,
    /// What for.
    pub service: Service,
    /// Why first, when the channel is priority.
    #[serde(default)]
    pub priority: Option<PriorityGround>,
    /// Where.
    pub office: OfficeCode,
    /// When.
    pub slot: Slot,
    /// Papers.
    #[serde(default)]
    pub documents: Vec<DocumentRequest>,
    /// What is declared about the journey.
    #[serde(default)]
    pub questionnaire: Questionnaire,
    /// Where to tell the applicant things.
    #[serde(default)]
    pub contact: Contact,
}

/// A paper of a booking.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentRequest {
    /// What it is.
    pub kind: DocumentKind,
    /// JPEG or PNG in base64.
    #[serde(default)]
    pub picture: Option<String>,
}

/// What came of a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingMade {
    /// Its key.
    pub key: ApplicationKey,
    /// Its number.
    pub number: ApplicationNumber,
    /// What is to be paid.
    pub bill: Billed,
    /// The answer to a request that had been made before.
    pub repeated: bool,
}

/// Books: takes a place, draws number and bill.
pub async fn book(registry: &Registry, request: BookingRequest) -> Result<BookingMade, ActionError> {
    let office = registry.office(&request.office).await?;
    let now = registry.now();
    let settings = registry.settings(office.zone.day(now));
    check::request(&request, office.zone.local(now).naive_local(), &settings)
        .map_err(ActionError::Invalid)?;
    let pictures = check::pictures(&request.documents).map_err(|wrong| ActionError::Invalid(vec![wrong]))?;

    let key = ids::application_key()?;
    // Sealed and on the disk before anything is locked for writing. With a key of their own nobody else has these files.
    let subject_key = SubjectKey::draw();
    let documents = seal_documents(registry, &request.documents, pictures, &subject_key).await?;
    let kept = documents.clone();
    let booked = write_booking(registry, request, (key, subject_key), documents, now).await;
    let came_about = match &booked {
        Ok(made) => !made.repeated,
        // After a failed commit nobody knows.
        Err(error) => matches!(error, ActionError::Store(_)),
    };
    if !came_about {
        drop_documents(registry, kept).await;
    }
    booked
}

/// Writes a booking whose pictures are on the disk.
async fn write_booking(
    registry: &Registry,
    request: BookingRequest,
    (key, subject_key): (ApplicationKey, SubjectKey),
    documents: Vec<UploadedDocument>,
    now: DateTime<Utc>,
) -> Result<BookingMade, ActionError> {
    let settings = registry.settings(registry.office(&request.office).await?.zone.day(now));
    let mut writing = registry.store.begin(now).await?;
    if let Some(once) = &request.once
        && let Some(key) = writing.answered(once).await?
    {
        return repeated(&writing.application(key).await?);
    }
    writing.learn_key(Subject::from_bytes(key.0), &subject_key).await?;
    for picture in documents.iter().filter_map(|document| document.picture.as_ref()) {
        let hash = picture.hash.parse().map_err(|_| ActionError::Internal("a picture has no hash".into()))?;
        writing.put_stored_blob(&hash, key, &request.office).await?;
    }
    let due_at = now + TimeDelta::minutes(i64::from(settings.payment_minutes));
    let bill = issue_bill(&mut writing, &request.service, &settings, due_at).await?;
    let number = free_number(&mut writing).await?;
    if let Some(once) = &request.once {
        writing.remember_answer(once, key).await?;
    }
    let (office, once) = (request.office.clone(), request.once.clone());
    let booked = booked(request, number.clone(), documents);
    let facts = vec![Fact::Booked(booked), Fact::Billed(bill.clone())];
    let by = Actor::Applicant;
    if writing.room_after(&Application::new(key), &by, &facts).await? == Room::Full {
        return Err(ActionError::NoRoom);
    }
    writing.append(NewFacts { key, office, by, once, facts }).await?;
    finish(writing, key).await?;
    Ok(BookingMade { key, number, bill, repeated: false })
}

fn booked(request: BookingRequest, number: ApplicationNumber, documents: Vec<UploadedDocument>) -> Booked {
    Booked {
        number,
        office: request.office,
        slot: request.slot,
        applicant: request.applicant,
        guardians: request.guardians,
        service: request.service,
        priority: request.priority,
        documents,
        questionnaire: request.questionnaire,
        contact: request.contact,
    }
}

/// Refreshes what hangs on an application and commits, unless a quota stands against it.
pub(super) async fn finish(mut writing: Writing, key: ApplicationKey) -> Result<(), ActionError> {
    match writing.refresh(key, true).await? {
        Room::Enough => Ok(writing.commit().await?),
        Room::Full => Err(ActionError::NoRoom),
    }
}

fn repeated(application: &Application) -> Result<BookingMade, ActionError> {
    let view = application.view();
    let bill = view.payment.bill().cloned();
    let (Some(booking), Some(bill)) = (view.booking, bill) else {
        return Err(ActionError::Refused(Refusal::NoBooking));
    };
    Ok(BookingMade { key: application.key(), number: booking.number, bill, repeated: true })
}

/// A number nobody has. Its digits say nothing but that it came in through this registry.
async fn free_number(writing: &mut Writing) -> Result<ApplicationNumber, ActionError> {
    loop {
        let drawn = u64::from_le_bytes(ids::bytes()?) % 1_000_000_000_000_000;
        let number = ApplicationNumber::parse(&format!("1{drawn:015}"));
        let number = number.map_err(|error| ActionError::Internal(error.to_string()))?;
        if writing.is_free(&number).await? {
            return Ok(number);
        }
    }
}

/// A bill with a code nobody has: 8, the day, six digits (DOMAIN.md §3).
pub(super) async fn issue_bill(
    writing: &mut Writing,
    service: &Service,
    settings: &Settings,
    due_at: DateTime<Utc>,
) -> Result<Billed, ActionError> {
    let now = writing.now();
    let today = HEADQUARTERS_ZONE.day(now);
    let items = fee::bill(service, today, &settings.tariffs);
    let code = loop {
        let drawn = u64::from_le_bytes(ids::bytes()?) % 1_000_000;
        let code = BillingCode::parse(&format!("8{}{drawn:06}", today.format("%Y%m%d")));
        let code = code.map_err(|error| ActionError::Internal(error.to_string()))?;
        if writing.bill(&code).await?.is_none() {
            break code;
        }
    };
    Ok(Billed { code, amount_idr: fee::total_idr(&items), items, due_at })
}

/// Seals and keeps the pictures of a request; durable when it returns.
async fn seal_documents(
    registry: &Registry,
    documents: &[DocumentRequest],
    pictures: Vec<Option<check::Picture>>,
    key: &SubjectKey,
) -> Result<Vec<UploadedDocument>, ActionError> {
    let kinds: Vec<DocumentKind> = documents.iter().map(|document| document.kind).collect();
    let (blobs, key) = (registry.blobs.clone(), key.clone());
    let seal = move |picture: check::Picture| -> Result<BlobRef, ActionError> {
        let hash = blobs.put(&seal_blob(&key, BLOB_CLASS, &picture.bytes))?;
        let len = u32::try_from(picture.bytes.len()).unwrap_or(u32::MAX);
        Ok(BlobRef { hash: hash.to_string(), len, media_type: picture.media_type.to_owned() })
    };
    let sealed = super::pictures::blocking(move || {
        let pairs = kinds.into_iter().zip(pictures);
        pairs
            .map(|(kind, picture)| Ok(UploadedDocument { kind, picture: picture.map(&seal).transpose()? }))
            .collect()
    });
    sealed.await?
}

/// Destroys the pictures of a booking that did not come about. What is left behind is swept later.
async fn drop_documents(registry: &Registry, documents: Vec<UploadedDocument>) {
    let blobs = registry.blobs.clone();
    let hashes = documents.into_iter().filter_map(|document| document.picture?.hash.parse().ok());
    let hashes: Vec<Hash> = hashes.collect();
    let dropped =
        super::pictures::blocking(move || hashes.iter().try_for_each(|hash| blobs.remove(hash))).await;
    if !matches!(dropped, Ok(Ok(()))) {
        tracing::warn!("The pictures of a booking that was refused are still here; they are swept later");
    }
}

/// Who wants an appointment changed, and why.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Who.
    pub by: Actor,
    /// Why, in their words.
    pub reason: String,
    /// Makes a repeated request find its first answer.
    pub once: Option<String>,
}

/// Moves an appointment to another interval of the same office.
pub async fn reschedule(
    registry: &Registry,
    number: &ApplicationNumber,
    to: Slot,
    wish: Wish,
) -> Result<(), ActionError> {
    change(registry, "reschedule", number, wish, |application, change, settings| {
        appointment::reschedule(application, to, change, settings)
    })
    .await
}

/// Gives an appointment up.
pub async fn cancel(registry: &Registry, number: &ApplicationNumber, wish: Wish) -> Result<(), ActionError> {
    change(registry, "cancel", number, wish, |application, change, _| {
        appointment::cancel(application, change)
    })
    .await
}

async fn change(
    registry: &Registry,
    act: &str,
    number: &ApplicationNumber,
    wish: Wish,
    decide: impl Fn(&Application, &Change<'_>, &Settings) -> Result<Vec<Fact>, Refusal>,
) -> Result<(), ActionError> {
    let key = registry.key_of(number).await?;
    let now = registry.now();
    let mut writing = registry.store.begin(now).await?;
    let application = writing.application(key).await?;
    let Wish { by, reason, once } = wish;
    let once_name = once_name(act, number, once.as_deref());
    if let Some(name) = &once_name
        && writing.answered(name).await?.is_some()
    {
        return Ok(());
    }
    let office = office_of(&application)?;
    let today = registry.office(&office).await?.zone.day(now);
    let change = Change { by: &by, reason: &reason, today };
    let facts = decide(&application, &change, &registry.settings(today))?;
    if writing.room_after(&application, &by, &facts).await? == Room::Full {
        return Err(ActionError::NoRoom);
    }
    if let Some(name) = &once_name {
        writing.remember_answer(name, key).await?;
    }
    writing.append(NewFacts { key, office, by, once, facts }).await?;
    finish(writing, key).await
}

/// The office an application is booked at.
pub(super) fn office_of(application: &Application) -> Result<OfficeCode, Refusal> {
    application.view().booking.map(|booking| booking.office).ok_or(Refusal::NoBooking)
}

/// Reads base64.
fn decode_base64(text: &str) -> Result<Vec<u8>, Invalid> {
    let wrong = Invalid { field: "documents", detail: "a picture is not proper base64" };
    BASE64.decode(text.trim().as_bytes()).map_err(|_| wrong)
}
