//! The API of channels: M-Paspor's applicant side, the bank, and whoever sets quotas. JSON, a channel's key as bearer.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{self, Data, Path, Query};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use chrono::{DateTime, NaiveDate, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::REQUEST_BYTES_MAX;
use super::bodies::{Bodies, Body};
use super::problem::ApiProblem;
use crate::domain::actor::Actor;
use crate::domain::booking::Slot;
use crate::domain::number::{ApplicationNumber, BillingCode, Ntpn};
use crate::domain::office::OfficeCode;
use crate::domain::payment::{BillItem, Billed, Paid, Payment};
use crate::registry::SOFTWARE;
use crate::registry::actions::bookings::Wish;
use crate::registry::actions::{ActionError, Registry, bookings, payments, proofs, quotas};
use crate::registry::store::{Quota, status_name};

/// A channel that showed its key, and what it sent.
pub struct Called {
    registry: Registry,
    body: Body,
}

impl Called {
    fn json<T: DeserializeOwned>(&self) -> Result<T, ApiProblem> {
        serde_json::from_slice(&self.body).map_err(|error| ApiProblem::malformed(&error.to_string()))
    }
}

impl FromRequest for Called {
    type Error = ApiProblem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiProblem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let registry = request.app_data::<Data<Registry>>().map(|registry| registry.get_ref().clone());
        let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let key = header.and_then(|value| value.strip_prefix("Bearer ")).map(|key| key.trim().to_owned());
        let bodies = request.app_data::<Data<Bodies>>().cloned();
        let (request, body) = (request.clone(), web::Payload::from_request(request, payload));
        Box::pin(async move {
            let (Some(registry), Some(bodies), Some(key)) = (registry, bodies, key) else {
                return Err(ApiProblem::unauthorized());
            };
            let channel = registry.store.channel(&key).await.map_err(ActionError::from)?;
            if channel.is_none() {
                return Err(ApiProblem::unauthorized());
            }
            let mut body = body.await.map_err(|_| ApiProblem::malformed("the body cannot be read"))?;
            let body =
                bodies.read(&request, &mut body, REQUEST_BYTES_MAX).await.map_err(ApiProblem::not_read)?;
            Ok(Self { registry, body })
        })
    }
}

type Answer = Result<HttpResponse, ApiProblem>;

fn number(text: &str) -> Result<ApplicationNumber, ApiProblem> {
    ApplicationNumber::parse(text).map_err(|_| ApiProblem::not_found())
}

#[derive(Serialize)]
struct Bill<'a> {
    code: &'a BillingCode,
    amount_idr: u64,
    due_at: DateTime<Utc>,
    items: &'a [BillItem],
}

impl<'a> From<&'a Billed> for Bill<'a> {
    fn from(bill: &'a Billed) -> Self {
        Self { code: &bill.code, amount_idr: bill.amount_idr, due_at: bill.due_at, items: &bill.items }
    }
}

#[derive(Serialize)]
struct Booked<'a> {
    number: &'a ApplicationNumber,
    bill: Bill<'a>,
}

/// `POST /api/v1/bookings`
pub async fn book(called: Called) -> Answer {
    let made = bookings::book(&called.registry, called.json()?).await?;
    let answer = Booked { number: &made.number, bill: Bill::from(&made.bill) };
    let mut response = if made.repeated { HttpResponse::Ok() } else { HttpResponse::Created() };
    Ok(response.insert_header(("location", format!("/api/v1/bookings/{}", made.number))).json(answer))
}

#[derive(Serialize)]
struct Booking<'a> {
    number: &'a ApplicationNumber,
    status: &'static str,
    office: &'a OfficeCode,
    slot: Option<Slot>,
    payment: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    bill: Option<Bill<'a>>,
}

/// `GET /api/v1/bookings/{number}`
pub async fn booking(called: Called, path: Path<String>) -> Answer {
    let registry = &called.registry;
    let key = registry.key_of(&number(&path)?).await?;
    let application = registry.store.application(key).await.map_err(ActionError::from)?;
    let view = application.view();
    let booking = view.booking.as_ref().ok_or_else(ApiProblem::not_found)?;
    Ok(HttpResponse::Ok().json(Booking {
        number: &booking.number,
        status: status_name(view.status),
        office: &booking.office,
        slot: view.slot,
        payment: payment_name(&view.payment),
        bill: view.payment.bill().map(Bill::from),
    }))
}

fn payment_name(payment: &Payment) -> &'static str {
    match payment {
        Payment::None => "none",
        Payment::Due(_) => "due",
        Payment::Expired(_) => "expired",
        Payment::Paid { .. } => "paid",
        Payment::Refunded(_) => "refunded",
    }
}

/// `GET /api/v1/bookings/{number}/proof`
pub async fn proof(called: Called, path: Path<String>) -> Answer {
    let proof = proofs::of_number(&called.registry, &number(&path)?).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({ "proof": proof })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reschedule {
    slot: Slot,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    once: Option<String>,
}

/// `POST /api/v1/bookings/{number}/reschedule`
pub async fn reschedule(called: Called, path: Path<String>) -> Answer {
    let Reschedule { slot, reason, once } = called.json()?;
    let wish = Wish { by: Actor::Applicant, reason, once };
    bookings::reschedule(&called.registry, &number(&path)?, slot, wish).await?;
    booking(called, path).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cancel {
    reason: String,
    #[serde(default)]
    once: Option<String>,
}

/// `POST /api/v1/bookings/{number}/cancel`
pub async fn cancel(called: Called, path: Path<String>) -> Answer {
    let Cancel { reason, once } = called.json()?;
    let wish = Wish { by: Actor::Applicant, reason, once };
    bookings::cancel(&called.registry, &number(&path)?, wish).await?;
    booking(called, path).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payed {
    code: BillingCode,
    ntpn: Ntpn,
    amount_idr: u64,
    paid_at: DateTime<Utc>,
    #[serde(default)]
    channel: String,
}

/// `POST /api/v1/payments`: the bank's callback. Reporting the same payment again gives the same answer.
pub async fn pay(called: Called) -> Answer {
    let Payed { code, ntpn, amount_idr, paid_at, channel } = called.json()?;
    let channel = channel.chars().filter(|c| !c.is_control()).take(60).collect();
    let taken = payments::pay(&called.registry, Paid { code, ntpn, amount_idr, paid_at, channel }).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({ "number": taken.number, "state": taken.state.name() })))
}

/// From which day on quotas are asked for.
#[derive(Deserialize)]
pub struct FirstDay {
    from: Option<NaiveDate>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Slots {
    slots: Vec<Quota>,
}

fn office(text: &str) -> Result<OfficeCode, ApiProblem> {
    OfficeCode::parse(text).ok_or_else(ApiProblem::not_found)
}

/// `GET /api/v1/offices/{code}/slots?from=…`
pub async fn slots(called: Called, code: Path<String>, from: Query<FirstDay>) -> Answer {
    let slots = quotas::offered(&called.registry, &office(&code)?, from.from).await?;
    Ok(HttpResponse::Ok().json(Slots { slots }))
}

/// `POST /api/v1/offices/{code}/slots`: sets quotas; intervals that are not named stay as they are.
pub async fn set_slots(called: Called, code: Path<String>) -> Answer {
    let asked: Slots = called.json()?;
    quotas::set(&called.registry, &office(&code)?, &asked.slots).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `GET /healthz`
pub async fn health(registry: Data<Registry>) -> HttpResponse {
    let answering = registry.store.is_answering().await;
    let status = if answering { "ok" } else { "database-unreachable" };
    let node = registry.store.node_key().id().to_string();
    let answer = serde_json::json!({ "status": status, "version": SOFTWARE, "node": node });
    if answering { HttpResponse::Ok().json(answer) } else { HttpResponse::ServiceUnavailable().json(answer) }
}
