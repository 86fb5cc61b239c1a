//! The applicant comes in: arrive, admit on evidence, take an arrival back, give the visit up to another office.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use super::app::{OfficeApp, refusal_in};
use super::{applications, bookings, documents};
use crate::domain::application::Application;
use crate::domain::document;
use crate::domain::number::ApplicationNumber;
use crate::domain::refusal::Refusal;
use crate::office::actions::{ActionError, arrivals};
use crate::office::store::Acted;
use crate::web::errors::Problem;
use crate::web::forms::Fields;
use crate::web::page::{self, Shell};
use crate::web::session::SignedIn;

/// What every act on an application knows.
pub struct Case<'a> {
    /// The office.
    pub app: &'a OfficeApp,
    /// Who acts.
    pub officer: &'a SignedIn,
    /// The application as it stood when the form came.
    pub application: &'a Application,
    /// What was typed.
    pub form: Fields,
    /// The frame of the page that is shown again after a refusal.
    pub shell: Shell,
}

/// Back to the application after an act, or its page again with what is wrong and what was typed.
pub fn answer(
    case: Case<'_>,
    result: Result<Acted, ActionError>,
    done: &str,
) -> Result<HttpResponse, Problem> {
    let Case { app, officer, application, form, shell } = case;
    match result {
        Ok(acted) => {
            let done = if acted.ticket.is_some() { "ticket" } else { done };
            let booking = application.view().booking.ok_or(Problem::Refused(Refusal::NoBooking))?;
            Ok(page::see_other(&format!("/applications/{}?done={done}", booking.number)))
        }
        Err(error) => {
            let refusal = refusal_in(error)?;
            applications::refused(app, officer, shell, application.key(), &refusal, form)
        }
    }
}

/// `POST /applications/{number}/receive`: the ordinary case in one step. Afterwards the box for the next scan has the focus.
pub async fn receive(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    number: Path<String>,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let application = app.application(&number)?;
    let view = application.view();
    let booking = view.booking.as_ref().ok_or(Problem::Refused(Refusal::NoBooking))?;
    if let Some(text) = another(&app, &form, &booking.number)? {
        return bookings::look_up(&app, &officer, shell, text);
    }
    let lines = document::lines(booking, view.visit(&app.store.office().code), app.today(), &app.settings()?);
    let papers = documents::brought(&form, &lines);
    let received = arrivals::Received {
        shown: form.owned("evidence"),
        note: form.owned("note"),
        out_of_slot_reason: form.get("other-day-reason").map(str::to_owned),
    };
    let asker = app.asker(&officer, &form)?;
    let result = arrivals::receive(&app.store, asker, application.key(), papers, received).await;
    if let Ok(acted) = &result
        && acted.ticket.is_some()
    {
        return Ok(page::see_other(&format!("/bookings?received={}", booking.number)));
    }
    answer(
        Case { app: &app, officer: &officer, application: &application, form, shell },
        result,
        "incomplete",
    )
}

/// Whoever scans the next letter, or types a name, while a page still asks about somebody else means the next one:
/// nothing is done about this one. Returns what to look for; the same letter again is a yes.
pub fn another(app: &OfficeApp, form: &Fields, this: &ApplicationNumber) -> Result<Option<String>, Problem> {
    let (scan, evidence) = (form.text("scan").trim(), form.text("evidence").trim());
    if !scan.is_empty() {
        let is_this = bookings::scanned_number(scan).as_ref() == Some(this);
        return Ok((!is_this).then(|| scan.to_owned()));
    }
    // A receipt's number may look like an application's: only one that is known here is another applicant.
    for text in [evidence, form.text("other-day-reason").trim()] {
        if let Some(other) = bookings::scanned_number(text).filter(|number| number != this)
            && app.store.by_number(&other)?.is_some()
        {
            return Ok(Some(text.to_owned()));
        }
    }
    Ok(None)
}

/// `POST /applications/{number}/arrive`.
pub async fn arrive(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    number: Path<String>,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let application = app.application(&number)?;
    let (note, reason) = (form.owned("note"), form.get("other-day-reason").map(str::to_owned));
    let asker = app.asker(&officer, &form)?;
    let result = arrivals::arrive(&app.store, asker, application.key(), note, reason).await;
    answer(Case { app: &app, officer: &officer, application: &application, form, shell }, result, "arrived")
}

/// `POST /applications/{number}/admit`. One box takes a typed NTPN and a scanned proof alike.
pub async fn admit(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    number: Path<String>,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let application = app.application(&number)?;
    let asker = app.asker(&officer, &form)?;
    let (shown, note) = (form.owned("evidence"), form.owned("note"));
    let result = arrivals::admit(&app.store, asker, application.key(), &shown, note).await;
    answer(Case { app: &app, officer: &officer, application: &application, form, shell }, result, "arrived")
}

/// `POST /applications/{number}/withdraw`.
pub async fn withdraw(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    number: Path<String>,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let application = app.application(&number)?;
    let asker = app.asker(&officer, &form)?;
    let result = arrivals::withdraw(&app.store, asker, application.key(), form.owned("reason")).await;
    answer(Case { app: &app, officer: &officer, application: &application, form, shell }, result, "withdrawn")
}

/// `POST /applications/{number}/yield`.
pub async fn yield_visit(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    number: Path<String>,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let application = app.application(&number)?;
    let asker = app.asker(&officer, &form)?;
    let result = arrivals::yield_visit(&app.store, asker, application.key(), form.owned("reason")).await;
    answer(Case { app: &app, officer: &officer, application: &application, form, shell }, result, "yielded")
}
