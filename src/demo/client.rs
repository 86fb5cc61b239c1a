//! The demo as an applicant's app and as a bank: it books and pays through the registry's own interface, like them.

use chrono::{DateTime, Utc};
use reqwest::{Method, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use thiserror::Error;

use crate::domain::booking::Slot;
use crate::domain::number::{ApplicationNumber, BillingCode, Ntpn};
use crate::domain::office::OfficeCode;
use crate::registry::actions::bookings::BookingRequest;
use crate::registry::store::Quota;

/// The registry did not do what the demo asked.
#[derive(Debug, Error)]
pub enum ClientError {
    /// It was not reached.
    #[error("the registry is not reached")]
    Line(#[from] reqwest::Error),
    /// It refused.
    #[error("the registry answered {status} to {what}: {answer}")]
    Refused {
        /// What was asked.
        what: String,
        /// The answer's status.
        status: StatusCode,
        /// The answer's text.
        answer: String,
    },
}

/// What came of a booking.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Made {
    pub(super) number: ApplicationNumber,
    pub(super) bill: Bill,
}

/// What is to be paid.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Bill {
    pub(super) code: BillingCode,
    pub(super) amount_idr: u64,
}

/// A connection to the registry's interface.
pub(super) struct Client {
    http: reqwest::Client,
    url: String,
    key: String,
}

impl Client {
    pub(super) fn new(url: String, key: String) -> Result<Self, ClientError> {
        let http = reqwest::Client::builder().build()?;
        Ok(Self { http, url, key })
    }

    pub(super) async fn offer(&self, office: &OfficeCode, quotas: &[Quota]) -> Result<(), ClientError> {
        self.post(&format!("offices/{office}/slots"), &json!({ "slots": quotas })).await.map(drop)
    }

    pub(super) async fn book(&self, request: &BookingRequest) -> Result<Made, ClientError> {
        read(self.post("bookings", request).await?).await
    }

    pub(super) async fn pay(
        &self,
        bill: &Bill,
        ntpn: &Ntpn,
        paid_at: DateTime<Utc>,
    ) -> Result<(), ClientError> {
        let Bill { code, amount_idr } = bill;
        let report = json!({
            "code": code, "ntpn": ntpn, "amount_idr": amount_idr, "paid_at": paid_at, "channel": "Bank Contoh",
        });
        self.post("payments", &report).await.map(drop)
    }

    pub(super) async fn reschedule(&self, number: &ApplicationNumber, slot: Slot) -> Result<(), ClientError> {
        self.post(&format!("bookings/{number}/reschedule"), &json!({ "slot": slot })).await.map(drop)
    }

    async fn post(&self, path: &str, body: &impl Serialize) -> Result<Response, ClientError> {
        let address = format!("{}/api/v1/{path}", self.url);
        let request = self.http.request(Method::POST, address).bearer_auth(&self.key).json(body);
        let response = request.send().await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let answer = response.text().await?;
        Err(ClientError::Refused { what: path.to_owned(), status, answer })
    }
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, ClientError> {
    Ok(response.json().await?)
}
