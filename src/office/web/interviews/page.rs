//! `/applications/{number}/interview`: what is known of the applicant, and what the interviewer decides.

use askama::Template;
use chrono::{Days, NaiveDate};

use crate::domain::booking::Booked;
use crate::domain::document::{self, CheckedDocument, DocumentKind, Seen};
use crate::domain::flag;
use crate::domain::interview::{Interviewed, Outcome, RefusalGround};
use crate::domain::office::OfficeCode;
use crate::domain::setting::Settings;
use crate::domain::view::{Done, View, Visit};
use crate::office::web::head::{Choice, Head, who_when};
use crate::web::dates::grouped;
use crate::web::page::Shell;
use crate::web::words::{conflicts, flags, names};

/// The page.
#[derive(Template)]
#[template(path = "office/interviews/interview.html")]
pub struct InterviewPage {
    shell: Shell,
    head: Head,
    flags: Vec<String>,
    facts: Vec<(String, String)>,
    portrait: Option<String>,
    papers: Vec<Paper>,
    previous: Option<Previous>,
    capture_open: bool,
    chosen: String,
    until: String,
    until_min: String,
    until_max: String,
    kinds: Vec<Choice>,
    grounds: Vec<Choice>,
}

/// A paper and what was seen of it.
pub struct Paper {
    name: String,
    seen: String,
    agrees: bool,
    note: String,
}

/// The outcome of an earlier interview.
pub struct Previous {
    what: String,
    by: String,
    notes: String,
}

/// The grounds of refusal with the words forms send.
pub const GROUNDS: [(&str, RefusalGround); 6] = [
    ("prevention-list", RefusalGround::PreventionList),
    ("irregular-work", RefusalGround::IrregularWork),
    ("untrue-statement", RefusalGround::UntrueStatement),
    ("wrong-type", RefusalGround::WrongType),
    ("papers-not-completed", RefusalGround::PapersNotCompleted),
    ("unlawful-purpose", RefusalGround::UnlawfulPurpose),
];

/// The papers with the words forms send.
pub const PAPERS: [(&str, DocumentKind); 12] = [
    ("identity-card", DocumentKind::IdentityCard),
    ("family-card", DocumentKind::FamilyCard),
    ("birth-proof", DocumentKind::BirthProof),
    ("old-passport", DocumentKind::OldPassport),
    ("parents-identity-cards", DocumentKind::ParentsIdentityCards),
    ("parents-marriage", DocumentKind::ParentsMarriage),
    ("parents-statement", DocumentKind::ParentsStatement),
    ("police-report", DocumentKind::PoliceReport),
    ("disaster-statement", DocumentKind::DisasterStatement),
    ("power-of-attorney", DocumentKind::PowerOfAttorney),
    ("name-or-citizenship-ruling", DocumentKind::NameOrCitizenshipRuling),
    ("recommendation", DocumentKind::Recommendation),
];

impl InterviewPage {
    /// Draws what is known and the form.
    pub fn of(shell: Shell, view: &View, here: &OfficeCode, seen: usize, settings: &Settings) -> Self {
        let head = Head::of(&shell, view, here, seen);
        let today = shell.dates.zone.day(shell.now);
        let visit = view.visit(here);
        let capture = visit.map(|visit| &visit.capture);
        let portrait = capture.and_then(|capture| capture.portrait.as_ref());
        let last = today.checked_add_days(Days::new(settings.hold_days.into())).unwrap_or(today);
        let until = shell.typed_or("until", &last.to_string()).to_owned();
        Self {
            flags: flags(&shell, view, settings),
            facts: view.booking.as_ref().map(|booked| facts(&shell, booked, today)).unwrap_or_default(),
            portrait: portrait.map(|done| format!("{}/pictures/{}", head.address, done.what.picture.hash)),
            papers: papers(&shell, view, visit, today, settings),
            previous: visit.and_then(|visit| visit.interview.as_ref()).map(|done| previous(&shell, done)),
            capture_open: capture.is_none_or(|capture| !capture.complete),
            chosen: shell.typed("outcome").to_owned(),
            until,
            until_min: today.to_string(),
            until_max: last.to_string(),
            kinds: kinds(&shell),
            grounds: grounds(&shell),
            head,
            shell,
        }
    }
}

fn kinds(shell: &Shell) -> Vec<Choice> {
    let ticked = |value: &str| shell.typed.all("document").any(|typed| typed == value);
    let choice =
        |(value, kind)| Choice { value, name: names::document(shell.words, kind), ticked: ticked(value) };
    PAPERS.into_iter().map(choice).collect()
}

fn grounds(shell: &Shell) -> Vec<Choice> {
    let ticked = |value: &str| shell.typed("ground") == value;
    let choice =
        |(value, ground)| Choice { value, name: names::ground(shell.words, ground), ticked: ticked(value) };
    GROUNDS.into_iter().map(choice).collect()
}

fn facts(shell: &Shell, booked: &Booked, today: NaiveDate) -> Vec<(String, String)> {
    let words = shell.words;
    let person = &booked.applicant;
    let born =
        format!("{}, {} ({})", person.birthplace, shell.dates.day(person.born_on), person.age_on(today));
    let mut facts = vec![
        (words.interview_nik(), grouped(person.nik.as_str())),
        (words.interview_born(), born),
        (words.interview_occupation(), person.occupation.clone()),
        (words.interview_address(), person.address.clone()),
        (words.interview_purpose(), booked.questionnaire.purpose.clone().unwrap_or_default()),
        (words.interview_destination(), booked.questionnaire.destination.clone().unwrap_or_default()),
        (words.interview_old_passport(), booked.questionnaire.old_passport.clone().unwrap_or_default()),
    ];
    let guardian = |guardian: &crate::domain::person::Guardian| {
        format!("{} ({})", guardian.name, names::relation(words, guardian.relation))
    };
    let guardians: Vec<String> = booked.guardians.iter().map(guardian).collect();
    facts.push((words.interview_guardians(), guardians.join(", ")));
    facts.retain(|(_, value)| !value.is_empty());
    facts
}

fn papers(
    shell: &Shell,
    view: &View,
    visit: Option<&Visit>,
    today: NaiveDate,
    settings: &Settings,
) -> Vec<Paper> {
    let Some(booked) = &view.booking else { return Vec::new() };
    let paper = |line: document::Line| {
        let CheckedDocument { seen, note, .. } = line.checked?;
        let name = names::document(shell.words, line.kind);
        Some(Paper { name, seen: names::seen(shell.words, seen), agrees: seen == Seen::Agrees, note })
    };
    document::lines(booked, visit, today, settings).into_iter().filter_map(paper).collect()
}

fn previous(shell: &Shell, done: &Done<Interviewed>) -> Previous {
    let words = shell.words;
    let what = match &done.what.outcome {
        Outcome::Passed => words.interview_passed(),
        Outcome::Held { until, .. } => words.interview_held_shown(shell.dates.day(*until)),
        Outcome::Refused { ground } => {
            format!("{}: {}", words.interview_refused(), names::ground(words, *ground))
        }
    };
    Previous { what, by: who_when(shell, done), notes: done.what.notes.clone() }
}

/// What deserves a look before anything is decided. A flag never stops anybody.
fn flags(shell: &Shell, view: &View, settings: &Settings) -> Vec<String> {
    let words = shell.words;
    let conflicts = view.conflicts.iter().map(|conflict| conflicts::tell(words, conflict).what);
    let flags = flag::of(view, shell.now, shell.dates.zone, settings);
    let flags = flags.iter().map(|flag| flags::tell(words, &shell.dates, flag));
    let priority = view.booking.as_ref().and_then(|booked| booked.priority);
    let priority = priority.map(|ground| words.interview_flag_priority(names::priority(words, ground)));
    conflicts.chain(flags).chain(priority).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::{Story, interview, office};
    use crate::office::web::preview;
    use crate::web::page::sample;

    #[test]
    fn the_interviewer_sees_what_is_known_and_what_was_decided_before() {
        let until = "2026-11-27".parse().unwrap();
        let held = interview(Outcome::Held { until, documents: vec![DocumentKind::BirthProof] });
        let story = Story::captured().does(held);
        let shell = preview::shell("/applications/1179000000000001/interview");
        let page = InterviewPage::of(shell, &story.view(), &office("karimun"), 9, &Settings::default());
        insta::assert_snapshot!(sample::content(&page));
    }
}
