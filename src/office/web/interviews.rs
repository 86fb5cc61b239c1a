//! `/applications/{number}/interview`: passed, held for papers until a day, or refused on a ground.

pub mod page;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::acts::{self, Undone};
use super::app::OfficeApp;
use crate::domain::document::BlobRef;
use crate::domain::interview::{Answer, Interviewed, Outcome, Question};
use crate::office::actions::interviews;
use crate::web::errors::{Problem, refusal_status};
use crate::web::forms::Fields;
use crate::web::page::{Fault, Shell, see_other, show, show_as};
use crate::web::session::SignedIn;
use crate::web::words::L10nLanguage;
use page::{GROUNDS, InterviewPage, Known, PAPERS};

/// `GET /applications/{number}/interview`.
pub async fn read(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    number: Path<String>,
) -> acts::Answer {
    let opened = acts::open(&app, &number)?;
    acts::note_view(&app, &officer, opened.application.key(), "interview");
    let page = draw(&app, &officer, shell, &number)?;
    show(&page)
}

/// Draws the page as things stand.
pub(super) fn draw(
    app: &OfficeApp,
    officer: &SignedIn,
    shell: Shell,
    number: &str,
) -> Result<InterviewPage, Problem> {
    let opened = acts::open(app, number)?;
    let (settings, blobs) = (app.settings()?, app.store.blobs());
    let nik = opened.view.booking.as_ref().map(|booked| &booked.applicant.nik);
    let of_nik =
        nik.map(|nik| app.store.by_nik(nik)).transpose().map_err(|error| Problem::internal(&error))?;
    let others = of_nik.unwrap_or_default().into_iter().filter(|line| line.key != opened.view.key).collect();
    let is_here = |picture: &BlobRef| picture.hash.parse().is_ok_and(|hash| blobs.has(&hash));
    Ok(app.with_context(officer, &settings, |context| {
        let known = Known { view: &opened.view, seen: opened.seen, context, others, is_here: &is_here };
        InterviewPage::of(shell, known)
    }))
}

/// `POST /applications/{number}/interview`.
pub async fn end(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    (number, form): (Path<String>, Fields),
) -> acts::Answer {
    let opened = acts::open(&app, &number)?;
    let outcome = match outcome(shell.words, &form) {
        Ok(outcome) => outcome,
        Err(fault) => {
            let page = draw(&app, &officer, shell.faulty(fault, form), &number)?;
            return show_as(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let answers = answers(&app.settings()?.interview_questions, &form);
    let interviewed = Interviewed { answers, ..Interviewed::new(outcome, form.owned("notes")) };
    let by = app.asker(&officer, &form)?;
    let done = interviews::end(&app.store, by, opened.application.key(), interviewed).await;
    match done.map_err(Undone::from) {
        Ok(_) => Ok(see_other(&format!("/applications/{number}"))),
        Err(Undone::Refused(refusal)) => {
            let page = draw(&app, &officer, shell.refused(&refusal, form), &number)?;
            show_as(refusal_status(&refusal), &page)
        }
        Err(Undone::Problem(problem)) => Err(problem),
        Err(Undone::Picture(_)) => Err(Problem::UnreadableForm),
    }
}

/// What was answered, with its question as the office asks it.
fn answers(questions: &[Question], form: &Fields) -> Vec<Answer> {
    let answer = |(at, question): (usize, &Question)| {
        let answer = form.owned(&format!("answer-{at}"));
        (!answer.is_empty()).then(|| Answer { question: question.text_id.clone(), answer })
    };
    questions.iter().enumerate().filter_map(answer).collect()
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
