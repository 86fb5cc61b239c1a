//! Moving and giving up an appointment (DOMAIN.md §1.7): by the applicant once and until the day before; by
//! headquarters at any time before an arrival, with a reason.

use chrono::{Days, NaiveDate};

use super::actor::Actor;
use super::application::{Application, Author};
use super::booking::{Cancelled, Rescheduled, Slot};
use super::fact::Fact;
use super::payment::Payment;
use super::refusal::Refusal;
use super::setting::Settings;
use super::view::View;

/// A change of an appointment that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change<'a> {
    /// Who asks.
    pub by: &'a Actor,
    /// Why, in their words.
    pub reason: &'a str,
    /// The office's calendar day.
    pub today: NaiveDate,
}

/// Moves the appointment. Whether the new interval has room is not decided here.
pub fn reschedule(
    application: &Application,
    to: Slot,
    change: &Change<'_>,
    settings: &Settings,
) -> Result<Vec<Fact>, Refusal> {
    let view = application.view();
    let slot = not_arrived(&view)?;
    if change.by == &Actor::Applicant {
        by_applicant(application, &view, slot, change.today, settings)?;
    } else if change.reason.trim().is_empty() {
        return Err(Refusal::ReasonNeeded);
    }
    if !view.is_paid() {
        return Err(unpaid(&view.payment));
    }
    if to.day < change.today {
        let until = to.day.max(slot.day);
        return Err(Refusal::DateOutOfRange { from: change.today, until });
    }
    let reason = change.reason.trim().to_owned();
    Ok(vec![Fact::Rescheduled(Rescheduled { slot: to, reason, reinstated: false })])
}

/// What only the applicant must keep to: how often, and how long before.
fn by_applicant(
    application: &Application,
    view: &View,
    slot: Slot,
    today: NaiveDate,
    settings: &Settings,
) -> Result<(), Refusal> {
    if view.cancelled.is_some() {
        return Err(Refusal::BookingCancelled);
    }
    let moved = application
        .by_author(&Author::Registry)
        .filter(|entry| matches!(entry.fact, Fact::Rescheduled(_)) && entry.by == Actor::Applicant)
        .count();
    let last_day = slot.day.checked_sub_days(Days::new(u64::from(settings.reschedule_days_before)));
    if moved >= usize::from(settings.reschedules_max) || last_day.is_none_or(|last| today > last) {
        return Err(Refusal::TooLate);
    }
    Ok(())
}

/// Gives the appointment up.
pub fn cancel(application: &Application, change: &Change<'_>) -> Result<Vec<Fact>, Refusal> {
    let view = application.view();
    not_arrived(&view)?;
    if view.cancelled.is_some() {
        return Err(Refusal::BookingCancelled);
    }
    let reason = change.reason.trim();
    if reason.is_empty() {
        return Err(Refusal::ReasonNeeded);
    }
    Ok(vec![Fact::BookingCancelled(Cancelled { reason: reason.to_owned() })])
}

/// The slot in force, of somebody who has not come yet.
fn not_arrived(view: &View) -> Result<Slot, Refusal> {
    let arrived = view.visits.values().find_map(|visit| visit.arrived.as_ref());
    if let Some(arrived) = arrived {
        return Err(Refusal::AlreadyArrived { at: arrived.at, ticket: None });
    }
    view.slot.ok_or(Refusal::NoBooking)
}

fn unpaid(payment: &Payment) -> Refusal {
    match payment {
        Payment::Expired(_) => Refusal::PaymentExpired,
        payment => Refusal::Unpaid { due_at: payment.bill().map(|bill| bill.due_at) },
    }
}
