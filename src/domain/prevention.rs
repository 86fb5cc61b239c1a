//! The prevention list (*daftar pencegahan*): whom the law keeps from leaving. The list itself is headquarters'; an office
//! is told only of its own applicants, so that it can stop at the counter without a line (DOMAIN.md §2.1).

use serde::{Deserialize, Serialize};

use super::command::{Context, reason};
use super::fact::Fact;
use super::refusal::Refusal;
use super::status::Status;
use super::view::View;

/// The applicant is on the list (registry).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreventionHit {
    /// The order that put the person on it, as it is cited.
    pub order: String,
    /// What the counter should know.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// The applicant is not, or no longer, on the list (registry).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreventionCleared {
    /// Why: another person of the name, the order has ended.
    pub reason: String,
}

/// Headquarters tells the office of a hit. A later one replaces the one before.
pub(super) fn report(view: &View, context: &Context<'_>, hit: &PreventionHit) -> Result<Vec<Fact>, Refusal> {
    context.headquarters()?;
    if view.booking.is_none() {
        return Err(Refusal::NoBooking);
    }
    if view.status == Status::HandedOver {
        return Err(Refusal::AlreadyHandedOver);
    }
    let note = hit.note.trim().to_owned();
    Ok(vec![Fact::PreventionHit(PreventionHit { order: reason(&hit.order)?, note })])
}

/// Headquarters takes a hit back.
pub(super) fn clear(view: &View, context: &Context<'_>, why: &str) -> Result<Vec<Fact>, Refusal> {
    context.headquarters()?;
    if view.prevention.is_none() {
        return Err(Refusal::NotOnPreventionList);
    }
    Ok(vec![Fact::PreventionCleared(PreventionCleared { reason: reason(why)? })])
}

/// Passes when nobody keeps the applicant from a passport.
pub(super) fn none(view: &View) -> Result<(), Refusal> {
    match &view.prevention {
        Some(hit) => Err(Refusal::OnPreventionList(hit.what.order.clone())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::command::Command;
    use crate::domain::flag::{self, Flag};
    use crate::domain::interview::{Outcome, RefusalGround};
    use crate::domain::office::Zone;
    use crate::domain::sample::{Story, book, interview};

    fn hit() -> Command {
        Command::ReportHit(PreventionHit { order: "KEP-1/2026".to_owned(), note: String::new() })
    }

    fn stopped() -> Refusal {
        Refusal::OnPreventionList("KEP-1/2026".to_owned())
    }

    #[test]
    fn a_hit_stops_the_interview_the_decision_and_the_book_until_it_is_taken_back() {
        let at_counter = Story::captured().headquarters(hit());
        let flags = flag::of(&at_counter.view(), at_counter.now, Zone::Wib, &at_counter.settings);
        assert_eq!(flags, [Flag::OnPreventionList("KEP-1/2026".to_owned())]);
        assert_eq!(at_counter.refuses(&interview(Outcome::Passed)), stopped());
        let ground = RefusalGround::PreventionList;
        assert!(at_counter.tries(&interview(Outcome::Refused { ground })).is_ok());
        let approve = Command::Approve { round: 1, note: String::new() };
        assert_eq!(Story::interviewed().headquarters(hit()).headquarters_refuses(&approve), stopped());
        let approved = Story::approved().headquarters(hit());
        assert_eq!(approved.refuses(&Command::AllocateBook(book(1))), stopped());
        let ready = Story::ready().headquarters(hit());
        assert_eq!(ready.refuses(&crate::domain::sample::hand_over(1)), stopped());
        let cleared = at_counter.headquarters(Command::ClearHit { reason: "another person".to_owned() });
        assert_eq!(cleared.status(), Status::Captured);
        assert!(cleared.tries(&interview(Outcome::Passed)).is_ok());
    }

    #[test]
    fn only_headquarters_reports_and_only_what_stands_is_taken_back() {
        assert_eq!(Story::captured().refuses(&hit()), Refusal::NotAllowed);
        let clear = Command::ClearHit { reason: "r".to_owned() };
        assert_eq!(Story::captured().headquarters_refuses(&clear), Refusal::NotOnPreventionList);
        let unnamed = Command::ReportHit(PreventionHit { order: " ".to_owned(), note: String::new() });
        assert_eq!(Story::captured().headquarters_refuses(&unnamed), Refusal::ReasonNeeded);
    }
}
