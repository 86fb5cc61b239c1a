//! `/applications/{number}/interview`: passed, held for papers until a day, or refused on a ground.

pub mod page;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::acts::{self, Answer, Undone};
use super::app::OfficeApp;
use crate::domain::interview::{Interviewed, Outcome};
use crate::office::actions::interviews;
use crate::web::errors::{Problem, refusal_status};
use crate::web::forms::Fields;
use crate::web::page::{Fault, Shell, see_other, show, show_as};
use crate::web::session::SignedIn;
use crate::web::words::L10nLanguage;
use page::{GROUNDS, InterviewPage, PAPERS};

/// `GET /applications/{number}/interview`.
pub async fn read(app: Data<OfficeApp>, officer: SignedIn, shell: Shell, number: Path<String>) -> Answer {
    let opened = acts::open(&app, &number)?;
    acts::note_view(&app, &officer, opened.application.key(), "interview");
    let page = draw(&app, shell, &number)?;
    show(&page)
}

fn draw(app: &OfficeApp, shell: Shell, number: &str) -> Result<InterviewPage, Problem> {
    let opened = acts::open(app, number)?;
    let settings = app.settings()?;
    Ok(InterviewPage::of(shell, &opened.view, &app.store.office().code, opened.seen, &settings))
}

/// `POST /applications/{number}/interview`.
pub async fn end(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    (number, form): (Path<String>, Fields),
) -> Answer {
    let opened = acts::open(&app, &number)?;
    let outcome = match outcome(shell.words, &form) {
        Ok(outcome) => outcome,
        Err(fault) => {
            let page = draw(&app, shell.faulty(fault, form), &number)?;
            return show_as(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let interviewed = Interviewed { outcome, notes: form.owned("notes") };
    let by = app.asker(&officer, &form)?;
    let done = interviews::end(&app.store, by, opened.application.key(), interviewed).await;
    match done.map_err(Undone::from) {
        Ok(_) => Ok(see_other(&format!("/applications/{number}"))),
        Err(Undone::Refused(refusal)) => {
            let page = draw(&app, shell.refused(&refusal, form), &number)?;
            show_as(refusal_status(&refusal), &page)
        }
        Err(Undone::Problem(problem)) => Err(problem),
        Err(Undone::Picture(_)) => Err(Problem::UnreadableForm),
    }
}

fn outcome(words: &L10nLanguage, form: &Fields) -> Result<Outcome, Fault> {
    let fault = |field, what, next| Fault { field, what, next };
    match form.text("outcome") {
        "passed" => Ok(Outcome::Passed),
        "held" => {
            let until = form.text("until").parse();
            let until = until.map_err(|_| {
                fault("until", words.interview_choose_date(), words.interview_choose_date_next())
            })?;
            let known = |value: &str| PAPERS.iter().find(|(name, _)| *name == value).map(|(_, kind)| *kind);
            let documents: Vec<_> = form.all("document").filter_map(known).collect();
            if documents.is_empty() {
                let (what, next) =
                    (words.interview_choose_documents(), words.interview_choose_documents_next());
                return Err(fault("documents", what, next));
            }
            Ok(Outcome::Held { until, documents })
        }
        "refused" => {
            let ground = GROUNDS.iter().find(|(value, _)| *value == form.text("ground"));
            let chosen = ground.map(|(_, ground)| Outcome::Refused { ground: *ground });
            chosen.ok_or_else(|| {
                fault("ground", words.interview_choose_ground(), words.interview_choose_ground_next())
            })
        }
        _ => Err(fault("outcome", words.interview_choose(), words.interview_choose_next())),
    }
}
