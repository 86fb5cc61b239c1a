//! `/calendar`: the days the office works, which deadlines count by.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use chrono::{Datelike, Days, NaiveDate};

use super::acts::{Answer, Undone};
use super::app::OfficeApp;
use super::settings::SETS;
use crate::domain::calendar::Calendar;
use crate::office::actions::ActionError;
use crate::office::actions::calendar::{self, Change};
use crate::web::errors::refusal_status;
use crate::web::forms::Fields;
use crate::web::page::{Fault, Shell, see_other, show, show_as};
use crate::web::session::SignedIn;
use crate::web::words::L10nLanguage;

/// Days further back are not shown.
const SHOWN_BACK: Days = Days::new(31);
/// No day further away than this can be set: later ones are typed wrongly.
const AHEAD_MAX: Days = Days::new(3 * 366);

/// The page.
#[derive(Template)]
#[template(path = "office/calendar/calendar.html")]
pub struct CalendarPage {
    shell: Shell,
    week: Vec<WeekDay>,
    worked: String,
    days: Vec<SetDay>,
    /// The last day to issue a passport after an interview today.
    example: String,
    sets: bool,
}

/// A day of the week.
pub struct WeekDay {
    number: u8,
    name: &'static str,
    worked: bool,
}

/// A day that differs from its week.
pub struct SetDay {
    day: String,
    value: String,
    worked: bool,
    is_past: bool,
    act: String,
}

impl CalendarPage {
    /// Draws a calendar as it stands on a day, for so many days to issue a passport.
    pub fn of(shell: Shell, calendar: &Calendar, today: NaiveDate, issue_days: u16) -> Self {
        let week: Vec<WeekDay> = (1..=7)
            .filter_map(|number| {
                let name = shell.dates.weekday(number)?;
                Some(WeekDay { number, name, worked: calendar.weekdays.contains(&number) })
            })
            .collect();
        let worked: Vec<&str> = week.iter().filter(|day| day.worked).map(|day| day.name).collect();
        let worked = worked.join(", ");
        let from = today.checked_sub_days(SHOWN_BACK).unwrap_or(today);
        let mut days: BTreeSet<(NaiveDate, bool)> =
            calendar.holidays.iter().map(|day| (*day, false)).collect();
        days.extend(calendar.extra_days.iter().map(|day| (*day, true)));
        let set_day = |(day, worked): &(NaiveDate, bool)| SetDay {
            day: shell.dates.long_day(*day),
            value: day.to_string(),
            worked: *worked,
            is_past: *day < today,
            act: format!("clear-{day}"),
        };
        let days = days.iter().filter(|(day, _)| *day >= from).map(set_day).collect();
        let due = calendar.add_working_days(today, issue_days);
        let example = shell.words.calendar_example(shell.dates.long_day(due), i64::from(issue_days));
        Self { week, worked, days, example, sets: shell.may(SETS), shell }
    }
}

fn draw(app: &OfficeApp, shell: Shell) -> Result<CalendarPage, crate::web::errors::Problem> {
    let settings = app.settings()?;
    Ok(CalendarPage::of(shell, &settings.calendar, app.today(), settings.issue_working_days))
}

/// `GET /calendar`.
pub async fn show_calendar(app: Data<OfficeApp>, shell: Shell) -> Answer {
    show(&draw(&app, shell)?)
}

/// `POST /calendar`: one change, from today on.
pub async fn change(app: Data<OfficeApp>, officer: SignedIn, shell: Shell, form: Fields) -> Answer {
    let fault = match parse(shell.words, &form, app.today()) {
        Err(fault) => fault,
        Ok(change) => match calendar::change(&app.store, app.asker(&officer, &form)?, change).await {
            Ok(_) => return Ok(see_other("/calendar")),
            // A week without a day, or more days than a setting holds.
            Err(ActionError::Setting(_)) => Fault {
                field: "week",
                what: shell.words.calendar_week_empty(),
                next: shell.words.calendar_week_empty_next(),
            },
            Err(error) => match Undone::from(error) {
                Undone::Refused(refusal) => {
                    let page = draw(&app, shell.refused(&refusal, form))?;
                    return show_as(refusal_status(&refusal), &page);
                }
                Undone::Problem(problem) => return Err(problem),
                Undone::Picture(_) => return Err(crate::web::errors::Problem::UnreadableForm),
            },
        },
    };
    show_as(StatusCode::UNPROCESSABLE_ENTITY, &draw(&app, shell.faulty(fault, form))?)
}

fn parse(words: &L10nLanguage, form: &Fields, today: NaiveDate) -> Result<Change, Fault> {
    if form.text("change") == "week" {
        return Ok(Change::Week(form.all("weekday").filter_map(|day| day.parse().ok()).collect()));
    }
    let latest = today.checked_add_days(AHEAD_MAX).unwrap_or(today);
    let earliest = NaiveDate::from_ymd_opt(today.year() - 1, 1, 1).unwrap_or(today);
    let day = form.text("day").parse::<NaiveDate>().ok().filter(|day| (earliest..=latest).contains(day));
    let day = day.ok_or_else(|| Fault {
        field: "day",
        what: words.settings_day_wrong(),
        next: words.settings_day_wrong_next(),
    })?;
    match form.text("change") {
        "holiday" => Ok(Change::Holiday(day)),
        "extra" => Ok(Change::ExtraDay(day)),
        "clear" => Ok(Change::AsTheWeek(day)),
        _ => {
            Err(Fault { field: "change", what: words.calendar_choose(), next: words.calendar_choose_next() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::Role;
    use crate::web::page::sample;
    use crate::web::words::L10n;

    #[test]
    fn days_that_differ_from_the_week_can_be_taken_back_by_those_who_set_them() {
        let calendar = Calendar {
            holidays: ["2026-12-25".parse().unwrap(), "2026-01-01".parse().unwrap()].into(),
            extra_days: ["2026-11-28".parse().unwrap()].into(),
            ..Calendar::default()
        };
        let page = |roles: &[Role]| {
            let shell = sample::shell(L10n::Id, "/calendar", roles);
            sample::content(&CalendarPage::of(shell, &calendar, "2026-11-23".parse().unwrap(), 4))
        };
        insta::assert_snapshot!(page(&[Role::Supervisor]));
        assert!(!page(&[Role::FrontDesk]).contains("<form"));
    }
}
