//! Bookings of an office's day, and finding one by its number or by NIK.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use chrono::NaiveDate;

use super::rows::Row;
use crate::domain::number::ApplicationNumber;
use crate::domain::office::{Office, OfficeCode};
use crate::domain::person::Nik;
use crate::registry::actions::{HEADQUARTERS_ZONE, Registry};
use crate::web::errors::Problem;
use crate::web::page::{self, Shell};

/// What is looked for.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Wanted {
    #[serde(default)]
    office: String,
    #[serde(default)]
    day: String,
    #[serde(default)]
    q: String,
}

/// The page.
#[derive(Template)]
#[template(path = "registry/bookings/bookings.html")]
pub struct BookingsPage {
    shell: Shell,
    title: String,
    offices: Vec<Office>,
    office: String,
    day: NaiveDate,
    q: String,
    rows: Vec<Row>,
}

/// `GET /staff/bookings?office=…&day=…` or `?q=…`
pub async fn list(
    registry: Data<Registry>,
    shell: Shell,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    let Wanted { office, day, q } = wanted.into_inner();
    // A scanned number leads to its application at once.
    if let Ok(number) = ApplicationNumber::parse(&q)
        && registry.store.by_number(&number).await?.is_some()
    {
        return Ok(page::see_other(&format!("/staff/applications/{number}")));
    }
    let offices: Vec<Office> = registry.store.offices().await?.into_iter().map(|row| row.office).collect();
    let day = day.parse().unwrap_or_else(|_| HEADQUARTERS_ZONE.day(shell.now));
    let code = OfficeCode::parse(&office).or_else(|| offices.first().map(|office| office.code.clone()));
    let found = match (Nik::parse(&q), &code) {
        (Ok(nik), _) => registry.store.by_nik(&nik).await,
        (Err(_), Some(code)) if q.trim().is_empty() => registry.store.day(code, day).await,
        _ => Ok(Vec::new()),
    };
    let found = found?;
    let rows = found.iter().map(|summary| Row::of(&shell, summary)).collect();
    let office = code.map(|code| code.to_string()).unwrap_or_default();
    page::show(&BookingsPage {
        title: shell.words.staff_bookings_title(),
        shell,
        offices,
        office,
        day,
        q,
        rows,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::office::Zone;
    use crate::domain::sample::{Story, office};
    use crate::registry::store::Summary;
    use crate::registry::web::preview;
    use crate::web::page::sample;
    use crate::web::words::L10n;

    fn page(language: L10n, q: &str, rows: &[Summary]) -> BookingsPage {
        let shell = preview::shell(language, "/staff/bookings");
        let karimun = Office { code: office("karimun"), name: "Karimun".to_owned(), zone: Zone::Wib };
        BookingsPage {
            title: shell.words.staff_bookings_title(),
            rows: rows.iter().map(|summary| Row::of(&shell, summary)).collect(),
            offices: vec![karimun],
            office: "karimun".to_owned(),
            day: "2026-11-23".parse().unwrap(),
            q: q.to_owned(),
            shell,
        }
    }

    #[test]
    fn the_day_of_an_office_is_listed() {
        let rows = [Story::paid(), Story::billed()].map(|story| Summary::of(&story.view()));
        insta::assert_snapshot!(sample::content(&page(L10n::Id, "", &rows)));
    }

    #[test]
    fn a_search_that_finds_nothing_says_so() {
        insta::assert_snapshot!(sample::content(&page(L10n::En, "<script>", &[])));
    }
}
