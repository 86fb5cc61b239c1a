//! Refusals in the officer's words: what is wrong, what to do next, and the field it is about.

use super::{L10nLanguage, names};
use crate::domain::desk::COUNTER_MAX;
use crate::domain::refusal::Refusal;
use crate::domain::ticket::TicketState;
use crate::domain::walk_in::NoWalkIn;
use crate::web::dates::Dates;

/// A refusal in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What is wrong.
    pub what: String,
    /// What to do next.
    pub next: String,
    /// The field that would have to change; empty when no field would help.
    pub field: &'static str,
}

fn told(what: String, next: String) -> Told {
    Told { what, next, field: "" }
}

fn at(field: &'static str, what: String, next: String) -> Told {
    Told { what, next, field }
}

/// Puts a refusal into words.
#[expect(clippy::too_many_lines, reason = "a table: one refusal, its words")]
pub fn tell(w: &L10nLanguage, dates: &Dates, refusal: &Refusal) -> Told {
    match refusal {
        Refusal::UnknownApplication => {
            told(w.refused_unknown_application(), w.refused_unknown_application_next())
        }
        Refusal::NoRoomOnDisk => told(w.refused_no_room_on_disk(), w.refused_no_room_on_disk_next()),
        Refusal::StorageFailed => told(w.refused_storage_failed(), w.refused_storage_failed_next()),
        Refusal::StorageFailedMeanwhile => {
            told(w.refused_storage_failed_meanwhile(), w.refused_storage_failed_meanwhile_next())
        }
        Refusal::NoBooking => told(w.refused_no_booking(), w.refused_no_booking_next()),
        Refusal::NotAllowed => told(w.refused_not_allowed(), w.refused_not_allowed_next()),
        Refusal::StalePage => told(w.refused_stale_page(), w.refused_stale_page_next()),
        Refusal::OtherOffice(office) => {
            told(w.refused_other_office(names::office(office)), w.refused_other_office_next())
        }
        Refusal::OtherDay(slot) => {
            let what = w.refused_other_day(dates.long_day(slot.day), dates.interval(slot));
            at("other-day-reason", what, w.refused_other_day_next())
        }
        Refusal::CameEarly { slot, from } => {
            let what = w.refused_came_early(dates.interval(slot), dates.hour(*from));
            at("other-day-reason", what, w.refused_came_early_next(dates.hour(*from)))
        }
        Refusal::CameLate(slot) => {
            at("other-day-reason", w.refused_came_late(dates.interval(slot)), w.refused_came_late_next())
        }
        Refusal::NoWalkIn(why) => no_walk_in(w, *dates, why),
        Refusal::BookingCancelled => told(w.refused_booking_cancelled(), w.refused_booking_cancelled_next()),
        Refusal::AlreadyArrived { at: when, ticket } => {
            let when = dates.time(*when);
            let what = match ticket {
                Some(ticket) => w.refused_already_arrived_ticket(when, ticket.to_string()),
                None => w.refused_already_arrived(when),
            };
            told(what, w.refused_already_arrived_next())
        }
        Refusal::NotArrived => told(w.refused_not_arrived(), w.refused_not_arrived_next()),
        Refusal::Unpaid { due_at } => {
            let what = due_at.map(|due| w.refused_unpaid_due(dates.moment(due)));
            at("evidence", what.unwrap_or_else(|| w.refused_unpaid()), w.refused_unpaid_next())
        }
        Refusal::PaymentExpired => {
            at("evidence", w.refused_payment_expired(), w.refused_payment_expired_next())
        }
        Refusal::AlreadyPaid => told(w.refused_already_paid(), w.refused_already_paid_next()),
        Refusal::ProofInvalid => at("evidence", w.refused_proof_invalid(), w.refused_proof_invalid_next()),
        Refusal::DocumentsMissing(kinds) => {
            let list: Vec<String> = kinds.iter().map(|kind| names::document(w, *kind)).collect();
            told(w.refused_documents_missing(list.join(", ")), w.refused_documents_missing_next())
        }
        Refusal::DocumentsNotChecked => {
            told(w.refused_documents_not_checked(), w.refused_documents_not_checked_next())
        }
        Refusal::AlreadyHasTicket(ticket) => {
            told(w.refused_already_has_ticket(ticket.to_string()), w.refused_already_has_ticket_next())
        }
        Refusal::NoSuchTicket => at("ticket", w.refused_no_such_ticket(), w.refused_no_such_ticket_next()),
        Refusal::TicketIsElsewhere { number, state } => {
            let what = w.refused_ticket_is_elsewhere(number.to_string(), ticket_state(w, state));
            told(what, w.refused_ticket_is_elsewhere_next())
        }
        Refusal::NobodyWaiting => told(w.refused_nobody_waiting(), w.refused_nobody_waiting_next()),
        Refusal::CounterNotYours { held_by } => {
            let what = held_by.as_ref().map(|officer| w.refused_counter_held(officer));
            at(
                "counter",
                what.unwrap_or_else(|| w.refused_counter_not_yours()),
                w.refused_counter_not_yours_next(),
            )
        }
        Refusal::NoSuchCounter => {
            at("counter", w.refused_no_such_counter(), w.refused_no_such_counter_next(COUNTER_MAX))
        }
        Refusal::CounterBusy(ticket) => {
            told(w.refused_counter_busy(ticket.to_string()), w.refused_counter_busy_next())
        }
        Refusal::CounterPaused => told(w.refused_counter_paused(), w.refused_counter_paused_next()),
        Refusal::NoPriorityClass => told(w.refused_no_priority_class(), w.refused_no_priority_class_next()),
        Refusal::NothingToUndo => told(w.refused_nothing_to_undo(), w.refused_nothing_to_undo_next()),
        Refusal::UndoTooLate { minutes } => {
            told(w.refused_undo_too_late(*minutes), w.refused_undo_too_late_next())
        }
        Refusal::UndoNotYours => told(w.refused_undo_not_yours(), w.refused_undo_not_yours_next()),
        Refusal::PortraitMissing => {
            at("portrait", w.refused_portrait_missing(), w.refused_portrait_missing_next())
        }
        Refusal::FingersMissing(codes) => {
            let list: Vec<String> = codes.iter().map(|code| names::finger(w, *code)).collect();
            at("finger", w.refused_fingers_missing(list.join(", ")), w.refused_fingers_missing_next())
        }
        Refusal::SignatureMissing => {
            at("signature", w.refused_signature_missing(), w.refused_signature_missing_next())
        }
        Refusal::CaptureComplete => told(w.refused_capture_complete(), w.refused_capture_complete_next()),
        Refusal::CaptureIncomplete => {
            told(w.refused_capture_incomplete(), w.refused_capture_incomplete_next())
        }
        Refusal::ReasonNeeded => at("reason", w.refused_reason_needed(), w.refused_reason_needed_next()),
        Refusal::DateOutOfRange { from, until } => {
            let what = w.refused_date_out_of_range(dates.day(*from), dates.day(*until));
            at("until", what, w.refused_date_out_of_range_next())
        }
        Refusal::NotInterviewed => told(w.refused_not_interviewed(), w.refused_not_interviewed_next()),
        Refusal::ApplicationRefused => {
            told(w.refused_application_refused(), w.refused_application_refused_next())
        }
        Refusal::NothingToReview => told(w.refused_nothing_to_review(), w.refused_nothing_to_review_next()),
        Refusal::OnPreventionList(order) => {
            told(w.refused_on_prevention_list(order.as_str()), w.refused_on_prevention_list_next())
        }
        Refusal::NotOnPreventionList => {
            told(w.refused_not_on_prevention_list(), w.refused_not_on_prevention_list_next())
        }
        Refusal::NotApproved => told(w.refused_not_approved(), w.refused_not_approved_next()),
        Refusal::AlreadyDecided => told(w.refused_already_decided(), w.refused_already_decided_next()),
        Refusal::FourEyes => told(w.refused_four_eyes(), w.refused_four_eyes_next()),
        Refusal::PaymentNotConfirmed => {
            told(w.refused_payment_not_confirmed(), w.refused_payment_not_confirmed_next())
        }
        Refusal::BookNotAtThisStep => {
            told(w.refused_book_not_at_this_step(), w.refused_book_not_at_this_step_next())
        }
        Refusal::OtherBook { expected } => {
            at("book", w.refused_other_book(expected.as_str()), w.refused_other_book_next())
        }
        Refusal::BookTaken => at("book", w.refused_book_taken(), w.refused_book_taken_next()),
        Refusal::BookWasCancelled => {
            told(w.refused_book_was_cancelled(), w.refused_book_was_cancelled_next())
        }
        Refusal::BirthDateDiffers => {
            told(w.refused_birth_date_differs(), w.refused_birth_date_differs_next())
        }
        Refusal::BlankNotInStock => {
            at("book", w.refused_blank_not_in_stock(), w.refused_blank_not_in_stock_next())
        }
        Refusal::BlankOfOtherKind { is } => {
            let what = w.refused_blank_of_other_kind(names::product(w, *is));
            at("book", what, w.refused_blank_of_other_kind_next())
        }
        Refusal::BlanksAlreadyReceived => {
            at("first", w.refused_blanks_already_received(), w.refused_blanks_already_received_next())
        }
        Refusal::AlreadyHandedOver => {
            told(w.refused_already_handed_over(), w.refused_already_handed_over_next())
        }
        Refusal::CollectorIncomplete => {
            at("collector-name", w.refused_collector_incomplete(), w.refused_collector_incomplete_next())
        }
        Refusal::ConflictOpen => told(w.refused_conflict_open(), w.refused_conflict_open_next()),
        Refusal::CaseOpen => told(w.refused_case_open(), w.refused_case_open_next()),
        Refusal::MoneyOpen => told(w.refused_money_open(), w.refused_money_open_next()),
        Refusal::LegalHold => told(w.refused_legal_hold(), w.refused_legal_hold_next()),
        Refusal::AlreadyErased => told(w.refused_already_erased(), w.refused_already_erased_next()),
        Refusal::TooLate => told(w.refused_too_late(), w.refused_too_late_next()),
    }
}

fn no_walk_in(w: &L10nLanguage, dates: Dates, why: &NoWalkIn) -> Told {
    match why {
        NoWalkIn::NotThisChannel => {
            at("channel", w.refused_walk_in_channel(), w.refused_walk_in_channel_next())
        }
        NoWalkIn::NotToday => at("channel", w.refused_walk_in_today(), w.refused_walk_in_today_next()),
        NoWalkIn::Hours { from, until } => {
            let what = w.refused_walk_in_hours(dates.hour(*from), dates.hour(*until));
            at("channel", what, w.refused_walk_in_hours_next())
        }
        NoWalkIn::Full { quota } => {
            at("channel", w.refused_walk_in_full(*quota), w.refused_walk_in_full_next())
        }
        NoWalkIn::NotThisKind => at("kind", w.refused_walk_in_kind(), w.refused_walk_in_kind_next()),
        NoWalkIn::ExaminationMissing => {
            at("examination", w.refused_walk_in_examination(), w.refused_walk_in_examination_next())
        }
        NoWalkIn::NoGround { from_age_years, to_age_years } => at(
            "priority",
            w.refused_walk_in_ground(),
            w.refused_walk_in_ground_next(*from_age_years, *to_age_years),
        ),
        NoWalkIn::GuardianMissing => {
            at("guardian-name", w.refused_walk_in_guardian(), w.refused_walk_in_guardian_next())
        }
        NoWalkIn::BornLater => at("born-on", w.refused_walk_in_born(), w.refused_walk_in_born_next()),
        NoWalkIn::LineDown => at("channel", w.refused_walk_in_line(), w.refused_walk_in_line_next()),
        NoWalkIn::NoNumbers => told(w.refused_walk_in_numbers(), w.refused_walk_in_numbers_next()),
    }
}

fn ticket_state(w: &L10nLanguage, state: &TicketState) -> String {
    match state {
        TicketState::Waiting { .. } => w.ticket_state_waiting(),
        TicketState::Called { counter, .. } => w.ticket_state_called(*counter),
        TicketState::Serving { counter, .. } => w.ticket_state_serving(*counter),
        TicketState::Absent { .. } => w.ticket_state_absent(),
        TicketState::Held { .. } => w.ticket_state_held(),
        TicketState::Finished { .. } => w.ticket_state_finished(),
    }
}
