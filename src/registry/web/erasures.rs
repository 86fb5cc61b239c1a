//! `/staff/erasures`: whose data are due, what waits for a second person, what the law wants kept, and for how long
//! data are kept at all.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};

use super::app::{asker, fault_in};
use crate::domain::erasure::{RetentionRule, Why};
use crate::domain::number::ApplicationNumber;
use crate::domain::refusal::Refusal;
use crate::registry::actions::erasures::{self, Due, Listed};
use crate::registry::actions::{ActionError, Registry};
use crate::registry::store::{Hold, Proposed, Summary};
use crate::web::dates::grouped;
use crate::web::errors::Problem;
use crate::web::forms::Fields;
use crate::web::page::{self, Fault, Shell};
use crate::web::session::SignedIn;
use crate::web::words::names;

/// The most applications that are listed as due, and so proposed at once.
const DUE_MAX: u32 = 200;

/// One application.
pub struct Line {
    number: String,
    number_grouped: String,
    name: String,
    office: String,
    /// Since when: closed, proposed or held.
    since: String,
    /// What is said about it: reason, legal basis.
    note: String,
    who: String,
    /// Whoever looks at the page has proposed it, so somebody else must confirm it.
    is_own: bool,
}

/// A rule and the day it holds from.
pub struct Rule {
    from: String,
    months: String,
}

/// The page.
#[derive(Template)]
#[template(path = "registry/erasures/erasures.html")]
pub struct ErasuresPage {
    shell: Shell,
    done: Option<String>,
    /// What is said of backups, which no erasure reaches.
    backups: String,
    months: String,
    until: String,
    due: Vec<Line>,
    proposed: Vec<Line>,
    held: Vec<Line>,
    rules: Vec<Rule>,
    today: NaiveDate,
}

/// What the page shows.
pub struct Shown {
    due: Due,
    proposed: Vec<Listed<Proposed>>,
    held: Vec<Listed<Hold>>,
    rules: Vec<RetentionRule>,
    last_backup_at: Option<DateTime<Utc>>,
}

impl ErasuresPage {
    /// Everything that is due, proposed and held.
    pub fn of(shell: Shell, shown: &Shown) -> Self {
        let words = shell.words;
        let oneself = shell.officer.as_ref().map(|officer| officer.login.clone());
        let line = |summary: &Summary| {
            let number = summary.number.as_ref().map(ToString::to_string).unwrap_or_default();
            Line {
                number_grouped: grouped(&number),
                number,
                name: summary.name.clone(),
                office: summary.office.as_ref().map(ToString::to_string).unwrap_or_default(),
                since: String::new(),
                note: String::new(),
                who: String::new(),
                is_own: false,
            }
        };
        let due = shown
            .due
            .cases
            .iter()
            .map(|(closed_on, summary)| Line { since: shell.dates.day(*closed_on), ..line(summary) });
        let proposed = shown.proposed.iter().map(|listed| {
            let Proposed { why, basis, by, at } = &listed.what;
            let why = match why {
                Why::Retention => words.staff_erasures_why_retention(),
                Why::Request => words.staff_erasures_why_request(),
            };
            let is_own = matches!(by, crate::domain::actor::Actor::Officer { login, .. } if Some(login) == oneself.as_ref());
            Line {
                since: shell.dates.since(*at, shell.now),
                note: format!("{why}: {basis}"),
                who: names::actor(words, by),
                is_own,
                ..line(&listed.summary)
            }
        });
        let held = shown.held.iter().map(|listed| Line {
            since: shell.dates.since(listed.what.at, shell.now),
            note: listed.what.reason.clone(),
            who: names::actor(words, &listed.what.by),
            ..line(&listed.summary)
        });
        let rule = |rule: &RetentionRule| Rule {
            from: shell.dates.day(rule.valid_from),
            months: words.staff_erasures_months(i64::from(rule.months)),
        };
        Self {
            done: None,
            backups: match shown.last_backup_at {
                Some(at) => words.staff_erasures_backups(shell.dates.moment(at)),
                None => words.staff_erasures_backups_none(),
            },
            months: words.staff_erasures_months(i64::from(shown.due.months)),
            until: shell.dates.day(shown.due.until),
            due: due.collect(),
            proposed: proposed.collect(),
            held: held.collect(),
            rules: shown.rules.iter().map(rule).collect(),
            today: crate::registry::actions::HEADQUARTERS_ZONE.day(shell.now),
            shell,
        }
    }
}

/// What was just done.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Done {
    #[serde(default)]
    done: String,
    #[serde(default)]
    count: i64,
}

/// `GET /staff/erasures`
pub async fn list(
    registry: Data<Registry>,
    shell: Shell,
    done: Query<Done>,
) -> Result<HttpResponse, Problem> {
    let words = shell.words;
    let said = match done.done.as_str() {
        "proposed" => Some(words.staff_erasures_done_proposed(done.count)),
        "erased" => Some(words.staff_erasures_done_erased(done.count)),
        "withdrawn" => Some(words.staff_erasures_done_withdrawn()),
        "held" => Some(words.staff_erasures_done_held()),
        "lifted" => Some(words.staff_erasures_done_lifted()),
        "retention" => Some(words.staff_erasures_done_retention()),
        _ => None,
    };
    let mut page = draw(&registry, shell).await?;
    page.done = said;
    page::show(&page)
}

async fn draw(registry: &Registry, shell: Shell) -> Result<ErasuresPage, Problem> {
    let shown = Shown {
        due: erasures::due(registry, DUE_MAX).await?,
        proposed: erasures::proposals(registry).await?,
        held: erasures::holds(registry).await?,
        rules: registry.store.retention_rules().await?,
        last_backup_at: registry.store.verified_backup().await?.map(|backup| backup.made_at),
    };
    Ok(ErasuresPage::of(shell, &shown))
}

/// The applications that a form names: ticked in a list, or typed.
fn numbers(form: &Fields) -> Result<Vec<ApplicationNumber>, ActionError> {
    let named = form.all("number").map(str::trim).filter(|text| !text.is_empty());
    let spaceless = named.map(|text| text.chars().filter(|c| !c.is_whitespace()).collect::<String>());
    let parsed: Result<Vec<_>, _> = spaceless.map(|text| ApplicationNumber::parse(&text)).collect();
    match parsed {
        Ok(numbers) if !numbers.is_empty() => Ok(numbers),
        _ => Err(ActionError::Refused(Refusal::UnknownApplication)),
    }
}

/// `POST /staff/erasures/propose`: one by number, or all that are ticked.
pub async fn propose(
    registry: Data<Registry>,
    officer: SignedIn,
    shell: Shell,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let why = match form.text("why") {
        "retention" => Why::Retention,
        "request" => Why::Request,
        _ => return Err(Problem::UnreadableForm),
    };
    let proposed = async {
        let numbers = numbers(&form)?;
        for number in &numbers {
            erasures::propose(&registry, &asker(&officer), number, why, form.text("basis")).await?;
        }
        Ok(numbers.len())
    };
    let proposed = proposed.await;
    answer(&registry, shell, form, proposed, "proposed").await
}

/// `POST /staff/erasures/confirm`: erases all that are ticked, for ever.
pub async fn confirm(
    registry: Data<Registry>,
    officer: SignedIn,
    shell: Shell,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    if form.get("sure").is_none() {
        let words = shell.words;
        let (what, next) = (words.staff_erasures_not_sure(), words.staff_erasures_not_sure_next());
        let page = draw(&registry, shell.faulty(Fault { field: "sure", what, next }, form)).await?;
        return page::show_as(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let erased = async {
        let numbers = numbers(&form)?;
        for number in &numbers {
            erasures::confirm(&registry, &asker(&officer), number).await?;
        }
        Ok(numbers.len())
    };
    let erased = erased.await;
    answer(&registry, shell, form, erased, "erased").await
}

/// `POST /staff/erasures/withdraw`
pub async fn withdraw(
    registry: Data<Registry>,
    officer: SignedIn,
    shell: Shell,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let withdrawn = async {
        for number in numbers(&form)? {
            erasures::withdraw(&registry, &asker(&officer), &number).await?;
        }
        Ok(1)
    };
    let withdrawn = withdrawn.await;
    answer(&registry, shell, form, withdrawn, "withdrawn").await
}

/// `POST /staff/erasures/hold`
pub async fn hold(
    registry: Data<Registry>,
    officer: SignedIn,
    shell: Shell,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let held = async {
        for number in numbers(&form)? {
            erasures::hold(&registry, &asker(&officer), &number, form.text("reason")).await?;
        }
        Ok(1)
    };
    let held = held.await;
    answer(&registry, shell, form, held, "held").await
}

/// `POST /staff/erasures/lift`
pub async fn lift(
    registry: Data<Registry>,
    officer: SignedIn,
    shell: Shell,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let lifted = async {
        for number in numbers(&form)? {
            erasures::lift(&registry, &asker(&officer), &number).await?;
        }
        Ok(1)
    };
    let lifted = lifted.await;
    answer(&registry, shell, form, lifted, "lifted").await
}

/// `POST /staff/erasures/retention`: how many months data are kept, from a day on.
pub async fn retention(
    registry: Data<Registry>,
    officer: SignedIn,
    shell: Shell,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let (Ok(valid_from), Ok(months)) = (form.text("valid-from").parse(), form.text("months").parse()) else {
        return wrong_rule(&registry, shell, form).await;
    };
    let set =
        erasures::set_retention(&registry, &asker(&officer), RetentionRule { valid_from, months }).await;
    match set {
        Err(ActionError::Invalid(_)) => wrong_rule(&registry, shell, form).await,
        set => answer(&registry, shell, form, set.map(|()| 1), "retention").await,
    }
}

async fn wrong_rule(registry: &Registry, shell: Shell, form: Fields) -> Result<HttpResponse, Problem> {
    let words = shell.words;
    let (what, next) = (words.staff_erasures_wrong_rule(), words.staff_erasures_wrong_rule_next());
    let page = draw(registry, shell.faulty(Fault { field: "months", what, next }, form)).await?;
    page::show_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn answer(
    registry: &Registry,
    shell: Shell,
    form: Fields,
    acted: Result<usize, ActionError>,
    done: &str,
) -> Result<HttpResponse, Problem> {
    match acted {
        Ok(count) => Ok(page::see_other(&format!("/staff/erasures?done={done}&count={count}"))),
        Err(error) => {
            let fault = match error {
                ActionError::Refused(Refusal::UnknownApplication) => {
                    let words = shell.words;
                    let (what, next) =
                        (words.staff_erasures_no_number(), words.staff_erasures_no_number_next());
                    Fault { field: "number", what, next }
                }
                error => fault_in(error, &shell)?,
            };
            let page = draw(registry, shell.faulty(fault, form)).await?;
            page::show_as(StatusCode::CONFLICT, &page)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::Actor;
    use crate::domain::application::ApplicationKey;
    use crate::registry::web::preview;
    use crate::web::page::sample;
    use crate::web::words::L10n;

    fn summary(last: u8, name: &str) -> Summary {
        Summary {
            key: ApplicationKey([last; 16]),
            number: Some(ApplicationNumber::parse(&format!("117900000000000{last}")).unwrap()),
            name: name.to_owned(),
            office: "karimun".to_owned().try_into().ok(),
            slot: None,
            service: None,
            status: "handed-over".to_owned(),
            conflicts: Vec::new(),
        }
    }

    #[test]
    fn what_is_due_proposed_and_held_stands_in_three_lists() {
        let shell = preview::shell(L10n::Id, "/staff/erasures");
        let at = shell.now;
        let by = |login: &str, name: &str| Actor::Officer { login: login.into(), name: name.into() };
        let proposed = |summary, by| Listed {
            summary,
            what: Proposed { why: Why::Request, basis: "surat 7/2026".into(), by, at },
        };
        let oneself = shell.officer.as_ref().unwrap().login.clone();
        let shown = Shown {
            due: Due {
                months: 36,
                until: "2023-11-23".parse().unwrap(),
                cases: vec![("2023-10-02".parse().unwrap(), summary(1, "Siti Zubaidah"))],
            },
            proposed: vec![
                proposed(summary(2, "Budi Hartono"), by("hana", "Hana")),
                proposed(summary(3, "Ani Lestari"), by(&oneself, "Sari")),
            ],
            held: vec![Listed {
                summary: summary(4, "Rudi Salim"),
                what: Hold { reason: "perkara 12/2026".into(), by: by("hana", "Hana"), at },
            }],
            rules: vec![RetentionRule { valid_from: "2027-01-01".parse().unwrap(), months: 60 }],
            last_backup_at: None,
        };
        insta::assert_snapshot!(sample::content(&ErasuresPage::of(shell, &shown)));
    }
}
