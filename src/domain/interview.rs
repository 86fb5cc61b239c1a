//! The interview and what comes of it.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::actor::Role;
use super::command::{Context, reason};
use super::document::{self, DocumentKind};
use super::fact::Fact;
use super::refusal::Refusal;
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
}

/// The interview ends: passed (with a capture that is complete), held for papers until a day, or refused. It may be
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
    document::suffice(view, visit, context)?;
    match &interviewed.outcome {
        Outcome::Passed if !visit.capture.complete => return Err(Refusal::CaptureIncomplete),
        Outcome::Held { until, documents } => {
            within_hold(*until, context)?;
            if documents.is_empty() {
                reason(&interviewed.notes)?;
            }
        }
        Outcome::Passed | Outcome::Refused { .. } => {}
    }
    Ok(vec![Fact::Interviewed(interviewed.clone())])
}

fn within_hold(until: NaiveDate, context: &Context<'_>) -> Result<(), Refusal> {
    let after = |days: u16| context.today.checked_add_days(Days::new(days.into())).unwrap_or(context.today);
    let (from, last) = (after(1), after(context.settings.hold_days.max(1)));
    if (from..=last).contains(&until) { Ok(()) } else { Err(Refusal::DateOutOfRange { from, until: last }) }
}
