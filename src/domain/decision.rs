//! Adjudication at headquarters.

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::command::{Context, reason};
use super::fact::Fact;
use super::refusal::Refusal;
use super::view::{View, Visit};

/// Headquarters approved (registry).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// Which capture it looked at: the round of [`super::capture::CaptureCompleted`].
    pub round: u16,
    /// What was noted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Headquarters refused (registry).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Which capture it looked at.
    pub round: u16,
    /// Why, in words for the applicant.
    pub reason: String,
}

/// The applicant was told something (registry).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicantTold {
    /// What about: `ready`, `approved`, `refused` …
    pub about: String,
    /// By which way: `e-mail`.
    pub by: String,
}

/// The decision in force, derived from the facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Headquarters has not decided on the capture that counts.
    Awaited,
    /// Approved.
    Approved(Approved),
    /// Refused.
    Refused(Refused),
}

impl Decision {
    /// The capture round that was decided on; 0 when none.
    pub fn round(&self) -> u16 {
        match self {
            Decision::Awaited => 0,
            Decision::Approved(approved) => approved.round,
            Decision::Refused(refused) => refused.round,
        }
    }
}

/// Headquarters approves the capture it looked at.
pub(super) fn approve(
    view: &View,
    context: &Context<'_>,
    round: u16,
    note: &str,
) -> Result<Vec<Fact>, Refusal> {
    let visit = to_decide(view, context, round)?;
    if visit.examiners().any(|examiner| may_be_one_person(examiner, context.by)) {
        return Err(Refusal::FourEyes);
    }
    Ok(vec![Fact::Approved(Approved { round, note: note.trim().to_owned() })])
}

/// Headquarters refuses.
pub(super) fn refuse(
    view: &View,
    context: &Context<'_>,
    round: u16,
    why: &str,
) -> Result<Vec<Fact>, Refusal> {
    to_decide(view, context, round)?;
    Ok(vec![Fact::Refused(Refused { round, reason: reason(why)? })])
}

/// What can be decided: one visit, interviewed and passed, on the capture the page showed, with the payment on record
/// (DESIGN.md §6 rows 2, 3 and 8).
fn to_decide<'v>(view: &'v View, context: &Context<'_>, round: u16) -> Result<&'v Visit, Refusal> {
    context.headquarters()?;
    let visit = view.held().filter(|visit| visit.arrived.is_some()).ok_or(Refusal::NotArrived)?;
    if view.is_served_twice() {
        return Err(Refusal::ConflictOpen);
    }
    if view.is_approved() || (view.is_refused() && !visit.is_refused()) {
        return Err(Refusal::AlreadyDecided);
    }
    if visit.is_refused() {
        return Err(Refusal::ApplicationRefused);
    }
    if !visit.capture.complete {
        return Err(Refusal::CaptureIncomplete);
    }
    if visit.capture.round != round {
        return Err(Refusal::StalePage);
    }
    if !visit.is_passed() {
        return Err(Refusal::NotInterviewed);
    }
    if view.is_paid() { Ok(visit) } else { Err(Refusal::PaymentNotConfirmed) }
}

/// Logins are unique on one node only, so an equal name counts as well: whoever is blocked wrongly asks a colleague,
/// whoever passes wrongly has decided alone.
fn may_be_one_person(one: &Actor, other: &Actor) -> bool {
    match (one, other) {
        (Actor::Officer { login, name }, Actor::Officer { login: other_login, name: other_name }) => {
            login == other_login || name == other_name
        }
        _ => false,
    }
}
