//! Where two truths meet: what holds meanwhile, and what a person is shown (DESIGN.md §6).

use serde::{Deserialize, Serialize};

use super::book::stage::SpriStage;
use super::decision::Decision;
use super::number::{BookNumber, Ntpn};
use super::office::OfficeCode;
use super::payment::{Evidence, Payment};
use super::view::{View, Visit};

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
    /// A report of SPRI names a book for an application that was refused: the refusal holds.
    IssuedAndRefused,
}

impl Conflict {
    /// Whether a supervisor has to settle it before a book becomes ready; the others are for information or are
    /// settled by headquarters.
    pub fn blocks_book(&self) -> bool {
        matches!(self, Conflict::ServedTwice { .. })
    }

    /// Whether somebody has to act at once: no book can become ready, or one is out that should not be.
    pub fn is_urgent(&self) -> bool {
        matches!(
            self,
            Conflict::ServedTwice { .. } | Conflict::HandedOverAndCancelled | Conflict::IssuedAndRefused
        )
    }
}

/// Everything in a view that is two truths at once. Rows 7 and 10 of DESIGN.md §6 do not show in facts: an old page is
/// refused before anything is written, and a revoked node's records are kept aside by the sync.
pub(super) fn of(view: &View) -> Vec<Conflict> {
    let mut found = Vec::new();
    let served = view.visits.iter().filter(|(_, visit)| visit.arrived.is_some() && visit.yielded.is_none());
    for (office, visit) in served {
        if changed_since_arrival(view, visit) {
            found.push(Conflict::ArrivedAfterChange { office: office.clone() });
        }
        match &view.holding {
            Some(holds) if holds != office && view.chosen.as_ref() != Some(holds) => {
                found.push(Conflict::ServedTwice { holds: holds.clone(), suspended: office.clone() });
            }
            _ => {}
        }
    }
    found.extend(of_money(view));
    if view.decision.as_ref().is_some_and(|decision| decision.what == Decision::Awaited) {
        found.push(Conflict::DecisionOnOldCapture);
    }
    if handed_over_and_cancelled(view) {
        found.push(Conflict::HandedOverAndCancelled);
    }
    if view.is_refused() && view.held().is_some_and(|visit| visit.book.stage() > Some(SpriStage::Interview)) {
        found.push(Conflict::IssuedAndRefused);
    }
    found
}

fn changed_since_arrival(view: &View, visit: &Visit) -> bool {
    let seen = visit.arrived.as_ref().and_then(|arrived| arrived.what.slot);
    view.cancelled.is_some() || (seen.is_some() && seen != view.slot)
}

fn of_money(view: &View) -> Vec<Conflict> {
    let mut found = Vec::new();
    if view.is_provisional() {
        found.push(Conflict::Provisional);
    }
    if let Payment::Paid { paid, again, late, .. } = &view.payment {
        let on_record = |ntpn: &Ntpn| paid.ntpn == *ntpn || again.iter().any(|paid| paid.ntpn == *ntpn);
        let mut shown = view.visits.values().filter_map(|visit| visit.admitted.as_ref());
        if !shown.all(|admitted| on_record(ntpn_of(&admitted.what.evidence))) {
            found.push(Conflict::EvidenceDiffers);
        }
        if *late {
            found.push(Conflict::PaidLate);
        }
        if !again.is_empty() {
            found.push(Conflict::PaidTwice);
        }
    }
    found
}

fn ntpn_of(evidence: &Evidence) -> &Ntpn {
    match evidence {
        Evidence::Ntpn { ntpn } | Evidence::SignedProof { ntpn, .. } => ntpn,
    }
}

fn handed_over_and_cancelled(view: &View) -> bool {
    let is_cancelled = |book: &BookNumber| {
        view.cancelled.is_some() || view.books_cancelled.iter().any(|cancelled| cancelled.what.book == *book)
    };
    view.visits.values().any(|visit| visit.book.handed_over.iter().any(is_cancelled))
}
