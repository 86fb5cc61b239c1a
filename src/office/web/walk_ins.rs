//! `/walk-in`: registering somebody who has no booking. Works with the line cut, as long as reserved numbers last.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use chrono::NaiveDate;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::app::{OfficeApp, refusal_in};
use super::rows::Row;
use crate::domain::person::{CivilStatus, Contact, Guardian, Nik, Person, Relation, Sex};
use crate::domain::refusal::Refusal;
use crate::domain::service::{Channel, PriorityGround, Product, Service, Validity};
use crate::domain::setting::Settings;
use crate::domain::walk_in::{Registration, WalkInKind, WalkInRule};
use crate::office::actions::walk_ins;
use crate::office::store::Summary;
use crate::web::errors::Problem;
use crate::web::forms::Fields;
use crate::web::page::{self, Fault, Shell};
use crate::web::session::SignedIn;
use crate::web::words::{names, settings as words_of_settings};

/// The longest name that is taken, in characters.
const NAME_CHARS_MAX: usize = 120;

/// One thing that can be chosen.
pub struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

/// A list of choices.
pub struct Choices {
    /// The field.
    name: &'static str,
    /// What it asks.
    label: String,
    /// What can be chosen.
    all: Vec<Choice>,
}

/// A channel and how it stands today.
pub struct Open {
    /// What the settings say of it.
    told: String,
    /// Places that are left today.
    left: usize,
}

/// The page.
#[derive(Template)]
#[template(path = "office/walk_ins/walk_in.html")]
pub struct WalkInPage {
    shell: Shell,
    channels: Vec<Open>,
    service: Vec<Choices>,
    person: Vec<Choices>,
    ground: Choices,
    relation: Choices,
    numbers_left: usize,
    /// Applications of the same NIK that are not over.
    others: Vec<Row>,
}

impl WalkInPage {
    /// The empty form, or what was typed.
    pub fn of(
        shell: Shell,
        settings: &Settings,
        registered: impl Fn(Channel) -> usize,
        numbers_left: usize,
        others: &[Summary],
    ) -> Self {
        let w = shell.words;
        let channels = settings.walk_in_channels.iter().map(|rule| Open {
            told: words_of_settings::walk_in(w, shell.dates, rule),
            left: usize::from(rule.quota).saturating_sub(registered(rule.channel)),
        });
        let list = |name, label: String, all: Vec<(String, String)>| {
            let typed = shell.typed(name);
            let choice = |(value, label): (String, String)| Choice { chosen: value == typed, value, label };
            Choices { name, label, all: all.into_iter().map(choice).collect() }
        };
        let rules: &[WalkInRule] = &settings.walk_in_channels;
        let service = vec![
            list(
                "channel",
                w.application_channel(),
                rules.iter().map(|rule| (key(&rule.channel), names::channel(w, rule.channel))).collect(),
            ),
            list(
                "kind",
                w.walk_in_kind(),
                KINDS.iter().map(|kind| (key(kind), names::kind(w, kind.kind()))).collect(),
            ),
            list(
                "product",
                w.walk_in_product(),
                PRODUCTS.iter().map(|it| (key(it), names::product(w, *it))).collect(),
            ),
            list(
                "validity",
                w.walk_in_validity(),
                VALIDITIES.iter().map(|it| (key(it), names::validity(w, *it))).collect(),
            ),
        ];
        // What was not asked is not guessed: it would stand in the passport.
        let none = || std::iter::once((String::new(), "–".to_owned()));
        let sexes = SEXES.iter().map(|it| (key(it), names::sex(w, *it)));
        let civil = CIVIL.iter().map(|it| (key(it), names::civil(w, *it)));
        let person = vec![
            list("sex", w.application_sex(), none().chain(sexes).collect()),
            list("civil-status", w.application_civil(), none().chain(civil).collect()),
        ];
        let grounds = GROUNDS.iter().map(|it| (key(it), names::priority(w, *it)));
        let ground = list("priority", w.walk_in_ground(), none().chain(grounds).collect());
        let relations = RELATIONS.iter().map(|it| (key(it), names::relation(w, *it)));
        let relation = list("guardian-relation", w.walk_in_relation(), relations.collect());
        let others = others.iter().map(|line| Row::of(&shell, line)).collect();
        Self { channels: channels.collect(), service, person, ground, relation, numbers_left, others, shell }
    }
}

const KINDS: [WalkInKind; 7] = [
    WalkInKind::New,
    WalkInKind::Expired,
    WalkInKind::Full,
    WalkInKind::Lost,
    WalkInKind::Damaged,
    WalkInKind::LostByDisaster,
    WalkInKind::DamagedByDisaster,
];
const PRODUCTS: [Product; 3] = [Product::Electronic, Product::Ordinary, Product::Polycarbonate];
const VALIDITIES: [Validity; 2] = [Validity::TenYears, Validity::FiveYears];
const SEXES: [Sex; 2] = [Sex::F, Sex::M];
const CIVIL: [CivilStatus; 4] =
    [CivilStatus::Single, CivilStatus::Married, CivilStatus::Divorced, CivilStatus::Widowed];
const GROUNDS: [PriorityGround; 5] = [
    PriorityGround::Elderly,
    PriorityGround::Toddler,
    PriorityGround::Disability,
    PriorityGround::Pregnant,
    PriorityGround::Sick,
];
const RELATIONS: [Relation; 3] = [Relation::Mother, Relation::Father, Relation::Guardian];

/// What a field is called in forms: the same as in facts.
fn key<T: Serialize>(it: &T) -> String {
    let value = serde_json::to_value(it).ok();
    value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn chosen<T: DeserializeOwned>(form: &Fields, name: &str) -> Option<T> {
    serde_json::from_value(Value::String(form.owned(name))).ok()
}

/// `GET /walk-in`.
pub async fn read(app: Data<OfficeApp>, shell: Shell) -> Result<HttpResponse, Problem> {
    page::show(&draw(&app, shell, &[])?)
}

fn draw(app: &OfficeApp, shell: Shell, others: &[Summary]) -> Result<WalkInPage, Problem> {
    let (today, settings) = (app.today(), app.settings()?);
    let mut registered = Vec::new();
    for rule in &settings.walk_in_channels {
        registered.push((rule.channel, app.store.registered(today, rule.channel)?));
    }
    let count = |channel| registered.iter().find(|(it, _)| *it == channel).map_or(0, |(_, count)| *count);
    Ok(WalkInPage::of(shell, &settings, count, app.store.numbers_left()?, others))
}

/// `POST /walk-in`. Afterwards the papers are checked, as for anybody.
pub async fn register(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let registration = match typed(&shell, &form) {
        Ok(registration) => registration,
        Err(faults) => {
            let shell = faults.into_iter().fold(shell, |shell, fault| shell.faulty(fault, form.clone()));
            return page::show_as(StatusCode::UNPROCESSABLE_ENTITY, &draw(&app, shell, &[])?);
        }
    };
    let asker = app.asker(&officer, &form)?;
    let is_repeated = app.store.first_answer(&asker.by, &asker.once)?.is_some();
    let others = others(&app, &registration.applicant.nik)?;
    if !others.is_empty() && !form.ticked("despite") && !is_repeated {
        let fault = Fault {
            field: "nik",
            what: shell.words.walk_in_known(i64::try_from(others.len()).unwrap_or(i64::MAX)),
            next: shell.words.walk_in_known_next(),
        };
        let page = draw(&app, shell.faulty(fault, form), &others)?;
        return page::show_as(StatusCode::CONFLICT, &page);
    }
    match walk_ins::register(&app.store, asker, registration).await {
        Ok(acted) => {
            let key = acted.key.ok_or(Problem::Refused(Refusal::UnknownApplication))?;
            let application = app.store.application(key)?;
            let number = application.and_then(|it| it.view().booking).map(|it| it.number);
            let number = number.ok_or(Problem::Refused(Refusal::NoBooking))?;
            Ok(page::see_other(&format!("/applications/{number}?done=registered")))
        }
        Err(error) => {
            let refusal = refusal_in(error)?;
            let page = draw(&app, shell.refused(&refusal, form), &others)?;
            page::show_refused(&refusal, &page)
        }
    }
}

/// What the office knows of the same person and is not over.
fn others(app: &OfficeApp, nik: &Nik) -> Result<Vec<Summary>, Problem> {
    Ok(app.store.by_nik(nik)?.into_iter().filter(|line| !line.closed()).collect())
}

/// Takes the form apart; everything that is wrong with it at once.
fn typed(shell: &Shell, form: &Fields) -> Result<Registration, Vec<Fault>> {
    let w = shell.words;
    let mut faults = Vec::new();
    let mut wrong = |field, what: String, next: String| faults.push(Fault { field, what, next });
    let nik = Nik::parse(form.text("nik"));
    if nik.is_err() {
        wrong("nik", w.walk_in_wrong_nik(), w.walk_in_wrong_nik_next());
    }
    let name = form.text("name").split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        wrong("name", w.walk_in_wrong_name(), w.walk_in_wrong_name_next());
    }
    let born_on: Option<NaiveDate> = form.text("born-on").trim().parse().ok();
    if born_on.is_none() {
        wrong("born-on", w.walk_in_wrong_born(), w.walk_in_wrong_born_next());
    }
    let birthplace = form.text("birthplace").trim().to_owned();
    if birthplace.is_empty() {
        wrong("birthplace", w.walk_in_wrong_birthplace(), w.walk_in_wrong_birthplace_next());
    }
    let guardian = guardian(form);
    if guardian.is_err() {
        wrong("guardian-nik", w.walk_in_wrong_guardian(), w.walk_in_wrong_guardian_next());
    }
    let (channel, kind) = (chosen::<Channel>(form, "channel"), chosen::<WalkInKind>(form, "kind"));
    let (product, validity) = (chosen(form, "product"), chosen(form, "validity"));
    let (sex, civil_status) = (chosen(form, "sex"), chosen(form, "civil-status"));
    let service = match (channel, kind, product, validity) {
        (Some(channel), Some(kind), Some(product), Some(validity)) => {
            Some(Service { kind: kind.kind(), product, validity, channel })
        }
        _ => None,
    };
    for (field, label, is_chosen) in [
        ("channel", w.application_channel(), service.is_some()),
        ("sex", w.application_sex(), sex.is_some()),
        ("civil-status", w.application_civil(), civil_status.is_some()),
    ] {
        if !is_chosen {
            wrong(field, w.walk_in_wrong_choice(label), w.walk_in_wrong_choice_next());
        }
    }
    let (Ok(nik), Some(born_on), Ok(guardian), Some(service), Some(sex), Some(civil_status), true) =
        (nik, born_on, guardian, service, sex, civil_status, faults.is_empty())
    else {
        return Err(faults);
    };
    let filled = |name: &str| Some(form.text(name).trim().to_owned()).filter(|text| !text.is_empty());
    let applicant = Person {
        name,
        nik,
        born_on,
        birthplace,
        sex,
        civil_status,
        address: form.text("address").trim().to_owned(),
        occupation: String::new(),
    };
    Ok(Registration {
        applicant,
        guardians: guardian.into_iter().collect(),
        service,
        priority: chosen(form, "priority"),
        examination: form.text("examination").trim().to_owned(),
        contact: Contact { email: filled("email"), phone: filled("phone") },
    })
}

/// Who comes along with a child: nobody, or somebody who is named with a NIK.
fn guardian(form: &Fields) -> Result<Option<Guardian>, ()> {
    let name = form.text("guardian-name").trim();
    let nik = form.text("guardian-nik").trim();
    if name.is_empty() && nik.is_empty() {
        return Ok(None);
    }
    let nik = Nik::parse(nik).map_err(|_| ())?;
    let relation = chosen(form, "guardian-relation").ok_or(())?;
    if name.is_empty() { Err(()) } else { Ok(Some(Guardian { name: name.to_owned(), nik, relation })) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::Role;
    use crate::web::page::sample;
    use crate::web::words::L10n;

    fn form(fields: &[(&str, &str)]) -> Fields {
        Fields::new(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    const GOOD: [(&str, &str); 10] = [
        ("channel", "priority"),
        ("kind", "new"),
        ("product", "electronic"),
        ("validity", "10"),
        ("nik", "2102 0101 0190 0001"),
        ("name", " Siti  Aminah "),
        ("born-on", "1950-01-01"),
        ("birthplace", "Karimun"),
        ("sex", "F"),
        ("civil-status", "widowed"),
    ];

    #[test]
    fn a_form_becomes_a_registration() {
        let shell = sample::shell(L10n::Id, "/walk-in", &[Role::FrontDesk]);
        let found = typed(&shell, &form(&GOOD)).unwrap();
        assert_eq!(found.applicant.name, "Siti Aminah");
        assert_eq!((found.service.channel, found.priority), (Channel::Priority, None));
        assert!(found.guardians.is_empty());
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once_and_what_was_typed_stays() {
        let shell = sample::shell(L10n::Id, "/walk-in", &[Role::FrontDesk]);
        let bad = form(&[("nik", "12<3"), ("name", " "), ("guardian-name", "Ani"), ("channel", "nowhere")]);
        let faults = typed(&shell, &bad).unwrap_err();
        let fields: Vec<_> = faults.iter().map(|fault| fault.field).collect();
        assert_eq!(
            fields,
            ["nik", "name", "born-on", "birthplace", "guardian-nik", "channel", "sex", "civil-status"]
        );
        let shell = faults.into_iter().fold(shell, |shell, fault| shell.faulty(fault, bad.clone()));
        let page = sample::content(&WalkInPage::of(shell, &Settings::default(), |_| 1, 17, &[]));
        assert!(page.contains("value=\"12&#60;3\""), "{page}");
    }

    #[test]
    fn the_empty_form_says_what_is_open_and_how_much_is_left() {
        let shell = sample::shell(L10n::Id, "/walk-in", &[Role::FrontDesk]);
        insta::assert_snapshot!(sample::content(&WalkInPage::of(
            shell,
            &Settings::default(),
            |_| 1,
            17,
            &[]
        )));
    }
}
