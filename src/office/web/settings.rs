//! `/settings`: the settings in force today, and the keys of displays, kiosks and notifiers.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde_json::Value;

use super::app::{OfficeApp, problem};
use crate::domain::actor::Role;
use crate::domain::officer::DeviceKind;
use crate::domain::setting::Settings;
use crate::office::actions::officers::OfficerFault;
use crate::office::actions::{ActionError, devices};
use crate::office::store::Device;
use crate::web::errors::Problem;
use crate::web::forms::Fields;
use crate::web::page::{self, Fault, Shell};
use crate::web::session::SignedIn;
use crate::web::words::{L10nLanguage, names};

/// Who may give and take keys.
pub const CHANGES: &[Role] = &[Role::Administrator];

const KINDS: [(&str, DeviceKind); 3] =
    [("display", DeviceKind::Display), ("notifier", DeviceKind::Notifier), ("kiosk", DeviceKind::Kiosk)];

/// A setting in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingLine {
    /// What it is.
    pub label: String,
    /// Its value.
    pub value: String,
    /// Whether it takes many lines.
    pub long: bool,
}

/// A device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceLine {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub kind: String,
    /// When it got its key.
    pub since: String,
    /// Whether the key was taken back.
    pub revoked: bool,
    /// Tells its form from the others of the page.
    pub act: String,
}

/// The page.
#[derive(Template)]
#[template(path = "office/settings/settings.html")]
pub struct SettingsPage {
    shell: Shell,
    settings: Vec<SettingLine>,
    devices: Vec<DeviceLine>,
    kinds: Vec<(&'static str, String)>,
    key: Option<String>,
    changes: bool,
}

impl SettingsPage {
    /// Draws it; `key` is a new device's key, shown this once.
    pub fn of(shell: Shell, settings: &Settings, devices: &[Device], key: Option<String>) -> Self {
        let words = shell.words;
        let setting = |(name, value): (String, Value)| {
            let long = value.is_array() || value.is_object();
            SettingLine { label: label(words, &name), value: plain(&value), long }
        };
        let device = |(index, device): (usize, &Device)| DeviceLine {
            name: device.name.clone(),
            kind: names::device(words, device.kind),
            since: shell.dates.since(device.set_at, shell.now),
            revoked: device.revoked,
            act: format!("revoke{index}"),
        };
        Self {
            settings: settings.named().into_iter().map(setting).collect(),
            devices: devices.iter().enumerate().map(device).collect(),
            kinds: KINDS.into_iter().map(|(key, kind)| (key, names::device(words, kind))).collect(),
            key,
            changes: shell.may(CHANGES),
            shell,
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => serde_json::to_string_pretty(value).unwrap_or_default(),
        other => other.to_string(),
    }
}

fn label(w: &L10nLanguage, name: &str) -> String {
    match name {
        "queue-classes" => w.setting_queue_classes(),
        "priority-every-calls" => w.setting_priority_every_calls(),
        "arrival-early-minutes" => w.setting_arrival_early_minutes(),
        "arrival-late-minutes" => w.setting_arrival_late_minutes(),
        "evidence-confirm-days" => w.setting_evidence_confirm_days(),
        "hold-days" => w.setting_hold_days(),
        "priority-from-age-years" => w.setting_priority_from_age_years(),
        "priority-to-age-years" => w.setting_priority_to_age_years(),
        "issue-working-days" => w.setting_issue_working_days(),
        "collection-days" => w.setting_collection_days(),
        "payment-minutes" => w.setting_payment_minutes(),
        "adult-age-years" => w.setting_adult_age_years(),
        "ten-years-from-age-years" => w.setting_ten_years_from_age_years(),
        "full-papers-before-year" => w.setting_full_papers_before_year(),
        "reschedules-max" => w.setting_reschedules_max(),
        "reschedule-days-before" => w.setting_reschedule_days_before(),
        "same-day-arrive-by" => w.setting_same_day_arrive_by(),
        "same-day-pay-by" => w.setting_same_day_pay_by(),
        "fingers" => w.setting_fingers(),
        "finger-quality-min" => w.setting_finger_quality_min(),
        "calendar" => w.setting_calendar(),
        "tariffs" => w.setting_tariffs(),
        other => other.to_owned(),
    }
}

fn draw(app: &OfficeApp, shell: Shell, key: Option<String>) -> Result<SettingsPage, Problem> {
    Ok(SettingsPage::of(shell, &app.settings()?, &app.store.devices()?, key))
}

/// `GET /settings`.
pub async fn show(app: Data<OfficeApp>, shell: Shell) -> Result<HttpResponse, Problem> {
    page::show(&draw(&app, shell, None)?)
}

/// `POST /settings/devices`. The answer is a page and not a way to one, because the key exists in this answer alone.
pub async fn give_key(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let wanted = form.text("kind");
    let kind = KINDS.iter().find(|(key, _)| *key == wanted).ok_or(Problem::UnreadableForm)?.1;
    match devices::give_key(&app.store, app.asker(&officer, &form)?, form.text("name"), kind).await {
        Ok(key) => page::show(&draw(&app, shell, Some(key))?),
        Err(ActionError::Officer(fault @ (OfficerFault::Name | OfficerFault::KeyShown))) => {
            let shell = shell.clone().faulty(key_fault(shell.words, fault), form);
            page::show_as(StatusCode::UNPROCESSABLE_ENTITY, &draw(&app, shell, None)?)
        }
        Err(error) => Err(problem(error)),
    }
}

fn key_fault(words: &L10nLanguage, fault: OfficerFault) -> Fault {
    let (what, next) = match fault {
        OfficerFault::KeyShown => (words.settings_key_shown(), words.settings_key_shown_next()),
        _ => (words.settings_name_wrong(), words.settings_name_wrong_next()),
    };
    Fault { field: "name", what, next }
}

/// `POST /settings/devices/revoke`.
pub async fn revoke(app: Data<OfficeApp>, officer: SignedIn, form: Fields) -> Result<HttpResponse, Problem> {
    let name = form.text("name");
    match devices::revoke(&app.store, app.asker(&officer, &form)?, name).await {
        Ok(()) => Ok(page::see_other("/settings")),
        Err(ActionError::Officer(OfficerFault::Unknown)) => Err(Problem::NotFound(name.to_owned())),
        Err(error) => Err(problem(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::page::sample;
    use crate::web::words::L10n;

    #[test]
    fn every_setting_has_a_name_in_words() {
        let shell = sample::shell(L10n::Id, "/settings", &[Role::Administrator]);
        for (name, _) in Settings::default().named() {
            assert_ne!(label(shell.words, &name), name, "{name} has no words in settings.ftl");
        }
    }

    #[test]
    fn a_new_key_is_shown() {
        let shell = sample::shell(L10n::En, "/settings", &[Role::Administrator]);
        let device = Device {
            name: "Waiting hall".to_owned(),
            kind: DeviceKind::Display,
            key_hash: "never-shown".to_owned(),
            set_at: sample::now(),
            revoked: false,
        };
        let page = SettingsPage::of(shell, &Settings::default(), &[device], Some("new-key".to_owned()));
        let page = sample::content(&page);
        assert!(page.contains("new-key") && !page.contains("never-shown"));
    }
}
