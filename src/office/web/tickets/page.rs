//! `/tickets`: the officer's counter and the queue. Which ticket is next, and why each stands where it does, is asked of
//! the rules ([`Queue::order_for`]) and only shown here; the act asks again, so a number that somebody else called
//! meanwhile is never called twice.

use std::collections::HashMap;

use askama::Template;
use chrono::{DateTime, Utc};

use super::desk::{Desk, Undo};
use crate::domain::actor::Role;
use crate::domain::application::ApplicationKey;
use crate::domain::queue::{Now, PickReason};
use crate::domain::setting::Settings;
use crate::domain::ticket::{QueueClass, Stage, TicketNumber, TicketState};
use crate::office::store::{Counter, Queue, QueueTicket, Summary};
use crate::web::page::Shell;
use crate::web::words::{L10n, L10nLanguage};

/// So many of those who wait are put into the order a counter calls them in; those behind have a later turn.
const TURNS_MAX: usize = 60;

/// The page.
#[derive(Template)]
#[template(path = "office/tickets/queue.html")]
pub struct QueuePage {
    shell: Shell,
    desk: Desk,
    classes: Vec<ClassChoice>,
    waiting: Vec<Row>,
    held: Vec<Row>,
    absent: Vec<Row>,
    /// When absent tickets come back by themselves.
    absent_hint: String,
    counters: Vec<CounterLine>,
    waits: Vec<WaitLine>,
    /// Whether the officer has a counter, from whose side the list is told.
    has_counter: bool,
    /// Whether a ticket of the list may be called now.
    callable: bool,
    /// The officer's last step, to be taken back.
    undo: Option<Undo>,
    /// That numbers of today were left out.
    skipped: Option<String>,
}

/// A queue class to choose.
#[derive(Clone)]
pub struct ClassChoice {
    pub(super) letter: char,
    pub(super) name: String,
    pub(super) ticked: bool,
}

/// A line of a list.
pub struct Row {
    /// The place in the order this counter calls in, from 1.
    turn: Option<usize>,
    ticket: String,
    application: Option<String>,
    name: String,
    class: String,
    why: String,
    /// Why it stands at this place.
    reason: String,
    minutes: i64,
    late: bool,
    ours: bool,
}

/// An open counter.
pub struct CounterLine {
    number: u16,
    classes: String,
    officer: String,
    state: String,
    mine: bool,
    /// A supervisor takes back what was done there last.
    undo: Option<Undo>,
}

/// What a class waits.
pub struct WaitLine {
    letter: char,
    name: String,
    now: String,
    usual: String,
    expected: String,
}

impl QueuePage {
    /// Says that numbers of today were left out.
    pub(super) fn with_skipped(self, skipped: Option<String>) -> Self {
        Self { skipped, ..self }
    }

    /// Draws a day's queue for the officer of the frame. `line` finds the applicant of a ticket.
    pub fn of(
        shell: Shell,
        queue: &Queue,
        settings: &Settings,
        line: impl Fn(ApplicationKey) -> Option<Summary>,
    ) -> Self {
        let view = Drawing { shell: &shell, queue, settings, line: &line };
        let mine = view.mine();
        let desk = view.desk(mine);
        let (callable, has_counter) = (matches!(desk, Desk::Idle(_)), mine.is_some());
        let rows = |test: fn(&TicketState) -> bool| view.rows(mine, test);
        let mut waiting = rows(|state| matches!(state, TicketState::Waiting { .. }));
        waiting.sort_by_key(|row| row.turn.unwrap_or(usize::MAX));
        let held = rows(|state| matches!(state, TicketState::Held { .. }));
        let absent = rows(|state| matches!(state, TicketState::Absent { .. }));
        let counters = view.queue.counters.iter().map(|counter| view.counter(counter)).collect();
        let classes = view.classes(|_| false);
        let (waits, undo, absent_hint) = (view.waits(), view.own_undo(mine), view.absent_hint());
        let skipped = None;
        Self {
            shell,
            desk,
            classes,
            waiting,
            held,
            absent,
            absent_hint,
            counters,
            waits,
            has_counter,
            callable,
            undo,
            skipped,
        }
    }
}

/// The name of a queue class on the page's language.
pub fn class_name(words: &L10nLanguage, language: L10n, settings: &Settings, class: QueueClass) -> String {
    match settings.class(class) {
        Some(rule) if language == L10n::Id => rule.name_id.clone(),
        Some(rule) => rule.name_en.clone(),
        None => words.ticket_class_other(class.letter().to_string()),
    }
}

pub(super) struct Drawing<'a> {
    pub(super) shell: &'a Shell,
    pub(super) queue: &'a Queue,
    pub(super) settings: &'a Settings,
    pub(super) line: &'a dyn Fn(ApplicationKey) -> Option<Summary>,
}

impl Drawing<'_> {
    fn mine(&self) -> Option<&Counter> {
        let login = self.shell.officer.as_ref().map(|officer| officer.login.as_str());
        self.queue.counters.iter().find(|counter| login.is_some() && counter.login.as_deref() == login)
    }

    pub(super) fn ticket(&self, number: TicketNumber) -> Option<&QueueTicket> {
        self.queue.tickets.iter().find(|found| found.ticket.number == number)
    }

    pub(super) fn classes(&self, ticked: impl Fn(QueueClass) -> bool) -> Vec<ClassChoice> {
        let choice = |letter: QueueClass| ClassChoice {
            letter: letter.letter(),
            name: self.class(letter),
            ticked: ticked(letter),
        };
        self.settings.queue_classes.iter().map(|rule| choice(rule.letter)).collect()
    }

    pub(super) fn class(&self, class: QueueClass) -> String {
        class_name(self.shell.words, self.shell.language, self.settings, class)
    }

    pub(super) fn now(&self) -> Now {
        Now::of(self.shell.now, self.shell.dates.zone)
    }

    fn rows(&self, mine: Option<&Counter>, test: fn(&TicketState) -> bool) -> Vec<Row> {
        let mut found: Vec<&QueueTicket> =
            self.queue.tickets.iter().filter(|found| test(&found.ticket.state)).collect();
        found.sort_by_key(|found| (found.ticket.drawn_at, found.ticket.number));
        let order = mine.map(|counter| {
            let order = self.queue.order_for(counter.number, self.settings, self.now(), TURNS_MAX);
            let turns = order.into_iter().zip(1..);
            turns.map(|(pick, turn)| (pick.number, (turn, pick.reason))).collect::<HashMap<_, _>>()
        });
        found.into_iter().map(|found| self.row(mine, order.as_ref(), found)).collect()
    }

    fn row(
        &self,
        mine: Option<&Counter>,
        order: Option<&HashMap<TicketNumber, (usize, PickReason)>>,
        found: &QueueTicket,
    ) -> Row {
        let line = (self.line)(found.key);
        let since = match found.ticket.state {
            TicketState::Absent { since } | TicketState::Held { since, .. } => since,
            _ => found.ticket.drawn_at,
        };
        let ours = mine.is_none_or(|counter| is_for(found, counter));
        let turn = order.and_then(|order| order.get(&found.ticket.number)).copied();
        let reason = match turn {
            Some((_, reason)) => self.reason(found, reason),
            None if order.is_none() => String::new(),
            None if !ours => self.shell.words.ticket_turn_elsewhere(),
            None => self.shell.words.ticket_turn_later(),
        };
        Row {
            turn: turn.map(|(turn, _)| turn),
            ticket: found.ticket.number.to_string(),
            application: found.number.as_ref().map(|number| number.as_str().to_owned()),
            why: self.why(found, line.as_ref()),
            reason,
            name: line.map(|line| line.name).unwrap_or_default(),
            class: self.class(found.ticket.class),
            minutes: self.minutes(since),
            late: self.minutes(since) >= i64::from(self.settings.wait_long_minutes),
            ours,
        }
    }

    fn why(&self, found: &QueueTicket, line: Option<&Summary>) -> String {
        let words = self.shell.words;
        let mut reasons = Vec::new();
        if let Some(counter) = found.ticket.only_counter {
            reasons.push(words.ticket_why_only_counter(counter));
        }
        if let TicketState::Held { until: Some(until), .. } = found.ticket.state {
            reasons.push(words.ticket_held_until(self.shell.dates.clock(until)));
        }
        if found.ticket.stage == Stage::Collection {
            reasons.push(words.ticket_why_collection());
        } else if let Some((slot, arrived_at)) = line.and_then(|line| Some((line.slot?, line.arrived_at?))) {
            let from = self.shell.dates.interval(&slot);
            let arrived = self.shell.dates.zone.local(arrived_at).naive_local();
            let late = slot.day.and_time(slot.until) < arrived;
            reasons.push(if late { words.ticket_why_late(from) } else { words.ticket_why_slot(from) });
        }
        if !found.ticket.note.is_empty() {
            reasons.push(found.ticket.note.clone());
        }
        reasons.join(" · ")
    }

    /// Why a ticket is called at its place, as an officer would say it.
    pub(super) fn reason(&self, found: &QueueTicket, reason: PickReason) -> String {
        let (words, dates) = (self.shell.words, self.shell.dates);
        match reason {
            PickReason::ForThisCounter => words.ticket_turn_for_this_counter(),
            PickReason::Share { every } => words.ticket_turn_share(self.class(found.ticket.class), every),
            PickReason::BackFromHold => words.ticket_turn_back_from_hold(),
            PickReason::BackFromAbsence => words.ticket_turn_back_from_absence(),
            PickReason::OldestDue if found.slot.is_none() => {
                words.ticket_turn_no_slot(dates.clock(found.ticket.drawn_at))
            }
            PickReason::OldestDue => words.ticket_turn_due(dates.clock(found.ticket.drawn_at)),
            PickReason::OldestEarly => {
                let from = found.slot.map(|slot| dates.interval(&slot)).unwrap_or_default();
                words.ticket_turn_early(from)
            }
        }
    }

    fn absent_hint(&self) -> String {
        let words = self.shell.words;
        match (self.settings.absent_return_calls, self.settings.absent_return_minutes) {
            (0, 0) => words.ticket_absent_hint(),
            (0, minutes) => words.ticket_absent_returns_minutes(minutes),
            (calls, 0) => words.ticket_absent_returns_calls(calls),
            (calls, minutes) => words.ticket_absent_returns(calls, minutes),
        }
    }

    fn counter(&self, counter: &Counter) -> CounterLine {
        let words = self.shell.words;
        let ticket = counter.ticket.and_then(|number| self.ticket(number));
        let state = match ticket.map(|found| (&found.ticket.state, found.ticket.number.to_string())) {
            Some((TicketState::Called { .. }, number)) => words.ticket_counter_called(number),
            Some((TicketState::Serving { .. }, number)) => words.ticket_counter_serving(number),
            _ => match &counter.paused {
                Some(pause) => {
                    let since = words.ticket_paused_since(self.minutes(pause.since));
                    [words.ticket_counter_paused(), since, pause.reason.clone()].join(" ").trim().to_owned()
                }
                None => words.ticket_counter_free(),
            },
        };
        let mine = self.mine().is_some_and(|mine| mine.number == counter.number);
        let officer = counter.officer.clone();
        let undo = if !mine && self.shell.may(&[Role::Supervisor]) { self.undo_at(counter) } else { None };
        CounterLine { number: counter.number, classes: letters(&counter.classes), officer, state, mine, undo }
    }

    fn waits(&self) -> Vec<WaitLine> {
        let words = self.shell.words;
        let unknown = || words.ticket_waits_unknown();
        let waits = self.queue.waits(self.settings, self.shell.now).into_iter();
        let waits = waits.filter(|wait| wait.waiting > 0 || wait.called > 0);
        let line = |wait: crate::domain::queue::waits::ClassWait| WaitLine {
            letter: wait.class.letter(),
            name: self.class(wait.class),
            now: if wait.waiting == 0 {
                "0".to_owned()
            } else {
                format!("{} · {} {}", wait.waiting, wait.longest_min, words.ticket_minutes())
            },
            usual: wait.usual_min.map_or_else(unknown, |it| format!("{it} {}", words.ticket_minutes())),
            expected: wait.expected_min.map_or_else(unknown, |it| words.ticket_waits_about(it)),
        };
        waits.map(line).collect()
    }

    pub(super) fn minutes(&self, since: DateTime<Utc>) -> i64 {
        (self.shell.now - since).num_minutes().max(0)
    }
}

pub(super) fn is_for(found: &QueueTicket, counter: &Counter) -> bool {
    match found.ticket.only_counter {
        Some(only) => only == counter.number,
        None => counter.classes.contains(&found.ticket.class),
    }
}

pub(super) fn letters(classes: &[QueueClass]) -> String {
    let letters: Vec<String> = classes.iter().map(|class| class.letter().to_string()).collect();
    letters.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::office::web::preview;
    use crate::web::page::sample;

    fn page(queue: &Queue) -> String {
        let page = QueuePage::of(preview::shell("/tickets"), queue, &Settings::default(), preview::line);
        sample::content(&page)
    }

    #[test]
    fn a_free_counter_offers_the_next_ticket_and_says_why() {
        insta::assert_snapshot!(page(&preview::queue(TicketState::Finished { at: sample::now() })));
    }

    #[test]
    fn a_called_ticket_waits_for_its_holder() {
        let at = sample::now();
        insta::assert_snapshot!(page(&preview::queue(TicketState::Called { counter: 2, at, times: 2 })));
    }

    #[test]
    fn a_served_ticket_can_be_finished_and_the_next_called_at_once() {
        let since = sample::now();
        insta::assert_snapshot!(page(&preview::queue(TicketState::Serving { counter: 2, since })));
    }

    #[test]
    fn an_officer_without_a_counter_opens_one() {
        let mut queue = preview::queue(TicketState::Finished { at: sample::now() });
        queue.counters.remove(1);
        insta::assert_snapshot!(page(&queue));
    }
}
