//! What the registry signs as proof of payment, so that an office can admit somebody without a line.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::number::{ApplicationNumber, BillingCode, Ntpn};
use super::office::OfficeCode;

/// The contents of a signed proof of payment. No name: whoever shows it is looked up by the number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofOfPayment {
    /// The application.
    pub number: ApplicationNumber,
    /// The bill.
    pub code: BillingCode,
    /// The payment.
    pub ntpn: Ntpn,
    /// The sum in rupiah.
    pub amount_idr: u64,
    /// Where the appointment is.
    pub office: OfficeCode,
    /// On which day, when the proof was signed.
    pub day: NaiveDate,
}
