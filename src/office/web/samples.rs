//! A few applications with fixed contents, for snapshots of pages.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use crate::domain::actor::Actor;
use crate::domain::application::{Application, ApplicationKey, Author, Entry, Order};
use crate::domain::fact::Fact;
use crate::domain::office::OfficeCode;
use crate::office::store::Summary;

/// Monday 23 November 2026.
pub(crate) fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
}

/// The office of the samples.
pub(crate) fn karimun() -> OfficeCode {
    OfficeCode::parse("karimun").unwrap()
}

fn at(clock: &str) -> DateTime<Utc> {
    format!("2026-11-23T{clock}:00+07:00").parse().unwrap()
}

/// What the registry knows of an applicant.
pub(crate) fn booked(serial: u16, name: &str, from: &str, until: &str, channel: &str) -> Fact {
    Fact::Booked(
        serde_json::from_value(json!({
            "number": format!("1179{serial:012}"), "office": "karimun",
            "slot": { "day": "2026-11-23", "from": from, "until": until },
            "applicant": {
                "name": name, "nik": "2102014507880003", "born_on": "1988-07-05", "birthplace": "Tanjung Balai Karimun",
                "sex": "F", "civil_status": "married", "address": "Jalan Pramuka 12", "occupation": "Guru",
            },
            "service": { "kind": "new", "product": "electronic", "validity": "10", "channel": channel },
            "documents": [{ "kind": "identity-card" }, { "kind": "family-card" }, { "kind": "birth-proof" }],
            "questionnaire": { "purpose": "Wisata", "destination": "Malaysia" },
            "contact": { "email": "siti@example.org", "phone": "0812000111" },
        }))
        .unwrap(),
    )
}

/// The bill of the samples.
pub(crate) fn billed() -> Fact {
    Fact::Billed(
        serde_json::from_value(json!({
            "code": "820261121000042", "items": [{ "item": "passport", "amount_idr": 950_000 }],
            "amount_idr": 950_000, "due_at": "2026-11-21T05:00:00Z",
        }))
        .unwrap(),
    )
}

/// Its payment.
pub(crate) fn paid() -> Fact {
    Fact::Paid(
        serde_json::from_value(json!({
            "code": "820261121000042", "ntpn": "0123456789ABCDEF", "amount_idr": 950_000,
            "paid_at": "2026-11-21T04:00:00Z", "channel": "BRI",
        }))
        .unwrap(),
    )
}

/// The applicant came at eight.
pub(crate) fn arrived() -> Fact {
    Fact::Arrived(
        serde_json::from_value(json!({
            "punctuality": "on-time", "slot": { "day": "2026-11-23", "from": "08:00:00", "until": "09:00:00" },
            "note": "membawa anak",
        }))
        .unwrap(),
    )
}

/// An application with these facts of the registry and of the office, a minute apart from eight o'clock.
pub(crate) fn application(serial: u8, registry: Vec<Fact>, office: Vec<Fact>) -> Application {
    let mut application = Application::new(ApplicationKey([serial; 16]));
    let sari = Actor::Officer { login: "sari".to_owned(), name: "Sari Melayu".to_owned() };
    let authors = [
        (Author::Registry, Actor::Applicant, registry, at("07:00")),
        (Author::Office(karimun()), sari, office, at("08:00")),
    ];
    for (author, by, facts, from) in authors {
        for (index, fact) in facts.into_iter().enumerate() {
            let count = u32::try_from(index).unwrap();
            let order = Order { rev: count + 1, session: [1; 16], seq: u64::from(count) };
            let at = from + chrono::Duration::minutes(count.into());
            application.join(Entry { author: author.clone(), order, at, by: by.clone(), fact });
        }
    }
    application
}

/// One who has paid and is expected.
pub(crate) fn expected() -> Application {
    application(
        1,
        vec![booked(42, "Siti Aminah", "08:00:00", "09:00:00", "m-paspor"), billed(), paid()],
        vec![],
    )
}

/// One who has not paid.
pub(crate) fn unpaid() -> Application {
    application(2, vec![booked(43, "Suparman", "08:00:00", "09:00:00", "same-day"), billed()], vec![])
}

/// One who is here.
pub(crate) fn here() -> Application {
    let registry = vec![
        booked(44, "Muhammad Ridwan bin Abdul Halim", "08:00:00", "09:00:00", "priority"),
        billed(),
        paid(),
    ];
    application(3, registry, vec![arrived()])
}

/// A small day.
pub(crate) fn day() -> Vec<Summary> {
    [expected(), unpaid(), here()]
        .iter()
        .map(|application| Summary::of(&application.view(), &karimun()))
        .collect()
}
