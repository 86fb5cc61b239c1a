//! The interview and what comes of it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::document::DocumentKind;

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
