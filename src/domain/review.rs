//! The supervisor's second look: where settings ask for it, an interview counts only when a second person agrees.
//!
//! Whether one is needed is settled when the interview ends and stands in its fact, so that every node comes to the same
//! answer whatever the settings are later.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::actor::Role;
use super::command::{Context, may_be_one_person, reason};
use super::fact::Fact;
use super::flag::{self, Flag};
use super::interview::Outcome;
use super::refusal::Refusal;
use super::view::{Done, View, Visit};

/// What makes an office look twice. Which of them do is a setting; no public rule names any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReviewGround {
    /// Every interview that is passed or refused.
    Every,
    /// Refused at the counter: the applicant's money is lost (DOMAIN.md §1.7).
    Refused,
    /// Passed although birth date or sex are not those in the NIK.
    NikDiffers,
    /// Passed although a paper differs from its upload.
    DocumentsDiffer,
    /// Passed as *baru* although an earlier passport was declared.
    PassportHeldBefore,
    /// Passed while the payment is not confirmed.
    Provisional,
    /// Passed for a child who comes with one parent or none.
    ParentsIncomplete,
    /// Passed for whoever goes abroad to work (DOMAIN.md §1.7: *PMI nonprosedural*).
    WorkAbroad,
}

impl ReviewGround {
    /// Every ground, in the order pages show them.
    pub const ALL: [Self; 8] = [
        Self::Every,
        Self::Refused,
        Self::NikDiffers,
        Self::DocumentsDiffer,
        Self::PassportHeldBefore,
        Self::Provisional,
        Self::ParentsIncomplete,
        Self::WorkAbroad,
    ];

    fn of_flag(flag: &Flag) -> Option<Self> {
        match flag {
            Flag::NikBirthDiffers | Flag::NikSexDiffers => Some(Self::NikDiffers),
            Flag::DocumentsDiffer(_) => Some(Self::DocumentsDiffer),
            Flag::PassportHeldBefore => Some(Self::PassportHeldBefore),
            Flag::Provisional { .. } => Some(Self::Provisional),
            Flag::GuardianMissing | Flag::OneParent => Some(Self::ParentsIncomplete),
            Flag::WorkAbroad => Some(Self::WorkAbroad),
            _ => None,
        }
    }
}

/// What the second person decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Verdict {
    /// The interview stands.
    Agreed,
    /// The interview does not count; somebody talks to the applicant once more.
    SentBack {
        /// Why, for the interviewer.
        reason: String,
    },
}

/// A supervisor looked at an interview (office). It is about the interview before it; a later interview is looked at anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondLooked {
    /// What came of it.
    pub verdict: Verdict,
    /// What was noted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Visit {
    /// The latest interview counts only when a supervisor agrees, and none has said anything yet.
    pub fn awaits_second_look(&self) -> bool {
        let interview = self.interview.as_ref();
        self.second_look.is_none() && interview.is_some_and(|it| !it.what.second_look.is_empty())
    }

    /// The outcome of the latest interview that counts: at once, or since a supervisor agreed.
    pub(super) fn outcome(&self) -> Option<&Outcome> {
        let sent_back = |it: &Done<SecondLooked>| matches!(it.what.verdict, Verdict::SentBack { .. });
        let counts = !self.awaits_second_look() && !self.second_look.as_ref().is_some_and(sent_back);
        self.interview.as_ref().filter(|_| counts).map(|interview| &interview.what.outcome)
    }
}

/// Why an interview that ends so needs a second look; empty when it needs none. A hold needs none: nothing is decided.
pub(super) fn grounds(view: &View, context: &Context<'_>, outcome: &Outcome) -> BTreeSet<ReviewGround> {
    let mut grounds = BTreeSet::from([ReviewGround::Every]);
    match outcome {
        Outcome::Held { .. } => return BTreeSet::new(),
        Outcome::Refused { .. } => {
            grounds.insert(ReviewGround::Refused);
        }
        Outcome::Passed => {
            let flags = flag::of(view, context.now, context.zone, context.settings);
            grounds.extend(flags.iter().filter_map(ReviewGround::of_flag));
        }
    }
    grounds.intersection(&context.settings.second_look).copied().collect()
}

/// A supervisor agrees with an interview or sends it back: never one who captured or interviewed.
pub(super) fn look(view: &View, context: &Context<'_>, looked: &SecondLooked) -> Result<Vec<Fact>, Refusal> {
    let visit = context.visit_as(view, &[Role::Supervisor])?;
    if view.decision.is_some() && (view.is_approved() || view.is_refused()) {
        return Err(Refusal::AlreadyDecided);
    }
    if !visit.awaits_second_look() {
        return Err(Refusal::NothingToReview);
    }
    if visit.examiners().any(|examiner| may_be_one_person(examiner, context.by)) {
        return Err(Refusal::FourEyes);
    }
    let verdict = match &looked.verdict {
        Verdict::Agreed => Verdict::Agreed,
        Verdict::SentBack { reason: given } => Verdict::SentBack { reason: reason(given)? },
    };
    Ok(vec![Fact::SecondLooked(SecondLooked { verdict, note: looked.note.trim().to_owned() })])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::command::Command;
    use crate::domain::interview::RefusalGround;
    use crate::domain::sample::{ALL_AT_THE_OFFICE, Story, interview, office};
    use crate::domain::status::Status;

    fn asking(grounds: &[ReviewGround], mut story: Story) -> Story {
        story.settings.second_look = grounds.iter().copied().collect();
        story
    }

    fn agreed() -> Command {
        Command::SecondLook(SecondLooked { verdict: Verdict::Agreed, note: String::new() })
    }

    fn sent_back(reason: &str) -> Command {
        let verdict = Verdict::SentBack { reason: reason.to_owned() };
        Command::SecondLook(SecondLooked { verdict, note: String::new() })
    }

    fn refused() -> Command {
        interview(Outcome::Refused { ground: RefusalGround::IrregularWork })
    }

    /// What another supervisor does.
    fn looks(story: Story, command: &Command) -> Story {
        let facts = story.tries_as(Some("karimun"), &[Role::Supervisor], "wati", command).unwrap();
        let author = crate::domain::application::Author::Office(office("karimun"));
        facts.into_iter().fold(story, |story, fact| story.wrote(&author, fact))
    }

    #[test]
    fn without_the_setting_an_interview_counts_at_once() {
        let story = Story::captured().does(refused());
        assert_eq!(story.status(), Status::Refused);
        assert_eq!(story.refuses(&agreed()), Refusal::NothingToReview);
    }

    #[test]
    fn a_refusal_is_final_only_when_a_second_person_agrees() {
        let story = asking(&[ReviewGround::Refused], Story::captured()).does(refused());
        assert_eq!(story.status(), Status::AwaitingReview);
        let settled = looks(story, &agreed());
        assert_eq!(settled.status(), Status::Refused);
        assert_eq!(settled.refuses(&agreed()), Refusal::NothingToReview);
    }

    #[test]
    fn what_is_sent_back_is_interviewed_again_and_looked_at_again() {
        let story = asking(&[ReviewGround::Every], Story::captured()).does(interview(Outcome::Passed));
        let back = looks(story, &sent_back("talk about the job abroad"));
        assert_eq!(back.status(), Status::Captured);
        let approve = Command::Approve { round: 1, note: String::new() };
        assert_eq!(back.headquarters_refuses(&approve), Refusal::NotInterviewed);
        let again = back.does(interview(Outcome::Passed));
        assert_eq!(again.status(), Status::AwaitingReview);
        assert_eq!(again.headquarters_refuses(&approve), Refusal::NotInterviewed);
        assert_eq!(looks(again, &agreed()).headquarters(approve).status(), Status::Approved);
    }

    #[test]
    fn nobody_looks_at_an_own_interview_and_only_supervisors_look() {
        let story = asking(&[ReviewGround::Every], Story::interviewed()).does(interview(Outcome::Passed));
        assert_eq!(story.refuses(&agreed()), Refusal::FourEyes);
        let by = |roles| story.tries_as(Some("karimun"), roles, "wati", &agreed());
        assert_eq!(by(&[Role::Interviewer, Role::Custody]), Err(Refusal::NotAllowed));
        assert!(by(ALL_AT_THE_OFFICE).is_ok());
        assert_eq!(
            story.tries_as(Some("karimun"), &[Role::Supervisor], "wati", &sent_back(" ")),
            Err(Refusal::ReasonNeeded)
        );
    }

    #[test]
    fn each_ground_asks_for_what_it_names_and_a_hold_for_nothing() {
        use crate::domain::document::DocumentKind;
        use crate::domain::fact::Fact;
        use crate::domain::sample::{FULL_PAPERS, brought};
        use crate::domain::sample::{arrive, booking, paid};
        let with = |change: &dyn Fn(&mut crate::domain::booking::Booked)| {
            let mut booked = booking();
            change(&mut booked);
            let documents = brought(&[FULL_PAPERS, &[DocumentKind::Recommendation]].concat());
            let papers = Command::CheckDocuments { documents, ticket: true };
            let story = Story::new().registry(Fact::Booked(booked)).registry(Fact::Paid(paid(1)));
            story.does(arrive()).does(papers).captures()
        };
        let work = with(&|it| it.questionnaire.purpose = Some("Bekerja sebagai PMI".to_owned()));
        let before = with(&|it| it.questionnaire.old_passport = Some("B1234567".to_owned()));
        let nik = with(&|it| it.applicant.sex = crate::domain::person::Sex::F);
        let all: Vec<ReviewGround> = ReviewGround::ALL[1..].to_vec();
        for (story, ground) in [
            (work, ReviewGround::WorkAbroad),
            (before, ReviewGround::PassportHeldBefore),
            (nik, ReviewGround::NikDiffers),
        ] {
            let story = asking(&all, story);
            let passed = story.tries(&interview(Outcome::Passed)).unwrap();
            let Fact::Interviewed(interviewed) = &passed[0] else { panic!("{passed:?}") };
            assert_eq!(interviewed.second_look, [ground].into());
        }
        let until = "2026-11-24".parse().unwrap();
        let documents = vec![DocumentKind::FamilyCard];
        let held = asking(&ReviewGround::ALL, Story::captured());
        assert_eq!(held.does(interview(Outcome::Held { until, documents })).status(), Status::Held);
    }
}
