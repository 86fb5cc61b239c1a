//! `/books/import`: stage reports of SPRI. A file is read and kept for a while, the page says exactly what it would
//! change, and one button takes it over.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use chrono::{DateTime, TimeDelta, Utc};

use super::preview::{ImportPage, PreviewPage, rows};
use crate::domain::book::stage::SpriStage;
use crate::domain::stage_report::{HEADER_ROWS, NoReport};
use crate::ids;
use crate::office::actions::stage_reports::{self, Imported, ReportFault, StageReport};
use crate::office::web::acts::{Answer, Undone};
use crate::office::web::app::{OfficeApp, problem};
use crate::sheets::{FILE_BYTES_MAX, ROWS_MAX, SheetError};
use crate::web::errors::{Problem, refusal_status};
use crate::web::export;
use crate::web::forms::Fields;
use crate::web::page::{Fault, Shell, see_other, show, show_as};
use crate::web::session::SignedIn;
use crate::web::uploads::{Sent, Upload};
use crate::web::words::{L10nLanguage, names};

/// So many reports are kept at once; the oldest goes.
const KEPT_MAX: usize = 8;
/// How long a report is kept.
const KEPT_FOR: TimeDelta = TimeDelta::hours(2);

/// Reports that were read and wait for somebody's word. They are in memory only: after a restart the file is chosen again.
#[derive(Debug, Default)]
pub struct Reports(Mutex<VecDeque<Kept>>);

/// A report with whoever brought it.
#[derive(Debug, Clone)]
struct Kept {
    id: String,
    login: String,
    at: DateTime<Utc>,
    report: Arc<StageReport>,
    done: Option<Imported>,
}

impl Reports {
    fn all(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, kept: Kept) {
        let mut all = self.all();
        let since = kept.at - KEPT_FOR;
        all.retain(|other| other.at > since);
        all.push_back(kept);
        while all.len() > KEPT_MAX {
            all.pop_front();
        }
    }

    /// A report of this officer; another's is not there.
    fn of(&self, id: &str, officer: &SignedIn) -> Option<Kept> {
        self.all().iter().find(|kept| kept.id == id && kept.login == officer.login).cloned()
    }

    fn done(&self, id: &str, imported: Imported) {
        if let Some(kept) = self.all().iter_mut().find(|kept| kept.id == id) {
            kept.done = Some(imported);
        }
    }
}

/// `GET /books/import`.
pub async fn form(shell: Shell) -> Answer {
    show(&ImportPage::of(shell))
}

/// `POST /books/import`: reads a file. Nothing changes yet.
pub async fn upload(app: Data<OfficeApp>, officer: SignedIn, shell: Shell, upload: Upload) -> Answer {
    let Upload { fields, file } = upload;
    let words = shell.words;
    let fault = match file {
        Sent::NoPlace => {
            let (what, next) = (words.capture_refused_crowded(), words.capture_refused_crowded_next());
            let shell = shell.faulty(Fault { field: "file", what, next }, fields);
            return show_as(StatusCode::SERVICE_UNAVAILABLE, &ImportPage::of(shell));
        }
        Sent::Nothing => file_fault(words.import_no_file(), words.import_no_file_next()),
        // The place is kept while the file is dealt with.
        Sent::File(bytes, _place) => {
            let chosen = fields.text("stage");
            let chosen = SpriStage::ALL.iter().find(|(value, _)| *value == chosen).map(|(_, stage)| *stage);
            let reader = app.sheets.clone().ok_or(Problem::Internal)?;
            match stage_reports::read(reader, bytes, chosen).await {
                Ok(report) => return keep(&app, &officer, report),
                Err(fault) => fault_words(words, &fault)?,
            }
        }
    };
    show_as(StatusCode::UNPROCESSABLE_ENTITY, &ImportPage::of(shell.faulty(fault, fields)))
}

fn keep(app: &OfficeApp, officer: &SignedIn, report: StageReport) -> Answer {
    let id = ids::token().map_err(|error| Problem::internal(&error))?;
    let to = format!("/books/import/{id}");
    let (login, report) = (officer.login.clone(), Arc::new(report));
    app.reports.keep(Kept { id, login, at: app.now(), report, done: None });
    Ok(see_other(&to))
}

fn file_fault(what: String, next: String) -> Fault {
    Fault { field: "file", what, next }
}

fn fault_words(words: &L10nLanguage, fault: &ReportFault) -> Result<Fault, Problem> {
    let megabytes = i64::try_from(FILE_BYTES_MAX / 1024 / 1024).unwrap_or(i64::MAX);
    let rows = i64::try_from(ROWS_MAX).unwrap_or(i64::MAX);
    Ok(match fault {
        ReportFault::Sheet(SheetError::TooLarge) => {
            file_fault(words.import_too_large(megabytes), words.import_split_next())
        }
        ReportFault::Sheet(SheetError::TooManyRows) => {
            file_fault(words.import_too_many_rows(rows), words.import_split_next())
        }
        ReportFault::Sheet(SheetError::WebPage) => {
            file_fault(words.import_web_page(), words.import_save_as_next())
        }
        ReportFault::Sheet(SheetError::Unreadable) => {
            file_fault(words.import_unreadable(), words.import_save_as_next())
        }
        ReportFault::Sheet(error @ SheetError::Process(_)) => return Err(Problem::internal(error)),
        ReportFault::NoReport(NoReport::NoHeader) => {
            file_fault(words.import_no_header(i64::from(HEADER_ROWS)), words.import_no_header_next())
        }
        ReportFault::NoReport(NoReport::NoRows) => {
            file_fault(words.import_no_rows(), words.import_no_rows_next())
        }
        ReportFault::StageUnknown => Fault {
            field: "stage",
            what: words.import_stage_unknown(),
            next: words.import_stage_unknown_next(),
        },
        ReportFault::OtherStage { found } => Fault {
            field: "stage",
            what: words.import_stage_other(names::spri_stage(words, *found)),
            next: words.import_stage_other_next(),
        },
        ReportFault::Ended => return Err(Problem::internal(fault)),
    })
}

/// The way back to the form, when a report is kept no longer.
fn gone(shell: Shell) -> Answer {
    let (what, next) = (shell.words.import_gone(), shell.words.import_gone_next());
    let shell = shell.faulty(file_fault(what, next), Fields::default());
    show_as(StatusCode::NOT_FOUND, &ImportPage::of(shell))
}

async fn draw(
    app: &OfficeApp,
    officer: &SignedIn,
    shell: Shell,
    kept: &Kept,
) -> Result<PreviewPage, Problem> {
    let (by, report) = (officer.actor(), Arc::clone(&kept.report));
    let lines = stage_reports::preview(&app.store, &by, &officer.roles, report).await.map_err(problem)?;
    Ok(PreviewPage::of(shell, (&kept.id, kept.report.stage), &lines, kept.done))
}

/// `GET /books/import/{id}`: what taking the report over would change now.
pub async fn look(app: Data<OfficeApp>, officer: SignedIn, shell: Shell, id: Path<String>) -> Answer {
    match app.reports.of(&id, &officer) {
        Some(kept) => show(&draw(&app, &officer, shell, &kept).await?),
        None => gone(shell),
    }
}

/// `GET /books/import/{id}/rows.csv`: every row and what becomes of it.
pub async fn download(app: Data<OfficeApp>, officer: SignedIn, shell: Shell, id: Path<String>) -> Answer {
    let Some(kept) = app.reports.of(&id, &officer) else { return gone(shell) };
    let (by, report) = (officer.actor(), Arc::clone(&kept.report));
    let lines = stage_reports::preview(&app.store, &by, &officer.roles, report).await.map_err(problem)?;
    export::csv(&format!("laporan-{}.csv", kept.report.digest), rows(&shell, &lines))
}

/// `POST /books/import/{id}`: takes the report over.
pub async fn take_over(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    (id, form): (Path<String>, Fields),
) -> Answer {
    let Some(kept) = app.reports.of(&id, &officer) else { return gone(shell) };
    let asker = app.asker(&officer, &form)?;
    match stage_reports::take_over(&app.store, &asker, Arc::clone(&kept.report)).await.map_err(Undone::from) {
        Ok(imported) => {
            // The same form sent twice finds everything done; what it did first stays on the page.
            let is_first = kept.done.is_none_or(|before| imported.changed >= before.changed);
            if is_first {
                app.reports.done(&id, imported);
            }
            Ok(see_other(&format!("/books/import/{id}")))
        }
        Err(Undone::Refused(refusal)) => {
            let page = draw(&app, &officer, shell.refused(&refusal, form), &kept).await?;
            show_as(refusal_status(&refusal), &page)
        }
        Err(Undone::Problem(problem)) => Err(problem),
        Err(Undone::Picture(_)) => Err(Problem::UnreadableForm),
    }
}
