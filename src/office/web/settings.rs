//! `/settings`: the settings in force today and those to come, and the keys of desktops that are told what happens.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use chrono::{NaiveDate, NaiveTime};
use serde_json::Value;

use super::app::{OfficeApp, problem, refusal_in};
use crate::domain::actor::Role;
use crate::domain::key_protection::KeyProtection;
use crate::domain::officer::DeviceKind;
use crate::domain::setting::Settings;
use crate::office::actions::officers::OfficerFault;
use crate::office::actions::{ActionError, devices, settings};
use crate::office::store::{Device, GivenSetting};
use crate::web::errors::Problem;
use crate::web::forms::Fields;
use crate::web::page::{self, Fault, Shell};
use crate::web::session::SignedIn;
use crate::web::words::{L10nLanguage, history, names, settings as words};

/// Who may give and take keys.
pub const CHANGES: &[Role] = &[Role::Administrator];

/// Who may set a setting.
pub const SETS: &[Role] = &[Role::Administrator, Role::Supervisor];

/// What a key can be given for: the displays of the hall show no names and ask for none.
const KINDS: [(&str, DeviceKind); 1] = [("notifier", DeviceKind::Notifier)];

/// A setting in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingLine {
    /// Its name in the form.
    pub name: String,
    /// What it is.
    pub label: String,
    /// Its value.
    pub value: Vec<String>,
    /// Who gave it the value and when; empty while it is the one Loket came with.
    pub given: String,
    /// Whether the form asks for it in the shape it is kept in, and that shape.
    pub kept_as: Option<String>,
}

/// A value that holds from a later day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComingLine {
    /// Which setting, from when.
    pub what: String,
    /// The value.
    pub value: Vec<String>,
    /// Who gave it and when.
    pub given: String,
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

/// What the page is drawn from.
pub struct Drawn<'a> {
    /// The settings in force today.
    pub settings: &'a Settings,
    /// Every value a setting was given.
    pub given: &'a [GivenSetting],
    /// All devices.
    pub devices: &'a [Device],
    /// A new device's key, shown this once.
    pub key: Option<String>,
    /// How the machine is protected, line by line; see [`protection`].
    pub machine: Vec<ProtectionLine>,
}

/// One line about the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProtectionLine {
    /// What it is about.
    pub what: String,
    /// How it is.
    pub how: String,
    /// Whether somebody should do something about it.
    pub wrong: bool,
}

/// How the machine is protected: the way pages go out, and the way its key rests.
pub fn protection(shell: &Shell, app: &OfficeApp) -> Result<Vec<ProtectionLine>, Problem> {
    let words = shell.words;
    let mut lines = Vec::new();
    let mut line = |what, how, wrong| lines.push(ProtectionLine { what, how, wrong });
    match &app.machine.certificate {
        Some(shown) => {
            let shown = shown.borrow();
            let day = |at| shell.dates.day(shell.dates.zone.day(at));
            let needs_care = shown.needs_care(shell.now);
            let told = words.machine_certificate(shown.hosts.to_string(), day(shown.server.until));
            line(words.machine_pages(), told, needs_care);
            if let Some(authority) = &shown.authority {
                let told = words.machine_authority(authority.seen.sha256.as_str(), day(authority.seen.until));
                line(words.machine_authority_title(), told, needs_care);
            }
        }
        None if app.machine.in_the_open => line(words.machine_pages(), words.machine_in_the_open(), true),
        None if app.secure => line(words.machine_pages(), words.machine_behind_proxy(), false),
        None => line(words.machine_pages(), words.machine_here_only(), false),
    }
    if let Some(now) = app.machine.key {
        line(words.machine_key(), names::key_protection(words, now), now == KeyProtection::File);
    }
    if let Some((changed, at)) = app.store.key_protection()? {
        let told = format!("{} ({})", history::key_protection(words, &changed), shell.dates.moment(at));
        line(words.machine_key_changed(), told, changed.is_weakened());
    }
    Ok(lines)
}

/// The page.
#[derive(Template)]
#[template(path = "office/settings/settings.html")]
pub struct SettingsPage {
    shell: Shell,
    settings: Vec<SettingLine>,
    coming: Vec<ComingLine>,
    devices: Vec<DeviceLine>,
    kinds: Vec<(&'static str, String)>,
    key: Option<String>,
    machine: Vec<ProtectionLine>,
    changes: bool,
    sets: bool,
    tomorrow: String,
}

impl SettingsPage {
    /// Draws it.
    pub fn of(shell: Shell, drawn: Drawn<'_>) -> Self {
        let words = shell.words;
        let today = shell.dates.zone.day(shell.now);
        let device = |(index, device): (usize, &Device)| DeviceLine {
            name: device.name.clone(),
            kind: names::device(words, device.kind),
            since: shell.dates.since(device.set_at, shell.now),
            revoked: device.revoked,
            act: format!("revoke{index}"),
        };
        let coming = drawn.given.iter().filter(|given| given.set.valid_from > today);
        let fields = drawn.settings.named().into_iter();
        Self {
            settings: fields.map(|(name, value)| setting(&shell, drawn.given, name, &value)).collect(),
            coming: coming.map(|given| coming_line(&shell, given)).collect(),
            devices: drawn.devices.iter().enumerate().map(device).collect(),
            kinds: KINDS.into_iter().map(|(key, kind)| (key, names::device(words, kind))).collect(),
            key: drawn.key,
            machine: drawn.machine,
            changes: shell.may(CHANGES),
            sets: shell.may(SETS),
            tomorrow: today.succ_opt().unwrap_or(today).to_string(),
            shell,
        }
    }
}

fn setting(shell: &Shell, given: &[GivenSetting], name: String, value: &Value) -> SettingLine {
    let today = shell.dates.zone.day(shell.now);
    let in_force = given.iter().filter(|given| given.set.name == name && given.set.valid_from <= today);
    let is_list = value.is_array() || value.is_object();
    SettingLine {
        label: words::label(shell.words, &name),
        value: words::told(shell.words, shell.dates, &name, value),
        given: in_force
            .max_by_key(|given| given.set.valid_from)
            .map(|given| given_by(shell, given))
            .unwrap_or_default(),
        kept_as: is_list.then(|| value.to_string()),
        name,
    }
}

fn coming_line(shell: &Shell, given: &GivenSetting) -> ComingLine {
    let set = &given.set;
    let label = words::label(shell.words, &set.name);
    ComingLine {
        what: shell.words.settings_coming_from(label, shell.dates.day(set.valid_from)),
        value: words::told(shell.words, shell.dates, &set.name, &set.value),
        given: given_by(shell, given),
    }
}

fn given_by(shell: &Shell, given: &GivenSetting) -> String {
    let who = names::actor(shell.words, &given.by);
    shell.words.settings_given(who, shell.dates.moment(given.at))
}

/// `10.30` as people write a time becomes `10:30:00`, as it is kept; other text stays as it is.
fn clock(text: &str) -> String {
    let (hours, minutes) = text.split_once(['.', ':']).unwrap_or_default();
    let is_clock = (1..=2).contains(&hours.len()) && minutes.len() == 2;
    let time = is_clock.then(|| format!("{hours:0>2}:{minutes}:00").parse::<NaiveTime>().ok()).flatten();
    time.map_or_else(|| text.to_owned(), |time| time.to_string())
}

/// `POST /settings`: a setting takes a value from a day on.
pub async fn set(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let name = form.owned("setting");
    let fault = match form.text("from").parse::<NaiveDate>() {
        Err(_) => Fault {
            field: "from",
            what: shell.words.settings_day_wrong(),
            next: shell.words.settings_day_wrong_next(),
        },
        Ok(from) => {
            let value = value_for(&app.settings()?, &name, form.text("value"));
            match settings::set(&app.store, app.asker(&officer, &form)?, &name, from, value).await {
                Ok(_) => return Ok(page::see_other("/settings")),
                Err(ActionError::Setting(_)) => Fault {
                    field: "value",
                    what: shell.words.settings_value_wrong(words::label(shell.words, &name)),
                    next: shell.words.settings_value_wrong_next(),
                },
                Err(error) => return refused(&app, shell, error, form),
            }
        }
    };
    let shell = shell.faulty(fault, form);
    page::show_as(StatusCode::UNPROCESSABLE_ENTITY, &draw(&app, shell, None)?)
}

/// The page again after a refusal, with what was typed.
fn refused(
    app: &OfficeApp,
    shell: Shell,
    error: ActionError,
    typed: Fields,
) -> Result<HttpResponse, Problem> {
    let refusal = refusal_in(error)?;
    page::show_refused(&refusal, &draw(app, shell.refused(&refusal, typed), None)?)
}

/// What was typed, in the shape the setting has now: `10.30` is a time for one setting and a number for none.
fn value_for(settings: &Settings, name: &str, text: &str) -> Value {
    let is_text = settings.named().iter().any(|(known, value)| known == name && value.is_string());
    let text = text.trim();
    let read = if is_text { None } else { serde_json::from_str(text).ok() };
    read.unwrap_or_else(|| Value::String(clock(text)))
}

fn draw(app: &OfficeApp, shell: Shell, key: Option<String>) -> Result<SettingsPage, Problem> {
    let (settings, given, devices) = (app.settings()?, app.store.given_settings()?, app.store.devices()?);
    let machine = protection(&shell, app)?;
    Ok(SettingsPage::of(shell, Drawn { settings: &settings, given: &given, devices: &devices, key, machine }))
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
        Err(error) => refused(&app, shell, error, form),
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
    use crate::domain::actor::Actor;
    use crate::domain::setting::SettingSet;
    use crate::web::page::sample;
    use crate::web::words::L10n;
    use serde_json::json;

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
        let (settings, key) = (Settings::default(), Some("new-key".to_owned()));
        let drawn = Drawn { settings: &settings, given: &[], devices: &[device], key, machine: Vec::new() };
        let page = sample::content(&SettingsPage::of(shell, drawn));
        assert!(page.contains("new-key") && !page.contains("never-shown"));
    }

    #[test]
    fn a_value_says_who_gave_it_and_a_later_one_waits() {
        let shell = sample::shell(L10n::En, "/settings", &[Role::Supervisor]);
        let given = |from: &str, days: u16| GivenSetting {
            set: SettingSet {
                name: "hold-days".into(),
                valid_from: from.parse().unwrap(),
                value: days.into(),
            },
            by: Actor::Officer { login: "sari".into(), name: "Sari Melayu".into() },
            at: sample::now(),
        };
        let given = [given("2026-11-01", 9), given("2027-01-01", 12)];
        let settings = Settings::on("2026-11-22".parse().unwrap(), given.iter().map(|given| &given.set));
        let page = SettingsPage::of(
            shell,
            Drawn { settings: &settings, given: &given, devices: &[], key: None, machine: Vec::new() },
        );
        let line = page.settings.iter().find(|line| line.name == "hold-days").unwrap();
        assert_eq!(line.value, ["9"]);
        assert!(line.given.contains("Sari Melayu"), "{}", line.given);
        assert_eq!((page.coming.len(), page.coming[0].value.as_slice()), (1, &["12".to_owned()][..]));
        assert!(sample::content(&page).contains("action=\"/settings\""));
    }

    #[test]
    fn a_typed_value_has_the_shape_of_its_setting() {
        let settings = Settings::default();
        for (name, text, kept) in [
            ("hold-days", " 14 ", json!(14)),
            ("same-day-arrive-by", "9.30", json!("09:30:00")),
            ("same-day-arrive-by", "10:00", json!("10:00:00")),
            ("calendar", r#"{"holidays":["2026-12-25"]}"#, json!({"holidays": ["2026-12-25"]})),
            ("hold-days", "many", json!("many")),
        ] {
            assert_eq!(value_for(&settings, name, text), kept, "{name} {text}");
        }
    }
}
