//! A visit: somebody stands at the counter, papers are checked.

use chrono::{Duration, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::actor::Role;
use super::booking::{Booked, Slot};
use super::command::{Context, reason};
use super::document::CheckedDocument;
use super::fact::Fact;
use super::office::OfficeCode;
use super::payment::{AdmittedOnEvidence, Evidence, Payment};
use super::refusal::Refusal;
use super::setting::Settings;
use super::view::View;

/// When somebody came, against the booked interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Punctuality {
    /// Before the interval and its tolerance.
    Early,
    /// In time.
    OnTime,
    /// After the interval.
    Late,
}

/// The applicant stands at the counter (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrived {
    /// Early, on time or late.
    pub punctuality: Punctuality,
    /// The slot the office had on record then: shows later that it was moved meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<Slot>,
    /// What the officer noted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// The originals were compared with the uploads (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentsChecked {
    /// Line by line.
    pub documents: Vec<CheckedDocument>,
}

/// An arrival was entered by mistake and is taken back, before anything followed from it (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrivalWithdrawn {
    /// Why.
    pub reason: String,
}

/// The office gives up its visit, because the same applicant is served at another office (office, supervisor).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitYielded {
    /// Why.
    pub reason: String,
}

/// Headquarters settled whose visit holds when somebody was served at two offices (registry).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitChosen {
    /// The office whose visit holds.
    pub office: OfficeCode,
    /// Why.
    pub reason: String,
}

/// Somebody opened the application page (office or registry); kept for the audit trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewed {
    /// Which page.
    pub page: String,
}

const RECEIVES: &[Role] = &[Role::FrontDesk, Role::Supervisor];

/// The applicant stands at the counter, paid on record. Early or late is noted and never refused; another day of this
/// office needs a reason.
pub(super) fn arrive(
    view: &View,
    context: &Context<'_>,
    note: &str,
    other_day_reason: Option<&str>,
) -> Result<Vec<Fact>, Refusal> {
    let slot = may_come_in(view, context)?;
    let other_day_reason = other_day_reason.map(reason).transpose()?;
    if slot.day != context.today && other_day_reason.is_none() {
        return Err(Refusal::OtherDay(slot));
    }
    match &view.payment {
        Payment::Paid { .. } => {}
        Payment::Due(bill) => return Err(Refusal::Unpaid { due_at: Some(bill.due_at) }),
        Payment::Expired(_) => return Err(Refusal::PaymentExpired),
        Payment::None | Payment::Refunded(_) => return Err(Refusal::Unpaid { due_at: None }),
    }
    let noted = [note.trim().to_owned(), other_day_reason.unwrap_or_default()];
    let note = noted.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ");
    Ok(vec![arrived(slot, context, note)])
}

/// The same on evidence of payment: *sudah bayar tetapi status menunggu* (DOMAIN.md §1.6). Provisional until the
/// payment arrives.
pub(super) fn admit_on_evidence(
    view: &View,
    context: &Context<'_>,
    evidence: &Evidence,
    note: &str,
) -> Result<Vec<Fact>, Refusal> {
    let slot = may_come_in(view, context)?;
    if slot.day != context.today {
        return Err(Refusal::OtherDay(slot));
    }
    if view.is_paid() {
        return Err(Refusal::AlreadyPaid);
    }
    if let (Evidence::SignedProof { code, .. }, Some(bill)) = (evidence, view.payment.bill())
        && *code != bill.code
    {
        return Err(Refusal::ProofInvalid);
    }
    let confirm_by = context.now + Duration::days(context.settings.evidence_confirm_days.into());
    let note = note.trim().to_owned();
    let admitted = AdmittedOnEvidence { evidence: evidence.clone(), confirm_by, note };
    Ok(vec![Fact::AdmittedOnEvidence(admitted), arrived(slot, context, String::new())])
}

/// What holds for everybody who comes in: booked here, not cancelled, not here already.
fn may_come_in(view: &View, context: &Context<'_>) -> Result<Slot, Refusal> {
    let office = context.office_as(RECEIVES)?;
    let booking: &Booked = view.booking.as_ref().ok_or(Refusal::NoBooking)?;
    if let Some(visit) = view.visit(office)
        && let Some(arrived) = &visit.arrived
    {
        let ticket = visit.tickets.last().map(|ticket| ticket.number);
        return Err(Refusal::AlreadyArrived { at: arrived.at, ticket });
    }
    if view.cancelled.is_some() {
        return Err(Refusal::BookingCancelled);
    }
    if booking.office != *office {
        return Err(Refusal::OtherOffice(booking.office.clone()));
    }
    Ok(view.slot.unwrap_or(booking.slot))
}

fn arrived(slot: Slot, context: &Context<'_>, note: String) -> Fact {
    let punctuality = Punctuality::of(&slot, context.local_now(), context.settings);
    Fact::Arrived(Arrived { punctuality, slot: Some(slot), note })
}

impl Punctuality {
    /// Against a slot, with the office's tolerances; `now` on the office's wall clock.
    pub fn of(slot: &Slot, now: NaiveDateTime, settings: &Settings) -> Self {
        let from = slot.day.and_time(slot.from) - Duration::minutes(settings.arrival_early_minutes.into());
        let until = slot.day.and_time(slot.until) + Duration::minutes(settings.arrival_late_minutes.into());
        if now < from {
            Punctuality::Early
        } else if now < until {
            Punctuality::OnTime
        } else {
            Punctuality::Late
        }
    }
}

/// Takes an arrival back that was entered by mistake.
pub(super) fn withdraw_arrival(view: &View, context: &Context<'_>, why: &str) -> Result<Vec<Fact>, Refusal> {
    let office = context.office_as(RECEIVES)?;
    let visit = view.visit(office).filter(|visit| visit.arrived.is_some()).ok_or(Refusal::NotArrived)?;
    let reason = reason(why)?;
    if visit.has_progress() {
        return Err(Refusal::TooLate);
    }
    Ok(vec![Fact::ArrivalWithdrawn(ArrivalWithdrawn { reason })])
}

/// This office gives its visit up, because another office serves the applicant.
pub(super) fn yield_visit(view: &View, context: &Context<'_>, why: &str) -> Result<Vec<Fact>, Refusal> {
    let office = context.office_as(&[Role::Supervisor])?;
    let visit = view.visit(office).filter(|visit| visit.arrived.is_some()).ok_or(Refusal::NotArrived)?;
    let elsewhere = view
        .visits
        .iter()
        .any(|(code, other)| code != office && other.arrived.is_some() && other.yielded.is_none());
    if visit.yielded.is_some() || !elsewhere {
        return Err(Refusal::TooLate);
    }
    Ok(vec![Fact::VisitYielded(VisitYielded { reason: reason(why)? })])
}

/// Headquarters settles whose visit holds.
pub(super) fn choose_visit(
    view: &View,
    context: &Context<'_>,
    office: &OfficeCode,
    why: &str,
) -> Result<Vec<Fact>, Refusal> {
    context.headquarters()?;
    let visit = view.visit(office).filter(|visit| visit.arrived.is_some()).ok_or(Refusal::NotArrived)?;
    if visit.yielded.is_some() {
        return Err(Refusal::TooLate);
    }
    Ok(vec![Fact::VisitChosen(VisitChosen { office: office.clone(), reason: reason(why)? })])
}
