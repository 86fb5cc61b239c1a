//! `/applications/{number}/interview`: what is known of the applicant, and what the interviewer decides.

use askama::Template;
use chrono::{Days, NaiveDate};

use crate::domain::command::Context;
use crate::domain::document::{self, BlobRef, DocumentKind, Seen};
use crate::domain::flag;
use crate::domain::interview::{Interviewed, Outcome, RefusalGround};
use crate::domain::review::{SecondLooked, Verdict};
use crate::domain::step::{NextStep, next_steps};
use crate::domain::view::{Done, View, Visit};
use crate::office::store::Summary;
use crate::office::web::head::{Choice, Head, who_when};
use crate::office::web::particulars::{self, Group, PaperLine};
use crate::web::page::Shell;
use crate::web::words::{L10n, conflicts, flags, names};

/// The page.
#[derive(Template)]
#[template(path = "office/interviews/interview.html")]
pub struct InterviewPage {
    shell: Shell,
    head: Head,
    flags: Vec<String>,
    others: Vec<Other>,
    declared: Vec<Group>,
    portrait: Option<String>,
    papers: Vec<Paper>,
    previous: Option<Previous>,
    /// Why the outcome waits for a supervisor.
    waits: Vec<String>,
    may_review: bool,
    /// The interviewer may still end it, or end it otherwise.
    may_end: bool,
    capture_open: bool,
    chosen: String,
    until: String,
    until_min: String,
    until_max: String,
    kinds: Vec<Choice>,
    grounds: Vec<Choice>,
    questions: Vec<Asked>,
}

/// What the page is drawn from.
pub struct Known<'a> {
    /// The application.
    pub view: &'a View,
    /// The number of facts it was drawn from.
    pub seen: usize,
    /// What a decision would go by.
    pub context: &'a Context<'a>,
    /// Other applications that name the applicant's NIK.
    pub others: Vec<Summary>,
    /// Whether the bytes of a picture are here.
    pub is_here: &'a dyn Fn(&BlobRef) -> bool,
}

/// A paper: its upload beside what was seen of the original.
pub struct Paper {
    name: String,
    upload: Upload,
    seen: String,
    agrees: bool,
    note: String,
}

/// The upload of a paper.
#[derive(PartialEq, Eq)]
enum Upload {
    None,
    /// Announced, and not here yet.
    Waits,
    /// The hash that names it.
    Here(String),
}

/// Another application that names the same NIK.
pub struct Other {
    href: Option<String>,
    line: String,
}

/// A question with what was typed.
pub struct Asked {
    field: String,
    question: String,
    answer: String,
}

/// The outcome of an earlier interview.
pub struct Previous {
    what: String,
    /// How long a hold still lasts, and whether it is over.
    clock: Option<(String, bool)>,
    by: String,
    notes: String,
    answers: Vec<(String, String)>,
    /// What a supervisor said of it, by whom, and why.
    looked: Option<(String, String, String)>,
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
    pub fn of(shell: Shell, known: Known<'_>) -> Self {
        let Known { view, seen, context, others, is_here } = known;
        let settings = context.settings;
        let visit = context.office.and_then(|office| view.visit(office));
        let capture = visit.map(|visit| &visit.capture);
        let portrait = capture.and_then(|capture| capture.portrait.as_ref());
        let last = context.today.checked_add_days(Days::new(settings.hold_days.into()));
        let last = last.unwrap_or(context.today);
        let steps = next_steps(view, context);
        let second_look = visit.filter(|visit| visit.awaits_second_look());
        let grounds_to_look = second_look.and_then(|visit| visit.interview.as_ref());
        let head = context.office.map(|office| Head::of(&shell, view, office, seen));
        let head = head.unwrap_or_default();
        Self {
            flags: flags(&shell, view, context),
            others: others.iter().map(|line| other(&shell, line)).collect(),
            declared: particulars::groups(&shell, view, context.today),
            portrait: portrait.map(|done| format!("{}/pictures/{}", head.address, done.what.picture.hash)),
            papers: papers(&shell, view, visit, context, is_here),
            previous: visit.and_then(|visit| previous(&shell, visit, context.today)),
            waits: grounds_to_look
                .iter()
                .flat_map(|done| &done.what.second_look)
                .map(|ground| names::review(shell.words, *ground))
                .collect(),
            may_review: steps.contains(&NextStep::SecondLook),
            may_end: steps
                .iter()
                .any(|step| matches!(step, NextStep::PassInterview | NextStep::HoldOrRefuseInterview)),
            capture_open: capture.is_none_or(|capture| !capture.complete),
            chosen: shell.typed("outcome").to_owned(),
            until: shell.typed_or("until", &last.to_string()).to_owned(),
            until_min: context.today.succ_opt().unwrap_or(context.today).to_string(),
            until_max: last.to_string(),
            kinds: kinds(&shell),
            grounds: grounds(&shell),
            questions: questions(&shell, context),
            head,
            shell,
        }
    }
}

fn questions(shell: &Shell, context: &Context<'_>) -> Vec<Asked> {
    let asked = |(at, question): (usize, &crate::domain::interview::Question)| {
        let field = format!("answer-{at}");
        let text = if shell.dates.language == L10n::Id { &question.text_id } else { &question.text_en };
        Asked { answer: shell.typed(&field).to_owned(), question: text.clone(), field }
    };
    context.settings.interview_questions.iter().enumerate().map(asked).collect()
}

fn other(shell: &Shell, line: &Summary) -> Other {
    let number = line.number.as_ref().map(ToString::to_string).unwrap_or_default();
    let status = names::status(shell.words, line.status);
    let grouped = crate::web::dates::grouped(&number);
    Other {
        href: (!number.is_empty()).then(|| format!("/applications/{number}")),
        line: shell.words.interview_others_line(grouped, status),
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

fn papers(
    shell: &Shell,
    view: &View,
    visit: Option<&Visit>,
    context: &Context<'_>,
    is_here: &dyn Fn(&BlobRef) -> bool,
) -> Vec<Paper> {
    let Some(booked) = &view.booking else { return Vec::new() };
    let paper = |line: &document::Line| {
        let told = PaperLine::of(shell, line);
        Paper {
            upload: match told.picture {
                None => Upload::None,
                Some(picture) if is_here(&picture) => Upload::Here(picture.hash),
                Some(_) => Upload::Waits,
            },
            name: told.name,
            agrees: line.checked.as_ref().is_some_and(|it| it.seen == Seen::Agrees),
            seen: told.seen_words,
            note: told.note,
        }
    };
    document::lines(booked, visit, context.today, context.settings).iter().map(paper).collect()
}

fn previous(shell: &Shell, visit: &Visit, today: NaiveDate) -> Option<Previous> {
    let words = shell.words;
    let done = visit.interview.as_ref()?;
    let Interviewed { outcome, notes, answers, .. } = &done.what;
    let what = match outcome {
        Outcome::Passed => words.interview_passed(),
        Outcome::Held { until, .. } => words.interview_held_shown(shell.dates.day(*until)),
        Outcome::Refused { ground } => {
            format!("{}: {}", words.interview_refused(), names::ground(words, *ground))
        }
    };
    let clock = visit.held_until().map(|until| match (until - today).num_days() {
        left if left < 0 => (words.interview_days_over(), true),
        left => (words.interview_days_left(left), false),
    });
    Some(Previous {
        what,
        clock,
        by: who_when(shell, done),
        notes: notes.clone(),
        answers: answers.iter().map(|it| (it.question.clone(), it.answer.clone())).collect(),
        looked: visit.second_look.as_ref().map(|done| looked(shell, done)),
    })
}

fn looked(shell: &Shell, done: &Done<SecondLooked>) -> (String, String, String) {
    let by = who_when(shell, done);
    match &done.what.verdict {
        Verdict::Agreed => (shell.words.interview_agreed(), by, done.what.note.clone()),
        Verdict::SentBack { reason } => (shell.words.interview_sent_back(), by, reason.clone()),
    }
}

/// What deserves a look before anything is decided. A flag never stops anybody.
fn flags(shell: &Shell, view: &View, context: &Context<'_>) -> Vec<String> {
    let words = shell.words;
    let conflicts = view.conflicts.iter().map(|conflict| conflicts::tell(words, conflict).what);
    let flags = flag::of(view, context.now, context.zone, context.settings);
    let flags = flags.iter().map(|flag| flags::tell(words, &shell.dates, flag));
    let priority = view.booking.as_ref().and_then(|booked| booked.priority);
    let priority = priority.map(|ground| words.interview_flag_priority(names::priority(words, ground)));
    conflicts.chain(flags).chain(priority).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::Role;
    use crate::domain::review::ReviewGround;
    use crate::domain::sample::{Story, interview};
    use crate::office::web::preview;
    use crate::web::page::sample;

    fn page(story: &Story, login: &str) -> InterviewPage {
        let shell = preview::shell("/applications/1179000000000001/interview");
        let roles = &[Role::Interviewer, Role::Supervisor];
        story.with_context(Some("karimun"), roles, login, |context| {
            let view = story.view();
            let (others, is_here) = (Vec::new(), |_: &BlobRef| true);
            InterviewPage::of(shell, Known { view: &view, seen: 9, context, others, is_here: &is_here })
        })
    }

    #[test]
    fn the_interviewer_sees_what_is_known_and_what_was_decided_before() {
        let until = "2026-11-27".parse().unwrap();
        let held = interview(Outcome::Held { until, documents: vec![DocumentKind::BirthProof] });
        insta::assert_snapshot!(sample::content(&page(&Story::captured().does(held), "sari")));
    }

    #[test]
    fn another_supervisor_agrees_or_sends_back_and_the_interviewer_may_not() {
        let mut story = Story::captured();
        story.settings.second_look = [ReviewGround::Every].into();
        let story = story.does(interview(Outcome::Passed));
        let (own, other) = (page(&story, "sari"), page(&story, "wati"));
        assert!(!own.may_review && own.waits.len() == 1);
        assert!(other.may_review);
        insta::assert_snapshot!(sample::content(&other));
    }
}
