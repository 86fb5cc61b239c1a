//! What a booking request must hold together before anything is written. Oddities that are nobody's fault (a NIK that
//! disagrees with the birth date, a single name) are no reason to refuse.

use chrono::{Days, NaiveDateTime};

use super::{BookingRequest, DocumentRequest, Invalid, decode_base64};
use crate::domain::booking::Slot;
use crate::domain::person::CivilStatus;
use crate::domain::service::{ApplicationKind, Channel, ReplacementReason, Validity};
use crate::domain::setting::Settings;

const NAME_CHARS_MAX: usize = 200;
const TEXT_CHARS_MAX: usize = 500;
const LIST_MAX: usize = 20;
const PICTURE_BYTES_MAX: usize = 4 * 1024 * 1024;
const AGE_YEARS_MAX: u32 = 130;
const DAYS_AHEAD_MAX: u64 = 400;

/// A picture as it was sent.
pub(super) struct Picture {
    pub(super) bytes: Vec<u8>,
    pub(super) media_type: &'static str,
}

/// Everything that is wrong with a request; `now` is the office's wall clock.
pub(super) fn request(
    request: &BookingRequest,
    now: NaiveDateTime,
    settings: &Settings,
) -> Result<(), Vec<Invalid>> {
    let mut wrong = Vec::new();
    let mut check = |holds: bool, field: &'static str, detail: &'static str| {
        if !holds {
            wrong.push(Invalid { field, detail });
        }
    };
    let person = &request.applicant;
    let today = now.date();
    check(
        is_text(&person.name, 1, NAME_CHARS_MAX),
        "applicant.name",
        "a name of 1 to 200 characters is needed",
    );
    check(is_text(&person.birthplace, 0, NAME_CHARS_MAX), "applicant.birthplace", "too long");
    check(is_text(&person.address, 0, TEXT_CHARS_MAX), "applicant.address", "too long");
    check(is_text(&person.occupation, 0, NAME_CHARS_MAX), "applicant.occupation", "too long");
    check(person.born_on <= today, "applicant.born_on", "lies in the future");
    check(person.age_on(today) <= AGE_YEARS_MAX, "applicant.born_on", "lies too far back");
    check(request.guardians.len() <= LIST_MAX, "guardians", "too many");
    let named = request.guardians.iter().all(|guardian| is_text(&guardian.name, 1, NAME_CHARS_MAX));
    check(named, "guardians", "each needs a name of 1 to 200 characters");
    check(request.documents.len() <= LIST_MAX, "documents", "too many");
    let once_fits = request.once.as_ref().is_none_or(|once| is_text(once, 8, NAME_CHARS_MAX));
    check(once_fits, "once", "8 to 200 characters");
    check(request.contact.email.as_deref().is_none_or(is_email), "contact.email", "is no e-mail address");
    check(is_coming(request.slot, now), "slot", "is over, ends before it begins, or lies too far ahead");
    check(
        service_holds(request, settings, today),
        "service",
        "this service is not offered this way to this person",
    );
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// Ten years only from an age on or when married; same-day only for new and expired; priority with its ground.
fn service_holds(request: &BookingRequest, settings: &Settings, today: chrono::NaiveDate) -> bool {
    let (person, service) = (&request.applicant, &request.service);
    let grown = person.age_on(today) >= settings.ten_years_from_age_years
        || person.civil_status != CivilStatus::Single;
    let quick = matches!(
        service.kind,
        ApplicationKind::New | ApplicationKind::Replacement(ReplacementReason::Expired)
    );
    (service.validity == Validity::FiveYears || grown)
        && (service.channel != Channel::SameDay || quick)
        && (service.channel != Channel::Priority || request.priority.is_some())
}

fn is_coming(slot: Slot, now: NaiveDateTime) -> bool {
    let last_day = now.date().checked_add_days(Days::new(DAYS_AHEAD_MAX));
    slot.from < slot.until
        && slot.day.and_time(slot.until) > now
        && last_day.is_some_and(|last| slot.day <= last)
}

fn is_text(text: &str, min: usize, max: usize) -> bool {
    let length = text.trim().chars().count();
    (min..=max).contains(&length) && !text.chars().any(char::is_control)
}

fn is_email(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | ',');
    let parts = text.split_once('@');
    text.len() <= 254
        && text.chars().all(plain)
        && parts.is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !host.contains('@'))
}

/// Reads the pictures of a request: JPEG or PNG by their first bytes, whatever they are called.
pub(super) fn pictures(documents: &[DocumentRequest]) -> Result<Vec<Option<Picture>>, Invalid> {
    documents.iter().map(|document| document.picture.as_deref().map(picture).transpose()).collect()
}

fn picture(text: &str) -> Result<Picture, Invalid> {
    let wrong = |detail| Invalid { field: "documents", detail };
    let bytes = decode_base64(text)?;
    if bytes.len() > PICTURE_BYTES_MAX {
        return Err(wrong("a picture is larger than 4 MB"));
    }
    let media_type = match bytes.as_slice() {
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => "image/png",
        _ => return Err(wrong("a picture is neither JPEG nor PNG")),
    };
    Ok(Picture { bytes, media_type })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_looked_at_loosely() {
        for good in ["siti@example.com", "a.b+c@mail.example.co.id"] {
            assert!(is_email(good), "{good}");
        }
        for bad in
            ["", "siti", "@example.com", "siti@", "siti@x", "a b@example.com", "a@b@example.com", "<a@b.c>"]
        {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn a_slot_must_still_come() {
        let slot = |day: &str, from: &str, until: &str| Slot {
            day: day.parse().unwrap(),
            from: from.parse().unwrap(),
            until: until.parse().unwrap(),
        };
        let now = "2026-11-21T09:30:00".parse().unwrap();
        for (day, from, until, comes) in [
            ("2026-11-21", "09:00:00", "10:00:00", true),
            ("2026-11-21", "08:00:00", "09:00:00", false),
            ("2026-11-22", "08:00:00", "09:00:00", true),
            ("2026-11-22", "09:00:00", "08:00:00", false),
            ("2029-11-22", "08:00:00", "09:00:00", false),
        ] {
            assert_eq!(is_coming(slot(day, from, until), now), comes, "{day} {from}");
        }
    }
}
