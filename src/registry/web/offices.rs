//! Offices: when each was last heard of, and one-time codes for enrolling them.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use chrono::TimeDelta;

use super::app::{asker, fault_in, status_of};
use crate::domain::office::{Office, OfficeCode, Zone};
use crate::registry::actions::{Registry, offices};
use crate::registry::store::OfficeRow;
use crate::web::errors::Problem;
use crate::web::forms::Fields;
use crate::web::page::{self, Fault, Shell};
use crate::web::session::SignedIn;

const NAME_CHARS_MAX: usize = 120;
/// A clock this wrong is worth a word.
const CLOCK_DIFFERS_SHOWN: TimeDelta = TimeDelta::minutes(1);
/// Ten years: more says no more.
const CLOCK_SECONDS_MAX: i64 = 10 * 365 * 86_400;

/// One office.
pub struct Line {
    code: String,
    name: String,
    zone: &'static str,
    contact: Option<String>,
    software: Option<String>,
    code_until: Option<String>,
    /// By how much the office's clock differs, in words.
    clock_differs: Option<String>,
    is_copied: bool,
    is_doubled: bool,
}

/// A code that is shown once.
pub struct ShownCode {
    office: String,
    code: String,
    until: String,
    command: String,
}

/// The page.
#[derive(Template)]
#[template(path = "registry/offices/offices.html")]
pub struct OfficesPage {
    shell: Shell,
    offices: Vec<Line>,
    shown: Option<ShownCode>,
}

impl Line {
    fn of(shell: &Shell, row: OfficeRow) -> Self {
        let open = row.enrolment_until.filter(|until| *until > shell.now);
        let differs = |ms: i64| {
            let by = TimeDelta::seconds((ms / 1000).abs().min(CLOCK_SECONDS_MAX));
            (by >= CLOCK_DIFFERS_SHOWN).then(|| shell.dates.age(shell.now - by, shell.now))
        };
        Self {
            code: row.office.code.to_string(),
            name: row.office.name,
            zone: row.office.zone.abbreviation(),
            contact: row.last_contact_at.map(|at| shell.dates.since(at, shell.now)),
            software: row.software.or_else(|| row.enrolled.then(|| shell.words.node_software_unknown())),
            code_until: open.map(|until| shell.dates.moment(until)),
            clock_differs: row.clock_ahead_ms.and_then(differs),
            is_copied: row.nodes.iter().any(|node| node.twins_since.is_some()),
            is_doubled: row.nodes.iter().filter(|node| node.revoked.is_none()).count() > 1,
        }
    }
}

/// `GET /staff/offices`
pub async fn list(registry: Data<Registry>, shell: Shell) -> Result<HttpResponse, Problem> {
    page::show(&draw(&registry, shell, None).await?)
}

async fn draw(registry: &Registry, shell: Shell, shown: Option<ShownCode>) -> Result<OfficesPage, Problem> {
    let rows = registry.store.offices().await?;
    let offices = rows.into_iter().map(|row| Line::of(&shell, row)).collect();
    Ok(OfficesPage { shell, offices, shown })
}

/// `POST /staff/offices`: adds an office or changes its name.
pub async fn add(registry: Data<Registry>, shell: Shell, form: Fields) -> Result<HttpResponse, Problem> {
    let name = form.owned("name");
    let fits =
        !name.is_empty() && name.chars().count() <= NAME_CHARS_MAX && !name.chars().any(char::is_control);
    let zone = match form.text("zone") {
        "WITA" => Zone::Wita,
        "WIT" => Zone::Wit,
        _ => Zone::Wib,
    };
    let Some(code) = OfficeCode::parse(form.text("code")).filter(|_| fits) else {
        let (what, next) =
            (shell.words.staff_offices_add_wrong(), shell.words.staff_offices_add_wrong_next());
        let shell = shell.faulty(Fault { field: "code", what, next }, form);
        return page::show_as(StatusCode::UNPROCESSABLE_ENTITY, &draw(&registry, shell, None).await?);
    };
    match offices::add(&registry, &Office { code, name, zone }).await {
        Ok(()) => Ok(page::see_other("/staff/offices")),
        Err(error) => {
            let status = status_of(&error);
            let fault = fault_in(error, &shell)?;
            page::show_as(status, &draw(&registry, shell.faulty(fault, form), None).await?)
        }
    }
}

/// `POST /staff/offices/{code}/code`: opens a one-time code and shows it, once.
pub async fn open_code(
    registry: Data<Registry>,
    officer: SignedIn,
    code: Path<String>,
    shell: Shell,
    _: Fields,
) -> Result<HttpResponse, Problem> {
    let office = OfficeCode::parse(&code).ok_or(Problem::NoPage)?;
    let open = offices::open_code_by(&registry, &asker(&officer).by, &office).await?;
    let shown = ShownCode {
        office: office.to_string(),
        code: open.code.to_string(),
        until: shell.dates.moment(open.until),
        command: format!("loket enroll --dir /srv/loket --registry https://… --code {}", open.code),
    };
    page::show(&draw(&registry, shell, Some(shown)).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::office;
    use crate::registry::web::preview;
    use crate::web::page::sample;
    use crate::web::words::L10n;

    #[test]
    fn an_office_shows_its_last_contact_and_a_code_is_shown_once() {
        let shell = preview::shell(L10n::Id, "/staff/offices");
        let row = |code: &str, software: Option<&str>, ahead_ms| OfficeRow {
            office: Office { code: office(code), name: format!("Kantor {code}"), zone: Zone::Wib },
            enrolment_until: software.is_none().then(|| sample::now() + chrono::TimeDelta::hours(1)),
            enrolled: software.is_some(),
            software: software.map(str::to_owned),
            last_contact_at: software.map(|_| sample::now()),
            clock_ahead_ms: ahead_ms,
            nodes: Vec::new(),
        };
        let rows = [row("batam", None, None), row("karimun", Some("loket 0.1.0"), Some(90_000))];
        let shown = ShownCode {
            office: "batam".to_owned(),
            code: "ABCD-EFGH".to_owned(),
            until: "24 November 2026, 08.30 WIB".to_owned(),
            command: "loket enroll --dir /srv/loket --registry https://… --code ABCD-EFGH".to_owned(),
        };
        let offices = rows.into_iter().map(|row| Line::of(&shell, row)).collect();
        insta::assert_snapshot!(sample::content(&OfficesPage { shell, offices, shown: Some(shown) }));
    }
}
