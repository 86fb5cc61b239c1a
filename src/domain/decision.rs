//! Adjudication at headquarters.

use serde::{Deserialize, Serialize};

use super::command::{Context, may_be_one_person, reason};
use super::fact::Fact;
use super::prevention;
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
    prevention::none(view)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::Role;
    use crate::domain::command::Command;
    use crate::domain::interview::{Outcome, RefusalGround};
    use crate::domain::payment::Evidence;
    use crate::domain::sample::{Story, check_papers, interview, ntpn, paid};
    use crate::domain::status::Status;

    fn approval(round: u16) -> Command {
        Command::Approve { round, note: String::new() }
    }

    fn refusal(round: u16, reason: &str) -> Command {
        Command::Refuse { round, reason: reason.to_owned() }
    }

    fn provisional() -> Story {
        let evidence = Evidence::Ntpn { ntpn: ntpn(1) };
        let admitted = Story::billed().does(Command::AdmitOnEvidence { evidence, note: String::new() });
        admitted.does(check_papers()).captures().does(interview(Outcome::Passed))
    }

    #[test]
    fn headquarters_approves_or_refuses_what_it_saw() {
        assert_eq!(Story::interviewed().headquarters(approval(1)).status(), Status::Approved);
        let refused = Story::interviewed().headquarters(refusal(1, "on the list"));
        assert_eq!(refused.status(), Status::Refused);
        assert_eq!(Story::interviewed().headquarters_refuses(&refusal(1, "")), Refusal::ReasonNeeded);
    }

    #[test]
    fn nothing_is_decided_before_the_office_is_done_twice_or_on_an_old_page() {
        let reopened = Story::interviewed().does(Command::ReopenCapture { reason: "r".to_owned() });
        let ground = RefusalGround::PreventionList;
        let at_counter = Story::captured().does(interview(Outcome::Refused { ground }));
        let cases = [
            ("not arrived", Story::paid(), 1, Refusal::NotArrived),
            ("not captured", Story::waiting(), 1, Refusal::CaptureIncomplete),
            ("not interviewed", Story::captured(), 1, Refusal::NotInterviewed),
            ("open again", reopened, 1, Refusal::CaptureIncomplete),
            ("an old page", Story::interviewed(), 0, Refusal::StalePage),
            ("refused at the counter", at_counter, 1, Refusal::ApplicationRefused),
            ("approved", Story::approved(), 1, Refusal::AlreadyDecided),
            ("refused", Story::interviewed().headquarters(refusal(1, "r")), 1, Refusal::AlreadyDecided),
            ("provisional", provisional(), 1, Refusal::PaymentNotConfirmed),
            ("at two offices", Story::interviewed().also_arrives_at("batam"), 1, Refusal::ConflictOpen),
        ];
        for (case, story, round, expected) in cases {
            assert_eq!(story.headquarters_refuses(&approval(round)), expected, "{case}");
            assert_eq!(story.headquarters_refuses(&refusal(round, "r")), expected, "{case}");
        }
        let confirmed = provisional().registry(Fact::Paid(paid(1)));
        assert_eq!(confirmed.headquarters(approval(1)).status(), Status::Approved);
    }

    #[test]
    fn whoever_captured_or_interviewed_does_not_approve() {
        let by = |login| Story::interviewed().tries_as(None, &[Role::Headquarters], login, &approval(1));
        assert_eq!(by("sari"), Err(Refusal::FourEyes));
        assert!(by("hana").is_ok());
    }

    #[test]
    fn only_headquarters_decides() {
        let story = Story::interviewed();
        for command in [approval(1), refusal(1, "r")] {
            assert_eq!(story.refuses(&command), Refusal::NotAllowed);
            let at_office = story.tries_as(Some("karimun"), &[Role::Headquarters], "hana", &command);
            assert_eq!(at_office, Err(Refusal::NotAllowed));
        }
    }
}
