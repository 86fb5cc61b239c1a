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
    /// The bill of the payment that went back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<BillingCode>,
    /// The payment that went back. A refund that names none takes back the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ntpn: Option<Ntpn>,
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
    pub fn join(&mut self, fact: &Fact) {
        match fact {
            Fact::Billed(bill) => self.billed(bill),
            Fact::Paid(paid) => self.paid(paid),
            Fact::BillExpired(expired) => self.expired(expired),
            Fact::Refunded(refunded) => self.refunded(refunded),
            // The place is held again: that the money came late asks nothing of anybody any more.
            Fact::Rescheduled(moved) if moved.reinstated => self.settled(),
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

    fn settled(&mut self) {
        if let Payment::Paid { late, .. } = self {
            *late = false;
        }
    }

    /// Takes away the payment that the refund names. When that was the one that counts, the next one counts.
    fn refunded(&mut self, refunded: &Refunded) {
        let Payment::Paid { bill, paid, again, late } = self else {
            *self = Payment::Refunded(refunded.clone());
            return;
        };
        let Some(ntpn) = &refunded.ntpn else {
            if again.pop().is_none() {
                *self = Payment::Refunded(refunded.clone());
            }
            return;
        };
        if paid.ntpn != *ntpn {
            again.retain(|other| other.ntpn != *ntpn);
        } else if again.is_empty() {
            *self = Payment::Refunded(refunded.clone());
        } else {
            *paid = again.remove(0);
            *late |= bill.as_ref().is_some_and(|bill| paid.paid_at > bill.due_at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::booking::Rescheduled;
    use crate::domain::conflict::Conflict;
    use crate::domain::sample::{Story, at, billed, expired, paid};
    use crate::domain::status::Status;

    fn refunded() -> Fact {
        Fact::Refunded(Refunded { code: None, ntpn: None, amount_idr: 950_000, reason: "r".to_owned() })
    }

    fn refunded_of(serial: u32) -> Fact {
        let Paid { code, ntpn, amount_idr, .. } = paid(serial);
        let reason = "r".to_owned();
        Fact::Refunded(Refunded { code: Some(code), ntpn: Some(ntpn), amount_idr, reason })
    }

    #[test]
    fn the_status_follows_the_money() {
        let (bill, pay, end) = (Fact::Billed(billed()), Fact::Paid(paid(1)), Fact::BillExpired(expired()));
        let cases = [
            ("nothing yet", vec![], Status::AwaitingPayment),
            ("billed", vec![bill.clone()], Status::AwaitingPayment),
            ("paid", vec![bill.clone(), pay.clone()], Status::Expected),
            ("paid without a bill here", vec![pay.clone()], Status::Expected),
            ("expired", vec![bill.clone(), end.clone()], Status::Expired),
            ("expired after it was paid", vec![bill.clone(), pay.clone(), end.clone()], Status::Expected),
            ("billed anew", vec![bill.clone(), end.clone(), bill.clone()], Status::AwaitingPayment),
            ("paid late", vec![bill.clone(), end.clone(), pay.clone()], Status::Expected),
            ("refunded", vec![bill.clone(), pay.clone(), refunded()], Status::Cancelled),
        ];
        for (case, facts, expected) in cases {
            let story = facts.into_iter().fold(Story::booked(), Story::registry);
            assert_eq!(story.status(), expected, "{case}");
        }
    }

    #[test]
    fn a_payment_after_the_bill_ran_out_is_shown() {
        let late = Story::billed().registry(Fact::BillExpired(expired())).registry(Fact::Paid(paid(1)));
        assert_eq!(late.view().conflicts, [Conflict::PaidLate]);
        let after_due = Paid { paid_at: at("2026-11-20T05:00:01Z"), ..paid(1) };
        let story = Story::billed().registry(Fact::Paid(after_due));
        assert_eq!(story.view().conflicts, [Conflict::PaidLate]);
        let slot = story.view().slot.unwrap();
        let again = Rescheduled { slot, reason: String::new(), reinstated: true };
        assert_eq!(story.registry(Fact::Rescheduled(again)).view().conflicts, [], "the place is held again");
    }

    #[test]
    fn paid_twice_is_shown_and_the_same_receipt_twice_is_one_payment() {
        let again = |serial| Story::paid().registry(Fact::Paid(paid(serial)));
        assert_eq!(again(1).view().conflicts, []);
        assert_eq!(again(2).view().conflicts, [Conflict::PaidTwice]);
        let settled = again(2).registry(refunded()).view();
        assert_eq!((settled.status, settled.conflicts), (Status::Expected, vec![]));
    }

    #[test]
    fn a_refund_takes_away_the_payment_it_names() {
        let left = |refunds: &[u32]| {
            let thrice = [2, 3]
                .into_iter()
                .fold(Story::paid(), |story, serial| story.registry(Fact::Paid(paid(serial))));
            let story = refunds.iter().fold(thrice, |story, serial| story.registry(refunded_of(*serial)));
            match story.view().payment {
                Payment::Paid { paid, again, .. } => {
                    std::iter::once(paid).chain(again).map(|paid| paid.ntpn).collect::<Vec<_>>()
                }
                _ => Vec::new(),
            }
        };
        let ntpn = |serial| paid(serial).ntpn;
        assert_eq!(left(&[2]), [ntpn(1), ntpn(3)]);
        assert_eq!(left(&[3]), [ntpn(1), ntpn(2)]);
        assert_eq!(left(&[1]), [ntpn(2), ntpn(3)]);
        assert_eq!(left(&[2, 2]), [ntpn(1), ntpn(3)], "what went back cannot go back again");
        assert_eq!(left(&[9]), [ntpn(1), ntpn(2), ntpn(3)], "another's payment");
        assert_eq!(left(&[1, 3, 2]), []);
    }
}
