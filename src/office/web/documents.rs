//! The papers: originals compared with uploads, and the ticket that follows.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::app::OfficeApp;
use super::arrivals::{Case, another, answer};
use super::particulars;
use super::{applications, bookings};
use crate::domain::document::{self, CheckedDocument, Line, Seen};
use crate::domain::refusal::Refusal;
use crate::domain::ticket::Stage;
use crate::office::actions::{documents, tickets};
use crate::web::errors::Problem;
use crate::web::forms::Fields;
use crate::web::page::{self, Fault, Shell};
use crate::web::session::SignedIn;

/// `POST /applications/{number}/documents`. One button says that everything needed agrees; the other takes line by line.
pub async fn check(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    number: Path<String>,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let application = app.application(&number)?;
    let view = application.view();
    let booking = view.booking.as_ref().ok_or(Problem::Refused(Refusal::NoBooking))?;
    let visit = view.visit(&app.store.office().code);
    if let Some(text) = another(&app, &form, &booking.number)? {
        return bookings::look_up(&app, &officer, shell, text);
    }
    let lines = document::lines(booking, visit, app.today(), &app.settings()?);
    let Some(checked) = read(&form, &lines) else {
        let words = shell.words;
        let fault = Fault {
            field: "documents",
            what: words.application_not_checked(),
            next: words.application_not_checked_next(),
        };
        let page = applications::draw(&app, &officer, shell.faulty(fault, form), &application)?;
        return page::show_as(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let ticket = form.ticked("ticket") || form.ticked("all");
    let asker = app.asker(&officer, &form)?;
    let result = documents::check(&app.store, asker, application.key(), checked, ticket).await;
    answer(Case { app: &app, officer: &officer, application: &application, form, shell }, result, "documents")
}

/// `POST /applications/{number}/ticket`.
pub async fn ticket(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    number: Path<String>,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let application = app.application(&number)?;
    let stage = match form.text("stage") {
        "interview" => Stage::Interview,
        "collection" => Stage::Collection,
        _ => return Err(Problem::UnreadableForm),
    };
    let asker = app.asker(&officer, &form)?;
    let result = tickets::issue(&app.store, asker, application.key(), stage).await;
    answer(Case { app: &app, officer: &officer, application: &application, form, shell }, result, "ticket")
}

/// What was seen of each paper; `None` when a required one was not looked at.
fn read(form: &Fields, lines: &[Line]) -> Option<Vec<CheckedDocument>> {
    let all = form.text("all") == "agrees";
    let mut checked = Vec::new();
    for line in lines {
        let key = particulars::key(&line.kind);
        let seen = match form.text(&format!("seen-{key}")) {
            _ if all => Seen::Agrees,
            "agrees" => Seen::Agrees,
            "differs" => Seen::Differs,
            "missing" => Seen::Missing,
            _ if line.required => return None,
            _ => continue,
        };
        checked.push(CheckedDocument { kind: line.kind, seen, note: form.owned(&format!("note-{key}")) });
    }
    Some(checked)
}

/// What was ticked as brought, where only what is missing is worth a word. Extra papers that were left out are not
/// looked at.
pub fn brought(form: &Fields, lines: &[Line]) -> Vec<CheckedDocument> {
    let brought = |line: &&Line| {
        let key = particulars::key(&line.kind);
        form.all("brought").any(|ticked| ticked == key)
    };
    let (there, not): (Vec<&Line>, Vec<&Line>) = lines.iter().partition(brought);
    let checked = |line: &Line, seen| CheckedDocument { kind: line.kind, seen, note: String::new() };
    let missing = not.into_iter().filter(|line| line.required).map(|line| checked(line, Seen::Missing));
    there.into_iter().map(|line| checked(line, Seen::Agrees)).chain(missing).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::document::DocumentKind;

    fn line(kind: DocumentKind, required: bool) -> Line {
        Line { kind, required, uploaded: None, checked: None }
    }

    fn form(fields: &[(&str, &str)]) -> Fields {
        Fields::new(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn one_button_says_that_all_agree() {
        let lines = [line(DocumentKind::IdentityCard, true), line(DocumentKind::FamilyCard, false)];
        let checked = read(&form(&[("all", "agrees")]), &lines).unwrap();
        assert!(checked.iter().all(|it| it.seen == Seen::Agrees) && checked.len() == 2);
    }

    #[test]
    fn what_is_not_ticked_was_not_brought() {
        let lines = [
            line(DocumentKind::IdentityCard, true),
            line(DocumentKind::FamilyCard, true),
            line(DocumentKind::Recommendation, false),
        ];
        let checked = brought(&form(&[("brought", "identity-card")]), &lines);
        let found: Vec<_> = checked.iter().map(|it| (it.kind, it.seen)).collect();
        assert_eq!(
            found,
            [(DocumentKind::IdentityCard, Seen::Agrees), (DocumentKind::FamilyCard, Seen::Missing)]
        );
    }

    #[test]
    fn a_required_paper_cannot_be_passed_over() {
        let lines = [line(DocumentKind::IdentityCard, true), line(DocumentKind::FamilyCard, false)];
        assert_eq!(read(&form(&[("seen-family-card", "agrees")]), &lines), None);
        let form = form(&[("seen-identity-card", "differs"), ("note-identity-card", " alamat ")]);
        let checked = read(&form, &lines).unwrap();
        let [only] = &checked[..] else { panic!("an extra paper that nobody looked at is left out") };
        assert_eq!((only.seen, only.note.as_str()), (Seen::Differs, "alamat"));
    }
}
