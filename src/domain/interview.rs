//! The interview and what comes of it.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::actor::Role;
use super::command::{Context, reason};
use super::document::{self, DocumentKind};
use super::fact::Fact;
use super::prevention;
use super::refusal::Refusal;
use super::review::{self, ReviewGround};
use super::view::View;

/// What the interviewer decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Outcome {
    /// Goes on to headquarters.
    Passed,
    /// Waits for papers until a day (DOMAIN.md §1.7: seven days by default).
    Held {
        /// The last day.
        until: NaiveDate,
        /// What is missing.
        documents: Vec<DocumentKind>,
    },
    /// Refused at the counter.
    Refused {
        /// Why.
        ground: RefusalGround,
    },
}

/// Grounds of refusal (DOMAIN.md §1.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalGround {
    /// On the prevention list (*daftar pencegahan*).
    PreventionList,
    /// Suspected irregular work abroad (*PMI nonprosedural*).
    IrregularWork,
    /// Invalid data or untrue statement.
    UntrueStatement,
    /// Wrong type of application, for example *baru* though there was a passport.
    WrongType,
    /// Papers not completed in time.
    PapersNotCompleted,
    /// Another unlawful purpose.
    UnlawfulPurpose,
}

/// The interview ended (office). The latest one counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interviewed {
    /// What was decided.
    pub outcome: Outcome,
    /// What the interviewer noted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notes: String,
    /// What was asked and answered, in the order asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// Why it counts only when a supervisor has agreed; empty when it counts at once.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub second_look: BTreeSet<ReviewGround>,
}

impl Interviewed {
    /// An interview that ended so, with nothing written down but the notes.
    pub fn new(outcome: Outcome, notes: impl Into<String>) -> Self {
        Self { outcome, notes: notes.into(), answers: Vec::new(), second_look: BTreeSet::new() }
    }
}

/// A question as it was put, and what the applicant said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The question, as it stood on the page: the list of questions may change.
    pub question: String,
    /// The answer, in the interviewer's words.
    pub answer: String,
}

/// A question of the office's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Question {
    /// In Indonesian: asked of the applicant and written down so.
    pub text_id: String,
    /// In English.
    pub text_en: String,
}

impl Question {
    /// The grounds on which applications are refused, turned into questions (DOMAIN.md §1.7).
    pub fn usual() -> Vec<Self> {
        let question =
            |text_id: &str, text_en: &str| Self { text_id: text_id.to_owned(), text_en: text_en.to_owned() };
        vec![
            question("Pernah punya paspor sebelumnya?", "Ever had a passport before?"),
            question("Ke mana dan untuk apa pergi?", "Where to, and what for?"),
            question("Berapa lama dan siapa yang membiayai?", "For how long, and who pays?"),
            question(
                "Bila bekerja: di perusahaan apa dan lewat siapa?",
                "If for work: at which company and through whom?",
            ),
        ]
    }
}

/// The interview ends: passed (with every paper and a capture that is complete), held for papers until a day, or refused. It may be
/// held again and again, and corrected until headquarters has decided; refused is final.
pub(super) fn end(
    view: &View,
    context: &Context<'_>,
    interviewed: &Interviewed,
) -> Result<Vec<Fact>, Refusal> {
    let visit = context.visit_as(view, &[Role::Interviewer, Role::Supervisor])?;
    if visit.is_refused() {
        return Err(Refusal::ApplicationRefused);
    }
    if view.is_approved() || view.is_refused() {
        return Err(Refusal::AlreadyDecided);
    }
    document::checked(visit)?;
    match &interviewed.outcome {
        Outcome::Passed => {
            prevention::none(view)?;
            document::suffice_to_pass(view, visit, context)?;
            if !visit.capture.complete {
                return Err(Refusal::CaptureIncomplete);
            }
        }
        Outcome::Held { until, documents } => {
            within_hold(*until, context)?;
            if documents.is_empty() {
                reason(&interviewed.notes)?;
            }
        }
        Outcome::Refused { .. } => {}
    }
    let second_look = review::grounds(view, context, &interviewed.outcome);
    Ok(vec![Fact::Interviewed(Interviewed { second_look, ..interviewed.clone() })])
}

fn within_hold(until: NaiveDate, context: &Context<'_>) -> Result<(), Refusal> {
    let after = |days: u16| context.today.checked_add_days(Days::new(days.into())).unwrap_or(context.today);
    let (from, last) = (after(1), after(context.settings.hold_days.max(1)));
    if (from..=last).contains(&until) { Ok(()) } else { Err(Refusal::DateOutOfRange { from, until: last }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::command::Command;
    use crate::domain::sample::{FULL_PAPERS, Story, brought, check_papers, interview};
    use crate::domain::status::Status;
    use crate::domain::ticket::Stage;

    fn held(until: &str, documents: Vec<DocumentKind>) -> Outcome {
        Outcome::Held { until: until.parse().unwrap(), documents }
    }

    fn refused() -> Outcome {
        Outcome::Refused { ground: RefusalGround::WrongType }
    }

    #[test]
    fn passing_needs_a_complete_capture_and_leads_to_headquarters() {
        assert_eq!(Story::paid().refuses(&interview(Outcome::Passed)), Refusal::NotArrived);
        assert_eq!(Story::arrived().refuses(&interview(Outcome::Passed)), Refusal::DocumentsNotChecked);
        assert_eq!(Story::waiting().refuses(&interview(Outcome::Passed)), Refusal::CaptureIncomplete);
        assert_eq!(Story::captured().does(interview(Outcome::Passed)).status(), Status::AwaitingDecision);
    }

    #[test]
    fn a_hold_lies_in_the_future_and_within_the_allowed_days() {
        let (from, until) = ("2026-11-24".parse().unwrap(), "2026-11-30".parse().unwrap());
        for day in ["2026-11-22", "2026-11-23", "2026-12-01"] {
            let refusal = Story::captured().refuses(&interview(held(day, vec![DocumentKind::FamilyCard])));
            assert_eq!(refusal, Refusal::DateOutOfRange { from, until }, "{day}");
        }
        for day in ["2026-11-24", "2026-11-30"] {
            let story = Story::captured().does(interview(held(day, vec![DocumentKind::FamilyCard])));
            assert_eq!(story.status(), Status::Held, "{day}");
        }
    }

    #[test]
    fn a_hold_says_what_is_missing() {
        let unsaid = Interviewed::new(held("2026-11-24", Vec::new()), "");
        assert_eq!(Story::captured().refuses(&Command::Interview(unsaid)), Refusal::ReasonNeeded);
    }

    #[test]
    fn who_comes_back_after_a_hold_is_checked_again_waits_again_and_passes() {
        let asked = vec![DocumentKind::FamilyCard];
        let waiting = Story::captured().does(interview(held("2026-11-27", asked.clone())));
        let unchecked = waiting.refuses(&Command::IssueTicket { stage: Stage::Interview });
        assert_eq!(unchecked, Refusal::DocumentsMissing(asked), "an earlier check does not count");
        let back = waiting.later(3 * 24 * 60).does(check_papers());
        assert_eq!(back.status(), Status::Waiting);
        assert_eq!(back.does(interview(Outcome::Passed)).status(), Status::AwaitingDecision);
    }

    #[test]
    fn a_paper_the_interview_asked_for_is_needed_for_a_ticket_and_to_pass_but_not_to_refuse() {
        let asked = vec![DocumentKind::Recommendation];
        let held = Story::captured().does(interview(held("2026-11-27", asked.clone()))).later(24 * 60);
        assert_eq!(held.refuses(&interview(Outcome::Passed)), Refusal::DocumentsMissing(asked));
        assert_eq!(held.clone().does(check_papers()).status(), Status::Held);
        assert!(held.tries(&interview(refused())).is_ok());
        let documents = brought(&[FULL_PAPERS, &[DocumentKind::Recommendation]].concat());
        let back = held.does(Command::CheckDocuments { documents, ticket: true });
        assert_eq!(back.status(), Status::Waiting);
        assert_eq!(back.does(interview(Outcome::Passed)).status(), Status::AwaitingDecision);
    }

    #[test]
    fn a_refusal_is_final_and_a_decision_ends_the_interviews() {
        let story = Story::waiting().does(interview(refused()));
        assert_eq!(story.status(), Status::Refused);
        assert_eq!(story.refuses(&interview(refused())), Refusal::ApplicationRefused);
        assert_eq!(Story::approved().refuses(&interview(refused())), Refusal::AlreadyDecided);
    }

    #[test]
    fn an_interview_is_corrected_until_headquarters_has_decided() {
        assert_eq!(Story::interviewed().does(interview(refused())).status(), Status::Refused);
    }
}
