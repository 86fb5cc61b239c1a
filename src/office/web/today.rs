//! `GET /`: the day at a glance. Who is expected, here, waiting, done; what needs somebody.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use chrono::NaiveTime;

use super::app::OfficeApp;
use super::backup::BackupTold;
use super::conflicts;
use super::skipped;
use crate::domain::actor::Role;
use crate::domain::booking::Slot;
use crate::domain::status::Status;
use crate::office::actions::deadlines::{self, Pressing};
use crate::office::store::{PaymentState, Summary};
use crate::web::errors::Problem;
use crate::web::page::{self, Shell};

/// Who is reminded of backups: those who can do something about it.
const TOLD_OF_BACKUPS: &[Role] = &[Role::Supervisor, Role::Administrator];

/// One number with what it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// What is counted.
    pub label: String,
    /// How many.
    pub count: usize,
    /// The list behind it.
    pub href: Option<&'static str>,
}

/// One interval of the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotLine {
    /// The interval in words.
    pub interval: String,
    /// Whether it is running.
    pub is_now: bool,
    /// How many are booked.
    pub booked: usize,
    /// How many came.
    pub came: usize,
}

/// The page.
#[derive(Template)]
#[template(path = "office/today/today.html")]
pub struct TodayPage {
    shell: Shell,
    day: String,
    figures: Vec<Figure>,
    slots: Vec<SlotLine>,
    attention: Vec<Figure>,
    backup_due: Option<String>,
    skipped: Option<String>,
}

/// How much other pages have to tell.
#[derive(Debug, Clone, Copy, Default)]
pub struct Told {
    /// What stands on the page of conflicts.
    pub conflicts: usize,
    /// What the page of the line has for the technician.
    pub alarms: usize,
    /// Passports the office owes.
    pub pressing: Pressing,
    /// Kinds of blank books that run low.
    pub low_stock: usize,
}

impl TodayPage {
    /// Counts the day.
    pub fn of(shell: Shell, day: &[Summary], open: &[Summary], told: Told) -> Self {
        let now = shell.dates.zone.local(shell.now);
        let title = shell.dates.long_day(now.date_naive());
        let figures = figures(&shell, day);
        let slots = slots(&shell, day, now.time());
        let attention = attention(&shell, day, open, told);
        Self { day: title, figures, slots, attention, backup_due: None, skipped: None, shell }
    }
}

/// `GET /`.
pub async fn show(app: Data<OfficeApp>, shell: Shell) -> Result<HttpResponse, Problem> {
    let day = app.store.day(app.today())?;
    let open = app.store.open_applications();
    let pressing = deadlines::pressing(&deadlines::owed(&app.store)?, app.today());
    let alarms = app.store.link().alarms.len();
    let low_stock = app.low_stock.kinds(&app).await?;
    let told = Told { conflicts: conflicts::open_points(&app), alarms, pressing, low_stock };
    let mut page = TodayPage::of(shell, &day, &open, told);
    page.skipped = app.store.tickets_skipped(app.today())?.map(|it| skipped::told(&page.shell, &it));
    if page.shell.may(TOLD_OF_BACKUPS) {
        let told = BackupTold::of(&page.shell, app.store.last_backup()?.as_ref(), &app.settings()?);
        page.backup_due = Some(told).filter(|told| told.is_due).map(|told| told.last);
    }
    page::show(&page)
}

fn came(line: &Summary) -> bool {
    line.arrived_at.is_some()
}

fn figures(shell: &Shell, day: &[Summary]) -> Vec<Figure> {
    let words = shell.words;
    let count = |test: &dyn Fn(&Summary) -> bool| day.iter().filter(|line| test(line)).count();
    let is = |status: Status| move |line: &Summary| line.status == status;
    let figure = |label: String, count, href| Figure { label, count, href };
    let expected =
        count(&|line| !came(line) && matches!(line.status, Status::Expected | Status::AwaitingPayment));
    let served = count(&|line| came(line) && line.status >= Status::Captured);
    vec![
        figure(words.today_expected(), expected, Some("/bookings?show=expected")),
        figure(words.today_arrived(), count(&came), Some("/bookings?show=arrived")),
        figure(words.today_waiting(), count(&is(Status::Waiting)), Some("/tickets")),
        figure(words.today_serving(), count(&is(Status::Serving)), Some("/tickets")),
        figure(words.today_done(), served, Some("/bookings?show=done")),
    ]
}

fn slots(shell: &Shell, day: &[Summary], now: NaiveTime) -> Vec<SlotLine> {
    let mut counted: BTreeMap<Slot, (usize, usize)> = BTreeMap::new();
    let standing = day.iter().filter(|line| line.status != Status::Cancelled);
    for (slot, line) in standing.filter_map(|line| Some((line.slot?, line))) {
        let counts = counted.entry(slot).or_default();
        counts.0 += 1;
        counts.1 += usize::from(came(line));
    }
    let line = |(slot, (booked, came)): (Slot, (usize, usize))| SlotLine {
        interval: shell.dates.interval(&slot),
        is_now: slot.from <= now && now < slot.until,
        booked,
        came,
    };
    counted.into_iter().map(line).collect()
}

fn attention(shell: &Shell, day: &[Summary], open: &[Summary], told: Told) -> Vec<Figure> {
    let words = shell.words;
    let unpaid = |line: &&Summary| {
        matches!(line.payment, PaymentState::Due | PaymentState::Expired | PaymentState::Provisional)
    };
    let counts = [
        (words.today_conflicts(), told.conflicts, Some("/conflicts")),
        (words.sync_alarms(), told.alarms, Some("/sync")),
        (words.today_overdue(), told.pressing.overdue, Some("/books/due")),
        (words.today_due(), told.pressing.today, Some("/books/due")),
        (words.today_low_stock(), told.low_stock, Some("/books/stock")),
        (words.today_unpaid(), day.iter().filter(unpaid).count(), Some("/bookings?show=unpaid")),
        (
            words.today_held(),
            open.iter().filter(|l| l.held_until.is_some()).count(),
            Some("/bookings?show=held"),
        ),
        (
            words.today_review(),
            open.iter().filter(|l| l.status == Status::AwaitingReview).count(),
            Some("/bookings?show=review"),
        ),
        (words.today_ready(), open.iter().filter(|l| l.status == Status::Ready).count(), Some("/books")),
    ];
    let some = counts.into_iter().filter(|(_, count, _)| *count > 0);
    some.map(|(label, count, href)| Figure { label, count, href }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::Role;
    use crate::web::page::sample;
    use crate::web::words::L10n;

    #[test]
    fn an_empty_day_says_where_to_look() {
        let page = TodayPage::of(sample::shell(L10n::Id, "/", &[Role::FrontDesk]), &[], &[], Told::default());
        insta::assert_snapshot!(sample::whole(&page));
    }

    #[test]
    fn a_day_is_counted_by_slot() {
        let shell = sample::shell(L10n::En, "/", &[Role::Supervisor]);
        let day = crate::office::web::samples::day();
        let conflicts = day.iter().filter(|line| !line.conflicts.is_empty()).count();
        let told = Told { conflicts, alarms: 2, pressing: Pressing { overdue: 3, today: 1 }, low_stock: 2 };
        insta::assert_snapshot!(sample::content(&TodayPage::of(shell, &day, &day, told)));
    }
}
