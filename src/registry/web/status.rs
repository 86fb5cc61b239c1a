//! The applicant's own page: number and date of birth in, where the application stands out. No account, no name shown.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

use super::rows::mark;
use crate::domain::number::ApplicationNumber;
use crate::domain::payment::Payment;
use crate::domain::view::View;
use crate::registry::actions::Registry;
use crate::web::dates::grouped;
use crate::web::errors::Problem;
use crate::web::forms::Fields;
use crate::web::page::{self, Fault, Shell};
use crate::web::words::names;

/// What is shown of an application.
pub struct Found {
    number: String,
    status: String,
    mark: &'static str,
    office: String,
    slot: Option<String>,
    bill: Option<(String, String)>,
}

/// The page.
#[derive(Template)]
#[template(path = "registry/status/status.html")]
pub struct StatusPage {
    shell: Shell,
    found: Option<Found>,
}

/// `GET /`
pub async fn show(shell: Shell) -> Result<HttpResponse, Problem> {
    page::show(&StatusPage { shell, found: None })
}

/// `POST /`: asked by a form, so that neither number nor date of birth stands in an address.
pub async fn look_up(registry: Data<Registry>, shell: Shell, form: Fields) -> Result<HttpResponse, Problem> {
    let found = find(&registry, &shell, &form).await?;
    if found.is_some() {
        return page::show(&StatusPage { shell, found });
    }
    let (what, next) = (shell.words.applicant_not_found(), shell.words.applicant_not_found_next());
    let shell = shell.faulty(Fault { field: "number", what, next }, form);
    page::show_as(StatusCode::NOT_FOUND, &StatusPage { shell, found: None })
}

/// Whoever knows both sees the status; which of the two was wrong is not said.
async fn find(registry: &Registry, shell: &Shell, form: &Fields) -> Result<Option<Found>, Problem> {
    let Ok(number) = ApplicationNumber::parse(form.text("number")) else { return Ok(None) };
    let Some(key) = registry.store.by_number(&number).await? else { return Ok(None) };
    let view = registry.store.application(key).await?.view();
    let Some(booking) = view.booking.as_ref() else { return Ok(None) };
    if form.text("born") != booking.applicant.born_on.to_string() {
        return Ok(None);
    }
    let office = registry.store.office(&booking.office).await?;
    let office = office.map_or_else(|| booking.office.to_string(), |row| row.office.name);
    Ok(Some(draw(shell, &number, &view, office)))
}

fn draw(shell: &Shell, number: &ApplicationNumber, view: &View, office: String) -> Found {
    let due = if let Payment::Due(bill) = &view.payment { Some(bill) } else { None };
    let bill = due.map(|bill| (grouped(bill.code.as_str()), shell.dates.moment(bill.due_at)));
    Found {
        number: grouped(number.as_str()),
        status: names::status(shell.words, view.status),
        mark: mark(view.status),
        office,
        slot: view
            .slot
            .map(|slot| format!("{}, {}", shell.dates.long_day(slot.day), shell.dates.interval(&slot))),
        bill,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::Story;
    use crate::registry::web::preview;
    use crate::web::page::sample;
    use crate::web::words::L10n;

    #[test]
    fn an_applicant_sees_where_it_stands_and_no_name() {
        let shell = preview::stranger(L10n::Id, "/");
        let view = Story::billed().view();
        let number = &view.booking.as_ref().unwrap().number;
        let found = Some(draw(&shell, number, &view, "Karimun".to_owned()));
        let page = sample::content(&StatusPage { shell, found });
        assert!(!page.contains("Budi"));
        insta::assert_snapshot!(page);
    }

    #[test]
    fn the_page_asks_for_number_and_birth_date() {
        let shell = preview::stranger(L10n::En, "/");
        insta::assert_snapshot!(sample::content(&StatusPage { shell, found: None }));
    }
}
