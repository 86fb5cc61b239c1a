//! Where two truths meet, in words: what does not agree, and what holds meanwhile.

use super::{L10nLanguage, names};
use crate::domain::conflict::Conflict;

/// A conflict in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What does not agree.
    pub what: String,
    /// What holds meanwhile.
    pub holds: String,
    /// Whether somebody has to act at once.
    pub urgent: bool,
}

/// Puts a conflict into words (DESIGN.md §6).
pub fn tell(w: &L10nLanguage, conflict: &Conflict) -> Told {
    let (what, holds) = match conflict {
        Conflict::ArrivedAfterChange { .. } => {
            (w.conflict_arrived_after_change(), w.conflict_arrived_after_change_holds())
        }
        Conflict::ServedTwice { holds, .. } => {
            (w.conflict_served_twice(), w.conflict_served_twice_holds(names::office(holds)))
        }
        Conflict::Provisional => (w.conflict_provisional(), w.conflict_provisional_holds()),
        Conflict::EvidenceDiffers => (w.conflict_evidence_differs(), w.conflict_evidence_differs_holds()),
        Conflict::PaidLate => (w.conflict_paid_late(), w.conflict_paid_late_holds()),
        Conflict::PaidTwice => (w.conflict_paid_twice(), w.conflict_paid_twice_holds()),
        Conflict::DecisionOnOldCapture => {
            (w.conflict_decision_on_old_capture(), w.conflict_decision_on_old_capture_holds())
        }
        Conflict::HandedOverAndCancelled => {
            (w.conflict_handed_over_and_cancelled(), w.conflict_handed_over_and_cancelled_holds())
        }
        Conflict::IssuedAndRefused => {
            (w.conflict_issued_and_refused(), w.conflict_issued_and_refused_holds())
        }
    };
    Told { what, holds, urgent: conflict.is_urgent() }
}
