//! One application as headquarters sees it: what was captured, what happened, and the decision.

mod choosing;
mod history;
mod page;
pub mod prevention;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Data, Path, Query};
use qrcode::QrCode;
use qrcode::render::svg;

use super::app::{asker, fault_in, number, status_of};
use crate::domain::booking::Slot;
use crate::domain::command::Command;
use crate::domain::document::BlobRef;
use crate::domain::fact::Fact;
use crate::domain::number::ApplicationNumber;
use crate::domain::office::OfficeCode;
use crate::registry::actions::bookings::Wish;
use crate::registry::actions::{ActionError, Registry, bookings, decisions, pictures, proofs, quotas};
use crate::registry::store::Quota;
use crate::web::errors::Problem;
use crate::web::forms::Fields;
use crate::web::page::{self as answers, Fault, Shell};
use crate::web::session::SignedIn;
use page::{ApplicationPage, Around};

/// What was just done.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /staff/applications/{number}`
pub async fn show(
    registry: Data<Registry>,
    officer: SignedIn,
    shell: Shell,
    path: Path<String>,
    done: Query<Done>,
) -> Result<HttpResponse, Problem> {
    let number = number(&path)?;
    match decisions::viewed(&registry, &asker(&officer), &number).await {
        // Who reads is put on record, but a disk that takes nothing must not keep anybody from reading.
        Err(error) if error.is_storage_full() || error.is_storage_failed() => {
            tracing::warn!(%error, "A look at an application could not be written down");
        }
        done => done?,
    }
    let words = shell.words;
    let mut page = draw(&registry, shell, &number).await?;
    page.done = match done.done.as_str() {
        "decided" => Some(words.staff_done_decided()),
        "chosen" => Some(words.staff_done_chosen()),
        "moved" => Some(words.staff_done_moved()),
        "prevention" => Some(words.staff_done_prevention()),
        "cancelled" => Some(words.staff_done_cancelled()),
        _ => None,
    };
    answers::show(&page)
}

async fn draw(
    registry: &Registry,
    shell: Shell,
    number: &ApplicationNumber,
) -> Result<ApplicationPage, Problem> {
    let key = registry.key_of(number).await?;
    let application = registry.store.application(key).await?;
    let free = match application.view().booking {
        Some(booking) => free_slots(registry, &booking).await?,
        None => Vec::new(),
    };
    let offices = registry.store.offices().await?.into_iter();
    let offices = offices.map(|row| (row.office.code, row.office.name)).collect();
    let has_picture = |picture: &BlobRef| picture.hash.parse().is_ok_and(|hash| registry.blobs.has(&hash));
    let around = Around { has_picture: &has_picture, offices: &offices, free: &free };
    Ok(ApplicationPage::of(shell, number, &application, &around))
}

/// Intervals of the same office, book and channel that have room.
async fn free_slots(
    registry: &Registry,
    booking: &crate::domain::booking::Booked,
) -> Result<Vec<Slot>, Problem> {
    let offered = quotas::offered(registry, &booking.office, None).await?;
    let fits = |quota: &&Quota| {
        quota.product == booking.service.product
            && quota.channel == booking.service.channel
            && quota.taken < quota.quota
    };
    Ok(offered.iter().filter(fits).map(|quota| quota.slot).collect())
}

/// `POST /staff/applications/{number}/decide`
pub async fn decide(
    registry: Data<Registry>,
    officer: SignedIn,
    shell: Shell,
    path: Path<String>,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let number = number(&path)?;
    let round = form.text("round").parse().map_err(|_| Problem::UnreadableForm)?;
    let command = match form.text("decision") {
        "approve" => Command::Approve { round, note: form.owned("note") },
        "refuse" => Command::Refuse { round, reason: form.owned("reason") },
        _ => return Err(Problem::UnreadableForm),
    };
    let decided = decisions::decide(&registry, &asker(&officer), &number, &command, once(&form)).await;
    answer(&registry, shell, form, &number, decided, "decided").await
}

fn wish(officer: &SignedIn, form: &Fields) -> Wish {
    Wish { by: asker(officer).by, reason: form.owned("reason"), once: once(form) }
}

fn once(form: &Fields) -> Option<String> {
    Some(form.once()).filter(|once| !once.is_empty())
}

/// `POST /staff/applications/{number}/choose`: whose visit holds, after two offices served the applicant.
pub async fn choose(
    registry: Data<Registry>,
    officer: SignedIn,
    shell: Shell,
    path: Path<String>,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let number = number(&path)?;
    let Some(office) = OfficeCode::parse(form.text("office")) else {
        let words = shell.words;
        let (what, next) = (words.staff_choose_missing(), words.staff_choose_lead());
        let page =
            draw(&registry, shell.faulty(Fault { field: "offices", what, next }, form), &number).await?;
        return answers::show_as(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let command = Command::ChooseVisit { office, reason: form.owned("reason") };
    let chosen = decisions::decide(&registry, &asker(&officer), &number, &command, once(&form)).await;
    answer(&registry, shell, form, &number, chosen, "chosen").await
}

/// `POST /staff/applications/{number}/reschedule`
pub async fn reschedule(
    registry: Data<Registry>,
    officer: SignedIn,
    shell: Shell,
    path: Path<String>,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let number = number(&path)?;
    let slot: Slot = serde_json::from_str(form.text("slot")).map_err(|_| Problem::UnreadableForm)?;
    let moved = bookings::reschedule(&registry, &number, slot, wish(&officer, &form)).await;
    answer(&registry, shell, form, &number, moved, "moved").await
}

/// `POST /staff/applications/{number}/cancel`
pub async fn cancel(
    registry: Data<Registry>,
    officer: SignedIn,
    shell: Shell,
    path: Path<String>,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let number = number(&path)?;
    let cancelled = bookings::cancel(&registry, &number, wish(&officer, &form)).await;
    answer(&registry, shell, form, &number, cancelled, "cancelled").await
}

async fn answer(
    registry: &Registry,
    shell: Shell,
    form: Fields,
    number: &ApplicationNumber,
    acted: Result<(), ActionError>,
    done: &str,
) -> Result<HttpResponse, Problem> {
    match acted {
        Ok(()) => Ok(answers::see_other(&format!("/staff/applications/{number}?done={done}"))),
        Err(error) => {
            let status = status_of(&error);
            let fault = fault_in(error, &shell)?;
            let page = draw(registry, shell.faulty(fault, form), number).await?;
            answers::show_as(status, &page)
        }
    }
}

/// `GET /staff/applications/{number}/pictures/{hash}`: a picture one of its facts names.
pub async fn picture(
    registry: Data<Registry>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (text, hash) = path.into_inner();
    let key = registry.key_of(&number(&text)?).await?;
    let application = registry.store.application(key).await?;
    let named = application.entries().flat_map(|entry| pictures_in(&entry.fact)).find(|it| it.hash == hash);
    let picture = named.ok_or(Problem::NoPage)?;
    let bytes = pictures::open(&registry, key, picture).await?.ok_or(Problem::NoPage)?;
    let kind = if picture.media_type == "image/png" { "image/png" } else { "image/jpeg" };
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CONTENT_TYPE, kind)).insert_header((CACHE_CONTROL, "no-store"));
    Ok(answer.body(bytes))
}

fn pictures_in(fact: &Fact) -> Vec<&BlobRef> {
    crate::registry::store::pictures(fact)
}

/// `GET /staff/applications/{number}/proof.svg`: the signed proof of payment as a QR code.
pub async fn proof(registry: Data<Registry>, path: Path<String>) -> Result<HttpResponse, Problem> {
    let text = proofs::of_number(&registry, &number(&path)?).await?;
    let code = QrCode::new(text).map_err(|error| Problem::internal(&error))?;
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
    Ok(HttpResponse::Ok().content_type("image/svg+xml").body(drawn))
}
