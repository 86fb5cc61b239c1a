//! The particulars on an application's page: the person, the money, the papers.

use chrono::NaiveDate;

use crate::domain::booking::Booked;
use crate::domain::document::{BlobRef, DocumentKind, Line, Seen};
use crate::domain::payment::{Evidence, Payment};
use crate::domain::view::View;
use crate::web::dates::grouped;
use crate::web::page::Shell;
use crate::web::words::{L10nLanguage, names};

/// A titled list of what is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its title.
    pub title: String,
    /// Names and values; empty values are left out.
    pub lines: Vec<(String, String)>,
}

/// The money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// Where it stands.
    pub state: String,
    /// How that looks.
    pub mark: &'static str,
    /// What is known of it.
    pub lines: Vec<(String, String)>,
}

/// A line of the document check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperLine {
    /// Which paper, as in field names.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Needed, or only uploaded.
    pub required: bool,
    /// The upload.
    pub picture: Option<BlobRef>,
    /// What was seen: as typed just now, else at the latest check.
    pub seen: String,
    /// The same in words, empty when it was never checked.
    pub seen_words: String,
    /// The remark.
    pub note: String,
}

impl PaperLine {
    /// The line of a paper.
    pub fn of(shell: &Shell, line: &Line) -> Self {
        let key = key(&line.kind);
        let checked = line.checked.as_ref();
        let seen = checked.map(|it| seen_key(it.seen).to_owned()).unwrap_or_default();
        let note = checked.map(|it| it.note.clone()).unwrap_or_default();
        Self {
            name: names::document(shell.words, line.kind),
            required: line.required,
            picture: line.uploaded.as_ref().and_then(|it| it.picture.clone()),
            seen: shell.typed_or(&format!("seen-{key}"), &seen).to_owned(),
            seen_words: checked.map(|it| names::seen(shell.words, it.seen)).unwrap_or_default(),
            note: shell.typed_or(&format!("note-{key}"), &note).to_owned(),
            key,
        }
    }
}

/// A paper's name in forms: the same as in facts.
pub fn key(kind: &DocumentKind) -> String {
    serde_json::to_value(kind).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn seen_key(seen: Seen) -> &'static str {
    match seen {
        Seen::Agrees => "agrees",
        Seen::Differs => "differs",
        Seen::Missing => "missing",
    }
}

/// The channel, with the ground of a priority.
pub fn channel(words: &L10nLanguage, booking: &Booked) -> String {
    let channel = names::channel(words, booking.service.channel);
    match booking.priority {
        Some(ground) => format!("{channel}: {}", names::priority(words, ground)),
        None => channel,
    }
}

/// Everything the booking says, in groups.
pub fn groups(shell: &Shell, view: &View, today: NaiveDate) -> Vec<Group> {
    let Some(booking) = &view.booking else { return Vec::new() };
    let group = |title: String, lines: Vec<(String, String)>| Group {
        title,
        lines: lines.into_iter().filter(|(_, value)| !value.is_empty()).collect(),
    };
    let words = shell.words;
    let groups = [
        group(words.application_person(), person(shell, booking, today)),
        group(words.application_guardians(), guardians(words, booking)),
        group(words.application_journey(), journey(words, booking)),
        group(words.application_contact(), contact(words, booking)),
    ];
    groups.into_iter().filter(|group| !group.lines.is_empty()).collect()
}

fn person(shell: &Shell, booking: &Booked, today: NaiveDate) -> Vec<(String, String)> {
    let (words, it) = (shell.words, &booking.applicant);
    let born = format!("{}, {}", it.birthplace, shell.dates.day(it.born_on));
    vec![
        (words.application_nik(), grouped(it.nik.as_str())),
        (words.application_born(), born),
        (words.application_age(), words.application_years(it.age_on(today))),
        (words.application_sex(), names::sex(words, it.sex)),
        (words.application_civil(), names::civil(words, it.civil_status)),
        (words.application_occupation(), it.occupation.clone()),
        (words.application_address(), it.address.clone()),
    ]
}

fn guardians(words: &L10nLanguage, booking: &Booked) -> Vec<(String, String)> {
    let line = |it: &crate::domain::person::Guardian| {
        (names::relation(words, it.relation), format!("{}, NIK {}", it.name, grouped(it.nik.as_str())))
    };
    booking.guardians.iter().map(line).collect()
}

fn journey(words: &L10nLanguage, booking: &Booked) -> Vec<(String, String)> {
    let it = booking.questionnaire.clone();
    let year = it.old_passport_year.map(|year| format!(" ({year})")).unwrap_or_default();
    let old = it.old_passport.map(|number| format!("{number}{year}"));
    vec![
        (words.application_purpose(), it.purpose.unwrap_or_default()),
        (words.application_destination(), it.destination.unwrap_or_default()),
        (words.application_old_passport(), old.unwrap_or_default()),
    ]
}

fn contact(words: &L10nLanguage, booking: &Booked) -> Vec<(String, String)> {
    let it = booking.contact.clone();
    vec![
        (words.application_email(), it.email.unwrap_or_default()),
        (words.application_phone(), it.phone.unwrap_or_default()),
    ]
}

impl Money {
    /// The money of an application; `None` while there is no bill.
    pub fn of(shell: &Shell, view: &View) -> Option<Self> {
        let words = shell.words;
        let money = |state, mark, lines| Some(Self { state, mark, lines });
        match &view.payment {
            Payment::Due(bill) | Payment::Expired(bill) if view.is_provisional() => {
                let mut lines = of_bill(shell, bill);
                lines.extend(shown(words, view));
                money(words.name_payment_provisional(), "warn", lines)
            }
            Payment::None => None,
            Payment::Due(bill) => {
                let mut lines = of_bill(shell, bill);
                lines.push((words.application_due(), shell.dates.moment(bill.due_at)));
                money(words.name_payment_due(), "warn", lines)
            }
            Payment::Expired(bill) => money(words.name_payment_expired(), "bad", of_bill(shell, bill)),
            Payment::Paid { bill, paid, .. } => {
                let mut lines = bill.as_ref().map(|bill| of_bill(shell, bill)).unwrap_or_default();
                lines.push((words.application_ntpn(), grouped(paid.ntpn.as_str())));
                lines.push((words.application_paid_at(), shell.dates.moment(paid.paid_at)));
                money(words.name_payment_paid(), "good", lines)
            }
            Payment::Refunded(it) => {
                let lines = vec![(words.application_amount(), shell.dates.rupiah(it.amount_idr))];
                money(words.name_payment_refunded(), "bad", lines)
            }
        }
    }
}

/// The NTPN an applicant was let in on.
fn shown(words: &L10nLanguage, view: &View) -> Option<(String, String)> {
    let admitted = view.visits.values().find_map(|visit| visit.admitted.as_ref())?;
    let (Evidence::Ntpn { ntpn } | Evidence::SignedProof { ntpn, .. }) = &admitted.what.evidence;
    Some((words.application_ntpn(), grouped(ntpn.as_str())))
}

fn of_bill(shell: &Shell, bill: &crate::domain::payment::Billed) -> Vec<(String, String)> {
    vec![
        (shell.words.application_amount(), shell.dates.rupiah(bill.amount_idr)),
        (shell.words.application_code(), grouped(bill.code.as_str())),
    ]
}
