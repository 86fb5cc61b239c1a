//! The one word for where an application stands, never downgraded by a late fact.

use serde::{Deserialize, Serialize};

use super::book::BookState;
use super::book::stage::SpriStage;
use super::decision::Decision;
use super::payment::Payment;
use super::ticket::TicketState;
use super::view::{View, Visit};

/// Where an application stands. Names follow what offices and M-Paspor already say (DOMAIN.md §1.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// *Menunggu pembayaran.*
    AwaitingPayment,
    /// *Permohonan kedaluwarsa.*
    Expired,
    /// *Dibatalkan.*
    Cancelled,
    /// *Sudah terbayar*: expected on its day.
    Expected,
    /// *Hadir*: arrived, papers not yet checked.
    Arrived,
    /// *Menunggu dipanggil*: has a ticket.
    Waiting,
    /// *Sedang dilayani.*
    Serving,
    /// *Ditunda*: held for documents.
    Held,
    /// *Foto dan sidik jari selesai*, interview not ended.
    Captured,
    /// *Menunggu supervisor*: the interview needs a second look.
    AwaitingReview,
    /// *Wawancara selesai*: waits for headquarters (*ajudikasi*).
    AwaitingDecision,
    /// *Disetujui.*
    Approved,
    /// *Ditolak*, at the counter or by headquarters.
    Refused,
    /// *Alokasi.*
    BookAllocated,
    /// *Paspor dicetak.*
    BookPrinted,
    /// *Uji kualitas* passed.
    BookPassed,
    /// *Paspor siap diambil.*
    Ready,
    /// *Sudah diserahkan.*
    HandedOver,
    /// *Data dihapus*: only money and counts are left.
    Erased,
}

/// Derives the status from everything else in a view: the furthest thing that happened counts, so that a fact which
/// arrives late (an expiry, a cancellation) never takes back what was done at the counter.
pub(super) fn of(view: &View) -> Status {
    let handed_over = |visit: &Visit| matches!(visit.book.state, BookState::HandedOver(_));
    if view.visits.values().any(handed_over) {
        return Status::HandedOver;
    }
    let by_visit = || view.held().and_then(|visit| of_book(view, visit).or_else(|| of_decision(view)));
    by_visit().or_else(|| view.held().and_then(of_visit)).unwrap_or_else(|| of_booking(view))
}

/// The office's own steps, lifted by what reports of SPRI say; a refusal holds against a report.
fn of_book(view: &View, visit: &Visit) -> Option<Status> {
    match of_own_steps(&visit.book.state) {
        Some(Status::Cancelled) => Some(Status::Cancelled),
        own if view.is_refused() => own,
        own => own.max(of_report(view, visit)),
    }
}

fn of_report(view: &View, visit: &Visit) -> Option<Status> {
    match visit.book.stage()? {
        SpriStage::Interview => None,
        SpriStage::Allocation => Some(Status::BookAllocated),
        SpriStage::Printing => Some(Status::BookPrinted),
        SpriStage::Issue if visit.book.is_ready(view) => Some(Status::Ready),
        SpriStage::Issue => Some(Status::BookPassed),
    }
}

fn of_own_steps(state: &BookState) -> Option<Status> {
    match state {
        BookState::None => None,
        BookState::Defective(..) => Some(Status::Approved),
        BookState::Allocated(_) => Some(Status::BookAllocated),
        BookState::Printed(_) => Some(Status::BookPrinted),
        BookState::Passed(_) => Some(Status::BookPassed),
        BookState::Ready(_) => Some(Status::Ready),
        BookState::HandedOver(_) => Some(Status::HandedOver),
        BookState::Cancelled(_) => Some(Status::Cancelled),
    }
}

fn of_decision(view: &View) -> Option<Status> {
    match view.decision.as_ref()?.what {
        Decision::Awaited => None,
        Decision::Approved(_) => Some(Status::Approved),
        Decision::Refused(_) => Some(Status::Refused),
    }
}

fn of_visit(visit: &Visit) -> Option<Status> {
    if visit.is_refused() {
        return Some(Status::Refused);
    }
    if visit.awaits_second_look() && visit.book.reported.is_none() {
        return Some(Status::AwaitingReview);
    }
    if (visit.is_passed() && visit.capture.complete) || visit.book.reported.is_some() {
        return Some(Status::AwaitingDecision);
    }
    if visit.held_until().is_some() && !visit.back_after_hold {
        return Some(Status::Held);
    }
    if visit.capture.complete && !visit.back_after_hold {
        return Some(Status::Captured);
    }
    let of_ticket = visit.open_ticket().map(|ticket| match ticket.state {
        TicketState::Serving { .. } => Status::Serving,
        _ => Status::Waiting,
    });
    of_ticket.or_else(|| visit.arrived.as_ref().map(|_| Status::Arrived))
}

fn of_booking(view: &View) -> Status {
    match view.payment {
        _ if view.cancelled.is_some() => Status::Cancelled,
        Payment::Paid { .. } => Status::Expected,
        Payment::Expired(_) => Status::Expired,
        Payment::Refunded(_) => Status::Cancelled,
        Payment::None | Payment::Due(_) => Status::AwaitingPayment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::booking::Cancelled;
    use crate::domain::fact::Fact;
    use crate::domain::sample::{Story, expired, hand_over};

    #[test]
    fn what_was_done_at_the_counter_is_never_taken_back_by_a_fact_that_arrives_late() {
        let cancelled = Fact::BookingCancelled(Cancelled { reason: "no-show".to_owned() });
        let stories = [
            (Story::arrived(), Status::Arrived),
            (Story::waiting(), Status::Waiting),
            (Story::captured(), Status::Captured),
            (Story::interviewed(), Status::AwaitingDecision),
            (Story::approved(), Status::Approved),
            (Story::ready(), Status::Ready),
            (Story::ready().does(hand_over(1)), Status::HandedOver),
        ];
        for (story, expected) in stories {
            assert_eq!(story.status(), expected);
            for late in [cancelled.clone(), Fact::BillExpired(expired())] {
                assert_eq!(story.clone().registry(late).status(), expected);
            }
        }
        assert_eq!(Story::paid().registry(cancelled).status(), Status::Cancelled);
    }
}
