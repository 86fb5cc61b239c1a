//! The papers an application needs, and the sealed files kept of them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::actor::Role;
use super::booking::Booked;
use super::command::Context;
use super::fact::Fact;
use super::refusal::Refusal;
use super::service::{ApplicationKind, ReplacementReason};
use super::setting::Settings;
use super::ticket::{Stage, rules as tickets};
use super::view::{View, Visit};
use super::visit::DocumentsChecked;

/// The largest picture that is taken, in megabytes as people count them.
pub const PICTURE_MEGABYTES_MAX: usize = 10;
/// The same in bytes.
pub const PICTURE_BYTES_MAX: usize = PICTURE_MEGABYTES_MAX * 1024 * 1024;

/// A kind of paper (DOMAIN.md §1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentKind {
    /// *e-KTP* or the certificate that it was recorded.
    IdentityCard,
    /// *Kartu Keluarga.*
    FamilyCard,
    /// *Akta kelahiran*, *akta perkawinan* / *buku nikah*, *ijazah* or *surat baptis*: whichever proves birth and parents.
    BirthProof,
    /// *Paspor lama.*
    OldPassport,
    /// *e-KTP* of both parents.
    ParentsIdentityCards,
    /// *Buku nikah* or *akta perkawinan* of the parents.
    ParentsMarriage,
    /// *Surat pernyataan* of both parents.
    ParentsStatement,
    /// *Surat lapor kehilangan* of the police.
    PoliceReport,
    /// *Surat keterangan* of the authority about a disaster.
    DisasterStatement,
    /// *Surat kuasa* of a parent who does not attend.
    PowerOfAttorney,
    /// *Penetapan ganti nama* or *surat pewarganegaraan*.
    NameOrCitizenshipRuling,
    /// Recommendation for pilgrimage or work abroad.
    Recommendation,
}

/// What every sealed file of an application is bound to, besides its application's key.
pub const BLOB_CLASS: &str = "picture";

/// A sealed file in the blob store: the BLAKE3 hash of its sealed bytes, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BlobRef {
    /// Hash of the sealed bytes, 64 hexadecimal digits.
    pub hash: String,
    /// Length of the picture before it was sealed, in bytes.
    pub len: u32,
    /// `image/jpeg` or `image/png`.
    pub media_type: String,
}

/// A paper the applicant uploaded with the booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadedDocument {
    /// What it is.
    pub kind: DocumentKind,
    /// The picture, if it came with the booking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<BlobRef>,
}

/// What the officer saw when the original was laid on the counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seen {
    /// The original agrees with what was uploaded.
    Agrees,
    /// The original differs from what was uploaded.
    Differs,
    /// The original was not brought.
    Missing,
}

/// One ticked line of the document check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedDocument {
    /// Which paper.
    pub kind: DocumentKind,
    /// What was seen.
    pub seen: Seen,
    /// What the officer noted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

const FULL: [DocumentKind; 3] =
    [DocumentKind::IdentityCard, DocumentKind::FamilyCard, DocumentKind::BirthProof];
const SHORT: [DocumentKind; 1] = [DocumentKind::IdentityCard];
const CHILD: [DocumentKind; 5] = [
    DocumentKind::ParentsIdentityCards,
    DocumentKind::FamilyCard,
    DocumentKind::BirthProof,
    DocumentKind::ParentsMarriage,
    DocumentKind::ParentsStatement,
];

/// The papers an application needs on a day (Permenkumham 8/2014 art. 4; DOMAIN.md §1.3). A year of the old passport
/// that nobody declared does not ask for more: the officer sees the book.
pub fn required(booking: &Booked, on: NaiveDate, settings: &Settings) -> Vec<DocumentKind> {
    let mut papers: Vec<DocumentKind> = match booking.service.kind {
        _ if booking.applicant.is_child(on, settings) => CHILD.into(),
        ApplicationKind::Replacement(ReplacementReason::Expired | ReplacementReason::Full)
            if !has_early_passport(booking, settings) =>
        {
            SHORT.into()
        }
        ApplicationKind::New | ApplicationKind::Replacement(_) => FULL.into(),
    };
    if let ApplicationKind::Replacement(reason) = booking.service.kind {
        papers.push(proof_of_old_passport(reason));
        if reason == ReplacementReason::DamagedByDisaster {
            papers.push(DocumentKind::DisasterStatement);
        }
    }
    if goes_as_migrant_worker(booking) {
        papers.push(DocumentKind::Recommendation);
    }
    papers
}

fn has_early_passport(booking: &Booked, settings: &Settings) -> bool {
    booking.questionnaire.old_passport_year.is_some_and(|year| year < settings.full_papers_before_year)
}

fn proof_of_old_passport(reason: ReplacementReason) -> DocumentKind {
    match reason {
        ReplacementReason::Lost => DocumentKind::PoliceReport,
        ReplacementReason::LostByDisaster => DocumentKind::DisasterStatement,
        ReplacementReason::Expired
        | ReplacementReason::Full
        | ReplacementReason::Damaged
        | ReplacementReason::DamagedByDisaster => DocumentKind::OldPassport,
    }
}

/// *Pekerja migran Indonesia*: the labour office's recommendation is needed; for a pilgrimage it is only advised.
/// Whether the declared purpose is work arranged abroad (*PMI*).
pub(super) fn goes_as_migrant_worker(booking: &Booked) -> bool {
    booking
        .questionnaire
        .purpose
        .as_deref()
        .is_some_and(|purpose| purpose.to_ascii_uppercase().contains("PMI"))
}

/// A line of the list an officer ticks off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Which paper.
    pub kind: DocumentKind,
    /// Needed for this application; otherwise it was only uploaded.
    pub required: bool,
    /// The upload, to compare with.
    pub uploaded: Option<UploadedDocument>,
    /// The latest check.
    pub checked: Option<CheckedDocument>,
}

/// The list an officer ticks off: the papers needed, those the interview asked for, then whatever else was uploaded.
pub fn lines(booking: &Booked, visit: Option<&Visit>, on: NaiveDate, settings: &Settings) -> Vec<Line> {
    let mut kinds = required(booking, on, settings);
    for kind in visit.iter().flat_map(|visit| asked_at_interview(visit)) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let needed = kinds.len();
    for uploaded in &booking.documents {
        if !kinds.contains(&uploaded.kind) {
            kinds.push(uploaded.kind);
        }
    }
    let checked = visit.and_then(|visit| visit.documents.as_ref()).map_or(&[][..], |done| &done.what);
    let line = |(index, kind)| Line {
        kind,
        required: index < needed,
        uploaded: booking.documents.iter().find(|uploaded| uploaded.kind == kind).cloned(),
        checked: checked.iter().rev().find(|line| line.kind == kind).cloned(),
    };
    kinds.into_iter().enumerate().map(line).collect()
}

fn asked_at_interview(visit: &Visit) -> Vec<DocumentKind> {
    use super::interview::Outcome;
    match visit.interview.as_ref().map(|interview| &interview.what.outcome) {
        Some(Outcome::Held { documents, .. }) => documents.clone(),
        _ => Vec::new(),
    }
}

/// Papers that are needed and were not brought. A paper that differs from the upload counts as brought: the officer's
/// note says how it differs, and the interview judges it.
pub fn missing(needed: &[DocumentKind], checked: &[CheckedDocument]) -> Vec<DocumentKind> {
    let brought = |kind: &DocumentKind| {
        let latest = checked.iter().rev().find(|line| line.kind == *kind);
        latest.is_some_and(|line| line.seen != Seen::Missing)
    };
    needed.iter().copied().filter(|kind| !brought(kind)).collect()
}

/// Passes when the papers of a visit were checked and none that this application needs is missing.
pub(super) fn suffice(view: &View, visit: &Visit, context: &Context<'_>) -> Result<(), Refusal> {
    let checked = checked(visit)?;
    none_missing(&needed(view, context)?, checked)
}

/// The same, and none that the interview held the application for is missing either.
pub(super) fn suffice_to_pass(view: &View, visit: &Visit, context: &Context<'_>) -> Result<(), Refusal> {
    let checked = checked(visit)?;
    none_missing(&needed_to_pass(view, visit, context)?, checked)
}

/// The latest check of the papers.
pub(super) fn checked(visit: &Visit) -> Result<&[CheckedDocument], Refusal> {
    visit.documents.as_ref().map(|done| done.what.as_slice()).ok_or(Refusal::DocumentsNotChecked)
}

fn needed(view: &View, context: &Context<'_>) -> Result<Vec<DocumentKind>, Refusal> {
    let booking = view.booking.as_ref().ok_or(Refusal::NoBooking)?;
    Ok(required(booking, context.today, context.settings))
}

fn needed_to_pass(view: &View, visit: &Visit, context: &Context<'_>) -> Result<Vec<DocumentKind>, Refusal> {
    let mut needed = needed(view, context)?;
    let asked = asked_at_interview(visit).into_iter().filter(|kind| !needed.contains(kind));
    let asked: Vec<DocumentKind> = asked.collect();
    needed.extend(asked);
    Ok(needed)
}

fn none_missing(needed: &[DocumentKind], checked: &[CheckedDocument]) -> Result<(), Refusal> {
    let missing = missing(needed, checked);
    if missing.is_empty() { Ok(()) } else { Err(Refusal::DocumentsMissing(missing)) }
}

/// Originals were compared with uploads. What was seen is written in any case; a ticket is drawn only when the papers
/// suffice. After a hold the papers are checked again.
pub(super) fn check(
    view: &View,
    context: &Context<'_>,
    documents: &[CheckedDocument],
    ticket: bool,
) -> Result<Vec<Fact>, Refusal> {
    let visit = context.visit_as(view, &[Role::FrontDesk, Role::Interviewer, Role::Supervisor])?;
    if view.is_refused() {
        return Err(Refusal::ApplicationRefused);
    }
    if visit.is_passed() {
        return Err(Refusal::TooLate);
    }
    seen(view, visit, context, documents, ticket)
}

/// The same at the moment somebody arrives, whose visit is not written yet.
pub(super) fn on_arrival(
    view: &View,
    context: &Context<'_>,
    documents: &[CheckedDocument],
) -> Result<Vec<Fact>, Refusal> {
    seen(view, &Visit::default(), context, documents, true)
}

fn seen(
    view: &View,
    visit: &Visit,
    context: &Context<'_>,
    documents: &[CheckedDocument],
    ticket: bool,
) -> Result<Vec<Fact>, Refusal> {
    if documents.iter().any(|line| line.seen == Seen::Differs && line.note.trim().is_empty()) {
        return Err(Refusal::ReasonNeeded);
    }
    let mut facts = vec![Fact::DocumentsChecked(DocumentsChecked { documents: documents.to_vec() })];
    let is_enough = none_missing(&needed_to_pass(view, visit, context)?, documents).is_ok();
    if ticket && is_enough && !tickets::is_open_today(visit, context) {
        facts.push(tickets::draw(view, context, Stage::Interview)?);
    }
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::command::Command;
    use crate::domain::person::CivilStatus;
    use crate::domain::sample::{FULL_PAPERS, Story, arrive, booking, brought, check_papers, interview};
    use crate::domain::status::Status;
    use DocumentKind as Kind;

    #[test]
    fn the_papers_follow_from_kind_age_and_old_passport() {
        use ReplacementReason::{Damaged, DamagedByDisaster, Expired, Full, Lost, LostByDisaster};
        let short = vec![Kind::IdentityCard, Kind::OldPassport];
        let full_and = |more: &[Kind]| [FULL_PAPERS, more].concat();
        let again = ApplicationKind::Replacement;
        let cases = [
            (ApplicationKind::New, None, FULL_PAPERS.to_vec()),
            (again(Expired), Some(2016), short.clone()),
            (again(Full), None, short),
            (again(Expired), Some(2008), full_and(&[Kind::OldPassport])),
            (again(Lost), Some(2016), full_and(&[Kind::PoliceReport])),
            (again(Damaged), Some(2016), full_and(&[Kind::OldPassport])),
            (again(LostByDisaster), None, full_and(&[Kind::DisasterStatement])),
            (again(DamagedByDisaster), None, full_and(&[Kind::OldPassport, Kind::DisasterStatement])),
        ];
        let on = "2026-11-23".parse().unwrap();
        for (kind, year, expected) in cases {
            let mut booking = booking();
            booking.service.kind = kind;
            booking.questionnaire.old_passport_year = year;
            assert_eq!(required(&booking, on, &Settings::default()), expected, "{kind:?} {year:?}");
        }
    }

    #[test]
    fn a_child_brings_the_parents_papers_and_a_married_minor_its_own() {
        let on = "2026-11-23".parse().unwrap();
        let mut booking = booking();
        booking.applicant.born_on = "2015-05-05".parse().unwrap();
        booking.applicant.civil_status = CivilStatus::Single;
        assert_eq!(required(&booking, on, &Settings::default()), CHILD);
        booking.applicant.civil_status = CivilStatus::Married;
        assert_eq!(required(&booking, on, &Settings::default()), FULL);
    }

    #[test]
    fn who_works_abroad_needs_a_recommendation_and_a_pilgrim_does_not() {
        let on = "2026-11-23".parse().unwrap();
        for (purpose, needed) in [("Bekerja (PMI)", true), ("Umroh", false)] {
            let mut booking = booking();
            booking.questionnaire.purpose = Some(purpose.to_owned());
            let papers = required(&booking, on, &Settings::default());
            assert_eq!(papers.contains(&Kind::Recommendation), needed, "{purpose}");
        }
    }

    #[test]
    fn a_ticket_is_drawn_when_the_papers_suffice_and_only_then() {
        let partial = Command::CheckDocuments { documents: brought(&FULL_PAPERS[..2]), ticket: true };
        let story = Story::arrived().does(partial);
        assert_eq!(story.status(), Status::Arrived);
        assert_eq!(
            story.refuses(&Command::CompleteCapture),
            Refusal::DocumentsMissing(vec![Kind::BirthProof])
        );
        let again = story.does(check_papers());
        assert_eq!((again.status(), again.ticket().to_string()), (Status::Waiting, "A001".to_owned()));
        assert_eq!(again.does(check_papers()).view().visits.values().next().unwrap().tickets.len(), 1);
        let without = Command::CheckDocuments { documents: brought(FULL_PAPERS), ticket: false };
        assert_eq!(Story::arrived().does(without).status(), Status::Arrived);
    }

    #[test]
    fn a_paper_that_differs_needs_a_note_and_then_suffices() {
        let differing = |note: &str| {
            let mut documents = brought(FULL_PAPERS);
            documents[0] =
                CheckedDocument { seen: Seen::Differs, note: note.to_owned(), ..documents[0].clone() };
            Command::CheckDocuments { documents, ticket: true }
        };
        assert_eq!(Story::arrived().refuses(&differing(" ")), Refusal::ReasonNeeded);
        assert_eq!(Story::arrived().does(differing("new address")).status(), Status::Waiting);
    }

    #[test]
    fn papers_are_checked_after_the_arrival_and_before_the_interview_is_over() {
        use crate::domain::interview::{Outcome, RefusalGround};
        assert_eq!(Story::paid().refuses(&check_papers()), Refusal::NotArrived);
        assert_eq!(Story::interviewed().refuses(&check_papers()), Refusal::TooLate);
        let ground = RefusalGround::UntrueStatement;
        let refused = Story::captured().does(interview(Outcome::Refused { ground }));
        assert_eq!(refused.refuses(&check_papers()), Refusal::ApplicationRefused);
        assert_eq!(
            Story::paid().does(arrive()).refuses(&Command::CompleteCapture),
            Refusal::DocumentsNotChecked
        );
    }

    #[test]
    fn the_list_names_needed_papers_first_then_other_uploads() {
        let mut booking = booking();
        booking.documents = vec![UploadedDocument { kind: Kind::Recommendation, picture: None }];
        let on = "2026-11-23".parse().unwrap();
        let lines = lines(&booking, None, on, &Settings::default());
        let shown: Vec<_> =
            lines.iter().map(|line| (line.kind, line.required, line.uploaded.is_some())).collect();
        assert_eq!(shown[0], (Kind::IdentityCard, true, false));
        assert_eq!(shown[3], (Kind::Recommendation, false, true));
    }
}
