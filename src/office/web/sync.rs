//! `/sync`: how the line to headquarters stands, in plain words, and the few orders one can give it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use askama::Template;
use chrono::TimeDelta;
use loket_sync::exchange::CertificateProblem;

use super::app::OfficeApp;
use super::backup::BackupTold;
use super::conflicts;
use super::today::Figure;
use crate::domain::actor::Role;
use crate::domain::damage::MissingRecords;
use crate::office::store::{LineOrder, LinkAlarm, LinkProblem, LinkState, Unsent};
use crate::web::errors::Problem;
use crate::web::forms::Fields;
use crate::web::page::{self, Fault, Shell};
use crate::web::words::L10nLanguage;

/// Who may give the line orders.
pub const ORDERS: &[Role] =
    &[Role::FrontDesk, Role::Interviewer, Role::Supervisor, Role::Custody, Role::Administrator];

/// What went wrong last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// In plain words, with what to do.
    pub what: String,
    /// When.
    pub at: String,
}

/// Something for the technician.
pub struct AlarmTold {
    what: String,
    /// What the machine says about it.
    detail: String,
}

/// The page.
#[derive(Template)]
#[template(path = "office/sync/sync.html")]
pub struct SyncPage {
    shell: Shell,
    paused: bool,
    figures: Vec<Figure>,
    oldest: Option<String>,
    last_ok: String,
    trouble: Option<Trouble>,
    alarms: Vec<AlarmTold>,
    orders: bool,
    asked: bool,
    backup: Option<BackupTold>,
    /// How much stands on the page of conflicts.
    open_points: usize,
}

impl SyncPage {
    /// Draws it.
    pub fn of(shell: Shell, link: &LinkState, unsent: &Unsent, asked: bool) -> Self {
        let words = shell.words;
        let moment = |at| shell.dates.since(at, shell.now);
        let trouble =
            link.last_error.map(|(problem, at)| Trouble { what: plain(words, problem), at: moment(at) });
        let oldest = unsent.oldest_at.filter(|_| unsent.count > 0);
        Self {
            paused: link.paused,
            figures: figures(words, link, unsent),
            oldest: oldest.map(|at| format!("{} ({})", shell.dates.age(at, shell.now), moment(at))),
            last_ok: link.last_ok_at.map_or_else(|| words.sync_never(), moment),
            trouble,
            alarms: link.alarms.iter().map(|alarm| alarm_words(&shell, alarm)).collect(),
            orders: shell.may(ORDERS),
            asked,
            backup: None,
            open_points: 0,
            shell,
        }
    }

    /// Says when the last backup was made, and how much waits for a person on the page of conflicts.
    fn with_rest(mut self, app: &OfficeApp) -> Result<Self, Problem> {
        let (last, settings) = (app.store.last_backup()?, app.settings()?);
        self.backup = Some(BackupTold::of(&self.shell, last.as_ref(), &settings));
        self.open_points = conflicts::open_points(app);
        Ok(self)
    }
}

fn figures(words: &L10nLanguage, link: &LinkState, unsent: &Unsent) -> Vec<Figure> {
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let figure = |label: String, count: usize| Figure { label, count, href: None };
    vec![
        figure(words.sync_unsent(), count(unsent.count)),
        figure(words.sync_sent(), count(link.sent)),
        figure(words.sync_received(), count(link.received)),
        figure(words.sync_pictures_unsent(), link.blobs_unsent),
        figure(words.sync_pictures_wanted(), link.blobs_wanted),
    ]
}

fn plain(words: &L10nLanguage, problem: LinkProblem) -> String {
    match problem {
        LinkProblem::Unreachable => words.sync_error_unreachable(),
        LinkProblem::TimedOut => words.sync_error_timed_out(),
        LinkProblem::Certificate(problem) => certificate(words, problem),
        LinkProblem::NotOurRegistry => words.sync_error_not_ours(),
        LinkProblem::Refused => words.sync_error_refused(),
        LinkProblem::Troubled => words.sync_error_troubled(),
        LinkProblem::KeyTakenBack => words.sync_error_key_taken_back(),
        LinkProblem::BadAnswer => words.sync_error_bad_answer(),
        LinkProblem::Storage => words.sync_error_storage(),
    }
}

fn certificate(words: &L10nLanguage, problem: CertificateProblem) -> String {
    match problem {
        CertificateProblem::Expired => words.sync_error_certificate_expired(),
        CertificateProblem::NotYetValid => words.sync_error_certificate_clock(),
        CertificateProblem::Unknown => words.sync_error_certificate_unknown(),
        CertificateProblem::OtherName => words.sync_error_certificate_name(),
        CertificateProblem::Revoked | CertificateProblem::Unusable => words.sync_error_certificate_unusable(),
    }
}

fn alarm_words(shell: &Shell, alarm: &LinkAlarm) -> AlarmTold {
    let words = shell.words;
    let span = |minutes: i64| shell.dates.age(shell.now - TimeDelta::minutes(minutes), shell.now);
    let told = |what, detail: &str| AlarmTold { what, detail: detail.to_owned() };
    match alarm {
        LinkAlarm::ClockBehind(minutes) => told(words.sync_alarm_clock_behind(span(*minutes)), ""),
        LinkAlarm::ClockAhead(minutes) => told(words.sync_alarm_clock_ahead(span(*minutes)), ""),
        LinkAlarm::TwoHistories { stream, here, there } => {
            told(words.sync_alarm_two_histories(*here, *there), stream)
        }
        LinkAlarm::Stuck => told(words.sync_alarm_stuck(), ""),
        LinkAlarm::RegistryReplaced => told(words.sync_alarm_registry_replaced(), ""),
        LinkAlarm::RegistryWentBack => told(words.sync_alarm_registry_went_back(), ""),
        LinkAlarm::TwoRegistries => told(words.sync_alarm_two_registries(), ""),
        LinkAlarm::KeyUnusable { detail } => told(words.sync_alarm_key_unusable(), detail),
        LinkAlarm::RecordsRefused { detail } => told(words.sync_alarm_records_refused(), detail),
        LinkAlarm::RecordUnreadable { detail } => told(words.sync_alarm_record_unreadable(), detail),
        LinkAlarm::BodiesMissing => told(words.sync_alarm_bodies_missing(), ""),
        LinkAlarm::PictureGone { hash } => told(words.sync_alarm_picture_gone(), hash),
        LinkAlarm::PictureDamaged { hash } => told(words.sync_alarm_picture_damaged(), hash),
        LinkAlarm::JournalDamaged { detail } => told(words.sync_alarm_journal_damaged(), detail),
        LinkAlarm::JournalTorn { detail } => told(words.sync_alarm_journal_torn(), detail),
        LinkAlarm::RecordsMissing { which, nowhere_else } => {
            let MissingRecords { stream, session, from, to } = which;
            let detail = format!("{stream}/{session} {from}–{}", to.saturating_sub(1));
            let lost = *nowhere_else;
            told(
                if lost { words.sync_alarm_records_lost() } else { words.sync_alarm_records_missing() },
                &detail,
            )
        }
        LinkAlarm::TablesRedrawn { detail } => told(words.sync_alarm_tables_redrawn(), detail),
        LinkAlarm::SessionsCrowded { here, most } => {
            told(words.sync_alarm_sessions_crowded(*here, *most), "")
        }
        LinkAlarm::RefusedCrowded { here, most } => told(words.sync_alarm_refused_crowded(*here, *most), ""),
        LinkAlarm::TablesFull => told(words.sync_alarm_tables_full(), ""),
    }
}

/// The query of the page.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Wanted {
    /// An order was just given.
    #[serde(default)]
    asked: String,
}

/// `GET /sync`.
pub async fn show(
    app: Data<OfficeApp>,
    shell: Shell,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    let page = SyncPage::of(shell, &app.store.link(), &app.store.unsent(), !wanted.asked.is_empty());
    page::show(&page.with_rest(&app)?)
}

/// `POST /sync/now`.
pub async fn now(app: Data<OfficeApp>, shell: Shell, form: Fields) -> Result<HttpResponse, Problem> {
    order(&app, shell, form, LineOrder::SyncNow)
}

/// `POST /sync/pause`.
pub async fn pause(app: Data<OfficeApp>, shell: Shell, form: Fields) -> Result<HttpResponse, Problem> {
    order(&app, shell, form, LineOrder::Pause)
}

/// `POST /sync/resume`.
pub async fn resume(app: Data<OfficeApp>, shell: Shell, form: Fields) -> Result<HttpResponse, Problem> {
    order(&app, shell, form, LineOrder::Resume)
}

fn order(app: &OfficeApp, shell: Shell, form: Fields, order: LineOrder) -> Result<HttpResponse, Problem> {
    if app.store.order_line(order) {
        return Ok(page::see_other("/sync?asked=1"));
    }
    let (what, next) = (shell.words.sync_no_line(), shell.words.sync_no_line_next());
    let shell = shell.faulty(Fault { field: "", what, next }, form);
    let page = SyncPage::of(shell, &app.store.link(), &app.store.unsent(), false).with_rest(app)?;
    page::show_as(StatusCode::CONFLICT, &page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::office::store::Line;
    use crate::web::page::sample;
    use crate::web::words::L10n;

    #[test]
    fn trouble_is_told_in_plain_words() {
        let at = sample::now() - chrono::Duration::hours(26);
        let link = LinkState {
            line: Line::Down { since: at },
            last_ok_at: Some(at),
            last_error: Some((LinkProblem::NotOurRegistry, sample::now())),
            sent: 812,
            received: 90,
            blobs_unsent: 3,
            alarms: vec![
                LinkAlarm::Stuck,
                LinkAlarm::ClockBehind(26 * 60),
                LinkAlarm::TwoHistories { stream: "office/karimun".to_owned(), here: 812, there: 815 },
            ],
            ..LinkState::default()
        };
        let unsent = Unsent { count: 12, oldest_at: Some(at), bytes: 4000 };
        let shell = sample::shell(L10n::Id, "/sync", &[Role::Supervisor]);
        insta::assert_snapshot!(sample::content(&SyncPage::of(shell, &link, &unsent, false)));
    }
}
