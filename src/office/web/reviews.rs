//! `/applications/{number}/interview/review`: a supervisor agrees with an interview or sends it back.

use actix_web::web::{Data, Path};

use super::acts::{self, Answer, Undone};
use super::app::OfficeApp;
use super::interviews;
use crate::domain::review::{SecondLooked, Verdict};
use crate::office::actions::reviews;
use crate::web::errors::{Problem, refusal_status};
use crate::web::forms::Fields;
use crate::web::page::{Shell, see_other, show_as};
use crate::web::session::SignedIn;

/// `POST /applications/{number}/interview/review`.
pub async fn look(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    (number, form): (Path<String>, Fields),
) -> Answer {
    let opened = acts::open(&app, &number)?;
    let verdict = match form.text("verdict") {
        "agreed" => Verdict::Agreed,
        "sent-back" => Verdict::SentBack { reason: form.owned("reason") },
        _ => return Err(Problem::UnreadableForm),
    };
    let looked = SecondLooked { verdict, note: form.owned("review-note") };
    let by = app.asker(&officer, &form)?;
    let done = reviews::look(&app.store, by, opened.application.key(), looked).await;
    match done.map_err(Undone::from) {
        Ok(_) => Ok(see_other(&format!("/applications/{number}"))),
        Err(Undone::Refused(refusal)) => {
            let page = interviews::draw(&app, &officer, shell.refused(&refusal, form), &number)?;
            show_as(refusal_status(&refusal), &page)
        }
        Err(Undone::Problem(problem)) => Err(problem),
        Err(Undone::Picture(_)) => Err(Problem::UnreadableForm),
    }
}
