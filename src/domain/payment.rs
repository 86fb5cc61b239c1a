//! Money: the bill, the payment, and the evidence an applicant brings when the two have not met yet.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::fact::Fact;
use super::number::{BillingCode, Ntpn};

/// One line of a bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillItem {
    /// What it is for, a key of the tariff (`passport`, `same-day`, `penalty-lost` …).
    pub item: String,
    /// Amount in rupiah.
    pub amount_idr: u64,
}

/// A bill was issued (registry).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Billed {
    /// The 15-digit code.
    pub code: BillingCode,
    /// What makes up the sum.
    pub items: Vec<BillItem>,
    /// The sum in rupiah.
    pub amount_idr: u64,
    /// Until when it can be paid, by the registry's clock.
    pub due_at: DateTime<Utc>,
}

/// The treasury reported a payment (registry).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// The bill.
    pub code: BillingCode,
    /// *Nomor Transaksi Penerimaan Negara*.
    pub ntpn: Ntpn,
    /// The sum in rupiah.
    pub amount_idr: u64,
    /// When the bank took it.
    pub paid_at: DateTime<Utc>,
    /// Where it was paid, as the bank names itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub channel: String,
}

/// A bill ran out unpaid (registry).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expired {
    /// The bill.
    pub code: BillingCode,
}

/// Money went back (registry).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refunded {
    /// The sum in rupiah.
    pub amount_idr: u64,
    /// Why.
    pub reason: String,
}

/// What an applicant showed when the office had no payment on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "by")]
pub enum Evidence {
    /// An NTPN typed from a receipt (*BPN*).
    Ntpn {
        /// As typed.
        ntpn: Ntpn,
    },
    /// The registry's signed proof of payment, whose signature held.
    SignedProof {
        /// The bill it names.
        code: BillingCode,
        /// The NTPN it names.
        ntpn: Ntpn,
    },
}

/// An applicant without a payment on record was let in (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdmittedOnEvidence {
    /// What was shown.
    pub evidence: Evidence,
    /// By when the payment should be confirmed before somebody is asked.
    pub confirm_by: DateTime<Utc>,
    /// What the officer noted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Where the money stands, derived from the facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payment {
    /// No bill yet.
    None,
    /// Billed, not paid.
    Due(Billed),
    /// The bill ran out.
    Expired(Billed),
    /// Paid on record.
    Paid {
        /// The bill, if it is known here.
        bill: Option<Billed>,
        /// The payment that counts (the first).
        paid: Paid,
        /// Later payments of the same application, for the reconciliation list.
        again: Vec<Paid>,
        /// It came after the bill had run out.
        late: bool,
    },
    /// Paid and given back.
    Refunded(Refunded),
}

impl Payment {
    /// Adds a fact of the registry, in the registry's order. Only a refund takes a payment away; a report of the same
    /// NTPN is the same payment.
    pub(super) fn join(&mut self, fact: &Fact) {
        match fact {
            Fact::Billed(bill) => self.billed(bill),
            Fact::Paid(paid) => self.paid(paid),
            Fact::BillExpired(expired) => self.expired(expired),
            Fact::Refunded(refunded) => self.refunded(refunded),
            _ => {}
        }
    }

    /// The bill in force, if one is known here.
    pub fn bill(&self) -> Option<&Billed> {
        match self {
            Payment::Due(bill) | Payment::Expired(bill) => Some(bill),
            Payment::Paid { bill, .. } => bill.as_ref(),
            Payment::None | Payment::Refunded(_) => None,
        }
    }

    fn billed(&mut self, new: &Billed) {
        match self {
            Payment::Paid { bill: bill @ None, .. } => *bill = Some(new.clone()),
            Payment::Paid { .. } => {}
            _ => *self = Payment::Due(new.clone()),
        }
    }

    fn paid(&mut self, new: &Paid) {
        if let Payment::Paid { paid, again, .. } = self {
            if paid.ntpn != new.ntpn && again.iter().all(|other| other.ntpn != new.ntpn) {
                again.push(new.clone());
            }
            return;
        }
        let bill = self.bill().cloned();
        let overdue = bill.as_ref().is_some_and(|bill| new.paid_at > bill.due_at);
        let late = overdue || matches!(self, Payment::Expired(_));
        *self = Payment::Paid { bill, paid: new.clone(), again: Vec::new(), late };
    }

    fn expired(&mut self, expired: &Expired) {
        if let Payment::Due(bill) = self
            && bill.code == expired.code
        {
            *self = Payment::Expired(bill.clone());
        }
    }

    fn refunded(&mut self, refunded: &Refunded) {
        match self {
            Payment::Paid { again, .. } if !again.is_empty() => {
                again.pop();
            }
            _ => *self = Payment::Refunded(refunded.clone()),
        }
    }
}
