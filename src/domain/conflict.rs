//! Where two truths meet: what holds meanwhile, and what a person is shown (DESIGN.md §6).

use serde::{Deserialize, Serialize};

use super::office::OfficeCode;

/// Two truths about one application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conflict {
    /// Rescheduled or cancelled at the registry, and yet arrived at the office: the arrival holds.
    ArrivedAfterChange {
        /// Where.
        office: OfficeCode,
    },
    /// Served at two offices: one visit holds, the other is suspended.
    ServedTwice {
        /// Whose visit holds.
        holds: OfficeCode,
        /// Whose is suspended.
        suspended: OfficeCode,
    },
    /// Admitted on evidence and not confirmed yet.
    Provisional,
    /// Admitted with an NTPN that differs from the payment on record.
    EvidenceDiffers,
    /// Paid after the bill ran out.
    PaidLate,
    /// Paid more than once.
    PaidTwice,
    /// The decision was on a capture that has been redone.
    DecisionOnOldCapture,
    /// Handed over and yet cancelled.
    HandedOverAndCancelled,
}
